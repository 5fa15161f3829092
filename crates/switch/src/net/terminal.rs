//! Connections of terminals. Nothing that one of them sends, or does not send, affects another.

use super::{
    feed,
    line::{self, Flow, Line},
    shared::Shared,
};
use crate::{
    notes::Noted,
    pos::{ConnectionId, Taken},
};
use hefu_engine::{Conversation, Input};
use hefu_iso8583::frame::Framer;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::Interest,
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::Instant,
};
use zeroize::Zeroizing;

/// Binds the terminals' address; a port in TIME-WAIT after a restart is no hindrance.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

/// Takes connections, up to the limit.
pub(super) async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    let mut last = 0;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, usually: others close in time.
                shared.note_text("accept", error.to_string());
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        if connections.len() >= shared.limits.connections {
            shared.note_text("too_many_connections", "a connection was closed at once".to_owned());
            continue;
        }
        last += 1;
        let id = ConnectionId(last);
        connections.spawn(serve(shared.clone(), id, stream));
    }
}

/// One connection, from its acceptance to its end.
async fn serve(shared: Arc<Shared>, id: ConnectionId, stream: TcpStream) {
    // Without it answers wait for the other side's acknowledgement; a socket that refuses is only slower.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line::new(stream, shared.limits.queue));
    shared.lines().insert(id, line.clone());
    let end = Connection::new(&shared, id, &line).run().await;
    shared.lines().remove(&id);
    let left = line.close();
    shared.edges().pos.closed(id);
    if let Some((kind, text)) = end.note() {
        shared.note_text(kind, text);
    }
    // Of a frame that was cut the terminal has no use either: surely not received.
    let unwritten = left.cut.into_iter().chain(left.untouched).filter(|conversation| conversation.0 > 0);
    feed::feed(&shared.door, unwritten.map(|conversation| Input::Unwritten { conversation })).await;
}

/// Names answers that no conversation of the engine stands behind.
const AT_THE_EDGE: Conversation = Conversation(0);

/// Why a connection ended.
enum End {
    /// By the other side, or it broke.
    Gone,
    /// Nothing happened for long enough.
    Idle,
    /// The edge asked for it, and noted why.
    Refused,
    BadLength(String),
    SlowFrame,
    Stalled,
}

impl End {
    fn note(self) -> Option<(&'static str, String)> {
        match self {
            End::Gone | End::Idle | End::Refused => None,
            End::BadLength(text) => Some(("bad_frame", text)),
            End::SlowFrame => Some(("slow_frame", "a frame was not complete in time".to_owned())),
            End::Stalled => Some(("stalled", "the terminal does not read its answers".to_owned())),
        }
    }
}

struct Connection<'a> {
    shared: &'a Arc<Shared>,
    id: ConnectionId,
    line: &'a Line<Conversation>,
    framer: Framer,
    /// When the first byte of a frame came that is not complete.
    frame_since: Option<Instant>,
    /// When the outgoing side was last seen to move, and where it stood.
    blocked: Option<(Instant, u64)>,
    active: Instant,
}

