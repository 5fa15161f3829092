//! The clear PIN. In the field only terminals and issuers know one; the vault never lets one out.

use std::fmt;

use zeroize::Zeroizing;

/// A PIN of 4 to 12 digits. Wiped when dropped; Debug shows nothing, not even its length.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// The lengths that ISO 9564 allows, in digits.
    pub const LENGTHS: std::ops::RangeInclusive<usize> = 4..=12;

    /// Checks length and digits.
    pub fn parse(digits: &str) -> Result<Pin, PinError> {
        if !Self::LENGTHS.contains(&digits.len()) {
            return Err(PinError::Length);
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PinError::NotADigit);
        }
        Ok(Pin(Zeroizing::new(digits.to_owned())))
    }

    /// All digits. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(hidden)")
    }
}

/// Why a PIN was refused. Says nothing about what was typed, lengths and places included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Too short or too long.
    #[error("PIN: expected 4 to 12 digits")]
    Length,
    /// Something else than a digit.
    #[error("PIN: not only digits")]
    NotADigit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_have_4_to_12_digits() {
        #[track_caller]
        fn check(digits: &str, expected: Option<PinError>) {
            assert_eq!(Pin::parse(digits).err(), expected, "{digits:?}");
        }
        check("1234", None);
        check("123456789012", None);
        check("123", Some(PinError::Length));
        check("1234567890123", Some(PinError::Length));
        check("12A4", Some(PinError::NotADigit));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pin::parse("123456").unwrap()), "Pin(hidden)");
    }
}
