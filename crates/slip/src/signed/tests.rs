use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::*;
use crate::{
    Amounts, Decline, EslipAddress, LocalDate, Mark, Payment, Refusal, SlipFields, Status, TransactionType,
    golden,
    properties::{fixed, slips},
    samples,
};

fn signing(secret: u8) -> SigningKey {
    SigningKey::from_bytes(&[secret; 32])
}

const KID: Kid = Kid([0x1A, 0x2B, 0x3C, 0x4D]);

fn day(day: u8) -> LocalTime {
    LocalTime::new(LocalDate::new(2026, 11, day).expect("a date"), 12, 0, 0).expect("a time")
}

fn published() -> PublicKey {
    let key = signing(7).verifying_key().to_bytes();
    PublicKey { kid: KID, key, valid_from: day(1), retired_at: None }
}

fn keys() -> PublicKeys {
    PublicKeys::new(vec![published()]).expect("a good key")
}

pub(crate) fn sign(fields: &SlipFields) -> SignedText {
    let data = SlipData::new(fields.clone()).expect("fields agree");
    super::sign(&data, day(23), KID, |message| signing(7).sign(message).to_bytes())
}

/// Every field as long as it may be.
pub(crate) fn longest() -> SlipFields {
    let mut fields = samples::duplicate();
    fields.till.name.zh = samples::printable(&"😀".repeat(100));
    fields.amounts = Amounts::Payment(Payment::new(i64::MAX / 2, Some(i64::MAX / 2)).expect("a payment"));
    fields.status = Status::PartApproved { requested: i64::MAX };
    fields
}

