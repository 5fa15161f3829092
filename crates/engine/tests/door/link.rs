//! The link to the bank, down and up.

use crate::world::{LINK, World};
use hefu_engine::{BankAsk, Input, Words};
use hefu_tally::{Issuer, Kind, LinkId, time::SECOND};

fn link(world: &mut World, up: bool) {
    world.feed(Input::Link { link: LINK, up });
}

#[test]
fn with_the_line_down_nothing_is_charged_and_it_is_on_record() {
    let mut world = World::off(|_| {});
    let sale = world.sale(10_000);
    assert_eq!((world.code(sale).as_str(), world.words(sale)), ("91", Words::NothingCharged));
    assert_eq!(world.facts(0), ["opened", "never_sent", "told"]);
    assert_eq!(world.sent.len(), 0);
    world.feed(Input::Link { link: LinkId(9), up: true });
    let sale = world.sale(10_000);
    assert_eq!(world.code(sale), "91", "another link says nothing of ours");
    link(&mut world, true);
    world.sale(10_000);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn reversals_wait_for_the_line_and_go_out_when_it_is_up() {
    let mut world = World::new();
    for minor in [10_000, 20_000, 30_000] {
        world.sale(minor);
    }
    world.until(56);
    assert_eq!(world.sent.len(), 6);
    link(&mut world, false);
    world.until(400);
    assert_eq!(world.sent.len(), 6, "a repeat into a dead line would only be lost");
    link(&mut world, true);
    assert_eq!(world.sent.len(), 7, "one tries whether the bank is there");
    for (answered, sent) in [(6, 9), (7, 9), (8, 9)] {
        let copy = world.sent[answered].clone();
        assert!(matches!(copy.what, BankAsk::ReversalRepeat { .. }));
        world.answer(&copy, "00", |_| {});
        assert_eq!(world.sent.len(), sent, "each answer makes room for more");
    }
    assert!(world.store.duties.is_empty());
}

#[test]
fn with_the_line_down_over_the_cut_a_reversal_is_left_to_clearing() {
    let mut world = World::new();
    world.sale(10_000);
    world.until(56);
    link(&mut world, false);
    world.until(12 * 3_600);
    assert!(world.has_fact(0, |fact| fact.name() == "left_to_clearing"));
}

#[test]
fn a_reversal_that_a_silent_bank_left_over_the_cut_goes_on_at_once() {
    let mut world = World::new();
    world.sale(10_000);
    let opened = world.leg(0).opened;
    let mut second = opened.business_day().cut().since(opened) / SECOND;
    world.until(second);
    let sent = world.sent.len();
    assert!(sent > 50, "it was tried all day");
    while !world.has_fact(0, |fact| fact.name() == "left_to_clearing") {
        assert_eq!(world.sent.len(), sent, "clearing is asked before anything is sent");
        second += 1;
        world.until(second);
    }
    assert_eq!(world.sent.len(), sent + 1, "not when duties are next looked for");
    world.until(second + 3_600);
    assert_eq!(world.sent.len(), sent + 7, "every ten minutes after that");
    world.bank("00");
    assert_eq!(world.leg(0).issuer, Issuer::Undone);
}

#[test]
fn the_deadline_turns_whether_the_line_is_up_or_down() {
    let mut world = World::new();
    let sale = world.sale(10_000);
    link(&mut world, false);
    world.until(55);
    assert_eq!((world.code(sale).as_str(), world.leg(0).issuer), ("98", Issuer::Unknown));
    world.until(200);
    link(&mut world, true);
    world.until(201);
    assert!(matches!(world.last().what, BankAsk::ReversalRepeat { .. }));
}

#[test]
fn an_advice_is_kept_and_sent_when_the_line_is_up() {
    let mut world = World::off(|_| {});
    let sale = world.transact(Kind::OfflineSale, 10_000, None);
    let request = world.last();
    world.feed(Input::NeverSent { link: LINK, key: request.key, rrn: request.rrn });
    assert_eq!((world.reply(sale), world.leg(0).issuer), (None, Issuer::Unknown));
    world.until(300);
    assert_eq!(world.code(sale), "98");
    let sent = world.sent.len();
    link(&mut world, true);
    world.until(301);
    assert_eq!((world.sent.len(), world.last().what), (sent + 1, BankAsk::Repeat));
    world.bank("00");
    assert_eq!(world.leg(0).issuer, Issuer::Done);
}

#[test]
fn a_refund_that_is_never_sent_is_refused_and_frees_its_amount() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    for _ in 0..2 {
        let refund = world.transact(Kind::Refund, 10_000, Some(original.clone()));
        let request = world.last();
        world.feed(Input::NeverSent { link: LINK, key: request.key, rrn: request.rrn });
        assert_eq!(world.code(refund), "91");
    }
}
