//! Expanded DES keys, and the steps that are made of them.

use cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use des::Des;

/// Bytes in a DES block.
pub(crate) const BLOCK: usize = 8;

/// One, two or three expanded DES keys, wiped when dropped. Boxed so that moving a key leaves no copy
/// behind and none takes more than it needs.
#[derive(Clone)]
pub(crate) enum Schedule {
    Single(Box<[Des; 1]>),
    Double(Box<[Des; 2]>),
    Triple(Box<[Des; 3]>),
}

impl Schedule {
    /// Expands 8, 16 or 24 bytes; nothing for any other length.
    pub(crate) fn expand(bytes: &[u8]) -> Option<Schedule> {
        let (parts, rest) = bytes.as_chunks::<BLOCK>();
        match (parts, rest) {
            ([a], []) => Some(Schedule::Single(Box::new([des(a)]))),
            ([a, b], []) => Some(Schedule::Double(Box::new([des(a), des(b)]))),
            ([a, b, c], []) => Some(Schedule::Triple(Box::new([des(a), des(b), des(c)]))),
            (_, _) => None,
        }
    }

    /// Encrypts one block.
    pub(crate) fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        match self {
            Schedule::Single(k) => encrypt(&k[0], block),
            Schedule::Double(k) => encrypt(&k[0], decrypt(&k[1], encrypt(&k[0], block))),
            Schedule::Triple(k) => encrypt(&k[2], decrypt(&k[1], encrypt(&k[0], block))),
        }
    }

    /// Decrypts one block.
    pub(crate) fn decrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        match self {
            Schedule::Single(k) => decrypt(&k[0], block),
            Schedule::Double(k) => decrypt(&k[0], encrypt(&k[1], decrypt(&k[0], block))),
            Schedule::Triple(k) => decrypt(&k[0], encrypt(&k[1], decrypt(&k[2], block))),
        }
    }

    /// Single DES under the first part alone, as CBC MACs of X9.19 need it.
    pub(crate) fn encrypt_left(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        encrypt(self.halves().0, block)
    }

    /// Decrypts under the second part and encrypts under the first: the last step of X9.19.
    pub(crate) fn finish_right_left(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let (left, right) = self.halves();
        encrypt(left, decrypt(right, block))
    }

    fn halves(&self) -> (&Des, &Des) {
        match self {
            Schedule::Single(k) => (&k[0], &k[0]),
            Schedule::Double(k) => (&k[0], &k[1]),
            Schedule::Triple(k) => (&k[0], &k[1]),
        }
    }
}

fn des(part: &[u8; BLOCK]) -> Des {
    Des::new(part.into())
}

fn encrypt(key: &Des, block: [u8; BLOCK]) -> [u8; BLOCK] {
    let mut block = Array(block);
    key.encrypt_block(&mut block);
    block.0
}

fn decrypt(key: &Des, block: [u8; BLOCK]) -> [u8; BLOCK] {
    let mut block = Array(block);
    key.decrypt_block(&mut block);
    block.0
}
