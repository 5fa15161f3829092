//! What the cashier believes after each answer.

use crate::host::{Host, Reply};
use crate::rig::*;
use hefu_world::terminal::*;

#[track_caller]
fn check(reply: Reply, believes: Belief, standing: Standing, owes_reversal: bool) {
    let mut rig = Rig::certified();
    rig.plan([reply.clone()]);
    let outcome = rig.done(sale(1_000));
    assert_eq!(outcome.believes, believes, "{reply:?}");
    assert_eq!(rig.standing(outcome.trace.unwrap()), standing, "{reply:?}");
    assert_eq!(rig.terminal.owes().reversal.is_some(), owes_reversal, "{reply:?}");
    let printed = if matches!(believes, Belief::Approved { .. }) { 1 } else { 0 };
    assert_eq!(rig.slips.len(), printed, "{reply:?}");
    // And the same after a power cut.
    rig.restart();
    assert_eq!(rig.standing(outcome.trace.unwrap()), standing, "{reply:?}");
    assert_eq!(rig.terminal.owes().reversal.is_some(), owes_reversal, "{reply:?}");
}

#[test]
fn an_answer_makes_the_cashier_believe_what_it_proves() {
    let approved = Belief::Approved { amount: 1_000 };
    let declined = |code: &str| Standing::Declined { code: code.into() };
    for reply in [Reply::Approve, Reply::Code("11"), Reply::Code("A2"), Reply::Code("A6")] {
        check(reply, approved, Standing::Booked, false);
    }
    for code in ["51", "54", "55", "75", "61", "91", "94", "05"] {
        check(Reply::Code(code), Belief::Declined, declined(code), false);
    }
    for code in ["98", "68", "96", "90", "92", "99", "ZZ"] {
        check(Reply::Code(code), Belief::Unknown, Standing::Unknown, true);
    }
    check(Reply::Silence, Belief::Unknown, Standing::Unknown, true);
    check(Reply::Hangup, Belief::Unknown, Standing::Unknown, true);
    check(Reply::WrongMac, Belief::Unknown, Standing::Unknown, true);
    check(Reply::NoMac, Belief::Unknown, Standing::Unknown, true);
    check(Reply::Amount("00", 999), Belief::Unknown, Standing::Unknown, true);
}

#[test]
fn a_part_approval_is_taken_only_by_a_terminal_that_said_it_can() {
    check(Reply::Amount("10", 500), Belief::Approved { amount: 500 }, Standing::Booked, false);
    check(Reply::Amount("10", 1_001), Belief::Unknown, Standing::Unknown, true);
    check(Reply::Amount("10", 0), Belief::Unknown, Standing::Unknown, true);

    let mut rig = Rig::new(Profile { part_approval: false, ..Profile::test(1) });
    rig.plan([Reply::Amount("10", 500)]);
    assert_eq!(rig.done(sale(1_000)).believes, Belief::Unknown);
    assert!(rig.terminal.owes().reversal.is_some());
}

#[test]
fn an_answer_to_something_else_is_counted_and_thrown_away() {
    #[track_caller]
    fn check(field: u8, value: &'static str) {
        let mut rig = Rig::certified();
        rig.plan([Reply::Changed(field, value)]);
        assert_eq!(rig.done(sale(1_000)).believes, Belief::Unknown, "F{field}");
        assert_eq!(rig.terminal.counters(), Counters { strays: 1, ..Counters::default() }, "F{field}");
        assert_eq!(rig.terminal.owes().reversal.map(|r| r.reason), Some(Reason::NoAnswer), "F{field}");
    }
    check(11, "000777");
    check(41, "10000002");
    check(42, "898110253110002");
    check(60, "22000009000600");
}

#[test]
fn noise_before_the_answer_does_no_harm() {
    let mut rig = Rig::certified();
    // A whole frame that is no message, then an answer to a sale of another trace.
    let mut other = Host::new(&Profile::test(1));
    let mut noise = vec![0, 3, 1, 2, 3];
    rig.done(sale(5));
    noise.extend(other.framed(&rig.host.last().clone(), &Reply::Approve));
    rig.plan([Reply::Noise(noise)]);
    approved_sale(&mut rig, 1_000);
    assert_eq!(rig.terminal.counters(), Counters { strays: 1, garbled: 1, bad_macs: 0 });
}

