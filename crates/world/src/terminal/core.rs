//! The terminal itself: a pure machine. Commands, bytes and the time go in, effects come out.

use super::api::*;
use super::job::{Flight, Job, Line};
use super::ledger::{LedgerEntry, Totals};
use super::memory::{EntryId, Memory, MemoryError, Reason};
use super::numbers::Numbers;
use super::profile::Profile;
use super::wire::{self, Inbox};
use hefu_tally::Moment;
use hefu_vault::{Dice, KeyLayout, TdesKey, Vault, WorkingKeys, unpack_f62};
use std::sync::Arc;

/// One UnionPay terminal.
///
/// It does no I/O, reads no clock and rolls no dice. Whoever drives it carries the effects out in their order; to
/// stop between any two of them is a power cut, after which [`Terminal::from_persisted`] goes on from the last
/// [`Effect::Persist`].
#[derive(Clone)]
pub struct Terminal {
    pub(super) profile: Profile,
    pub(super) storage: Arc<Vault>,
    pub(super) memory: Memory,
    /// The working keys of the memory, unwrapped.
    pub(super) keys: Option<WorkingKeys>,
    pub(super) line: Line,
    pub(super) inbox: Inbox,
    pub(super) job: Option<Job>,
    pub(super) printer: PrinterState,
    pub(super) counters: Counters,
    /// On the screen until the cashier has answered it or another one comes; gone with the power.
    pub(super) question: Option<Question>,
}

/// What the terminal owes to the acquirer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    pub reversal: Option<OwedReversal>,
    pub script_result: bool,
    /// Offline sales and completion advices without an answer.
    pub offline: usize,
    pub sign_on: bool,
    /// A settlement that was interrupted.
    pub settlement: bool,
}

/// A reversal that is owed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct OwedReversal {
    pub batch: u32,
    /// The original's trace.
    pub trace: u32,
    pub reason: Reason,
    /// How often it was sent in this round of tries.
    pub tries: u8,
}

impl Terminal {
    /// A terminal out of the workshop: no working keys, no batch, trace 000001.
    pub fn new(profile: Profile, dice: &mut dyn Dice) -> Terminal {
        let memory = Memory::new(Numbers::from_dice(dice));
        Terminal::with(profile, memory)
    }

    /// A terminal after a power cut, from the bytes of its last [`Effect::Persist`].
    ///
    /// # Errors
    /// Bytes that are damaged, of another terminal, or of another version of the program.
    pub fn from_persisted(profile: Profile, sealed: &[u8]) -> Result<Terminal, MemoryError> {
        let memory = Memory::open(&Vault::new(profile.storage.clone()), sealed)?;
        Ok(Terminal::with(profile, memory))
    }

    fn with(profile: Profile, memory: Memory) -> Terminal {
        let storage = Arc::new(Vault::new(profile.storage.clone()));
        let wrapped = memory.keys.as_ref();
        // Keys that do not unwrap, because the master key was changed in the workshop, are as good as none.
        let keys = wrapped.and_then(|f62| unpack_f62(profile.layout, &profile.master, &f62.0).ok());
        let mut terminal = Terminal {
            profile,
            storage,
            memory,
            keys,
            line: Line::Down,
            inbox: Inbox::default(),
            job: None,
            printer: PrinterState::Ready,
            counters: Counters::default(),
            question: None,
        };
        terminal.memory.signed_on &= terminal.keys.is_some();
        terminal
    }

    /// The cashier asks for something. The end is an [`Effect::Done`], now or later.
    ///
    /// # Errors
    /// [`Busy`] while an earlier command runs.
    pub fn command(&mut self, now: Moment, command: Command) -> Result<Vec<Effect>, Busy> {
        if let Some(job) = &self.job {
            return Err(Busy(job.transaction));
        }
        let mut out = Vec::new();
        self.start(now, command, &mut out);
        Ok(out)
    }

    /// The line stands.
    pub fn connected(&mut self, now: Moment) -> Vec<Effect> {
        let mut out = Vec::new();
        match self.line {
            Line::Connecting { .. } => {
                self.line = Line::Up;
                self.run(now, &mut out);
            }
            // The shell dialled for a command that has ended meanwhile.
            Line::Down => out.push(Effect::Disconnect),
            Line::Up => {}
        }
        out
    }

    /// The line could not be made, broke, or was closed by the other side.
    pub fn disconnected(&mut self, now: Moment) -> Vec<Effect> {
        let mut out = Vec::new();
        let line = std::mem::replace(&mut self.line, Line::Down);
        self.inbox.clear();
        match line {
            Line::Connecting { .. } => self.no_line(&mut out),
            Line::Up => self.unanswered(now, &mut out),
            Line::Down => {}
        }
        out
    }

