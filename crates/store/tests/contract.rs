//! What every store promises, said once and asked of each.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{
    Dice, START, bare, batch, card, duty, everything::everything, fact, handle, id, posting, shard, till,
};
use hefu_store::{
    Counter, DutyChange, DutyRow, Entry, MOST_BYTES, MOST_ENTRIES, MOST_KEY_BYTES, MOST_ROWS, MemoryStore,
    Refusal, Refused, SqliteStore, Store, StoreError, Subject,
};
use hefu_tally::{Account, DutyKind, LegNo, LinkId, Moment, Shard, record::chain};

fn on_every_store(check: impl Fn(&mut dyn Store)) {
    check(&mut MemoryStore::new());
    check(&mut SqliteStore::open_in_memory().unwrap());
    let directory = tempfile::tempdir().unwrap();
    check(&mut SqliteStore::open(&directory.path().join("hefu.db")).unwrap());
}

/// An entry that writes to every table.
fn full(no: u8, expected: u32) -> Entry {
    let mut dice = Dice::new(u64::from(no));
    Entry {
        facts: vec![fact("opened", 30, &mut dice), fact("requested", 20, &mut dice)],
        handles: vec![handle(format!("U{no}.{expected}"), true), handle("latest", false)],
        duties: DutyChange { gone: vec![], new: vec![duty(DutyKind::FindOut, START.after(i64::from(no)))] },
        postings: vec![posting(100, 0), posting(-40, 60)],
        card: Some(card(no)),
        ..bare(id(no), shard(5), expected)
    }
}

fn version(entry: usize, found: u32) -> Refused {
    Refused { entry, why: Refusal::Version { found } }
}

fn identity(entry: usize, handle: &str) -> Refused {
    Refused { entry, why: Refusal::Identity { handle: handle.as_bytes().to_vec() } }
}

