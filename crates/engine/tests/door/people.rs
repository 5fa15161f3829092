//! What named persons say: orders about links, decisions about payments, the cashier's word at the terminal.

use crate::world::{LINK, World, till};
use hefu_engine::{Answer, Ask, Decide, Halt, Input, Said, Settle, Upload, UploadPart, Words};
use hefu_tally::{
    Direction, Issuer, Kind, LinkId, Merchant,
    judge::Decision,
    leg::{Case, Knowledge},
    link::{LinkMode, Order},
};

fn order(world: &mut World, link: LinkId, mode: LinkMode, by: &str) -> Answer {
    let ticket = world.answers.len() as u64;
    let order = Order { mode, by: by.into(), reason: "the bank asked for it".into() };
    world.feed(Input::Order { ticket, link, order });
    let (answered, answer) = world.answers.last().unwrap().clone();
    assert_eq!(answered, ticket);
    answer
}

fn decide(world: &mut World, place: usize, decision: Decision) -> Answer {
    let ticket = world.answers.len() as u64;
    let rrn = world.leg(place).rrn;
    let decide = Decide { rrn, decision, by: "Wang Wei".into(), reason: "the file of today".into() };
    world.feed(Input::Decide { ticket, decide: Box::new(decide) });
    world.answers.last().unwrap().clone().1
}

#[test]
fn an_order_is_in_force_once_it_is_durable_and_outlives_a_restart() {
    let mut world = World::new();
    for (link, by, refused) in [(LinkId(9), "Li Na", true), (LINK, " ", true), (LINK, "Li Na", false)] {
        let answer = order(&mut world, link, LinkMode::Draining, by);
        assert_eq!(matches!(answer, Answer::Refused(_)), refused, "{link:?} {by:?}: {answer:?}");
    }
    let sale = world.sale(10_000);
    assert_eq!((world.code(sale).as_str(), world.words(sale)), ("91", Words::NothingCharged));
    world.restart();
    let sale = world.sale(20_000);
    assert_eq!(world.code(sale), "91");
    let advice = world.transact(Kind::OfflineSale, 30_000, None);
    assert_eq!(world.reply(advice), None, "what is sold already is taken on all the same");
    assert!(matches!(order(&mut world, LINK, LinkMode::Normal, "Li Na"), Answer::Done));
    world.sale(40_000);
    assert_eq!(world.last().amount.minor, 40_000);
}

#[test]
fn a_house_in_need_takes_no_new_payments_and_finishes_the_old_ones() {
    let mut world = World::new();
    world.sale(10_000);
    world.feed(Input::House { refuse: Some(Halt::DiskLow) });
    world.feed(Input::House { refuse: Some(Halt::DiskLow) });
    assert_eq!(world.alarms.len(), 1, "said once");
    let refused = world.sale(20_000);
    assert_eq!(world.code(refused), "91");
    world.until(56);
    world.bank("00");
    assert!(world.payment(0).matched(), "what is owed is done");
    world.feed(Input::House { refuse: None });
    world.sale(30_000);
    assert_eq!(world.last().amount.minor, 30_000);
}

#[test]
fn a_decision_moves_the_halves_once_and_is_answered_when_it_is_durable() {
    let mut world = World::new();
    world.sale(10_000);
    world.until(56);
    world.bank("22");
    world.restart();
    world.withhold = true;
    let before = world.answers.len();
    let decision = Decide {
        rrn: world.leg(0).rrn,
        decision: Decision::Undone,
        by: "Wang Wei".into(),
        reason: "the file of today".into(),
    };
    world.feed(Input::Decide { ticket: 7, decide: Box::new(decision) });
    assert_eq!(world.answers.len(), before, "not before its commit");
    world.withhold = false;
    world.release();
    assert!(matches!(world.answers.last(), Some((7, Answer::Done))));
    assert_eq!(world.leg(0).issuer, Issuer::Undone);
    assert!(world.payment(0).matched());
    assert!(matches!(decide(&mut world, 0, Decision::Undone), Answer::Refused(_)), "once");
}

