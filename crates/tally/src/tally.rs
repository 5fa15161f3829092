//! A tally: one payment as two halves. It is changed by facts and by nothing else.

use crate::{
    books::{self, Posting},
    codes::{self, Proves},
    duty::{self, Duty},
    fact::{Fact, MaskedPan, Meaning, Opened, ReversalMeaning},
    ids::{CardToken, Code, MerchantNo, Shard, TallyId},
    leg::{
        Direction, Heal, Issuer, Knowledge, Leg, LegNo, Merchant, Moves, Request, Undo, UndoState, View, Why,
    },
    money::{Money, MoneyError},
    time::Moment,
};
use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most legs that one payment may have: a sale and its refunds, or a pre-authorisation and what follows.
pub const MOST_LEGS: usize = 64;

/// One payment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tally {
    pub id: TallyId,
    pub merchant: MerchantNo,
    pub card: CardToken,
    pub masked: MaskedPan,
    pub opened: Moment,
    legs: Vec<Leg>,
}

/// The issuer's half of the whole payment.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerHalf {
    Untouched,
    Unknown,
    Declined,
    Held,
    Charged,
    Returned,
}

/// Both halves of a payment in figures, summed over its legs.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Halves {
    pub issuer: IssuerHalf,
    pub held: Money,
    /// What the bank is known to have taken, returned or not.
    pub charged: Money,
    /// What of it the bank is known to have given back.
    pub returned: Money,
    /// What the merchant has of it, told approvals included, voids and refunds taken off.
    pub sale: Money,
}

