//! The key of a message, by which repeats, originals and answers are found.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What identifies a message on the link for ever: (DE7, DE11, DE32). The leading zeros of DE32 do not count,
/// because DE90 fills it with zeros. Written `MMDDhhmmss-stan-acquirer`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Key {
    /// DE7, at most ten digits.
    pub transmitted: u64,
    /// DE11, at most six digits.
    pub stan: u32,
    /// DE32, at most eleven digits.
    pub acquirer: u64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}-{:06}-{:011}", self.transmitted, self.stan, self.acquirer)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a key MMDDhhmmss-stan-acquirer")]
pub struct KeyTextError;

impl FromStr for Key {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Key, KeyTextError> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(KeyTextError);
        let key = Key {
            transmitted: part()?.parse().map_err(|_| KeyTextError)?,
            stan: part()?.parse().map_err(|_| KeyTextError)?,
            acquirer: part()?.parse().map_err(|_| KeyTextError)?,
        };
        parts.next().is_none().then_some(key).ok_or(KeyTextError)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = KeyTextError;

    fn try_from(text: String) -> Result<Key, KeyTextError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_is_written() {
        let key = Key { transmitted: 102_030_405, stan: 7, acquirer: 48_010_000 };
        assert_eq!(key.to_string(), "0102030405-000007-00048010000");
        assert_eq!(key.to_string().parse(), Ok(key));
        for bad in ["", "1-2", "1-2-3-4", "1-2-x"] {
            assert_eq!(bad.parse::<Key>(), Err(KeyTextError), "{bad:?}");
        }
    }
}
