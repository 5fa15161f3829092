//! The terminal side, pure: frames of terminals become engine inputs, replies of the engine become frames.
//!
//! A request is answered at the edge when no payment can come of it: a line test, a wrong MAC, a terminal that
//! nobody registered, a field that is missing. Everything else opens a conversation, which remembers what the
//! answer must echo, and goes to the engine.

mod answer;
mod config;
mod conversations;
mod fields;
mod form;
mod money;
mod network;
mod refusal;
mod request;
mod routes;
mod salvage;
mod words;

#[cfg(test)]
mod tests;

pub use config::{ConfigError, PosConfig, TillConfig};
use hefu_mutant::mutant;
pub use refusal::{Refusal, ReplyError};
pub use routes::{Route, RouteError, Routes};

use crate::{names, notes::Noted};
use answer::Content;
use conversations::{Conversations, Waiting};
use form::{Form, WhenBusy};
use hefu_engine::{Ask, Conversation, Input, Note, Reply, Said};
use hefu_iso8583::{
    CUP_POS, DecodeError, Message, Mti,
    frame::{PosFrame, split_pos},
};
use hefu_slip::Language;
use hefu_tally::{MerchantNo, Moment, TerminalNo, Till};
use hefu_vault::{Dice, Vault, VaultError};
use request::Asked;

/// One connection of a terminal, given by the shell and never used twice while it runs.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ConnectionId(pub u64);

/// Terminals as the engine sees them. Holds no keys: the vault is handed in.
pub struct PosEdge {
    config: PosConfig,
    conversations: Conversations,
}

/// What became of one frame.
#[derive(Default)]
pub struct Taken {
    /// For the engine, in the order of the frames.
    pub input: Option<Input>,
    /// A frame (without its length) to be written back at once.
    pub answer: Option<Vec<u8>>,
    /// To be on record.
    pub note: Option<Noted>,
    /// The connection is to be closed, after the answer if there is one.
    pub close: bool,
}

impl PosEdge {
    /// An edge without conversations.
    ///
    /// # Errors
    /// A number in the configuration that no field can carry.
    pub fn new(config: PosConfig) -> Result<PosEdge, ConfigError> {
        config.check()?;
        let conversations = Conversations::new(config.conversations);
        Ok(PosEdge { config, conversations })
    }

    /// Takes one frame, without its length, from a terminal.
    pub fn frame(
        &mut self,
        vault: &mut Vault,
        dice: &mut dyn Dice,
        now: Moment,
        from: ConnectionId,
        frame: &[u8],
    ) -> Taken {
        let parts = match split_pos(frame) {
            Ok(parts) => parts,
            Err(error) => return Taken::closed(None, "bad_frame", error.to_string()),
        };
        match CUP_POS.decode(parts.body) {
            Ok(message) => self.message(vault, dice, now, from, &parts, &message),
            Err(error) => self.broken(vault, now, from, &parts, error),
        }
    }

    /// The frame (without its length) that carries a reply, and where to write it. A sign-on's keys take effect
    /// here: the engine speaks of them only when they are committed.
    ///
    /// # Errors
    /// Nobody waits any more, or the answer could not be made. The answer is then surely not delivered, which the
    /// caller tells the engine by [`Input::Unwritten`].
    pub fn reply(
        &mut self,
        vault: &mut Vault,
        conversation: Conversation,
        reply: &Reply,
    ) -> Result<(ConnectionId, Vec<u8>), ReplyError> {
        let waiting = self.conversations.take(conversation).ok_or(ReplyError::NobodyWaits)?;
        if let (Said::SignOn { .. }, Some(wrapped)) = (&reply.what, &waiting.wrapped) {
            vault.adopt(&names::terminal(&waiting.till), wrapped)?;
        }
        let connection = waiting.connection.ok_or(ReplyError::NobodyWaits)?;
        let frame = answer::frame(vault, &self.config, &waiting, reply.at, &Content::Said(reply))?;
        Ok((connection, frame))
    }

