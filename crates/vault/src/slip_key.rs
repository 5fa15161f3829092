//! Keys of slips: one signs what a slip says, the other makes the address at which it can be read.
//!
//! Both come from the same 32 secret bytes by HKDF-SHA256 under labels of their own, so that neither tells
//! anything about the other. An address carries its payment's reference and a keyed hash of it: nobody
//! finds one by trying, and no table of addresses is needed.

use std::fmt;

use ctutils::CtEq;
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::seal::MasterKey;

/// One generation of the slip keys. It shows its name and nothing else.
#[derive(Clone)]
pub struct SlipKey {
    kid: [u8; 4],
    signing: SigningKey,
    addresses: Hmac<Sha256>,
}

impl SlipKey {
    /// Derives both keys from 32 bytes that nobody can guess.
    pub fn from_secret(secret: &[u8; 32]) -> SlipKey {
        let derived = Hkdf::<Sha256>::new(None, secret);
        let expand = |label: &str| {
            let mut key = Zeroizing::new([0; 32]);
            derived.expand(label.as_bytes(), key.as_mut_slice()).expect("HKDF gives 32 bytes");
            key
        };
        let signing = SigningKey::from_bytes(&expand("hefu slip 1: ed25519"));
        let addresses = <Hmac<Sha256> as KeyInit>::new_from_slice(expand("hefu slip 1: address").as_slice());
        let digest = Sha256::digest(signing.verifying_key().as_bytes());
        SlipKey {
            kid: [digest[0], digest[1], digest[2], digest[3]],
            signing,
            addresses: addresses.expect("HMAC takes a key of any length"),
        }
    }

    /// The key of that generation for a platform that has set none of its own.
    pub fn from_master(master: &MasterKey, generation: u32) -> SlipKey {
        let derived = master.derive("slip keys");
        let mut secret = Zeroizing::new([0; 32]);
        for (half, bytes) in secret.chunks_exact_mut(16).enumerate() {
            let label = format!("generation {generation}, half {half}");
            let mut hash = Zeroizing::new(derived.hash16(label.as_bytes()));
            bytes.copy_from_slice(hash.as_mut_slice());
        }
        SlipKey::from_secret(&secret)
    }

    /// The key's name: the first four bytes of the SHA-256 of its public half.
    pub fn kid(&self) -> [u8; 4] {
        self.kid
    }

    /// The public half, which checks what this key signs.
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// The Ed25519 signature of the bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// The keyed hash of a reference, left 16 bytes.
    fn address(&self, reference: &[u8; REFERENCE]) -> [u8; MAC] {
        let mut hash = self.addresses.clone();
        hash.update(reference);
        let full = Zeroizing::new(<[u8; 32]>::from(hash.finalize().into_bytes()));
        let mut left = [0; MAC];
        left.copy_from_slice(&full[..MAC]);
        left
    }
}

impl fmt::Debug for SlipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlipKey({})", hex::encode(self.kid))
    }
}

/// The generations of slip keys, oldest first: the newest signs and makes addresses, and addresses of all
/// of them are found, for as long as a slip must be produced.
#[derive(Debug, Clone)]
pub struct SlipKeys(Vec<SlipKey>);

impl SlipKeys {
    pub const MAX: usize = 64;

    /// 1 to 64 keys, each once, oldest first.
    pub fn new(keys: Vec<SlipKey>) -> Result<SlipKeys, SlipKeyError> {
        let found = keys.len();
        if !(1..=SlipKeys::MAX).contains(&found) {
            return Err(SlipKeyError::Count { found });
        }
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|other| other.kid == key.kid) {
                return Err(SlipKeyError::Twice { index });
            }
        }
        Ok(SlipKeys(keys))
    }

    /// Oldest first.
    pub fn all(&self) -> &[SlipKey] {
        &self.0
    }

    /// The key that signs.
    pub fn newest(&self) -> &SlipKey {
        self.0.last().expect("there is at least one key")
    }

    /// The token of a leg's reference (F37), to stand behind `/s/`: the reference's 12 characters and 26 of
    /// the keyed hash. Every character is one of Crockford's base 32.
    pub fn token(&self, reference: &str) -> Result<String, SlipKeyError> {
        let reference = normal::<REFERENCE>(reference)?;
        let mac = self.newest().address(&reference);
        Ok(reference.iter().copied().chain(base32(&mac)).map(char::from).collect())
    }

    /// The reference that a token names, if one of our keys made the token. Small letters are taken for
    /// capitals, I and L for 1, O for 0. Whether the hash is right is found out in constant time, for every
    /// key whichever fits.
    pub fn check(&self, token: &str) -> Result<String, SlipKeyError> {
        let token = normal::<TOKEN>(token)?;
        let (reference, mac) = token.split_first_chunk::<REFERENCE>().expect("a token is longer");
        let mut genuine = 0_u8;
        for key in &self.0 {
            genuine |= base32(&key.address(reference)).as_slice().ct_eq(mac).to_u8();
        }
        if genuine == 1 {
            Ok(reference.iter().copied().map(char::from).collect())
        } else {
            Err(SlipKeyError::NotGenuine)
        }
    }
}

