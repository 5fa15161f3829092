//! Small worlds: everything that can happen with few faults, and that a broken world is noticed.

use hefu_tally::Kind;
use hefu_world::small::{Bounds, Manner, Report, SCENARIOS, Scenario, Station, Step, When, explore};
use std::thread::available_parallelism;

fn threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn named(name: &str) -> &'static Scenario {
    SCENARIOS.iter().find(|scenario| scenario.name == name).expect("a scenario of this name")
}

#[track_caller]
fn clean(report: &Report) {
    if let Some(violation) = &report.violation {
        panic!("{}, {} faults: {violation}", report.scenario, report.faults);
    }
    assert_eq!(report.bound, None, "{}", report.scenario);
}

#[test]
fn every_order_of_events_with_few_faults_ends_in_a_match_or_waits_visibly() {
    for scenario in SCENARIOS {
        let report = explore(scenario, scenario.quick, threads(), Bounds::default());
        clean(&report);
        assert!(report.ends.matched > 0, "{}: nothing ever ends", scenario.name);
    }
}

#[test]
fn without_faults_everything_ends_in_a_match() {
    for scenario in SCENARIOS {
        let report = explore(scenario, 0, threads(), Bounds::default());
        clean(&report);
        assert!(report.ends.waiting.is_empty(), "{}: {:?}", scenario.name, report.ends.waiting);
    }
}

#[test]
fn more_faults_reach_more_states() {
    let states = |faults| explore(named("sale"), faults, threads(), Bounds::default()).states;
    let (none, one) = (states(0), states(1));
    assert!(one > 10 * none, "{one} states with a fault, {none} without");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let with = |threads| {
        let Report { states, merged, moves, deepest, ends, .. } =
            explore(named("sale"), 1, threads, Bounds::default());
        (states, merged, moves, deepest, ends)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_bound_that_is_reached_is_said_aloud() {
    // (the bounds, which of them is reached)
    let cases = [
        (Bounds { states: 100, ..Bounds::default() }, Some("states")),
        (Bounds { depth: 5, ..Bounds::default() }, Some("depth")),
        (Bounds::default(), None),
    ];
    for (bounds, expected) in cases {
        let report = explore(named("sale"), 1, 1, bounds);
        assert_eq!(report.bound, expected, "{bounds:?}");
        assert_eq!(report.is_clean(), expected.is_none(), "{bounds:?}");
    }
}

const SALE: &[Step] = &[Step { kind: Kind::Sale, amount: 100, card: 1, when: When::Always }];
const STATIONS: &[Station] = &[Station { certified: true, impatient: false, steps: SALE }];

fn planted(bank: Manner) -> Scenario {
    Scenario {
        name: "planted",
        about: "a broken bank",
        bank,
        begins: 0,
        stations: STATIONS,
        faults: 1,
        quick: 1,
    }
}

#[test]
fn a_bank_that_charges_a_copy_again_is_found_by_the_shortest_way() {
    let scenario = planted(Manner::ChargesCopies);
    clean(&explore(&scenario, 0, threads(), Bounds::default()));
    let report = explore(&scenario, 1, threads(), Bounds::default());
    let violation = report.violation.expect("a message came twice");
    assert_eq!(violation.rule, "charged twice");
    let words = ["sends", "takes", "the store", "TWICE", "the bank takes", "the bank takes"];
    assert_eq!(violation.path.len(), words.len(), "{violation}");
    for (line, word) in violation.path.iter().zip(words) {
        assert!(line.contains(word), "{line:?} has no {word:?}: {violation}");
    }
}

#[test]
fn a_bank_that_denies_what_it_did_is_found_by_the_judge() {
    let scenario = planted(Manner::Denies);
    let report = explore(&scenario, 0, threads(), Bounds::default());
    let violation = report.violation.expect("the bank charges and says that it declined");
    assert_eq!(violation.rule, "payer", "{violation}");
    assert!(violation.path.last().is_some_and(|line| line.contains("hears declined")), "{violation}");
}
