//! What the file promises: one writer, readers beside it, nothing appended ever changed, no number leased twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{Dice, bare, batch, everything::everything, id, posting, shard, workload};
use hefu_store::{Counter, Entry, MemoryStore, SqliteStore, Store, StoreError, Subject};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hefu.db");
    (directory, path)
}

/// Commits `batches` random batches and returns the model of what stands.
fn fill(store: &mut SqliteStore, batches: u64) -> MemoryStore {
    let mut model = MemoryStore::new();
    let mut dice = Dice::new(3);
    for number in 1..=batches {
        let batch = workload::next(number, &mut model, &mut dice);
        assert_eq!(store.commit(1, &batch).unwrap(), model.commit(1, &batch).unwrap());
    }
    model
}

#[test]
fn what_was_committed_is_there_when_it_is_opened_again() {
    let (_directory, path) = place();
    let mut store = SqliteStore::open(&path).unwrap();
    let mut model = fill(&mut store, 30);
    drop(store);
    assert_eq!(everything(&mut SqliteStore::open(&path).unwrap()), everything(&mut model));
}

#[test]
fn a_lease_never_repeats_after_a_crash() {
    let (directory, path) = place();
    let mut leased = std::collections::BTreeSet::new();
    for round in 0..20 {
        let mut store = SqliteStore::open(&path).unwrap();
        for size in 1..4 {
            let first = store.lease(Counter::Rrn, size).unwrap();
            assert!(
                (first..first + size).all(|number| leased.insert(number)),
                "round {round}: {first} again"
            );
        }
        // The crash: what lies on the disk at this moment goes on, the store that knew more does not.
        let crashed = directory.path().join(format!("crashed-{round}.db"));
        copy(&path, &crashed);
        drop(store);
        copy(&crashed, &path);
    }
}

#[test]
fn a_second_writer_is_refused_and_the_first_goes_on() {
    let (directory, path) = place();
    let mut first = SqliteStore::open(&path).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Locked { .. })));
    #[cfg(unix)]
    {
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(SqliteStore::open(&link), Err(StoreError::Locked { .. })), "through a link, too");
    }
    first.commit(1, &batch(1, vec![bare(id(1), shard(5), 0)])).unwrap();
    drop((first, directory.path()));
    assert_eq!(SqliteStore::open(&path).unwrap().last_batch(1).unwrap(), 1);
}

#[test]
fn a_reader_looks_on_beside_the_writer_and_changes_nothing() {
    let (_directory, path) = place();
    let mut writer = SqliteStore::open(&path).unwrap();
    let mut model = fill(&mut writer, 10);
    let mut reader = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(everything(&mut reader), everything(&mut model));
    let refused = [
        reader.commit(1, &batch(11, vec![])).map(|_| ()),
        reader.lease(Counter::Stan, 1).map(|_| ()),
        reader.set_meta("mark", b"x"),
        reader.maintain().map(|_| ()),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
    }
    writer.commit(1, &batch(11, vec![])).unwrap();
    assert_eq!(reader.last_batch(1).unwrap(), 11, "it sees each commit");
    drop(writer);
    assert_eq!(reader.last_batch(1).unwrap(), 11, "also when the writer has gone");
    assert_eq!(SqliteStore::open_read_only(&path).unwrap().last_batch(1).unwrap(), 11);
}

#[test]
fn a_frozen_reader_sees_one_commit_until_it_thaws() {
    let (_directory, path) = place();
    let mut writer = SqliteStore::open(&path).unwrap();
    let mut model = fill(&mut writer, 10);
    let mut reader = SqliteStore::open_read_only(&path).unwrap();
    reader.freeze().unwrap();
    reader.freeze().unwrap();
    let entry = Entry { postings: vec![posting(1, 0)], ..bare(id(200), shard(5), 0) };
    writer.commit(1, &batch(11, vec![entry])).unwrap();
    writer.maintain().unwrap();
    assert_eq!(everything(&mut reader), everything(&mut model));
    reader.thaw().unwrap();
    assert_eq!(reader.last_batch(1).unwrap(), 11);
    writer.freeze().unwrap();
    writer.commit(1, &batch(12, vec![])).unwrap();
}

