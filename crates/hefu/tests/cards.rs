//! Every card of the simulated bank that goes wrong while paying, with kill -9 in between; then the books are
//! compared payment by payment: the bank's, the platform's, and the terminals' own.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};
use support::{
    books::{self, Row, Stand},
    chance::Chance,
    scenes::{LIES_ABOUT_REVERSAL, ONLY_CLEARING_TELLS, Played, SCENES, Scene, play, play_but},
    till::{Holds, Till},
    world::World,
};

/// Stated seconds pass so many times faster: a terminal's 5 s of patience beyond ours are 170 ms here.
const SCALE: u32 = 30;
/// Terminals that work side by side.
const TILLS: usize = 8;
/// After the last stated fault (12 minutes after the request) and two minutes more, nothing may act. Seconds.
const HEALS_WITHIN: u32 = 14 * 60;

fn tills(world: &World) -> Vec<Till> {
    (1..=TILLS).map(|number| Till::open(world, &format!("1000{number:04}"))).collect()
}

/// Every terminal asks what became of that which it was told is unknown.
fn ask_what_is_unknown(tills: &mut [Till]) {
    for till in tills {
        till.ask_what_is_unknown();
    }
}

/// The third book: what each terminal holds, against what the platform says that its merchant has.
fn assert_terminals_agree(tills: &[Till], rows: &BTreeMap<String, Row>) {
    let mut compared = 0;
    for row in rows.values() {
        let Some(till) = tills.iter().find(|till| till.number == row.terminal) else { continue };
        if row.duties.contains("await_clearing") {
            continue;
        }
        assert_eq!(
            till.stand(row.trace),
            row.merchant,
            "the terminal's own book, and the merchant's half: {row:?}"
        );
        compared += 1;
    }
    assert!(compared >= SCENES.len() / 3, "only {compared} transactions were compared");
}

#[test]
fn every_card_ends_with_equal_books() {
    let world = World::start(SCALE);
    let mut tills = tills(&world);
    let played = play(&mut tills, || thread::sleep(Duration::from_millis(50)));
    books::settled(&world, HEALS_WITHIN);
    ask_what_is_unknown(&mut tills);
    let rows = books::settled(&world, HEALS_WITHIN);
    let waiting = books::assert_agreement(&world, &rows);
    for (place, played) in &played {
        let scene = SCENES[*place];
        assert_eq!(
            played.first.heard.as_deref(),
            Some(scene.first.hears),
            "{} {}",
            scene.card,
            scene.first.kind
        );
        let then = played.then.as_ref().and_then(|entry| entry.heard.as_deref());
        assert_eq!(then, scene.then.map(|act| act.hears), "what followed on {}", scene.card);
        let all =
            rows.values().filter(|row| (&row.terminal, row.trace) == (&played.till, played.trace)).count();
        assert_eq!(all, 1, "{}", scene.card);
        let amount = Scene::amount(*place);
        let left = Stand { net: amount * scene.left.0 / 100, held: amount * scene.left.1 / 100 };
        assert_eq!(taken(&rows, played), left, "{} {}", scene.card, scene.first.kind);
    }
    assert_only_clearing_waits(&world, &rows, &waiting, &played);
    assert_terminals_agree(&tills, &rows);
    assert_heard_in_time(&world, &played);
    assert_evidence(&world, &played);
    world.assert_verified();
}

#[test]
fn a_gateway_killed_at_random_moments_leaves_no_payment_one_sided() {
    let mut world = World::start(SCALE);
    let mut tills = tills(&world);
    for till in tills.iter_mut().step_by(2) {
        till.reverses_unknown = true;
    }
    let mut chance = Chance::from(20_261);
    let mut kills = 0;
    let mut kill = |least: u32, most: u32| {
        thread::sleep(chance.between(world.lasts(least), world.lasts(most)));
        world.kill_gateway();
        kills += 1;
        world.start_gateway_only();
    };
    // While terminals wait for their answers, and just as they get them.
    play(&mut tills, || kill(6, 80));
    // While reversals and repeats run.
    for _ in 0..6 {
        kill(1, 60);
    }
    assert!(kills >= 8, "killed only {kills} times");
    assert_everybody_agrees(&world, &mut tills);
}

