//! The sales slip (签购单) and the settlement slip (结算单).
//!
//! Plain data go in, lines of text come out; nothing here reads a clock, a file or a card. A slip
//! shows the payment's status as it is now, so an old slip of a returned payment cannot be
//! printed again as if it still stood.
//!
//! ```text
//! SlipFields --agreement--> SlipData --layout--> [Line] --text----> String
//!                              |                    |---escpos--> bytes for a printer
//!                              sign                 |---pdf-----> bytes of a page
//!                              v                    +---html----> a piece of a page
//!                          SignedText --verify--> Checked --> [Line]
//! ```
//!
//! Every form starts from [`lines`] and [`settlement_lines`], where the content is final and only its form
//! is open. [`PrintQueue`] says what a till's printer prints next.

mod agreement;
mod data;
mod escpos;
mod fields;
mod html;
mod layout;
mod money;
mod page;
mod pdf;
mod qr;
mod queue;
mod refusal;
pub mod response_texts;
mod settlement;
mod signed;
mod text;
mod time;
mod words;

#[cfg(test)]
mod forms;
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
pub use escpos::{End, Printer, QrBy, escpos};
pub use fields::{
    Aid, Authorisation, Batch, EslipAddress, MaskedPan, MerchantNumber, Operator, Printable, Reference,
    TerminalNumber, Voucher,
};
pub use html::html;
pub use layout::lines;
pub use money::{Currency, Payment};
pub use page::Line;
pub use pdf::pdf;
pub use qr::Qr;
pub use queue::{Notice, PrintQueue, PrinterState, QueueRefusal, Slip, Task};
pub use refusal::Refusal;
pub use response_texts::{CodeText, Decline, lookup_ours};
pub use settlement::{Balance, CardGroup, SettlementData, Sides, Total, settlement_lines};
pub use signed::{
    Checked, KeysRefusal, Kid, PublicKey, PublicKeys, SignedRefusal, SignedText, Statement, sign, verify,
};
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

/// Any lines as monospaced text, as [`text()`].
pub fn plain(lines: &[Line], width: Width) -> String {
    text::render(lines, width.columns())
}
