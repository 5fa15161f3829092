//! `hefu sim`: runs seeds of the simulator.

mod evidence;
mod outage;
mod progress;
mod show;

use crate::{Context, Failure};
use hefu_world::sim::{
    Crash, Finding, MOST_BACKLOG, MOST_HOURS, Part, Report, Setting, Shrunk, Sum, Without, crash_at_every,
    many, run as live, shrink,
};
use progress::Progress;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread::available_parallelism,
    time::Instant,
};

/// Violations that are made small.
const MOST_SHRUNK: usize = 3;

#[derive(clap::Args)]
pub struct Args {
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    seeds: u64,
    /// Print what happens, a line for each event; one seed only.
    #[arg(long, conflicts_with_all = ["coverage", "svg", "evidence", "settles"])]
    trace: bool,
    /// Count which fault struck which state of a payment: print the table, or check it against the list of cells that
    /// cannot be reached.
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "table")]
    coverage: Option<CoverageMode>,
    /// Draw the table of states and faults into this file, as SVG.
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Append a line about this run to this file, as JSON.
    #[arg(long)]
    evidence: Option<PathBuf>,
    /// Crash the gateway before this output of the engine, or at `every` one: each seed is run once for each.
    #[arg(long, value_parser = crash_at)]
    crash_at: Option<CrashAt>,
    /// With `--crash-at every`: at most so many outputs of each seed, spread over its whole run.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    outputs: u64,
    /// No faults but those of the test cards and the crash that is asked for.
    #[arg(long)]
    calm: bool,
    /// Leave these parts out of the world: faults (`line-cut`), terminals (`terminal-1`), deeds of their cashiers
    /// (`deed-1.3`), single times that a fault happens (`strike-17`).
    #[arg(long, value_delimiter = ',')]
    without: Vec<Part>,
    /// Fail when a smaller share of unknown payments than this, in per cent, settles within a minute in which the bank
    /// can be reached.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    settles: Option<u8>,
    /// Do not look for the smallest part of a world that breaks a rule.
    #[arg(long)]
    no_shrink: bool,
    /// Instead of seeds: the bank is out of reach for so many hours, with a backlog of unknown payments.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_HOURS)),
        conflicts_with_all = ["seeds", "trace", "coverage", "svg", "crash_at", "outputs", "calm", "without", "settles",
            "no_shrink", "threads"])]
    outage: Option<u32>,
    /// With `--outage`: how many payments are unknown.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_BACKLOG)),
        requires = "outage")]
    backlog: u32,
    /// So many seeds at a time; as many as there are cores when not given.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

/// What is done with the counts of states and faults.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum CoverageMode {
    Table,
    Check,
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

/// What came of a run.
struct Outcome {
    sum: Sum,
    seconds: f64,
    shrunk: Vec<Shrunk>,
    /// Where the counts are not as listed; none when nobody asked for the check.
    findings: Option<Vec<Finding>>,
}

impl Args {
    fn setting(&self, seed: u64) -> Setting {
        let crash = match self.crash_at {
            Some(CrashAt::Output(output)) => Crash::At(output),
            Some(CrashAt::Every) | None => Crash::ByChance,
        };
        let coverage = self.coverage.is_some() || self.svg.is_some();
        let without: Without = self.without.iter().copied().collect();
        Setting { crash, calm: self.calm, coverage, without, ..Setting::of(seed) }
    }
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let end =
        args.from.checked_add(args.seeds).ok_or_else(|| Failure::misuse("--from and --seeds: too far"))?;
    if let Some(hours) = args.outage {
        return outage::run(context, args, hours);
    }
    if args.trace {
        return trace(args);
    }
    let outcome = live_through(context, args, end)?;
    show::show(context, args, &outcome);
    if let Some(file) = &args.svg {
        draw(file, &outcome.sum)?;
    }
    if let Some(file) = &args.evidence {
        crate::evidence::append(file, evidence::line(args, &outcome))?;
    }
    let broken = outcome.sum.violations.len();
    let findings = outcome.findings.map_or(0, |findings| findings.len());
    let share = outcome.sum.healing.share_within_a_minute() * 100.0;
    match (broken, findings) {
        (0, 0) if args.settles.is_some_and(|least| share < f64::from(least)) => {
            Err(Failure::found(format!("only {share:.2} % of what was unknown settled within a minute")))
        }
        (0, 0) => Ok(()),
        (0, cells) => Err(Failure::found(format!("{cells} cells of the coverage are not as listed"))),
        (worlds, _) => Err(Failure::found(format!("{worlds} of {} worlds broke a rule", outcome.sum.worlds))),
    }
}

fn live_through(context: &Context, args: &Args, end: u64) -> Result<Outcome, Failure> {
    let threads = args.threads.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let started = Instant::now();
    let progress = Progress::of(context, (args.crash_at != Some(CrashAt::Every)).then_some(args.seeds))?;
    let lived = |report: &Report| progress.lived(report);
    let mut sum = Sum::default();
    if args.crash_at == Some(CrashAt::Every) {
        for seed in args.from..end {
            sum.add_all(crash_at_every(&args.setting(seed), args.outputs, threads, &lived));
        }
    } else {
        let worlds: Vec<Setting> = (args.from..end).map(|seed| args.setting(seed)).collect();
        sum = many(&worlds, threads, &lived);
    }
    progress.end();
    let seconds = started.elapsed().as_secs_f64();
    let wanted = if args.no_shrink { 0 } else { MOST_SHRUNK };
    let shrunk = sum.violations.iter().take(wanted).map(shrink).collect();
    let findings = (args.coverage == Some(CoverageMode::Check)).then(|| sum.coverage.findings());
    Ok(Outcome { sum, seconds, shrunk, findings })
}

fn draw(file: &Path, sum: &Sum) -> Result<(), Failure> {
    let drawn = std::fs::write(file, sum.coverage.svg());
    drawn.map_err(|error| Failure::found(format!("{}: {error}", file.display())))
}

/// One world, told line by line.
fn trace(args: &Args) -> Result<(), Failure> {
    if args.seeds != 1 || args.crash_at == Some(CrashAt::Every) {
        return Err(Failure::misuse("--trace shows one world: give --seeds 1, and no --crash-at every"));
    }
    let report = live(&args.setting(args.from), Some(Box::new(|line: &str| say!("{line}"))));
    match report.violation {
        None => Ok(()),
        Some(violation) => Err(Failure::found(violation)),
    }
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
