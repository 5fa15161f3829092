//! What a slip shows, as plain data that was checked as a whole.

use std::collections::BTreeSet;

use crate::{
    agreement,
    fields::{
        Aid, Authorisation, Batch, EslipAddress, MaskedPan, MerchantNumber, Operator, Printable, Reference,
        TerminalNumber, Voucher,
    },
    money::{Currency, Payment},
    refusal::Refusal,
    response_texts::Decline,
    signed::SignedText,
    time::{LocalDate, LocalTime},
};

/// One transaction as its slip shows it. Made by [`SlipData::new`], so that what it holds agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipData(SlipFields);

/// The fields of a slip, in the order in which they are printed. There is none for an expiry
/// date, and the card number can only be a masked one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipFields {
    pub marks: BTreeSet<Mark>,
    pub till: Till,
    pub issuer: Option<Name>,
    pub acquirer: Option<Name>,
    /// `None` for a wallet payment that shows no card number.
    pub card: Option<MaskedPan>,
    pub entry: EntryMode,
    pub transaction: TransactionType,
    pub batch: Batch,
    pub voucher: Voucher,
    pub authorisation: Option<Authorisation>,
    pub reference: Option<Reference>,
    /// Beijing time.
    pub time: LocalTime,
    pub currency: Currency,
    pub amounts: Amounts,
    /// The payment's status now, not when the slip was first made.
    pub status: Status,
    pub original: Option<Original>,
    pub issuer_text: Option<Printable>,
    pub chip: Option<Chip>,
    pub verification: Verification,
    pub eslip: Option<EslipAddress>,
}

impl SlipData {
    /// Refuses fields that contradict one another.
    pub fn new(fields: SlipFields) -> Result<SlipData, Refusal> {
        agreement::check(&fields)?;
        Ok(SlipData(fields))
    }

    pub fn fields(&self) -> &SlipFields {
        &self.0
    }

    /// The same slip, marked as printed again.
    pub fn again(&self) -> SlipData {
        let mut again = self.clone();
        again.0.marks.insert(Mark::Duplicate);
        again
    }

    /// The same slip with its signed text at its electronic address. Without an address nothing changes:
    /// there is no QR code to put it into.
    pub fn with_signed(mut self, signed: SignedText) -> SlipData {
        self.0.eslip = self.0.eslip.map(|address| address.with_signed(signed));
        self
    }
}

/// The place where the payment was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    pub name: Name,
    pub merchant: MerchantNumber,
    pub terminal: TerminalNumber,
    pub operator: Operator,
}

/// A name in Chinese and, if there is one, in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub zh: Printable,
    pub en: Option<Printable>,
}

impl Name {
    /// The name in the language, the Chinese one if there is no other.
    pub fn text(&self, language: Language) -> &str {
        let en = self.en.as_ref().unwrap_or(&self.zh);
        language.pick(self.zh.as_str(), en.as_str())
    }
}

/// The language of a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Zh,
    En,
}

impl Language {
    pub(crate) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

/// The width of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Mm58,
    Mm80,
}

impl Width {
    /// Columns of one ASCII character; a Chinese character takes two.
    pub fn columns(self) -> usize {
        match self {
            Width::Mm58 => 32,
            Width::Mm80 => 48,
        }
    }

    /// Dots that a thermal head prints across: 8 a millimetre over 48 and 72 mm, 12 a column.
    pub fn dots(self) -> usize {
        self.columns() * 12
    }
}

/// Whose copy it is. The merchant's is the one that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    Merchant,
    Cardholder,
}

/// What makes a slip less than a first original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Duplicate,
    Test,
    Training,
}

/// How the card was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryMode {
    Swipe,
    Insert,
    Contactless,
    Qr,
    Manual,
}

/// What was asked of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransactionType {
    Sale,
    Void,
    Refund,
    PreAuthorisation,
    PreAuthorisationVoid,
    Completion,
    CompletionVoid,
    CompletionAdvice,
    OfflineSale,
    BalanceInquiry,
}

/// The figures, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    Payment(Payment),
    /// The balance that an inquiry brought, which may be below zero, or none.
    Inquiry(Option<i64>),
}

/// The payment's status as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Approved,
    /// Less was approved than was asked for: the slip's total of the `requested` minor units.
    PartApproved {
        requested: i64,
    },
    Declined {
        code: Decline,
    },
    /// Nobody knows yet: do not charge again.
    Unknown,
    /// On its way back. Of a void: the void is being undone and the original stands.
    Returning,
    Returned,
    /// Voided by a later transaction.
    Voided,
    UnderReview,
}

/// The earlier payment that this one changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    pub voucher: Voucher,
    /// Required of a void and of a refund; a completion quotes the authorisation instead.
    pub reference: Option<Reference>,
    pub date: LocalDate,
}

/// What the chip left as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Application identifier, tag 84.
    pub aid: Option<Aid>,
    /// Terminal verification results, tag 95.
    pub tvr: [u8; 5],
    /// Transaction status information, tag 9B.
    pub tsi: Option<[u8; 2]>,
    /// Application transaction counter, tag 9F36.
    pub atc: [u8; 2],
    /// Application cryptogram, tag 9F26.
    pub arqc: [u8; 8],
}

/// What is asked of the cardholder on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    Signature,
    /// Below the configured amount: neither signature nor PIN, and the slip says so.
    NoSignatureNoPin,
    /// The payer confirmed otherwise, for example on a phone.
    NotOnPaper,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_english_stands_in_chinese() {
        let name = Name { zh: Printable::new("name", "合符").expect("printable"), en: None };
        assert_eq!(name.text(Language::En), "合符");
    }
}
