//! `hefu serve`: the gateway. Also what `demo` runs in its own process.

mod crash;

pub use crash::Crashed;

use crate::{
    Context, Failure,
    config::{Bank, Config, Language},
    doors, slip,
};
use hefu_console::{Alarms, Console, ConsoleConfig, Desk, Source, Tickets};
use hefu_engine::{LinkRules, Model, Output};
use hefu_node::{
    Keep, Limits, Machine, Node, Start, Watch,
    clock::{Clock, ScaledClock},
};
use hefu_store::{SqliteStore, Store};
use hefu_switch::{
    host::{HostConfig, MerchantProfile},
    net::{LinkConfig, Switch, SwitchConfig},
    pos::{PosConfig, TillConfig},
};
use hefu_tally::{Moment, Till, till::TillState, time::SECOND};
use hefu_vault::{LinkKeys, MasterKey, TdesKey, TerminalName, Vault};
use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

#[derive(clap::Args)]
pub struct Args {}

/// Where the store keeps the anchor and scale of its time.
pub const ANCHOR: &str = "clock";
/// This node's number: one node until several are served by one store.
const NODE: u16 = 1;
/// Terminal rows read at a time.
const PAGE: usize = 1_000;

pub fn run(context: &Context, _args: &Args) -> Result<(), Failure> {
    let public = !context.config.terminals.listen.ip().is_loopback();
    if public && context.config.has_test_master_key() {
        return Err(Failure::misuse(
            "the master key is the example's, which everybody knows: set HEFU_MASTER_KEY or master_key before \
             listening on a public address",
        ));
    }
    doors::check(&context.config, &context.store)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::found)?;
    runtime.block_on(async {
        let running = start(&context.config, &context.store, context.time_scale).await?;
        let banks = context.config.bank.all();
        let banks: Vec<_> = banks.map(|(_, bank)| format!("{} {}", bank.name, bank.address)).collect();
        let console = running.console();
        say!("hefu: terminals {}, console http://{console}, {}", running.terminals(), banks.join(", "));
        loop {
            tokio::select! {
                () = stop_signal() => return running.stop().await,
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if !running.node.is_running() {
                        // The reason is the node's; what is durable is safe, and the next start goes on from it.
                        return running.stop().await;
                    }
                }
            }
        }
    })
}

/// Returns when the process is asked to stop.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

/// The anchor and scale of a store's time, from its row.
pub fn parse_anchor(row: &[u8]) -> Option<(Moment, u32)> {
    let (anchor, scale) = std::str::from_utf8(row).ok()?.split_once(' ')?;
    Some((Moment(anchor.parse().ok()?), scale.parse().ok()?))
}

/// The store's clock. Its anchor is kept, so that scaled time goes on where it was when the process starts again.
fn clock(store: &mut SqliteStore, scale: u32) -> Result<ScaledClock, Failure> {
    let kept = store.meta(ANCHOR).map_err(Failure::found)?;
    let wall = ScaledClock::wall();
    let anchor = match kept.as_deref().and_then(parse_anchor) {
        Some((anchor, kept)) if kept == scale => anchor,
        // Under another scale time goes on from where it was, so that it never goes back.
        Some((anchor, kept)) => {
            let was = ScaledClock::new(anchor, kept).now();
            let ahead = was.since(wall).max(0);
            let lead = ahead / i64::from(scale.saturating_sub(1).max(1));
            if ahead > 0 && scale == 1 {
                return Err(Failure::misuse(format!(
                    "this store's time is {} s ahead of the clock, because it ran with --time-scale {kept}: go on \
                     with a scale, or take another store",
                    ahead / SECOND
                )));
            }
            wall.after(-lead)
        }
        None => wall,
    };
    store.set_meta(ANCHOR, format!("{} {scale}", anchor.0).as_bytes()).map_err(Failure::found)?;
    Ok(ScaledClock::new(anchor, scale))
}

/// The vault with all keys of the configuration, and the working keys that the store kept.
fn vault(config: &Config, store: &mut SqliteStore) -> Result<Vault, Failure> {
    let master = MasterKey::from_hex(&config.master_key).map_err(Failure::misuse)?;
    let mut vault = Vault::new(master);
    for (till, range) in tills(config)? {
        let key = TdesKey::from_hex(&range.master_key).map_err(Failure::misuse)?;
        vault.set_terminal_master(name(&till), key, range.mac.method());
    }
    for (route, bank) in config.bank.all() {
        let key = |hex: &str| {
            TdesKey::from_hex(hex).map_err(|error| Failure::misuse(format!("bank {}: {error}", bank.name)))
        };
        let keys = LinkKeys { pin: key(&bank.pin_key)?, mac: key(&bank.mac_key)? };
        vault.set_link(route.name.clone(), keys, bank.mac.method());
    }
    let mut after = None;
    loop {
        let rows = store.terminals(after, PAGE).map_err(Failure::found)?;
        let Some(last) = rows.last() else { return Ok(vault) };
        after = Some(last.till);
        for row in rows {
            let state: TillState = serde_json::from_slice(&row.state)
                .map_err(|error| Failure::found(format!("terminal {}: {error}", row.till)))?;
            if !vault.knows(&name(&row.till)) {
                continue;
            }
            for wrapped in &state.keys {
                let wrapped = hex::decode(wrapped).map_err(Failure::found)?;
                vault.adopt(&name(&row.till), &wrapped).map_err(|error| {
                    Failure::found(format!(
                        "the keys of terminal {} do not open: {error}; is the master key that of this store?",
                        row.till
                    ))
                })?;
            }
        }
    }
}

