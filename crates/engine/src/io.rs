//! The engine's contract: what goes in and what comes out. All of it is values; the shell carries it out.

use crate::{decide::Status, secret::Secret};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Identity, Kind, LegNo, LinkId, LinkKey, MaskedPan, Moment, Money,
    Rrn, SealedCard, TallyId, Till,
    judge::Decision,
    link::Order,
    record::{Batch, Counter, DutyRow, LinkRow, Refused, TallyRow, TerminalRow},
};

/// Names a terminal's request until it is answered. The edge gives it; it is never used twice while we run.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Conversation(pub u64);

/// Everything that can happen to the engine.
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// A terminal's request, decoded and with a good MAC.
    Terminal { conversation: Conversation, till: Till, ask: Ask },
    /// An answer could not be written to the terminal at all.
    Unwritten { conversation: Conversation },
    /// An answer from a bank.
    Bank { link: LinkId, answer: BankAnswer },
    /// A message surely never left: no byte of it was written to the link.
    NeverSent { link: LinkId, key: LinkKey, rrn: Rrn },
    /// A link came up or went down.
    Link { link: LinkId, up: bool },
    /// A named person's order about a link; recorded, and in force from its commit on.
    Order { ticket: u64, link: LinkId, order: Order },
    /// A named person's decision about a payment.
    Decide { ticket: u64, decide: Box<Decide> },
    /// Somebody asks how the engine stands.
    Status { ticket: u64 },
    /// The house cannot take new payments on for now, or can again. Not recorded: whoever watches says it again.
    House { refuse: Option<Halt> },
    /// Something refused at the edge that must be on record (a broken frame, a wrong MAC): facts only.
    Note { till: Option<Till>, note: Note },
    /// The store read what was asked for.
    Loaded { load: Load, found: Found },
    /// A batch is durable, but for these of its entries.
    Committed { number: u64, refused: Vec<Refused> },
    /// A block of numbers was leased durably.
    Leased { counter: Counter, first: u64 },
    /// Time has passed.
    Time,
}

/// Everything that the engine wants done.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// Read this from the store and hand it in.
    Load(Load),
    /// Make this durable and say so. One batch at a time is under way.
    Commit(Batch),
    /// Lease a block of numbers durably.
    Lease(Counter),
    /// Send to the bank. What is sent is durable already.
    Send { link: LinkId, message: Box<BankRequest> },
    /// Answer the terminal. What is said is durable already.
    Reply { conversation: Conversation, reply: Box<Reply> },
    /// Call again then at the latest, for this reason.
    WakeAt { at: Moment, why: &'static str },
    /// A person should know.
    Alarm { what: String },
    /// To whoever came with this ticket.
    Answer { ticket: u64, answer: Box<Answer> },
}

/// What the store is asked to read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Load {
    Tally(TallyId, hefu_tally::Shard),
    Handle(hefu_tally::Shard, Vec<u8>),
    /// All payments with a handle that begins so, at most so many.
    Handles(hefu_tally::Shard, Vec<u8>, usize),
    Terminal(Till),
    /// All links' rows.
    Links,
    /// Payments opened since then that owe more than to hear the merchant, whenever it is due; at most so many.
    Doubts {
        since: Moment,
        limit: usize,
    },
    /// Payments with duties due by then, after this one, at most so many.
    Duties {
        after: Option<DutyRow>,
        due_by: Moment,
        limit: usize,
    },
}

/// What the store found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    Nothing,
    Tally(Box<TallyRow>, LegNo),
    Tallies(Vec<(TallyRow, LegNo)>),
    Terminal(TerminalRow),
    Links(Vec<LinkRow>),
    /// The payments that owe them (each once), and the last duty read, if there may be more.
    Owing {
        rows: Vec<TallyRow>,
        last: Option<DutyRow>,
    },
}

