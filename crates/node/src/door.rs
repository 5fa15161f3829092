//! The door: a bounded inbox in front of the engine, closed while there is no engine behind it.

use crate::{
    state::{NodeState, Standing},
    work::WorkError,
};
use hefu_engine::{Halt, Input};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};

/// How many inputs wait in front of the engine; more are refused at the door.
const INBOX: usize = 16_384;

/// The handle through which all rooms above submit evidence. It stays the same when the node starts its engine again.
#[derive(Clone)]
pub struct Door {
    inbox: SyncSender<Mail>,
    standing: Standing,
}

/// An input that was not taken: too many wait, or nobody is at work. It comes back whole.
pub struct Busy(pub Box<Input>);

impl Door {
    pub(crate) fn new(inbox: SyncSender<Mail>, standing: Standing) -> Door {
        Door { inbox, standing }
    }

    /// Hands an input to the engine. Never waits.
    ///
    /// # Errors
    /// The inbox is full, the store has failed and is waited for, or the node has stopped.
    pub fn submit(&self, input: Input) -> Result<(), Busy> {
        let input = Box::new(input);
        if !self.standing.takes_inputs() {
            return Err(Busy(input));
        }
        match self.inbox.try_send(Mail::Input(input)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(mail) | TrySendError::Disconnected(mail)) => match mail {
                Mail::Input(input) => Err(Busy(input)),
                Mail::Done(_) | Mail::Watched(_) | Mail::Stop => unreachable!("an input was sent"),
            },
        }
    }

    /// How the node behind this door stands.
    pub fn state(&self) -> NodeState {
        self.standing.now()
    }

    /// The state for reading elsewhere.
    pub fn standing(&self) -> Standing {
        self.standing.clone()
    }
}

/// The other side of a door: what waits for the engine.
pub struct Inbox {
    pub(crate) sender: SyncSender<Mail>,
    pub(crate) mails: Receiver<Mail>,
    pub(crate) standing: Standing,
}

/// A door and what is behind it, before there is a node: whoever knocks is started before who answers.
pub fn door() -> (Door, Inbox) {
    let (sender, mails) = mpsc::sync_channel(INBOX);
    let standing = Standing::new();
    let door = Door { inbox: sender.clone(), standing: standing.clone() };
    (door, Inbox { sender, mails, standing })
}

/// What comes through.
pub(crate) enum Mail {
    Input(Box<Input>),
    /// The store has done what it was asked, or failed: then the engine must not go on.
    Done(Result<Box<Input>, WorkError>),
    /// The watch has found a reason against new payments, or that there is none any more.
    Watched(Option<Halt>),
    Stop,
}
