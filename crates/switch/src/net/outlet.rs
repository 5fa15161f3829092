//! What the engine wants sent, on its way from the node's thread to the connections: one task for all replies, and
//! one for each link's requests.

use super::{
    feed,
    line::Line,
    link,
    queue::{Job, Queue},
    shared::Shared,
};
use crate::{
    notes::Noted,
    pos::{ConnectionId, ReplyError},
};
use hefu_engine::{BankRequest, Conversation, Input, Note, Output, Reply};
use hefu_tally::{LinkId, LinkKey};
use std::{collections::BTreeMap, sync::Arc};
use zeroize::Zeroizing;

/// The node's handle to the switch.
#[derive(Clone)]
pub struct Outbox {
    shared: Arc<Shared>,
}

impl Outbox {
    pub(super) fn new(shared: Arc<Shared>) -> Outbox {
        Outbox { shared }
    }

    /// Takes every [`Output::Send`] and [`Output::Reply`] and gives the other outputs back. Never waits: beyond the
    /// configured bound a reply is reported unwritten and a request never sent, as they then are.
    pub fn deliver(&self, outputs: Vec<Output>) -> Vec<Output> {
        let mut others = Vec::new();
        for output in outputs {
            match output {
                Output::Reply { conversation, reply } => {
                    self.shared.replies.push(ReplyJob { conversation, reply });
                }
                Output::Send { link, message } => {
                    self.shared.requests(link).push(SendJob { link, message });
                }
                Output::Load(_)
                | Output::Commit(_)
                | Output::Lease(_)
                | Output::WakeAt { .. }
                | Output::Alarm { .. }
                | Output::Answer { .. } => others.push(output),
            }
        }
        others
    }
}

/// A reply to a terminal.
pub(super) struct ReplyJob {
    conversation: Conversation,
    reply: Box<Reply>,
}

impl Job for ReplyJob {
    fn lost(&self) -> Input {
        Input::Unwritten { conversation: self.conversation }
    }
}

/// A request to a bank.
pub(super) struct SendJob {
    link: LinkId,
    message: Box<BankRequest>,
}

impl Job for SendJob {
    fn lost(&self) -> Input {
        Input::NeverSent { link: self.link, key: self.message.key, rrn: self.message.rrn }
    }
}

/// The task of all replies.
pub(super) async fn replies(shared: Arc<Shared>) {
    loop {
        let (jobs, lost) = shared.replies.take().await;
        let mut batch = Batch { failed: lost, ..Batch::default() };
        let frames = batch.encode_replies(&shared, &jobs);
        batch.write_replies(&shared, frames);
        batch.finish(&shared).await;
    }
}

/// The task of the requests in one queue: a link's, or of those whose link nobody configured.
pub(super) async fn requests(shared: Arc<Shared>, link: Option<LinkId>) {
    loop {
        let queue = link.map_or(&shared.stray, |link| shared.requests(link));
        let (jobs, lost) = queue.take().await;
        let mut batch = Batch { failed: lost, ..Batch::default() };
        let frames = batch.encode_requests(&shared, &jobs);
        match link.and_then(|link| shared.ports.get(&link).map(|port| (link, port))) {
            Some((link, port)) => {
                for (key, rrn) in port.send(frames) {
                    shared.never_sent(link, key);
                    batch.failed.push(Input::NeverSent { link, key, rrn });
                }
            }
            None => assert!(frames.is_empty(), "nothing is encoded for a link that is not there"),
        }
        batch.finish(&shared).await;
    }
}

/// What came of a batch beside frames.
#[derive(Default)]
struct Batch {
    failed: Vec<Input>,
    notes: Vec<Noted>,
}

/// A reply with its connection. It carries card data, so it is wiped.
type ReplyFrame = (ConnectionId, Conversation, Zeroizing<Vec<u8>>);

impl Batch {
    /// All replies under one lock.
    fn encode_replies(&mut self, shared: &Shared, jobs: &[ReplyJob]) -> Vec<ReplyFrame> {
        let mut edges = shared.edges();
        let edges = &mut *edges;
        let mut frames = Vec::new();
        for job in jobs {
            match edges.pos.reply(&mut edges.vault, job.conversation, &job.reply) {
                Ok((connection, frame)) => {
                    frames.push((connection, job.conversation, Zeroizing::new(frame)));
                }
                Err(ReplyError::NobodyWaits) => self.fail(job, None),
                Err(error) => self.fail(job, Some(("bad_answer", error.to_string()))),
            }
        }
        frames
    }

    /// All replies to their connections, one write each. What a connection does not take has failed.
    fn write_replies(&mut self, shared: &Shared, frames: Vec<ReplyFrame>) {
        let mut touched: BTreeMap<ConnectionId, Arc<Line<Conversation>>> = BTreeMap::new();
        for (connection, conversation, frame) in frames {
            let line = match touched.get(&connection) {
                Some(line) => Some(line.clone()),
                None => shared.lines().get(&connection).cloned(),
            };
            let queued = line.is_some_and(|line| {
                let queued = line.push(&frame, conversation).is_ok();
                touched.insert(connection, line);
                queued
            });
            if !queued {
                self.failed.push(Input::Unwritten { conversation });
            }
        }
        touched.values().for_each(|line| line.flush());
    }

    /// All requests of one link under one lock. For a link that is down nothing is encoded.
    fn encode_requests(&mut self, shared: &Shared, jobs: &[SendJob]) -> Vec<link::Request> {
        let now = shared.now();
        let mut edges = shared.edges();
        let edges = &mut *edges;
        let mut requests = Vec::new();
        for job in jobs {
            let (link, message) = (job.link, &job.message);
            match edges.hosts.get_mut(&link) {
                None => {
                    self.fail(job, Some(("configuration", format!("link {} is not configured", link.0))));
                }
                Some(_) if !shared.ports.get(&link).is_some_and(link::Port::is_up) => self.fail(job, None),
                Some(host) => match host.encode(&edges.vault, now, message) {
                    Ok(frame) => {
                        let (key, rrn) = (message.key, message.rrn);
                        requests.push(link::Request { key, rrn, frame: Zeroizing::new(frame) });
                    }
                    Err(error) => self.fail(job, Some((error.kind(), error.to_string()))),
                },
            }
        }
        requests
    }

    fn fail(&mut self, job: &impl Job, why: Option<(&'static str, String)>) {
        self.failed.push(job.lost());
        self.notes.extend(why.map(|(kind, text)| Noted { till: None, note: Note { kind, text } }));
    }

    /// Tells the node what failed, however long it is busy. Nobody waits for that but this queue.
    async fn finish(self, shared: &Arc<Shared>) {
        shared.note(self.notes);
        feed::feed(&shared.door, self.failed).await;
        tokio::task::yield_now().await;
    }
}

impl Shared {
    /// The queue of a link's requests.
    fn requests(&self, link: LinkId) -> &Queue<SendJob> {
        self.ports.get(&link).map_or(&self.stray, |port| &port.queue)
    }

    /// The key of a message that was encoded and never left names nothing in flight.
    pub(super) fn never_sent(&self, link: LinkId, key: LinkKey) {
        if let Some(host) = self.edges().hosts.get_mut(&link) {
            host.never_sent(key);
        }
    }
}
