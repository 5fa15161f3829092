//! One random workload, on which all stores must agree in every read.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{Dice, START, everything::everything, id, shard, till, workload};
use hefu_store::{Counter, MemoryStore, Refusal, SqliteStore, Store, Subject};

const SEEDS: u64 = 4;
const BATCHES: u64 = 120;

#[test]
fn both_stores_agree_on_a_random_workload() {
    let (mut versions, mut identities) = (0, 0);
    for seed in 0..SEEDS {
        let directory = common::directory_in_memory();
        let path = directory.path().join("hefu.db");
        let mut model = MemoryStore::new();
        let mut memory = SqliteStore::open_in_memory().unwrap();
        let mut file = SqliteStore::open(&path).unwrap();
        let mut dice = Dice::new(seed);
        for number in 1..=BATCHES {
            let batch = workload::next(number, &mut model, &mut dice);
            let refused = model.commit(1, &batch).unwrap();
            for refused in &refused {
                match refused.why {
                    Refusal::Version { .. } => versions += 1,
                    Refusal::Identity { .. } => identities += 1,
                }
            }
            assert_eq!(memory.commit(1, &batch).unwrap(), refused, "seed {seed}, batch {number}");
            assert_eq!(file.commit(1, &batch).unwrap(), refused, "seed {seed}, batch {number}");
            for _ in 0..20 {
                let read = Read::any(&mut dice);
                let expected = read.of(&mut model);
                assert_eq!(read.of(&mut memory), expected, "seed {seed}, batch {number}");
                assert_eq!(read.of(&mut file), expected, "seed {seed}, batch {number}");
            }
            if number % 40 == 0 {
                drop(file);
                file = SqliteStore::open(&path).unwrap();
            }
        }
        let expected = everything(&mut model);
        assert_eq!(everything(&mut memory), expected, "seed {seed}");
        assert_eq!(everything(&mut file), expected, "seed {seed}");
    }
    assert!(versions > 50 && identities > 50, "both refusals were met: {versions}, {identities}");
}

/// One read with its arguments, so that every store is asked the same.
enum Read {
    Prefix(u8, Vec<u8>, usize),
    DutyPages { due_by: i64, limit: usize },
    FactPages { shard: u8, limit: usize },
    FactsOf { shard: u8, no: u8, limit: usize },
    TerminalFacts { no: u64, limit: usize },
    TallyPages { limit: usize },
    LatestPages { limit: usize },
    TerminalPages { limit: usize },
    Find(u8, Vec<u8>),
    Lease(u64),
}

impl Read {
    fn any(dice: &mut Dice) -> Read {
        let limit = dice.below(12) as usize;
        let (page, shard) = (limit.max(1), [0, 7, 63][dice.below(3) as usize]);
        let key = [[b"U", b"V", b"L"][dice.below(3) as usize].as_slice(), &[dice.below(250) as u8]].concat();
        match dice.below(10) {
            0 => Read::Prefix(shard, key[..dice.below(3) as usize].to_vec(), limit),
            1 => Read::DutyPages { due_by: dice.below(22) as i64, limit: page },
            2 => Read::FactPages { shard, limit: page * 5 },
            3 => Read::FactsOf { shard, no: dice.below(40) as u8, limit },
            4 => Read::TerminalFacts { no: dice.below(6), limit },
            5 => Read::TallyPages { limit: page },
            6 => Read::LatestPages { limit: page },
            7 => Read::TerminalPages { limit: page },
            8 => Read::Find(shard, key),
            _ => Read::Lease(1 + dice.below(100)),
        }
    }

    fn of(&self, store: &mut dyn Store) -> String {
        match self {
            Read::Prefix(no, prefix, limit) => {
                format!("{:?}", store.find_prefix(shard(*no), prefix, *limit).unwrap())
            }
            Read::DutyPages { due_by, limit } => {
                format!("{:?}", pages(|after| store.duties(after, START.after(*due_by), *limit).unwrap()))
            }
            Read::FactPages { shard: no, limit } => {
                let pages = pages(|after: Option<hefu_store::StoredFact>| {
                    store.facts(shard(*no), after.map_or(0, |fact| fact.seq), *limit).unwrap()
                });
                format!("{pages:?}")
            }
            Read::FactsOf { shard: shard_no, no, limit } => {
                format!("{:?}", store.facts_of(shard(*shard_no), &Subject::Tally(id(*no)), *limit).unwrap())
            }
            Read::TerminalFacts { no, limit } => {
                let till = till(*no);
                format!("{:?}", store.facts_of(till.shard(), &Subject::Terminal(till), *limit).unwrap())
            }
            Read::TallyPages { limit } => {
                let pages = pages(|after: Option<hefu_store::TallyRow>| {
                    store.tallies(after.map(|row| (row.shard, row.id)), *limit).unwrap()
                });
                format!("{pages:?}")
            }
            Read::LatestPages { limit } => {
                let pages = pages(|before: Option<hefu_store::TallyRow>| {
                    store.latest(before.map(|row| row.id), *limit).unwrap()
                });
                format!("{pages:?}")
            }
            Read::TerminalPages { limit } => {
                let pages = pages(|after: Option<hefu_store::TerminalRow>| {
                    store.terminals(after.map(|row| row.till), *limit).unwrap()
                });
                format!("{pages:?}")
            }
            Read::Find(no, key) => format!("{:?}", store.find(shard(*no), key).unwrap()),
            Read::Lease(size) => format!("{:?}", store.lease(Counter::Stan, *size).unwrap()),
        }
    }
}

/// All pages of a list, each asked for with the last row of the one before.
fn pages<T: Clone>(mut page: impl FnMut(Option<T>) -> Vec<T>) -> Vec<Vec<T>> {
    let mut pages: Vec<Vec<T>> = Vec::new();
    for _ in 0..10_000 {
        let last = pages.last().and_then(|page| page.last().cloned());
        let next = page(last);
        if next.is_empty() {
            return pages;
        }
        pages.push(next);
    }
    panic!("the list has no end");
}
