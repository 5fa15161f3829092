//! One bank link: kept connected, signed on, tested when idle.

use super::{
    LinkConfig, feed,
    line::{self, Line},
    outlet::SendJob,
    queue::Queue,
    shared::Shared,
};
use crate::{
    link_state::{Change, LinkState, Todo, Why},
    notes::Noted,
};
use hefu_engine::Input;
use hefu_iso8583::frame::Framer;
use hefu_tally::{LinkId, LinkKey, Rrn};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{io::Interest, net::TcpStream};
use zeroize::Zeroizing;

/// Where requests for a link go in.
pub(super) struct Port {
    /// What the engine wants sent.
    pub queue: Queue<SendJob>,
    /// There only while the link is up.
    line: Mutex<Option<Arc<Line<Frame>>>>,
}

/// A message of the engine, encoded. It carries card data, so it is wiped.
pub(super) struct Request {
    pub key: LinkKey,
    pub rrn: Rrn,
    pub frame: Zeroizing<Vec<u8>>,
}

/// A frame on a link.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    /// A message of the engine.
    Message(LinkKey, Rrn),
    /// A message of the link itself.
    Own,
}

impl Port {
    /// A port that is shut, for at most so many requests that wait.
    pub fn new(queue: usize) -> Port {
        Port { queue: Queue::new(queue), line: Mutex::default() }
    }

    pub fn is_up(&self) -> bool {
        self.line().is_some()
    }

    /// Writes requests, in one piece if the bank takes them. What surely never leaves comes back.
    pub fn send(&self, requests: Vec<Request>) -> Vec<(LinkKey, Rrn)> {
        let line = self.line().clone();
        let mut unsent = Vec::new();
        for Request { key, rrn, frame } in requests {
            let queued =
                line.as_ref().is_some_and(|line| line.push(&frame, Frame::Message(key, rrn)).is_ok());
            if !queued {
                unsent.push((key, rrn));
            }
        }
        if let Some(line) = line {
            line.flush();
        }
        unsent
    }

    fn line(&self) -> MutexGuard<'_, Option<Arc<Line<Frame>>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frames of the bank, without their length.
const MAX_FRAME: usize = 4_096;

/// The link's task.
pub(super) async fn run(shared: Arc<Shared>, config: LinkConfig) {
    let link = config.host.link;
    let mut state = LinkState::new(config.times, shared.now());
    loop {
        tokio::time::sleep(shared.clock.real_until(state.wake_at())).await;
        match state.todo(shared.now()) {
            Some(Todo::Connect) => {}
            Some(Todo::Echo | Todo::Drop(_)) | None => continue,
        }
        match connect(&shared, &config).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                let line = Arc::new(Line::new(stream, config.queue));
                let end = Talk { shared: &shared, link, line: &line, state: &mut state }.run().await;
                shared.note_text("link", format!("link {}: {end}", config.host.name));
                down(&shared, link, &line, &mut state).await;
            }
            Err(why) => {
                shared.note_text("link", format!("link {}: cannot connect: {why}", config.host.name));
                state.disconnected(shared.now());
            }
        }
    }
}

async fn connect(shared: &Shared, config: &LinkConfig) -> Result<TcpStream, String> {
    let connecting = TcpStream::connect(&config.address);
    match tokio::time::timeout(shared.guard(config.connect_within), connecting).await {
        Ok(connected) => connected.map_err(|error| error.to_string()),
        Err(_) => Err("no connection in time".to_owned()),
    }
}

/// After a connection: the port shuts, what was not touched was never sent, and whatever was written is silence.
async fn down(shared: &Arc<Shared>, link: LinkId, line: &Line<Frame>, state: &mut LinkState) {
    if let Some(port) = shared.ports.get(&link) {
        port.line().take();
    }
    let left = line.close();
    let mut inputs = Vec::new();
    for frame in left.untouched {
        match frame {
            Frame::Message(key, rrn) => {
                shared.never_sent(link, key);
                inputs.push(Input::NeverSent { link, key, rrn });
            }
            Frame::Own => {}
        }
    }
    if state.disconnected(shared.now()) {
        inputs.push(Input::Link { link, up: false });
    }
    feed::feed(&shared.door, inputs).await;
}

/// One connection of a link.
struct Talk<'a> {
    shared: &'a Arc<Shared>,
    link: LinkId,
    line: &'a Arc<Line<Frame>>,
    state: &'a mut LinkState,
}

