//! What every card obeys: originals, amounts, repeats, MACs, keys, and the network's own messages.

use crate::acquirer::*;
use crate::script::{Act, NOON, Step, Talk, check};
use Act::{Again, Ask, AskWithPin, Lost, Of, OfAmount, Reverse, Wait};
use hefu_iso8583::{HOST_LINK, Message, Mti};
use hefu_tally::time::DAY;
use hefu_vault::{Pin, TdesKey, pin_block};
use hefu_world::bank::{
    BadFrame, Bank, BankConfig, Code, Effect, TEST_ACQUIRER, TEST_ZAK_HEX, TEST_ZMK_HEX, Why,
};

#[test]
fn a_reversed_void_makes_the_original_stand_again() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (Of(0, VOID_OF_SALE), &["0210 00"]),
        (Reverse(1), &["0430 00"]),
        // The sale stands, so it may be voided once more; the first void is past.
        (Of(0, VOID_OF_SALE), &["0210 00"]),
        (Again(2), &["0430 00"]),
        (Reverse(1), &["0430 00"]),
        (Of(0, VOID_OF_SALE), &["0210 22"]),
        (Reverse(0), &["0430 22"]),
    ];
    check(PLAIN_CARD, script, (200, 200, 0));
}

#[test]
fn a_reversed_completion_restores_the_hold() {
    let script: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (OfAmount(0, COMPLETION, 115), &["0210 00"]),
        (Reverse(1), &["0430 00"]),
        (Of(0, VOID_OF_PRE_AUTH), &["0110 00"]),
        (Reverse(3), &["0430 00"]),
        (Reverse(0), &["0430 00"]),
    ];
    check(PLAIN_CARD, script, (115, 115, 0));
}

#[test]
fn a_completion_is_taken_once_up_to_115_per_cent_by_the_same_merchant() {
    let script: &[Step] = &[
        (Ask(PRE_AUTH, 1_000), &["0110 00"]),
        (OfAmount(0, COMPLETION, 1_151), &["0210 64"]),
        (OfAmount(0, COMPLETION, 0), &["0210 13"]),
        (OfAmount(0, COMPLETION_ADVICE, 1_150), &["0230 00"]),
        (OfAmount(0, COMPLETION, 1), &["0210 22"]),
        (Of(0, VOID_OF_PRE_AUTH), &["0110 22"]),
        (Reverse(0), &["0430 22"]),
        // An advice is repeated, never reversed.
        (Reverse(3), &["0430 12"]),
        (Lost(PRE_AUTH, 5), &[]),
        (OfAmount(8, COMPLETION, 5), &["0210 30"]),
    ];
    let mut talk = check(PLAIN_CARD, script, (1_150, 0, 0));
    let mut stranger = talk.acquirer.request(NOON, COMPLETION, PLAIN_CARD, 5);
    stranger.set(38, "ABCDEF");
    assert_eq!(talk.send(&stranger), ["0210 25"]);
    assert_eq!(talk.play(PLAIN_CARD, Ask(PRE_AUTH, 50)), ["0110 00"]);
    let auth = talk.answers.last().unwrap().text(38).unwrap().to_owned();
    let mut elsewhere = talk.acquirer.request(NOON, COMPLETION, PLAIN_CARD, 50);
    elsewhere.set(38, auth).set(42, "898110253110002");
    assert_eq!(talk.send(&elsewhere), ["0210 25"]);
}

#[test]
fn the_hold_is_not_restored_for_a_second_time_when_a_void_is_reversed() {
    let script: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (OfAmount(0, COMPLETION, 90), &["0210 00"]),
        (Of(1, VOID_OF_COMPLETION), &["0210 00"]),
        (OfAmount(0, COMPLETION, 80), &["0210 00"]),
        (Reverse(2), &["0430 22"]),
    ];
    check(PLAIN_CARD, script, (170, 90, 0));
}