fn tills(config: &Config) -> Result<Vec<(Till, &crate::config::Range)>, Failure> {
    let mut tills = Vec::new();
    for merchant in &config.merchant {
        for range in &merchant.terminals {
            let range_tills = range.tills(merchant.number).map_err(Failure::misuse)?;
            tills.extend(range_tills.into_iter().map(|till| (till, range)));
        }
    }
    Ok(tills)
}

fn name(till: &Till) -> TerminalName {
    TerminalName { merchant: till.merchant.0, terminal: till.terminal.0 }
}

fn engine_config(config: &Config) -> Result<hefu_engine::Config, Failure> {
    let (default, _) = config.bank.default();
    let mut engine = hefu_engine::Config::new(NODE, default.link);
    engine.links = config.bank.all().map(|(route, _)| (route.link, LinkRules::default())).collect();
    engine.fee = config.terminals.fee;
    // The slowest bank's times hold for all: to wait longer is safe, to give up early is not.
    let longest =
        |of: fn(&Bank) -> u32| config.bank.all().map(|(_, bank)| of(bank)).max().unwrap_or_default();
    engine.rules.answer_within = i64::from(longest(|bank| bank.answer_within)) * SECOND;
    engine.rules.transit = i64::from(longest(|bank| bank.transit)) * SECOND;
    engine.model.unknown = config.terminals.unknown;
    for (till, range) in tills(config)? {
        let model = Model { certified: range.certified, unknown: config.terminals.unknown };
        engine.models.insert(till, model);
    }
    Ok(engine)
}

/// A gateway at work.
pub struct Running {
    console: Console,
    node: Node,
    switch: Switch,
    clock: ScaledClock,
    desk: Desk,
    tickets: Tickets,
    alarms: Alarms,
}

/// Node and switch: what a crash takes away.
struct Gate {
    node: Node,
    switch: Switch,
    clock: ScaledClock,
}

impl Running {
    /// The gateway's clock.
    pub fn clock(&self) -> ScaledClock {
        self.clock.clone()
    }

    /// Where terminals connect.
    pub fn terminals(&self) -> SocketAddr {
        self.switch.address()
    }

    /// Where people and machines ask.
    pub fn console(&self) -> SocketAddr {
        self.console.address()
    }

    /// The gateway's present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Whether all bank links are up.
    pub fn links_are_up(&self) -> bool {
        self.switch.status().links.iter().all(|(_, up)| *up)
    }

