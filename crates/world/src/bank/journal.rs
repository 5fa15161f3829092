//! The bank's book on disk: one JSON line for each change, appended and synced before any answer that it speaks of.

use super::core::Bank;
use super::record::{Event, Line};
use super::state::ReplayError;
use hefu_tally::Moment;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest line that is read back, in bytes.
const LINE_LIMIT: u64 = 1 << 20;
/// A bank that was killed may be in its last write while the next one opens the book.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// An open book, locked against a second bank.
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

/// Why a book cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: another bank has this book open", path.display())]
    InUse { path: PathBuf },
    #[error("{}: line {line}: expected the line that opens a bank's book", path.display())]
    NotABook { path: PathBuf, line: u64 },
    #[error("{}: line {line}: {source}", path.display())]
    Unreadable { path: PathBuf, line: u64, source: serde_json::Error },
    #[error("{}: line {line}: longer than {LINE_LIMIT} bytes", path.display())]
    TooLong { path: PathBuf, line: u64 },
    #[error("{}: line {line}: {source}", path.display())]
    Impossible { path: PathBuf, line: u64, source: ReplayError },
}

impl Journal {
    /// Opens the book and plays it back into `bank`, which must be new. A last line without its end, as a kill
    /// leaves it, is cut off: its answer never left. A new book begins with `anchor`.
    pub(super) fn open(path: &Path, bank: &mut Bank, anchor: Moment) -> Result<Journal, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        lock(&file, path)?;
        let mut journal = Journal { file, path: path.to_owned() };
        let (lines, good, torn) = journal.read_into(bank)?;
        if torn > 0 {
            tracing::warn!(book = %path.display(), lines, torn, "cut off a torn last line");
            journal.file.set_len(good).map_err(failed)?;
            journal.file.sync_data().map_err(failed)?;
        }
        if lines == 0 {
            let opened = bank.open_book(anchor);
            let mut bytes = Vec::new();
            put_line(&mut bytes, &opened);
            journal.append(&bytes)?;
            sync_folder(path).map_err(failed)?;
        }
        Ok(journal)
    }

    /// Appends whole lines and returns when they are durable.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<(), JournalError> {
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        written.map_err(|source| JournalError::Io { path: self.path.clone(), source })
    }

    /// Number of lines, bytes in them, and bytes of a torn line behind them.
    fn read_into(&mut self, bank: &mut Bank) -> Result<(u64, u64, u64), JournalError> {
        let path = || self.path.clone();
        let failed = |source| JournalError::Io { path: self.path.clone(), source };
        (&self.file).seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 18, &self.file);
        let (mut line, mut good, mut bytes) = (0, 0, Vec::new());
        loop {
            bytes.clear();
            let read = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut bytes).map_err(failed)? as u64;
            if bytes.last() != Some(&b'\n') {
                return if read < LINE_LIMIT {
                    Ok((line, good, read))
                } else {
                    Err(JournalError::TooLong { path: path(), line: line + 1 })
                };
            }
            line += 1;
            good += read;
            let parsed: Line = serde_json::from_slice(&bytes).map_err(|source| JournalError::Unreadable {
                path: path(),
                line,
                source,
            })?;
            let opens = matches!(parsed.events.first(), Some(Event::Opened { anchor: _ }));
            if opens != (line == 1) {
                return Err(JournalError::NotABook { path: path(), line });
            }
            bank.replay(&parsed).map_err(|source| JournalError::Impossible { path: path(), line, source })?;
        }
    }
}

/// Adds a line as it stands in the file.
pub(super) fn put_line(out: &mut Vec<u8>, line: &Line) {
    serde_json::to_writer(&mut *out, line).expect("a line has only names and numbers, and memory takes them");
    out.push(b'\n');
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => {
                return Err(JournalError::Io { path: path.to_owned(), source });
            }
        }
    }
    Err(JournalError::InUse { path: path.to_owned() })
}

/// A new file is durable only with its entry in the folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    File::open(folder)?.sync_all()
}
