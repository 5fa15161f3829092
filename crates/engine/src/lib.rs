//! The one door: everything that changes a payment enters here as evidence. Pure: no I/O, no clock, no dice.
//!
//! [`Engine::handle`] takes a moment and an input and puts out what must be done: reads, commits, messages, answers.
//! Everything that is said outside is held back until what it depends on is durable.
//!
//! `engine` holds the state and goes on to `record` (evidence to facts), `commit` (the gate), `memory` (what is open
//! and what must be read) and `time` (duties). `terminal`, `settle`, `bank` and `decide` are who may come to the door;
//! `links` and `lanes` say what goes out on which bank link, and when.

mod bank;
mod config;
mod decide;
mod engine;
mod io;
mod lanes;
mod links;
mod numbers;
mod secret;
mod settle;
mod stage;
mod terminal;

pub use config::{Config, Model};
pub use decide::{LinkStatus, Status};
pub use engine::{Engine, rrn_handle};
pub use hefu_tally::record::Counter;
pub use io::*;
pub use lanes::LinkRules;
pub use secret::Secret;
