//! Several bank links, each with its lanes: what is owed goes out as fast as its bank answers, and a bank that is
//! dead delays nobody else.

use crate::world::{LINK, World};
use hefu_engine::{BankAsk, BankRequest, Input, LinkRules, LinkStatus, Words};
use hefu_tally::{Kind, LinkId, link::LinkMode};

const OTHER: LinkId = LinkId(2);

/// Two links, both up; so many silences open a breaker.
fn two(trip_after: u32) -> World {
    let mut world = World::with(|config| {
        let rules = LinkRules { trip_after, ..LinkRules::default() };
        config.links = [(LINK, rules), (OTHER, rules)].into();
    });
    world.feed(Input::Link { link: OTHER, up: true });
    world
}

fn status(world: &World, link: LinkId) -> LinkStatus {
    world.engine.status().links.into_iter().find(|status| status.link == link).unwrap()
}

fn mode(world: &World, link: LinkId) -> LinkMode {
    status(world, link).state.mode()
}

/// A sale by a card that was not seen before, over this link.
fn sale(world: &mut World, link: LinkId, minor: i64) -> (u64, BankRequest) {
    world.link = link;
    let place = u8::try_from(world.sent.len() % 250).unwrap();
    world.card = hefu_tally::CardToken([place; 16]);
    let conversation = world.sale(minor);
    (conversation, world.last())
}

/// So many sales on this link that are never answered.
fn unanswered(world: &mut World, link: LinkId, count: i64) {
    for minor in 1..=count {
        sale(world, link, minor * 100);
    }
}

#[test]
fn each_payment_goes_its_own_way_and_what_refers_to_it_follows() {
    let mut world = two(10);
    let (conversation, _) = sale(&mut world, OTHER, 10_000);
    assert_eq!(world.sent_on.last(), Some(&OTHER));
    world.bank("00");
    let original = world.quote(conversation);
    world.link = LINK;
    world.transact(Kind::Void, 10_000, Some(original));
    assert_eq!(world.sent_on.last(), Some(&OTHER), "whatever the edge's route is by now");
    assert!(world.last().secret.is_none(), "a PIN block for another link is of no use");
    world.until(57);
    assert!(matches!(world.last().what, BankAsk::Reversal { .. }));
    assert_eq!(world.sent_on.last(), Some(&OTHER));
}

#[test]
fn a_silent_bank_degrades_its_own_link_alone_until_it_answers_again() {
    let mut world = two(5);
    unanswered(&mut world, LINK, 5);
    world.until(56);
    assert_eq!((mode(&world, LINK), mode(&world, OTHER)), (LinkMode::Degraded, LinkMode::Normal));
    assert!(world.alarms.iter().any(|what| what.contains("5 messages in a row")), "{:?}", world.alarms);
    world.link = LINK;
    let refused = world.sale(77_700);
    assert_eq!((world.code(refused).as_str(), world.words(refused)), ("91", Words::NothingCharged));
    let (conversation, _) = sale(&mut world, OTHER, 10_000);
    world.bank("00");
    assert_eq!(world.code(conversation), "00", "the other bank's payments go on");

    let before = world.sent.len();
    world.until(116);
    let tries =
        world.sent[before..].iter().filter(|sent| matches!(sent.what, BankAsk::ReversalRepeat { .. }));
    assert!((2..=7).contains(&tries.count()), "one message in ten seconds");
    world.link = LINK;
    world.bank("00");
    assert_eq!(mode(&world, LINK), LinkMode::Normal, "it answers again");
    let mut answered = before;
    while answered < world.sent.len() {
        let request = world.sent[answered].clone();
        world.answer(&request, "00", |_| {});
        answered += 1;
    }
    world.until(200);
    let (conversation, _) = sale(&mut world, LINK, 20_000);
    world.bank("00");
    assert_eq!(world.code(conversation), "00");
}

#[test]
fn an_open_breaker_outlives_a_restart_and_one_payment_may_try_when_nothing_is_owed() {
    let mut world = two(3);
    unanswered(&mut world, LINK, 3);
    world.until(56);
    world.link = LINK;
    for request in world.sent.clone() {
        if matches!(request.what, BankAsk::Reversal { .. }) {
            world.answer(&request, "00", |answer| answer.mac_good = false);
        }
    }
    assert_eq!(mode(&world, LINK), LinkMode::Degraded, "a wrong MAC shows no bank");
    world.restart();
    assert_eq!(mode(&world, LINK), LinkMode::Degraded);
    let facts: Vec<_> = world.store.facts.iter().map(|(_, fact)| fact.kind).collect();
    assert!(facts.contains(&"link_tripped"));
}

#[test]
fn a_backlog_goes_out_as_fast_as_the_bank_answers_and_each_message_once() {
    let mut world = World::with(|config| {
        config.links = [(LINK, LinkRules { trip_after: 10_000, ..LinkRules::default() })].into();
    });
    unanswered(&mut world, LINK, 400);
    world.until(56);
    world.feed(Input::Link { link: LINK, up: false });
    world.until(600);
    assert_eq!(status(&world, LINK).waiting, 400);
    let before = world.sent.len();
    world.feed(Input::Link { link: LINK, up: true });
    assert_eq!(world.sent.len(), before + 1, "one tries first");
    let (mut answered, mut most) = (before, 0);
    while answered < world.sent.len() {
        most = most.max(world.sent.len() - answered);
        let request = world.sent[answered].clone();
        assert!(matches!(request.what, BankAsk::ReversalRepeat { .. }));
        world.answer(&request, "00", |_| {});
        answered += 1;
    }
    assert_eq!(answered - before, 400, "each payment's reversal, once");
    assert!((100..=256).contains(&most), "{most} lanes at most");
    assert!(world.store.duties.is_empty() && world.engine.is_idle());
    let LinkStatus { flying, waiting, .. } = status(&world, LINK);
    assert_eq!((flying, waiting), (0, 0));
}

#[test]
fn a_lane_that_hangs_is_given_up_and_makes_room() {
    let mut world = two(1_000);
    unanswered(&mut world, LINK, 4);
    world.until(56);
    world.feed(Input::Link { link: LINK, up: false });
    world.until(200);
    world.feed(Input::Link { link: LINK, up: true });
    let before = world.sent.len();
    world.until(290);
    assert!(world.sent.len() >= before + 3, "{}", world.sent.len() - before);
}

/// Seed 3000323: a terminal repeated its advice every few seconds, and nothing that was owed was ever tried again.
#[test]
fn advices_that_leave_in_any_case_delay_no_try_of_what_is_owed() {
    let mut world = two(5);
    unanswered(&mut world, LINK, 5);
    world.until(56);
    assert_eq!(mode(&world, LINK), LinkMode::Degraded);
    world.link = LINK;
    let repeats = |world: &World| {
        let again = |sent: &&BankRequest| matches!(sent.what, BankAsk::ReversalRepeat { .. });
        world.sent.iter().filter(again).count()
    };
    let before = repeats(&world);
    for second in (57..=147).step_by(3) {
        world.until(second);
        world.transact(Kind::OfflineSale, 10_000 + second, None);
    }
    assert!(repeats(&world) >= before + 2, "{} tries", repeats(&world) - before);
}
