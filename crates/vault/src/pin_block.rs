//! PIN blocks: ISO 9564 format 0, and the same without the card number.
//!
//! A block stands clear only inside a [`Secret8`], and outside the vault only in the simulated
//! terminals and banks. The byte layout is: `0` and the PIN's length, the PIN's digits, then `F` to
//! the end; format 0 XORs onto it `0000` and the twelve digits before the card's check digit.

use zeroize::Zeroizing;

use crate::des_key::TdesKey;
use crate::pan::Pan;
use crate::pin::Pin;
use crate::secret::Secret8;

/// The clear format 0 block of a PIN and the card it belongs to.
pub fn format0(pin: &Pin, pan: &Pan) -> Secret8 {
    xor(pin_field(pin), account_field(pan.expose()))
}

/// Takes the PIN out of a clear format 0 block.
pub fn open_format0(block: &Secret8, pan: &Pan) -> Result<Pin, PinBlockError> {
    read_pin_field(&xor(block.clone(), account_field(pan.expose())))
}

/// The clear block without a card number (F53 begins with 1).
pub fn without_pan(pin: &Pin) -> Secret8 {
    pin_field(pin)
}

/// Takes the PIN out of a clear block without a card number.
pub fn open_without_pan(block: &Secret8) -> Result<Pin, PinBlockError> {
    read_pin_field(block)
}

/// Encrypts a clear block, as it stands in F52.
pub fn encrypt(key: &TdesKey, block: &Secret8) -> [u8; 8] {
    key.encrypt_block(*block.expose())
}

/// Decrypts F52.
pub fn decrypt(key: &TdesKey, block: [u8; 8]) -> Secret8 {
    Secret8::from(key.decrypt_block(block))
}

/// Why a decrypted PIN block was refused: nearly always another key or another card than the
/// terminal's. The names carry neither place nor value, because whoever may vary the card number
/// could learn PIN digits from them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinBlockError {
    /// The control digit is not 0.
    #[error("PIN block: not format 0")]
    NotFormat0,
    /// The length digit is not 4 to 12.
    #[error("PIN block: impossible PIN length")]
    PinLength,
    /// A PIN digit is not 0 to 9.
    #[error("PIN block: the PIN is not only digits")]
    PinDigit,
    /// What follows the PIN is not all F.
    #[error("PIN block: wrong filler")]
    Filler,
}

fn pin_field(pin: &Pin) -> Secret8 {
    let digits = pin.expose().as_bytes();
    let mut nibbles = Zeroizing::new([0xF; 16]);
    nibbles[0] = 0;
    nibbles[1] = digits.len() as u8; // 4 to 12, by the type
    for (nibble, digit) in nibbles[2..].iter_mut().zip(digits) {
        *nibble = digit - b'0';
    }
    let mut field = [0; 8];
    for (byte, pair) in field.iter_mut().zip(nibbles.as_chunks::<2>().0) {
        *byte = pair[0] << 4 | pair[1];
    }
    Secret8::from(field)
}

fn read_pin_field(field: &Secret8) -> Result<Pin, PinBlockError> {
    let mut nibbles = Zeroizing::new([0; 16]);
    for (pair, byte) in nibbles.as_chunks_mut::<2>().0.iter_mut().zip(field.expose()) {
        *pair = [byte >> 4, byte & 0xF];
    }
    if nibbles[0] != 0 {
        return Err(PinBlockError::NotFormat0);
    }
    let length = usize::from(nibbles[1]);
    if !Pin::LENGTHS.contains(&length) {
        return Err(PinBlockError::PinLength);
    }
    let (pin, filler) = nibbles[2..].split_at(length);
    if filler.iter().any(|nibble| *nibble != 0xF) {
        return Err(PinBlockError::Filler);
    }
    // Allocated in full at once: growing would leave unwiped copies behind.
    let mut digits = Zeroizing::new(String::with_capacity(length));
    digits.extend(pin.iter().map(|nibble| char::from(b'0' + nibble)));
    Pin::parse(&digits).map_err(|_| PinBlockError::PinDigit)
}

