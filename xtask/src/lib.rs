//! Everything that is done to the project rather than by it: set-up, tests, demo, checks.
//!
//! The subcommands are in `main.rs`. What they share with the ordinary tests of this package is here.

pub mod api;
pub mod browser;
pub mod debian;
pub mod last_words;
pub mod licences;
pub mod mutants;
pub mod pace;
pub mod pages;
pub mod refusal;
pub mod rooms;
pub mod running;
pub mod setup;
pub mod steps;
pub mod testing;
pub mod workspace;
