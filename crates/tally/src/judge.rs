//! The judge: what a piece of evidence about one leg comes to mean. One function, one match, no clock and no dice:
//! the facts that it returns are all that follows. The rules are those of `in-doubt`; each arm says which.

mod answer;
mod decided;
mod merchant;
mod reversal;
mod time;

#[cfg(test)]
mod chaos;
#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
mod stories;

use crate::{
    fact::{Fact, Meaning},
    ids::{Code, LinkKey},
    leg::{BankSaid, Case, Direction, Heal, Knowledge, Leg, LegNo, Moves, NOTHING_CHARGED, Why},
    money::Money,
    tally::{Impossible, Tally},
    time::{HOUR, MINUTE, Moment, SECOND},
};
use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};

/// The times and choices that judging goes by; all milliseconds. Configuration of the link and the merchant.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// How long we wait for the bank's answer: between the bank's 50 s and the terminal's 60 s.
    pub answer_within: i64,
    /// How long after it was written down a request may still leave. One that is durable later stays here.
    pub leaves_within: i64,
    /// The longest time that a message can be on its way.
    pub transit: i64,
    /// How long a bank may hold a request that it says it has not.
    pub held: i64,
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
            leaves_within: 10 * SECOND,
            transit: MINUTE,
            held: 30 * SECOND,
            backoff_first: 5 * SECOND,
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
    /// The same, while the newest copy has not left yet: it is the answer to an earlier one.
    OlderCopyAnswered(Code),
    /// Surely nothing left for the bank: the line was down.
    NeverSent,
    /// The terminal reversed the transaction, with the reason of its F39.
    TerminalReversed(Option<Code>),
    /// The answer could not be written to the terminal at all.
    Unwritten,
    /// It became known that the merchant has it.
    Known(Knowledge),
    /// The cashier says at the terminal whether the sale stands.
    Confirmed(bool),
    /// A named person decided, and says why.
    Decided { decision: Decision, by: String, reason: String },
    /// We were started again.
    Restarted,
    /// A duty's time has come.
    Due,
    /// The same, but nothing can be sent now: the link is down, or has no place.
    DueInside,
}

/// What a named person decides about a leg, or a clearing file shows.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The merchant has it: goods are out.
    Has,
    /// The merchant does not have it.
    HasNot,
    /// The bank's books show it done.
    Done,
    /// The bank's books do not show it.
    NotDone,
    /// The bank's books show it given back.
    Undone,
    /// Somebody has looked, and nothing is left to do.
    Close,
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
    let mut facts = Facts { tally, no, leg, now, rules, supply, out: Vec::new() };
    match evidence {
        Evidence::Answered(answer) => facts.answered(answer),
        Evidence::ReversalAnswered(code) => facts.reversal_answered(*code, false),
        Evidence::OlderCopyAnswered(code) => facts.reversal_answered(*code, true),
        Evidence::NeverSent => facts.never_sent(),
        Evidence::TerminalReversed(reason) => facts.terminal_reversed(*reason),
        Evidence::Unwritten => facts.unwritten(),
        Evidence::Known(by) => facts.known(*by),
        Evidence::Confirmed(has) => facts.confirmed(*has),
        Evidence::Decided { decision, by, reason } => facts.decided(*decision, by, reason),
        Evidence::Restarted => facts.restarted(),
        Evidence::Due => facts.due(),
        Evidence::DueInside => facts.due_inside(),
    }
    Ok(facts.out)
}

/// The facts that follow, as they are found.
struct Facts<'a> {
    tally: &'a Tally,
    no: LegNo,
    leg: &'a Leg,
    now: Moment,
    rules: &'a Rules,
    supply: &'a mut dyn Supply,
    out: Vec<Fact>,
}

impl Facts<'_> {
    /// Nothing proves what became of the request: tell so, and set the healing going.
    fn unknown(&mut self, why: Why) {
        let untold = self.leg.told.is_none();
        match self.leg.kind.heal() {
            Heal::Reverse if why == Why::NoAnswer && mutant!(TakesSilenceForNotSent) => self.never_sent(),
            Heal::Reverse => {
                self.turn(Direction::Return, why);
                if untold {
                    self.tell(self.rules.unknown);
                }
                self.reverse(why);
            }
            // Its repeats come at their own times: a bank that refuses each at once must not be hammered.
            Heal::Insist => {
                if untold {
                    self.tell(self.rules.unknown);
                }
            }
            Heal::Forget => {
                if untold {
                    self.tell(NOTHING_CHARGED);
                }
                self.forget();
            }
        }
    }

    /// An inquiry without an answer moved nothing.
    fn forget(&mut self) {
        self.out.push(Fact::NeverSent { leg: self.no });
    }

    /// Sends the reversal, or another copy of it.
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
                let same = self
                    .leg
                    .request
                    .filter(|_| mutant!(ReversesUnderTheRequestsKey))
                    .map(|request| request.key);
                let (key, next) = (same.unwrap_or_else(|| self.supply.key()), self.again(0));
                self.out.push(Fact::Reversing { leg: self.no, key, reason: why.reversal_reason(), at, next });
            }
        }
    }

    /// When to try again after so many copies: doubled each time up to a bound, up to a quarter earlier by chance,
    /// so that what broke together does not come back together.
    fn again(&mut self, copies: u16) -> Moment {
        let doubled = self.rules.backoff_first.saturating_mul(1 << copies.min(20));
        let pause = doubled.min(self.rules.backoff_most);
        let pause = if mutant!(RepeatsWithoutPause) { 1 } else { pause };
        let chance = i64::from(self.supply.chance());
        assert!((0..1_000).contains(&chance), "chance is a number from 0 to 999");
        self.now.after(pause - pause / 4 * chance / 1_000)
    }

    /// Clearing decides with the files of this day and the next.
    fn clearing(&self) -> Moment {
        self.now.business_day().next().cut().after(self.rules.clearing_after)
    }

    /// The merchant's part is done whatever the bank says: goods are out, and the bank is only told.
    fn is_advice(&self) -> bool {
        self.leg.kind.heal() == Heal::Insist && self.leg.kind.moves() == Moves::Charge
    }

    fn say(&mut self, answer: &Answer, meaning: Meaning) {
        self.out.push(Fact::Answered { leg: self.no, said: answer.said.clone(), meaning });
    }

    fn turn(&mut self, to: Direction, why: Why) {
        self.out.push(Fact::Turned { leg: self.no, to, why });
    }

    fn tell(&mut self, code: Code) {
        let declines = mutant!(TellsUnknownAsDeclined) && code == self.rules.unknown;
        let code = if declines { Code(*b"05") } else { code };
        self.out.push(Fact::Told { leg: self.no, code });
    }

    fn learn(&mut self, has: bool, by: Knowledge) {
        self.out.push(Fact::Learned { leg: self.no, has, by });
    }

    fn case(&mut self, case: Case) {
        if self.leg.case != Some(case) {
            self.out.push(Fact::CaseOpened { leg: self.no, case });
        }
    }

    /// Evidence settled what a person had to look at, if it was one of these.
    fn close(&mut self, cases: &[Case]) {
        if self.leg.case.is_some_and(|case| cases.contains(&case)) {
            self.out.push(Fact::CaseClosed { leg: self.no });
        }
    }
}