/// Why keys or a token are refused. No variant carries the token, which is somebody's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlipKeyError {
    #[error("slip keys: {found}, expected 1 to 64")]
    Count { found: usize },
    #[error("slip keys: the key at {index} is there twice")]
    Twice { index: usize },
    #[error("slip address: {found} characters, expected {expected}")]
    Length { found: usize, expected: usize },
    #[error("slip address: character {position} is none of Crockford's base 32")]
    Character { position: usize },
    #[error("slip address: there is no such slip")]
    NotGenuine,
}

/// Characters of a reference.
const REFERENCE: usize = 12;
/// Bytes of the keyed hash.
const MAC: usize = 16;
/// Characters of the keyed hash, five bits each.
const MAC_TEXT: usize = (MAC * 8).div_ceil(5);
const TOKEN: usize = REFERENCE + MAC_TEXT;

/// Crockford's alphabet: none of its characters is mistaken for another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Five bits a character from the left; the last one is filled up with zeros.
fn base32(bytes: &[u8; MAC]) -> [u8; MAC_TEXT] {
    let bits = u128::from_be_bytes(*bytes);
    let mut text = [0; MAC_TEXT];
    for (place, character) in text.iter_mut().enumerate() {
        let end = (place + 1) * 5;
        let five = if end <= 128 { bits >> (128 - end) } else { bits << (end - 128) };
        *character = ALPHABET[(five & 31) as usize];
    }
    text
}

