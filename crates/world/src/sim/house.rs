//! The bank's house: the bank, its journal on disk, and the link as it sees it.

use crate::bank::{Bank, BankConfig, Book, Effect, Line};
use hefu_tally::Moment;

pub(super) struct House {
    /// Nothing while the bank is down.
    bank: Option<Bank>,
    /// What is on disk.
    journal: Vec<Line>,
    /// The link that stands, by the world's number.
    pub wire: Option<u64>,
    /// The wake that is planned.
    pub wake: Option<Moment>,
    /// Counts the starts.
    pub epoch: u64,
}

impl House {
    pub fn new() -> House {
        House {
            bank: Some(Bank::new(BankConfig::test())),
            journal: Vec::new(),
            wire: None,
            wake: None,
            epoch: 1,
        }
    }

    pub fn is_up(&self) -> bool {
        self.bank.is_some()
    }

    /// A frame came in. One that cannot be answered ends the link.
    pub fn frame(&mut self, now: Moment, frame: &[u8]) -> Vec<Effect> {
        match self.bank.as_mut().map(|bank| bank.frame(now, frame)) {
            Some(Ok(effects)) => effects,
            Some(Err(_)) => {
                self.wire = None;
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// What is due is done.
    pub fn due(&mut self, now: Moment) -> Vec<Effect> {
        self.wake = None;
        self.bank.as_mut().map(|bank| bank.wake(now)).unwrap_or_default()
    }

    /// When the bank wants to be woken, if that is not planned yet.
    pub fn wish(&mut self) -> Option<Moment> {
        let at = self.bank.as_ref().and_then(Bank::wake_at)?;
        if self.wake.is_some_and(|planned| planned <= at) {
            return None;
        }
        self.wake = Some(at);
        Some(at)
    }

    /// The line is durable from now on.
    pub fn write(&mut self, line: Line) {
        self.journal.push(line);
    }

    /// No link stands for this answer.
    pub fn undeliverable(&mut self, now: Moment, frame: &[u8]) {
        if let Some(bank) = &mut self.bank {
            let line = bank.undeliverable(now, frame);
            self.journal.push(line);
        }
    }

    pub fn crash(&mut self) {
        self.bank = None;
        self.wire = None;
        self.wake = None;
    }

    /// Starts from the journal.
    ///
    /// # Errors
    /// The journal does not replay, in words.
    pub fn start(&mut self) -> Result<(), String> {
        let mut bank = Bank::new(BankConfig::test());
        for line in &self.journal {
            bank.replay(line).map_err(|error| error.to_string())?;
        }
        self.bank = Some(bank);
        self.epoch += 1;
        Ok(())
    }

    /// The book, while the bank is up.
    pub fn book(&self) -> Book {
        self.bank.as_ref().map(Bank::book).unwrap_or_default()
    }
}
