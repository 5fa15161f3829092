//! What the bank knows, changed by events only: the same events in the same order give the same state.

use super::code::Code;
use super::config::OPENING_BALANCE;
use super::key::Key;
use super::record::{
    Event, Kind, Line, Movement, Outcome, Request, Reversal, Standing, Task, Transaction, What, Why,
    WorkingKey,
};
use super::text::{Card, Text};
use hefu_tally::Moment;
use std::collections::BTreeMap;

/// Everything durable. Grows with the book, up to [`BankConfig::capacity`](super::BankConfig).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct State {
    pub anchor: Option<Moment>,
    /// The time of the newest line.
    pub last: Option<Moment>,
    pub accounts: BTreeMap<Card, Account>,
    pub transactions: BTreeMap<Key, Transaction>,
    pub reversals: BTreeMap<Key, ReversalRecord>,
    /// From an original to the first reversal that named it, known or not.
    pub reversed_first: BTreeMap<Key, Key>,
    /// Pre-authorisations by card and DE38.
    pub authorisations: BTreeMap<(Card, Text<6>), Key>,
    pub movements: Vec<(Moment, Movement)>,
    pub due: BTreeMap<(Moment, Key), Task>,
    /// When a request that the bank did not see came for the first time.
    pub unseen: BTreeMap<Key, Moment>,
    pub refused: BTreeMap<Code, u64>,
    pub undeliverable: u64,
    /// The key changes, as they came.
    pub key_changes: Vec<(WorkingKey, String)>,
}

/// One account: opened when its card is first seen.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Account {
    pub opened: Moment,
    pub balance: i64,
    pub held: i64,
    pub charged: i64,
    pub returned: i64,
    /// Wrong PINs since the last right one.
    pub wrong_pins: u32,
}

/// A reversal and what became of it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct ReversalRecord {
    pub reversal: Reversal,
    pub first: Moment,
    pub times: u32,
    /// Carried out, or found that it was: repeats change nothing.
    pub done: bool,
}

/// Why a journal line cannot be true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    #[error("event {event}: {key} was never received")]
    Unknown { event: usize, key: Key },
    #[error("event {event}: {key} was received twice")]
    Twice { event: usize, key: Key },
    #[error("event {event}: an amount of {amount} cannot be moved for {key}")]
    Amount { event: usize, key: Key, amount: i64 },
    #[error("event {event}: something is planned for {key} already")]
    PlannedTwice { event: usize, key: Key },
    #[error("event {event}: nothing was planned for {key}")]
    NotPlanned { event: usize, key: Key },
    #[error("event {event}: the wrapped key is no key under this master key")]
    Key { event: usize },
    #[error("time runs back from {last} to {at}")]
    TimeRunsBack { last: Moment, at: Moment },
}

impl Account {
    pub(super) fn opened(opened: Moment) -> Account {
        Account { opened, balance: OPENING_BALANCE, held: 0, charged: 0, returned: 0, wrong_pins: 0 }
    }

    /// What may be spent, in fen; below zero when a charge was re-established after its money was spent.
    pub(super) fn available(&self) -> i64 {
        self.balance - self.held
    }
}

impl State {
    pub(super) fn account(&self, card: &Card, now: Moment) -> Account {
        self.accounts.get(card).copied().unwrap_or_else(|| Account::opened(now))
    }

    /// How much of the book's capacity is used.
    pub(super) fn size(&self) -> usize {
        self.transactions.len() + self.reversals.len() + self.unseen.len()
    }

    pub(super) fn apply_line(&mut self, line: &Line) -> Result<(), ReplayError> {
        if let Some(last) = self.last.filter(|last| line.at < *last) {
            return Err(ReplayError::TimeRunsBack { last, at: line.at });
        }
        for (index, event) in line.events.iter().enumerate() {
            self.apply(line.at, index, event)?;
        }
        self.last = Some(line.at);
        Ok(())
    }

