//! One connection as others see it: frames go in, whoever is free writes them.

use super::outgoing::{Left, NotQueued, Outgoing};
use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpStream, sync::Notify};

/// A connection with its outgoing queue. Its own task reads; anybody may write.
pub(super) struct Line<T> {
    stream: TcpStream,
    out: Mutex<Outgoing<T>>,
    /// Wakes the connection's task: something could not be written at once, or failed.
    wake: Notify,
}

/// How the outgoing side stands.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    Clear,
    /// The other side does not read; so much was written in all.
    Blocked {
        written: u64,
    },
}

impl<T> Line<T> {
    /// A connection whose queue holds at most so many bytes.
    pub fn new(stream: TcpStream, queue: usize) -> Line<T> {
        Line { stream, out: Mutex::new(Outgoing::new(queue)), wake: Notify::new() }
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Queues a frame without its length; [`flush`](Self::flush) follows.
    pub fn push(&self, frame: &[u8], name: T) -> Result<(), NotQueued> {
        self.out().push(frame, name)
    }

    /// Writes what can be written now. What is left, and any failure, is for the connection's task.
    pub fn flush(&self) {
        if !matches!(self.try_flush(), Ok(Flow::Clear)) {
            self.wake.notify_one();
        }
    }

    /// The same for the connection's task, which hears of failures.
    pub fn try_flush(&self) -> io::Result<Flow> {
        let mut out = self.out();
        match out.flush(|bytes| self.stream.try_write(bytes))? {
            true => Ok(Flow::Clear),
            false => Ok(Flow::Blocked { written: out.written() }),
        }
    }

    /// Waits until somebody could not write.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Whether something waits to be written.
    pub fn flow(&self) -> Flow {
        let out = self.out();
        match out.is_pending() {
            true => Flow::Blocked { written: out.written() },
            false => Flow::Clear,
        }
    }

    /// Takes nothing more; what is left.
    pub fn close(&self) -> Left<T> {
        self.out().close()
    }

    fn out(&self) -> MutexGuard<'_, Outgoing<T>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what is there into `take`. `Ok(false)` at the end of the stream.
///
/// The buffer lives on the stack of this call, so that an idle connection has none; it is wiped because card data
/// pass through it.
pub(super) fn read(stream: &TcpStream, mut take: impl FnMut(&[u8])) -> io::Result<bool> {
    let mut buffer = [0; 16 * 1024];
    let read = match stream.try_read(&mut buffer) {
        Ok(0) => return Ok(false),
        Ok(count) => count,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
        Err(error) => return Err(error),
    };
    take(&buffer[..read]);
    zeroize::Zeroize::zeroize(&mut buffer[..read]);
    Ok(true)
}
