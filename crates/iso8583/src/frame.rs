//! What stands around a message: the length in front of a frame, and on the terminal side the TPDU
//! and the header.

mod pos;
mod stream;

pub use pos::{Demand, PosFrame, PosHeader, Tpdu, join_pos, split_pos};
pub(crate) use pos::{split_header, split_tpdu};
pub use stream::{Framer, MAX_UNREAD, put_frame};

use thiserror::Error;

/// Why bytes are no frame. Offsets count from the first byte behind the length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrameError {
    #[error("expected a frame of at most {max} bytes, found a length of {found}")]
    TooLong { max: usize, found: usize },

    #[error("expected a frame with content, found a length of 0")]
    Empty,

    #[error("expected at most {max} bytes to wait for a reader, found {found}")]
    Unread { max: usize, found: usize },

    #[error("{part} at byte {offset}: expected {expected} bytes, found {found}")]
    Truncated { part: &'static str, offset: usize, expected: usize, found: usize },

    #[error("TPDU at byte {offset}: expected 0x60, found {found:#04x}")]
    NotATpdu { offset: usize, found: u8 },

    #[error("header at byte {offset}: expected two decimal digits, found {found:#04x}")]
    HeaderNotDigits { offset: usize, found: u8 },
}
