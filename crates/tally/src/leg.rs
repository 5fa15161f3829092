//! A leg: one transaction upon a payment (the sale itself, a void of it, a refund …) with two halves of its own.

use crate::{
    codes::{self, Proves},
    fact::Shown,
    ids::{AuthCode, Code, ContentHash, LinkId, LinkKey, Rrn, Till},
    money::Money,
    time::Moment,
};
use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};

/// A leg's place in its payment, from 0.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegNo(pub u8);

/// What a transaction asks for.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sale,
    Void,
    Refund,
    PreAuth,
    PreAuthVoid,
    /// Completion of a pre-authorisation, asked of the bank.
    Completion,
    CompletionVoid,
    /// Completion of a pre-authorisation, told to the bank.
    CompletionAdvice,
    /// Taken by the terminal without asking, told afterwards.
    OfflineSale,
    /// Balance inquiry: moves no money.
    Inquiry,
}

/// How a transaction of unknown outcome is healed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Heal {
    /// Reverse it: what it did is undone, what it referred to stands.
    Reverse,
    /// Never reverse it: repeat it under the same keys until it is answered.
    Insist,
    /// Nothing moved; forget it.
    Forget,
}

/// What a transaction does to the payer's money.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Moves {
    /// Takes it.
    Charge,
    /// Holds it.
    Hold,
    /// Gives back all that another leg took.
    GiveBack,
    /// Gives back a part.
    Refund,
    /// Lets go what was held.
    Release,
    /// Nothing.
    Nothing,
}

impl Kind {
    /// All kinds, for tables and tests that must leave none out.
    pub const ALL: [Kind; 10] = [
        Kind::Sale,
        Kind::Void,
        Kind::Refund,
        Kind::PreAuth,
        Kind::PreAuthVoid,
        Kind::Completion,
        Kind::CompletionVoid,
        Kind::CompletionAdvice,
        Kind::OfflineSale,
        Kind::Inquiry,
    ];

    pub fn heal(self) -> Heal {
        match self {
            Kind::Sale
            | Kind::PreAuth
            | Kind::Completion
            | Kind::Void
            | Kind::PreAuthVoid
            | Kind::CompletionVoid => Heal::Reverse,
            Kind::CompletionAdvice if mutant!(ReversesAnAdvice) => Heal::Reverse,
            Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale => Heal::Insist,
            Kind::Inquiry => Heal::Forget,
        }
    }

    pub fn moves(self) -> Moves {
        match self {
            Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => Moves::Charge,
            Kind::PreAuth => Moves::Hold,
            Kind::Void | Kind::CompletionVoid => Moves::GiveBack,
            Kind::Refund => Moves::Refund,
            Kind::PreAuthVoid => Moves::Release,
            Kind::Inquiry => Moves::Nothing,
        }
    }

    /// Whether it acts on an earlier leg of the same payment.
    pub fn refers(self) -> bool {
        match self {
            Kind::Void
            | Kind::Refund
            | Kind::PreAuthVoid
            | Kind::Completion
            | Kind::CompletionVoid
            | Kind::CompletionAdvice => true,
            Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => false,
        }
    }

    /// Whether it counts in the terminal's settlement totals as debit, as credit, or not at all.
    pub fn settles_as(self) -> Option<Side> {
        match self {
            Kind::Sale | Kind::Completion | Kind::CompletionAdvice | Kind::OfflineSale => Some(Side::Debit),
            Kind::Void | Kind::CompletionVoid | Kind::Refund => Some(Side::Credit),
            Kind::PreAuth | Kind::PreAuthVoid | Kind::Inquiry => None,
        }
    }
}

/// A side of the settlement totals: debit = sales, completions, offline sales; credit = refunds and voids.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Side {
    Debit,
    Credit,
}

/// The issuer's half of a leg.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// Surely nothing of it ever reached the bank.
    Untouched,
    Unknown,
    /// Declined, or shown never to have been done.
    NotDone,
    /// Charged, held, given back: whatever the leg asks.
    Done,
    /// Done or not, it is undone now.
    Undone,
}

/// The merchant's half of a leg.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merchant {
    /// No approval was sent yet.
    Waiting,
    /// An approval was sent; not known to have arrived.
    Told,
    Has,
    No,
}

/// Where a leg is going. Keep may become return; return never becomes keep.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Open,
    Keep,
    Return,
}

