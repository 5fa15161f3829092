//! The one task that owns the bank: takes a batch, writes the book once, lets the answers go.

use super::super::book::Book;
use super::super::core::{Bank, Effect};
use super::super::journal::{Journal, put_line};
use super::control::Health;
use super::fault::{Fault, Faults, Refuse};
use super::{BankError, BookClock};
use hefu_iso8583::frame::put_frame;
use hefu_tally::Moment;
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// Messages of the inbox in one batch.
const BATCH: usize = 64;
/// Answers that the fault "slow" may keep back; more leave at once.
const DELAYED: usize = 65_536;

/// What the teller hears.
pub(super) enum Inbox {
    LinkUp { id: u64, outbox: mpsc::Sender<Vec<u8>> },
    Frames { id: u64, frames: Vec<Vec<u8>> },
    LinkDown { id: u64, broken: bool },
    Book(oneshot::Sender<Book>),
    Health(oneshot::Sender<Health>),
    Fault(Fault, oneshot::Sender<Faults>),
}

pub(super) struct Teller {
    bank: Bank,
    /// Away while a write is under way.
    journal: Option<Journal>,
    clock: BookClock,
    down: watch::Sender<bool>,
    faults: Faults,
    /// Live links by number; the newest has the highest.
    links: BTreeMap<u64, Link>,
    /// Answers kept back by the fault "slow": when, a number, which link, the frame's body.
    delayed: BTreeMap<(Moment, u64), (Option<u64>, Vec<u8>)>,
    counts: Counts,
}

struct Link {
    outbox: mpsc::Sender<Vec<u8>>,
    /// This batch's answers, framed.
    pending: Vec<u8>,
}

#[derive(Copy, Clone, Default)]
struct Counts {
    requests: u64,
    answers: u64,
    lost_requests: u64,
    lost_answers: u64,
    broken_frames: u64,
}

/// What one batch leaves to do once its lines are durable.
#[derive(Default)]
struct Batch {
    lines: Vec<u8>,
    /// Frame bodies, with the link that asked; late answers have none.
    sends: Vec<(Option<u64>, Vec<u8>)>,
    hang_up: Vec<u64>,
    books: Vec<oneshot::Sender<Book>>,
}

