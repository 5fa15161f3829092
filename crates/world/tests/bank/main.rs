//! The simulated bank, seen from its link: every message goes through the real codec and the real MAC.

#![allow(clippy::unwrap_used, reason = "whatever stands here is a test")]

mod acquirer;
mod cards;
mod journal;
mod rules;
mod script;
mod shell;
mod stand_in;
