//! The log of 50 commits, cut wherever a crash can cut it: what reopens is a prefix of the commits, and exactly
//! those whose last byte was written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{Dice, everything::everything, workload};
use hefu_store::{MemoryStore, SqliteStore, Store};
use hefu_tally::Shard;
use std::{
    fs,
    path::{Path, PathBuf},
};

const COMMITS: u64 = 50;
const OFFSETS: u64 = 1_000;
/// A log's header, and the header before each page in it (SQLite's file format, section 4.1).
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Commits in order, with what stood and how long the log was after each.
struct Recording {
    database: Vec<u8>,
    log: Vec<u8>,
    /// By the number of commits; the first is the empty store.
    stood: Vec<(usize, MemoryStore)>,
}

fn record() -> Recording {
    let directory = common::directory_in_memory();
    let path = directory.path().join("hefu.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut model = MemoryStore::new();
    let mut dice = Dice::new(50);
    let mut stood = vec![(0, model.clone())];
    for number in 1..=COMMITS {
        let batch = workload::next(number, &mut model, &mut dice);
        assert_eq!(store.commit(1, &batch).unwrap(), model.commit(1, &batch).unwrap());
        stood.push((fs::metadata(log_of(&path)).unwrap().len() as usize, model.clone()));
    }
    Recording { database: fs::read(&path).unwrap(), log: fs::read(log_of(&path)).unwrap(), stood }
}

#[test]
fn a_log_cut_anywhere_reopens_as_a_prefix_of_its_commits() {
    let recording = record();
    let page = u32::from_be_bytes(recording.log[8..12].try_into().unwrap()) as usize;
    let frame = FRAME_HEADER + page;
    assert_eq!((recording.log.len() - LOG_HEADER) % frame, 0);
    let boundaries = (LOG_HEADER..=recording.log.len()).step_by(frame);
    let mut dice = Dice::new(1_000);
    let offsets = (0..OFFSETS).map(|_| dice.below(recording.log.len() as u64) as usize);
    let cuts: Vec<usize> = [0].into_iter().chain(boundaries).chain(offsets).collect();
    assert!(cuts.len() as u64 > OFFSETS + 4 * COMMITS, "a commit has several pages");

    let directory = common::directory_in_memory();
    let path = directory.path().join("hefu.db");
    let mut looked_at_in_full = vec![false; recording.stood.len()];
    for (round, cut) in cuts.into_iter().enumerate() {
        let mut log = recording.log[..cut].to_vec();
        if round % 2 == 1 {
            // The medium had the room already, with something else in it.
            log.extend((cut..(cut + frame).min(recording.log.len())).map(|_| dice.roll() as u8));
        }
        fs::write(&path, &recording.database).unwrap();
        fs::write(log_of(&path), log).unwrap();
        let mut store = SqliteStore::open(&path).unwrap();
        let commits = recording.stood.iter().rposition(|(length, _)| *length <= cut).unwrap();
        let mut model = recording.stood[commits].1.clone();
        assert_eq!(store.last_batch(1).unwrap(), commits as u64, "cut at {cut}");
        for shard in Shard::all() {
            assert_eq!(store.head(shard).unwrap(), model.head(shard).unwrap(), "cut at {cut}, {shard:?}");
        }
        if !std::mem::replace(&mut looked_at_in_full[commits], true) {
            assert_eq!(everything(&mut store), everything(&mut model), "cut at {cut}");
        }
    }
    assert!(looked_at_in_full.iter().all(|looked| *looked), "every prefix was met");
}

#[test]
fn the_files_copied_after_any_commit_reopen_as_they_stood() {
    let directory = common::directory_in_memory();
    let path = directory.path().join("hefu.db");
    let copy = directory.path().join("copy.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let mut model = MemoryStore::new();
    let mut dice = Dice::new(51);
    for number in 1..=COMMITS {
        let batch = workload::next(number, &mut model, &mut dice);
        store.commit(1, &batch).unwrap();
        model.commit(1, &batch).unwrap();
        fs::copy(&path, &copy).unwrap();
        fs::copy(log_of(&path), log_of(&copy)).unwrap();
        let mut copied = SqliteStore::open(&copy).unwrap();
        assert_eq!(everything(&mut copied), everything(&mut model), "commit {number}");
        if number % 7 == 0 {
            // The next commit begins the log anew, over what lies in it.
            store.maintain().unwrap();
        }
    }
}

fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}
