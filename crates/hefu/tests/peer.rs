//! A terminal that others could have written, against `hefu serve` and `hefu world bank` as processes.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{
    books::{self, Row, Stand},
    peer::{Peer, python},
    process::run,
    world::World,
};

/// The bank's answers come at once here, and unknown ones after a second.
const SCALE: u32 = 60;

#[test]
fn the_terminal_computes_what_the_specifications_print() {
    let ran = run(python("terminal.py").arg("--check"), "");
    assert_eq!((ran.code, ran.out.trim()), (Some(0), r#"{"wrong": []}"#), "{ran:?}");
}

#[test]
fn a_day_of_a_terminal_ends_with_equal_books() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000001");
    assert_eq!(till.ask(json!({"do": "echo"}))["code"], "00");

    let plain = approved(till.ask(json!({"do": "sale", "amount": 10_000, "pin": "123456"})));
    let chip = json!({"do": "sale", "amount": 20_000, "card": "6200000000000013", "entry": "insert"});
    let chip = approved(till.ask(chip));
    assert!(chip["fields"]["55"].is_string(), "the issuer's data comes with the answer: {chip}");
    approved(till.ask(json!({"do": "void", "of": plain["trace"]})));
    assert_eq!(till.ask(json!({"do": "void", "of": plain["trace"]}))["code"], "22", "it was voided already");

    let sold = approved(till.ask(json!({"do": "sale", "amount": 30_000})));
    approved(till.ask(json!({"do": "refund", "of": sold["trace"], "amount": 20_000})));
    let too_much = till.ask(json!({"do": "refund", "of": sold["trace"], "amount": 10_001}));
    assert_eq!(too_much["code"], "64", "never more back than was taken: {too_much}");
    approved(till.ask(json!({"do": "refund", "of": sold["trace"], "amount": 10_000})));

    let held = approved(till.ask(json!({"do": "pre_auth", "amount": 40_000})));
    let above = till.ask(json!({"do": "completion", "of": held["trace"], "amount": 46_001}));
    assert_eq!(above["code"], "61", "a completion takes at most 115 %");
    let completed = approved(till.ask(json!({"do": "completion", "of": held["trace"], "amount": 46_000})));
    let again = till.ask(json!({"do": "completion", "of": held["trace"], "amount": 1_000}));
    assert_eq!(again["code"], "22", "a completion is made once");
    let advised = approved(till.ask(json!({"do": "pre_auth", "amount": 5_000})));
    approved(till.ask(json!({"do": "completion_advice", "of": advised["trace"], "amount": 5_000})));
    let kept = approved(till.ask(json!({"do": "pre_auth", "amount": 6_000})));
    let let_go = approved(till.ask(json!({"do": "pre_auth", "amount": 7_000})));
    approved(till.ask(json!({"do": "pre_auth_void", "of": let_go["trace"], "amount": 7_000})));
    let balance = approved(till.ask(json!({"do": "balance", "card": "6200000000000005", "pin": "123456"})));
    assert!(balance["fields"]["54"].as_str().is_some_and(|f54| f54.len() == 20), "{balance}");

    let settled = till.ask(json!({"do": "settle"}));
    assert_eq!(settled["balanced"], true, "{settled}");
    assert_eq!(settled["uploads"][0]["code"], "00", "{settled}");
    assert_eq!(till.ask(json!({"do": "sign_off"}))["code"], "00");
    let batch = till.ask(json!({"do": "sign_on"}));
    assert_ne!(batch["batch"], plain["batch"], "after a settlement the batch is a new one");

    let rows = books::settled(&world, 300);
    assert_agreement(&world, &rows);
    let net = |heard: &Value| rows[heard["rrn"].as_str().unwrap()].bank;
    assert_eq!(net(&plain), Stand { net: 0, held: 0 });
    assert_eq!(net(&chip), Stand { net: 20_000, held: 0 });
    assert_eq!(net(&sold), Stand { net: 0, held: 0 });
    assert_eq!(net(&completed), Stand { net: 46_000, held: 0 });
    assert_eq!(net(&held), Stand { net: 0, held: 0 });
    assert_eq!(net(&kept), Stand { net: 0, held: 6_000 });
    assert_eq!(net(&let_go), Stand { net: 0, held: 0 });
    world.assert_verified();
}

#[test]
fn a_completion_that_is_voided_leaves_its_hold_to_be_released() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000011");
    let mut completed_and_voided = |amount: i64| {
        let held = approved(till.ask(json!({"do": "pre_auth", "amount": amount})));
        let completed =
            approved(till.ask(json!({"do": "completion", "of": held["trace"], "amount": amount})));
        approved(till.ask(json!({"do": "completion_void", "of": completed["trace"]})));
        held
    };
    let held = completed_and_voided(8_000);
    let released = completed_and_voided(9_000);
    assert_agreement(&world, &books::settled(&world, 300));
    approved(till.ask(json!({"do": "pre_auth_void", "of": released["trace"], "amount": 9_000})));
    let rows = books::settled(&world, 300);
    assert_agreement(&world, &rows);
    let bank = |heard: &Value| rows[heard["rrn"].as_str().unwrap()].bank;
    assert_eq!(bank(&held), Stand { net: 0, held: 8_000 });
    assert_eq!(bank(&released), Stand { net: 0, held: 0 });
    world.assert_verified();
}

