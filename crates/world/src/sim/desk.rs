//! The desk: when the day is closed, somebody who has the bank's book on the table and the shops on the telephone
//! decides what only they can tell. After that nothing waits any more, and everything must match.

use super::event::Event;
use super::house::Houses;
use super::judge::{self, Scene};
use super::proofs::is_reversed;
use super::rows::{Does, Row, does};
use super::shop::Shop;
use super::world::{Phase, World};
use crate::bank::Truth;
use crate::terminal::Standing;
use hefu_engine::{Decide, Input};
use hefu_store::Store;
use hefu_tally::{
    Direction, Issuer, Merchant,
    judge::Decision,
    leg::Case,
    time::{MINUTE, SECOND},
};

/// The desk looks again after so long …
const PAUSE: i64 = 20 * SECOND;
/// … and has worked off everything within this: what is still being reversed is left to it after the cut.
const LONGEST: i64 = 45 * MINUTE;

/// What somebody says about a leg.
struct Word {
    decision: Decision,
    /// The bank gives it back by hand first.
    adjust: bool,
}

const fn word(decision: Decision) -> Option<Word> {
    Some(Word { decision, adjust: false })
}

impl<S: Store> World<S> {
    /// The desk opens, if anything lies on it; otherwise the world is over.
    pub fn open_desk(&mut self) -> bool {
        let since = self.agenda.now();
        if self.desk_works() == 0 {
            return false;
        }
        for doubts in &mut self.doubts {
            doubts.close(self.gateway.mirror.legs());
        }
        self.phase = Phase::Desk { since };
        self.trace.event(since, "world", b"desk", || "-- people decide what is left --".into());
        self.agenda.after(PAUSE, Event::Desk);
        true
    }

    /// The desk looks again; when nothing is left the last judgement is passed.
    pub fn at_desk(&mut self) {
        let Phase::Desk { since } = self.phase else { return };
        let now = self.agenda.now();
        let idle = self.gateway.running.as_ref().is_some_and(super::gateway::Running::is_idle);
        let works = self.desk_works();
        if now.since(since) > LONGEST {
            let waits = self.gateway.mirror.legs().find(|row| lies(row, &self.houses));
            let what = waits.map_or_else(|| "the gateway is at work".to_owned(), Row::describe);
            return self.violate("desk", format!("nobody could settle it: {what}"));
        }
        if works > 0 || !idle {
            return self.agenda.after(PAUSE, Event::Desk);
        }
        let scene = Scene { shops: &self.shops, books: &self.houses, mirror: &self.gateway.mirror, now };
        if let Err((rule, what)) = judge::settled(&mut self.gateway.store, &scene) {
            self.violate(rule, what);
        }
        self.phase = Phase::Over;
    }

    /// Gives a decision about each leg that needs one; how many there were.
    fn desk_works(&mut self) -> usize {
        let now = self.agenda.now();
        let legs: Vec<Row> = self.gateway.mirror.legs().cloned().collect();
        let mut given = 0;
        let lying: Vec<&Row> = legs.iter().filter(|row| lies(row, &self.houses)).collect();
        for row in lying {
            let truth = self.houses.truth(row.leg.rrn.as_str());
            given += 1;
            // What is never reversed, or has its remedy already, cannot be denied: the shop takes it on.
            let stays = !is_reversed(row.leg.kind) || legs.iter().any(|other| follows(other, row));
            let has = || stays || has(&self.shops, row);
            let Some(Word { decision, adjust }) = decide(row, truth, has) else { continue };
            if adjust {
                let bank = self.houses.doer(row.leg.rrn.as_str()).expect("what is adjusted was done");
                let effects = self.houses.of(bank).adjust(now, row.leg.rrn.as_str());
                self.bank_does(bank, effects);
            }
            self.watch.proofs.decided(&row.leg.rrn);
            self.trace.event(now, "desk", row.leg.rrn.as_str().as_bytes(), || {
                format!("{}: {decision:?}, the bank's book says {truth:?}", row.describe())
            });
            let (by, reason) = ("desk".to_owned(), "the bank's book, and the shop's word".to_owned());
            let decide = Box::new(Decide { rrn: row.leg.rrn, decision, by, reason });
            self.gateway.take(Input::Decide { ticket: given as u64, decide });
        }
        given
    }
}

/// Whether it lies on the desk: it waits for somebody, or the bank has done what the platform holds for closed.
fn lies(row: &Row, books: &Houses) -> bool {
    let closed = matches!(row.leg.issuer, Issuer::NotDone | Issuer::Undone);
    let waits = row.leg.case.is_some() || row.leg.clearing.is_some();
    waits || closed && does(row.leg.kind) != Does::Nothing && books.truth(row.leg.rrn.as_str()) == Truth::Done
}

fn follows(other: &Row, row: &Row) -> bool {
    let in_force = matches!(other.leg.issuer, Issuer::Unknown | Issuer::Done);
    other.tally == row.tally && other.leg.of == Some(row.no) && in_force
}

/// Whether the shop has it, by its terminal's journal.
fn has(shops: &[Shop], row: &Row) -> bool {
    let identity = row.leg.identity;
    let shop = shops.iter().find(|shop| shop.till == identity.till);
    let mut entries = shop.into_iter().flat_map(Shop::ledger);
    entries.any(|entry| {
        let same = (entry.batch, entry.trace) == (identity.batch, identity.trace);
        same && matches!(
            entry.standing,
            Standing::Booked | Standing::Completed { .. } | Standing::Voided { .. }
        )
    })
}

/// What is said about a leg that waits.
fn decide(row: &Row, truth: Truth, has: impl FnOnce() -> bool) -> Option<Word> {
    let leg = &row.leg;
    match (leg.issuer, leg.direction, truth) {
        (Issuer::Unknown, Direction::Open | Direction::Return, Truth::NotDone) => word(Decision::NotDone),
        (Issuer::Unknown, Direction::Open | Direction::Return, Truth::Done) => word(Decision::Done),
        (Issuer::Unknown, Direction::Return, Truth::Undone) => word(Decision::Undone),
        (Issuer::Unknown, Direction::Open, Truth::Undone) => word(Decision::NotDone),
        (Issuer::Done, Direction::Return, Truth::Done) => {
            Some(Word { decision: Decision::Undone, adjust: true })
        }
        (Issuer::Done, Direction::Return, Truth::Undone | Truth::NotDone) => word(Decision::Undone),
        (Issuer::NotDone | Issuer::Undone | Issuer::Untouched, Direction::Return, Truth::Done) => {
            word(Decision::Done)
        }
        (Issuer::NotDone, Direction::Return, Truth::NotDone | Truth::Undone) if leg.clearing.is_some() => {
            word(Decision::NotDone)
        }
        (Issuer::NotDone | Issuer::Undone | Issuer::Untouched, Direction::Return, _) => word(Decision::Close),
        (Issuer::Done, Direction::Keep, _) => match (leg.case, leg.merchant) {
            (Some(Case::ReversedAgainstProof | Case::MissingFromUpload), _) | (_, Merchant::Told) => {
                word(if has() { Decision::Has } else { Decision::HasNot })
            }
            (_, Merchant::Has | Merchant::No | Merchant::Waiting) => word(Decision::Close),
        },
        (Issuer::Unknown, Direction::Keep, _)
        | (Issuer::NotDone | Issuer::Undone | Issuer::Untouched | Issuer::Done, Direction::Open, _)
        | (Issuer::NotDone | Issuer::Undone | Issuer::Untouched, Direction::Keep, _) => None,
    }
}
