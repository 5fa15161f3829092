use super::*;
use crate::testing::*;
use hefu_engine::{BankAnswer, BankAsk, BankSays, OriginalKey, Secret};
use hefu_iso8583::{Mti, host::OriginalData};
use hefu_tally::{CardToken, Code, Currency, Kind, Money, Rrn, SealedCard, time::MINUTE};
use hefu_vault::{MacMethod, MasterKey, Pan};
use zeroize::Zeroizing;

fn key(stan: u32) -> LinkKey {
    LinkKey { at: NOW, stan }
}

fn rrn() -> Rrn {
    Rrn::parse(b"6326ABCD1234").unwrap()
}

fn of(kind: Kind) -> BankRequest {
    let (vault, pan) = (vault(), Pan::parse(CARD).unwrap());
    let original = OriginalKey { class: 200, key: LinkKey { at: NOW.after(-MINUTE), stan: 41 } };
    BankRequest {
        what: BankAsk::Request,
        kind,
        key: key(42),
        rrn: rrn(),
        till: till(1),
        amount: Money::new(12_345, Currency::CNY),
        card: CardToken(vault.card_token(&pan).0),
        sealed: Some(SealedCard(vault.seal_card(&pan, &mut Seeded(3)).0)),
        entry: "012".into(),
        card_sequence: None,
        auth: kind.refers().then(|| "654321".parse().unwrap()),
        original: kind.refers().then_some(original),
        chip: Vec::new(),
        secret: None,
    }
}

fn reversal(what: BankAsk) -> BankRequest {
    let original = Some(OriginalKey { class: 200, key: key(42) });
    BankRequest { what, key: key(43), original, ..of(Kind::Sale) }
}

/// The message that a frame holds; its MAC is good.
fn opened(frame: &[u8]) -> Message {
    let message = HOST_LINK.decode(frame).unwrap();
    let mac = MacMethod::X919.compute(&bank_keys().mac, mac_input(frame));
    assert_eq!(message.get(128), Some(&mac[..]), "a good MAC");
    message
}

fn encoded(request: &BankRequest) -> Message {
    opened(&host().encode(&vault(), NOW, request).unwrap())
}

/// A frame as the bank sends it.
fn framed(mti: u16, fields: &[(u8, &str)]) -> Vec<u8> {
    let mut message = Message::new(Mti(mti));
    for (field, value) in fields {
        message.set(*field, value);
    }
    message.set(128, [0; 8]);
    let mut body = Vec::new();
    HOST_LINK.encode(&message, &mut body).unwrap();
    let mac = MacMethod::X919.compute(&bank_keys().mac, mac_input(&body));
    put_mac(&mut body, mac);
    body
}

#[test]
fn each_kind_carries_exactly_its_fields() {
    let base = vec![2, 3, 4, 7, 11, 12, 13, 18, 22, 25, 32, 33, 37, 41, 42, 43, 49, 128];
    let plus = |more: &[u8]| {
        let mut fields = [&base[..], more].concat();
        fields.sort_unstable();
        fields
    };
    // (kind, MTI, F3, F25, fields beside the base)
    let cases: [(Kind, u16, &str, &str, &[u8]); 10] = [
        (Kind::Sale, 200, "000000", "00", &[]),
        (Kind::Inquiry, 200, "310000", "00", &[]),
        (Kind::PreAuth, 100, "030000", "06", &[]),
        (Kind::OfflineSale, 220, "000000", "00", &[]),
        (Kind::Void, 200, "200000", "00", &[90]),
        (Kind::Refund, 220, "200000", "00", &[90]),
        (Kind::CompletionVoid, 200, "200000", "06", &[90]),
        (Kind::PreAuthVoid, 100, "200000", "06", &[38, 90]),
        (Kind::Completion, 200, "000000", "06", &[38, 90]),
        (Kind::CompletionAdvice, 220, "000000", "06", &[38, 90]),
    ];
    for (kind, mti, processing, condition, more) in cases {
        let message = encoded(&of(kind));
        assert_eq!(message.mti, Mti(mti), "{kind:?}");
        assert_eq!(fields(&message), plus(more), "{kind:?}");
        assert_eq!((message.text(3), message.text(25)), (Some(processing), Some(condition)), "{kind:?}");
    }
}

