//! `hefu bench console`: how fast the console is for people, over a store with a long history: how long its index takes
//! to build, what the requests of its first screen take at rest and under load, and how far its live stream is behind.

mod bare;
mod report;
mod screen;
mod stream;

pub use bare::bare;

use super::{
    load::{self, Measured, Peer},
    parties::{self, Parties, Scratch, Terminals, Yardstick},
    recovery::past,
};
use crate::{Context, Failure, doors};
use report::{Built, Report};
use screen::{Screens, Visitor};
use std::{
    io::BufRead,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use stream::{Heard, Stream};
use tokio::task;

/// How long the first screen is asked for while nothing happens.
const AT_REST: Duration = Duration::from_secs(20);
/// The longest that sales are offered while the index is built.
const WHILE_BUILDING: u32 = 20;
/// How long an index may take to build.
const BUILT_WITHIN: Duration = Duration::from_secs(3_600);
/// How long the stream may take to tell of the last sale.
const TOLD_WITHIN: Duration = Duration::from_secs(10);
/// The demonstration's account that looks.
const ROLE: &str = "operator";

#[derive(clap::Args)]
pub struct Args {
    /// Payments of the past.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    payments: u64,
    /// How many of them are open, and so at risk: half wait for the merchant, half for clearing.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(0..=400_000))]
    open: u64,
    /// Makes the store here and leaves it; one that is there already is used as it is.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Sales per second, offered whether or not earlier ones are answered.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// How long is measured under load.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Terminals, each with a connection of its own.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    terminals: u32,
    /// Where the console listens; a free port of loopback unless it is said.
    #[arg(long)]
    console: Option<SocketAddr>,
    /// Lets a browser look: writes sign-ins here when the console is at rest, goes on with the load at a line of input,
    /// and from there at another.
    #[arg(long)]
    sign_ins: Option<PathBuf>,
    /// Ends with 1 when a target is missed.
    #[arg(long)]
    judge: bool,
}

pub async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if args.open > args.payments {
        return Err(Failure::misuse("--open is more than --payments"));
    }
    let scratch = Scratch::new()?;
    let store = args.keep.clone().unwrap_or_else(|| scratch.path().join("hefu.db"));
    let began = Instant::now();
    let there = store.exists();
    if !there {
        eprintln!("bench: writing {} payments, {} of them open", args.payments, args.open);
        past::fill(&store, args.payments, args.open, past::without_reversals)?;
    }
    let filled = (!there).then(|| began.elapsed());
    let house = House { folder: scratch.path(), store: &store, console: args.console };
    let (report, missing) = measure(args, &house).await?;
    if context.json {
        report.json(args, filled)
    } else {
        report.print(filled)
    }
    match (missing, args.judge.then(|| report.missed())) {
        (0, None | Some(None)) => Ok(()),
        (0, Some(Some(targets))) => Err(Failure::found(targets)),
        (missing, _) => Err(Failure::found(format!("{missing} sales were not approved"))),
    }
}

/// Where everything lies.
struct House<'a> {
    folder: &'a Path,
    store: &'a Path,
    console: Option<SocketAddr>,
}

