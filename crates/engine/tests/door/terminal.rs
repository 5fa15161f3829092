//! The terminal's reversals and questions.

use crate::world::World;
use hefu_engine::{Ask, BankAsk, Said, Words};
use hefu_tally::{CardToken, Direction, Kind, Merchant, View};

#[test]
fn a_reversal_before_the_answer_waits_with_its_0420() {
    let mut world = World::new();
    let sale = world.sale(10_000);
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!((world.code(sale).as_str(), world.code(reversal).as_str()), ("98", "00"));
    assert_eq!(world.sent.len(), 1, "the 0420 waits for the answer");
    let again = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!(world.code(again), "00");
    let request = world.sent[0].clone();
    world.answer(&request, "00", |_| {});
    assert_eq!(world.asked(), [BankAsk::Request, BankAsk::Reversal { reason: 4351 }]);
    assert_eq!(world.leg(0).direction, Direction::Return);
    let late = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!((world.code(late).as_str(), world.sent.len()), ("00", 2), "repeated reversals count as one");
}

#[test]
fn a_reversal_after_the_answer_is_answered_without_waiting_for_the_bank() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!(world.code(reversal), "00");
    assert_eq!(world.asked(), [BankAsk::Request, BankAsk::Reversal { reason: 4351 }]);
    assert_eq!(world.payment(0).view(), View::Returning);
    let Said::Reversal { rrn, .. } = world.said(reversal) else { panic!() };
    assert_eq!(rrn, Some(world.leg(0).rrn));
}

#[test]
fn a_reversal_of_what_memory_no_longer_holds_is_found_in_the_store() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    world.restart();
    assert_eq!(world.engine.open(), 0);
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!(
        (world.code(reversal).as_str(), world.asked()),
        ("00", vec![BankAsk::Reversal { reason: 4351 }])
    );
}

#[test]
fn a_reversal_that_names_other_content_moves_nothing_and_is_no_silence() {
    type Change = fn(&mut World) -> u64;
    let cases: &[(&str, Change)] = &[
        ("amount", |world| world.reversal(Kind::Sale, 9_999, 1)),
        ("kind", |world| world.reversal(Kind::Void, 10_000, 1)),
        ("card", |world| {
            world.card = CardToken([6; 16]);
            world.reversal(Kind::Sale, 10_000, 1)
        }),
    ];
    for (name, reverse) in cases {
        let mut world = World::certified();
        world.approved(Kind::Sale, 10_000);
        let reversal = reverse(&mut world);
        assert_eq!((world.code(reversal).as_str(), world.sent.len()), ("64", 1), "{name}");
        assert!(world.store.facts.iter().any(|(_, fact)| fact.kind == "reversal_mismatch"), "{name}");
        assert!(!world.alarms.is_empty());
        world.sale(20_000);
        assert_eq!(world.leg(0).merchant, Merchant::Told, "{name}: it is not presumed to have it");
    }
}

#[test]
fn after_a_swipe_a_reversal_goes_by_identity_alone() {
    let mut world = World::new();
    world.names_card = false;
    world.approved(Kind::Sale, 10_000);
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!((world.code(reversal).as_str(), world.sent.len()), ("00", 2));
    let tombstone = world.reversal(Kind::Sale, 10_000, 7);
    assert_eq!(world.code(tombstone), "25");
    let again = world.reversal(Kind::Sale, 10_000, 7);
    assert_eq!((world.code(again).as_str(), world.store.tallies.len()), ("25", 2));
}

#[test]
fn a_part_approval_is_reversed_by_its_part_or_its_whole() {
    for minor in [10_000, 5_000] {
        let mut world = World::new();
        let mut transact = world.transaction(Kind::Sale, 10_000, None);
        transact.takes_part = true;
        let sale = world.ask(Ask::Transact(Box::new(transact)));
        let request = world.last();
        world.answer(&request, "10", |answer| answer.amount = Some(crate::world::fen(5_000)));
        let Said::Transaction { amount, .. } = world.said(sale) else { panic!() };
        assert_eq!((world.code(sale).as_str(), amount), ("10", crate::world::fen(5_000)));
        let reversal = world.reversal(Kind::Sale, minor, 1);
        assert_eq!((world.code(reversal).as_str(), world.last().amount), ("00", crate::world::fen(10_000)));
    }
}

#[test]
fn the_reversal_of_a_void_makes_the_sale_stand() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    world.transact(Kind::Void, 10_000, Some(original));
    let reversal = world.reversal(Kind::Void, 10_000, 2);
    assert_eq!(world.code(reversal), "00");
    let void = world.last();
    world.answer(&void, "00", |_| {});
    assert_eq!(world.last().kind, Kind::Void);
    world.bank("00");
    let payment = world.payment(0);
    assert!(payment.first().stands() && payment.view() == View::Approved);
    assert_eq!(payment.halves().unwrap().charged, crate::world::fen(10_000));
}

#[test]
fn the_last_result_is_told_as_of_now() {
    type Before = fn(&mut World);
    let cases: &[(&str, Before, &str, Words)] = &[
        ("in flight", |_| {}, "98", Words::Unknown),
        ("approved", |world| world.bank("00"), "00", Words::Code),
        ("declined", |world| world.bank("51"), "51", Words::Code),
        ("returning", |world| world.until(55), "98", Words::Returning),
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
            "restarted",
            |world| {
                world.bank("00");
                world.restart()
            },
            "00",
            Words::Code,
        ),
    ];
    for (name, before, code, words) in cases {
        let mut world = World::new();
        world.sale(10_000);
        before(&mut world);
        let asked = world.ask(Ask::LastResult { batch: 1, trace: 1 });
        assert_eq!((world.code(asked).as_str(), world.words(asked)), (*code, *words), "{name}");
        let unknown = world.ask(Ask::LastResult { batch: 1, trace: 2 });
        assert_eq!(world.code(unknown), "25", "{name}");
    }
}