/// Why a leg turned to keep or return.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The bank's answer proves it done.
    Approved,
    /// The bank's answer proves it not done.
    Declined,
    /// Our deadline passed without an answer.
    NoAnswer,
    /// The answer's code proves nothing.
    ProvesNothing,
    /// The answer carried a wrong MAC.
    WrongMac,
    /// The answer names another amount, terminal, trace or processing code than the request.
    Mismatch,
    /// Approved in part, and the terminal cannot take a part.
    PartNotTaken,
    /// The terminal reversed it.
    TerminalReversed,
    /// The approval could not be written to the terminal at all.
    NotReachable,
    /// We were started again while the request was unanswered.
    Restarted,
    /// Refused here, or the line was down: never sent.
    NeverSent,
    /// The merchant says that it has no such sale.
    MerchantDenied,
    /// The bank's books show it.
    Shown,
}

impl Why {
    /// The reason that the reversal carries in DE60.1 on the host link.
    pub fn reversal_reason(self) -> u16 {
        match self {
            Why::TerminalReversed | Why::PartNotTaken | Why::MerchantDenied => 4351,
            Why::ProvesNothing | Why::Mismatch | Why::Approved => 4353,
            Why::NoAnswer | Why::Restarted | Why::Declined | Why::NeverSent | Why::Shown => 4354,
            Why::WrongMac => 4355,
            Why::NotReachable => 4356,
        }
    }
}

/// How it is known what the merchant half has.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// Proof: the terminal confirmed it (last result).
    Confirmed,
    /// Proof: the cardholder's signature for it was uploaded.
    Signature,
    /// Proof: a void, refund or completion quoted its reference or authorisation code.
    Quoted,
    /// Proof: it stands in a completed batch upload.
    Upload,
    /// Proof: a named person says so.
    Person,
    /// Presumption: the terminal's next financial transaction or script result came without a reversal.
    NextTransaction,
    /// Presumption: the batch totals agree.
    EqualTotals,
    /// Nothing at all was heard for so long that it must be asked.
    Silence,
    /// A decision by the merchant's policy at the day cut.
    Policy,
    /// No approval was ever sent, so there is no sale.
    NeverTold,
    /// The terminal reversed it.
    Reversed,
}

impl Knowledge {
    /// Proof outweighs everything, a terminal's reversal included; presumption and policy yield to a reversal.
    pub fn is_proof(self) -> bool {
        match self {
            Knowledge::Confirmed
            | Knowledge::Signature
            | Knowledge::Quoted
            | Knowledge::Upload
            | Knowledge::Person => true,
            Knowledge::NextTransaction
            | Knowledge::EqualTotals
            | Knowledge::Silence
            | Knowledge::Policy
            | Knowledge::NeverTold
            | Knowledge::Reversed => false,
        }
    }
}

/// Why a person must look.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// The terminal reversed what it is proved to have.
    ReversedAgainstProof,
    /// The terminal reversed after the day cut: the money goes back by credit adjustment.
    CreditAdjustment,
    /// The first reversal was answered 94: another message uses its key.
    KeyClash,
    /// Two answers of the bank contradict each other.
    Contradiction,
    /// Clearing did not decide in its time.
    ClearingSilent,
    /// The terminal's batch holds a sale that the payer was not charged for.
    SaleWithoutCharge,
    /// A completed upload of the terminal's batch does not hold what it was told.
    MissingFromUpload,
    /// The bank answers again and again with what proves nothing.
    NotUnderstood,
}

/// A transaction's identity: MTI, F11, F41, F42, F60.2.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Identity {
    #[serde(flatten)]
    pub till: Till,
    /// The message class of the request: 100, 200 or 220.
    pub class: u16,
    pub batch: u32,
    pub trace: u32,
}

impl Identity {
    /// The handle under which the store keeps it: merchant, terminal, batch, trace, class, so that one batch of a
    /// terminal lies together.
    pub fn handle(&self) -> Vec<u8> {
        let mut handle = Identity::trace_handle(&self.till, self.batch, self.trace);
        handle.extend_from_slice(&self.class.to_be_bytes());
        handle
    }

    /// The common beginning of the handles of all transactions with this trace, whatever their class.
    pub fn trace_handle(till: &Till, batch: u32, trace: u32) -> Vec<u8> {
        let mut handle = Identity::batch_handle(till, batch);
        handle.extend_from_slice(&trace.to_be_bytes());
        handle
    }

