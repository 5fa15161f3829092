//! What time brings. It starts actions; it never changes what is believed of the bank.

use super::Facts;
use crate::{
    duty::hear_by,
    fact::Fact,
    leg::{Case, Direction, Heal, Issuer, Knowledge, Merchant, UndoState, Why},
    time::{HOUR, MINUTE},
};
use hefu_mutant::mutant;

/// How often an advice is repeated after its day, when clearing is asked too.
const SLOWLY: i64 = HOUR;
/// How often a reversal is repeated after its day: the payer waits for it.
pub(super) const LATE: i64 = 10 * MINUTE;

impl Facts<'_> {
    /// After a restart a request without an answer goes to return: nobody waits for it any more. Its 0420 waits for
    /// the answer or the deadline, like any other. A committed approval stays told.
    pub(super) fn restarted(&mut self) {
        let leg = self.leg;
        if leg.issuer != Issuer::Unknown || leg.direction != Direction::Open || mutant!(StaysOpenAfterRestart)
        {
            return;
        }
        match leg.kind.heal() {
            Heal::Reverse => self.turn(Direction::Return, Why::Restarted),
            Heal::Insist => {}
            Heal::Forget => self.forget(),
        }
    }

    pub(super) fn due(&mut self) {
        if !self.reversal_due() && !self.request_due() {
            self.due_inside();
        }
    }

    /// What is due and sends nothing.
    pub(super) fn due_inside(&mut self) {
        if self.person_due() {
            return;
        }
        let leg = self.leg;
        let cut = if mutant!(DecidesBeforeTheCut) { leg.opened } else { leg.opened.business_day().cut() };
        if !leg.stands() || self.now < hear_by(leg) {
            return;
        }
        if self.now < cut {
            return self.known(Knowledge::Silence);
        }
        if leg.case == Some(Case::MissingFromUpload) {
            return;
        }
        // What is never reversed, or was voided or refunded since, has nothing left to return.
        let keep = self.rules.keep_at_cut || leg.kind.heal() != Heal::Reverse || self.tally.followed(self.no);
        match leg.merchant {
            Merchant::Waiting | Merchant::Told if keep => self.learn(true, Knowledge::Policy),
            Merchant::Waiting | Merchant::Told => {
                self.turn(Direction::Return, Why::NotReachable);
                self.learn(false, Knowledge::Policy);
                self.case(Case::CreditAdjustment);
            }
            Merchant::Has | Merchant::No => {}
        }
    }

    /// Another copy of the reversal, until the day cut; then clearing decides, and an outage of days is no reason
    /// never to send it: its copies go on slowly.
    fn reversal_due(&mut self) -> bool {
        let Some(undo) = self.leg.undo else { return false };
        let given_up = mutant!(GivesUpAfterThreeReversals) && undo.copies >= 3;
        let late = match undo.state {
            UndoState::Running => false,
            UndoState::Late if given_up || mutant!(StopsReversingAtTheCut) => return false,
            UndoState::Late => true,
            UndoState::Closed | UndoState::Clearing => return false,
        };
        if undo.next > self.now {
            return false;
        }
        if late {
            let next = self.now.after(LATE);
            self.out.push(Fact::ReversingAgain { leg: self.no, at: self.now, next });
        } else if self.day_is_over() || given_up {
            self.out.push(Fact::LeftToClearing { leg: self.no, until: self.clearing() });
        } else {
            let next = self.again(undo.copies);
            self.out.push(Fact::ReversingAgain { leg: self.no, at: self.now, next });
        }
        true
    }

    /// The deadline of the request, or the next repeat of an advice.
    fn request_due(&mut self) -> bool {
        let leg = self.leg;
        let due = leg.request.is_some_and(|request| request.next <= self.now);
        if leg.issuer != Issuer::Unknown || leg.undo.is_some() || !due {
            return false;
        }
        match (leg.kind.heal(), leg.direction) {
            (Heal::Reverse | Heal::Forget, Direction::Open) => self.unknown(Why::NoAnswer),
            (Heal::Reverse, Direction::Keep | Direction::Return) => {
                self.reverse(leg.why.unwrap_or(Why::NoAnswer));
            }
            (Heal::Forget, Direction::Keep | Direction::Return) => self.forget(),
            (Heal::Insist, Direction::Open | Direction::Keep | Direction::Return) => {
                self.unknown(Why::NoAnswer);
                self.insist();
            }
        }
        true
    }

    /// Repeats under the same keys until it is answered; after its day slowly, and clearing may answer too.
    fn insist(&mut self) {
        let repeats = self.leg.request.map_or(0, |request| request.repeats);
        let over = self.day_is_over() || self.leg.clearing.is_some();
        let next = if over { self.now.after(SLOWLY) } else { self.again(repeats.saturating_add(1)) };
        self.out.push(Fact::Repeated { leg: self.no, next });
        if over && self.leg.clearing.is_none() {
            self.out.push(Fact::LeftToClearing { leg: self.no, until: self.clearing() });
        }
    }

    /// Clearing did not come, or nobody looked: that is said again each day.
    fn person_due(&mut self) -> bool {
        let leg = self.leg;
        let silent = leg.clearing.is_some_and(|until| until <= self.now);
        let asks = leg.case.is_some() && leg.asks.is_some_and(|due| due <= self.now);
        if silent && leg.case.is_none() && leg.issuer != Issuer::NotDone {
            self.case(Case::ClearingSilent);
        }
        if silent || asks {
            self.out.push(Fact::Postponed { leg: self.no, until: self.now.business_day().cut() });
        }
        silent || asks
    }

    fn day_is_over(&self) -> bool {
        self.now.business_day() > self.leg.opened.business_day()
    }
}
