//! Every request carries exactly its fields.

use crate::host::{Reply, f60};
use crate::rig::*;
use hefu_iso8583::Message;
use hefu_iso8583::cup::F61;
use hefu_vault::{KeyLayout, Pan, pin_block};
use hefu_world::terminal::*;

fn fields(message: &Message) -> Vec<u8> {
    message.fields().map(|(field, _)| field).collect()
}

/// The command's own request: type, F3, F25, F60.1 and exactly these fields.
#[track_caller]
fn check(rig: &mut Rig, command: Command, expected: (&str, Option<&str>, Option<&str>, u8), names: &[u8]) {
    let name = format!("{command:?}");
    let batch = rig.terminal.batch();
    let outcome = rig.done(command);
    assert!(matches!(outcome.believes, Belief::Approved { .. }), "{name}: {outcome:?}");
    let request = rig.host.last();
    let (mti, f3, f25, message_type) = expected;
    assert_eq!(fields(request), names, "{name}");
    assert_eq!(request.mti.to_string(), mti, "{name}");
    assert_eq!((request.text(3), request.text(25)), (f3, f25), "{name}");
    let f60 = f60(request);
    assert_eq!((f60.message_type, f60.batch), (message_type, batch), "{name}");
    assert_eq!((request.text(41), request.text(42)), (Some("10000001"), Some("898110253110001")), "{name}");
}

#[test]
fn payments_carry_exactly_their_fields() {
    let mut rig = Rig::certified();
    let money = |mti, f3, f25, kind| (mti, Some(f3), Some(f25), kind);
    let amount = 12_345;

    check(
        &mut rig,
        sale(amount),
        money("0200", "000000", "00", 22),
        &[3, 4, 11, 22, 25, 35, 41, 42, 49, 60, 64],
    );
    let with_pin = Command::Sale { amount, card: swiped(), pin: pin() };
    check(
        &mut rig,
        with_pin,
        money("0200", "000000", "00", 22),
        &[3, 4, 11, 22, 25, 26, 35, 41, 42, 49, 52, 53, 60, 64],
    );
    for entry in [EntryMode::Insert, EntryMode::Contactless] {
        let chip = Command::Sale { amount, card: card(CHIP, entry), pin: pin() };
        check(
            &mut rig,
            chip,
            money("0200", "000000", "00", 22),
            &[2, 3, 4, 11, 14, 22, 23, 25, 26, 35, 41, 42, 49, 52, 53, 55, 60, 64],
        );
    }
    let trace = approved_sale(&mut rig, amount);
    let original = rig.terminal.original(trace).unwrap();
    let refund = Command::Refund { original, amount: 345, card: swiped() };
    check(
        &mut rig,
        refund,
        money("0220", "200000", "00", 25),
        &[3, 4, 11, 22, 25, 35, 37, 41, 42, 49, 60, 61, 63, 64],
    );
    let trace = approved_sale(&mut rig, amount);
    check(
        &mut rig,
        Command::Void { trace },
        money("0200", "200000", "00", 23),
        &[2, 3, 4, 11, 22, 25, 37, 41, 42, 49, 60, 61, 64],
    );
    check(
        &mut rig,
        pre_auth(amount),
        money("0100", "030000", "06", 10),
        &[3, 4, 11, 22, 25, 35, 41, 42, 49, 60, 64],
    );
    let hold = rig.terminal.hold(rig.terminal.next_trace() - 1).unwrap();
    let void = Command::PreAuthVoid { hold: hold.clone(), amount, card: swiped() };
    let about_hold = &[3, 4, 11, 22, 25, 35, 38, 41, 42, 49, 60, 61, 64];
    check(&mut rig, void, money("0100", "200000", "06", 11), about_hold);
    let completion = Command::Completion { hold: hold.clone(), amount, card: swiped(), pin: None };
    check(&mut rig, completion, money("0200", "000000", "06", 20), about_hold);
    let trace = rig.terminal.next_trace() - 1;
    check(
        &mut rig,
        Command::CompletionVoid { trace },
        money("0200", "200000", "06", 21),
        &[2, 3, 4, 11, 22, 25, 37, 38, 41, 42, 49, 60, 61, 64],
    );
    let advice = Command::CompletionAdvice { hold, amount, card: swiped() };
    check(
        &mut rig,
        advice,
        money("0220", "000000", "06", 24),
        &[2, 3, 4, 11, 22, 25, 38, 41, 42, 49, 60, 61, 64],
    );
    let balance = Command::Balance { card: swiped(), pin: pin() };
    check(
        &mut rig,
        balance,
        money("0200", "310000", "00", 1),
        &[3, 11, 22, 25, 26, 35, 41, 42, 49, 52, 53, 60, 64],
    );
}

