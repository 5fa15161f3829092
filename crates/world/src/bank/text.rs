//! Short ASCII texts of the message, kept without a heap allocation: the book holds millions of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// An ASCII text of at most `N` bytes. Written and shown as text.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

/// A card number as the bank received it. The simulated bank's book may hold it in clear, since the cards are
/// the bank's own and test cards; `Debug` is masked all the same, so that no log shows it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Card(Text<19>);

impl<const N: usize> Text<N> {
    /// `None` when the text is longer than `N` bytes or not ASCII.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        if !text.is_ascii() {
            return None;
        }
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Text { bytes, len: u8::try_from(text.len()).ok()? })
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("only ASCII is ever put in")
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The empty text stands for a field that was absent.
impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Text { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Text::new(&text)
            .ok_or_else(|| de::Error::custom(format_args!("expected at most {N} ASCII characters")))
    }
}

impl Card {
    /// `None` when the text is longer than 19 bytes or not ASCII. The check digit is not looked at here.
    pub fn new(digits: &str) -> Option<Card> {
        Text::new(digits).map(Card)
    }

    /// The whole number.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.expose();
        match (digits.get(..6), digits.len().checked_sub(4).and_then(|start| digits.get(start..))) {
            (Some(first), Some(last)) if digits.len() > 10 => write!(f, "{first}******{last}"),
            (_, _) => f.write_str("******"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_longer_than_its_field_is_refused() {
        assert_eq!(Text::<3>::new("156").map(|t| t.to_string()), Some("156".into()));
        assert_eq!(Text::<3>::new("1567"), None);
        assert_eq!(Text::<3>::new("é"), None);
        assert!(serde_json::from_str::<Text<3>>("\"1567\"").is_err());
    }

    #[test]
    fn a_card_shows_first_six_and_last_four() {
        let card = Card::new("6200000000000005").unwrap();
        assert_eq!(format!("{card:?}"), "620000******0005");
        assert_eq!(format!("{:?}", Card::new("620005").unwrap()), "******");
        assert_eq!(serde_json::to_string(&card).unwrap(), "\"6200000000000005\"");
    }
}