#[test]
fn refunds_never_exceed_the_charge() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (OfAmount(0, REFUND, 101), &["0230 64"]),
        (OfAmount(0, REFUND, 60), &["0230 00"]),
        (Again(2), &["0230 00"]),
        (OfAmount(0, REFUND, 41), &["0230 64"]),
        (OfAmount(0, REFUND, 0), &["0230 13"]),
        (Of(0, VOID_OF_SALE), &["0210 22"]),
        (Reverse(0), &["0430 22"]),
        (Wait(30 * DAY), &[]),
        (OfAmount(0, REFUND, 40), &["0230 00"]),
        (Reverse(9), &["0430 12"]),
        (Lost(SALE, 7), &[]),
        (OfAmount(11, REFUND, 7), &["0230 25"]),
    ];
    check(PLAIN_CARD, script, (100, 100, 0));
}

#[test]
fn a_first_advice_may_be_a_repeat() {
    let mut talk = Talk::new();
    talk.play(PLAIN_CARD, Ask(SALE, 100));
    let mut refund = talk.acquirer.request(NOON, REFUND, PLAIN_CARD, 100);
    refund.set(90, original_data(&talk.sent[0]));
    assert_eq!(talk.send(&repeat(&refund)), ["0230 00"]);
    assert_eq!(talk.send(&repeat(&refund)), ["0230 00"]);
    assert_eq!(talk.bank.book().entries.len(), 2);
    let offline = talk.acquirer.request(NOON, OFFLINE_SALE, PLAIN_CARD, 30);
    assert_eq!(talk.send(&offline), ["0230 00"]);
    assert_eq!(talk.send(&repeat(&offline)), ["0230 00"]);
    assert_eq!(talk.bank.book().entries.len(), 3);
    talk.replay();
}

#[test]
fn a_reversal_that_overtook_its_sale_is_judged_again() {
    let script: &[Step] = &[
        (Lost(SALE, 100), &[]),
        (Reverse(0), &["0430 25"]),
        (Again(0), &["0210 00"]),
        (Again(1), &["0430 00"]),
        (Reverse(0), &["0430 00"]),
    ];
    check(PLAIN_CARD, script, (100, 100, 0));
}

#[test]
fn a_reversal_finds_its_original_only_whole() {
    // (field, another value, what is answered)
    for (field, value, told) in [
        (2, "6200000000000021", "0430 25"),
        (4, "000000000099", "0430 64"),
        (37, "632600000099", "0430 25"),
        (41, "10000002", "0430 25"),
        (42, "898110253110002", "0430 25"),
        (60, "4352", "0430 40"),
        (60, "9999", "0430 30"),
    ] {
        let mut talk = Talk::new();
        talk.play(PLAIN_CARD, Ask(SALE, 100));
        let sale = talk.sent[0].clone();
        let mut reversal = talk.acquirer.reversal(NOON, &sale);
        reversal.set(field, value);
        assert_eq!(talk.send(&reversal), [told], "F{field}");
        assert_eq!(talk.bank.book().account(PLAIN_CARD).unwrap().returned, 0, "F{field}");
        talk.replay();
    }
}

#[test]
fn a_void_finds_its_original_only_whole() {
    let other_kind: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (Of(0, VOID_OF_SALE), &["0210 25"]),
        (Of(0, VOID_OF_COMPLETION), &["0210 25"]),
        (OfAmount(0, VOID_OF_PRE_AUTH, 99), &["0110 64"]),
        (Of(0, REFUND), &["0230 25"]),
    ];
    check(PLAIN_CARD, other_kind, (0, 0, 100));
    let mut talk = Talk::new();
    talk.play(PLAIN_CARD, Ask(SALE, 100));
    assert_eq!(talk.play("6200000000000021", Of(0, VOID_OF_SALE)), ["0210 25"], "another card");
    let nothing = talk.acquirer.request(NOON, VOID_OF_SALE, PLAIN_CARD, 100);
    assert_eq!(talk.send(&nothing), ["0210 30"], "no DE90");
}

