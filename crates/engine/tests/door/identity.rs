//! The same request twice: the current truth again. The same identity for something else: a clash.

use crate::world::World;
use hefu_engine::{Ask, Transact, Words};
use hefu_tally::{ContentHash, Kind};

fn repeat(world: &mut World, transact: &Transact) -> u64 {
    world.ask(Ask::Transact(Box::new(transact.clone())))
}

/// A sale and how to say it again.
fn first(world: &mut World) -> (u64, Transact) {
    let transact = world.transaction(Kind::Sale, 10_000, None);
    (repeat(world, &transact), transact)
}

#[test]
fn a_repeat_hears_the_truth_and_the_bank_hears_nothing() {
    // (what happened before the repeat, the code and words that it hears)
    type Before = fn(&mut World);
    let cases: &[(&str, Before, &str, Words)] = &[
        ("in flight", |_| {}, "98", Words::Unknown),
        ("approved", |world| world.bank("00"), "00", Words::Code),
        ("declined", |world| world.bank("51"), "51", Words::Code),
        ("unknown", |world| world.until(55), "98", Words::Returning),
        (
            "returned",
            |world| {
                world.until(55);
                world.bank("00")
            },
            "98",
            Words::Returned,
        ),
        (
            "never done",
            |world| {
                world.until(55);
                world.bank("25");
                world.until(116);
                world.bank("25");
            },
            "91",
            Words::NothingCharged,
        ),
    ];
    for (name, before, code, words) in cases {
        for restart in [false, true] {
            let mut world = World::new();
            let (conversation, transact) = first(&mut world);
            before(&mut world);
            if restart {
                if world.reply(conversation).is_none() {
                    continue;
                }
                world.restart();
            }
            let sent = world.sent.len();
            let again = repeat(&mut world, &transact);
            assert_eq!((world.code(again).as_str(), world.words(again)), (*code, *words), "{name} {restart}");
            assert_eq!(world.sent.len(), sent, "{name}: nothing is sent");
            assert_eq!(world.store.tallies.len(), 1, "{name}: nothing is opened");
        }
    }
}

#[test]
fn a_repeat_of_an_approval_carries_the_same_references() {
    let mut world = World::new();
    let (conversation, transact) = first(&mut world);
    world.bank("00");
    let again = repeat(&mut world, &transact);
    assert_eq!(world.said(again), world.said(conversation));
}

#[test]
fn other_content_under_the_same_identity_is_a_clash() {
    for in_memory in [true, false] {
        let mut world = World::new();
        let (_, mut transact) = first(&mut world);
        world.bank(if in_memory { "00" } else { "51" });
        assert_eq!(world.engine.open() > 0, in_memory);
        transact.content = ContentHash([99; 16]);
        let clash = repeat(&mut world, &transact);
        assert_eq!((world.code(clash).as_str(), world.words(clash)), ("94", Words::SignOn));
        assert_eq!((world.sent.len(), world.store.tallies.len()), (1, 1));
        assert!(world.store.facts.iter().any(|(_, fact)| fact.kind == "identity_clash"));
    }
}

#[test]
fn a_clash_on_a_follower_leaves_its_original_untouched() {
    let mut world = World::new();
    let (_, taken) = first(&mut world);
    world.bank("51");
    let original = world.approved(Kind::Sale, 20_000);
    let mut void = world.transaction(Kind::Void, 20_000, Some(original.clone()));
    void.identity = taken.identity;
    let clash = repeat(&mut world, &void);
    assert_eq!((world.code(clash).as_str(), world.sent.len()), ("94", 2));
    assert_eq!(world.payment(1).legs().count(), 1);
    let void = world.transact(Kind::Void, 20_000, Some(original));
    world.bank("00");
    assert_eq!(world.code(void), "00");
    assert_eq!(world.payment(1).legs().count(), 2);
}

#[test]
fn a_late_approval_of_a_refund_is_told_by_its_repeat_and_on_record() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    let refund = world.transaction(Kind::Refund, 4_000, Some(original));
    let conversation = repeat(&mut world, &refund);
    world.until(60);
    assert_eq!(world.code(conversation), "98");
    world.bank("00");
    assert_eq!(world.facts(0).iter().filter(|fact| **fact == "told").count(), 2);
    let again = repeat(&mut world, &refund);
    assert_eq!(world.code(again), "00");
    assert_eq!(world.facts(0).iter().filter(|fact| **fact == "told").count(), 3, "the approval was told");
    repeat(&mut world, &refund);
    assert_eq!(world.facts(0).iter().filter(|fact| **fact == "told").count(), 3, "once");
}

#[test]
fn the_request_after_its_own_reversal_is_refused() {
    for restart in [false, true] {
        let mut world = World::new();
        let late = world.transaction(Kind::Sale, 10_000, None);
        let reversal = world.reversal(Kind::Sale, 10_000, 1);
        assert_eq!(world.code(reversal), "25");
        if restart {
            world.restart();
        }
        let sale = repeat(&mut world, &late);
        assert_eq!((world.code(sale).as_str(), world.sent.len()), ("12", 0));
        let again = world.reversal(Kind::Sale, 10_000, 1);
        assert_eq!((world.code(again).as_str(), world.store.tallies.len()), ("25", 1));
    }
}
