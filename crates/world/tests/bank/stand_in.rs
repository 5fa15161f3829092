//! What is done in the bank's place: answers on the way, a look into the book, a credit adjustment.

use crate::acquirer::*;
use crate::script::NOON;
use hefu_tally::time::{MINUTE, SECOND};
use hefu_world::bank::{Bank, BankConfig, Code, Names, Truth};

#[test]
fn an_answer_in_the_banks_place_has_a_good_mac_and_leaves_the_book_as_it_was() {
    let (bank, mut acquirer) = (Bank::new(BankConfig::test()), Acquirer::new());
    let request = acquirer.request(NOON, SALE, PLAIN_CARD, 500);
    let frame = acquirer.encode(&request);
    // (what is named, the fields that differ from the request)
    let cases: [(Names, &[u8]); 5] = [
        (Names::TheRequest, &[]),
        (Names::AnotherDay, &[7]),
        (Names::AnotherNumber, &[11]),
        (Names::AnotherPayment, &[37]),
        (Names::NoPayment, &[37]),
    ];
    for (names, differing) in cases {
        let before = bank.clone();
        let body = bank.answer_instead(&frame, Code::Approved, names).unwrap();
        let (answer, good) = acquirer.decode(&body);
        assert!(good, "{names:?}");
        assert_eq!((answer.mti.0, answer.text(39)), (210, Some("00")), "{names:?}");
        for field in [3, 4, 7, 11, 37, 41, 42] {
            let same = answer.get(field) == request.get(field);
            assert_eq!(same, !differing.contains(&field), "{names:?}: field {field}");
        }
        assert!(bank == before, "{names:?}: the bank knows nothing of it");
    }
    let echo = acquirer.stamped(NOON, 820);
    assert_eq!(bank.answer_instead(&acquirer.encode(&echo), Code::Approved, Names::TheRequest), None);
}

#[test]
fn a_credit_adjustment_gives_back_what_stands_and_only_once() {
    let (mut bank, mut acquirer) = (Bank::new(BankConfig::test()), Acquirer::new());
    let sale = acquirer.request(NOON, SALE, PLAIN_CARD, 500);
    let rrn = sale.text(37).unwrap().to_owned();
    assert_eq!(bank.truth(&rrn), Truth::NotDone, "it never came");
    bank.frame(NOON, &acquirer.encode(&sale)).unwrap();
    assert_eq!((bank.truth(&rrn), bank.surplus(&rrn)), (Truth::Done, 0));
    bank.adjust(NOON.after(MINUTE), &rrn);
    assert_eq!(bank.truth(&rrn), Truth::Undone);
    bank.adjust(NOON.after(MINUTE + SECOND), &rrn);
    let book = bank.book();
    let line = book.payment(&rrn).unwrap();
    assert_eq!((line.charged, line.returned), (500, 500));
    assert!(bank.adjust(NOON, "000000000000").is_empty(), "there is nothing to give back");
}

#[test]
fn what_the_bank_took_twice_by_its_own_fault_is_a_surplus() {
    let (mut bank, mut acquirer) = (Bank::new(BankConfig::test()), Acquirer::new());
    let sale = acquirer.request(NOON, SALE, "6200000000000708", 500);
    bank.frame(NOON, &acquirer.encode(&sale)).unwrap();
    assert_eq!(bank.surplus(sale.text(37).unwrap()), 500);
}
