//! Bytes that must not be shown: wiped when dropped, without Debug, Display or serialisation.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Secret bytes of any length, such as a track or a PIN block on its way through the engine.
///
/// It cannot be printed, so it can stand in no log and in no derived `Debug`:
///
/// ```compile_fail,E0277
/// println!("{:?}", hefu_vault::Secret::from(vec![1, 2, 3]));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The bytes. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Secret(Zeroizing::new(bytes))
    }
}

impl From<Secret8> for Secret {
    fn from(block: Secret8) -> Self {
        Secret::from(block.0.to_vec())
    }
}

/// Eight secret bytes: one PIN block, clear or encrypted.
///
/// ```compile_fail,E0277
/// println!("{:?}", hefu_vault::Secret8::from([0; 8]));
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret8([u8; 8]);

impl Secret8 {
    /// The bytes. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8; 8] {
        &self.0
    }
}

impl From<[u8; 8]> for Secret8 {
    fn from(block: [u8; 8]) -> Self {
        Secret8(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_becomes_a_secret_of_the_same_bytes() {
        let block = Secret8::from([1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(Secret::from(block.clone()).expose(), block.expose());
    }
}