#[test]
fn a_sale_says_what_the_engine_said() {
    let secret = Secret {
        pin_block: Some(Zeroizing::new([1, 2, 3, 4, 5, 6, 7, 8])),
        track2: Some(Zeroizing::new(TRACK.into())),
        expiry: Some(Zeroizing::new(b"3012".to_vec())),
    };
    let request = BankRequest {
        card_sequence: Some("001".into()),
        chip: vec![0x9F, 0x36, 0x02, 0x00, 0x07],
        secret: Some(secret),
        ..of(Kind::Sale)
    };
    let message = encoded(&request);
    for (field, value) in [
        (2, CARD),
        (4, "000000012345"),
        (7, NOW.mmddhhmmss().as_str()),
        (11, "000042"),
        (12, NOW.hhmmss().as_str()),
        (13, NOW.mmdd().as_str()),
        (14, "3012"),
        (18, "5411"),
        (22, "012"),
        (23, "001"),
        (26, "12"),
        (32, "48010000"),
        (33, "48020000"),
        (35, TRACK),
        (37, "6326ABCD1234"),
        (41, "10000001"),
        (42, MERCHANT),
        (49, "156"),
        (53, "2600000000000000"),
    ] {
        assert_eq!(message.text(field), Some(value), "DE{field}");
    }
    assert_eq!(message.get(52), Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]));
    assert_eq!(message.get(55), Some(&request.chip[..]));
    let name = encoding_rs::GBK.decode(message.get(43).unwrap()).0.into_owned();
    assert_eq!(name.trim_end(), "合符测试商户");
}

#[test]
fn a_reversal_carries_the_originals_fields_and_its_own_key() {
    for (what, mti) in
        [(BankAsk::Reversal { reason: 4354 }, 420), (BankAsk::ReversalRepeat { reason: 4354 }, 421)]
    {
        let message = encoded(&reversal(what));
        assert_eq!(message.mti, Mti(mti));
        assert_eq!(fields(&message), [2, 3, 4, 7, 11, 37, 41, 42, 60, 90, 128]);
        assert_eq!((message.text(11), message.text(60)), (Some("000043"), Some("4354")));
        let original = OriginalData::parse(message.get(90).unwrap()).unwrap();
        assert_eq!((original.mti, original.stan), (Mti(200), 42));
        assert_eq!(original.transmitted, NOW.mmddhhmmss().as_bytes());
        assert_eq!((&original.acquirer, &original.forwarder), (b"00048010000", b"00048020000"));
    }
}

#[test]
fn a_repeat_is_the_same_but_for_its_type_however_late() {
    let (vault, mut host) = (vault(), host());
    let first = opened(&host.encode(&vault, NOW, &of(Kind::Refund)).unwrap());
    let repeat = BankRequest { what: BankAsk::Repeat, ..of(Kind::Refund) };
    let again = opened(&host.encode(&vault, NOW.after(MINUTE), &repeat).unwrap());
    assert_eq!((first.mti, again.mti), (Mti(220), Mti(221)));
    for (field, value) in first.fields().filter(|(field, _)| *field != 128) {
        assert_eq!(again.get(field), Some(value), "DE{field}");
    }
    assert_eq!(fields(&first), fields(&again));
}

