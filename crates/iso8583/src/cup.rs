//! Sub-fields of the UnionPay POS dialect. F62, F63 in requests and F48 in other messages are free bytes.
//!
//! Each type has `parse`, from a field's content as [`crate::Message::get`] gives it, and `build`, which
//! gives what [`crate::Message::set`] takes.

mod balance;
mod f60;
mod f61;
mod f63;
mod settlement;
mod upload;

pub use crate::subfield::SubfieldError;
pub use balance::{Balance, Sign, build_balances, parse_balances};
pub use f60::F60;
pub use f61::F61;
pub use f63::F63Text;
pub use settlement::{Settlement, SettlementAnswer, Totals};
pub use upload::{MAX_ITEMS, Upload, UploadClosing, UploadItem};
