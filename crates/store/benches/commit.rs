//! How many sales a second a store makes durable, by the size of the batch; beside it the yardstick: the same
//! bytes appended to one table without an index, in a file of the same kind.
//!
//! `STORE_BENCH_DIR` names the directory (so: the medium) of the files; without it the system's temporary one.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Dice, batch, sale};
use divan::{Bencher, counter::ItemsCount};
use hefu_store::{Batch, MemoryStore, SqliteStore, Store};
use rusqlite::{Connection, params};
use tempfile::TempDir;

const SIZES: [usize; 4] = [1, 16, 64, 256];
const TILLS: u64 = 1_000;

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn memory(bencher: Bencher, size: usize) {
    commits(bencher, size, MemoryStore::new());
}

#[divan::bench(args = SIZES)]
fn sqlite_in_memory(bencher: Bencher, size: usize) {
    commits(bencher, size, SqliteStore::open_in_memory().expect("memory is there"));
}

#[divan::bench(args = SIZES, max_time = 10)]
fn sqlite_on_file(bencher: Bencher, size: usize) {
    let directory = directory();
    commits(bencher, size, SqliteStore::open(&directory.path().join("hefu.db")).expect("a new file opens"));
}

#[divan::bench(args = SIZES, max_time = 10)]
fn yardstick_bare_table_on_file(bencher: Bencher, size: usize) {
    let directory = directory();
    let connection = Connection::open(directory.path().join("bare.db")).expect("a new file opens");
    let set_up = "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA wal_autocheckpoint = 8192; \
                  CREATE TABLE bare (line BLOB NOT NULL)";
    connection.execute_batch(set_up).expect("a new file takes a table");
    let mut source = Source::new(size);
    bencher.counter(ItemsCount::new(size)).with_inputs(|| source.next()).bench_local_values(|batch| {
        let tx = connection.unchecked_transaction().expect("nobody else is here");
        let mut insert =
            tx.prepare_cached("INSERT INTO bare (line) VALUES (?1)").expect("the table is there");
        for entry in &batch.entries {
            insert.execute(params![entry.state]).expect("it fits");
            for fact in &entry.facts {
                insert.execute(params![fact.body]).expect("it fits");
            }
            for handle in &entry.handles {
                insert.execute(params![handle.key]).expect("it fits");
            }
            for posting in &entry.postings {
                insert.execute(params![posting.posted.to_be_bytes()]).expect("it fits");
            }
            for duty in &entry.duties.new {
                insert.execute(params![duty.due.0.to_be_bytes()]).expect("it fits");
            }
        }
        drop(insert);
        tx.commit().expect("the disk is not full");
    });
}

fn commits(bencher: Bencher, size: usize, mut store: impl Store) {
    let mut source = Source::new(size);
    bencher.counter(ItemsCount::new(size)).with_inputs(|| source.next()).bench_local_values(|batch| {
        let refused = store.commit(1, &batch).expect("the disk is not full");
        assert!(refused.is_empty(), "all sales are new");
    });
}

/// Batches of new sales, made outside the measured time.
struct Source {
    size: usize,
    batches: u64,
    dice: Dice,
}

impl Source {
    fn new(size: usize) -> Source {
        Source { size, batches: 0, dice: Dice::new(7) }
    }

    fn next(&mut self) -> Batch {
        let first = self.batches * self.size as u64;
        let entries = (first..first + self.size as u64).map(|no| sale(no, TILLS, &mut self.dice)).collect();
        self.batches += 1;
        batch(self.batches, entries)
    }
}

fn directory() -> TempDir {
    let made = match std::env::var_os("STORE_BENCH_DIR") {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    made.expect("a temporary directory")
}
