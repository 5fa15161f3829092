//! Questions to the cashier: what a terminal was told and nothing was heard of since. Its next answer asks; the
//! cashier's word, or any other evidence, ends the question.

use crate::{
    engine::{Engine, Question},
    io::{Conversation, Load, Output, Reply, Said},
};
use hefu_tally::{
    Code, Identity, LegNo, Moment, TallyId, Till,
    duty::ASK_AFTER,
    judge::Evidence,
    leg::{Merchant, Moves},
};

/// How many questions a terminal's memory holds; what is not asked is left to the day cut.
const MOST_QUESTIONS: usize = 16;
/// How many legs may have one trace in one batch.
pub(super) const MOST_CLASSES: usize = 4;

impl Engine {
    /// The next answer to this leg's terminal asks about it.
    pub(crate) fn question(&mut self, id: TallyId, no: LegNo) {
        let leg = self.leg(id, no);
        let Identity { till, trace, .. } = leg.identity;
        let from = leg.bank.as_ref().map_or(leg.opened, |said| said.at).after(ASK_AFTER);
        let questions = &mut self.tills.entry(till).or_default().questions;
        if questions.len() < MOST_QUESTIONS && !questions.iter().any(|question| question.of == (id, no)) {
            questions.push(Question { of: (id, no), trace, from });
        }
    }

    pub(crate) fn forget_question(&mut self, id: TallyId, no: LegNo) {
        let till = self.leg(id, no).identity.till;
        if let Some(memory) = self.tills.get_mut(&till) {
            memory.questions.retain(|question| question.of != (id, no));
        }
    }

    /// The trace that an answer to this terminal asks about: not that of the leg which is answered.
    pub(crate) fn asks(&self, now: Moment, till: Till, id: TallyId, no: LegNo) -> Option<u32> {
        let questions = &self.tills.get(&till)?.questions;
        let due = questions.iter().find(|question| question.of != (id, no) && question.from <= now);
        due.map(|question| question.trace)
    }

    /// The cashier says whether a sale stands.
    pub(crate) fn confirm(
        &mut self,
        now: Moment,
        conversation: Conversation,
        till: Till,
        (batch, trace): (u32, u32),
        has: bool,
        out: &mut Vec<Output>,
    ) {
        let prefix = Identity::trace_handle(&till, batch, trace);
        let load = Load::Handles(till.shard(), prefix, MOST_CLASSES);
        let found = match &self.listed {
            Some((listed, found)) if *listed == load => found.clone(),
            Some(_) | None => return self.park_cause(now, load, out),
        };
        let moves = |(id, no): &(TallyId, LegNo)| self.leg(*id, *no).kind.moves() != Moves::Nothing;
        let Some((id, no)) = found.iter().find(|found| moves(found)).copied() else {
            return self.say(now, conversation, Said::Done { code: Code(*b"25") }, out);
        };
        self.give(now, id, no, &Evidence::Confirmed(has), out);
        self.forget_told(id, no);
        // The word is taken when the payment stands as the cashier says; against proof it moves nothing.
        let taken = self.leg(id, no).stands() == has;
        let code = if taken { Code::APPROVED } else { Code(*b"12") };
        let reply = Reply::new(now, Said::Done { code });
        self.gate_payment(id, Output::Reply { conversation, reply: Box::new(reply) }, out);
        found.iter().for_each(|(id, _)| self.touch(*id));
    }

    /// Whether this batch holds an approval that was asked about in vain and that its terminal's word alone does not
    /// prove: then the terminal's own lines are asked for.
    pub(crate) fn wants_lines(&self, listed: &[(TallyId, LegNo)]) -> bool {
        listed.iter().any(|(id, no)| {
            let leg = self.leg(*id, *no);
            let certified = self.config.rules_for(&leg.identity.till).certified;
            let open = leg.question.is_some() && leg.merchant == Merchant::Told;
            open && !certified && leg.kind.settles_as().is_some()
        })
    }
}
