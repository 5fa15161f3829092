//! What concerns a terminal as a whole: sign-on, settlement, upload, and what its coming shows.

use crate::world::{World, till};
use hefu_engine::{Ask, Said, Settle, SignOn, Transact, Upload, UploadPart};
use hefu_tally::{
    Fact, Kind, Merchant,
    leg::{Case, Knowledge},
    till::TillState,
};

fn sign_on(world: &mut World, batch: u32) -> u32 {
    let asked = world.ask(Ask::SignOn(SignOn { wrapped: vec![0xAB], f62: vec![1, 2], batch }));
    match world.said(asked) {
        Said::SignOn { f62, batch } => {
            assert_eq!(f62, [1, 2]);
            batch
        }
        other => panic!("{other:?}"),
    }
}

fn settle(world: &mut World, settle: Settle) -> bool {
    let asked = world.ask(Ask::Settle(settle));
    matches!(world.said(asked), Said::Settled { balanced: true })
}

fn upload(world: &mut World, part: UploadPart) -> String {
    let batch = world.batch;
    let asked = world.ask(Ask::Upload(Upload { batch, part }));
    world.code(asked)
}

fn state(world: &World) -> TillState {
    serde_json::from_slice(&world.store.tills[&world.till].state).unwrap()
}

const ONE: Settle = Settle { batch: 1, debit: 10_000, debits: 1, credit: 0, credits: 0 };

#[test]
fn a_sign_on_commits_its_keys_and_assigns_the_batch() {
    let mut world = World::new();
    assert_eq!(sign_on(&mut world, 0), 1, "the first");
    assert_eq!(sign_on(&mut world, 1), 1, "the same batch goes on");
    assert_eq!(sign_on(&mut world, 0), 2, "it lost its memory");
    assert_eq!(state(&world).keys, ["ab", "ab", "ab"]);
    world.restart();
    assert_eq!(sign_on(&mut world, 2), 2, "after a restart too");
    assert!(settle(&mut world, Settle { batch: 2, ..Settle::default() }));
    assert_eq!(sign_on(&mut world, 2), 3, "after a settlement");
    world.ask(Ask::SignOff);
    assert!(!state(&world).signed_on);
}

#[test]
fn equal_totals_balance_and_are_presumption_only() {
    for certified in [true, false] {
        let mut world = if certified { World::certified() } else { World::new() };
        sign_on(&mut world, 0);
        world.approved(Kind::Sale, 10_000);
        assert!(settle(&mut world, ONE));
        let leg = world.leg(0);
        let presumed = (leg.merchant == Merchant::Has, leg.knows);
        assert_eq!(presumed, if certified { (true, Some(Knowledge::EqualTotals)) } else { (false, None) });
        assert_eq!(world.has_fact(0, |fact| matches!(fact, Fact::Questioned { .. })), !certified);
        assert_eq!(sign_on(&mut world, 1), 2);
    }
}

#[test]
fn totals_are_over_what_the_terminal_was_told() {
    type Story = fn(&mut World);
    let both = Settle { batch: 1, debit: 10_000, debits: 1, credit: 10_000, credits: 1 };
    let cases: &[(&str, Story, Settle)] = &[
        ("nothing", |_| {}, Settle { batch: 1, ..Settle::default() }),
        (
            "approved",
            |world| {
                world.approved(Kind::Sale, 10_000);
            },
            ONE,
        ),
        (
            "declined",
            |world| {
                world.sale(10_000);
                world.bank("51")
            },
            Settle { batch: 1, ..Settle::default() },
        ),
        (
            "reversed",
            |world| {
                world.approved(Kind::Sale, 10_000);
                world.reversal(Kind::Sale, 10_000, 1);
            },
            Settle { batch: 1, ..Settle::default() },
        ),
        (
            "voided",
            |world| {
                let original = world.approved(Kind::Sale, 10_000);
                world.transact(Kind::Void, 10_000, Some(original));
                world.bank("00");
            },
            both,
        ),
        (
            "a hold",
            |world| {
                world.approved(Kind::PreAuth, 10_000);
            },
            Settle { batch: 1, ..Settle::default() },
        ),
        (
            "another batch",
            |world| {
                world.batch = 2;
                world.approved(Kind::Sale, 10_000);
                world.batch = 1;
            },
            Settle { batch: 1, ..Settle::default() },
        ),
    ];
    for (name, story, totals) in cases {
        for restart in [false, true] {
            let mut world = World::new();
            story(&mut world);
            if restart {
                world.restart();
            }
            for wrong in [
                Settle { debit: totals.debit + 1, ..*totals },
                Settle { debits: totals.debits + 1, ..*totals },
                Settle { credit: totals.credit + 1, ..*totals },
                Settle { credits: totals.credits + 1, ..*totals },
            ] {
                assert!(!settle(&mut world, wrong), "{name}: {wrong:?}");
            }
            assert!(settle(&mut world, *totals), "{name}");
        }
    }
}

