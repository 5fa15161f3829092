//! The settlement slip: counts and amounts of a batch per transaction type, and whether terminal
//! and host agree on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    data::{Language, Mark, Till, TransactionType},
    fields::Batch,
    money::{Currency, not_negative},
    page::{Line, Page},
    refusal::Refusal,
    time::LocalTime,
    words::Word,
};

/// The lines of a settlement slip.
pub fn settlement_lines(data: &SettlementData, language: Language) -> Vec<Line> {
    let mut page = Page::new(language);
    page.title(Word::SettlementSlip);
    page.marks(data.marks.iter().copied());
    page.rule();
    page.till(&data.till);
    page.pair(Word::Batch, data.batch.as_str());
    page.pair(Word::DateTime, data.time.to_string());
    page.pair(Word::Currency, data.currency.letters());
    for (title, group) in
        [(Word::DomesticCards, Some(&data.domestic)), (Word::ForeignCards, data.foreign.as_ref())]
    {
        if let Some(group) = group {
            page.rule();
            page.title(title);
            card_group(&mut page, group, data.currency);
        }
    }
    page.finish()
}

/// A batch as the terminal settled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementData {
    pub marks: BTreeSet<Mark>,
    pub till: Till,
    pub batch: Batch,
    /// Beijing time.
    pub time: LocalTime,
    /// Of all amounts.
    pub currency: Currency,
    pub domestic: CardGroup,
    /// F48 of a settlement counts foreign cards apart; `None` if the terminal takes none.
    pub foreign: Option<CardGroup>,
}

/// How many, and how much in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    pub count: u32,
    pub amount: i64,
}

/// The two totals that are compared. Debit is sales, completions and offline sales; credit is
/// refunds and voids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides {
    pub debit: Total,
    pub credit: Total,
}

/// What the host answered (last digit of each half of F48).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    Balanced,
    /// The host holds other totals, these.
    NotBalanced {
        host: Sides,
    },
    /// The host could not compare.
    Error,
}

/// The totals of one kind of card. Made by [`CardGroup::new`], which adds them up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardGroup {
    totals: BTreeMap<TransactionType, Total>,
    sides: Sides,
    balance: Balance,
}

impl CardGroup {
    /// Pre-authorisations are listed but belong to neither side. Refuses a balance inquiry, a
    /// negative amount, a sum outside 64 bits, and "not balanced" when both sides agree.
    pub fn new(totals: BTreeMap<TransactionType, Total>, balance: Balance) -> Result<CardGroup, Refusal> {
        let mut sides = Sides::default();
        for (&transaction, &total) in &totals {
            not_negative("total", total.amount)?;
            match side(transaction)? {
                Side::Debit => add(&mut sides.debit, total)?,
                Side::Credit => add(&mut sides.credit, total)?,
                Side::Neither => {}
            }
        }
        if let Balance::NotBalanced { host } = balance {
            not_negative("host debit", host.debit.amount)?;
            not_negative("host credit", host.credit.amount)?;
            if host == sides {
                return Err(Refusal::SidesAgree);
            }
        }
        Ok(CardGroup { totals, sides, balance })
    }

    /// Debit and credit as the terminal holds them.
    pub fn sides(&self) -> Sides {
        self.sides
    }
}

enum Side {
    Debit,
    Credit,
    Neither,
}

fn side(transaction: TransactionType) -> Result<Side, Refusal> {
    match transaction {
        TransactionType::Sale
        | TransactionType::Completion
        | TransactionType::CompletionAdvice
        | TransactionType::OfflineSale => Ok(Side::Debit),
        TransactionType::Void | TransactionType::Refund | TransactionType::CompletionVoid => Ok(Side::Credit),
        TransactionType::PreAuthorisation | TransactionType::PreAuthorisationVoid => Ok(Side::Neither),
        TransactionType::BalanceInquiry => Err(Refusal::NotSettled { transaction }),
    }
}

