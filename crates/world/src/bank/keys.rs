//! The link's keys in use: MACs, PINs and the change of keys.

use super::config::LinkKeys;
use super::record::WorkingKey;
use hefu_iso8583::{Message, mac_input};
use hefu_vault::{KeyError, MacMethod, Pan, Pin, PinBlockError, TdesKey, mac_eq, pin_block};

/// The working keys at present.
#[derive(Clone)]
pub(super) struct Keys {
    method: MacMethod,
    master: TdesKey,
    pin: TdesKey,
    mac: TdesKey,
    /// Requests that were under way when the MAC key changed are still good under the old one.
    previous_mac: Option<TdesKey>,
}

/// How an answer is MACed.
#[derive(Copy, Clone)]
pub(super) enum Seal<'a> {
    Under(MacMethod, &'a TdesKey),
    /// A MAC that no key gives.
    Wrong(MacMethod, &'a TdesKey),
    /// No DE128: a network message that came without one is answered without one.
    None,
}

/// Which MAC a request carried; its answer uses the same key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum MacFound {
    Current,
    Previous,
    Absent,
    Wrong,
}

impl Keys {
    pub(super) fn new(keys: &LinkKeys, method: MacMethod) -> Keys {
        let LinkKeys { pin, mac, master } = keys.clone();
        Keys { method, master, pin, mac, previous_mac: None }
    }

    /// Checks DE128 of a message over its encoded `body`.
    pub(super) fn check(&self, message: &Message, body: &[u8]) -> MacFound {
        let Some(found) = message.get(128).and_then(|mac| <[u8; 8]>::try_from(mac).ok()) else {
            return MacFound::Absent;
        };
        let fits = |key| mac_eq(&self.method.compute(key, mac_input(body)), &found);
        if fits(&self.mac) {
            MacFound::Current
        } else if self.previous_mac.as_ref().is_some_and(fits) {
            MacFound::Previous
        } else {
            MacFound::Wrong
        }
    }

    /// The seal of an answer to a request with this MAC.
    pub(super) fn seal(&self, found: MacFound) -> Seal<'_> {
        match (found, &self.previous_mac) {
            (MacFound::Previous, Some(previous)) => Seal::Under(self.method, previous),
            (MacFound::Absent, _) => Seal::None,
            (MacFound::Current | MacFound::Previous | MacFound::Wrong, _) => {
                Seal::Under(self.method, &self.mac)
            }
        }
    }

    pub(super) fn wrong_seal(&self) -> Seal<'_> {
        Seal::Wrong(self.method, &self.mac)
    }

    /// The PIN in DE52; `with_pan` as the first digit of DE53 says.
    pub(super) fn open_pin(&self, block: [u8; 8], pan: &Pan, with_pan: bool) -> Result<Pin, PinBlockError> {
        let clear = pin_block::decrypt(&self.pin, block);
        if with_pan { pin_block::open_format0(&clear, pan) } else { pin_block::open_without_pan(&clear) }
    }

    /// Puts a new working key, wrapped under the master key, in force.
    pub(super) fn change(&mut self, key: WorkingKey, wrapped: &[u8]) -> Result<(), KeyError> {
        let fresh = TdesKey::from_bytes(&self.master.decrypt_ecb(wrapped)?)?;
        match key {
            WorkingKey::Pin => self.pin = fresh,
            WorkingKey::Mac => self.previous_mac = Some(std::mem::replace(&mut self.mac, fresh)),
        }
        Ok(())
    }

    /// The check value that a wrapped key would have.
    pub(super) fn check_value(&self, wrapped: &[u8]) -> Result<[u8; 4], KeyError> {
        Ok(TdesKey::from_bytes(&self.master.decrypt_ecb(wrapped)?)?.kcv())
    }
}

impl Seal<'_> {
    pub(super) fn mac(self, data: &[u8]) -> [u8; 8] {
        match self {
            Seal::Under(method, key) => method.compute(key, data),
            Seal::Wrong(method, key) => method.compute(key, data).map(|byte| !byte),
            Seal::None => [0; 8],
        }
    }
}
