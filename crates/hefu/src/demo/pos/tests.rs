//! The whole house over real sockets: tills that are touched, lines that are struck, a gateway that crashes, lessons.

mod http;
mod lessons;

use super::till::Till;
use super::{House, HouseConfig, state};
use crate::config::Config;
use crate::demo::start_bank;
use hefu_world::bank::Fault;
use hefu_world::pos::wire::{Fate, Wire};
use hefu_world::pos::{Key, cards};
use hefu_world::terminal::{EntryMode, PrinterState};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// Stated times pass so many times faster: a deadline of 12 s takes 0.6 s.
const SCALE: u32 = 20;
/// Longer than anything takes on a loaded machine.
const SOON: Duration = Duration::from_secs(60);

/// A house and where it lies.
struct Scenery {
    house: Arc<House>,
    _directory: TempDir,
}

impl Scenery {
    async fn build() -> Scenery {
        let directory = tempfile::tempdir().unwrap();
        let (bank, _) = start_bank(directory.path(), None, SCALE).await.unwrap();
        let mut config = Config::load(None).unwrap();
        config.terminals.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.console.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let build = HouseConfig { config, directory: directory.path().to_owned(), scale: SCALE, bank };
        let house = House::open(build).await.unwrap();
        house.begin().await.unwrap();
        let scenery = Scenery { house, _directory: directory };
        for till in &scenery.house.tills {
            scenery.until(till, "it is signed on", |state| state["believes"]["signed_on"] == true).await;
            scenery.until(till, "it is idle", |state| state["screen"]["mode"] == "idle").await;
        }
        scenery
    }

    fn till(&self, n: u32) -> Arc<Till> {
        self.house.till(n).unwrap().clone()
    }

    fn state(&self, till: &Till) -> Value {
        let shown = serde_json::to_value(state::state(&self.house, till)).unwrap();
        let text = shown.to_string();
        assert!(!text.contains("6200000000000") && !text.contains("3012220"), "no card is shown: {text}");
        shown
    }

