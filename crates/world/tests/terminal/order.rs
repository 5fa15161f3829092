//! What waits goes first, in its order, and how the reversal ends depends on the firmware.

use crate::host::{Reply, f60};
use crate::rig::*;
use hefu_iso8583::tlv;
use hefu_world::terminal::*;

/// A sale without an answer; its trace.
fn lost_sale(rig: &mut Rig) -> u32 {
    rig.plan([Reply::Silence]);
    let outcome = rig.done(sale(1_000));
    assert_eq!(outcome.believes, Belief::Unknown);
    outcome.trace.unwrap()
}

#[test]
fn script_result_reversal_and_offline_items_go_before_a_new_payment() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Script]);
    rig.done(Command::Sale { amount: 1, card: inserted(), pin: None });
    rig.done(Command::OfflineSale { amount: 500, card: inserted(), auth: None });
    // Script result and offline item go unanswered, and then the sale does.
    rig.plan([Reply::Silence, Reply::Code("98"), Reply::Silence]);
    let lost = rig.done(sale(2_000)).trace.unwrap();
    rig.host.seen.clear();

    let outcome = rig.done(sale(3_000));
    assert_eq!(outcome.believes, Belief::Approved { amount: 3_000 });
    assert_eq!(rig.host.types(), ["0620/951", "0400", "0220", "0200"]);
    assert_eq!(rig.standing(lost), Standing::Reversed { code: "00".into() });
    assert_eq!(rig.terminal.owes(), Owed::default());
}

#[test]
fn a_demanded_sign_on_goes_before_everything() {
    let mut rig = Rig::certified();
    rig.plan([Reply::DemandSignOn]);
    approved_sale(&mut rig, 100);
    assert!(rig.terminal.owes().sign_on);
    rig.plan([Reply::Approve]);
    lost_sale(&mut rig);
    assert_eq!(rig.host.types(), ["0200", "0800/003", "0200"]);
    rig.plan([Reply::DemandSignOn]);
    rig.done(Command::SendPending);
    rig.host.seen.clear();
    approved_sale(&mut rig, 200);
    assert_eq!(rig.host.types(), ["0800/003", "0200"]);
}

#[test]
fn a_reversal_keeps_the_identity_of_its_original() {
    let mut rig = Rig::certified();
    let original_sale = approved_sale(&mut rig, 5_000);
    let hold_trace = rig.done(pre_auth(7_000)).trace.unwrap();
    let hold = rig.terminal.hold(hold_trace).unwrap();
    let commands = [
        Command::Sale { amount: 100, card: swiped(), pin: pin() },
        Command::Sale { amount: 100, card: inserted(), pin: pin() },
        Command::PreAuth { amount: 100, card: card(CHIP, EntryMode::Contactless), pin: pin() },
        Command::Void { trace: original_sale },
        Command::PreAuthVoid { hold: hold.clone(), amount: 7_000, card: swiped() },
        Command::Completion { hold, amount: 7_000, card: inserted(), pin: pin() },
    ];
    for command in commands {
        let name = format!("{command:?}");
        rig.plan([Reply::Silence]);
        assert_eq!(rig.done(command).believes, Belief::Unknown, "{name}");
        let original = rig.host.last().clone();
        rig.done(Command::SendPending);
        let reversal = rig.host.last();
        assert_eq!(reversal.mti.0, 400, "{name}");
        for field in [2, 3, 4, 11, 22, 23, 25, 38, 41, 42, 49, 61] {
            assert_eq!(reversal.get(field), original.get(field), "{name}, F{field}");
        }
        let identity = |message| {
            let f60 = f60(message);
            (f60.message_type, f60.batch, f60.network_code)
        };
        assert_eq!(identity(reversal), identity(&original), "{name}");
        for field in [14, 26, 35, 36, 37, 52, 53] {
            assert!(!reversal.has(field), "{name}, F{field}");
        }
        assert_eq!(reversal.text(39), Some("98"), "{name}");
        assert_eq!(reversal.has(55), original.has(55), "{name}");
        if let Some(f55) = reversal.get(55) {
            let tags: Vec<u32> = tlv::parse(f55).unwrap().iter().map(|(tag, _)| tag.0).collect();
            assert_eq!(tags, [0x9F10, 0x9F36, 0x95, 0x9F1E], "{name}");
        }
    }
}

