//! A node whose store fails, whose disk fills up, whose clock is changed: it stops in time, says why, loses nothing,
//! and comes back without help.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod shop;

use hefu_engine::{BankAsk, Halt, Input};
use hefu_node::{Busy, MOST_AHEAD, NodeError, NodeState, clock::ScaledClock};
use hefu_store::{Batch, DutyChange, Entry, FactRow, SqliteStore, Store, Subject};
use hefu_tally::{Moment, Shard};
use shop::{Shop, amounts, file_in};
use std::path::Path;

/// Makes every commit of the store fail, or lets them pass again; by another hand than the store's own.
fn trap(file: &Path, on: bool) {
    let sql = if on {
        "CREATE TRIGGER trap BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, 'trapped'); END"
    } else {
        "DROP TRIGGER trap"
    };
    rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn is_failed(shop: &Shop) -> bool {
    matches!(shop.door.state(), NodeState::StoreFailed(_))
}

#[test]
fn a_node_whose_store_fails_comes_back_by_itself_with_the_same_door() {
    let mut shop = Shop::open(1);
    assert_eq!(shop.sale(1_000), "00");
    let probe = shop.file().with_extension("db.probe");
    std::fs::create_dir(&probe).unwrap();
    trap(&shop.file(), true);
    let asked = shop.ask(2_000);
    shop.submit(asked);
    shop.until("the store has failed", |shop| is_failed(shop));
    let refused = shop.ask(3_000);
    let Err(Busy(refused)) = shop.door.submit(refused) else { panic!("nobody is there to take it") };
    assert!(matches!(*refused, Input::Terminal { .. }), "it comes back whole");
    // The medium takes writes again, the commits fail still: it tries, and fails again.
    std::fs::remove_dir(&probe).unwrap();
    shop.until("it has tried again", |shop| {
        shop.alarms.iter().filter(|what| what.contains("the node halted")).count() > 1
            || shop.door.submit(Input::Link { link: shop::LINK, up: true }).is_ok()
    });
    trap(&shop.file(), false);
    shop.until_state(&NodeState::Running);
    // That the link is up was said once, long ago.
    assert_eq!(shop.sale(4_000), "00");
    for words in ["trapped", "the node is back: running"] {
        assert!(shop.alarms.iter().any(|what| what.contains(words)), "{words}: {:?}", shop.alarms);
    }
    let (directory, ended) = shop.close();
    ended.unwrap();
    let stands = amounts(directory.path());
    assert!(stands == [1_000, 4_000] || stands == [1_000, 2_000, 4_000], "{stands:?}");
}

#[test]
fn a_node_that_is_stopped_while_its_store_is_away_says_why() {
    let mut shop = Shop::open(1);
    assert_eq!(shop.sale(1_000), "00");
    trap(&shop.file(), true);
    std::fs::create_dir(shop.file().with_extension("db.probe")).unwrap();
    let asked = shop.ask(2_000);
    shop.submit(asked);
    shop.until("the store has failed", |shop| is_failed(shop));
    let file = shop.file();
    let (directory, ended) = shop.close();
    assert!(matches!(ended, Err(NodeError::Store(_))), "{ended:?}");
    trap(&file, false);
    assert_eq!(amounts(directory.path()), [1_000]);
}

#[test]
fn a_low_disk_and_a_changed_clock_refuse_new_payments_while_duties_go_on() {
    // Stated times pass 200 times as fast: an unanswered sale turns to return within a second.
    // What the dials show (milliseconds off, bytes free), and the state that follows.
    let cases = [(0, 10, NodeState::DiskLow), (60_000, 5_000, NodeState::ClockJumped)];
    for (off, free, state) in cases {
        let mut shop = Shop::open(200);
        assert_eq!(shop.sale(1_000), "00");
        shop.bank_answers = false;
        assert_eq!(shop.sale(2_000), "98", "unknown");
        shop.dials.turn(off, free);
        shop.until_state(&state);
        assert_eq!(shop.sale(3_000), "91", "{state}");
        shop.sent.clear();
        shop.bank_answers = true;
        shop.until("the reversal goes on", |shop| {
            shop.sent
                .iter()
                .any(|ask| matches!(ask, BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. }))
        });
        assert!(!shop.sent.contains(&BankAsk::Request), "nothing new was sent");
        shop.dials.turn(0, 5_000);
        shop.until_state(&NodeState::Running);
        assert_eq!(shop.sale(4_000), "00", "{state} is over");
        assert!(shop.alarms.iter().any(|what| what.contains("no new payments")), "{:?}", shop.alarms);
        assert!(shop.close().1.is_ok());
    }
}

#[test]
fn a_persons_word_against_new_payments_outlives_the_watch_and_a_failed_store() {
    let mut shop = Shop::open(1);
    shop.submit(Input::House { refuse: Some(Halt::ByHand) });
    assert_eq!(shop.sale(1_000), "91");
    shop.dials.turn(0, 10);
    shop.until_state(&NodeState::DiskLow);
    shop.dials.turn(0, 5_000);
    shop.until_state(&NodeState::Running);
    assert_eq!(shop.sale(2_000), "91", "the watch takes back its own word only");
    trap(&shop.file(), true);
    let asked = shop.ask(3_000);
    shop.submit(asked);
    shop.until("the store has failed", |shop| is_failed(shop));
    trap(&shop.file(), false);
    shop.until_state(&NodeState::Running);
    assert_eq!(shop.sale(4_000), "91", "a new engine is told again");
    shop.submit(Input::House { refuse: None });
    assert_eq!(shop.sale(5_000), "00");
    assert!(shop.close().1.is_ok());
}

/// A folder with a store whose last fact lies so many milliseconds after `now`.
fn ahead(now: Moment, by: i64) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&file_in(directory.path())).unwrap();
    let fact = FactRow { at: now.after(by), kind: "bad_frame", version: 1, body: b"{}".to_vec() };
    let entry = Entry {
        shard: Shard::new(9).unwrap(),
        subject: Subject::Nobody,
        expected: 0,
        version: 1,
        state: vec![],
        day: now.business_day(),
        facts: vec![fact],
        handles: vec![],
        duties: DutyChange::default(),
        postings: vec![],
        card: None,
    };
    store.commit(1, &Batch { number: 1, entries: vec![entry] }).unwrap();
    directory
}

#[test]
fn a_store_a_little_ahead_of_the_clock_is_waited_for_and_one_far_ahead_is_refused() {
    let wall = ScaledClock::wall();
    let clock = || ScaledClock::new(wall, 100);
    let mut shop = Shop::over(ahead(wall, MOST_AHEAD - 120_000), clock()).unwrap();
    shop.until("it says that it waits", |shop| shop.alarms.iter().any(|what| what.contains("waits for it")));
    assert_eq!(shop.door.state(), NodeState::Starting);
    assert!(shop.door.submit(Input::Link { link: shop::LINK, up: true }).is_err(), "nobody is at work yet");
    shop.until_state(&NodeState::Running);
    assert!(shop.close().1.is_ok());

    let refused = Shop::over(ahead(wall, MOST_AHEAD * 2), clock()).err().unwrap();
    assert!(matches!(refused, NodeError::Ahead { .. }), "{refused}");
    let words = refused.to_string();
    assert!(words.contains("ahead of the clock") && words.contains("put the clock right"), "{words}");
}
