//! F62 of the sign-on answer: working keys under the terminal's master key.

use crate::des_key::{KeyError, KeyLength, TdesKey};
use crate::layout::{KeyLayout, KeyName};
use crate::working_keys::{Gathered, WorkingKeys, key_for};

/// Wraps the keys for the terminal: each under the whole master key (ECB), literal zero bytes where
/// the layout has them, then the check value of the clear key.
///
/// Refuses keys that do not fit the layout.
pub fn pack_f62(layout: KeyLayout, tmk: &TdesKey, keys: &WorkingKeys) -> Result<Vec<u8>, F62Error> {
    let has_track_slot = layout.slots().iter().any(|slot| slot.key == KeyName::Track);
    if keys.track.is_some() && !has_track_slot {
        return Err(F62Error::NoPlace { key: KeyName::Track, layout });
    }
    let mut out = Vec::with_capacity(layout.bytes());
    for slot in layout.slots() {
        let key = key_for(slot, keys)?;
        out.extend(tmk.encrypt_ecb(key.expose())?);
        out.extend(std::iter::repeat_n(0, slot.zeros));
        out.extend(key.kcv());
    }
    assert_eq!(out.len(), layout.bytes(), "a packed F62 has the length of its layout");
    Ok(out)
}

/// Unwraps F62, as a terminal does, and checks every check value.
pub fn unpack_f62(layout: KeyLayout, tmk: &TdesKey, f62: &[u8]) -> Result<WorkingKeys, F62Error> {
    if f62.len() != layout.bytes() {
        let (expected, found) = (layout.bytes(), f62.len());
        return Err(F62Error::Length { layout, expected, found });
    }
    let mut gathered = Gathered::default();
    let mut offset = 0;
    for slot in layout.slots() {
        let zeros_at = offset + slot.length.bytes();
        let kcv_at = zeros_at + slot.zeros;
        let end = offset + slot.bytes();
        if f62[zeros_at..kcv_at].iter().any(|byte| *byte != 0) {
            return Err(F62Error::NotZero { key: slot.key, offset: zeros_at });
        }
        let key = TdesKey::from_bytes(&tmk.decrypt_ecb(&f62[offset..zeros_at])?)?;
        if key.kcv() != f62[kcv_at..end] {
            return Err(F62Error::CheckValue { key: slot.key, offset: kcv_at });
        }
        gathered.put(slot.key, key);
        offset = end;
    }
    Ok(gathered.into_keys(layout))
}

