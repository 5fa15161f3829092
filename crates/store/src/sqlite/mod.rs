//! One file, nothing to install: SQLite with a write-ahead log, every commit synced before it returns.

mod commit;
mod open;
mod read;
mod recover;
mod schema;
mod value;
mod writer;

pub use open::MOST_LOG_PAGES;

use crate::{Balance, Counter, Store, StoreError, admit};
use hefu_tally::{
    Duty, DutyKind, LegNo, Moment, Posting, Shard, TallyId, Till,
    record::{Batch, DutyRow, Handle, LinkRow, Refused, StoredFact, Subject, TallyRow, TerminalRow},
};
use rusqlite::Connection;
use std::{fs::File, path::PathBuf};

/// A store in one SQLite file (with its log beside it), or in memory.
///
/// Opened for writing it is the file's only writer, as long as it lives; any number of read-only stores may look on.
pub struct SqliteStore {
    connection: Connection,
    role: Role,
}

enum Role {
    Writer {
        /// Its file; a store in memory has none.
        file: Option<Place>,
        state: State,
    },
    Reader,
}

/// A writer's file, and the lock file that it holds.
struct Place {
    path: PathBuf,
    _lock: File,
}

/// What is known of the last transaction.
#[derive(Copy, Clone, PartialEq, Eq)]
enum State {
    Sound,
    /// It may stand or not: the page cache and the file may differ, so only a fresh look at the file counts.
    Unknown,
}

/// How far the log was moved into the database.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Pages in the log.
    pub log: u32,
    /// Those of them that the database has.
    pub moved: u32,
}

