//! The response codes (DE39) that this bank answers with.

use serde::{Deserialize, Serialize};

/// What DE39 of an answer says.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Code {
    #[serde(rename = "00")]
    Approved,
    #[serde(rename = "10")]
    ApprovedInPart,
    #[serde(rename = "12")]
    InvalidTransaction,
    #[serde(rename = "13")]
    InvalidAmount,
    #[serde(rename = "14")]
    InvalidCard,
    #[serde(rename = "22")]
    OriginalAlreadyDone,
    #[serde(rename = "25")]
    NoOriginal,
    #[serde(rename = "30")]
    FormatError,
    #[serde(rename = "31")]
    UnknownAcquirer,
    #[serde(rename = "40")]
    NotSupported,
    #[serde(rename = "51")]
    InsufficientFunds,
    #[serde(rename = "54")]
    Expired,
    #[serde(rename = "55")]
    WrongPin,
    #[serde(rename = "61")]
    OverLimit,
    #[serde(rename = "64")]
    AmountDiffers,
    #[serde(rename = "68")]
    AnswerLate,
    #[serde(rename = "75")]
    PinTriesExceeded,
    #[serde(rename = "94")]
    Duplicate,
    #[serde(rename = "96")]
    SystemFault,
    // Said only when somebody at the control port asks for it.
    #[serde(rename = "01")]
    CallBank,
    #[serde(rename = "03")]
    UnknownMerchant,
    #[serde(rename = "05")]
    Declined,
    #[serde(rename = "41")]
    RetainCard,
    #[serde(rename = "45")]
    InsertChip,
    #[serde(rename = "57")]
    NotAllowed,
    #[serde(rename = "59")]
    CardCheckFailed,
    #[serde(rename = "77")]
    SignOnAgain,
    /// A PIN block or a MAC that does not fit the link's keys.
    #[serde(rename = "99")]
    KeysDoNotFit,
}

impl Code {
    /// The two characters of DE39.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Approved => "00",
            Code::ApprovedInPart => "10",
            Code::InvalidTransaction => "12",
            Code::InvalidAmount => "13",
            Code::InvalidCard => "14",
            Code::OriginalAlreadyDone => "22",
            Code::NoOriginal => "25",
            Code::FormatError => "30",
            Code::UnknownAcquirer => "31",
            Code::NotSupported => "40",
            Code::InsufficientFunds => "51",
            Code::Expired => "54",
            Code::WrongPin => "55",
            Code::OverLimit => "61",
            Code::AmountDiffers => "64",
            Code::AnswerLate => "68",
            Code::PinTriesExceeded => "75",
            Code::Duplicate => "94",
            Code::SystemFault => "96",
            Code::CallBank => "01",
            Code::UnknownMerchant => "03",
            Code::Declined => "05",
            Code::RetainCard => "41",
            Code::InsertChip => "45",
            Code::NotAllowed => "57",
            Code::CardCheckFailed => "59",
            Code::SignOnAgain => "77",
            Code::KeysDoNotFit => "99",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_and_the_message_spell_a_code_alike() {
        for code in [Code::Approved, Code::NoOriginal, Code::PinTriesExceeded, Code::KeysDoNotFit] {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }
}
