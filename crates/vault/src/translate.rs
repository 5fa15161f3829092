//! What a terminal encrypted for the bank, on its way there: PIN blocks and tracks.

use crate::error::VaultError;
use crate::generations::KeyUse;
use crate::names::{LinkName, TerminalName};
use crate::pan::Pan;
use crate::pin_block;
use crate::secret::{Secret, Secret8};
use crate::track2;
use crate::vault::Vault;

impl Vault {
    /// Moves a PIN block from the terminal's PIN key to the link's. What leaves is format 0 under
    /// the link's key, whichever of the two formats came; the clear PIN stays inside.
    ///
    /// `with_pan` is false when F53 says that the terminal's block holds no card number. Refuses
    /// unknown names, a key that is gone, and a block that is not in that format.
    pub fn translate_pin(
        &self,
        t: &TerminalName,
        key: KeyUse,
        link: &LinkName,
        pan: &Pan,
        block: [u8; 8],
        with_pan: bool,
    ) -> Result<Secret8, VaultError> {
        let terminal_key = &self.working_keys(t, key)?.pin;
        let link_key = &self.link(link)?.keys.pin;
        let clear = pin_block::decrypt(terminal_key, block);
        let pin = match with_pan {
            true => pin_block::open_format0(&clear, pan)?,
            false => pin_block::open_without_pan(&clear)?,
        };
        let outgoing = pin_block::encrypt(link_key, &pin_block::format0(&pin, pan));
        Ok(Secret8::from(outgoing))
    }

    /// Decrypts track 2 (F53, third digit 1): the BCD bytes with `D` as separator, filled up to whole
    /// blocks, each block under the track key.
    ///
    /// The answer keeps the fill, since only the message knows how many digits were sent. Refuses a
    /// terminal without a track key, a length that no track has, and bytes that are no track.
    pub fn decrypt_track2(&self, t: &TerminalName, key: KeyUse, sealed: &[u8]) -> Result<Secret, VaultError> {
        let track_key = self.working_keys(t, key)?.track.as_ref();
        let track_key = track_key.ok_or(VaultError::NoTrackKey(*t))?;
        Ok(track2::decrypt(track_key, sealed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::des_key::TdesKey;
    use crate::dice::test_dice::Seeded;
    use crate::layout::KeyLayout;
    use crate::links::LinkKeys;
    use crate::mac::MacMethod;
    use crate::pin::Pin;
    use crate::pin_block::PinBlockError;
    use crate::terminals::tests::{master, name, sign_on};
    use crate::track2::Track2Error;
    use crate::vault::tests::vault;
    use crate::working_keys::WorkingKeys;

    /// A terminal that has signed on, and a bank behind it.
    struct Line {
        vault: Vault,
        terminal: TerminalName,
        keys: WorkingKeys,
        key: KeyUse,
        link: LinkName,
        link_pin_key: TdesKey,
    }

    fn line(layout: KeyLayout) -> Line {
        let (mut vault, terminal) = (vault(), name("10000001"));
        vault.set_terminal_master(terminal, master(), MacMethod::Ecb);
        let keys = sign_on(&mut vault, &terminal, layout, &mut Seeded(1));
        let key = vault.current_key(&terminal).unwrap();
        let link = LinkName::parse("bank").unwrap();
        let link_pin_key = TdesKey::from_hex("55036372B17543ECB173730768B8D6C4").unwrap();
        let link_keys = LinkKeys { pin: link_pin_key.clone(), mac: master() };
        vault.set_link(link.clone(), link_keys, MacMethod::X919);
        Line { vault, terminal, keys, key, link, link_pin_key }
    }

    impl Line {
        fn translate(&self, block: [u8; 8], with_pan: bool) -> Result<[u8; 8], VaultError> {
            let (t, link) = (&self.terminal, &self.link);
            let block = self.vault.translate_pin(t, self.key, link, &card(), block, with_pan)?;
            Ok(*block.expose())
        }
    }

    fn card() -> Pan {
        Pan::parse("6200000000000104").unwrap()
    }

    fn pin() -> Pin {
        Pin::parse("123456").unwrap()
    }

    #[test]
    fn a_translated_pin_equals_direct_encryption_for_the_bank() {
        for layout in [KeyLayout::Single001, KeyLayout::Double003, KeyLayout::DoubleTrack004] {
            let line = line(layout);
            let clear = pin_block::format0(&pin(), &card());
            let direct = pin_block::encrypt(&line.link_pin_key, &clear);
            let with_pan = pin_block::encrypt(&line.keys.pin, &clear);
            assert_eq!(line.translate(with_pan, true), Ok(direct));
            let bare = pin_block::encrypt(&line.keys.pin, &pin_block::without_pan(&pin()));
            assert_eq!(line.translate(bare, false), Ok(direct));
        }
    }

    #[test]
    fn a_block_in_another_format_is_refused_by_name() {
        #[track_caller]
        fn check(clear: &str, with_pan: bool, expected: PinBlockError) {
            let line = line(KeyLayout::Double003);
            let clear: [u8; 8] = hex::decode(clear).unwrap().try_into().unwrap();
            let block = line.keys.pin.encrypt_block(clear);
            let refused = Err(VaultError::PinBlock(expected));
            assert_eq!(line.translate(block, with_pan), refused, "{clear:02X?}");
        }
        check("16123456FFFFFFEF", true, PinBlockError::NotFormat0);
        check("03123FFFFFFFFFEF", true, PinBlockError::PinLength);
        check("061234A6FFFFFFEF", true, PinBlockError::PinDigit);
        check("06123456FFFFFFFF", true, PinBlockError::Filler);
        check("06123456FFFFFFEF", false, PinBlockError::Filler);
    }

    #[test]
    fn unknown_names_are_refused() {
        let line = line(KeyLayout::Double003);
        let nobody = LinkName::parse("nobody").unwrap();
        let (vault, t) = (&line.vault, &line.terminal);
        let refused = vault.translate_pin(t, line.key, &nobody, &card(), [0; 8], true).err();
        assert_eq!(refused, Some(VaultError::UnknownLink(nobody)));
        let t = name("10000009");
        let refused = vault.translate_pin(&t, line.key, &line.link, &card(), [0; 8], true).err();
        assert_eq!(refused, Some(VaultError::UnknownTerminal(t)));
    }

    #[test]
    fn a_track_opens_only_where_there_is_a_track_key() {
        let line004 = line(KeyLayout::DoubleTrack004);
        let clear = hex::decode("6200000000000104D301220100000000").unwrap();
        let sealed = line004.keys.track.as_ref().unwrap().encrypt_ecb(&clear).unwrap();
        let (vault, t) = (&line004.vault, &line004.terminal);
        let opened = vault.decrypt_track2(t, line004.key, &sealed).unwrap();
        assert_eq!(opened.expose(), clear);
        let refused = vault.decrypt_track2(t, line004.key, &clear).err();
        assert_eq!(refused, Some(VaultError::Track2(Track2Error::NotATrack)));

        let line003 = line(KeyLayout::Double003);
        let refused = line003.vault.decrypt_track2(&line003.terminal, line003.key, &sealed).err();
        assert_eq!(refused, Some(VaultError::NoTrackKey(line003.terminal)));
    }
}