#[test]
fn a_settlement_counts_what_is_being_committed() {
    let mut world = World::new();
    world.sale(10_000);
    world.withhold = true;
    world.sale(5_000);
    let first = world.sent[0].clone();
    world.answer(&first, "00", |_| {});
    world.ask(Ask::Settle(ONE));
    while !world.held.is_empty() {
        world.release();
    }
    assert!(world.replies.iter().any(|(_, reply)| reply.what == Said::Settled { balanced: true }));
}

#[test]
fn a_line_of_a_completed_upload_is_proof() {
    let mut world = World::new();
    sign_on(&mut world, 0);
    world.approved(Kind::Sale, 10_000);
    world.approved(Kind::Sale, 20_000);
    world.sale(30_000);
    world.bank("51");
    assert!(!settle(&mut world, Settle { debit: 1, ..ONE }));
    assert_eq!(upload(&mut world, UploadPart::Lines(vec![(1, 10_000)])), "00");
    world.restart();
    assert_eq!(upload(&mut world, UploadPart::Lines(vec![(3, 30_000), (9, 7)])), "00");
    assert_eq!(
        upload(&mut world, UploadPart::Lines(vec![(3, 30_000), (9, 7)])),
        "00",
        "a repeat counts once"
    );
    assert_eq!(upload(&mut world, UploadPart::End { total: 3 }), "00");
    assert_eq!((world.leg(0).merchant, world.leg(0).knows), (Merchant::Has, Some(Knowledge::Upload)));
    assert_eq!(world.leg(1).merchant, Merchant::Told, "what is in no line is not shown");
    assert_eq!(world.leg(2).case, Some(Case::SaleWithoutCharge), "a line that nobody was charged for");
    assert!(world.alarms.iter().any(|what| what.contains("line 9 over 7")));
    assert_eq!(world.leg(1).case, Some(Case::MissingFromUpload), "and a person must ask why");
    assert!(world.alarms.iter().any(|what| what.contains("MissingFromUpload")));
    let facts = world.store.facts.len();
    assert_eq!(upload(&mut world, UploadPart::End { total: 3 }), "00", "the end again: its answer was lost");
    assert_eq!(world.store.facts.len(), facts);
    assert_eq!(sign_on(&mut world, 1), 2, "the batch is closed");
}

#[test]
fn an_upload_with_lines_missing_proves_nothing_and_closes_nothing() {
    let mut world = World::new();
    sign_on(&mut world, 0);
    world.approved(Kind::Sale, 10_000);
    upload(&mut world, UploadPart::Lines(vec![(1, 10_000)]));
    assert_eq!(upload(&mut world, UploadPart::End { total: 2 }), "30");
    assert_eq!((world.leg(0).merchant, state(&world).settled), (Merchant::Told, false));
    upload(&mut world, UploadPart::Lines(vec![(1, 9_999)]));
    assert_eq!(upload(&mut world, UploadPart::End { total: 1 }), "00");
    assert_eq!(world.leg(0).case, Some(Case::SaleWithoutCharge), "a line over another amount");
}

#[test]
fn an_upload_is_bounded() {
    let mut world = World::new();
    let lines = |from: u32| UploadPart::Lines((from..from + 5_000).map(|trace| (trace, 1)).collect());
    assert_eq!(upload(&mut world, lines(0)), "00");
    assert_eq!(upload(&mut world, lines(5_000)), "00");
    assert_eq!(upload(&mut world, UploadPart::Lines(vec![(99_999, 1)])), "30");
}

