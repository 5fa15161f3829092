//! What this terminal's cashier believes: every transaction that moved money or was meant to.

use super::receipt::Reference;
use super::transaction::{Side, Transaction};
use hefu_tally::Moment;
use serde::{Deserialize, Serialize};

/// One transaction in the terminal's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub transaction: Transaction,
    pub batch: u32,
    pub trace: u32,
    /// What was asked for, or what was approved where that is less; in fen.
    pub amount: i64,
    /// First six and last four digits.
    pub card: String,
    /// F37.
    pub rrn: Option<String>,
    /// F38.
    pub auth: Option<String>,
    /// F13 of the answer, `MMDD`.
    pub date: Option<String>,
    /// F15 of the answer, `MMDD`.
    pub settlement_date: Option<String>,
    /// When the cashier asked.
    pub at: Moment,
    /// What it is about: the sale of a void or refund, the pre-authorisation of a completion.
    pub original: Option<Reference>,
    pub standing: Standing,
    /// What this terminal gave back by refunds, in fen.
    pub refunded: i64,
}

/// What became of it, as far as this terminal knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Sent, and no answer that counts. While a reversal waits it will be returned.
    Unknown,
    /// Approved, and still so.
    Booked,
    /// The acquirer said no.
    Declined { code: String },
    /// Approved and voided later, by the transaction with this trace.
    Voided { by: u32 },
    /// A pre-authorisation that was completed by the transaction with this trace.
    Completed { by: u32 },
    /// The terminal's reversal was answered with this code.
    Reversed { code: String },
    /// The acquirer refused the reversal for good: a person must look.
    ReversalRefused { code: String },
    /// The firmware gave its reversal up.
    Forgotten,
    /// The cashier deleted the reversal.
    Cleared,
}

impl LedgerEntry {
    /// Whether the cashier holds this to be done, and not taken back.
    pub fn stands(&self) -> bool {
        match self.standing {
            Standing::Booked | Standing::Completed { .. } => true,
            Standing::Unknown
            | Standing::Declined { .. }
            | Standing::Voided { .. }
            | Standing::Reversed { .. }
            | Standing::ReversalRefused { .. }
            | Standing::Forgotten
            | Standing::Cleared => false,
        }
    }

    /// Whether the outcome is still open for this terminal.
    pub fn is_unknown(&self) -> bool {
        match self.standing {
            Standing::Unknown
            | Standing::ReversalRefused { .. }
            | Standing::Forgotten
            | Standing::Cleared => true,
            Standing::Booked
            | Standing::Declined { .. }
            | Standing::Voided { .. }
            | Standing::Completed { .. }
            | Standing::Reversed { .. } => false,
        }
    }

    /// Whether it was approved once: then it counts in the batch, voided or not, because its void counts too.
    fn counts(&self) -> bool {
        self.stands() || matches!(self.standing, Standing::Voided { .. })
    }

    /// The side on which it counts in the totals of its batch, if it does.
    pub(super) fn side(&self) -> Option<Side> {
        self.transaction.side().filter(|_| self.counts())
    }
}

/// How many and how much, in fen.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    pub count: u32,
    pub amount: i64,
}

impl Sum {
    fn add(&mut self, amount: i64) {
        self.count += 1;
        self.amount = self.amount.checked_add(amount).expect("a batch is bounded far below the range of i64");
    }
}

/// The totals of a batch as this terminal believes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sales, completions and offline sales.
    pub debit: Sum,
    /// Refunds and voids.
    pub credit: Sum,
    /// The same by type of transaction, for the slip.
    pub by_type: Vec<(Transaction, Sum)>,
}

impl Totals {
    /// Adds up the entries of `batch`.
    pub(super) fn of<'a>(batch: u32, entries: impl Iterator<Item = &'a LedgerEntry>) -> Totals {
        let mut totals = Totals::default();
        for entry in entries.filter(|entry| entry.batch == batch) {
            match entry.side() {
                Some(Side::Debit) => totals.debit.add(entry.amount),
                Some(Side::Credit) => totals.credit.add(entry.amount),
                None => continue,
            }
            match totals.by_type.iter_mut().find(|(t, _)| *t == entry.transaction) {
                Some((_, sum)) => sum.add(entry.amount),
                None => totals.by_type.push((entry.transaction, Sum { count: 1, amount: entry.amount })),
            }
        }
        totals.by_type.sort_by_key(|(transaction, _)| *transaction);
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(transaction: Transaction, amount: i64, standing: Standing) -> LedgerEntry {
        LedgerEntry {
            transaction,
            batch: 1,
            trace: 1,
            amount,
            card: String::new(),
            rrn: None,
            auth: None,
            date: None,
            settlement_date: None,
            at: Moment(0),
            original: None,
            standing,
            refunded: 0,
        }
    }

    #[test]
    fn a_voided_sale_counts_on_both_sides_and_an_unknown_one_on_none() {
        use Transaction::*;
        let mut other_batch = entry(Sale, 1, Standing::Booked);
        other_batch.batch = 2;
        let entries = [
            entry(Sale, 1_000, Standing::Booked),
            entry(Sale, 500, Standing::Voided { by: 9 }),
            entry(Void, 500, Standing::Booked),
            entry(Refund, 30, Standing::Booked),
            entry(Refund, 31, Standing::Unknown),
            entry(PreAuth, 700, Standing::Completed { by: 8 }),
            entry(Completion, 700, Standing::Booked),
            entry(Sale, 7, Standing::Unknown),
            entry(Sale, 8, Standing::Declined { code: "51".into() }),
            entry(Sale, 9, Standing::Reversed { code: "00".into() }),
            entry(Sale, 9, Standing::Forgotten),
            entry(Sale, 9, Standing::Cleared),
            other_batch,
        ];
        let totals = Totals::of(1, entries.iter());
        assert_eq!(totals.debit, Sum { count: 3, amount: 2_200 });
        assert_eq!(totals.credit, Sum { count: 2, amount: 530 });
        let by_type: Vec<_> = totals.by_type.iter().map(|(t, sum)| (*t, sum.count, sum.amount)).collect();
        assert_eq!(by_type, [(Sale, 2, 1_500), (Void, 1, 500), (Refund, 1, 30), (Completion, 1, 700)]);
    }
}
