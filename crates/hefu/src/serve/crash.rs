//! A crash of the gateway in the process of a demonstration, and its start over the same store.
//!
//! Node and switch run inside the demonstration's process, so that its pages stay up and can show the crash. Both are
//! dropped as they stand: every connection breaks, what waits in the door and in the engine's memory is gone, an effect
//! that waits for its commit never leaves; only a commit that is under way may still stand, as it may when a process is
//! killed. (`hefu torture` kills real processes.)

use super::{Gate, Running, gate};
use crate::{Failure, config::Config};
use hefu_console::{Alarms, Console, Desk, Tickets};
use hefu_node::clock::ScaledClock;
use std::{path::Path, time::Duration};
use tokio::time::Instant;

/// How long the store of the crashed node may stay locked: its last commit is being written.
const LETS_GO_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What is left after a crash: the store, and the pages. Orders and decisions are answered 503.
pub struct Crashed {
    console: Console,
    clock: ScaledClock,
    desk: Desk,
    tickets: Tickets,
    alarms: Alarms,
}

impl Running {
    /// Crashes node and switch.
    pub fn crash(self) -> Crashed {
        let Running { console, node, switch, clock, desk, tickets, alarms } = self;
        // First what talks to the world: nothing that the node still does can be seen outside.
        drop(switch);
        drop(node);
        Crashed { console, clock, desk, tickets, alarms }
    }
}

impl Crashed {
    /// Opens the store again, and starts node and switch over it, where they were.
    ///
    /// # Errors
    /// The store stays locked, or cannot be opened; the terminals' address is taken.
    pub async fn start(self, config: &Config, path: &Path) -> Result<Running, (Crashed, Failure)> {
        let scale = self.clock.scale();
        let began = Instant::now();
        loop {
            match gate(config, path, scale, &self.tickets, &self.alarms).await {
                Ok(Gate { node, switch, clock }) => {
                    let Crashed { console, desk, tickets, alarms, .. } = self;
                    desk.moves_to(node.door());
                    return Ok(Running { console, node, switch, clock, desk, tickets, alarms });
                }
                Err(failure) if began.elapsed() >= LETS_GO_WITHIN => return Err((self, failure)),
                Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }
}
