//! The judge: an independent model of the four books. It reads the bank's book, the terminals' journals and the
//! store's rows as data, and knows no rule of the product but those that stand here.
//!
//! After the last fault and before the day cut ([`healed`], and again at the end):
//! 1. For each payment the bank has taken from the payer exactly what the platform believes that it took, unless
//!    the payment waits for the clearing files or for a person; and the bank knows no payment that the platform
//!    does not.
//! 2. What is pending at risk in the books is what those waiting payments stand for, and nothing else.
//!
//! 3. The books hold on cards exactly what the bank holds there, waiting payments aside.
//!
//! After the day cut ([`judge`]), when policy has decided what nobody said:
//! 4. The merchant half has exactly what the payer was charged, waiting payments aside, and nothing is at risk.
//! 5. A terminal that believes in a sale has one, for that amount, and its payer was charged.
//! 6. A terminal that believes in a refusal or a reversal has no sale, and its payer was not charged.
//! 7. What is owed to the merchants and the fees are what our own reckoning says.
//! 8. `hefu verify` finds nothing.
//! 9. Nothing is overdue: what the platform owes anybody has been done or put off.
//!
//! At last somebody decides what only the bank's book and the shops can tell ([`settled`]): then nothing waits any
//! more, and rules 1 to 4 and 7 to 9 hold of every payment, whatever its card.
//!
//! Where a terminal's journal may differ from the platform's merchant half, which then decides:
//! - Old firmware gives its reversal up (`Forgotten`), or takes any answer as its end, and cashiers delete it by
//!   menu (`Cleared`). The platform never heard that the sale failed; it keeps the approval by policy at the day
//!   cut, recorded as such, and has known of the open question until then. Certified terminals never differ so.
//! - Old firmware may ask for the last result after it gave up a reversal that is still on its way, and book the
//!   sale. When the reversal arrives the sale is returned, on the terminal's own evidence.
//! - The bank of card 997 denies a void that it did, that of card 658 a sale that it will still do. What two denials
//!   settled about them waits for clearing, visibly.
//! - The bank of card 955 acknowledges a reversal before it has seen the sale, and charges afterwards. The platform
//!   returns what it hears of; when that answer is lost too, only clearing can tell.
//! - An advice that waits for clearing holds up those behind it in its terminal: they are told later.
//! - A terminal without power or line at the end of its day believes nothing (`Unknown`), whatever the platform has.

use super::house::Houses;
use super::mirror::Mirror;
use super::money;
use super::rows::{self, Does, Leg, Row, does};
use super::shop::Shop;
use super::watch::Broken;
use crate::terminal::{LedgerEntry, Standing, Transaction};
use hefu_store::Store;
use hefu_tally::{
    Account, Issuer, Kind, Merchant, Moment,
    leg::{Identity, Knowledge, Why},
    time::{MINUTE, SECOND},
};
use std::collections::BTreeMap;

/// The longest that something may wait after it is due (milliseconds).
const OVERDUE: i64 = 2 * MINUTE;
/// The card whose bank charges twice.
const TWICE: &str = "0708";

/// All that the judge looks at, the store aside.
pub(super) struct Scene<'a> {
    pub shops: &'a [Shop],
    pub books: &'a Houses,
    pub mirror: &'a Mirror,
    pub now: Moment,
}

/// The end of healing: rules 1 to 3.
pub(super) fn healed<S: Store>(store: &mut S, scene: &Scene<'_>) -> Result<(), Broken> {
    let rows = rows::legs(store).map_err(|error| ("rows", error))?;
    payer(&rows, scene)?;
    holds(store, &rows)?;
    let pending = pending(store)?;
    let unknown = |does_it: Does| -> i64 {
        let of = rows.iter().filter(|row| does(row.leg.kind) == does_it && row.leg.issuer == Issuer::Unknown);
        of.filter(|row| rows::family_waits(row, &rows) && row.leg.kind != Kind::Refund)
            .map(|row| row.leg.asked.minor)
            .sum()
    };
    let expected = [unknown(Does::Charges), unknown(Does::Returns)];
    if pending != expected {
        return Err((
            "at risk",
            format!("pending {pending:?} (sales, returns), but only {expected:?} waits"),
        ));
    }
    Ok(())
}