    /// Bytes came over the line.
    pub fn bytes(&mut self, now: Moment, bytes: &[u8]) -> Vec<Effect> {
        let mut out = Vec::new();
        if !matches!(self.line, Line::Up) {
            return out;
        }
        let Ok(frames) = self.inbox.push(bytes) else {
            self.counters.garbled += 1;
            out.push(Effect::Disconnect);
            out.extend(self.disconnected(now));
            return out;
        };
        for frame in frames {
            match wire::open(&frame) {
                Some(answer) => self.answer(now, answer, &mut out),
                None => self.counters.garbled += 1,
            }
        }
        out
    }

    /// The time that was wished for has come. Too early or for something that is over, nothing happens.
    pub fn wake(&mut self, now: Moment) -> Vec<Effect> {
        let mut out = Vec::new();
        if let Line::Connecting { until } = self.line {
            if now >= until {
                out.push(Effect::Disconnect);
                self.line = Line::Down;
                self.no_line(&mut out);
            }
        } else if self.flight().is_some_and(|flight| now >= flight.deadline) {
            // A line that brings no answer may be dead, though nobody has said so.
            self.hang_up(&mut out);
            self.unanswered(now, &mut out);
        }
        out
    }

    /// The printer's state has changed. Slips that were held are printed as soon as it is ready.
    pub fn printer(&mut self, state: PrinterState) -> Vec<Effect> {
        self.printer = state;
        if state != PrinterState::Ready || self.memory.held.is_empty() {
            return Vec::new();
        }
        // Printed first and forgotten afterwards: a power cut in between prints a slip twice, never not at all.
        let held = std::mem::take(&mut self.memory.held);
        let mut out: Vec<Effect> = held.into_iter().map(|slip| Effect::Print(Box::new(slip))).collect();
        self.persist(&mut out);
        out
    }

    /// Whether a command is running.
    pub fn busy(&self) -> bool {
        self.job.is_some()
    }

    /// What this terminal's cashier believes: every transaction of the open batch and as many older ones as the
    /// terminal remembers, oldest first.
    pub fn ledger(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.memory.records.iter().map(|record| &record.entry)
    }

    /// The newest entry of the present batch with this trace.
    pub fn entry(&self, trace: u32) -> Option<&LedgerEntry> {
        self.memory.record(EntryId { batch: self.memory.batch, trace }).map(|record| &record.entry)
    }

    /// The slip's data of an approved sale, for a refund.
    pub fn original(&self, trace: u32) -> Option<Original> {
        let entry = self.entry(trace)?;
        let date = entry.date.as_deref()?.as_bytes().try_into().ok()?;
        Some(Original { rrn: entry.rrn.clone()?, batch: entry.batch, trace, date })
    }

    /// The slip's data of an approved pre-authorisation, for its completion.
    pub fn hold(&self, trace: u32) -> Option<Hold> {
        let entry = self.entry(trace)?;
        let date = entry.date.as_deref()?.as_bytes().try_into().ok()?;
        Some(Hold { auth: entry.auth.clone()?, batch: entry.batch, trace, date })
    }

    /// The totals of the open batch as this terminal believes them.
    pub fn totals(&self) -> Totals {
        Totals::of(self.memory.batch, self.memory.open_records().map(|record| &record.entry))
    }

    /// What waits to be sent.
    pub fn owes(&self) -> Owed {
        let reversal = self.memory.reversal.as_ref().map(|pending| OwedReversal {
            batch: pending.of.batch,
            trace: pending.of.trace,
            reason: pending.reason,
            tries: pending.tries,
        });
        Owed {
            reversal,
            script_result: self.memory.script.is_some(),
            offline: self.memory.offline.len(),
            sign_on: self.memory.sign_on_due,
            settlement: self.memory.settling.is_some(),
        }
    }

    /// Slips that wait for the printer.
    pub fn held_slips(&self) -> usize {
        self.memory.held.len()
    }

    /// What the acquirer has asked the cashier and not heard yet.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// The present batch number; 0 before the first sign-on.
    pub fn batch(&self) -> u32 {
        self.memory.batch
    }

    /// The trace that the next message takes.
    pub fn next_trace(&self) -> u32 {
        self.memory.next_trace
    }

    /// Whether the terminal has working keys and was not signed off.
    pub fn signed_on(&self) -> bool {
        self.memory.signed_on
    }

    /// What was received and thrown away since power came on.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The terminal's settings.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(super) fn flight(&self) -> Option<&Flight> {
        self.job.as_ref()?.flight.as_ref()
    }

    pub(super) fn mac_key(&self) -> Option<&TdesKey> {
        self.keys.as_ref().map(|keys| &keys.mac)
    }

    pub(super) fn layout(&self) -> KeyLayout {
        self.profile.layout
    }

    pub(super) fn persist(&mut self, out: &mut Vec<Effect>) {
        out.push(Effect::Persist(self.memory.seal(&self.storage)));
    }
}
