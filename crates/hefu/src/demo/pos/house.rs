//! The house of a demonstration: bank, gateway, tills, and a proxy in each line. It stays up while the gateway crashes.

use super::drill::Drills;
use super::http;
use super::payments::{Reader, beside};
use super::shop::{self, PLACES};
use super::till::Till;
use crate::Failure;
use crate::config::Config;
use crate::serve::{self, Crashed, Running};
use crate::{doors, slip};
use hefu_node::clock::{Clock, ScaledClock};
use hefu_payer::Slips;
use hefu_tally::{Moment, Rrn};
use hefu_world::bank::{BankHandle, Fault, Faults, Refuse};
use hefu_world::pos::wire::{Cable, Sky, Tap};
use hefu_world::proxy::Proxy;
use hefu_world::terminal::drive::{DriveConfig, Faults as DriveFaults};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often it is looked what has changed in store, bank and terminals.
const LOOKS_EVERY: Duration = Duration::from_millis(120);
/// The gateway waits so long for the bank here, and a message is so long on its way (seconds): short enough that a
/// visitor sees a broken sale heal.
const ANSWER_WITHIN: u32 = 12;
const TRANSIT: u32 = 30;
/// It dials a bank that went away at least so often (seconds).
const REDIAL: u32 = 2;
/// How long it is waited for the bank link after everything was made well.
const LINK_WITHIN: Duration = Duration::from_secs(8);
/// How long the bank link may take to come up.
const BANK_UP_WITHIN: Duration = Duration::from_secs(10);

/// What a house is built from.
pub struct HouseConfig {
    /// Of the gateway, bank address aside.
    pub config: Config,
    /// Where store and terminals' memories lie.
    pub directory: PathBuf,
    pub scale: u32,
    pub bank: BankHandle,
}

/// A house at work. Dropping it ends its tasks.
pub struct House {
    pub tills: Vec<Arc<Till>>,
    pub bank_cable: Arc<Cable>,
    pub drills: Drills,
    /// Counts how often it was looked what has changed.
    looked: watch::Sender<u64>,
    run: u64,
    scale: u32,
    clock: ScaledClock,
    bank: BankHandle,
    bank_faults: Mutex<Faults>,
    gateway: Arc<Gateway>,
    sign_ins: serde_json::Value,
    slips: Slips,
    _bank_proxy: Proxy,
    tasks: Mutex<JoinSet<()>>,
}

/// The gateway, up or down.
struct Gateway {
    config: Config,
    store: PathBuf,
    slot: tokio::sync::Mutex<Slot>,
    up: watch::Sender<bool>,
    link_up: AtomicBool,
}

enum Slot {
    Up(Box<Running>),
    Down(Box<Crashed>),
    /// Between the two.
    Changing,
}

impl House {
    /// Builds the house: first the gateway with its pages, then the tills.
    ///
    /// # Errors
    /// An address is taken, a store or a memory cannot be used.
    pub async fn open(build: HouseConfig) -> Result<Arc<House>, Failure> {
        let HouseConfig { mut config, directory, scale, bank } = build;
        let key = config.merchant.first().and_then(|merchant| merchant.terminals.first());
        let key = key.map(|range| range.master_key.clone()).unwrap_or_default();
        shop::open(&mut config, &key)?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let bank_cable = Arc::new(Cable::new());
        let time: Arc<OnceLock<ScaledClock>> = Arc::default();
        let revisions: Vec<_> = PLACES.iter().map(|_| watch::Sender::new(1_u64)).collect();
        let taps: Vec<Arc<Tap>> = PLACES
            .iter()
            .zip(&revisions)
            .map(|(place, revision)| {
                let (time, revision) = (time.clone(), revision.clone());
                let now = move || time.get().map_or_else(ScaledClock::wall, Clock::now);
                Arc::new(Tap::new(place.terminal, now, move || revision.send_modify(|changes| *changes += 1)))
            })
            .collect();
        let sky = Sky::over_bank(taps.clone(), bank_cable.clone(), scale);
        let bank_proxy = Proxy::start(any, bank.listen(), Arc::new(sky)).await.map_err(Failure::found)?;
        config.bank = config.bank.only_at(bank_proxy.address).within(ANSWER_WITHIN, TRANSIT, REDIAL);
        let store = directory.join("hefu.db");
        let sign_ins = doors::demo(&config, &store, PLACES[0].shop.number()?)?;
        let slips = slip::slips(&config, None)?;
        let rooms: http::Rooms = Arc::default();
        let running = serve::start_with(&config, &store, scale, Some(http::routes(rooms.clone()))).await?;
        let clock = running.clock();
        // Nobody else sets it.
        let _ = time.set(clock.clone());
        // After a crash it listens where it did before.
        config.terminals.listen = running.terminals();
        let memories = directory.join("terminals");
        std::fs::create_dir_all(&memories).map_err(Failure::found)?;
        let mut tills = Vec::new();
        for ((place, tap), revision) in PLACES.iter().zip(taps).zip(revisions) {
            let cable = Arc::new(Cable::new());
            let sky = Sky::over_terminal(tap.clone(), cable.clone(), scale);
            let proxy =
                Proxy::start(any, running.terminals(), Arc::new(sky)).await.map_err(Failure::found)?;
            let drive = DriveConfig {
                address: proxy.address,
                state_file: memories.join(format!("{}.state", place.terminal)),
                time_scale: scale,
                profile: place.profile(),
                faults: DriveFaults::default(),
            };
            tills.push(Till::new(place, drive, tap, cable, revision, proxy));
        }
        let up = watch::Sender::new(true);
        let slot = tokio::sync::Mutex::new(Slot::Up(Box::new(running)));
        let house = Arc::new(House {
            tills,
            bank_cable,
            drills: Drills::open(directory.join("drills.jsonl")),
            looked: watch::Sender::new(0),
            run: u64::try_from(ScaledClock::wall().0).unwrap_or_default(),
            scale,
            clock,
            bank,
            bank_faults: Mutex::default(),
            gateway: Arc::new(Gateway { config, store, slot, up, link_up: AtomicBool::new(false) }),
            sign_ins,
            slips,
            _bank_proxy: bank_proxy,
            tasks: Mutex::default(),
        });
        let _ = rooms.set(Arc::downgrade(&house));
        house.spawn(look(Arc::downgrade(&house), house.gateway.store.clone()));
        Ok(house)
    }

