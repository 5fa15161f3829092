//! The reader: follows the store's facts and keeps the index and the live feed up to date.

use super::tables::{Building, Change, Index, IndexError};
use crate::feed::Feed;
use hefu_store::{SqliteStore, Store};
use hefu_tally::{Moment, Shard, Tally, TallyId, record::Subject};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Facts or payments that are taken in at a time.
const PAGE: usize = 500;
/// How long the reader rests when nothing has happened.
const REST: Duration = Duration::from_millis(40);
/// How long it waits after a failure: the store may be busy, or gone for a moment.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// A sample of the money at risk each minute.
const SAMPLE: i64 = 60_000;

/// Where the reader reads, and where it writes.
#[derive(Clone)]
pub struct Source {
    /// The payments' store.
    pub store: PathBuf,
    /// The index's own file.
    pub index: PathBuf,
    /// The platform's clock.
    pub now: Arc<dyn Fn() -> Moment + Send + Sync>,
}

/// A reader at work on its own thread. It stops when it is dropped.
pub struct Reader {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Opens the index and starts to read.
    ///
    /// # Errors
    /// The index or the store cannot be opened.
    pub fn start(source: Source, feed: Feed) -> Result<Reader, IndexError> {
        let index = Index::open(&source.index)?;
        let store = SqliteStore::open_read_only(&source.store)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, now) = (stop.clone(), source.now);
        let work = move || {
            let mut work = Work { index, store, feed, now, sampled: None };
            while !stopped.load(Ordering::Relaxed) {
                match work.step() {
                    Ok(true) => {}
                    Ok(false) => thread::sleep(REST),
                    Err(error) => {
                        tracing::warn!(%error, "the console's reader waits");
                        thread::sleep(AFTER_FAILURE);
                    }
                }
            }
        };
        Ok(Reader { stop, thread: Some(thread::spawn(work)) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A reader that panicked has said so in the log; nothing is lost with it.
            let _ = thread.join();
        }
    }
}

struct Work {
    index: Index,
    store: SqliteStore,
    feed: Feed,
    now: Arc<dyn Fn() -> Moment + Send + Sync>,
    sampled: Option<Moment>,
}

impl Work {
    /// Takes in what has happened, and some of what was before the index. Whether there was anything.
    fn step(&mut self) -> Result<bool, IndexError> {
        let building = self.index.building()?;
        if building == Building::NotBegun {
            self.begin()?;
            return Ok(true);
        }
        let mut busy = self.follow()?;
        if let Building::Before(before) = building {
            self.build(before)?;
            busy = true;
        }
        self.watch_risk()?;
        Ok(busy)
    }

    /// Whatever happens from here on is followed; whatever was before is built afterwards, the newest first.
    fn begin(&mut self) -> Result<(), IndexError> {
        let mut change = Change { building: Some(Building::Before(None)), ..Change::default() };
        for shard in Shard::all() {
            change.places.push((shard, self.store.head(shard)?.0));
        }
        self.index.take(&change)?;
        Ok(())
    }

    fn follow(&mut self) -> Result<bool, IndexError> {
        let mut busy = false;
        for shard in Shard::all() {
            let place = self.index.place(shard)?;
            if self.store.head(shard)?.0 <= place {
                continue;
            }
            let facts = self.store.facts(shard, place, PAGE)?;
            let Some(last) = facts.last().map(|fact| fact.seq) else { continue };
            busy = true;
            let mut touched = BTreeMap::new();
            for fact in facts {
                match fact.subject {
                    Subject::Tally(id) => drop(touched.insert(id, fact.seq)),
                    Subject::Terminal(_) | Subject::Link(_) | Subject::Nobody => {}
                }
            }
            // In the order of their last facts, so that a live list shows them as they happened.
            let mut touched: Vec<(u64, TallyId)> = touched.into_iter().map(|(id, seq)| (seq, id)).collect();
            touched.sort_unstable();
            let mut change = Change { places: vec![(shard, last)], ..Change::default() };
            for (_, id) in touched {
                if let Some(row) = self.store.tally(id, shard)? {
                    change.tallies.push(tally(id, &row.state)?);
                }
            }
            let rows = self.index.take(&change)?;
            self.feed.payments(rows);
        }
        Ok(busy)
    }

    fn build(&mut self, before: Option<TallyId>) -> Result<(), IndexError> {
        let rows = self.store.latest(before, PAGE)?;
        let building = rows.last().map_or(Building::Done, |last| Building::Before(Some(last.id)));
        let mut change = Change { building: Some(building), ..Change::default() };
        for row in rows {
            change.tallies.push(tally(row.id, &row.state)?);
        }
        self.index.take(&change)?;
        Ok(())
    }

    fn watch_risk(&mut self) -> Result<(), IndexError> {
        let now = (self.now)();
        if self.sampled.is_some_and(|last| now.since(last) < SAMPLE) {
            return Ok(());
        }
        let risk = self.index.risk()?;
        self.index.sample(now, risk.amount, risk.count)?;
        self.sampled = Some(now);
        Ok(())
    }
}

fn tally(id: TallyId, state: &[u8]) -> Result<Tally, IndexError> {
    serde_json::from_slice(state).map_err(|source| IndexError::Row { id, source })
}
