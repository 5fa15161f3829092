//! Both stores against writers and restarts that one simulated node never meets.

use super::holds;
use hefu_store::{
    Batch, Counter, DutyChange, Entry, Handle, MemoryStore, Refusal, SqliteStore, Store, StoreError, Subject,
};
use hefu_tally::{LegNo, Moment, Shard, TallyId};

/// Tries a sentence on the model and on SQLite.
fn both(sentence: fn(&mut dyn Writer) -> Result<(), String>) -> Result<(), String> {
    sentence(&mut MemoryStore::new()).map_err(|error| format!("the model: {error}"))?;
    let mut sqlite = SqliteStore::open_in_memory().map_err(|error| error.to_string())?;
    sentence(&mut sqlite).map_err(|error| format!("SQLite: {error}"))
}

/// What of a store is tried here, behind a pointer.
trait Writer {
    fn commit(&mut self, number: u64, entry: Entry) -> Result<Option<Refusal>, String>;
    fn lease(&mut self) -> Result<u64, String>;
}

impl<S: Store> Writer for S {
    fn commit(&mut self, number: u64, entry: Entry) -> Result<Option<Refusal>, String> {
        let refused = Store::commit(self, 1, &Batch { number, entries: vec![entry] }).map_err(text)?;
        Ok(refused.into_iter().next().map(|refused| refused.why))
    }

    fn lease(&mut self) -> Result<u64, String> {
        Store::lease(self, Counter::Rrn, Counter::Rrn.block()).map_err(text)
    }
}

fn text(error: StoreError) -> String {
    error.to_string()
}

/// A change of the payment `no` and nothing else.
fn change(no: u8, expected: u32) -> Result<Entry, String> {
    let shard = Shard::all().next().ok_or("there are no shards")?;
    Ok(Entry {
        shard,
        subject: Subject::Tally(TallyId([no; 16])),
        expected,
        version: expected + 1,
        state: vec![b'0' + no],
        day: Moment(0).business_day(),
        facts: Vec::new(),
        handles: Vec::new(),
        duties: DutyChange::default(),
        postings: Vec::new(),
        card: None,
    })
}

pub fn a_stale_version_is_refused() -> Result<(), String> {
    both(|store| {
        for (number, expected) in [(1, 0), (2, 1)] {
            let refused = store.commit(number, change(1, expected)?)?;
            holds(refused.is_none(), || format!("version {expected} was the present one: {refused:?}"))?;
        }
        // Another node read the row before the last change.
        let refused = store.commit(3, change(1, 1)?)?;
        let expected = Some(Refusal::Version { found: 2 });
        holds(refused == expected, || format!("{refused:?}, expected {expected:?}"))
    })
}

pub fn a_taken_handle_is_refused() -> Result<(), String> {
    both(|store| {
        let handle = Handle { key: b"one".to_vec(), leg: LegNo(0), unique: true };
        let with = |entry: Entry| Entry { handles: vec![handle.clone()], ..entry };
        let first = store.commit(1, with(change(1, 0)?))?;
        holds(first.is_none(), || format!("the first was free: {first:?}"))?;
        let second = store.commit(2, with(change(2, 0)?))?;
        let expected = Some(Refusal::Identity { handle: b"one".to_vec() });
        holds(second == expected, || format!("{second:?}, expected {expected:?}"))
    })
}

pub fn no_number_is_leased_twice() -> Result<(), String> {
    both(|store| {
        let (first, second) = (store.lease()?, store.lease()?);
        let far = second >= first + Counter::Rrn.block();
        holds(far, || format!("blocks of {} at {first} and {second}", Counter::Rrn.block()))
    })
}
