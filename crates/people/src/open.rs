//! The file: opening it, and its tables.

use crate::{PeopleError, limits::Limits, password, seal::SecretKey};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, config::DbConfig};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// People and their rights, in one file.
pub struct People {
    pub(crate) connection: Connection,
    pub(crate) key: SecretKey,
    pub(crate) limits: Limits,
    /// The hash of no password: an unknown name costs as much work as a known one.
    pub(crate) nobody: String,
}

impl People {
    /// Opens the file, or makes it. Several processes may have it open.
    ///
    /// # Errors
    /// It cannot be opened, is another program's, or was made under another key.
    pub fn open(path: &Path, key: SecretKey) -> Result<People, PeopleError> {
        let connection = Connection::open(path).map_err(PeopleError::of("opening the file of people"))?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        assert!(mode == "wal", "SQLite keeps its log in mode {mode}");
        People::over(connection, path, key)
    }

    /// A file that is gone when this is dropped.
    pub fn in_memory(key: SecretKey) -> Result<People, PeopleError> {
        let connection = Connection::open_in_memory().map_err(PeopleError::of("opening a file in memory"))?;
        People::over(connection, Path::new(":memory:"), key)
    }

    fn over(mut connection: Connection, path: &Path, key: SecretKey) -> Result<People, PeopleError> {
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Without it REPLACE would pass the trigger that keeps the audit log.
        connection.pragma_update(None, "recursive_triggers", true)?;
        // A sign-in or an audit line that was told of is on the medium.
        connection.pragma_update(None, "synchronous", "full")?;
        migrate(&mut connection, path)?;
        check_key(&mut connection, path, &key)?;
        Ok(People { connection, key, limits: Limits::default(), nobody: password::of_nobody() })
    }

    /// Runs one change as a whole.
    pub(crate) fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &SecretKey) -> Result<T, PeopleError>,
    ) -> Result<T, PeopleError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx, &self.key)?;
        tx.commit()?;
        Ok(done)
    }
}

const BUSY: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 64;
/// Applied in order, each once. Never edit one that was released.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/001_tables.sql")];
/// "HePp", in the file's header: another program's database is not touched.
const APPLICATION: i32 = 0x4865_5070;

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), PeopleError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |name| tx.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, applied) = (number("application_id")?, number("user_version")?);
    let tables: i32 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let fresh = tables == 0 && application == 0;
    if !fresh && application != APPLICATION {
        return Err(PeopleError::Foreign { path: path.to_owned(), found: application });
    }
    let (found, known) = (u32::try_from(applied).unwrap_or(u32::MAX), MIGRATIONS.len() as u32);
    if found > known {
        return Err(PeopleError::Newer { path: path.to_owned(), found, known });
    }
    for sql in &MIGRATIONS[found as usize..] {
        tx.execute_batch(sql)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

/// A file under another key would refuse every code and every token: better to say so at once.
fn check_key(connection: &mut Connection, path: &Path, key: &SecretKey) -> Result<(), PeopleError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let kept = tx.query_row("SELECT proof FROM sealed_under", [], |row| row.get::<_, Vec<u8>>(0));
    match kept.optional()? {
        Some(proof) if key.is_hash("proof", &[], &proof) => {}
        Some(_) => return Err(PeopleError::OtherKey { path: PathBuf::from(path) }),
        None => {
            let proof = key.hash("proof", &[]);
            tx.execute("INSERT INTO sealed_under (one, proof) VALUES (1, ?1)", [&proof[..]])?;
        }
    }
    tx.commit()?;
    Ok(())
}