#[test]
fn the_reason_of_a_reversal_says_why() {
    #[track_caller]
    fn check(reply: Reply, reason: &str) {
        let mut rig = Rig::certified();
        rig.plan([reply.clone()]);
        let outcome = rig.done(sale(1_000));
        assert_eq!(outcome.believes, Belief::Unknown, "{reply:?}");
        rig.done(Command::SendPending);
        let reversal = rig.host.last();
        assert_eq!((reversal.mti.0, reversal.text(39)), (400, Some(reason)), "{reply:?}");
        assert_eq!(rig.terminal.owes().reversal, None, "{reply:?}");
    }
    check(Reply::Silence, "98");
    check(Reply::Hangup, "98");
    check(Reply::Code("98"), "98");
    check(Reply::Code("68"), "98");
    check(Reply::Code("96"), "06");
    check(Reply::Code("90"), "06");
    check(Reply::Code("ZZ"), "06");
    check(Reply::WrongMac, "A0");
    check(Reply::NoMac, "A0");
    check(Reply::Changed(4, "000000000999"), "06");
    check(Reply::Changed(3, "200000"), "06");
}

/// After a lost sale the reversal gets these answers in one command.
#[track_caller]
fn check_three_tries(firmware: Firmware, replies: [Reply; 3], sale_goes_on: bool, standing: Standing) {
    let name = format!("{firmware:?} {replies:?}");
    let mut rig = Rig::with(firmware);
    let lost = lost_sale(&mut rig);
    rig.host.seen.clear();
    rig.plan(replies);
    let outcome = rig.done(sale(2_000));
    let mut expected = vec!["0400"; 3];
    if sale_goes_on {
        expected.push("0200");
        assert_eq!(outcome.believes, Belief::Approved { amount: 2_000 }, "{name}");
        assert_eq!(rig.terminal.owes().reversal, None, "{name}");
    } else {
        assert_eq!(outcome.believes, Belief::NotSent, "{name}");
        assert!(outcome.text.en.contains("call the acquirer"), "{name}: {:?}", outcome.text);
        assert_eq!(rig.terminal.owes().reversal.map(|r| (r.trace, r.tries)), Some((lost, 3)), "{name}");
    }
    assert_eq!(rig.host.types(), expected, "{name}");
    assert_eq!(rig.standing(lost), standing, "{name}");
}

#[test]
fn three_tries_end_as_the_firmware_does_it() {
    use Reply::*;
    let silences = [Silence, Silence, Silence];
    let refusals = [Code("96"), Code("98"), Code("06")];
    let bad_macs = [WrongMac, NoMac, WrongMac];
    for replies in [silences.clone(), refusals, bad_macs, [Hangup, Silence, Hangup]] {
        check_three_tries(Firmware::Certified, replies.clone(), false, Standing::Unknown);
        check_three_tries(Firmware::Old, replies, true, Standing::Forgotten);
    }
    check_three_tries(Firmware::DeletesOnAnyAnswer, silences, true, Standing::Forgotten);
}

#[test]
fn certified_firmware_tries_again_three_times_on_the_next_command() {
    let mut rig = Rig::certified();
    let lost = lost_sale(&mut rig);
    rig.plan([Reply::Silence, Reply::Silence, Reply::Silence]);
    assert_eq!(rig.done(sale(2_000)).believes, Belief::NotSent);
    rig.plan([Reply::Silence, Reply::Code("96"), Reply::Approve]);
    assert_eq!(rig.done(Command::SendPending).believes, Belief::Approved { amount: 0 });
    assert_eq!(rig.standing(lost), Standing::Reversed { code: "00".into() });
}

#[test]
fn an_0410_ends_the_reversal_or_does_not() {
    #[track_caller]
    fn check(firmware: Firmware, code: &'static str, ends: bool, standing: Standing) {
        let mut rig = Rig::with(firmware);
        let lost = lost_sale(&mut rig);
        rig.plan([Reply::Code(code), Reply::Hangup]);
        rig.host.line_is_up = true;
        let replies = if ends { 1 } else { 3 };
        rig.host.seen.clear();
        rig.plan([Reply::Silence]);
        rig.done(Command::SendPending);
        assert_eq!(rig.host.seen.len(), replies, "{firmware:?} {code}");
        assert_eq!(rig.terminal.owes().reversal.is_none(), ends, "{firmware:?} {code}");
        assert_eq!(rig.standing(lost), standing, "{firmware:?} {code}");
    }
    let reversed = |code: &str| Standing::Reversed { code: code.into() };
    check(Firmware::Certified, "00", true, reversed("00"));
    check(Firmware::Certified, "25", true, reversed("25"));
    check(Firmware::Certified, "12", true, Standing::ReversalRefused { code: "12".into() });
    check(Firmware::Certified, "96", false, Standing::Unknown);
    check(Firmware::DeletesOnAnyAnswer, "96", true, reversed("96"));
    check(Firmware::DeletesOnAnyAnswer, "98", true, reversed("98"));
    check(Firmware::Old, "25", true, reversed("25"));
}

#[test]
fn a_terminal_that_cannot_dial_keeps_its_reversal_and_its_tries() {
    let mut rig = Rig::certified();
    lost_sale(&mut rig);
    rig.host.line_is_up = false;
    for _ in 0..5 {
        assert_eq!(rig.done(sale(1)).believes, Belief::NotSent);
    }
    assert_eq!(rig.terminal.owes().reversal.map(|r| r.tries), Some(0));
    rig.host.line_is_up = true;
    assert_eq!(rig.done(sale(1)).believes, Belief::Approved { amount: 1 });
}

