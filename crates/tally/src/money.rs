//! Money: an integer of minor units and its currency. Overflow and mixed currencies are errors, never a wrap.

use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// ISO 4217 numeric code; F49 and DE49 carry it as three digits.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(pub u16);

impl Currency {
    /// Renminbi, whose minor unit is the fen.
    pub const CNY: Currency = Currency(156);
}

/// An amount in minor units (fen) of one currency. May be negative only as a difference.
#[derive(Copy, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why two amounts could not be taken together.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
pub enum MoneyError {
    #[error("amount overflows 64 bits")]
    Overflow,
    #[error("currencies differ: {0} and {1}", left.0, right.0)]
    Currencies { left: Currency, right: Currency },
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        self.same(other)?;
        Ok(Money { minor: self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?, ..self })
    }

    pub fn minus(self, other: Money) -> Result<Money, MoneyError> {
        self.same(other)?;
        Ok(Money { minor: self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?, ..self })
    }

    /// `basis_points` of this amount, rounded half up to the minor unit (the design's rule for fees).
    pub fn share(self, basis_points: u16) -> Result<Money, MoneyError> {
        let exact = i128::from(self.minor) * i128::from(basis_points);
        let half = if mutant!(RoundsTheFeeDown) { 0 } else { 5_000 };
        let rounded = (exact + half).div_euclid(10_000);
        Ok(Money { minor: i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?, ..self })
    }

    fn same(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::Currencies { left: self.currency, right: other.currency })
    }
}

/// `12.34 CNY`; currencies other than renminbi show their numeric code.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        write!(f, "{sign}{}.{:02} ", minor / 100, minor % 100)?;
        if self.currency == Currency::CNY { f.write_str("CNY") } else { write!(f, "{:03}", self.currency.0) }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    #[test]
    fn overflow_and_mixed_currencies_are_errors() {
        assert_eq!(cny(i64::MAX).plus(cny(1)), Err(MoneyError::Overflow));
        assert_eq!(cny(i64::MIN).minus(cny(1)), Err(MoneyError::Overflow));
        let dollars = Money::new(1, Currency(840));
        let mixed = MoneyError::Currencies { left: Currency::CNY, right: Currency(840) };
        assert_eq!(cny(1).plus(dollars), Err(mixed));
        assert_eq!(cny(i64::MAX).share(20_000), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_share_is_rounded_half_up() {
        // (amount, basis points, share)
        for (amount, points, share) in
            [(10_000, 60, 60), (1_234, 60, 7), (1_250, 60, 8), (83, 60, 0), (84, 60, 1)]
        {
            assert_eq!(cny(amount).share(points), Ok(cny(share)), "{amount} at {points}");
        }
    }

    #[test]
    fn money_is_shown_with_its_currency() {
        assert_eq!(cny(123_456).to_string(), "1234.56 CNY");
        assert_eq!(cny(-5).to_string(), "-0.05 CNY");
        assert_eq!(Money::new(7, Currency(840)).to_string(), "0.07 840");
    }
}