impl House<'_> {
    fn index(&self) -> PathBuf {
        self.store.with_extension("index.db")
    }

    /// Opens gateway and bank, with no index: the console begins to build one.
    async fn open(&self, terminals: Terminals) -> Result<(Parties, SocketAddr), Failure> {
        for ending in ["index.db", "index.db-wal", "index.db-shm"] {
            match std::fs::remove_file(self.store.with_extension(ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::found(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let console = self.console.map_or_else(parties::free, Ok)?;
        let parties = Parties::start(self.folder, self.store, terminals, console).await?;
        parties::listens(console).await?;
        Ok((parties, console))
    }

    /// Waits until the index is built.
    async fn built(&self) -> Result<Built, Failure> {
        let began = Instant::now();
        while began.elapsed() < BUILT_WITHIN {
            if let Some(payments) = hefu_console::built(&self.index()).map_err(Failure::found)? {
                return Ok(Built { took: began.elapsed(), payments });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(Failure::found(format!("the index is not built after {BUILT_WITHIN:?}")))
    }
}

/// Measures all; also how many sales were not approved.
async fn measure(args: &Args, house: &House<'_>) -> Result<(Report, u64), Failure> {
    let terminals = Terminals::fresh(args.terminals)?;
    let (parties, console) = house.open(terminals).await?;
    eprintln!("bench: the console builds its index");
    let built = house.built().await?;
    let inserts = super::insert::per_second(built.payments.min(100_000))?;
    let bare = Yardstick::start("bare")?;
    let merchant = hefu_world::terminal::Profile::test(1).merchant.parse().map_err(Failure::found)?;
    let config = crate::config::Config::load(None).map_err(Failure::found)?;
    let sign_ins = doors::demo(&config, house.store, merchant)?;
    let visitor = Visitor::sign_in(console, bare.address, &sign_ins, ROLE)?;
    eprintln!("bench: the first screen, at rest");
    let at_rest = look(&visitor, Arc::default(), Some(AT_REST.min(seconds(args.seconds))));
    let at_rest = at_rest.await.map_err(Failure::found)??;
    if let Some(path) = &args.sign_ins {
        std::fs::write(path, sign_ins.to_string()).map_err(Failure::found)?;
        task::spawn_blocking(a_line).await.map_err(Failure::found)??;
    }
    eprintln!("bench: {} sales/s for {} s while people look", args.rate, args.seconds);
    let signed = load::sign_on(parties.gateway, terminals).await?;
    let stream = Stream::open(&visitor)?;
    let over = Arc::new(AtomicBool::new(false));
    let looking = look(&visitor, over.clone(), None);
    let sales = load::run(parties.gateway, signed, args.rate, seconds(args.seconds), Peer::Gateway).await?;
    over.store(true, Ordering::Relaxed);
    let under_load = looking.await.map_err(Failure::found)??;
    let heard = told(&stream, sales.sent).await;
    if args.sign_ins.is_some() {
        task::spawn_blocking(a_line).await.map_err(Failure::found)??;
    }
    let megabytes = parties.peak_megabytes()?;
    drop(parties);
    let (building, still) = while_building(args, house).await?;
    let missing = [&sales, &building].map(Measured::missing).iter().sum();
    let report = Report {
        built,
        inserts,
        at_rest,
        under_load,
        sales,
        heard,
        megabytes,
        building,
        still_building: still,
    };
    Ok((report, missing))
}

/// Sales while the index is built from nothing; also whether it was still being built at the end.
async fn while_building(args: &Args, house: &House<'_>) -> Result<(Measured, bool), Failure> {
    let measured = seconds(args.seconds.min(WHILE_BUILDING));
    eprintln!("bench: {} sales/s while the index is built anew", args.rate);
    let terminals = Terminals::fresh(args.terminals)?;
    let (parties, _) = house.open(terminals).await?;
    let signed = load::sign_on(parties.gateway, terminals).await?;
    let sales = load::run(parties.gateway, signed, args.rate, measured, Peer::Gateway).await?;
    let still = hefu_console::built(&house.index()).map_err(Failure::found)?.is_none();
    Ok((sales, still))
}

/// Asks for the first screen again and again.
fn look(
    visitor: &Visitor,
    over: Arc<AtomicBool>,
    at_most: Option<Duration>,
) -> task::JoinHandle<Result<Screens, Failure>> {
    let visitor = visitor.clone();
    task::spawn_blocking(move || {
        let until = at_most.map(|most| Instant::now() + most);
        visitor.look(|| over.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until))
    })
}

/// What the stream has told, once it has told of so many sales or had the time to.
async fn told(stream: &Stream, sales: u64) -> Heard {
    let began = Instant::now();
    loop {
        let heard = stream.heard();
        if heard.sales() >= sales || began.elapsed() >= TOLD_WITHIN {
            return heard.of(sales);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits for a line of input, or its end.
fn a_line() -> Result<(), Failure> {
    std::io::stdin().lock().read_line(&mut String::new()).map(drop).map_err(Failure::found)
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}