    /// Applies one event, the `index`th of its line.
    pub(super) fn apply(&mut self, at: Moment, index: usize, event: &Event) -> Result<(), ReplayError> {
        match event {
            Event::Opened { anchor } => self.anchor = Some(*anchor),
            Event::Received(request) => self.received(at, index, request)?,
            Event::Judged { of, outcome } => self.judged(index, *of, outcome)?,
            Event::Moved(movement) => self.moved(at, index, movement)?,
            Event::Stands { of, standing } => self.transaction(index, *of)?.standing = *standing,
            Event::Reversal(reversal) => self.reversal(at, index, reversal)?,
            Event::ReversalAgain { of } => {
                let record =
                    self.reversals.get_mut(of).ok_or(ReplayError::Unknown { event: index, key: *of })?;
                record.times = record.times.saturating_add(1);
            }
            Event::ReversalDone { of } => {
                self.reversals.get_mut(of).ok_or(ReplayError::Unknown { event: index, key: *of })?.done =
                    true;
            }
            Event::Planned { of, due, task } => {
                if self.transaction(index, *of)?.planned.replace(*due).is_some() {
                    return Err(ReplayError::PlannedTwice { event: index, key: *of });
                }
                self.due.insert((*due, *of), *task);
            }
            Event::Settled { of } => {
                let planned = self.transaction(index, *of)?.planned.take();
                let due = planned.ok_or(ReplayError::NotPlanned { event: index, key: *of })?;
                self.due.remove(&(due, *of));
            }
            Event::Pin { card, right } => {
                let account = self.accounts.entry(*card).or_insert_with(|| Account::opened(at));
                account.wrong_pins = if *right { 0 } else { account.wrong_pins.saturating_add(1) };
            }
            Event::Unseen { of, card: _ } => {
                self.unseen.entry(*of).or_insert(at);
            }
            Event::Refused { code } => *self.refused.entry(*code).or_default() += 1,
            Event::KeyChanged { key, wrapped } => self.key_changes.push((*key, wrapped.clone())),
            Event::Undeliverable { of: _ } => self.undeliverable += 1,
        }
        Ok(())
    }

    fn transaction(&mut self, event: usize, key: Key) -> Result<&mut Transaction, ReplayError> {
        self.transactions.get_mut(&key).ok_or(ReplayError::Unknown { event, key })
    }

    fn received(&mut self, at: Moment, event: usize, request: &Request) -> Result<(), ReplayError> {
        let key = request.key;
        if self.transactions.contains_key(&key) {
            return Err(ReplayError::Twice { event, key });
        }
        self.accounts.entry(request.card).or_insert_with(|| Account::opened(at));
        let transaction = Transaction {
            request: *request,
            number: self.transactions.len() as u64 + 1,
            received: at,
            day: at.business_day(),
            outcome: None,
            standing: Standing::Stands,
            planned: None,
            charged: 0,
            returned: 0,
            held: 0,
            surplus: 0,
        };
        self.transactions.insert(key, transaction);
        Ok(())
    }

    fn judged(&mut self, event: usize, key: Key, outcome: &Outcome) -> Result<(), ReplayError> {
        let transaction = self.transaction(event, key)?;
        transaction.outcome = Some(*outcome);
        let request = transaction.request;
        if outcome.done && request.kind == Kind::PreAuthorisation {
            self.authorisations.insert((request.card, outcome.auth), key);
        }
        Ok(())
    }

    fn reversal(&mut self, at: Moment, event: usize, reversal: &Reversal) -> Result<(), ReplayError> {
        let key = reversal.key;
        let record = ReversalRecord { reversal: *reversal, first: at, times: 1, done: false };
        if self.reversals.insert(key, record).is_some() {
            return Err(ReplayError::Twice { event, key });
        }
        self.reversed_first.entry(reversal.original).or_insert(key);
        Ok(())
    }

    fn moved(&mut self, at: Moment, event: usize, movement: &Movement) -> Result<(), ReplayError> {
        let &Movement { what, of: key, amount, why, by: _ } = movement;
        let refused = ReplayError::Amount { event, key, amount };
        let transaction = self.transactions.get_mut(&key).ok_or(ReplayError::Unknown { event, key })?;
        let card = transaction.request.card;
        let account = self.accounts.get_mut(&card).ok_or(ReplayError::Unknown { event, key })?;
        let add = |to: i64, amount: i64| to.checked_add(amount).ok_or(refused.clone());
        if amount <= 0 {
            return Err(refused);
        }
        match what {
            What::Charge => {
                account.balance = add(account.balance, -amount)?;
                account.charged = add(account.charged, amount)?;
            }
            What::Return => {
                account.balance = add(account.balance, amount)?;
                account.returned = add(account.returned, amount)?;
            }
            What::Hold => account.held = add(account.held, amount)?,
            What::Release => account.held = add(account.held, -amount)?,
        }
        match (what, why) {
            (What::Charge | What::Hold, Why::SecondTime) => {
                transaction.surplus = add(transaction.surplus, amount)?
            }
            (What::Charge, _) => transaction.charged = add(transaction.charged, amount)?,
            (What::Return, _) => transaction.returned = add(transaction.returned, amount)?,
            (What::Hold, _) => transaction.held = add(transaction.held, amount)?,
            (What::Release, _) => transaction.held = add(transaction.held, -amount)?,
        }
        // Never more back than was taken, and no hold released that is not there.
        if transaction.returned > transaction.charged || transaction.held < 0 || account.held < 0 {
            return Err(refused);
        }
        self.movements.push((at, *movement));
        Ok(())
    }
}