#[test]
fn a_line_that_talks_nonsense_is_hung_up() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Noise(vec![0xFF, 0xFF])]);
    assert_eq!(rig.done(sale(1_000)).believes, Belief::Unknown);
    assert!(rig.terminal.owes().reversal.is_some());
    assert_eq!(rig.terminal.counters().garbled, 1);
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let mut rig = Rig::new(Profile { keep_line_open: true, ..Profile::test(1) });
    rig.plan([Reply::Silence]);
    let lost = rig.done(sale(1_000)).trace.unwrap();
    let request = rig.host.last().clone();
    let late = rig.host.framed(&request, &Reply::Approve);
    assert!(rig.effects.contains(&"disconnect"), "a line that brought no answer is not kept open");
    assert!(rig.terminal.bytes(rig.now, &late).is_empty(), "nothing comes over a line that was hung up");
    rig.done(Command::Echo);
    let effects = rig.terminal.bytes(rig.now, &late);
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!(rig.standing(lost), Standing::Unknown);
    assert_eq!(rig.terminal.counters().strays, 1);
}

#[test]
fn a_wrong_mac_asks_for_a_new_sign_on() {
    let mut rig = Rig::certified();
    rig.plan([Reply::WrongMac]);
    rig.done(sale(1_000));
    rig.host.seen.clear();
    approved_sale(&mut rig, 1);
    assert_eq!(rig.host.types(), ["0800/003", "0400", "0200"]);
}

#[test]
fn keys_that_do_not_check_are_refused_and_the_old_ones_stay() {
    let mut rig = Rig::certified();
    rig.plan([Reply::BadKeys]);
    let outcome = rig.done(Command::SignOn);
    assert_eq!((outcome.believes, outcome.response.as_deref()), (Belief::Declined, Some("00")));
    approved_sale(&mut rig, 1);
}

#[test]
fn every_layout_signs_on() {
    use hefu_vault::KeyLayout::*;
    for (layout, code) in [(Single001, "0800/001"), (Double003, "0800/003"), (DoubleTrack004, "0800/004")] {
        let mut rig = Rig::fresh(Profile { layout, ..Profile::test(1) });
        rig.done(Command::SignOn);
        assert_eq!(rig.host.types(), [code]);
        approved_sale(&mut rig, 1);
    }
}

#[test]
fn a_terminal_refuses_by_itself_what_cannot_be() {
    #[track_caller]
    fn check(rig: &mut Rig, command: Command, says: &str) {
        let name = format!("{command:?}");
        rig.host.seen.clear();
        let outcome = rig.done(command);
        assert_eq!(outcome.believes, Belief::NotSent, "{name}");
        assert!(outcome.text.en.contains(says), "{name}: {:?}", outcome.text);
        assert!(rig.host.seen.is_empty(), "{name}");
    }
    let mut fresh = Rig::fresh(Profile::test(1));
    check(&mut fresh, sale(1), "sign on first");
    check(&mut fresh, Command::Settle, "sign on first");
    check(&mut fresh, Command::SendPending, "sign on first");

    let mut rig = Rig::certified();
    for amount in [0, -1, 1_000_000_000_000, i64::MAX, i64::MIN] {
        check(&mut rig, sale(amount), "amount must be");
    }
    check(&mut rig, Command::Void { trace: 999 }, "no transaction 000999");
    check(&mut rig, Command::LastResult { trace: 999 }, "no transaction 000999");
    check(&mut rig, Command::SignatureUpload { trace: 999 }, "no transaction 000999");
    check(&mut rig, Command::OfflineSale { amount: 1, card: swiped(), auth: None }, "given by voice");
    let trace = approved_sale(&mut rig, 100);
    check(&mut rig, Command::CompletionVoid { trace }, "no transaction");
    rig.done(Command::Void { trace });
    check(&mut rig, Command::Void { trace }, "no transaction");
    let broken = Original { rrn: "short".into(), batch: 1, trace: 1, date: *b"1122" };
    check(&mut rig, Command::Refund { original: broken, amount: 1, card: swiped() }, "F37");
    let broken = Original { rrn: "632611000001".into(), batch: 1, trace: 1, date: *b"11-2" };
    check(&mut rig, Command::Refund { original: broken, amount: 1, card: swiped() }, "F61");

    let mut small = Rig::new(Profile { batch_limit: 2, ..Profile::test(1) });
    approved_sale(&mut small, 1);
    approved_sale(&mut small, 1);
    check(&mut small, sale(1), "settle first");
}

