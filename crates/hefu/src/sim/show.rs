//! What a run of the simulator shows on the screen.

use super::{Args, CoverageMode, Outcome};
use crate::Context;
use hefu_world::sim::{Shrunk, name};
use serde_json::{Map, Value, json};

/// Violations and findings that are printed; the others are counted.
const MOST_SHOWN: usize = 20;

pub fn show(context: &Context, args: &Args, outcome: &Outcome) {
    if context.json { say!("{}", data(outcome)) } else { words(args, outcome) }
}

fn words(args: &Args, outcome: &Outcome) {
    let Outcome { sum, seconds, shrunk, findings } = outcome;
    if args.coverage == Some(CoverageMode::Table) {
        say!("{}", sum.coverage);
    }
    for finding in findings.iter().flatten().take(MOST_SHOWN) {
        say!("coverage: {finding}");
    }
    if let Some(findings) = findings {
        let (struck, expected) = sum.coverage.reached();
        say!("coverage: {struck} of {expected} cells struck, {} not as listed", findings.len());
    }
    for violation in sum.violations.iter().take(MOST_SHOWN) {
        say!("{violation}\n  {}", violation.replay());
    }
    for shrunk in shrunk {
        say!("{}", smallest(shrunk));
    }
    if sum.healing.settled() > 0 {
        say!("from \"unknown\" to settled, while the bank could be reached:\n{}", sum.healing);
        let share = 100.0 * sum.healing.share_within_a_minute();
        say!("{share:.2} % of {} settled within 60 s", sum.healing.settled());
    }
    let simulated = sum.simulated as f64 / 1_000.0;
    let (pace, speed) = (simulated / seconds.max(0.001), sum.worlds as f64 / seconds.max(0.001));
    say!(
        "{} worlds, {} payments, {} crashes of the gateway, {} events; {:.1} simulated days in {seconds:.1} s: \
         {speed:.0} worlds/s, {pace:.0} times as fast as life; {} violations",
        sum.worlds,
        sum.payments,
        sum.crashes,
        sum.events,
        simulated / 86_400.0,
        sum.violations.len()
    );
}

fn smallest(shrunk: &Shrunk) -> String {
    let Shrunk { violation, runs, smallest, before, after } = shrunk;
    let parts = |[faults, deeds, strikes]: [usize; 3]| {
        format!("{faults} kinds of fault, {deeds} deeds, {strikes} strikes")
    };
    let how = if *smallest { "nothing more can be left out" } else { "the runs were used up" };
    format!(
        "made small in {runs} runs ({how}): from {} to {}\n  {violation}\n  {}",
        parts(*before),
        parts(*after),
        violation.replay()
    )
}

fn data(outcome: &Outcome) -> Value {
    let Outcome { sum, seconds, shrunk, findings } = outcome;
    let violations: Vec<Value> = sum
        .violations
        .iter()
        .map(|violation| {
            json!({ "seed": violation.setting.seed, "rule": violation.rule, "what": violation.what,
                "at": violation.at.to_string(), "replay": violation.replay() })
        })
        .collect();
    let coverage: Map<String, Value> = sum
        .coverage
        .rows()
        .map(|(place, faults)| {
            let counts = faults.iter().map(|(fault, count)| (fault.name().to_owned(), (*count).into()));
            (name(place), Value::Object(counts.collect()))
        })
        .collect();
    let shrunk: Vec<Value> = shrunk
        .iter()
        .map(|shrunk| {
            json!({ "seed": shrunk.violation.setting.seed, "runs": shrunk.runs,
            "replay": shrunk.violation.replay() })
        })
        .collect();
    let healing: Vec<Value> =
        sum.healing.classes().map(|(end, count)| json!({ "within_ms": end, "count": count })).collect();
    let findings =
        findings.as_ref().map(|findings| findings.iter().map(ToString::to_string).collect::<Vec<_>>());
    json!({ "worlds": sum.worlds, "payments": sum.payments, "events": sum.events, "outputs": sum.outputs,
        "crashes": sum.crashes, "simulated_seconds": sum.simulated as f64 / 1_000.0, "seconds": seconds,
        "violations": violations, "smallest": shrunk, "coverage": coverage, "findings": findings,
        "settled": healing, "waiting": sum.healing.waiting,
        "silent_for_minutes": sum.healing.silent })
}
