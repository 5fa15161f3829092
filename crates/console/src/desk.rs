//! The desk between HTTP and engine: whoever asks draws a ticket, and the engine's answer finds him by it.

use hefu_engine::{Answer, Ask, Conversation, Input, Output, Reply};
use hefu_node::{Busy, Door, NodeState};
use hefu_tally::{Moment, Till};
use serde::Serialize;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use thiserror::Error;
use tokio::{
    sync::{broadcast, oneshot},
    time::timeout,
};
use utoipa::ToSchema;

/// The most questions that wait for the engine at one time.
const MOST_TICKETS: usize = 256;
/// How long a question waits for the engine.
const PATIENCE: Duration = Duration::from_secs(10);
/// Marks the conversations that are held here: those of terminals count from 1.
const OURS: u64 = 1 << 63;
/// How many alarms are kept for whoever looks; the log has all of them.
const MOST_ALARMS: usize = 200;
/// How many a slow listener may be behind; he is told to read anew.
const MOST_UNHEARD: usize = 64;

/// Why a question was not answered.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
pub enum Unanswered {
    #[error("the gateway is not at work, or too much waits at its door")]
    Busy,
    #[error("too many questions wait already")]
    TooMany,
    #[error("no answer came in time; whether it was taken is not known: look before you ask again")]
    Late,
}

/// Asks the engine, on behalf of one request at a time.
#[derive(Clone)]
pub struct Desk {
    /// Another one once the node was started anew.
    door: Arc<Mutex<Door>>,
    tickets: Tickets,
    alarms: Alarms,
}

impl Desk {
    pub fn new(door: Door, tickets: Tickets, alarms: Alarms) -> Desk {
        Desk { door: Arc::new(Mutex::new(door)), tickets, alarms }
    }

    /// From now on asks behind this door: the node was started anew under the same roof.
    pub fn moves_to(&self, door: Door) {
        *self.door.lock().unwrap_or_else(PoisonError::into_inner) = door;
    }

    fn door(&self) -> Door {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands in an input with a fresh ticket and waits for its answer, which is durable.
    ///
    /// # Errors
    /// [`Unanswered`] says whether it may have been taken all the same.
    pub async fn ask(&self, input: impl FnOnce(u64) -> Input) -> Result<Answer, Unanswered> {
        self.wait(Waiting::Answer, PATIENCE, input).await
    }

    /// Asks as a terminal does, and waits so long for its answer, which is durable.
    ///
    /// # Errors
    /// [`Unanswered`] says whether it may have been taken all the same.
    pub async fn converse(&self, till: Till, ask: Ask, patience: Duration) -> Result<Reply, Unanswered> {
        let input = |ticket| Input::Terminal { conversation: Conversation(OURS | ticket), till, ask };
        self.wait(Waiting::Reply, patience, input).await
    }

    async fn wait<T>(
        &self,
        waiting: fn(oneshot::Sender<T>) -> Waiting,
        patience: Duration,
        input: impl FnOnce(u64) -> Input,
    ) -> Result<T, Unanswered> {
        let (sender, answered) = oneshot::channel();
        let ticket = self.tickets.draw(waiting(sender)).ok_or(Unanswered::TooMany)?;
        if let Err(Busy(_)) = self.door().submit(input(ticket)) {
            self.tickets.give_back(ticket);
            return Err(Unanswered::Busy);
        }
        let answer = timeout(patience, answered).await;
        self.tickets.give_back(ticket);
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(Unanswered::Late),
        }
    }

    pub fn node(&self) -> NodeState {
        self.door().state()
    }

    pub fn alarms(&self) -> &Alarms {
        &self.alarms
    }
}

/// The tickets that are out. A clone shares them.
#[derive(Clone, Default)]
pub struct Tickets {
    next: Arc<AtomicU64>,
    out: Arc<Mutex<BTreeMap<u64, Waiting>>>,
}

/// What a ticket waits for.
enum Waiting {
    Answer(oneshot::Sender<Answer>),
    Reply(oneshot::Sender<Reply>),
}

