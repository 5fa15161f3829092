//! The synchronous loop that feeds the engine and carries out its outputs.
//!
//! [`Node`] runs the engine on one thread and its store on another, watches disk and clock, and starts the engine
//! again when its store comes back; [`Door`] is the handle through which everybody else submits evidence.
//! [`carry_out`] is the loop's only contact with a store, and what the simulator uses in its place. No globals: a
//! node can be dropped and opened again in one process.

pub mod clock;
mod door;
mod keep;
mod life;
mod node;
mod state;
mod stories;
mod verify;
mod watch;
mod work;

pub use door::{Busy, Door, Inbox, door};
pub use keep::Keep;
pub use node::{MOST_AHEAD, Node, NodeError, Outbox, Start, Watch};
pub use state::{NodeState, Standing};
pub use stories::{Line, Story, StoryError, story};
pub use verify::{Finding, Verified, verify};
pub use watch::{Gauges, LOW, Limits, Machine};
pub use work::{Work, WorkError, carry_out};
