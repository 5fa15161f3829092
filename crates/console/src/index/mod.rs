//! The console's own tables: what lists and searches read. A reader of facts keeps them, in a file of their own, at
//! its own pace: it may fall behind without slowing a payment, and the file may be deleted, it is built again.

mod reader;
mod search;
mod tables;

pub use reader::{Reader, Source};
pub use search::{Query, is_card};
pub use tables::{Index, IndexError, built};
