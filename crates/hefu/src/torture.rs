//! `hefu torture`: real processes over real sockets, a proxy that does them harm, and kills; then three books are
//! compared. The seed decides what is drawn, not how threads and processes interleave.

mod cashier;
mod chance;
mod conclude;
mod deeds;
mod fate;
mod heal;
mod judge;
mod parties;
mod proxy;
mod report;
mod victims;

use crate::{Context, Failure};
use cashier::{Cashier, Doings};
use fate::{Fault, Line};
use hefu_world::terminal::{
    Firmware, Profile,
    drive::{DriveConfig, Faults},
};
use parties::{Party, Place};
use proxy::Weather;
use report::Run;
use std::{cell::Cell, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet, time::Instant};
use victims::Victims;

#[derive(clap::Args)]
pub struct Args {
    /// How often the gateway is killed.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    kills: u64,
    /// Decides what goes wrong, and what cashiers do.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The longest that the kills may take.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=1_440))]
    minutes: u64,
    /// How many terminals work side by side; the sixteenth has old firmware.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=16))]
    terminals: u32,
    /// Add a line about this run to a file.
    #[arg(long)]
    evidence: Option<PathBuf>,
    /// Work in this directory, which must be empty, and keep it.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Compare the books of a run that was kept once more, and do nothing else.
    #[arg(long, conflicts_with_all = ["keep", "evidence"])]
    judge: Option<PathBuf>,
}

/// How fast time passes when nothing else is asked for.
const SCALE: u32 = 30;
/// Between two lines of progress.
const TELL: Duration = Duration::from_secs(5);

pub fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let scale = if context.time_scale == 1 { SCALE } else { context.time_scale };
    if let Some(directory) = &args.judge {
        let place = Place::kept(directory.clone(), scale)?;
        return conclude::conclude(context, args, &place, Run::default());
    }
    let directory = parties::directory(args.keep.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::found)?;
    let done = runtime.block_on(torture(context, args, directory.clone(), scale));
    if done.is_ok() && args.keep.is_none() {
        std::fs::remove_dir_all(&directory).map_err(Failure::found)?;
    } else {
        eprintln!("torture: everything of this run is in {}", directory.display());
    }
    done
}

async fn torture(context: &Context, args: &Args, directory: PathBuf, scale: u32) -> Result<(), Failure> {
    let began = Instant::now();
    let place = Place::prepare(directory, scale)?;
    let weather = Weather::new(args.seed, scale);
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let to_bank = proxy::start(place.bank_proxy(), place.bank(), Line::Bank, weather.clone()).await?;
    let to_gateway = proxy::start(any, place.gateway(), Line::Terminals, weather.clone()).await?;
    let mut victims = Victims::start(&place)?;
    place.listens(Party::Bank).await?;
    place.listens(Party::Gateway).await?;
    let doings = Arc::new(Doings::default());
    let (stop, stopped) = watch::channel(false);
    let mut at_work = JoinSet::new();
    for number in 1..=args.terminals {
        let config = terminal(&place, to_gateway.address, number);
        let struck = Arc::clone(&weather.struck);
        let cashier = Cashier::new(config, args.seed, number, struck, Arc::clone(&doings));
        at_work.spawn(cashier.work(stopped.clone()));
    }
    let told = Cell::new(began);
    let teller = Teller { quiet: context.json, began, told, doings: &doings, weather: &weather };
    let kills = victims::chaos(args, &place, &mut victims, &teller, &mut at_work).await?;
    teller.tell(&place, "the faults stop")?;
    weather.calm_down();
    // Whoever hangs in a long wait of its own ends it first.
    stop.send_replace(true);
    let cashiers = all(at_work, &place, &teller).await?;
    place.listens(Party::Bank).await?;
    place.listens(Party::Gateway).await?;
    let journals = heal::heal(&place, cashiers, &teller).await?;
    let book = place.book().await?;
    conclude::keep(&place, &book, &journals)?;
    let mut run = Run { seed: args.seed, scale, terminals: args.terminals, kills, ..Run::default() };
    run.asked = doings.asked();
    run.seconds = began.elapsed().as_secs_f64();
    run.faults(&weather.struck);
    let concluded = conclude::conclude(context, args, &place, run);
    drop((to_bank, to_gateway));
    victims.stop(&place)?;
    concluded?;
    match kills < args.kills {
        true => Err(Failure::found(format!("only {kills} kills in {} minutes", args.minutes))),
        false => Ok(()),
    }
}

fn terminal(place: &Place, gateway: SocketAddr, number: u32) -> DriveConfig {
    let mut profile = Profile::test(number);
    profile.firmware = if number == Profile::TESTS { Firmware::Old } else { Firmware::Certified };
    DriveConfig {
        address: gateway,
        state_file: place.memory(number),
        time_scale: place.scale,
        profile,
        faults: Faults::default(),
    }
}

/// All cashiers, when the last of them has ended what it does.
async fn all(
    mut cashiers: JoinSet<Result<Cashier, Failure>>,
    place: &Place,
    teller: &Teller<'_>,
) -> Result<Vec<Cashier>, Failure> {
    let mut ended = Vec::new();
    while !cashiers.is_empty() {
        match tokio::time::timeout(TELL, cashiers.join_next()).await {
            Ok(Some(cashier)) => ended.push(cashier.map_err(Failure::found)??),
            Ok(None) => break,
            Err(_) => teller.tell_sometimes(place, "terminals clear up")?,
        }
    }
    Ok(ended)
}

/// Tells how it goes.
struct Teller<'a> {
    quiet: bool,
    began: Instant,
    told: Cell<Instant>,
    doings: &'a Doings,
    weather: &'a Weather,
}

impl Teller<'_> {
    /// A line of progress, if the last one is some time ago.
    fn tell_sometimes(&self, place: &Place, what: &str) -> Result<(), Failure> {
        if self.told.get().elapsed() < TELL { Ok(()) } else { self.tell(place, what) }
    }

    fn tell(&self, place: &Place, what: &str) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        self.told.set(Instant::now());
        let struck = &self.weather.struck;
        let faults: u64 = struck.all().iter().map(|(_, count)| count).sum();
        say!(
            "{:>5.0} s  {what}: {} kills (bank {}, power {}), {faults} faults in all, {} payments asked, {} unknown now",
            self.began.elapsed().as_secs_f64(),
            struck.of(Fault::GatewayKilled),
            struck.of(Fault::BankKilled),
            struck.of(Fault::PowerCut),
            self.doings.asked(),
            heal::acting(place)?
        );
        Ok(())
    }
}
