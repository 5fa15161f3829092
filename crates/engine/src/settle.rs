//! Sign-on, settlement and upload: what concerns a terminal as a whole.

use crate::{
    engine::Engine,
    io::{Conversation, Load, Output, Reply, Said, Settle, SignOn, Upload, UploadPart},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Code, Fact, Identity, LegNo, Moment, TallyId, Till,
    judge::Evidence,
    leg::{Case, Knowledge, Merchant},
    record::Subject,
    till::{MOST_LINES, TillFact, Totals},
};
use std::collections::BTreeMap;

/// The most transactions of one batch.
const MOST_OF_A_BATCH: usize = 5_000;

impl Engine {
    /// The keys are committed, wrapped, before the answer leaves.
    pub(crate) fn sign_on(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        sign_on: &SignOn,
        out: &mut Vec<Output>,
    ) {
        let Some(batch) = self.till_state(now, till, out, |state| state.batch_for_sign_on(sign_on.batch))
        else {
            return;
        };
        let wrapped = hex(&sign_on.wrapped);
        self.record_till(now, till, &TillFact::SignedOn { batch, wrapped });
        self.answer_till(now, conversation, till, Said::SignOn { f62: sign_on.f62.clone(), batch }, out);
    }

    pub(crate) fn sign_off(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        out: &mut Vec<Output>,
    ) {
        if self.till_state(now, till, out, |_| ()).is_none() {
            return;
        }
        self.record_till(now, till, &TillFact::SignedOff);
        self.answer_till(now, conversation, till, Said::Done { code: Code::APPROVED }, out);
    }

    /// Compares the terminal's totals with ours. Equal totals are a presumption about every approval in them.
    pub(crate) fn settle(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        settle: &Settle,
        out: &mut Vec<Output>,
    ) {
        let Some(ended) = self.till_state(now, till, out, |state| state.has_ended(settle.batch)) else {
            return;
        };
        let Some(listed) = self.batch(now, till, settle.batch, out) else { return };
        let theirs = Totals {
            debit: settle.debit,
            debits: settle.debits,
            credit: settle.credit,
            credits: settle.credits,
        };
        let ours = Totals::of(listed.iter().map(|(id, no)| self.leg(*id, *no)));
        // Equal totals prove nothing for this model, and something in them was asked about in vain: its lines would
        // prove it, and a terminal sends them when it hears that totals differ.
        let wanted = !ended && self.wants_lines(&listed);
        let balanced = !wanted && ours == Some(theirs) || mutant!(BalancesEveryBatch);
        if balanced {
            for (id, no) in &listed {
                if self.leg(*id, *no).merchant == Merchant::Told {
                    self.give(now, *id, *no, &Evidence::Known(Knowledge::EqualTotals), out);
                }
            }
            if let Some(memory) = self.tills.get_mut(&till) {
                memory.told.clear();
            }
        }
        for (id, _) in &listed {
            self.touch(*id);
        }
        let ours = ours.unwrap_or_default();
        let fact = TillFact::Settled { batch: settle.batch, theirs, ours, balanced };
        self.record_till(now, till, &fact);
        self.answer_till(now, conversation, till, Said::Settled { balanced }, out);
    }

    pub(crate) fn upload(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        upload: &Upload,
        out: &mut Vec<Output>,
    ) {
        let batch = upload.batch;
        let state = self.till_state(now, till, out, |state| (state.lines_of(batch), state.has_ended(batch)));
        let Some((mut lines, ended)) = state else { return };
        let code = match &upload.part {
            // The end once more: its answer was lost.
            UploadPart::End { .. } if ended && lines.is_empty() => Code::APPROVED,
            UploadPart::Lines(new) if lines.len() + new.len() > MOST_LINES => Code(*b"30"),
            UploadPart::Lines(new) => {
                self.record_till(now, till, &TillFact::Uploaded { batch, lines: new.clone() });
                Code::APPROVED
            }
            UploadPart::End { total } => {
                let Some(listed) = self.batch(now, till, batch, out) else { return };
                let complete = usize::try_from(*total).is_ok_and(|total| total == lines.len());
                let complete = complete || mutant!(TakesEveryUploadForComplete);
                if complete {
                    self.uploaded(now, till, &listed, &mut lines, out);
                }
                for (id, _) in &listed {
                    self.touch(*id);
                }
                self.record_till(now, till, &TillFact::UploadEnded { batch, total: *total, complete });
                if complete { Code::APPROVED } else { Code(*b"30") }
            }
        };
        self.answer_till(now, conversation, till, Said::Uploaded { code }, out);
    }

