//! Track 2 under a track key.

use crate::des_key::TdesKey;
use crate::schedule::BLOCK;
use crate::secret::Secret;

/// The longest track 2 in whole blocks: 37 digits in 19 bytes, filled to 24.
const MAX: usize = 24;

/// Decrypts whole blocks and checks that they are a track: digits, one `D`, digits, then fill.
pub(crate) fn decrypt(key: &TdesKey, sealed: &[u8]) -> Result<Secret, Track2Error> {
    let length = Track2Error::Length { found: sealed.len() };
    if sealed.is_empty() || sealed.len() > MAX {
        return Err(length);
    }
    let clear = key.decrypt_ecb(sealed).map_err(|_| length)?;
    match is_track2(&clear) {
        true => Ok(Secret::from(clear.to_vec())),
        false => Err(Track2Error::NotATrack),
    }
}

/// Why an encrypted track was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Track2Error {
    /// Not 8, 16 or 24 bytes.
    #[error("track 2: expected 8, 16 or 24 bytes, found {found}")]
    Length {
        /// The length that came, in bytes.
        found: usize,
    },
    /// Another key, or no track at all.
    #[error("track 2: what was decrypted is no track")]
    NotATrack,
}

/// Fill is less than a block of F, or zeros, which count as digits.
fn is_track2(clear: &[u8]) -> bool {
    let nibbles = || clear.iter().flat_map(|b| [b >> 4, b & 0xF]);
    let fill = nibbles().rev().take_while(|nibble| *nibble == 0xF).count();
    let separators = nibbles().filter(|nibble| *nibble == 0xD).count();
    let digits = nibbles().filter(|nibble| *nibble <= 9).count();
    fill < 2 * BLOCK && separators == 1 && digits + separators + fill == clear.len() * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TdesKey {
        TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap()
    }

    #[track_caller]
    fn check(clear: &str, expected: Result<(), Track2Error>) {
        let sealed = key().encrypt_ecb(&hex::decode(clear).unwrap()).unwrap();
        let opened = decrypt(&key(), &sealed);
        assert_eq!(opened.as_ref().map(|_| ()).map_err(Clone::clone), expected, "{clear}");
        if let Ok(track) = opened {
            assert_eq!(hex::encode_upper(track.expose()), clear);
        }
    }

    #[test]
    fn a_track_comes_back_with_its_fill() {
        check("6200000000000005D301220100000000", Ok(()));
        check("6200000000000005D301220100000FFF", Ok(()));
        check("6200000000000005D30122010000000000000FFFFFFFFFFF", Ok(()));
    }

    #[test]
    fn what_is_no_track_is_refused() {
        check("62000000000000053012201000000000", Err(Track2Error::NotATrack));
        check("6200000000000005D301D20100000000", Err(Track2Error::NotATrack));
        check("6200000000000005D301F20100000000", Err(Track2Error::NotATrack));
        check("6200000000000005D301220100000000FFFFFFFFFFFFFFFF", Err(Track2Error::NotATrack));
    }

    #[test]
    fn a_length_that_no_track_has_is_refused() {
        for found in [0, 7, 9, 23, 32] {
            let refused = decrypt(&key(), &vec![0; found]).err();
            assert_eq!(refused, Some(Track2Error::Length { found }));
        }
    }
}
