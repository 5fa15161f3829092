//! What a named person decides, who has the merchant on the telephone or the bank's books on the table. It is
//! evidence like any other: it moves halves, and the duties follow. A decision that does not fit how the payment
//! stands leads to no facts at all, and whoever gave it is told so.

use super::{Decision, Facts};
use crate::{
    fact::{Fact, Shown},
    leg::{Case, Direction, Heal, Issuer, Knowledge, Leg, Merchant, Moves, UndoState, Why},
};

impl Facts<'_> {
    pub(super) fn decided(&mut self, decision: Decision, by: &str, reason: &str) {
        match decision {
            Decision::Has => self.has(Knowledge::Person),
            Decision::HasNot => self.has_not(Knowledge::Person),
            Decision::Done => self.shown_done(),
            Decision::NotDone => self.shown_not_done(),
            Decision::Undone => self.shown_undone(),
            Decision::Close if self.leg.matched() && self.leg.case.is_some() => {
                self.out.push(Fact::CaseClosed { leg: self.no });
            }
            Decision::Close => {}
        }
        if !self.out.is_empty() {
            let (by, reason) = (by.to_owned(), reason.to_owned());
            self.out.insert(0, Fact::Decided { leg: self.no, decision, by, reason });
        }
    }

    /// The cashier's word at the terminal.
    pub(super) fn confirmed(&mut self, has: bool) {
        let proved = self.leg.knows.is_some_and(Knowledge::is_proof) && self.leg.merchant == Merchant::Has;
        match has {
            true => self.has(Knowledge::Confirmed),
            // One proof against another: as when a terminal reverses what it is proved to have.
            false if proved && self.leg.stands() => self.case(Case::ReversedAgainstProof),
            false => self.has_not(Knowledge::Confirmed),
        }
    }

    fn has(&mut self, by: Knowledge) {
        let leg = self.leg;
        if leg.stands() {
            if leg.merchant != Merchant::Has || !leg.knows.is_some_and(Knowledge::is_proof) {
                self.learn(true, by);
            }
            self.close(&[Case::MissingFromUpload, Case::ReversedAgainstProof]);
        } else if leg.direction == Direction::Return && leg.kind.moves() == Moves::Charge {
            // Goods are out, and the money goes back or was never taken: the shop's loss, until it is made good.
            self.case(Case::SaleWithoutCharge);
        }
    }

    fn has_not(&mut self, by: Knowledge) {
        let leg = self.leg;
        if leg.direction == Direction::Return {
            return match leg.case == Some(Case::SaleWithoutCharge) && leg.issuer == Issuer::Done {
                // The shop has lost nothing; the payer still has.
                true if left_to_books(leg) => self.case(Case::CreditAdjustment),
                true | false => self.close(&[Case::SaleWithoutCharge]),
            };
        }
        // What is never reversed, or has its remedy in a void or refund already, has nothing left to return.
        if !leg.stands() || leg.kind.heal() != Heal::Reverse || self.tally.followed(self.no) {
            return;
        }
        self.turn(Direction::Return, Why::MerchantDenied);
        self.learn(false, by);
        if self.now.business_day() == leg.opened.business_day() {
            if leg.case.is_some() {
                self.out.push(Fact::CaseClosed { leg: self.no });
            }
            self.reverse(Why::MerchantDenied);
        } else {
            self.case(Case::CreditAdjustment);
        }
    }

    fn shown_done(&mut self) {
        let leg = self.leg;
        match (leg.issuer, leg.direction) {
            (_, Direction::Return) if !left_to_books(leg) => {}
            (Issuer::Unknown | Issuer::Untouched | Issuer::NotDone | Issuer::Undone, Direction::Return)
                if stands_when_shown(leg) =>
            {
                self.stands();
            }
            (Issuer::Done, Direction::Return) if leg.case == Some(Case::SaleWithoutCharge) => {}
            (Issuer::Unknown | Issuer::Done, Direction::Return) => self.given_back_by_hand(Shown::Done),
            (Issuer::NotDone | Issuer::Undone, Direction::Return) => {
                self.given_back_by_hand(Shown::DoneLate);
            }
            (Issuer::Unknown, Direction::Open) if leg.clearing.is_some() => {
                self.out.push(Fact::Shown { leg: self.no, shown: Shown::Done });
                self.turn(Direction::Keep, Why::Shown);
                self.close(&[Case::NotUnderstood, Case::ClearingSilent]);
            }
            (Issuer::Untouched, Direction::Return)
            | (_, Direction::Keep)
            | (
                Issuer::Unknown | Issuer::Untouched | Issuer::NotDone | Issuer::Done | Issuer::Undone,
                Direction::Open,
            ) => {}
        }
    }

    /// The shop's loss, if it has said that it has one, stays the case: the books alone end what the payer is owed.
    fn given_back_by_hand(&mut self, shown: Shown) {
        self.out.push(Fact::Shown { leg: self.no, shown });
        if self.leg.case != Some(Case::SaleWithoutCharge) {
            self.case(Case::CreditAdjustment);
        }
    }

    /// A void that the books show stands, and both sides are told. When its money went back another way already, it
    /// went back twice: that is for a person.
    fn stands(&mut self) {
        let mut trial = self.tally.clone();
        let fact = Fact::Shown { leg: self.no, shown: Shown::Stands };
        if trial.apply(self.now, &fact).and_then(|()| trial.check()).is_ok() {
            self.out.push(fact);
            if self.leg.case.is_some() {
                self.out.push(Fact::CaseClosed { leg: self.no });
            }
        } else {
            self.case(Case::Contradiction);
        }
    }

    fn shown_not_done(&mut self) {
        let leg = self.leg;
        match (leg.issuer, leg.direction) {
            (Issuer::Done, Direction::Keep) => self.case(Case::SaleWithoutCharge),
            (Issuer::Done, Direction::Return) if left_to_books(leg) => self.shown(Shown::Undone),
            (Issuer::Unknown, Direction::Return) if left_to_books(leg) => self.shown(Shown::NotDone),
            (Issuer::NotDone, Direction::Return) if leg.clearing.is_some() => self.shown(Shown::NotDone),
            (Issuer::Unknown, Direction::Open) if leg.clearing.is_some() => {
                self.out.push(Fact::Shown { leg: self.no, shown: Shown::NotDone });
                self.turn(Direction::Return, Why::Shown);
                match self.is_advice() {
                    true => self.case(Case::SaleWithoutCharge),
                    false => self.close(&[Case::NotUnderstood, Case::ClearingSilent]),
                }
            }
            (
                Issuer::Unknown | Issuer::Untouched | Issuer::NotDone | Issuer::Done | Issuer::Undone,
                Direction::Open | Direction::Keep | Direction::Return,
            ) => {}
        }
    }

    fn shown_undone(&mut self) {
        let leg = self.leg;
        match (leg.issuer, leg.direction) {
            (Issuer::Unknown | Issuer::Done, Direction::Return) if left_to_books(leg) => {
                self.shown(Shown::Undone);
            }
            (
                Issuer::Unknown | Issuer::Untouched | Issuer::NotDone | Issuer::Done | Issuer::Undone,
                Direction::Open | Direction::Keep | Direction::Return,
            ) => {}
        }
    }

    /// What settles the bank's half, and with it what a person had to look at.
    fn shown(&mut self, shown: Shown) {
        self.out.push(Fact::Shown { leg: self.no, shown });
        self.close(&[
            Case::CreditAdjustment,
            Case::ClearingSilent,
            Case::KeyClash,
            Case::NotUnderstood,
            Case::ReversedAgainstProof,
        ]);
    }
}

/// Whether nothing but the books can tell any more: while copies of the reversal are answered, they decide.
fn left_to_books(leg: &Leg) -> bool {
    match leg.undo.map(|undo| undo.state) {
        Some(UndoState::Running) => false,
        Some(UndoState::Late | UndoState::Closed | UndoState::Clearing) => true,
        None => leg.clearing.is_some() || by_hand(leg),
    }
}

/// Whether what the bank took is given back by hand: no reversal was ever sent, and none may be any more.
fn by_hand(leg: &Leg) -> bool {
    (leg.issuer, leg.direction, leg.undo) == (Issuer::Done, Direction::Return, None)
}

/// What undoes something else: if the bank did it after all, it stands.
fn stands_when_shown(leg: &Leg) -> bool {
    match leg.kind.moves() {
        Moves::GiveBack | Moves::Release => true,
        Moves::Charge | Moves::Hold | Moves::Refund | Moves::Nothing => false,
    }
}
