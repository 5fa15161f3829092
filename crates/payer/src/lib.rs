//! What the payer sees: the slip of a payment as it stands now, and the page behind the code on it, in plain words:
//! was I charged, does the shop know, is money coming back, when, why. Pages are text made from what the store knows;
//! they need no script. Pure: time comes in, and nothing is read or written here.

mod answers;
mod fields;
mod frame;
mod lookup;
mod page;
mod slips;
#[cfg(test)]
mod tests;

pub use answers::{Answers, Tone};
pub use frame::{SCRIPT, STYLE};
pub use hefu_slip::Language;
pub use lookup::{Found, Lookup, Wanted, lookup};
pub use page::{Showing, missing, page, too_many};
pub use slips::{Shop, Slips, SlipsError};
