//! Slips: filled in from the journal, printed, or held while the printer cannot.

use super::api::{Effect, PrinterState};
use super::card::EntryMode;
use super::chip::ChipRun;
use super::core::Terminal;
use super::memory::EntryId;
use super::receipt::{Body, Payment, Receipt};
use hefu_tally::Moment;

impl Terminal {
    /// Makes the memory durable and prints, or holds the slip if the printer cannot. Whether it was held.
    pub(super) fn issue(&mut self, receipt: Receipt, out: &mut Vec<Effect>) -> bool {
        let held = self.printer != PrinterState::Ready;
        if held {
            self.memory.hold(receipt);
            self.persist(out);
        } else {
            self.persist(out);
            out.push(Effect::Print(Box::new(receipt)));
        }
        held
    }

    pub(super) fn payment_receipt(
        &self,
        now: Moment,
        id: EntryId,
        entry_mode: Option<EntryMode>,
        chip: Option<&ChipRun>,
        note: Option<String>,
    ) -> Receipt {
        let record = self.memory.record(id).expect("a slip is printed of a line in the journal");
        let entry = &record.entry;
        let payment = Payment {
            transaction: entry.transaction,
            trace: entry.trace,
            amount: entry.amount,
            card: entry.card.clone(),
            entry: entry_mode,
            rrn: entry.rrn.clone(),
            auth: entry.auth.clone(),
            note,
            original: entry.original.clone(),
            chip: chip.map(|chip| chip.facts.clone()),
        };
        self.receipt(now, entry.batch, Body::Payment(Box::new(payment)))
    }

    pub(super) fn receipt(&self, now: Moment, batch: u32, body: Body) -> Receipt {
        Receipt {
            merchant: self.profile.merchant.clone(),
            terminal: self.profile.terminal.clone(),
            name_zh: self.profile.name_zh.clone(),
            name_en: self.profile.name_en.clone(),
            operator: String::from_utf8_lossy(&self.profile.operator).into_owned(),
            at: now,
            batch,
            body,
        }
    }
}