#[test]
fn the_same_key_with_other_content_is_a_duplicate_and_moves_nothing() {
    let mut talk = Talk::new();
    talk.play(PLAIN_CARD, Ask(SALE, 100));
    let mut other = talk.sent[0].clone();
    other.set(4, "000000000101");
    assert_eq!(talk.send(&other), ["0210 94"]);
    talk.play(PLAIN_CARD, Reverse(0));
    let mut other = talk.sent[1].clone();
    other.set(37, "632600000099");
    assert_eq!(talk.send(&other), ["0430 94"]);
    let mut clash = talk.sent[1].clone();
    for field in [7, 11] {
        clash.set(field, talk.sent[0].get(field).unwrap());
    }
    assert_eq!(talk.send(&clash), ["0430 94"], "a reversal under the sale's own key");
    assert_eq!(talk.bank.book().entries.len(), 2);
    talk.replay();
}

#[test]
fn an_account_spends_what_it_has_and_no_more() {
    let script: &[Step] = &[
        (Ask(BALANCE, 0), &["0210 00 F54=1002156C000100000000"]),
        (Ask(SALE, 60_000_000), &["0210 00"]),
        (Ask(PRE_AUTH, 40_000_000), &["0110 00"]),
        (Ask(BALANCE, 0), &["0210 00 F54=1002156C000000000000"]),
        (Ask(SALE, 1), &["0210 51"]),
        (OfAmount(2, COMPLETION, 40_000_001), &["0210 51"]),
        (OfAmount(2, COMPLETION, 40_000_000), &["0210 00"]),
        (Ask(SALE, 0), &["0210 13"]),
        (Ask(SALE, 999_999_999_999), &["0210 51"]),
    ];
    check(PLAIN_CARD, script, (100_000_000, 0, 0));
}

#[test]
fn pin_track_and_expiry_are_checked_when_they_are_there() {
    // (field, value, what is answered); each sale without a PIN unless it is the field.
    for (field, value, told) in [
        (14, &b"3012"[..], "0210 00"),
        (14, b"2912", "0210 54"),
        (35, b"6200000000000005D30122011234500000", "0210 00"),
        (35, b"6200000000000005D29122011234500000", "0210 54"),
        (35, b"6200000000000021D30122011234500000", "0210 14"),
        (22, b"021", "0210 55"),
        (52, b"\x01\x02\x03\x04\x05\x06\x07\x08", "0210 99"),
        (49, b"840", "0210 12"),
        (25, b"08", "0210 12"),
        (32, b"48020000", "0210 31"),
        (2, b"6200000000000006", "0210 14"),
        (2, b"1234567890123456", "0210 14"),
    ] {
        let mut talk = Talk::new();
        let mut sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
        sale.set(field, value);
        let heard = talk.send(&sale);
        assert_eq!(heard.len(), 1);
        assert!(heard[0].starts_with(told), "F{field}: {heard:?}");
        talk.replay();
    }
    let pins: &[Step] = &[
        (AskWithPin(SALE, 1, "123456"), &["0210 00"]),
        (AskWithPin(SALE, 1, "123450"), &["0210 55"]),
        (AskWithPin(SALE, 1, "123451"), &["0210 55"]),
        (AskWithPin(SALE, 1, "123456"), &["0210 00"]),
        (AskWithPin(SALE, 1, "123450"), &["0210 55"]),
    ];
    check(PLAIN_CARD, pins, (2, 0, 0));
}

#[test]
fn a_pin_block_without_the_card_number_opens_as_de53_says() {
    let mut talk = Talk::new();
    let mut sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
    let block =
        pin_block::encrypt(&talk.acquirer.pin, &pin_block::without_pan(&Pin::parse("123456").unwrap()));
    sale.set(22, "021").set(52, block).set(53, "1600000000000000");
    assert_eq!(talk.send(&sale), ["0210 00"]);
}

