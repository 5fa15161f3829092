//! Sending: one arm per step, one function per kind of message.

use super::api::{Belief, Command, Effect, Text};
use super::core::Terminal;
use super::job::{Flying, MoneyFlight};
use super::ledger::Standing;
use super::memory::{EntryId, OfflineItem, PendingReversal, Reason};
use super::money::{self, Request};
use super::network;
use super::plan::Step;
use super::profile::Firmware;
use super::refusal::Refusal;
use super::saved::Saved;
use super::transaction::Transaction;
use hefu_tally::Moment;
use hefu_vault::WorkingKeys;

impl Terminal {
    /// Carries out the step at the front of the plan.
    pub(super) fn launch(&mut self, now: Moment, step: Step, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match step {
            Step::SignOn => self.send_sign_on(now, out),
            Step::Script => self.send_script(now, out),
            Step::Reversal => self.send_reversal(now, out),
            Step::Offline => self.send_offline(now, out),
            Step::Own => self.send_own(now, out),
            Step::Upload => self.send_upload(now, out),
        }
    }

    /// A command begins a new round: firmware that keeps its reversal tries it three times again.
    pub(super) fn begin_round(&mut self) {
        if let Some(pending) = self.memory.reversal.as_mut().filter(|pending| pending.tries >= Self::TRIES) {
            match self.profile.firmware {
                Firmware::Certified => pending.tries = 0,
                Firmware::Old | Firmware::DeletesOnAnyAnswer => {}
            }
        }
    }

    fn send_own(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let command = self.job.as_ref().expect("a step belongs to a command").command.clone();
        match &command {
            Command::SignOn => self.send_sign_on(now, out),
            Command::SignOff => {
                let id = self.next_id();
                let message = network::sign_off(&self.profile, id)?;
                self.send_plain(now, Transaction::SignOff, message, id, Flying::SignOff, out)
            }
            Command::Echo => {
                let id = EntryId { batch: self.memory.batch, trace: 0 };
                let message = network::echo(&self.profile, id.batch)?;
                self.send_plain(now, Transaction::Echo, message, id, Flying::Echo, out)
            }
            Command::LastResult { trace } => {
                let id = self.next_id();
                let refusal = Refusal::NoSuchOriginal { trace: *trace };
                let asked = self.entry(*trace).ok_or(refusal)?;
                let about = EntryId { batch: asked.batch, trace: asked.trace };
                let message = network::last_result(&self.profile, id, asked)?;
                self.send_plain(now, Transaction::LastResult, message, id, Flying::LastResult(about), out)
            }
            Command::Confirm { trace, has } => self.send_confirmation(now, *trace, *has, out),
            Command::SignatureUpload { trace } => self.send_signature(now, *trace, out),
            Command::Settle => self.send_settlement(now, out),
            Command::OfflineSale { .. } => self.book_offline_sale(now, &command, out),
            Command::ClearReversalByMenu => {
                self.clear_reversal(out);
                Ok(())
            }
            Command::Sale { .. }
            | Command::Void { .. }
            | Command::Refund { .. }
            | Command::PreAuth { .. }
            | Command::PreAuthVoid { .. }
            | Command::Completion { .. }
            | Command::CompletionAdvice { .. }
            | Command::CompletionVoid { .. }
            | Command::Balance { .. } => self.send_money(now, &command, out),
            Command::ScriptResult | Command::SendPending => {
                unreachable!("these have no step of their own in their plan")
            }
        }
    }

    /// Any request that needs nothing remembered but its trace.
    fn send_plain(
        &mut self,
        now: Moment,
        transaction: Transaction,
        mut message: hefu_iso8583::Message,
        id: EntryId,
        what: Flying,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let frame = self.frame(transaction, &mut message)?;
        let flight = self.flight_of(now, transaction, &message, id, what);
        if flight.trace == Some(self.memory.next_trace) {
            self.memory.take_trace();
        }
        self.depart(frame, flight, out);
        Ok(())
    }

    fn send_sign_on(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let id = self.next_id();
        let message = network::sign_on(&self.profile, id)?;
        self.send_plain(now, Transaction::SignOn, message, id, Flying::SignOn, out)
    }

    fn send_script(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let id = self.next_id();
        let Some(pending) = &mut self.memory.script else { return Ok(()) };
        pending.tries += 1;
        let message = network::script_to_send(&pending.body, id)?;
        self.send_plain(now, Transaction::ScriptResult, message, id, Flying::Script, out)
    }

    /// Sends the reversal, or ends it when it has been sent often enough without an answer that counts.
    fn send_reversal(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Some(pending) = &mut self.memory.reversal else { return Ok(()) };
        if pending.tries >= Self::TRIES {
            return match self.profile.firmware {
                Firmware::Certified => Err(Refusal::ReversalStuck),
                Firmware::Old | Firmware::DeletesOnAnyAnswer => {
                    self.end_reversal(Standing::Forgotten);
                    self.persist(out);
                    out.push(Effect::Show(Text::new("冲正失败,已删除", "Reversal failed and deleted")));
                    Ok(())
                }
            };
        }
        pending.tries += 1;
        pending.has_left = true;
        let of = pending.of;
        let mut message = network::reversal_to_send(pending);
        // Only reversible transactions have one, and they all carry a MAC.
        let frame = self.frame(Transaction::Sale, &mut message)?;
        let flight = self.flight_of(now, Transaction::Sale, &message, of, Flying::Reversal);
        out.push(Effect::Show(Text::new("正在冲正", "Reversing")));
        self.depart(frame, flight, out);
        Ok(())
    }