    /// The common beginning of all handles of one batch.
    pub fn batch_handle(till: &Till, batch: u32) -> Vec<u8> {
        let mut handle = vec![b'T'];
        handle.extend_from_slice(&till.merchant.0);
        handle.extend_from_slice(&till.terminal.0);
        handle.extend_from_slice(&batch.to_be_bytes());
        handle
    }
}

/// Our request to the bank.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    pub link: LinkId,
    pub key: LinkKey,
    /// Repeats sent after the first (0221).
    pub repeats: u16,
    /// When something must be done if no answer came.
    pub next: Moment,
}

/// What the bank said to the request, as far as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BankSaid {
    pub at: Moment,
    pub code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthCode>,
    /// Settlement date `MMDD` (DE15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<String>,
    /// Issuer's chip data by allow-list (91, 71, 72).
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::hexed")]
    pub chip: Vec<u8>,
}

/// The reversal of a leg: one key for all copies.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Undo {
    pub key: LinkKey,
    /// DE60.1.
    pub reason: u16,
    /// Copies sent, the first included.
    pub copies: u16,
    pub last_sent: Moment,
    pub next: Moment,
    /// A copy was read by the bank and answered with a refusal.
    pub refused: bool,
    /// Answers that say that a copy's MAC did not fit (A0, 99): the bank believed nothing in it, so its key is not
    /// used.
    #[serde(default)]
    pub unread: u16,
    /// From when on a copy's "no original" closes the matter: set by the first "no original".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_from: Option<Moment>,
    /// Copies that left before `closes_from`: a denial may be the answer to one of them.
    #[serde(default)]
    pub before_closing: u16,
    /// Answers that came to copies of it, whatever they said.
    #[serde(default)]
    pub answers: u16,
    /// Those of them that say nothing about the original, since an approval or a first denial came: a newer copy,
    /// broken on its way, may have been answered so.
    #[serde(default)]
    pub vain: u16,
    /// Copies that had left when the bank's approval came, or an answer that could not be believed: their answers may
    /// be older than what it approved.
    #[serde(default)]
    pub before_approval: u16,
    pub state: UndoState,
}

impl Undo {
    /// An approval came, or may have: answers to the copies that have left prove nothing about it.
    pub(crate) fn counts_from_now(&mut self) {
        (self.before_approval, self.vain) = (self.copies, 0);
    }
}

/// How far a reversal has come.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoState {
    /// Repeated until it is answered.
    Running,
    /// Its day is over: clearing is asked, and it is repeated slowly all the same.
    Late,
    /// Answered with proof.
    Closed,
    /// Only clearing can decide.
    Clearing,
}

/// One transaction upon a payment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leg {
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<LegNo>,
    pub identity: Identity,
    pub content: ContentHash,
    pub rrn: Rrn,
    pub opened: Moment,
    /// What was asked; for a void, all that the original took.
    pub asked: Money,
    /// What counts: what was asked, or the part that was approved.
    pub amount: Money,
    /// The terminal can take a part approval (F60.6).
    pub takes_part: bool,
    /// The fee in basis points by the version of the business day of opening.
    pub fee: u16,
    /// Entry mode, 3 digits (F22).
    pub entry: String,
    pub issuer: Issuer,
    pub merchant: Merchant,
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankSaid>,
    /// What the terminal was last told (F39).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Charged after it had been settled as not charged: owed to the payer until undone again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knows: Option<Knowledge>,
    /// It was asked whether the merchant has it, since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Moment>,
    /// Waits for clearing, until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearing: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// When a person should have looked at the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Moment>,
    /// Stands for a reversal whose original was never seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tombstone: bool,
}

impl Leg {
    /// Both halves say the same.
    pub fn matched(&self) -> bool {
        if self.kind.moves() == Moves::Nothing {
            return self.issuer != Issuer::Unknown;
        }
        match (self.issuer, self.merchant) {
            (Issuer::Done, Merchant::Has) => true,
            (Issuer::Untouched | Issuer::NotDone | Issuer::Undone, Merchant::No) => true,
            (
                Issuer::Untouched | Issuer::NotDone | Issuer::Undone,
                Merchant::Has | Merchant::Told | Merchant::Waiting,
            )
            | (Issuer::Done, Merchant::No | Merchant::Told | Merchant::Waiting)
            | (Issuer::Unknown, Merchant::Has | Merchant::No | Merchant::Told | Merchant::Waiting) => false,
        }
    }

