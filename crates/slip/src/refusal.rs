//! Every way in which a slip's data can be refused, one variant each.

use crate::data::{EntryMode, TransactionType};

/// Why a value or a combination of values cannot stand on a slip.
///
/// Positions count characters from 0. No variant carries the refused text itself, since that
/// text may be a card number that somebody forgot to mask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{field}: {found} characters, expected {min} to {max}")]
    Length { field: &'static str, found: usize, min: usize, max: usize },
    #[error("{field}: character {position} is not allowed, expected {expected}")]
    Character { field: &'static str, position: usize, expected: &'static str },
    #[error("card number: digit {position} is visible, only the first 6 and the last 4 may be")]
    VisibleDigit { position: usize },
    #[error("e-slip address: expected http:// or https:// at its beginning")]
    AddressScheme,
    #[error("e-slip address: character {position} is a #, which keeps its place for the signed text")]
    AddressFragment { position: usize },
    #[error("currency: {numeric} is no numeric code of ISO 4217")]
    CurrencyNumber { numeric: u16 },
    #[error("currency: exponent {exponent}, expected 0 to 4")]
    CurrencyExponent { exponent: u8 },
    #[error("date: {year:04}-{month:02}-{day:02} is not in the calendar")]
    Date { year: u16, month: u8, day: u8 },
    #[error("time: {hour:02}:{minute:02}:{second:02} is not on the clock")]
    Time { hour: u8, minute: u8, second: u8 },
    #[error("time: expected the form 2026-11-22T17:05:09+08:00")]
    TimeForm,
    #[error("{field}: {minor} is below zero")]
    NegativeAmount { field: &'static str, minor: i64 },
    #[error("{field}: the sum leaves the range of 64 bits")]
    Overflow { field: &'static str },
    #[error("amounts: {transaction:?} shows a payment if and only if it is no balance inquiry")]
    AmountsUnlikeType { transaction: TransactionType },
    #[error("amounts: a balance is shown by an approved inquiry only")]
    BalanceWithoutApproval,
    #[error("status: requested {requested}, expected more than the approved {approved}")]
    RequestedNotMore { requested: i64, approved: i64 },
    #[error("status: {code} does not say that the payment was refused")]
    NotADecline { code: String },
    #[error("status: a {transaction:?} cannot be {status}")]
    StatusUnlikeType { transaction: TransactionType, status: &'static str },
    #[error("original: {transaction:?} must name the payment that it changes")]
    OriginalMissing { transaction: TransactionType },
    #[error("original reference: {transaction:?} must name it")]
    OriginalReferenceMissing { transaction: TransactionType },
    #[error("original: {transaction:?} changes no earlier payment")]
    OriginalUnexpected { transaction: TransactionType },
    #[error("chip: there is none in a payment by {entry:?}")]
    ChipUnexpected { entry: EntryMode },
    #[error("totals: {transaction:?} takes no part in a settlement")]
    NotSettled { transaction: TransactionType },
    #[error("balance: not balanced, though both sides hold the same totals")]
    SidesAgree,
}