#[test]
fn the_log_moves_into_the_database_in_idle_moments() {
    let (_directory, path) = place();
    let mut store = SqliteStore::open(&path).unwrap();
    let mut model = fill(&mut store, 10);
    let checkpoint = store.maintain().unwrap();
    assert!(checkpoint.log > 0 && checkpoint.moved == checkpoint.log, "{checkpoint:?}");
    assert_eq!(everything(&mut store), everything(&mut model));
    let nothing = SqliteStore::open_in_memory().unwrap().maintain().unwrap();
    assert_eq!((nothing.log, nothing.moved), (0, 0));
}

#[test]
fn facts_and_postings_are_append_only() {
    let (_directory, path) = place();
    fill(&mut SqliteStore::open(&path).unwrap(), 20);
    let connection = Connection::open(&path).unwrap();
    let count = |table: &str| -> u32 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    for table in ["fact", "posting"] {
        let before = count(table);
        assert!(before > 0, "{table} has rows to lose");
        for sql in [format!("UPDATE {table} SET day = day + 1"), format!("DELETE FROM {table}")] {
            let refused = connection.execute(&sql, []).unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
        assert_eq!(count(table), before);
    }
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    // (what somebody did to the file, how it is refused)
    type Check = fn(&StoreError) -> bool;
    let cases: [(&str, Check); 4] = [
        ("CREATE TABLE theirs (x)", |e| matches!(e, StoreError::Foreign { found: 0, .. })),
        ("PRAGMA application_id = 42", |e| matches!(e, StoreError::Foreign { found: 42, .. })),
        ("PRAGMA application_id = 1214604917; PRAGMA user_version = 99", |e| {
            matches!(e, StoreError::Newer { found: 99, .. })
        }),
        ("PRAGMA application_id = 1214604917; PRAGMA user_version = 99; CREATE TABLE theirs (x)", |e| {
            matches!(e, StoreError::Newer { found: 99, .. })
        }),
    ];
    for (sql, is_expected) in cases {
        let (_directory, path) = place();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        for opened in [SqliteStore::open(&path), SqliteStore::open_read_only(&path)] {
            let error = opened.err().unwrap();
            assert!(is_expected(&error), "{sql}: {error}");
        }
    }
    let (_directory, path) = place();
    std::fs::write(&path, [b'x'; 5_000]).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Corrupt { .. })), "it is no database");
    assert_eq!(std::fs::read(&path).unwrap(), [b'x'; 5_000]);
}

#[test]
fn a_file_that_is_not_there_is_created_by_the_writer_only() {
    let (directory, path) = place();
    assert!(matches!(SqliteStore::open_read_only(&path), Err(StoreError::Open { .. })));
    assert!(!path.exists());
    let nowhere = directory.path().join("no such directory").join("hefu.db");
    assert!(matches!(SqliteStore::open(&nowhere), Err(StoreError::Open { .. })));
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(SqliteStore::open_read_only(&path), Err(StoreError::Foreign { found: 0, .. })));
    SqliteStore::open(&path).unwrap();
    SqliteStore::open_read_only(&path).unwrap();
}

#[test]
fn a_value_that_cannot_be_ours_is_corrupt_and_not_guessed_at() {
    let (_directory, path) = place();
    let mut store = SqliteStore::open(&path).unwrap();
    let entry = Entry { postings: vec![posting(1, 0)], ..bare(id(1), shard(5), 0) };
    store.commit(1, &batch(1, vec![entry])).unwrap();
    drop(store);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE balance SET account = 'pocket' WHERE account = 'at_risk'", []).unwrap();
    connection.execute("INSERT INTO head VALUES (3, -1, x'00')", []).unwrap();
    drop(connection);
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(matches!(store.balances(), Err(StoreError::Corrupt { .. })));
    assert!(matches!(store.head(shard(3)), Err(StoreError::Corrupt { .. })));
    let subject = Subject::Tally(id(1));
    assert_eq!(store.facts_of(shard(5), &subject, 1).unwrap(), []);
}

/// Copies a database and its log as a crash would leave them.
fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    match std::fs::copy(log(from), log(to)) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}
