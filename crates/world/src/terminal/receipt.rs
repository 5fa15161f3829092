//! What the terminal hands to its printer: the content of a slip, not its layout.

use super::card::EntryMode;
use super::ledger::Totals;
use super::transaction::Transaction;
use hefu_tally::Moment;
use serde::{Deserialize, Serialize};

/// One slip. No expiry and no full card number is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub merchant: String,
    pub terminal: String,
    pub name_zh: String,
    pub name_en: String,
    pub operator: String,
    pub at: Moment,
    pub batch: u32,
    pub body: Body,
}

/// What the slip is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Payment(Box<Payment>),
    Settlement {
        totals: Totals,
        /// Whether the acquirer's totals are the same.
        balanced: bool,
    },
}

/// A payment, void, refund or pre-authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub transaction: Transaction,
    /// F11, the voucher number.
    pub trace: u32,
    /// In fen.
    pub amount: i64,
    /// First six and last four digits.
    pub card: String,
    /// `None` when the number came from the terminal's records.
    pub entry: Option<EntryMode>,
    /// F37.
    pub rrn: Option<String>,
    /// F38.
    pub auth: Option<String>,
    /// The issuer's and acquirer's words, F63.2.
    pub note: Option<String>,
    /// Original voucher, reference and date of a void, refund or completion.
    pub original: Option<Reference>,
    pub chip: Option<ChipFacts>,
}

/// The payment that another one is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub batch: u32,
    pub trace: u32,
    pub rrn: Option<String>,
    /// `MMDD`.
    pub date: Option<String>,
}

/// Chip data that the slip shows, as hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipFacts {
    pub aid: String,
    pub tvr: String,
    pub tsi: String,
    pub atc: String,
    pub arqc: String,
}
