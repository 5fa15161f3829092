//! What changes the store: the batch, the lease, a meta value; each is one transaction.

use super::{read, value::count, writer::Writer};
use crate::{Counter, StoreError};
use hefu_mutant::mutant;
use hefu_tally::record::{Batch, Refused};
use rusqlite::{Connection, Error, OptionalExtension, Transaction, TransactionBehavior, params};

pub(super) fn commit(
    connection: &mut Connection,
    node: u16,
    batch: &Batch,
) -> Result<Vec<Refused>, StoreError> {
    let doing = "committing a batch";
    transaction(connection, doing, |tx| {
        let database = |source| StoreError::of(doing, source);
        let expected = read::last_batch(tx, node).map_err(database)? + 1;
        if batch.number != expected {
            return Err(StoreError::OutOfOrder { node, expected, found: batch.number });
        }
        let refused = Writer::new(tx).map_err(database)?.batch(batch)?;
        tx.prepare_cached(SET_BATCH)
            .and_then(|mut set| {
                set.execute(params![node, count(batch.number - u64::from(mutant!(ForgetsTheBatchNumber)))])
            })
            .map_err(database)?;
        Ok(refused)
    })
}

pub(super) fn lease(connection: &mut Connection, counter: Counter, size: u64) -> Result<u64, StoreError> {
    let doing = "leasing numbers";
    let spent = || StoreError::CounterSpent { counter: counter.name(), size };
    transaction(connection, doing, |tx| {
        let database = |source| StoreError::of(doing, source);
        let first = tx.query_row(NEXT, [counter.name()], |row| row.get(0)).optional().map_err(database)?;
        let first: i64 = first.unwrap_or(0);
        let size = i64::try_from(size).map_err(|_| spent())?;
        let next = first.checked_add(size).ok_or_else(spent)?;
        let next = if mutant!(LeasesTheSameTwice) { first } else { next };
        tx.execute(SET_NEXT, params![counter.name(), next]).map_err(database)?;
        u64::try_from(first).map_err(|_| database(Error::IntegralValueOutOfRange(0, first)))
    })
}

pub(super) fn set_meta(connection: &mut Connection, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let doing = "writing a meta value";
    transaction(connection, doing, |tx| {
        let set = tx.execute(SET_META, params![key, value]);
        set.map(|_| ()).map_err(|source| StoreError::of(doing, source))
    })
}

/// Everything or nothing. Only an error of the last step leaves open which of the two it is.
fn transaction<T>(
    connection: &mut Connection,
    doing: &'static str,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let tx = begun.map_err(|source| StoreError::of(doing, source))?;
    let value = work(&tx)?;
    tx.commit().map_err(|source| StoreError::Unknown { doing, source })?;
    Ok(value)
}

const SET_BATCH: &str =
    "INSERT INTO batch (node, n) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET n = excluded.n";
const NEXT: &str = "SELECT next FROM lease WHERE counter = ?1";
const SET_NEXT: &str =
    "INSERT INTO lease (counter, next) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET next = excluded.next";
const SET_META: &str =
    "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";

#[cfg(test)]
mod tests {
    use crate::{SqliteStore, Store, StoreError};
    use hefu_tally::record::Batch;

    /// Lets the next commit of a new node run into `fault`, which a trigger carries out.
    fn check(fault: &str, deals_with_it: impl Fn(SqliteStore, StoreError) -> SqliteStore) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hefu.db");
        let mut store = SqliteStore::open(&path).unwrap();
        let trap = format!(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER trap AFTER INSERT ON batch WHEN new.node = 13 BEGIN {fault}; END"
        );
        store.connection.execute_batch(&trap).unwrap();
        let batch = Batch { number: 1, entries: vec![] };
        store.commit(1, &batch).unwrap();
        let error = store.commit(13, &batch).unwrap_err();
        drop(deals_with_it(store, error));
        let mut store = SqliteStore::open(&path).unwrap();
        assert_eq!((store.last_batch(1).unwrap(), store.last_batch(13).unwrap()), (1, 0));
    }

    #[test]
    fn a_fault_before_the_last_step_leaves_nothing_and_the_store_goes_on() {
        check("SELECT RAISE(ABORT, 'fault')", |mut store, error| {
            assert!(matches!(error, StoreError::Database { doing: "committing a batch", .. }), "{error:?}");
            assert_eq!(store.last_batch(13).unwrap(), 0);
            store.set_meta("mark", b"on").unwrap();
            store
        });
    }

    #[test]
    fn after_a_fault_in_the_last_step_nothing_is_said_until_the_store_is_opened_again() {
        check("INSERT INTO child VALUES (1)", |mut store, error| {
            assert!(matches!(error, StoreError::Unknown { doing: "committing a batch", .. }), "{error:?}");
            assert!(matches!(store.last_batch(13), Err(StoreError::Halted { .. })));
            assert!(matches!(store.set_meta("mark", b"on"), Err(StoreError::Halted { .. })));
            store
        });
    }
}
