//! Names under which keys are kept: terminals and links. None of them is secret.

use std::fmt;
use std::sync::Arc;

/// A terminal: F42 and F41 as they stand in the message, blanks included.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalName {
    /// Merchant number, F42, ans15.
    pub merchant: [u8; 15],
    /// Terminal number, F41, ans8.
    pub terminal: [u8; 8],
}

impl TerminalName {
    /// Takes both numbers as text; each must have its full length.
    pub fn parse(merchant: &str, terminal: &str) -> Result<TerminalName, NameError> {
        Ok(TerminalName {
            merchant: exactly("merchant", merchant)?,
            terminal: exactly("terminal", terminal)?,
        })
    }

    /// Both numbers in one piece, for use as the associated data of a seal.
    pub(crate) fn to_bytes(self) -> [u8; 23] {
        let mut out = [0; 23];
        out[..15].copy_from_slice(&self.merchant);
        out[15..].copy_from_slice(&self.terminal);
        out
    }
}

/// `898110253110001/10000001`; bytes that are not printable ASCII are escaped.
impl fmt::Display for TerminalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (merchant, terminal) = (self.merchant.escape_ascii(), self.terminal.escape_ascii());
        write!(f, "{merchant}/{terminal}")
    }
}

impl fmt::Debug for TerminalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TerminalName({self})")
    }
}

/// A bank link, named in the configuration: 1 to 32 characters of `a-z 0-9 - _ .`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkName(Arc<str>);

impl LinkName {
    /// The longest name, in characters.
    pub const MAX: usize = 32;

    /// Checks length and characters.
    pub fn parse(name: &str) -> Result<LinkName, NameError> {
        if name.is_empty() || name.len() > Self::MAX {
            return Err(NameError::LinkLength { found: name.len() });
        }
        match name.bytes().position(|b| !is_link_character(b)) {
            Some(position) => Err(NameError::LinkCharacter { position }),
            None => Ok(LinkName(name.into())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkName({self})")
    }
}

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A merchant or terminal number is not of its fixed length.
    #[error("{field} number: expected {expected} bytes, found {found}")]
    NumberLength {
        /// `merchant` or `terminal`.
        field: &'static str,
        /// The fixed length in bytes.
        expected: usize,
        /// The length that came, in bytes.
        found: usize,
    },
    /// A link name is empty or too long.
    #[error("link name: expected 1 to 32 characters, found {found}")]
    LinkLength {
        /// The length that came, in bytes.
        found: usize,
    },
    /// A link name holds a character that is not allowed.
    #[error("link name: character {position} is not one of a-z 0-9 - _ .")]
    LinkCharacter {
        /// Position of the first such byte, from 0.
        position: usize,
    },
}

fn exactly<const N: usize>(field: &'static str, text: &str) -> Result<[u8; N], NameError> {
    text.as_bytes().try_into().map_err(|_| NameError::NumberLength { field, expected: N, found: text.len() })
}

fn is_link_character(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_both_numbers_as_text() {
        let name = TerminalName::parse("898110253110001", "10000001").unwrap();
        assert_eq!(format!("{name:?}"), "TerminalName(898110253110001/10000001)");
    }

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        let name = TerminalName { merchant: [0x1B; 15], terminal: *b"1000\n001" };
        assert!(name.to_string().is_ascii());
        assert!(!name.to_string().contains(['\n', '\x1B']));
    }

    #[test]
    fn a_number_of_the_wrong_length_is_refused_by_name() {
        let short = NameError::NumberLength { field: "merchant", expected: 15, found: 3 };
        assert_eq!(TerminalName::parse("898", "10000001"), Err(short));
        let long = NameError::NumberLength { field: "terminal", expected: 8, found: 9 };
        assert_eq!(TerminalName::parse("898110253110001", "100000001"), Err(long));
    }

    #[test]
    fn link_names_are_short_and_plain() {
        #[track_caller]
        fn check(name: &str, expected: Result<(), NameError>) {
            assert_eq!(LinkName::parse(name).map(|_| ()), expected, "{name:?}");
        }
        check("bank-a_1.test", Ok(()));
        check(&"x".repeat(32), Ok(()));
        check("", Err(NameError::LinkLength { found: 0 }));
        check(&"x".repeat(33), Err(NameError::LinkLength { found: 33 }));
        check("bank A", Err(NameError::LinkCharacter { position: 4 }));
        check("银行", Err(NameError::LinkCharacter { position: 0 }));
    }
}
