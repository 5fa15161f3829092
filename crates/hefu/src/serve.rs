//! `hefu serve`: the gateway. Also what `demo` runs in its own process.

use crate::{
    Context, Failure,
    config::{Config, Language, Mac},
};
use hefu_engine::{Model, Output};
use hefu_node::{
    Node, Start,
    clock::{Clock, ScaledClock},
};
use hefu_store::{SqliteStore, Store};
use hefu_switch::{
    host::{HostConfig, MerchantProfile},
    net::{LinkConfig, Switch, SwitchConfig},
    pos::{PosConfig, TillConfig},
};
use hefu_tally::{LinkId, Moment, Till, till::TillState, time::SECOND};
use hefu_vault::{LinkName, MacMethod, MasterKey, TdesKey, TerminalName, Vault};
use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

#[derive(clap::Args)]
pub struct Args {}

/// Where the store keeps the anchor and scale of its time.
pub const ANCHOR: &str = "clock";
/// This node's number: one node until several are served by one store.
const NODE: u16 = 1;
/// The one bank link.
const LINK: LinkId = LinkId(1);
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
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::found)?;
    runtime.block_on(async {
        let running = start(&context.config, &context.store, context.time_scale).await?;
        say!("hefu: terminals {}, bank {}", running.terminals(), context.config.bank.address);
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
        let method = match range.mac {
            Mac::Ecb => MacMethod::Ecb,
            Mac::Cbc => MacMethod::Cbc,
            Mac::X919 => MacMethod::X919,
            Mac::TdesXor => MacMethod::TdesXor,
        };
        vault.set_terminal_master(name(&till), key, method);
    }
    let pin = TdesKey::from_hex(&config.bank.pin_key).map_err(Failure::misuse)?;
    let mac = TdesKey::from_hex(&config.bank.mac_key).map_err(Failure::misuse)?;
    vault.set_link(link_name(config)?, hefu_vault::LinkKeys { pin, mac }, MacMethod::X919);
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

fn link_name(config: &Config) -> Result<LinkName, Failure> {
    LinkName::parse(&config.bank.name).map_err(Failure::misuse)
}

fn engine_config(config: &Config) -> Result<hefu_engine::Config, Failure> {
    let mut engine = hefu_engine::Config::new(NODE, LINK);
    engine.fee = config.terminals.fee;
    engine.rules.answer_within = i64::from(config.bank.answer_within) * SECOND;
    engine.rules.transit = i64::from(config.bank.transit) * SECOND;
    engine.model.unknown = config.terminals.unknown;
    for (till, range) in tills(config)? {
        let model = Model { certified: range.certified, unknown: config.terminals.unknown };
        engine.models.insert(till, model);
    }
    Ok(engine)
}

/// A gateway at work.
pub struct Running {
    node: Node,
    switch: Switch,
    clock: ScaledClock,
}

impl Running {
    /// Where terminals connect.
    pub fn terminals(&self) -> SocketAddr {
        self.switch.address()
    }

    /// The gateway's present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Waits until the bank link is up.
    pub async fn bank_is_up(&self, within: Duration) -> Result<(), Failure> {
        let up = async {
            while !self.switch.status().links.iter().all(|(_, up)| *up) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(within, up).await;
        waited.map_err(|_| Failure::found(format!("the bank link is not up after {within:?}")))
    }

    /// Stops, and waits for what is being committed.
    pub async fn stop(self) -> Result<(), Failure> {
        drop(self.switch);
        let stopped = tokio::task::spawn_blocking(|| self.node.stop()).await;
        stopped.map_err(Failure::found)?.map_err(Failure::found)
    }
}

/// Opens the store, and starts node and switch over it.
pub async fn start(config: &Config, path: &Path, scale: u32) -> Result<Running, Failure> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(Failure::found)?;
    }
    let mut store = SqliteStore::open(path).map_err(Failure::found)?;
    let clock = clock(&mut store, scale)?;
    let vault = vault(config, &mut store)?;
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(Failure::found)?;
    let (door, inbox) = hefu_node::door();
    let switch_config = switch_config(config)?;
    let door = Arc::new(Knocker(door));
    let switch = Switch::start(switch_config, vault, Box::new(System), clock.clone(), door).await;
    let switch = switch.map_err(Failure::found)?;
    let start =
        Start { store, clock: clock.clone(), config: engine_config(config)?, seed: u64::from_be_bytes(seed) };
    let node = Node::start(start, inbox, Outlet(switch.outbox())).map_err(Failure::found)?;
    Ok(Running { node, switch, clock })
}

fn switch_config(config: &Config) -> Result<SwitchConfig, Failure> {
    let link = link_name(config)?;
    let language = match config.terminals.language {
        Language::Zh => hefu_slip::Language::Zh,
        Language::En => hefu_slip::Language::En,
    };
    let mut known = BTreeMap::new();
    for (till, _) in tills(config)? {
        let mut of_till = TillConfig::new(link.clone());
        of_till.language = language;
        of_till.unknown = config.terminals.unknown;
        known.insert(till, of_till);
    }
    let mut merchants = BTreeMap::new();
    for merchant in &config.merchant {
        let profile = MerchantProfile::new(&merchant.name_zh, &merchant.category).map_err(Failure::misuse)?;
        merchants.insert(merchant.number, profile);
    }
    let mut host = HostConfig::new(LINK, link, &config.bank.acquirer, &config.bank.forwarder);
    host.merchants = Arc::new(merchants);
    let bank = LinkConfig::new(&config.bank.address.to_string(), host);
    let pos = PosConfig::new(known, &config.bank.acquirer);
    Ok(SwitchConfig::new(config.terminals.listen, pos, vec![bank]))
}

/// The node's door as the switch knocks at it.
struct Knocker(hefu_node::Door);

impl hefu_switch::net::Door for Knocker {
    fn submit(&self, input: hefu_engine::Input) -> Result<(), hefu_switch::net::Busy> {
        self.0.submit(input).map_err(|hefu_node::Busy(input)| hefu_switch::net::Busy(input))
    }
}

/// The switch's outbox as the node fills it. Alarms go to the log.
struct Outlet(hefu_switch::net::Outbox);

impl hefu_node::Outbox for Outlet {
    fn deliver(&mut self, mut outputs: Vec<Output>) {
        outputs.retain(|output| {
            if let Output::Alarm { what } = output {
                tracing::warn!("alarm: {what}");
            }
            !matches!(output, Output::Alarm { .. })
        });
        self.0.deliver(outputs);
    }
}

/// The operating system's dice.
struct System;

impl hefu_vault::Dice for System {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("an operating system without chance cannot make keys");
    }
}