#[test]
fn totals_that_differ_are_uploaded_line_by_line() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000002");
    // More than one message holds.
    for amount in 1..=9 {
        approved(till.ask(json!({"do": "sale", "amount": 1_000 * amount})));
    }
    let settled = till.ask(json!({"do": "settle", "skew": 1}));
    assert_eq!(settled["balanced"], false, "{settled}");
    let codes: Vec<_> = settled["uploads"].as_array().unwrap().iter().map(|heard| &heard["code"]).collect();
    assert_eq!(codes, ["00", "00", "00"], "eight lines, one line, the end");
    for payment in world.payments().as_array().unwrap() {
        let leg = &payment["legs"][0];
        if leg["kind"] == "sale" {
            assert_eq!(leg["merchant_half"], "has", "its line proves it: {payment}");
        }
    }
    assert_agreement(&world, &books::settled(&world, 300));
    world.assert_verified();
}

#[test]
fn a_reversal_gives_back_what_the_terminal_did_not_take() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000003");
    let swiped = approved(till.ask(json!({"do": "sale", "amount": 1_100})));
    let reversed = till.ask(json!({"do": "reversal", "of": swiped["trace"]}));
    assert_eq!(reversed["code"], "00", "a swipe's reversal names no card: {reversed}");
    let again = till.ask(json!({"do": "reversal", "of": swiped["trace"]}));
    assert_eq!(again["code"], "00", "repeated reversals count as one: {again}");

    let inserted = json!({"do": "sale", "amount": 1_200, "card": "6200000000000013", "entry": "insert"});
    let inserted = approved(till.ask(inserted));
    assert_eq!(till.ask(json!({"do": "reversal", "of": inserted["trace"]}))["code"], "00");

    // The line is cut while the bank is asked: the terminal heard nothing, and reverses.
    till.ask(json!({"do": "sale", "amount": 1_300, "hang_up": true, "trace": 500}));
    assert_eq!(till.ask(json!({"do": "reversal", "of": 500}))["code"], "00");

    let voided = approved(till.ask(json!({"do": "sale", "amount": 1_400})));
    let void = approved(till.ask(json!({"do": "void", "of": voided["trace"]})));
    let back = till.ask(json!({"do": "reversal", "of": void["trace"]}));
    assert_eq!(back["code"], "00", "the reversal of a void: the sale stands again: {back}");

    let declined = till.ask(json!({"do": "sale", "amount": 1_500, "card": "6200000000000518"}));
    assert_eq!(declined["code"], "51", "{declined}");
    assert_eq!(till.ask(json!({"do": "reversal", "of": declined["trace"]}))["code"], "00");

    let rows = books::settled(&world, 300);
    assert_agreement(&world, &rows);
    let net = |heard: &Value| rows[heard["rrn"].as_str().unwrap()].bank.net;
    assert_eq!((net(&swiped), net(&inserted), net(&voided)), (0, 0, 1_400));
    assert_eq!(rows.values().filter(|row| row.trace == 500).map(|row| row.bank.net).sum::<i64>(), 0);
    world.assert_verified();
}

#[test]
fn a_reversal_that_overtakes_its_sale_closes_the_door_to_it() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000004");
    // A frame with a wrong MAC opens nothing: the sale was never seen.
    let mut deaf = Peer::signed_on(&world, "10000005");
    approved(deaf.ask(json!({"do": "sale", "amount": 1_000})));
    let sale = json!({"do": "sale", "amount": 2_000, "mac": "wrong", "trace": 700});
    assert_eq!(till.ask(sale)["code"], "A0");
    let reversed = till.ask(json!({"do": "reversal", "of": 700}));
    assert_eq!(reversed["code"], "25", "the original was never seen: {reversed}");
    let late = till.ask(json!({"do": "sale", "amount": 2_000, "trace": 700}));
    assert_ne!(late["code"], "00", "its reversal was here before: {late}");
    assert_agreement(&world, &books::settled(&world, 300));
    let taken: i64 = books::rows(&world.book(), &world.payments()).values().map(|row| row.bank.net).sum();
    assert_eq!(taken, 1_000);
    world.assert_verified();
}

