//! From what the engine says to what the terminal gets.

use super::super::{PosConfig, ReplyError, TillConfig};
use crate::testing::*;
use encoding_rs::GBK;
use hefu_engine::{Ask, Reply, Said, Words};
use hefu_iso8583::{
    Message,
    cup::{F63Text, Settlement, SettlementAnswer},
    frame::{Demand, split_pos},
};
use hefu_slip::Language;
use hefu_tally::{Code, Currency, Money, Rrn};
use hefu_vault::MacMethod;

fn rrn() -> Rrn {
    Rrn::parse(b"6326ABCD1234").unwrap()
}

fn approved() -> Said {
    Said::Transaction {
        code: Code::APPROVED,
        words: Words::Code,
        rrn: Some(rrn()),
        amount: Money::new(12_345, Currency::CNY),
        auth: Some("654321".parse().unwrap()),
        settles: Some("1122".into()),
        chip: vec![0x91, 0x02, 0x30, 0x30, 0x9F, 0x36, 0x01, 0x07],
        balance: None,
    }
}

fn told(code: &[u8; 2], words: Words) -> Said {
    Said::Transaction {
        code: Code(*code),
        words,
        rrn: None,
        amount: Money::zero(Currency::CNY),
        auth: None,
        settles: None,
        chip: Vec::new(),
        balance: None,
    }
}

fn with(mut message: Message, fields: &[(u8, &str)]) -> Message {
    for (field, value) in fields {
        message.set(*field, value);
    }
    message
}

/// Each request with what the engine says to it, the fields of its answer, and whether that carries a MAC.
fn conversations() -> Vec<(Message, Said, Vec<u8>)> {
    let done = || Said::Done { code: Code::APPROVED };
    let f48 = Settlement::default().build().unwrap();
    let chip_sale = with(transaction(200, "000000", "00", 22), &[(14, "3012")]);
    let reversal = with(transaction(400, "000000", "00", 22), &[(39, "98")]);
    let inquiry = {
        let mut message = transaction(200, "310000", "00", 1);
        message.remove(4);
        message
    };
    let balance = Said::Transaction {
        code: Code::APPROVED,
        words: Words::Code,
        rrn: Some(rrn()),
        amount: Money::zero(Currency::CNY),
        auth: None,
        settles: None,
        chip: Vec::new(),
        balance: Some("1002156C0000000999501001156C000000099950".into()),
    };
    let money = vec![2, 3, 4, 11, 12, 13, 14, 15, 25, 32, 37, 38, 39, 41, 42, 44, 49, 55, 60, 63, 64];
    let settle = with(request(500, "00000002201"), &[(48, &f48), (49, "156"), (63, "001")]);
    let mut signature = request(820, "07000002800");
    signature.set(37, "6326ABCD1234").set(62, [1; 40]);
    vec![
        (chip_sale, approved(), money),
        (
            transaction(220, "000000", "00", 30),
            told(b"00", Words::Code),
            vec![2, 3, 4, 11, 12, 13, 25, 32, 39, 41, 42, 49, 60, 63, 64],
        ),
        (
            reversal,
            Said::Reversal { code: Code::APPROVED, rrn: Some(rrn()) },
            vec![2, 3, 4, 11, 12, 13, 25, 32, 37, 39, 41, 42, 44, 49, 60, 63, 64],
        ),
        (inquiry, balance, vec![2, 3, 11, 12, 13, 25, 32, 37, 39, 41, 42, 44, 49, 54, 60, 63, 64]),
        (
            sign_on(),
            Said::SignOn { f62: vec![7; 40], batch: 77 },
            vec![11, 12, 13, 32, 37, 39, 41, 42, 60, 62],
        ),
        (request(820, "00000002002"), done(), vec![11, 12, 13, 32, 37, 39, 41, 42, 60]),
        (settle, Said::Settled { balanced: true }, vec![11, 12, 13, 15, 32, 37, 41, 42, 48, 49, 60, 63]),
        (
            with(request(320, "00000002202"), &[(48, "0002")]),
            Said::Uploaded { code: Code::APPROVED },
            vec![11, 12, 13, 32, 37, 39, 41, 42, 48, 60],
        ),
        (signature, done(), vec![11, 12, 13, 32, 37, 39, 41, 42, 60, 64]),
        (
            with(request(620, "00000002951"), &[(61, "000002000041")]),
            done(),
            vec![11, 12, 13, 32, 39, 41, 42, 60, 64],
        ),
        (
            with(request(820, "00000002390"), &[(61, "000002000041")]),
            approved(),
            vec![4, 11, 12, 13, 15, 32, 37, 38, 39, 41, 42, 44, 55, 60, 61, 63, 64],
        ),
        (
            with(request(820, "00000002391"), &[(61, "000002000041")]),
            done(),
            vec![11, 12, 13, 32, 39, 41, 42, 60, 61, 63, 64],
        ),
    ]
}

