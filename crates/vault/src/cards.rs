//! Cards at rest: a token to find one by, and a sealed envelope to read it from.

use std::fmt;

use zeroize::Zeroizing;

use crate::dice::{Dice, roll};
use crate::error::VaultError;
use crate::pan::Pan;
use crate::seal::{self, NONCE, SealError};
use crate::vault::Vault;

/// The reference that facts and rows carry instead of a card number: HMAC-SHA256 under a key of its
/// own, cut to 16 bytes. The same card has the same token as long as the master key is the same.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardToken(pub [u8; 16]);

impl fmt::Debug for CardToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardToken({self})")
    }
}

/// 32 hex digits.
impl fmt::Display for CardToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A sealed card number: 114 bytes whatever its length. Whoever deletes it has erased the card.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCard(pub Vec<u8>);

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedCard({} bytes)", self.0.len())
    }
}

impl Vault {
    /// The card's token.
    pub fn card_token(&self, pan: &Pan) -> CardToken {
        CardToken(self.card_tokens.hash16(pan.expose().as_bytes()))
    }

    /// Seals a card number under a fresh data key, and that key under the vault's, both bound to
    /// the card's token.
    pub fn seal_card(&self, pan: &Pan, dice: &mut dyn Dice) -> SealedCard {
        let token = self.card_token(pan).0;
        let data_key = Zeroizing::new(roll::<DATA_KEY>(dice));
        let sealed_key = self.cards_at_rest.seal(&token, data_key.as_slice(), dice);
        assert_eq!(sealed_key.len(), SEALED_KEY);
        let mut padded = Zeroizing::new([b'F'; PADDED]);
        padded[..pan.expose().len()].copy_from_slice(pan.expose().as_bytes());
        let sealed_pan = seal::encrypt(&data_key, &ONLY_USE, &token, padded.as_slice());
        SealedCard(seal::with_version(&[&sealed_key, &sealed_pan]))
    }

    /// Opens a card number for the edge to encode. Refuses by [`VaultError::Seal`] whatever was not
    /// sealed for this token under this master key.
    pub fn open_card(&self, token: &CardToken, card: &SealedCard) -> Result<Pan, VaultError> {
        let parts = seal::without_version(&card.0)?;
        let short = SealError::TooShort { found: card.0.len() };
        let (sealed_key, sealed_pan) = parts.split_at_checked(SEALED_KEY).ok_or(short)?;
        let data_key = self.cards_at_rest.open(&token.0, sealed_key)?;
        let data_key = data_key.first_chunk::<DATA_KEY>().ok_or(SealError::NotGenuine)?;
        let padded = seal::decrypt(data_key, &ONLY_USE, &token.0, sealed_pan)?;
        let digits = std::str::from_utf8(&padded).map_err(|_| SealError::NotGenuine)?;
        let pan = Pan::parse(digits.trim_end_matches('F'));
        Ok(pan.map_err(|_| SealError::NotGenuine)?)
    }
}

const DATA_KEY: usize = 32;
/// A data key as [`seal::Sealer`] seals it.
const SEALED_KEY: usize = DATA_KEY + 45;
/// All card numbers are sealed at one length, so that the size of a row tells nothing.
const PADDED: usize = Pan::MAX + 1;
/// A data key seals one thing once, so its nonce need not vary.
const ONLY_USE: [u8; NONCE] = [0; NONCE];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::test_dice::Seeded;
    use crate::seal::MasterKey;
    use crate::vault::tests::vault;

    fn pan(digits: &str) -> Pan {
        Pan::parse(digits).unwrap()
    }

    fn card() -> Pan {
        pan("6200000000000005")
    }

    #[test]
    fn a_card_comes_back_from_its_envelope() {
        let (vault, mut dice) = (vault(), Seeded(1));
        for card in [card(), pan("6200000000000997"), pan("6200000000000000000")] {
            let (token, sealed) = (vault.card_token(&card), vault.seal_card(&card, &mut dice));
            assert_eq!(sealed.0.len(), 114);
            assert_eq!(vault.open_card(&token, &sealed), Ok(card.clone()));
            assert_ne!(vault.seal_card(&card, &mut dice), sealed);
        }
    }

    #[test]
    fn tokens_agree_over_restarts_and_differ_by_card_and_master() {
        let token = vault().card_token(&card());
        assert_eq!(vault().card_token(&card()), token);
        assert_ne!(vault().card_token(&pan("6200000000000997")), token);
        let other = Vault::new(MasterKey::from_hex(&"5B".repeat(32)).unwrap());
        assert_ne!(other.card_token(&card()), token);
        let sealed = vault().seal_card(&card(), &mut Seeded(1));
        let refused = Err(VaultError::Seal(SealError::NotGenuine));
        assert_eq!(other.open_card(&token, &sealed), refused);
    }

    #[test]
    fn an_envelope_opens_only_for_its_own_card() {
        let vault = vault();
        let sealed = vault.seal_card(&card(), &mut Seeded(1));
        let other = vault.card_token(&pan("6200000000000997"));
        let refused = Err(VaultError::Seal(SealError::NotGenuine));
        assert_eq!(vault.open_card(&other, &sealed), refused);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused() {
        let vault = vault();
        let token = vault.card_token(&card());
        let sealed = vault.seal_card(&card(), &mut Seeded(1));
        for position in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[position] ^= 1;
            assert!(vault.open_card(&token, &changed).is_err(), "byte {position}");
            let cut = SealedCard(sealed.0[..position].to_vec());
            assert!(vault.open_card(&token, &cut).is_err(), "cut {position}");
        }
    }

    #[test]
    fn debug_shows_a_token_and_a_length() {
        assert_eq!(format!("{:?}", CardToken([0xAB; 16])), format!("CardToken({})", "ab".repeat(16)));
        assert_eq!(format!("{:?}", SealedCard(vec![1; 5])), "SealedCard(5 bytes)");
    }
}