/// The end of the day: everything.
pub(super) fn judge<S: Store>(store: &mut S, scene: &Scene<'_>) -> Result<(), Broken> {
    scene.mirror.compare(store).map_err(|error| ("mirror", error))?;
    let rows = rows::legs(store).map_err(|error| ("rows", error))?;
    payer(&rows, scene)?;
    holds(store, &rows)?;
    merchant(&rows)?;
    at_risk(store, &rows)?;
    money::compare(store, &rows)?;
    let by_identity: BTreeMap<Identity, &Row> = rows.iter().map(|row| (row.leg.identity, row)).collect();
    for shop in scene.shops {
        for entry in shop.ledger() {
            cashier(shop, entry, &by_identity, &rows)?;
        }
    }
    overdue(store, scene.now)?;
    verified(store, scene)
}

/// Rule 9: a lane may be waited for, but not for long.
fn overdue<S: Store>(store: &mut S, now: Moment) -> Result<(), Broken> {
    let overdue = store.duties(None, now.after(-OVERDUE), 1).map_err(|error| ("store", error.to_string()))?;
    match overdue.first() {
        Some(row) => {
            let (kind, late) = (row.duty.kind.name(), now.since(row.due) / SECOND);
            Err(("overdue", format!("payment {}: {kind} was due {late} s ago", row.tally)))
        }
        None => Ok(()),
    }
}

fn verified<S: Store>(store: &mut S, scene: &Scene<'_>) -> Result<(), Broken> {
    let verified =
        hefu_node::verify(store, Some(scene.now)).map_err(|error| ("verify", error.to_string()))?;
    match verified.findings.first() {
        Some(finding) => Err(("verify", format!("{}: {}", finding.about, finding.what))),
        None => Ok(()),
    }
}

/// After people have decided what only they could: nothing waits, and everything matches.
pub(super) fn settled<S: Store>(store: &mut S, scene: &Scene<'_>) -> Result<(), Broken> {
    scene.mirror.compare(store).map_err(|error| ("mirror", error))?;
    let rows = rows::legs(store).map_err(|error| ("rows", error))?;
    if let Some(row) = rows.iter().find(|row| row.leg.case.is_some() || row.leg.clearing.is_some()) {
        return Err(("desk", format!("it still waits: {}", row.describe())));
    }
    let rows: Vec<Row> = rows.into_iter().map(Row::judged_strictly).collect();
    payer(&rows, scene)?;
    holds(store, &rows)?;
    merchant(&rows)?;
    at_risk(store, &rows)?;
    money::compare(store, &rows)?;
    overdue(store, scene.now)?;
    verified(store, scene)
}

/// Rule 1: the bank's book against the issuer's halves.
fn payer(rows: &[Row], scene: &Scene<'_>) -> Result<(), Broken> {
    let mut book: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for line in &scene.books.payments() {
        let sums = book.entry(line.rrn.as_str().to_owned()).or_default();
        // What the bank took twice by its own fault is for the bank to find.
        let twice =
            if line.card.expose().ends_with(TWICE) { scene.books.surplus(line.rrn.as_str()) } else { 0 };
        let held_twice = if line.held > 0 { twice.min(line.held) } else { 0 };
        sums.0 += line.charged - line.returned - (twice - held_twice);
        sums.1 += line.held - held_twice;
    }
    for row in rows {
        let (net, held) = book.remove(row.leg.rrn.as_str()).unwrap_or_default();
        let expected = match does(row.leg.kind) {
            Does::Charges => (taken(row, rows, Leg::is_done), 0),
            Does::Holds => (0, on_hold(row, rows)),
            Does::Returns | Does::Releases | Does::Nothing => (0, 0),
        };
        if (net, held) != expected && !rows::family_waits(row, rows) && !row.is_beyond_knowing() {
            let what =
                format!("the bank has taken {net} and holds {held}, not {expected:?}: {}", row.describe());
            return Err(("payer", what));
        }
    }
    match book.into_iter().find(|(_, sums)| *sums != (0, 0)) {
        Some((rrn, sums)) => {
            Err(("payer", format!("{rrn}: the bank has {sums:?}, the platform knows nothing of it")))
        }
        None => Ok(()),
    }
}

