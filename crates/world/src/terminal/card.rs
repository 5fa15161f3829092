//! The card as the reader gives it.

use hefu_vault::{Pan, PanError};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A card at the reader. Wiped when dropped; Debug shows the masked number and the way it was read.
#[derive(Clone)]
pub struct CardInput {
    pan: Pan,
    expiry: Zeroizing<String>,
    entry: EntryMode,
}

/// How the card was read.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntryMode {
    /// Magnetic stripe: the card number travels in track 2 only.
    Swipe,
    /// Chip, by contact.
    Insert,
    /// Chip, by tapping.
    Contactless,
}

/// Why the reader refuses a card.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CardError {
    /// The number is no card number.
    #[error(transparent)]
    Number(#[from] PanError),
    /// The expiry is not a year and a month.
    #[error("card expiry: expected four digits YYMM with a month of 01 to 12")]
    Expiry,
}

impl CardInput {
    /// A card with its number and its expiry as `YYMM`.
    pub fn new(pan: &str, expiry: &str, entry: EntryMode) -> Result<CardInput, CardError> {
        let pan = Pan::parse(pan)?;
        let digits = expiry.len() == 4 && expiry.bytes().all(|b| b.is_ascii_digit());
        if !digits || !("01"..="12").contains(&&expiry[2..]) {
            return Err(CardError::Expiry);
        }
        Ok(CardInput { pan, expiry: Zeroizing::new(expiry.to_owned()), entry })
    }

    /// A test card: expiry 3012.
    pub fn test(pan: &str, entry: EntryMode) -> Result<CardInput, CardError> {
        CardInput::new(pan, "3012", entry)
    }

    /// The card number.
    pub fn pan(&self) -> &Pan {
        &self.pan
    }

    /// `YYMM`.
    pub(super) fn expiry(&self) -> &str {
        &self.expiry
    }

    /// How it was read.
    pub fn entry(&self) -> EntryMode {
        self.entry
    }

    /// Track 2, or what the chip holds as its equivalent: number, `D`, expiry, service code, discretionary data.
    ///
    /// The service code says what real cards say: 220 on a plain stripe, 221 where there is a chip. The
    /// discretionary data fills a 16-digit card up to the usual 37 characters.
    pub(super) fn track2(&self) -> Zeroizing<String> {
        let service = match self.entry {
            EntryMode::Swipe => "220",
            EntryMode::Insert | EntryMode::Contactless => "221",
        };
        // Allocated in full at once: growing would leave unwiped copies behind.
        let mut track = Zeroizing::new(String::with_capacity(TRACK2));
        for part in [self.pan.expose(), "D", self.expiry(), service] {
            track.push_str(part);
        }
        let room = TRACK2 - track.len();
        track.push_str(&DISCRETIONARY[..room]);
        track
    }
}

impl EntryMode {
    /// F22: two digits for the way of reading, one for whether a PIN was captured (1) or not (2).
    pub(super) fn code(self, pin: bool) -> &'static str {
        match (self, pin) {
            (EntryMode::Swipe, true) => "021",
            (EntryMode::Swipe, false) => "022",
            (EntryMode::Insert, true) => "051",
            (EntryMode::Insert, false) => "052",
            (EntryMode::Contactless, true) => "071",
            (EntryMode::Contactless, false) => "072",
        }
    }

    /// Whether the chip took part, so that F23 and F55 travel.
    pub(super) fn has_chip(self) -> bool {
        match self {
            EntryMode::Swipe => false,
            EntryMode::Insert | EntryMode::Contactless => true,
        }
    }

    /// The mark behind the card number on the slip.
    pub fn mark(self) -> &'static str {
        match self {
            EntryMode::Swipe => "/S",
            EntryMode::Insert => "/I",
            EntryMode::Contactless => "/C",
        }
    }
}

/// F22 when the number comes from the terminal's own records.
pub(super) const FROM_RECORDS: &str = "012";

const TRACK2: usize = 37;
const DISCRETIONARY: &str = "1000000000000000";

impl fmt::Debug for CardInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardInput({}{})", self.pan.masked(), self.entry.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAN: &str = "6200000000000005";

    #[test]
    fn track_2_is_built_as_on_a_real_card() {
        #[track_caller]
        fn check(entry: EntryMode, expected: &str) {
            let card = CardInput::test(PAN, entry).unwrap();
            assert_eq!(card.track2().as_str(), expected);
            assert_eq!(card.track2().len(), 37);
        }
        check(EntryMode::Swipe, "6200000000000005D30122201000000000000");
        check(EntryMode::Insert, "6200000000000005D30122211000000000000");
        check(EntryMode::Contactless, "6200000000000005D30122211000000000000");
    }

    #[test]
    fn a_card_that_cannot_be_is_refused_by_name() {
        for expiry in ["", "301", "30121", "3000", "3013", "30AB", "３0"] {
            let refused = CardInput::new(PAN, expiry, EntryMode::Swipe).err();
            assert_eq!(refused, Some(CardError::Expiry), "{expiry:?}");
        }
        let refused = CardInput::test("6200000000000006", EntryMode::Swipe).err();
        assert_eq!(refused, Some(CardError::Number(PanError::CheckDigit)));
    }

    #[test]
    fn the_debug_of_a_card_shows_neither_number_nor_expiry() {
        let shown = format!("{:?}", CardInput::test(PAN, EntryMode::Insert).unwrap());
        assert_eq!(shown, "CardInput(620000******0005/I)");
    }
}
