//! The banks' houses: each a bank, its journal on disk, and the link as it sees it.

use crate::bank::{Bank, BankConfig, Book, Code, Effect, Line, Names, PaymentLine, Truth};
use hefu_tally::Moment;
use std::collections::BTreeMap;

pub(super) struct House {
    /// Nothing while the bank is down.
    bank: Option<Bank>,
    /// What is on disk.
    journal: Vec<Line>,
    /// The link that stands, by the world's number.
    pub wire: Option<u64>,
    /// The wake that is planned.
    pub wake: Option<Moment>,
    /// What somebody on the way has answered to reversals in the bank's place, by their references.
    pub lied: BTreeMap<String, Code>,
    /// Counts the starts.
    pub epoch: u64,
}

/// All banks of a world, by their places.
pub(super) struct Houses(Vec<House>);

impl Houses {
    pub fn new(count: usize) -> Houses {
        Houses((0..count).map(|_| House::new()).collect())
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn of(&mut self, bank: usize) -> &mut House {
        &mut self.0[bank]
    }

    /// The link that stands, as this bank sees it.
    pub fn wire(&self, bank: usize) -> Option<u64> {
        self.0[bank].wire
    }

    pub fn is_up(&self, bank: usize) -> bool {
        self.0[bank].is_up()
    }

    pub fn all_up(&self) -> bool {
        self.0.iter().all(House::is_up)
    }

    /// What the books say became of a request: those of the bank that has seen it.
    pub fn truth(&self, rrn: &str) -> Truth {
        let told = self.0.iter().map(|house| house.truth(rrn)).find(|truth| *truth != Truth::NotDone);
        told.unwrap_or(Truth::NotDone)
    }

    /// The bank that has done it, if any has.
    pub fn doer(&self, rrn: &str) -> Option<usize> {
        self.0.iter().position(|house| house.truth(rrn) == Truth::Done)
    }

    /// What a bank took a second time, by its own fault.
    pub fn surplus(&self, rrn: &str) -> i64 {
        self.0.iter().map(|house| house.surplus(rrn)).sum()
    }

    /// All their books, one after the other.
    pub fn payments(&self) -> Vec<PaymentLine> {
        self.0.iter().flat_map(|house| house.book().payments).collect()
    }
}

impl House {
    pub fn new() -> House {
        House {
            bank: Some(Bank::new(BankConfig::test())),
            journal: Vec::new(),
            wire: None,
            wake: None,
            lied: BTreeMap::new(),
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

    /// What somebody on the way answers to this frame in the bank's place; nothing while there is no bank.
    pub fn answer_instead(&self, frame: &[u8], code: Code, names: Names) -> Option<Vec<u8>> {
        self.bank.as_ref()?.answer_instead(frame, code, names)
    }

    /// What the book says became of a request.
    pub fn truth(&self, rrn: &str) -> Truth {
        self.bank.as_ref().map_or(Truth::NotDone, |bank| bank.truth(rrn))
    }

    /// What the bank took a second time, by its own fault.
    pub fn surplus(&self, rrn: &str) -> i64 {
        self.bank.as_ref().map_or(0, |bank| bank.surplus(rrn))
    }

    /// Takes a request back by credit adjustment.
    pub fn adjust(&mut self, now: Moment, rrn: &str) -> Vec<Effect> {
        self.bank.as_mut().map(|bank| bank.adjust(now, rrn)).unwrap_or_default()
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
