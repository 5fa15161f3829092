//! The simulated terminal against a small host that speaks the dialect.

#![expect(clippy::unwrap_used, reason = "a test that unwraps in vain has found something")]

mod confirm;
mod drive;
mod frames;
mod host;
mod order;
mod outcomes;
mod power;
mod rig;
mod settlement;
