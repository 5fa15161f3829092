//! Durable memory behind one contract: [`Store`]. It holds no rules and never looks inside a row's state or a
//! fact's body; it keeps versions, handles, duties, numbers, hashes and balances together in one transaction.
//!
//! [`MemoryStore`] is the model that every other store must agree with; [SqliteStore] is one file, nothing to
//! install. `tests/` drives both through the same sentences.

mod account;
mod admit;
mod error;
mod ledger;
mod memory;
mod sqlite;

pub use account::{AccountError, account_from_text};
pub use admit::{MOST_BYTES, MOST_ENTRIES, MOST_KEY_BYTES, MOST_PARTS, MOST_ROWS};
pub use error::{StoreError, Trouble};
pub use hefu_tally::record::{
    Batch, Counter, DutyChange, DutyRow, Entry, FactRow, Handle, LinkRow, Refusal, Refused, StoredFact,
    Subject, TallyRow, TerminalRow,
};
pub use ledger::Balance;
pub use memory::MemoryStore;
pub use sqlite::{Checkpoint, MOST_LOG_PAGES, SqliteStore};

use hefu_tally::{Duty, DutyKind, LegNo, Moment, Posting, Shard, TallyId, Till};

/// What a node keeps in mind durably: batches in, rows out. One writer; every call sees all commits before it.
///
/// Every list is in a stated order and takes a limit of at most [`MOST_ROWS`], except those that one payment
/// bounds. `after` (or `before`) is the last row that the caller has seen.
pub trait Store {
    /// Commits every entry that is not refused, in one durable transaction: rows take their version, facts get
    /// number and hash and their shard's head advances, handles and duties change, postings are kept and added to
    /// the balances, and the node's row says `batch.number`. Returns what was refused, in the order of the batch;
    /// a refused entry leaves nothing behind. A failed batch leaves nothing at all.
    ///
    /// Per entry, in order: the row's version must be `expected`, and each unique handle must be free. Handles that
    /// are not unique take the place of what was there; a card that is there already stays as it is; a duty that
    /// is gone already stays gone.
    ///
    /// # Errors
    /// [`StoreError::OutOfOrder`] unless `batch.number` follows the node's last one, [`StoreError::Overflow`],
    /// [`StoreError::TooLarge`], and what the medium does. After [`StoreError::Unknown`] nobody knows whether the
    /// batch stands until the store is opened again and [`Store::last_batch`] is asked.
    ///
    /// # Panics
    /// When an entry contradicts itself: see `admit.rs`.
    fn commit(&mut self, node: u16, batch: &Batch) -> Result<Vec<Refused>, StoreError>;

    /// The number of this node's last batch that stands; 0 before the first.
    fn last_batch(&mut self, node: u16) -> Result<u64, StoreError>;

    fn tally(&mut self, id: TallyId, shard: Shard) -> Result<Option<TallyRow>, StoreError>;

    /// The leg that this handle leads to.
    fn find(&mut self, shard: Shard, handle: &[u8]) -> Result<Option<(TallyId, LegNo)>, StoreError>;

    /// All handles that begin with `prefix`, in the order of their bytes.
    fn find_prefix(
        &mut self,
        shard: Shard,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, TallyId, LegNo)>, StoreError>;

    fn terminal(&mut self, till: Till) -> Result<Option<TerminalRow>, StoreError>;

    /// In the order of merchant and terminal.
    fn terminals(&mut self, after: Option<Till>, limit: usize) -> Result<Vec<TerminalRow>, StoreError>;

    /// All bank links of which anything was ever recorded, by number; a handful.
    fn links(&mut self) -> Result<Vec<LinkRow>, StoreError>;

    /// Duties whose time is not later than `due_by`, in the order of [`DutyRow`].
    fn duties(
        &mut self,
        after: Option<DutyRow>,
        due_by: Moment,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError>;

    /// Duties of payments opened at `since` or later, of every kind but `besides`, payment by payment, the oldest
    /// first.
    fn duties_since(
        &mut self,
        since: Moment,
        besides: DutyKind,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError>;

    /// Leases `size` numbers durably and returns the first of them. No number is ever leased twice, also after a
    /// crash; numbers begin at 0.
    ///
    /// # Panics
    /// When `size` is 0.
    fn lease(&mut self, counter: Counter, size: u64) -> Result<u64, StoreError>;

    /// The shard's facts with a number above `after`, in their order.
    fn facts(&mut self, shard: Shard, after: u64, limit: usize) -> Result<Vec<StoredFact>, StoreError>;

    /// The first `limit` facts of one subject, in the order of their numbers.
    fn facts_of(
        &mut self,
        shard: Shard,
        subject: &Subject,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError>;

    /// The number and hash of the shard's last fact; zeros before the first.
    fn head(&mut self, shard: Shard) -> Result<(u64, [u8; 32]), StoreError>;

    /// In the order of account and shard.
    fn balances(&mut self) -> Result<Vec<Balance>, StoreError>;

    /// One payment's postings in the order of their commits.
    fn postings_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Posting>, StoreError>;

    /// All payments by the moment of their opening: in the order of id, then shard.
    fn tallies(&mut self, after: Option<(Shard, TallyId)>, limit: usize)
    -> Result<Vec<TallyRow>, StoreError>;

    /// Payments, the newest first, over all shards.
    fn latest(&mut self, before: Option<TallyId>, limit: usize) -> Result<Vec<TallyRow>, StoreError>;

    /// One payment's duties in their order.
    fn duties_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Duty>, StoreError>;

    /// One payment's handles in the order of their bytes.
    fn handles_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Handle>, StoreError>;

    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Durable when it returns; takes the place of what was there.
    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError>;
}
