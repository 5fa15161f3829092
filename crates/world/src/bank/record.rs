//! What the bank remembers, as its journal spells it: requests, outcomes, movements of money, reversals.

use super::code::Code;
use super::key::Key;
use super::text::{Card, Text};
use hefu_tally::{BusinessDay, Moment};
use serde::{Deserialize, Serialize};

/// One line of the journal: everything that one request, or one wake-up, changed. A line stands whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When, in the bank's (scaled) time.
    pub at: Moment,
    pub events: Vec<Event>,
}

/// One change of what the bank knows. The state is what its events make it, and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The first line of a book: scaled time runs from here.
    Opened {
        anchor: Moment,
    },
    /// A request was taken into the book; it is judged by a later event, mostly of the same line.
    Received(Request),
    /// A request was carried out or refused.
    Judged {
        of: Key,
        outcome: Outcome,
    },
    Moved(Movement),
    Stands {
        of: Key,
        standing: Standing,
    },
    /// A reversal came for the first time.
    Reversal(Reversal),
    /// A reversal came once more.
    ReversalAgain {
        of: Key,
    },
    /// A reversal was carried out; its repeats change nothing.
    ReversalDone {
        of: Key,
    },
    /// Something is to be done later.
    Planned {
        of: Key,
        due: Moment,
        task: Task,
    },
    /// It was done, or became needless.
    Settled {
        of: Key,
    },
    /// A PIN was tried: wrong tries add up until a right one.
    Pin {
        card: Card,
        right: bool,
    },
    /// A request that the bank, by the card's behaviour, did not see.
    Unseen {
        of: Key,
        card: Card,
    },
    /// A request was refused before it was taken into the book.
    Refused {
        code: Code,
    },
    /// A working key was replaced. The new one is kept as it came, under the master key.
    KeyChanged {
        key: WorkingKey,
        wrapped: String,
    },
    /// There was no connection on which the answer could leave.
    Undeliverable {
        of: Option<Key>,
    },
}

/// What a financial request asks for, told apart by MTI, DE3 and DE25.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sale,
    OfflineSale,
    PreAuthorisation,
    Completion,
    CompletionAdvice,
    VoidOfSale,
    VoidOfCompletion,
    VoidOfPreAuthorisation,
    Refund,
    BalanceInquiry,
}

/// A financial request as it came; without PIN, track and expiry, which are never kept.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub key: Key,
    pub kind: Kind,
    /// As first received: 0221 when an advice's first copy was lost.
    pub mti: u16,
    pub card: Card,
    pub processing: Text<6>,
    /// Fen; 0 for an inquiry.
    pub amount: i64,
    pub rrn: Text<12>,
    pub terminal: Text<8>,
    pub merchant: Text<15>,
    pub mcc: Text<4>,
    pub entry: Text<3>,
    pub condition: Text<2>,
    pub acquirer: Text<11>,
    pub forwarder: Text<11>,
    pub currency: Text<3>,
    /// DE38, by which a completion names its pre-authorisation.
    pub auth: Text<6>,
    /// DE90.
    pub original: Option<Key>,
    /// Whether it carried chip data (DE55).
    pub chip: bool,
}

/// How a request ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Whether the bank did what was asked, whatever it says.
    pub done: bool,
    /// What it says.
    pub code: Code,
    /// What was approved, in fen: half of it for a part approval, 0 when not done.
    pub amount: i64,
    /// DE38 of the answer.
    pub auth: Text<6>,
    /// The transaction that a void, refund or completion acted on.
    pub on: Option<Key>,
}

/// A movement in the bank's book.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    pub what: What,
    /// The payment whose money it is: the sale, not its void.
    pub of: Key,
    /// The message that caused it: the sale itself, its void, refund or reversal.
    pub by: Key,
    /// Fen, above 0.
    pub amount: i64,
    pub why: Why,
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Out of the account.
    Charge,
    /// Back into the account.
    Return,
    /// Still in the account, but not to be spent.
    Hold,
    /// A hold ends.
    Release,
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    Sale,
    OfflineSale,
    PreAuthorisation,
    Completion,
    Void,
    Refund,
    Reversal,
    /// A void was reversed: what it undid stands again.
    ReversalOfVoid,
    /// The bank's own fault: the same payment once more.
    SecondTime,
}

