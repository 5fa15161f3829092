//! Slips that the tests start from.

use std::collections::{BTreeMap, BTreeSet};

use crate::*;

pub(crate) fn printable(text: &str) -> Printable {
    Printable::new("sample", text).expect("printable")
}

fn name(zh: &str, en: &str) -> Name {
    Name { zh: printable(zh), en: Some(printable(en)) }
}

pub(crate) fn till() -> Till {
    Till {
        name: name("合符测试商户", "Hefu Test Store"),
        merchant: MerchantNumber::new("898110253110001").expect("a merchant number"),
        terminal: TerminalNumber::new("10000001").expect("a terminal number"),
        operator: Operator::new("001").expect("an operator"),
    }
}

pub(crate) fn time() -> LocalTime {
    let date = LocalDate::new(2026, 11, 22).expect("a date");
    LocalTime::new(date, 17, 5, 9).expect("a time")
}

pub(crate) fn yuan() -> Currency {
    Currency::new(156, 2).expect("a currency")
}

fn pay(amount: i64, tip: Option<i64>) -> Amounts {
    Amounts::Payment(Payment::new(amount, tip).expect("a payment"))
}

/// Swiped, approved, to be signed: 128.50.
pub(crate) fn sale() -> SlipFields {
    SlipFields {
        marks: BTreeSet::new(),
        till: till(),
        issuer: Some(name("合符测试银行", "Hefu Test Bank")),
        acquirer: Some(name("合符收单", "Hefu Acquiring")),
        card: Some(MaskedPan::new("620000******0005").expect("masked")),
        entry: EntryMode::Swipe,
        transaction: TransactionType::Sale,
        batch: Batch::new("000007").expect("a batch"),
        voucher: Voucher::new("000123").expect("a voucher"),
        authorisation: Some(Authorisation::new("A1B2C3").expect("an authorisation")),
        reference: Some(Reference::new("6326A0000001").expect("a reference")),
        time: time(),
        currency: yuan(),
        amounts: pay(12_850, None),
        status: Status::Approved,
        original: None,
        issuer_text: None,
        chip: None,
        verification: Verification::Signature,
        eslip: Some(EslipAddress::new("https://hefu.example/s/k7Qm2XbV9sTn4LwPz8RfYd").expect("an address")),
    }
}

pub(crate) fn void() -> SlipFields {
    SlipFields {
        transaction: TransactionType::Void,
        voucher: Voucher::new("000124").expect("a voucher"),
        reference: Some(Reference::new("6326A0000002").expect("a reference")),
        original: Some(Original {
            voucher: Voucher::new("000123").expect("a voucher"),
            reference: Some(Reference::new("6326A0000001").expect("a reference")),
            date: time().date(),
        }),
        ..sale()
    }
}

pub(crate) fn refund() -> SlipFields {
    SlipFields {
        transaction: TransactionType::Refund,
        voucher: Voucher::new("000125").expect("a voucher"),
        reference: Some(Reference::new("6327A0000009").expect("a reference")),
        amounts: pay(2_850, None),
        ..void()
    }
}

/// Inserted, below the limit, with the issuer's note and all that the chip left.
pub(crate) fn chip() -> SlipFields {
    SlipFields {
        card: Some(MaskedPan::new("620000******0013").expect("masked")),
        entry: EntryMode::Insert,
        issuer_text: Some(printable("本次消费可得积分 128 分")),
        chip: Some(Chip {
            aid: Some(Aid::new(&[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01]).expect("an AID")),
            tvr: [0x00, 0x80, 0x04, 0x60, 0x00],
            tsi: Some([0xE8, 0x00]),
            atc: [0x00, 0x2A],
            arqc: [0x4F, 0x1C, 0x9A, 0x0B, 0x77, 0xD2, 0x3E, 0x58],
        }),
        verification: Verification::NoSignatureNoPin,
        ..sale()
    }
}

pub(crate) fn unknown() -> SlipFields {
    SlipFields { authorisation: None, status: Status::Unknown, ..sale() }
}

pub(crate) fn returned() -> SlipFields {
    SlipFields { status: Status::Returned, marks: BTreeSet::from([Mark::Duplicate]), ..sale() }
}

/// Reprinted, from a test terminal, with a tip.
pub(crate) fn duplicate() -> SlipFields {
    SlipFields {
        marks: BTreeSet::from([Mark::Test, Mark::Duplicate]),
        amounts: pay(12_850, Some(1_500)),
        ..sale()
    }
}

pub(crate) fn declined() -> SlipFields {
    let code = Decline::by_bank(*b"51").expect("a decline");
    SlipFields { authorisation: None, status: Status::Declined { code }, ..sale() }
}

pub(crate) fn part_approved() -> SlipFields {
    SlipFields { status: Status::PartApproved { requested: 25_700 }, ..sale() }
}

pub(crate) fn all() -> Vec<SlipFields> {
    vec![sale(), void(), refund(), chip(), unknown(), returned(), duplicate(), declined(), part_approved()]
}

fn settlement(balance: Balance) -> SettlementData {
    let totals = BTreeMap::from([
        (TransactionType::Sale, Total { count: 41, amount: 1_284_350 }),
        (TransactionType::Void, Total { count: 1, amount: 12_850 }),
        (TransactionType::Refund, Total { count: 2, amount: 5_700 }),
        (TransactionType::PreAuthorisation, Total { count: 3, amount: 300_000 }),
        (TransactionType::CompletionAdvice, Total { count: 1, amount: 98_000 }),
    ]);
    SettlementData {
        marks: BTreeSet::new(),
        till: till(),
        batch: Batch::new("000007").expect("a batch"),
        time: time(),
        currency: yuan(),
        domestic: CardGroup::new(totals, balance).expect("a group"),
        foreign: None,
    }
}

pub(crate) fn balanced() -> SettlementData {
    settlement(Balance::Balanced)
}

/// The host holds one sale more, and foreign cards could not be compared.
pub(crate) fn unbalanced() -> SettlementData {
    let host =
        Sides { debit: Total { count: 43, amount: 1_395_200 }, credit: Total { count: 3, amount: 18_550 } };
    SettlementData {
        foreign: Some(CardGroup::new(BTreeMap::new(), Balance::Error).expect("a group")),
        ..settlement(Balance::NotBalanced { host })
    }
}

/// The lines of every sample, in both languages and for both copies.
pub(crate) fn all_lines() -> Vec<(Vec<Line>, Language)> {
    let mut found = Vec::new();
    for language in [Language::Zh, Language::En] {
        for fields in all() {
            let data = SlipData::new(fields).expect("fields agree");
            found.extend(
                [Copy::Merchant, Copy::Cardholder].map(|copy| (lines(&data, copy, language), language)),
            );
        }
        found.extend([balanced(), unbalanced()].map(|data| (settlement_lines(&data, language), language)));
    }
    found
}