/// A genuine signature over any payload.
fn sign_bytes(payload: &[u8]) -> String {
    let text = format!("hefu1.{}", BASE64URL_NOPAD.encode(payload));
    let signature = signing(7).sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn payload(fields: &SlipFields) -> Vec<u8> {
    sign(fields).unchecked().encode()
}

#[test]
fn what_was_signed_is_what_is_read() {
    let mut balance = samples::sale();
    balance.transaction = TransactionType::BalanceInquiry;
    for figures in [Some(0), Some(i64::MAX), Some(i64::MIN), None] {
        balance.amounts = Amounts::Inquiry(figures);
        let signed = sign(&balance);
        assert_eq!(SignedText::parse(signed.as_str()).as_ref(), Ok(&signed), "{figures:?}");
    }
    let mut bare = samples::unknown();
    (bare.card, bare.reference) = (None, None);
    for fields in samples::all().into_iter().chain([longest(), bare]) {
        let data = SlipData::new(fields.clone()).expect("fields agree");
        let checked = verify(sign(&fields).as_str(), &keys()).expect("genuine");
        assert_eq!(checked, Checked { fields: Statement::of(&data, day(23), KID), kid: KID });
    }
}

#[test]
fn a_code_of_our_own_stays_ours() {
    for code in [Decline::by_us(*b"91"), Decline::by_us(*b"30"), Decline::by_bank(*b"51")] {
        let code = code.expect("a decline");
        let fields = SlipFields { status: Status::Declined { code }, ..samples::declined() };
        let checked = verify(sign(&fields).as_str(), &keys()).expect("genuine");
        assert_eq!(checked.fields.status, Status::Declined { code });
    }
}

#[test]
fn an_ordinary_signed_text_is_short_and_none_is_too_long() {
    assert_eq!(sign(&samples::sale()).as_str().len(), 219);
    assert!(sign(&longest()).as_str().len() <= SignedText::MAX_CHARS);
}

/// The form is published: a slip that was signed once is read for a year and more.
#[test]
fn the_form_never_changes() {
    golden::check("signed", &format!("{}\n{}\n", sign(&samples::sale()).as_str(), keys().to_json()));
}

#[test]
fn the_whole_content_of_the_code_is_taken_and_blanks_around_it() {
    let address = EslipAddress::new("https://hefu.example/s/ABC").expect("an address");
    let content = address.with_signed(sign(&samples::sale())).qr_content();
    assert!(content.starts_with("https://hefu.example/s/ABC#hefu1."));
    for text in [content.clone(), format!("\n {} \r\n", sign(&samples::sale()).as_str())] {
        assert_eq!(verify(&text, &keys()).map(|checked| checked.kid), Ok(KID));
    }
}

#[test]
fn no_character_can_be_changed() {
    let text = sign(&samples::sale()).as_str().to_owned();
    for position in 0..text.len() {
        for other in ['A', 'z', '.', '=', '-', ' ', '符'] {
            let changed: String =
                text.char_indices().map(|(at, c)| if at == position { other } else { c }).collect();
            let genuine = verify(&changed, &keys()).is_ok();
            assert_eq!(genuine, changed == text, "{position}: {other}");
        }
        assert!(verify(&text[..position], &keys()).is_err(), "cut at {position}");
    }
}

#[test]
fn a_damaged_text_is_refused_with_its_place() {
    let text = sign(&samples::sale()).as_str().to_owned();
    let dot = text.rfind('.').expect("two dots");
    let cases = [
        (String::new(), SignedRefusal::Version),
        ("hefu2".to_owned() + &text[5..], SignedRefusal::Version),
        ("HEFU1".to_owned() + &text[5..], SignedRefusal::Version),
        ("hefu1".to_owned(), SignedRefusal::Version),
        (text[..dot].to_owned(), SignedRefusal::SignatureMissing { position: dot }),
        (text[..=dot].to_owned(), SignedRefusal::SignatureLength { found: 0 }),
        (text[..218].to_owned(), SignedRefusal::Base64 { part: "signature", position: 217 }),
        (format!("{text}="), SignedRefusal::Base64 { part: "signature", position: 219 }),
        (format!("{text}AA"), SignedRefusal::SignatureLength { found: 66 }),
        (text.replacen("hefu1.", "hefu1.+", 1), SignedRefusal::Base64 { part: "payload", position: 6 }),
        (format!("hefu1..{}", &text[dot + 1..]), SignedRefusal::Cut { field: "key", position: 0 }),
        ("x".repeat(801), SignedRefusal::TooLong { found: 801 }),
    ];
    for (damaged, refusal) in cases {
        assert_eq!(verify(&damaged, &keys()), Err(refusal), "{damaged}");
    }
}

#[test]
fn a_payload_that_says_what_no_slip_says_is_refused_though_its_signature_is_good() {
    let good = payload(&samples::sale());
    let changed = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed.splice(at..at + bytes.len(), bytes.iter().copied());
        changed
    };
    // Where the fields of this slip begin: see the head of statement.rs.
    let (name, card) = (34, 53);
    let (time, figures) = (card + 6 + 3 + 3 + 12 + 7, card + 35);
    let code = |field, position, found| SignedRefusal::Code { field, position, found };
    let number = |field, position| SignedRefusal::Number { field, position };
    let value = |position, refusal| SignedRefusal::Value { position, refusal };
    let cases = [
        (good[..3].to_vec(), SignedRefusal::Cut { field: "key", position: 3 }),
        (good[..good.len() - 1].to_vec(), SignedRefusal::Cut { field: "currency", position: good.len() - 1 }),
        ([&good[..], &[0]].concat(), SignedRefusal::Trailing { position: good.len() }),
        (changed(4, &[0xFF; 4]), number("moment of signing", 4)),
        (changed(8, &[0xFF]), code("flags", 8, 0xFF)),
        (changed(9, &[0]), code("type", 9, 0)),
        (changed(9, &[11]), code("type", 9, 11)),
        (changed(10, &[0]), code("status", 10, 0)),
        (
            changed(10, &[2]),
            value(
                27,
                Refusal::Character { field: "terminal number", position: 7, expected: "a letter or digit" },
            ),
        ),
        (changed(10, &[3]), value(11, Refusal::NotADecline { code: "89".to_owned() })),
        (
            changed(11, b"-"),
            value(
                11,
                Refusal::Character { field: "merchant number", position: 0, expected: "a letter or digit" },
            ),
        ),
        (changed(name + 1, &[0xFF]), SignedRefusal::Utf8 { field: "merchant name", position: name + 1 }),
        (changed(name + 4, &[0xFF]), SignedRefusal::Utf8 { field: "merchant name", position: name + 4 }),
        (changed(name, &[0xFF; 11]), number("merchant name", name)),
        (
            changed(name + 1, b"\x1B@e"),
            value(
                name,
                Refusal::Character { field: "merchant name", position: 0, expected: "a printable character" },
            ),
        ),
        (
            changed(card, &[20]),
            value(card, Refusal::Length { field: "card number", found: 20, min: 13, max: 19 }),
        ),
        (
            changed(card + 1, &[0xB2]),
            value(card, Refusal::Character { field: "card number", position: 0, expected: "a digit or *" }),
        ),
        (changed(card + 6, &[0x0F, 0x42, 0x40]), number("batch", card + 6)),
        (changed(time, &[0xFF; 4]), number("time", time)),
        (changed(figures, &[9]), code("figures", figures, 9)),
        (changed(figures, &[0]), value(figures + 1, Refusal::CurrencyNumber { numeric: 0xB264 })),
        (changed(figures + 3, &[0, 1]), value(figures + 3, Refusal::CurrencyNumber { numeric: 1 })),
        (changed(figures + 5, &[5]), value(figures + 3, Refusal::CurrencyExponent { exponent: 5 })),
        (
            changed(9, &[10]),
            SignedRefusal::Disagree(Refusal::AmountsUnlikeType {
                transaction: TransactionType::BalanceInquiry,
            }),
        ),
    ];
    assert_eq!(SignedText::parse(&sign_bytes(&good)), Ok(sign(&samples::sale())));
    for (bytes, refusal) in cases {
        assert_eq!(verify(&sign_bytes(&bytes), &keys()), Err(refusal), "{bytes:02X?}");
    }
}

