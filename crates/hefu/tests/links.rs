//! Two banks as processes of their own. What happens to one of them is nothing to the other's cards, and what it left
//! unknown heals when it is back.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::{Value, json};
use std::{
    fs,
    process::{Command, Stdio},
};
use support::{
    books,
    peer::Peer,
    process::{Process, SOON},
    world::World,
};

/// We wait for a bank's answer for 55 s: 2.75 s here.
const SCALE: u32 = 20;
/// The bank "north" takes all cards but …
const NORTHERN: &str = "6200000000000005";
/// … those that begin with this, which take "south". They pay with a PIN, so its keys are used too.
const SOUTHERN: &str = "6200000000000559";
const PREFIX: &str = "62000000000005";
const PIN_KEY: &str = "2222222222222222B5B5B5B5B5B5B5B5";
const MAC_KEY: &str = "D6D6D6D6D6D6D6D6E7E7E7E7E7E7E7E7";
/// Sales at each terminal of a southern card while north is gone.
const SALES: u64 = 12;

/// North is the world's bank; south stands beside it, under keys and a MAC of its own.
struct Two {
    world: World,
    south: Process,
    control: String,
}

impl Two {
    fn start() -> Two {
        let mut world = World::start(SCALE);
        world.kill_gateway();
        let beside = |name: &str| world.store().with_file_name(name);
        // South's clock begins where north's does.
        let book = fs::read_to_string(beside("bank.jsonl")).unwrap();
        fs::write(beside("south.jsonl"), format!("{}\n", book.lines().next().unwrap())).unwrap();
        let mut command = world.command();
        command.args(["world", "bank", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--book"]);
        command.arg(beside("south.jsonl"));
        command.args(["--mac", "ecb", "--pin-key", PIN_KEY, "--mac-key", MAC_KEY]);
        let south = Process::start("south", &mut command);
        let (_, ready) = south.wait_for(0, SOON, |line| line.starts_with("bank: link"));
        let (link, control) =
            ready.trim_start_matches("bank: link ").split_once(", control http://").unwrap();
        let control = control.trim_end_matches("/book").to_owned();

        let config = beside("hefu.toml");
        let text = fs::read_to_string(&config).unwrap();
        assert_eq!(text.matches("\n[bank]\nname = \"bank\"\n").count(), 1, "the example has one bank");
        let text =
            text.replace("\n[bank]\nname = \"bank\"\n", "\n[[bank]]\nname = \"north\"\ndefault = true\n");
        let second = format!(
            "[[bank]]\nname = \"south\"\nprefixes = [\"{PREFIX}\"]\naddress = \"{link}\"\nacquirer = \"48010000\"\n\
             forwarder = \"48010000\"\npin_key = \"{PIN_KEY}\"\nmac_key = \"{MAC_KEY}\"\nmac = \"ecb\"\n\
             answer_within = 55\ntransit = 60\n\n[[merchant]]"
        );
        fs::write(config, text.replacen("[[merchant]]", &second, 1)).unwrap();
        world.start_gateway();
        let two = Two { world, south, control };
        two.wait_for_south();
        two
    }

    fn wait_for_south(&self) {
        let mut probe = Peer::signed_on(&self.world, "10000014");
        self.world.until("the gateway reaches south", || {
            probe.ask(json!({"do": "balance", "card": SOUTHERN, "pin": "123456"}))["code"] == "00"
        });
    }

    /// Sells to a southern card at this terminal while north is gone: no sale may notice it.
    fn sell_in_the_south(&self, till: &mut Peer, first: u64) {
        for amount in first..first + SALES {
            let heard = till.ask(json!({"do": "sale", "amount": amount, "card": SOUTHERN, "pin": "123456"}));
            // An answer that took longer than our deadline would be "unknown".
            assert_eq!(heard["code"], "00", "{heard}");
        }
    }

    /// The time from opening to the bank's answer of each sale over a link, in simulated milliseconds.
    fn answered_after(&self, link: &str) -> Vec<i64> {
        let payments = self.over(link);
        let times = payments.as_array().unwrap().iter().filter_map(|payment| {
            let story = self.world.story(payment["id"].as_str().unwrap());
            let facts = story["facts"].as_array().unwrap().clone();
            let answered = facts.iter().find(|fact| fact["fact"].get("answered").is_some())?;
            Some(answered["at_ms"].as_i64().unwrap() - payment["opened_ms"].as_i64().unwrap())
        });
        times.collect()
    }

    fn over(&self, link: &str) -> Value {
        let ran = self.world.hefu(&["--json", "payments", "--limit", "10000", "--link", link]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.json()
    }

    /// Everything has healed, and the books of both banks, the platform and the merchants say the same.
    fn assert_agreement(&self) -> i64 {
        books::settled(&self.world, 1_200);
        let mut answer = ureq::get(format!("http://{}/book", self.control)).call().unwrap();
        let south: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        let mut both = self.world.book();
        let more = south["payments"].as_array().unwrap().clone();
        both["payments"].as_array_mut().unwrap().extend(more);
        let rows = books::rows(&both, &self.world.payments());
        let waiting = books::assert_agreement(&self.world, &rows);
        assert!(waiting.is_empty(), "no card of these waits for clearing: {waiting:?}");
        self.world.assert_verified();
        rows.values().map(|row| row.bank.net).sum()
    }
}

/// Sends a signal to a process of ours.
fn signal(name: &str, process: u32) {
    let done = Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status();
    assert!(done.is_ok_and(|status| status.success()), "kill {name} {process}");
}

fn sum(first: u64) -> i64 {
    (first..first + SALES).map(|amount| i64::try_from(amount).unwrap()).sum()
}

#[test]
fn each_card_goes_to_its_bank_and_every_listing_says_which() {
    let two = Two::start();
    let mut till = Peer::signed_on(&two.world, "10000001");
    for (card, amount) in [(NORTHERN, 1_000), (SOUTHERN, 2_000)] {
        let sale = json!({"do": "sale", "amount": amount, "card": card, "pin": "123456"});
        let sold = till.ask(sale);
        assert_eq!(sold["code"], "00", "{sold}");
        // Refunds find their way too.
        let refund = json!({"do": "refund", "of": sold["trace"], "amount": 300});
        assert_eq!(till.ask(refund)["code"], "00");
    }
    for (link, number, amount) in [("north", 1, 1_000), ("south", 2, 2_000)] {
        let all = two.over(link);
        let sales: Vec<_> =
            all.as_array().unwrap().iter().filter(|payment| payment["legs"][0]["kind"] == "sale").collect();
        assert_eq!(sales.len(), 1, "{link}: {all}");
        assert_eq!(sales[0]["legs"][0]["asked"], amount);
        for leg in sales[0]["legs"].as_array().unwrap() {
            assert_eq!(leg["link"], number, "a refund goes where its sale went: {leg}");
        }
        let listed = two.world.hefu(&["payments", "--link", link]);
        assert!(listed.out.contains(&format!("bank {link} ")), "{listed:?}");
    }
    let nowhere = two.world.hefu(&["payments", "--link", "west"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(nowhere.err.contains("north, south"), "{nowhere:?}");
    assert_eq!(two.assert_agreement(), 700 + 1_700);
}

#[test]
fn a_bank_that_is_killed_is_nothing_to_the_cards_of_the_other() {
    let mut two = Two::start();
    let mut north = Peer::signed_on(&two.world, "10000002");
    let mut south = Peer::signed_on(&two.world, "10000003");
    let mut both = Peer::signed_on(&two.world, "10000004");
    for till in [&mut north, &mut both] {
        assert_eq!(till.ask(json!({"do": "sale", "amount": 5_000, "card": NORTHERN}))["code"], "00");
    }
    two.world.kill_bank();
    north.begin(&json!({"do": "sale", "amount": 5_100, "card": NORTHERN}));
    two.sell_in_the_south(&mut south, 10_000);
    let dead = north.end();
    assert!(dead["code"] == "91" || dead["code"] == "98", "north is dead: {dead}");
    // One terminal with cards of both is not held up by its own dead one either.
    for amount in 20_000..20_000 + SALES {
        let dead = both.ask(json!({"do": "sale", "amount": amount, "card": NORTHERN}));
        assert!(dead["code"] == "91" || dead["code"] == "98", "north is dead: {dead}");
        let alive = json!({"do": "sale", "amount": amount, "card": SOUTHERN, "pin": "123456"});
        assert_eq!(both.ask(alive)["code"], "00");
    }
    two.world.start_bank();
    two.world.wait_for_link();
    assert_eq!(two.assert_agreement(), 2 * 5_000 + sum(10_000) + sum(20_000));
    assert!(two.south.is_alive());
}

#[test]
fn a_bank_that_is_frozen_is_nothing_to_the_cards_of_the_other() {
    let two = Two::start();
    let mut north: Vec<_> =
        ["10000005", "10000006", "10000007"].map(|number| Peer::signed_on(&two.world, number)).into();
    let mut south = Peer::signed_on(&two.world, "10000008");
    let frozen = two.world.bank.as_ref().unwrap().id();
    signal("-STOP", frozen);
    // These requests are written, and nobody reads them; each waits for the whole of our deadline.
    for (till, amount) in north.iter_mut().zip(30_000..) {
        till.begin(&json!({"do": "sale", "amount": amount, "card": NORTHERN}));
    }
    two.sell_in_the_south(&mut south, 40_000);
    for till in &mut north {
        let heard = till.end();
        assert_eq!(heard["code"], "98", "nobody knows what became of it: {heard}");
    }
    two.sell_in_the_south(&mut south, 50_000);
    // From opening to the bank's answer, in simulated time: no southern sale took as long as one deadline.
    let times = two.answered_after("south");
    assert!(times.len() as u64 >= 2 * SALES, "{times:?}");
    assert!(times.iter().all(|time| *time < 55_000), "{times:?}");
    signal("-CONT", frozen);
    two.world.wait_for_link();
    assert_eq!(two.assert_agreement(), sum(40_000) + sum(50_000), "what was unknown in the north went back");
}