    /// Waits until the bank link is up.
    pub async fn bank_is_up(&self, within: Duration) -> Result<(), Failure> {
        let up = async {
            while !self.links_are_up() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(within, up).await;
        waited.map_err(|_| Failure::found(format!("the bank link is not up after {within:?}")))
    }

    /// Stops, and waits for what is being committed.
    pub async fn stop(self) -> Result<(), Failure> {
        drop(self.console);
        drop(self.switch);
        let stopped = tokio::task::spawn_blocking(|| self.node.stop()).await;
        stopped.map_err(Failure::found)?.map_err(Failure::found)
    }
}

/// Opens the store, and starts node, switch and console over it.
pub async fn start(config: &Config, path: &Path, scale: u32) -> Result<Running, Failure> {
    start_with(config, path, scale, None).await
}

/// The same with routes that a demonstration brings along.
pub async fn start_with(
    config: &Config,
    path: &Path,
    scale: u32,
    extra: Option<hefu_console::Extra>,
) -> Result<Running, Failure> {
    let (tickets, alarms) = (Tickets::default(), Alarms::default());
    let Gate { node, switch, clock } = gate(config, path, scale, &tickets, &alarms).await?;
    let links = config.bank.all().map(|(route, bank)| (bank.name.clone(), route.link)).collect();
    let models = engine_config(config)?.models;
    let console = ConsoleConfig {
        listen: config.console.listen,
        behind_tls: config.console.behind_tls,
        staff: doors::staff(config, path)?,
        certified: Arc::new(move |till| models.get(till).is_some_and(|model| model.certified)),
        slips: Arc::new(slip::slips(config, None)?),
        links,
        source: Source {
            store: path.to_owned(),
            index: path.with_extension("index.db"),
            now: {
                let clock = clock.clone();
                Arc::new(move || clock.now())
            },
        },
        run: random()?,
        extra,
    };
    let desk = Desk::new(node.door(), tickets.clone(), alarms.clone());
    let console = Console::open(console, desk.clone()).await;
    let console = console.map_err(Failure::found)?;
    Ok(Running { console, node, switch, clock, desk, tickets, alarms })
}

/// Opens the store, and starts node and switch over it.
async fn gate(
    config: &Config,
    path: &Path,
    scale: u32,
    tickets: &Tickets,
    alarms: &Alarms,
) -> Result<Gate, Failure> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(Failure::found)?;
    }
    let mut store = SqliteStore::open(path).map_err(Failure::found)?;
    let clock = clock(&mut store, scale)?;
    let vault = vault(config, &mut store)?;
    let (door, inbox) = hefu_node::door();
    let switch_config = switch_config(config)?;
    let door = Arc::new(Knocker(door));
    let switch = Switch::start(switch_config, vault, Box::new(System), clock.clone(), door).await;
    let switch = switch.map_err(Failure::found)?;
    let start = Start { store, clock: clock.clone(), config: engine_config(config)?, seed: random()? };
    let outlet = Outlet {
        switch: switch.outbox(),
        tickets: tickets.clone(),
        alarms: alarms.clone(),
        clock: clock.clone(),
    };
    let low = Limits::low(u64::from(config.store.low_mib) << 20);
    let limits = Limits { low: low.low, high: low.high, ..Limits::for_scale(scale) };
    let watch = Watch { limits, gauges: Box::new(Machine::new(start.store.directory())) };
    let node = Node::start_watched(start, watch, inbox, outlet).map_err(Failure::found)?;
    Ok(Gate { node, switch, clock })
}

fn random() -> Result<u64, Failure> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(Failure::found)?;
    Ok(u64::from_be_bytes(seed))
}

fn switch_config(config: &Config) -> Result<SwitchConfig, Failure> {
    let language = match config.terminals.language {
        Language::Zh => hefu_slip::Language::Zh,
        Language::En => hefu_slip::Language::En,
    };
    let mut known = BTreeMap::new();
    for (till, _) in tills(config)? {
        let (route, unknown) = (config.bank.default().0.clone(), config.terminals.unknown);
        known.insert(till, TillConfig { route, layout: None, language, unknown });
    }
    let mut merchants = BTreeMap::new();
    for merchant in &config.merchant {
        let profile = MerchantProfile::new(&merchant.name_zh, &merchant.category).map_err(Failure::misuse)?;
        merchants.insert(merchant.number, profile);
    }
    let merchants = Arc::new(merchants);
    let links = config.bank.all().map(|(route, bank)| {
        let host = HostConfig::new(route.link, route.name.clone(), &bank.acquirer, &bank.forwarder);
        let host = HostConfig { merchants: merchants.clone(), ..host };
        let mut link = LinkConfig::new(&bank.address.to_string(), host);
        link.times.backoff_most =
            bank.redial.map_or(link.times.backoff_most, |most| i64::from(most) * SECOND);
        link
    });
    let (_, default) = config.bank.default();
    let routes = config.bank.routes().clone();
    let pos = PosConfig { routes, ..PosConfig::new(known, &default.acquirer) };
    Ok(SwitchConfig::new(config.terminals.listen, pos, links.collect()))
}

/// The node's door as the switch knocks at it.
struct Knocker(hefu_node::Door);

impl hefu_switch::net::Door for Knocker {
    fn submit(&self, input: hefu_engine::Input) -> Result<(), hefu_switch::net::Busy> {
        self.0.submit(input).map_err(|hefu_node::Busy(input)| hefu_switch::net::Busy(input))
    }
}

/// What the node puts out, to whom it goes: terminals and banks, whoever asked at the console, and the log.
struct Outlet {
    switch: hefu_switch::net::Outbox,
    tickets: Tickets,
    alarms: Alarms,
    clock: ScaledClock,
}

impl hefu_node::Outbox for Outlet {
    fn deliver(&mut self, outputs: Vec<Output>) {
        let others = self.tickets.deliver(outputs);
        for output in self.switch.deliver(others) {
            if let Output::Alarm { what } = output {
                tracing::warn!("alarm: {what}");
                self.alarms.ring(self.clock.now(), what);
            }
        }
    }
}

/// The operating system's dice.
struct System;

impl hefu_vault::Dice for System {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("an operating system without chance cannot make keys");
    }
}