#[test]
fn a_wrong_or_missing_mac_opens_nothing_and_is_counted() {
    let mut talk = Talk::new();
    let sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
    let mut body = talk.acquirer.encode(&sale);
    *body.last_mut().unwrap() ^= 1;
    let wrong = talk.bank.frame(NOON, &body).unwrap();
    let mut body = Vec::new();
    HOST_LINK.encode(&sale, &mut body).unwrap();
    let missing = talk.bank.frame(NOON, &body).unwrap();
    for (effects, signed) in [(wrong, true), (missing, false)] {
        let [Effect::Journal(_), Effect::Send { frame }] = effects.as_slice() else { panic!("{effects:?}") };
        let (answer, mac_fits) = talk.acquirer.decode(frame);
        assert_eq!((answer.mti, answer.text(39)), (Mti(210), Some("99")));
        assert_eq!(mac_fits, signed);
    }
    assert_eq!(talk.bank.refused().get(&Code::KeysDoNotFit), Some(&2));
    assert_eq!(talk.bank.book().accounts, []);
    // The same request with its MAC is a first one.
    assert_eq!(talk.send(&sale), ["0210 00"]);
}

#[test]
fn broken_frames_are_named_and_change_nothing() {
    let mut talk = Talk::new();
    let sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
    let before = talk.bank.clone();
    let good = talk.acquirer.encode(&sale);
    for cut in 0..good.len() {
        let refused = talk.bank.frame(NOON, &good[..cut]);
        assert!(matches!(refused, Err(BadFrame::Decode(_))), "cut at {cut}");
    }
    let mut answer = sale.clone();
    answer.mti = Mti(210);
    let refused = talk.bank.frame(NOON, &talk.acquirer.encode(&answer));
    assert_eq!(refused, Err(BadFrame::NotARequest { mti: Mti(210) }));
    for field in [7, 11] {
        let mut nameless = sale.clone();
        nameless.remove(field);
        let refused = talk.bank.frame(NOON, &talk.acquirer.encode(&nameless));
        assert_eq!(refused, Err(BadFrame::Unidentified { field }));
    }
    assert_eq!(talk.bank, before);
}

#[test]
fn a_request_without_a_needed_field_is_a_format_error() {
    for field in [2, 3, 4, 37, 41, 42, 49] {
        let mut talk = Talk::new();
        let mut sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
        sale.remove(field);
        assert_eq!(talk.send(&sale), ["0210 30"], "F{field}");
        assert_eq!(talk.bank.refused().get(&Code::FormatError), Some(&1), "F{field}");
    }
}

#[test]
fn the_network_is_managed() {
    let mut talk = Talk::new();
    // (MTI, DE70, what is answered)
    for (mti, code, told) in [
        (820, "001", "0830 00"),
        (820, "002", "0830 00"),
        (820, "201", "0830 00"),
        (820, "202", "0830 00"),
        (820, "301", "0830 00"),
        (820, "999", "0830 40"),
        (800, "101", "0810 30"),
    ] {
        let mut message = talk.acquirer.stamped(NOON, mti);
        message.set(32, TEST_ACQUIRER).set(70, code);
        let answers = talk.send(&message);
        assert_eq!(answers, [told], "{mti} {code}");
    }
    // Without a MAC: an echo is answered without one, a change of keys is refused.
    for (mti, code, told) in [(820, "301", "00"), (800, "101", "99")] {
        let mut message = talk.acquirer.stamped(NOON, mti);
        message.set(70, code);
        let mut body = Vec::new();
        HOST_LINK.encode(&message, &mut body).unwrap();
        let effects = talk.bank.frame(NOON, &body).unwrap();
        let Some(Effect::Send { frame }) = effects.last() else { panic!("{effects:?}") };
        let answer = HOST_LINK.decode(frame).unwrap();
        assert_eq!((answer.text(39), answer.has(128)), (Some(told), false), "{mti} {code}");
    }
}