#[test]
fn what_cannot_be_encoded_is_said_by_name_and_is_not_in_flight() {
    let check = |request: BankRequest, error: HostError| {
        let mut host = host();
        assert_eq!(host.encode(&vault(), NOW, &request).err(), Some(error));
        assert_eq!(host.in_flight.len(), 0);
    };
    check(BankRequest { sealed: None, ..of(Kind::Sale) }, HostError::CardErased);
    check(BankRequest { original: None, ..of(Kind::Void) }, HostError::NoOriginal);
    check(
        BankRequest { original: None, ..reversal(BankAsk::Reversal { reason: 4354 }) },
        HostError::NoOriginal,
    );
    check(BankRequest { what: BankAsk::Repeat, ..of(Kind::Sale) }, HostError::NoRepeat { class: 200 });
    let negative = Money::new(-1, Currency::CNY);
    check(BankRequest { amount: negative, ..of(Kind::Sale) }, HostError::Amount { found: -1 });
    let stranger = hefu_tally::Till { merchant: MerchantNo([b'9'; 15]), ..till(1) };
    let unknown = HostError::UnknownMerchant(stranger.merchant);
    check(BankRequest { till: stranger, ..of(Kind::Sale) }, unknown);
    let wrong_entry = EncodeError::WrongLength { field: 22, expected: 3, found: 2 };
    check(BankRequest { entry: "01".into(), ..of(Kind::Sale) }, HostError::Encode(wrong_entry));
    let other_card = CardToken([9; 16]);
    let mut host = host();
    let refused = host.encode(&vault(), NOW, &BankRequest { card: other_card, ..of(Kind::Sale) });
    assert!(matches!(refused, Err(HostError::Card(_))));
}

#[test]
fn a_link_without_keys_is_a_configuration_fault_and_no_timeout() {
    let bare = Vault::new(MasterKey::from_hex(&"5A".repeat(32)).unwrap());
    let error = host().encode(&bare, NOW, &of(Kind::Sale)).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        ("configuration", "keys of the link: link bank: unknown, no keys".into())
    );
    assert!(host().sign_on(&bare, NOW).is_err());
}

#[test]
fn a_key_in_flight_names_no_second_message() {
    let (vault, mut host) = (vault(), host());
    let clash = || HostError::KeyClash { de7: NOW.mmddhhmmss(), stan: 42 };
    host.encode(&vault, NOW, &of(Kind::Sale)).unwrap();
    assert_eq!(host.encode(&vault, NOW, &of(Kind::Sale)).err(), Some(clash()));
    let other = BankRequest { what: BankAsk::Repeat, rrn: Rrn([b'0'; 12]), ..of(Kind::Refund) };
    assert_eq!(host.encode(&vault, NOW, &other).err(), Some(clash()), "the repeat of another payment");
    let reversal = BankRequest { key: key(42), ..reversal(BankAsk::ReversalRepeat { reason: 4354 }) };
    assert_eq!(host.encode(&vault, NOW, &reversal).err(), Some(clash()), "a reversal has a key of its own");
    // Free again: never sent, answered, or too old.
    host.never_sent(key(42));
    host.encode(&vault, NOW, &of(Kind::Sale)).unwrap();
    host.frame(&vault, NOW, &framed(210, &[(7, &NOW.mmddhhmmss()), (11, "000042"), (39, "00")]));
    host.encode(&vault, NOW, &of(Kind::Sale)).unwrap();
    host.encode(&vault, NOW.after(HostConfig::IN_FLIGHT_AGE), &of(Kind::Sale)).unwrap();
}

#[test]
fn no_more_is_in_flight_than_the_bound() {
    let mut host = HostEdge::new(HostConfig { in_flight: 2, ..host_config() }).unwrap();
    for stan in [1, 2] {
        host.encode(&vault(), NOW, &BankRequest { key: key(stan), ..of(Kind::Sale) }).unwrap();
    }
    let third = host.encode(&vault(), NOW, &BankRequest { key: key(3), ..of(Kind::Sale) });
    assert_eq!(third.err(), Some(HostError::TooMany { max: 2 }));
    let repeat = BankRequest { what: BankAsk::Repeat, key: key(4), ..of(Kind::Refund) };
    assert!(host.encode(&vault(), NOW, &repeat).is_err());
}

fn answered(frame: &[u8]) -> BankAnswer {
    match host().frame(&vault(), NOW, frame).input {
        Some(Input::Bank { link, answer }) => {
            assert_eq!(link, LINK);
            answer
        }
        _ => panic!("not an answer"),
    }
}