#[test]
fn every_answer_has_exactly_its_fields_and_a_mac_where_its_message_has_one() {
    for method in [MacMethod::Ecb, MacMethod::X919] {
        let mut desk = Desk::with(method, pos_config());
        for (message, said, expected) in conversations() {
            let (conversation, _) = asked(desk.take(&message));
            let (answer, frame) = desk.answer(conversation, said);
            assert_eq!(fields(&answer), expected, "{}", answer.mti);
            assert_eq!(answer.mti.0, message.mti.0 + 10);
            for field in [11, 41, 42] {
                assert_eq!(answer.get(field), message.get(field), "F{field} of {}", answer.mti);
            }
            assert_eq!(desk.trusts(&frame), expected.contains(&64), "{}", answer.mti);
        }
    }
}

#[test]
fn an_approval_says_what_the_engine_said_in_beijing_time() {
    let mut desk = Desk::new();
    let (conversation, _) = asked(desk.take(&sale()));
    let (answer, frame) = desk.answer(conversation, approved());
    for (field, value) in [
        (4, "000000012345"),
        (12, NOW.hhmmss().as_str()),
        (13, NOW.mmdd().as_str()),
        (15, "1122"),
        (32, "48010000"),
        (37, "6326ABCD1234"),
        (38, "654321"),
        (39, "00"),
        (44, "00010000   48010000   "),
        (60, "22000002000600"),
    ] {
        assert_eq!(answer.text(field), Some(value), "F{field}");
    }
    assert_eq!(answer.get(55), Some(&[0x91, 0x02, 0x30, 0x30][..]), "only the issuer's tags");
    assert!(!answer.has(2), "the swipe had no F2");
    let parts = split_pos(&frame).unwrap();
    assert_eq!((parts.tpdu.destination, parts.tpdu.source), ([0x12, 0x34], [0, 3]));
    assert_eq!((parts.header.demand, parts.header.reserved), (Demand::Nothing, [1, 2, 3]));
    let f63 = F63Text::parse(answer.get(63).unwrap()).unwrap();
    assert_eq!(f63.operator, *b"CUP");
    assert_eq!(GBK.decode(&f63.issuer).0, "交易成功");
}

#[test]
fn the_question_about_an_earlier_sale_stands_behind_the_words_for_this_one() {
    // (language, what is asked)
    let cases = [
        (Language::Zh, "凭证号 000041 是否成交？请确认"),
        (Language::En, "Was 000041 completed? Please confirm"),
    ];
    for (language, asks) in cases {
        let mut config = pos_config();
        config.tills.get_mut(&till(1)).unwrap().language = language;
        let mut desk = Desk::with(MacMethod::Ecb, config);
        let mut heard = |question| {
            let (conversation, _) = asked(desk.take(&sale()));
            let reply = Reply { question, ..Reply::new(NOW, approved()) };
            let (_, frame) = desk.edge.reply(&mut desk.vault, conversation, &reply).unwrap();
            assert!(desk.trusts(&frame));
            F63Text::parse(message_of(&frame).get(63).unwrap()).unwrap()
        };
        let plain = heard(None);
        let with_question = heard(Some(41));
        assert_eq!(GBK.decode(&with_question.rest).0, asks);
        assert_eq!(F63Text { rest: Vec::new(), ..with_question }, plain);
    }
}

#[test]
fn a_cashier_who_was_heard_is_not_told_that_a_sale_was_approved() {
    let mut desk = Desk::new();
    for code in ["391", "392"] {
        let word = with(request(820, &format!("00000002{code}")), &[(61, "000002000041")]);
        let (conversation, _) = asked(desk.take(&word));
        let (answer, _) = desk.answer(conversation, Said::Done { code: Code::APPROVED });
        assert_eq!((answer.text(39), words_of(&answer).as_str()), (Some("00"), "确认已记录"));
        let (conversation, _) = asked(desk.take(&word));
        let (answer, _) = desk.answer(conversation, Said::Done { code: Code(*b"25") });
        assert_eq!(answer.text(39), Some("25"));
        assert_ne!(words_of(&answer), "确认已记录");
    }
}

#[test]
fn a_part_approval_names_its_part() {
    let mut desk = Desk::new();
    let (conversation, _) = asked(desk.take(&sale()));
    let part = Said::Transaction {
        code: Code(*b"10"),
        words: Words::Code,
        rrn: Some(rrn()),
        amount: Money::new(6_172, Currency::CNY),
        auth: None,
        settles: None,
        chip: Vec::new(),
        balance: None,
    };
    assert_eq!(desk.answer(conversation, part).0.text(4), Some("000000006172"));
}

