//! `hefu explore`: goes through everything that can happen in small worlds.

use crate::{Context, Failure};
use hefu_world::small::{Bounds, Report, SCENARIOS, Scenario, explore};
use std::{
    cmp::Reverse,
    fs,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Mutex, mpsc},
    thread::{self, available_parallelism},
    time::Instant,
};

#[derive(clap::Args)]
pub struct Args {
    /// This scenario only; all of them when not given.
    #[arg(long)]
    scenario: Option<String>,
    /// So many faults in each scenario, instead of its own number.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=5))]
    faults: Option<u8>,
    /// The quick set: fewer faults.
    #[arg(long, conflicts_with = "faults")]
    quick: bool,
    /// So many threads; as many as there are cores when not given.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// The most states of one scenario; more end the search, which is then not complete.
    #[arg(long, default_value_t = Bounds::default().states, value_parser = most_states)]
    most_states: usize,
    /// Append what came of it to this file, as one line of JSON.
    #[arg(long)]
    evidence: Option<PathBuf>,
}

fn most_states(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(states @ 1..=100_000_000) => Ok(states),
        Ok(_) | Err(_) => Err("expected a number from 1 to 100000000".to_owned()),
    }
}

/// One scenario, and how long it took.
struct Done {
    report: Report,
    seconds: f64,
    /// Seconds on the processor, where one thread did it and the system tells.
    cpu: Option<f64>,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let scenarios = chosen(args.scenario.as_deref())?;
    let threads = args.threads.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let bounds = Bounds { states: args.most_states, ..Bounds::default() };
    let mut all = Vec::new();
    if !context.json {
        say!(
            "{:<14} {:>6} {:>10} {:>10} {:>11} {:>7} {:>8} {:>8}",
            "scenario",
            "faults",
            "states",
            "merged",
            "schedules",
            "deepest",
            "seconds",
            "cpu"
        );
    }
    // One scenario on all threads, or one thread for each scenario, those with the most to do first.
    let (workers, threads) = if scenarios.len() == 1 { (1, threads) } else { (threads, 1) };
    let queue = Mutex::new(scenarios.into_iter());
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let tell = tell.clone();
            scope.spawn(|| {
                let tell = tell;
                while let Some(scenario) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                    let faults =
                        args.faults.unwrap_or(if args.quick { scenario.quick } else { scenario.faults });
                    let (started, ran) = (Instant::now(), on_the_processor());
                    let report = explore(scenario, faults, threads, bounds);
                    let seconds = started.elapsed().as_secs_f64();
                    let cpu = on_the_processor().zip(ran).map(|(now, before)| now - before);
                    // Who listens lives as long as this scope.
                    let _ = tell.send(Done { report, seconds, cpu: cpu.filter(|_| threads == 1) });
                }
            });
        }
        drop(tell);
        for done in told {
            if !context.json {
                show(&done);
            }
            all.push(done);
        }
    });
    if let (false, Some(peak)) = (context.json, peak_mib()) {
        say!("peak memory {peak} MiB");
    }
    let evidence = json(&all);
    if context.json {
        say!("{evidence}");
    }
    if let Some(path) = &args.evidence {
        crate::evidence::append(path, evidence)?;
    }
    let broken = all.iter().filter(|done| !done.report.is_clean()).count();
    if broken > 0 {
        return Err(Failure::found(format!("{broken} of {} scenarios are not clean", all.len())));
    }
    Ok(())
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Scenario>, Failure> {
    let mut found: Vec<&Scenario> =
        SCENARIOS.iter().filter(|scenario| name.is_none_or(|name| scenario.name == name)).collect();
    if found.is_empty() {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        return Err(Failure::misuse(format!("--scenario: one of {}", names.join(", "))));
    }
    let steps =
        |scenario: &Scenario| scenario.stations.iter().map(|station| station.steps.len()).sum::<usize>();
    found.sort_by_key(|scenario| Reverse((scenario.stations.len(), steps(scenario), scenario.faults)));
    Ok(found)
}

/// Seconds that this thread was on a processor; none where the system does not say.
fn on_the_processor() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse::<u64>().ok().map(|nanos| nanos as f64 / 1e9)
}

/// The most memory that this process had, in MiB; none where the system does not say.
fn peak_mib() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1_024)
}

fn show(done: &Done) {
    let Done { report, seconds, cpu } = done;
    let cpu = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.1}"));
    let Report { scenario, faults, states, merged, moves, deepest, ends, violation, bound } = report;
    say!(
        "{scenario:<14} {faults:>6} {states:>10} {merged:>10} {moves:>11} {deepest:>7} {seconds:>8.1} {cpu:>8}"
    );
    say!("    {} ends match", ends.matched);
    for (reason, count) in &ends.waiting {
        say!("    {count} wait: {reason}");
    }
    if let Some(bound) = bound {
        say!("    NOT COMPLETE: the bound on {bound} was reached");
    }
    if let Some(violation) = violation {
        say!("    BROKEN {violation}");
    }
}

fn json(all: &[Done]) -> serde_json::Value {
    let scenarios: Vec<_> = all
        .iter()
        .map(|Done { report, seconds, cpu }| {
            let violation = report.violation.as_ref().map(|violation| {
                serde_json::json!({ "rule": violation.rule, "what": violation.what, "path": violation.path })
            });
            serde_json::json!({ "scenario": report.scenario, "faults": report.faults, "states": report.states,
                "merged": report.merged, "schedules": report.moves, "deepest": report.deepest,
                "seconds": seconds, "cpu_seconds": cpu, "matched": report.ends.matched, "waiting": report.ends.waiting,
                "bound": report.bound, "violation": violation })
        })
        .collect();
    let violations = all.iter().filter(|done| done.report.violation.is_some()).count();
    serde_json::json!({ "command": "explore", "scenarios": scenarios, "peak_mib": peak_mib(), "violations": violations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_its_name_and_no_name_means_all() {
        // (what is given, how many are chosen)
        let cases = [(None, Some(SCENARIOS.len())), (Some("sale"), Some(1)), (Some("no such"), None)];
        for (name, expected) in cases {
            assert_eq!(chosen(name).ok().map(|found| found.len()), expected, "{name:?}");
        }
    }
}