    /// The engine did not take the request of this conversation: nothing of it will ever be sent. A request that
    /// opens something hears "unknown" all the same, since it may be the repeat of what was charged long ago. What a
    /// terminal keeps until it is answered (reversals, advices, settlement, uploads, script results) hears nothing, so
    /// that it comes again.
    pub fn busy(
        &mut self,
        vault: &Vault,
        now: Moment,
        conversation: Conversation,
    ) -> Option<(ConnectionId, Vec<u8>)> {
        let waiting = self.conversations.take(conversation)?;
        let content = self.turned_away(&waiting)?;
        let frame = answer::frame(vault, &self.config, &waiting, now, &content).ok()?;
        Some((waiting.connection?, frame))
    }

    /// A connection is gone; its conversations have nobody to answer. Sign-ons are remembered without what they
    /// would echo, because their keys take effect all the same.
    pub fn closed(&mut self, connection: ConnectionId) {
        self.conversations.closed(connection);
    }

    /// Forgets conversations older than the configured age; how many.
    pub fn expire(&mut self, now: Moment) -> usize {
        self.conversations.expire(now.after(-self.config.conversation_age))
    }

    /// Conversations that wait for the engine.
    pub fn waiting(&self) -> usize {
        self.conversations.len()
    }

    /// Gives a terminal the working keys that the store kept, oldest first.
    ///
    /// # Errors
    /// The vault does not know the terminal, or the keys were not wrapped for it.
    pub fn load_keys(&self, vault: &mut Vault, till: &Till, wrapped: &[u8]) -> Result<(), VaultError> {
        vault.adopt(&names::terminal(till), wrapped)
    }

    fn till(&self, till: &Till) -> Option<&TillConfig> {
        self.config.tills.get(till)
    }

    /// A message that could be decoded.
    fn message(
        &mut self,
        vault: &mut Vault,
        dice: &mut dyn Dice,
        now: Moment,
        from: ConnectionId,
        parts: &PosFrame<'_>,
        message: &Message,
    ) -> Taken {
        let Some((form, till)) = addressed(message) else {
            let text = "no request of a terminal, or without F11, F41 or F42".to_owned();
            return Taken::closed(None, "bad_message", text);
        };
        let mut waiting = self.waiter(now, from, parts, form, till, message);
        let asked = self.ask(vault, dice, &mut waiting, message, parts.body);
        match asked {
            Ok(Asked::Engine(ask)) => self.open(vault, now, waiting, ask),
            Ok(Asked::Echo) => match answer::frame(vault, &self.config, &waiting, now, &Content::Echo) {
                Ok(frame) => Taken { answer: Some(frame), ..Taken::default() },
                Err(error) => Taken::closed(Some(till), "bad_answer", error.to_string()),
            },
            Err(refusal) => self.refuse(vault, now, &mut waiting, &refusal),
        }
    }

    /// From a decoded message to what it asks for, cheapest check first.
    fn ask(
        &self,
        vault: &mut Vault,
        dice: &mut dyn Dice,
        waiting: &mut Waiting,
        message: &Message,
        body: &[u8],
    ) -> Result<Asked, Refusal> {
        let till = self.till(&waiting.till).ok_or_else(|| self.stranger(&waiting.till))?;
        // The MAC before the meaning: a garbled repeat must not be refused as what it is not, since an earlier copy of
        // it may have been taken.
        if waiting.form.is_maced() {
            waiting.key = Some(check_mac(vault, waiting, message, body)?);
        }
        let sort = request::classify(message)?;
        waiting.form = sort.form();
        if waiting.form.is_maced() && waiting.key.is_none() {
            waiting.key = Some(check_mac(vault, waiting, message, body)?);
        }
        waiting.keep(message);
        request::understand(sort, vault, dice, &self.config, till, waiting, message)
    }

    fn open(&mut self, vault: &Vault, now: Moment, mut waiting: Waiting, ask: Ask) -> Taken {
        let till = waiting.till;
        if self.conversations.is_full() {
            return self.refuse(vault, now, &mut waiting, &Refusal::Busy);
        }
        let conversation = self.conversations.open(waiting);
        Taken { input: Some(Input::Terminal { conversation, till, ask }), ..Taken::default() }
    }

