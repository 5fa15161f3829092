//! `cargo xtask <task>`: see `cargo xtask --help`.

use clap::{Parser, Subcommand};
use std::process::{Command, ExitCode};
use std::time::Duration;
use xtask::refusal::Refusal;
use xtask::setup::{self, Tools};
use xtask::steps::{self, Steps};
use xtask::workspace::{self, Program, hefu};
use xtask::{api, browser, last_words, licences, mutants, pace, pages, testing};

/// The seeds of every change, from 0, and how many a night has.
const SEEDS: u64 = 10_000;
const NIGHTLY_SEEDS: u64 = 1_000_000;
/// Unknown payments when the bank goes away.
const OUTAGE: &str = "2000";
const NIGHTLY_OUTAGE: &str = "60000";
const EXPLORE: [&str; 3] = ["explore", "--evidence", "docs/evidence/explore.jsonl"];

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
    /// Build the pages and the program with them (release).
    Build,
    /// Write web/openapi.json, and the types that the pages have of it.
    Api,
    /// Try the pages in a real browser, over a mock and at a running demonstration.
    Browser,
    /// Set up, then run all tests. Arguments go to `cargo test`.
    Test(Passed),
    /// Make the Python environment that some tests need (HEFU_TOOLS, else target/py).
    Setup,
    /// What must pass before a change is taken: format, lints, licences, all tests.
    Ci,
    /// Check that every package we build with has a licence that we accept.
    Licences,
    /// Measure: functions, the platform under load, the console over a million payments. Arguments go to `cargo bench`.
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
        Task::Build => Ok(build()),
        Task::Test(passed) => Ok(test(&passed.for_cargo())),
        Task::Api => api::write(),
        Task::Browser => Ok(look()),
        Task::Setup => set_up().map(|python| python.is_some()),
        Task::Ci => last_words::hear(ci),
        Task::Licences => check_licences(),
        Task::Bench(passed) => Ok(bench(&passed.for_cargo())),
        Task::Nightly => last_words::hear(nightly),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(refusal) => refused(&refusal),
    }
}

fn build() -> bool {
    let mut steps = Steps::default();
    steps.step("pages", None, pages::build);
    steps.step("program", None, || {
        steps::run(workspace::cargo().args(["build", "--release", "--package", "hefu"]))
    });
    close(&steps)
}

/// The demo takes our place, so that its exit code and the keys pressed are its own. Without pages it runs all the
/// same, and says what is missing.
fn demo(arguments: &[String]) -> ExitCode {
    if let Err(refusal) = pages::build() {
        return refused(&refusal);
    }
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

fn look() -> bool {
    let mut steps = Steps::default();
    steps.step("over a mock", None, browser::over_a_mock);
    steps.step("at a demonstration", None, || browser::at_a_demonstration(Program::Built));
    close(&steps)
}

fn ci() -> bool {
    let mut steps = Steps::default();
    steps.step("format", seconds(15), || steps::run(workspace::cargo().args(["fmt", "--all", "--check"])));
    steps.step("pages", seconds(180), pages::check);
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
    let program = Program::Tested;
    steps.step("browser, over a mock", seconds(540), browser::over_a_mock);
    steps.step("browser, at a demonstration", seconds(360), || browser::at_a_demonstration(program));
    steps.step("simulation", seconds(600), || steps::run(&mut simulate(program, 0, SEEDS)));
    steps.step("one minute", seconds(60), || {
        // The banks' own faults alone: what the network loses takes as long as it takes.
        let words = ["sim", "--calm", "--seeds", "2000", "--settles", "99"];
        steps::run(program.command(&words).args(["--evidence", "docs/evidence/sim.jsonl"]))
    });
    steps.step("outage of 72 hours", seconds(120), || steps::run(&mut outage(program, OUTAGE)));
    steps.step("planted mistakes", seconds(mutants::BUDGET), || mutants::run(&[]));
    steps.step("kills", seconds(300), || steps::run(&mut torture(program, "20", "1")));
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
    steps.step("console", None, pace::run);
    close(&steps)
}

fn nightly() -> bool {
    println!(
        "plan:\n  seeds: the simulator over 1,000,000 seeds that no other day has\n  outage: 60,000 unknown payments \
         and a bank that is away for 72 hours\n  small worlds: every order of events with up to three faults\n  kills: \
         1,000 kills of the real process under load\n  recovery: 1,000,000 payments, 10,000 of them open\n  console: \
         the same, 500 sales a second, and a browser that looks\n  tally: every change that cargo-mutants makes to \
         the heart, if cargo-mutants is installed"
    );
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let (first, seed) = (now / (24 * 3600) * NIGHTLY_SEEDS, now.to_string());
    let mut steps = Steps::default();
    steps
        .step("seeds", seconds(4 * 3600), || steps::run(&mut simulate(Program::Built, first, NIGHTLY_SEEDS)));
    steps.step("outage of 72 hours", seconds(3600), || {
        steps::run(&mut outage(Program::Built, NIGHTLY_OUTAGE))
    });
    steps.step("small worlds", seconds(600), || steps::run(&mut hefu(&EXPLORE)));
    steps.step("kills", seconds(2 * 3600), || steps::run(&mut torture(Program::Built, "1000", &seed)));
    steps.step("recovery", seconds(1800), || steps::run(&mut hefu(&["bench", "recovery"])));
    steps.step("console", seconds(1800), pace::run);
    steps.step("tally", seconds(4 * 3600), || {
        steps::run(Command::new("cargo").args(["mutants", "--package", "hefu-tally", "--jobs", "2"]))
    });
    close(&steps)
}

fn simulate(program: Program, first: u64, count: u64) -> Command {
    let (first, count) = (first.to_string(), count.to_string());
    let mut command = program.command(&["sim", "--from", &first, "--seeds", &count, "--coverage", "check"]);
    command.args(["--evidence", "docs/evidence/sim.jsonl"]);
    command
}

fn outage(program: Program, backlog: &str) -> Command {
    program.command(&[
        "sim",
        "--outage",
        "72",
        "--backlog",
        backlog,
        "--evidence",
        "docs/evidence/outage.jsonl",
    ])
}

fn torture(program: Program, kills: &str, seed: &str) -> Command {
    program.command(&[
        "torture",
        "--kills",
        kills,
        "--seed",
        seed,
        "--evidence",
        "docs/evidence/torture.jsonl",
    ])
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
