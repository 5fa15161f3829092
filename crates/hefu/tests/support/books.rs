//! The three books side by side: what the bank did, what the platform believes, what the merchant has.

use super::world::World;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

/// Money of one payment, in one book. Minor units.
#[derive(Copy, Clone, Default, PartialEq, Eq, Debug)]
pub struct Stand {
    /// Charged less given back.
    pub net: i64,
    pub held: i64,
}

/// One transaction that took or held money, in all books.
#[derive(Clone, Debug)]
pub struct Row {
    pub rrn: String,
    pub kind: String,
    pub terminal: String,
    pub trace: u64,
    pub bank: Stand,
    pub platform: Stand,
    pub merchant: Stand,
    /// What is still owed about its payment.
    pub duties: BTreeSet<String>,
}

/// All rows, by RRN. Nothing may stand at the bank that the platform does not know.
pub fn rows(book: &Value, payments: &Value) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    for payment in payments.as_array().expect("a list of payments") {
        let duties: BTreeSet<_> = list(payment, "duties").iter().map(|duty| text(duty, "kind")).collect();
        for leg in list(payment, "legs") {
            let mut row = Row {
                rrn: text(leg, "rrn"),
                kind: text(leg, "kind"),
                terminal: text(leg, "terminal"),
                trace: leg["trace"].as_u64().expect("a trace"),
                bank: Stand::default(),
                platform: Stand::default(),
                merchant: Stand::default(),
                duties: duties.clone(),
            };
            let done = |leg: &Value| leg["issuer"] == "done";
            let has = |leg: &Value| ["told", "has"].iter().any(|half| leg["merchant_half"] == *half);
            match row.kind.as_str() {
                "sale" | "completion" | "completion_advice" | "offline_sale" => {
                    row.platform.net = net(payment, leg, done);
                    row.merchant.net = net(payment, leg, has);
                }
                "pre_auth" => {
                    row.platform.held = held(payment, leg, done);
                    row.merchant.held = held(payment, leg, has);
                }
                _ => continue,
            }
            rows.insert(row.rrn.clone(), row);
        }
    }
    for line in list(book, "payments") {
        let rrn = text(line, "rrn");
        let stand =
            Stand { net: number(line, "charged") - number(line, "returned"), held: number(line, "held") };
        let row = rows.get_mut(&rrn);
        let row = row.unwrap_or_else(|| panic!("the bank has {line}, and the platform does not know it"));
        // What the bank took in twice has two lines, and both count.
        row.bank.net += stand.net;
        row.bank.held += stand.held;
    }
    rows
}

/// What is left of a charge, counting the legs that `counts` likes.
fn net(payment: &Value, leg: &Value, counts: impl Fn(&Value) -> bool) -> i64 {
    let taken = if counts(leg) { number(leg, "amount") } else { 0 };
    let back = followers(payment, leg).filter(|other| counts(other));
    let back = back.filter(|other| ["void", "completion_void", "refund"].contains(&kind(other)));
    taken - back.map(|other| number(other, "amount")).sum::<i64>()
}

/// What is left of a hold: a void ends it, and so does a completion that is not itself taken back by a void.
fn held(payment: &Value, leg: &Value, counts: impl Fn(&Value) -> bool) -> i64 {
    let ended = followers(payment, leg).filter(|other| counts(other)).any(|other| match kind(other) {
        "pre_auth_void" => true,
        "completion" | "completion_advice" => {
            !followers(payment, other).any(|void| counts(void) && is_void(void))
        }
        _ => false,
    });
    if counts(leg) && !ended { number(leg, "amount") } else { 0 }
}

fn is_void(leg: &Value) -> bool {
    kind(leg) == "completion_void"
}

fn followers<'a>(payment: &'a Value, leg: &'a Value) -> impl Iterator<Item = &'a Value> {
    list(payment, "legs").iter().filter(|other| other["of"] == leg["leg"])
}

/// All three books agree on every payment, but for those that wait for clearing; gives their RRNs.
pub fn assert_agreement(world: &World, rows: &BTreeMap<String, Row>) -> BTreeSet<String> {
    assert!(!rows.is_empty(), "nothing was compared");
    let waits = |row: &Row| row.duties.contains("await_clearing");
    for row in rows.values().filter(|row| !waits(row)) {
        assert_eq!(
            (row.bank, row.bank),
            (row.platform, row.merchant),
            "{row:?}\n{}",
            world.explain(&row.rrn)
        );
    }
    // The payment as a whole says the same as its transactions.
    for payment in world.payments().as_array().expect("a list of payments") {
        let own = || list(payment, "legs").iter().filter_map(|leg| rows.get(leg["rrn"].as_str()?));
        if own().any(waits) {
            continue;
        }
        let sum = own().fold(Stand::default(), |sum, row| Stand {
            net: sum.net + row.bank.net,
            held: sum.held + row.bank.held,
        });
        let halves = Stand {
            net: number(payment, "charged") - number(payment, "returned"),
            held: number(payment, "held"),
        };
        assert_eq!(sum, halves, "the bank, and the payment's halves: {payment}");
        assert_eq!(sum.net, number(payment, "sale"), "the bank, and the merchant's half: {payment}");
    }
    let unequal = |row: &&Row| waits(row) && (row.bank, row.bank) != (row.platform, row.merchant);
    rows.values().filter(unequal).map(|row| row.rrn.clone()).collect()
}

/// Waits until nothing acts any more: no question, reversal or repeat is under way. Gives all rows then.
pub fn settled(world: &World, within_seconds: u32) -> BTreeMap<String, Row> {
    let until = Instant::now() + world.lasts(within_seconds);
    loop {
        let before = world.payments();
        let acting: Vec<_> =
            before.as_array().expect("a list").iter().filter(|payment| acts(payment)).collect();
        if acting.is_empty() {
            // Both books of one moment: what arrives in between would show.
            return rows(&world.book(), &world.payments());
        }
        assert!(
            Instant::now() < until,
            "{} payments still act after {within_seconds} s: {acting:?}",
            acting.len()
        );
        thread::sleep(Duration::from_millis(300));
    }
}

fn acts(payment: &Value) -> bool {
    let acting = ["find_out", "insist", "reverse"];
    list(payment, "duties").iter().any(|duty| acting.contains(&kind(duty)))
}

fn kind(of: &Value) -> &str {
    of["kind"].as_str().expect("everything has a kind")
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap_or_else(|| panic!("no list {name} in {of}"))
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_else(|| panic!("no text {name} in {of}")).to_owned()
}

fn number(of: &Value, name: &str) -> i64 {
    of[name].as_i64().unwrap_or_else(|| panic!("no number {name} in {of}"))
}