impl Teller {
    pub(super) fn new(bank: Bank, journal: Journal, clock: BookClock, down: watch::Sender<bool>) -> Teller {
        Teller {
            bank,
            journal: Some(journal),
            clock,
            down,
            faults: Faults::default(),
            links: BTreeMap::new(),
            delayed: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// Serves until told to stop. What the inbox holds by then is still served.
    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Inbox>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), BankError> {
        let mut heard = Vec::with_capacity(BATCH);
        loop {
            let due = self.next_due();
            tokio::select! {
                count = inbox.recv_many(&mut heard, BATCH) => if count == 0 { break },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            self.batch(heard.drain(..)).await?;
        }
        inbox.close();
        while inbox.recv_many(&mut heard, BATCH).await > 0 {
            self.batch(heard.drain(..)).await?;
        }
        Ok(())
    }

    /// When something is to be done without being asked, by the real clock.
    fn next_due(&self) -> Option<Instant> {
        let delayed = self.delayed.first_key_value().map(|((due, _), _)| *due);
        let due = self.bank.wake_at().into_iter().chain(delayed).min()?;
        Some(Instant::now() + self.clock.real_until(due))
    }

    async fn batch(&mut self, heard: impl Iterator<Item = Inbox>) -> Result<(), BankError> {
        let now = self.clock.now();
        let mut batch = Batch::default();
        for message in heard {
            self.hear(now, message, &mut batch);
        }
        if self.bank.wake_at().is_some_and(|due| due <= now) {
            let effects = self.bank.wake(now);
            batch.take(None, effects);
        }
        self.write(std::mem::take(&mut batch.lines)).await?;
        let undeliverable = self.deliver(now, std::mem::take(&mut batch.sends));
        self.flush(&batch.hang_up);
        self.write(undeliverable).await?;
        for asker in batch.books {
            // Whoever asked may have gone.
            let _ = asker.send(self.bank.book());
        }
        Ok(())
    }

    fn hear(&mut self, now: Moment, message: Inbox, batch: &mut Batch) {
        match message {
            Inbox::LinkUp { id, outbox } => {
                // While the bank is down the link ends as its outbox is dropped here.
                if !self.faults.down {
                    self.links.insert(id, Link { outbox, pending: Vec::new() });
                }
            }
            Inbox::Frames { id, frames } => {
                for frame in frames {
                    self.frame(now, id, &frame, batch);
                }
            }
            Inbox::LinkDown { id, broken } => {
                self.counts.broken_frames += u64::from(broken);
                self.links.remove(&id);
            }
            Inbox::Book(asker) => batch.books.push(asker),
            Inbox::Health(asker) => {
                let _ = asker.send(self.health(now));
            }
            Inbox::Fault(fault, asker) => {
                self.faults.change(fault);
                if let Some(Refuse { terminal, code }) = fault.refuse {
                    self.bank.refuse_next(terminal.as_str(), code);
                }
                self.down.send_replace(self.faults.down);
                if self.faults.down {
                    self.links.clear();
                }
                let _ = asker.send(self.faults);
            }
        }
    }

    fn frame(&mut self, now: Moment, id: u64, frame: &[u8], batch: &mut Batch) {
        // Behind a broken frame nothing of that link is believed.
        if batch.hang_up.contains(&id) {
            return;
        }
        if self.faults.loses_request() {
            self.counts.lost_requests += 1;
            return;
        }
        match self.bank.frame(now, frame) {
            Ok(effects) => {
                self.counts.requests += 1;
                batch.take(Some(id), effects);
            }
            Err(error) => {
                tracing::warn!(link = id, %error, "a broken frame: the link is closed");
                self.counts.broken_frames += 1;
                batch.hang_up.push(id);
            }
        }
    }

    /// Appends to the book and waits until it is durable, without keeping other tasks from running.
    async fn write(&mut self, lines: Vec<u8>) -> Result<(), BankError> {
        let Some(mut journal) = self.journal.take() else { return Err(BankError::Stopped) };
        if lines.is_empty() {
            self.journal = Some(journal);
            return Ok(());
        }
        let written = tokio::task::spawn_blocking(move || journal.append(&lines).map(|()| journal));
        self.journal = Some(written.await??);
        Ok(())
    }

    /// Puts the answers, and those whose delay is over, on their links. Gives the journal lines of those for which
    /// there was no link.
    fn deliver(&mut self, now: Moment, sends: Vec<(Option<u64>, Vec<u8>)>) -> Vec<u8> {
        let mut lines = Vec::new();
        for (link, frame) in sends {
            if self.faults.loses_answer() {
                self.counts.lost_answers += 1;
            } else if self.faults.slow_ms > 0 && self.delayed.len() < DELAYED {
                let due = now.after(i64::from(self.faults.slow_ms));
                let number = self.delayed.last_key_value().map_or(0, |((_, number), _)| number + 1);
                self.delayed.insert((due, number), (link, frame));
            } else {
                self.put(now, link, &frame, &mut lines);
            }
        }
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            let (link, frame) = entry.remove();
            self.put(now, link, &frame, &mut lines);
        }
        lines
    }

    /// An answer leaves on the link that asked, or, late or when that has gone, on the newest one.
    fn put(&mut self, now: Moment, link: Option<u64>, frame: &[u8], lines: &mut Vec<u8>) {
        let asked = link.filter(|id| self.links.contains_key(id));
        let id = asked.or_else(|| self.links.last_key_value().map(|(id, _)| *id));
        match id.and_then(|id| self.links.get_mut(&id)) {
            Some(link) => {
                self.counts.answers += 1;
                put_frame(frame, &mut link.pending).expect("an answer has 1 to 65,535 bytes");
            }
            None => put_line(lines, &self.bank.undeliverable(now, frame)),
        }
    }

    /// Gives each link its answers, and ends those that broke, or that do not take what they are given.
    fn flush(&mut self, hang_up: &[u64]) {
        self.links.retain(|id, link| {
            let taken =
                link.pending.is_empty() || link.outbox.try_send(std::mem::take(&mut link.pending)).is_ok();
            taken && !hang_up.contains(id)
        });
    }

    fn health(&self, now: Moment) -> Health {
        Health {
            now,
            links: self.links.len(),
            requests: self.counts.requests,
            answers: self.counts.answers,
            lost_requests: self.counts.lost_requests,
            lost_answers: self.counts.lost_answers,
            broken_frames: self.counts.broken_frames,
            undeliverable: self.bank.undelivered(),
            refused: self.bank.refused(),
            faults: self.faults,
        }
    }
}

impl Batch {
    fn take(&mut self, link: Option<u64>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Journal(line) => put_line(&mut self.lines, &line),
                Effect::Send { frame } => self.sends.push((link, frame)),
            }
        }
    }
}
