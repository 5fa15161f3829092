//! The thin half: sockets, timers and one mutex around the pure half.
//!
//! ```text
//! terminals --frames--> Edges --Input--> Door ) the node's
//! terminals <--frames-- Edges <-Output- Outbox) thread
//! banks     <-frames--> Edges
//! ```
//!
//! Each connection has one task, which reads. Replies leave through one task, and the requests of each link through
//! one of the link's own; they take many at a time and write to each connection once. Nobody waits for a slow peer but
//! its own tasks, and no queue is shared by two banks.

mod config;
mod feed;
mod line;
mod link;
mod outgoing;
mod outlet;
mod queue;
mod shared;
mod terminal;

#[cfg(test)]
mod tests;

pub use config::{LinkConfig, SwitchConfig, TerminalLimits};
pub use feed::{Busy, Door};
pub use outlet::Outbox;
pub use shared::Status;

use crate::{host::HostConfigError, pos::ConfigError};
use hefu_node::clock::ScaledClock;
use hefu_tally::{LinkId, Till};
use hefu_vault::{Dice, Vault, VaultError};
use shared::Shared;
use std::{io, net::SocketAddr, sync::Arc};
use thiserror::Error;
use tokio::task::JoinSet;

/// A running switch. Dropping it closes every connection; what was under way is as after a crash.
pub struct Switch {
    shared: Arc<Shared>,
    address: SocketAddr,
    #[expect(dead_code, reason = "dropping the set ends the tasks")]
    tasks: JoinSet<()>,
}

/// Why a switch did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("{address}: cannot listen: {error}")]
    Listen { address: SocketAddr, error: io::Error },
    #[error("terminals: {0}")]
    Pos(#[from] ConfigError),
    #[error("link {}: {error}", link.0)]
    Host { link: LinkId, error: HostConfigError },
    #[error("link {} is configured twice", link.0)]
    LinkTwice { link: LinkId },
}

impl Switch {
    /// Listens for terminals, and begins to connect all links. Runs on the caller's tokio runtime.
    ///
    /// The vault knows the terminals' master keys and the links' keys already; terminals' working keys may be in it,
    /// or follow by [`load_keys`](Self::load_keys).
    ///
    /// # Errors
    /// A configuration that cannot be, or an address that cannot be listened on.
    pub async fn start(
        config: SwitchConfig,
        vault: Vault,
        dice: Box<dyn Dice + Send>,
        clock: ScaledClock,
        door: Arc<dyn Door>,
    ) -> Result<Switch, StartError> {
        let listen = config.listen;
        let listener =
            terminal::listen(listen).map_err(|error| StartError::Listen { address: listen, error })?;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address: listen, error })?;
        let links = config.links.clone();
        let shared = Arc::new(Shared::new(config, vault, dice, clock, door)?);
        let mut tasks = JoinSet::new();
        for link in links {
            tasks.spawn(outlet::requests(shared.clone(), Some(link.host.link)));
            tasks.spawn(link::run(shared.clone(), link));
        }
        tasks.spawn(outlet::requests(shared.clone(), None));
        tasks.spawn(outlet::replies(shared.clone()));
        tasks.spawn(shared::housekeeping(shared.clone()));
        tasks.spawn(terminal::accept(shared.clone(), listener));
        Ok(Switch { shared, address, tasks })
    }

    /// Where terminals connect to; the port is known even if 0 was configured.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle through which the node's thread sends.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.shared.clone())
    }

    /// Gives a terminal the working keys that the store kept, oldest first. Until then it hears 77.
    ///
    /// # Errors
    /// The vault does not know the terminal, or the keys were not wrapped for it.
    pub fn load_keys(&self, till: &Till, wrapped: &[u8]) -> Result<(), VaultError> {
        let mut edges = self.shared.edges();
        let edges = &mut *edges;
        edges.pos.load_keys(&mut edges.vault, till, wrapped)
    }

    /// How things stand, for people.
    pub fn status(&self) -> Status {
        self.shared.status()
    }
}
