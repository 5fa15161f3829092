//! Accounts as text, as they stand in a table: [`Account`]'s `Display`, and the way back.

use hefu_tally::{Account, LinkId, MerchantNo};
use thiserror::Error;

/// The text is not an account's.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{0:?} is no account")]
pub struct AccountError(pub String);

/// The account that `Display` wrote as `text`.
pub fn account_from_text(text: &str) -> Result<Account, AccountError> {
    let (name, of) = text.split_once(':').map_or((text, None), |(name, of)| (name, Some(of)));
    let link = |of: &str| of.parse().ok().map(LinkId);
    let account = match (name, of) {
        ("receivable", Some(of)) => link(of).map(Account::Receivable),
        ("at_risk", None) => Some(Account::AtRisk),
        ("returns_at_risk", None) => Some(Account::ReturnsAtRisk),
        ("payable", Some(of)) => of.parse::<MerchantNo>().ok().map(Account::Payable),
        ("fees", None) => Some(Account::Fees),
        ("owed_to_payer", None) => Some(Account::OwedToPayer),
        ("held", Some(of)) => link(of).map(Account::Held),
        ("holders", None) => Some(Account::Holders),
        (_, _) => None,
    };
    // Only what `Display` writes: "receivable:07" would be a second text of the same account.
    account.filter(|account| account.to_string() == text).ok_or_else(|| AccountError(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_survives_its_text() {
        let accounts = [
            Account::Receivable(LinkId(0)),
            Account::Receivable(LinkId(u16::MAX)),
            Account::AtRisk,
            Account::ReturnsAtRisk,
            Account::Payable(MerchantNo(*b"898110253110001")),
            Account::Payable(MerchantNo(*b"a:b c:d%e'f\"g;h")),
            Account::Fees,
            Account::OwedToPayer,
            Account::Held(LinkId(7)),
            Account::Holders,
        ];
        for account in accounts {
            assert_eq!(account_from_text(&account.to_string()), Ok(account));
        }
    }

    #[test]
    fn a_text_that_no_account_writes_is_refused() {
        let strange = [
            "",
            "fees:1",
            "receivable",
            "receivable:07",
            "receivable:65536",
            "payable:123",
            "Fees",
            "held:-1",
        ];
        for text in strange {
            assert_eq!(account_from_text(text), Err(AccountError(text.to_owned())));
        }
    }
}