#[test]
fn a_bank_killed_at_random_moments_leaves_no_payment_one_sided() {
    let mut world = World::start(SCALE);
    let mut tills = tills(&world);
    let mut chance = Chance::from(20_262);
    let mut kills = 0;
    play_but(&mut tills, &[LIES_ABOUT_REVERSAL], || {
        thread::sleep(chance.between(world.lasts(10), world.lasts(80)));
        world.kill_bank();
        kills += 1;
        world.start_bank();
    });
    assert!(kills >= 3, "killed only {kills} times");
    assert_everybody_agrees(&world, &mut tills);
}

#[test]
fn a_gateway_killed_at_a_chosen_moment_goes_on_from_what_it_committed() {
    let mut world = World::start(SCALE);
    let mut tills = tills(&world);
    let amount = |place: usize| 50_000 + 100 * i64::try_from(place).expect("few terminals");
    let begin = |till: &mut Till, place: usize, card: &str| {
        till.begin(&json!({"do": "sale", "card": card, "amount": amount(place)}));
    };
    let plain = "6200000000000005";

    // While the sales are unanswered: all are at the bank, and none of the answers has left it.
    world.fault(&json!({"slow_ms": 30_000}));
    let before = world.bank_health()["requests"].as_u64().expect("a count");
    for (place, till) in tills.iter_mut().enumerate() {
        begin(till, place, plain);
    }
    let asked = before + u64::try_from(TILLS).expect("few terminals");
    world.until("the bank has all sales", || world.bank_health()["requests"].as_u64() >= Some(asked));
    world.kill_gateway();
    world.fault(&json!({"slow_ms": 0}));
    world.start_gateway();
    for (place, till) in tills.iter_mut().enumerate() {
        let (_, entry) = till.end("sale", None, amount(place));
        assert_eq!(entry.heard, None, "nobody could answer this sale: {entry:?}");
        assert_eq!(entry.holds, Holds::Nothing);
    }

    // Right after the answer: what was told stays told.
    for (place, till) in tills.iter_mut().enumerate() {
        let (trace, entry) =
            till.act("sale", None, &json!({"card": plain, "amount": 60_000 + amount(place)}));
        world.kill_gateway();
        assert_eq!(entry.holds, Holds::It(60_000 + amount(place)), "trace {trace}: {entry:?}");
        world.start_gateway_only();
    }

    // Again and again while reversals are on their way, refused, or not answered.
    let cards = ["0625", "0633", "0641", "0658", "0666", "0674", "0955", "0963"];
    assert_eq!(cards.len(), TILLS);
    world.wait_for_link();
    for (place, (till, card)) in tills.iter_mut().zip(cards).enumerate() {
        begin(till, place, &format!("620000000000{card}"));
    }
    for (place, (till, card)) in tills.iter_mut().zip(cards).enumerate() {
        let (_, entry) = till.end("sale", None, amount(place));
        assert_eq!(entry.heard.as_deref(), Some("98"), "{card}");
    }
    for seconds in [1, 3, 10, 30, 61] {
        world.kill_gateway();
        world.start_gateway_only();
        thread::sleep(world.lasts(seconds));
    }
    let rows = assert_everybody_agrees(&world, &mut tills);
    let sold: i64 = (0..TILLS).map(|place| 60_000 + amount(place)).sum();
    assert_eq!(rows.values().map(|row| row.bank.net).sum::<i64>(), sold, "exactly what was told is charged");
}

/// After all healing the three books agree, but for what only clearing can tell.
fn assert_everybody_agrees(world: &World, tills: &mut [Till]) -> BTreeMap<String, Row> {
    world.wait_for_link();
    books::settled(world, HEALS_WITHIN);
    ask_what_is_unknown(tills);
    let rows = books::settled(world, HEALS_WITHIN);
    for rrn in books::assert_agreement(world, &rows) {
        let story = world.story(&rrn);
        let may_wait = ONLY_CLEARING_TELLS.iter().any(|card| story["card"] == masked(card).as_str());
        assert!(may_wait, "this payment could have been settled: {story}");
    }
    assert_terminals_agree(tills, &rows);
    world.assert_verified();
    rows
}

