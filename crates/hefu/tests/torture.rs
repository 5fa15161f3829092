//! The torture itself: a short run agrees in all books, and its comparison finds what does not agree.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Output},
};

/// The program under test.
const HEFU: &str = env!("CARGO_BIN_EXE_hefu");

/// A run of few kills. Nothing in it waits longer than twenty stated minutes, forty seconds here, twice.
fn torture(args: &[&str]) -> Output {
    Command::new(HEFU).args(["--json", "torture"]).args(args).env("RUST_LOG", "error").output().unwrap()
}

fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("no JSON: {error}: {output:?}"))
}

fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_short_run_agrees_in_all_books_and_its_comparison_can_fail() {
    let folder = tempfile::tempdir().unwrap();
    let (kept, evidence) = (folder.path().join("run"), folder.path().join("evidence.jsonl"));
    let (kept, evidence) = (kept.to_str().unwrap(), evidence.to_str().unwrap());
    let args = ["--kills", "4", "--seed", "5", "--terminals", "4", "--keep", kept, "--evidence", evidence];
    let ran = torture(&args);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let run = told(&ran);
    assert_eq!(run["kills"], 4);
    assert_eq!(run["differences"], json!([]));
    assert!(run["payments"].as_u64().unwrap() > 0, "{run}");
    assert!(run["ledger_lines"].as_u64().unwrap() > 0, "{run}");

    let line = std::fs::read_to_string(evidence).unwrap();
    let line: Value = serde_json::from_str(line.trim_end()).unwrap();
    for field in ["commit", "at", "seed", "kills", "payments", "faults", "differences", "seconds"] {
        assert!(!line[field].is_null(), "the evidence does not say {field}: {line}");
    }
    assert_eq!(line["faults"]["gateway_killed"], 4);

    // Looked at once more nothing has changed.
    let again = torture(&["--judge", kept]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");

    // A charge that the bank took twice.
    let book = Path::new(kept).join("book.json");
    let honest = std::fs::read(&book).unwrap();
    let mut doubled = String::new();
    edit(&book, |book| {
        let lines = book["payments"].as_array_mut().unwrap();
        let line = lines.iter_mut().find(|line| line["charged"].as_i64() > Some(0)).unwrap();
        line["charged"] = json!(2 * line["charged"].as_i64().unwrap());
        doubled = line["rrn"].as_str().unwrap().to_owned();
    });
    assert_differs(kept, &doubled);

    // A payment that the platform has never heard of.
    std::fs::write(&book, &honest).unwrap();
    edit(&book, |book| {
        let lines = book["payments"].as_array_mut().unwrap();
        let mut unknown = lines[0].clone();
        unknown["rrn"] = json!("000000000000");
        lines.push(unknown);
    });
    assert_differs(kept, "000000000000");

    // A sale in a terminal's ledger that nobody else has.
    std::fs::write(&book, &honest).unwrap();
    edit(&Path::new(kept).join("terminals.json"), |journals| {
        let entries = journals.as_array_mut().unwrap().iter_mut().flat_map(|j| j["entries"].as_array_mut());
        let sale = entries.flatten().find(|entry| entry["standing"] == "Booked").unwrap();
        (sale["trace"], sale["rrn"]) = (json!(999_999), json!("999999999999"));
    });
    assert_differs(kept, "999999999999");
}

/// The comparison ends with 1, names this payment, and adds no word of success.
fn assert_differs(kept: &str, rrn: &str) {
    let judged = torture(&["--judge", kept]);
    assert_eq!(judged.status.code(), Some(1), "{judged:?}");
    let run = told(&judged);
    let differences = run["differences"].as_array().unwrap();
    assert!(differences.iter().any(|difference| difference["rrn"] == rrn), "{rrn}: {differences:?}");
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("something"), "here").unwrap();
    let full = folder.path().to_str().unwrap();
    // (arguments, what is said)
    let cases: &[(&[&str], &str)] = &[
        (&["--keep", full], "not empty"),
        (&["--judge", full], "no run was kept there"),
        (&["--terminals", "17"], "17"),
        (&["--kills", "0"], "0"),
    ];
    for (args, says) in cases {
        let ran = torture(args);
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {ran:?}");
        assert!(
            String::from_utf8_lossy(&ran.stderr).contains(says),
            "{args:?} does not say {says:?}: {ran:?}"
        );
    }
}
