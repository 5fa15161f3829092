//! What the engine asks of its store, and how it is done.

use hefu_engine::{Counter, Found, Input, Load};
use hefu_store::{Store, StoreError};
use hefu_tally::{
    DutyKind, LegNo, TallyId,
    record::{Batch, DutyRow},
};
use std::collections::BTreeMap;
use thiserror::Error;

/// One thing that the engine wants of the store.
#[derive(Clone, PartialEq, Eq)]
pub enum Work {
    Commit(Batch),
    Load(Load),
    Lease(Counter),
}

/// The store failed. The node halts: it is started again from what the store holds.
#[derive(Debug, Error)]
#[error("{doing}: {source}")]
pub struct WorkError {
    pub doing: &'static str,
    #[source]
    pub source: StoreError,
}

/// Does the work and says so in the engine's words.
pub fn carry_out<S: Store>(store: &mut S, node: u16, work: Work) -> Result<Input, WorkError> {
    match work {
        Work::Commit(batch) => {
            let refused = store.commit(node, &batch).map_err(failed("commit"))?;
            Ok(Input::Committed { number: batch.number, refused })
        }
        Work::Load(load) => {
            let found = read(store, &load).map_err(failed("read"))?;
            Ok(Input::Loaded { load, found })
        }
        Work::Lease(counter) => {
            let first = store.lease(counter, counter.block()).map_err(failed("lease"))?;
            Ok(Input::Leased { counter, first })
        }
    }
}

fn failed(doing: &'static str) -> impl FnOnce(StoreError) -> WorkError {
    move |source| WorkError { doing, source }
}

fn read<S: Store>(store: &mut S, load: &Load) -> Result<Found, StoreError> {
    Ok(match load {
        Load::Tally(id, shard) => match store.tally(*id, *shard)? {
            Some(row) => Found::Tally(Box::new(row), LegNo(0)),
            None => Found::Nothing,
        },
        Load::Handle(shard, handle) => match store.find(*shard, handle)? {
            Some((id, leg)) => match store.tally(id, *shard)? {
                Some(row) => Found::Tally(Box::new(row), leg),
                None => Found::Nothing,
            },
            None => Found::Nothing,
        },
        Load::Handles(shard, prefix, limit) => {
            let mut rows = Vec::new();
            for (_, id, leg) in store.find_prefix(*shard, prefix, *limit)? {
                if let Some(row) = store.tally(id, *shard)? {
                    rows.push((row, leg));
                }
            }
            Found::Tallies(rows)
        }
        Load::Links => Found::Links(store.links()?),
        Load::Terminal(till) => match store.terminal(*till)? {
            Some(row) => Found::Terminal(row),
            None => Found::Nothing,
        },
        Load::Duties { after, due_by, limit } => {
            let duties = store.duties(*after, *due_by, *limit)?;
            owing(store, &duties, *limit)?
        }
        Load::Doubts { since, limit } => {
            let duties = store.duties_since(*since, DutyKind::HearMerchant, *limit)?;
            owing(store, &duties, *limit)?
        }
    })
}

/// The payments that owe these duties, each once.
fn owing<S: Store>(store: &mut S, duties: &[DutyRow], limit: usize) -> Result<Found, StoreError> {
    let last = if duties.len() == limit { duties.last().copied() } else { None };
    let owing: BTreeMap<TallyId, _> = duties.iter().map(|duty| (duty.tally, duty.shard)).collect();
    let mut rows = Vec::new();
    for (id, shard) in owing {
        if let Some(row) = store.tally(id, shard)? {
            rows.push(row);
        }
    }
    Ok(Found::Owing { rows, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_store::{DutyChange, Entry, MemoryStore, Subject};
    use hefu_tally::{Duty, Moment, Shard};

    #[test]
    fn the_look_for_duties_brings_every_kind_page_by_page() {
        let shard = Shard::new(3).unwrap();
        let entry = |no: u8, kind| Entry {
            shard,
            subject: Subject::Tally(TallyId([no; 16])),
            expected: 0,
            version: 1,
            state: vec![no],
            day: Moment(0).business_day(),
            facts: vec![],
            handles: vec![],
            duties: DutyChange {
                gone: vec![],
                new: vec![Duty { leg: LegNo(0), kind, due: Moment(no.into()) }],
            },
            postings: vec![],
            card: None,
        };
        let kinds =
            [DutyKind::AwaitClearing, DutyKind::AwaitClearing, DutyKind::Reverse, DutyKind::AskPerson];
        let entries = (1..).zip(kinds).map(|(no, kind)| entry(no, kind)).collect();
        let mut store = MemoryStore::new();
        store.commit(1, &Batch { number: 1, entries }).unwrap();
        let (mut after, mut seen, mut looks) = (None, Vec::new(), 0);
        loop {
            let load = Load::Duties { after, due_by: Moment(100), limit: 2 };
            let Ok(Input::Loaded { found: Found::Owing { rows, last }, .. }) =
                carry_out(&mut store, 1, Work::Load(load))
            else {
                panic!("a look for duties is answered with what is owed")
            };
            seen.extend(rows.into_iter().map(|row| row.state[0]));
            looks += 1;
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        assert_eq!((seen, looks), (vec![1, 2, 3, 4], 3), "clearing that stays silent comes due too");
    }
}
