//! The durable record types: what the engine hands to a store, and what it gets back.

use crate::{
    books::Posting,
    duty::Duty,
    ids::{CardToken, LinkId, SealedCard, Shard, TallyId, Till},
    leg::LegNo,
    time::{BusinessDay, Moment},
};

/// Whose row an entry changes.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    Tally(TallyId),
    Terminal(Till),
    /// A bank link's; it lies in the first shard.
    Link(LinkId),
    /// Nobody's: facts only.
    Nobody,
}

/// One independent change: all of it is committed, or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub shard: Shard,
    pub subject: Subject,
    /// The version that the row must have; 0: it must not be there. Of no meaning for nobody's facts.
    pub expected: u32,
    /// The version that the row will have.
    pub version: u32,
    /// The derived row, as exact bytes.
    pub state: Vec<u8>,
    pub day: BusinessDay,
    pub facts: Vec<FactRow>,
    pub handles: Vec<Handle>,
    pub duties: DutyChange,
    pub postings: Vec<Posting>,
    pub card: Option<(CardToken, SealedCard)>,
}

/// A fact as it is hashed and stored. `body` is never serialised again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactRow {
    pub at: Moment,
    pub kind: &'static str,
    /// The version of `kind`'s shape.
    pub version: u16,
    pub body: Vec<u8>,
}

/// A key under which a leg is found. A second entry with a unique handle is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handle {
    pub key: Vec<u8>,
    pub leg: LegNo,
    /// False: a later one takes its place.
    pub unique: bool,
}

/// What became of a row's duties: `gone` are deleted, then `new` are written.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct DutyChange {
    pub gone: Vec<Duty>,
    pub new: Vec<Duty>,
}

/// Entries that become durable together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// Counts a node's batches from 1, without gaps.
    pub number: u64,
    pub entries: Vec<Entry>,
}

/// An entry that was left out of its batch; the others stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Its place in the batch.
    pub entry: usize,
    pub why: Refusal,
}

/// Why an entry was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The row has another version than expected.
    Version { found: u32 },
    /// The handle is taken.
    Identity { handle: Vec<u8> },
}

/// A payment's row as the store keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TallyRow {
    pub id: TallyId,
    pub shard: Shard,
    pub version: u32,
    pub state: Vec<u8>,
    /// None when the card's row was erased.
    pub card: Option<SealedCard>,
}

/// A terminal's row as the store keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalRow {
    pub till: Till,
    pub version: u32,
    pub state: Vec<u8>,
}

/// A bank link's row as the store keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkRow {
    pub link: LinkId,
    pub version: u32,
    pub state: Vec<u8>,
}

/// A duty with the payment that owes it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DutyRow {
    pub due: Moment,
    pub shard: Shard,
    pub tally: TallyId,
    pub duty: Duty,
}

/// A fact as it stands in the chain of its shard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFact {
    pub shard: Shard,
    /// From 1, without gaps: number order is commit order.
    pub seq: u64,
    pub subject: Subject,
    pub at: Moment,
    pub kind: String,
    pub version: u16,
    pub body: Vec<u8>,
    /// Over the previous fact's hash and all of the above.
    pub hash: [u8; 32],
}

/// The hash that chains a fact to the one before it (`previous`; zeros before the first).
#[expect(clippy::too_many_arguments, reason = "each one is hashed, none may be forgotten")]
pub fn chain(
    previous: &[u8; 32],
    shard: Shard,
    seq: u64,
    subject: &Subject,
    at: Moment,
    kind: &str,
    version: u16,
    body: &[u8],
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(&[shard.number()]);
    hasher.update(&seq.to_be_bytes());
    match subject {
        Subject::Tally(id) => hasher.update(b"P").update(&id.0),
        Subject::Terminal(till) => hasher.update(b"T").update(&till.merchant.0).update(&till.terminal.0),
        Subject::Link(link) => hasher.update(b"L").update(&link.0.to_be_bytes()),
        Subject::Nobody => hasher.update(b"N"),
    };
    hasher.update(&at.0.to_be_bytes());
    hasher.update(&(kind.len() as u64).to_be_bytes()).update(kind.as_bytes());
    hasher.update(&version.to_be_bytes());
    hasher.update(&(body.len() as u64).to_be_bytes()).update(body);
    *hasher.finalize().as_bytes()
}

/// Numbers that never repeat: leased in blocks, so that a restart skips what was left of one.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Counter {
    /// Serial numbers of retrieval references.
    Rrn,
    /// Trace numbers on the bank links.
    Stan,
}

impl Counter {
    /// As it stands in the store and in errors.
    pub fn name(self) -> &'static str {
        match self {
            Counter::Rrn => "rrn",
            Counter::Stan => "stan",
        }
    }

    /// How many numbers a lease holds.
    pub fn block(self) -> u64 {
        match self {
            Counter::Rrn => 10_000,
            Counter::Stan => 20_000,
        }
    }
}
