//! What a merchant does at his page rather than at a till: money given back, and how far his batches are settled.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use hefu_tally::MerchantNo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{
    books,
    peer::Peer,
    person::{Heard, Person, everybody},
    world::World,
};

const CARD: &str = "6200000000000005";
/// Its bank does the refund and loses the first answer.
const LOSES_THE_REFUND: &str = "6200000000000922";
const SHOP: MerchantNo = MerchantNo(*b"898110253110001");

fn shop() -> (World, Peer, BTreeMap<String, Person>) {
    let world = World::start(60);
    let till = Peer::signed_on(&world, "10000001");
    let people = everybody(&world, SHOP);
    let people = people.into_iter().map(|(account, person)| (account.login.to_string(), person)).collect();
    (world, till, people)
}

fn sell(till: &mut Peer, amount: i64, card: &str) -> String {
    let told = till.ask(json!({"do": "sale", "amount": amount, "card": card}));
    assert_eq!(told["code"], "00", "{told}");
    told["rrn"].as_str().unwrap().to_owned()
}

/// The trace of a terminal's transaction.
fn trace(page: &Value) -> &Value {
    &page["legs"][0]["trace"]
}

fn give_back(person: &Person, rrn: &str, amount: i64) -> Heard {
    let body = json!({"amount": amount, "reason": "brought back"});
    person.post(&format!("/api/payments/{rrn}/refund"), &body)
}

/// The refunds of a payment's page.
fn refunds(page: &Value) -> Vec<&Value> {
    page["legs"].as_array().unwrap().iter().filter(|leg| leg["kind"] == "refund").collect()
}

#[test]
fn an_owner_gives_back_no_more_than_was_taken_and_all_books_agree() {
    let (world, mut till, people) = shop();
    let owner = &people["owner"];
    let rrn = sell(&mut till, 10_000, CARD);

    let made = give_back(owner, &rrn, 4_000);
    assert_eq!((made.status, &made.json()["done"]), (201, &json!(true)), "{}", made.text);
    let too_much = give_back(owner, &rrn, 6_001);
    assert_eq!(too_much.status, 409, "{}", too_much.text);
    let words = &too_much.json()["words"];
    assert!(words["zh"].as_str().unwrap().contains("金额"), "{words}");
    let page = owner.get(&format!("/api/payments/{rrn}")).json();
    let rest = till.ask(json!({"do": "refund", "of": trace(&page), "amount": 6_000}));
    assert_eq!(rest["code"], "00", "page and till draw on the same sum: {rest}");
    let nothing_left = give_back(owner, &rrn, 1);
    assert_eq!(nothing_left.status, 409, "{}", nothing_left.text);

    let page = owner.get(&format!("/api/payments/{rrn}")).json();
    let all = refunds(&page);
    assert_eq!(all.len(), 2);
    let ours = all.iter().find(|leg| leg["rrn"] == made.json()["rrn"]).unwrap();
    assert_eq!((&ours["terminal"], &ours["merchant_half"]), (&json!("WEB00001"), &json!("has")));
    let story = world.explain(&rrn);
    assert!(story.contains("brought back") && story.contains("owner"), "who and why stand in it: {story}");
    let rows = books::rows(&world.book(), &world.payments());
    assert_eq!(rows[&rrn].bank.net, 0, "all of it went back");
    books::assert_agreement(&world, &rows);
    world.assert_verified();
    let noted = people["auditor"].get("/api/audit?what=refund").json();
    assert_eq!(noted["items"][0]["who"], "owner");
}

#[test]
fn the_same_request_gives_back_once() {
    let (world, mut till, people) = shop();
    let rrn = sell(&mut till, 10_000, CARD);
    let owner = people["owner"].with("idempotency-key", "one-of-them");
    let (first, again) = (give_back(&owner, &rrn, 2_000), give_back(&owner, &rrn, 2_000));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.text, again.text);
    let other = give_back(&people["owner"].with("idempotency-key", "another"), &rrn, 2_000);
    assert_eq!(other.status, 201);
    assert_eq!(books::rows(&world.book(), &world.payments())[&rrn].bank.net, 6_000);
}

#[test]
fn a_refund_whose_answer_is_lost_is_unknown_then_done_once() {
    let (world, mut till, people) = shop();
    let owner = &people["owner"];
    let rrn = sell(&mut till, 10_000, LOSES_THE_REFUND);
    let made = give_back(owner, &rrn, 3_000);
    assert_eq!((made.status, &made.json()["done"]), (202, &json!(false)), "{}", made.text);
    world.until("the repeat of the refund is answered", || {
        let page = owner.get(&format!("/api/payments/{rrn}")).json();
        refunds(&page)[0]["issuer"] == "done"
    });
    assert_eq!(books::rows(&world.book(), &world.payments())[&rrn].bank.net, 7_000, "once");
}

#[test]
fn nobody_gives_back_anothers_money_and_nothing_goes_back_of_what_was_not_taken() {
    let (world, mut till, people) = shop();
    let rrn = sell(&mut till, 10_000, CARD);
    let cashier = give_back(&people["cashier"], &rrn, 1_000);
    assert_eq!((cashier.status, &cashier.json()["permission"]), (403, &json!("refund")));
    let declined = till.ask(json!({"do": "sale", "amount": 500, "card": "6200000000000518"}));
    assert_eq!(declined["code"], "51", "{declined}");
    let of_declined = give_back(&people["owner"], declined["rrn"].as_str().unwrap(), 500);
    assert_eq!(of_declined.status, 409, "{}", of_declined.text);
    for (amount, status) in [(0, 409), (-1, 409), (i64::MAX, 409)] {
        assert_eq!(give_back(&people["owner"], &rrn, amount).status, status, "{amount}");
    }
    let silent =
        people["owner"].post(&format!("/api/payments/{rrn}/refund"), &json!({"amount": 1, "reason": " "}));
    assert_eq!(silent.status, 400, "{}", silent.text);
    let unknown = give_back(&people["owner"], "633400000000", 1);
    assert_eq!(unknown.status, 404, "{}", unknown.text);
    assert_eq!(books::rows(&world.book(), &world.payments())[&rrn].bank.net, 10_000);
}

#[test]
fn batches_show_what_a_terminal_was_told_and_how_far_it_is_settled() {
    let (_world, mut till, people) = shop();
    let rrn = sell(&mut till, 10_000, CARD);
    sell(&mut till, 500, CARD);
    give_back(&people["owner"], &rrn, 4_000);
    let batch = || {
        let list = people["owner"].get("/api/batches").json();
        let rows = list["items"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["terminal"] == "10000001").unwrap()
    };
    let row = batch();
    assert_eq!((&row["state"], &row["sales"]["count"]), (&json!("open"), &json!(2)));
    assert_eq!(row["sales"]["sum"]["minor"], 10_500);
    assert_eq!(row["returns"]["count"], 0, "the page's refund is in no till's batch");
    let settled = till.ask(json!({"do": "settle"}));
    assert!(settled["balanced"] == json!(true) || settled["code"] == "00", "{settled}");
    assert_eq!(batch()["state"], "settled");
}
