//! What all tasks of the switch share.

use super::{
    Door, StartError, SwitchConfig, TerminalLimits,
    line::Line,
    link::Port,
    outlet::{ReplyJob, SendJob},
    queue::Queue,
};
use crate::{
    host::HostEdge,
    notes::{NoteLimiter, Noted},
    pos::{ConnectionId, PosEdge},
};
use hefu_engine::{Conversation, Note};
use hefu_node::clock::{Clock, ScaledClock};
use hefu_tally::{LinkId, Moment};
use hefu_vault::{Dice, Vault};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The pure half and what it needs, in one mutex: taken once per batch of frames, never held while waiting.
pub(super) struct Edges {
    pub vault: Vault,
    pub pos: PosEdge,
    pub hosts: BTreeMap<LinkId, HostEdge>,
    pub dice: Box<dyn Dice + Send>,
    pub notes: NoteLimiter,
}

pub(super) struct Shared {
    edges: Mutex<Edges>,
    lines: Mutex<BTreeMap<ConnectionId, Arc<Line<Conversation>>>>,
    pub ports: BTreeMap<LinkId, Port>,
    pub replies: Queue<ReplyJob>,
    /// Requests for a link that nobody configured: each is noted and never sent.
    pub stray: Queue<SendJob>,
    pub limits: TerminalLimits,
    pub clock: ScaledClock,
    pub door: Arc<dyn Door>,
}

/// How the switch stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Open connections of terminals.
    pub connections: usize,
    /// Requests that wait for the engine.
    pub waiting: usize,
    /// The links, and whether each is up.
    pub links: Vec<(LinkId, bool)>,
    /// Frames of banks that could not be understood.
    pub broken_bank_frames: u64,
}

impl Shared {
    pub fn new(
        config: SwitchConfig,
        vault: Vault,
        dice: Box<dyn Dice + Send>,
        clock: ScaledClock,
        door: Arc<dyn Door>,
    ) -> Result<Shared, StartError> {
        let outlet = config.outlet;
        let mut hosts = BTreeMap::new();
        let mut ports = BTreeMap::new();
        for config in config.links {
            let link = config.host.link;
            let host = HostEdge::new(config.host).map_err(|error| StartError::Host { link, error })?;
            if hosts.insert(link, host).is_some() {
                return Err(StartError::LinkTwice { link });
            }
            ports.insert(link, Port::new(outlet));
        }
        let notes = NoteLimiter::new(config.notes_per_minute);
        let edges = Edges { vault, pos: PosEdge::new(config.pos)?, hosts, dice, notes };
        Ok(Shared {
            edges: Mutex::new(edges),
            lines: Mutex::default(),
            ports,
            replies: Queue::new(outlet),
            stray: Queue::new(outlet),
            limits: config.terminals,
            clock,
            door,
        })
    }

    /// The pure half. A task that panicked while it held the edges leaves them in use: each call leaves them whole
    /// or asserts, and one bad frame must not stop all others.
    pub fn edges(&self) -> MutexGuard<'_, Edges> {
        self.edges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn lines(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Arc<Line<Conversation>>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A duration of the scaled clock in real time, for guarding against peers: machines do not run faster than
    /// real time, so it never gets so short that an honest one fails.
    pub fn guard(&self, milliseconds: i64) -> Duration {
        self.clock.real_until(self.now().after(milliseconds)).max(SHORTEST_GUARD)
    }

    /// Puts notes on record, as far as the limit lets them. A busy node loses notes, never payments.
    pub fn note(&self, notes: impl IntoIterator<Item = Noted>) {
        let now = self.now();
        for noted in notes {
            tracing::debug!(kind = noted.note.kind, till = ?noted.till, text = noted.note.text, "note");
            let passed = self.edges().notes.pass(now, noted);
            self.submit_note(passed);
        }
    }

    /// The same for a note about no terminal.
    pub fn note_text(&self, kind: &'static str, text: String) {
        self.note([Noted { till: None, note: Note { kind, text } }]);
    }

    pub fn status(&self) -> Status {
        let edges = self.edges();
        Status {
            connections: self.lines().len(),
            waiting: edges.pos.waiting(),
            links: self.ports.iter().map(|(link, port)| (*link, port.is_up())).collect(),
            broken_bank_frames: edges.hosts.values().map(HostEdge::broken).sum(),
        }
    }

    fn submit_note(&self, noted: impl IntoIterator<Item = Noted>) {
        for noted in noted {
            let kind = noted.note.kind;
            if self.door.submit(noted.input()).is_err() {
                tracing::warn!(kind, "a note was lost: the node is busy");
            }
        }
    }
}

const SHORTEST_GUARD: Duration = Duration::from_millis(250);

/// Every second: conversations that are too old are forgotten, and counted notes summed up.
pub(super) async fn housekeeping(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let now = shared.now();
        let (expired, summaries) = {
            let mut edges = shared.edges();
            (edges.pos.expire(now), edges.notes.summaries(now))
        };
        shared.submit_note(summaries);
        if expired > 0 {
            shared.note_text("unanswered", format!("{expired} requests were not answered in time"));
        }
    }
}
