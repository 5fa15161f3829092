//! A till: the device that people touch, the terminal behind it, its paper, and what is shown beside it.

use super::paper::{self, Strip};
use super::payments::Beside;
use super::shop::Place;
use crate::Failure;
use hefu_world::pos::wire::{Cable, Tap, Wire};
use hefu_world::pos::{Act, Dead, Device, Flow, Key, Tone, cards::Card};
use hefu_world::proxy::Proxy;
use hefu_world::terminal::drive::{DriveConfig, DriveError, DriveHandle, Seen, View};
use hefu_world::terminal::{Body, Command, EntryMode, PrinterState, Receipt, Text};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Strips of paper that are kept.
const STRIPS: usize = 20;
/// Receipts that can be printed once more.
const RECEIPTS: usize = 60;
/// How long a terminal that was just switched off may take to let its memory go.
const LETS_GO_WITHIN: Duration = Duration::from_secs(10);
/// How often an idle terminal without keys tries to sign on by itself.
const SIGNS_ON_EVERY: Duration = Duration::from_secs(2);

/// A till.
pub struct Till {
    pub place: &'static Place,
    pub tap: Arc<Tap>,
    pub cable: Arc<Cable>,
    config: DriveConfig,
    inner: Mutex<Inner>,
    /// Counts what has changed.
    revision: watch::Sender<u64>,
    _proxy: Proxy,
}

/// What changes.
pub struct Inner {
    pub device: Device,
    pub drive: Option<DriveHandle>,
    pub view: Option<View>,
    pub printer: PrinterState,
    pub strips: VecDeque<Strip>,
    pub connected: bool,
    pub beside: Beside,
    receipts: VecDeque<Receipt>,
    given: u64,
    tried: Option<Instant>,
}