    /// Switches every till on, once the bank link is up.
    ///
    /// # Errors
    /// The link stays down; a terminal's memory cannot be used.
    pub async fn begin(&self) -> Result<(), Failure> {
        if let Slot::Up(running) = &*self.gateway.slot.lock().await {
            running.bank_is_up(BANK_UP_WITHIN).await?;
        }
        for till in &self.tills {
            till.power_on().await?;
        }
        Ok(())
    }

    /// Where people look, and where terminals connect.
    pub async fn addresses(&self) -> Option<(SocketAddr, SocketAddr)> {
        match &*self.gateway.slot.lock().await {
            Slot::Up(running) => Some((running.console(), running.terminals())),
            Slot::Down(_) | Slot::Changing => None,
        }
    }

    /// With which names and passwords people sign in.
    pub fn sign_ins(&self) -> &serde_json::Value {
        &self.sign_ins
    }

    /// The path of a transaction's electronic slip.
    pub fn slip_path(&self, rrn: &str) -> Option<String> {
        let rrn = Rrn::parse(rrn.as_bytes()).ok()?;
        self.slips.path(&rrn).ok()
    }

    pub fn till(&self, n: u32) -> Option<&Arc<Till>> {
        self.tills.iter().find(|till| till.place.n == n)
    }

    /// Tells this house from others.
    pub fn run(&self) -> u64 {
        self.run
    }

