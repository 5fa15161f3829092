//! Why a terminal's request is answered at the edge, one name per reason. None of them holds card data.

use hefu_iso8583::{DecodeError, EncodeError, cup::SubfieldError, frame::Demand, tlv::TlvError};
use hefu_tally::{Code, ids::NameError};
use hefu_vault::{KeyLayout, PanError, PinBlockError, VaultError};
use thiserror::Error;

/// Why a request went no further than the edge.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("F{field} is missing")]
    Missing { field: u8 },
    #[error("F{field}, position {position}: expected {expected}")]
    Wrong { field: u8, position: usize, expected: &'static str },
    #[error("{0}")]
    Subfield(#[from] SubfieldError),
    #[error("F55: {0}")]
    Chip(#[from] TlvError),
    #[error("F{field}: {error}")]
    Name { field: u8, error: NameError },
    #[error("F{field}: {error}")]
    Card { field: u8, error: PanError },
    #[error("F2 and F35 name different cards")]
    TwoCards,
    #[error("F48: the totals overflow")]
    Totals,
    #[error("F4: expected more than 0")]
    NoAmount,
    #[error("MTI, F3, F25 and F60.1 together are no transaction")]
    NoTransaction,
    #[error("a transaction of this kind is never reversed")]
    NotReversible,
    #[error("F60.3 {code:03}: not offered")]
    NotOffered { code: u16 },
    #[error("F53, third digit: an encrypted track is not taken")]
    EncryptedTrack,
    #[error("F60.3 asks for keys of layout {}, the terminal is registered for {}", asked.code(), registered.code())]
    Layout { asked: KeyLayout, registered: KeyLayout },
    #[error("F52: {0}")]
    PinBlock(PinBlockError),
    #[error("F64 is missing")]
    NoMac,
    #[error("F64 is wrong")]
    WrongMac,
    #[error("the terminal has no working keys")]
    NoWorkingKeys,
    #[error("the terminal is not registered")]
    UnknownTerminal,
    #[error("the merchant is not registered")]
    UnknownMerchant,
    /// Keys that the configuration should have set are not there.
    #[error("keys: {0}")]
    Keys(VaultError),
    #[error("too many requests wait already")]
    Busy,
}

impl Refusal {
    /// F39 of the answer.
    pub fn code(&self) -> Code {
        Code(match self {
            Refusal::Decode(_)
            | Refusal::Missing { .. }
            | Refusal::Wrong { .. }
            | Refusal::Subfield(_)
            | Refusal::Chip(_)
            | Refusal::Name { .. }
            | Refusal::TwoCards
            | Refusal::Totals
            | Refusal::PinBlock(_) => *b"30",
            Refusal::Card { error, .. } => match error {
                PanError::CheckDigit => *b"14",
                PanError::Length { .. } | PanError::NotADigit { .. } => *b"30",
            },
            Refusal::NoAmount => *b"13",
            Refusal::NoTransaction | Refusal::NotReversible => *b"12",
            Refusal::NotOffered { .. } | Refusal::EncryptedTrack | Refusal::Layout { .. } => *b"40",
            Refusal::NoMac | Refusal::WrongMac => *b"A0",
            Refusal::NoWorkingKeys => *b"77",
            Refusal::UnknownTerminal => *b"97",
            Refusal::UnknownMerchant => *b"03",
            Refusal::Keys(_) => *b"99",
            Refusal::Busy => *b"91",
        })
    }

    /// The word that classes it on record.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Decode(_)
            | Refusal::Missing { .. }
            | Refusal::Wrong { .. }
            | Refusal::Subfield(_)
            | Refusal::Chip(_)
            | Refusal::Name { .. }
            | Refusal::Card { .. }
            | Refusal::TwoCards
            | Refusal::Totals
            | Refusal::NoAmount
            | Refusal::NoTransaction
            | Refusal::NotReversible => "bad_message",
            Refusal::NotOffered { .. } | Refusal::EncryptedTrack | Refusal::Layout { .. } => "not_offered",
            Refusal::PinBlock(_) => "bad_pin_block",
            Refusal::NoMac | Refusal::WrongMac => "wrong_mac",
            Refusal::NoWorkingKeys => "no_working_keys",
            Refusal::UnknownTerminal => "unknown_terminal",
            Refusal::UnknownMerchant => "unknown_merchant",
            Refusal::Keys(_) => "configuration",
            Refusal::Busy => "busy",
        }
    }

    /// What the answer's header asks the terminal to do: whoever has no keys in common with us signs on again.
    pub fn demand(code: Code) -> Demand {
        match &code.0 {
            b"77" | b"A0" => Demand::SignOnAgain,
            _ => Demand::Nothing,
        }
    }
}

/// The vault's refusals while a request is checked.
impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Refusal {
        match error {
            VaultError::NoWorkingKeys(_) => Refusal::NoWorkingKeys,
            VaultError::BadMac(_) => Refusal::WrongMac,
            VaultError::PinBlock(error) => Refusal::PinBlock(error),
            error @ (VaultError::UnknownTerminal(_)
            | VaultError::KeyGone(_)
            | VaultError::NoTrackKey(_)
            | VaultError::UnknownLink(_)
            | VaultError::Track2(_)
            | VaultError::Seal(_)
            | VaultError::UnknownLayout
            | VaultError::F62(_)
            | VaultError::Key(_)) => Refusal::Keys(error),
        }
    }
}

/// Why a reply became no frame.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReplyError {
    /// The connection is closed, or the conversation was too old.
    #[error("nobody waits for this reply any more")]
    NobodyWaits,
    /// The keys of the request are gone, or those of a sign-on do not open.
    #[error("keys of the answer: {0}")]
    Keys(#[from] VaultError),
    /// A field of the answer does not fit the dialect.
    #[error("answer: {0}")]
    Encode(#[from] EncodeError),
    /// A part of a field of the answer does not fit.
    #[error("answer: {0}")]
    Subfield(#[from] SubfieldError),
}