#[test]
fn an_entry_stands_in_every_table() {
    on_every_store(|store| {
        let entry = full(1, 0);
        assert_eq!(store.commit(1, &batch(1, vec![entry.clone()])).unwrap(), []);
        let row = store.tally(id(1), shard(5)).unwrap().unwrap();
        assert_eq!((row.version, row.state, row.card), (1, entry.state, Some(card(1).1)));
        assert_eq!(store.find(shard(5), b"U1.0").unwrap(), Some((id(1), LegNo(0))));
        assert_eq!(store.find(shard(5), b"latest").unwrap(), Some((id(1), LegNo(0))));
        let mut handles = entry.handles.clone();
        handles.sort_by(|a, b| a.key.cmp(&b.key));
        assert_eq!(store.handles_of(shard(5), id(1)).unwrap(), handles);
        assert_eq!(store.duties_of(shard(5), id(1)).unwrap(), entry.duties.new);
        assert_eq!(store.postings_of(shard(5), id(1)).unwrap(), entry.postings);
        let facts = store.facts_of(shard(5), &Subject::Tally(id(1)), 10).unwrap();
        assert_eq!(facts, store.facts(shard(5), 0, 10).unwrap());
        let bodies: Vec<_> = facts.iter().map(|fact| fact.body.clone()).collect();
        assert_eq!(bodies, entry.facts.iter().map(|fact| fact.body.clone()).collect::<Vec<_>>());
        assert_eq!(store.head(shard(5)).unwrap(), (2, facts[1].hash));
        assert_eq!(store.last_batch(1).unwrap(), 1);
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    on_every_store(|store| {
        store.commit(1, &batch(1, vec![full(1, 0)])).unwrap();
        assert_eq!(store.tally(id(1), shard(6)).unwrap(), None, "another shard");
        assert_eq!(store.tally(id(2), shard(5)).unwrap(), None);
        assert_eq!(store.find(shard(6), b"latest").unwrap(), None);
        assert_eq!(store.terminal(till(1)).unwrap(), None);
        assert_eq!(store.meta("mark").unwrap(), None);
        assert_eq!(store.last_batch(2).unwrap(), 0);
        assert_eq!(store.head(shard(6)).unwrap(), (0, [0; 32]));
        assert_eq!(store.duties_of(shard(6), id(1)).unwrap(), []);
        assert_eq!(store.handles_of(shard(6), id(1)).unwrap(), []);
        assert_eq!(store.postings_of(shard(6), id(1)).unwrap(), []);
        assert_eq!(store.facts(shard(5), 2, 10).unwrap(), [], "after the last");
        assert_eq!(store.facts(shard(5), u64::MAX, 10).unwrap(), []);
    });
}

#[test]
fn batches_come_in_order_without_gaps_and_each_node_counts_its_own() {
    on_every_store(|store| {
        for (number, expected) in [(0, 1), (2, 1)] {
            match store.commit(1, &batch(number, vec![full(1, 0)])) {
                Err(StoreError::OutOfOrder { node: 1, expected: next, found }) => {
                    assert_eq!((next, found), (expected, number));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(store.tallies(None, 10).unwrap(), []);
        store.commit(1, &batch(1, vec![full(1, 0)])).unwrap();
        assert!(matches!(
            store.commit(1, &batch(1, vec![])),
            Err(StoreError::OutOfOrder { expected: 2, .. })
        ));
        store.commit(2, &batch(1, vec![])).unwrap();
        store.commit(1, &batch(2, vec![])).unwrap();
        assert_eq!((store.last_batch(1).unwrap(), store.last_batch(2).unwrap()), (2, 1));
    });
}

#[test]
fn a_refused_entry_leaves_nothing_behind_and_the_others_stand() {
    let handles = |keys: &[&str]| keys.iter().map(|key| handle(key, true)).collect::<Vec<_>>();
    let with = |no, expected, keys: &[&str]| Entry { handles: handles(keys), ..full(no, expected) };
    // (the entry, why it is refused)
    let cases = [
        ("absent row", with(9, 1, &["new"]), version(1, 0)),
        ("present row", with(1, 0, &["new"]), version(1, 1)),
        ("older version", with(1, 2, &["new"]), version(1, 1)),
        ("taken handle", with(9, 0, &["free 1", "free 2", "taken"]), identity(1, "taken")),
        ("taken handle, known row", with(1, 1, &["taken", "free"]), identity(1, "taken")),
        ("the version comes first", with(1, 0, &["free", "taken"]), version(1, 1)),
        ("replaceable handle is taken all the same", with(9, 0, &["latest"]), identity(1, "latest")),
        ("taken earlier in the batch", with(9, 0, &["early"]), identity(1, "early")),
    ];
    for (why, entry, refused) in cases {
        on_every_store(|store| {
            let first = Entry { handles: vec![handle("taken", true), handle("latest", false)], ..full(1, 0) };
            let early = Entry { handles: handles(&["early"]), ..full(2, 0) };
            let late = full(3, 0);
            store.commit(1, &batch(1, vec![first.clone()])).unwrap();
            let answer =
                store.commit(1, &batch(2, vec![early.clone(), entry.clone(), late.clone()])).unwrap();
            assert_eq!(answer.as_slice(), std::slice::from_ref(&refused), "{why}");
            let mut without = MemoryStore::new();
            without.commit(1, &batch(1, vec![first])).unwrap();
            assert_eq!(without.commit(1, &batch(2, vec![early, late])).unwrap(), []);
            assert_eq!(everything(store), everything(&mut without), "{why}");
        });
    }
}

#[test]
fn an_entry_sees_those_before_it_in_its_batch() {
    on_every_store(|store| {
        // The second is refused by its version, so the third, which builds upon it, is too.
        let entries = vec![full(1, 0), full(1, 0), full(1, 2), full(1, 1), full(1, 2)];
        assert_eq!(store.commit(1, &batch(1, entries)).unwrap(), [version(1, 1), version(2, 1)]);
        assert_eq!(store.tally(id(1), shard(5)).unwrap().unwrap().version, 3);
        assert_eq!(store.head(shard(5)).unwrap().0, 6);
    });
}

#[test]
fn a_batch_of_nothing_but_refusals_counts_all_the_same() {
    on_every_store(|store| {
        assert_eq!(store.commit(1, &batch(1, vec![full(1, 4)])).unwrap(), [version(0, 0)]);
        assert_eq!(store.last_batch(1).unwrap(), 1);
        assert_eq!(store.tallies(None, 10).unwrap(), []);
    });
}

#[test]
fn a_handle_that_is_not_unique_leads_to_the_last_who_wrote_it() {
    on_every_store(|store| {
        store.commit(1, &batch(1, vec![full(1, 0), full(2, 0)])).unwrap();
        assert_eq!(store.find(shard(5), b"latest").unwrap(), Some((id(2), LegNo(0))));
        assert_eq!(store.handles_of(shard(5), id(1)).unwrap(), [handle("U1.0", true)]);
    });
}

#[test]
fn handles_are_found_by_their_beginning_in_order() {
    // (beginning, limit, handles)
    type Key = &'static [u8];
    let cases: [(Key, usize, &[Key]); 6] = [
        (b"", 10, &[b"a", b"a\xff", b"a\xff\xff", b"ab", b"b"]),
        (b"a", 10, &[b"a", b"a\xff", b"a\xff\xff", b"ab"]),
        (b"a", 2, &[b"a", b"ab"]),
        (b"a\xff", 10, &[b"a\xff", b"a\xff\xff"]),
        (b"c", 10, &[]),
        (b"", 0, &[]),
    ];
    on_every_store(|store| {
        let keys: [&[u8]; 5] = [b"b", b"a\xff\xff", b"ab", b"a", b"a\xff"];
        let handles = |keys: &[&[u8]]| keys.iter().map(|key| handle(key, true)).collect();
        let here = Entry { handles: handles(&keys), ..bare(id(1), shard(5), 0) };
        let elsewhere = Entry { handles: handles(&[b"a"]), ..bare(id(2), shard(6), 0) };
        store.commit(1, &batch(1, vec![here, elsewhere])).unwrap();
        for (beginning, limit, expected) in cases {
            let mut expected: Vec<_> = expected.iter().map(|key| (key.to_vec(), id(1), LegNo(0))).collect();
            expected.sort();
            assert_eq!(store.find_prefix(shard(5), beginning, limit).unwrap(), expected, "{beginning:?}");
        }
    });
}

#[test]
fn duties_are_listed_by_their_time_and_end_when_they_are_gone() {
    on_every_store(|store| {
        let all = [DutyKind::AskPerson, DutyKind::FindOut, DutyKind::HearMerchant, DutyKind::Insist];
        let new = |at: i64| all.map(|kind| duty(kind, START.after(at))).to_vec();
        let entry = |no, shard, at| Entry {
            duties: DutyChange { gone: vec![], new: new(at) },
            ..bare(id(no), shard, 0)
        };
        let entries = vec![entry(2, shard(0), 5), entry(1, shard(63), 5), entry(1, shard(0), 9)];
        store.commit(1, &batch(1, entries)).unwrap();
        let rows = store.duties(None, START.after(9), 100).unwrap();
        assert!(rows.is_sorted() && rows.len() == 12, "{rows:?}");
        assert_eq!(store.duties(None, START.after(8), 100).unwrap(), rows[..8]);
        assert_eq!(store.duties(None, START.after(4), 100).unwrap(), []);
        assert_eq!(store.duties(Some(rows[2]), START.after(9), 3).unwrap(), rows[3..6]);
        // What is gone goes first: a duty that is both stays.
        let both = duty(DutyKind::Insist, START.after(9));
        let change = DutyChange { gone: new(9), new: vec![both] };
        store.commit(1, &batch(2, vec![Entry { duties: change, ..bare(id(1), shard(0), 1) }])).unwrap();
        let row = DutyRow { due: both.due, shard: shard(0), tally: id(1), duty: both };
        assert_eq!(store.duties(Some(rows[7]), Moment(i64::MAX), 100).unwrap(), [row]);
        assert_eq!(store.duties_of(shard(0), id(1)).unwrap(), [both]);
    });
}

#[test]
fn duties_of_young_payments_are_found_whenever_they_are_due() {
    on_every_store(|store| {
        let opened = |at: i64| hefu_tally::TallyId::new(START.after(at), [7; 10]);
        let kinds = [DutyKind::AskPerson, DutyKind::AwaitClearing, DutyKind::HearMerchant];
        let new = |due: i64| kinds.map(|kind| duty(kind, START.after(due))).to_vec();
        let entry = |at, shard, due| Entry {
            duties: DutyChange { gone: vec![], new: new(due) },
            ..bare(opened(at), shard, 0)
        };
        // The one that was opened last is due first.
        let entries = vec![entry(1, shard(3), 900), entry(2, shard(1), 800), entry(3, shard(2), 7)];
        store.commit(1, &batch(1, entries)).unwrap();
        let mut since = |at: i64, limit| {
            let rows = store.duties_since(START.after(at), DutyKind::HearMerchant, limit).unwrap();
            let seen = |row: &DutyRow| (row.tally, row.duty.kind, row.due.since(START));
            rows.iter().map(seen).collect::<Vec<_>>()
        };
        let clearing = |at, due| (opened(at), DutyKind::AwaitClearing, due);
        let person = |at, due| (opened(at), DutyKind::AskPerson, due);
        let all = [clearing(2, 800), person(2, 800), clearing(3, 7), person(3, 7)];
        assert_eq!(since(2, 100), all);
        assert_eq!(since(2, 3), all[..3]);
        assert_eq!(since(4, 100), []);
        assert_eq!(since(0, 100).len(), 6);
    });
}

#[test]
fn facts_of_all_subjects_of_a_shard_make_one_chain() {
    on_every_store(|store| {
        let mut dice = Dice::new(1);
        let till = till(1);
        let mut three = || (0..3).map(|_| fact("opened", 40, &mut dice)).collect::<Vec<_>>();
        let terminal =
            Entry { subject: Subject::Terminal(till), facts: three(), ..bare(id(0), till.shard(), 0) };
        let nobody = Entry { subject: Subject::Nobody, facts: three(), state: vec![], ..terminal.clone() };
        let payment = Entry { facts: three(), ..bare(id(1), till.shard(), 0) };
        let next = Entry { facts: three(), ..bare(id(1), till.shard(), 1) };
        store.commit(1, &batch(1, vec![terminal, payment, nobody.clone()])).unwrap();
        store.commit(1, &batch(2, vec![nobody, next])).unwrap();
        let facts = store.facts(till.shard(), 0, 100).unwrap();
        let mut previous = [0; 32];
        for (seq, fact) in (1..).zip(&facts) {
            assert_eq!(fact.seq, seq);
            let hash = chain(
                &previous,
                till.shard(),
                seq,
                &fact.subject,
                fact.at,
                &fact.kind,
                fact.version,
                &fact.body,
            );
            assert_eq!(fact.hash, hash, "fact {seq}");
            previous = hash;
        }
        assert_eq!(store.head(till.shard()).unwrap(), (15, previous));
        for (subject, seqs) in [
            (Subject::Terminal(till), vec![1, 2, 3]),
            (Subject::Tally(id(1)), vec![4, 5, 6, 13, 14, 15]),
            (Subject::Nobody, vec![7, 8, 9, 10, 11, 12]),
            (Subject::Tally(id(2)), vec![]),
        ] {
            let found = store.facts_of(till.shard(), &subject, 100).unwrap();
            assert_eq!(found.iter().map(|fact| fact.seq).collect::<Vec<_>>(), seqs, "{subject:?}");
            let first = store.facts_of(till.shard(), &subject, 4).unwrap();
            assert_eq!(first, found[..found.len().min(4)], "{subject:?}");
        }
        assert_eq!(store.facts(till.shard(), 4, 2).unwrap(), facts[4..6]);
    });
}

#[test]
fn postings_add_up_to_balances() {
    on_every_store(|store| {
        let entry = |no, expected, postings| Entry { postings, ..bare(id(no), shard(5), expected) };
        store
            .commit(1, &batch(1, vec![entry(1, 0, vec![posting(100, 0)]), entry(2, 0, vec![posting(7, 0)])]))
            .unwrap();
        store.commit(1, &batch(2, vec![entry(1, 1, vec![posting(-100, 0), posting(0, 90)])])).unwrap();
        let balances = store.balances().unwrap();
        let of = |account| balances.iter().find(|balance| balance.account == account).unwrap();
        let receivable = of(Account::Receivable(LinkId(1)));
        assert_eq!((receivable.debit_pending, receivable.debit_posted), (7, 90));
        assert_eq!((receivable.credit_pending, receivable.credit_posted), (0, 0));
        let at_risk = of(Account::AtRisk);
        assert_eq!((at_risk.credit_pending, at_risk.credit_posted), (7, 90));
        assert_eq!(balances.len(), 2);
        let all = [posting(100, 0), posting(-100, 0), posting(0, 90)];
        assert_eq!(store.postings_of(shard(5), id(1)).unwrap(), all, "in the order of their commits");
    });
}

#[test]
fn a_balance_that_overflows_fails_the_whole_batch() {
    // (what stands, what comes)
    let cases: [(&[_], &[_]); 4] = [
        (&[posting(0, i64::MAX)], &[posting(0, 1)]),
        (&[posting(i64::MAX, 0)], &[posting(1, 0)]),
        (&[posting(i64::MIN, 0)], &[posting(-1, 0)]),
        (&[], &[posting(0, i64::MAX), posting(0, i64::MAX)]),
    ];
    for (stands, comes) in cases {
        on_every_store(|store| {
            let entry =
                |no, postings: &[_]| Entry { postings: postings.to_vec(), ..bare(id(no), shard(5), 0) };
            store.commit(1, &batch(1, vec![entry(1, stands)])).unwrap();
            let before = everything(store);
            let free = Entry { postings: vec![], ..full(3, 0) };
            match store.commit(1, &batch(2, vec![free.clone(), entry(2, comes)])) {
                Err(StoreError::Overflow { account: _, shard: at }) => assert_eq!(at, shard(5)),
                other => panic!("{other:?}"),
            }
            assert_eq!(everything(store), before);
            store.commit(1, &batch(2, vec![free])).unwrap();
        });
    }
}

#[test]
fn a_card_is_kept_once_and_stays_with_its_payment() {
    on_every_store(|store| {
        let (token, sealed) = card(1);
        let again = (token, card(2).1);
        let with = |no, expected, card| Entry { card, ..bare(id(no), shard(5), expected) };
        store
            .commit(1, &batch(1, vec![with(1, 0, Some((token, sealed.clone()))), with(2, 0, Some(again))]))
            .unwrap();
        store.commit(1, &batch(2, vec![with(1, 1, None), with(3, 0, None)])).unwrap();
        let card_of = |store: &mut dyn Store, no| store.tally(id(no), shard(5)).unwrap().unwrap().card;
        assert_eq!(card_of(store, 1), Some(sealed.clone()), "kept by a later version that does not name it");
        assert_eq!(card_of(store, 2), Some(sealed), "the first seal of a card stays");
        assert_eq!(card_of(store, 3), None);
    });
}

#[test]
fn terminals_have_versions_of_their_own() {
    on_every_store(|store| {
        let entry = |no, expected| {
            let till = till(no);
            Entry { subject: Subject::Terminal(till), ..bare(id(0), till.shard(), expected) }
        };
        assert_eq!(
            store.commit(1, &batch(1, vec![entry(3, 0), entry(1, 0), entry(2, 1)])).unwrap(),
            [version(2, 0)]
        );
        assert_eq!(store.commit(1, &batch(2, vec![entry(1, 1), entry(3, 0)])).unwrap(), [version(1, 1)]);
        let rows = store.terminals(None, 10).unwrap();
        let versions: Vec<_> = rows.iter().map(|row| (row.till, row.version)).collect();
        assert_eq!(versions, [(till(1), 2), (till(3), 1)]);
        assert_eq!(store.terminals(Some(till(1)), 10).unwrap(), rows[1..]);
        assert_eq!(store.terminal(till(3)).unwrap().as_ref(), Some(&rows[1]));
    });
}

#[test]
fn links_have_versions_of_their_own_and_lie_in_the_first_shard() {
    on_every_store(|store| {
        let mut dice = Dice::new(1);
        let mut entry = |link, expected| Entry {
            subject: Subject::Link(LinkId(link)),
            facts: vec![fact("link_ordered", 30, &mut dice)],
            ..bare(id(0), shard(0), expected)
        };
        assert_eq!(store.links().unwrap(), []);
        let entries = vec![entry(700, 0), entry(2, 0), entry(2, 1), entry(9, 1)];
        assert_eq!(store.commit(1, &batch(1, entries)).unwrap(), [version(3, 0)]);
        let again = entry(700, 1);
        let state = again.state.clone();
        assert_eq!(store.commit(1, &batch(2, vec![again, entry(2, 1)])).unwrap(), [version(1, 2)]);
        let rows = store.links().unwrap();
        let versions: Vec<_> = rows.iter().map(|row| (row.link, row.version)).collect();
        assert_eq!(versions, [(LinkId(2), 2), (LinkId(700), 2)], "in the order of their numbers");
        assert_eq!(rows[1].state, state);
        let facts = |store: &mut dyn Store, link| {
            let found = store.facts_of(shard(0), &Subject::Link(LinkId(link)), 10).unwrap();
            found.iter().map(|fact| fact.seq).collect::<Vec<_>>()
        };
        assert_eq!((facts(store, 700), facts(store, 2), facts(store, 9)), (vec![1, 4], vec![2, 3], vec![]));
    });
}

#[test]
fn payments_are_listed_by_their_opening_and_backwards() {
    on_every_store(|store| {
        let entries = [(3, 0), (1, 63), (2, 0), (2, 7)].map(|(no, at)| bare(id(no), shard(at), 0));
        store.commit(1, &batch(1, entries.to_vec())).unwrap();
        let key = |row: &hefu_store::TallyRow| (row.shard, row.id);
        let rows = store.tallies(None, 10).unwrap();
        let order: Vec<_> = rows.iter().map(key).collect();
        let expected = [(63, 1), (0, 2), (7, 2), (0, 3)].map(|(at, no)| (shard(at), id(no)));
        assert_eq!(order, expected);
        assert_eq!(store.tallies(Some(expected[1]), 1).unwrap(), rows[2..3]);
        let latest = store.latest(None, 10).unwrap();
        assert_eq!(
            latest.iter().map(key).collect::<Vec<_>>(),
            expected.iter().rev().copied().collect::<Vec<_>>()
        );
        assert_eq!(store.latest(Some(id(3)), 1).unwrap(), latest[1..2]);
        assert_eq!(store.latest(Some(id(1)), 1).unwrap(), []);
    });
}

#[test]
fn leases_never_meet_and_end_with_the_numbers() {
    on_every_store(|store| {
        let leases =
            [(Counter::Rrn, 10, 0), (Counter::Stan, 5, 0), (Counter::Rrn, 1, 10), (Counter::Rrn, 3, 11)];
        for (counter, size, first) in leases {
            assert_eq!(store.lease(counter, size).unwrap(), first, "{counter:?} {size}");
        }
        for size in [u64::MAX, i64::MAX as u64] {
            assert!(matches!(
                store.lease(Counter::Rrn, size),
                Err(StoreError::CounterSpent { counter: "rrn", .. })
            ));
        }
        assert_eq!(store.lease(Counter::Rrn, 1).unwrap(), 14, "a refused lease takes nothing");
    });
}

#[test]
fn a_meta_value_is_the_last_one_written() {
    on_every_store(|store| {
        for value in [b"one".as_slice(), b"", b"two"] {
            store.set_meta("mark", value).unwrap();
            assert_eq!(store.meta("mark").unwrap().as_deref(), Some(value));
        }
    });
}

#[test]
fn what_is_beyond_its_bound_is_refused_by_name() {
    let long = |bytes: usize| Entry { state: vec![0; bytes], ..bare(id(1), shard(5), 0) };
    let key =
        Entry { handles: vec![handle(vec![b'U'; MOST_KEY_BYTES + 1], true)], ..bare(id(1), shard(5), 0) };
    let many = (0..=MOST_ENTRIES).map(|_| bare(id(1), shard(5), 0)).collect();
    let mut dice = Dice::new(1);
    let body = Entry { facts: vec![fact("opened", MOST_BYTES + 1, &mut dice)], ..bare(id(1), shard(5), 0) };
    let cases: [(&str, Vec<Entry>); 4] = [
        (
            "size of a state of 1048577 is more than the 1048576 allowed (entry 1 of the batch)",
            vec![full(2, 0), long(MOST_BYTES + 1)],
        ),
        ("size of a handle of 129 is more than the 128 allowed (entry 0 of the batch)", vec![key]),
        (
            "size of a fact's body of 1048577 is more than the 1048576 allowed (entry 0 of the batch)",
            vec![body],
        ),
        ("number of entries of 4097 is more than the 4096 allowed", many),
    ];
    on_every_store(|store| {
        for (message, entries) in &cases {
            let refused = store.commit(1, &batch(1, entries.clone())).unwrap_err();
            assert_eq!(refused.to_string(), *message);
        }
        let limits = [
            store.facts(shard(0), 0, MOST_ROWS + 1).map(|_| ()),
            store.tallies(None, MOST_ROWS + 1).map(|_| ()),
            store.duties(None, START, usize::MAX).map(|_| ()),
            store.find_prefix(shard(0), b"", MOST_ROWS + 1).map(|_| ()),
            store.set_meta("mark", &vec![0; MOST_BYTES + 1]),
        ];
        for limit in limits {
            assert!(matches!(limit, Err(StoreError::TooLarge { .. })), "{limit:?}");
        }
        assert_eq!(store.last_batch(1).unwrap(), 0);
        store.commit(1, &batch(1, vec![long(MOST_BYTES)])).unwrap();
        assert_eq!(store.tally(id(1), shard(5)).unwrap().unwrap().state.len(), MOST_BYTES);
    });
}

#[test]
fn names_at_the_ends_of_their_ranges_are_kept() {
    on_every_store(|store| {
        for (number, at) in (1..).zip(Shard::all()) {
            let duties = [i64::MIN, -1, 0, i64::MAX].map(|due| duty(DutyKind::Reverse, Moment(due)));
            let duties = DutyChange { gone: vec![], new: duties.to_vec() };
            let entry = Entry { duties, ..bare(hefu_tally::TallyId([number as u8; 16]), at, 0) };
            store.commit(u16::MAX, &batch(number, vec![entry])).unwrap();
        }
        assert_eq!(store.last_batch(u16::MAX).unwrap(), 64);
        let rows = store.duties(None, Moment(i64::MAX), 1_000).unwrap();
        assert!(rows.is_sorted() && rows.len() == 256);
    });
}