/// `0000` and the twelve rightmost digits before the check digit, zeros in front if there are fewer.
fn account_field(pan: &str) -> Secret8 {
    let mut field = [0; 8];
    for (place, digit) in pan.bytes().rev().skip(1).take(12).enumerate() {
        field[7 - place / 2] |= (digit - b'0') << (place % 2 * 4);
    }
    Secret8::from(field)
}

fn xor(a: Secret8, b: Secret8) -> Secret8 {
    let (a, b) = (u64::from_ne_bytes(*a.expose()), u64::from_ne_bytes(*b.expose()));
    Secret8::from((a ^ b).to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pin(digits: &str) -> Pin {
        Pin::parse(digits).unwrap()
    }

    fn card() -> Pan {
        Pan::parse("6200000000000005").unwrap()
    }

    /// The cards of the vectors fail Luhn, so they go in below [`Pan`].
    #[test]
    fn the_known_blocks_come_out() {
        #[track_caller]
        fn check(account: &str, expected: &str) {
            let block = xor(pin_field(&pin("123456")), account_field(account));
            assert_eq!(hex::encode_upper(block.expose()), expected);
        }
        check("123456789012345678", "061253DFFEDCBA98");
        check("1234567890123456", "0612713176FEDCBA");
    }

    #[test]
    fn the_block_of_a_test_card_is_format_0() {
        let block = format0(&pin("123456"), &card());
        assert_eq!(hex::encode_upper(block.expose()), "06123456FFFFFFFF");
        let other = Pan::parse("6200000000000104").unwrap();
        assert_eq!(hex::encode_upper(format0(&pin("1234"), &other).expose()), "041234FFFFFFFFEF");
    }

    #[test]
    fn the_shortest_card_number_is_filled_with_zeros() {
        assert_eq!(hex::encode(account_field("620000000005").expose()), "0000062000000000");
    }

    #[test]
    fn each_wrong_block_is_refused_by_name() {
        #[track_caller]
        fn check(block: &str, expected: PinBlockError) {
            let bytes: [u8; 8] = hex::decode(block).unwrap().try_into().unwrap();
            assert_eq!(open_without_pan(&Secret8::from(bytes)).err(), Some(expected), "{block}");
        }
        check("16123456FFFFFFFF", PinBlockError::NotFormat0);
        check("36123456ABCDEFAB", PinBlockError::NotFormat0);
        check("03123FFFFFFFFFFF", PinBlockError::PinLength);
        check("0D1234567890123F", PinBlockError::PinLength);
        check("0612345AFFFFFFFF", PinBlockError::PinDigit);
        check("061234567FFFFFFF", PinBlockError::Filler);
        check("06123456FFFFFFF0", PinBlockError::Filler);
    }

    #[test]
    fn a_block_of_another_card_does_not_open() {
        let block = format0(&pin("123456"), &card());
        let other = Pan::parse("6200000000000997").unwrap();
        assert_eq!(open_format0(&block, &other).err(), Some(PinBlockError::Filler));
    }

    proptest! {
        #[test]
        fn a_pin_comes_back_from_its_encrypted_block(digits in "[0-9]{4,12}", key: [u8; 16]) {
            let key = TdesKey::from_bytes(&key).unwrap();
            let sealed = encrypt(&key, &format0(&pin(&digits), &card()));
            let opened = open_format0(&decrypt(&key, sealed), &card()).unwrap();
            prop_assert_eq!(opened.expose(), &digits);
            let bare = open_without_pan(&without_pan(&pin(&digits))).unwrap();
            prop_assert_eq!(bare.expose(), &digits);
        }

        /// Bytes that often make a good block, so that both outcomes are met.
        #[test]
        fn a_block_opens_only_if_it_is_the_block_of_its_pin(
            length in 0u8..=0x10,
            rest in prop::array::uniform7(prop::sample::select(&[0x12, 0x3F, 0xFF, 0x4A][..])),
        ) {
            let mut block = [length; 8];
            block[1..].copy_from_slice(&rest);
            if let Ok(pin) = open_without_pan(&Secret8::from(block)) {
                let again = without_pan(&pin);
                prop_assert_eq!(again.expose(), &block);
            }
        }
    }
}
