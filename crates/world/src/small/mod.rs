//! Small worlds, exhaustively: for one or two payments with a few faults, every order of events and every crash
//! point, instead of drawn ones.
//!
//! A world is the real [`hefu_engine::Engine`] over the real [`hefu_store::MemoryStore`], and three models that are
//! as small as can be: terminals, a bank, and the lines between them. Messages are the engine's own values; there is
//! no codec, no key, no socket. [`explore`] walks through all states breadth-first, so that a broken rule is shown by
//! the shortest list of moves that breaks it.
//!
//! What happens by itself: somebody sends, a line delivers its oldest message, the store finishes what it was asked
//! first, a timer that is due goes off, the link or the gateway comes up again. These happen in every order. Time
//! passes to the next timer when nothing else can happen. What costs a fault ([`Scenario::faults`] of them at most):
//! a message is lost, comes twice, overtakes another; time passes although something else could happen, so that
//! messages are late; the gateway crashes, between any two outputs of the engine too, with what the store was about
//! to make durable surviving or not; the link is cut; a terminal loses power.
//!
//! What is left out adds no behaviour. An output that waits to be carried out is like a message on its line, but for
//! a crash: so crashes strike between outputs, and outputs do not wait. A reply that nobody waits for is gone at once.
//! When no fault is left, what touches nothing that anything else looks at comes first. Time stands still when all
//! that is owed is due at the day cut.
//!
//! States are merged by [`hefu_engine::Engine::fingerprint`] and a hash over everything else. In both, ids, references
//! and trace numbers are names: a state that a crash led to is the same as one without the crash when nothing but the
//! numbers is another. Versions, the numbers of batches and of leases are left out: there is one writer, and that none
//! of its commits is refused for a version is checked at each.

mod acts;
mod bank;
mod gateway;
mod judge;
mod lines;
mod print;
mod scenario;
mod search;
mod state;
mod terminal;
mod watch;

pub use bank::Manner;
pub use scenario::{SCENARIOS, Scenario, Station, Step, When};
pub use search::{Bounds, Ends, Report, Violation, explore};
