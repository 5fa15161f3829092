//! The end of the day.

use crate::host::{Reply, f60};
use crate::rig::*;
use hefu_iso8583::cup::{Settlement, SettlementAnswer, Upload, UploadClosing};
use hefu_world::terminal::*;

/// Eleven sales, of which one was voided, and a refund.
fn a_day() -> Rig {
    let mut rig = Rig::certified();
    for amount in 1..=11 {
        approved_sale(&mut rig, amount * 100);
    }
    rig.plan([Reply::Code("51")]);
    rig.done(sale(5));
    rig.done(Command::Void { trace: 2 });
    let original = rig.terminal.original(3).unwrap();
    rig.done(Command::Refund { original, amount: 50, card: swiped() });
    rig.host.seen.clear();
    rig
}

fn settlement_slip(rig: &Rig) -> (Totals, bool) {
    match &rig.slips.last().unwrap().body {
        Body::Settlement { totals, balanced } => (totals.clone(), *balanced),
        other => panic!("{other:?}"),
    }
}

#[test]
fn equal_totals_close_the_batch() {
    let mut rig = a_day();
    let outcome = rig.done(Command::Settle);
    assert_eq!(outcome.believes, Belief::Approved { amount: 0 });
    assert_eq!(rig.host.types(), ["0500/201", "0320/207"]);

    let f48 = Settlement::parse(rig.host.seen[0].get(48).unwrap()).unwrap();
    assert_eq!((f48.domestic.debit_amount, f48.domestic.debit_count), (6_600, 11));
    assert_eq!((f48.domestic.credit_amount, f48.domestic.credit_count), (150, 2));
    assert_eq!((f48.domestic.answer, f48.foreign), (SettlementAnswer::None, Default::default()));

    let (totals, balanced) = settlement_slip(&rig);
    assert!(balanced);
    assert_eq!((totals.debit.amount, totals.credit.amount), (6_600, 150));

    // The next payment signs on by itself and stands in the new batch.
    rig.host.batch = 2;
    rig.host.seen.clear();
    approved_sale(&mut rig, 100);
    assert_eq!(rig.host.types(), ["0800/003", "0200"]);
    assert_eq!((rig.terminal.batch(), rig.terminal.totals().debit.count), (2, 1));
}

#[test]
fn different_totals_upload_every_line_in_eights() {
    let mut rig = a_day();
    rig.plan([Reply::Totals(SettlementAnswer::NotBalanced)]);
    rig.done(Command::Settle);
    assert_eq!(rig.host.types(), ["0500/201", "0320/201", "0320/201", "0320/202"]);
    let uploads: Vec<Upload> =
        rig.host.seen[1..3].iter().map(|m| Upload::parse(m.get(48).unwrap()).unwrap()).collect();
    assert_eq!((uploads[0].items.len(), uploads[1].items.len()), (8, 5));
    let first = &uploads[0].items[0];
    assert_eq!((first.trace, first.amount, first.card_digits()), (2, 100, SWIPE.as_bytes()));
    let closing = UploadClosing::parse(rig.host.last().get(48).unwrap()).unwrap();
    assert_eq!(closing.total, 13);
    assert!(!settlement_slip(&rig).1);
    assert!(rig.terminal.owes().sign_on);
}

#[test]
fn a_settlement_error_leaves_the_batch_open() {
    let mut rig = a_day();
    rig.plan([Reply::Totals(SettlementAnswer::Error)]);
    assert_eq!(rig.done(Command::Settle).believes, Belief::Declined);
    assert_eq!(rig.host.types(), ["0500/201"]);
    approved_sale(&mut rig, 1);
    assert_eq!(rig.terminal.batch(), 1);
}

#[test]
fn an_interrupted_settlement_goes_on_where_it_stopped() {
    let mut rig = a_day();
    rig.plan([Reply::Totals(SettlementAnswer::NotBalanced), Reply::Approve, Reply::Silence]);
    assert_eq!(rig.done(Command::Settle).believes, Belief::Unknown);
    assert_eq!(rig.done(sale(1)).text.en, "a settlement was interrupted: settle first");
    rig.restart();
    rig.host.seen.clear();
    rig.done(Command::Settle);
    assert_eq!(rig.host.types(), ["0320/201", "0320/202"]);
    let rest = Upload::parse(rig.host.seen[0].get(48).unwrap()).unwrap();
    assert_eq!(rest.items.len(), 5, "what had arrived is not sent again");
}

#[test]
fn an_upload_whose_end_is_refused_begins_anew() {
    let mut rig = a_day();
    let refused = Reply::Code("30");
    rig.plan([Reply::Totals(SettlementAnswer::NotBalanced), Reply::Approve, Reply::Approve, refused]);
    assert_eq!(rig.done(Command::Settle).believes, Belief::Unknown);
    rig.host.seen.clear();
    rig.done(Command::Settle);
    assert_eq!(rig.host.types(), ["0320/201", "0320/201", "0320/202"]);
}

#[test]
fn settlement_waits_for_reversals_and_offline_items() {
    let mut rig = a_day();
    rig.done(Command::OfflineSale { amount: 500, card: inserted(), auth: None });
    rig.plan([Reply::Silence]);
    // The offline item goes unanswered, and so it does again before the settlement.
    approved_sale(&mut rig, 1);
    rig.plan([Reply::Silence]);
    assert_eq!(rig.done(Command::Settle).believes, Belief::NotSent);
    rig.host.seen.clear();
    rig.done(Command::Settle);
    assert_eq!(rig.host.types(), ["0220", "0500/201", "0320/207"]);
    assert_eq!(f60(&rig.host.seen[1]).batch, 1);
}

#[test]
fn history_stays_bounded() {
    let mut rig = Rig::new(Profile { batch_limit: 5, ..Profile::test(1) });
    for day in 1..=4 {
        for _ in 0..5 {
            approved_sale(&mut rig, 1);
        }
        rig.done(Command::Settle);
        rig.host.batch = day + 1;
        assert!(rig.terminal.ledger().count() <= 10);
    }
}
