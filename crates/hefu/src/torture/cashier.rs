//! A cashier at a terminal: works under load, loses power now and then, and clears up in the end.

use super::{
    chance::Chance,
    deeds::{self, Deed},
    fate::{Fault, Struck, lasts},
};
use crate::Failure;
use hefu_world::terminal::{
    Command, Firmware, LedgerEntry, Standing,
    drive::{DriveConfig, DriveError, DriveHandle, Faults, View},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// A cashier thinks at most so long between two deeds (milliseconds, real).
const THINKS: u64 = 250;
/// A batch is settled when it has so many entries.
const FULL: usize = 120;
/// A terminal that lost power stays off at most so long (stated milliseconds).
const STAYS_OFF: u64 = 60_000;

/// What all cashiers have done together.
#[derive(Default, Debug)]
pub struct Doings {
    asked: AtomicU64,
}

impl Doings {
    /// How many payments, voids and so on were asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A terminal's own ledger, as it was last seen, older batches included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    pub terminal: String,
    /// Keeps its reversals until they are acknowledged.
    pub certified: bool,
    pub entries: Vec<LedgerEntry>,
    /// What it still owes the gateway, in words; none when nothing.
    pub owes: Option<String>,
}

pub struct Cashier {
    config: DriveConfig,
    terminal: Option<DriveHandle>,
    chance: Chance,
    struck: Arc<Struck>,
    doings: Arc<Doings>,
    entries: BTreeMap<(u32, u32), LedgerEntry>,
    next: VecDeque<Deed>,
    asked: BTreeSet<(u32, u32)>,
}

impl Cashier {
    pub fn new(
        config: DriveConfig,
        seed: u64,
        number: u32,
        struck: Arc<Struck>,
        doings: Arc<Doings>,
    ) -> Cashier {
        Cashier {
            config,
            terminal: None,
            chance: Chance::of(seed, "cashier", u64::from(number)),
            struck,
            doings,
            entries: BTreeMap::new(),
            next: VecDeque::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Works until told to stop.
    pub async fn work(mut self, stop: watch::Receiver<bool>) -> Result<Cashier, Failure> {
        while !*stop.borrow() {
            let view = self.look().await?;
            if let Some(command) = self.think(&view) {
                let faults = self.faults();
                self.perform(command, faults).await?;
            }
            let pause = Duration::from_millis(self.chance.below(THINKS));
            tokio::time::sleep(pause).await;
        }
        self.next.clear();
        Ok(self)
    }

    /// Works off what the terminal owes, asks once about each open line whose outcome it does not know, and closes
    /// its batch; gives up at `until`.
    pub async fn clear_up(mut self, settle: bool, until: Instant) -> Result<Cashier, Failure> {
        let pause = lasts(5_000, self.config.time_scale);
        let mut settled = false;
        while Instant::now() < until {
            let view = self.look().await?;
            let owes = &view.owes;
            let unknown = view.ledger.iter().find(|entry| {
                entry.batch == view.batch
                    && entry.standing == Standing::Unknown
                    && !self.asked.contains(&(entry.batch, entry.trace))
            });
            let command = if !view.signed_on || owes.sign_on {
                Command::SignOn
            } else if owes.settlement {
                Command::Settle
            } else if owes.reversal.is_some() || owes.script_result || owes.offline > 0 {
                Command::SendPending
            } else if let Some(entry) = unknown.filter(|_| settle) {
                self.asked.insert((entry.batch, entry.trace));
                Command::LastResult { trace: entry.trace }
            } else if settle && !settled && view.ledger.iter().any(|entry| entry.batch == view.batch) {
                settled = true;
                Command::Settle
            } else {
                break;
            };
            let batch = view.batch;
            self.perform(command, Faults::default()).await?;
            let view = self.look().await?;
            settled &= view.batch != batch || view.owes.settlement || view.owes.sign_on;
            tokio::time::sleep(pause).await;
        }
        self.look().await?;
        Ok(self)
    }

    /// The terminal's own ledger.
    pub async fn journal(&mut self) -> Result<Journal, Failure> {
        let view = self.look().await?;
        let owes = &view.owes;
        let nothing = owes.reversal.is_none() && !owes.script_result && owes.offline == 0 && !owes.settlement;
        Ok(Journal {
            terminal: self.config.profile.terminal.clone(),
            certified: self.config.profile.firmware == Firmware::Certified,
            entries: self.entries.values().cloned().collect(),
            owes: if nothing { None } else { Some(format!("{owes:?}")) },
        })
    }

    /// What the terminal knows now, kept for the comparison.
    async fn look(&mut self) -> Result<View, Failure> {
        let view = self.switched_on().await?.view().await.map_err(Failure::found)?;
        for entry in &view.ledger {
            self.entries.insert((entry.batch, entry.trace), entry.clone());
        }
        Ok(view)
    }

    /// What the cashier asks for next.
    fn think(&mut self, view: &View) -> Option<Command> {
        if !view.signed_on {
            return Some(Command::SignOn);
        }
        if view.owes.settlement && self.chance.happens(800) {
            return Some(Command::Settle);
        }
        let open = view.ledger.iter().filter(|entry| entry.batch == view.batch).count();
        if open >= FULL && self.chance.happens(200) {
            return Some(Command::Settle);
        }
        if self.next.is_empty() {
            self.next.extend(deeds::draw(&mut self.chance));
        }
        let deed = self.next.pop_front()?;
        let command = deeds::command(deed, view.batch, &view.ledger, &mut self.chance)?;
        if deed.is_payment() {
            self.doings.asked.fetch_add(1, Ordering::Relaxed);
        }
        Some(command)
    }

    fn faults(&mut self) -> Faults {
        let mut drawn = |per_mille, most| {
            let happens = self.chance.happens(per_mille);
            let at = self.chance.below(most) as usize;
            happens.then_some(at)
        };
        Faults {
            kill_before_effect: drawn(40, 10),
            cut_before_send: drawn(10, 2),
            cut_after_send: drawn(20, 2),
        }
    }

    async fn perform(&mut self, command: Command, faults: Faults) -> Result<(), Failure> {
        let terminal = self.switched_on().await?;
        match terminal.command_with(command, faults).await {
            Ok(_) => Ok(()),
            Err(DriveError::Killed { .. }) => {
                self.struck.count(Fault::PowerCut);
                self.terminal = None;
                let off = self.chance.below(STAYS_OFF);
                tokio::time::sleep(lasts(off, self.config.time_scale)).await;
                Ok(())
            }
            Err(error) => Err(Failure::found(format!("{}: {error}", self.config.profile.terminal))),
        }
    }

    async fn switched_on(&mut self) -> Result<DriveHandle, Failure> {
        if let Some(terminal) = &self.terminal {
            return Ok(terminal.clone());
        }
        let terminal = DriveHandle::switch_on(self.config.clone()).await.map_err(Failure::found)?;
        self.terminal = Some(terminal.clone());
        Ok(terminal)
    }
}
