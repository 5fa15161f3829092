//! What the engine wants sent, on its way from the node's thread to the connections.

use super::{feed, line::Line, link, shared::Shared};
use crate::{
    notes::Noted,
    pos::{ConnectionId, ReplyError},
};
use hefu_engine::{BankRequest, Conversation, Input, Note, Output, Reply};
use hefu_tally::{LinkId, LinkKey};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Notify;
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
        let (ours, others) = outputs.into_iter().partition(|output| match output {
            Output::Send { .. } | Output::Reply { .. } => true,
            Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::WakeAt { .. }
            | Output::Alarm { .. } => false,
        });
        self.shared.queue.push(ours);
        others
    }
}

/// What waits for the outlet.
pub(super) struct Queue {
    max: usize,
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// What found no room, in few bytes each.
    lost: VecDeque<Input>,
}

enum Job {
    Send { link: LinkId, message: Box<BankRequest> },
    Reply { conversation: Conversation, reply: Box<Reply> },
}

impl Queue {
    pub fn new(max: usize) -> Queue {
        Queue { max, waiting: Mutex::default(), wake: Notify::new() }
    }

    fn push(&self, outputs: Vec<Output>) {
        if outputs.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for job in outputs.into_iter().filter_map(Job::of) {
            match waiting.jobs.len() < self.max {
                true => waiting.jobs.push_back(job),
                false if waiting.lost.len() < LOST => waiting.lost.push_back(job.lost()),
                false => tracing::error!("the outlet is stuck: an output is lost until its deadline"),
            }
        }
        drop(waiting);
        self.wake.notify_one();
    }

    fn take(&self) -> (Vec<Job>, Vec<Input>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = waiting.jobs.len().min(BATCH);
        let lost = waiting.lost.len().min(BATCH);
        (waiting.jobs.drain(..jobs).collect(), waiting.lost.drain(..lost).collect())
    }
}

/// Jobs encoded under one lock: long enough to share the cost, short enough not to hold terminals up.
const BATCH: usize = 128;
/// Reports about lost outputs that may wait; each is a few words.
const LOST: usize = 1_000_000;

impl Job {
    fn of(output: Output) -> Option<Job> {
        match output {
            Output::Send { link, message } => Some(Job::Send { link, message }),
            Output::Reply { conversation, reply } => Some(Job::Reply { conversation, reply }),
            Output::Load(_)
            | Output::Commit(_)
            | Output::Lease(_)
            | Output::WakeAt { .. }
            | Output::Alarm { .. } => None,
        }
    }

    /// What the engine is told when it is not carried out.
    fn lost(&self) -> Input {
        match self {
            Job::Send { link, message } => {
                Input::NeverSent { link: *link, key: message.key, rrn: message.rrn }
            }
            Job::Reply { conversation, .. } => Input::Unwritten { conversation: *conversation },
        }
    }
}

/// The outlet's task.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let (jobs, lost) = shared.queue.take();
        if jobs.is_empty() && lost.is_empty() {
            shared.queue.wake.notified().await;
            continue;
        }
        let mut batch = Encoded { failed: lost, ..Encoded::default() };
        batch.encode(&shared, &jobs);
        shared.note(std::mem::take(&mut batch.notes));
        batch.write(&shared);
        feed::feed(&shared.door, batch.failed).await;
        tokio::task::yield_now().await;
    }
}

/// A batch of frames. They carry card data, so they are wiped.
#[derive(Default)]
struct Encoded {
    replies: Vec<(ConnectionId, Conversation, Zeroizing<Vec<u8>>)>,
    requests: BTreeMap<LinkId, Vec<link::Request>>,
    failed: Vec<Input>,
    notes: Vec<Noted>,
}

impl Encoded {
    /// All jobs under one lock.
    fn encode(&mut self, shared: &Shared, jobs: &[Job]) {
        let now = shared.now();
        let mut edges = shared.edges();
        let edges = &mut *edges;
        for job in jobs {
            let refused = match job {
                Job::Reply { conversation, reply } => {
                    match edges.pos.reply(&mut edges.vault, *conversation, reply) {
                        Ok((connection, frame)) => {
                            self.replies.push((connection, *conversation, Zeroizing::new(frame)));
                            None
                        }
                        Err(ReplyError::NobodyWaits) => Some(None),
                        Err(error) => Some(Some(("bad_answer", error.to_string()))),
                    }
                }
                Job::Send { link, message } => match edges.hosts.get_mut(link) {
                    Some(host) if shared.ports.get(link).is_some_and(|port| port.is_up()) => {
                        match host.encode(&edges.vault, now, message) {
                            Ok(frame) => {
                                let requests = self.requests.entry(*link).or_default();
                                let (key, rrn) = (message.key, message.rrn);
                                requests.push(link::Request { key, rrn, frame: Zeroizing::new(frame) });
                                None
                            }
                            Err(error) => Some(Some((error.kind(), error.to_string()))),
                        }
                    }
                    Some(_) => Some(None),
                    None => Some(Some(("configuration", format!("link {} is not configured", link.0)))),
                },
            };
            let Some(why) = refused else { continue };
            self.failed.push(job.lost());
            let note = why.map(|(kind, text)| Noted { till: None, note: Note { kind, text } });
            self.notes.extend(note);
        }
    }

    /// All frames to their connections, one write each. What a connection does not take has failed.
    fn write(&mut self, shared: &Shared) {
        let mut touched: BTreeMap<ConnectionId, Arc<Line<Conversation>>> = BTreeMap::new();
        for (connection, conversation, frame) in self.replies.drain(..) {
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
        for (link, requests) in std::mem::take(&mut self.requests) {
            let unsent = shared.ports.get(&link).map(|port| port.send(requests)).unwrap_or_default();
            for (key, rrn) in unsent {
                shared.never_sent(link, key);
                self.failed.push(Input::NeverSent { link, key, rrn });
            }
        }
    }
}

impl Shared {
    /// The key of a message that was encoded and never left names nothing in flight.
    pub(super) fn never_sent(&self, link: LinkId, key: LinkKey) {
        if let Some(host) = self.edges().hosts.get_mut(&link) {
            host.never_sent(key);
        }
    }
}
