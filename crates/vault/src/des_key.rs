//! DES keys of one, two or three parts, with their schedules expanded once.

use std::fmt;

use ctutils::CtEq;
use zeroize::Zeroizing;

use crate::dice::Dice;
use crate::schedule::{BLOCK, Schedule};

/// A DES key of 8, 16 or 24 bytes.
///
/// Triple DES is always encrypt, decrypt, encrypt; a double-length key uses its left half again at
/// the end, and a single-length key behaves like that key doubled, which is plain DES. Parity bits
/// are kept as they came and never checked, as in the field. Wiped when dropped.
#[derive(Clone)]
pub struct TdesKey {
    bytes: Zeroizing<Vec<u8>>,
    schedule: Schedule,
}

impl TdesKey {
    /// Takes 8, 16 or 24 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<TdesKey, KeyError> {
        let length = KeyError::Length { expected: "8, 16 or 24", found: bytes.len() };
        let schedule = Schedule::expand(bytes).ok_or(length)?;
        Ok(TdesKey { bytes: Zeroizing::new(bytes.to_vec()), schedule })
    }

    /// Takes 16, 32 or 48 hex digits of either case.
    pub fn from_hex(text: &str) -> Result<TdesKey, KeyError> {
        TdesKey::from_bytes(&bytes_from_hex(text)?)
    }

    /// A fresh key with odd parity.
    ///
    /// Refuses what good dice give once in 2^50 rolls: a weak key, or two equal parts,
    /// which would quietly fall back to single DES.
    pub fn generate(length: KeyLength, dice: &mut dyn Dice) -> Result<TdesKey, KeyError> {
        let mut bytes = Zeroizing::new(vec![0; length.bytes()]);
        dice.fill(&mut bytes);
        for byte in bytes.iter_mut() {
            *byte = with_odd_parity(*byte);
        }
        des::weak_key_test(&bytes).map_err(|_| KeyError::Weak)?;
        TdesKey::from_bytes(&bytes)
    }

    /// How many bytes the key has.
    pub fn length(&self) -> KeyLength {
        match self.schedule {
            Schedule::Single(_) => KeyLength::Single,
            Schedule::Double(_) => KeyLength::Double,
            Schedule::Triple(_) => KeyLength::Triple,
        }
    }

    /// Key check value: the first 4 bytes of eight zero bytes encrypted under the key. Not secret.
    pub fn kcv(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.encrypt_block([0; BLOCK]);
        [a, b, c, d]
    }

    /// Encrypts one block.
    pub fn encrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        self.schedule.encrypt(block)
    }

    /// Decrypts one block. The answer may be a secret: wrap it.
    pub fn decrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        self.schedule.decrypt(block)
    }

    /// Encrypts whole blocks, each on its own.
    pub fn encrypt_ecb(&self, clear: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(blocks(clear)?.flat_map(|block| self.encrypt_block(block)).collect())
    }

    /// Decrypts whole blocks, each on its own.
    pub fn decrypt_ecb(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // Allocated in full at once: growing would leave unwiped copies behind.
        let mut clear = Zeroizing::new(Vec::with_capacity(sealed.len()));
        for block in blocks(sealed)? {
            clear.extend_from_slice(&self.decrypt_block(block));
        }
        Ok(clear)
    }

    /// The expanded key, for MACs that use its parts one by one.
    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The key itself, for wrapping it under another key.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether both are the same key, in constant time for keys of one length.
    pub(crate) fn is_same(&self, other: &TdesKey) -> bool {
        self.bytes.as_slice().ct_eq(other.bytes.as_slice()).into()
    }
}

/// Shows the length only.
impl fmt::Debug for TdesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TdesKey({:?}, hidden)", self.length())
    }
}

/// How many DES keys a key holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeyLength {
    /// 8 bytes.
    Single,
    /// 16 bytes.
    Double,
    /// 24 bytes.
    Triple,
}

impl KeyLength {
    /// The length in bytes.
    pub fn bytes(self) -> usize {
        match self {
            KeyLength::Single => 8,
            KeyLength::Double => 16,
            KeyLength::Triple => 24,
        }
    }
}

/// Why a key or its use was refused. Never holds a part of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key has a length that no key of this kind has.
    #[error("key: {found} bytes, expected {expected}")]
    Length {
        /// The lengths that would do.
        expected: &'static str,
        /// The length that came, in bytes.
        found: usize,
    },
    /// The text is not hex.
    #[error("key: not an even number of hex digits")]
    Hex,
    /// The dice gave a weak key: they are probably broken.
    #[error("key: the dice gave a weak key")]
    Weak,
    /// Data for ECB is not made of whole blocks.
    #[error("{found} bytes are not a whole number of 8-byte blocks")]
    Ragged {
        /// The length that came, in bytes.
        found: usize,
    },
}

/// Decodes hex without ever quoting it in an error.
pub(crate) fn bytes_from_hex(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Allocated in full at once: growing would leave unwiped copies behind.
    let mut bytes = Zeroizing::new(vec![0; text.len() / 2]);
    hex::decode_to_slice(text, &mut bytes).map_err(|_| KeyError::Hex)?;
    Ok(bytes)
}

