//! What the terminal and the merchant say, and what shows that they know.

use super::Facts;
use crate::{
    codes,
    fact::Fact,
    ids::Code,
    leg::{Case, Direction, Heal, Issuer, Knowledge, Merchant, Why},
};
use hefu_mutant::mutant;

impl Facts<'_> {
    pub(super) fn terminal_reversed(&mut self, reason: Option<Code>) {
        let leg = self.leg;
        let proved = leg.knows.is_some_and(Knowledge::is_proof);
        let (answer, person) = match (leg.direction, leg.kind.heal()) {
            _ if leg.tombstone => (Code(*b"25"), false),
            (Direction::Open | Direction::Keep, Heal::Insist | Heal::Forget) => (Code(*b"12"), false),
            (Direction::Keep, Heal::Reverse)
                if (proved || self.tally.followed(self.no)) && !mutant!(ReversesWhatWasVoided) =>
            {
                // What was voided, refunded or completed has its one remedy already.
                (Code(*b"12"), true)
            }
            (Direction::Open | Direction::Keep | Direction::Return, Heal::Reverse)
            | (Direction::Return, Heal::Insist | Heal::Forget) => (Code::APPROVED, false),
        };
        self.out.push(Fact::TerminalReversed { leg: self.no, reason, answer });
        if person {
            self.case(Case::ReversedAgainstProof);
        }
        if answer != Code::APPROVED
            || leg.direction == Direction::Return
            || mutant!(IgnoresTheTerminalsReversal)
        {
            return;
        }
        self.turn(Direction::Return, Why::TerminalReversed);
        if leg.merchant != Merchant::Waiting {
            self.learn(false, Knowledge::Reversed);
        }
        match leg.issuer {
            // The 0420 waits for the answer or our deadline, whichever is first.
            Issuer::Unknown => {
                if leg.told.is_none() {
                    self.tell(self.rules.unknown);
                }
            }
            Issuer::Done if self.now.business_day() != leg.opened.business_day() => {
                self.case(Case::CreditAdjustment);
            }
            Issuer::Done => self.reverse(Why::TerminalReversed),
            Issuer::Untouched | Issuer::NotDone | Issuer::Undone => {}
        }
    }

    pub(super) fn unwritten(&mut self) {
        let leg = self.leg;
        // Of what policy alone decided nobody has heard either.
        let unheard = match leg.merchant {
            Merchant::Told => true,
            Merchant::Has => leg.knows == Some(Knowledge::Policy),
            Merchant::Waiting | Merchant::No => false,
        };
        let approval_lost = leg.stands() && unheard && !mutant!(KeepsWhatWasNeverWritten);
        if !approval_lost || leg.kind.heal() != Heal::Reverse || self.tally.followed(self.no) {
            return;
        }
        self.turn(Direction::Return, Why::NotReachable);
        self.learn(false, Knowledge::NeverTold);
        if self.now.business_day() == leg.opened.business_day() {
            self.reverse(Why::NotReachable);
        } else {
            self.case(Case::CreditAdjustment);
        }
    }

    pub(super) fn known(&mut self, by: Knowledge) {
        let leg = self.leg;
        if leg.direction == Direction::Return {
            return self.known_under_return(by);
        }
        if !leg.stands() {
            return;
        }
        let settled = match leg.merchant {
            Merchant::Has => leg.knows.is_some_and(Knowledge::is_proof) || !by.is_proof(),
            Merchant::Waiting | Merchant::Told => false,
            Merchant::No => true,
        };
        if settled {
            return;
        }
        let enough = match by {
            Knowledge::Confirmed
            | Knowledge::Signature
            | Knowledge::Quoted
            | Knowledge::Upload
            | Knowledge::Person
            | Knowledge::Policy => true,
            Knowledge::NextTransaction | Knowledge::EqualTotals => {
                (self.rules.certified || mutant!(PresumesForOldModels)) && leg.merchant == Merchant::Told
            }
            Knowledge::Silence => false,
            Knowledge::NeverTold | Knowledge::Reversed => return,
        };
        if enough {
            self.learn(true, by);
            if by.is_proof() {
                self.close(&[Case::MissingFromUpload]);
            }
        } else if leg.question.is_none() {
            self.out.push(Fact::Questioned { leg: self.no, by });
        }
    }

    /// An approval that we took for lost did arrive: the shop has a sale that is being given back.
    fn known_under_return(&mut self, by: Knowledge) {
        let approved = self.leg.told.is_some_and(codes::approves);
        let taken_for_lost = matches!(self.leg.knows, Some(Knowledge::NeverTold | Knowledge::Policy));
        if by.is_proof() && approved && taken_for_lost {
            self.case(Case::SaleWithoutCharge);
        }
    }
}
