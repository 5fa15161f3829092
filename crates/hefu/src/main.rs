//! The program: subcommands, configuration, wiring. Exit 0: good; 1: found something; 2: misuse.

/// Prints a formatted line, as [`say`] does.
macro_rules! say {
    ($($text:tt)*) => { crate::say(format_args!($($text)*)) };
}

mod bench;
mod books;
mod config;
mod demo;
mod doors;
mod evidence;
mod explain;
mod explore;
mod iso8583;
mod open;
mod openapi;
mod ops;
mod payments;
mod people;
mod serve;
mod sim;
mod slip;
mod torture;
mod verify;
mod world;

use clap::{Parser, Subcommand};
use std::{fmt::Display, path::PathBuf, process::ExitCode};

/// The small worlds, whose states are many small maps, take two thirds of the time that they take with the C library's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Hefu: the POS acquiring platform on which no payment stays one-sided.
#[derive(Parser)]
#[command(name = "hefu", version, about)]
struct Cli {
    /// The configuration file; without it, the built-in example runs.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// The store, before the configuration's.
    #[arg(long, global = true)]
    store: Option<PathBuf>,
    /// Print data as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Every stated time passes so many times faster.
    #[arg(long, global = true, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    time_scale: u32,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(serve::Args),
    /// Play a working day of sales and failures, everything in one process, and show both books.
    Demo(demo::Args),
    /// Run a simulated party over real sockets.
    World(world::Args),
    /// List payments, the newest first.
    Payments(payments::Args),
    /// Tell one payment's whole story.
    Explain(explain::Args),
    /// Rebuild everything from facts and look for what must never be.
    Verify(verify::Args),
    /// Print a payment's slip as it stands now.
    Slip(slip::Args),
    /// Run seeds of the simulator.
    Sim(sim::Args),
    /// Go through everything that can happen in small worlds.
    Explore(explore::Args),
    /// Ask a running gateway how it stands; give it orders and decisions.
    Ops(ops::Args),
    /// Accounts of persons and keys of machines, at the gateway's own machine.
    People(people::Args),
    /// Print the description of the HTTP interface.
    Openapi(openapi::Args),
    /// Measure the whole.
    Bench(bench::Args),
    /// Real processes over real sockets, a proxy that does them harm, and kills; then compare all books.
    Torture(torture::Args),
    /// Look into messages.
    Iso8583(iso8583::Args),
}

/// What all subcommands share.
pub struct Context {
    pub config: config::Config,
    pub store: PathBuf,
    pub json: bool,
    pub time_scale: u32,
}

/// Why a command ends badly, and with which code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// It found something: exit 1.
    pub fn found(text: impl Display) -> Failure {
        Failure { code: 1, text: text.to_string() }
    }

    /// It was called wrongly: exit 2.
    pub fn misuse(text: impl Display) -> Failure {
        Failure { code: 2, text: text.to_string() }
    }
}

/// Prints a line. A reader that has seen enough (`hefu payments | head`) is no failure: the rest is not needed.
pub fn say(text: impl Display) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hefu: {}", failure.text);
            ExitCode::from(failure.code)
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let config = config::Config::load(cli.config.as_deref()).map_err(Failure::misuse)?;
    let store = cli.store.unwrap_or_else(|| config.store.path.clone());
    let context = Context { config, store, json: cli.json, time_scale: cli.time_scale };
    match cli.command {
        Command::Serve(args) => serve::run(&context, &args),
        Command::Demo(args) => demo::run(&context, &args),
        Command::World(args) => world::run(&context, args),
        Command::Payments(args) => payments::run(&context, &args),
        Command::Explain(args) => explain::run(&context, &args),
        Command::Verify(args) => verify::run(&context, &args),
        Command::Slip(args) => slip::run(&context, &args),
        Command::Sim(args) => sim::run(&context, &args),
        Command::Explore(args) => explore::run(&context, &args),
        Command::Ops(args) => ops::run(&context, &args),
        Command::People(args) => people::run(&context, &args),
        Command::Openapi(args) => openapi::run(&args),
        Command::Bench(args) => bench::run(&context, &args),
        Command::Torture(args) => torture::run(&context, &args),
        Command::Iso8583(args) => iso8583::run(&context, &args),
    }
}