#[test]
fn each_statement_has_one_spelling() {
    let good = payload(&samples::sale());
    // The length of the name in two bytes where one does.
    let mut long = good.clone();
    long.splice(34..35, [good[34] | 0x80, 0]);
    assert_eq!(SignedText::parse(&sign_bytes(&long)), Err(SignedRefusal::NotCanonical { position: 34 }));
    // A code of the bank's, said to be ours though ours says nothing else.
    let mut declined = payload(&samples::declined());
    declined[10] = 4;
    assert_eq!(SignedText::parse(&sign_bytes(&declined)), Err(SignedRefusal::NotCanonical { position: 10 }));
}

#[test]
fn a_key_signs_from_its_beginning_until_it_is_retired() {
    let text = sign(&samples::sale()).as_str().to_owned();
    let check = |valid_from, retired_at| {
        let keys = PublicKeys::new(vec![PublicKey { valid_from, retired_at, ..published() }]);
        verify(&text, &keys.expect("a good key")).map(|_| ())
    };
    let (kid, signed_at) = (KID, day(23));
    assert_eq!(check(day(23), None), Ok(()));
    assert_eq!(check(day(1), Some(day(24))), Ok(()));
    let valid_from = day(24);
    assert_eq!(check(valid_from, None), Err(SignedRefusal::BeforeKey { kid, signed_at, valid_from }));
    let retired_at = day(23);
    assert_eq!(check(day(1), Some(retired_at)), Err(SignedRefusal::AfterKey { kid, signed_at, retired_at }));
}

#[test]
fn another_key_and_an_unknown_name_are_refused() {
    let text = sign(&samples::sale()).as_str().to_owned();
    let check = |key: PublicKey| verify(&text, &PublicKeys::new(vec![key]).expect("a good key")).map(|_| ());
    let key = signing(8).verifying_key().to_bytes();
    assert_eq!(check(PublicKey { key, ..published() }), Err(SignedRefusal::Signature { kid: KID }));
    let kid = Kid([0; 4]);
    assert_eq!(check(PublicKey { kid, ..published() }), Err(SignedRefusal::UnknownKey { kid: KID }));
}

#[test]
fn the_result_says_when_it_was_so_and_where_it_stands_now() {
    let mut fields = samples::part_approved();
    fields.marks = [Mark::Test, Mark::Duplicate].into();
    let checked = verify(sign(&fields).as_str(), &keys()).expect("genuine");
    for language in [Language::Zh, Language::En] {
        let lines = checked.lines(language);
        let reminder = Word::NowOnItsPage.text(language).to_owned();
        assert_eq!(lines.last(), Some(&Line::Text(reminder)));
        let label = Word::StatusWhenSigned.text(language).to_owned();
        let value = Word::PartApproved.text(language).to_owned();
        assert!(lines.contains(&Line::Alert { label, value }));
        assert!(lines.contains(&Line::Mark("测试 / TEST, NOT VALID".to_owned())), "a test slip says so");
        assert!(!lines.iter().any(|line| matches!(line, Line::Mark(mark) if mark.contains("DUPLICATE"))));
    }
    golden::check("checked", &crate::plain(&checked.lines(Language::En), crate::Width::Mm58));
}

