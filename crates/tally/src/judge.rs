//! The judge: what a piece of evidence about one leg comes to mean. One function, one match, no clock and no dice:
//! the facts that it returns are all that follows. The rules are those of `in-doubt`; each arm says which.

use crate::{
    codes::{self, Proves},
    fact::{Fact, Meaning, ReversalMeaning},
    ids::{Code, LinkKey},
    leg::{BankSaid, Case, Direction, Heal, Issuer, Knowledge, Leg, LegNo, Merchant, UndoState, Why},
    money::Money,
    tally::{Impossible, Tally},
    time::{HOUR, MINUTE, Moment, SECOND},
};

/// The times and choices that judging goes by; all milliseconds. Configuration of the link and the merchant.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// How long we wait for the bank's answer: between the bank's 50 s and the terminal's 60 s.
    pub answer_within: i64,
    /// The longest time that a message can be on its way.
    pub transit: i64,
    /// The first pause between two copies of a reversal or advice, doubled each time …
    pub backoff_first: i64,
    /// … up to this.
    pub backoff_most: i64,
    /// How long after the next business day's cut the clearing file is expected.
    pub clearing_after: i64,
    /// What the terminal's model is told for "unknown" (F39).
    pub unknown: Code,
    /// The terminal's model keeps its reversals until they are acknowledged: presumption is enough.
    pub certified: bool,
    /// The merchant's policy at the cut: an approval that nobody contradicted is kept.
    pub keep_at_cut: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            answer_within: 55 * SECOND,
            transit: MINUTE,
            backoff_first: 10 * SECOND,
            backoff_most: MINUTE,
            clearing_after: 12 * HOUR,
            unknown: Code(*b"98"),
            certified: false,
            keep_at_cut: true,
        }
    }
}

/// A bank's answer to the request of a leg, matched to it by its key and reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub code: Code,
    pub said: BankSaid,
    /// The amount that the answer names, if it names one.
    pub amount: Option<Money>,
    /// What of the answer is not to be believed, if anything.
    pub flaw: Option<Flaw>,
}

/// Why an answer proves nothing whatever its code says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    WrongMac,
    /// F3, F11, F41 or F42 unlike the request.
    Mismatch,
}

/// Anything that can change a leg's halves, or that time has come to act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// The bank answered the request.
    Answered(Answer),
    /// The bank answered the reversal, with a good MAC.
    ReversalAnswered(Code),
    /// Surely nothing left for the bank: the line was down.
    NeverSent,
    /// The terminal reversed the transaction, with the reason of its F39.
    TerminalReversed(Option<Code>),
    /// The answer could not be written to the terminal at all.
    Unwritten,
    /// It became known that the merchant has it.
    Known(Knowledge),
    /// We were started again.
    Restarted,
    /// A duty's time has come.
    Due,
}

/// Where the judge gets what it must not make up: fresh keys on the link, and chance for jitter.
pub trait Supply {
    /// A key on the link that was never used.
    fn key(&mut self) -> LinkKey;
    /// A number from 0 to 999.
    fn chance(&mut self) -> u16;
}

/// What follows from `evidence` about leg `no` at `now`. Facts come in the order in which they happened; none at
/// all means that the evidence adds nothing.
pub fn judge(
    tally: &Tally,
    no: LegNo,
    now: Moment,
    evidence: &Evidence,
    rules: &Rules,
    supply: &mut dyn Supply,
) -> Result<Vec<Fact>, Impossible> {
    let leg = tally.leg(no)?;
    let mut facts = Facts { no, leg, now, rules, supply, out: Vec::new() };
    match evidence {
        Evidence::Answered(answer) => facts.answered(answer),
        Evidence::ReversalAnswered(code) => facts.reversal_answered(*code),
        Evidence::NeverSent => facts.never_sent(),
        Evidence::TerminalReversed(reason) => facts.terminal_reversed(*reason),
        Evidence::Unwritten => facts.unwritten(),
        Evidence::Known(by) => facts.known(*by),
        Evidence::Restarted => facts.restarted(),
        Evidence::Due => facts.due(),
    }
    Ok(facts.out)
}