    pub fn scale(&self) -> u32 {
        self.scale
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn gateway_is_up(&self) -> bool {
        *self.gateway.up.borrow()
    }

    /// Whether the gateway's line to the bank stood when it was looked last.
    pub fn link_is_up(&self) -> bool {
        self.gateway.link_up.load(Ordering::Relaxed)
    }

    pub fn bank_faults(&self) -> Faults {
        *self.bank_faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the bank down, makes it slow, or well again.
    ///
    /// # Errors
    /// The bank has stopped.
    pub async fn bank(&self, fault: Fault) -> Result<Faults, Failure> {
        let faults = self.bank.fault(fault).await.map_err(Failure::found)?;
        *self.bank_faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
        self.changed();
        Ok(faults)
    }

    /// Crashes the gateway, and starts it again after `down`. Whether it was up.
    pub fn crash(self: &Arc<House>, down: Duration) -> bool {
        if !self.gateway_is_up() {
            return false;
        }
        let house = self.clone();
        // Not one of the house's own tasks: a crash that has begun is carried through.
        tokio::spawn(async move { house.crash_and_start(down).await });
        true
    }

    async fn crash_and_start(&self, down: Duration) {
        {
            let mut slot = self.gateway.slot.lock().await;
            *slot = match std::mem::replace(&mut *slot, Slot::Changing) {
                Slot::Up(running) => Slot::Down(Box::new(running.crash())),
                other => other,
            };
        }
        self.gateway.up.send_replace(false);
        self.changed();
        tokio::time::sleep(down).await;
        let mut slot = self.gateway.slot.lock().await;
        *slot = match std::mem::replace(&mut *slot, Slot::Changing) {
            Slot::Down(crashed) => match crashed.start(&self.gateway.config, &self.gateway.store).await {
                Ok(running) => {
                    self.gateway.up.send_replace(true);
                    Slot::Up(Box::new(running))
                }
                Err((crashed, failure)) => {
                    tracing::error!(?failure, "the gateway does not start again");
                    Slot::Down(Box::new(crashed))
                }
            },
            other => other,
        };
        drop(slot);
        self.changed();
    }

    /// Everything well again for one till: its own faults, the bank's line, and the bank.
    ///
    /// # Errors
    /// The bank has stopped, or the terminal's memory cannot be used.
    pub async fn reset(&self, till: &Arc<Till>) -> Result<(), Failure> {
        self.bank_cable.cut(false);
        self.bank_cable.half_open(false);
        let terminal = hefu_world::bank::Text::new(till.place.terminal).unwrap_or_default();
        let well = Fault {
            down: Some(false),
            slow_ms: Some(0),
            lose_answers: Some(0),
            lose_requests: Some(0),
            refuse: Some(Refuse { terminal, code: None }),
        };
        self.bank(well).await?;
        till.reset().await?;
        self.link_comes_up().await;
        Ok(())
    }

    /// Waits a little for the bank link, which is dialled again after a pause.
    async fn link_comes_up(&self) {
        let until = Instant::now() + LINK_WITHIN;
        while Instant::now() < until {
            match &*self.gateway.slot.lock().await {
                Slot::Up(running) if running.links_are_up() => return,
                Slot::Up(_) | Slot::Changing => {}
                // Nobody dials.
                Slot::Down(_) => return,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops, and waits for what is being committed.
    ///
    /// # Errors
    /// The node stopped for a reason of its own.
    pub async fn stop(&self) -> Result<(), Failure> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        for till in &self.tills {
            let drive = till.inner().drive.take();
            drop(drive);
        }
        match std::mem::replace(&mut *self.gateway.slot.lock().await, Slot::Changing) {
            Slot::Up(running) => running.stop().await,
            Slot::Down(_) | Slot::Changing => Ok(()),
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
    }

    /// Waits until everything beside the tills was read once more.
    pub async fn looked_anew(&self) {
        let mut looked = self.looked.subscribe();
        let _ = tokio::time::timeout(LOOKS_EVERY * 20, looked.changed()).await;
    }

    /// Wakes whoever watches any till.
    pub fn changed(&self) {
        self.tills.iter().for_each(|till| till.changed());
    }
}

/// Looks what has changed, for as long as there is a house.
async fn look(house: std::sync::Weak<House>, store: PathBuf) {
    let mut reader = Some(Reader::new(store.clone()));
    loop {
        tokio::time::sleep(LOOKS_EVERY).await;
        let Some(house) = house.upgrade() else { return };
        let keys: BTreeSet<_> = house.tills.iter().filter_map(|till| till.place.till()).collect();
        let (mut looks, now) = (reader.take().unwrap_or_else(|| Reader::new(store.clone())), house.now());
        let wanted = keys.clone();
        let read = tokio::task::spawn_blocking(move || {
            let payments = looks.read(&wanted, now);
            (looks, payments)
        });
        let (book, read) = tokio::join!(house.bank.book(), read);
        if let (Ok(book), Ok((looks, payments))) = (book, read) {
            reader = Some(looks);
            match payments {
                Ok(mut payments) => {
                    for till in &house.tills {
                        let own = till.place.till().and_then(|key| payments.remove(&key)).unwrap_or_default();
                        till.learns(beside(own, &book, till.place.terminal));
                    }
                }
                // The next look tries it again; a store that is being opened is busy for a moment.
                Err(failure) => tracing::debug!(?failure, "the payments cannot be read now"),
            }
        }
        house.looked.send_modify(|looks| *looks += 1);
        let up = house.gateway_is_up();
        let link_up = match house.gateway.slot.try_lock().as_deref() {
            Ok(Slot::Up(running)) => Some(running.links_are_up()),
            Ok(Slot::Down(_) | Slot::Changing) => Some(false),
            // Somebody looks at it or changes it: next time.
            Err(_) => None,
        };
        if link_up.is_some_and(|up| house.gateway.link_up.swap(up, Ordering::Relaxed) != up) {
            house.changed();
        }
        for till in &house.tills {
            till.tick(up).await;
        }
    }
}
