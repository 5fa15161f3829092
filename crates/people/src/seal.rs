//! The one key of a people file, and what is made with it: seals, keyed hashes, secrets that cannot be printed.

use crate::{
    PeopleError,
    dice::{Dice, roll},
};
use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key of the file: 32 bytes that are kept elsewhere. Shows nothing, wiped when dropped.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    pub fn new(bytes: [u8; 32]) -> SecretKey {
        SecretKey(Zeroizing::new(bytes))
    }

    /// A key of its own for each purpose, so that no output of one helps against another.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        mac(&*self.0, &[b"hefu people 1: ", purpose.as_bytes()])
    }

    /// The keyed hash of something, for one purpose.
    pub(crate) fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        *mac(&*self.derive(purpose), parts)
    }

    /// Whether `claimed` is that hash, in constant time.
    pub(crate) fn is_hash(&self, purpose: &str, parts: &[&[u8]], claimed: &[u8]) -> bool {
        let mut state = state(&*self.derive(purpose));
        parts.iter().for_each(|part| state.update(part));
        state.verify_slice(claimed).is_ok()
    }

    /// Seals `clear`; it opens only for the same `bound`. Version 1, nonce of 12 bytes, AES-256-GCM with its tag.
    pub(crate) fn seal(&self, bound: &str, clear: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
        let nonce: [u8; NONCE] = roll(dice);
        let payload = Payload { msg: clear, aad: bound.as_bytes() };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.expect("AES-GCM refuses only data beyond 64 GiB");
        [&[VERSION][..], &nonce, &sealed].concat()
    }

    /// Opens what [`SecretKey::seal`] made.
    pub(crate) fn open(&self, bound: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PeopleError> {
        let (version, rest) = sealed.split_first().ok_or(PeopleError::NotGenuine)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(PeopleError::NotGenuine)?;
        if *version != VERSION {
            return Err(PeopleError::NotGenuine);
        }
        let payload = Payload { msg: rest, aad: bound.as_bytes() };
        let clear = self.cipher().decrypt(&Nonce::from(*nonce), payload);
        clear.map(Zeroizing::new).map_err(|_| PeopleError::NotGenuine)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.derive("one-time codes")).into())
    }
}

/// A secret on its way to its owner: without Debug and Display, wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// 32 bytes of chance as 43 characters that fit into headers and addresses.
    pub(crate) fn token(dice: &mut dyn Dice) -> Secret {
        let bytes = Zeroizing::new(roll::<32>(dice));
        Secret::new(BASE64URL_NOPAD.encode(&*bytes))
    }

    /// The text itself, to hand it over.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

const VERSION: u8 = 1;
const NONCE: usize = 12;

fn state(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut state = state(key);
    parts.iter().for_each(|part| state.update(part));
    Zeroizing::new(state.finalize().into_bytes().into())
}
