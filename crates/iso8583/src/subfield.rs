//! What the sub-fields of both links share: their errors, and digits read and written by place.

use thiserror::Error;

/// Why a sub-field is refused. Positions count from the first character of the value that was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubfieldError {
    #[error("{field}: expected {expected} characters, found {found}")]
    WrongLength { field: &'static str, expected: &'static str, found: usize },

    #[error("{field}, position {position}: expected a decimal digit")]
    NotADigit { field: &'static str, position: usize },

    #[error("{field}: expected a number of at most {digits} digits")]
    NumberTooLarge { field: &'static str, digits: usize },

    #[error("{field}: expected no gap, found a later part without the earlier")]
    Gap { field: &'static str },

    #[error("{field}: expected at most {max} bytes, found {found}")]
    TextTooLong { field: &'static str, max: usize, found: usize },

    #[error("F48: expected a settlement answer from 0 to 3, found {found}")]
    UnknownAnswer { found: u8 },

    #[error("F48: expected 1 to {max} uploaded items, found {found}")]
    ItemCount { max: usize, found: usize },

    #[error("F54, position {position}: expected C or D, found {found:#04x}")]
    UnknownSign { position: usize, found: u8 },

    #[error("F60.1: expected a reversal reason of this link, found {found}")]
    UnknownReason { found: u16 },
}

/// Digits, taken from the left.
pub(crate) struct Digits<'a> {
    rest: &'a [u8],
}

impl<'a> Digits<'a> {
    /// # Errors
    /// [`SubfieldError::NotADigit`].
    pub fn new(field: &'static str, value: &'a [u8]) -> Result<Self, SubfieldError> {
        Self::within(field, value, 0..value.len())
    }

    /// The digits of a part of `value`.
    ///
    /// # Errors
    /// [`SubfieldError::NotADigit`].
    pub fn within(
        field: &'static str,
        value: &'a [u8],
        part: std::ops::Range<usize>,
    ) -> Result<Self, SubfieldError> {
        let rest = &value[part.clone()];
        match rest.iter().position(|c| !c.is_ascii_digit()) {
            None => Ok(Self { rest }),
            Some(at) => Err(SubfieldError::NotADigit { field, position: part.start + at }),
        }
    }

    /// The next `N` digits as they are. The caller has checked the length.
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self.rest.split_first_chunk().expect("the length was checked");
        self.rest = rest;
        *first
    }

    /// The next `N` digits as a number. The caller has checked the length.
    pub fn number<const N: usize>(&mut self) -> u32 {
        const { assert!(N <= 9, "nine digits fit") };
        self.take::<N>().iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }

    /// The next two or three digits, which fit 16 bits.
    pub fn short<const N: usize>(&mut self) -> u16 {
        const { assert!(N <= 4, "four digits fit") };
        self.number::<N>() as u16
    }

    /// The next one or two digits, which fit a byte.
    pub fn byte<const N: usize>(&mut self) -> u8 {
        const { assert!(N <= 2, "two digits fit") };
        self.number::<N>() as u8
    }

    /// The next twelve digits as an amount in minor units.
    pub fn amount(&mut self) -> i64 {
        self.take::<12>().iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Appends a number, zero-filled on the left.
///
/// # Errors
/// [`SubfieldError::NumberTooLarge`], also for a negative amount.
pub(crate) fn put_number(
    out: &mut String,
    field: &'static str,
    number: impl Into<i64>,
    digits: usize,
) -> Result<(), SubfieldError> {
    let text = format!("{:0digits$}", number.into());
    if text.len() > digits || text.starts_with('-') {
        return Err(SubfieldError::NumberTooLarge { field, digits });
    }
    out.push_str(&text);
    Ok(())
}

/// Appends characters that must be digits.
///
/// # Errors
/// [`SubfieldError::NotADigit`].
pub(crate) fn put_digits(out: &mut String, field: &'static str, value: &[u8]) -> Result<(), SubfieldError> {
    Digits::new(field, value)?;
    out.extend(value.iter().map(|&digit| char::from(digit)));
    Ok(())
}