/// Capitals, and the letters that are mistaken for digits as those digits.
fn normal<const N: usize>(text: &str) -> Result<[u8; N], SlipKeyError> {
    let found = text.chars().count();
    if found != N {
        return Err(SlipKeyError::Length { found, expected: N });
    }
    let mut out = [0; N];
    for (position, (place, character)) in out.iter_mut().zip(text.chars()).enumerate() {
        let refused = SlipKeyError::Character { position };
        let byte = u8::try_from(character).map_err(|_| refused.clone())?;
        *place = match byte.to_ascii_uppercase() {
            b'I' | b'L' => b'1',
            b'O' => b'0',
            capital if ALPHABET.contains(&capital) => capital,
            _ => return Err(refused),
        };
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RRN: &str = "6327A0000001";

    fn key(secret: u8) -> SlipKey {
        SlipKey::from_secret(&[secret; 32])
    }

    fn keys(secrets: &[u8]) -> SlipKeys {
        SlipKeys::new(secrets.iter().copied().map(key).collect()).unwrap()
    }

    #[test]
    fn a_token_is_the_reference_and_26_characters_that_nobody_can_guess() {
        let token = keys(&[1]).token(RRN).unwrap();
        assert_eq!(token.len(), 38);
        assert!(token.starts_with(RRN) && token.bytes().all(|b| ALPHABET.contains(&b)), "{token}");
        assert_eq!(keys(&[1]).token(RRN).as_deref(), Ok(token.as_str()));
        assert_eq!(keys(&[1]).check(&token).as_deref(), Ok(RRN));
        assert_ne!(keys(&[2]).token(RRN).unwrap(), token);
        assert_ne!(keys(&[1]).token("6327A0000002").unwrap()[12..], token[12..]);
    }

    #[test]
    fn a_token_is_read_in_any_case_and_with_letters_for_digits() {
        let keys = keys(&[1]);
        let token = keys.token(RRN).unwrap();
        for spelled in
            [token.to_lowercase(), token.replace('0', "O"), token.replace('1', "l").replace('0', "o")]
        {
            assert_eq!(keys.check(&spelled).as_deref(), Ok(RRN), "{spelled}");
        }
    }

    #[test]
    fn every_changed_character_is_refused() {
        let keys = keys(&[1]);
        let token = keys.token(RRN).unwrap();
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys.check(&changed), Err(SlipKeyError::NotGenuine), "{position}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_with_its_place() {
        let keys = keys(&[1]);
        let token = keys.token(RRN).unwrap();
        let length = |found| Err(SlipKeyError::Length { found, expected: 38 });
        assert_eq!(keys.check(""), length(0));
        assert_eq!(keys.check(&token[..37]), length(37));
        assert_eq!(keys.check(&format!("{token}0")), length(39));
        for (position, bad) in [(0, "U"), (11, "-"), (12, "u"), (37, "符"), (5, "é")] {
            let changed: String = token
                .char_indices()
                .map(|(at, c)| if at == position { bad.to_owned() } else { c.to_string() })
                .collect();
            assert_eq!(keys.check(&changed), Err(SlipKeyError::Character { position }), "{bad}");
        }
        assert_eq!(keys.token("6327A000000"), Err(SlipKeyError::Length { found: 11, expected: 12 }));
        assert_eq!(keys.token("6327A00000U1"), Err(SlipKeyError::Character { position: 10 }));
    }

    #[test]
    fn after_a_rotation_the_newest_makes_tokens_and_all_are_found() {
        let old = keys(&[1]).token(RRN).unwrap();
        let both = keys(&[1, 2]);
        assert_eq!(both.newest().kid(), key(2).kid());
        let new = both.token(RRN).unwrap();
        assert_eq!(new, keys(&[2]).token(RRN).unwrap());
        for token in [&old, &new] {
            assert_eq!(both.check(token).as_deref(), Ok(RRN));
        }
        assert_eq!(keys(&[2]).check(&old), Err(SlipKeyError::NotGenuine), "the old key was thrown away");
    }

    #[test]
    fn keys_are_bounded_and_each_is_there_once() {
        let new = |secrets: Vec<u8>| SlipKeys::new(secrets.into_iter().map(key).collect()).map(|_| ());
        assert_eq!(new(vec![]), Err(SlipKeyError::Count { found: 0 }));
        assert_eq!(new(vec![1, 2, 1]), Err(SlipKeyError::Twice { index: 2 }));
        assert_eq!(new((0..64).collect()), Ok(()));
        assert_eq!(new((0..65).collect()), Err(SlipKeyError::Count { found: 65 }));
    }

    #[test]
    fn signatures_are_checked_by_the_public_half_alone() {
        let (key, other) = (key(1), key(2));
        let verifying = ed25519_dalek::VerifyingKey::from_bytes(&key.public()).unwrap();
        let verifies = |message: &[u8], signature: [u8; 64]| {
            verifying.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok()
        };
        assert!(verifies(b"slip", key.sign(b"slip")));
        assert!(!verifies(b"Slip", key.sign(b"slip")));
        assert!(!verifies(b"slip", other.sign(b"slip")));
    }

    #[test]
    fn each_generation_of_a_master_key_is_a_key_of_its_own() {
        let master = |byte: u8| MasterKey::from_hex(&hex::encode([byte; 32])).unwrap();
        let kid = |byte, generation| SlipKey::from_master(&master(byte), generation).public();
        assert_eq!(kid(1, 1), kid(1, 1));
        assert_ne!(kid(1, 1), kid(1, 2));
        assert_ne!(kid(1, 1), kid(2, 1));
    }

    /// Computed apart from this code. A change of the derivation would orphan every slip on paper.
    #[test]
    fn the_derivation_never_changes() {
        let (key, token) = (key(1), keys(&[1]).token(RRN).unwrap());
        assert_eq!(hex::encode(key.kid()), "97176056");
        assert_eq!(
            hex::encode(key.public()),
            "d8f77d223a5a5d96e9fbed155b93840e5ca20c36fb361c0f7c1a99414c9c9b99"
        );
        assert_eq!(token, "6327A000000148G6P2HPE79VQ5PPBACYTMBPV0");
    }

    #[test]
    fn debug_shows_the_name_alone() {
        assert_eq!(format!("{:?}", key(1)), format!("SlipKey({})", hex::encode(key(1).kid())));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_fail_otherwise_than_by_refusing(text in ".{0,60}", cut in 0_usize..40) {
            let keys = keys(&[1]);
            prop_assert!(keys.check(&text).is_err());
            let token = keys.token(RRN).unwrap();
            let mixed: String = token.chars().take(cut).chain(text.chars()).take(38).collect();
            prop_assert_eq!(keys.check(&mixed).is_ok(), normal::<TOKEN>(&mixed) == normal::<TOKEN>(&token));
        }
    }
}