/// Whether a transaction that was done still stands.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    Stands,
    Voided {
        by: Key,
    },
    Reversed {
        by: Key,
    },
    /// A pre-authorisation that a completion used.
    Completed {
        by: Key,
    },
}

/// A reversal as it came: its own key, and which message it takes back.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reversal {
    pub key: Key,
    pub original: Key,
    pub card: Card,
    pub amount: i64,
    pub rrn: Text<12>,
    pub terminal: Text<8>,
    pub merchant: Text<15>,
}

/// What is left to do later about a request.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Send the answer.
    Answer,
    /// Carry it out and answer nothing.
    Process,
    /// Carry it out and answer.
    ProcessAndAnswer,
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingKey {
    Pin,
    Mac,
}

/// A request, what became of it, and its money.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    pub request: Request,
    /// Counts from 1 in the order of arrival.
    pub number: u64,
    pub received: Moment,
    /// The business day of arrival: DE15 of the answer, and the day in clearing.
    pub day: BusinessDay,
    /// `None` while the bank holds the request back.
    pub outcome: Option<Outcome>,
    pub standing: Standing,
    /// When a task about it is due.
    pub planned: Option<Moment>,
    pub charged: i64,
    pub returned: i64,
    pub held: i64,
    /// Charged or held a second time by the bank's own fault; no void or reversal gives it back.
    pub surplus: i64,
}

impl Kind {
    /// Sale and pre-authorisation: what a test card's behaviour speaks of unless its row says otherwise.
    pub fn is_payment(self) -> bool {
        match self {
            Kind::Sale | Kind::PreAuthorisation => true,
            Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => false,
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => false,
            Kind::Refund | Kind::BalanceInquiry => false,
        }
    }

    /// Whether it charges or holds; the others move the money of another payment, or none.
    pub fn takes_money(self) -> bool {
        match self {
            Kind::Sale | Kind::PreAuthorisation => true,
            Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => true,
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => false,
            Kind::Refund | Kind::BalanceInquiry => false,
        }
    }

    /// Whether it is an advice (0220): repeated until it is answered, never reversed.
    pub fn is_advice(self) -> bool {
        match self {
            Kind::OfflineSale | Kind::CompletionAdvice | Kind::Refund => true,
            Kind::Sale | Kind::PreAuthorisation | Kind::Completion | Kind::BalanceInquiry => false,
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => false,
        }
    }

    /// Whether it is a void.
    pub fn is_void(self) -> bool {
        match self {
            Kind::VoidOfSale | Kind::VoidOfCompletion | Kind::VoidOfPreAuthorisation => true,
            Kind::Sale | Kind::PreAuthorisation | Kind::BalanceInquiry => false,
            Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice | Kind::Refund => false,
        }
    }
}

impl Request {
    /// Whether a repeat under the same key asks for the same thing.
    pub fn same_content(&self, other: &Request) -> bool {
        // The MTI differs between an advice and its repeat; DE18, DE22 and DE55 may be built anew.
        let of = |r: &Request| {
            (r.key, r.kind, r.card, r.amount, r.rrn, r.terminal, r.merchant, r.currency, r.auth, r.original)
        };
        of(self) == of(other)
    }
}

impl Outcome {
    pub fn refused(code: Code) -> Outcome {
        Outcome { done: false, code, amount: 0, auth: Text::default(), on: None }
    }
}

impl Transaction {
    /// What the payer is charged at present, in fen.
    pub fn net(&self) -> i64 {
        self.charged - self.returned
    }

    /// The outcome, if the bank did what was asked.
    pub fn done(&self) -> Option<&Outcome> {
        self.outcome.as_ref().filter(|outcome| outcome.done)
    }
}
