//! Bounds: memory, numbers, queues; and what a copy of the engine is worth.

use crate::world::{World, code, fen, till};
use hefu_engine::{Ask, Conversation, Engine, Input, Note, Output, Words};
use hefu_tally::{Kind, Moment};

#[test]
fn without_numbers_inputs_wait_and_then_go_on_in_order() {
    let mut world = World::off(|_| {});
    world.starve = true;
    world.restart();
    world.sale(10_000);
    world.sale(20_000);
    assert!(world.sent.is_empty() && !world.engine.is_idle());
    world.grant();
    let amounts: Vec<_> = world.sent.iter().map(|request| request.amount).collect();
    assert_eq!(amounts, [fen(10_000), fen(20_000)]);
    assert!(world.engine.is_idle());
}

#[test]
fn a_block_that_runs_out_without_a_new_lease_parks_what_comes() {
    let mut world = World::new();
    world.starve = true;
    for n in 0..10_000 {
        world.sale(n + 1);
        let request = world.last();
        world.answer(&request, "51", |_| {});
    }
    assert!(world.sent.len() < 10_000 && world.sent.len() > 9_000, "{}", world.sent.len());
    let waiting = 10_000 - world.sent.len();
    world.grant();
    assert_eq!(world.sent.len(), 10_000, "{waiting} waited");
}

#[track_caller]
fn hears(world: &World, sale: u64, code: &str, words: Words) {
    assert_eq!((world.code(sale).as_str(), world.words(sale)), (code, words));
}

#[test]
fn what_finds_no_place_behind_a_slow_store_was_surely_not_sent() {
    let mut world = World::with(|config| config.most_waiting = 3);
    world.withhold = true;
    let sales: Vec<u64> = (1..=6).map(|n| world.sale(n * 100)).collect();
    hears(&world, sales[4], "91", Words::NothingCharged);
    hears(&world, sales[5], "91", Words::NothingCharged);
    let note = Note { kind: "bad_frame", text: "x".into() };
    world.feed(Input::Note { till: None, note });
    assert!(!world.alarms.is_empty(), "a note that finds no place is not dropped in silence");
    while !world.held.is_empty() {
        world.release();
    }
    assert_eq!(world.sent.len(), 4, "one under way, three that waited");
}

#[test]
fn what_may_be_a_repeat_is_never_called_uncharged_for_want_of_a_place() {
    let mut world = World::with(|config| config.most_waiting = 3);
    let sale = world.transaction(Kind::Sale, 10_000, None);
    world.ask(Ask::Transact(Box::new(sale.clone())));
    world.bank("00");
    world.withhold = true;
    for n in 1..=5 {
        world.sale(n * 100);
    }
    let again = world.ask(Ask::Transact(Box::new(sale.clone())));
    hears(&world, again, "98", Words::Unknown);

    world.batch = 2;
    let older = world.sale(700);
    hears(&world, older, "98", Words::Unknown);
    world.batch = 1;
    world.withhold = false;
    world.starve = true;
    world.restart_with_link(false);
    let sales: Vec<u64> = (1..=4).map(|n| world.sale(n * 100)).collect();
    hears(&world, sales[3], "98", Words::Unknown);
    assert!(world.reply(sales[2]).is_none(), "after a restart nothing is known of this terminal");
    let again = world.ask(Ask::Transact(Box::new(sale)));
    hears(&world, again, "98", Words::Unknown);
}

#[test]
fn reads_that_wait_are_bounded() {
    let mut world = World::with(|config| config.most_waiting = 3);
    world.sale(100);
    world.blind = true;
    let named =
        |trace| Some(hefu_engine::Original { batch: Some(1), trace: Some(trace), ..Default::default() });
    let voids: Vec<u64> = (50..54).map(|trace| world.transact(Kind::Void, 100, named(trace))).collect();
    hears(&world, voids[3], "91", Words::NothingCharged);
    world.see();
    assert_eq!(world.code(voids[2]), "25");
    assert!(world.engine.is_idle());
}

#[test]
fn payments_in_memory_are_bounded() {
    let mut world = World::with(|config| config.most_open = 4);
    for n in 1..=6 {
        world.sale(n * 100);
    }
    assert_eq!((world.sent.len(), world.engine.open()), (4, 4));
    assert_eq!(world.code(6), "91");
    for request in world.sent.clone() {
        world.answer(&request, "51", |_| {});
    }
    world.sale(700);
    assert_eq!(world.sent.len(), 5, "there is room again");
}