const ANSWER: [(u8, &str); 14] = [
    (2, CARD),
    (3, "000000"),
    (4, "000000012345"),
    (7, "1122174203"),
    (11, "000042"),
    (15, "1122"),
    (32, "00048010000"),
    (33, "48020000"),
    (37, "6326ABCD1234"),
    (38, "654321"),
    (39, "00"),
    (41, "10000001"),
    (42, MERCHANT),
    (49, "156"),
];

#[test]
fn an_answer_is_told_as_it_came() {
    for (mti, what) in [
        (110, BankSays::ToRequest),
        (210, BankSays::ToRequest),
        (230, BankSays::ToRequest),
        (430, BankSays::ToReversal),
    ] {
        let expected = BankAnswer {
            what,
            de7: "1122174203".into(),
            stan: 42,
            rrn: Some(rrn()),
            code: Some(Code::APPROVED),
            mac_good: true,
            processing: Some("000000".into()),
            amount: Some(Money::new(12_345, Currency::CNY)),
            till: Some(till(1)),
            auth: Some("654321".parse().unwrap()),
            settles: Some("1122".into()),
            balance: None,
            chip: Vec::new(),
        };
        assert_eq!(answered(&framed(mti, &ANSWER)), expected, "{mti}");
    }
    let strange = answered(&framed(210, &[(7, "1122174203"), (11, "000042"), (4, "000000000001")]));
    assert_eq!((strange.code, strange.rrn, strange.till), (None, None, None));
    assert_eq!(strange.amount, Some(Money::new(1, Currency::CNY)), "the link's currency");
}

#[test]
fn a_wrong_or_missing_mac_is_told_and_nothing_is_dropped() {
    let mut wrong = framed(210, &ANSWER);
    *wrong.last_mut().unwrap() ^= 1;
    assert!(!answered(&wrong).mac_good);
    let mut bare = opened(&framed(210, &ANSWER));
    bare.remove(128);
    let mut frame = Vec::new();
    HOST_LINK.encode(&bare, &mut frame).unwrap();
    assert!(!answered(&frame).mac_good);
}

#[test]
fn a_link_makes_and_checks_its_macs_in_its_own_way() {
    let methods = [MacMethod::Ecb, MacMethod::Cbc, MacMethod::X919, MacMethod::TdesXor];
    for method in methods {
        let mut vault = vault();
        vault.set_link(bank_name(), bank_keys(), method);
        let frame = host().encode(&vault, NOW, &of(Kind::Sale)).unwrap();
        let sent = HOST_LINK.decode(&frame).unwrap();
        let mac = method.compute(&bank_keys().mac, mac_input(&frame));
        assert_eq!(sent.get(128), Some(&mac[..]), "{method:?}");
        for other in methods {
            let mut answer = frame.clone();
            // Its own request as an answer: the type is the last digit but one of the first four bytes.
            answer[2] = b'1';
            put_mac(&mut answer, [0; 8]);
            let mac = other.compute(&bank_keys().mac, mac_input(&answer));
            put_mac(&mut answer, mac);
            let Some(Input::Bank { answer, .. }) = host().frame(&vault, NOW, &answer).input else {
                panic!("an answer is told whatever its MAC")
            };
            assert_eq!(answer.mac_good, other == method, "{other:?} on a link with {method:?}");
        }
    }
}

#[test]
fn a_frame_that_nobody_could_match_is_noted_and_counted() {
    let mut host = host();
    let frames = [
        (framed(210, &[(11, "000042")]), "DE7 is missing"),
        (framed(210, &[(7, "1122174203")]), "DE11 is missing"),
        (framed(210, &[(7, "1122174203"), (11, "000042"), (32, "48019999")]), "DE32 names another acquirer"),
        (framed(200, &ANSWER), "MTI 0200: not an answer and not for the link"),
        (b"0210".to_vec(), "F1 at byte 4: expected 8 bytes, found 0"),
    ];
    for (count, (frame, says)) in (1..).zip(frames) {
        let taken = host.frame(&vault(), NOW, &frame);
        assert!(taken.input.is_none() && taken.answer.is_none());
        let note = taken.note.unwrap();
        assert_eq!((note.kind, note.text.as_str()), ("bad_bank_frame", says));
        assert_eq!(host.broken(), count);
    }
}

