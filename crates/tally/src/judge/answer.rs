//! What the bank's answer to a request, or the lack of any request, comes to mean.

use super::{Answer, Facts, Flaw, reversal::NOT_UNDERSTOOD};
use crate::{
    codes::{self, Proves},
    fact::{Fact, Meaning},
    ids::Code,
    leg::{Case, Direction, Heal, Issuer, Moves, NOTHING_CHARGED, UndoState, Why},
};
use hefu_mutant::mutant;

impl Facts<'_> {
    pub(super) fn answered(&mut self, answer: &Answer) {
        let leg = self.leg;
        if leg.request.is_none() {
            return;
        }
        let meaning = self.meaning(answer);
        match (leg.issuer, leg.direction, meaning) {
            (Issuer::Unknown, Direction::Open, Meaning::Done(amount)) => {
                self.say(answer, meaning);
                if amount.minor < leg.asked.minor && !leg.takes_part {
                    self.turn(Direction::Return, Why::PartNotTaken);
                    self.tell(Code(*b"51"));
                    self.reverse(Why::PartNotTaken);
                } else {
                    self.turn(Direction::Keep, Why::Approved);
                    self.close(&[Case::NotUnderstood, Case::ClearingSilent]);
                    // After "unknown" was told nobody waits for the answer: the duty to let the merchant know stays.
                    if leg.told.is_none() {
                        self.tell(codes::told(answer.code));
                    }
                }
            }
            (Issuer::Unknown, Direction::Open, Meaning::NotDone) => {
                self.say(answer, meaning);
                self.turn(Direction::Return, Why::Declined);
                if leg.told.is_none() {
                    self.tell(answer.code);
                }
                if self.is_advice() {
                    self.case(Case::SaleWithoutCharge);
                } else {
                    self.close(&[Case::NotUnderstood, Case::ClearingSilent]);
                }
            }
            (Issuer::Unknown, Direction::Open, Meaning::Nothing(why)) => {
                self.say(answer, meaning);
                self.unknown(why);
                self.insisted_in_vain(answer);
            }
            // Under return an answer is recorded, never told; the reversal goes out now if it waited for this, or
            // for the original to turn up.
            (
                Issuer::Unknown,
                Direction::Return | Direction::Keep,
                Meaning::Done(_) | Meaning::Nothing(_),
            ) => {
                self.say(answer, meaning);
                if mutant!(TellsApprovalUnderReturn) {
                    self.tell(codes::told(answer.code));
                }
                let turned_up = matches!(meaning, Meaning::Done(_))
                    && leg
                        .undo
                        .is_some_and(|undo| undo.state == UndoState::Running && undo.closes_from.is_some());
                if leg.undo.is_none() || turned_up {
                    self.reverse(leg.why.unwrap_or(Why::ProvesNothing));
                }
            }
            (Issuer::Unknown, Direction::Return | Direction::Keep, Meaning::NotDone) => {
                self.say(answer, meaning);
                self.close(&[Case::NotUnderstood, Case::ClearingSilent]);
            }
            // Charged after all: one more reversal, whatever the bank acknowledged before.
            (
                Issuer::Untouched | Issuer::NotDone | Issuer::Undone,
                Direction::Return,
                Meaning::Done(amount),
            ) if leg.kind.heal() != Heal::Forget && !mutant!(DropsTheLateApproval) => {
                self.say(answer, Meaning::DoneLate(amount));
                self.reverse(Why::Approved);
                if leg.kind.heal() == Heal::Insist {
                    self.case(Case::Contradiction);
                }
            }
            (Issuer::Done, Direction::Keep, Meaning::NotDone) => {
                self.say(answer, Meaning::Again);
                self.case(Case::Contradiction);
            }
            (
                Issuer::Untouched | Issuer::NotDone | Issuer::Undone | Issuer::Done,
                Direction::Open | Direction::Keep | Direction::Return,
                Meaning::Done(_) | Meaning::NotDone | Meaning::Nothing(_),
            ) => self.say(answer, Meaning::Again),
            (_, _, Meaning::DoneLate(_) | Meaning::Again) => unreachable!("meaning() never says so"),
        }
    }

    /// An advice that is answered with what proves nothing, again and again. A second 22 says that the original is
    /// not in the state for it, perhaps because it is done already: clearing can tell.
    fn insisted_in_vain(&mut self, answer: &Answer) {
        let leg = self.leg;
        if leg.kind.heal() != Heal::Insist {
            return;
        }
        let refused = |code: Code| code == Code(*b"22");
        let again = leg.bank.as_ref().is_some_and(|said| refused(said.code));
        if refused(answer.code) && again && leg.clearing.is_none() {
            self.out.push(Fact::LeftToClearing { leg: self.no, until: self.clearing() });
        }
        if leg.request.is_some_and(|request| request.repeats >= NOT_UNDERSTOOD) {
            self.case(Case::NotUnderstood);
        }
    }

    /// What the answer means by itself.
    fn meaning(&self, answer: &Answer) -> Meaning {
        match answer.flaw {
            Some(Flaw::WrongMac) if mutant!(BelievesAWrongMac) => {}
            Some(Flaw::WrongMac) => return Meaning::Nothing(Why::WrongMac),
            Some(Flaw::Mismatch) if mutant!(BelievesAnotherTerminal) => {}
            Some(Flaw::Mismatch) => return Meaning::Nothing(Why::Mismatch),
            None => {}
        }
        let asked = self.leg.asked;
        let proves = codes::proves(answer.code);
        let other = answer.amount.is_some_and(|amount| amount != asked) && !mutant!(BelievesAnotherAmount);
        // A part approval alone may name another amount than the request.
        if proves != Proves::DoneInPart && other {
            return Meaning::Nothing(Why::Mismatch);
        }
        match proves {
            Proves::Done => Meaning::Done(asked),
            Proves::DoneInPart => match answer.amount {
                Some(part)
                    if self.can_be_in_part()
                        && part.currency == asked.currency
                        && (1..=asked.minor).contains(&part.minor) =>
                {
                    Meaning::Done(if mutant!(TakesPartForWhole) { asked } else { part })
                }
                Some(_) | None => Meaning::Nothing(Why::Mismatch),
            },
            Proves::NotDone => Meaning::NotDone,
            // "No original" refuses a void, refund or completion; 22 may mean that it is done already.
            Proves::Original if self.leg.kind.refers() && answer.code == Code(*b"25") => Meaning::NotDone,
            Proves::Original | Proves::Nothing => Meaning::Nothing(Why::ProvesNothing),
        }
    }

    /// Only what takes or holds money at the payer's asking can be approved in part.
    fn can_be_in_part(&self) -> bool {
        match self.leg.kind.moves() {
            Moves::Charge | Moves::Hold => self.leg.kind.heal() == Heal::Reverse,
            Moves::GiveBack | Moves::Refund | Moves::Release | Moves::Nothing => false,
        }
    }

    pub(super) fn never_sent(&mut self) {
        let leg = self.leg;
        let first_copy = leg.request.is_some_and(|request| request.repeats == 0);
        if leg.issuer != Issuer::Unknown || !first_copy || leg.undo.is_some() || leg.bank.is_some() {
            return;
        }
        // An advice is sent again when the line is up: the sale stands, the bank must hear of it.
        if self.is_advice() {
            return;
        }
        self.out.push(Fact::NeverSent { leg: self.no });
        if leg.told.is_none() {
            self.tell(NOTHING_CHARGED);
        }
    }
}
