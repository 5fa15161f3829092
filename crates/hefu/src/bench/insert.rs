//! A yardstick: the rows of a sale inserted in batches into plain tables, durable, and nothing else.

use crate::Failure;
use rusqlite::{Connection, params};
use std::time::Instant;

/// Sales in one transaction.
const BATCH: u64 = 64;
/// Sizes of a sale's rows as the gateway writes them: its tally, a fact of it.
const STATE: usize = 1_100;
const FACT: usize = 260;
/// How many rows of each a sale makes.
const FACTS: usize = 7;
const POSTINGS: usize = 5;
const HANDLES: usize = 2;

/// Payments per second.
pub fn per_second(payments: u64) -> Result<f64, Failure> {
    let directory = super::parties::Scratch::new()?;
    measure(&directory.path().join("insert.db"), payments.max(BATCH)).map_err(Failure::found)
}

fn measure(path: &std::path::Path, payments: u64) -> Result<f64, rusqlite::Error> {
    let mut db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE tally (id INTEGER PRIMARY KEY, state BLOB);
         CREATE TABLE fact (seq INTEGER PRIMARY KEY, body BLOB);
         CREATE TABLE posting (seq INTEGER PRIMARY KEY, debit TEXT, credit TEXT, amount INTEGER);
         CREATE TABLE handle (seq INTEGER PRIMARY KEY, key BLOB);",
    )?;
    let (state, fact, key) = (vec![7_u8; STATE], vec![9_u8; FACT], [5_u8; 34]);
    let began = Instant::now();
    let mut done = 0;
    while done < payments {
        let batch = db.transaction()?;
        for _ in 0..BATCH {
            batch.prepare_cached("INSERT INTO tally (state) VALUES (?1)")?.execute(params![state])?;
            for _ in 0..FACTS {
                batch.prepare_cached("INSERT INTO fact (body) VALUES (?1)")?.execute(params![fact])?;
            }
            for _ in 0..POSTINGS {
                let sql = "INSERT INTO posting (debit, credit, amount) VALUES (?1, ?2, ?3)";
                batch.prepare_cached(sql)?.execute(params!["receivable:1", "at_risk", 1_234_i64])?;
            }
            for _ in 0..HANDLES {
                batch.prepare_cached("INSERT INTO handle (key) VALUES (?1)")?.execute(params![key])?;
            }
        }
        batch.commit()?;
        done += BATCH;
    }
    Ok(done as f64 / began.elapsed().as_secs_f64())
}
