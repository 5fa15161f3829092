//! The HTTP door of a running gateway: payments as people see them, live; how the gateway stands; orders about bank
//! links and decisions about payments; and the pages. It decides nothing: an order or a decision is handed to the
//! engine like any other evidence, and what is answered here is what the engine made durable.
//!
//! Everybody who asks is known (`door`), asks for what his role may (`hefu_people`), sees what his scope holds, and
//! what matters is written down. What lists and searches read is an index of its own, kept by a reader of facts
//! (`index`), so that nobody who looks slows a payment.

mod api;
mod counter;
mod desk;
mod door;
mod feed;
mod index;
mod listen;
mod look;
mod names;
mod pages;
mod payer;
mod problem;
mod pulse;
mod staff;

pub use api::{Extra, description};
pub use desk::{Alarm, Alarms, Desk, Tickets};
pub use index::{IndexError, Source, built};
pub use staff::StaffConfig;

use feed::Feed;
use hefu_payer::Slips;
use hefu_tally::{LinkId, Till};
use index::Reader;
use listen::{Bounded, Peer};
use look::Look;
use pulse::Pulse;
use staff::Staff;
use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};
use thiserror::Error;
use tokio::{net::TcpListener, task::JoinHandle};

/// What the console shows and whom it asks.
pub struct ConsoleConfig {
    pub listen: SocketAddr,
    /// A proxy in front of it speaks https, and says in `X-Forwarded-For` who asks.
    pub behind_tls: bool,
    /// The links by their configured names.
    pub links: BTreeMap<String, LinkId>,
    /// Where it reads, and where its index lies.
    pub source: Source,
    /// Tells this run of the program from others.
    pub run: u64,
    pub staff: StaffConfig,
    /// Whether a terminal keeps its reversals until they are acknowledged.
    pub certified: Arc<dyn Fn(&Till) -> bool + Send + Sync>,
    /// Makes the slips, and the payers' pages.
    pub slips: Arc<Slips>,
    /// Routes that a demonstration brings along; production has none.
    pub extra: Option<Extra>,
}

/// Why the console could not be opened.
#[derive(Debug, Error)]
pub enum ConsoleError {
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
    work: Vec<JoinHandle<()>>,
    _reader: Reader,
}

impl Console {
    /// Opens the console over a running node.
    ///
    /// # Errors
    /// The address is taken; the index cannot be opened.
    pub async fn open(config: ConsoleConfig, desk: Desk) -> Result<Console, ConsoleError> {
        let wanted = config.listen;
        let failed = |source| ConsoleError::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let feed = Feed::new(config.run);
        let reader = Reader::start(config.source.clone(), feed.clone())?;
        let (staff, key) = Staff::new(config.staff);
        let rooms = Arc::new(api::Rooms {
            links: api::Links(config.links),
            counter: counter::Counter::new(desk.clone()),
            desk,
            now: config.source.now.clone(),
            look: Look::new(config.source),
            feed,
            pulse: Pulse::new(),
            staff,
            nonces: door::Nonces::new(key),
            buckets: door::Buckets::of(door::REQUESTS),
            lookups: door::Buckets::of(door::LOOKUPS),
            slips: config.slips,
            streams: api::Streams::default(),
            behind_tls: config.behind_tls,
            only_local_names: address.ip().is_loopback() && !config.behind_tls,
            certified: config.certified,
        });
        let mut work = Vec::new();
        work.push(tokio::spawn(pulse::beat(Arc::downgrade(&rooms))));
        work.push(tokio::spawn(api::keep_tidy(Arc::downgrade(&rooms))));
        let service = api::router(rooms, config.extra).into_make_service_with_connect_info::<Peer>();
        work.push(tokio::spawn(async move {
            if let Err(error) = axum::serve(Bounded::new(listener), service).await {
                tracing::error!(%error, "the console has closed");
            }
        }));
        Ok(Console { address, work, _reader: reader })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.work.iter().for_each(JoinHandle::abort);
    }
}