/// Why a fact cannot follow on the facts before it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Impossible {
    #[error("the payment has no leg {0:?}")]
    NoLeg(LegNo),
    #[error("the payment has {MOST_LEGS} legs already")]
    TooManyLegs,
    #[error("the first fact must be an opening, not `{0}`")]
    NotOpened(&'static str),
    #[error("`{fact}` cannot follow while leg {leg:?} is {issuer:?}, {direction:?}")]
    State { fact: &'static str, leg: LegNo, issuer: Issuer, direction: Direction },
    #[error("leg {0:?} would return more than was charged")]
    TooMuchBack(LegNo),
    #[error("leg {0:?} is unmatched and has no duty")]
    NoDuty(LegNo),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Tally {
    /// A payment from its first fact.
    pub fn open(id: TallyId, at: Moment, opened: &Opened) -> Result<Tally, Impossible> {
        let mut tally = Tally {
            id,
            merchant: opened.identity.till.merchant,
            card: opened.card,
            masked: opened.masked.clone(),
            opened: at,
            legs: Vec::new(),
        };
        tally.push(at, opened)?;
        Ok(tally)
    }

    /// A payment from its whole history. Duties are checked at the end of each moment's facts, as when committed.
    pub fn replay<'a>(
        id: TallyId,
        mut facts: impl Iterator<Item = (Moment, &'a Fact)>,
    ) -> Result<Tally, Impossible> {
        let mut tally = match facts.next() {
            Some((at, Fact::Opened(opened))) => Tally::open(id, at, opened)?,
            Some((_, other)) => return Err(Impossible::NotOpened(other.name())),
            None => return Err(Impossible::NotOpened("nothing")),
        };
        for (at, fact) in facts {
            tally.apply(at, fact)?;
        }
        tally.check()?;
        Ok(tally)
    }

    pub fn shard(&self) -> Shard {
        Shard::of(self.merchant)
    }

    pub fn legs(&self) -> impl DoubleEndedIterator<Item = (LegNo, &Leg)> {
        // The bound on legs keeps the index within a byte.
        self.legs.iter().enumerate().map(|(n, leg)| (LegNo(n as u8), leg))
    }

    pub fn leg(&self, no: LegNo) -> Result<&Leg, Impossible> {
        self.legs.get(usize::from(no.0)).ok_or(Impossible::NoLeg(no))
    }

    /// The first leg: what the payment is.
    pub fn first(&self) -> &Leg {
        &self.legs[0]
    }

    /// The place that the next leg will take.
    pub fn next_leg(&self) -> LegNo {
        LegNo(self.legs.len() as u8)
    }

    /// Everything that must be done about this payment, and when.
    pub fn duties(&self) -> Vec<Duty> {
        self.legs().flat_map(|(no, leg)| duty::duties(no, leg)).collect()
    }

    /// What a transition from `before` (none: it was not there) to here posts.
    pub fn postings(&self, before: Option<&Tally>) -> Result<Vec<Posting>, MoneyError> {
        books::postings(before, self)
    }

    /// The payer is charged exactly if, and exactly as much as, the merchant has a sale.
    pub fn matched(&self) -> bool {
        self.legs.iter().all(Leg::matched)
    }

    pub fn halves(&self) -> Result<Halves, MoneyError> {
        let zero = Money::zero(self.first().asked.currency);
        let mut halves =
            Halves { issuer: IssuerHalf::Untouched, held: zero, charged: zero, returned: zero, sale: zero };
        let mut unknown = false;
        let mut declined = false;
        for (no, leg) in self.legs() {
            unknown |= leg.issuer == Issuer::Unknown;
            declined |= leg.issuer == Issuer::NotDone;
            let done = leg.issuer == Issuer::Done;
            let has = match leg.merchant {
                Merchant::Told | Merchant::Has => true,
                Merchant::Waiting | Merchant::No => false,
            };
            match leg.kind.moves() {
                Moves::Charge => {
                    if done {
                        halves.charged = halves.charged.plus(leg.amount)?;
                    }
                    let approved = leg.bank.as_ref().is_some_and(|said| codes::approves(said.code));
                    if leg.issuer == Issuer::Undone && approved {
                        halves.charged = halves.charged.plus(leg.amount)?;
                        halves.returned = halves.returned.plus(leg.amount)?;
                    }
                    if has {
                        halves.sale = halves.sale.plus(leg.amount)?;
                    }
                }
                Moves::GiveBack | Moves::Refund => {
                    if done {
                        halves.returned = halves.returned.plus(leg.amount)?;
                    }
                    if has {
                        halves.sale = halves.sale.minus(leg.amount)?;
                    }
                }
                Moves::Hold => {
                    if done && !self.released(no) {
                        halves.held = halves.held.plus(leg.amount)?;
                    }
                }
                Moves::Release | Moves::Nothing => {}
            }
        }
        let undone = self.legs.iter().any(|leg| {
            let released = leg.kind.moves() == Moves::Release && leg.stands();
            leg.issuer == Issuer::Undone || released
        });
        halves.issuer = if unknown {
            IssuerHalf::Unknown
        } else if halves.charged.minor > halves.returned.minor {
            IssuerHalf::Charged
        } else if halves.held.minor > 0 {
            IssuerHalf::Held
        } else if halves.returned.minor > 0 || undone {
            IssuerHalf::Returned
        } else if declined {
            IssuerHalf::Declined
        } else {
            IssuerHalf::Untouched
        };
        Ok(halves)
    }

    /// What people see of the whole payment: its worst open leg; else that all of it was given back; else its first.
    pub fn view(&self) -> View {
        let open = self.legs.iter().map(Leg::view).filter(|view| match view {
            View::Processing | View::Unknown | View::Returning | View::UnderReview => true,
            View::Approved | View::Declined | View::Returned => false,
        });
        let returned = || self.halves().is_ok_and(|halves| halves.issuer == IssuerHalf::Returned);
        match open.max() {
            Some(view) => view,
            None if returned() => View::Returned,
            None => self.first().view(),
        }
    }

    /// Whether something that acts on this leg was done, or may yet prove to have been.
    pub fn followed(&self, no: LegNo) -> bool {
        self.legs.iter().any(|leg| leg.of == Some(no) && matches!(leg.issuer, Issuer::Unknown | Issuer::Done))
    }

    /// Whether what this leg holds is let go: voided, or completed by what was not voided itself.
    pub fn released(&self, hold: LegNo) -> bool {
        self.legs().any(|(no, other)| {
            other.of == Some(hold)
                && other.issuer == Issuer::Done
                && match other.kind.moves() {
                    Moves::Release => true,
                    Moves::Charge => !self.voided(no) && !mutant!(ForgetsToLetTheHoldGo),
                    Moves::Hold | Moves::GiveBack | Moves::Refund | Moves::Nothing => false,
                }
        })
    }

    /// Whether all that this leg took was given back by a void that stands.
    pub fn voided(&self, no: LegNo) -> bool {
        self.legs.iter().any(|leg| leg.of == Some(no) && leg.kind.moves() == Moves::GiveBack && leg.stands())
    }

    /// The sum of this leg's refunds that stand or may stand: unknown ones reserve their amount.
    pub fn refunded(&self, of: LegNo) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.first().asked.currency);
        self.legs
            .iter()
            .filter(|leg| leg.of == Some(of) && leg.kind.moves() == Moves::Refund)
            .filter(|leg| matches!(leg.issuer, Issuer::Unknown | Issuer::Done))
            .try_fold(zero, |sum, leg| sum.plus(leg.amount))
    }

    /// Changes this payment by one fact. On an error the payment must be dropped: it may be half changed.
    pub fn apply(&mut self, at: Moment, fact: &Fact) -> Result<(), Impossible> {
        let Some(no) = fact.leg() else {
            return match fact {
                Fact::Opened(opened) => self.push(at, opened),
                other => Err(Impossible::NotOpened(other.name())),
            };
        };
        let leg = self.legs.get_mut(usize::from(no.0)).ok_or(Impossible::NoLeg(no))?;
        let wrong =
            Impossible::State { fact: fact.name(), leg: no, issuer: leg.issuer, direction: leg.direction };
        let require = |condition: bool| if condition { Ok(()) } else { Err(wrong.clone()) };
        match fact {
            Fact::Opened(_) => unreachable!("an opening names no leg"),
            Fact::Requested { link, key, next, .. } => {
                require(leg.request.is_none() && leg.issuer == Issuer::Untouched && !leg.tombstone)?;
                leg.request = Some(Request { link: *link, key: *key, repeats: 0, next: *next });
                leg.issuer = Issuer::Unknown;
            }
            Fact::Repeated { next, .. } => {
                require(leg.issuer == Issuer::Unknown && leg.kind.heal() == Heal::Insist)?;
                let request = leg.request.as_mut().ok_or(Impossible::NoLeg(no))?;
                request.repeats = request.repeats.saturating_add(1);
                request.next = *next;
            }
            Fact::NeverSent { .. } => {
                require(leg.undo.is_none() && (leg.bank.is_none() || leg.kind.heal() == Heal::Forget))?;
                require(matches!(leg.issuer, Issuer::Untouched | Issuer::Unknown))?;
                leg.issuer = Issuer::Untouched;
                leg.merchant = Merchant::No;
                leg.direction = Direction::Return;
                leg.why.get_or_insert(Why::NeverSent);
                leg.knows = Some(Knowledge::NeverTold);
            }
            Fact::Answered { said, meaning, .. } => {
                require(leg.request.is_some())?;
                match meaning {
                    Meaning::Done(amount) => {
                        require(leg.issuer == Issuer::Unknown)?;
                        if let Some(undo) = leg.undo.as_mut() {
                            undo.counts_from_now();
                        }
                        leg.issuer = Issuer::Done;
                        leg.amount = *amount;
                        leg.bank = Some(said.clone());
                    }
                    Meaning::DoneLate(amount) => {
                        require(leg.direction == Direction::Return)?;
                        require(matches!(leg.issuer, Issuer::Untouched | Issuer::NotDone | Issuer::Undone))?;
                        if let Some(undo) = leg.undo.as_mut() {
                            undo.counts_from_now();
                        }
                        leg.issuer = Issuer::Done;
                        leg.owed = true;
                        leg.clearing = None;
                        leg.amount = *amount;
                        leg.bank = Some(said.clone());
                    }
                    Meaning::NotDone => {
                        require(leg.issuer == Issuer::Unknown)?;
                        leg.issuer = Issuer::NotDone;
                        leg.clearing = None;
                        leg.bank = Some(said.clone());
                        if let Some(undo) = leg.undo.as_mut() {
                            undo.state = UndoState::Closed;
                        }
                    }
                    Meaning::Nothing(_) => {
                        require(leg.issuer == Issuer::Unknown)?;
                        // It may have been an approval.
                        if let Some(undo) = leg.undo.as_mut() {
                            undo.counts_from_now();
                        }
                        leg.bank = Some(said.clone());
                    }
                    Meaning::Again => {}
                }
            }
            Fact::Turned { to, why, .. } => {
                let allowed = match (leg.direction, to) {
                    (Direction::Open, Direction::Keep) => leg.issuer == Issuer::Done,
                    (Direction::Open | Direction::Keep, Direction::Return) => true,
                    (Direction::Open | Direction::Keep | Direction::Return, Direction::Open)
                    | (Direction::Keep | Direction::Return, Direction::Keep)
                    | (Direction::Return, Direction::Return) => false,
                };
                require(allowed)?;
                leg.direction = *to;
                leg.why = Some(*why);
                if *to == Direction::Keep {
                    leg.clearing = None;
                }
                if *to == Direction::Return && leg.merchant == Merchant::Waiting {
                    leg.merchant = Merchant::No;
                    leg.knows = Some(Knowledge::NeverTold);
                }
            }
            Fact::Reversing { key, reason, at, next, .. } => {
                require(leg.undo.is_none() && leg.direction == Direction::Return)?;
                require(leg.kind.heal() == Heal::Reverse)?;
                leg.undo = Some(Undo {
                    key: *key,
                    reason: *reason,
                    copies: 1,
                    last_sent: *at,
                    next: *next,
                    refused: false,
                    unread: 0,
                    closes_from: None,
                    before_closing: 1,
                    answers: 0,
                    vain: 0,
                    before_approval: 0,
                    state: UndoState::Running,
                });
            }
            Fact::ReversingAgain { at, next, .. } => {
                require(leg.direction == Direction::Return)?;
                let undo = leg.undo.as_mut().ok_or(Impossible::NoLeg(no))?;
                undo.copies = undo.copies.saturating_add(1);
                undo.last_sent = *at;
                undo.next = *next;
                if undo.closes_from.is_none_or(|from| *at < from) {
                    undo.before_closing = undo.copies;
                }
                undo.state = match undo.state {
                    UndoState::Late => UndoState::Late,
                    UndoState::Running | UndoState::Closed | UndoState::Clearing => UndoState::Running,
                };
            }
            Fact::ReversalAnswered { code, meaning, .. } => {
                require(leg.direction == Direction::Return)?;
                let undo = leg.undo.as_mut().ok_or(Impossible::NoLeg(no))?;
                undo.answers = undo.answers.saturating_add(1);
                if *code != Code::DUPLICATE && codes::proves(*code) == Proves::Nothing {
                    undo.vain = undo.vain.saturating_add(1);
                }
                match *code {
                    Code::APPROVED => {}
                    Code::DUPLICATE if matches!(meaning, ReversalMeaning::AskAgain { .. }) => {}
                    Code::WRONG_MAC | Code::KEYS_DO_NOT_FIT => {
                        undo.unread = undo.unread.saturating_add(1);
                    }
                    _ => undo.refused = true,
                }
                match meaning {
                    ReversalMeaning::Undone => {
                        undo.state = UndoState::Closed;
                        leg.issuer = Issuer::Undone;
                        leg.owed = false;
                        leg.clearing = None;
                    }
                    ReversalMeaning::NeverDone { clearing } => {
                        undo.state = UndoState::Closed;
                        leg.issuer = Issuer::NotDone;
                        leg.clearing = Some(*clearing).filter(|_| !mutant!(ForgetsTheClearing));
                    }
                    ReversalMeaning::AskAgain { next, closes_from } => {
                        undo.next = *next;
                        if undo.closes_from.is_none() && closes_from.is_some() {
                            (undo.closes_from, undo.vain) = (*closes_from, 0);
                        }
                    }
                    ReversalMeaning::Clearing { until } => {
                        undo.state = UndoState::Clearing;
                        leg.clearing = Some(*until);
                    }
                    ReversalMeaning::Again => {}
                }
            }
            Fact::LeftToClearing { until, .. } => {
                if let Some(undo) = leg.undo.as_mut() {
                    require(undo.state == UndoState::Running)?;
                    undo.state = UndoState::Late;
                    undo.next = at;
                }
                leg.clearing = Some(*until);
            }
            Fact::TerminalReversed { .. } => {}
            Fact::Told { code, .. } => {
                leg.told = Some(*code);
                if codes::approves(*code) {
                    require(leg.direction == Direction::Keep && leg.issuer == Issuer::Done)?;
                    if leg.merchant == Merchant::Waiting {
                        leg.merchant =
                            if leg.kind.moves() == Moves::Nothing { Merchant::Has } else { Merchant::Told };
                    }
                }
            }
            Fact::Learned { has, by, .. } => {
                let kept = leg.direction == Direction::Keep && leg.issuer == Issuer::Done;
                require(if *has { kept } else { leg.direction == Direction::Return })?;
                leg.merchant = if *has { Merchant::Has } else { Merchant::No };
                leg.knows = Some(*by);
            }
            Fact::Questioned { .. } => leg.question = leg.question.or(Some(at)),
            Fact::Decided { .. } => {}
            Fact::Shown { shown, .. } => {
                leg.show(*shown).then_some(()).ok_or_else(|| wrong.clone())?;
            }
            Fact::CaseClosed { .. } => (leg.case, leg.asks) = (None, None),
            Fact::CaseOpened { case, .. } => {
                leg.case = Some(*case);
                leg.asks = Some(at.business_day().next().cut());
            }
            Fact::Postponed { until, .. } => {
                for waits in [&mut leg.clearing, &mut leg.asks] {
                    if waits.is_some_and(|due| due <= at) {
                        *waits = Some(*until);
                    }
                }
            }
        }
        Ok(())
    }

    /// What must hold of a payment whenever it is committed (promises 3 and 4). What the bank did after it had said
    /// that it had not (`owed`) is no remedy of ours: it has a duty of its own.
    pub fn check(&self) -> Result<(), Impossible> {
        for (no, leg) in self.legs() {
            if !leg.matched() && duty::duties(no, leg).is_empty() {
                return Err(Impossible::NoDuty(no));
            }
            if leg.kind.moves() == Moves::Charge {
                let back = self.given_back(no)?;
                let two_remedies = leg.direction == Direction::Return && back.minor > 0;
                if back.minor > leg.amount.minor.max(0) || two_remedies {
                    return Err(Impossible::TooMuchBack(no));
                }
            }
        }
        Ok(())
    }

    /// What voids and refunds of this leg gave back, or reserve.
    fn given_back(&self, of: LegNo) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.first().asked.currency);
        let ours = self.legs.iter().filter(|leg| leg.of == Some(of) && !leg.owed);
        ours.filter(|leg| match (leg.kind.moves(), leg.issuer) {
            (Moves::GiveBack | Moves::Refund, Issuer::Done) | (Moves::Refund, Issuer::Unknown) => true,
            (Moves::GiveBack, Issuer::Unknown)
            | (Moves::GiveBack | Moves::Refund, Issuer::Untouched | Issuer::NotDone | Issuer::Undone)
            | (Moves::Charge | Moves::Hold | Moves::Release | Moves::Nothing, _) => false,
        })
        .try_fold(zero, |sum, leg| sum.plus(leg.amount))
    }

    fn push(&mut self, at: Moment, opened: &Opened) -> Result<(), Impossible> {
        if self.legs.len() >= MOST_LEGS {
            return Err(Impossible::TooManyLegs);
        }
        if let Some(of) = opened.of {
            self.leg(of)?;
        }
        self.legs.push(Leg {
            kind: opened.kind,
            of: opened.of,
            identity: opened.identity,
            content: opened.content,
            rrn: opened.rrn,
            opened: at,
            asked: opened.amount,
            amount: opened.amount,
            takes_part: opened.takes_part,
            fee: opened.fee,
            entry: opened.entry.clone(),
            issuer: Issuer::Untouched,
            merchant: if opened.tombstone { Merchant::No } else { Merchant::Waiting },
            direction: if opened.tombstone { Direction::Return } else { Direction::Open },
            why: opened.tombstone.then_some(Why::TerminalReversed),
            request: None,
            bank: None,
            told: None,
            undo: None,
            owed: false,
            knows: opened.tombstone.then_some(Knowledge::Reversed),
            question: None,
            clearing: None,
            case: None,
            asks: None,
            tombstone: opened.tombstone,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
