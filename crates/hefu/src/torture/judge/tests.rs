//! A small world in which all three books agree, and everything that can be wrong with it.

use super::*;
use serde_json::{Value, json};

const RRN: &str = "632700000001";

fn payment() -> Value {
    json!({
        "card": "620000******0005", "view": View::Approved, "duties": [{"leg": 0, "kind": "hear_merchant"}],
        "legs": [{
            "leg": 0, "kind": "sale", "of": null, "rrn": RRN, "terminal": "10000001", "batch": 1, "trace": 7,
            "amount": 1_234, "issuer": "done", "merchant_half": "told",
        }],
    })
}

fn book() -> Value {
    let names = json!({"card": "6200000000000005", "rrn": RRN, "terminal": "10000001",
        "merchant": "898110253110001"});
    let mut line = names.clone();
    (line["charged"], line["returned"], line["held"]) = (json!(1_234), json!(0), json!(0));
    let mut entry = names;
    let of = "1122100000-000001-00048010000";
    let more = json!({"at": 0, "what": "charge", "why": "sale", "amount": 1_234, "of": of,
        "transmitted": "1122100000", "stan": "000001", "by_rrn": RRN});
    for (name, value) in more.as_object().unwrap() {
        entry[name] = value.clone();
    }
    json!({"accounts": [], "entries": [entry], "payments": [line]})
}

fn journal() -> Value {
    json!({"terminal": "10000001", "certified": true, "owes": null, "entries": [{
        "transaction": "Sale", "batch": 1, "trace": 7, "amount": 1_234, "card": "620000******0005", "rrn": RRN,
        "auth": "123456", "date": "1122", "settlement_date": "1122", "at": 0, "original": null,
        "standing": "Booked", "refunded": 0,
    }]})
}

/// What is found in this world.
fn found(payment: &Value, book: &Value, journal: &Value) -> Verdict {
    let payments = [serde_json::from_value(payment.clone()).unwrap()];
    let journals = [serde_json::from_value(journal.clone()).unwrap()];
    judge(&payments, &serde_json::from_value(book.clone()).unwrap(), &journals)
}

#[test]
fn three_books_that_agree_have_no_difference() {
    let verdict = found(&payment(), &book(), &journal());
    assert_eq!(verdict.differences, []);
    assert_eq!((verdict.compared, verdict.lines, verdict.waiting.len()), (1, 1, 0));
}

#[test]
fn every_way_to_disagree_is_found() {
    type Change = fn(&mut Value, &mut Value, &mut Value);
    // (what the difference says, what is changed)
    let cases: &[(&str, Change)] = &[
        ("bank Stand { net: 2468", |_, book, _| book["payments"][0]["charged"] = json!(2_468)),
        ("bank Stand { net: 2468", |_, book, _| {
            let twice = book["payments"][0].clone();
            book["payments"].as_array_mut().unwrap().push(twice);
        }),
        ("charged 2 times", |_, book, _| {
            let mut twice = book["entries"][0].clone();
            twice["why"] = json!("second_time");
            book["entries"].as_array_mut().unwrap().push(twice);
        }),
        ("bank Stand { net: 0", |_, book, _| book["payments"][0]["returned"] = json!(1_234)),
        ("does not know it", |payment, _, _| payment["legs"][0]["rrn"] = json!("632700000002")),
        ("platform Stand { net: 0", |payment, _, _| payment["legs"][0]["issuer"] = json!("undone")),
        ("merchant Stand { net: 0", |payment, _, _| payment["legs"][0]["merchant_half"] = json!("no")),
        ("still under way: reverse", |payment, _, _| payment["duties"][0]["kind"] = json!("reverse")),
        ("trace 000007: Sale of 1235", |_, _, journal| journal["entries"][0]["amount"] = json!(1_235)),
        ("the platform has nothing", |_, _, journal| journal["entries"][0]["trace"] = json!(8)),
        ("Declined", |_, _, journal| journal["entries"][0]["standing"] = json!({"Declined": {"code": "51"}})),
        ("Reversed", |_, _, journal| journal["entries"][0]["standing"] = json!({"Reversed": {"code": "00"}})),
        ("Voided", |_, _, journal| journal["entries"][0]["standing"] = json!({"Voided": {"by": 8}})),
        ("Unknown", |_, _, journal| journal["entries"][0]["standing"] = json!("Unknown")),
        ("still owes a reversal", |_, _, journal| journal["owes"] = json!("a reversal")),
    ];
    for (says, change) in cases {
        let (mut payment, mut book, mut journal) = (payment(), book(), journal());
        change(&mut payment, &mut book, &mut journal);
        let differences = found(&payment, &book, &journal).differences;
        let told = differences.iter().any(|difference| difference.what.contains(says));
        assert!(told, "no difference says {says:?}: {differences:?}");
    }
}

#[test]
fn what_waits_for_clearing_with_an_unknown_half_is_no_difference() {
    // (the card, the bank's half as the platform has it, whether it may wait)
    let cases = [
        ("620000******0005", "unknown", true),
        // Two denials settled it, and this bank does not lie: then it must be right.
        ("620000******0005", "not_done", false),
        ("620000******0997", "not_done", true),
    ];
    for (card, issuer, may_wait) in cases {
        let mut payment = payment();
        payment["card"] = json!(card);
        payment["legs"][0]["issuer"] = json!(issuer);
        payment["legs"][0]["merchant_half"] = json!("no");
        payment["duties"][0]["kind"] = json!("await_clearing");
        let verdict = found(
            &payment,
            &book(),
            &json!({
            "terminal": "10000001", "certified": true, "owes": null, "entries": [] }),
        );
        assert_eq!(verdict.differences.is_empty(), may_wait, "{card} {issuer}: {verdict:?}");
        assert_eq!(verdict.waiting.len(), usize::from(may_wait), "{card} {issuer}");
    }
}

#[test]
fn a_refund_that_the_terminal_has_not_heard_of_waits_for_the_cut_only_when_bank_and_platform_agree() {
    // (what the bank gave back, the duty about the refund, whether it may wait)
    let cases =
        [(1_234, "hear_merchant", true), (0, "hear_merchant", false), (1_234, "await_clearing", true)];
    let cases = cases.into_iter().chain([(1_234, "none", false)]);
    for (returned, duty, may_wait) in cases {
        let (mut payment, mut book) = (payment(), book());
        let mut refund = payment["legs"][0].clone();
        (refund["leg"], refund["of"], refund["kind"]) = (json!(1), json!(0), json!("refund"));
        (refund["rrn"], refund["merchant_half"], refund["trace"]) =
            (json!("632700000003"), json!("waiting"), json!(8));
        payment["legs"].as_array_mut().unwrap().push(refund);
        if duty != "none" {
            payment["duties"].as_array_mut().unwrap().push(json!({"leg": 1, "kind": duty}));
        }
        book["payments"][0]["returned"] = json!(returned);
        let verdict = found(&payment, &book, &journal());
        assert_eq!(verdict.differences.is_empty(), may_wait, "{returned} {duty}: {verdict:?}");
    }
}
