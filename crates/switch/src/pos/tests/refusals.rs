//! What the edge refuses, and in which words.

use super::super::{PosConfig, TillConfig};
use crate::testing::*;
use hefu_iso8583::{
    Message, Mti,
    cup::{Settlement, SettlementAnswer},
    frame::{Demand, split_pos},
};
use hefu_vault::{KeyLayout, LinkName, MacMethod, Pan, Pin, TdesKey, pin_block};

/// Sends `message`; it must be refused with `code`, by a note of `kind` that says `says`.
#[track_caller]
fn check(message: &Message, code: &str, kind: &str, says: &str) {
    check_at(&mut Desk::new(), message, code, kind, says);
}

#[track_caller]
fn check_at(desk: &mut Desk, message: &Message, code: &str, kind: &str, says: &str) {
    let taken = desk.take(message);
    let note = taken.note.clone().expect("a refusal is on record").note;
    assert_eq!((note.kind, note.text.as_str()), (kind, says));
    assert!(!note.text.contains(CARD) && !note.text.contains("3012"));
    let (answer, _) = refused(taken);
    assert_eq!(answer.text(39), Some(code), "{says}");
    assert_eq!(answer.get(11), message.get(11));
    assert_eq!(desk.edge.waiting(), 0, "nothing is opened");
}

fn without(mut message: Message, field: u8) -> Message {
    message.remove(field);
    message
}

fn with(mut message: Message, field: u8, value: &str) -> Message {
    message.set(field, value);
    message
}

#[test]
fn a_missing_field_is_a_format_error_that_names_it() {
    for field in [3, 4, 22, 25, 49, 60] {
        check(&without(sale(), field), "30", "bad_message", &format!("F{field} is missing"));
    }
    check(&without(sale(), 35), "30", "bad_message", "F2 is missing");
    let void = with(with(transaction(200, "200000", "00", 23), 37, "6326ABCD1234"), 61, "000001000041");
    check(&without(void.clone(), 37), "30", "bad_message", "F37 is missing");
    check(&without(void, 61), "30", "bad_message", "F61 is missing");
    let completion = with(with(transaction(200, "000000", "06", 20), 38, "654321"), 61, "000001000041");
    check(&without(completion.clone(), 38), "30", "bad_message", "F38 is missing");
    check(&without(completion, 61), "30", "bad_message", "F61 is missing");
    let refund = with(with(transaction(220, "200000", "00", 25), 37, "6326ABCD1234"), 61, "000001000041");
    check(&refund, "30", "bad_message", "F61, position 12: expected the original's date");
    check(&transaction(220, "000000", "00", 36), "30", "bad_message", "F55 is missing");
    check(&request(820, "00000002390"), "30", "bad_message", "F61 is missing");
    check(&request(620, "00000002951"), "30", "bad_message", "F61 is missing");
    check(&request(820, "07000002800"), "30", "bad_message", "F62 is missing");
    check(&request(320, "00000002201"), "30", "bad_message", "F48 is missing");
}

#[test]
fn a_malformed_field_is_a_format_error_that_names_it() {
    let cases = [
        (49, "ABC", "F49, position 0: expected three digits"),
        (60, "2200000200", "F60: expected 11, 12, 13, 14, 17 or 19 characters, found 10"),
        (35, "6200000000000005", "F35, position 16: expected the separator D"),
        (35, "62000000000D3012", "F35: card number: expected 12 to 19 digits, found 11 characters"),
        (2, "6200000000000104", "F2 and F35 name different cards"),
    ];
    for (field, value, says) in cases {
        check(&with(sale(), field, value), "30", "bad_message", says);
    }
    let mut chip = sale();
    chip.set(55, [0x9F]);
    check(&chip, "30", "bad_message", "F55: TLV at byte 0: expected the rest of a tag, found the end");
}

#[test]
fn a_card_amount_or_transaction_that_cannot_be_has_its_own_code() {
    let wrong_card = "F35: card number: the check digit is wrong";
    check(&with(sale(), 35, "6200000000000006D3012"), "14", "bad_message", wrong_card);
    check(&with(sale(), 4, "000000000000"), "13", "bad_message", "F4: expected more than 0");
    let nothing = "MTI, F3, F25 and F60.1 together are no transaction";
    check(&with(sale(), 25, "06"), "12", "bad_message", nothing);
    let refund = transaction(400, "200000", "00", 25);
    check(&refund, "12", "bad_message", "a transaction of this kind is never reversed");
}

#[test]
fn what_is_not_offered_is_said_so() {
    let network = |mti, code: u16| request(mti, &format!("00000002{code:03}"));
    for (message, code) in [
        (network(800, 5), 5),
        (network(800, 360), 360),
        (network(820, 999), 999),
        (with(network(320, 203), 48, "00"), 203),
    ] {
        check(&message, "40", "not_offered", &format!("F60.3 {code:03}: not offered"));
    }
    let track = with(sale(), 53, "0010000000000000");
    check(&track, "40", "not_offered", "F53, third digit: an encrypted track is not taken");
    let registered = |mut config: PosConfig| {
        let layout = Some(KeyLayout::Double003);
        config.tills.insert(till(1), TillConfig { layout, ..TillConfig::new(bank_name()) });
        config
    };
    let mut desk = Desk::with(MacMethod::Ecb, registered(pos_config()));
    let says = "F60.3 asks for keys of layout 001, the terminal is registered for 003";
    check_at(&mut desk, &network(800, 1), "40", "not_offered", says);
}

