//! `cargo xtask <task>`: see `cargo xtask --help`.

use clap::{Parser, Subcommand};
use std::process::{Command, ExitCode};
use std::time::Duration;
use xtask::refusal::Refusal;
use xtask::setup::{self, Tools};
use xtask::steps::{self, Steps};
use xtask::{licences, testing, workspace};

/// Everything that is done to the project. Exit codes: 0 good, 1 something failed, 2 misuse.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start the whole platform with a simulated world. Arguments go to `hefu demo`.
    Demo(Passed),
    /// Set up, then run all tests. Arguments go to `cargo test`.
    Test(Passed),
    /// Make the Python environment that some tests need (HEFU_TOOLS, else target/py).
    Setup,
    /// What must pass before a change is taken: format, lints, licences, all tests.
    Ci,
    /// Check that every package we build with has a licence that we accept.
    Licences,
    /// Measure: the benchmarks of functions, then the platform under load. Arguments go to `cargo bench`.
    Bench(Passed),
    /// What takes too long for every change.
    Nightly,
}

#[derive(clap::Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Passed {
    /// With the leading `--` that clap takes for itself, but that divides cargo's own arguments from others.
    fn for_cargo(self) -> Vec<String> {
        let divider = std::env::args().nth(2).filter(|word| word == "--");
        divider.into_iter().chain(self.arguments).collect()
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Demo(passed) => return demo(&passed.arguments),
        Task::Test(passed) => Ok(test(&passed.for_cargo())),
        Task::Setup => set_up().map(|python| python.is_some()),
        Task::Ci => Ok(ci()),
        Task::Licences => check_licences(),
        Task::Bench(passed) => Ok(bench(&passed.for_cargo())),
        Task::Nightly => Ok(nightly()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(refusal) => refused(&refusal),
    }
}

/// The demo takes our place, so that its exit code and the keys pressed are its own.
fn demo(arguments: &[String]) -> ExitCode {
    let mut command = hefu(&["demo"]);
    command.args(arguments);
    steps::say(&command);
    become_command(command)
}

fn test(extra: &[String]) -> bool {
    let mut steps = Steps::default();
    let mut python = None;
    steps.step("set-up", None, || {
        python = set_up()?;
        Ok(python.is_some())
    });
    steps.step("tests", None, || testing::run(extra, python.as_deref()));
    close(&steps)
}

fn ci() -> bool {
    let mut steps = Steps::default();
    steps.step("format", seconds(15), || steps::run(workspace::cargo().args(["fmt", "--all", "--check"])));
    steps.step("lints", seconds(600), || {
        // The tests' profile, so that build scripts and macros are built once for both.
        let scope = ["clippy", "--workspace", "--all-targets", "--release", "--locked"];
        steps::run(workspace::cargo().args(scope).args(["--", "-D", "warnings"]))
    });
    steps.step("licences", seconds(30), check_licences);
    let mut python = None;
    steps.step("set-up", seconds(60), || {
        python = set_up()?;
        Ok(python.is_some())
    });
    steps.step("tests", seconds(1500), || testing::run(&[], python.as_deref()));
    close(&steps)
}

fn check_licences() -> Result<bool, Refusal> {
    let (judged, offences) = licences::judge_all()?;
    for offence in &offences {
        println!("{offence}");
    }
    println!("{judged} packages, {} of them not accepted", offences.len());
    Ok(offences.is_empty())
}

fn bench(extra: &[String]) -> bool {
    let mut steps = Steps::default();
    steps.step("functions", None, || {
        let members = workspace::members()?;
        let names = workspace::benchmarks(&members);
        if names.is_empty() {
            return Err(Refusal::NoBenchmark);
        }
        // Named one by one: without names cargo would also run every unit test as a benchmark.
        let named = names.iter().flat_map(|name| ["--bench", name]);
        steps::run(workspace::cargo().args(["bench", "--locked"]).args(named).args(extra))
    });
    steps.step("platform under load", None, || steps::run(&mut hefu(&["bench", "switch"])));
    close(&steps)
}

fn nightly() -> bool {
    println!("plan:\n  seeds: the simulator over 20,000 seeds, each with its own faults");
    let mut steps = Steps::default();
    steps.step("seeds", seconds(3 * 3600), || steps::run(&mut hefu(&["sim", "--seeds", "20000"])));
    close(&steps)
}

/// The Python with everything that the tests need, or none, having said why.
fn set_up() -> Result<Option<std::path::PathBuf>, Refusal> {
    match setup::prepare(&setup::folder())? {
        Tools::Ready(python) => Ok(Some(python)),
        Tools::Missing(what) => {
            println!("MISSING: {what}.\n{}", setup::WITHOUT);
            Ok(None)
        }
    }
}

fn hefu(words: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(["run", "--quiet", "--release", "--package", "hefu", "--"]).args(words);
    command
}

fn seconds(budget: u64) -> Option<Duration> {
    Some(Duration::from_secs(budget))
}

fn close(steps: &Steps) -> bool {
    print!("\n{}", steps.table());
    steps.all_good()
}

fn refused(refusal: &Refusal) -> ExitCode {
    eprintln!("xtask: {refusal}");
    ExitCode::FAILURE
}

#[cfg(unix)]
fn become_command(mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    refused(&steps::cannot_start(&command, error))
}

#[cfg(not(unix))]
fn become_command(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => refused(&steps::cannot_start(&command, error)),
    }
}
