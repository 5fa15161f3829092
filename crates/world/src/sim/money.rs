//! The merchants' book by our own reckoning: what is owed to each, and the platform's fees, out of what the merchants
//! have and what the bank did.

use super::rows::{Does, Row, does};
use super::watch::Broken;
use hefu_store::Store;
use hefu_tally::{Account, Issuer, Kind, Merchant, MerchantNo};
use std::collections::BTreeMap;

/// The platform's fee in basis points.
const FEE: i64 = 60;

/// What stands in an account: posted, pending.
type Sums = (i64, i64);

/// Compares what is owed to the merchants, and the fees, with the books.
pub(super) fn compare<S: Store>(store: &mut S, rows: &[Row]) -> Result<(), Broken> {
    let (payable, fees) = reckon(rows);
    let mut booked: BTreeMap<MerchantNo, Sums> = BTreeMap::new();
    let mut booked_fees = (0, 0);
    for balance in store.balances().map_err(|error| ("store", error.to_string()))? {
        let posted = balance.credit_posted - balance.debit_posted;
        let pending = balance.credit_pending - balance.debit_pending;
        let sums = match balance.account {
            Account::Payable(merchant) => booked.entry(merchant).or_default(),
            Account::Fees => &mut booked_fees,
            Account::Receivable(_)
            | Account::AtRisk
            | Account::ReturnsAtRisk
            | Account::OwedToPayer
            | Account::Held(_)
            | Account::Holders => continue,
        };
        sums.0 += posted;
        sums.1 += pending;
    }
    for merchant in payable.keys().chain(booked.keys()) {
        let of = |book: &BTreeMap<MerchantNo, Sums>| book.get(merchant).copied().unwrap_or_default();
        if of(&payable) != of(&booked) {
            let what = format!(
                "{merchant} is owed {:?} (posted, pending), but the books say {:?}",
                of(&payable),
                of(&booked)
            );
            return Err(("payable", what));
        }
    }
    if fees != booked_fees {
        return Err((
            "fees",
            format!("the fees are {fees:?} (posted, pending), the books say {booked_fees:?}"),
        ));
    }
    Ok(())
}

fn reckon(rows: &[Row]) -> (BTreeMap<MerchantNo, Sums>, Sums) {
    let mut payable: BTreeMap<MerchantNo, Sums> = BTreeMap::new();
    let mut fees = (0, 0);
    for Row { leg, .. } in rows {
        let merchant = payable.entry(leg.identity.till.merchant).or_default();
        let sign = match does(leg.kind) {
            Does::Returns if leg.kind == Kind::Refund => {
                match leg.issuer {
                    Issuer::Done => merchant.0 -= leg.amount.minor,
                    Issuer::Unknown => merchant.1 -= leg.asked.minor,
                    Issuer::Untouched | Issuer::NotDone | Issuer::Undone => {}
                }
                continue;
            }
            Does::Charges => 1,
            Does::Returns => -1,
            Does::Holds | Does::Releases | Does::Nothing => continue,
        };
        if leg.merchant == Merchant::Has {
            let fee = fee(leg.amount.minor);
            merchant.0 += sign * (leg.amount.minor - fee);
            fees.0 += sign * fee;
        }
    }
    (payable, fees)
}

/// Half a fen counts as one.
fn fee(amount: i64) -> i64 {
    (amount * FEE + 5_000) / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_sixty_basis_points_and_half_a_fen_counts_as_one() {
        // (amount, fee) in fen
        for (amount, expected) in [(0, 0), (83, 0), (84, 1), (10_000, 60), (10_083, 60), (10_084, 61)] {
            assert_eq!(fee(amount), expected, "{amount}");
        }
    }
}
