//! The thin shell: a terminal over a real socket, with its memory in a real file.
//!
//! [`run`] carries out one command and is gone, like a process that is started for it; [`DriveHandle`] is a terminal
//! that stays switched on. What can go wrong around a terminal is injected by [`Faults`].

mod file;
mod handle;
mod shell;
mod watch;

pub use handle::{DriveHandle, Report, View};
pub use watch::{Seen, Watcher};

use super::api::{Busy, Command, Outcome};
use super::memory::MemoryError;
use super::profile::Profile;
use shell::Shell;
use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;

/// A terminal and its surroundings.
#[derive(Clone, Debug)]
pub struct DriveConfig {
    /// Where the acquirer listens.
    pub address: SocketAddr,
    /// The terminal's memory; created when it is not there.
    pub state_file: PathBuf,
    /// Every stated time passes so many times faster; at least 1.
    pub time_scale: u32,
    pub profile: Profile,
    pub faults: Faults,
}

/// What goes wrong during the next command. Numbers count from 0.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The power fails before this effect is carried out.
    pub kill_before_effect: Option<usize>,
    /// The line breaks before this message is sent.
    pub cut_before_send: Option<usize>,
    /// The line breaks right after this message was sent.
    pub cut_after_send: Option<usize>,
}

/// Why a command was not carried through. The memory file is good in every case.
#[derive(Debug, Error)]
pub enum DriveError {
    #[error("terminal memory {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// The file is no memory of this terminal.
    #[error("terminal memory {path}: {source}")]
    Memory { path: PathBuf, source: MemoryError },
    #[error("terminal memory {path}: expected a file that begins with {expected:?}")]
    NotAMemory { path: PathBuf, expected: &'static str },
    #[error("terminal memory {path}: another process has this terminal switched on")]
    InUse { path: PathBuf },
    #[error("time scale: expected at least 1, found 0")]
    TimeScale,
    #[error("the operating system gives no random numbers: {0}")]
    Dice(getrandom::Error),
    #[error(transparent)]
    Busy(#[from] Busy),
    /// As [`Faults::kill_before_effect`] asked.
    #[error("the power failed before effect {effect}")]
    Killed { effect: usize },
    /// The terminal waits for nothing and yet has not ended: a defect of the terminal.
    #[error("the terminal stands still")]
    StandsStill,
    /// The terminal was switched off.
    #[error("the terminal is switched off")]
    Off,
}

/// Switches the terminal on, carries out one command, and switches it off.
///
/// # Errors
/// [`DriveError`]; a payment that fails is no error but an [`Outcome`].
pub async fn run(config: DriveConfig, command: Command) -> Result<Outcome, DriveError> {
    let mut shell = Shell::open(config).await?;
    shell.perform(command).await
}