#[test]
fn the_words_are_those_of_the_language_and_of_what_is_meant() {
    let english = |mut config: PosConfig| {
        let till_config = TillConfig { language: Language::En, ..config.tills[&till(1)].clone() };
        config.tills.insert(till(1), till_config);
        config
    };
    let cases = [
        (b"98", Words::Unknown, "Result unknown. Do not charge again. We are checking", Demand::Nothing),
        (b"91", Words::NothingCharged, "Bank unreachable. Nothing was charged", Demand::Nothing),
        (
            b"94",
            Words::PreviousUnderCheck,
            "Earlier payment being checked. This one not charged",
            Demand::Nothing,
        ),
        (b"94", Words::SignOn, "The terminal must sign on again", Demand::SignOnAgain),
        (b"98", Words::Returning, "Being returned to the payer. No sale", Demand::Nothing),
        (b"51", Words::Code, "Not enough funds", Demand::Nothing),
    ];
    let mut desk = Desk::with(MacMethod::Ecb, english(pos_config()));
    for (code, words, text, demand) in cases {
        let (conversation, _) = asked(desk.take(&sale()));
        let (answer, frame) = desk.answer(conversation, told(code, words));
        let f63 = F63Text::parse(answer.get(63).unwrap()).unwrap();
        let places = [f63.issuer, f63.network, f63.acquirer];
        let shown: Vec<_> = places.iter().filter(|place| !place.is_empty()).collect();
        let shown: Vec<_> = shown.iter().map(|place| String::from_utf8_lossy(place)).collect();
        assert_eq!(shown.join(" "), text);
        assert_eq!(split_pos(&frame).unwrap().header.demand, demand, "{text}");
        assert_eq!(answer.text(4), Some("000000012345"), "a decline echoes the amount");
    }
}

#[test]
fn a_sign_on_assigns_the_batch_and_its_reference_is_no_payments() {
    let mut desk = Desk::new();
    let answer = desk.sign_on();
    assert_eq!(answer.text(60), Some("00000002003"));
    let reference = Rrn::parse(answer.get(37).unwrap()).unwrap();
    assert!(reference.shard().is_err(), "{reference}");
    assert_eq!(reference.as_str(), format!("{}U0000420", NOW.yddd()));
}

#[test]
fn the_old_keys_stay_good_until_the_new_ones_were_used() {
    let mut desk = Desk::new();
    let old = desk.keys.clone();
    asked(desk.take(&sale()));
    desk.sign_on_unheard();
    asked(desk.take(&sale()));
    desk.sign_on();
    let new = desk.keys.clone();
    asked(desk.take(&sale()));
    desk.keys = old;
    assert_eq!(refused(desk.take(&sale())).0.text(39), Some("A0"));
    desk.keys = new;
    asked(desk.take(&sale()));
}

#[test]
fn an_answer_uses_the_keys_of_its_request() {
    let mut desk = Desk::new();
    let (conversation, _) = asked(desk.take(&sale()));
    let old = desk.keys.clone();
    desk.sign_on();
    asked(desk.take(&sale()));
    let (_, frame) = desk.answer(conversation, approved());
    assert!(!desk.trusts(&frame));
    desk.keys = old;
    assert!(desk.trusts(&frame));
}

#[test]
fn keys_take_effect_with_the_reply_and_not_before() {
    let mut desk = Desk::new();
    let before = desk.vault.current_key(&terminal_name()).unwrap();
    let (conversation, ask) = asked(desk.take(&sign_on()));
    assert_eq!(desk.vault.current_key(&terminal_name()), Ok(before), "not committed");
    let Ask::SignOn(asked) = ask else { panic!("a sign-on asks for a sign-on") };
    // The connection is gone, and yet the keys are committed.
    desk.edge.closed(LINE);
    let reply = Reply::new(NOW, Said::SignOn { f62: asked.f62, batch: 3 });
    let unheard = desk.edge.reply(&mut desk.vault, conversation, &reply);
    assert_eq!(unheard.err(), Some(ReplyError::NobodyWaits));
    assert_ne!(desk.vault.current_key(&terminal_name()), Ok(before));
}

#[test]
fn a_settlement_is_answered_in_f48_with_the_terminals_totals() {
    let mut desk = Desk::new();
    let mut totals = Settlement::default();
    totals.domestic.debit_amount = 12_345;
    totals.domestic.debit_count = 1;
    let message =
        with(request(500, "00000002201"), &[(48, &totals.build().unwrap()), (49, "156"), (63, "001")]);
    for (balanced, expected) in [(true, SettlementAnswer::Balanced), (false, SettlementAnswer::NotBalanced)] {
        let (conversation, _) = asked(desk.take(&message));
        let (answer, _) = desk.answer(conversation, Said::Settled { balanced });
        let found = Settlement::parse(answer.get(48).unwrap()).unwrap();
        assert_eq!((found.domestic.answer, found.foreign.answer), (expected, expected));
        assert_eq!(found.domestic.debit_amount, 12_345);
        assert_eq!(answer.text(15), Some(NOW.business_day().mmdd().as_str()));
    }
}

#[test]
fn a_line_test_is_answered_at_the_edge() {
    let mut echo = request(820, "00000002301");
    echo.remove(11);
    let (answer, _) = refused(Desk::new().take(&echo));
    assert_eq!(fields(&answer), [12, 13, 39, 41, 42, 60]);
    assert_eq!(answer.text(39), Some("00"));
}