impl Talk<'_> {
    /// Runs until the connection is of no more use, and says why.
    async fn run(mut self) -> String {
        match self.talk().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, String> {
        let (key, frame) = self.own(|host, vault, now| host.sign_on(vault, now))?;
        self.state.connected(self.shared.now(), key);
        self.send(&frame)?;
        let mut framer = Framer::new(MAX_FRAME);
        loop {
            let interest = match self.line.flow() {
                line::Flow::Clear => Interest::READABLE,
                line::Flow::Blocked { .. } => Interest::READABLE | Interest::WRITABLE,
            };
            let wake = self.shared.clock.real_until(self.state.wake_at()).max(Duration::from_millis(1));
            tokio::select! {
                ready = self.line.stream().ready(interest) => {
                    let ready = ready.map_err(|error| error.to_string())?;
                    if ready.is_writable() {
                        self.line.try_flush().map_err(|error| error.to_string())?;
                    }
                    if ready.is_readable() || ready.is_read_closed() {
                        self.read(&mut framer).await?;
                    }
                }
                () = self.line.woken() => {
                    self.line.try_flush().map_err(|error| error.to_string())?;
                }
                () = tokio::time::sleep(wake) => {}
            }
            self.keep_up()?;
        }
    }

    /// Sends an echo or gives up, when it is time.
    fn keep_up(&mut self) -> Result<(), String> {
        match self.state.todo(self.shared.now()) {
            Some(Todo::Echo) => {
                let (key, frame) = self.own(|host, vault, now| host.echo(vault, now))?;
                self.state.echo_sent(self.shared.now(), key);
                self.send(&frame)
            }
            Some(Todo::Drop(Why::SignOnUnanswered)) => Err("the sign-on was not answered".to_owned()),
            Some(Todo::Drop(Why::EchoesUnanswered)) => Err("no echo was answered".to_owned()),
            Some(Todo::Connect) | None => Ok(()),
        }
    }

    async fn read(&mut self, framer: &mut Framer) -> Result<(), String> {
        let open = line::read(self.line.stream(), |bytes| framer.push(bytes));
        if !open.map_err(|error| error.to_string())? {
            return Err("closed by the bank".to_owned());
        }
        loop {
            let mut frames = Vec::new();
            while frames.len() < BATCH {
                match framer.next().map_err(|error| error.to_string())? {
                    Some(frame) => frames.push(Zeroizing::new(frame)),
                    None => break,
                }
            }
            if frames.is_empty() {
                return Ok(());
            }
            self.take(&frames).await?;
        }
    }

    /// Frames through the edge under one lock, then to the node.
    async fn take(&mut self, frames: &[Zeroizing<Vec<u8>>]) -> Result<(), String> {
        let now = self.shared.now();
        let mut inputs = Vec::new();
        let mut notes = Vec::new();
        let mut refused = None;
        {
            let mut edges = self.shared.edges();
            let edges = &mut *edges;
            let host = edges.hosts.get_mut(&self.link).ok_or("the link is not configured")?;
            for frame in frames {
                let taken = host.frame(&edges.vault, now, frame);
                self.state.heard(now);
                inputs.extend(taken.input);
                notes.extend(taken.note.map(|note| Noted { till: None, note }));
                // A bank that floods the link with requests and reads nothing finds its answers missing.
                taken.answer.map(|answer| self.line.push(&answer, Frame::Own));
                let change = taken.network.and_then(|answer| self.state.answered(now, &answer));
                match change {
                    Some(Change::Up) => {
                        if let Some(port) = self.shared.ports.get(&self.link) {
                            *port.line() = Some(self.line.clone());
                        }
                        inputs.push(Input::Link { link: self.link, up: true });
                    }
                    Some(Change::Refused(code)) => refused = Some(code),
                    None => {}
                }
            }
        }
        self.shared.note(notes);
        self.line.flush();
        feed::feed(&self.shared.door, inputs).await;
        match refused {
            Some(Some(code)) => Err(format!("the sign-on was refused with {code}")),
            Some(None) => Err("the sign-on was refused without a code".to_owned()),
            None => Ok(()),
        }
    }

    /// Has the edge make a message of the link's own.
    fn own(
        &self,
        make: impl FnOnce(
            &mut crate::host::HostEdge,
            &hefu_vault::Vault,
            hefu_tally::Moment,
        ) -> Result<(LinkKey, Vec<u8>), crate::host::HostError>,
    ) -> Result<(LinkKey, Vec<u8>), String> {
        let now = self.shared.now();
        let mut edges = self.shared.edges();
        let edges = &mut *edges;
        let host = edges.hosts.get_mut(&self.link).ok_or("the link is not configured")?;
        make(host, &edges.vault, now).map_err(|error| error.to_string())
    }

    fn send(&self, frame: &[u8]) -> Result<(), String> {
        self.line.push(frame, Frame::Own).map_err(|_| "the bank reads nothing".to_owned())?;
        self.line.try_flush().map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Frames under one lock.
const BATCH: usize = 64;