impl Tickets {
    /// Takes what belongs to a ticket out of the engine's outputs and gives the others back. Never waits.
    pub fn deliver(&self, outputs: Vec<Output>) -> Vec<Output> {
        let mut others = Vec::new();
        // Who does not wait any more has been told so.
        for output in outputs {
            match output {
                Output::Answer { ticket, answer } => {
                    if let Some(Waiting::Answer(waiting)) = self.lock().remove(&ticket) {
                        let _ = waiting.send(*answer);
                    }
                }
                Output::Reply { conversation, reply } if conversation.0 & OURS != 0 => {
                    if let Some(Waiting::Reply(waiting)) = self.lock().remove(&(conversation.0 & !OURS)) {
                        let _ = waiting.send(*reply);
                    }
                }
                Output::Load(_)
                | Output::Commit(_)
                | Output::Lease(_)
                | Output::Send { .. }
                | Output::Reply { .. }
                | Output::WakeAt { .. }
                | Output::Alarm { .. } => others.push(output),
            }
        }
        others
    }

    fn draw(&self, waiting: Waiting) -> Option<u64> {
        let mut out = self.lock();
        if out.len() >= MOST_TICKETS {
            return None;
        }
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        out.insert(ticket, waiting);
        Some(ticket)
    }

    fn give_back(&self, ticket: u64) {
        self.lock().remove(&ticket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Waiting>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that a person should know at once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Alarm {
    pub at_ms: i64,
    pub what: String,
}

/// The latest alarms. A clone shares them.
#[derive(Clone)]
pub struct Alarms {
    kept: Arc<Mutex<VecDeque<Alarm>>>,
    ring: broadcast::Sender<Alarm>,
}

impl Default for Alarms {
    fn default() -> Alarms {
        Alarms { kept: Arc::default(), ring: broadcast::Sender::new(MOST_UNHEARD) }
    }
}

impl Alarms {
    /// Keeps an alarm and tells whoever listens; the oldest gives way.
    pub fn ring(&self, at: Moment, what: String) {
        let alarm = Alarm { at_ms: at.0, what };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_ALARMS {
            kept.pop_front();
        }
        kept.push_back(alarm.clone());
        // Nobody may be listening.
        let _ = self.ring.send(alarm);
    }

    /// The newest first.
    pub(crate) fn latest(&self) -> Vec<Alarm> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    /// Alarms from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Alarm> {
        self.ring.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_engine::Said;
    use hefu_tally::Code;

    #[test]
    fn an_answer_finds_who_drew_the_ticket_and_the_rest_goes_on() {
        let tickets = Tickets::default();
        let ((first, mut hears), (second, gone)) = (drawn(&tickets), drawn(&tickets));
        drop(gone);
        let answer = |ticket| Output::Answer { ticket, answer: Box::new(Answer::Done) };
        let alarm = Output::Alarm { what: "test".into() };
        let others = tickets.deliver(vec![answer(first), alarm, answer(second), answer(99)]);
        assert_eq!(others.len(), 1);
        assert!(matches!(hears.try_recv(), Ok(Answer::Done)));
        assert!(tickets.lock().is_empty());
    }

    #[test]
    fn a_reply_finds_its_conversation_here_and_those_of_terminals_go_on() {
        let tickets = Tickets::default();
        let (sender, mut hears) = oneshot::channel();
        let ticket = tickets.draw(Waiting::Reply(sender)).unwrap();
        let said = Reply::new(Moment(7), Said::Done { code: Code::APPROVED });
        let reply = |number| {
            let reply = Box::new(said.clone());
            Output::Reply { conversation: Conversation(number), reply }
        };
        let others = tickets.deliver(vec![reply(ticket), reply(OURS | ticket), reply(OURS | 99)]);
        assert_eq!(others.len(), 1, "a terminal's conversation may have the same number");
        assert_eq!(hears.try_recv(), Ok(said));
        assert!(tickets.lock().is_empty());
    }

    #[test]
    fn tickets_are_bounded_and_come_back() {
        let tickets = Tickets::default();
        let mut out: Vec<_> = (0..MOST_TICKETS).map(|_| drawn(&tickets)).collect();
        assert!(tickets.draw(Waiting::Answer(oneshot::channel().0)).is_none());
        let (ticket, _) = out.pop().unwrap();
        tickets.give_back(ticket);
        assert!(tickets.draw(Waiting::Answer(oneshot::channel().0)).is_some());
    }

    fn drawn(tickets: &Tickets) -> (u64, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        (tickets.draw(Waiting::Answer(sender)).unwrap(), receiver)
    }

    #[test]
    fn the_oldest_alarm_gives_way() {
        let alarms = Alarms::default();
        (0..MOST_ALARMS + 3).for_each(|n| alarms.ring(Moment(0), n.to_string()));
        let latest = alarms.latest();
        assert_eq!((latest.len(), latest[0].what.as_str()), (MOST_ALARMS, "202"));
        assert_eq!(latest[MOST_ALARMS - 1].what, "3");
    }
}
