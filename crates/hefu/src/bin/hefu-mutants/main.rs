//! `hefu-mutants`: the proof of the proof. Makes each planted mistake of `hefu-mutant` in a process of its own, lives
//! through the simulator's worlds until one of its rules catches it, and says which. A mistake that survives is a
//! hole in the checks.
//!
//! Three ways to be caught, in this order: a rule that a world breaks; something that ordinarily happens in the worlds
//! and now never does ([`signs`]: so mistakes of the generator are judged, and mistakes after which nothing works any
//! more, safely); a direct check of a part that no world can judge by its nature ([`checks`]).
//!
//! Every run begins with a process that makes no mistake, in which nothing may be caught, and with the canary, which
//! must be caught in the first worlds. Exit codes: 0 good, 1 something survived, 2 misuse.

mod checks;
mod life;
mod report;
mod signs;

use clap::Parser;
use hefu_mutant::{Listed, TABLE};
use life::{Life, Orders};
use std::{
    io::Write,
    num::NonZeroUsize,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

/// The mistake that everything must catch, at once.
const CANARY: &str = "SpeaksBeforeTheCommit";
/// In so many worlds.
const CANARY_WORLDS: u64 = 5;

/// Makes each planted mistake and says which check catches it.
#[derive(Parser)]
#[command(name = "hefu-mutants")]
struct Args {
    /// Only this one, beside the canary; may be given several times.
    #[arg(long, value_parser = listed)]
    only: Vec<&'static Listed>,
    /// At most so many worlds for each.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seeds: u64,
    /// So many worlds at a time.
    #[arg(long, default_value_t = NonZeroUsize::MIN.saturating_add(1))]
    threads: NonZeroUsize,
    /// Live one life by the orders on standard input. For this program's own use.
    #[arg(long, hide = true)]
    live: bool,
}

fn listed(name: &str) -> Result<&'static Listed, String> {
    TABLE.iter().find(|listed| listed.name == name).ok_or_else(|| "there is no such mistake".to_owned())
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{doing}: {source}")]
    Process { doing: &'static str, source: std::io::Error },
    #[error("the process that makes {mutant} said nothing that can be read: {source}")]
    Life { mutant: String, source: serde_json::Error },
    #[error("{0} was chosen already, or is not listed")]
    NotChosen(String),
    #[error("without any mistake something is caught: {0}")]
    FalseAlarm(String),
    #[error("the canary {CANARY} was not caught in {CANARY_WORLDS} worlds: nothing here proves anything")]
    DeadCanary,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = if args.live { life::live() } else { run(&args) };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("hefu-mutants: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every mistake was caught.
fn run(args: &Args) -> Result<bool, Failure> {
    let started = Instant::now();
    let orders = Orders {
        mutant: None,
        seeds: args.seeds,
        threads: args.threads.get(),
        usual: signs::Signs::default(),
    };
    let sound = order(&orders)?;
    if let Some(catch) = &sound.caught {
        return Err(Failure::FalseAlarm(catch.to_string()));
    }
    println!("no mistake: nothing caught in {} worlds, {:.1} s", sound.worlds, sound.seconds);
    let orders = Orders { usual: sound.signs, ..orders };
    let canary = Orders { mutant: Some(CANARY.to_owned()), seeds: CANARY_WORLDS, ..orders.clone() };
    let canary = order(&canary)?.caught.ok_or(Failure::DeadCanary)?;
    println!("canary {CANARY}: {canary}\n");
    let chosen: Vec<&Listed> = if args.only.is_empty() { TABLE.iter().collect() } else { args.only.clone() };
    report::head();
    let mut survivors = Vec::new();
    for listed in &chosen {
        let life = order(&Orders { mutant: Some(listed.name.to_owned()), ..orders.clone() })?;
        report::row(listed, &life);
        if life.caught.is_none() {
            survivors.push(*listed);
        }
    }
    report::end(chosen.len(), &survivors, started.elapsed().as_secs_f64());
    Ok(survivors.is_empty())
}

/// Has another process of this program live one life.
fn order(orders: &Orders) -> Result<Life, Failure> {
    let mutant = || orders.mutant.clone().unwrap_or_else(|| "no mistake".to_owned());
    let process = |doing| move |source| Failure::Process { doing, source };
    let unreadable = |source| Failure::Life { mutant: mutant(), source };
    let own = std::env::current_exe().map_err(process("finding this program"))?;
    let mut command = Command::new(own);
    command.arg("--live").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(process("starting a process"))?;
    let text = serde_json::to_vec(orders).map_err(unreadable)?;
    // The pipe is closed when it is dropped: the orders end there.
    let mut pipe = child.stdin.take().expect("its standard input is a pipe");
    pipe.write_all(&text).map_err(process("giving orders"))?;
    drop(pipe);
    let output = child.wait_with_output().map_err(process("waiting for a process"))?;
    let text = output.stdout;
    if text.is_empty() {
        // A mistake may end its process: a stack that overflows, memory that is used up.
        return Ok(Life::ended_by(output.status));
    }
    serde_json::from_slice(&text).map_err(unreadable)
}
