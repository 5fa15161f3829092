//! The end of the day: totals, upload, a new batch.

use super::api::{Belief, Effect, Text};
use super::core::Terminal;
use super::job::Flying;
use super::ledger::Totals;
use super::memory::{Phase, Record, Settling};
use super::network::{self, UPLOAD, UploadEnd};
use super::plan::Step;
use super::receipt::Body;
use super::refusal::Refusal;
use super::texts;
use super::transaction::Transaction;
use hefu_iso8583::Message;
use hefu_iso8583::cup::{Settlement, SettlementAnswer};
use hefu_tally::Moment;

impl Terminal {
    /// Asks the acquirer to compare totals, or goes on where an earlier settlement was interrupted.
    pub(super) fn send_settlement(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if !self.memory.offline.is_empty() {
            return Err(Refusal::OfflineWaiting);
        }
        let totals = match &self.memory.settling {
            Some(Settling { phase: Phase::Uploading { .. } | Phase::Closing, .. }) => {
                self.upload_next();
                return Ok(());
            }
            // No payment was taken meanwhile, so the totals are still those of the first try.
            Some(Settling { totals, phase: Phase::Asking }) => totals.clone(),
            None => self.totals(),
        };
        let id = self.next_id();
        let mut message = network::settlement(&self.profile, id, &totals)?;
        let frame = self.frame(Transaction::Settlement, &mut message)?;
        let flight = self.flight_of(now, Transaction::Settlement, &message, id, Flying::Settlement);
        self.memory.take_trace();
        self.memory.settling = Some(Settling { totals, phase: Phase::Asking });
        self.depart(frame, flight, out);
        Ok(())
    }

    /// The 0510 has no F39: the answers stand in F48.
    pub(super) fn settlement_answered(&mut self, answer: &Message, out: &mut Vec<Effect>) {
        let answered = answer.get(48).and_then(|f48| Settlement::parse(f48).ok());
        let verdict = answered.map(|both| worse(both.domestic.answer, both.foreign.answer));
        let Some(settling) = &mut self.memory.settling else { return };
        settling.phase = match verdict {
            Some(SettlementAnswer::Balanced) => Phase::Closing,
            Some(SettlementAnswer::NotBalanced) => Phase::Uploading { next: 0 },
            Some(SettlementAnswer::Error) => {
                self.memory.settling = None;
                self.persist(out);
                let text = Text::new("结算出错,请联系收单行", "Settlement error, call the acquirer");
                let outcome = self.outcome(None, None, Belief::Declined, text);
                return self.finish(outcome, out);
            }
            Some(SettlementAnswer::None) | None => return self.open_end(None, None, out),
        };
        self.persist(out);
        self.upload_next();
    }

    /// Sends the next details, or the closing message when all have arrived.
    pub(super) fn send_upload(&mut self, now: Moment, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Some(settling) = &self.memory.settling else { return Ok(()) };
        let id = self.next_id();
        let (message, what) = match settling.phase {
            Phase::Asking => return Ok(()),
            Phase::Closing => {
                (network::upload_end(&self.profile, id, UploadEnd::AfterBalance, 0)?, Flying::UploadEnd)
            }
            Phase::Uploading { next } => {
                let all = self.counted();
                let chunk = &all[next.min(all.len())..(next + UPLOAD).min(all.len())];
                if chunk.is_empty() {
                    let total = u16::try_from(all.len()).unwrap_or(u16::MAX);
                    let end = UploadEnd::AfterImbalance;
                    (network::upload_end(&self.profile, id, end, total)?, Flying::UploadEnd)
                } else {
                    let message = network::upload(&self.profile, id, chunk)?;
                    (message, Flying::Upload { items: chunk.len() })
                }
            }
        };
        let mut message = message;
        let frame = self.frame(Transaction::Upload, &mut message)?;
        let flight = self.flight_of(now, Transaction::Upload, &message, id, what);
        self.memory.take_trace();
        out.push(Effect::Show(Text::new("正在批上送", "Uploading the batch")));
        self.depart(frame, flight, out);
        Ok(())
    }

    pub(super) fn upload_answered(&mut self, code: &str, items: usize, out: &mut Vec<Effect>) {
        if code != "00" {
            return self.upload_stopped(code, out);
        }
        if let Some(settling) = &mut self.memory.settling
            && let Phase::Uploading { next } = &mut settling.phase
        {
            *next += items;
        }
        self.persist(out);
    }

    /// The batch is closed: a slip, and a new batch number by a new sign-on.
    pub(super) fn upload_ended(&mut self, now: Moment, code: &str, out: &mut Vec<Effect>) {
        if code != "00" {
            // The acquirer lacks lines: the next try sends them all again.
            if let Some(Settling { phase: Phase::Uploading { next }, .. }) = &mut self.memory.settling {
                *next = 0;
            }
            return self.upload_stopped(code, out);
        }
        let Some(settling) = self.memory.settling.take() else { return };
        let balanced = settling.phase == Phase::Closing;
        let body = Body::Settlement { totals: settling.totals, balanced };
        let receipt = self.receipt(now, self.memory.batch, body);
        self.memory.close_batch(self.profile.batch_limit);
        self.issue(receipt, out);
        let text = match balanced {
            true => Text::new("结算平账", "Settled, totals agree"),
            false => Text::new("结算不平,已上送明细", "Settled, totals differ, details uploaded"),
        };
        let outcome = self.outcome(None, Some(code), Belief::Approved { amount: 0 }, text);
        self.finish(outcome, out);
    }

    /// The acquirer refuses a message of the upload: the next `Settle` goes on with it.
    fn upload_stopped(&mut self, code: &str, out: &mut Vec<Effect>) {
        self.persist(out);
        let believes = Belief::Unknown;
        let text = texts::ending(self.profile.firmware, believes, Some(code));
        let outcome = self.outcome(None, Some(code), believes, text);
        self.finish(outcome, out);
    }

    /// The totals that a settlement under way has named, for whoever watches.
    pub fn settling(&self) -> Option<&Totals> {
        self.memory.settling.as_ref().map(|settling| &settling.totals)
    }

    /// The settlement command goes on with its upload.
    fn upload_next(&mut self) {
        self.set_plan([Step::Upload].into());
    }

    /// What stands in the totals, in the order of the journal.
    fn counted(&self) -> Vec<&Record> {
        let batch = self.memory.batch;
        let open = self.memory.open_records();
        open.filter(|record| record.entry.batch == batch && record.entry.side().is_some()).collect()
    }
}

/// The worse of both groups; a group without an answer has no objection if the other has one.
fn worse(a: SettlementAnswer, b: SettlementAnswer) -> SettlementAnswer {
    use SettlementAnswer::{Balanced, Error, NotBalanced};
    let given = |answer: &SettlementAnswer| *answer == a || *answer == b;
    [Error, NotBalanced, Balanced].into_iter().find(given).unwrap_or(SettlementAnswer::None)
}
