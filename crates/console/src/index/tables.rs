//! The index's file.

use hefu_tally::{Moment, Shard, Tally, TallyId, money::MoneyError};
use hefu_view::Row;
use rusqlite::{Connection, OptionalExtension, Transaction, config::DbConfig, params};
use std::{path::Path, time::Duration};
use thiserror::Error;

/// The tables' shape; a file of another shape is built anew.
const SHAPE: i32 = 1;
/// Statements kept ready.
const STATEMENTS: usize = 32;
/// Samples of the money at risk: a week of minutes.
const MOST_SAMPLES: i64 = 7 * 24 * 60;

/// Why the index cannot be read or written.
#[derive(Debug, Error)]
pub enum IndexError {
    #[error("the console's index: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the console's index: {0}")]
    Store(#[from] hefu_store::StoreError),
    #[error("the row of payment {id}: {source}")]
    Row { id: TallyId, source: serde_json::Error },
    #[error("the amounts of payment {id}: {source}")]
    Amounts { id: TallyId, source: MoneyError },
}

/// One connection to the index.
pub struct Index {
    pub(super) connection: Connection,
}

impl Index {
    /// Opens the file for the reader, which alone writes. A file of another shape is emptied.
    ///
    /// # Errors
    /// The file cannot be opened or written.
    pub fn open(path: &Path) -> Result<Index, IndexError> {
        let mut index = Index::connect(Connection::open(path)?)?;
        index.connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        // What a power cut takes away is built again from the store's facts.
        index.connection.pragma_update(None, "synchronous", "normal")?;
        index.make()?;
        Ok(index)
    }

    /// Opens the file to look things up while the reader writes.
    ///
    /// # Errors
    /// The file is not there or cannot be read.
    pub fn look(path: &Path) -> Result<Index, IndexError> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Index::connect(Connection::open_with_flags(path, flags)?)
    }

    fn connect(connection: Connection) -> Result<Index, IndexError> {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Index { connection })
    }

    fn make(&mut self) -> Result<(), IndexError> {
        let tx = self.connection.transaction()?;
        let shape: i32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if shape != SHAPE {
            let names: Vec<String> = {
                let mut tables = tx.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
                tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
            };
            for name in names {
                tx.execute_batch(&format!("DROP TABLE \"{name}\""))?;
            }
            tx.execute_batch(include_str!("tables.sql"))?;
            tx.pragma_update(None, "user_version", SHAPE)?;
        }
        Ok(tx.commit()?)
    }

    /// The last fact of this shard that was taken in.
    pub(super) fn place(&self, shard: Shard) -> Result<u64, IndexError> {
        let mut found = self.connection.prepare_cached("SELECT seq FROM place WHERE shard = ?1")?;
        let place: Option<i64> = found.query_row([shard.number()], |row| row.get(0)).optional()?;
        Ok(place.and_then(|place| u64::try_from(place).ok()).unwrap_or(0))
    }

    /// How far the first building has come: none before it began, then the oldest payment that is in.
    pub(super) fn building(&self) -> Result<Building, IndexError> {
        let found = self
            .connection
            .query_row("SELECT before, done FROM built", [], |row| {
                Ok((row.get::<_, Option<[u8; 16]>>(0)?, row.get::<_, bool>(1)?))
            })
            .optional()?;
        Ok(match found {
            None => Building::NotBegun,
            Some((_, true)) => Building::Done,
            Some((before, false)) => Building::Before(before.map(TallyId)),
        })
    }

    /// Takes in a change: rows, and the places that they stand for.
    pub(super) fn take(&mut self, change: &Change) -> Result<Vec<Row>, IndexError> {
        let tx = self.connection.transaction()?;
        let mut rows = Vec::with_capacity(change.tallies.len());
        for tally in &change.tallies {
            rows.push(put(&tx, tally)?);
        }
        for (shard, seq) in &change.places {
            tx.prepare_cached("INSERT OR REPLACE INTO place (shard, seq) VALUES (?1, ?2)")?
                .execute(params![shard.number(), i64::try_from(*seq).unwrap_or(i64::MAX)])?;
        }
        if let Some(building) = change.building {
            let (before, done) = match building {
                Building::NotBegun => (None, false),
                Building::Before(id) => (id.map(|id| id.0), false),
                Building::Done => (None, true),
            };
            tx.prepare_cached("INSERT OR REPLACE INTO built (one, before, done) VALUES (1, ?1, ?2)")?
                .execute(params![before, done])?;
        }
        tx.commit()?;
        Ok(rows)
    }

    /// Keeps a sample of the money at risk.
    pub(super) fn sample(&mut self, at: Moment, amount: i64, count: i64) -> Result<(), IndexError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO risk (at, amount, count) VALUES (?1, ?2, ?3)")?
            .execute(params![at.0, amount, count])?;
        self.connection
            .prepare_cached(
                "DELETE FROM risk WHERE at <= (SELECT at FROM risk ORDER BY at DESC LIMIT 1 OFFSET ?1)",
            )?
            .execute([MOST_SAMPLES])?;
        Ok(())
    }
}

/// How many payments the index in this file holds; none while it is not there or is still being built.
///
/// # Errors
/// The file cannot be read.
pub fn built(path: &Path) -> Result<Option<u64>, IndexError> {
    if !path.exists() {
        return Ok(None);
    }
    let index = Index::look(path)?;
    let shape: i32 = index.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if shape != SHAPE || index.building()? != Building::Done {
        return Ok(None);
    }
    let payments: i64 = index.connection.query_row("SELECT count(*) FROM payment", [], |row| row.get(0))?;
    Ok(Some(u64::try_from(payments).unwrap_or(0)))
}

/// How far the first building of the index has come.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Building {
    NotBegun,
    /// All payments not older than this one are in; none: none is.
    Before(Option<TallyId>),
    Done,
}

/// What is taken in at once.
#[derive(Default)]
pub(super) struct Change {
    pub tallies: Vec<Tally>,
    pub places: Vec<(Shard, u64)>,
    pub building: Option<Building>,
}

fn put(tx: &Transaction<'_>, tally: &Tally) -> Result<Row, IndexError> {
    let row = Row::of(tally).map_err(|source| IndexError::Amounts { id: tally.id, source })?;
    let text = serde_json::to_string(&row).map_err(|source| IndexError::Row { id: tally.id, source })?;
    let view = serde_json::to_value(row.view).map_err(|source| IndexError::Row { id: tally.id, source })?;
    let open = !row.matched || row.duty.is_some();
    tx.prepare_cached(
        "INSERT OR REPLACE INTO payment (id, opened, merchant, last4, amount, view, open, at_risk, row)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        tally.id.0,
        tally.opened.0,
        row.merchant,
        tally.masked.last4(),
        row.amount.minor,
        view.as_str(),
        open,
        row.at_risk,
        text
    ])?;
    for (_, leg) in tally.legs() {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO leg (rrn, terminal, trace, payment) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            leg.rrn.as_str(),
            leg.identity.till.terminal.as_str(),
            leg.identity.trace,
            tally.id.0
        ])?;
    }
    Ok(row)
}