struct Facts<'a> {
    no: LegNo,
    leg: &'a Leg,
    now: Moment,
    rules: &'a Rules,
    supply: &'a mut dyn Supply,
    out: Vec<Fact>,
}

impl Facts<'_> {
    fn answered(&mut self, answer: &Answer) {
        let leg = self.leg;
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
            }
            (Issuer::Unknown, Direction::Open, Meaning::Nothing(why)) => {
                self.say(answer, meaning);
                self.tell_unknown_and_heal(why);
            }
            // Under return an answer is recorded, never told; the reversal goes out now if it waited for this.
            (
                Issuer::Unknown,
                Direction::Return | Direction::Keep,
                Meaning::Done(_) | Meaning::Nothing(_),
            ) => {
                self.say(answer, meaning);
                if leg.undo.is_none() {
                    self.reverse(leg.why.unwrap_or(Why::ProvesNothing));
                }
            }
            (Issuer::Unknown, Direction::Return | Direction::Keep, Meaning::NotDone) => {
                self.say(answer, meaning);
            }
            // Charged after all: one more reversal, whatever the bank acknowledged before.
            (
                Issuer::Untouched | Issuer::NotDone | Issuer::Undone,
                Direction::Return,
                Meaning::Done(amount),
            ) if leg.kind.heal() != Heal::Forget => {
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

    /// What the answer means by itself.
    fn meaning(&self, answer: &Answer) -> Meaning {
        match answer.flaw {
            Some(Flaw::WrongMac) => return Meaning::Nothing(Why::WrongMac),
            Some(Flaw::Mismatch) => return Meaning::Nothing(Why::Mismatch),
            None => {}
        }
        let asked = self.leg.asked;
        match codes::proves(answer.code) {
            Proves::Done => match answer.amount {
                Some(amount) if amount != asked => Meaning::Nothing(Why::Mismatch),
                Some(_) | None => Meaning::Done(asked),
            },
            Proves::DoneInPart => match answer.amount {
                Some(part) if part.currency == asked.currency && (1..=asked.minor).contains(&part.minor) => {
                    Meaning::Done(part)
                }
                Some(_) | None => Meaning::Nothing(Why::Mismatch),
            },
            Proves::NotDone => Meaning::NotDone,
            // "No original" refuses a void, refund or completion; 22 may mean that it is done already.
            Proves::Original if self.leg.kind.refers() && answer.code == Code(*b"25") => Meaning::NotDone,
            Proves::Original | Proves::Nothing => Meaning::Nothing(Why::ProvesNothing),
        }
    }

    fn reversal_answered(&mut self, code: Code) {
        let leg = self.leg;
        let Some(undo) = leg.undo else { return };
        let closed = match undo.state {
            UndoState::Closed => true,
            UndoState::Running | UndoState::Clearing => false,
        };
        let meaning = match &code.0 {
            b"00" if !closed => ReversalMeaning::Undone,
            b"94" if !closed && undo.copies > 1 && !undo.refused => ReversalMeaning::Undone,
            _ if closed || undo.state == UndoState::Clearing => ReversalMeaning::Again,
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

    /// 25 or 12 to a reversal. The first closes nothing: the original may still be on its way. A second one closes
    /// the matter if its copy left when nothing could be under way any more.
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

    fn never_sent(&mut self) {
        let leg = self.leg;
        let first_copy = leg.request.is_some_and(|request| request.repeats == 0);
        if leg.issuer != Issuer::Unknown || !first_copy || leg.undo.is_some() || leg.bank.is_some() {
            return;
        }
        self.out.push(Fact::NeverSent { leg: self.no });
        if leg.told.is_none() {
            self.tell(Code(*b"91"));
        }
    }

    fn terminal_reversed(&mut self, reason: Option<Code>) {
        let leg = self.leg;
        let (answer, against_proof) = match (leg.direction, leg.kind.heal()) {
            _ if leg.tombstone => (Code(*b"25"), false),
            (Direction::Open | Direction::Keep, Heal::Insist | Heal::Forget) => (Code(*b"12"), false),
            (Direction::Keep, Heal::Reverse) if leg.knows.is_some_and(Knowledge::is_proof) => {
                (Code(*b"12"), true)
            }
            (Direction::Open | Direction::Keep | Direction::Return, Heal::Reverse)
            | (Direction::Return, Heal::Insist | Heal::Forget) => (Code::APPROVED, false),
        };
        self.out.push(Fact::TerminalReversed { leg: self.no, reason, answer });
        if against_proof {
            self.case(Case::ReversedAgainstProof);
        }
        if answer != Code::APPROVED || leg.direction == Direction::Return {
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

    fn unwritten(&mut self) {
        let leg = self.leg;
        let approval_lost = leg.stands() && leg.merchant == Merchant::Told;
        if !approval_lost || leg.kind.heal() != Heal::Reverse {
            return;
        }
        self.turn(Direction::Return, Why::NotReachable);
        self.learn(false, Knowledge::NeverTold);
        self.reverse(Why::NotReachable);
    }

    fn known(&mut self, by: Knowledge) {
        let leg = self.leg;
        if leg.direction != Direction::Keep || leg.issuer != Issuer::Done {
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
        let enough = by.is_proof()
            || match by {
                Knowledge::NextTransaction | Knowledge::EqualTotals => {
                    self.rules.certified && leg.merchant == Merchant::Told
                }
                Knowledge::Policy => true,
                Knowledge::Confirmed
                | Knowledge::Signature
                | Knowledge::Quoted
                | Knowledge::Upload
                | Knowledge::Person
                | Knowledge::NeverTold
                | Knowledge::Reversed => false,
            };
        if enough {
            self.learn(true, by);
        } else {
            self.out.push(Fact::Questioned { leg: self.no, by });
        }
    }

    /// After a restart a request without an answer goes to return; a committed approval stays told.
    fn restarted(&mut self) {
        let leg = self.leg;
        if leg.issuer != Issuer::Unknown || leg.request.is_none() || leg.undo.is_some() {
            return;
        }
        match leg.kind.heal() {
            Heal::Reverse => {
                if leg.direction == Direction::Open {
                    self.turn(Direction::Return, Why::Restarted);
                }
                self.reverse(leg.why.unwrap_or(Why::Restarted));
            }
            Heal::Insist => self.insist(),
            Heal::Forget => self.forget(),
        }
    }

    fn due(&mut self) {
        let leg = self.leg;
        if let Some(undo) = leg.undo
            && undo.state == UndoState::Running
            && undo.next <= self.now
        {
            if self.now.business_day() > leg.opened.business_day() {
                self.out.push(Fact::LeftToClearing { leg: self.no, until: self.clearing() });
            } else {
                let next = self.again(undo.copies);
                self.out.push(Fact::ReversingAgain { leg: self.no, at: self.now, next });
            }
            return;
        }
        if leg.issuer == Issuer::Unknown
            && leg.undo.is_none()
            && let Some(request) = leg.request
            && request.next <= self.now
        {
            match (leg.kind.heal(), leg.direction) {
                (Heal::Reverse | Heal::Insist | Heal::Forget, Direction::Open) => {
                    self.tell_unknown_and_heal(Why::NoAnswer);
                }
                (Heal::Reverse, Direction::Keep | Direction::Return) => {
                    self.reverse(leg.why.unwrap_or(Why::NoAnswer));
                }
                (Heal::Insist, Direction::Keep | Direction::Return) => self.insist(),
                (Heal::Forget, Direction::Keep | Direction::Return) => self.forget(),
            }
            return;
        }
        if leg.clearing.is_some_and(|until| until <= self.now) {
            if leg.case.is_none() && leg.issuer != Issuer::NotDone {
                self.case(Case::ClearingSilent);
            }
            self.out.push(Fact::Postponed { leg: self.no, until: self.now.business_day().next().cut() });
            return;
        }
        let cut = leg.opened.business_day().cut();
        if leg.direction == Direction::Keep && leg.issuer == Issuer::Done && cut <= self.now {
            match leg.merchant {
                Merchant::Waiting | Merchant::Told if self.rules.keep_at_cut => {
                    self.learn(true, Knowledge::Policy);
                }
                Merchant::Waiting | Merchant::Told => {
                    self.turn(Direction::Return, Why::NotReachable);
                    if leg.merchant == Merchant::Told {
                        self.learn(false, Knowledge::Policy);
                    }
                    self.case(Case::CreditAdjustment);
                }
                Merchant::Has | Merchant::No => {}
            }
        }
    }

    fn tell_unknown_and_heal(&mut self, why: Why) {
        let untold = self.leg.told.is_none();
        match self.leg.kind.heal() {
            Heal::Reverse => {
                self.turn(Direction::Return, why);
                if untold {
                    self.tell(self.rules.unknown);
                }
                self.reverse(why);
            }
            Heal::Insist => {
                if untold {
                    self.tell(self.rules.unknown);
                }
                self.insist();
            }
            Heal::Forget => {
                if untold {
                    self.tell(Code(*b"91"));
                }
                self.forget();
            }
        }
    }

    fn insist(&mut self) {
        let repeats = self.leg.request.map_or(0, |request| request.repeats);
        let next = self.again(repeats.saturating_add(1));
        self.out.push(Fact::Repeated { leg: self.no, next });
    }

    /// An inquiry without an answer moved nothing.
    fn forget(&mut self) {
        self.out.push(Fact::NeverSent { leg: self.no });
    }

    fn reverse(&mut self, why: Why) {
        match self.leg.kind.heal() {
            Heal::Reverse => {}
            Heal::Insist | Heal::Forget => return,
        }
        let at = self.now;
        match self.leg.undo {
            Some(undo) => {
                let next = self.again(undo.copies);
                self.out.push(Fact::ReversingAgain { leg: self.no, at, next });
            }
            None => {
                let (key, next) = (self.supply.key(), self.again(0));
                self.out.push(Fact::Reversing { leg: self.no, key, reason: why.reversal_reason(), at, next });
            }
        }
    }

    /// When to try again after so many copies: doubled each time up to a bound, up to a quarter earlier by chance,
    /// so that what broke together does not come back together.
    fn again(&mut self, copies: u16) -> Moment {
        let doubled = self.rules.backoff_first.saturating_mul(1 << copies.min(20));
        let pause = doubled.min(self.rules.backoff_most);
        let chance = i64::from(self.supply.chance());
        assert!((0..1_000).contains(&chance), "chance is a number from 0 to 999");
        self.now.after(pause - pause / 4 * chance / 1_000)
    }

    /// Clearing decides with the files of this day and the next.
    fn clearing(&self) -> Moment {
        self.now.business_day().next().cut().after(self.rules.clearing_after)
    }

    fn say(&mut self, answer: &Answer, meaning: Meaning) {
        self.out.push(Fact::Answered { leg: self.no, said: answer.said.clone(), meaning });
    }

    fn turn(&mut self, to: Direction, why: Why) {
        self.out.push(Fact::Turned { leg: self.no, to, why });
    }

    fn tell(&mut self, code: Code) {
        self.out.push(Fact::Told { leg: self.no, code });
    }

    fn learn(&mut self, has: bool, by: Knowledge) {
        self.out.push(Fact::Learned { leg: self.no, has, by });
    }

    fn case(&mut self, case: Case) {
        self.out.push(Fact::CaseOpened { leg: self.no, case });
    }
}
