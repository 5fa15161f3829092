//! The gate: nothing is said outside before what it depends on is durable.

use crate::world::{LINK, World};
use hefu_engine::{Ask, Conversation, Input, Settle, SignOn};
use hefu_tally::{
    Kind,
    leg::Case,
    record::{Batch, Subject},
};

/// Does something with commits withheld: nothing may come out until the last of them is durable.
#[track_caller]
fn check(name: &str, mut world: World, act: impl FnOnce(&mut World), sends: usize, replies: usize) {
    world.withhold = true;
    let before = (world.sent.len(), world.replies.len());
    act(&mut world);
    assert_eq!((world.sent.len(), world.replies.len()), before, "{name}: before the commit");
    assert!(!world.held.is_empty(), "{name}: something is being committed");
    while !world.held.is_empty() {
        world.release();
    }
    let after = (world.sent.len() - before.0, world.replies.len() - before.1);
    assert_eq!(after, (sends, replies), "{name}: after the commit");
}

fn with_sale() -> World {
    let mut world = World::new();
    world.sale(10_000);
    world
}

fn with_approval() -> World {
    let mut world = with_sale();
    world.bank("00");
    world
}

#[test]
fn nothing_leaves_before_its_commit() {
    let sale = |world: &mut World| {
        world.sale(10_000);
    };
    check("a request", World::new(), sale, 1, 0);
    check("an approval", with_sale(), |world| world.bank("00"), 0, 1);
    check("a decline", with_sale(), |world| world.bank("51"), 0, 1);
    check("unknown and its reversal", with_sale(), |world| world.bank("96"), 1, 1);
    check("the deadline", with_sale(), |world| world.until(55), 1, 1);
    check("a refusal", World::off(|_| {}), sale, 0, 1);
    let never = |world: &mut World| {
        let request = world.last();
        world.feed(Input::NeverSent { link: LINK, key: request.key, rrn: request.rrn });
    };
    check("never sent", with_sale(), never, 0, 1);
    let reversal = |world: &mut World| {
        world.reversal(Kind::Sale, 10_000, 1);
    };
    check("a terminal's reversal of what waits", with_sale(), reversal, 0, 2);
    check("a terminal's reversal of an approval", with_approval(), reversal, 1, 1);
    check("a tombstone", World::new(), reversal, 0, 1);
    let unwritten = |world: &mut World| world.feed(Input::Unwritten { conversation: Conversation(1) });
    check("an unwritten approval", with_approval(), unwritten, 1, 0);
    let sign_on = |world: &mut World| {
        let keys = SignOn { wrapped: vec![1], f62: vec![2], batch: 0 };
        world.ask(Ask::SignOn(keys));
    };
    check("a sign-on", World::new(), sign_on, 0, 1);
    check(
        "a sign-off",
        World::new(),
        |world| {
            world.ask(Ask::SignOff);
        },
        0,
        1,
    );
    let settle = |world: &mut World| {
        world.ask(Ask::Settle(Settle::default()));
    };
    check("a settlement", World::new(), settle, 0, 1);
    let mut repeats = with_sale();
    let (batch, trace) = (repeats.batch, repeats.trace);
    repeats.withhold = true;
    repeats.bank("00");
    check(
        "a question while the answer is being committed",
        repeats,
        |world| {
            world.ask(Ask::LastResult { batch, trace });
        },
        0,
        2,
    );
}

#[test]
fn one_batch_is_under_way_and_the_rest_goes_together() {
    let mut world = World::new();
    world.withhold = true;
    world.sale(10_000);
    for minor in [20_000, 30_000, 40_000] {
        world.sale(minor);
        assert_eq!(world.held.len(), 1, "the second batch waits for the first");
    }
    world.release();
    assert_eq!((world.sent.len(), world.held.len()), (1, 1));
    assert_eq!(world.held[0].entries.len(), 3);
    world.release();
    assert_eq!(world.sent.len(), 4);
}

