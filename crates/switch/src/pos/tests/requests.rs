//! From frames to what the engine is asked.

use super::super::Route;
use crate::testing::*;
use hefu_engine::{Ask, Original, Reverse, Settle, Transact, Upload, UploadPart};
use hefu_iso8583::{
    Message,
    cup::{self, Settlement, UploadClosing, UploadItem},
    tlv::Builder,
};
use hefu_tally::{Code, Identity, Kind, LinkId, Rrn};
use hefu_vault::{LinkKeys, LinkName, MacMethod, Pan, Pin, pin_block};

const RRN: &str = "6326ABCD1234";

fn original(message: &mut Message, fields: &[u8]) {
    for field in fields {
        match field {
            37 => message.set(37, RRN),
            38 => message.set(38, "654321"),
            _ => message.set(61, "0000010000411122"),
        };
    }
}

/// Kind, MTI, F3, F25, F60.1, what it carries of its original.
type Row = (Kind, u16, &'static str, &'static str, u8, &'static [u8]);

const TRANSACTIONS: [Row; 11] = [
    (Kind::Inquiry, 200, "310000", "00", 1, &[]),
    (Kind::Sale, 200, "000000", "00", 22, &[]),
    (Kind::Void, 200, "200000", "00", 23, &[37, 61]),
    (Kind::Refund, 220, "200000", "00", 25, &[37, 61]),
    (Kind::PreAuth, 100, "030000", "06", 10, &[]),
    (Kind::PreAuthVoid, 100, "200000", "06", 11, &[38, 61]),
    (Kind::Completion, 200, "000000", "06", 20, &[38, 61]),
    (Kind::CompletionVoid, 200, "200000", "06", 21, &[37, 61]),
    (Kind::CompletionAdvice, 220, "000000", "06", 24, &[38, 61]),
    (Kind::OfflineSale, 220, "000000", "00", 30, &[]),
    (Kind::OfflineSale, 220, "000000", "00", 36, &[]),
];

fn built(row: usize) -> Message {
    let (_, mti, processing, condition, message_type, carried) = TRANSACTIONS[row];
    let mut message = transaction(mti, processing, condition, message_type);
    original(&mut message, carried);
    if message_type == 36 {
        message.set(55, [0x9F, 0x36, 0x02, 0x00, 0x07]);
    }
    message
}

fn transact(desk: &mut Desk, message: &Message) -> Transact {
    match asked(desk.take(message)).1 {
        Ask::Transact(transact) => *transact,
        _ => panic!("not a transaction"),
    }
}

fn reverse(desk: &mut Desk, message: &Message) -> Reverse {
    match asked(desk.take(message)).1 {
        Ask::Reverse(reverse) => *reverse,
        _ => panic!("not a reversal"),
    }
}

#[test]
fn every_transaction_of_the_table_becomes_its_kind() {
    let mut desk = Desk::new();
    for (row, (kind, class, _, _, message_type, carried)) in TRANSACTIONS.into_iter().enumerate() {
        let asked = transact(&mut desk, &built(row));
        assert!(asked.kind == kind, "F60.1 {message_type}");
        assert_eq!(asked.identity, Identity { till: till(1), class, batch: 2, trace: 42 }, "{kind:?}");
        assert_eq!(asked.amount.minor, if kind == Kind::Inquiry { 0 } else { 12_345 }, "{kind:?}");
        assert_eq!(asked.masked.as_str(), "620000******0005");
        assert_eq!((asked.entry.as_str(), asked.takes_part), ("012", false));
        let names = |field, rest: bool| carried.contains(&field).then_some(rest).is_some();
        let expected = kind.refers().then(|| Original {
            rrn: names(37, true).then(|| Rrn::parse(RRN.as_bytes()).unwrap()),
            auth: names(38, true).then(|| "654321".parse().unwrap()),
            batch: Some(1),
            trace: Some(41),
        });
        assert_eq!(asked.original, expected, "{kind:?}");
        let pan = desk
            .vault
            .open_card(&crate::names::vault_token(&asked.card), &crate::names::vault_sealed(&asked.sealed));
        assert_eq!(pan.unwrap().expose(), CARD);
    }
}

#[test]
fn a_reversal_names_its_original_by_the_originals_class() {
    let mut desk = Desk::new();
    for (row, (kind, class, ..)) in TRANSACTIONS.into_iter().enumerate() {
        if class == 220 || kind == Kind::Inquiry {
            continue;
        }
        let of_request = transact(&mut desk, &built(row));
        let mut message = built(row);
        message.mti = hefu_iso8583::Mti(400);
        message.remove(37);
        message.set(39, "98");
        let asked = reverse(&mut desk, &message);
        assert!(asked.kind == kind, "{kind:?}");
        assert_eq!(asked.identity, of_request.identity, "{kind:?}");
        assert_eq!(asked.reason, Some(Code(*b"98")));
        assert_eq!(asked.content, of_request.content, "{kind:?}: the tombstone knows the request");
        assert_eq!(asked.amount, of_request.amount);
        assert_eq!(asked.card.as_ref().map(|card| card.token), Some(of_request.card));
    }
}

#[test]
fn a_swipe_has_its_card_in_track_2_and_its_reversal_has_none() {
    let mut desk = Desk::new();
    let asked = transact(&mut desk, &sale());
    assert_eq!(asked.masked.as_str(), "620000******0005");
    assert_eq!(asked.secret.track2.as_ref().unwrap().as_slice(), TRACK.as_bytes());
    assert!(asked.secret.pin_block.is_none() && asked.secret.expiry.is_none());
    let mut reversal = sale();
    reversal.mti = hefu_iso8583::Mti(400);
    reversal.remove(35);
    let reversed = reverse(&mut desk, &reversal);
    assert_eq!(reversed.identity, asked.identity);
    assert!(reversed.card.is_none(), "after a swipe a reversal names no card");
}

#[test]
fn a_repeat_after_a_restart_has_the_same_identity_and_content() {
    let mut desk = Desk::new();
    let first = transact(&mut desk, &sale());
    let mut restarted = Desk::new();
    let repeat = transact(&mut restarted, &sale());
    assert_eq!((repeat.identity, repeat.content), (first.identity, first.content));
    assert_eq!(repeat.card, first.card);
    for (field, other) in [(4, "000000012346"), (49, "840"), (35, "6200000000000104D3012")] {
        let mut changed = sale();
        changed.set(field, other);
        let changed = transact(&mut desk, &changed);
        assert_eq!(changed.identity, first.identity);
        assert_ne!(changed.content, first.content, "F{field}");
    }
    let mut same = sale();
    same.set(22, "012").set(55, [0x9F, 0x36, 0x02, 0x00, 0x07]);
    assert_eq!(transact(&mut desk, &same).content, first.content, "F22 and F55 may differ");
}

#[test]
fn a_pin_leaves_under_the_links_key() {
    for method in [MacMethod::Ecb, MacMethod::Cbc, MacMethod::X919, MacMethod::TdesXor] {
        let mut desk = Desk::with(method, pos_config());
        let (pin, pan) = (Pin::parse("123456").unwrap(), Pan::parse(CARD).unwrap());
        let clear = pin_block::format0(&pin, &pan);
        let bare = pin_block::without_pan(&pin);
        for (control, block) in [("2600000000000000", &clear), ("1600000000000000", &bare)] {
            let mut message = sale();
            let block = pin_block::encrypt(&desk.keys.pin, block);
            message.set(14, "3012").set(26, "12").set(52, block).set(53, control);
            let secret = transact(&mut desk, &message).secret;
            let expected = pin_block::encrypt(&bank_keys().pin, &clear);
            assert_eq!(*secret.pin_block.unwrap(), expected, "{control}");
            assert_eq!(secret.expiry.unwrap().as_slice(), b"3012");
        }
    }
}

#[test]
fn a_card_takes_the_route_of_its_prefix_and_its_pin_the_keys_of_that_link() {
    let second = || Route { link: LinkId(2), name: LinkName::parse("second").unwrap() };
    let (pin, pan) = (Pin::parse("123456").unwrap(), Pan::parse(CARD).unwrap());
    let keys = LinkKeys { pin: key(&"5E".repeat(16)), mac: key(&"6D".repeat(16)) };
    // (prefixes of the second bank, the link taken, the PIN key)
    let cases = [
        (&[][..], LINK, bank_keys().pin),
        (&["9"], LINK, bank_keys().pin),
        (&["9", "62"], LinkId(2), keys.pin.clone()),
    ];
    for (prefixes, link, pin_key) in cases {
        let mut config = pos_config();
        for prefix in prefixes {
            config.routes.add(prefix, second()).unwrap();
        }
        let mut desk = Desk::with(MacMethod::Ecb, config);
        desk.vault.set_link(second().name, keys.clone(), MacMethod::Cbc);
        let mut message = sale();
        let block = pin_block::encrypt(&desk.keys.pin, &pin_block::format0(&pin, &pan));
        message.set(26, "12").set(52, block).set(53, "2600000000000000");
        let transact = transact(&mut desk, &message);
        assert_eq!(transact.link, link, "{prefixes:?}");
        let expected = pin_block::encrypt(&pin_key, &pin_block::format0(&pin, &pan));
        assert_eq!(*transact.secret.pin_block.unwrap(), expected, "{prefixes:?}");
    }
}

#[test]
fn chip_data_pass_without_what_names_the_card_and_only_known_tags_are_kept() {
    let mut desk = Desk::new();
    let mut f55 = Builder::new();
    let tags: [(u32, &[u8]); 8] = [
        (0x9F26, &[1; 8]),
        (0x57, &[0x62; 12]),
        (0x5A, &[0x62; 8]),
        (0x5F20, b"NAME"),
        (0x5F24, &[0x30, 0x12, 0x31]),
        (0x9F36, &[0, 7]),
        (0x9F7C, b"UNKNOWN"),
        (0x84, &[0xA0; 7]),
    ];
    for (tag, content) in tags {
        f55.put(hefu_iso8583::tlv::Tag(tag), content).unwrap();
    }
    let mut message = transaction(200, "000000", "00", 22);
    message.set(22, "051").set(23, "001").set(55, f55.finish());
    let asked = transact(&mut desk, &message);
    let tags = |bytes: &[u8]| {
        let parsed = hefu_iso8583::tlv::parse(bytes).unwrap();
        parsed.into_iter().map(|(tag, _)| tag.0).collect::<Vec<_>>()
    };
    assert_eq!(tags(&asked.chip), [0x9F26, 0x9F36, 0x9F7C, 0x84]);
    assert_eq!(tags(&asked.chip_kept), [0x9F26, 0x9F36, 0x84]);
    assert_eq!((asked.card_sequence.as_deref(), asked.entry.as_str()), (Some("001"), "051"));
}

#[test]
fn a_terminal_that_takes_part_approvals_says_so() {
    let mut message = sale();
    message.set(60, "22000002000601");
    assert!(transact(&mut Desk::new(), &message).takes_part);
}

#[test]
fn totals_of_domestic_and_foreign_cards_are_added() {
    let group = |debit_amount, debit_count| cup::Totals {
        debit_amount,
        debit_count,
        credit_amount: 100,
        credit_count: 1,
        ..cup::Totals::default()
    };
    let totals = Settlement { domestic: group(1_000, 2), foreign: group(50, 3) };
    let mut message = request(500, "00000002201");
    message.set(48, totals.build().unwrap()).set(49, "156").set(63, "001");
    let Ask::Settle(settle) = asked(Desk::new().take(&message)).1 else { panic!("not a settlement") };
    assert_eq!(settle, Settle { batch: 2, debit: 1_050, debits: 5, credit: 200, credits: 2 });
}

#[test]
fn an_upload_gives_its_lines_and_then_its_end() {
    let mut desk = Desk::new();
    let item =
        |trace| UploadItem { card_kind: 0, trace, card_number: *b"00006200000000000005", amount: 12_345 };
    let details = cup::Upload { items: vec![item(41), item(42)] }.build().unwrap();
    let end = UploadClosing { total: 2 }.build().unwrap();
    for (code, f48, part) in [
        (201, &details, UploadPart::Lines(vec![(41, 12_345), (42, 12_345)])),
        (202, &end, UploadPart::End { total: 2 }),
        (207, &end, UploadPart::End { total: 2 }),
    ] {
        let mut message = request(320, &format!("00000002{code}"));
        message.set(48, f48);
        let Ask::Upload(upload) = asked(desk.take(&message)).1 else { panic!("not an upload") };
        assert_eq!(upload, Upload { batch: 2, part });
    }
}

#[test]
fn the_requests_that_move_no_money_become_their_asks() {
    let mut desk = Desk::new();
    let mut signature = request(820, "07000002800");
    signature.set(62, [1; 400]).set(37, RRN);
    match asked(desk.take(&signature)).1 {
        Ask::Signature { identity_trace: 42, batch: 2, rrn: Some(rrn) } => assert_eq!(rrn.as_str(), RRN),
        _ => panic!("not a signature"),
    }
    let mut script = request(620, "00000002951");
    script.set(55, [0xDF, 0x31, 0x01, 0x20]).set(61, "0000020000411122");
    assert!(matches!(asked(desk.take(&script)).1, Ask::Script { batch: 2, trace: 41 }));
    let mut last = request(820, "00000002390");
    last.set(61, "000002000041");
    assert!(matches!(asked(desk.take(&last)).1, Ask::LastResult { batch: 2, trace: 41 }));
    for (code, expected) in [("391", true), ("392", false)] {
        let mut word = request(820, &format!("00000002{code}"));
        assert!(desk.take(&word).answer.is_some(), "without F61 nobody knows which sale is meant");
        word.set(61, "000002000041");
        match asked(desk.take(&word)).1 {
            Ask::Confirm { batch: 2, trace: 41, has } => assert_eq!(has, expected),
            _ => panic!("not a confirmation"),
        }
    }
    assert!(matches!(asked(desk.take(&request(820, "00000002002"))).1, Ask::SignOff));
}
