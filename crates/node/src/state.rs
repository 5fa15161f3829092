//! How a node stands, published for whoever wants to know: pages, probes, the control port.

use hefu_store::{StoreError, Trouble};
use std::{
    error::Error,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// How a node stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeState {
    /// Not at work yet: the store is being opened, or the clock has to catch up with it first.
    Starting,
    Running,
    /// At work, without new payments: the store's disk is nearly full.
    DiskLow,
    /// At work, without new payments: wall clock and monotonic clock disagree.
    ClockJumped,
    /// Not at work: the store has no room.
    StoreFull,
    /// Not at work: the store's medium takes no writes.
    StoreReadOnly,
    /// Not at work: the store failed in another way.
    StoreFailed(String),
}

impl NodeState {
    /// Whether the engine is at work; otherwise the door refuses every input.
    pub fn is_at_work(&self) -> bool {
        match self {
            NodeState::Running | NodeState::DiskLow | NodeState::ClockJumped => true,
            NodeState::Starting
            | NodeState::StoreFull
            | NodeState::StoreReadOnly
            | NodeState::StoreFailed(_) => false,
        }
    }

    /// What a failed store means.
    pub(crate) fn of(error: &StoreError) -> NodeState {
        match error.trouble() {
            Trouble::Full => NodeState::StoreFull,
            Trouble::ReadOnly => NodeState::StoreReadOnly,
            Trouble::Busy | Trouble::Corrupt | Trouble::Other => NodeState::StoreFailed(whole(error)),
        }
    }
}

/// For people.
impl fmt::Display for NodeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeState::Starting => f.write_str("starting"),
            NodeState::Running => f.write_str("running"),
            NodeState::DiskLow => f.write_str("no new payments: the store's disk is nearly full"),
            NodeState::ClockJumped => f.write_str("no new payments: the clock was changed"),
            NodeState::StoreFull => f.write_str("stopped: the store has no room"),
            NodeState::StoreReadOnly => f.write_str("stopped: the store cannot be written to"),
            NodeState::StoreFailed(why) => write!(f, "stopped: the store failed: {why}"),
        }
    }
}

/// An error with all that lies under it.
pub(crate) fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(error) = under {
        text.push_str(": ");
        text.push_str(&error.to_string());
        under = error.source();
    }
    text
}

/// The state as the node keeps it and everybody else reads it. A clone shows the same.
#[derive(Clone)]
pub struct Standing {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<NodeState>,
    /// Whether the door takes inputs. Apart from the state, because every input asks.
    open: AtomicBool,
    /// Nobody owns the node any more: an order to stop that found no room in the inbox.
    abandoned: AtomicBool,
}

impl Standing {
    /// Before there is a node: inputs wait for it.
    pub(crate) fn new() -> Standing {
        let state = Mutex::new(NodeState::Starting);
        let (open, abandoned) = (AtomicBool::new(true), AtomicBool::new(false));
        Standing { shared: Arc::new(Shared { state, open, abandoned }) }
    }

    /// The node's state at this moment.
    pub fn now(&self) -> NodeState {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether inputs are taken.
    pub(crate) fn takes_inputs(&self) -> bool {
        self.shared.open.load(Ordering::Acquire)
    }

    pub(crate) fn abandon(&self) {
        self.shared.abandoned.store(true, Ordering::Release);
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.shared.abandoned.load(Ordering::Acquire)
    }

    /// Sets the state, and the door accordingly. Returns the state before.
    pub(crate) fn set(&self, state: NodeState) -> NodeState {
        self.shared.open.store(state.is_at_work(), Ordering::Release);
        let mut kept = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut kept, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn failed(kind: io::ErrorKind) -> StoreError {
        StoreError::Probe { path: "hefu.db.probe".into(), source: kind.into() }
    }

    #[test]
    fn a_failed_store_is_published_by_its_name_and_closes_the_door() {
        let cases = [
            (io::ErrorKind::StorageFull, "stopped: the store has no room"),
            (io::ErrorKind::ReadOnlyFilesystem, "stopped: the store cannot be written to"),
            (io::ErrorKind::TimedOut, "stopped: the store failed: cannot write to hefu.db.probe: timed out"),
        ];
        for (kind, words) in cases {
            let standing = Standing::new();
            assert!(standing.takes_inputs(), "before there is a node inputs wait for it");
            let state = NodeState::of(&failed(kind));
            assert_eq!(standing.set(state.clone()), NodeState::Starting);
            assert_eq!(standing.clone().now(), state);
            assert_eq!(standing.now().to_string(), words);
            assert!(!standing.takes_inputs(), "{words}");
            assert_eq!(standing.set(NodeState::Running), state);
            assert!(standing.takes_inputs());
        }
    }

    #[test]
    fn a_node_that_only_refuses_new_payments_is_at_work() {
        for state in [NodeState::Running, NodeState::DiskLow, NodeState::ClockJumped] {
            assert!(state.is_at_work(), "{state}");
        }
    }
}