#[test]
fn a_batch_is_bounded_and_the_rest_follows_in_order() {
    let mut world = World::with(|config| config.most_entries = 2);
    world.withhold = true;
    for n in 1..=6 {
        world.sale(n * 1_000);
    }
    let mut sizes = Vec::new();
    while let Some(batch) = world.held.first() {
        sizes.push(batch.entries.len());
        world.release();
    }
    assert_eq!(sizes, [1, 2, 2, 1]);
    let amounts: Vec<i64> = world.sent.iter().map(|request| request.amount.minor).collect();
    assert_eq!(amounts, [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
}

#[test]
fn changes_of_one_payment_become_one_entry() {
    let mut world = with_sale();
    world.withhold = true;
    world.sale(20_000);
    let request = world.sent[0].clone();
    world.answer(&request, "00", |_| {});
    world.reversal(Kind::Sale, 10_000, 1);
    world.release();
    let Batch { entries, .. } = &world.held[0];
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (entries[0].subject, entries[0].expected, entries[0].version),
        (Subject::Tally(world.id(0)), 1, 2)
    );
    let facts: Vec<_> = entries[0].facts.iter().map(|fact| fact.kind).collect();
    assert_eq!(facts, ["answered", "turned", "told", "terminal_reversed", "turned", "learned", "reversing"]);
    assert!(world.replies.is_empty());
    world.release();
    assert_eq!(world.replies.len(), 2, "the approval, then the 0410");
    assert_eq!(world.sent.len(), 3);
}

#[test]
fn a_change_that_another_node_overtook_is_read_and_judged_again() {
    let mut world = with_approval();
    let id = world.id(0);
    world.store.tallies.get_mut(&id).unwrap().version += 1;
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!(world.code(reversal), "00", "answered after it was judged on the new row");
    assert_eq!(world.store.tallies[&id].version, 4);
    assert!(world.has_fact(0, |fact| fact.name() == "reversing"));
    let tills = with_sale();
    let mut world = tills;
    world.ask(Ask::SignOff);
    let till = world.till;
    world.store.tills.get_mut(&till).unwrap().version += 1;
    let sign_off = world.ask(Ask::SignOff);
    assert_eq!((world.code(sign_off).as_str(), world.store.tills[&till].version), ("00", 3));
}

#[test]
fn whoever_waits_for_a_payment_that_was_overtaken_hears_unknown() {
    let mut world = with_sale();
    let id = world.id(0);
    world.store.tallies.get_mut(&id).unwrap().version += 1;
    world.bank("00");
    assert_eq!((world.code(1).as_str(), world.replies.len()), ("98", 1));
    assert!(world.has_fact(0, |fact| fact.name() == "reversing"), "nobody waits for the approval any more");
}

#[test]
fn a_duty_that_was_overtaken_is_read_at_once_and_done() {
    let mut world = with_sale();
    let id = world.id(0);
    world.store.tallies.get_mut(&id).unwrap().version += 1;
    world.until(56);
    assert_eq!((world.code(1).as_str(), world.sent.len()), ("98", 2), "no input brought it about");
}

#[test]
fn what_is_refused_leaves_the_others_standing() {
    let mut world = with_approval();
    world.sale(20_000);
    world.bank("00");
    let id = world.id(0);
    world.withhold = true;
    world.sale(30_000);
    world.reversal(Kind::Sale, 10_000, 1);
    world.reversal(Kind::Sale, 20_000, 2);
    world.store.tallies.get_mut(&id).unwrap().version += 1;
    while !world.held.is_empty() {
        world.release();
    }
    assert!((0..2).all(|place| world.has_fact(place, |fact| fact.name() == "reversing")));
    assert_eq!(world.replies.len(), 4);
}

#[test]
fn a_request_that_became_durable_too_late_stays_here_and_charges_nobody() {
    for (waits, sends, says) in [(10, 1, None), (11, 0, Some("91"))] {
        let mut world = World::new();
        world.withhold = true;
        let conversation = world.sale(10_000);
        world.until(waits);
        while !world.held.is_empty() {
            world.release();
        }
        assert_eq!(world.sent.len(), sends, "after {waits} s");
        assert_eq!(world.reply(conversation).map(|_| world.code(conversation)).as_deref(), says);
    }
}

#[test]
fn an_answer_that_comes_before_the_newest_copy_has_left_is_an_earlier_ones() {
    let mut world = with_sale();
    world.until(55);
    let first = world.last();
    world.withhold = true;
    world.until(60);
    assert_eq!(world.leg(0).undo.unwrap().copies, 1, "the second copy is not durable");
    world.answer(&first, "94", |_| {});
    while !world.held.is_empty() {
        world.release();
    }
    assert_eq!(world.leg(0).undo.unwrap().copies, 2);
    assert_eq!(world.leg(0).case, Some(Case::KeyClash));
}

/// Seed 3006223: an answer to the first copy passed for one to the second, which had left a moment later.
#[test]
fn copies_of_a_reversal_leave_seconds_apart_however_long_the_first_was_in_becoming_durable() {
    let mut world = with_sale();
    world.until(54);
    world.withhold = true;
    world.until(80);
    let before = world.sent.len();
    world.withhold = false;
    while !world.held.is_empty() {
        world.release();
    }
    let copies = |world: &World| {
        let left = world.sent[before..].iter().filter(|sent| sent.what.is_reversal()).count();
        (world.leg(0).undo.unwrap().copies, left)
    };
    assert_eq!(copies(&world), (1, 1), "those of 60 and 70 s were not made");
    world.until(82);
    assert_eq!(copies(&world), (1, 1), "and the second, long due, does not leave with the first");
    world.until(84);
    assert_eq!(copies(&world), (2, 2));
}
