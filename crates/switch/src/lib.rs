//! Terminals and bank links: bytes in, engine inputs out; engine outputs in, bytes out. No payment rules.
//!
//! Two halves. The pure one knows no socket and no clock, so that a simulator can drive it as it is:
//! - [`pos`] decodes what terminals send, checks its MAC, translates its PIN, and encodes the answers.
//! - [`host`] encodes what goes to a bank and decodes what comes back.
//! - [`link_state`] says when a bank link is up, when to sign on, when to send an echo, when to give up.
//! - [`notes`] keeps a flood of refusals from flooding the record.
//!
//! The thin one, [`net`], moves the bytes with tokio.

pub mod host;
pub mod link_state;
pub mod net;
pub mod notes;
pub mod pos;

mod names;
mod shape;
#[cfg(test)]
mod testing;
