//! The tables, and the way to them. A migration is a plain SQL file; the file's own header (`user_version`) counts
//! those that were applied. A migration tool would add a table with the time of day to every file, so that no two
//! simulated files were alike, and thirty packages to do it.

use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Applied in order, each once, each in a transaction of its own. Never edit one that was released.
const MIGRATIONS: [&str; 2] =
    [include_str!("../../migrations/001_tables.sql"), include_str!("../../migrations/002_links.sql")];

/// "Hefu", in the file's header: another program's database is not touched.
const APPLICATION: i32 = 0x4865_6675;

/// Creates the tables, or brings an older file's up to date.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let doing = "bringing the tables up to date";
    let database = |source| StoreError::of(doing, source);
    let fresh = is_fresh(connection).map_err(database)?;
    let applied = if fresh { 0 } else { version(connection, path)? };
    for (place, sql) in (1_u32..).zip(MIGRATIONS).skip(applied as usize) {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(database)?;
        tx.execute_batch(sql).map_err(database)?;
        tx.pragma_update(None, "application_id", APPLICATION).map_err(database)?;
        tx.pragma_update(None, "user_version", place).map_err(database)?;
        tx.commit().map_err(database)?;
    }
    Ok(())
}

/// Refuses a file whose tables this version does not know.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection, path)?;
    let known = MIGRATIONS.len() as u32;
    if found < known {
        return Err(StoreError::Older { path: path.to_owned(), found, known });
    }
    Ok(())
}

fn version(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let database = |source| StoreError::of("reading the file's header", source);
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0));
    let application: i32 = application.map_err(database)?;
    if application != APPLICATION {
        return Err(StoreError::Foreign { path: path.to_owned(), found: application });
    }
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(database)?;
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Nobody has written anything yet.
fn is_fresh(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(tables == 0 && application == 0)
}