#[test]
fn a_wrong_or_missing_mac_is_a0_and_asks_for_a_sign_on() {
    let mut desk = Desk::new();
    for message in [sale(), transaction(400, "000000", "00", 22), request(820, "07000002800")] {
        let frame = desk.framed(&message);
        let mut wrong = frame.clone();
        *wrong.last_mut().unwrap() ^= 1;
        for (frame, says) in [(wrong, "F64 is wrong"), (frame_of(&message, None), "F64 is missing")] {
            let taken = desk.frame(&frame);
            let note = taken.note.clone().unwrap();
            assert_eq!((note.note.kind, note.note.text.as_str()), ("wrong_mac", says));
            assert_eq!(note.till, Some(till(1)));
            let (answer, frame) = refused(taken);
            assert_eq!(answer.text(39), Some("A0"));
            assert_eq!(split_pos(&frame).unwrap().header.demand, Demand::SignOnAgain);
            assert!(desk.trusts(&frame), "under the newest keys");
        }
    }
    assert_eq!(desk.edge.waiting(), 0);
}

#[test]
fn a_bit_changed_anywhere_in_a_macked_message_opens_nothing() {
    let mut desk = Desk::new();
    let frame = desk.framed(&sale());
    // From the MTI on: TPDU and header carry no money and no MAC.
    for byte in 11..frame.len() {
        for bit in 0..8 {
            let mut changed = frame.clone();
            changed[byte] ^= 1 << bit;
            let taken = desk.frame(&changed);
            assert!(taken.note.is_some(), "byte {byte}, bit {bit}");
            assert!(taken.input.is_none(), "byte {byte}, bit {bit}");
        }
    }
}

#[test]
fn a_terminal_without_keys_or_registration_hears_why() {
    let mut desk = Desk::new();
    let unsigned = with(sale(), 41, "10000002");
    let (answer, frame) = refused(desk.take(&unsigned));
    assert_eq!(answer.text(39), Some("77"));
    assert_eq!(split_pos(&frame).unwrap().header.demand, Demand::SignOnAgain);
    assert!(!answer.has(64), "there is no key to make it with");
    check(&with(sale(), 41, "99999999"), "97", "unknown_terminal", "the terminal is not registered");
    check(&with(sale(), 42, "898110253119999"), "03", "unknown_merchant", "the merchant is not registered");
}

#[test]
fn a_pin_block_of_another_key_is_a_format_error_and_missing_link_keys_are_our_fault() {
    let mut desk = Desk::new();
    let (pin, pan) = (Pin::parse("123456").unwrap(), Pan::parse(CARD).unwrap());
    let block = |key: &TdesKey| pin_block::encrypt(key, &pin_block::format0(&pin, &pan));
    let with_pin = |block: [u8; 8]| {
        let mut message = sale();
        message.set(26, "12").set(52, block).set(53, "2600000000000000");
        message
    };
    let strange = with_pin(block(&key("0123456789ABCDEFFEDCBA9876543210")));
    let taken = desk.take(&strange);
    assert_eq!(taken.note.as_ref().unwrap().note.kind, "bad_pin_block");
    assert_eq!(refused(taken).0.text(39), Some("30"));

    let good = with_pin(block(&desk.keys.pin));
    check_at(&mut desk, &without(good.clone(), 53), "30", "bad_message", "F53 is missing");
    check_at(&mut desk, &without(good, 26), "30", "bad_message", "F26 is missing");

    let mut config = pos_config();
    let nobody = LinkName::parse("nobody").unwrap();
    config.tills.insert(till(1), TillConfig::new(nobody));
    let mut desk = Desk::with(MacMethod::Ecb, config);
    let message = with_pin(block(&desk.keys.pin));
    check_at(&mut desk, &message, "99", "configuration", "keys: link nobody: unknown, no keys");
}

#[test]
fn a_settlement_that_is_refused_says_error_in_f48() {
    let message = with(with(request(500, "00000002201"), 48, &"0".repeat(61)), 49, "156");
    let (answer, _) = refused(Desk::new().take(&message));
    let totals = Settlement::parse(answer.get(48).unwrap()).unwrap();
    assert_eq!(totals.domestic.answer, SettlementAnswer::Error);
    assert!(!answer.has(39));
}

#[test]
fn a_message_that_does_not_decode_is_answered_when_it_can_be_addressed() {
    let mut desk = Desk::new();
    let mut frame = desk.framed(&with(sale(), 2, CARD));
    // The first digits of the card number; the bitmap ends at byte 20, the length stands at 21.
    frame[22] = 0xAA;
    let taken = desk.frame(&frame);
    assert!(!taken.close);
    assert_eq!(taken.note.as_ref().unwrap().note.text, "F2 at byte 11: expected a decimal digit, found 0x0a");
    let (answer, _) = refused(taken);
    assert_eq!(fields(&answer), [11, 12, 13, 32, 39, 41, 42, 60, 63, 64]);
    assert_eq!(answer.text(39), Some("30"));

    let cut = desk.framed(&sale());
    let taken = desk.frame(&cut[..60]);
    assert!(taken.close && taken.answer.is_none() && taken.note.is_some());
}

#[test]
fn what_is_no_request_of_a_terminal_closes_the_line() {
    let mut desk = Desk::new();
    let mut answer = sale();
    answer.mti = Mti(210);
    for frame in [
        desk.framed(&answer),
        desk.framed(&without(sale(), 11)),
        desk.framed(&without(sale(), 41)),
        desk.framed(&without(sale(), 42)),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        Vec::new(),
        vec![0x60; 5],
    ] {
        let taken = desk.frame(&frame);
        assert!(taken.close && taken.answer.is_none() && taken.input.is_none());
        assert!(taken.note.is_some(), "never silently");
    }
}