#[test]
fn a_repeat_hears_the_truth_and_another_content_is_refused() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000006");
    let sold = approved(till.ask(json!({"do": "sale", "amount": 2_100})));
    let again = till.ask(json!({"do": "repeat", "of": sold["trace"]}));
    for part in ["code", "rrn", "auth", "amount"] {
        assert_eq!(again[part], sold[part], "{part}: {again}");
    }
    let other = json!({"do": "sale", "amount": 2_200, "trace": sold["trace"]});
    let other = till.ask(other);
    assert_eq!((&other["code"], &other["demand"]), (&json!("94"), &json!(3)), "sign on again: {other}");
    // Who does not know the keys hears only that.
    let forged = till.ask(json!({"do": "sale", "amount": 2_300, "mac": "wrong"}));
    assert_eq!(forged["code"], "A0", "{forged}");

    let declined = till.ask(json!({"do": "sale", "amount": 2_400, "card": "6200000000000518"}));
    assert_eq!(declined["code"], "51");
    assert_eq!(till.ask(json!({"do": "repeat", "of": declined["trace"]}))["code"], "51");

    let unknown = till.ask(json!({"do": "sale", "amount": 2_500, "card": "6200000000000625"}));
    assert_eq!(unknown["code"], "98", "{unknown}");
    let hasty = till.ask(json!({"do": "sale", "amount": 2_500, "card": "6200000000000666"}));
    assert_eq!(hasty["code"], "98", "{hasty}");
    let rows = books::settled(&world, 900);
    assert_agreement(&world, &rows);
    let sales = rows.values().filter(|row| row.terminal == "10000006");
    assert_eq!(sales.map(|row| row.bank.net).sum::<i64>(), 2_100, "charged once, whatever was repeated");
    assert_eq!(
        till.ask(json!({"do": "repeat", "of": unknown["trace"]}))["code"],
        "98",
        "given back is no sale"
    );
    world.assert_verified();
}

#[test]
fn the_last_result_is_told_as_it_stands_now() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000007");
    let sold = approved(till.ask(json!({"do": "sale", "amount": 3_100})));
    let declined = till.ask(json!({"do": "sale", "amount": 3_200, "card": "6200000000000542"}));
    let silent = json!({"do": "sale", "amount": 3_300, "card": "6200000000000625", "hang_up": true});
    let silent = till.ask(silent);
    let ask = |till: &mut Peer, of: &Value| {
        till.ask(json!({"do": "last_result", "of": of["trace"]}))["code"].clone()
    };
    assert_eq!(ask(&mut till, &sold), "00");
    assert_eq!(ask(&mut till, &declined), "54");
    assert_eq!(ask(&mut till, &silent), "98", "unknown yet");
    assert_agreement(&world, &books::settled(&world, 300));
    assert_eq!(ask(&mut till, &silent), "98", "given back by now");
    world.assert_verified();
}

#[test]
fn a_question_is_no_presumption_that_an_approval_arrived() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000008");
    let sold = approved(till.ask(json!({"do": "sale", "amount": 4_100})));
    let half = || {
        let payments = world.payments();
        let all = payments.as_array().unwrap().iter().flat_map(|payment| payment["legs"].as_array().unwrap());
        let mut sale = all.filter(|leg| leg["rrn"] == sold["rrn"]);
        sale.next().expect("the sale is listed")["merchant_half"].clone()
    };
    assert_eq!(half(), "told");
    till.ask(json!({"do": "echo"}));
    till.ask(json!({"do": "balance", "card": "6200000000000005", "pin": "123456"}));
    assert_eq!(half(), "told", "echo and inquiry show nothing");
    till.ask(json!({"do": "sign_on"}));
    assert_eq!(half(), "told", "sign-on shows nothing");
    approved(till.ask(json!({"do": "sale", "amount": 4_200})));
    assert_eq!(half(), "has", "a certified terminal goes on without reversing");
}