impl<'a> Connection<'a> {
    fn new(shared: &'a Arc<Shared>, id: ConnectionId, line: &'a Line<Conversation>) -> Connection<'a> {
        let framer = Framer::new(shared.limits.frame);
        Connection { shared, id, line, framer, frame_since: None, blocked: None, active: Instant::now() }
    }

    async fn run(mut self) -> End {
        loop {
            let (deadline, late) = self.deadline();
            let interest = match self.blocked {
                Some(_) => Interest::READABLE | Interest::WRITABLE,
                None => Interest::READABLE,
            };
            let ready = tokio::select! {
                ready = self.line.stream().ready(interest) => ready,
                () = self.line.woken() => {
                    match self.flushed() {
                        Ok(()) => continue,
                        Err(end) => return end,
                    }
                }
                () = tokio::time::sleep_until(deadline) => {
                    // Others write too: only what stands still is late.
                    match self.flushed() {
                        Ok(()) if self.deadline().0 > Instant::now() => continue,
                        Ok(()) => return late,
                        Err(end) => return end,
                    }
                }
            };
            let Ok(ready) = ready else { return End::Gone };
            let step = match ready.is_writable() {
                true => self.flushed(),
                false => Ok(()),
            };
            let step = step.and_then(|()| match ready.is_readable() || ready.is_read_closed() {
                true => self.read(),
                false => Ok(()),
            });
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// What happens next if nothing else does.
    fn deadline(&self) -> (Instant, End) {
        let limits = &self.shared.limits;
        let mut first = (self.active + self.shared.guard(limits.idle), End::Idle);
        if let Some(since) = self.frame_since {
            let due = since + self.shared.guard(limits.frame_within);
            if due < first.0 {
                first = (due, End::SlowFrame);
            }
        }
        if let Some((since, _)) = self.blocked {
            let due = since + self.shared.guard(limits.write_within);
            if due < first.0 {
                first = (due, End::Stalled);
            }
        }
        first
    }

    /// Writes what waits, and sees whether the other side takes anything.
    fn flushed(&mut self) -> Result<(), End> {
        let now = Instant::now();
        match self.line.try_flush().map_err(|_| End::Gone)? {
            Flow::Clear => {
                if self.blocked.take().is_some() {
                    self.active = now;
                }
            }
            Flow::Blocked { written } => {
                if self.blocked.is_none_or(|(_, before)| before != written) {
                    self.blocked = Some((now, written));
                    self.active = now;
                }
            }
        }
        Ok(())
    }

    /// Takes what was sent, and all whole frames of it to the edge.
    fn read(&mut self) -> Result<(), End> {
        let framer = &mut self.framer;
        let mut count = 0;
        let open = line::read(self.line.stream(), |bytes| {
            count = bytes.len();
            framer.push(bytes);
        });
        match open {
            Ok(true) if count == 0 => return Ok(()),
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(End::Gone),
        }
        let now = Instant::now();
        self.active = now;
        let mut whole = false;
        loop {
            let mut frames = Vec::new();
            while frames.len() < BATCH {
                match self.framer.next() {
                    Ok(Some(frame)) => frames.push(Zeroizing::new(frame)),
                    Ok(None) => break,
                    Err(error) => {
                        self.take(&frames)?;
                        return Err(End::BadLength(error.to_string()));
                    }
                }
            }
            if frames.is_empty() {
                break;
            }
            whole = true;
            self.take(&frames)?;
        }
        if self.framer.pending() == 0 {
            // An idle connection keeps no buffer.
            self.framer = Framer::new(self.shared.limits.frame);
            self.frame_since = None;
        } else if whole || self.frame_since.is_none() {
            self.frame_since = Some(now);
        }
        Ok(())
    }

    /// Frames through the edge under one lock, then to the node.
    fn take(&mut self, frames: &[Zeroizing<Vec<u8>>]) -> Result<(), End> {
        let now = self.shared.now();
        let mut inputs = Vec::new();
        let mut notes: Vec<Noted> = Vec::new();
        let mut close = false;
        {
            let mut edges = self.shared.edges();
            let edges = &mut *edges;
            for frame in frames {
                let Taken { input, answer, note, close: last } =
                    edges.pos.frame(&mut edges.vault, &mut *edges.dice, now, self.id, frame);
                inputs.extend(input);
                notes.extend(note);
                // A terminal that does not read its answers stalls, and is closed for that.
                answer.map(|answer| self.line.push(&Zeroizing::new(answer), AT_THE_EDGE));
                close |= last;
                if close {
                    break;
                }
            }
        }
        for input in inputs {
            self.submit(input);
        }
        self.shared.note(notes);
        self.flushed()?;
        if close { Err(End::Refused) } else { Ok(()) }
    }

    /// Hands a request in; a node that is busy is answered for.
    fn submit(&self, input: Input) {
        let Err(feed::Busy(input)) = self.shared.door.submit(input) else { return };
        let Input::Terminal { conversation, .. } = *input else { return };
        let now = self.shared.now();
        let mut edges = self.shared.edges();
        let edges = &mut *edges;
        if let Some((_, frame)) = edges.pos.busy(&edges.vault, now, conversation) {
            let _ = self.line.push(&Zeroizing::new(frame), AT_THE_EDGE);
        }
    }
}

/// Frames under one lock.
const BATCH: usize = 32;
