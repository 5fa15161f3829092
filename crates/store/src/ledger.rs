//! Balances, and what a batch adds to them.

use crate::StoreError;
use hefu_tally::{Account, Posting, Shard};
use std::collections::BTreeMap;

/// What was ever debited and credited to an account in one shard, in minor units; pending and posted apart.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    pub account: Account,
    pub shard: Shard,
    pub debit_posted: i64,
    pub credit_posted: i64,
    /// Negative only when more was let go than ever was pending.
    pub debit_pending: i64,
    pub credit_pending: i64,
}

/// The four sums of a balance.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Sums {
    pub debit_posted: i64,
    pub credit_posted: i64,
    pub debit_pending: i64,
    pub credit_pending: i64,
}

impl Sums {
    pub fn plus(&self, more: &Sums) -> Option<Sums> {
        Some(Sums {
            debit_posted: self.debit_posted.checked_add(more.debit_posted)?,
            credit_posted: self.credit_posted.checked_add(more.credit_posted)?,
            debit_pending: self.debit_pending.checked_add(more.debit_pending)?,
            credit_pending: self.credit_pending.checked_add(more.credit_pending)?,
        })
    }

    pub fn balance(self, account: Account, shard: Shard) -> Balance {
        let Sums { debit_posted, credit_posted, debit_pending, credit_pending } = self;
        Balance { account, shard, debit_posted, credit_posted, debit_pending, credit_pending }
    }
}

/// What a batch adds to each balance. Summed first, so that a busy account costs one write a batch.
#[derive(Default)]
pub(crate) struct Movements(BTreeMap<(Account, Shard), Sums>);

impl Movements {
    pub fn add(&mut self, shard: Shard, posting: &Posting) -> Result<(), StoreError> {
        let Posting { leg: _, debit, credit, pending, posted } = *posting;
        let zero = Sums::default();
        self.one(debit, shard, &Sums { debit_posted: posted, debit_pending: pending, ..zero })?;
        self.one(credit, shard, &Sums { credit_posted: posted, credit_pending: pending, ..zero })
    }

    pub fn iter(&self) -> impl Iterator<Item = (Account, Shard, &Sums)> {
        self.0.iter().map(|(&(account, shard), sums)| (account, shard, sums))
    }

    fn one(&mut self, account: Account, shard: Shard, more: &Sums) -> Result<(), StoreError> {
        let sums = self.0.entry((account, shard)).or_default();
        *sums = sums.plus(more).ok_or(StoreError::Overflow { account, shard })?;
        Ok(())
    }
}
