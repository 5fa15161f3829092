//! What a run of the simulator leaves as evidence.

use super::{Args, CrashAt, Outcome};
use hefu_world::sim::Violation;
use serde_json::{Value, json};

/// The line of a run, but for the commit and the time.
pub fn line(args: &Args, outcome: &Outcome) -> Value {
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
        "from": args.from, "seeds": args.seeds, "worlds": sum.worlds,
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
        let line = line(&args, &outcome);
        // (field, value)
        let cases = [
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
}