/// What a terminal asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    SignOn(SignOn),
    SignOff,
    Transact(Box<Transact>),
    Reverse(Box<Reverse>),
    Settle(Settle),
    Upload(Upload),
    /// The cardholder's signature for a transaction.
    Signature {
        identity_trace: u32,
        batch: u32,
        rrn: Option<Rrn>,
    },
    /// The result of the chip's script; a presumption about what came before.
    Script {
        batch: u32,
        trace: u32,
    },
    /// What became of a transaction? Asked with F60.3 390 and F61.
    LastResult {
        batch: u32,
        trace: u32,
    },
    /// The cashier says whether a sale stands. Asked for with a question, or given unasked (F60.3 391 and 392).
    Confirm {
        batch: u32,
        trace: u32,
        has: bool,
    },
}

/// What a person's order, decision or question came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is durable.
    Done,
    /// It was not taken, and changed nothing.
    Refused(&'static str),
    Status(Status),
}

/// Why the house takes no new payments on.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Halt {
    /// The store's disk is nearly full.
    DiskLow,
    /// Wall clock and monotonic clock disagree.
    ClockJumped,
    /// A person said so.
    ByHand,
}

/// A named person's decision about one leg of a payment: evidence, like a bank's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decide {
    /// The leg, by its reference.
    pub rrn: Rrn,
    pub decision: Decision,
    /// Who decided, and why; kept with the payment.
    pub by: String,
    pub reason: String,
}

/// A sign-on: the keys are made by the vault already, and take effect when this is committed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignOn {
    /// Working keys sealed by the vault for the store.
    pub wrapped: Vec<u8>,
    /// The same keys under the terminal's master key, as F62 of the answer.
    pub f62: Vec<u8>,
    /// The terminal's own batch number (F60.2); one that it lost reads 0.
    pub batch: u32,
}

/// A financial transaction as the terminal asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Transact {
    pub kind: Kind,
    pub identity: Identity,
    pub content: ContentHash,
    /// Minor units; zero for an inquiry.
    pub amount: Money,
    /// The route: the bank link that this card's payments take. The PIN block is encrypted for it.
    pub link: LinkId,
    pub card: CardToken,
    pub sealed: SealedCard,
    pub masked: MaskedPan,
    /// The transaction that it refers to, for all kinds that refer to one.
    pub original: Option<Original>,
    pub takes_part: bool,
    /// Entry mode, 3 digits (F22).
    pub entry: String,
    /// Chip data of the request as it goes to the bank (F55), and what of it may be kept.
    pub chip: Vec<u8>,
    pub chip_kept: Vec<u8>,
    /// Card sequence number, 3 digits (F23).
    pub card_sequence: Option<String>,
    /// PIN block under the link's key, track, expiry: passed through, never kept.
    pub secret: Secret,
}

/// What a transaction says of the one that it refers to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Original {
    pub rrn: Option<Rrn>,
    pub auth: Option<AuthCode>,
    /// F61.1 and F61.2.
    pub batch: Option<u32>,
    pub trace: Option<u32>,
}

/// A terminal's reversal (0400): names its original by identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Reverse {
    pub kind: Kind,
    /// The original's identity.
    pub identity: Identity,
    /// Reason, F39 of the 0400.
    pub reason: Option<Code>,
    /// What a tombstone needs, should the original never have been seen.
    pub content: ContentHash,
    pub amount: Money,
    /// None after a swipe: the track is gone, and the original is known by its identity alone.
    pub card: Option<NamedCard>,
    pub entry: String,
}

/// A card that a message names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedCard {
    pub token: CardToken,
    pub sealed: SealedCard,
    pub masked: MaskedPan,
}

/// Batch settlement: the terminal's totals (minor units, counts), domestic and foreign cards together.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Settle {
    pub batch: u32,
    pub debit: i64,
    pub debits: u32,
    pub credit: i64,
    pub credits: u32,
}

/// Batch upload after an imbalance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upload {
    pub batch: u32,
    pub part: UploadPart,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UploadPart {
    /// Lines of the terminal's batch: trace and amount in minor units.
    Lines(Vec<(u32, i64)>),
    /// The end, with the number of lines sent in all.
    End { total: u32 },
}

/// What the terminal is answered. The edge puts it together with what the request carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    pub at: Moment,
    pub what: Said,
    /// The trace of an earlier sale of this terminal of which nobody knows whether the cashier has it: the answer
    /// asks.
    pub question: Option<u32>,
}