fn blocks(data: &[u8]) -> Result<impl Iterator<Item = [u8; BLOCK]>, KeyError> {
    let (whole, rest) = data.as_chunks::<BLOCK>();
    if !rest.is_empty() {
        return Err(KeyError::Ragged { found: data.len() });
    }
    Ok(whole.iter().copied())
}

fn with_odd_parity(byte: u8) -> u8 {
    let upper = byte & 0xFE;
    upper | u8::from(upper.count_ones().is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;

    const MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";

    #[test]
    fn the_check_value_of_the_test_master_key_is_known() {
        assert_eq!(TdesKey::from_hex(MASTER).unwrap().kcv(), [0x08, 0xD7, 0xB4, 0xFB]);
    }

    #[test]
    fn a_wrapped_key_opens_under_its_master() {
        let master = TdesKey::from_hex("70F2A84CCBC2AE8625CBB0F2C22AB923").unwrap();
        let wrapped = hex::decode("96D605EA176B7E9E").unwrap();
        let clear = master.decrypt_ecb(&wrapped).unwrap();
        assert_eq!(hex::encode_upper(&*clear), "C24A8FB57AA20123");
        assert_eq!(master.encrypt_ecb(&clear).unwrap(), wrapped);
    }

    #[test]
    fn a_single_key_behaves_like_itself_doubled_and_tripled() {
        let text = "0723C80DB5F4CD3D";
        let single = TdesKey::from_hex(text).unwrap();
        for times in [2, 3] {
            let longer = TdesKey::from_hex(&text.repeat(times)).unwrap();
            assert_eq!(longer.encrypt_block(*b"12345678"), single.encrypt_block(*b"12345678"));
        }
    }

    #[test]
    fn a_double_key_behaves_like_its_triple_form() {
        let double = TdesKey::from_hex(MASTER).unwrap();
        let triple = TdesKey::from_hex(&format!("{MASTER}{}", &MASTER[..16])).unwrap();
        assert_eq!(triple.encrypt_block([7; 8]), double.encrypt_block([7; 8]));
        assert_eq!(triple.decrypt_block([7; 8]), double.decrypt_block([7; 8]));
    }

    #[test]
    fn whole_blocks_come_back_and_ragged_ones_are_refused() {
        let key = TdesKey::from_hex(&format!("{MASTER}0723C80DB5F4CD3D")).unwrap();
        let clear = b"three whole blocks here.";
        let sealed = key.encrypt_ecb(clear).unwrap();
        assert_ne!(&sealed, clear);
        assert_eq!(key.decrypt_ecb(&sealed).unwrap().as_slice(), clear);
        let ragged = KeyError::Ragged { found: 9 };
        assert_eq!(key.encrypt_ecb(&[0; 9]), Err(ragged.clone()));
        assert_eq!(key.decrypt_ecb(&[0; 9]), Err(ragged));
    }

    #[test]
    fn keys_of_other_lengths_are_refused() {
        for found in [0, 7, 9, 15, 17, 23, 25, 32] {
            let refused = TdesKey::from_bytes(&vec![1; found]).err();
            assert_eq!(refused, Some(KeyError::Length { expected: "8, 16 or 24", found }));
        }
    }

    #[test]
    fn bad_hex_is_refused_without_quoting_it() {
        for text in ["0123456789ABCDE", "0123456789ABCDEG"] {
            let error = TdesKey::from_hex(text).unwrap_err();
            assert_eq!(error, KeyError::Hex);
            assert!(!format!("{error} {error:?}").contains('G'));
        }
    }

    #[test]
    fn fresh_keys_have_odd_parity_and_differ() {
        for length in [KeyLength::Single, KeyLength::Double, KeyLength::Triple] {
            let mut dice = Seeded(7);
            let first = TdesKey::generate(length, &mut dice).unwrap();
            let second = TdesKey::generate(length, &mut dice).unwrap();
            assert_eq!(first.length(), length);
            assert!(first.expose().iter().all(|byte| byte.count_ones() % 2 == 1));
            assert!(first.is_same(&first.clone()));
            assert!(!first.is_same(&second));
        }
    }

    #[test]
    fn broken_dice_give_no_key() {
        struct Stuck(u8);
        impl Dice for Stuck {
            fn fill(&mut self, out: &mut [u8]) {
                out.fill(self.0);
            }
        }
        let weak = TdesKey::generate(KeyLength::Single, &mut Stuck(0)).err();
        assert_eq!(weak, Some(KeyError::Weak));
        let equal_halves = TdesKey::generate(KeyLength::Double, &mut Stuck(0x42)).err();
        assert_eq!(equal_halves, Some(KeyError::Weak));
    }

    #[test]
    fn debug_shows_the_length_only() {
        let key = TdesKey::from_hex(MASTER).unwrap();
        assert_eq!(format!("{key:?}"), "TdesKey(Double, hidden)");
    }
}
