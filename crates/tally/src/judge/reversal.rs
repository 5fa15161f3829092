//! What the bank's answer to a reversal proves.

use super::Facts;
use crate::{
    fact::{Fact, ReversalMeaning},
    ids::Code,
    leg::{Case, Issuer, UndoState},
    time::Moment,
};

impl Facts<'_> {
    pub(super) fn reversal_answered(&mut self, code: Code) {
        let leg = self.leg;
        let Some(undo) = leg.undo else { return };
        let (closed, waits) = match undo.state {
            UndoState::Running => (false, false),
            UndoState::Clearing => (false, true),
            UndoState::Closed => (true, false),
        };
        // An approval came while copies were under way. Some banks acknowledge a reversal before they have seen what
        // it reverses, so the answers to those copies prove nothing about it: more answers must come than there are.
        let early = undo.answers < undo.before_approval;
        let meaning = match &code.0 {
            b"00" if !closed && early => self.too_early(undo.copies, undo.before_approval),
            b"00" if !closed => ReversalMeaning::Undone,
            b"94" if !closed && !early && undo.copies > 1 && !undo.refused => ReversalMeaning::Undone,
            _ if closed || waits => ReversalMeaning::Again,
            b"94" if undo.copies == 1 => ReversalMeaning::Clearing { until: self.clearing() },
            b"25" | b"12" => self.no_original(undo.last_sent, undo.closes_from),
            b"22" => ReversalMeaning::Clearing { until: self.clearing() },
            _ => ReversalMeaning::AskAgain { next: self.again(undo.copies), closes_from: None },
        };
        self.out.push(Fact::ReversalAnswered { leg: self.no, code, meaning });
        if &code.0 == b"94" && matches!(meaning, ReversalMeaning::Clearing { .. }) {
            self.case(Case::KeyClash);
        }
    }

    /// Another copy is needed: at once, unless one has left since the approval came.
    fn too_early(&mut self, copies: u16, before_approval: u16) -> ReversalMeaning {
        let next = if copies > before_approval { self.again(copies) } else { self.now };
        ReversalMeaning::AskAgain { next, closes_from: None }
    }

    /// 25 or 12 to a reversal. The first closes nothing: the original may still be on its way. A second one closes
    /// the matter if its copy left when nothing could be under way any more, counted from the first one.
    fn no_original(&self, last_sent: Moment, closes_from: Option<Moment>) -> ReversalMeaning {
        let leg = self.leg;
        if leg.issuer == Issuer::Done || self.now.business_day() != leg.opened.business_day() {
            return ReversalMeaning::Clearing { until: self.clearing() };
        }
        match closes_from {
            Some(from) if last_sent >= from => ReversalMeaning::NeverDone { clearing: self.clearing() },
            Some(from) => ReversalMeaning::AskAgain { next: from, closes_from },
            None => {
                let from = self.now.after(self.rules.transit);
                ReversalMeaning::AskAgain { next: from, closes_from: Some(from) }
            }
        }
    }
}