    /// Waits for something to be seen in the state, and gives the state.
    #[track_caller]
    fn until<'a>(
        &'a self,
        till: &'a Till,
        what: &'a str,
        holds: impl Fn(&Value) -> bool + 'a,
    ) -> impl Future<Output = Value> + 'a {
        let from = std::panic::Location::caller();
        async move {
            let began = Instant::now();
            loop {
                let state = self.state(till);
                if holds(&state) {
                    return state;
                }
                assert!(began.elapsed() < SOON, "{from}: not yet: {what}: {}", brief(&state));
                sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// Types an amount and presents a card with its PIN, and gives the result on the screen.
    async fn sale(&self, till: &Arc<Till>, card: &str, amount: i64) -> Value {
        self.sale_with_pin(till, card, amount, cards::PIN).await
    }

    async fn sale_with_pin(&self, till: &Arc<Till>, card: &str, amount: i64, pin: &str) -> Value {
        self.start_sale(till, card, amount, pin).await;
        self.until(till, "the sale has a result", |state| state["screen"]["mode"] == "result").await
    }

    async fn start_sale(&self, till: &Arc<Till>, card: &str, amount: i64, pin: &str) {
        self.until(till, "it is at rest", |state| {
            ["idle", "result"].contains(&state["screen"]["mode"].as_str().unwrap_or_default())
        })
        .await;
        till.rests();
        keys(till, &amount.to_string());
        till.press(Key::Enter).unwrap();
        till.card(cards::named(card).unwrap(), EntryMode::Swipe).unwrap();
        keys(till, pin);
        till.press(Key::Enter).unwrap();
    }

    /// Chooses a function of the menu and answers what it proposes with enter.
    async fn choose(&self, till: &Arc<Till>, flow: &str) -> Value {
        self.until(till, "it is at rest", |state| {
            ["idle", "result"].contains(&state["screen"]["mode"].as_str().unwrap_or_default())
        })
        .await;
        till.rests();
        till.press(Key::Menu).unwrap();
        while !self.state(till)["screen"]["menu"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["id"] == flow && item["chosen"] == true)
        {
            till.press(Key::Down).unwrap();
        }
        loop {
            till.press(Key::Enter).unwrap();
            match self.state(till)["screen"]["mode"].as_str().unwrap() {
                "card" => till.card(cards::named("0922").unwrap(), EntryMode::Swipe).unwrap(),
                "trace" | "yes_no" | "amount" | "pin" => continue,
                _ => {}
            }
            break;
        }
        self.until(till, "the function has ended", |state| {
            ["result", "idle"].contains(&state["screen"]["mode"].as_str().unwrap_or_default())
        })
        .await
    }

    async fn healed(&self, till: &Till) -> Value {
        self.until(till, "both halves match", |state| state["payment"]["matched"] == true).await
    }
}

/// What matters of a state when something is not as it must be.
fn brief(state: &Value) -> String {
    let frames = state["frames"].as_array().into_iter().flatten().map(|frame| {
        let of = |name: &str| frame[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {} {}", of("wire"), of("way"), of("mti"), of("code"), of("fate"))
    });
    let frames: Vec<String> = frames.collect();
    let part = |name: &str| format!("{name}: {}", state[name]);
    let parts =
        ["power", "gateway", "screen", "payments", "payment", "believes", "ledger", "drill"].map(part);
    format!("{}\n{}", parts.join("\n"), frames.join("\n"))
}

fn keys(till: &Arc<Till>, digits: &str) {
    for digit in digits.chars() {
        till.press(Key::named(&digit.to_string()).unwrap()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_is_typed_paid_printed_and_seen_by_everybody() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    let state = scenery.sale(&till, "0005", 1_234).await;
    assert_eq!((&state["screen"]["tone"], &state["screen"]["code"]), (&"good".into(), &"00".into()));
    let state = scenery.until(&till, "the bank's message has come", |state| {
        state["phone"]["messages"][0]["text"]["en"].as_str().is_some_and(|text| text.contains("12.34"))
            && state["payment"]["merchant"] == "told"
    });
    let state = state.await;
    assert_eq!(state["payment"]["issuer"], "charged");
    assert_eq!(state["payment"]["at_risk"], 1_234, "until the terminal is heard of again");
    assert_eq!(state["payment"]["duties"][0]["kind"], "hear_merchant");
    assert_eq!(state["ledger"][0]["charged"], 1_234);
    let strips = state["printer"]["strips"].as_array().unwrap();
    let copies: Vec<_> = strips.iter().map(|strip| strip["copy"].as_str().unwrap()).collect();
    assert_eq!(copies, ["merchant", "cardholder"]);
    assert!(strips[0]["en"].to_string().contains("12.34"), "{}", strips[0]["en"]);
    let frames: Vec<_> = state["frames"].as_array().unwrap().iter().map(|frame| &frame["mti"]).collect();
    assert_eq!(frames[frames.len() - 4..], ["0200", "0200", "0210", "0210"], "up both wires and down again");
    // The slip once more, as a duplicate.
    scenery.choose(&till, "reprint").await;
    let state = scenery.state(&till);
    let last = state["printer"]["strips"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["duplicate"], true);
    // The next sale shows that the first arrived: its halves match.
    scenery.sale(&till, "0005", 1_000).await;
    let first = |state: &Value| state["payments"].as_array().unwrap().last().unwrap()["matched"] == true;
    scenery.until(&till, "the first is matched", first).await;
    // A void, then equal totals.
    let state = scenery.choose(&till, "void").await;
    assert_eq!(state["screen"]["tone"], "good", "{}", brief(&state));
    let state = scenery.choose(&till, "settle").await;
    assert_eq!(state["screen"]["tone"], "good", "{}", brief(&state));
    let last = state["printer"]["strips"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["copy"], "settlement");
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_wire_breaks_a_sale_that_heals() {
    let scenery = Scenery::build().await;
    // (wire, what is set, fate of a frame, what the screen says, what becomes of the payment)
    type SetFault = fn(&mut hefu_world::pos::wire::Faults);
    let cases: [(Wire, SetFault, Fate, &str, &str); 8] = [
        (Wire::Bank, |faults| faults.lose_answer = 1, Fate::Lost, "unknown", "returned"),
        (Wire::Bank, |faults| faults.lose_request = 1, Fate::Lost, "unknown", "declined"),
        (Wire::Bank, |faults| faults.corrupt_answer = 1, Fate::Corrupted, "unknown", "returned"),
        (Wire::Bank, |faults| faults.delay_ms = 16_000, Fate::Delayed(16_000), "unknown", "returned"),
        (Wire::Bank, |faults| faults.double_request = 1, Fate::Doubled, "good", "approved"),
        (Wire::Terminal, |faults| faults.lose_answer = 1, Fate::Lost, "unknown", "returned"),
        (Wire::Terminal, |faults| faults.corrupt_answer = 1, Fate::Corrupted, "unknown", "returned"),
        // The second copy hears how it stands just then: unknown.
        (Wire::Terminal, |faults| faults.double_request = 1, Fate::Doubled, "unknown", "returned"),
    ];
    let till = scenery.till(2);
    for (place, (wire, set, fate, tone, view)) in cases.into_iter().enumerate() {
        let before = scenery.state(&till)["payment"]["id"].clone();
        till.tap.calm();
        till.fault(wire, set);
        let amount = 2_000 + i64::try_from(place).unwrap();
        let state = scenery.sale(&till, "0005", amount).await;
        assert_eq!(state["screen"]["tone"], tone, "case {place}: {}", brief(&state));
        assert!(till.tap.frames().iter().any(|frame| frame.fate == fate), "case {place}");
        till.tap.calm();
        scenery.choose(&till, "send_pending").await;
        let state = scenery.until(&till, "it has come to its end", |state| {
            let payment = &state["payment"];
            payment["id"] != before
                && payment["view"] == view
                && (view == "approved" || payment["matched"] == true)
        });
        let state = state.await;
        let line =
            state["ledger"].as_array().unwrap().iter().find(|line| line["rrn"] == state["payment"]["rrn"]);
        let net =
            line.map_or(0, |line| line["charged"].as_i64().unwrap() - line["returned"].as_i64().unwrap());
        assert_eq!(net, if view == "approved" { amount } else { 0 }, "case {place}: the bank's own book");
    }
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_or_dead_cable_leaves_a_sale_that_never_left_or_is_unknown() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    till.cable.cut(true);
    let state = scenery.sale(&till, "0005", 3_000).await;
    assert!(["bad", "unknown"].contains(&state["screen"]["tone"].as_str().unwrap()), "{}", brief(&state));
    assert_eq!(state["line"]["state"], "cut");
    assert!(state["payment"].is_null(), "nothing reached the gateway");
    till.cable.cut(false);
    scenery.choose(&till, "send_pending").await;
    till.cable.half_open(true);
    let state = scenery.sale(&till, "0005", 3_100).await;
    assert_eq!(state["screen"]["tone"], "unknown", "{}", brief(&state));
    assert!(till.tap.frames().iter().any(|frame| frame.fate == Fate::Swallowed));
    till.cable.half_open(false);
    let state = scenery.sale(&till, "0005", 3_200).await;
    assert_eq!(state["screen"]["tone"], "good", "{}", brief(&state));
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn power_that_is_pulled_while_the_answer_is_awaited_ends_in_both_halves_matched() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    till.fault(Wire::Bank, |faults| faults.delay_ms = 5_000);
    scenery.start_sale(&till, "0005", 4_000, cards::PIN).await;
    let at_bank = |state: &Value| {
        state["frames"].as_array().unwrap().iter().any(|f| f["wire"] == "bank" && f["mti"] == "0200")
    };
    scenery.until(&till, "the request is at the bank", at_bank).await;
    till.power_off().await.unwrap();
    assert_eq!(scenery.state(&till)["power"], "off");
    assert!(till.press(Key::Enter).is_err(), "a dead terminal has no keys");
    till.tap.calm();
    till.power_on().await.unwrap();
    let state =
        scenery.until(&till, "it remembers", |state| state["believes"]["owes"]["reversal"].is_object());
    assert_eq!(state.await["believes"]["journal"][0]["standing"], "unknown");
    scenery.choose(&till, "send_pending").await;
    let state = scenery.healed(&till).await;
    assert_eq!(state["payment"]["view"], "returned");
    assert_eq!(state["ledger"][0]["charged"], state["ledger"][0]["returned"]);
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_held_while_there_is_no_paper_and_printed_after_the_refill() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    for state in [PrinterState::OutOfPaper, PrinterState::PaperJam] {
        till.printer(state).await.unwrap();
        let before = scenery.state(&till)["printer"]["strips"].as_array().unwrap().len();
        let shown = scenery.sale(&till, "0005", 5_000).await;
        assert!(shown["screen"]["lines"][0]["en"].as_str().unwrap().contains("do not charge again"));
        let shown = scenery.until(&till, "the slip is held", |state| state["printer"]["held"] == 1).await;
        assert_eq!(shown["printer"]["strips"].as_array().unwrap().len(), before);
        till.printer(PrinterState::Ready).await.unwrap();
        let shown = scenery.until(&till, "it was printed", |state| state["printer"]["held"] == 0).await;
        assert_eq!(shown["printer"]["strips"].as_array().unwrap().len(), before + 2);
    }
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_crashes_in_the_middle_returns_the_payment_after_its_restart() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    till.fault(Wire::Bank, |faults| faults.delay_ms = 5_000);
    scenery.start_sale(&till, "0005", 6_000, cards::PIN).await;
    let at_bank = |state: &Value| {
        state["frames"].as_array().unwrap().iter().any(|f| f["wire"] == "bank" && f["mti"] == "0200")
    };
    scenery.until(&till, "the request is at the bank", at_bank).await;
    assert!(scenery.house.crash(Duration::from_millis(300)));
    scenery.until(&till, "the gateway is down", |state| state["gateway"] == "down").await;
    assert!(!scenery.house.crash(Duration::ZERO), "once at a time");
    scenery.until(&till, "it is up again", |state| state["gateway"] == "up").await;
    till.tap.calm();
    scenery.until(&till, "the terminal has given up", |state| state["screen"]["mode"] == "result").await;
    let state = scenery.until(&till, "it is returned", |state| state["payment"]["view"] == "returned").await;
    let told: Vec<_> = state["payment"]["timeline"].as_array().unwrap().iter().collect();
    assert!(
        told.iter().any(|line| line["words"]["en"].as_str().unwrap().contains("started again")),
        "{told:?}"
    );
    let requests = till.tap.frames().into_iter().filter(|frame| frame.wire == Wire::Bank && frame.mti == 200);
    assert_eq!(requests.count(), 1, "the request is never sent again");
    let state = scenery.sale(&till, "0005", 6_100).await;
    assert_eq!(state["screen"]["tone"], "good", "{}", brief(&state));
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bank_is_down_nothing_is_charged_and_the_till_says_so() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    scenery.house.bank(Fault { down: Some(true), ..Fault::default() }).await.unwrap();
    let state = scenery.sale(&till, "0005", 7_000).await;
    assert_eq!(state["bank"]["up"], false);
    assert!(["bad", "unknown"].contains(&state["screen"]["tone"].as_str().unwrap()), "{}", brief(&state));
    scenery.house.reset(&till).await.unwrap();
    let state = scenery.until(&till, "nothing of it is open", |state| {
        state["payment"].is_null() || state["payment"]["matched"] == true
    });
    assert_eq!(state.await["ledger"].as_array().unwrap().len(), 0, "the bank has nothing");
    scenery.house.stop().await.unwrap();
}
