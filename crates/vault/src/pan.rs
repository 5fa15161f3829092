//! The card number.

use std::fmt;

use zeroize::Zeroizing;

/// A card number (PAN) of 12 to 19 digits with a right check digit. Wiped when dropped; no
/// Display, and Debug shows what PCI DSS 3.4 lets one show.
#[derive(Clone, PartialEq, Eq)]
pub struct Pan(Zeroizing<String>);

impl Pan {
    /// The longest card number, in digits.
    pub const MAX: usize = 19;

    /// Checks length, digits and the Luhn check digit.
    pub fn parse(digits: &str) -> Result<Pan, PanError> {
        if !(12..=Self::MAX).contains(&digits.len()) {
            return Err(PanError::Length { found: digits.len() });
        }
        if let Some(position) = digits.bytes().position(|b| !b.is_ascii_digit()) {
            return Err(PanError::NotADigit { position });
        }
        if !is_luhn(digits.as_bytes()) {
            return Err(PanError::CheckDigit);
        }
        Ok(Pan(Zeroizing::new(digits.to_owned())))
    }

    /// All digits. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// First six and last four digits, stars between: `620000******0005`.
    pub fn masked(&self) -> String {
        let stars = "*".repeat(self.0.len() - 10);
        format!("{}{stars}{}", self.bin6(), self.last4())
    }

    /// The first six digits, which name the issuer.
    pub fn bin6(&self) -> &str {
        &self.0[..6]
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pan({})", self.masked())
    }
}

/// Why a card number was refused. Never holds a digit of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PanError {
    /// Too short or too long.
    #[error("card number: expected 12 to 19 digits, found {found} characters")]
    Length {
        /// The length that came, in bytes.
        found: usize,
    },
    /// Something else than a digit.
    #[error("card number: character {position} is not a digit")]
    NotADigit {
        /// Position of the first such byte, from 0.
        position: usize,
    },
    /// Mistyped or misread: the last digit does not fit the others.
    #[error("card number: the check digit is wrong")]
    CheckDigit,
}

/// Luhn (ISO/IEC 7812-1): from the right, every second digit doubled and its digits added.
fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, value) => value,
            (_, value) => value * 2 / 10 + value * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "6200000000000005";

    #[test]
    fn a_card_number_shows_first_six_and_last_four() {
        let pan = Pan::parse(CARD).unwrap();
        assert_eq!(pan.masked(), "620000******0005");
        assert_eq!((pan.bin6(), pan.last4()), ("620000", "0005"));
        assert_eq!(pan.expose(), CARD);
        assert_eq!(format!("{pan:?}"), "Pan(620000******0005)");
    }

    #[test]
    fn every_test_card_has_a_right_check_digit() {
        for tail in ["013", "104", "518", "542", "559", "617", "609", "625", "997", "971"] {
            let card = format!("6200000000000{tail}");
            assert!(Pan::parse(&card).is_ok(), "{card}");
        }
    }

    #[test]
    fn each_refusal_has_its_name() {
        #[track_caller]
        fn check(digits: &str, expected: PanError) {
            assert_eq!(Pan::parse(digits), Err(expected), "{digits:?}");
        }
        check("", PanError::Length { found: 0 });
        check("62000000000", PanError::Length { found: 11 });
        check("62000000000000050000", PanError::Length { found: 20 });
        check("620000000000000D", PanError::NotADigit { position: 15 });
        check("6200000000000006", PanError::CheckDigit);
        check("6200000000000050", PanError::CheckDigit);
        check("６２００００", PanError::NotADigit { position: 0 });
    }

    #[test]
    fn one_wrong_digit_never_passes() {
        for position in 0..CARD.len() {
            for digit in '0'..='9' {
                let mut other = CARD.to_owned();
                other.replace_range(position..=position, &digit.to_string());
                assert_eq!(Pan::parse(&other).is_ok(), other == CARD, "{other}");
            }
        }
    }
}
