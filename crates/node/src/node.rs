//! A running node: the engine on one thread, its store on another, a bounded inbox in front.

use crate::{
    clock::{Clock, ScaledClock},
    work::{Work, WorkError, carry_out},
};
use hefu_engine::{Config, Engine, Input, Output};
use hefu_store::{Store, StoreError};
use hefu_tally::Moment;
use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError},
    thread::{self, JoinHandle},
    time::Duration,
};
use thiserror::Error;

/// How many inputs wait in front of the engine; more are refused at the door.
const INBOX: usize = 16_384;
/// How many inputs are handled before their outputs go out.
const ROUND: usize = 512;
/// The longest sleep, so that a stop is noticed.
const LONGEST_SLEEP: Duration = Duration::from_millis(200);
/// How long the store must have nothing to do before it tidies up.
const IDLE: Duration = Duration::from_millis(50);

/// What carries the engine's outputs outside. Called on the engine's thread: it must not block.
pub trait Outbox: Send + 'static {
    /// Messages, answers and alarms, in the engine's order. All of it is durable.
    fn deliver(&mut self, outputs: Vec<Output>);
}

/// The handle through which all rooms above submit evidence.
#[derive(Clone)]
pub struct Door {
    inbox: SyncSender<Mail>,
}

/// An input that was not taken: too many wait, or the node has stopped. It comes back whole.
pub struct Busy(pub Box<Input>);

impl Door {
    /// Hands an input to the engine. Never waits.
    ///
    /// # Errors
    /// The inbox is full, or nobody empties it any more.
    pub fn submit(&self, input: Input) -> Result<(), Busy> {
        match self.inbox.try_send(Mail::Input(Box::new(input))) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(mail) | TrySendError::Disconnected(mail)) => match mail {
                Mail::Input(input) => Err(Busy(input)),
                Mail::Failed(_) | Mail::Stop => unreachable!("an input was sent"),
            },
        }
    }
}

/// The other side of a door: what waits for the engine.
pub struct Inbox {
    sender: SyncSender<Mail>,
    mails: Receiver<Mail>,
}

/// A door and what is behind it, before there is a node: whoever knocks is started before who answers.
pub fn door() -> (Door, Inbox) {
    let (sender, mails) = mpsc::sync_channel(INBOX);
    (Door { inbox: sender.clone() }, Inbox { sender, mails })
}

enum Mail {
    Input(Box<Input>),
    /// The store failed; the engine must not go on.
    Failed(WorkError),
    Stop,
}

/// What a node is started with.
pub struct Start<S> {
    pub store: S,
    pub clock: ScaledClock,
    pub config: Config,
    /// From the shell's dice.
    pub seed: u64,
}

