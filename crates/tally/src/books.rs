//! The books: double entry, as a function of the halves. A payment's position says what it stands for in every
//! account; a posting is the difference that a transition makes. So the books balance by construction, and can be
//! rebuilt from facts alone.

use crate::{
    ids::{LinkId, MerchantNo},
    leg::{Issuer, Kind, Leg, LegNo, Merchant, Moves},
    money::{Money, MoneyError},
    tally::Tally,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// An account of the platform's ledger.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the bank behind this link owes us.
    Receivable(LinkId),
    /// Taken from payers, not known to be a merchant's sale.
    AtRisk,
    /// Given back to payers, not known to the merchant.
    ReturnsAtRisk,
    Payable(MerchantNo),
    Fees,
    OwedToPayer,
    /// Memo: held on cards behind this link.
    Held(LinkId),
    /// Memo: the counter-account of holds.
    Holders,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Receivable(link) => write!(f, "receivable:{}", link.0),
            Account::AtRisk => f.write_str("at_risk"),
            Account::ReturnsAtRisk => f.write_str("returns_at_risk"),
            Account::Payable(merchant) => write!(f, "payable:{merchant}"),
            Account::Fees => f.write_str("fees"),
            Account::OwedToPayer => f.write_str("owed_to_payer"),
            Account::Held(link) => write!(f, "held:{}", link.0),
            Account::Holders => f.write_str("holders"),
        }
    }
}

/// One movement between two accounts. `posted` is never negative; `pending` is, when a pending amount is let go.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posting {
    pub leg: LegNo,
    pub debit: Account,
    pub credit: Account,
    /// Minor units that become pending (or cease to be).
    pub pending: i64,
    /// Minor units that are posted.
    pub posted: i64,
}

#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
struct Stand {
    pending: i64,
    posted: i64,
}

type Position = BTreeMap<(LegNo, Account, Account), Stand>;

/// What must be posted when a payment goes from `before` (none: it was not there) to `after`.
pub fn postings(before: Option<&Tally>, after: &Tally) -> Result<Vec<Posting>, MoneyError> {
    let old = before.map(position).transpose()?.unwrap_or_default();
    let new = position(after)?;
    let mut postings = Vec::new();
    let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    for key @ (leg, debit, credit) in keys {
        let was = old.get(&key).copied().unwrap_or_default();
        let is = new.get(&key).copied().unwrap_or_default();
        let pending = is.pending.checked_sub(was.pending).ok_or(MoneyError::Overflow)?;
        let posted = is.posted.checked_sub(was.posted).ok_or(MoneyError::Overflow)?;
        match (pending, posted) {
            (0, 0) => {}
            (_, 0..) => postings.push(Posting { leg, debit, credit, pending, posted }),
            (_, ..0) => {
                // Taking back what was posted is a posting the other way round, never a negative one.
                if pending != 0 {
                    postings.push(Posting { leg, debit, credit, pending, posted: 0 });
                }
                postings.push(Posting { leg, debit: credit, credit: debit, pending: 0, posted: -posted });
            }
        }
    }
    Ok(postings)
}

fn position(tally: &Tally) -> Result<Position, MoneyError> {
    let mut position = Position::new();
    for (no, leg) in tally.legs() {
        let Some(request) = leg.request else { continue };
        let pending = if leg.issuer == Issuer::Unknown { leg.asked.minor } else { 0 };
        let posted = if leg.issuer == Issuer::Done { leg.amount.minor } else { 0 };
        let receivable = Account::Receivable(request.link);
        let mut stand = |debit, credit, stand| position.insert((no, debit, credit), stand);
        match leg.kind.moves() {
            Moves::Charge => {
                let (risk, owed) = if leg.owed { (0, posted) } else { (posted, 0) };
                stand(receivable, Account::AtRisk, Stand { pending, posted: risk });
                stand(receivable, Account::OwedToPayer, Stand { pending: 0, posted: owed });
                if leg.merchant == Merchant::Has {
                    let (net, fee) = split(leg)?;
                    let payable = Account::Payable(tally.merchant);
                    stand(Account::AtRisk, payable, Stand { pending: 0, posted: net.minor });
                    stand(Account::AtRisk, Account::Fees, Stand { pending: 0, posted: fee.minor });
                }
            }
            Moves::GiveBack => {
                stand(Account::ReturnsAtRisk, receivable, Stand { pending, posted });
                if leg.merchant == Merchant::Has {
                    let (net, fee) = split(leg)?;
                    let payable = Account::Payable(tally.merchant);
                    stand(payable, Account::ReturnsAtRisk, Stand { pending: 0, posted: net.minor });
                    stand(Account::Fees, Account::ReturnsAtRisk, Stand { pending: 0, posted: fee.minor });
                }
            }
            Moves::Refund => {
                stand(Account::Payable(tally.merchant), receivable, Stand { pending, posted });
            }
            Moves::Hold => {
                let released = tally.legs().any(|(_, other)| {
                    other.of == Some(no)
                        && other.issuer == Issuer::Done
                        && matches!(other.kind, Kind::Completion | Kind::CompletionAdvice | Kind::PreAuthVoid)
                });
                let posted = if released { 0 } else { posted };
                stand(Account::Held(request.link), Account::Holders, Stand { pending, posted });
            }
            Moves::Release | Moves::Nothing => {}
        }
    }
    position.retain(|_, stand| *stand != Stand::default());
    Ok(position)
}

/// The merchant's net and our fee of a leg's amount.
fn split(leg: &Leg) -> Result<(Money, Money), MoneyError> {
    let fee = leg.amount.share(leg.fee)?;
    Ok((leg.amount.minus(fee)?, fee))
}
