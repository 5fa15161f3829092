//! Both books side by side: what the bank says it charged, and what the merchants have.

use crate::{Failure, open};
use hefu_store::SqliteStore;
use hefu_tally::{DutyKind, Issuer, Leg, LegNo, Merchant, Tally, leg::Moves};
use hefu_world::bank::Book;
use std::collections::BTreeMap;

/// What one payment's money is, by one side. Minor units.
#[derive(Copy, Clone, Default, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Stand {
    /// Charged less returned.
    pub net: i64,
    pub held: i64,
}

/// One payment as both sides see it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Row {
    pub rrn: String,
    pub card: String,
    pub bank: Stand,
    /// What the platform believes that the bank did.
    pub platform: Stand,
    /// What the merchant has of it.
    pub merchant: Stand,
    /// It waits, visibly, for the clearing files.
    pub awaits_clearing: bool,
}

impl Row {
    pub fn agrees(&self) -> bool {
        self.bank == self.platform && self.bank == self.merchant
    }
}

/// All payments of both sides.
#[derive(Clone, Default, Debug, serde::Serialize)]
pub struct Comparison {
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Payments that do not agree and do not wait for clearing either.
    pub fn differences(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.agrees() && !row.awaits_clearing)
    }

    /// Payments that do not agree, and wait for clearing to say who is right.
    pub fn awaiting(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.agrees() && row.awaits_clearing)
    }

    /// By card: (bank net, merchant net).
    pub fn cards(&self) -> BTreeMap<&str, (i64, i64)> {
        let mut cards = BTreeMap::new();
        for row in &self.rows {
            let sums: &mut (i64, i64) = cards.entry(row.card.as_str()).or_default();
            sums.0 += row.bank.net;
            sums.1 += row.merchant.net;
        }
        cards
    }
}

/// Compares the bank's book with the store, payment by payment.
pub fn compare(book: &Book, store: &mut SqliteStore) -> Result<Comparison, Failure> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for tally in open::tallies(store)? {
        for row in of_tally(&tally) {
            rows.insert(row.rrn.clone(), row);
        }
    }
    for payment in &book.payments {
        let stand = Stand { net: payment.charged - payment.returned, held: payment.held };
        let rrn = payment.rrn.as_str().to_owned();
        let row = rows.entry(rrn.clone()).or_insert_with(|| Row {
            rrn,
            card: masked(payment.card.expose()),
            bank: Stand::default(),
            platform: Stand::default(),
            merchant: Stand::default(),
            awaits_clearing: false,
        });
        // A payment that the bank took in twice has two lines, and both count.
        row.bank.net += stand.net;
        row.bank.held += stand.held;
    }
    Ok(Comparison { rows: rows.into_values().collect() })
}

/// The legs that take or hold money, each with what followed on it.
fn of_tally(tally: &Tally) -> Vec<Row> {
    let mut rows = Vec::new();
    for (no, leg) in tally.legs() {
        let (platform, merchant) = match leg.kind.moves() {
            Moves::Charge => (net(tally, no, leg, done), net(tally, no, leg, has)),
            Moves::Hold => (hold(tally, no, leg, done), hold(tally, no, leg, has)),
            Moves::GiveBack | Moves::Refund | Moves::Release | Moves::Nothing => continue,
        };
        let legs = tally.legs().filter(|(other, leg)| *other == no || leg.of == Some(no));
        let awaits_clearing = legs
            .flat_map(|(no, leg)| hefu_tally::duty::duties(no, leg))
            .any(|duty| duty.kind == DutyKind::AwaitClearing);
        rows.push(Row {
            rrn: leg.rrn.to_string(),
            card: tally.masked.as_str().to_owned(),
            bank: Stand::default(),
            platform,
            merchant,
            awaits_clearing,
        });
    }
    rows
}

fn done(leg: &Leg) -> bool {
    leg.issuer == Issuer::Done
}

fn has(leg: &Leg) -> bool {
    matches!(leg.merchant, Merchant::Told | Merchant::Has)
}

fn net(tally: &Tally, no: LegNo, leg: &Leg, counts: impl Fn(&Leg) -> bool) -> Stand {
    let taken = if counts(leg) { leg.amount.minor } else { 0 };
    let back: i64 = tally
        .legs()
        .filter(|(_, other)| other.of == Some(no) && counts(other))
        .filter(|(_, other)| matches!(other.kind.moves(), Moves::GiveBack | Moves::Refund))
        .map(|(_, other)| other.amount.minor)
        .sum();
    Stand { net: taken - back, held: 0 }
}

fn hold(tally: &Tally, no: LegNo, leg: &Leg, counts: impl Fn(&Leg) -> bool) -> Stand {
    let followers = |of: LegNo| tally.legs().filter(move |(_, other)| other.of == Some(of));
    let voided = |of| followers(of).any(|(_, void)| counts(void) && void.kind.moves() == Moves::GiveBack);
    let released = followers(no).any(|(other_no, other)| {
        counts(other)
            && match other.kind.moves() {
                Moves::Release => true,
                Moves::Charge => !voided(other_no),
                Moves::Hold | Moves::GiveBack | Moves::Refund | Moves::Nothing => false,
            }
    });
    Stand { net: 0, held: if counts(leg) && !released { leg.amount.minor } else { 0 } }
}

/// First six and last four digits.
fn masked(pan: &str) -> String {
    let (first, last) = (pan.get(..6).unwrap_or(""), pan.get(pan.len().saturating_sub(4)..).unwrap_or(""));
    format!("{first}{}{last}", "*".repeat(pan.len().saturating_sub(10)))
}