#[test]
fn a_reference_that_nobody_has_is_refused() {
    let mut world = World::new();
    world.sale(10_000);
    let mut rrn = world.leg(0).rrn;
    rrn.0[11] = if rrn.0[11] == b'7' { b'8' } else { b'7' };
    let decide = Decide { rrn, decision: Decision::Has, by: "Wang Wei".into(), reason: "?".into() };
    world.feed(Input::Decide { ticket: 1, decide: Box::new(decide) });
    assert!(matches!(world.answers.last(), Some((1, Answer::Refused(_)))));
}

/// An approval that nothing was heard of for ten minutes.
fn silent() -> World {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    world.until(700);
    world
}

#[test]
fn the_terminals_next_answer_asks_about_what_nothing_was_heard_of() {
    for restarts in [false, true] {
        let mut world = silent();
        if restarts {
            world.restart();
        }
        let next = world.sale(20_000);
        world.bank("00");
        assert_eq!(world.reply(next).unwrap().question, Some(1), "restarts: {restarts}");
        let word = world.ask(Ask::Confirm { batch: 1, trace: 1, has: true });
        assert_eq!(world.code(word), "00");
        assert_eq!((world.leg(0).merchant, world.leg(0).knows), (Merchant::Has, Some(Knowledge::Confirmed)));
        let next = world.sale(30_000);
        world.bank("00");
        assert_eq!(world.reply(next).unwrap().question, None, "answered");
    }
}

#[test]
fn a_cashier_who_denies_a_sale_has_it_returned() {
    let mut world = silent();
    let word = world.ask(Ask::Confirm { batch: 1, trace: 1, has: false });
    assert_eq!(world.code(word), "00");
    assert_eq!((world.leg(0).direction, world.leg(0).merchant), (Direction::Return, Merchant::No));
    world.bank("00");
    assert!(world.payment(0).matched());
    let against = world.ask(Ask::Confirm { batch: 1, trace: 1, has: true });
    assert_eq!(world.code(against), "12", "it is returned, whatever is said now");
    let nobody = world.ask(Ask::Confirm { batch: 1, trace: 99, has: false });
    assert_eq!(world.code(nobody), "25");
    world.till = till(2);
    let stranger = world.ask(Ask::Confirm { batch: 1, trace: 1, has: true });
    assert_eq!(world.code(stranger), "25", "another terminal's word is not asked for");
}

#[test]
fn equal_totals_with_an_open_question_ask_an_old_model_for_its_lines() {
    let totals = Settle { batch: 1, debit: 10_000, debits: 1, credit: 0, credits: 0 };
    let mut world = silent();
    let settled = world.ask(Ask::Settle(totals));
    assert!(matches!(world.said(settled), Said::Settled { balanced: false }), "its lines would be proof");
    for part in [UploadPart::Lines(vec![(1, 10_000)]), UploadPart::End { total: 1 }] {
        let sent = world.ask(Ask::Upload(Upload { batch: 1, part }));
        assert_eq!(world.code(sent), "00");
    }
    assert_eq!(world.leg(0).knows, Some(Knowledge::Upload));
    let again = world.ask(Ask::Settle(totals));
    assert!(matches!(world.said(again), Said::Settled { balanced: true }));
}

#[test]
fn what_an_upload_lacks_waits_for_a_person_across_the_cut() {
    let mut world = silent();
    let sent = world.ask(Ask::Upload(Upload { batch: 1, part: UploadPart::End { total: 0 } }));
    assert_eq!(world.code(sent), "00");
    assert_eq!(world.leg(0).case, Some(Case::MissingFromUpload));
    world.until(12 * 3_600);
    assert_eq!(world.leg(0).merchant, Merchant::Told, "no policy decides against a terminal's own list");
    assert!(matches!(decide(&mut world, 0, Decision::HasNot), Answer::Done));
    assert_eq!((world.leg(0).merchant, world.leg(0).case), (Merchant::No, Some(Case::CreditAdjustment)));
    assert!(matches!(decide(&mut world, 0, Decision::Undone), Answer::Done));
    assert!(world.payment(0).matched() && world.store.duties.is_empty());
}
