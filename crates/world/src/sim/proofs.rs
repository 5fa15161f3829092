//! What passed between gateway and bank, payment by payment, as the world saw it, and what may follow from it: an
//! outcome that the platform writes down needs evidence that came before it.
//!
//! - An approval is told only when the bank's approval came: under the request's own key, with a good MAC, for this
//!   terminal and amount.
//! - Two denials (25 or 12) close a payment, and only if no approval came, and the copy that was denied last left half
//!   a minute after the first denial and when the request could not be under way any more.
//! - An approval that comes after a payment was closed brings one more copy of its reversal.
//! - What was unanswered when the gateway stopped never becomes a sale.
//! - What could not be written to a terminal, and was not told otherwise, is given back.
//! - Policy decides nothing while the business day runs; presumption proves nothing for models that are not certified.
//! - At most ten copies of one message leave in a minute.

use super::mirror::Mirror;
use super::rows::{self, Does, Row, does};
use super::watch::{APPROVALS, Broken};
use hefu_engine::{BankAnswer, BankAsk, BankRequest, BankSays};
use hefu_tally::{
    Direction, Issuer, Kind, LinkId, LinkKey, Merchant, Moment, Rrn, Till,
    leg::Knowledge,
    time::{MINUTE, SECOND},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The longest transit time of the bank link, as its profile says.
const TRANSIT: i64 = 60 * SECOND;
/// A bank may hold what it denies for so long.
const HELD: i64 = 30 * SECOND;
/// Copies of one message in any minute.
const MOST_COPIES: usize = 10;
/// Codes to a request that prove nothing either way, or speak of its original.
const PROVES_NOTHING: [&[u8; 2]; 11] =
    [b"06", b"22", b"25", b"68", b"90", b"91", b"92", b"94", b"95", b"96", b"98"];

/// What was seen of all payments.
#[derive(Default)]
pub(super) struct Proofs {
    legs: BTreeMap<Rrn, Seen>,
    copies: BTreeMap<LinkKey, VecDeque<Moment>>,
    /// Terminals of models whose next transaction or equal totals are presumption enough.
    certified: BTreeSet<Till>,
}

/// What was seen of one leg.
struct Seen {
    till: Till,
    amount: i64,
    request: LinkKey,
    left: Moment,
    undo: Option<LinkKey>,
    /// Copies of the reversal.
    copies: u32,
    last_copy: Moment,
    denials: u32,
    first_denial: Option<Moment>,
    /// Something was answered to the request.
    answered: bool,
    declined: bool,
    /// The bank's approval came, after so many denials.
    approved: Option<u32>,
    /// It came when the leg was closed already: one more copy must leave.
    owes_copy: bool,
    /// Unanswered when the gateway stopped.
    orphan: bool,
    /// An approval of it could not be written to the terminal, and none was.
    unwritten: bool,
    written: bool,
    /// A person said how it stands.
    decided: bool,
}

impl Proofs {
    pub fn new(certified: BTreeSet<Till>) -> Proofs {
        Proofs { certified, ..Proofs::default() }
    }

    /// Whether one copy of the reversal of this reference has left, and no more.
    pub fn only_copy(&self, rrn: &str) -> bool {
        self.legs.iter().any(|(of, seen)| of.as_str() == rrn && seen.copies == 1)
    }

    /// Whether the bank's approval of this reference came.
    pub fn was_approved(&self, rrn: &str) -> bool {
        self.legs.iter().any(|(of, seen)| of.as_str() == rrn && seen.approved.is_some())
    }

    /// A message leaves for the bank.
    pub fn sent(&mut self, now: Moment, message: &BankRequest) -> Result<(), Broken> {
        let copies = self.copies.entry(message.key).or_default();
        while copies.front().is_some_and(|first| now.since(*first) >= MINUTE) {
            copies.pop_front();
        }
        copies.push_back(now);
        if copies.len() > MOST_COPIES {
            let what = format!("{}: {} copies of {:?} in a minute", message.rrn, copies.len(), message.key);
            return Err(("pace", what));
        }
        match message.what {
            BankAsk::Request => {
                self.legs.entry(message.rrn).or_insert(Seen {
                    till: message.till,
                    amount: message.amount.minor,
                    request: message.key,
                    left: now,
                    undo: None,
                    copies: 0,
                    last_copy: now,
                    denials: 0,
                    first_denial: None,
                    answered: false,
                    declined: false,
                    approved: None,
                    owes_copy: false,
                    orphan: false,
                    unwritten: false,
                    written: false,
                    decided: false,
                });
            }
            BankAsk::Repeat => {}
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => {
                if let Some(seen) = self.legs.get_mut(&message.rrn) {
                    seen.undo = Some(message.key);
                    seen.copies += 1;
                    seen.last_copy = now;
                    seen.owes_copy = false;
                }
            }
        }
        Ok(())
    }

    /// An answer of the bank reaches the running gateway.
    pub fn heard(&mut self, now: Moment, link: LinkId, answer: &BankAnswer, mirror: &Mirror) {
        let Some(rrn) = answer.rrn else { return };
        // On another bank's link it belongs to nothing.
        if mirror.leg(&rrn).is_some_and(|row| !row.is_of(link)) {
            return;
        }
        let (Some(seen), Some(code)) = (self.legs.get_mut(&rrn), answer.code) else { return };
        let names = |key: LinkKey| key.stan == answer.stan && key.at.mmddhhmmss() == answer.de7;
        if !answer.mac_good {
            return;
        }
        match answer.what {
            BankSays::ToRequest if names(seen.request) => {
                seen.answered = true;
                let amount = answer.amount.is_none_or(|amount| amount.minor == seen.amount);
                let fits = answer.till == Some(seen.till) && (amount || &code.0 == b"10");
                if !APPROVALS.contains(&&code.0) {
                    seen.declined |= !PROVES_NOTHING.contains(&&code.0) || &code.0 == b"25";
                } else if fits {
                    seen.approved.get_or_insert(seen.denials);
                    seen.owes_copy |= mirror.leg(&rrn).is_some_and(is_closed);
                }
            }
            BankSays::ToReversal if seen.undo.is_some_and(names) => {
                if matches!(&code.0, b"25" | b"12") {
                    seen.denials += 1;
                    seen.first_denial.get_or_insert(now);
                }
            }
            BankSays::ToRequest | BankSays::ToReversal => {}
        }
    }

    /// An approval is about to be told.
    pub fn told(&self, rrn: &Rrn) -> Result<(), Broken> {
        match self.legs.get(rrn) {
            Some(seen) if seen.approved.is_none() && !seen.decided => {
                Err(("evidence", format!("{rrn}: an approval is told, and none came from the bank")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// An approval was handed to the terminal's line, or could not be written to it.
    pub fn told_to_line(&mut self, rrn: &Rrn, written: bool) {
        if let Some(seen) = self.legs.get_mut(rrn) {
            seen.written |= written;
            seen.unwritten |= !written;
        }
    }

    /// A person decides about this leg.
    pub fn decided(&mut self, rrn: &Rrn) {
        if let Some(seen) = self.legs.get_mut(rrn) {
            seen.decided = true;
        }
    }

    /// The gateway has stopped: what it heard last and did not commit, it does not know.
    pub fn stopped(&mut self, mirror: &Mirror) {
        for row in mirror.legs() {
            let Some(seen) = self.legs.get_mut(&row.leg.rrn) else { continue };
            if row.leg.issuer != Issuer::Done {
                seen.approved = None;
            }
            seen.owes_copy = false;
            seen.unwritten = false;
            // Nor does it know whether an approval that it had put on record was written before.
            seen.written |= row.was_told() && row.leg.direction == Direction::Keep;
            let open = row.leg.issuer == Issuer::Unknown && row.leg.direction == Direction::Open;
            seen.orphan |= open && is_reversed(row.leg.kind);
        }
    }

    /// A payment has changed in the store.
    pub fn changed(&self, now: Moment, legs: &[Row]) -> Result<(), Broken> {
        legs.iter().try_for_each(|row| self.leg(now, row))
    }

    fn leg(&self, now: Moment, row: &Row) -> Result<(), Broken> {
        let leg = &row.leg;
        let broken = |rule, what: &str| Err((rule, format!("{what}: {}", row.describe())));
        let day_runs = now < leg.opened.business_day().cut();
        if leg.knows == Some(Knowledge::Policy) && day_runs {
            return broken("policy", "it is decided while its business day runs");
        }
        let presumed = matches!(leg.knows, Some(Knowledge::NextTransaction | Knowledge::EqualTotals));
        if presumed && leg.merchant == Merchant::Has && !self.certified.contains(&leg.identity.till) {
            return broken("presumption", "nothing is presumed of this model");
        }
        let Some(seen) = self.legs.get(&leg.rrn) else { return Ok(()) };
        if seen.decided {
            return Ok(());
        }
        if seen.orphan && leg.direction == Direction::Keep {
            return broken("restart", "it was unanswered when the gateway stopped");
        }
        let Some(undo) = leg.undo.as_ref().filter(|_| leg.issuer == Issuer::NotDone) else { return Ok(()) };
        if seen.declined {
            return Ok(());
        }
        let late = seen.first_denial.map_or(now, |first| first.after(HELD));
        let arrived = if seen.answered { seen.left } else { seen.left.after(TRANSIT) };
        if seen.denials < 2 || undo.answers < 2 {
            broken("denied", "one denial closes nothing")
        } else if seen.approved.is_some_and(|denials| denials < 2) {
            broken("denied", "it was approved before it was denied twice")
        } else if seen.last_copy < late || seen.last_copy < arrived {
            broken("denied", "the request may still have been under way or held")
        } else if leg.clearing.is_none() {
            broken("denied", "it does not wait for clearing")
        } else {
            Ok(())
        }
    }

    /// All has healed.
    pub fn healed(&self, mirror: &Mirror) -> Result<(), Broken> {
        let rows: Vec<Row> = mirror.legs().cloned().collect();
        for row in &rows {
            let Some(seen) = self.legs.get(&row.leg.rrn) else { continue };
            if rows::family_waits(row, &rows) || seen.decided {
                continue;
            }
            if seen.owes_copy {
                let what = format!("approved when it was closed, and not reversed again: {}", row.describe());
                return Err(("late approval", what));
            }
            let lost = seen.unwritten && !seen.written && is_reversed(row.leg.kind);
            // Policy may have decided while the approval still waited for its commit.
            let known = |by: Knowledge| by.is_proof() || by == Knowledge::Policy;
            let proved = row.leg.knows.is_some_and(known);
            let followed = rows.iter().any(|other| other.tally == row.tally && other.leg.of == Some(row.no));
            if lost && !proved && !followed && row.leg.direction != Direction::Return {
                let what = format!("its approval could not be written, and it stands: {}", row.describe());
                return Err(("unwritten", what));
            }
        }
        Ok(())
    }
}

/// Found to be not done, or undone.
fn is_closed(row: &Row) -> bool {
    let settled = matches!(row.leg.issuer, Issuer::NotDone | Issuer::Undone);
    settled && row.leg.direction == Direction::Return && does(row.leg.kind) != Does::Nothing
}

/// Lost transactions of this kind are reversed, never repeated.
pub(super) fn is_reversed(kind: Kind) -> bool {
    match kind {
        Kind::Sale | Kind::PreAuth | Kind::Completion => true,
        Kind::Void | Kind::PreAuthVoid | Kind::CompletionVoid => true,
        Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale | Kind::Inquiry => false,
    }
}
