//! What the bank's answer to a reversal proves.

use super::{Facts, time::LATE};
use crate::{
    fact::{Fact, ReversalMeaning},
    ids::Code,
    leg::{Case, Issuer, Undo, UndoState, Why},
    time::{MINUTE, Moment},
};
use hefu_mutant::mutant;

/// After so many answers that prove nothing a person must look.
pub(super) const NOT_UNDERSTOOD: u16 = 10;
/// So long an answer may lie somewhere on its way, and still come: a line that hangs is given up within minutes.
const LIES: i64 = 15 * MINUTE;

impl Facts<'_> {
    /// `older`: the newest copy has not left, so this answers an earlier one.
    pub(super) fn reversal_answered(&mut self, code: Code, older: bool) {
        let leg = self.leg;
        let Some(undo) = leg.undo else { return };
        let (open, waits) = match undo.state {
            UndoState::Running | UndoState::Late => (true, false),
            UndoState::Clearing => (true, true),
            UndoState::Closed => (false, false),
        };
        // An approval came while copies were under way. Some banks acknowledge a reversal before they have seen what
        // it reverses, so the answers to those copies prove nothing about it: more answers must come than there are.
        let said = undo.answers - undo.vain;
        let early = said < undo.before_approval && !mutant!(ClosesOnEarlyAcknowledgement);
        // To the first copy that the bank has read, 94 says that another message uses its key.
        let read = undo.copies.saturating_sub(undo.unread).saturating_sub(u16::from(older));
        let first = read <= 1;
        let meaning = match &code.0 {
            b"00" if open && early => self.too_early(undo.copies, undo.before_approval),
            b"00" if open => ReversalMeaning::Undone,
            b"22" if open && mutant!(Takes22ForReturned) => ReversalMeaning::Undone,
            b"94" if open && mutant!(TakesFirst94ForReturned) => ReversalMeaning::Undone,
            _ if open && mutant!(TakesAnyCodeForReturned) => ReversalMeaning::Undone,
            // Copies cross their answers: the first thing said of a reversal may be the answer to its first copy.
            b"94" if open && !early && !first && !undo.refused && said > 0 => ReversalMeaning::Undone,
            _ if !open || waits => ReversalMeaning::Again,
            b"94" if first => ReversalMeaning::Clearing { until: self.clearing() },
            b"25" | b"12" => self.no_original(undo, older),
            b"22" => ReversalMeaning::Clearing { until: self.clearing() },
            _ => ReversalMeaning::AskAgain { next: self.later(undo), closes_from: None },
        };
        self.out.push(Fact::ReversalAnswered { leg: self.no, code, meaning });
        match meaning {
            ReversalMeaning::Clearing { .. } if &code.0 == b"94" => self.case(Case::KeyClash),
            // Only its own lane waits for it; a person should know.
            ReversalMeaning::AskAgain { closes_from: None, .. } if undo.answers >= NOT_UNDERSTOOD => {
                self.case(Case::NotUnderstood);
            }
            ReversalMeaning::Undone | ReversalMeaning::NeverDone { .. } => {
                self.close(&[Case::NotUnderstood, Case::KeyClash, Case::ClearingSilent]);
            }
            ReversalMeaning::AskAgain { .. } | ReversalMeaning::Clearing { .. } | ReversalMeaning::Again => {}
        }
    }

    /// When to ask again after an answer that proves nothing.
    fn later(&mut self, undo: Undo) -> Moment {
        match undo.state {
            UndoState::Late => self.now.after(LATE),
            // The pause that follows on this copy, answered in vain or not at all.
            UndoState::Running | UndoState::Clearing | UndoState::Closed => {
                self.again(undo.copies.saturating_sub(1))
            }
        }
    }

    /// Another copy is needed: at once, unless one has left since the approval came.
    fn too_early(&mut self, copies: u16, before_approval: u16) -> ReversalMeaning {
        let next = if copies > before_approval { self.again(copies) } else { self.now };
        ReversalMeaning::AskAgain { next, closes_from: None }
    }

    /// 25 or 12 to a reversal. The first closes nothing: the original may still be on its way, or be held inside the
    /// bank. A second one closes the matter if its copy left when neither could be any more; and it must be that
    /// copy's answer, though all copies have one key and their answers look alike.
    fn no_original(&self, undo: Undo, older: bool) -> ReversalMeaning {
        let leg = self.leg;
        if leg.issuer == Issuer::Done && !mutant!(ClosesOnDenialAfterApproval)
            || self.now.business_day() != leg.opened.business_day()
        {
            return ReversalMeaning::Clearing { until: self.clearing() };
        }
        match undo.closes_from {
            Some(_) if mutant!(ClosesBeforeTheTransitTime) => {
                ReversalMeaning::NeverDone { clearing: self.clearing() }
            }
            Some(from) if undo.last_sent < from => {
                ReversalMeaning::AskAgain { next: from, closes_from: undo.closes_from }
            }
            Some(from) => {
                // More denials than earlier copies, or so late a copy that no answer to an earlier one can be on its
                // way any more.
                let more = undo.answers - undo.vain >= undo.before_closing;
                let late = undo.last_sent >= from.after(LIES.max(2 * self.rules.transit));
                if !older && (more || late) || mutant!(TakesAnOldDenialForANewOne) {
                    ReversalMeaning::NeverDone { clearing: self.clearing() }
                } else {
                    ReversalMeaning::AskAgain { next: undo.next.max(self.now), closes_from: undo.closes_from }
                }
            }
            None if mutant!(TrustsTheFirstDenial) => ReversalMeaning::NeverDone { clearing: self.clearing() },
            None => {
                // What the bank has answered is under way no more, whatever the answer proves.
                let arrived = leg.why == Some(Why::ProvesNothing);
                let left = leg.request.map_or(leg.opened, |request| request.key.at);
                let longest = self.rules.leaves_within + self.rules.transit;
                let under_way = if arrived { left } else { left.after(longest) };
                let from = self.now.after(self.rules.held).max(under_way);
                ReversalMeaning::AskAgain { next: from, closes_from: Some(from) }
            }
        }
    }
}
