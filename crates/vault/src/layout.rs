//! Which working keys a sign-on hands out, and how F62 carries them. Layouts are data.

use crate::des_key::KeyLength;

/// Which keys F62 carries and how, named by F60.3 of the sign-on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeyLayout {
    /// `001`: single-length PIN and MAC keys, 24 bytes.
    Single001,
    /// `003`: double-length PIN key, single-length MAC key with eight zero bytes, 40 bytes.
    Double003,
    /// `004`: as 003, and a double-length track key, 60 bytes.
    DoubleTrack004,
}

impl KeyLayout {
    /// The layout that F60.3 asks for; none for codes that ask for other things.
    pub fn from_code(code: &str) -> Option<KeyLayout> {
        [Self::Single001, Self::Double003, Self::DoubleTrack004]
            .into_iter()
            .find(|layout| layout.code() == code)
    }

    /// The code in F60.3.
    pub fn code(self) -> &'static str {
        match self {
            KeyLayout::Single001 => "001",
            KeyLayout::Double003 => "003",
            KeyLayout::DoubleTrack004 => "004",
        }
    }

    /// The length of F62, in bytes.
    pub fn bytes(self) -> usize {
        self.slots().iter().map(Slot::bytes).sum()
    }

    /// Another acquirer's layout is another list here.
    pub(crate) fn slots(self) -> &'static [Slot] {
        use KeyLength::{Double, Single};
        use KeyName::{Mac, Pin, Track};
        const fn slot(key: KeyName, length: KeyLength, zeros: usize) -> Slot {
            Slot { key, length, zeros }
        }
        match self {
            KeyLayout::Single001 => const { &[slot(Pin, Single, 0), slot(Mac, Single, 0)] },
            KeyLayout::Double003 => const { &[slot(Pin, Double, 0), slot(Mac, Single, 8)] },
            KeyLayout::DoubleTrack004 => {
                const { &[slot(Pin, Double, 0), slot(Mac, Single, 8), slot(Track, Double, 0)] }
            }
        }
    }
}

/// One of the working keys, for naming it in an error.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// The PIN key.
    Pin,
    /// The MAC key.
    Mac,
    /// The track key.
    Track,
}

/// One key's place in F62: the wrapped key, literal zeros, 4 bytes of check value.
pub(crate) struct Slot {
    pub(crate) key: KeyName,
    pub(crate) length: KeyLength,
    pub(crate) zeros: usize,
}

impl Slot {
    const KCV: usize = 4;

    pub(crate) fn bytes(&self) -> usize {
        self.length.bytes() + self.zeros + Self::KCV
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const LAYOUTS: [KeyLayout; 3] =
        [KeyLayout::Single001, KeyLayout::Double003, KeyLayout::DoubleTrack004];

    #[test]
    fn every_layout_has_its_code_and_length() {
        assert_eq!(LAYOUTS.map(KeyLayout::bytes), [24, 40, 60]);
        for layout in LAYOUTS {
            assert_eq!(KeyLayout::from_code(layout.code()), Some(layout));
        }
        for other in ["005", "360", "", "1"] {
            assert_eq!(KeyLayout::from_code(other), None, "{other}");
        }
    }
}
