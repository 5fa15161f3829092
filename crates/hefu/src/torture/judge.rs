//! The comparison of three books: the bank's, the platform's, and the terminals' own. It reads all of them as plain
//! data and reckons by its own table, so that an error of the product's reckoning cannot hide itself.
//!
//! 1. The bank knows no payment that the platform does not, and charged none twice.
//! 2. Nothing acts any more: no question, reversal or repeat is under way.
//! 3. For each payment the bank has taken (or holds) what the platform believes and what the merchant has, unless it
//!    waits visibly for the clearing files or a person.
//! 4. A terminal that believes in a sale has one, for that amount, and its payer was charged; one that believes in a
//!    refusal or a reversal has none.
//! 5. No terminal still owes a reversal, an advice or a settlement.
//!
//! Terminals with old firmware give reversals up; what they forgot decides nothing.

use super::cashier::Journal;
use hefu_tally::{Issuer, Kind, Merchant, View, duty::DutyKind};
use hefu_world::{
    bank::{Book, What, Why},
    terminal::{LedgerEntry, Standing, Transaction},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A payment as `hefu payments --json` lists it.
#[derive(Clone, Debug, Deserialize)]
pub struct Payment {
    pub card: String,
    pub view: View,
    pub legs: Vec<Leg>,
    pub duties: Vec<Duty>,
}

/// One transaction of a payment. Amounts in minor units.
#[derive(Clone, Debug, Deserialize)]
pub struct Leg {
    pub leg: u8,
    pub kind: Kind,
    pub of: Option<u8>,
    pub rrn: String,
    pub terminal: String,
    pub batch: u32,
    pub trace: u32,
    pub amount: i64,
    pub issuer: Issuer,
    pub merchant_half: Merchant,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Duty {
    pub leg: u8,
    pub kind: DutyKind,
}

/// Money of one payment in one book: charged less given back, and held. Minor units.
#[derive(Copy, Clone, Default, PartialEq, Eq, Debug)]
pub struct Stand {
    pub net: i64,
    pub held: i64,
}

/// Something that is not as it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The payment that it is about, if it is about one.
    pub rrn: Option<String>,
    pub what: String,
}

/// A payment whose books do not agree yet, under a duty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// The clearing files or a person decide.
    Clearing { rrn: String },
    /// Bank and platform agree; the terminal was told "unknown" and has not asked since. Policy decides at the cut.
    MerchantToHear { rrn: String },
}

/// What the comparison came to.
#[derive(Clone, Default, Debug)]
pub struct Verdict {
    /// Charges and holds that were compared.
    pub compared: usize,
    /// Lines of terminals' ledgers that were compared.
    pub lines: usize,
    pub differences: Vec<Difference>,
    /// What does not agree, and waits visibly.
    pub waiting: Vec<Waiting>,
}

/// The cards whose bank denies what it did or will do yet: a void (997), or a sale that it still holds (658). What
/// two denials settled about them can be wrong, and clearing alone can tell.
const DENIES: [&str; 2] = ["0997", "0658"];

/// Compares the three books.
pub fn judge(payments: &[Payment], book: &Book, journals: &[Journal]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut bank = taken(book);
    for payment in payments {
        for duty in payment.duties.iter().filter(|duty| payment.acts(duty)) {
            verdict.differ(payment.first(), format!("still under way: {}", duty.kind.name()));
        }
        for leg in &payment.legs {
            let at_bank = bank.remove(leg.rrn.as_str());
            let stands = (payment.stand(leg, &Leg::done), payment.stand(leg, &Leg::has));
            let (Some(platform), Some(merchant)) = stands else {
                if at_bank.is_some() {
                    verdict.differ(Some(&leg.rrn), format!("the bank took money for a {:?}", leg.kind));
                }
                continue;
            };
            verdict.compared += 1;
            let at_bank = at_bank.unwrap_or_default();
            if at_bank.times > 1 {
                verdict.differ(Some(&leg.rrn), format!("charged {} times", at_bank.times));
            }
            if at_bank.stand == platform && at_bank.stand == merchant {
                continue;
            }
            let rrn = leg.rrn.clone();
            if payment.waits() {
                verdict.waiting.push(Waiting::Clearing { rrn });
                continue;
            }
            if at_bank.stand == platform
                && payment.stand(leg, &|leg| payment.will_have(leg)) == Some(platform)
            {
                verdict.waiting.push(Waiting::MerchantToHear { rrn });
                continue;
            }
            let bank = at_bank.stand;
            let what = format!("{:?}: bank {bank:?}, platform {platform:?}, merchant {merchant:?}", leg.kind);
            verdict.differ(Some(&leg.rrn), what);
        }
    }
    for (rrn, at_bank) in bank {
        verdict.differ(Some(rrn), format!("the bank has {:?}; the platform does not know it", at_bank.stand));
    }
    terminals(payments, journals, &mut verdict);
    verdict
}

