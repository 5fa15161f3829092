//! What a node needs of its store beyond the contract: tidiness, and a way back after a failure.

use hefu_store::{MemoryStore, SqliteStore, Store, StoreError};
use std::path::PathBuf;

/// A store that a node can look after.
pub trait Keep: Store + Send + 'static {
    /// Tidies up, shortly; called when nothing is asked of the store.
    fn maintain(&mut self);

    /// Whether the medium takes writes.
    fn probe(&mut self) -> Result<(), StoreError>;

    /// A fresh look at what stands: the way out of a failure. It may be tried again and again.
    fn reopen(&mut self) -> Result<(), StoreError>;

    /// Where it lies, to see how much room is left there; none when it lies nowhere.
    fn directory(&self) -> Option<PathBuf>;
}

impl Keep for MemoryStore {
    fn maintain(&mut self) {}

    fn probe(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn directory(&self) -> Option<PathBuf> {
        None
    }
}

impl Keep for SqliteStore {
    fn maintain(&mut self) {
        // A checkpoint that fails is tried again at the next quiet moment; the log only grows meanwhile.
        let _ = SqliteStore::maintain(self);
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        SqliteStore::probe(self)
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        SqliteStore::reopen(self)
    }

    fn directory(&self) -> Option<PathBuf> {
        self.path().and_then(|path| path.parent()).map(PathBuf::from)
    }
}
