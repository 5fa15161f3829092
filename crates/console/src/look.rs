//! Looking things up: connections to the index and the store, each used by one request at a time, off the async
//! threads.

use crate::{
    index::{Index, IndexError, Source},
    problem::Problem,
};
use axum::http::StatusCode;
use hefu_store::SqliteStore;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{sync::Semaphore, task};

/// The most look-ups at one time; more wait.
const MOST: usize = 8;

/// One pair of connections.
pub(crate) struct Desk {
    pub index: Index,
    pub store: SqliteStore,
}

/// Reading desks that are free, and how many may be used.
#[derive(Clone)]
pub(crate) struct Look {
    source: Source,
    free: Arc<Mutex<Vec<Desk>>>,
    places: Arc<Semaphore>,
}

impl Look {
    pub fn new(source: Source) -> Look {
        Look { source, free: Arc::default(), places: Arc::new(Semaphore::new(MOST)) }
    }

    /// Looks something up. All that `work` reads of the store is of one moment.
    pub async fn up<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Desk) -> Result<T, Problem> + Send + 'static,
    {
        let _place = self.places.acquire().await.map_err(|_| closing())?;
        let look = self.clone();
        let worked = task::spawn_blocking(move || {
            let mut desk = match look.take() {
                Some(desk) => desk,
                None => look.open()?,
            };
            desk.store.freeze().map_err(IndexError::from)?;
            let found = work(&mut desk);
            // A desk whose store cannot be let go again is not used again.
            if desk.store.thaw().is_ok() {
                look.give_back(desk);
            }
            found
        });
        worked.await.map_err(|_| closing())?
    }

    fn open(&self) -> Result<Desk, Problem> {
        let store = SqliteStore::open_read_only(&self.source.store).map_err(IndexError::from)?;
        Ok(Desk { index: Index::look(&self.source.index)?, store })
    }

    fn take(&self) -> Option<Desk> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, desk: Desk) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(desk);
    }
}

fn closing() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the console is closing")
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Problem {
        Problem::unreadable(error)
    }
}