#[test]
fn a_busy_terminal_says_so() {
    let mut rig = Rig::certified();
    assert!(rig.terminal.command(rig.now, sale(1)).is_ok());
    assert_eq!(rig.terminal.command(rig.now, Command::Echo), Err(Busy(Transaction::Sale)));
    // The connection never comes about.
    let effects = rig.terminal.wake(rig.now.after(14_999));
    assert!(effects.is_empty());
    let effects = rig.terminal.wake(rig.now.after(15_000));
    assert!(matches!(effects.last(), Some(Effect::Done(o)) if o.believes == Belief::NotSent), "{effects:?}");
    assert!(!rig.terminal.busy());
}

#[test]
fn voids_and_completions_move_their_originals() {
    let mut rig = Rig::certified();
    let sold = approved_sale(&mut rig, 900);
    rig.plan([Reply::Silence]);
    let lost_void = rig.done(Command::Void { trace: sold });
    assert_eq!(lost_void.believes, Belief::Unknown);
    assert_eq!(rig.standing(sold), Standing::Booked, "the sale stands until its void is known");
    let void = rig.done(Command::Void { trace: sold });
    let by = void.trace.unwrap();
    assert_eq!(rig.standing(lost_void.trace.unwrap()), Standing::Reversed { code: "00".into() });
    assert_eq!(rig.standing(sold), Standing::Voided { by });

    let held = rig.done(pre_auth(700)).trace.unwrap();
    let hold = rig.terminal.hold(held).unwrap();
    let completion = Command::Completion { hold, amount: 700, card: swiped(), pin: None };
    let completed = rig.done(completion).trace.unwrap();
    assert_eq!(rig.standing(held), Standing::Completed { by: completed });
    let by = rig.done(Command::CompletionVoid { trace: completed }).trace.unwrap();
    assert_eq!(rig.standing(completed), Standing::Voided { by });
    assert_eq!(rig.standing(held), Standing::Booked, "the hold is open again");
}

#[test]
fn a_balance_is_shown_and_leaves_no_line_in_the_journal() {
    let mut rig = Rig::certified();
    let outcome = rig.done(Command::Balance { card: swiped(), pin: pin() });
    assert_eq!((outcome.balance, outcome.text.en.as_str()), (Some(123_456), "Balance 1234.56"));
    assert_eq!(rig.terminal.ledger().count(), 0);
    rig.plan([Reply::Silence]);
    rig.done(Command::Balance { card: swiped(), pin: pin() });
    assert_eq!(rig.terminal.owes(), Owed::default());
}

#[test]
fn the_last_result_settles_a_lost_sale_unless_its_reversal_has_left() {
    #[track_caller]
    fn check(code: &'static str, believes: Belief, standing: Standing, owes: bool) {
        let mut rig = Rig::certified();
        rig.plan([Reply::Silence, Reply::Code(code)]);
        let trace = rig.done(sale(1_000)).trace.unwrap();
        let outcome = rig.done(Command::LastResult { trace });
        assert_eq!(outcome.believes, believes, "{code}");
        assert_eq!(rig.standing(trace), standing, "{code}");
        assert_eq!(rig.terminal.owes().reversal.is_some(), owes, "{code}");
    }
    check("00", Belief::Approved { amount: 1_000 }, Standing::Booked, false);
    check("51", Belief::Declined, Standing::Declined { code: "51".into() }, false);
    check("98", Belief::Unknown, Standing::Unknown, true);
    check("25", Belief::Unknown, Standing::Unknown, true);

    let mut rig = Rig::certified();
    rig.plan([Reply::Silence, Reply::Silence, Reply::Silence, Reply::Silence]);
    let trace = rig.done(sale(1_000)).trace.unwrap();
    rig.done(Command::SendPending);
    assert_eq!(rig.done(Command::LastResult { trace }).believes, Belief::Unknown);
    assert!(rig.terminal.owes().reversal.is_some(), "what may have been returned is never booked again");
}