impl Reply {
    pub fn new(at: Moment, what: Said) -> Reply {
        Reply { at, what, question: None }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// To a transaction, its repeat, or a question after it (0210, 0110, 0230; 0830 to a last result).
    Transaction {
        code: Code,
        /// What the words to the cashier are chosen by, where the code alone would mislead.
        words: Words,
        rrn: Option<Rrn>,
        amount: Money,
        auth: Option<AuthCode>,
        /// `MMDD` (F15).
        settles: Option<String>,
        chip: Vec<u8>,
        /// F54, as the bank sent it; of an inquiry only.
        balance: Option<String>,
    },
    /// To a reversal (0410).
    Reversal { code: Code, rrn: Option<Rrn> },
    /// To a sign-on (0810).
    SignOn { f62: Vec<u8>, batch: u32 },
    /// To a sign-off (0830), signature (0830) or script result (0630).
    Done { code: Code },
    /// To a settlement (0510): our answer of F48.
    Settled { balanced: bool },
    /// To an upload message (0330).
    Uploaded { code: Code },
}

/// Words for the cashier (F63.2) beyond what the code says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Words {
    /// Those of the code.
    Code,
    /// Unknown: do not charge again; being checked.
    Unknown,
    /// Nothing was charged: the line to the bank is down.
    NothingCharged,
    /// The payment is being given back, or was.
    Returning,
    Returned,
    /// The previous payment of this card is being checked.
    PreviousUnderCheck,
    /// Sign on again.
    SignOn,
}

/// A message to a bank, complete but for what only the edge may open.
#[derive(Clone, PartialEq, Eq)]
pub struct BankRequest {
    pub what: BankAsk,
    pub kind: Kind,
    pub key: LinkKey,
    pub rrn: Rrn,
    pub till: Till,
    pub amount: Money,
    pub card: CardToken,
    /// None when the card's row was erased: the edge raises an alarm instead of sending.
    pub sealed: Option<SealedCard>,
    /// Entry mode, 3 digits.
    pub entry: String,
    pub card_sequence: Option<String>,
    /// The original's authorisation code, of what refers to one.
    pub auth: Option<AuthCode>,
    /// DE90: of what refers to an original, and of a reversal (the request that it reverses).
    pub original: Option<OriginalKey>,
    /// Chip data (F55).
    pub chip: Vec<u8>,
    pub secret: Option<Secret>,
}

/// DE90, but for the acquirer, which the link knows.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct OriginalKey {
    /// MTI of the original on the host link: 100, 200 or 220.
    pub class: u16,
    pub key: LinkKey,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum BankAsk {
    /// 0100, 0200 or 0220.
    Request,
    /// 0221: the same under the same keys.
    Repeat,
    /// 0420, with the reason of DE60.1.
    Reversal { reason: u16 },
    /// 0421.
    ReversalRepeat { reason: u16 },
}

impl BankAsk {
    pub fn is_reversal(self) -> bool {
        match self {
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => true,
            BankAsk::Request | BankAsk::Repeat => false,
        }
    }
}

/// A bank's answer, decoded. The edge has matched nothing: it says what the answer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BankAnswer {
    pub what: BankSays,
    /// DE7 as it came, `MMDDhhmmss`.
    pub de7: String,
    /// DE11.
    pub stan: u32,
    /// DE37.
    pub rrn: Option<Rrn>,
    pub code: Option<Code>,
    pub mac_good: bool,
    /// DE3 as it came.
    pub processing: Option<String>,
    /// DE4 in minor units with DE49.
    pub amount: Option<Money>,
    /// DE41 and DE42 as they came.
    pub till: Option<Till>,
    pub auth: Option<AuthCode>,
    /// DE15, `MMDD`.
    pub settles: Option<String>,
    /// DE54.
    pub balance: Option<String>,
    /// DE55 of the answer.
    pub chip: Vec<u8>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum BankSays {
    /// 0110, 0210, 0230.
    ToRequest,
    /// 0430.
    ToReversal,
}

/// Something to be on record that belongs to no payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// A word that classes it: `bad_frame`, `wrong_mac`, `unknown_terminal`, `orphan_answer` …
    pub kind: &'static str,
    /// In words for people; never a secret, never a full card number.
    pub text: String,
}
