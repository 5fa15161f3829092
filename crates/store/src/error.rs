//! Why a store could not do what it was asked.

use hefu_tally::{Account, Shard};
use std::path::PathBuf;
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
    #[error("{doing}: the database refused")]
    Database { doing: &'static str, source: rusqlite::Error },
    #[error("{doing}: a stored value is not what it should be")]
    Corrupt { doing: &'static str, source: rusqlite::Error },
    #[error("{path} is open for writing elsewhere: its lock file is held")]
    Locked { path: PathBuf },
    #[error("cannot open {path}")]
    Open { path: PathBuf, source: std::io::Error },
    #[error("{path} is another program's database (application id {found:#010x})")]
    Foreign { path: PathBuf, found: i32 },
    #[error("{path} was written by a newer version (schema {found}; this one knows {known})")]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{path} has schema {found}, not {known}: open it for writing once")]
    Older { path: PathBuf, found: u32, known: u32 },
}

fn at(entry: Option<usize>) -> String {
    entry.map_or_else(String::new, |place| format!(" (entry {place} of the batch)"))
}