#[test]
fn old_keys_serve_until_new_ones_are_used() {
    let world = World::start(SCALE);
    let mut till = Peer::start(&world, "10000012");
    let keyless = till.ask(json!({"do": "sale", "amount": 6_100}));
    assert_eq!((&keyless["code"], &keyless["demand"]), (&json!("77"), &json!(3)), "sign on first: {keyless}");
    assert_eq!(till.ask(json!({"do": "sign_on"}))["code"], "00");
    let sold = approved(till.ask(json!({"do": "sale", "amount": 6_200})));
    // The answer with the new keys is lost.
    till.ask(json!({"do": "sign_on", "hang_up": true}));
    let before = world.payments().as_array().unwrap().len();
    approved(till.ask(json!({"do": "sale", "amount": 6_300})));
    assert_eq!(world.payments().as_array().unwrap().len(), before + 1);
    assert_eq!(till.ask(json!({"do": "sign_on"}))["code"], "00");
    approved(till.ask(json!({"do": "repeat", "of": sold["trace"]})));
    approved(till.ask(json!({"do": "sale", "amount": 6_400})));
    let old = till.ask(json!({"do": "repeat", "of": sold["trace"]}));
    assert_eq!(old["code"], "A0", "the new keys were used, and the old ones are gone: {old}");
    world.assert_verified();
}

#[test]
fn a_terminal_that_nobody_registered_is_told_so() {
    let world = World::start(SCALE);
    let mut stranger = Peer::start(&world, "10000099");
    for command in [json!({"do": "sign_on"}), json!({"do": "sale", "amount": 1_000})] {
        let heard = stranger.ask(command);
        assert!(heard["code"] == "03" || heard["code"] == "97", "{heard}");
    }
    assert_eq!(world.payments().as_array().unwrap().iter().filter(|p| p["charged"] != 0).count(), 0);
}

#[test]
fn an_unreachable_bank_means_that_nothing_was_charged() {
    let mut world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000013");
    approved(till.ask(json!({"do": "sale", "amount": 7_000})));
    world.kill_bank();
    // Until the gateway knows, a sale may leave; then it is unknown, and is reversed when the bank is back.
    let mut amount = 7_100;
    world.until("the gateway says that the bank is unreachable", || {
        amount += 1;
        let heard = till.ask(json!({"do": "sale", "amount": amount}));
        assert!(heard["code"] == "98" || heard["code"] == "91", "{heard}");
        heard["code"] == "91"
    });
    let words = till.ask(json!({"do": "sale", "amount": 7_000}))["words"].clone();
    assert_eq!(words, "银行线路不通，未扣款", "the cashier is told that nothing was charged");
    world.start_bank();
    world.wait_for_link();
    approved(till.ask(json!({"do": "sale", "amount": 7_000})));
    let rows = books::settled(&world, 900);
    assert_agreement(&world, &rows);
    assert_eq!(rows.values().map(|row| row.bank.net).sum::<i64>(), 14_000);
    world.assert_verified();
}

#[test]
fn wrong_pins_and_parts_are_told_as_they_are() {
    let world = World::start(SCALE);
    let mut till = Peer::signed_on(&world, "10000009");
    let mut codes = Vec::new();
    for pin in ["123456", "111111", "222222", "333333"] {
        let sale = json!({"do": "sale", "amount": 5_100, "card": "6200000000000559", "pin": pin});
        codes.push(till.ask(sale)["code"].clone());
    }
    assert_eq!(codes, ["00", "55", "55", "75"]);
    let part = json!({"do": "sale", "amount": 5_201, "card": "6200000000000104", "part": true});
    let part = till.ask(part);
    assert_eq!((&part["code"], &part["amount"]), (&json!("10"), &json!(2_600)), "{part}");
    let unable = till.ask(json!({"do": "sale", "amount": 5_301, "card": "6200000000000104"}));
    assert_eq!(unable["code"], "51", "a terminal that cannot take a part: {unable}");
    let rows = books::settled(&world, 300);
    assert_agreement(&world, &rows);
    let of_till = rows.values().filter(|row| row.terminal == "10000009");
    assert_eq!(of_till.map(|row| row.bank.net).sum::<i64>(), 5_100 + 2_600);
    world.assert_verified();
}

fn assert_agreement(world: &World, rows: &BTreeMap<String, Row>) {
    let waiting = books::assert_agreement(world, rows);
    assert!(waiting.is_empty(), "no card of these waits for clearing: {waiting:?}");
}

fn approved(heard: Value) -> Value {
    assert_eq!(heard["code"], "00", "{heard}");
    heard
}
