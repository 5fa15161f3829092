//! The vault as a whole, and what it seals besides keys and cards.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::dice::Dice;
use crate::error::VaultError;
use crate::links::Link;
use crate::names::{LinkName, TerminalName};
use crate::seal::{HashKey, MasterKey, Sealer};
use crate::terminals::Terminal;

/// Keys of terminals and links, by name, and the keys that everything at rest is sealed under.
///
/// All of it is in memory. After a restart the caller sets master and link keys again and adopts
/// the sealed working keys from the store. What concerns terminals, links and cards stands in
/// `terminals.rs`, `translate.rs`, `links.rs` and `cards.rs`.
#[derive(Clone)]
pub struct Vault {
    pub(crate) terminals: BTreeMap<TerminalName, Terminal>,
    pub(crate) links: BTreeMap<LinkName, Link>,
    /// Numbers working keys over all terminals, so that no token of one fits another.
    pub(crate) generations: u64,
    pub(crate) keys_at_rest: Sealer,
    pub(crate) cards_at_rest: Sealer,
    pub(crate) card_tokens: HashKey,
    data_at_rest: Sealer,
    contents: HashKey,
}

impl Vault {
    /// An empty vault. Its keys at rest are derived from the master key, which is then dropped.
    pub fn new(master: MasterKey) -> Vault {
        Vault {
            terminals: BTreeMap::new(),
            links: BTreeMap::new(),
            generations: 0,
            keys_at_rest: Sealer::new(master.derive("working keys at rest")),
            cards_at_rest: Sealer::new(master.derive("cards at rest")),
            card_tokens: master.derive("card tokens"),
            data_at_rest: Sealer::new(master.derive("data at rest")),
            contents: master.derive("content hashes"),
        }
    }

    /// A keyed hash for comparing the content of a repeat with its original: HMAC-SHA256 cut to 16
    /// bytes, the same for the same data under the same master key.
    pub fn content_hash(&self, data: &[u8]) -> [u8; 16] {
        self.contents.hash16(data)
    }

    /// Seals anything else that must survive; it opens only under the same label. 45 bytes longer
    /// than the data.
    pub fn seal(&self, label: &str, data: &[u8], dice: &mut dyn Dice) -> Vec<u8> {
        self.data_at_rest.seal(label.as_bytes(), data, dice)
    }

    /// Opens what [`Vault::seal`] made. Refuses by [`VaultError::Seal`].
    pub fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(self.data_at_rest.open(label.as_bytes(), sealed)?)
    }
}

/// Shows how many terminals and links it knows.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (terminals, links) = (self.terminals.len(), self.links.len());
        write!(f, "Vault({terminals} terminals, {links} links, keys hidden)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;
    use crate::seal::SealError;

    pub(crate) fn vault() -> Vault {
        Vault::new(MasterKey::from_hex(&"5A".repeat(32)).unwrap())
    }

    #[test]
    fn data_opens_only_under_its_label() {
        let vault = vault();
        let sealed = vault.seal("webhook secret", b"data", &mut Seeded(1));
        assert_eq!(vault.open("webhook secret", &sealed).unwrap().as_slice(), b"data");
        let refused = Err(VaultError::Seal(SealError::NotGenuine));
        assert_eq!(vault.open("other", &sealed), refused);
    }

    #[test]
    fn content_hashes_agree_over_restarts_and_differ_by_content_and_master() {
        let hash = vault().content_hash(b"sale 100");
        assert_eq!(vault().content_hash(b"sale 100"), hash);
        assert_ne!(vault().content_hash(b"sale 101"), hash);
        let other = Vault::new(MasterKey::from_hex(&"5B".repeat(32)).unwrap());
        assert_ne!(other.content_hash(b"sale 100"), hash);
    }

    #[test]
    fn debug_counts_and_shows_no_key() {
        assert_eq!(format!("{:?}", vault()), "Vault(0 terminals, 0 links, keys hidden)");
    }
}
