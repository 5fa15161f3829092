//! The bank's book as it is shown: accounts, entries, and a line for each payment.

use super::key::Key;
use super::record::{Kind, Movement, What, Why};
use super::state::State;
use super::text::{Card, Text};
use hefu_tally::Moment;
use serde::{Deserialize, Serialize};

/// What the bank's accounts were charged and given back, and why. Amounts in fen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Book {
    pub accounts: Vec<AccountLine>,
    /// In the order in which money moved.
    pub entries: Vec<Entry>,
    /// One for each payment that ever moved money, by card and RRN.
    pub payments: Vec<PaymentLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountLine {
    pub card: Card,
    pub opened: Moment,
    pub balance: i64,
    pub held: i64,
    pub charged: i64,
    pub returned: i64,
}

/// A movement with everything that names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub at: Moment,
    pub what: What,
    pub why: Why,
    pub amount: i64,
    pub card: Card,
    /// DE37 of the payment whose money it is, also when a void, refund or reversal moved it.
    pub rrn: Text<12>,
    pub terminal: Text<8>,
    pub merchant: Text<15>,
    /// The key of the payment.
    pub of: Key,
    /// DE7 and DE11 of the message that caused it.
    pub transmitted: String,
    pub stan: String,
    /// DE37 of the message that caused it; the payment's own when that is the payment or its reversal.
    pub by_rrn: Text<12>,
}

/// One payment's money.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PaymentLine {
    pub rrn: Text<12>,
    pub card: Card,
    pub terminal: Text<8>,
    pub merchant: Text<15>,
    /// Everything ever charged for it, second charges by the bank's fault included.
    pub charged: i64,
    pub returned: i64,
    pub held: i64,
}

impl Book {
    pub(super) fn of(state: &State) -> Book {
        let accounts = state.accounts.iter().map(|(card, account)| AccountLine {
            card: *card,
            opened: account.opened,
            balance: account.balance,
            held: account.held,
            charged: account.charged,
            returned: account.returned,
        });
        let entries = state.movements.iter().filter_map(|(at, movement)| entry(state, *at, movement));
        Book { accounts: accounts.collect(), entries: entries.collect(), payments: payments(state) }
    }

    /// The part of the book that concerns one card, one RRN, or both.
    pub fn only(mut self, card: Option<&str>, rrn: Option<&str>) -> Book {
        let is_wanted = |of_card: &Card, of_rrn: &str| {
            card.is_none_or(|card| card == of_card.expose()) && rrn.is_none_or(|rrn| rrn == of_rrn)
        };
        self.entries.retain(|entry| is_wanted(&entry.card, entry.rrn.as_str()));
        self.payments.retain(|payment| is_wanted(&payment.card, payment.rrn.as_str()));
        let payments = &self.payments;
        self.accounts.retain(|account| match rrn {
            Some(_) => payments.iter().any(|payment| payment.card == account.card),
            None => is_wanted(&account.card, ""),
        });
        self
    }

    /// The account of a card, if it was ever seen.
    pub fn account(&self, card: &str) -> Option<&AccountLine> {
        self.accounts.iter().find(|account| account.card.expose() == card)
    }

    /// The payment with this RRN, if it ever moved money.
    pub fn payment(&self, rrn: &str) -> Option<&PaymentLine> {
        self.payments.iter().find(|payment| payment.rrn.as_str() == rrn)
    }
}

fn entry(state: &State, at: Moment, movement: &Movement) -> Option<Entry> {
    let request = state.transactions.get(&movement.of)?.request;
    let cause = state.transactions.get(&movement.by).map(|transaction| transaction.request.rrn);
    let cause = cause.or_else(|| state.reversals.get(&movement.by).map(|record| record.reversal.rrn));
    Some(Entry {
        at,
        what: movement.what,
        why: movement.why,
        amount: movement.amount,
        card: request.card,
        rrn: request.rrn,
        terminal: request.terminal,
        merchant: request.merchant,
        of: movement.of,
        transmitted: format!("{:010}", movement.by.transmitted),
        stan: format!("{:06}", movement.by.stan),
        by_rrn: cause.unwrap_or_default(),
    })
}

/// One line for each transaction that took money, in the order of their keys.
fn payments(state: &State) -> Vec<PaymentLine> {
    let takers = state.transactions.values().filter(|t| t.request.kind.takes_money() && t.done().is_some());
    let lines = takers.map(|transaction| {
        let request = &transaction.request;
        let (charged_again, held_again) = match request.kind == Kind::PreAuthorisation {
            true => (0, transaction.surplus),
            false => (transaction.surplus, 0),
        };
        PaymentLine {
            rrn: request.rrn,
            card: request.card,
            terminal: request.terminal,
            merchant: request.merchant,
            charged: transaction.charged + charged_again,
            returned: transaction.returned,
            held: transaction.held + held_again,
        }
    });
    lines.collect()
}
