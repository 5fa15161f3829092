//! Which steps a command takes, and in which order.

use super::api::Command;
use super::core::Terminal;
use super::memory::Memory;
use super::money;
use super::refusal::Refusal;
use super::transaction::Transaction;
use std::collections::VecDeque;

/// The order before a new financial transaction is fixed: script result, reversal, offline items.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    SignOn,
    Script,
    Reversal,
    Offline,
    /// What the cashier asked for.
    Own,
    /// The next message of an upload.
    Upload,
}

impl Terminal {
    /// Which steps a command takes, if the terminal takes it at all.
    pub(super) fn plan(&self, command: &Command) -> Result<VecDeque<Step>, Refusal> {
        use Step::*;
        let signed_on = || if self.memory.signed_on { Ok(()) } else { Err(Refusal::NotSignedOn) };
        let steps: &[Step] = match command {
            Command::SignOn | Command::Echo | Command::ClearReversalByMenu => &[Own],
            Command::SignOff => {
                signed_on()?;
                &[Own]
            }
            Command::LastResult { trace } => {
                signed_on()?;
                self.entry(*trace).ok_or(Refusal::NoSuchOriginal { trace: *trace })?;
                &[SignOn, Own]
            }
            Command::Confirm { trace, .. } => {
                signed_on()?;
                self.memory.newest(*trace).ok_or(Refusal::NoSuchOriginal { trace: *trace })?;
                &[SignOn, Own]
            }
            Command::SignatureUpload { trace } => {
                signed_on()?;
                let signed = self.entry(*trace).filter(|entry| entry.stands() && entry.rrn.is_some());
                signed.ok_or(Refusal::NoSuchOriginal { trace: *trace })?;
                &[SignOn, Own]
            }
            Command::SendPending => {
                signed_on()?;
                &[SignOn, Script, Reversal, Offline]
            }
            Command::ScriptResult => {
                signed_on()?;
                &[SignOn, Script]
            }
            Command::Settle => {
                signed_on()?;
                &[SignOn, Script, Reversal, Offline, Own]
            }
            Command::OfflineSale { .. } => {
                self.may_take_money(command)?;
                if self.memory.offline.len() >= Memory::OFFLINE {
                    return Err(Refusal::OfflineFull);
                }
                &[Own]
            }
            Command::Sale { .. }
            | Command::Void { .. }
            | Command::Refund { .. }
            | Command::PreAuth { .. }
            | Command::PreAuthVoid { .. }
            | Command::Completion { .. }
            | Command::CompletionAdvice { .. }
            | Command::CompletionVoid { .. }
            | Command::Balance { .. } => {
                self.may_take_money(command)?;
                &[SignOn, Script, Reversal, Offline, Own]
            }
        };
        Ok(steps.iter().copied().collect())
    }

    fn may_take_money(&self, command: &Command) -> Result<(), Refusal> {
        if !self.memory.signed_on {
            return Err(Refusal::NotSignedOn);
        }
        if self.memory.settling.is_some() {
            return Err(Refusal::SettleFirst);
        }
        if self.memory.open_records().count() >= self.profile.batch_limit {
            return Err(Refusal::BatchFull);
        }
        money::understand(command, &self.memory)?;
        Ok(())
    }
}

/// What a command is called on screen and slip.
pub(super) fn transaction_of(command: &Command) -> Transaction {
    match command {
        Command::SignOn => Transaction::SignOn,
        Command::SignOff => Transaction::SignOff,
        Command::Echo => Transaction::Echo,
        Command::Sale { .. } => Transaction::Sale,
        Command::Void { .. } => Transaction::Void,
        Command::Refund { .. } => Transaction::Refund,
        Command::PreAuth { .. } => Transaction::PreAuth,
        Command::PreAuthVoid { .. } => Transaction::PreAuthVoid,
        Command::Completion { .. } => Transaction::Completion,
        Command::CompletionAdvice { .. } => Transaction::CompletionAdvice,
        Command::CompletionVoid { .. } => Transaction::CompletionVoid,
        Command::Balance { .. } => Transaction::Balance,
        Command::Settle => Transaction::Settlement,
        Command::LastResult { .. } => Transaction::LastResult,
        Command::Confirm { .. } => Transaction::Confirmation,
        Command::ScriptResult => Transaction::ScriptResult,
        Command::SignatureUpload { .. } => Transaction::Signature,
        Command::OfflineSale { card, .. } if card.entry().has_chip() => Transaction::OfflineChip,
        Command::OfflineSale { .. } => Transaction::OfflineSettlement,
        Command::SendPending => Transaction::SendPending,
        Command::ClearReversalByMenu => Transaction::ClearReversal,
    }
}