#[test]
fn a_cashier_can_clear_the_reversal_by_menu() {
    let mut rig = Rig::certified();
    let lost = lost_sale(&mut rig);
    rig.done(Command::ClearReversalByMenu);
    assert_eq!(rig.standing(lost), Standing::Cleared);
    rig.restart();
    rig.host.seen.clear();
    approved_sale(&mut rig, 10);
    assert_eq!(rig.host.types(), ["0200"]);
}

#[test]
fn an_advice_is_repeated_unchanged_until_it_is_answered() {
    let mut rig = Rig::certified();
    let trace = rig.done(pre_auth(7_000)).trace.unwrap();
    let hold = rig.terminal.hold(trace).unwrap();
    rig.plan([Reply::Silence]);
    let advice = rig.done(Command::CompletionAdvice { hold, amount: 7_000, card: inserted() });
    assert_eq!(advice.believes, Belief::Unknown);
    let first = rig.host.last().clone();
    rig.plan([Reply::Silence, Reply::Code("98")]);
    for _ in 0..2 {
        assert_eq!(rig.done(Command::SendPending).believes, Belief::Unknown);
        assert_eq!(rig.host.last(), &first);
    }
    assert_eq!(rig.done(Command::SendPending).believes, Belief::Approved { amount: 0 });
    assert_eq!(rig.host.last(), &first);
    assert_eq!(rig.standing(advice.trace.unwrap()), Standing::Booked);
    assert_eq!(rig.standing(trace), Standing::Completed { by: advice.trace.unwrap() });
    assert_eq!(rig.terminal.owes(), Owed::default());
}

#[test]
fn offline_items_that_go_unanswered_do_not_block_a_payment() {
    let mut rig = Rig::certified();
    rig.done(Command::OfflineSale { amount: 500, card: inserted(), auth: None });
    rig.plan([Reply::Silence]);
    approved_sale(&mut rig, 10);
    assert_eq!(rig.host.types(), ["0220", "0200"]);
    assert_eq!(rig.terminal.owes().offline, 1);
}

#[test]
fn an_advice_that_is_not_taken_holds_those_behind_it_up_for_three_tries_and_is_kept() {
    for reply in [Reply::Silence, Reply::Code("98"), Reply::Code("91")] {
        let mut rig = Rig::certified();
        let mut offline = |amount| {
            let outcome = rig.done(Command::OfflineSale { amount, card: inserted(), auth: None });
            outcome.trace.unwrap()
        };
        let stuck = offline(500);
        let behind = offline(600);
        let sent = |rig: &Rig| {
            let advices = rig.host.seen.iter().filter(|m| m.mti.0 == 220);
            advices.map(|m| m.text(11).unwrap().parse().unwrap()).collect::<Vec<u32>>()
        };
        for tries in 1..=3 {
            rig.plan([reply.clone()]);
            rig.done(Command::SendPending);
            assert_eq!(sent(&rig), vec![stuck; tries], "{reply:?}");
        }
        // Now the one behind goes, and after it the kept one is tried again. Its place outlasts a power cut.
        rig.restart();
        rig.host.seen.clear();
        rig.plan([Reply::Approve, reply.clone()]);
        assert_eq!(rig.done(Command::SendPending).believes, Belief::Unknown);
        assert_eq!(sent(&rig), [behind, stuck], "{reply:?}");
        assert_eq!(rig.terminal.owes().offline, 1, "it is kept: {reply:?}");
        assert_eq!(rig.done(Command::SendPending).believes, Belief::Approved { amount: 0 });
        assert_eq!(rig.terminal.owes(), Owed::default());
    }
}

#[test]
fn a_refund_is_never_reversed() {
    let mut rig = Rig::certified();
    let trace = approved_sale(&mut rig, 900);
    let original = rig.terminal.original(trace).unwrap();
    rig.plan([Reply::Silence]);
    let refund = rig.done(Command::Refund { original, amount: 100, card: swiped() });
    assert_eq!((refund.believes, rig.terminal.owes()), (Belief::Unknown, Owed::default()));
    assert_eq!(rig.terminal.entry(trace).unwrap().refunded, 0);
}

#[test]
fn a_script_result_is_let_go_after_three_tries() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Script]);
    rig.done(Command::Sale { amount: 1, card: inserted(), pin: None });
    for tries in 1..=3 {
        assert!(rig.terminal.owes().script_result);
        rig.plan([Reply::Silence]);
        let expected = if tries < 3 { Belief::Unknown } else { Belief::Approved { amount: 0 } };
        assert_eq!(rig.done(Command::ScriptResult).believes, expected);
    }
    assert!(!rig.terminal.owes().script_result);
}