#[test]
fn the_links_own_messages_have_their_own_numbers_in_a_circle() {
    let mut host = HostEdge::new(HostConfig { stans: 999_998..=999_999, ..host_config() }).unwrap();
    let (key, frame) = host.sign_on(&vault(), NOW).unwrap();
    let message = opened(&frame);
    assert_eq!((message.mti, message.text(70), message.text(11)), (Mti(820), Some("001"), Some("999998")));
    assert_eq!(fields(&message), [7, 11, 32, 33, 70, 128]);
    let (second, frame) = host.echo(&vault(), NOW).unwrap();
    assert_eq!((second.stan, opened(&frame).text(70)), (999_999, Some("301")));
    assert_eq!(host.echo(&vault(), NOW).unwrap().0.stan, 999_998);
    let de7 = NOW.mmddhhmmss();
    let taken =
        host.frame(&vault(), NOW, &framed(830, &[(7, &de7), (11, "999998"), (39, "00"), (70, "001")]));
    let answer = taken.network.unwrap();
    assert!(answer.answers(key) && !answer.answers(second));
    assert_eq!((answer.code, answer.wrong_mac), (Some(Code::APPROVED), false));
    assert!(taken.input.is_none(), "nothing for the engine");
}

#[test]
fn what_the_network_asks_of_the_link_is_answered() {
    // (MTI, DE70, DE39 of the answer, noted)
    for (mti, management, code, noted) in [
        (820, "301", "00", false),
        (820, "201", "00", true),
        (820, "002", "00", true),
        (800, "101", "40", true),
    ] {
        let frame = framed(mti, &[(7, "1122174203"), (11, "000009"), (70, management)]);
        let taken = host().frame(&vault(), NOW, &frame);
        let answer = opened(&taken.answer.unwrap());
        assert_eq!(answer.mti, Mti(mti + 10));
        assert_eq!((answer.text(11), answer.text(39)), (Some("000009"), Some(code)), "{management}");
        assert_eq!(taken.note.is_some(), noted, "{management}");
    }
}

#[test]
fn nothing_that_arrives_breaks_the_edge() {
    use hefu_vault::Dice;
    let (mut host, vault, mut dice) = (host(), vault(), Seeded(9));
    let whole = framed(210, &ANSWER);
    for round in 0..20_000_usize {
        let mut frame = whole.clone();
        let mut chance = [0; 4];
        dice.fill(&mut chance);
        let at = usize::from(u16::from_be_bytes([chance[0], chance[1]])) % frame.len();
        frame[at] ^= chance[2] | 1;
        frame.truncate(if round % 2 == 0 { frame.len() } else { at });
        let taken = host.frame(&vault, NOW, &frame);
        match taken.input {
            Some(Input::Bank { answer, .. }) => assert!(!answer.mac_good),
            Some(_) => panic!("only answers come from a bank"),
            None => assert!(taken.note.is_some() || taken.answer.is_some() || taken.network.is_some()),
        }
    }
}

#[test]
fn a_configuration_that_no_field_can_carry_is_refused() {
    let check = |config, error| assert_eq!(HostEdge::new(config).err(), Some(error));
    let found = "4801000A".to_owned();
    check(
        HostConfig { acquirer: found.clone(), ..host_config() },
        HostConfigError::Institution { field: "acquirer", found },
    );
    check(HostConfig { stans: 0..=5, ..host_config() }, HostConfigError::Stans { first: 0, last: 5 });
    check(HostConfig { in_flight: 0, ..host_config() }, HostConfigError::NoRoom);
    let long = "合".repeat(21);
    assert_eq!(MerchantProfile::new(&long, "5411"), Err(HostConfigError::Name { found: long.clone() }));
    assert_eq!(MerchantProfile::new("shop", "541"), Err(HostConfigError::Mcc));
}
