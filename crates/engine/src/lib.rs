//! The one door: everything that changes a payment enters here as evidence. Pure: no I/O, no clock, no dice.
//!
//! [`Engine::handle`] takes a moment and an input and puts out what must be done: reads, commits, messages, answers.
//! Everything that is said outside is held back until what it depends on is durable.
//!
//! `engine` holds the state and goes on to `record` (evidence to facts), `commit` (the gate), `memory` (what is open
//! and what must be read) and `time` (duties). `terminal`, `settle` and `bank` are who may come to the door.

mod bank;
mod config;
mod engine;
mod io;
mod numbers;
mod secret;
mod settle;
mod stage;
mod terminal;

pub use config::{Config, Model};
pub use engine::{Engine, rrn_handle};
pub use hefu_tally::record::Counter;
pub use io::*;
pub use secret::Secret;
