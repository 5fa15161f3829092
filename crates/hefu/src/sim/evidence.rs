//! The evidence file: one JSON line for each run, whatever came of it.

use super::{Args, CrashAt, Outcome};
use crate::Failure;
use hefu_world::sim::Violation;
use serde_json::{Value, json};
use std::{fs::OpenOptions, io::Write, path::Path, process::Command};

/// Appends this run's line to the file, which is made if it is not there.
pub fn append(file: &Path, args: &Args, outcome: &Outcome) -> Result<(), Failure> {
    let line = line(&commit(), &jiff::Timestamp::now().to_string(), args, outcome);
    let failed = |error| Failure::found(format!("{}: {error}", file.display()));
    let mut file = OpenOptions::new().create(true).append(true).open(file).map_err(failed)?;
    // In one piece, so that two runs never share a line.
    file.write_all(format!("{line}\n").as_bytes()).map_err(failed)
}

fn line(commit: &str, at: &str, args: &Args, outcome: &Outcome) -> Value {
    let Outcome { sum, seconds, shrunk, findings } = outcome;
    let smallest = |violation: &Violation| {
        let of = |seed| shrunk.iter().find(move |shrunk| shrunk.violation.setting.seed == seed);
        of(violation.setting.seed).map(|shrunk| shrunk.violation.replay())
    };
    let violations: Vec<Value> = sum
        .violations
        .iter()
        .map(|violation| {
            json!({ "seed": violation.setting.seed, "rule": violation.rule, "what": violation.what,
                "replay": violation.replay(), "smallest": smallest(violation) })
        })
        .collect();
    let coverage = findings.as_ref().map(|findings| {
        let (struck, expected) = sum.coverage.reached();
        json!({ "struck": struck, "expected": expected, "findings": findings.len() })
    });
    let crash_at = args.crash_at.map(|at| match at {
        CrashAt::Every => "every".to_owned(),
        CrashAt::Output(output) => output.to_string(),
    });
    let without: Vec<String> = args.without.iter().map(ToString::to_string).collect();
    json!({
        "commit": commit, "at": at, "from": args.from, "seeds": args.seeds, "worlds": sum.worlds,
        "payments": sum.payments, "crashes": sum.crashes, "violations": violations, "seconds": round(*seconds),
        "worlds_per_second": round(sum.worlds as f64 / seconds.max(0.001)), "coverage": coverage,
        "in_doubt": { "settled": sum.healing.settled(), "within_60_s": sum.healing.within_a_minute(),
            "share_within_60_s": sum.healing.share_within_a_minute(), "waiting": sum.healing.waiting,
            "silent_for_minutes": sum.healing.silent },
        "calm": args.calm, "crash_at": crash_at, "without": without,
    })
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The commit of the tree that we stand in, with `+dirty` when something in it was changed since, evidence aside.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(head) = git(&["rev-parse", "HEAD"]) else { return "unknown".to_owned() };
    let clean =
        git(&["status", "--porcelain", "--", ".", ":!docs/evidence"]).is_some_and(|list| list.is_empty());
    if clean { head } else { format!("{head}+dirty") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use hefu_world::sim::{Setting, many};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn a_run_leaves_one_line_with_all_that_is_needed_to_repeat_it() {
        let args = Cli::parse_from(["sim", "--from", "3", "--seeds", "2", "--without", "line-cut"]).args;
        let worlds: Vec<Setting> = (3..5).map(|seed| args.setting(seed)).collect();
        let outcome =
            Outcome { sum: many(&worlds, 1, &|_| {}), seconds: 0.5, shrunk: Vec::new(), findings: None };
        let line = line("abc+dirty", "2026-11-22T00:00:00Z", &args, &outcome);
        // (field, value)
        let cases = [
            ("commit", json!("abc+dirty")),
            ("from", json!(3)),
            ("worlds", json!(2)),
            ("worlds_per_second", json!(4.0)),
            ("violations", json!([])),
            ("coverage", json!(null)),
            ("without", json!(["line-cut"])),
        ];
        for (field, expected) in cases {
            assert_eq!(line[field], expected, "{field}");
        }
        assert!(line["payments"].as_u64() > Some(0));
        assert!(!line.to_string().contains('\n'), "it is one line");
    }

    #[test]
    fn lines_are_appended_and_none_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sim.jsonl");
        let args = Cli::parse_from(["sim", "--seeds", "1"]).args;
        let outcome =
            Outcome { sum: many(&[], 1, &|_| {}), seconds: 0.0, shrunk: Vec::new(), findings: None };
        for count in 1..=3 {
            append(&file, &args, &outcome).unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(read.len(), count);
            assert!(read.iter().all(|line| line["commit"].is_string()));
        }
    }
}