impl SqliteStore {
    /// Moves what it can of the log into the database without waiting for anybody: for idle moments, so that no
    /// payment has to wait for it at [`MOST_LOG_PAGES`].
    pub fn maintain(&mut self) -> Result<Checkpoint, StoreError> {
        let doing = "moving the log into the database";
        self.write(doing, |connection| {
            let checkpoint = |row: &rusqlite::Row<'_>| {
                // Both are -1 where there is no log: in memory.
                let pages = |place| row.get(place).map(|pages: i64| u32::try_from(pages).unwrap_or(0));
                Ok(Checkpoint { log: pages(1)?, moved: pages(2)? })
            };
            let result = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], checkpoint);
            result.map_err(|source| StoreError::of(doing, source))
        })
    }

    /// Lets a read-only store see the present commit, and nothing later, until [`SqliteStore::thaw`]: what needs
    /// many reads to fit together wants this. Nothing to do for the writer, who sees nobody else's commits.
    pub fn freeze(&mut self) -> Result<(), StoreError> {
        let doing = "holding on to the present commit";
        match self.role {
            Role::Writer { .. } => Ok(()),
            Role::Reader if !self.connection.is_autocommit() => Ok(()),
            // The transaction begins to see with its first read.
            Role::Reader => self.batch(doing, "BEGIN; SELECT count(*) FROM head"),
        }
    }

    /// Lets a read-only store see later commits again.
    pub fn thaw(&mut self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.batch("letting go of an old commit", "ROLLBACK")
    }

    fn batch(&self, doing: &'static str, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|source| StoreError::of(doing, source))
    }

    /// Runs a change, unless this store may not change anything (any more).
    fn write<T>(
        &mut self,
        doing: &'static str,
        change: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let state = match &mut self.role {
            Role::Writer { state, .. } => state,
            Role::Reader => return Err(StoreError::ReadOnly { doing }),
        };
        if *state == State::Unknown {
            return Err(StoreError::Halted { doing });
        }
        let result = change(&mut self.connection);
        if let Err(StoreError::Unknown { .. }) = &result {
            *state = State::Unknown;
        }
        result
    }

    /// Runs a read, unless it could show what may not stand.
    fn read<T>(
        &self,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        match self.role {
            Role::Writer { state: State::Unknown, .. } => Err(StoreError::Halted { doing }),
            Role::Writer { state: State::Sound, .. } | Role::Reader => {
                read(&self.connection).map_err(|source| StoreError::of(doing, source))
            }
        }
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, node: u16, batch: &Batch) -> Result<Vec<Refused>, StoreError> {
        admit::batch(batch)?;
        self.write("committing a batch", |connection| commit::commit(connection, node, batch))
    }

    fn last_batch(&mut self, node: u16) -> Result<u64, StoreError> {
        self.read("reading a node's last batch", |c| read::last_batch(c, node))
    }

    fn tally(&mut self, id: TallyId, shard: Shard) -> Result<Option<TallyRow>, StoreError> {
        self.read("reading a payment", |c| read::tally(c, id, shard))
    }

    fn find(&mut self, shard: Shard, handle: &[u8]) -> Result<Option<(TallyId, LegNo)>, StoreError> {
        self.read("finding a handle", |c| read::find(c, shard, handle))
    }

    fn find_prefix(
        &mut self,
        shard: Shard,
        prefix: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, TallyId, LegNo)>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("finding handles by their beginning", |c| read::find_prefix(c, shard, prefix, limit))
    }

    fn terminal(&mut self, till: Till) -> Result<Option<TerminalRow>, StoreError> {
        self.read("reading a terminal", |c| read::terminal(c, till))
    }

    fn links(&mut self) -> Result<Vec<LinkRow>, StoreError> {
        self.read("listing links", read::links)
    }

    fn terminals(&mut self, after: Option<Till>, limit: usize) -> Result<Vec<TerminalRow>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("listing terminals", |c| read::terminals(c, after, limit))
    }

    fn duties(
        &mut self,
        after: Option<DutyRow>,
        due_by: Moment,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("listing duties", |c| read::duties(c, after, due_by, limit))
    }

    fn duties_since(
        &mut self,
        since: Moment,
        besides: DutyKind,
        limit: usize,
    ) -> Result<Vec<DutyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("listing duties of young payments", |c| read::duties_since(c, since, besides, limit))
    }

    fn lease(&mut self, counter: Counter, size: u64) -> Result<u64, StoreError> {
        assert!(size > 0, "a lease of nothing");
        self.write("leasing numbers", |connection| commit::lease(connection, counter, size))
    }

    fn facts(&mut self, shard: Shard, after: u64, limit: usize) -> Result<Vec<StoredFact>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("reading facts", |c| read::facts(c, shard, after, limit))
    }

    fn facts_of(
        &mut self,
        shard: Shard,
        subject: &Subject,
        limit: usize,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("reading one subject's facts", |c| read::facts_of(c, shard, subject, limit))
    }

    fn head(&mut self, shard: Shard) -> Result<(u64, [u8; 32]), StoreError> {
        self.read("reading a shard's head", |c| read::head(c, shard))
    }

    fn balances(&mut self) -> Result<Vec<Balance>, StoreError> {
        self.read("reading balances", read::balances)
    }

    fn postings_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Posting>, StoreError> {
        self.read("reading a payment's postings", |c| read::postings_of(c, shard, tally))
    }

    fn tallies(
        &mut self,
        after: Option<(Shard, TallyId)>,
        limit: usize,
    ) -> Result<Vec<TallyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("listing payments", |c| read::tallies(c, after, limit))
    }

    fn latest(&mut self, before: Option<TallyId>, limit: usize) -> Result<Vec<TallyRow>, StoreError> {
        let limit = admit::limit(limit)?;
        self.read("listing the latest payments", |c| read::latest(c, before, limit))
    }

    fn duties_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Duty>, StoreError> {
        self.read("reading a payment's duties", |c| read::duties_of(c, shard, tally))
    }

    fn handles_of(&mut self, shard: Shard, tally: TallyId) -> Result<Vec<Handle>, StoreError> {
        self.read("reading a payment's handles", |c| read::handles_of(c, shard, tally))
    }

    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read("reading a meta value", |c| read::meta(c, key))
    }

    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        admit::value(value)?;
        self.write("writing a meta value", |connection| commit::set_meta(connection, key, value))
    }
}
