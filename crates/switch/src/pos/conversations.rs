//! Requests that wait for their reply, bounded in number and age.

use super::{ConnectionId, form::Form};
use hefu_engine::Conversation;
use hefu_iso8583::{
    Message, Mti,
    frame::{PosFrame, PosHeader, Tpdu},
};
use hefu_slip::Language;
use hefu_tally::{Moment, Till};
use hefu_vault::KeyUse;
use std::collections::{BTreeMap, BTreeSet};

/// What an answer needs of its request. Zeroised when dropped: [`Message`] sees to that.
pub(super) struct Waiting {
    /// `None` when the connection is gone and only a sign-on's keys still matter.
    pub connection: Option<ConnectionId>,
    pub since: Moment,
    pub tpdu: Tpdu,
    pub header: PosHeader,
    pub till: Till,
    pub language: Language,
    pub form: Form,
    /// The keys that the request's MAC was good under; the answer uses the same.
    pub key: Option<KeyUse>,
    /// The fields that the answer repeats, under the request's MTI.
    pub echo: Message,
    /// The working keys of a sign-on, sealed for the vault.
    pub wrapped: Option<Vec<u8>>,
}

impl Waiting {
    pub fn new(
        now: Moment,
        from: ConnectionId,
        parts: &PosFrame<'_>,
        form: Form,
        till: Till,
        language: Language,
        message: &Message,
    ) -> Waiting {
        let mut waiting = Waiting {
            connection: Some(from),
            since: now,
            tpdu: parts.tpdu,
            header: parts.header,
            till,
            language,
            form,
            key: None,
            echo: Message::new(message.mti),
            wrapped: None,
        };
        waiting.keep(message);
        waiting
    }

    /// Keeps what the form of the answer echoes, and nothing else.
    pub fn keep(&mut self, message: &Message) {
        self.echo = Message::new(message.mti);
        for field in self.form.echoes() {
            if let Some(value) = message.get(*field) {
                self.echo.set(*field, value);
            }
        }
    }
}

/// All conversations, by number: older ones have smaller numbers.
pub(super) struct Conversations {
    max: usize,
    last: u64,
    open: BTreeMap<Conversation, Waiting>,
    by_connection: BTreeSet<(ConnectionId, Conversation)>,
}

impl Conversations {
    pub fn new(max: usize) -> Conversations {
        Conversations { max, last: 0, open: BTreeMap::new(), by_connection: BTreeSet::new() }
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn is_full(&self) -> bool {
        self.open.len() >= self.max
    }

    /// # Panics
    /// When there is no room: the caller asks [`is_full`](Self::is_full) first.
    pub fn open(&mut self, waiting: Waiting) -> Conversation {
        assert!(!self.is_full(), "conversations are bounded");
        self.last += 1;
        let conversation = Conversation(self.last);
        if let Some(connection) = waiting.connection {
            self.by_connection.insert((connection, conversation));
        }
        self.open.insert(conversation, waiting);
        conversation
    }

    pub fn take(&mut self, conversation: Conversation) -> Option<Waiting> {
        let waiting = self.open.remove(&conversation)?;
        if let Some(connection) = waiting.connection {
            self.by_connection.remove(&(connection, conversation));
        }
        Some(waiting)
    }

    pub fn closed(&mut self, connection: ConnectionId) {
        let first = (connection, Conversation(0));
        let last = (connection, Conversation(u64::MAX));
        let gone: Vec<_> = self.by_connection.range(first..=last).copied().collect();
        for key in gone {
            self.by_connection.remove(&key);
            let Some(mut waiting) = self.open.remove(&key.1) else { continue };
            if waiting.wrapped.is_some() {
                waiting.connection = None;
                waiting.echo = Message::new(Mti(800));
                self.open.insert(key.1, waiting);
            }
        }
    }

    /// Forgets what was opened before `limit`; how many.
    pub fn expire(&mut self, limit: Moment) -> usize {
        let mut gone = 0;
        while let Some((&conversation, waiting)) = self.open.first_key_value() {
            if waiting.since >= limit {
                break;
            }
            self.take(conversation);
            gone += 1;
        }
        gone
    }
}