/// Why keys were not packed or not unpacked. Offsets count bytes from the start of F62.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum F62Error {
    /// F62 does not have the length of its layout.
    #[error("F62, layout {}: expected {expected} bytes, found {found}", layout.code())]
    Length {
        /// The layout that was expected.
        layout: KeyLayout,
        /// Its length in bytes.
        expected: usize,
        /// The length that came, in bytes.
        found: usize,
    },
    /// The bytes after a key that must be zero are not.
    #[error("F62, {key:?} key: expected zero bytes at offset {offset}")]
    NotZero {
        /// The key before the zeros.
        key: KeyName,
        /// Where the zeros should begin.
        offset: usize,
    },
    /// A key is not the one that was sent: another master key, or damage on the way.
    #[error("F62, {key:?} key: the check value at offset {offset} does not fit")]
    CheckValue {
        /// The key that failed.
        key: KeyName,
        /// Where its check value stands.
        offset: usize,
    },
    /// The layout needs a key that is not there.
    #[error("F62: the {key:?} key is missing")]
    Missing {
        /// The missing key.
        key: KeyName,
    },
    /// There is a key that the layout has no place for.
    #[error("F62, layout {}: no place for a {key:?} key", layout.code())]
    NoPlace {
        /// The key that is too much.
        key: KeyName,
        /// The layout.
        layout: KeyLayout,
    },
    /// A key has another length than the layout wants.
    #[error("F62, {key:?} key: expected {expected:?} length, found {found:?}")]
    KeyLength {
        /// The key that does not fit.
        key: KeyName,
        /// The layout's length.
        expected: KeyLength,
        /// The key's length.
        found: KeyLength,
    },
    /// A key could not be used at all.
    #[error(transparent)]
    Key(#[from] KeyError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;

    const LAYOUTS: [KeyLayout; 3] = [KeyLayout::Single001, KeyLayout::Double003, KeyLayout::DoubleTrack004];

    fn master() -> TdesKey {
        TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap()
    }

    fn keys(layout: KeyLayout) -> WorkingKeys {
        WorkingKeys::generate(layout, &mut Seeded(1)).unwrap()
    }

    fn packed(layout: KeyLayout) -> Vec<u8> {
        pack_f62(layout, &master(), &keys(layout)).unwrap()
    }

    #[test]
    fn every_layout_comes_back() {
        for layout in LAYOUTS {
            let (sent, f62) = (keys(layout), packed(layout));
            assert_eq!(f62.len(), layout.bytes());
            let got = unpack_f62(layout, &master(), &f62).unwrap();
            assert!(got.pin.is_same(&sent.pin) && got.mac.is_same(&sent.mac), "{layout:?}");
            assert_eq!(got.track.is_some(), layout == KeyLayout::DoubleTrack004);
            let kcv = |keys: &WorkingKeys| keys.track.as_ref().map(TdesKey::kcv);
            assert_eq!(kcv(&got), kcv(&sent));
        }
    }

    #[test]
    fn the_zeros_of_003_are_literal() {
        let f62 = packed(KeyLayout::Double003);
        assert_eq!(f62[28..36], [0; 8]);
        assert_ne!(f62[20..28], [0; 8]);
        let mac = TdesKey::from_bytes(&master().decrypt_ecb(&f62[20..28]).unwrap()).unwrap();
        assert_eq!(mac.kcv(), f62[36..40]);
    }

    #[test]
    fn a_known_wrapped_key_stands_in_the_field() {
        let master = TdesKey::from_hex("70F2A84CCBC2AE8625CBB0F2C22AB923").unwrap();
        let clear = TdesKey::from_hex("C24A8FB57AA20123").unwrap();
        let keys = WorkingKeys { pin: clear.clone(), mac: clear, track: None };
        let f62 = pack_f62(KeyLayout::Single001, &master, &keys).unwrap();
        assert_eq!(hex::encode_upper(&f62[..8]), "96D605EA176B7E9E");
        assert_eq!(hex::encode_upper(&f62[12..20]), "96D605EA176B7E9E");
    }

    #[test]
    fn a_damaged_field_names_the_key_and_the_offset() {
        use KeyName::{Mac, Pin, Track};
        #[track_caller]
        fn check(damaged: usize, expected: F62Error) {
            let layout = KeyLayout::DoubleTrack004;
            let mut f62 = packed(layout);
            f62[damaged] ^= 0x80;
            let found = unpack_f62(layout, &master(), &f62).err();
            assert_eq!(found, Some(expected), "byte {damaged}");
        }
        for (damaged, key, offset) in [
            (0, Pin, 16),
            (15, Pin, 16),
            (19, Pin, 16),
            (20, Mac, 36),
            (36, Mac, 36),
            (40, Track, 56),
            (59, Track, 56),
        ] {
            check(damaged, F62Error::CheckValue { key, offset });
        }
        check(28, F62Error::NotZero { key: Mac, offset: 28 });
        check(35, F62Error::NotZero { key: Mac, offset: 28 });
    }

    #[test]
    fn another_length_or_master_key_is_refused() {
        let f62 = packed(KeyLayout::Double003);
        for found in [0, 39, 41] {
            let layout = KeyLayout::Double003;
            let cut: Vec<u8> = f62.iter().copied().chain([0]).take(found).collect();
            let expected = F62Error::Length { layout, expected: 40, found };
            assert_eq!(unpack_f62(layout, &master(), &cut).err(), Some(expected));
        }
        let other = TdesKey::from_hex("70F2A84CCBC2AE8625CBB0F2C22AB923").unwrap();
        let expected = F62Error::CheckValue { key: KeyName::Pin, offset: 16 };
        assert_eq!(unpack_f62(KeyLayout::Double003, &other, &f62).err(), Some(expected));
    }

    #[test]
    fn keys_that_do_not_fit_the_layout_are_not_packed() {
        #[track_caller]
        fn check(layout: KeyLayout, keys: WorkingKeys, expected: F62Error) {
            assert_eq!(pack_f62(layout, &master(), &keys), Err(expected));
        }
        let (pin, mac) = (KeyName::Pin, KeyName::Mac);
        let (single, double) = (KeyLength::Single, KeyLength::Double);
        let track = KeyName::Track;
        use KeyLayout::{Double003, DoubleTrack004, Single001};
        check(DoubleTrack004, keys(Double003), F62Error::Missing { key: track });
        let no_place = F62Error::NoPlace { key: track, layout: Double003 };
        check(Double003, keys(DoubleTrack004), no_place);
        let short = F62Error::KeyLength { key: pin, expected: double, found: single };
        check(Double003, keys(Single001), short);
        let mut long_mac = keys(Double003);
        long_mac.mac = long_mac.pin.clone();
        let long = F62Error::KeyLength { key: mac, expected: single, found: double };
        check(Double003, long_mac, long);
    }
}
