//! Connections: each is one bank link. They split the stream into frames and write what the teller gives them.

use super::teller::Inbox;
use hefu_iso8583::frame::{FrameError, Framer};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Links at one time; more are closed as they come.
const LINKS: usize = 64;
/// The longest frame, without its length.
const FRAME: usize = 4_096;
/// Bytes read at once.
const READ: usize = 16 << 10;
/// Batches of answers that may wait for a slow reader before its link is closed.
pub(super) const OUTBOX: usize = 256;
/// A link on which nothing comes for so long is closed. Acquirers send an echo every few minutes.
const IDLE: Duration = Duration::from_secs(900);
/// A link that does not take our bytes for so long is closed.
const WRITE: Duration = Duration::from_secs(10);
/// After a failed accept (no file descriptors left), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
enum LinkEnd {
    #[error("closed by the other side")]
    Closed,
    #[error("closed by the bank")]
    HungUp,
    #[error("the bank has stopped")]
    Stopped,
    #[error("idle for {} s", IDLE.as_secs())]
    Idle,
    #[error("took no bytes for {} s", WRITE.as_secs())]
    Stuck,
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Takes connections until it is dropped. While the bank is down they are closed at once.
pub(super) async fn accept(listener: TcpListener, inbox: mpsc::Sender<Inbox>, down: watch::Receiver<bool>) {
    let mut links = JoinSet::new();
    for id in 0_u64.. {
        let stream = loop {
            match listener.accept().await {
                Ok((stream, _)) => break stream,
                Err(error) => {
                    tracing::warn!(%error, "a link could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        };
        while links.try_join_next().is_some() {}
        if *down.borrow() || links.len() >= LINKS {
            tracing::info!(links = links.len(), "a link was refused");
            continue;
        }
        links.spawn(run(stream, id, inbox.clone()));
    }
}

async fn run(stream: TcpStream, id: u64, inbox: mpsc::Sender<Inbox>) {
    let (outbox, answers) = mpsc::channel(OUTBOX);
    if inbox.send(Inbox::LinkUp { id, outbox }).await.is_err() {
        return;
    }
    // Answers are coalesced already; waiting for more would only delay them.
    let end = match stream.set_nodelay(true) {
        Ok(()) => {
            let (reader, writer) = stream.into_split();
            tokio::select! {
                end = read(reader, id, &inbox) => end,
                end = write(writer, answers) => end,
            }
        }
        Err(error) => LinkEnd::Io(error),
    };
    tracing::info!(link = id, %end, "a link ended");
    let broken = matches!(end, LinkEnd::Frame(_));
    // Nobody is left to hear it when the teller has gone.
    let _ = inbox.send(Inbox::LinkDown { id, broken }).await;
}

async fn read(mut reader: OwnedReadHalf, id: u64, inbox: &mpsc::Sender<Inbox>) -> LinkEnd {
    let mut framer = Framer::new(FRAME);
    let mut bytes = vec![0; READ];
    loop {
        let count = match timeout(IDLE, reader.read(&mut bytes)).await {
            Ok(Ok(0)) => return LinkEnd::Closed,
            Ok(Ok(count)) => count,
            Ok(Err(error)) => return error.into(),
            Err(_) => return LinkEnd::Idle,
        };
        framer.push(&bytes[..count]);
        let mut frames = Vec::new();
        let end = loop {
            match framer.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        if !frames.is_empty() && inbox.send(Inbox::Frames { id, frames }).await.is_err() {
            return LinkEnd::Stopped;
        }
        if let Some(error) = end {
            return error.into();
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, mut answers: mpsc::Receiver<Vec<u8>>) -> LinkEnd {
    let mut batches = Vec::new();
    while answers.recv_many(&mut batches, OUTBOX).await > 0 {
        let bytes = batches.concat();
        batches.clear();
        match timeout(WRITE, writer.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return LinkEnd::Stuck,
        }
    }
    LinkEnd::HungUp
}
