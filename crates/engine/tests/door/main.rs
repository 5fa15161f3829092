//! The engine behind its door, with a toy store and a bank that says what a test wants.

#![expect(clippy::unwrap_used, reason = "what a test cannot go on without stops it there")]

mod alike;
mod bounds;
mod chaos;
mod doubt;
mod follow;
mod gate;
mod identity;
mod lanes;
mod link;
mod people;
mod restart;
mod sale;
mod shop;
mod terminal;
mod toy;
mod world;
