//! Back after a failure: whether the medium takes writes again, and a fresh look at what stands on it.

use super::{Role, SqliteStore, State, open};
use crate::StoreError;
use rusqlite::Connection;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What a probe writes: a little more than the first commits of a node that comes back need.
static PROBE: [u8; 64 * 1_024] = [0; 64 * 1_024];

impl SqliteStore {
    /// Whether the medium takes writes: writes a file beside the database, syncs it and removes it again. Nothing
    /// to do for a store in memory, or one that only looks on.
    ///
    /// # Errors
    /// [`StoreError::Probe`], whose [`StoreError::trouble`] says what is the matter.
    pub fn probe(&self) -> Result<(), StoreError> {
        let Some(path) = self.path() else { return Ok(()) };
        let mut name = path.as_os_str().to_owned();
        name.push(".probe");
        let name = PathBuf::from(name);
        let written = write_through(&name);
        // What could not be removed is taken over by the next probe.
        let removed = fs::remove_file(&name);
        written.and(removed).map_err(|source| StoreError::Probe { path: name, source })
    }

    /// Lets go of the connection and opens the file again, under the same lock: afterwards it is known what stands.
    /// The way out of [`StoreError::Unknown`]. A store in memory has no file to look at and stays as it is.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`], but [`StoreError::Locked`]. The store then refuses everything until this
    /// succeeds.
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        let Some(path) = self.path().map(Path::to_owned) else { return Ok(()) };
        if let Role::Writer { state, .. } = &mut self.role {
            *state = State::Unknown;
        }
        // The old connection goes first: what it holds in memory may not be what lies in the file.
        let nothing = Connection::open_in_memory();
        self.connection = nothing.map_err(|source| StoreError::of("letting go of the database", source))?;
        self.connection = open::writer(&path)?;
        if let Role::Writer { state, .. } = &mut self.role {
            *state = State::Sound;
        }
        Ok(())
    }

    /// The writer's file; none for a store in memory, or one that only looks on.
    pub fn path(&self) -> Option<&Path> {
        match &self.role {
            Role::Writer { file, .. } => file.as_ref().map(|place| place.path.as_path()),
            Role::Reader => None,
        }
    }
}

fn write_through(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&PROBE)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use crate::{SqliteStore, Store, StoreError, Trouble};
    use hefu_tally::record::Batch;

    fn batch(number: u64) -> Batch {
        Batch { number, entries: vec![] }
    }

    /// Makes a commit fail in the way that `pragma` does, mends it, and looks that nothing was lost or doubled.
    fn check(pragma: &str, trouble: Trouble) {
        let directory = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&directory.path().join("hefu.db")).unwrap();
        store.commit(1, &batch(1)).unwrap();
        store.connection.execute_batch(pragma).unwrap();
        let failed = (0..10_000).find_map(|key| store.set_meta(&format!("{key}"), &[7; 4_096]).err());
        let failed = failed.unwrap_or_else(|| panic!("{pragma} makes no write fail"));
        assert_eq!(failed.trouble(), trouble, "{pragma}: {failed:?}");
        store.probe().unwrap();
        store.reopen().unwrap();
        assert_eq!(store.last_batch(1).unwrap(), 1, "{pragma}");
        store.commit(1, &batch(2)).unwrap();
        assert_eq!(
            store.meta("0").unwrap().is_some(),
            trouble == Trouble::Full,
            "what stood before still does"
        );
    }

    #[test]
    fn a_full_database_says_so_and_goes_on_when_there_is_room() {
        check("PRAGMA max_page_count = 60", Trouble::Full);
    }

    #[test]
    fn a_database_that_takes_no_writes_says_so_and_goes_on_when_it_does() {
        check("PRAGMA query_only = 1", Trouble::ReadOnly);
    }

    #[test]
    fn a_database_that_somebody_else_holds_says_so_and_goes_on_when_he_lets_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hefu.db");
        let mut store = SqliteStore::open(&path).unwrap();
        store.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let failed = store.commit(1, &batch(1)).unwrap_err();
        assert!(matches!(failed, StoreError::Busy { .. }), "{failed:?}");
        assert_eq!(failed.trouble(), Trouble::Busy);
        other.execute_batch("ROLLBACK").unwrap();
        store.commit(1, &batch(1)).unwrap();
    }

    #[test]
    fn a_store_that_could_not_be_opened_again_says_nothing_until_it_can() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hefu.db");
        let mut store = SqliteStore::open(&path).unwrap();
        store.commit(1, &batch(1)).unwrap();
        store.maintain().unwrap();
        let aside = directory.path().join("aside.db");
        std::fs::rename(&path, &aside).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(store.reopen().is_err());
        assert!(matches!(store.last_batch(1), Err(StoreError::Halted { .. })));
        assert!(matches!(store.commit(1, &batch(2)), Err(StoreError::Halted { .. })));
        assert!(matches!(SqliteStore::open(&path), Err(StoreError::Locked { .. })), "the lock is still held");
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
        store.reopen().unwrap();
        assert_eq!(store.last_batch(1).unwrap(), 1);
        store.commit(1, &batch(2)).unwrap();
    }

    #[test]
    fn a_probe_leaves_nothing_behind_and_names_its_file_when_it_fails() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hefu.db");
        let store = SqliteStore::open(&path).unwrap();
        store.probe().unwrap();
        let probe = directory.path().join("hefu.db.probe");
        assert!(!probe.exists());
        std::fs::create_dir(&probe).unwrap();
        let failed = store.probe().unwrap_err();
        assert!(failed.to_string().contains("hefu.db.probe"), "{failed}");
        assert!(SqliteStore::open_in_memory().unwrap().probe().is_ok());
    }
}
