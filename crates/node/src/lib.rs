//! The synchronous loop that feeds the engine and carries out its outputs.
//!
//! [`Node`] runs the engine on one thread and its store on another; [`Door`] is the handle through which everybody
//! else submits evidence. [`carry_out`] is the loop's only contact with a store, and what the simulator uses in its
//! place. No globals: a node can be dropped and opened again in one process.

pub mod clock;
mod node;
mod stories;
mod verify;
mod work;

pub use node::{Busy, Door, Inbox, Maintain, Node, NodeError, Outbox, Start, door};
pub use stories::{Line, Story, StoryError, story};
pub use verify::{Finding, Verified, verify};
pub use work::{Work, WorkError, carry_out};
