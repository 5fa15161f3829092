use crate::dialect::Kind;
use thiserror::Error;

/// Why bytes are no message of the dialect.
///
/// Offsets count bytes from the first byte of the MTI. Field 0 is the MTI and field 1 the bitmap.
/// What was found is told as a count or as the one byte that cannot stand there, never as content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("F{field} at byte {offset}: expected {expected} bytes, found {found}")]
    Truncated { field: u8, offset: usize, expected: usize, found: usize },

    #[error("F{field} at byte {offset}: expected a length in digits, found {found:#04x}")]
    LengthNotDigits { field: u8, offset: usize, found: u8 },

    /// `found` is a whole byte, or a single half byte where digits are packed.
    #[error("F{field} at byte {offset}: expected {expected}, found {found:#04x}")]
    WrongCharacter { field: u8, offset: usize, expected: Kind, found: u8 },

    #[error("F{field} at byte {offset}: expected a length of at most {max}, found {found}")]
    TooLong { field: u8, offset: usize, max: usize, found: usize },

    #[error("F{field}, its bit set at byte {offset}: this dialect has no such field")]
    UnknownField { field: u8, offset: usize },

    #[error("bitmap at byte {offset}: expected 16 bytes with bit 1 set, found bit 1 clear")]
    SecondBitmapMissing { offset: usize },

    #[error("bitmap at byte {offset}: expected a field above 64 behind bit 1, found none")]
    SecondBitmapEmpty { offset: usize },

    #[error("byte {offset}: expected the end of the message, found {found} more bytes")]
    TrailingBytes { offset: usize, found: usize },
}

impl DecodeError {
    /// The field that is wrong (0 the MTI, 1 the bitmap), or `None` for bytes behind the last one.
    pub fn field(&self) -> Option<u8> {
        match *self {
            Self::Truncated { field, .. }
            | Self::LengthNotDigits { field, .. }
            | Self::WrongCharacter { field, .. }
            | Self::TooLong { field, .. }
            | Self::UnknownField { field, .. } => Some(field),
            Self::SecondBitmapMissing { .. } | Self::SecondBitmapEmpty { .. } => Some(1),
            Self::TrailingBytes { .. } => None,
        }
    }

    /// Bytes from the first byte of the MTI to the place that is wrong.
    pub fn offset(&self) -> usize {
        match *self {
            Self::Truncated { offset, .. }
            | Self::LengthNotDigits { offset, .. }
            | Self::WrongCharacter { offset, .. }
            | Self::TooLong { offset, .. }
            | Self::UnknownField { offset, .. }
            | Self::SecondBitmapMissing { offset }
            | Self::SecondBitmapEmpty { offset }
            | Self::TrailingBytes { offset, .. } => offset,
        }
    }
}

/// Why a message cannot be written in the dialect. Positions count from the value's first character.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    #[error("MTI: expected at most 9999, found {found}")]
    MtiOutOfRange { found: u16 },

    #[error("F{field}: this dialect has no such field")]
    UnknownField { field: u8 },

    #[error("F{field}: expected a length of exactly {expected}, found {found}")]
    WrongLength { field: u8, expected: usize, found: usize },

    #[error("F{field}: expected a length of at most {max}, found {found}")]
    TooLong { field: u8, max: usize, found: usize },

    #[error("F{field}, position {position}: expected {expected}")]
    WrongCharacter { field: u8, position: usize, expected: Kind },
}

impl EncodeError {
    /// The field that is wrong; 0 is the MTI.
    pub fn field(&self) -> u8 {
        match *self {
            Self::MtiOutOfRange { .. } => 0,
            Self::UnknownField { field }
            | Self::WrongLength { field, .. }
            | Self::TooLong { field, .. }
            | Self::WrongCharacter { field, .. } => field,
        }
    }
}