#[test]
fn offline_payments_carry_exactly_their_fields_when_they_are_told() {
    let mut rig = Rig::certified();
    let voice = Command::OfflineSale { amount: 500, card: swiped(), auth: Some("V00001".into()) };
    let chip = Command::OfflineSale { amount: 600, card: inserted(), auth: None };
    for command in [voice, chip] {
        assert!(matches!(rig.done(command).believes, Belief::Approved { .. }));
    }
    assert!(rig.host.seen.is_empty(), "an offline sale needs no line");
    rig.done(Command::SendPending);
    let [voice, chip] = rig.host.seen.as_slice() else { panic!("{:?}", rig.host.seen) };
    assert_eq!(fields(voice), [2, 3, 4, 11, 22, 25, 38, 41, 42, 49, 60, 61, 64]);
    assert_eq!((voice.mti.0, f60(voice).message_type), (220, 30));
    assert_eq!(fields(chip), [2, 3, 4, 11, 22, 23, 25, 41, 42, 49, 55, 60, 64]);
    assert_eq!((chip.mti.0, f60(chip).message_type), (220, 36));
}

#[test]
fn messages_that_move_no_money_carry_exactly_their_fields() {
    let mut rig = Rig::fresh(Profile::test(1));
    let network = |mti, kind| (mti, None, None, kind);
    check(&mut rig, Command::SignOn, network("0800", 0), &[11, 41, 42, 60, 63]);
    assert_eq!(f60(rig.host.last()).network_code, 3);
    check(&mut rig, Command::Echo, network("0820", 0), &[41, 42, 60]);
    assert_eq!(f60(rig.host.last()).network_code, 301);
    let trace = approved_sale(&mut rig, 700);
    check(&mut rig, Command::LastResult { trace }, network("0820", 0), &[11, 41, 42, 60, 61, 64]);
    assert_eq!(f60(rig.host.last()).network_code, 390);
    for (has, code) in [(true, 391), (false, 392)] {
        let trace = approved_sale(&mut rig, 800);
        let fields = [11, 41, 42, 60, 61, 64];
        check(&mut rig, Command::Confirm { trace, has }, network("0820", 0), &fields);
        assert_eq!(f60(rig.host.last()).network_code, code);
        let about = format!("000001{trace:06}");
        assert_eq!(rig.host.last().text(61), Some(about.as_str()), "the original's batch and trace");
    }
    check(
        &mut rig,
        Command::SignatureUpload { trace },
        network("0820", 7),
        &[11, 15, 37, 41, 42, 60, 62, 64],
    );
    assert_eq!(rig.host.last().text(11), Some(format!("{trace:06}").as_str()));
    rig.plan([Reply::Script]);
    rig.done(Command::Sale { amount: 1, card: inserted(), pin: None });
    check(
        &mut rig,
        Command::ScriptResult,
        ("0620", Some("000000"), None, 0),
        &[2, 3, 4, 11, 22, 23, 32, 37, 38, 41, 42, 49, 55, 60, 61, 64],
    );
    assert_eq!(f60(rig.host.last()).network_code, 951);
    check(&mut rig, Command::SignOff, network("0820", 0), &[11, 41, 42, 60]);
    assert_eq!(f60(rig.host.last()).network_code, 2);
}

#[test]
fn a_settlement_carries_exactly_its_fields() {
    let mut rig = Rig::certified();
    approved_sale(&mut rig, 700);
    rig.done(Command::Settle);
    let [.., settlement, closing] = rig.host.seen.as_slice() else { panic!("two messages") };
    assert_eq!(fields(settlement), [11, 41, 42, 48, 49, 60, 63]);
    assert_eq!(fields(closing), [11, 41, 42, 48, 60]);
}