    /// A completed upload: each line is proof that the terminal has the sale. A line of what nobody was charged for
    /// is the shop's loss, and a person must look.
    fn uploaded(
        &mut self,
        now: Moment,
        till: Till,
        listed: &[(TallyId, LegNo)],
        lines: &mut BTreeMap<u32, i64>,
        out: &mut Vec<Output>,
    ) {
        for (id, no) in listed {
            let leg = self.leg(*id, *no);
            let Some(amount) = lines.get(&leg.identity.trace).copied() else { continue };
            if leg.kind.settles_as().is_none() {
                continue;
            }
            lines.remove(&leg.identity.trace);
            if leg.stands() && leg.amount.minor == amount {
                self.give(now, *id, *no, &Evidence::Known(Knowledge::Upload), out);
            } else if leg.case.is_none() {
                let case = Case::SaleWithoutCharge;
                self.record(now, *id, &[Fact::CaseOpened { leg: *no, case }], out);
            }
        }
        if let Some(memory) = self.tills.get_mut(&till) {
            memory.told.clear();
        }
        // What was told and stands in no line: the terminal does not have it. A person must ask why.
        for (id, no) in listed {
            let leg = self.leg(*id, *no);
            if leg.stands() && leg.merchant == Merchant::Told && leg.kind.settles_as().is_some() {
                let case = Case::MissingFromUpload;
                if leg.case.is_none() {
                    self.record(now, *id, &[Fact::CaseOpened { leg: *no, case }], out);
                }
            }
        }
        for (trace, amount) in lines {
            let what = format!("{till}: line {trace} over {amount} of its upload was never seen here");
            out.push(Output::Alarm { what });
        }
    }

    /// All legs of a batch, read and in memory; none while they are being read. What a terminal was told was asked
    /// before, so its key is in the store, whatever is being committed now.
    fn batch(
        &mut self,
        now: Moment,
        till: Till,
        batch: u32,
        out: &mut Vec<Output>,
    ) -> Option<Vec<(TallyId, LegNo)>> {
        let prefix = Identity::batch_handle(&till, batch);
        let load = Load::Handles(till.shard(), prefix, MOST_OF_A_BATCH);
        match &self.listed {
            Some((listed, legs)) if *listed == load => {
                if legs.len() >= MOST_OF_A_BATCH {
                    let what = format!("{till}: batch {batch} has more than {MOST_OF_A_BATCH} transactions");
                    out.push(Output::Alarm { what });
                }
                Some(legs.clone())
            }
            Some(_) | None => {
                self.park_cause(now, load, out);
                None
            }
        }
    }

    /// Looks into a terminal's row; none while it is being read.
    fn till_state<T>(
        &mut self,
        now: Moment,
        till: Till,
        out: &mut Vec<Output>,
        look: impl FnOnce(&hefu_tally::till::TillState) -> T,
    ) -> Option<T> {
        let row = self.tills.get(&till).and_then(|memory| memory.row.as_ref());
        match row {
            Some(row) => Some(look(&row.state)),
            None => {
                self.park_cause(now, Load::Terminal(till), out);
                None
            }
        }
    }

    /// Answers once the terminal's row is durable.
    fn answer_till(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        what: Said,
        out: &mut Vec<Output>,
    ) {
        let reply = Output::Reply { conversation, reply: Box::new(Reply::new(now, what)) };
        self.batches.gate(&Subject::Terminal(till), reply, self.cause.as_ref(), out);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
