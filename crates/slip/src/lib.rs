//! The sales slip (签购单) and the settlement slip (结算单).
//!
//! Plain data go in, lines of text come out; nothing here reads a clock, a file or a card. A slip
//! shows the payment's status as it is now, so an old slip of a returned payment cannot be
//! printed again as if it still stood.
//!
//! ```text
//! SlipFields --agreement--> SlipData --layout--> [Line] --text--> String
//! ```
//!
//! Pages and printer commands start from [`lines`] and [`settlement_lines`], where the content is
//! final and only its form is open.

mod agreement;
mod data;
mod fields;
mod layout;
mod money;
mod page;
mod refusal;
pub mod response_texts;
mod settlement;
mod text;
mod time;
mod words;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;

pub use data::{
    Amounts, Chip, Copy, EntryMode, Language, Mark, Name, Original, SlipData, SlipFields, Status, Till,
    TransactionType, Verification, Width,
};
pub use fields::{
    Aid, Authorisation, Batch, EslipAddress, MaskedPan, MerchantNumber, Operator, Printable, Reference,
    TerminalNumber, Voucher,
};
pub use layout::lines;
pub use money::{Currency, Payment};
pub use page::Line;
pub use refusal::Refusal;
pub use response_texts::Decline;
pub use settlement::{Balance, CardGroup, SettlementData, Sides, Total, settlement_lines};
pub use time::{LocalDate, LocalTime};
pub use words::Word;

/// The sales slip as monospaced text, no line wider than the paper, each ended by a line feed.
pub fn text(data: &SlipData, copy: Copy, width: Width, language: Language) -> String {
    text::render(&lines(data, copy, language), width.columns())
}

/// The settlement slip as monospaced text, as [`text()`].
pub fn settlement_text(data: &SettlementData, width: Width, language: Language) -> String {
    text::render(&settlement_lines(data, language), width.columns())
}
