//! Authenticated encryption at rest, and the keys that come from the master key.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::des_key::{KeyError, bytes_from_hex};
use crate::dice::{Dice, roll};

/// The one key from which all keys at rest are derived: 32 bytes, wiped when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<Vec<u8>>);

impl MasterKey {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// Takes 64 hex digits of either case.
    pub fn from_hex(text: &str) -> Result<MasterKey, KeyError> {
        let bytes = bytes_from_hex(text)?;
        match bytes.len() {
            Self::BYTES => Ok(MasterKey(bytes)),
            found => Err(KeyError::Length { expected: "32", found }),
        }
    }

    /// A key for another room: of 32 bytes, its own for each purpose.
    pub fn derived(&self, purpose: &str) -> Zeroizing<[u8; Self::BYTES]> {
        let label = format!("hefu 1: {purpose}");
        HashKey::new(&self.0).hash32(&[label.as_bytes()])
    }

    /// A key of its own for each purpose, so that no output of one helps against another.
    pub(crate) fn derive(&self, purpose: &str) -> HashKey {
        let label = format!("hefu vault 1: {purpose}");
        HashKey::new(&*HashKey::new(&self.0).hash32(&[label.as_bytes()]))
    }
}

/// Shows nothing.
impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(hidden)")
    }
}

/// A keyed hash, HMAC-SHA256, with its inner state computed once.
#[derive(Clone)]
pub(crate) struct HashKey(Hmac<Sha256>);

impl HashKey {
    fn new(key: &[u8]) -> HashKey {
        let hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(key);
        HashKey(hmac.expect("HMAC takes a key of any length"))
    }

    /// The left 16 bytes of the hash of `data`.
    pub(crate) fn hash16(&self, data: &[u8]) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&self.hash32(&[data])[..16]);
        out
    }

    /// The hash of all parts, one after the other.
    fn hash32(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut state = self.0.clone();
        for part in parts {
            state.update(part);
        }
        Zeroizing::new(state.finalize().into_bytes().into())
    }
}

/// Seals and opens under one derived key.
///
/// A sealed value is version 1 · salt 16 · nonce 12 · AES-256-GCM ciphertext · tag 16. The AES key is
/// the keyed hash of the salt: nonces alone may collide after some 2^32 values under one key, salt
/// and nonce together never will.
#[derive(Clone)]
pub(crate) struct Sealer(HashKey);

impl Sealer {
    pub(crate) fn new(key: HashKey) -> Sealer {
        Sealer(key)
    }

    /// Seals `data`; it opens only with the same `bound` bytes.
    pub(crate) fn seal(&self, bound: &[u8], data: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
        let (salt, nonce) = (roll::<SALT>(dice), roll::<NONCE>(dice));
        let sealed = encrypt(&self.0.hash32(&[&salt]), &nonce, bound, data);
        [&[VERSION][..], &salt, &nonce, &sealed].concat()
    }

    /// Opens what [`Sealer::seal`] made.
    pub(crate) fn open(&self, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = without_version(sealed)?;
        let short = SealError::TooShort { found: sealed.len() };
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(short.clone())?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(short)?;
        decrypt(&self.0.hash32(&[salt]), nonce, bound, rest)
    }
}

/// Why sealed bytes did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Too short to be anything sealed.
    #[error("sealed value: {found} bytes are too few")]
    TooShort {
        /// The length that came, in bytes.
        found: usize,
    },
    /// Sealed by a version of the program that this one does not know.
    #[error("sealed value: unknown version {found}")]
    Version {
        /// The first byte.
        found: u8,
    },
    /// Changed, or sealed under another master key, or for another label, terminal or card.
    #[error("sealed value: not genuine here")]
    NotGenuine,
}

const VERSION: u8 = 1;
const SALT: usize = 16;
pub(crate) const NONCE: usize = 12;

/// Puts the version in front of a value that is sealed in its own way.
pub(crate) fn with_version(parts: &[&[u8]]) -> Vec<u8> {
    [&[VERSION], parts.concat().as_slice()].concat()
}

