//! The HTTP door of a running gateway: payments as people see them, live; how the gateway stands; a person's orders
//! about bank links and decisions about payments. It decides nothing: an order or a decision is handed to the engine
//! like any other evidence, and what is answered here is what the engine made durable.
//!
//! What lists and searches read is an index of its own, kept by a reader of facts (`index`), so that nobody who looks
//! slows a payment. There are no accounts yet, so it listens on loopback alone, and takes only requests that name a
//! loopback host: a page from elsewhere that is open in this machine's browser cannot speak to it.

mod api;
mod desk;
mod feed;
mod index;
mod look;
mod problem;

pub use api::description;
pub use desk::{Alarms, Desk, Tickets};
pub use index::Source;

use feed::Feed;
use hefu_tally::LinkId;
use index::{IndexError, Reader};
use look::Look;
use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};
use thiserror::Error;
use tokio::{net::TcpListener, task::JoinHandle};

/// What the console shows and whom it asks.
pub struct ConsoleConfig {
    pub listen: SocketAddr,
    /// The links by their configured names.
    pub links: BTreeMap<String, LinkId>,
    /// Where it reads, and where its index lies.
    pub source: Source,
    /// Tells this run of the program from others.
    pub run: u64,
}

/// Why the console could not be opened.
#[derive(Debug, Error)]
pub enum ConsoleError {
    #[error("the console has no sign-in yet, so it listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    #[error("the console cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// A console at work. It closes when it is dropped.
pub struct Console {
    address: SocketAddr,
    serving: JoinHandle<()>,
    _reader: Reader,
}

impl Console {
    /// Opens the console over a running node.
    ///
    /// # Errors
    /// The address is not on loopback, or taken; the index cannot be opened.
    pub async fn open(config: ConsoleConfig, desk: Desk) -> Result<Console, ConsoleError> {
        let wanted = config.listen;
        if !wanted.ip().is_loopback() {
            return Err(ConsoleError::NotLoopback(wanted));
        }
        let failed = |source| ConsoleError::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let feed = Feed::new(config.run);
        let reader = Reader::start(config.source.clone(), feed.clone())?;
        let rooms = api::Rooms {
            links: api::Links(config.links),
            desk,
            now: config.source.now.clone(),
            look: Look::new(config.source),
            feed,
        };
        let router = api::router(Arc::new(rooms));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the console has closed");
            }
        });
        Ok(Console { address, serving, _reader: reader })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