impl Verdict {
    fn differ(&mut self, rrn: Option<&str>, what: String) {
        self.differences.push(Difference { rrn: rrn.map(str::to_owned), what });
    }
}

/// What the bank did under one RRN.
#[derive(Copy, Clone, Default)]
struct AtBank {
    stand: Stand,
    /// How often it charged or held for the payment itself.
    times: usize,
}

fn taken(book: &Book) -> BTreeMap<&str, AtBank> {
    let mut bank: BTreeMap<&str, AtBank> = BTreeMap::new();
    for line in &book.payments {
        let stand = &mut bank.entry(line.rrn.as_str()).or_default().stand;
        stand.net += line.charged - line.returned;
        stand.held += line.held;
    }
    for entry in &book.entries {
        let takes = match entry.what {
            What::Charge | What::Hold => true,
            What::Return | What::Release => false,
        };
        // What a reversed void gives back to the merchant is charged again, and rightly so.
        let anew = match entry.why {
            Why::Sale | Why::OfflineSale | Why::PreAuthorisation | Why::Completion | Why::SecondTime => true,
            Why::Void | Why::Refund | Why::Reversal | Why::ReversalOfVoid => false,
        };
        if takes && anew && entry.rrn == entry.by_rrn {
            bank.entry(entry.rrn.as_str()).or_default().times += 1;
        }
    }
    bank
}

impl Leg {
    fn done(&self) -> bool {
        self.issuer == Issuer::Done
    }

    fn has(&self) -> bool {
        match self.merchant_half {
            Merchant::Told | Merchant::Has => true,
            Merchant::Waiting | Merchant::No => false,
        }
    }

    fn stands(&self) -> bool {
        self.done() && self.has()
    }
}

impl Payment {
    fn first(&self) -> Option<&str> {
        self.legs.first().map(|leg| leg.rrn.as_str())
    }

    /// Something is under way. A refund of what waits for clearing may be refused until the files are here: the bank
    /// answers 22 while it denies the void that it did.
    fn acts(&self, duty: &Duty) -> bool {
        match duty.kind {
            DutyKind::FindOut | DutyKind::Reverse => true,
            DutyKind::Insist => !self.waits(),
            DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => false,
        }
    }

    /// Something of it waits for the clearing files or a person. What two reversals found never done waits for
    /// nothing, clearing only confirms it, unless the card's bank denies what it did.
    fn waits(&self) -> bool {
        let denies = DENIES.iter().any(|end| self.card.ends_with(end));
        self.duties.iter().any(|duty| match duty.kind {
            DutyKind::AskPerson => true,
            DutyKind::AwaitClearing => {
                let of = self.legs.iter().find(|leg| leg.leg == duty.leg);
                denies || of.is_some_and(|leg| leg.issuer != Issuer::NotDone)
            }
            DutyKind::FindOut | DutyKind::Insist | DutyKind::Reverse | DutyKind::HearMerchant => false,
        }) || self.view == View::UnderReview
    }

    /// The merchant has it, or is to hear of it by the day cut, when policy decides that it has.
    fn will_have(&self, leg: &Leg) -> bool {
        let to_hear = |duty: &Duty| duty.leg == leg.leg && duty.kind == DutyKind::HearMerchant;
        leg.has() || (leg.merchant_half == Merchant::Waiting && self.duties.iter().any(to_hear))
    }

    /// What is left of a charge or hold, counting the transactions that `counts` likes; none for what only follows.
    fn stand(&self, leg: &Leg, counts: &dyn Fn(&Leg) -> bool) -> Option<Stand> {
        match leg.kind {
            Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => {
                Some(Stand { net: self.net(leg, counts), held: 0 })
            }
            Kind::PreAuth => Some(Stand { net: 0, held: self.held(leg, counts) }),
            Kind::Void | Kind::CompletionVoid | Kind::Refund | Kind::PreAuthVoid | Kind::Inquiry => None,
        }
    }

