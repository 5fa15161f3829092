//! Names of things: payments, shards, terminals, merchants, references, keys on a link.

use crate::{hexed, time::Moment};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// One payment, for ever. Sorts by the moment of opening.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyId(pub [u8; 16]);

impl TallyId {
    /// 48 bits of the opening moment, then 80 bits of `chance`, which the shell's dice provide.
    pub fn new(at: Moment, chance: [u8; 10]) -> TallyId {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&at.0.to_be_bytes()[2..]);
        id[6..].copy_from_slice(&chance);
        TallyId(id)
    }
}

impl fmt::Display for TallyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for TallyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for TallyId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<TallyId, NameError> {
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id).map_err(|_| NameError::TallyId)?;
        Ok(TallyId(id))
    }
}

/// One of 64 parts of the house, by a fixed hash of the merchant, for ever.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shard(u8);

impl Shard {
    pub const COUNT: u8 = 64;

    /// The shard that holds everything of this merchant.
    pub fn of(merchant: MerchantNo) -> Shard {
        Shard(blake3::hash(&merchant.0).as_bytes()[0] % Shard::COUNT)
    }

    pub fn new(number: u8) -> Option<Shard> {
        (number < Shard::COUNT).then_some(Shard(number))
    }

    pub fn number(self) -> u8 {
        self.0
    }

    pub fn all() -> impl Iterator<Item = Shard> {
        (0..Shard::COUNT).map(Shard)
    }
}

/// Why a text is not the name it should be.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NameError {
    #[error("a {what} has {expected} printable ASCII characters, not {found}")]
    Length { what: &'static str, expected: usize, found: usize },
    #[error("a {what} is printable ASCII; byte {at} is not")]
    Character { what: &'static str, at: usize },
    #[error("a payment's id is 32 hexadecimal digits")]
    TallyId,
    #[error("an RRN is YDDD and 8 characters of base 32")]
    Rrn,
}

/// A name of a fixed number of printable ASCII characters, shown and stored as text.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub [u8; $len]);

        impl $name {
            pub fn parse(bytes: &[u8]) -> Result<$name, NameError> {
                let name = bytes.try_into().map_err(|_| NameError::Length {
                    what: $what,
                    expected: $len,
                    found: bytes.len(),
                })?;
                match bytes.iter().position(|b| !(0x20..0x7f).contains(b)) {
                    Some(at) => Err(NameError::Character { what: $what, at }),
                    None => Ok($name(name)),
                }
            }

            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or("")
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.as_str().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<$name, NameError> {
                $name::parse(text.as_bytes())
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<$name, NameError> {
                $name::parse(text.as_bytes())
            }
        }
    };
}

name!(
    /// A merchant's number, 15 characters (F42): acquirer 3, area 4, trade 4, serial 4.
    MerchantNo, 15, "merchant number"
);
name!(
    /// A terminal's number, 8 characters (F41); unique within its merchant.
    TerminalNo, 8, "terminal number"
);
name!(
    /// An authorisation code, 6 characters (F38), given by the issuer.
    AuthCode, 6, "authorisation code"
);
name!(
    /// A reply code, 2 characters (F39, DE39).
    Code, 2, "reply code"
);
name!(
    /// The retrieval reference number, 12 characters (F37, DE37), ours: `YDDD`, then 8 characters of base 32.
    Rrn, 12, "RRN"
);

impl Code {
    pub const APPROVED: Code = Code(*b"00");
    /// The other side did not believe the message: its MAC was wrong.
    pub const WRONG_MAC: Code = Code(*b"A0");
    /// The other side could not read the message with the keys that it has, or found no MAC.
    pub const KEYS_DO_NOT_FIT: Code = Code(*b"99");
    /// Another message has used its key.
    pub const DUPLICATE: Code = Code(*b"94");
}

