//! A running node: the engine on one thread, its store on another, a bounded inbox in front; started again from the
//! store when the store fails.

use crate::{
    clock::{Clock, ScaledClock},
    door::{Door, Inbox, Mail},
    keep::Keep,
    life::{End, House, Said},
    state::{NodeState, Standing, whole},
    watch::{self, Gauges, Health, Limits, Machine},
    work::WorkError,
};
use hefu_engine::{Config, Engine, Output};
use hefu_store::{Store, StoreError};
use hefu_tally::{Moment, Shard, time::MINUTE};
use std::{
    sync::mpsc::{self, RecvTimeoutError, SyncSender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use thiserror::Error;

/// A store's last fact may lie so far ahead of the clock (milliseconds); then it is waited for.
pub const MOST_AHEAD: i64 = 5 * MINUTE;
/// The first wait before a failed store is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest of them.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A life of this length was a good one: the next failure begins with the first wait again.
const GOOD_LIFE: Duration = Duration::from_secs(60);
/// How often a node that is down says so again.
const REMIND: Duration = Duration::from_secs(60);
/// The row of the small durable write before a node comes back.
const ALIVE: &str = "alive";

/// What carries the engine's outputs outside. Called on the engine's thread: it must not block.
pub trait Outbox: Send + 'static {
    /// Messages, answers and alarms, in the engine's order. All of it is durable.
    fn deliver(&mut self, outputs: Vec<Output>);
}

/// What a node is started with.
pub struct Start<S> {
    pub store: S,
    pub clock: ScaledClock,
    pub config: Config,
    /// From the shell's dice.
    pub seed: u64,
}

/// What a node looks at beyond its store, and when it speaks up.
pub struct Watch {
    pub limits: Limits,
    pub gauges: Box<dyn Gauges>,
}

/// Why a node could not start, or stopped.
#[derive(Debug, Error)]
pub enum NodeError {
    #[error("the store cannot say which batch was the last: {0}")]
    LastBatch(#[source] StoreError),
    #[error("the store cannot say when its last fact was: {0}")]
    LastFact(#[source] StoreError),
    #[error(
        "the store's last fact is of {last}, {} s ahead of the clock, which shows {now}: put the clock right, or \
         take the store that belongs here",
        last.since(*now) / 1_000
    )]
    Ahead { last: Moment, now: Moment },
    #[error("the store failed, and the node was stopped before it came back: {0}")]
    Store(#[from] WorkError),
    #[error("a thread of the node panicked: {0}")]
    Panicked(String),
    #[error("a thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// A node at work. Dropping it stops it without ceremony, like a crash; [`Node::stop`] waits for it.
pub struct Node {
    inbox: SyncSender<Mail>,
    standing: Standing,
    engine: Option<JoinHandle<Result<(), NodeError>>>,
}

impl Node {
    /// Opens the engine over the store, begins with the duties that it finds there, and watches disk and clock with
    /// the usual limits.
    ///
    /// # Errors
    /// See [`Node::start_watched`].
    pub fn start<S, O>(start: Start<S>, inbox: Inbox, outbox: O) -> Result<Node, NodeError>
    where
        S: Keep,
        O: Outbox,
    {
        let limits = Limits::for_scale(start.clock.scale());
        let gauges = Box::new(Machine::new(start.store.directory()));
        Node::start_watched(start, Watch { limits, gauges }, inbox, outbox)
    }

    /// The same with a watch of its own.
    ///
    /// A store that fails later halts the engine, and is tried again with growing waits, for as long as it takes; then
    /// a new engine goes on from what stands. Meanwhile the door refuses every input.
    ///
    /// # Errors
    /// The store cannot be read, or its last fact lies [`MOST_AHEAD`] or more ahead of the clock. One that lies less
    /// far ahead is waited for.
    pub fn start_watched<S, O>(
        start: Start<S>,
        watch: Watch,
        inbox: Inbox,
        outbox: O,
    ) -> Result<Node, NodeError>
    where
        S: Keep,
        O: Outbox,
    {
        let Start { mut store, clock, config, seed } = start;
        store.last_batch(config.node).map_err(NodeError::LastBatch)?;
        let begins = last_fact(&mut store).map_err(NodeError::LastFact)?;
        let now = clock.now();
        if begins.since(now) >= MOST_AHEAD {
            return Err(NodeError::Ahead { last: begins, now });
        }
        let Inbox { sender: inbox, mails, standing } = inbox;
        let house = House {
            node: config.node,
            clock,
            mails,
            answers: inbox.clone(),
            outbox,
            standing: standing.clone(),
            said: Said::default(),
            stopped: false,
        };
        let (still_here, gone) = mpsc::channel();
        let watched = inbox.clone();
        thread::Builder::new()
            .name("hefu-watch".into())
            .spawn(move || watch::run(Health::new(watch.limits), watch.gauges, &watched, &gone))
            .map_err(NodeError::Thread)?;
        let lives = Lives { house, config, seed, begins };
        let engine = thread::Builder::new()
            .name("hefu-engine".into())
            .spawn(move || {
                let ended = lives.run(store);
                drop(still_here);
                ended
            })
            .map_err(NodeError::Thread)?;
        Ok(Node { inbox, standing, engine: Some(engine) })
    }

    pub fn door(&self) -> Door {
        Door::new(self.inbox.clone(), self.standing.clone())
    }

    /// How the node stands.
    pub fn state(&self) -> NodeState {
        self.standing.now()
    }

    /// Whether it is at work, or waits for its store; when it does neither, [`Node::stop`] says why.
    pub fn is_running(&self) -> bool {
        self.engine.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops, and waits for what is being committed.
    pub fn stop(mut self) -> Result<(), NodeError> {
        // A full inbox is being drained, a closed one has stopped already: both end.
        let _ = self.inbox.send(Mail::Stop);
        match self.engine.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(panic)) => Err(NodeError::Panicked(words(&*panic))),
            None => Ok(()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.standing.abandon();
        // It wakes whoever sleeps; a full inbox means that nobody does.
        let _ = self.inbox.try_send(Mail::Stop);
    }
}

/// One engine after the other over the same store.
struct Lives<O> {
    house: House<O>,
    config: Config,
    seed: u64,
    /// No engine begins before this moment: the store's last fact is of it.
    begins: Moment,
}

impl<O: Outbox> Lives<O> {
    fn run<S: Keep>(mut self, mut store: S) -> Result<(), NodeError> {
        if self.wait_for_the_clock() {
            return Ok(());
        }
        let mut last = store.last_batch(self.config.node).map_err(NodeError::LastBatch)?;
        let mut wait = FIRST_WAIT;
        loop {
            // Every engine rolls dice of its own: an id is not given twice.
            self.seed =
                self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let engine = Engine::new(self.config.clone(), self.seed, last);
            let began = Instant::now();
            let (end, back) = self.house.live(store, engine).map_err(NodeError::Thread)?;
            store = back.map_err(|panic| NodeError::Panicked(words(&*panic)))?;
            let error = match end {
                End::Stopped => return Ok(()),
                End::Failed(error) => error,
            };
            if began.elapsed() >= GOOD_LIFE {
                wait = FIRST_WAIT;
            }
            self.down(NodeState::of(&error.source));
            self.house.alarm(format!("the store failed, and the node halted: {}", whole(&error)));
            match self.wait_for_the_store(&mut store, &mut wait) {
                Some(number) => last = number,
                None => return Err(error.into()),
            }
        }
    }

    /// Waits until the clock has caught up with the store. Returns whether the order to stop came meanwhile.
    fn wait_for_the_clock(&mut self) -> bool {
        let ahead = self.begins.since(self.house.clock.now());
        if ahead <= 0 {
            return false;
        }
        self.house.standing.set(NodeState::Starting);
        self.house.alarm(format!(
            "the store's last fact is of {}, {ahead} ms ahead of the clock: the node waits for it",
            self.begins
        ));
        while self.begins > self.house.clock.now() {
            if self.pause(self.house.clock.real_until(self.begins)) {
                return true;
            }
        }
        false
    }

    /// Tries the store again and again. The number of its last batch, or none when the order to stop came.
    fn wait_for_the_store<S: Keep>(&mut self, store: &mut S, wait: &mut Duration) -> Option<u64> {
        let mut said = Instant::now();
        loop {
            if self.house.stopped || self.pause(*wait) {
                return None;
            }
            *wait = (*wait * 2).min(LONGEST_WAIT);
            match bring_back(store, self.config.node) {
                Ok(last) => return Some(last),
                Err(error) => {
                    let state = NodeState::of(&error);
                    let new = self.down(state.clone()) != state;
                    if new || said.elapsed() >= REMIND {
                        said = Instant::now();
                        self.house.alarm(format!("the node waits for its store: {}", whole(&error)));
                    }
                }
            }
        }
    }

    /// Publishes that the node is not at work. The state before.
    fn down(&mut self, state: NodeState) -> NodeState {
        self.house.standing.set(state)
    }

    /// Passes real time. Returns whether the order to stop came.
    fn pause(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.house.mails.recv_timeout(left) {
                Ok(mail) => {
                    if self.house.said.keep(mail) || self.house.standing.is_abandoned() {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
    }
}

/// Looks whether the medium takes writes, and what stands; makes one small durable write through the store itself.
fn bring_back<S: Keep>(store: &mut S, node: u16) -> Result<u64, StoreError> {
    store.probe()?;
    store.reopen()?;
    let last = store.last_batch(node)?;
    store.set_meta(ALIVE, &last.to_be_bytes())?;
    Ok(last)
}

/// The moment of the latest fact; the beginning of time before the first.
fn last_fact<S: Store>(store: &mut S) -> Result<Moment, StoreError> {
    let mut latest = Moment(i64::MIN);
    for shard in Shard::all() {
        let (seq, _) = store.head(shard)?;
        let facts = store.facts(shard, seq.saturating_sub(1), 1)?;
        latest = facts.iter().map(|fact| fact.at).fold(latest, Moment::max);
    }
    Ok(latest)
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without words".to_owned())
}
