use crate::subfield::{Digits, SubfieldError, put_number};

/// Characters of one balance.
const SIZE: usize = 20;

/// One balance of F54. The POS dialect has room for one, the host link for two.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    /// n2.
    pub account_type: u8,
    /// n2: 02 the available balance.
    pub amount_type: u8,
    /// n3, ISO 4217: 156 yuan.
    pub currency: u16,
    /// C or D.
    pub sign: Sign,
    /// n12, minor units, without its sign.
    pub amount: i64,
}

/// Whose the balance is.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sign {
    /// C: the holder's.
    Credit,
    /// D: owed by the holder.
    Debit,
}

impl Balance {
    /// Minor units, below zero if the holder owes them.
    pub fn signed(&self) -> i64 {
        match self.sign {
            Sign::Credit => self.amount,
            Sign::Debit => -self.amount,
        }
    }

    /// The balance that begins at `start`; the caller has checked the length.
    fn parse(value: &[u8], start: usize) -> Result<Self, SubfieldError> {
        let mut front = Digits::within("F54", value, start..start + 7)?;
        let sign = match value[start + 7] {
            b'C' => Sign::Credit,
            b'D' => Sign::Debit,
            found => return Err(SubfieldError::UnknownSign { position: start + 7, found }),
        };
        let mut back = Digits::within("F54", value, start + 8..start + SIZE)?;
        Ok(Self {
            account_type: front.byte::<2>(),
            amount_type: front.byte::<2>(),
            currency: front.short::<3>(),
            sign,
            amount: back.amount(),
        })
    }
}

/// Reads the content of F54.
///
/// # Errors
/// Anything but whole balances of 20 characters, at least one.
pub fn parse_balances(value: &[u8]) -> Result<Vec<Balance>, SubfieldError> {
    if value.is_empty() || !value.len().is_multiple_of(SIZE) {
        let expected = "20 for each balance";
        return Err(SubfieldError::WrongLength { field: "F54", expected, found: value.len() });
    }
    (0..value.len()).step_by(SIZE).map(|start| Balance::parse(value, start)).collect()
}

/// The content of F54.
///
/// # Errors
/// A number that is negative or has more digits than its place.
pub fn build_balances(balances: &[Balance]) -> Result<String, SubfieldError> {
    let mut text = String::with_capacity(balances.len() * SIZE);
    for balance in balances {
        put_number(&mut text, "F54 account type", balance.account_type, 2)?;
        put_number(&mut text, "F54 amount type", balance.amount_type, 2)?;
        put_number(&mut text, "F54 currency", balance.currency, 3)?;
        text.push(match balance.sign {
            Sign::Credit => 'C',
            Sign::Debit => 'D',
        });
        put_number(&mut text, "F54 amount", balance.amount, 12)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(sign: Sign) -> Balance {
        Balance { account_type: 10, amount_type: 2, currency: 156, sign, amount: 99_950 }
    }

    #[test]
    fn balances_are_read_and_written() {
        let check = |balances: &[Balance], text: &str| {
            assert_eq!(build_balances(balances).as_deref(), Ok(text));
            assert_eq!(parse_balances(text.as_bytes()).as_deref(), Ok(balances));
        };
        check(&[balance(Sign::Credit)], "1002156C000000099950");
        check(&[balance(Sign::Debit), balance(Sign::Credit)], "1002156D0000000999501002156C000000099950");
        assert_eq!(balance(Sign::Credit).signed(), 99_950);
        assert_eq!(balance(Sign::Debit).signed(), -99_950);
    }

    #[test]
    fn what_is_no_balance_is_refused() {
        let check = |text: &str, error| assert_eq!(parse_balances(text.as_bytes()), Err(error));
        let expected = "20 for each balance";
        let length = |found| SubfieldError::WrongLength { field: "F54", expected, found };
        check("", length(0));
        check("1002156C00000009995", length(19));
        check("1002156C0000000999501", length(21));
        check("1002156X000000099950", SubfieldError::UnknownSign { position: 7, found: b'X' });
        check("10x2156C000000099950", SubfieldError::NotADigit { field: "F54", position: 2 });
        let second = "1002156C0000000999501002156C00000009995x";
        check(second, SubfieldError::NotADigit { field: "F54", position: 39 });
    }

    #[test]
    fn a_balance_that_has_no_place_is_not_built() {
        let wrong = Balance { amount: -1, ..balance(Sign::Debit) };
        let error = SubfieldError::NumberTooLarge { field: "F54 amount", digits: 12 };
        assert_eq!(build_balances(&[wrong]), Err(error));
    }
}
