//! `hefu bench`: measures the whole, each figure beside a yardstick taken in the same run.

mod console;
mod insert;
mod load;
mod parties;
mod recovery;

use crate::{Context, Failure};
use load::Measured;
use parties::Terminals;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Durable sales: terminals here, gateway and bank as processes of their own, SQLite, open loop.
    Switch(SwitchArgs),
    /// A node over a long history: from nothing to the first sale answered.
    Recovery(recovery::Args),
    /// The console for people: its index, its first screen and its live stream, over a long history and under load.
    Console(console::Args),
    /// The node that `recovery` measures, in a process of its own (started by it).
    #[command(hide = true)]
    First(recovery::FirstArgs),
    /// The yardstick's other side: gives back every byte (started by `switch`).
    #[command(hide = true)]
    Echo,
    /// Another: an HTTP server that answers with so many bytes (started by `console`).
    #[command(hide = true)]
    Bare,
}

#[derive(clap::Args)]
pub struct SwitchArgs {
    /// Sales per second, offered whether or not earlier ones are answered.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// How long is measured, after two seconds of warming up.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Terminals, each with a connection of its own.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    terminals: u32,
}

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    match &args.what {
        What::Recovery(args) => recovery::run(context, args),
        What::First(args) => recovery::first(args),
        What::Echo => runtime.block_on(load::echo()),
        What::Bare => runtime.block_on(console::bare()),
        What::Console(args) => runtime.block_on(console::run(context, args)),
        What::Switch(args) => {
            let (gateway, echo, megabytes, payments) = runtime.block_on(switch(args))?;
            let inserts = insert::per_second(payments)?;
            let report = Report { args, gateway, echo, megabytes, inserts };
            if context.json {
                report.json()
            } else {
                report.print()
            }
            match report.gateway.missing() {
                0 => Ok(()),
                failures => Err(Failure::found(format!("{failures} sales were not approved"))),
            }
        }
    }
}

async fn switch(args: &SwitchArgs) -> Result<(Measured, Measured, u64, u64), Failure> {
    let directory = parties::Scratch::new()?;
    let (store, tills) = (directory.path().join("hefu.db"), Terminals::new(args.terminals));
    let nowhere = ([127, 0, 0, 1], 0).into();
    let parties = parties::Parties::start(directory.path(), &store, tills, nowhere).await?;
    eprintln!("bench: {} terminals sign on", args.terminals);
    let terminals = load::sign_on(parties.gateway, tills).await?;
    let measure = Duration::from_secs(u64::from(args.seconds));
    eprintln!("bench: {} sales/s for {} s", args.rate, args.seconds);
    let gateway =
        load::run(parties.gateway, terminals.clone(), args.rate, measure, load::Peer::Gateway).await?;
    let megabytes = parties.peak_megabytes()?;
    let sales = gateway.answered;
    drop(parties);
    let echo = parties::Yardstick::start("echo")?;
    eprintln!("bench: the same frames against a bare TCP echo");
    let seconds = measure.min(Duration::from_secs(10));
    let echoed = load::run(echo.address, terminals, args.rate, seconds, load::Peer::Echo).await?;
    Ok((gateway, echoed, megabytes, sales.min(100_000)))
}

struct Report<'a> {
    args: &'a SwitchArgs,
    gateway: Measured,
    echo: Measured,
    megabytes: u64,
    inserts: f64,
}

impl Report<'_> {
    fn json(&self) {
        let measured = |m: &Measured| {
            serde_json::json!({ "offered": m.offered, "answered": m.answered, "refused": m.refused,
                "per_second": m.per_second(), "p50_us": m.quantile(0.5), "p99_us": m.quantile(0.99),
                "p999_us": m.quantile(0.999), "max_us": m.quantile(1.0) })
        };
        crate::say(serde_json::json!({ "rate": self.args.rate, "terminals": self.args.terminals,
                "gateway": measured(&self.gateway), "tcp_echo": measured(&self.echo),
                "gateway_peak_megabytes": self.megabytes, "bare_inserts_per_second": self.inserts }));
    }

    fn print(&self) {
        say!(
            "                        {:>10} {:>9} {:>9} {:>9} {:>9}",
            "per second",
            "p50 ms",
            "p99",
            "p99.9",
            "max"
        );
        for (name, m) in [("durable sales", &self.gateway), ("bare TCP echo", &self.echo)] {
            let ms = |q| m.quantile(q) as f64 / 1_000.0;
            say!(
                "{name:<22}  {:>10.0} {:>9.2} {:>9.2} {:>9.2} {:>9.2}",
                m.per_second(),
                ms(0.5),
                ms(0.99),
                ms(0.999),
                ms(1.0)
            );
        }
        let echo = self.echo.quantile(0.99).max(1) as f64;
        say!("p99 is {:.1} times the echo's", self.gateway.quantile(0.99) as f64 / echo);
        say!(
            "a bare batch insert of the same rows: {:.0} payments/s, {:.1} times the rate offered here",
            self.inserts,
            self.inserts / f64::from(self.args.rate)
        );
        say!(
            "{} offered, {} answered, {} refused; the gateway's memory peaked at {} MB",
            self.gateway.offered,
            self.gateway.answered,
            self.gateway.refused,
            self.megabytes
        );
    }
}