    /// What a request hears that finds the door full; `None`: silence.
    fn turned_away(&self, waiting: &Waiting) -> Option<Content<'static>> {
        match waiting.form.when_busy() {
            WhenBusy::Silence => None,
            WhenBusy::Unknown => Some(Content::Unknown(self.till(&waiting.till)?.unknown)),
            WhenBusy::Unreachable => Some(Content::Refused(Refusal::Busy.code())),
        }
    }

    fn refuse(&self, vault: &Vault, now: Moment, waiting: &mut Waiting, refusal: &Refusal) -> Taken {
        if waiting.form.is_maced() && waiting.key.is_none() {
            waiting.key = vault.current_key(&names::terminal(&waiting.till)).ok();
        }
        let note = Note { kind: refusal.kind(), text: refusal.to_string() };
        let content = match refusal {
            Refusal::Busy => self.turned_away(waiting),
            other => Some(Content::Refused(other.code())),
        };
        let answer = content.map(|content| answer::frame(vault, &self.config, waiting, now, &content));
        let answer = answer.and_then(Result::ok);
        let close = answer.is_none();
        Taken { input: None, answer, note: Some(Noted { till: Some(waiting.till), note }), close }
    }

    /// A message that could not be decoded: answered 30 when enough of it can be read, else the line is closed.
    fn broken(
        &self,
        vault: &Vault,
        now: Moment,
        from: ConnectionId,
        parts: &PosFrame<'_>,
        error: DecodeError,
    ) -> Taken {
        let rest = salvage::read(parts.body).unwrap_or(Message::new(Mti(0)));
        let Some((form, till)) = addressed(&rest) else {
            return Taken::closed(None, "bad_message", error.to_string());
        };
        let mut waiting = self.waiter(now, from, parts, form, till, &rest);
        let refusal = match self.till(&till) {
            Some(_) => Refusal::Decode(error),
            None => self.stranger(&till),
        };
        self.refuse(vault, now, &mut waiting, &refusal)
    }

    fn stranger(&self, till: &Till) -> Refusal {
        match self.config.knows_merchant(till.merchant) {
            true => Refusal::UnknownTerminal,
            false => Refusal::UnknownMerchant,
        }
    }

    fn waiter(
        &self,
        now: Moment,
        from: ConnectionId,
        parts: &PosFrame<'_>,
        form: Form,
        till: Till,
        message: &Message,
    ) -> Waiting {
        let language = self.till(&till).map_or(Language::Zh, |till| till.language);
        Waiting::new(now, from, parts, form, till, language, message)
    }
}

/// Which keys the message's MAC is good under.
fn check_mac(
    vault: &mut Vault,
    waiting: &Waiting,
    message: &Message,
    body: &[u8],
) -> Result<hefu_vault::KeyUse, Refusal> {
    let current = vault.current_key(&names::terminal(&waiting.till)).ok();
    if let Some(key) = current.filter(|_| mutant!(ChecksNoTerminalsMac)) {
        return Ok(key);
    }
    let mac = fields::mac(message)?;
    Ok(vault.check_pos_mac(&names::terminal(&waiting.till), hefu_iso8583::mac_input(body), &mac)?)
}

/// What an answer needs at least: a request's MTI, F41 and F42, and F11 for all but a line test.
fn addressed(message: &Message) -> Option<(Form, Till)> {
    let form = Form::guess(message)?;
    let merchant = MerchantNo::parse(message.get(42)?).ok()?;
    let terminal = TerminalNo::parse(message.get(41)?).ok()?;
    (form == Form::Echo || message.has(11)).then_some((form, Till { merchant, terminal }))
}

impl Taken {
    fn closed(till: Option<Till>, kind: &'static str, text: String) -> Taken {
        Taken { note: Some(Noted { till, note: Note { kind, text } }), close: true, ..Taken::default() }
    }
}

/// Shows no content.
impl std::fmt::Debug for PosEdge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PosEdge({} tills, {} conversations)", self.config.tills.len(), self.waiting())
    }
}