#[test]
fn the_way_of_reading_decides_f22_and_where_the_card_number_stands() {
    #[track_caller]
    fn check(entry: EntryMode, with_pin: bool, f22: &str, f2: Option<&str>) {
        let mut rig = Rig::certified();
        let pin = pin().filter(|_| with_pin);
        rig.done(Command::Sale { amount: 1, card: card(CHIP, entry), pin });
        let request = rig.host.last();
        assert_eq!((request.text(22), request.text(2)), (Some(f22), f2));
        assert!(request.text(35).unwrap().starts_with("6200000000000013D3012"));
    }
    check(EntryMode::Swipe, true, "021", None);
    check(EntryMode::Swipe, false, "022", None);
    check(EntryMode::Insert, true, "051", Some(CHIP));
    check(EntryMode::Insert, false, "052", Some(CHIP));
    check(EntryMode::Contactless, true, "071", Some(CHIP));
    check(EntryMode::Contactless, false, "072", Some(CHIP));
}

#[test]
fn the_pin_travels_under_the_working_key_with_the_card_number() {
    for (layout, control) in [
        (KeyLayout::Single001, "2000000000000000"),
        (KeyLayout::Double003, "2600000000000000"),
        (KeyLayout::DoubleTrack004, "2600000000000000"),
    ] {
        let mut rig = Rig::new(Profile { layout, ..Profile::test(1) });
        rig.done(Command::Sale { amount: 1, card: swiped(), pin: pin() });
        let request = rig.host.last();
        let block = request.get(52).unwrap().try_into().unwrap();
        let clear = pin_block::decrypt(&rig.host.keys.pin, block);
        let opened = pin_block::open_format0(&clear, &Pan::parse(SWIPE).unwrap()).unwrap();
        assert_eq!(opened.expose(), "123456");
        assert_eq!((request.text(26), request.text(53)), (Some("12"), Some(control)));
    }
}

#[test]
fn later_transactions_name_their_original() {
    let mut rig = Rig::certified();
    let trace = approved_sale(&mut rig, 900);
    let rrn = rig.terminal.entry(trace).unwrap().rrn.clone().unwrap();
    let original = rig.terminal.original(trace).unwrap();
    rig.done(Command::Refund { original, amount: 100, card: swiped() });
    let f61 = F61::parse(rig.host.last().get(61).unwrap()).unwrap();
    assert_eq!((f61.batch, f61.trace, f61.date), (1, trace, Some(*b"1122")));
    assert_eq!(rig.host.last().text(37), Some(rrn.as_str()));
    assert_eq!(rig.terminal.entry(trace).unwrap().refunded, 100);

    rig.done(Command::Void { trace });
    let f61 = F61::parse(rig.host.last().get(61).unwrap()).unwrap();
    assert_eq!((f61.batch, f61.trace, f61.date), (1, trace, None));
    assert_eq!(
        (rig.host.last().text(37), rig.host.last().text(4)),
        (Some(rrn.as_str()), Some("000000000900"))
    );
}

#[test]
fn whether_part_approval_is_possible_is_told_in_f60() {
    for (part_approval, told) in [(true, 1), (false, 0)] {
        let mut rig = Rig::new(Profile { part_approval, ..Profile::test(1) });
        rig.done(sale(100));
        assert_eq!(f60(rig.host.last()).part_approval, Some(told));
    }
}

#[test]
fn a_load_terminal_sells_like_the_terminal_that_it_comes_from() {
    let mut rig = Rig::certified();
    let mut load = LoadTerminal::from_terminal(&rig.terminal).unwrap();
    let (trace, bytes) = load.sale(4_200, &swiped(), pin().as_ref()).unwrap();
    rig.plan([Reply::Approve, Reply::WrongMac]);
    let answer = rig.host.receive(&bytes).unwrap();
    let by_load = rig.host.last().clone();
    let reply = load.read(&answer[2..]).unwrap();
    assert_eq!((reply.trace, reply.response.as_str(), reply.mac_is_good), (trace, "00", true));
    let (_, bytes) = load.sale(4_200, &swiped(), None).unwrap();
    let answer = rig.host.receive(&bytes).unwrap();
    assert!(!load.read(&answer[2..]).unwrap().mac_is_good);

    rig.done(Command::Sale { amount: 4_200, card: swiped(), pin: pin() });
    assert_eq!(&by_load, rig.host.last());
    assert!(load.sale(0, &swiped(), None).is_err());
}
