//! The working keys of a terminal, in memory and as they are sealed at rest.

use zeroize::Zeroizing;

use crate::des_key::{KeyError, TdesKey};
use crate::dice::Dice;
use crate::f62::F62Error;
use crate::layout::{KeyLayout, KeyName, Slot};

/// The working keys of one terminal, as one sign-on hands them out.
#[derive(Clone, Debug)]
pub struct WorkingKeys {
    /// Encrypts PIN blocks.
    pub pin: TdesKey,
    /// Makes and checks MACs.
    pub mac: TdesKey,
    /// Encrypts track data, where the layout has such a key.
    pub track: Option<TdesKey>,
}

impl WorkingKeys {
    /// Fresh keys of the lengths that the layout asks for.
    pub fn generate(layout: KeyLayout, dice: &mut dyn Dice) -> Result<WorkingKeys, KeyError> {
        let mut gathered = Gathered::default();
        for slot in layout.slots() {
            gathered.put(slot.key, TdesKey::generate(slot.length, dice)?);
        }
        Ok(gathered.into_keys(layout))
    }

    fn get(&self, name: KeyName) -> Option<&TdesKey> {
        match name {
            KeyName::Pin => Some(&self.pin),
            KeyName::Mac => Some(&self.mac),
            KeyName::Track => self.track.as_ref(),
        }
    }
}

/// The keys alone, one after the other as the layout has them: what is sealed at rest.
pub(crate) fn to_plain(layout: KeyLayout, keys: &WorkingKeys) -> Result<Zeroizing<Vec<u8>>, F62Error> {
    // Allocated in full at once: growing would leave unwiped copies behind.
    let mut out = Zeroizing::new(Vec::with_capacity(layout.bytes()));
    for slot in layout.slots() {
        out.extend_from_slice(key_for(slot, keys)?.expose());
    }
    Ok(out)
}

/// Reads what [`to_plain`] wrote.
pub(crate) fn from_plain(layout: KeyLayout, plain: &[u8]) -> Result<WorkingKeys, F62Error> {
    let expected = layout.slots().iter().map(|slot| slot.length.bytes()).sum();
    if plain.len() != expected {
        return Err(F62Error::Length { layout, expected, found: plain.len() });
    }
    let mut gathered = Gathered::default();
    let mut rest = plain;
    for slot in layout.slots() {
        let (key, after) = rest.split_at(slot.length.bytes());
        gathered.put(slot.key, TdesKey::from_bytes(key)?);
        rest = after;
    }
    Ok(gathered.into_keys(layout))
}

/// The key that stands in a slot, if there is one of the right length.
pub(crate) fn key_for<'k>(slot: &Slot, keys: &'k WorkingKeys) -> Result<&'k TdesKey, F62Error> {
    let key = keys.get(slot.key).ok_or(F62Error::Missing { key: slot.key })?;
    if key.length() != slot.length {
        let (expected, found) = (slot.length, key.length());
        return Err(F62Error::KeyLength { key: slot.key, expected, found });
    }
    Ok(key)
}

/// Keys as they come out of a layout, slot by slot.
#[derive(Default)]
pub(crate) struct Gathered {
    pin: Option<TdesKey>,
    mac: Option<TdesKey>,
    track: Option<TdesKey>,
}

impl Gathered {
    pub(crate) fn put(&mut self, name: KeyName, key: TdesKey) {
        let place = match name {
            KeyName::Pin => &mut self.pin,
            KeyName::Mac => &mut self.mac,
            KeyName::Track => &mut self.track,
        };
        assert!(place.replace(key).is_none(), "a layout names each key once");
    }

    pub(crate) fn into_keys(self, layout: KeyLayout) -> WorkingKeys {
        let (Some(pin), Some(mac)) = (self.pin, self.mac) else {
            unreachable!("layout {} has no PIN key or no MAC key", layout.code());
        };
        WorkingKeys { pin, mac, track: self.track }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;
    use crate::layout::tests::LAYOUTS;

    fn keys(layout: KeyLayout) -> WorkingKeys {
        WorkingKeys::generate(layout, &mut Seeded(1)).unwrap()
    }

    #[test]
    fn the_keys_come_back_from_rest_and_nothing_else_does() {
        for layout in LAYOUTS {
            let keys = keys(layout);
            let plain = to_plain(layout, &keys).unwrap();
            let again = from_plain(layout, &plain).unwrap();
            assert!(again.pin.is_same(&keys.pin) && again.mac.is_same(&keys.mac), "{layout:?}");
            let track = |keys: &WorkingKeys| keys.track.as_ref().map(TdesKey::kcv);
            assert_eq!(track(&again), track(&keys));
            let (expected, found) = (plain.len(), plain.len() - 1);
            let refused = from_plain(layout, &plain[1..]).err();
            assert_eq!(refused, Some(F62Error::Length { layout, expected, found }));
        }
    }

    #[test]
    fn debug_of_working_keys_shows_no_key() {
        let shown = format!("{:?}", keys(KeyLayout::DoubleTrack004));
        let hidden = "TdesKey(Double, hidden)";
        let expected =
            format!("WorkingKeys {{ pin: {hidden}, mac: TdesKey(Single, hidden), track: Some({hidden}) }}");
        assert_eq!(shown, expected);
    }
}
