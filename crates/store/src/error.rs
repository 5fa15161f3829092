//! Why a store could not do what it was asked.

use hefu_tally::{Account, Shard};
use rusqlite::ffi;
use std::{io, path::PathBuf};
use thiserror::Error;

/// Why a store could not do what it was asked. Nothing has changed, except where the variant says otherwise.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("batch {found} of node {node} is out of order: batch {expected} is next")]
    OutOfOrder { node: u16, expected: u64, found: u64 },
    #[error("the balance of {account} in shard {} overflows 64 bits", shard.number())]
    Overflow { account: Account, shard: Shard },
    #[error("counter {counter} has no {size} numbers left")]
    CounterSpent { counter: &'static str, size: u64 },
    /// `entry` is the place in the batch, where one entry is at fault.
    #[error("{what} of {found} is more than the {most} allowed{}", at(*entry))]
    TooLarge { what: &'static str, found: usize, most: usize, entry: Option<usize> },
    #[error("{doing}: the store was opened for reading only")]
    ReadOnly { doing: &'static str },
    /// The transaction's last word was not heard: it may stand or not. Open the store again and ask.
    #[error("{doing}: whether it stands is unknown until the store is opened again")]
    Unknown { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: refused since an earlier outcome is unknown; open the store again")]
    Halted { doing: &'static str },
    #[error("{doing}: the medium is full")]
    Full { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: the medium cannot be written to")]
    Unwritable { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: somebody else holds the database")]
    Busy { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: the database refused")]
    Database { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: what is stored is not what it should be")]
    Corrupt { doing: &'static str, source: rusqlite::Error },
    #[error("{path} is open for writing elsewhere: its lock file is held")]
    Locked { path: PathBuf },
    #[error("cannot open {path}")]
    Open { path: PathBuf, source: io::Error },
    /// The probe file could not be written, synced or removed.
    #[error("cannot write to {path}")]
    Probe { path: PathBuf, source: io::Error },
    #[error("{path} is another program's database (application id {found:#010x})")]
    Foreign { path: PathBuf, found: i32 },
    #[error("{path} was written by a newer version (schema {found}; this one knows {known})")]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{path} has schema {found}, not {known}: open it for writing once")]
    Older { path: PathBuf, found: u32, known: u32 },
}

/// What is the matter with the medium, as far as it can be told: what a person is told, and does something about.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// No room: the disk, a quota, a limit on the size of files.
    Full,
    /// Nothing may be written: a read-only file system, permissions.
    ReadOnly,
    /// Somebody else holds it.
    Busy,
    /// What is stored is damaged.
    Corrupt,
    /// Anything else; the words say what.
    Other,
}

impl StoreError {
    /// Names what the database said.
    pub(crate) fn of(doing: &'static str, source: rusqlite::Error) -> StoreError {
        match trouble_of(&source) {
            Trouble::Full => StoreError::Full { doing, source },
            Trouble::ReadOnly => StoreError::Unwritable { doing, source },
            Trouble::Busy => StoreError::Busy { doing, source },
            Trouble::Corrupt => StoreError::Corrupt { doing, source },
            Trouble::Other => StoreError::Database { doing, source },
        }
    }

    /// What is the matter with the medium.
    pub fn trouble(&self) -> Trouble {
        match self {
            StoreError::Full { .. } => Trouble::Full,
            StoreError::Unwritable { .. } | StoreError::ReadOnly { .. } => Trouble::ReadOnly,
            StoreError::Busy { .. } | StoreError::Locked { .. } => Trouble::Busy,
            StoreError::Corrupt { .. } => Trouble::Corrupt,
            StoreError::Unknown { source, .. } | StoreError::Database { source, .. } => trouble_of(source),
            StoreError::Open { source, .. } | StoreError::Probe { source, .. } => trouble_of_file(source),
            StoreError::OutOfOrder { .. }
            | StoreError::Overflow { .. }
            | StoreError::CounterSpent { .. }
            | StoreError::TooLarge { .. }
            | StoreError::Halted { .. }
            | StoreError::Foreign { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. } => Trouble::Other,
        }
    }
}

fn trouble_of(source: &rusqlite::Error) -> Trouble {
    match source {
        rusqlite::Error::SqliteFailure(error, _) => match (error.code, error.extended_code) {
            // The log's index is mapped memory: its size fails to grow where a write would find no room.
            (ffi::ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Trouble::Full,
            (ffi::ErrorCode::ReadOnly | ffi::ErrorCode::PermissionDenied, _) => Trouble::ReadOnly,
            (ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked, _) => Trouble::Busy,
            (ffi::ErrorCode::DatabaseCorrupt | ffi::ErrorCode::NotADatabase, _) => Trouble::Corrupt,
            // A list of the library's, most of it of no meaning for the medium.
            _ => Trouble::Other,
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => Trouble::Corrupt,
        // A list that rusqlite may add to.
        _ => Trouble::Other,
    }
}

fn trouble_of_file(source: &io::Error) -> Trouble {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Trouble::Full
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Trouble::ReadOnly,
        io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock => Trouble::Busy,
        // A list of the standard library's.
        _ => Trouble::Other,
    }
}

fn at(entry: Option<usize>) -> String {
    entry.map_or_else(String::new, |place| format!(" (entry {place} of the batch)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_is_called_by_its_name() {
        // (SQLite's result code, what it is called)
        let cases = [
            (ffi::SQLITE_FULL, Trouble::Full),
            (ffi::SQLITE_IOERR_SHMSIZE, Trouble::Full),
            (ffi::SQLITE_READONLY, Trouble::ReadOnly),
            (ffi::SQLITE_READONLY_DIRECTORY, Trouble::ReadOnly),
            (ffi::SQLITE_PERM, Trouble::ReadOnly),
            (ffi::SQLITE_BUSY, Trouble::Busy),
            (ffi::SQLITE_LOCKED, Trouble::Busy),
            (ffi::SQLITE_CORRUPT, Trouble::Corrupt),
            (ffi::SQLITE_NOTADB, Trouble::Corrupt),
            (ffi::SQLITE_IOERR_WRITE, Trouble::Other),
            (ffi::SQLITE_CANTOPEN, Trouble::Other),
        ];
        for (code, trouble) in cases {
            let source = || rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(StoreError::of("test", source()).trouble(), trouble, "{code}");
            let unknown = StoreError::Unknown { doing: "test", source: source() };
            assert_eq!(unknown.trouble(), trouble, "{code}, of a commit whose outcome is unknown");
        }
    }

    #[test]
    fn what_the_system_says_of_a_file_is_called_by_its_name() {
        let cases = [
            (io::ErrorKind::StorageFull, Trouble::Full),
            (io::ErrorKind::QuotaExceeded, Trouble::Full),
            (io::ErrorKind::FileTooLarge, Trouble::Full),
            (io::ErrorKind::ReadOnlyFilesystem, Trouble::ReadOnly),
            (io::ErrorKind::PermissionDenied, Trouble::ReadOnly),
            (io::ErrorKind::NotFound, Trouble::Other),
        ];
        for (kind, trouble) in cases {
            let error = StoreError::Probe { path: "hefu.db".into(), source: kind.into() };
            assert_eq!(error.trouble(), trouble, "{kind:?}");
        }
    }
}
