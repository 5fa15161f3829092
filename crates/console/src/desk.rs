//! The desk between HTTP and engine: whoever asks draws a ticket, and the engine's answer finds him by it.

use hefu_engine::{Answer, Input, Output};
use hefu_node::{Busy, Door, NodeState};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use thiserror::Error;
use tokio::{sync::oneshot, time::timeout};

/// The most questions that wait for the engine at one time.
const MOST_TICKETS: usize = 256;
/// How long a question waits for the engine.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many alarms are kept for whoever looks; the log has all of them.
const MOST_ALARMS: usize = 200;

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
    door: Door,
    tickets: Tickets,
    alarms: Alarms,
}

impl Desk {
    pub fn new(door: Door, tickets: Tickets, alarms: Alarms) -> Desk {
        Desk { door, tickets, alarms }
    }

    /// Hands in an input with a fresh ticket and waits for its answer, which is durable.
    ///
    /// # Errors
    /// [`Unanswered`] says whether it may have been taken all the same.
    pub async fn ask(&self, input: impl FnOnce(u64) -> Input) -> Result<Answer, Unanswered> {
        let (ticket, answered) = self.tickets.draw().ok_or(Unanswered::TooMany)?;
        if let Err(Busy(_)) = self.door.submit(input(ticket)) {
            self.tickets.give_back(ticket);
            return Err(Unanswered::Busy);
        }
        let answer = timeout(PATIENCE, answered).await;
        self.tickets.give_back(ticket);
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(Unanswered::Late),
        }
    }

    pub fn node(&self) -> NodeState {
        self.door.state()
    }

    pub fn alarms(&self) -> Vec<String> {
        self.alarms.latest()
    }
}

/// The tickets that are out. A clone shares them.
#[derive(Clone, Default)]
pub struct Tickets {
    next: Arc<AtomicU64>,
    out: Arc<Mutex<BTreeMap<u64, oneshot::Sender<Answer>>>>,
}

impl Tickets {
    /// Takes the answers out of the engine's outputs and gives the others back. Never waits.
    pub fn deliver(&self, outputs: Vec<Output>) -> Vec<Output> {
        let mut others = Vec::new();
        for output in outputs {
            match output {
                Output::Answer { ticket, answer } => {
                    let waiting = self.lock().remove(&ticket);
                    // Who does not wait any more has been told so.
                    let _ = waiting.map(|waiting| waiting.send(*answer));
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

    fn draw(&self) -> Option<(u64, oneshot::Receiver<Answer>)> {
        let (sender, receiver) = oneshot::channel();
        let mut out = self.lock();
        if out.len() >= MOST_TICKETS {
            return None;
        }
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        out.insert(ticket, sender);
        Some((ticket, receiver))
    }

    fn give_back(&self, ticket: u64) {
        self.lock().remove(&ticket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, oneshot::Sender<Answer>>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The latest alarms, oldest first. A clone shares them.
#[derive(Clone, Default)]
pub struct Alarms {
    kept: Arc<Mutex<VecDeque<String>>>,
}

impl Alarms {
    /// Keeps an alarm; the oldest gives way.
    pub fn ring(&self, what: String) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_ALARMS {
            kept.pop_front();
        }
        kept.push_back(what);
    }

    fn latest(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_finds_who_drew_the_ticket_and_the_rest_goes_on() {
        let tickets = Tickets::default();
        let (first, mut hears) = tickets.draw().unwrap();
        let (second, gone) = tickets.draw().unwrap();
        drop(gone);
        let answer = |ticket| Output::Answer { ticket, answer: Box::new(Answer::Done) };
        let alarm = Output::Alarm { what: "test".into() };
        let others = tickets.deliver(vec![answer(first), alarm, answer(second), answer(99)]);
        assert_eq!(others.len(), 1);
        assert!(matches!(hears.try_recv(), Ok(Answer::Done)));
        assert!(tickets.lock().is_empty());
    }

    #[test]
    fn tickets_are_bounded_and_come_back() {
        let tickets = Tickets::default();
        let mut out: Vec<_> = (0..MOST_TICKETS).map(|_| tickets.draw().unwrap()).collect();
        assert!(tickets.draw().is_none());
        let (ticket, _) = out.pop().unwrap();
        tickets.give_back(ticket);
        assert!(tickets.draw().is_some());
    }

    #[test]
    fn the_oldest_alarm_gives_way() {
        let alarms = Alarms::default();
        (0..MOST_ALARMS + 3).for_each(|n| alarms.ring(n.to_string()));
        assert_eq!((alarms.latest().len(), alarms.latest()[0].as_str()), (MOST_ALARMS, "3"));
    }
}