/// Rule 3: the memo of holds in the books. That the bank holds as much is rule 1.
fn holds<S: Store>(store: &mut S, rows: &[Row]) -> Result<(), Broken> {
    for row in rows.iter().filter(|row| does(row.leg.kind) == Does::Holds) {
        if rows::family_waits(row, rows) {
            continue;
        }
        let shard = row.leg.rrn.shard().map_err(|error| ("rows", error.to_string()))?;
        let postings = store.postings_of(shard, row.tally).map_err(|error| ("store", error.to_string()))?;
        let on = |account, posted| if matches!(account, Account::Held(_)) { posted } else { 0 };
        let of = postings.iter().filter(|posting| posting.leg == row.no);
        let held: i64 = of.map(|p| on(p.debit, p.posted) - on(p.credit, p.posted)).sum();
        let expected = on_hold(row, rows);
        if held != expected {
            let what = format!("the books hold {held}, but {expected} is held: {}", row.describe());
            return Err(("holds", what));
        }
    }
    Ok(())
}

/// Rule 4: both halves of each leg.
fn merchant(rows: &[Row]) -> Result<(), Broken> {
    for row in rows {
        let leg = &row.leg;
        if rows::family_waits(row, rows) || does(leg.kind) == Does::Nothing {
            continue;
        }
        let agree = match leg.merchant {
            Merchant::Has => leg.is_done(),
            Merchant::No => !leg.is_done() && leg.issuer != Issuer::Unknown,
            Merchant::Waiting | Merchant::Told => false,
        };
        if !agree {
            return Err(("halves", row.describe()));
        }
    }
    Ok(())
}

/// Rules 2 and 4 in the books: what is at risk is what waits.
fn at_risk<S: Store>(store: &mut S, rows: &[Row]) -> Result<(), Broken> {
    let balances = store.balances().map_err(|error| ("store", error.to_string()))?;
    let (mut sales, mut returns) = (0, 0);
    for balance in balances {
        match balance.account {
            Account::AtRisk => sales += balance.credit_posted - balance.debit_posted,
            Account::ReturnsAtRisk => returns += balance.debit_posted - balance.credit_posted,
            Account::Receivable(_)
            | Account::Payable(_)
            | Account::Fees
            | Account::OwedToPayer
            | Account::Held(_)
            | Account::Holders => {}
        }
    }
    let waiting = |does_it: Does| -> i64 {
        let of = rows.iter().filter(|row| does(row.leg.kind) == does_it && row.leg.kind != Kind::Refund);
        let of = of.filter(|row| rows::family_waits(row, rows));
        of.map(|row| {
            // What a charge owes to the payer stands in an account of its own.
            let owed = row.leg.owed && does_it == Does::Charges;
            let taken = if row.leg.is_done() && !owed { row.leg.amount.minor } else { 0 };
            taken - if row.leg.merchant == Merchant::Has { row.leg.amount.minor } else { 0 }
        })
        .sum()
    };
    let expected = (waiting(Does::Charges), waiting(Does::Returns));
    if (sales, returns) != expected {
        let what = format!("{sales} of sales and {returns} of returns at risk, but {expected:?} waits");
        return Err(("at risk", what));
    }
    Ok(())
}

