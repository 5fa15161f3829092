//! What people see of a payment: one row of a list ([`Row`]), its whole story ([`Page`]), and the words for both in
//! Chinese and English ([`words`]). Terminal, pages, slips and command line speak of one state, so they take their
//! words from one room. It decides nothing and keeps nothing; it is pure.

pub mod names;
mod page;
mod row;
mod sentence;
#[cfg(test)]
mod tests;
pub mod words;

pub use page::{Action, Entry, LegView, NoticeView, Page, PostingView, needs_second_person};
pub use row::{Amount, DutyView, Row};
pub use sentence::sentence;
pub use words::Words;
