//! The virtual POS of a demonstration: terminals of the simulated world that people touch in a browser, a proxy in
//! each of their lines and in the bank's, and a fault board in front of it all. Its routes (`/api/pos`) are handed to
//! the console as an extra, so that `hefu serve` has none of them.
//!
//! The browser steers and is shown; it holds no key and no codec. A till (`till`) is a [`hefu_world::pos::Device`]
//! before a terminal that speaks the real dialect through the switch; what it is shown beside (`payments`: both halves,
//! the payer's phone, the bank's book) is read from the store and from the bank, and decides nothing.

mod drill;
mod frames;
mod house;
mod http;
mod names;
mod paper;
mod payments;
mod problem;
mod shop;
mod state;
#[cfg(test)]
mod tests;
mod till;

pub use house::{House, HouseConfig};

/// The routes with no house behind them: for their description.
pub fn undwelt() -> hefu_console::Extra {
    http::routes(http::Rooms::default())
}

use hefu_view::Words;
use hefu_world::terminal::Text;

/// A terminal's text as it is answered.
fn words(text: &Text) -> Words {
    Words { zh: text.zh.clone(), en: text.en.clone() }
}

fn pair((zh, en): (&str, &str)) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}
