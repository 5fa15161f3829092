//! The bank as a process: a socket for the acquirer's links, a control port, and the book on disk.
//!
//! One task owns the bank (`teller`). Links push what they read into its bounded inbox; it takes what waits as one
//! batch, writes the batch's journal lines with one sync, and only then lets the answers go.

mod control;
mod fault;
mod link;
mod teller;

pub use control::Health;
pub use fault::{Fault, Faults, Refuse};

use super::book::Book;
use super::config::BankConfig;
use super::core::Bank;
use super::journal::{Journal, JournalError};
use hefu_node::clock::{Clock, ScaledClock};
use hefu_tally::Moment;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use teller::{Inbox, Teller};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Messages that wait for the teller before links stop reading.
const INBOX: usize = 1_024;

/// Where the bank listens, and where it keeps its book.
#[derive(Clone, Debug)]
pub struct BankServeConfig {
    /// For the acquirer's links. Port 0 takes any free port.
    pub listen: SocketAddr,
    /// For `GET /book`, `GET /health`, `POST /fault`.
    pub control: SocketAddr,
    /// The book's file; made if it is not there.
    pub book: PathBuf,
    /// How many times faster than the wall clock the bank's time passes; 1 to 1,000,000.
    pub time_scale: u32,
}

/// Why the bank does not run, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("time scale: expected 1 to {max}, found {found}")]
    TimeScale { found: u32, max: u32 },
    #[error("the book: {0}")]
    Journal(#[from] JournalError),
    #[error("a task of the bank died: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("the bank has stopped")]
    Stopped,
}

/// The most that [`BankServeConfig::time_scale`] may be.
pub const TIME_SCALE_MAX: u32 = 1_000_000;

/// A running bank, seen from the same process. Dropping it does not stop the bank.
#[derive(Clone)]
pub struct BankHandle {
    listen: SocketAddr,
    control: SocketAddr,
    inbox: mpsc::Sender<Inbox>,
    stop: watch::Sender<bool>,
}

/// Runs the test link's bank, as [`serve_as`] does.
///
/// # Errors
/// Those of [`serve_as`].
pub async fn serve(config: BankServeConfig, ready: oneshot::Sender<BankHandle>) -> Result<(), BankError> {
    serve_as(BankConfig::test(), config, ready).await
}

/// Runs a bank until it is stopped, and gives a handle when it listens. To drop the future is to kill the bank: what
/// its book says survives, nothing else.
///
/// # Errors
/// An address that cannot be had, a book that cannot be read or written. A bank that cannot write its book stops.
pub async fn serve_as(
    bank: BankConfig,
    config: BankServeConfig,
    ready: oneshot::Sender<BankHandle>,
) -> Result<(), BankError> {
    if !(1..=TIME_SCALE_MAX).contains(&config.time_scale) {
        return Err(BankError::TimeScale { found: config.time_scale, max: TIME_SCALE_MAX });
    }
    let (path, scale) = (config.book, config.time_scale);
    let (bank, journal, clock) = tokio::task::spawn_blocking(move || open(bank, path, scale)).await??;
    let (links, listen) = bind(config.listen).await?;
    let (pages, control) = bind(config.control).await?;
    let (inbox, waiting) = mpsc::channel(INBOX);
    let (stop, stopped) = watch::channel(false);
    let (down, is_down) = watch::channel(false);

    // Dropped with this future, and its tasks with it.
    let mut tasks = JoinSet::new();
    tasks.spawn(link::accept(links, inbox.clone(), is_down));
    tasks.spawn(control::answer(pages, inbox.clone()));
    let handle = BankHandle { listen, control, inbox, stop };
    tracing::info!(%listen, %control, "the bank is open");
    // Whoever waited may have gone; the bank runs all the same.
    let _ = ready.send(handle.clone());
    let served = Teller::new(bank, journal, clock, down).run(waiting, stopped).await;
    drop(handle);
    served
}

impl BankHandle {
    /// Where the links connect to.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Where the control port is.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// What the bank has read goes into its book, and [`serve`] returns. Answers still on their way may be lost.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// The book as of now; all of it is durable.
    pub async fn book(&self) -> Result<Book, BankError> {
        control::book(&self.inbox).await
    }

    /// Sets faults of the line, as `POST /fault` does.
    pub async fn fault(&self, fault: Fault) -> Result<Faults, BankError> {
        control::fault(&self.inbox, fault).await
    }

    /// What `GET /health` shows.
    pub async fn health(&self) -> Result<Health, BankError> {
        control::health(&self.inbox).await
    }
}

/// The bank's time: scaled from the book's anchor on, and never before the book's last line, even when the book is
/// opened under a smaller scale than it was kept under.
pub(super) struct BookClock {
    scaled: ScaledClock,
    ahead: i64,
}

impl BookClock {
    fn new(anchor: Moment, last: Moment, scale: u32) -> BookClock {
        let scaled = ScaledClock::new(anchor, scale);
        let ahead = last.since(scaled.now()).max(0);
        BookClock { scaled, ahead }
    }

    fn now(&self) -> Moment {
        self.scaled.now().after(self.ahead)
    }

    fn real_until(&self, due: Moment) -> Duration {
        self.scaled.real_until(due.after(-self.ahead))
    }
}

fn open(config: BankConfig, path: PathBuf, scale: u32) -> Result<(Bank, Journal, BookClock), BankError> {
    let mut bank = Bank::new(config);
    let wall = ScaledClock::wall();
    let journal = Journal::open(&path, &mut bank, wall)?;
    let (anchor, last) = (bank.anchor().unwrap_or(wall), bank.last().unwrap_or(wall));
    Ok((bank, journal, BookClock::new(anchor, last, scale)))
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BankError> {
    let failed = |source| BankError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
