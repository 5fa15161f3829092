//! A node opened over a store, and the first sale that it answers.

use super::{past, sample};
use crate::Failure;
use hefu_engine::{Ask, Config, Conversation, Input, Output, Said};
use hefu_node::{Door, Node, Outbox, Start, clock::ScaledClock};
use hefu_store::{SqliteStore, Store};
use hefu_tally::{CardToken, Code, DutyKind, LinkId, Moment};
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

/// The longest that the first answer, or the last reversal, is waited for.
const WAITS: Duration = Duration::from_secs(120);
/// A trace that the history has not used.
const TRACE: u32 = 999_999;
/// The longest that an output is waited for before it is looked whether all is done.
const PAUSE: Duration = Duration::from_millis(10);
/// Between two tries to knock at a full or closed door.
const RETRY: Duration = Duration::from_millis(1);

/// What was measured. Milliseconds from before the store was opened; the yardstick's own from before its own open.
#[derive(Serialize, Deserialize)]
pub struct Came {
    pub bare_ms: f64,
    pub opened_ms: f64,
    pub started_ms: f64,
    pub first_ms: f64,
    pub reversed_ms: f64,
    pub reversals: u64,
    pub first_megabytes: u64,
    pub peak_megabytes: u64,
}

struct Outlet(Sender<Vec<Output>>);

impl Outbox for Outlet {
    fn deliver(&mut self, outputs: Vec<Output>) {
        // Whoever does not listen any more has measured enough.
        let _ = self.0.send(outputs);
    }
}

/// Opens a node over the store; the bank approves every message at once.
pub fn measure(path: &Path) -> Result<Came, Failure> {
    let reversals = open_reversals(path)?;
    let bare_ms = bare(path).map_err(Failure::found)?;
    let began = Instant::now();
    let store = SqliteStore::open(path).map_err(Failure::found)?;
    let opened_ms = since(began);
    let clock = ScaledClock::new(ScaledClock::wall(), 1);
    let (door, inbox) = hefu_node::door();
    let (sender, outputs) = mpsc::channel();
    let start = Start { store, clock, config: Config::new(1, sample::LINK), seed: 11 };
    let node = Node::start(start, inbox, Outlet(sender)).map_err(Failure::found)?;
    let started_ms = since(began);
    knock(&door, Input::Link { link: sample::LINK, up: true })?;
    let till = past::till(0)?;
    let transact = sample::transact(till, TRACE, CardToken([0xFE; 16]));
    let conversation = Conversation(1);
    knock(&door, Input::Terminal { conversation, till, ask: Ask::Transact(Box::new(transact)) })?;
    let mut bank = Bank { door, outputs, answered: None };
    while bank.answered.is_none() {
        bank.serve(PAUSE)?;
        bank.still_in_time(began)?;
    }
    let first_ms = since(began);
    match bank.answered {
        Some(code) if code == Code::APPROVED => {}
        other => return Err(Failure::found(format!("the first sale was answered {other:?}"))),
    }
    let first_megabytes = megabytes("VmRSS:")?;
    while open_reversals(path)? > 0 {
        bank.serve(PAUSE)?;
        bank.still_in_time(began)?;
    }
    let reversed_ms = since(began);
    let peak_megabytes = megabytes("VmHWM:")?;
    node.stop().map_err(Failure::found)?;
    Ok(Came {
        bare_ms,
        opened_ms,
        started_ms,
        first_ms,
        reversed_ms,
        reversals,
        first_megabytes,
        peak_megabytes,
    })
}

/// The bank and the terminal: answers what is sent, and waits for the first sale's answer.
struct Bank {
    door: Door,
    outputs: Receiver<Vec<Output>>,
    answered: Option<Code>,
}

impl Bank {
    /// Takes what comes out next, if anything does within this time.
    fn serve(&mut self, within: Duration) -> Result<(), Failure> {
        match self.outputs.recv_timeout(within) {
            Ok(outputs) => outputs.into_iter().try_for_each(|output| self.take(output)),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(Failure::found("the node has ended")),
        }
    }

    fn still_in_time(&self, began: Instant) -> Result<(), Failure> {
        let in_time = began.elapsed() < WAITS;
        in_time.then_some(()).ok_or_else(|| Failure::found(format!("nothing more came within {WAITS:?}")))
    }

    fn take(&mut self, output: Output) -> Result<(), Failure> {
        match output {
            Output::Send { link, message } => self.approve(link, &message),
            Output::Reply { reply, .. } => {
                if let Said::Transaction { code, .. } = reply.what {
                    self.answered = Some(code);
                }
                Ok(())
            }
            Output::Alarm { what } => {
                eprintln!("bench: alarm: {what}");
                Ok(())
            }
            Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::WakeAt { .. }
            | Output::Answer { .. } => Ok(()),
        }
    }

    fn approve(&self, link: LinkId, message: &hefu_engine::BankRequest) -> Result<(), Failure> {
        match sample::answer(message, "00") {
            Some(answer) => knock(&self.door, Input::Bank { link, answer }),
            None => Ok(()),
        }
    }
}

fn knock(door: &Door, mut input: Input) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < WAITS {
        match door.submit(input) {
            Ok(()) => return Ok(()),
            Err(hefu_node::Busy(back)) => input = *back,
        }
        std::thread::sleep(RETRY);
    }
    Err(Failure::found(format!("the door is {} after {WAITS:?}", door.state())))
}

/// How many payments wait for an answer to their reversal.
fn open_reversals(path: &Path) -> Result<u64, Failure> {
    let mut store = SqliteStore::open_read_only(path).map_err(Failure::found)?;
    let (mut after, mut reversals) = (None, 0);
    loop {
        let rows = store.duties(after, Moment(i64::MAX), hefu_store::MOST_ROWS).map_err(Failure::found)?;
        let Some(last) = rows.last() else { return Ok(reversals) };
        after = Some(*last);
        reversals += rows.iter().filter(|row| row.duty.kind == DutyKind::Reverse).count() as u64;
    }
}

/// The yardstick: a bare SQLite open and one read by a key.
fn bare(path: &Path) -> Result<f64, rusqlite::Error> {
    let began = Instant::now();
    let db = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let id: Vec<u8> = db.query_row("SELECT tally FROM identity LIMIT 1", [], |row| row.get(0))?;
    let state: Vec<u8> = db.query_row("SELECT state FROM tally WHERE id = ?1", [id], |row| row.get(0))?;
    assert!(!state.is_empty(), "a payment has a state");
    Ok(since(began))
}

fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}

/// Memory of this process, from the system.
fn megabytes(line: &str) -> Result<u64, Failure> {
    let path = "/proc/self/status";
    let status = std::fs::read_to_string(path).map_err(Failure::found)?;
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kilobytes = found.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map(|kb| kb / 1_024).ok_or_else(|| Failure::found(format!("{path}: no {line}")))
}