/// Takes the version off again.
pub(crate) fn without_version(sealed: &[u8]) -> Result<&[u8], SealError> {
    match sealed.split_first() {
        Some((&VERSION, rest)) => Ok(rest),
        Some((&found, _)) => Err(SealError::Version { found }),
        None => Err(SealError::TooShort { found: 0 }),
    }
}

/// AES-256-GCM, tag behind.
pub(crate) fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], bound: &[u8], data: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: data, aad: bound };
    let sealed = Aes256Gcm::new(key.into()).encrypt(&Nonce::from(*nonce), payload);
    sealed.expect("AES-GCM refuses only data beyond 64 GiB")
}

/// Opens what [`encrypt`] made.
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let payload = Payload { msg: sealed, aad: bound };
    let clear = Aes256Gcm::new(key.into()).decrypt(&Nonce::from(*nonce), payload);
    clear.map(Zeroizing::new).map_err(|_| SealError::NotGenuine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;

    fn sealer(master: u8, purpose: &str) -> Sealer {
        Sealer::new(MasterKey::from_hex(&hex::encode([master; 32])).unwrap().derive(purpose))
    }

    #[test]
    fn sealed_data_comes_back_and_never_looks_the_same_twice() {
        let (sealer, mut dice) = (sealer(1, "test"), Seeded(1));
        for data in [&b""[..], b"x", &[7; 300]] {
            let (a, b) = (sealer.seal(b"l", data, &mut dice), sealer.seal(b"l", data, &mut dice));
            assert_ne!(a, b);
            assert_eq!(a.len(), data.len() + 45);
            assert_eq!(sealer.open(b"l", &a).unwrap().as_slice(), data);
            assert_eq!(sealer.open(b"l", &b).unwrap().as_slice(), data);
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused() {
        let sealer = sealer(1, "test");
        let sealed = sealer.seal(b"label", b"secret", &mut Seeded(1));
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            let expected = match position {
                0 => SealError::Version { found: 0 },
                _ => SealError::NotGenuine,
            };
            assert_eq!(sealer.open(b"label", &changed), Err(expected), "byte {position}");
            let expected = match position {
                0..29 => SealError::TooShort { found: position },
                _ => SealError::NotGenuine,
            };
            assert_eq!(sealer.open(b"label", &sealed[..position]), Err(expected), "cut {position}");
        }
    }

    #[test]
    fn another_label_purpose_or_master_does_not_open() {
        let sealed = sealer(1, "test").seal(b"label", b"secret", &mut Seeded(1));
        assert!(sealer(1, "test").open(b"label", &sealed).is_ok());
        let refused = Err(SealError::NotGenuine);
        assert_eq!(sealer(1, "test").open(b"other", &sealed), refused);
        assert_eq!(sealer(1, "other").open(b"label", &sealed), refused);
        assert_eq!(sealer(2, "test").open(b"label", &sealed), refused);
    }

    /// RFC 4231, case 2.
    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        let hash = HashKey::new(b"Jefe").hash16(b"what do ya want for nothing?");
        assert_eq!(hex::encode(hash), "5bdcc146bf60754e6a042426089575c7");
    }

    #[test]
    fn keys_for_other_rooms_differ_by_purpose_and_from_ours() {
        let master = MasterKey::from_hex(&hex::encode([1; 32])).unwrap();
        let people = master.derived("people");
        assert_eq!(*people, *master.derived("people"));
        assert_ne!(*people, *master.derived("slips"));
        assert_ne!(*HashKey::new(&*people).hash32(&[b""]), *master.derive("people").hash32(&[b""]));
    }

    #[test]
    fn a_master_key_has_32_bytes_and_shows_none() {
        let length = |found| KeyError::Length { expected: "32", found };
        assert_eq!(MasterKey::from_hex("").unwrap_err(), length(0));
        assert_eq!(MasterKey::from_hex(&"ab".repeat(31)).unwrap_err(), length(31));
        assert_eq!(MasterKey::from_hex(&"xy".repeat(32)).unwrap_err(), KeyError::Hex);
        let key = MasterKey::from_hex(&"ab".repeat(32)).unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey(hidden)");
    }
}
