//! A node over a history: the history is a real one, the node answers a sale and settles what was open, and the store
//! is as good afterwards as before.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use std::process::Command;
use support::{process::run, world::HEFU};

#[test]
fn a_node_over_a_history_answers_at_once_and_settles_what_was_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hefu.db");
    let path = path.to_str().unwrap();
    let bench = ["--json", "bench", "recovery", "--payments", "3000", "--open", "300", "--keep", path];
    let ran = run(Command::new(HEFU).args(bench), "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let came = &ran.json()["came"];
    assert_eq!(came["reversals"], 120, "four of ten open payments wait for an answer to their reversal");
    for time in ["bare_ms", "opened_ms", "started_ms", "first_ms", "reversed_ms"] {
        assert!(came[time].as_f64().is_some_and(|ms| ms > 0.0), "{time}: {came}");
    }
    // What the copies say, and what the node did with them, follows from their facts.
    let verified = run(Command::new(HEFU).args(["--store", path, "--json", "verify", "--at-rest"]), "");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let verified = verified.json();
    assert_eq!(verified["payments"], 3_001);
    // The others wait for the merchant or for clearing, and so does the new sale; a day cut in between leaves less.
    assert!(verified["open_duties"].as_u64().is_some_and(|open| open < 300), "{verified}");
    // A second node over the same store has nothing to reverse.
    let again = run(Command::new(HEFU).args(bench), "");
    assert_eq!(again.json()["came"]["reversals"], 0, "{again:?}");
}

#[test]
fn more_open_payments_than_payments_are_refused() {
    let ran = run(Command::new(HEFU).args(["bench", "recovery", "--payments", "10", "--open", "11"]), "");
    assert_eq!(ran.code, Some(2), "{ran:?}");
}