#[test]
fn what_was_told_leaves_memory_when_room_is_short_and_is_still_presumed_known() {
    let mut world = World::with(|config| {
        config.most_open = 8;
        config.model.certified = true;
    });
    for n in 1..=12 {
        world.till = till(n);
        world.approved(Kind::Sale, i64::from(n) * 100);
        assert!(world.engine.open() <= 5, "{}", world.engine.open());
    }
    world.till = till(12);
    world.sale(5_000);
    let last = (0..12).filter(|place| world.leg(*place).merchant == hefu_tally::Merchant::Has).count();
    assert_eq!(last, 1, "it was read again for that");
    assert_eq!(world.leg(11).merchant, hefu_tally::Merchant::Has);
}

#[test]
fn what_is_due_later_is_not_in_memory_and_comes_back_in_time() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    world.sale(20_000);
    world.bank("51");
    world.restart();
    assert_eq!(world.engine.open(), 0);
    world.until(11 * 3_600 - 400);
    assert_eq!(world.engine.open(), 0);
    world.until(11 * 3_600 - 10);
    assert_eq!(world.engine.open(), 1, "its duty is due soon");
    world.until(11 * 3_600 + 10);
    assert!(world.store.duties.is_empty());
    assert_eq!(world.engine.open(), 0);
}

#[test]
fn a_row_that_cannot_be_read_is_an_alarm_and_not_a_loop() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    let original = world.quote(1);
    world.ask(Ask::SignOff);
    let id = world.id(0);
    world.store.tallies.get_mut(&id).unwrap().state = b"{".to_vec();
    let till = world.till;
    world.store.tills.get_mut(&till).unwrap().state = b"{".to_vec();
    world.restart();
    let refund = world.transact(Kind::Refund, 100, Some(original));
    assert_eq!(world.code(refund), "98");
    world.ask(Ask::SignOff);
    world.reversal(Kind::Sale, 10_000, 1);
    assert!(world.alarms.iter().any(|what| what.starts_with("payment")));
    assert!(world.alarms.iter().any(|what| what.starts_with("terminal")));
    assert!(world.engine.is_idle());
    world.sale(20_000);
    assert_eq!(world.sent.len(), 1, "others go on");
}

#[test]
fn equal_histories_have_equal_fingerprints() {
    let story = |world: &mut World, last: &str| {
        let original = world.approved(Kind::Sale, 10_000);
        world.transact(Kind::Refund, 1_000, Some(original));
        world.until(100);
        world.bank("00");
        world.sale(20_000);
        world.bank(last);
        world.engine.fingerprint()
    };
    let (mut first, mut second, mut third) = (World::new(), World::new(), World::new());
    assert_eq!(story(&mut first, "00"), story(&mut second, "00"));
    assert_ne!(first.engine.fingerprint(), story(&mut third, "51"));
    let before = first.engine.fingerprint();
    first.sale(5);
    assert_ne!(first.engine.fingerprint(), before);
}

#[test]
fn a_copy_goes_its_own_way() {
    let mut world = World::new();
    world.sale(10_000);
    let (copy, fingerprint) = (world.engine.clone(), world.engine.fingerprint());
    world.bank("00");
    assert_eq!(copy.fingerprint(), fingerprint);
    assert_ne!(world.engine.fingerprint(), fingerprint);
    world.engine = copy;
    world.store.batches -= 1;
    world.store.facts.truncate(2);
    let mut again = World::new();
    again.sale(10_000);
    assert_eq!(world.engine.fingerprint(), again.engine.fingerprint());
}

#[test]
fn every_output_comes_with_the_next_wake_and_no_secret_is_printed() {
    let mut engine = Engine::new(hefu_engine::Config::new(1, crate::world::LINK), 1, 0);
    let mut out = Vec::new();
    engine.handle(Moment(0), Input::Time, &mut out);
    assert!(matches!(out[0], Output::Load(_)), "it begins with the duties that it finds");
    assert!(out.iter().filter(|output| matches!(output, Output::Lease(_))).count() == 2);
    engine.handle(Moment(1), Input::Unwritten { conversation: Conversation(9) }, &mut out);
}

#[test]
#[should_panic(expected = "is an approval")]
fn a_word_for_unknown_that_is_an_approval_is_refused_at_the_start() {
    World::off(|config| config.model.unknown = code("00"));
}
