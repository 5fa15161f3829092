//! What may be shown of a message. Everything that is not named here as open stays hidden.

use crate::Mti;
use std::fmt;

/// In place of what is not shown.
pub(crate) const HIDDEN: &str = "***";

/// How much of a field may be seen.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Secrecy {
    Open,
    /// The first six and last four digits.
    CardNumber,
    Hidden,
}

/// How much of this value may be seen. What looks like a card number is hidden wherever it stands:
/// people write them into texts, and a message that was cut or shifted shows them in other fields.
pub(crate) fn secrecy(mti: Mti, field: u8, value: &[u8]) -> Secrecy {
    match secrecy_of_field(mti, field) {
        Secrecy::Open if holds_card_number(value) => Secrecy::Hidden,
        secrecy => secrecy,
    }
}

/// ISO 8583 gives the numbers the same meaning in every dialect.
fn secrecy_of_field(mti: Mti, field: u8) -> Secrecy {
    match field {
        2 => Secrecy::CardNumber,
        3 | 4 | 7 | 11..=13 | 15 | 18 | 22 | 23 | 25 | 26 | 32 | 33 | 37..=39 | 41..=44 | 49 => Secrecy::Open,
        53 | 54 | 60 | 61 | 63 | 64 | 70 | 90 | 95 | 128 => Secrecy::Open,
        // Totals in a settlement; in other messages card numbers or keys.
        48 if mti == Mti(500) || mti == Mti(510) => Secrecy::Open,
        // Parameters and signatures; in a sign-on answer the working keys.
        62 if (820..=839).contains(&mti.0) => Secrecy::Open,
        _ => Secrecy::Hidden,
    }
}

/// A field's value as it may be shown: text as it is, other bytes in hexadecimal.
pub(crate) fn field(mti: Mti, field: u8, value: &[u8]) -> Masked<'_> {
    match secrecy(mti, field, value) {
        Secrecy::Open => Masked::Open(value),
        Secrecy::CardNumber => card_number(value),
        Secrecy::Hidden => Masked::Hidden,
    }
}

/// Six and four digits, if enough remain hidden between them.
pub(crate) fn card_number(digits: &[u8]) -> Masked<'_> {
    if digits.len() < 13 || !digits.iter().all(u8::is_ascii_digit) {
        return Masked::Hidden;
    }
    Masked::Ends(&digits[..6], &digits[digits.len() - 4..])
}

/// A run of 13 to 19 digits that begins as card numbers do and has their check digit.
fn holds_card_number(value: &[u8]) -> bool {
    value
        .split(|c| !c.is_ascii_digit())
        .any(|run| (13..=19).contains(&run.len()) && (b'3'..=b'6').contains(&run[0]) && has_check_digit(run))
}

/// Luhn's formula, ISO/IEC 7812.
fn has_check_digit(digits: &[u8]) -> bool {
    let weighted = digits.iter().rev().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| {
        let product = u32::from(digit - b'0') * weight;
        product / 10 + product % 10
    });
    weighted.sum::<u32>() % 10 == 0
}

/// What may be seen of a value.
pub(crate) enum Masked<'a> {
    Open(&'a [u8]),
    Ends(&'a [u8], &'a [u8]),
    Hidden,
}

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(value) => write!(f, "{}", Readable(value)),
            Self::Ends(first, last) => write!(f, "{}{HIDDEN}{}", Readable(first), Readable(last)),
            Self::Hidden => f.write_str(HIDDEN),
        }
    }
}

/// Printable ASCII as text, anything else in hexadecimal.
pub(crate) struct Readable<'a>(pub &'a [u8]);

impl fmt::Display for Readable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(self.0) {
            Ok(text) if text.bytes().all(|c| (0x20..=0x7e).contains(&c)) => f.write_str(text),
            _ => f.write_str(&hex::encode(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_shows_its_ends_only_if_enough_is_hidden_between() {
        let check = |digits: &[u8], expected| assert_eq!(card_number(digits).to_string(), expected);
        check(b"6200000000000005", "620000***0005");
        check(b"6200000000005", "620000***0005");
        check(b"620000000005", "***");
        check(b"620000000000000D", "***");
        check(b"", "***");
    }

    #[test]
    fn a_card_number_is_hidden_in_any_field() {
        let check = |value: &str, expected| {
            assert_eq!(secrecy(Mti(210), 63, value.as_bytes()), expected, "{value}");
        };
        check("6200000000000005", Secrecy::Hidden);
        check("CUP card 6200000000000013, thanks", Secrecy::Hidden);
        check("6200000000000006", Secrecy::Open);
        check("16200000000000005", Secrecy::Open);
        check("898110253110001", Secrecy::Open);
        check("620000000005", Secrecy::Open);
        check("", Secrecy::Open);
    }

    #[test]
    fn what_the_card_and_the_keys_are_made_of_is_hidden_in_every_message() {
        for mti in [100, 200, 210, 320, 500, 800, 810, 820, 9999].map(Mti) {
            for field in [14, 35, 36, 45, 52, 55, 57, 59, 96] {
                assert_eq!(secrecy(mti, field, b""), Secrecy::Hidden, "{mti} F{field}");
            }
            assert_eq!(secrecy(mti, 2, b""), Secrecy::CardNumber);
        }
    }

    #[test]
    fn what_a_field_means_decides_by_message_whether_it_is_hidden() {
        for (mti, field, expected) in [
            (800, 62, Secrecy::Hidden),
            (810, 62, Secrecy::Hidden),
            (830, 62, Secrecy::Open),
            (320, 48, Secrecy::Hidden),
            (800, 48, Secrecy::Hidden),
            (510, 48, Secrecy::Open),
        ] {
            assert_eq!(secrecy(Mti(mti), field, b""), expected, "{mti} F{field}");
        }
    }
}