/// What is left at the bank of a scene: of its first transaction, and of a completion on it.
fn taken(rows: &BTreeMap<String, Row>, played: &Played) -> Stand {
    let of_scene = rows.values().filter(|row| {
        let completion = played.then.as_ref().and_then(|then| then.rrn.as_ref()) == Some(&row.rrn);
        (&row.terminal, row.trace) == (&played.till, played.trace) || completion
    });
    of_scene.fold(Stand::default(), |sum, row| Stand {
        net: sum.net + row.bank.net,
        held: sum.held + row.bank.held,
    })
}

fn assert_only_clearing_waits(
    world: &World,
    rows: &BTreeMap<String, Row>,
    waiting: &BTreeSet<String>,
    played: &BTreeMap<usize, Played>,
) {
    let rrns = ONLY_CLEARING_TELLS.map(|card| find(played, card, "sale").first.rrn.clone());
    let rrns: BTreeSet<_> = rrns.into_iter().flatten().collect();
    assert_eq!(*waiting, rrns, "these wait for clearing with unequal books, and no others do");
    let listed = world.hefu(&["payments", "--open", "--limit", "10000"]);
    for rrn in &rrns {
        assert!(rows[rrn].duties.contains("await_clearing"), "it waits visibly");
        let told = world.explain(rrn);
        assert!(told.contains("wait for the clearing files"), "{told}");
        assert!(listed.out.contains(rrn), "{listed:?}");
    }
}

/// "Unknown" is told before a terminal's 60 s are over, by the gateway's own record of it.
fn assert_heard_in_time(world: &World, played: &BTreeMap<usize, Played>) {
    for played in played.values() {
        for entry in std::iter::once(&played.first).chain(&played.then) {
            let rrn = entry.rrn.as_deref().expect("every answer to these names the payment");
            let story = world.story(rrn);
            let leg = story["legs"].as_array().unwrap().iter().find(|leg| leg["rrn"] == rrn).unwrap();
            let told =
                story["facts"].as_array().unwrap().iter().find(|line| {
                    line["fact"]["told"]["leg"] == leg["leg"] && !line["fact"]["told"].is_null()
                });
            let told = told.unwrap_or_else(|| panic!("no fact says what was told about {rrn}: {story}"));
            let after = told["at_ms"].as_i64().unwrap() - leg["opened_ms"].as_i64().unwrap();
            assert!((0..60_000).contains(&after), "{rrn} was told after {after} ms");
        }
    }
}

/// The story names what decided.
fn assert_evidence(world: &World, played: &BTreeMap<usize, Played>) {
    // (card, what its story must say)
    let cases: &[(&str, &[&str])] = &[
        ("6200000000000005", &["DE39 00", "told the terminal F39 00"]),
        ("6200000000000518", &["DE39 51", "told the terminal F39 51"]),
        ("6200000000000609", &["DE39 25", "no original"]),
        (
            "6200000000000625",
            &["silence proves nothing", "0420", "4354", "told the terminal F39 98", "undone"],
        ),
        ("6200000000000633", &["0421", "undone"]),
        ("6200000000000658", &["DE39 25", "0421", "undone"]),
        ("6200000000000666", &["DE39 96", "0421", "undone"]),
        ("6200000000000682", &["DE39 68", "undone"]),
        ("6200000000000690", &["DE39 96", "DE39 12"]),
        ("6200000000000716", &["MAC", "4355", "undone"]),
        ("6200000000000724", &["does not fit the request", "undone"]),
        ("6200000000000963", &["DE39 94", "undone"]),
    ];
    for (card, says) in cases {
        let played = find(played, card, "sale");
        let rrn = played.first.rrn.as_deref().expect("every answer to these names the payment");
        let story = world.explain(rrn);
        for part in *says {
            assert!(story.contains(part), "{card}: no {part:?} in\n{story}");
        }
        assert!(!story.contains(card), "the card number stands in clear in\n{story}");
    }
}

/// First six and last four digits.
fn masked(card: &str) -> String {
    format!("{}******{}", &card[..6], &card[12..])
}

fn find<'a>(played: &'a BTreeMap<usize, Played>, card: &str, first: &str) -> &'a Played {
    let found = played.iter().find(|(place, _)| {
        let scene = SCENES[**place];
        scene.card == card && scene.first.kind == first
    });
    found.expect("the scene is in the table").1
}