fn add(sum: &mut Total, total: Total) -> Result<(), Refusal> {
    let overflow = |field| Refusal::Overflow { field };
    sum.count = sum.count.checked_add(total.count).ok_or(overflow("count of a side"))?;
    sum.amount = sum.amount.checked_add(total.amount).ok_or(overflow("amount of a side"))?;
    Ok(())
}

fn card_group(page: &mut Page, group: &CardGroup, currency: Currency) {
    if group.totals.is_empty() {
        page.sentence(Word::NoTransactions);
    } else {
        page.push(Line::Row {
            label: page.word(Word::Type),
            count: page.word(Word::Count),
            amount: page.word(Word::Amount),
        });
    }
    for (&transaction, &total) in &group.totals {
        row(page, Word::of_type(transaction), total, currency);
    }
    page.rule();
    row(page, Word::DebitTotal, group.sides.debit, currency);
    row(page, Word::CreditTotal, group.sides.credit, currency);
    match group.balance {
        Balance::Balanced => page.status(Word::Settlement, Word::Balanced),
        Balance::NotBalanced { host } => {
            row(page, Word::HostDebit, host.debit, currency);
            row(page, Word::HostCredit, host.credit, currency);
            page.alert(Word::Settlement, Word::NotBalanced);
            page.sentence(Word::NotBalancedMeans);
        }
        Balance::Error => {
            page.alert(Word::Settlement, Word::SettlementError);
            page.sentence(Word::SettlementErrorMeans);
        }
    }
}

fn row(page: &mut Page, label: Word, total: Total, currency: Currency) {
    page.push(Line::Row {
        label: page.word(label),
        count: total.count.to_string(),
        amount: currency.write_bare(total.amount),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(count: u32, amount: i64) -> Total {
        Total { count, amount }
    }

    fn group(totals: &[(TransactionType, Total)], balance: Balance) -> Result<CardGroup, Refusal> {
        CardGroup::new(totals.iter().copied().collect(), balance)
    }

    #[test]
    fn each_type_counts_on_its_side() {
        let totals = [
            (TransactionType::Sale, total(1, 1)),
            (TransactionType::Completion, total(1, 10)),
            (TransactionType::CompletionAdvice, total(1, 100)),
            (TransactionType::OfflineSale, total(1, 1_000)),
            (TransactionType::Refund, total(2, 5)),
            (TransactionType::Void, total(2, 50)),
            (TransactionType::CompletionVoid, total(2, 500)),
            (TransactionType::PreAuthorisation, total(9, 9_000_000)),
            (TransactionType::PreAuthorisationVoid, total(9, 9_000_000)),
        ];
        let sides = group(&totals, Balance::Balanced).expect("a group").sides();
        assert_eq!(sides, Sides { debit: total(4, 1_111), credit: total(6, 555) });
    }

    #[test]
    fn totals_that_cannot_be_are_refused() {
        let check = |totals: &[_], balance, refusal| assert_eq!(group(totals, balance), Err(refusal));
        let balanced = Balance::Balanced;
        let transaction = TransactionType::BalanceInquiry;
        check(&[(transaction, total(1, 0))], balanced, Refusal::NotSettled { transaction });
        check(
            &[(TransactionType::Sale, total(1, -1))],
            balanced,
            Refusal::NegativeAmount { field: "total", minor: -1 },
        );
        check(
            &[(TransactionType::Sale, total(1, i64::MAX)), (TransactionType::Completion, total(1, 1))],
            balanced,
            Refusal::Overflow { field: "amount of a side" },
        );
        check(
            &[(TransactionType::Void, total(u32::MAX, 0)), (TransactionType::Refund, total(1, 0))],
            balanced,
            Refusal::Overflow { field: "count of a side" },
        );
        let host = Sides { debit: total(1, 100), credit: total(0, 0) };
        let sale = [(TransactionType::Sale, total(1, 100))];
        check(&sale, Balance::NotBalanced { host }, Refusal::SidesAgree);
        let host = Sides { debit: total(1, -100), ..host };
        check(
            &sale,
            Balance::NotBalanced { host },
            Refusal::NegativeAmount { field: "host debit", minor: -100 },
        );
    }
}