#[test]
fn a_slip_that_cannot_be_printed_is_held_and_printed_later() {
    let mut rig = Rig::certified();
    rig.terminal.printer(PrinterState::OutOfPaper);
    let outcome = rig.done(sale(1_000));
    assert_eq!(outcome.believes, Belief::Approved { amount: 1_000 });
    assert!(outcome.text.en.contains("do not charge again"));
    assert!(rig.slips.is_empty() && rig.terminal.owes() == Owed::default());
    rig.restart();
    let effects = rig.terminal.printer(PrinterState::Ready);
    let [Effect::Print(slip), Effect::Persist(_)] = effects.as_slice() else { panic!("{effects:?}") };
    let Body::Payment(payment) = &slip.body else { panic!("{slip:?}") };
    assert_eq!((payment.trace, payment.card.as_str()), (outcome.trace.unwrap(), "620000******0005"));
    assert!(rig.terminal.printer(PrinterState::Ready).is_empty());
}

#[test]
fn a_printer_failure_reverses_only_where_the_profile_says_so() {
    let mut rig = Rig::new(Profile { reverse_on_printer_failure: true, ..Profile::test(1) });
    approved_sale(&mut rig, 1);
    rig.terminal.printer(PrinterState::PaperJam);
    let outcome = rig.done(sale(1_000));
    assert_eq!((outcome.believes, outcome.response.as_deref()), (Belief::Unknown, Some("00")));
    rig.done(Command::SendPending);
    let reversal = rig.host.last();
    assert_eq!((reversal.text(39), reversal.text(38)), (Some("96"), Some("A12345")));
    assert_eq!(rig.standing(outcome.trace.unwrap()), Standing::Reversed { code: "00".into() });
}

#[test]
fn what_terminals_show_of_themselves_holds_no_secret() {
    let mut rig = Rig::certified();
    let command = Command::Sale { amount: 1, card: inserted(), pin: pin() };
    let mut shown = format!("{command:?} {:?}", rig.terminal.profile());
    let effects = rig.terminal.command(rig.now, command).unwrap();
    shown.push_str(&format!("{effects:?}"));
    let effects = rig.terminal.connected(rig.now);
    shown.push_str(&format!("{effects:?} {:?}", rig.terminal.ledger().collect::<Vec<_>>()));
    for secret in [CHIP, "123456", "3012", "D3012"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let Some(Effect::Persist(sealed)) = effects.first() else { panic!("{effects:?}") };
    assert!(!sealed.windows(16).any(|window| window == CHIP.as_bytes()), "the memory is sealed");
}

#[test]
fn no_flipped_bit_makes_a_false_belief() {
    for (code, belief) in [("00", Belief::Approved { amount: 1_000 }), ("51", Belief::Declined)] {
        let signed_on = Rig::certified().disk;
        let mut unknown = 0;
        for bit in 0..1_000 {
            let mut rig = Rig::fresh(Profile::test(1));
            rig.disk = signed_on.clone();
            rig.restart();
            rig.plan([Reply::Flipped(code, bit)]);
            let outcome = rig.done(sale(1_000));
            match outcome.believes {
                Belief::Unknown => {
                    unknown += 1;
                    assert!(rig.terminal.owes().reversal.is_some(), "{code}, bit {bit}");
                }
                // The length, the TPDU and the header stand outside the MAC, and so does what is past the end.
                other => assert_eq!(other, belief, "{code}, bit {bit}"),
            }
        }
        assert!(unknown > 700, "{code}: {unknown}");
    }
}
