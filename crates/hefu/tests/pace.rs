//! `hefu bench console` measures what it says it measures: every sale is told by the stream, every request of the first
//! screen is asked for, and nothing is said of a target unless that is wanted. No test here depends on a clock's speed.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod support;

use std::process::Command;
use support::{process::run, world::HEFU};

#[test]
fn the_console_is_measured_over_a_store_that_was_filled_and_tells_of_every_sale() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hefu.db");
    let path = path.to_str().unwrap();
    let bench = ["--json", "bench", "console", "--payments", "2000", "--open", "100", "--keep", path];
    let load = ["--rate", "20", "--seconds", "2", "--terminals", "4"];
    let ran = run(Command::new(HEFU).args(bench).args(load), "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let came = ran.json();
    assert_eq!(came["index"]["payments"], 2_000, "{came}");
    for figure in ["seconds", "payments_per_second", "bare_inserts_per_second"] {
        assert!(came["index"][figure].as_f64().is_some_and(|figure| figure > 0.0), "{figure}: {came}");
    }
    for when in ["at_rest", "under_load"] {
        let requests = came[when]["requests"].as_array().unwrap();
        let list = requests.iter().find(|request| request["path"] == "/api/payments?limit=100").unwrap();
        assert!(list["bytes"].as_u64().is_some_and(|bytes| bytes > 10_000), "a hundred rows: {list}");
        assert!(requests.iter().all(|request| request["times"]["bare_p50_ms"].as_f64().unwrap() > 0.0));
    }
    // Two seconds of warming up and two that are measured.
    let stream = &came["stream"];
    assert_eq!(stream["sales_sent"], 80, "{stream}");
    assert_eq!(stream["sales_told"], 80, "{stream}");
    assert_eq!((&came["sales"]["offered"], &came["sales"]["refused"]), (&40.into(), &0.into()));
    assert_eq!(came["sales_while_building"]["answered"], 40);
    // The store that was kept is used again, with what was sold since.
    let again = run(Command::new(HEFU).args(bench).args(load), "");
    assert_eq!(again.json()["index"]["payments"], 2_160, "{again:?}");
}

#[test]
fn more_open_payments_than_payments_are_refused() {
    let ran = run(Command::new(HEFU).args(["bench", "console", "--payments", "10", "--open", "11"]), "");
    assert_eq!(ran.code, Some(2), "{ran:?}");
}
