//! The simulated bank: issuer and card network in one, with test cards for every way in which a payment goes
//! wrong, and a durable book of its own that tests compare with the platform's.
//!
//! [`Bank`] is pure: a frame's body and the time go in, journal lines and answers come out. What it knows is made
//! by its journal's events alone, so that a journal replayed gives the same bank. [`serve`] puts it behind a
//! socket: one durable write for each batch of requests, and no answer before it.

mod answer;
mod behaviour;
mod book;
mod code;
mod config;
mod core;
mod credentials;
mod deeds;
mod financial;
mod journal;
mod key;
mod keys;
mod network;
mod record;
mod request;
mod reversals;
mod serve;
mod stand_in;
mod state;
mod text;

pub use behaviour::{Behaviour, InClearing, Manners, OnAdvice, OnCompletion, OnPayment, OnReversal, OnVoid};
pub use book::{AccountLine, Book, Entry, PaymentLine};
pub use code::Code;
pub use config::{
    BOOK_CAPACITY, BankConfig, LinkKeys, OPENING_BALANCE, TEST_ACQUIRER, TEST_FORWARDER, TEST_ZAK_HEX,
    TEST_ZMK_HEX, TEST_ZPK_HEX,
};
pub use core::{BadFrame, Bank, Effect};
pub use journal::JournalError;
pub use key::{Key, KeyTextError};
pub use record::{
    Event, Kind, Line, Movement, Outcome, Request, Reversal, Standing, Task, Transaction, What, Why,
    WorkingKey,
};
pub use serve::{
    BankError, BankHandle, BankServeConfig, Fault, Faults, Health, Refuse, TIME_SCALE_MAX, serve, serve_as,
};
pub use stand_in::{Names, Truth};
pub use state::ReplayError;
pub use text::{Card, Text};
