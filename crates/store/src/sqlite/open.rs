//! Opening: one writer by a lock file, any number of readers, and the settings that durability rests upon.

use super::{Place, Role, SqliteStore, State, schema};
use crate::StoreError;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

/// When the log has this many pages (32 MiB), the next commit moves it into the database itself and takes the time.
pub const MOST_LOG_PAGES: u32 = 8_192;

/// SQLite's name for a database that is no file.
const IN_MEMORY: &str = ":memory:";
const PAGE_BYTES: u32 = 4_096;
const CACHE_KIBIBYTES: i64 = 64 * 1_024;
/// How long to wait for a reader that holds a lock for a moment.
const BUSY: Duration = Duration::from_secs(5);
/// More than there are statements.
const STATEMENTS: usize = 64;

impl SqliteStore {
    /// Opens the file for writing, and creates it when it is not there. `<path>.lock` is held until the store is
    /// dropped or its process ends, however it ends.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when it is open for writing already: two writers would number the same facts.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        // By its real name, so that a link to the file does not lead to a second lock.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = lock(&path)?;
        let connection = writer(&path)?;
        let role = Role::Writer { file: Some(Place { path, _lock: lock }), state: State::Sound };
        Ok(SqliteStore { connection, role })
    }

    /// A store that is gone when it is dropped.
    pub fn open_in_memory() -> Result<SqliteStore, StoreError> {
        let role = Role::Writer { file: None, state: State::Sound };
        Ok(SqliteStore { connection: writer(Path::new(IN_MEMORY))?, role })
    }

    /// Opens the file to look on while another process (or nobody) writes to it. Whatever would change it is
    /// refused with [`StoreError::ReadOnly`].
    pub fn open_read_only(path: &Path) -> Result<SqliteStore, StoreError> {
        fs::metadata(path).map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        schema::check(&connection, path)?;
        Ok(SqliteStore { connection, role: Role::Reader })
    }
}

/// A connection that may write, with its tables up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    settle(&connection).map_err(|source| StoreError::of("setting up the log", source))?;
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let open = |source| StoreError::Open { path: name.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(open)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(open(source)),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // One thread at a time by the borrow checker, so SQLite's own mutex is left out.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let doing = "opening the database";
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|source| StoreError::of(doing, source))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let settings = || {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
        // A plan that could depend on a bound value would be made anew at each binding.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "trusted_schema", false)
    };
    settings().map_err(|source| StoreError::of(doing, source))?;
    Ok(connection)
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    assert!(mode == "wal" || mode == "memory", "SQLite keeps its log in mode {mode}");
    // A commit returns when the log is on the medium, not when the system has promised to write it.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", MOST_LOG_PAGES, |_| Ok(()))?;
    let most_bytes = i64::from(4 * MOST_LOG_PAGES * PAGE_BYTES);
    connection.pragma_update_and_check(None, "journal_size_limit", most_bytes, |_| Ok(()))
}