    /// The bank did it, nobody undid it, and nobody is about to.
    pub fn stands(&self) -> bool {
        self.issuer == Issuer::Done && self.direction == Direction::Keep
    }

    /// It may still come to be done: unknown, or under return and not yet undone.
    pub fn in_doubt(&self) -> bool {
        match self.issuer {
            Issuer::Unknown => true,
            Issuer::Done => self.direction == Direction::Return,
            Issuer::Untouched | Issuer::NotDone | Issuer::Undone => false,
        }
    }

    /// Takes on what the bank's books show. False when that cannot be said of a leg that stands so.
    pub(crate) fn show(&mut self, shown: Shown) -> bool {
        let back = self.direction == Direction::Return;
        let fits = match shown {
            Shown::Done => self.issuer == Issuer::Unknown || (self.issuer == Issuer::Done && back),
            Shown::DoneLate => back && matches!(self.issuer, Issuer::NotDone | Issuer::Undone),
            Shown::Stands => back && matches!(self.kind.moves(), Moves::GiveBack | Moves::Release),
            Shown::NotDone => matches!(self.issuer, Issuer::Unknown | Issuer::NotDone),
            Shown::Undone => back && matches!(self.issuer, Issuer::Unknown | Issuer::Done),
        };
        self.issuer = match shown {
            Shown::Done | Shown::DoneLate | Shown::Stands => Issuer::Done,
            Shown::NotDone => Issuer::NotDone,
            Shown::Undone => Issuer::Undone,
        };
        self.owed = shown == Shown::DoneLate || (self.owed && shown == Shown::Done);
        if shown == Shown::Stands {
            self.direction = Direction::Keep;
            self.merchant = Merchant::Has;
            self.knows = Some(Knowledge::Person);
        }
        self.clearing = None;
        if let Some(undo) = &mut self.undo {
            undo.state = UndoState::Closed;
        }
        fits
    }

    /// What people see of this leg. Derived, never stored.
    pub fn view(&self) -> View {
        if self.case.is_some() {
            return View::UnderReview;
        }
        match (self.issuer, self.direction) {
            (Issuer::Unknown, Direction::Open | Direction::Keep) => {
                if self.told.is_some() {
                    View::Unknown
                } else {
                    View::Processing
                }
            }
            (Issuer::Unknown, Direction::Return) | (Issuer::Done, Direction::Return) => View::Returning,
            (Issuer::Done, Direction::Keep | Direction::Open) => View::Approved,
            (Issuer::Undone, Direction::Open | Direction::Keep | Direction::Return) => View::Returned,
            (Issuer::NotDone | Issuer::Untouched, Direction::Open | Direction::Keep | Direction::Return) => {
                View::Declined
            }
        }
    }

    /// What a repeat of the request hears: the truth as of now. `unknown` is the code that this terminal's model
    /// is told for "unknown".
    pub fn truth(&self, unknown: Code) -> Code {
        if self.stands() || (mutant!(TellsAStaleApproval) && self.issuer == Issuer::Done) {
            return self.bank.as_ref().map_or(Code::APPROVED, |said| codes::told(said.code));
        }
        // A refusal once told stays told; an approval that no longer stands is never told again.
        if let Some(told) = self.told
            && told != unknown
            && !codes::approves(told)
        {
            return told;
        }
        match self.issuer {
            Issuer::Unknown | Issuer::Done | Issuer::Undone => unknown,
            Issuer::Untouched => NOTHING_CHARGED,
            Issuer::NotDone => {
                let declined = self.bank.as_ref().map(|said| said.code);
                declined.filter(|code| codes::proves(*code) == Proves::NotDone).unwrap_or(NOTHING_CHARGED)
            }
        }
    }
}

/// F39 for what surely charged nobody, by our own word.
pub const NOTHING_CHARGED: Code = Code(*b"91");

/// What people see: cashier, payer, merchant, console and notices alike.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    Processing,
    Approved,
    Declined,
    /// Do not charge again.
    Unknown,
    Returning,
    Returned,
    UnderReview,
}
