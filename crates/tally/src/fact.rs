//! Facts: the appended, numbered lines of history. A tally is what its facts say; nothing else changes it.

use crate::{
    ids::{CardToken, Code, ContentHash, LinkId, LinkKey, Rrn},
    judge::Decision,
    leg::{BankSaid, Case, Direction, Identity, Kind, Knowledge, LegNo, Why},
    money::Money,
    time::Moment,
};
use serde::{Deserialize, Serialize};

/// One line of a payment's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A transaction was taken on; the first of a payment opens it.
    Opened(Box<Opened>),
    /// Intent: the request is about to leave for the bank.
    Requested { leg: LegNo, link: LinkId, key: LinkKey, next: Moment },
    /// Intent: the request is about to be repeated (0221).
    Repeated { leg: LegNo, next: Moment },
    /// Surely nothing left for the bank.
    NeverSent { leg: LegNo },
    /// The bank answered the request.
    Answered { leg: LegNo, said: BankSaid, meaning: Meaning },
    /// The leg turned to keep or return.
    Turned { leg: LegNo, to: Direction, why: Why },
    /// Intent: the first copy of the reversal is about to leave (0420).
    Reversing { leg: LegNo, key: LinkKey, reason: u16, at: Moment, next: Moment },
    /// Intent: another copy is about to leave (0421).
    ReversingAgain { leg: LegNo, at: Moment, next: Moment },
    /// The bank answered the reversal.
    ReversalAnswered { leg: LegNo, code: Code, meaning: ReversalMeaning },
    /// The repeats ended without proof: clearing decides.
    LeftToClearing { leg: LegNo, until: Moment },
    /// The terminal asked to reverse the leg, and was answered.
    TerminalReversed { leg: LegNo, reason: Option<Code>, answer: Code },
    /// The terminal is about to be told.
    Told { leg: LegNo, code: Code },
    /// It became known what the merchant half has.
    Learned { leg: LegNo, has: bool, by: Knowledge },
    /// A presumption that is not enough for this terminal's model.
    Questioned { leg: LegNo, by: Knowledge },
    /// A person must look.
    CaseOpened { leg: LegNo, case: Case },
    /// What a person had to look at is settled.
    CaseClosed { leg: LegNo },
    /// A named person decided; what follows stands after it.
    Decided { leg: LegNo, decision: Decision, by: String, reason: String },
    /// The bank's books show what became of it.
    Shown { leg: LegNo, shown: Shown },
    /// A duty's time came, and it cannot be done now.
    Postponed { leg: LegNo, until: Moment },
}

/// What an answer to a request came to mean, all things considered.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Done, for this amount.
    Done(Money),
    NotDone,
    /// Nothing is proved.
    Nothing(Why),
    /// Done, after it had been settled as not done: one more reversal.
    DoneLate(Money),
    /// Says what is known already.
    Again,
}

/// What the bank's books show of a leg that no answer settled.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Done.
    Done,
    /// Done, after it had been settled as not done.
    DoneLate,
    /// A void or its like: done, and it stands, whatever was sent to reverse it.
    Stands,
    NotDone,
    /// Done, and given back.
    Undone,
}

/// What an answer to a reversal came to mean.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReversalMeaning {
    Undone,
    /// "No original" twice, the second time when nothing could be on its way any more. Clearing is to confirm it.
    NeverDone {
        clearing: Moment,
    },
    /// Ask again then; a "no original" to a copy sent from `closes_from` on closes the matter.
    AskAgain {
        next: Moment,
        closes_from: Option<Moment>,
    },
    /// Only clearing can decide.
    Clearing {
        until: Moment,
    },
    /// Adds nothing.
    Again,
}

/// All that is kept of a transaction's request. The expiry, the track, the PIN have no field here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<LegNo>,
    pub identity: Identity,
    pub content: ContentHash,
    pub rrn: Rrn,
    pub amount: Money,
    pub takes_part: bool,
    pub fee: u16,
    /// Entry mode, 3 digits (F22).
    pub entry: String,
    /// Chip data by allow-list, never tags 57, 5A, 5F20.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::hexed")]
    pub chip: Vec<u8>,
    pub card: CardToken,
    pub masked: MaskedPan,
    /// Stands for a reversal whose original was never seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tombstone: bool,
}

/// A card number as people may see it: the first six and the last four digits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaskedPan(String);

impl MaskedPan {
    /// From the first six and last four digits and the number's length.
    ///
    /// # Panics
    /// When the length is not that of a card number (12 to 19) or the parts are not digits.
    pub fn new(bin6: &str, last4: &str, length: usize) -> MaskedPan {
        assert!((12..=19).contains(&length) && bin6.len() == 6 && last4.len() == 4, "shape of a card number");
        assert!(bin6.bytes().chain(last4.bytes()).all(|b| b.is_ascii_digit()), "digits of a card number");
        MaskedPan(format!("{bin6}{}{last4}", "*".repeat(length - 10)))
    }

    /// Stands where a message named no card.
    pub fn unnamed() -> MaskedPan {
        MaskedPan("*".repeat(16))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn last4(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }
}

impl Fact {
    /// The fact's name in the store and on pages.
    pub fn name(&self) -> &'static str {
        match self {
            Fact::Opened(_) => "opened",
            Fact::Requested { .. } => "requested",
            Fact::Repeated { .. } => "repeated",
            Fact::NeverSent { .. } => "never_sent",
            Fact::Answered { .. } => "answered",
            Fact::Turned { .. } => "turned",
            Fact::Reversing { .. } => "reversing",
            Fact::ReversingAgain { .. } => "reversing_again",
            Fact::ReversalAnswered { .. } => "reversal_answered",
            Fact::LeftToClearing { .. } => "left_to_clearing",
            Fact::TerminalReversed { .. } => "terminal_reversed",
            Fact::Told { .. } => "told",
            Fact::Learned { .. } => "learned",
            Fact::Questioned { .. } => "questioned",
            Fact::CaseOpened { .. } => "case_opened",
            Fact::CaseClosed { .. } => "case_closed",
            Fact::Decided { .. } => "decided",
            Fact::Shown { .. } => "shown",
            Fact::Postponed { .. } => "postponed",
        }
    }

    /// The leg that the fact is about; none for an opening, which makes its leg.
    pub fn leg(&self) -> Option<LegNo> {
        match self {
            Fact::Opened(_) => None,
            Fact::Requested { leg, .. }
            | Fact::Repeated { leg, .. }
            | Fact::NeverSent { leg }
            | Fact::Answered { leg, .. }
            | Fact::Turned { leg, .. }
            | Fact::Reversing { leg, .. }
            | Fact::ReversingAgain { leg, .. }
            | Fact::ReversalAnswered { leg, .. }
            | Fact::LeftToClearing { leg, .. }
            | Fact::TerminalReversed { leg, .. }
            | Fact::Told { leg, .. }
            | Fact::Learned { leg, .. }
            | Fact::Questioned { leg, .. }
            | Fact::CaseOpened { leg, .. }
            | Fact::CaseClosed { leg }
            | Fact::Decided { leg, .. }
            | Fact::Shown { leg, .. }
            | Fact::Postponed { leg, .. } => Some(*leg),
        }
    }
}
