//! `hefu sim`: runs seeds of the simulator.

use crate::{Context, Failure};
use hefu_world::sim::{Crash, Report, Setting, Sum, Violation, crash_at_every, many, run as live};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{num::NonZeroUsize, thread::available_parallelism, time::Instant};

/// Violations that are printed; the others are counted.
const MOST_SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct Args {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    seeds: u64,
    /// Print what happens, a line for each event; one seed only.
    #[arg(long)]
    trace: bool,
    /// Count which fault struck which state of a payment, and print the table.
    #[arg(long)]
    coverage: bool,
    /// Crash the gateway before this output of the engine, or at `every` one: each seed is run once for each.
    #[arg(long, value_parser = crash_at)]
    crash_at: Option<CrashAt>,
    /// With `--crash-at every`: at most so many outputs of each seed, spread over its whole run.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    outputs: u64,
    /// No faults but those of the test cards and the crash that is asked for.
    #[arg(long)]
    calm: bool,
    /// So many seeds at a time; as many as there are cores when not given.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum CrashAt {
    Every,
    Output(u64),
}

fn crash_at(text: &str) -> Result<CrashAt, String> {
    match text {
        "every" => Ok(CrashAt::Every),
        number => match number.parse() {
            Ok(output) => Ok(CrashAt::Output(output)),
            Err(_) => Err("expected `every` or the number of an output".to_owned()),
        },
    }
}

impl Args {
    fn setting(&self, seed: u64) -> Setting {
        let crash = match self.crash_at {
            Some(CrashAt::Output(output)) => Crash::At(output),
            Some(CrashAt::Every) | None => Crash::ByChance,
        };
        Setting { crash, calm: self.calm, coverage: self.coverage, ..Setting::of(seed) }
    }
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let end =
        args.from.checked_add(args.seeds).ok_or_else(|| Failure::misuse("--from and --seeds: too far"))?;
    if args.trace {
        return trace(args);
    }
    let threads = args.threads.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let started = Instant::now();
    let bar = bar(context, args)?;
    let progress = |report: &Report| {
        bar.inc(1);
        if let Some(violation) = &report.violation {
            bar.suspend(|| eprintln!("{violation}\n  {}", replay(args, violation)));
        }
    };
    let mut sum = Sum::default();
    if args.crash_at == Some(CrashAt::Every) {
        for seed in args.from..end {
            sum.add_all(crash_at_every(&args.setting(seed), args.outputs, threads, &progress));
        }
    } else {
        let worlds: Vec<Setting> = (args.from..end).map(|seed| args.setting(seed)).collect();
        sum = many(&worlds, threads, &progress);
    }
    bar.finish_and_clear();
    show(context, args, &sum, started.elapsed().as_secs_f64());
    match sum.violations.len() {
        0 => Ok(()),
        found => Err(Failure::found(format!("{found} of {} worlds broke a rule", sum.worlds))),
    }
}

/// One world, told line by line.
fn trace(args: &Args) -> Result<(), Failure> {
    if args.seeds != 1 || args.crash_at == Some(CrashAt::Every) {
        return Err(Failure::misuse("--trace shows one world: give --seeds 1, and no --crash-at every"));
    }
    let report = live(&args.setting(args.from), Some(Box::new(|line: &str| println!("{line}"))));
    match report.violation {
        None => Ok(()),
        Some(violation) => Err(Failure::found(violation)),
    }
}

fn replay(args: &Args, violation: &Violation) -> String {
    let calm = if args.calm { " --calm" } else { "" };
    format!("{}{calm}", violation.replay())
}

fn bar(context: &Context, args: &Args) -> Result<ProgressBar, Failure> {
    let known = args.crash_at != Some(CrashAt::Every);
    let bar = if known { ProgressBar::new(args.seeds) } else { ProgressBar::new_spinner() };
    if context.json {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = if known {
        "  {bar:30.green} {pos}/{len} worlds, {per_sec}, {eta} left"
    } else {
        "  {spinner} {pos} worlds, {per_sec}"
    };
    bar.set_style(ProgressStyle::with_template(template).map_err(Failure::found)?);
    Ok(bar)
}

fn show(context: &Context, args: &Args, sum: &Sum, seconds: f64) {
    let simulated = sum.simulated as f64 / 1_000.0;
    let pace = if seconds > 0.0 { simulated / seconds } else { 0.0 };
    let speed = if seconds > 0.0 { sum.worlds as f64 / seconds } else { 0.0 };
    if context.json {
        let violations: Vec<_> = sum
            .violations
            .iter()
            .map(|violation| {
                serde_json::json!({ "seed": violation.seed, "rule": violation.rule, "what": violation.what,
                    "at": violation.at.to_string(), "replay": replay(args, violation) })
            })
            .collect();
        let coverage: serde_json::Map<_, _> = sum
            .coverage
            .rows()
            .map(|(state, faults)| {
                let counts = faults.iter().map(|(fault, count)| (fault.name().to_owned(), (*count).into()));
                (state.to_owned(), serde_json::Value::Object(counts.collect()))
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({ "worlds": sum.worlds, "payments": sum.payments, "events": sum.events,
                "outputs": sum.outputs, "crashes": sum.crashes, "simulated_seconds": simulated,
                "seconds": seconds, "violations": violations, "coverage": coverage })
        );
        return;
    }
    if args.coverage {
        println!("{}", sum.coverage);
    }
    for violation in sum.violations.iter().take(MOST_SHOWN) {
        println!("{violation}\n  {}", replay(args, violation));
    }
    println!(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_asked_for_by_number_or_at_every_output() {
        // (what is given, what it means)
        let cases =
            [("every", Some(CrashAt::Every)), ("0", Some(CrashAt::Output(0))), ("-1", None), ("", None)];
        for (text, expected) in cases {
            assert_eq!(crash_at(text).ok(), expected, "{text:?}");
        }
    }
}
