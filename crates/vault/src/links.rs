//! Bank links: their PIN and MAC keys.

use crate::des_key::TdesKey;
use crate::error::VaultError;
use crate::mac::{MacMethod, mac_eq};
use crate::names::LinkName;
use crate::vault::Vault;

/// The keys of one bank link.
#[derive(Clone, Debug)]
pub struct LinkKeys {
    /// PIN blocks leave under this key.
    pub pin: TdesKey,
    /// Makes and checks MACs.
    pub mac: TdesKey,
}

impl Vault {
    /// Sets a link's keys and how it computes MACs; from then on only these count.
    pub fn set_link(&mut self, link: LinkName, keys: LinkKeys, mac: MacMethod) {
        self.links.insert(link, Link { keys, mac });
    }

    /// The MAC of a message to a link. Refuses an unknown link.
    pub fn link_mac(&self, link: &LinkName, data: &[u8]) -> Result<[u8; 8], VaultError> {
        let link = self.link(link)?;
        Ok(link.mac.compute(&link.keys.mac, data))
    }

    /// Whether the MAC of a message from a link is good. Refuses an unknown link.
    pub fn check_link_mac(&self, link: &LinkName, data: &[u8], mac: &[u8; 8]) -> Result<bool, VaultError> {
        Ok(mac_eq(&self.link_mac(link, data)?, mac))
    }

    pub(crate) fn link(&self, link: &LinkName) -> Result<&Link, VaultError> {
        self.links.get(link).ok_or_else(|| VaultError::UnknownLink(link.clone()))
    }
}

/// One link's keys.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) keys: LinkKeys,
    mac: MacMethod,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::tests::vault;

    #[test]
    fn a_link_checks_its_own_macs_and_no_others() {
        let key = |text| TdesKey::from_hex(text).unwrap();
        let mac_key = key("0123456789ABCDEFFEDCBA9876543210");
        let keys = LinkKeys { pin: key("55036372B17543ECB173730768B8D6C4"), mac: mac_key };
        let bank = LinkName::parse("bank").unwrap();
        let mut vault = vault();
        vault.set_link(bank.clone(), keys.clone(), MacMethod::X919);

        let data = b"Now is the time for all ";
        let mac = vault.link_mac(&bank, data).unwrap();
        assert_eq!(hex::encode_upper(mac), "A1C72E74EA3FA9B6");
        assert_eq!(vault.check_link_mac(&bank, data, &mac), Ok(true));
        assert_eq!(vault.check_link_mac(&bank, b"other", &mac), Ok(false));

        let swapped = LinkKeys { pin: keys.mac, mac: keys.pin };
        vault.set_link(bank.clone(), swapped, MacMethod::X919);
        assert_eq!(vault.check_link_mac(&bank, data, &mac), Ok(false));
    }

    #[test]
    fn an_unknown_link_is_an_error_and_no_wrong_mac() {
        let nobody = LinkName::parse("nobody").unwrap();
        let expected = VaultError::UnknownLink(nobody.clone());
        assert_eq!(vault().check_link_mac(&nobody, b"", &[0; 8]), Err(expected));
    }
}