    fn send_offline(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Some(item) = self.memory.offline.front_mut() else { return Ok(()) };
        item.tries += 1;
        let of = item.of;
        let mut message = item.body.message();
        let frame = self.frame(Transaction::OfflineSettlement, &mut message)?;
        let flight = self.flight_of(now, Transaction::OfflineSettlement, &message, of, Flying::Offline(of));
        self.depart(frame, flight, out);
        Ok(())
    }

    /// Sends a request that moves money. What must be known after a power cut is made durable before it leaves:
    /// the journal's line, and the reversal of what can be reversed.
    fn send_money(&mut self, now: Moment, command: &Command, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let mut request = self.build(now, command)?;
        let frame = self.frame(request.transaction, &mut request.message)?;
        if request.transaction.message_shape().reversed {
            assert!(self.memory.reversal.is_none(), "an earlier reversal is settled before a new payment");
            self.memory.reversal = Some(PendingReversal {
                of: request.id,
                body: network::reversal(&request.message)?,
                reason: Reason::NoAnswer,
                auth: None,
                tries: 0,
                has_left: false,
            });
        }
        if request.transaction == Transaction::CompletionAdvice {
            let body = Saved::of(&request.message)?;
            self.memory.offline.push_back(OfflineItem::new(request.id, body));
        }
        self.memory.records.extend(request.record);
        let (transaction, id) = (request.transaction, request.id);
        let message = request.message.clone();
        let what = Flying::Money(Box::new(MoneyFlight {
            request: request.message,
            id,
            entry: request.entry,
            chip: request.chip,
        }));
        let flight = self.flight_of(now, transaction, &message, id, what);
        self.depart(frame, flight, out);
        Ok(())
    }

    /// An offline sale is booked at once and told later.
    fn book_offline_sale(
        &mut self,
        now: Moment,
        command: &Command,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let mut request = self.build(now, command)?;
        // Encoded once already now, so that what cannot be told is not booked.
        self.frame(request.transaction, &mut request.message)?;
        let body = Saved::of(&request.message)?;
        self.memory.offline.push_back(OfflineItem::new(request.id, body));
        let mut record = request.record.expect("an offline sale stands in the journal");
        record.entry.standing = Standing::Booked;
        record.entry.auth = request.message.text(38).map(str::to_owned);
        let amount = record.entry.amount;
        self.memory.records.push(record);
        let receipt = self.payment_receipt(now, request.id, request.entry, request.chip.as_ref(), None);
        self.issue(receipt, out);
        let text = Text::new("离线交易成功", "Approved offline");
        let outcome = self.outcome(Some(request.id), None, Belief::Approved { amount }, text);
        self.finish(outcome, out);
        Ok(())
    }

    fn send_confirmation(
        &mut self,
        now: Moment,
        trace: u32,
        has: bool,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let id = self.next_id();
        let about = self.memory.newest(trace).ok_or(Refusal::NoSuchOriginal { trace })?;
        let message = network::confirmation(&self.profile, id, about, has)?;
        let what = Flying::Confirmation { about, has };
        self.send_plain(now, Transaction::Confirmation, message, id, what, out)
    }

    fn send_signature(&mut self, now: Moment, trace: u32, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let mut numbers = self.memory.numbers.fork();
        let signed = self.entry(trace).ok_or(Refusal::NoSuchOriginal { trace })?;
        let id = EntryId { batch: signed.batch, trace: signed.trace };
        let message = network::signature(&self.profile, signed, &mut numbers)?;
        let transaction = Transaction::Signature;
        self.send_plain(now, transaction, message, id, Flying::Signature(id), out)
    }

    /// What a cashier does who was told to call the acquirer and did not.
    fn clear_reversal(&mut self, out: &mut Vec<Effect>) {
        self.end_reversal(Standing::Cleared);
        self.persist(out);
        let text = Text::new("冲正已清除", "Reversal cleared");
        let outcome = self.outcome(None, None, Belief::Approved { amount: 0 }, text);
        self.finish(outcome, out);
    }

    /// Deletes the reversal; its payment stands as `standing` in the journal from now on.
    pub(super) fn end_reversal(&mut self, standing: Standing) {
        if let Some(pending) = self.memory.reversal.take()
            && let Some(entry) = self.memory.entry_mut(pending.of)
        {
            entry.standing = standing;
        }
    }

    /// The identity that the next message takes.
    pub(super) fn next_id(&self) -> EntryId {
        EntryId { batch: self.memory.batch, trace: self.memory.next_trace }
    }

    fn build(&mut self, now: Moment, command: &Command) -> Result<Request, Refusal> {
        let keys: WorkingKeys = self.keys.clone().ok_or(Refusal::NotSignedOn)?;
        let request = money::build(&self.profile, &keys, &mut self.memory, now, command)?;
        Ok(request.expect("only money commands come here"))
    }
}