#[test]
fn a_changed_mac_key_holds_after_a_restart_and_the_old_one_still_passes() {
    let master = TdesKey::from_hex(TEST_ZMK_HEX).unwrap();
    let (fresh_hex, old_hex) = ("0123456789ABCDEF1111222233334444", TEST_ZAK_HEX);
    let fresh = TdesKey::from_hex(fresh_hex).unwrap();
    let wrapped = master.encrypt_ecb(&hex::decode(fresh_hex).unwrap()).unwrap();
    let change = |acquirer: &mut Acquirer, check_value: [u8; 4]| -> Message {
        let mut message = acquirer.stamped(NOON, 800);
        let key = format!("NK{}{}", hex::encode_upper(&wrapped), hex::encode_upper(check_value));
        message.set(32, TEST_ACQUIRER).set(48, key).set(53, "2600000000000000").set(70, "101");
        message
    };
    let mut talk = Talk::new();
    let wrong = change(&mut talk.acquirer, [0; 4]);
    assert_eq!(talk.send(&wrong), ["0810 99"]);
    let right = change(&mut talk.acquirer, fresh.kcv());
    assert_eq!(talk.send(&right), ["0810 00"], "under the old key, as it was asked");
    // Under way while the key changed: asked and answered under the old key.
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 1)), ["0210 00"]);
    talk.acquirer.mac = fresh;
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 1)), ["0210 00"]);

    let mut restarted = Bank::new(BankConfig::test());
    for line in &talk.journal {
        restarted.replay(line).unwrap();
    }
    talk.bank = restarted;
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 1)), ["0210 00"]);
    talk.acquirer.mac = TdesKey::from_hex(old_hex).unwrap();
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 1)), ["0210 00"]);
}

#[test]
fn a_full_book_refuses_new_requests_and_keeps_answering_old_ones() {
    let mut talk = Talk::new();
    talk.bank = Bank::new(BankConfig { capacity: 1, ..BankConfig::test() });
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 100)), ["0210 00"]);
    assert_eq!(talk.play(PLAIN_CARD, Ask(SALE, 100)), ["0210 96"]);
    assert_eq!(talk.play(PLAIN_CARD, Again(0)), ["0210 00"]);
    assert_eq!(talk.play(PLAIN_CARD, Reverse(0)), ["0430 96"]);
}

#[test]
fn the_book_says_whose_money_moved_and_why() {
    let mut talk = Talk::new();
    talk.play(PLAIN_CARD, Ask(SALE, 100));
    talk.play(PLAIN_CARD, OfAmount(0, REFUND, 30));
    talk.play(PLAIN_CARD, Ask(SALE, 7));
    talk.play(PLAIN_CARD, Reverse(2));
    let book = talk.bank.book();
    let rrn = |step: usize| talk.sent[step].text(37).unwrap();
    let entries: Vec<_> =
        book.entries.iter().map(|e| (e.why, e.amount, e.rrn.as_str(), e.by_rrn.as_str())).collect();
    let expected = [
        (Why::Sale, 100, rrn(0), rrn(0)),
        (Why::Refund, 30, rrn(0), rrn(1)),
        (Why::Sale, 7, rrn(2), rrn(2)),
        (Why::Reversal, 7, rrn(2), rrn(2)),
    ];
    assert_eq!(entries, expected);
    assert_eq!(book.entries[3].stan, talk.sent[3].text(11).unwrap());
    assert_eq!(book.entries[3].transmitted, talk.sent[3].text(7).unwrap());
    let first = book.payment(rrn(0)).unwrap();
    assert_eq!((first.charged, first.returned, first.held), (100, 30, 0));
    assert_eq!(first.terminal.as_str(), "10000001");
    assert_eq!(book.payments.len(), 2, "a refund is no payment");
    let only = book.clone().only(None, Some(rrn(2)));
    assert_eq!((only.entries.len(), only.payments.len(), only.accounts.len()), (2, 1, 1));
    let none = book.only(Some("6200000000000021"), None);
    assert_eq!((none.entries.len(), none.payments.len(), none.accounts.len()), (0, 0, 0));
}
