//! Sub-fields of the host link: F90, which names the original, and F60.1, why it is reversed.

use crate::Mti;
use crate::subfield::{Digits, put_digits, put_number};

pub use crate::subfield::SubfieldError;

/// Characters of F90.
const SIZE: usize = 42;

/// F90: which message a reversal, void, refund or completion refers to.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OriginalData {
    /// The original's message type.
    pub mti: Mti,
    /// The original's F11, six digits.
    pub stan: u32,
    /// The original's F7 (MMDDhhmmss), ten ASCII digits.
    pub transmitted: [u8; 10],
    /// The original's F32, zero-filled on the left: see [`institution`].
    pub acquirer: [u8; 11],
    /// The original's F33, zero-filled on the left: see [`institution`].
    pub forwarder: [u8; 11],
}

impl OriginalData {
    /// Reads the content of F90.
    ///
    /// # Errors
    /// Anything but 42 digits.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F90", value)?;
        if value.len() != SIZE {
            return Err(wrong_length(value.len()));
        }
        Ok(Self {
            mti: Mti(digits.short::<4>()),
            stan: digits.number::<6>(),
            transmitted: digits.take(),
            acquirer: digits.take(),
            forwarder: digits.take(),
        })
    }

    /// The content of F90.
    ///
    /// # Errors
    /// A number with more digits than its place, or text that is not digits.
    pub fn build(&self) -> Result<String, SubfieldError> {
        let mut text = String::with_capacity(SIZE);
        put_number(&mut text, "F90.1", self.mti.0, 4)?;
        put_number(&mut text, "F90.2", self.stan, 6)?;
        put_digits(&mut text, "F90.3", &self.transmitted)?;
        put_digits(&mut text, "F90.4", &self.acquirer)?;
        put_digits(&mut text, "F90.5", &self.forwarder)?;
        Ok(text)
    }
}

/// The number of an institution (F32, F33) as F90 carries it: eleven digits, zero-filled on the left.
///
/// # Errors
/// More than eleven characters, or one that is no digit.
pub fn institution(number: impl AsRef<[u8]>) -> Result<[u8; 11], SubfieldError> {
    let number = number.as_ref();
    Digits::new("institution", number)?;
    let start = 11usize.checked_sub(number.len()).ok_or(SubfieldError::WrongLength {
        field: "institution",
        expected: "at most 11",
        found: number.len(),
    })?;
    let mut filled = [b'0'; 11];
    filled[start..].copy_from_slice(number);
    Ok(filled)
}

fn wrong_length(found: usize) -> SubfieldError {
    SubfieldError::WrongLength { field: "F90", expected: "42", found }
}

/// F60.1 of a reversal: why the original is taken back. The first six are given by an acquirer.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u16)]
pub enum ReversalReason {
    /// The terminal reversed the whole amount.
    Terminal = 4351,
    /// Part of the amount.
    Partial = 4352,
    /// The answer came too late.
    LateResponse = 4353,
    /// No answer came in time.
    AcquirerTimeout = 4354,
    /// The answer's MAC was wrong.
    MacFailure = 4355,
    /// The answer could not be given to the terminal.
    TerminalUnreachable = 4356,
    /// The network's own reasons.
    Network4360 = 4360,
    Network4361 = 4361,
    Network4362 = 4362,
    Network4363 = 4363,
    Network4364 = 4364,
    Network4365 = 4365,
    Network4366 = 4366,
}

impl ReversalReason {
    /// All reasons, ascending.
    pub const ALL: [Self; 13] = [
        Self::Terminal,
        Self::Partial,
        Self::LateResponse,
        Self::AcquirerTimeout,
        Self::MacFailure,
        Self::TerminalUnreachable,
        Self::Network4360,
        Self::Network4361,
        Self::Network4362,
        Self::Network4363,
        Self::Network4364,
        Self::Network4365,
        Self::Network4366,
    ];

    /// The four digits as a number.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The content of F60.1.
    pub fn build(self) -> String {
        self.code().to_string()
    }

    /// Reads F60.1, the first four digits of F60; what follows them is not looked at.
    ///
    /// # Errors
    /// Fewer than four digits, or a reason that the link does not know.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let code = value.get(..4).ok_or(SubfieldError::WrongLength {
            field: "F60.1",
            expected: "4",
            found: value.len(),
        })?;
        let found = Digits::new("F60.1", code)?.short::<4>();
        Self::ALL
            .into_iter()
            .find(|reason| reason.code() == found)
            .ok_or(SubfieldError::UnknownReason { found })
    }

    /// Given by the network, not by an acquirer.
    pub fn is_network(self) -> bool {
        self >= Self::Network4360
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const F90: &str = "020000004211221833010001025844000048020000";

    fn original() -> OriginalData {
        OriginalData {
            mti: Mti(200),
            stan: 42,
            transmitted: *b"1122183301",
            acquirer: institution("00010258440").unwrap(),
            forwarder: institution("48020000").unwrap(),
        }
    }

    #[test]
    fn the_original_data_are_read_and_written() {
        assert_eq!(OriginalData::parse(F90.as_bytes()), Ok(original()));
        assert_eq!(original().build().as_deref(), Ok(F90));
    }

    #[test]
    fn an_institution_is_filled_with_zeros_on_the_left() {
        assert_eq!(institution("48020000"), Ok(*b"00048020000"));
        assert_eq!(institution(""), Ok(*b"00000000000"));
        let error = SubfieldError::WrongLength { field: "institution", expected: "at most 11", found: 12 };
        assert_eq!(institution("123456789012"), Err(error));
        let error = SubfieldError::NotADigit { field: "institution", position: 1 };
        assert_eq!(institution("4x"), Err(error));
    }

    #[test]
    fn original_data_that_are_not_42_digits_are_refused() {
        assert_eq!(OriginalData::parse(&F90.as_bytes()[1..]), Err(wrong_length(41)));
        assert_eq!(OriginalData::parse(format!("{F90}0").as_bytes()), Err(wrong_length(43)));
        let error = SubfieldError::NotADigit { field: "F90", position: 5 };
        assert_eq!(OriginalData::parse(b"02000A"), Err(error));
        let error = SubfieldError::NumberTooLarge { field: "F90.2", digits: 6 };
        assert_eq!(OriginalData { stan: 1_000_000, ..original() }.build(), Err(error));
        let error = SubfieldError::NotADigit { field: "F90.3", position: 0 };
        assert_eq!(OriginalData { transmitted: *b"x000000000", ..original() }.build(), Err(error));
    }

    #[test]
    fn every_reason_is_read_and_written() {
        for reason in ReversalReason::ALL {
            assert_eq!(ReversalReason::parse(reason.build().as_bytes()), Ok(reason));
            assert_eq!(reason.is_network(), reason.code() >= 4360);
        }
        assert_eq!(ReversalReason::parse(b"4354 more"), Ok(ReversalReason::AcquirerTimeout));
    }

    #[test]
    fn a_reason_of_another_link_is_refused() {
        assert_eq!(ReversalReason::parse(b"4357"), Err(SubfieldError::UnknownReason { found: 4357 }));
        let error = SubfieldError::WrongLength { field: "F60.1", expected: "4", found: 3 };
        assert_eq!(ReversalReason::parse(b"435"), Err(error));
        let error = SubfieldError::NotADigit { field: "F60.1", position: 3 };
        assert_eq!(ReversalReason::parse(b"435 "), Err(error));
    }
}
