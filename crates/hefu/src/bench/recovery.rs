//! `hefu bench recovery`: how long a gateway's node takes from nothing to the first sale answered, over a store with a
//! long history and many open payments.

mod first;
pub mod past;
mod sample;

use super::parties::Scratch;
use crate::{Context, Failure};
use first::Came;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// The first sale shall be answered within so many milliseconds.
const TARGET: f64 = 5_000.0;

#[derive(clap::Args)]
pub struct Args {
    /// Payments of the past.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    payments: u64,
    /// How many of them are open: four in ten under reversal, the others wait for the merchant or for clearing.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(0..=400_000))]
    open: u64,
    /// Makes the store here and leaves it; one that is there already is used as it is.
    #[arg(long)]
    keep: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct FirstArgs {
    /// The store that a node is opened over.
    #[arg(long)]
    at: PathBuf,
}

/// Fills a store, then measures in a process of its own, so that its memory is the node's alone.
pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if args.open > args.payments {
        return Err(Failure::misuse("--open is more than --payments"));
    }
    let scratch = Scratch::new()?;
    let path = args.keep.clone().unwrap_or_else(|| scratch.path().join("hefu.db"));
    let began = Instant::now();
    let there = path.exists();
    if !there {
        eprintln!("bench: writing {} payments, {} of them open", args.payments, args.open);
        past::fill(&path, args.payments, args.open, past::with_reversals)?;
    }
    let filled = (!there).then(|| began.elapsed().as_secs_f64());
    let bytes = std::fs::metadata(&path).map_err(Failure::found)?.len();
    let came = measure(&path)?;
    report(context, args, filled, bytes, &came);
    if came.first_ms <= TARGET {
        Ok(())
    } else {
        Err(Failure::found(format!(
            "the first sale took {:.0} ms; the target is {TARGET:.0} ms",
            came.first_ms
        )))
    }
}

/// The other side: opens the node, and prints what it measured.
pub fn first(args: &FirstArgs) -> Result<(), Failure> {
    let came = first::measure(&args.at)?;
    say!("{}", serde_json::to_string(&came).map_err(Failure::found)?);
    Ok(())
}

fn measure(path: &Path) -> Result<Came, Failure> {
    let program = std::env::current_exe().map_err(Failure::found)?;
    let mut command = Command::new(program);
    command.args(["bench", "first", "--at"]).arg(path).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(Failure::found)?;
    if !output.status.success() {
        return Err(Failure::found("the process that was measured failed"));
    }
    serde_json::from_slice(&output.stdout).map_err(Failure::found)
}

fn report(context: &Context, args: &Args, filled: Option<f64>, bytes: u64, came: &Came) {
    let times = came.first_ms / came.bare_ms.max(0.001);
    if context.json {
        return say!(
            "{}",
            serde_json::json!({ "payments": args.payments, "open": args.open, "filled_s": filled,
                "store_bytes": bytes, "came": came, "times_the_yardstick": times, "target_ms": TARGET })
        );
    }
    if let Some(seconds) = filled {
        say!("{} payments written in {seconds:.0} s; the store has {} MB", args.payments, bytes >> 20);
    }
    say!("a bare open and one indexed read   {:>10.1} ms", came.bare_ms);
    say!("the store opened                   {:>10.1} ms", came.opened_ms);
    say!("the node started                   {:>10.1} ms", came.started_ms);
    say!("the first sale answered            {:>10.1} ms, {times:.0} times the yardstick", came.first_ms);
    say!("every open reversal answered       {:>10.1} ms, {} of them", came.reversed_ms, came.reversals);
    say!("memory: {} MB after the first sale, {} MB at its peak", came.first_megabytes, came.peak_megabytes);
    say!("the files were in the system's cache: they had just been written or read");
}