/// Base 32 without letters that are mistaken for digits (Crockford's alphabet).
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Rrn {
    /// Serial numbers below this fit beside the shard.
    pub const SERIALS: u64 = 1 << 34;

    /// The reference opened at `at`: it carries its shard, so that an answer finds its payment without trusting
    /// anything else that the bank echoes.
    ///
    /// # Panics
    /// When `serial` is not below [`Rrn::SERIALS`]; block leases keep it there.
    pub fn new(at: Moment, shard: Shard, serial: u64) -> Rrn {
        assert!(serial < Rrn::SERIALS, "RRN serial {serial} out of its 34 bits");
        let mut bits = u64::from(shard.number()) << 34 | serial;
        let mut rrn = [b'0'; 12];
        rrn[..4].copy_from_slice(at.yddd().as_bytes());
        for place in rrn[4..].iter_mut().rev() {
            *place = BASE32[(bits & 31) as usize];
            bits >>= 5;
        }
        Rrn(rrn)
    }

    /// The shard that this reference carries; refused when the text is not one of ours.
    pub fn shard(&self) -> Result<Shard, NameError> {
        let mut bits = 0_u64;
        for character in &self.0[4..] {
            let digit = BASE32.iter().position(|b| b == character).ok_or(NameError::Rrn)?;
            bits = bits << 5 | digit as u64;
        }
        Shard::new((bits >> 34) as u8).ok_or(NameError::Rrn)
    }
}

/// A terminal, wherever it is named together with its merchant.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Till {
    pub merchant: MerchantNo,
    pub terminal: TerminalNo,
}

impl Till {
    pub fn shard(&self) -> Shard {
        Shard::of(self.merchant)
    }
}

impl fmt::Display for Till {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.merchant, self.terminal)
    }
}

/// A keyed token of a card number, for look-up; says nothing without the vault's key.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardToken(pub [u8; 16]);

impl CardToken {
    /// Stands where a message named no card: nobody pays with it.
    pub const UNNAMED: CardToken = CardToken([0; 16]);
}

/// A sealed card number; only the vault opens it. Its bytes mean nothing to anybody else.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCard(pub Vec<u8>);

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedCard({} bytes)", self.0.len())
    }
}

/// A keyed hash of a request's content (card, F3, F4, F25, F49, F60.1, F61), to tell a repeat from a clash.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 16]);

/// Sixteen bytes, shown and stored as hexadecimal text.
macro_rules! hex16 {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                hexed::serialize(&self.0, s)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                hexed::deserialize(d).map($name)
            }
        }
    };
}
hex16!(CardToken);
hex16!(ContentHash);

impl Serialize for TallyId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        hexed::serialize(&self.0, s)
    }
}
impl<'de> Deserialize<'de> for TallyId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<TallyId, D::Error> {
        hexed::deserialize(d).map(TallyId)
    }
}

/// A bank link, by its configured number. Names for people stand in the configuration.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub u16);

/// What names one request of ours on a link: DE7 and DE11. With the link's DE32 it never repeats.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct LinkKey {
    /// When the request was made; DE7 is its `MMDDhhmmss`.
    pub at: Moment,
    /// DE11, 1 to 999999.
    pub stan: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rrn_carries_its_shard() {
        for shard in Shard::all() {
            for serial in [0, 1, 31, 32, Rrn::SERIALS - 1] {
                let rrn = Rrn::new(Moment(1_795_340_000_000), shard, serial);
                assert_eq!(rrn.shard(), Ok(shard), "{rrn}");
                assert_eq!(rrn.as_str().len(), 12);
            }
        }
    }

    #[test]
    fn a_strange_rrn_is_refused_by_name() {
        assert_eq!(Rrn(*b"632600000U00").shard(), Err(NameError::Rrn), "U is not in the alphabet");
        assert!(Rrn::parse(b"short").is_err());
    }

    #[test]
    fn names_refuse_wrong_lengths_and_control_characters() {
        let length = NameError::Length { what: "terminal number", expected: 8, found: 3 };
        assert_eq!(TerminalNo::parse(b"123"), Err(length));
        let character = NameError::Character { what: "terminal number", at: 3 };
        assert_eq!(TerminalNo::parse(b"123\x0045678".get(..8).unwrap()), Err(character));
    }

    #[test]
    fn ids_sort_by_the_moment_of_opening() {
        let early = TallyId::new(Moment(1_000), [255; 10]);
        let late = TallyId::new(Moment(1_001), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<TallyId>(), Ok(early));
    }
}