/// Why a touch does nothing.
#[derive(Debug, Error)]
pub enum Refused {
    #[error(transparent)]
    Dead(#[from] Dead),
    #[error("the power is off")]
    Off,
    #[error("the power is on already")]
    On,
    #[error("the reader cannot read this card: {0}")]
    Card(#[from] hefu_world::terminal::CardError),
    #[error(transparent)]
    Terminal(#[from] DriveError),
}

impl Till {
    /// A till without power.
    pub fn new(
        place: &'static Place,
        config: DriveConfig,
        tap: Arc<Tap>,
        cable: Arc<Cable>,
        revision: watch::Sender<u64>,
        proxy: Proxy,
    ) -> Arc<Till> {
        let inner = Inner {
            device: Device::new(),
            drive: None,
            view: None,
            printer: PrinterState::Ready,
            strips: VecDeque::new(),
            connected: false,
            beside: Beside::default(),
            receipts: VecDeque::new(),
            given: 0,
            tried: None,
        };
        Arc::new(Till { place, tap, cable, config, inner: Mutex::new(inner), revision, _proxy: proxy })
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever watches.
    pub fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Power comes on; the terminal goes on from its memory.
    pub async fn power_on(self: &Arc<Till>) -> Result<(), Refused> {
        if self.inner().drive.is_some() {
            return Err(Refused::On);
        }
        let till = Arc::downgrade(self);
        let watcher = Arc::new(move |seen| {
            if let Some(till) = Weak::upgrade(&till) {
                till.see(seen);
            }
        });
        let began = Instant::now();
        let drive = loop {
            match DriveHandle::switch_on_watched(self.config.clone(), watcher.clone()).await {
                Ok(drive) => break drive,
                // A write that was under way when the power went holds the file for a moment.
                Err(DriveError::InUse { .. }) if began.elapsed() < LETS_GO_WITHIN => {
                    sleep(Duration::from_millis(20)).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let printer = self.inner().printer;
        drive.printer(printer).await?;
        let view = drive.view().await?;
        let act = {
            let mut inner = self.inner();
            inner.drive = Some(drive);
            let act = inner.device.power_on(&view);
            inner.view = Some(view);
            act
        };
        self.carry_out(act);
        self.changed();
        Ok(())
    }

    /// Pulls the power, whatever the terminal is doing.
    pub async fn power_off(&self) -> Result<(), Refused> {
        let drive = {
            let mut inner = self.inner();
            inner.device.power_off();
            inner.connected = false;
            inner.view = None;
            inner.drive.take().ok_or(Refused::Off)?
        };
        drive.pull_power().await;
        self.inner().connected = false;
        self.changed();
        Ok(())
    }

    /// A key was pressed.
    pub fn press(self: &Arc<Till>, key: Key) -> Result<(), Refused> {
        let act = {
            let mut inner = self.inner();
            let Inner { device, view, .. } = &mut *inner;
            device.press(key, view.as_ref().ok_or(Refused::Off)?)?
        };
        self.carry_out(act);
        self.changed();
        Ok(())
    }

    /// A card was presented.
    pub fn card(self: &Arc<Till>, card: &Card, how: EntryMode) -> Result<(), Refused> {
        let input = card.present(how)?;
        let act = {
            let mut inner = self.inner();
            let Inner { device, view, .. } = &mut *inner;
            device.card(input, view.as_ref().ok_or(Refused::Off)?)?
        };
        self.carry_out(act);
        self.changed();
        Ok(())
    }

    /// Jams the printer, empties its paper, or makes it ready.
    pub async fn printer(&self, state: PrinterState) -> Result<(), Refused> {
        let drive = {
            let mut inner = self.inner();
            inner.printer = state;
            let (zh, en) = match state {
                PrinterState::Ready => ("打印机就绪", "The printer is ready"),
                PrinterState::OutOfPaper => ("缺纸", "Out of paper"),
                PrinterState::PaperJam => ("卡纸", "Paper jam"),
                PrinterState::Overheated => ("打印头过热", "The printer is too hot"),
                PrinterState::LowBattery => ("电量低", "Battery low"),
                PrinterState::Off => ("打印机已关闭", "The printer is off"),
            };
            if state != PrinterState::Ready && inner.device.is_on() {
                inner.device.paper_warns(Text::new(zh, en));
            }
            inner.drive.clone()
        };
        if let Some(drive) = drive {
            drive.printer(state).await?;
            self.look(&drive).await;
        }
        self.changed();
        Ok(())
    }

    /// What is read beside the till.
    pub fn learns(&self, beside: Beside) {
        let mut inner = self.inner();
        if inner.beside != beside {
            inner.beside = beside;
            drop(inner);
            self.changed();
        }
    }

    /// Looks at the terminal's own belief; an idle terminal without keys signs on by itself.
    pub async fn tick(self: &Arc<Till>, gateway_up: bool) {
        let drive = self.inner().drive.clone();
        let Some(drive) = drive else { return };
        self.look(&drive).await;
        let act = {
            let mut inner = self.inner();
            let signed_on = inner.view.as_ref().is_none_or(|view| view.signed_on);
            let rested = inner.tried.is_none_or(|tried| tried.elapsed() >= SIGNS_ON_EVERY);
            if signed_on || !gateway_up || !inner.device.is_idle() || !rested {
                return;
            }
            inner.tried = Some(Instant::now());
            inner.device.run(Flow::SignOn, Command::SignOn)
        };
        self.carry_out(Some(act));
        self.changed();
    }

    async fn look(&self, drive: &DriveHandle) {
        let Ok(view) = drive.view().await else { return };
        let mut inner = self.inner();
        if inner.drive.is_some() && inner.view.as_ref() != Some(&view) {
            inner.view = Some(view);
            drop(inner);
            self.changed();
        }
    }

    fn carry_out(self: &Arc<Till>, act: Option<Act>) {
        match act {
            None => {}
            Some(Act::Run(command)) => self.run(*command),
            Some(Act::Reprint(trace)) => self.reprint(trace),
        }
    }

    /// Runs a command that no key asked for.
    pub fn run_by_itself(self: &Arc<Till>, flow: Flow, command: Command) {
        let act = {
            let mut inner = self.inner();
            if !inner.device.is_on() || inner.device.is_busy() {
                return;
            }
            inner.device.run(flow, command)
        };
        self.carry_out(Some(act));
        self.changed();
    }

    fn run(self: &Arc<Till>, command: Command) {
        let Some(drive) = self.inner().drive.clone() else { return };
        let till = self.clone();
        tokio::spawn(async move {
            let signs_on = matches!(command, Command::SignOn);
            let report = drive.command(command).await;
            let view = drive.view().await.ok();
            let mut inner = till.inner();
            match (report, view) {
                (Ok(report), Some(view)) => {
                    let question = view.question.clone();
                    inner.view = Some(view);
                    let done = report.outcome.response.as_deref() == Some("00");
                    inner.device.ended(&report.outcome, question);
                    if signs_on && done {
                        inner.device.rest();
                    }
                }
                // The power went meanwhile.
                (Ok(_) | Err(DriveError::Off), _) => {}
                (Err(error), _) => {
                    tracing::warn!(%error, terminal = till.place.terminal, "the terminal failed");
                    inner.device.failed(Text::new("终端故障", error.to_string()));
                    inner.drive = None;
                    inner.device.power_off();
                }
            }
            drop(inner);
            till.changed();
        });
    }

    fn reprint(&self, trace: u32) {
        let mut inner = self.inner();
        let found = inner.receipts.iter().rev().find(|receipt| match &receipt.body {
            Body::Payment(payment) => payment.trace == trace,
            Body::Settlement { .. } => false,
        });
        let found = found.cloned();
        let entry = inner
            .view
            .as_ref()
            .and_then(|view| view.ledger.iter().rev().find(|entry| entry.trace == trace).cloned());
        let refused = match (&found, &entry, inner.printer) {
            (_, _, state) if state != PrinterState::Ready => {
                Some(("打印机未就绪", "The printer is not ready"))
            }
            (Some(_), Some(_), _) => None,
            (None, _, _) | (_, None, _) => Some(("没有可重打的签购单", "There is no slip to print again")),
        };
        match (refused, found, entry) {
            (None, Some(receipt), Some(entry)) => {
                for strip in paper::strips(&receipt, Some(&entry)) {
                    inner.keep(strip);
                }
            }
            (why, _, _) => {
                let (zh, en) = why.unwrap_or_default();
                inner.device.result(Flow::Reprint, Tone::Bad, Text::new(zh, en));
            }
        }
        drop(inner);
        self.changed();
    }

    /// Something happened at the terminal. Called on its task.
    fn see(&self, seen: Seen) {
        let mut inner = self.inner();
        match seen {
            Seen::Screen(text) => inner.device.shows(text),
            Seen::Paper(receipt) => {
                for strip in paper::strips(&receipt, None) {
                    inner.keep(strip);
                }
                if inner.receipts.len() >= RECEIPTS {
                    inner.receipts.pop_front();
                }
                inner.receipts.push_back(*receipt);
            }
            Seen::Line(up) => inner.connected = up,
        }
        drop(inner);
        self.changed();
    }

    /// All faults off, cable mended, printer ready, power on.
    pub async fn reset(self: &Arc<Till>) -> Result<(), Refused> {
        self.tap.calm();
        self.cable.cut(false);
        self.cable.half_open(false);
        self.printer(PrinterState::Ready).await?;
        match self.power_on().await {
            Ok(()) | Err(Refused::On) => {}
            Err(error) => return Err(error),
        }
        self.rests();
        Ok(())
    }

    /// Takes what was typed, or a result that nobody has read, off the screen.
    pub fn rests(&self) {
        let mut inner = self.inner();
        if inner.device.is_on() && !inner.device.is_busy() {
            inner.device.rest();
        }
        drop(inner);
        self.changed();
    }

    /// Changes what is switched on against this till's frames on a wire.
    pub fn fault(&self, wire: Wire, change: impl FnOnce(&mut hefu_world::pos::wire::Faults)) {
        self.tap.set(wire, change);
    }

    /// The same against payments that begin from now on: what earlier ones still owe does not take the fault away.
    pub fn fault_new(&self, wire: Wire, change: impl FnOnce(&mut hefu_world::pos::wire::Faults)) {
        self.tap.set_for_new(wire, change);
    }
}

impl Inner {
    fn keep(&mut self, strip: Strip) {
        self.given += 1;
        if self.strips.len() >= STRIPS {
            self.strips.pop_front();
        }
        self.strips.push_back(Strip { id: self.given, ..strip });
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        Failure::found(refused)
    }
}