/// Rules 5 and 6: one line of a terminal's journal.
fn cashier(
    shop: &Shop,
    entry: &LedgerEntry,
    by_identity: &BTreeMap<Identity, &Row>,
    rows: &[Row],
) -> Result<(), Broken> {
    let class = entry.transaction.shape().map_or(0, |shape| shape.mti.0);
    let identity = Identity { till: shop.till, class, batch: entry.batch, trace: entry.trace };
    let row = by_identity.get(&identity).copied();
    let words = || {
        let platform = row.map_or_else(|| "nothing".into(), Row::describe);
        let LedgerEntry { transaction, trace, amount, standing, .. } = entry;
        let name = &shop.profile.terminal;
        format!(
            "{name} trace {trace:06}: {transaction:?} of {amount} {standing:?}, but the platform has {platform}"
        )
    };
    let told_later = row.is_none() && shop.holds_up_advices() && class == 220;
    if told_later || row.is_some_and(|row| rows::family_waits(row, rows)) {
        return Ok(());
    }
    let sale = row.filter(|row| row.leg.is_done() && row.leg.merchant == Merchant::Has);
    let lenient = !shop.is_certified();
    // Decided at the day cut, and said so; or a refund that quoted it has shown that the cashier knows it.
    let settled = row.is_some_and(|row| matches!(row.leg.knows, Some(Knowledge::Policy | Knowledge::Quoted)));
    match &entry.standing {
        Standing::Booked | Standing::Completed { .. } => {
            let same = sale.is_some_and(|row| row.leg.amount.minor == entry.amount);
            let reversed = row.is_some_and(|row| row.leg.why == Some(Why::TerminalReversed));
            if same || (lenient && reversed) { Ok(()) } else { Err(("merchant", words())) }
        }
        Standing::Voided { by } => {
            let undone_by = |row: &Row| {
                rows.iter().any(|other| {
                    let taken_back = other.leg.is_done() && other.leg.merchant == Merchant::Has;
                    other.tally == row.tally
                        && other.leg.of == Some(row.no)
                        && other.leg.identity.trace == *by
                        && taken_back
                })
            };
            if sale.is_some_and(undone_by) { Ok(()) } else { Err(("merchant", words())) }
        }
        Standing::Declined { .. } => {
            if sale.is_none() {
                Ok(())
            } else {
                Err(("merchant", words()))
            }
        }
        Standing::Reversed { code } => {
            let heard = matches!(code.as_str(), "00" | "25");
            if sale.is_none() || (lenient && !heard && settled) { Ok(()) } else { Err(("merchant", words())) }
        }
        Standing::Forgotten | Standing::Cleared => {
            if lenient && (sale.is_none() || settled) {
                Ok(())
            } else {
                Err(("merchant", words()))
            }
        }
        // Nothing is believed. A certified terminal keeps what can be reversed until it is.
        Standing::Unknown | Standing::ReversalRefused { .. } => {
            let stuck = shop.is_certified() && entry.transaction == Transaction::Sale && sale.is_some();
            if stuck { Err(("merchant", words())) } else { Ok(()) }
        }
    }
}

/// What is left of a charge after what followed on it.
fn taken(row: &Row, rows: &[Row], counts: impl Fn(&Leg) -> bool) -> i64 {
    let own = if counts(&row.leg) { row.leg.amount.minor } else { 0 };
    let back =
        followers(row, rows).filter(|other| does(other.leg.kind) == Does::Returns && counts(&other.leg));
    own - back.map(|other| other.leg.amount.minor).sum::<i64>()
}

/// What is still on hold: a completion uses the hold, and its void brings it back.
fn on_hold(row: &Row, rows: &[Row]) -> i64 {
    let gone = followers(row, rows).any(|other| match does(other.leg.kind) {
        Does::Releases => other.leg.is_done(),
        Does::Charges => other.leg.is_done() && taken(other, rows, Leg::is_done) > 0,
        Does::Holds | Does::Returns | Does::Nothing => false,
    });
    if row.leg.is_done() && !gone { row.leg.amount.minor } else { 0 }
}

fn followers<'a>(row: &'a Row, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(|other| other.tally == row.tally && other.leg.of == Some(row.no))
}

/// What is pending in the accounts at risk: of sales, of returns.
fn pending<S: Store>(store: &mut S) -> Result<[i64; 2], Broken> {
    let mut pending = [0; 2];
    for balance in store.balances().map_err(|error| ("store", error.to_string()))? {
        match balance.account {
            Account::AtRisk => pending[0] += balance.credit_pending - balance.debit_pending,
            Account::ReturnsAtRisk => pending[1] += balance.debit_pending - balance.credit_pending,
            Account::Receivable(_)
            | Account::Payable(_)
            | Account::Fees
            | Account::OwedToPayer
            | Account::Held(_)
            | Account::Holders => {}
        }
    }
    Ok(pending)
}