/// Why a node could not start, or stopped.
#[derive(Debug, Error)]
pub enum NodeError {
    #[error("the store cannot say which batch was the last: {0}")]
    LastBatch(#[source] StoreError),
    #[error("the store failed, and the node halted: {0}")]
    Store(#[from] WorkError),
    #[error("a thread of the node panicked: {0}")]
    Panicked(String),
    #[error("a thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// A node at work. Dropping it stops it without ceremony, like a crash; [`Node::stop`] waits for it.
pub struct Node {
    inbox: SyncSender<Mail>,
    engine: Option<JoinHandle<Result<(), WorkError>>>,
    store: Option<JoinHandle<()>>,
}

impl Node {
    /// Opens the engine over the store and begins with the duties that it finds there.
    pub fn start<S, O>(start: Start<S>, inbox: Inbox, outbox: O) -> Result<Node, NodeError>
    where
        S: Store + Maintain + Send + 'static,
        O: Outbox,
    {
        let Start { mut store, clock, config, seed } = start;
        let node = config.node;
        let last = store.last_batch(node).map_err(NodeError::LastBatch)?;
        let engine = Engine::new(config, seed, last);
        let Inbox { sender: inbox, mails } = inbox;
        let (orders, work) = mpsc::channel();
        let answers = inbox.clone();
        let store = thread::Builder::new()
            .name("hefu-store".into())
            .spawn(move || keep(store, node, &work, &answers))
            .map_err(NodeError::Thread)?;
        let engine = thread::Builder::new()
            .name("hefu-engine".into())
            .spawn(move || run(engine, &clock, &mails, &orders, outbox))
            .map_err(NodeError::Thread)?;
        Ok(Node { inbox, engine: Some(engine), store: Some(store) })
    }

    pub fn door(&self) -> Door {
        Door { inbox: self.inbox.clone() }
    }

    /// Whether the engine still runs; when it does not, [`Node::stop`] says why.
    pub fn is_running(&self) -> bool {
        self.engine.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops, and waits for what is being committed.
    pub fn stop(mut self) -> Result<(), NodeError> {
        // A full inbox is being drained, a closed one has stopped already: both end.
        let _ = self.inbox.send(Mail::Stop);
        let ended = self.engine.take().map(JoinHandle::join);
        if let Some(Err(panic)) = self.store.take().map(JoinHandle::join) {
            return Err(NodeError::Panicked(words(&*panic)));
        }
        match ended {
            Some(Ok(Ok(()))) | None => Ok(()),
            Some(Ok(Err(error))) => Err(error.into()),
            Some(Err(panic)) => Err(NodeError::Panicked(words(&*panic))),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.inbox.try_send(Mail::Stop);
    }
}

/// What a store does when it has nothing else to do.
pub trait Maintain {
    /// Tidies up, shortly; called when nothing is asked of the store.
    fn maintain(&mut self);
}

impl Maintain for hefu_store::MemoryStore {
    fn maintain(&mut self) {}
}

impl Maintain for hefu_store::SqliteStore {
    fn maintain(&mut self) {
        // A checkpoint that fails is tried again at the next quiet moment; the log only grows meanwhile.
        let _ = hefu_store::SqliteStore::maintain(self);
    }
}

fn run<O: Outbox>(
    mut engine: Engine,
    clock: &ScaledClock,
    mails: &Receiver<Mail>,
    orders: &Sender<Work>,
    mut outbox: O,
) -> Result<(), WorkError> {
    let mut outputs = Vec::new();
    engine.handle(clock.now(), Input::Time, &mut outputs);
    let mut wake = route(&mut outputs, orders, &mut outbox);
    loop {
        let sleep = wake.map_or(LONGEST_SLEEP, |at| clock.real_until(at).min(LONGEST_SLEEP));
        let mut mail = match mails.recv_timeout(sleep) {
            Ok(mail) => Some(mail),
            Err(RecvTimeoutError::Timeout) => Some(Mail::Input(Box::new(Input::Time))),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let now = clock.now();
        for _ in 0..ROUND {
            match mail {
                Some(Mail::Input(input)) => engine.handle(now, *input, &mut outputs),
                Some(Mail::Failed(error)) => return Err(error),
                Some(Mail::Stop) => return Ok(()),
                None => break,
            }
            mail = mails.try_recv().ok();
        }
        // The last mail taken in a full round is handled too, not lost.
        match mail {
            Some(Mail::Input(input)) => engine.handle(now, *input, &mut outputs),
            Some(Mail::Failed(error)) => return Err(error),
            Some(Mail::Stop) => return Ok(()),
            None => {}
        }
        wake = route(&mut outputs, orders, &mut outbox);
    }
}

/// Sends each output its way; gives back when the engine wants to be called next.
fn route<O: Outbox>(outputs: &mut Vec<Output>, orders: &Sender<Work>, outbox: &mut O) -> Option<Moment> {
    let mut wake = None;
    let mut outside = Vec::new();
    for output in outputs.drain(..) {
        let work = match output {
            Output::Commit(batch) => Work::Commit(batch),
            Output::Load(load) => Work::Load(load),
            Output::Lease(counter) => Work::Lease(counter),
            Output::WakeAt { at, .. } => {
                wake = Some(at);
                continue;
            }
            Output::Send { .. } | Output::Reply { .. } | Output::Alarm { .. } => {
                outside.push(output);
                continue;
            }
        };
        // A store thread that is gone has said why through the inbox.
        let _ = orders.send(work);
    }
    if !outside.is_empty() {
        outbox.deliver(outside);
    }
    wake
}

fn keep<S: Store + Maintain>(mut store: S, node: u16, work: &Receiver<Work>, answers: &SyncSender<Mail>) {
    loop {
        match work.recv_timeout(IDLE) {
            Ok(work) => {
                let answer = match carry_out(&mut store, node, work) {
                    Ok(input) => Mail::Input(Box::new(input)),
                    Err(error) => Mail::Failed(error),
                };
                let failed = matches!(answer, Mail::Failed(_));
                if answers.send(answer).is_err() || failed {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => store.maintain(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without words".to_owned())
}
