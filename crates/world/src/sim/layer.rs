//! The three layers of durable memory behind a world, and what a crash leaves of each.

use hefu_store::SqliteStore;
use std::{fs, path::Path};
use tempfile::TempDir;

/// Where Linux keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";

/// Where a world keeps its payments.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Layer {
    /// The model store.
    Model,
    /// SQLite in memory.
    Memory,
    /// SQLite on a real file, whose database and log are copied at each crash; the gateway opens the copy.
    File,
}

impl Layer {
    /// Every tenth seed on a file, four of ten in SQLite's memory, the others in the model.
    pub fn of(seed: u64) -> Layer {
        match seed % 10 {
            9 => Layer::File,
            1 | 3 | 5 | 7 => Layer::Memory,
            _ => Layer::Model,
        }
    }
}

/// What the next start of the gateway finds after a crash; nothing when the store itself survives as it is.
pub(super) type Wreck<S> = Box<dyn FnMut() -> Result<Option<S>, String>>;

/// A store that no crash can touch: a commit stands whole or not at all.
pub(super) fn sound<S>() -> Wreck<S> {
    Box::new(|| Ok(None))
}

/// The file's name within each copy, and its write-ahead log's.
const FILES: [&str; 2] = ["hefu.db", "hefu.db-wal"];

/// A store on a file in a folder that goes when the world ends, and the wreck that a crash makes of it.
///
/// # Errors
/// The folder or the file cannot be made, in words.
pub(super) fn on_file() -> Result<(SqliteStore, Wreck<SqliteStore>), String> {
    let mut folder = folder()?;
    let store = open(folder.path())?;
    let wreck = move || {
        let copy = self::folder()?;
        for name in FILES {
            let (from, to) = (folder.path().join(name), copy.path().join(name));
            // The log's index is not copied: it is in the memory that a crash takes away.
            match fs::copy(&from, &to) {
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", from.display())),
            }
        }
        let store = open(copy.path())?;
        // The wrecked store is still open: its files go away under it, as they may.
        folder = copy;
        Ok(Some(store))
    };
    Ok((store, Box::new(wreck)))
}

/// In memory where the system has a place for that: no world ever cuts the machine's power, so its disk proves nothing.
fn folder() -> Result<TempDir, String> {
    let mut folder = tempfile::Builder::new();
    folder.prefix("hefu-sim-");
    folder.tempdir_in(IN_MEMORY).or_else(|_| folder.tempdir()).map_err(|error| error.to_string())
}

fn open(folder: &Path) -> Result<SqliteStore, String> {
    SqliteStore::open(&folder.join(FILES[0])).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_store::Store;

    #[test]
    fn a_wreck_holds_what_was_written_and_nothing_that_came_later() {
        let (mut store, mut wreck) = on_file().unwrap();
        store.set_meta("word", b"before").unwrap();
        let mut copy = wreck().unwrap().unwrap();
        assert_eq!(copy.meta("word").unwrap().as_deref(), Some(b"before".as_slice()));
        copy.set_meta("word", b"after").unwrap();
        let mut again = wreck().unwrap().unwrap();
        assert_eq!(again.meta("word").unwrap().as_deref(), Some(b"after".as_slice()));
    }

    #[test]
    fn of_ten_seeds_one_is_on_a_file_and_four_in_the_memory_of_sqlite() {
        let count = |layer| (0..10).filter(|seed| Layer::of(*seed) == layer).count();
        assert_eq!([Layer::File, Layer::Memory, Layer::Model].map(count), [1, 4, 5]);
    }
}