#[test]
fn the_next_transaction_without_a_reversal_is_presumption() {
    type Next = fn(&mut World);
    let cases: &[(&str, Next, bool)] = &[
        (
            "a sale",
            |world| {
                world.sale(20_000);
            },
            true,
        ),
        (
            "a refused one",
            |world| {
                world.sale(0);
            },
            true,
        ),
        (
            "a script result",
            |world| {
                world.ask(Ask::Script { batch: 1, trace: 1 });
            },
            true,
        ),
        (
            "a sign-on",
            |world| {
                sign_on(world, 1);
            },
            false,
        ),
        (
            "a question",
            |world| {
                world.ask(Ask::LastResult { batch: 1, trace: 1 });
            },
            false,
        ),
        (
            "another terminal's sale",
            |world| {
                world.till = till(2);
                world.sale(20_000);
            },
            false,
        ),
        (
            "its reversal, then a sale",
            |world| {
                world.reversal(Kind::Sale, 10_000, 1);
                world.sale(20_000);
            },
            false,
        ),
    ];
    for (name, next, presumed) in cases {
        for restart in [false, true] {
            let mut world = World::certified();
            world.approved(Kind::Sale, 10_000);
            if restart {
                world.restart();
            }
            next(&mut world);
            let leg = world.leg(0);
            assert_eq!(leg.merchant == Merchant::Has, *presumed, "{name}, restarted {restart}");
            assert_eq!(leg.knows == Some(Knowledge::NextTransaction), *presumed, "{name}");
        }
    }
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    world.sale(20_000);
    assert_eq!(world.leg(0).merchant, Merchant::Told, "not certified: it starts a question");
    assert!(world.has_fact(0, |fact| matches!(fact, Fact::Questioned { .. })));
}

#[test]
fn a_repeat_is_no_next_transaction() {
    let repeat = |world: &mut World, transact: &Transact| {
        let again = world.ask(Ask::Transact(Box::new(transact.clone())));
        world.code(again)
    };
    for restart in [false, true] {
        let mut world = World::certified();
        let old = world.transaction(Kind::Sale, 5_000, None);
        world.ask(Ask::Transact(Box::new(old.clone())));
        world.bank("51");
        let last = world.transaction(Kind::Sale, 10_000, None);
        world.ask(Ask::Transact(Box::new(last.clone())));
        world.bank("00");
        if restart {
            world.restart();
        }
        assert_eq!(repeat(&mut world, &old), "51", "a late copy of an old request");
        assert_eq!(repeat(&mut world, &last), "00", "the last one again: it never heard the answer");
        assert_eq!(world.leg(1).merchant, Merchant::Told, "restarted {restart}");
        world.sale(7_000);
        assert_eq!(world.leg(1).merchant, Merchant::Has, "something new is");
    }
}

#[test]
fn what_was_told_after_the_terminal_came_is_not_presumed() {
    let mut world = World::certified();
    world.sale(10_000);
    let first = world.last();
    world.withhold = true;
    world.answer(&first, "00", |_| {});
    world.sale(20_000);
    while !world.held.is_empty() {
        world.release();
    }
    assert_eq!(world.leg(0).merchant, Merchant::Told, "the approval was not out yet when the sale came");
}

#[test]
fn a_transaction_does_not_presume_itself_known() {
    let mut world = World::certified();
    world.blind = true;
    world.sale(10_000);
    world.bank("00");
    assert!(!world.unread.is_empty(), "the batch of an earlier run is looked up");
    world.see();
    assert_eq!(world.leg(0).merchant, Merchant::Told);
}

#[test]
fn a_signature_is_proof_for_the_transaction_that_it_names() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    let rrn = Some(world.leg(0).rrn);
    for (identity_trace, batch, rrn) in [(2, 1, rrn), (1, 2, rrn), (2, 1, None)] {
        let asked = world.ask(Ask::Signature { identity_trace, batch, rrn });
        assert_eq!(world.code(asked), "25");
    }
    world.till = till(2);
    let other = world.ask(Ask::Signature { identity_trace: 1, batch: 1, rrn });
    assert_eq!(world.code(other), "25", "another terminal");
    assert_eq!(world.leg(0).merchant, Merchant::Told);
    world.till = till(1);
    world.restart();
    let signed = world.ask(Ask::Signature { identity_trace: 1, batch: 1, rrn });
    assert_eq!((world.code(signed).as_str(), world.leg(0).knows), ("00", Some(Knowledge::Signature)));
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!((world.code(reversal).as_str(), world.sent.len()), ("12", 0));
    assert_eq!(world.leg(0).case, Some(Case::ReversedAgainstProof));
}

#[test]
fn at_the_cut_the_policy_decides_and_a_person_looks_after_that() {
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    world.until(11 * 3_600);
    assert_eq!(world.leg(0).knows, Some(Knowledge::Policy));
    let reversal = world.reversal(Kind::Sale, 10_000, 1);
    assert_eq!((world.code(reversal).as_str(), world.sent.len()), ("00", 1));
    assert_eq!(world.leg(0).case, Some(Case::CreditAdjustment));
    let alarms = world.alarms.len();
    world.until(72 * 3_600);
    assert!(world.alarms.len() > alarms, "it is said again until somebody looks");
}
