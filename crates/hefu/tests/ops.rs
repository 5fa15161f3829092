//! Orders and decisions of named persons at a running gateway: what stops, what goes on, what is kept of it.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::{Value, json};
use support::{
    peer::Peer,
    process::{Ran, run},
    world::World,
};

const CARD: &str = "6200000000000005";
/// Charges, loses its answer, and denies it twice: only its books can tell.
const DENIES: &str = "6200000000000971";

fn ops(world: &World, args: &[&str]) -> Ran {
    run(world.command().arg("--json").arg("ops").args(args), "")
}

fn status(world: &World) -> Value {
    ops(world, &["status"]).json()
}

fn mode(world: &World) -> (String, Value) {
    let link = status(world)["links"][0].clone();
    (link["mode"].as_str().unwrap().to_owned(), link["by"].clone())
}

#[test]
fn an_order_stops_new_sales_with_clear_words_survives_a_restart_and_ends_by_order() {
    let mut world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let sell =
        |till: &mut Peer| till.ask(json!({"do": "sale", "amount": 1_000, "card": CARD}))["code"].clone();
    assert_eq!(sell(&mut till), "00");
    assert_eq!(mode(&world), ("normal".into(), Value::Null));

    let unsigned = ops(&world, &["link", "bank", "draining", "--by", " ", "--reason", "maintenance"]);
    assert_eq!(unsigned.code, Some(1), "an order without a name is refused: {unsigned:?}");
    let nowhere = ops(&world, &["link", "nobody", "draining", "--by", "Li", "--reason", "maintenance"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    let ordered =
        ops(&world, &["link", "bank", "draining", "--by", "Li Na", "--reason", "maintenance at the bank"]);
    assert_eq!(ordered.code, Some(0), "{ordered:?}");
    assert_eq!(mode(&world), ("draining".into(), json!("Li Na")));
    assert_eq!(sell(&mut till), "91", "nothing is charged");

    world.kill_gateway();
    world.start_gateway_only();
    world.until("the link is up", || status(&world)["links"][0]["up"] == true);
    assert_eq!(mode(&world), ("draining".into(), json!("Li Na")), "an order outlives the program");
    let mut till = Peer::signed_on(&world, "10000002");
    assert_eq!(sell(&mut till), "91");
    let over = ops(&world, &["link", "bank", "normal", "--by", "Li Na", "--reason", "the bank is back"]);
    assert_eq!(over.code, Some(0), "{over:?}");
    assert_eq!(sell(&mut till), "00");
    world.assert_verified();
}

#[test]
fn what_only_the_banks_books_can_tell_is_decided_by_name_and_both_sides_match() {
    let world = World::start(60);
    let mut till = Peer::signed_on(&world, "10000001");
    let sale = till.ask(json!({"do": "sale", "amount": 7_000, "card": DENIES}));
    assert_eq!(sale["code"], "98", "{sale}");
    world.until("the bank has denied it twice", || {
        let row = &world.payments()[0];
        row["duties"]
            .as_array()
            .is_some_and(|duties| duties.iter().any(|duty| duty["kind"] == "await_clearing"))
    });
    let rrn = world.payments()[0]["legs"][0]["rrn"].as_str().unwrap().to_owned();
    let decide = |what: &str, reason: &str| {
        ops(&world, &["decide", &rrn, what, "--by", "Wang Wei", "--reason", reason]).code
    };
    assert_eq!(decide("has", "the shop says so"), Some(0), "goods are out: the shop's loss is a case");
    assert_eq!(decide("close", "seen"), Some(0));
    assert_eq!(decide("done", "the file of today shows the charge"), Some(0));
    let owed = &world.payments()[0];
    assert_eq!(owed["view"], "under_review", "the payer is owed: {owed}");
    assert_eq!(decide("close", "enough"), Some(1), "what is owed cannot be closed away");
    assert_eq!(decide("undone", "credit adjustment of today"), Some(0));
    let over = &world.payments()[0];
    assert_eq!((&over["view"], &over["duties"]), (&json!("returned"), &json!([])), "{over}");
    assert!(world.explain(&rrn).contains("Wang Wei"), "who decided stands in its story");
    world.assert_verified();
}