    fn followers(&self, leg: &Leg) -> impl Iterator<Item = &Leg> {
        let of = leg.leg;
        self.legs.iter().filter(move |other| other.of == Some(of))
    }

    fn net(&self, leg: &Leg, counts: &dyn Fn(&Leg) -> bool) -> i64 {
        let back = |other: &&Leg| match other.kind {
            Kind::Void | Kind::CompletionVoid | Kind::Refund => counts(other),
            Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => false,
            Kind::PreAuth | Kind::PreAuthVoid | Kind::Inquiry => false,
        };
        let own = if counts(leg) { leg.amount } else { 0 };
        own - self.followers(leg).filter(back).map(|other| other.amount).sum::<i64>()
    }

    /// A completion uses the hold up, and its void brings the hold back.
    fn held(&self, leg: &Leg, counts: &dyn Fn(&Leg) -> bool) -> i64 {
        let gone = self.followers(leg).filter(|other| counts(other)).any(|other| match other.kind {
            Kind::PreAuthVoid => true,
            Kind::Completion | Kind::CompletionAdvice => {
                !self.followers(other).any(|void| void.kind == Kind::CompletionVoid && counts(void))
            }
            Kind::Sale | Kind::OfflineSale | Kind::PreAuth | Kind::Inquiry => false,
            Kind::Void | Kind::CompletionVoid | Kind::Refund => false,
        });
        if counts(leg) && !gone { leg.amount } else { 0 }
    }
}

/// Rules 4 and 5.
fn terminals(payments: &[Payment], journals: &[Journal], verdict: &mut Verdict) {
    let mut legs: BTreeMap<(&str, u32, u32), (&Payment, &Leg)> = BTreeMap::new();
    for payment in payments {
        for leg in &payment.legs {
            legs.insert((leg.terminal.as_str(), leg.batch, leg.trace), (payment, leg));
        }
    }
    for journal in journals {
        if let Some(owes) = &journal.owes {
            verdict.differ(None, format!("terminal {} still owes {owes}", journal.terminal));
        }
        for entry in &journal.entries {
            verdict.lines += 1;
            let known = legs.get(&(journal.terminal.as_str(), entry.batch, entry.trace)).copied();
            if known.is_some_and(|(payment, _)| payment.waits()) || agrees(entry, known, journal.certified) {
                continue;
            }
            let platform = known.map_or_else(
                || "nothing".to_owned(),
                |(_, leg)| format!("bank {:?}, merchant {:?}, {}", leg.issuer, leg.merchant_half, leg.amount),
            );
            let LedgerEntry { transaction, trace, amount, standing, .. } = entry;
            let what = format!(
                "terminal {} trace {trace:06}: {transaction:?} of {amount} {standing:?}; the platform has {platform}",
                journal.terminal
            );
            let rrn = known.map(|(_, leg)| leg.rrn.as_str()).or(entry.rrn.as_deref());
            verdict.differ(rrn, what);
        }
    }
}

/// Whether a line of a terminal's ledger says what the platform says.
fn agrees(entry: &LedgerEntry, known: Option<(&Payment, &Leg)>, certified: bool) -> bool {
    let sale = known.filter(|(_, leg)| leg.stands());
    match &entry.standing {
        Standing::Booked | Standing::Completed { .. } => {
            sale.is_some_and(|(_, leg)| leg.amount == entry.amount)
                && entry.rrn.as_deref().is_none_or(|rrn| sale.is_some_and(|(_, leg)| leg.rrn == rrn))
        }
        Standing::Voided { by } => sale.is_some_and(|(payment, leg)| {
            payment.followers(leg).any(|void| void.trace == *by && void.stands())
        }),
        Standing::Declined { .. } => sale.is_none(),
        Standing::Reversed { code } => {
            let heard = matches!(code.as_str(), "00" | "25");
            sale.is_none() || (!certified && !heard)
        }
        Standing::Forgotten | Standing::Cleared => !certified,
        // Nothing is believed; but a certified terminal keeps what can be reversed until it is.
        Standing::Unknown | Standing::ReversalRefused { .. } => {
            !(certified && entry.transaction == Transaction::Sale && sale.is_some())
        }
    }
}

#[cfg(test)]
mod tests;
