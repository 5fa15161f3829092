//! The file that stands for the terminal's flash memory. It is replaced whole or not at all.

use super::DriveError;
use hefu_tally::Moment;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The memory file, locked as long as the terminal is switched on.
pub(super) struct StateFile {
    path: PathBuf,
    /// The moment from which scaled time runs, so that it does not jump back when the terminal is switched on again.
    anchor: Moment,
    /// Shared with a write under way: after a power cut nobody opens the file before that write has ended.
    lock: Arc<File>,
}

/// What the file begins with; the anchor follows in 8 bytes, then the sealed memory.
const MAGIC: &str = "HEFU TERMINAL 1\n";

impl StateFile {
    /// Opens the file and gives what is in it; a file that is not there is a terminal that is new at `now`.
    pub(super) fn open(path: PathBuf, now: Moment) -> Result<(StateFile, Option<Vec<u8>>), DriveError> {
        let lock = Arc::new(lock(&path)?);
        let content = match std::fs::read(&path) {
            Ok(content) => Some(content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(DriveError::File { path, source }),
        };
        let Some(content) = content else {
            return Ok((StateFile { path, anchor: now, lock }, None));
        };
        let rest = content.strip_prefix(MAGIC.as_bytes()).and_then(|rest| rest.split_first_chunk());
        let Some((anchor, sealed)) = rest else {
            return Err(DriveError::NotAMemory { path, expected: MAGIC });
        };
        let anchor = Moment(i64::from_be_bytes(*anchor));
        Ok((StateFile { path, anchor, lock }, Some(sealed.to_vec())))
    }

    pub(super) fn anchor(&self) -> Moment {
        self.anchor
    }

    /// Replaces the memory; when this returns it is durable.
    pub(super) async fn replace(&self, sealed: Vec<u8>) -> Result<(), DriveError> {
        let content = [MAGIC.as_bytes(), &self.anchor.0.to_be_bytes(), &sealed].concat();
        let (path, lock) = (self.path.clone(), self.lock.clone());
        let write = move || {
            let written = replace(&path, &content);
            drop(lock);
            written
        };
        let written = tokio::task::spawn_blocking(write).await;
        let written = written.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        written.map_err(|source| DriveError::File { path: self.path.clone(), source })
    }
}

/// Write beside it, sync, rename over it, sync the folder: after a power cut either memory stands whole.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = with_suffix(path, "new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn lock(path: &Path) -> Result<File, DriveError> {
    let failed = |source| DriveError::File { path: path.to_owned(), source };
    let file = File::create(with_suffix(path, "lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DriveError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}
