//! A UnionPay POS terminal as the field knows it, with all its habits.
//!
//! [`Terminal`] is pure: commands, bytes and the time go in, [`Effect`]s come out. Whoever drives it decides when
//! power is cut, what the line loses and how fast time passes: the simulator by a seed, [`drive`] over a real
//! socket. [`LoadTerminal`] is the same terminal without journal and memory, for measuring.

mod api;
mod booking;
mod card;
mod chip;
mod core;
pub mod drive;
mod fields;
mod job;
mod landing;
mod launch;
mod ledger;
mod load;
mod memory;
mod money;
mod network;
mod numbers;
mod plan;
mod profile;
mod receipt;
mod refusal;
mod saved;
mod settle;
mod slips;
mod texts;
mod transaction;
mod verdict;
mod wire;

pub use self::core::{Owed, OwedReversal, Terminal};
pub use api::{
    Belief, Busy, Command, Counters, Effect, Hold, Original, Outcome, PrinterState, Question, Text, Wake,
};
pub use card::{CardError, CardInput, EntryMode};
pub use ledger::{LedgerEntry, Standing, Sum, Totals};
pub use load::{LoadTerminal, Reply};
pub use memory::{MemoryError, Reason};
pub use profile::{Firmware, Profile};
pub use receipt::{Body, ChipFacts, Payment, Receipt, Reference};
pub use transaction::{Shape, Side, Transaction};