#[test]
fn published_keys_come_back_from_their_json() {
    let retired = PublicKey { kid: Kid([9; 4]), retired_at: Some(day(2)), ..published() };
    let keys = PublicKeys::new(vec![retired, published()]).expect("good keys");
    assert_eq!(PublicKeys::from_json(&keys.to_json()), Ok(keys.clone()));
    assert_eq!(keys.keys().len(), 2);
}

#[test]
fn a_list_of_keys_is_refused_with_its_place() {
    let good = keys().to_json();
    let key = BASE64URL_NOPAD.encode(&published().key);
    // Small order: everybody can make signatures that such a key takes.
    let weak = BASE64URL_NOPAD.encode(&[0; 32]);
    let cases = [
        (("1a2b3c4d", "1A2B3C4D"), KeysRefusal::Kid { index: 0 }),
        (("1a2b3c4d", "1a2b3c"), KeysRefusal::Kid { index: 0 }),
        (("Ed25519", "RS256"), KeysRefusal::Algorithm { index: 0 }),
        ((key.as_str(), "AAAA"), KeysRefusal::Key { index: 0 }),
        ((key.as_str(), weak.as_str()), KeysRefusal::Key { index: 0 }),
        ((key.as_str(), "=="), KeysRefusal::Key { index: 0 }),
        (
            ("2026-11-01T12:00:00+08:00", "2026-11-01"),
            KeysRefusal::Time { index: 0, field: "valid_from", refusal: Refusal::TimeForm },
        ),
        (
            ("null", "\"soon\""),
            KeysRefusal::Time { index: 0, field: "retired_at", refusal: Refusal::TimeForm },
        ),
        (("null", "\"2026-10-01T12:00:00+08:00\""), KeysRefusal::RetiredBeforeValid { index: 0, kid: KID }),
    ];
    for ((from, to), refusal) in cases {
        assert_eq!(PublicKeys::from_json(&good.replace(from, to)), Err(refusal), "{to}");
    }
    let max = PublicKeys::MAX;
    assert_eq!(PublicKeys::from_json("{\"keys\":[]}"), Err(KeysRefusal::Count { found: 0, max }));
    let twice = PublicKeys::new(vec![published(), published()]);
    assert_eq!(twice, Err(KeysRefusal::Twice { index: 1, kid: KID }));
    for broken in ["", "[]", "{\"keys\":[],\"more\":1}", &good[..good.len() - 2]] {
        assert!(matches!(PublicKeys::from_json(broken), Err(KeysRefusal::Json { .. })), "{broken}");
    }
    let max = PublicKeys::MAX_JSON;
    let refused = PublicKeys::from_json(&" ".repeat(max + 1));
    assert_eq!(refused, Err(KeysRefusal::TooLong { found: max + 1, max }));
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn whatever_a_slip_says_comes_back_checked(data in slips()) {
        let text = super::sign(&data, day(23), KID, |message| signing(7).sign(message).to_bytes());
        let checked = verify(text.as_str(), &keys()).expect("genuine");
        prop_assert_eq!(checked.fields, Statement::of(&data, day(23), KID));
    }

    #[test]
    fn no_text_is_taken_that_was_not_signed(text in ".{0,300}", head in "(hefu1\\.)?[A-Za-z0-9_-]{0,200}\\.?") {
        prop_assert!(verify(&text, &keys()).is_err());
        prop_assert!(verify(&(head + &text), &keys()).is_err());
    }

    #[test]
    fn every_payload_is_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..95,
        changes in proptest::collection::vec(any::<u8>(), 1..4),
    ) {
        let _ = SignedText::parse(&sign_bytes(&bytes));
        let mut changed = payload(&samples::sale());
        let end = (at + changes.len()).min(changed.len());
        changed.splice(at..end, changes);
        if let Ok(signed) = SignedText::parse(&sign_bytes(&changed)) {
            prop_assert_eq!(signed.unchecked().encode(), changed);
        }
    }
}
