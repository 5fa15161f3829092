//! One life of the engine over a store: from its start to the order to stop, or to the store's failure.

use crate::{
    clock::{Clock, ScaledClock},
    door::Mail,
    keep::Keep,
    node::Outbox,
    state::{NodeState, Standing},
    work::{Work, WorkError, carry_out},
};
use hefu_engine::{Engine, Halt, Input, Output};
use hefu_tally::{LinkId, Moment};
use std::{
    collections::BTreeMap,
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How many inputs are handled before their outputs go out.
const ROUND: usize = 512;
/// The longest sleep, so that a stop is noticed.
const LONGEST_SLEEP: Duration = Duration::from_millis(200);
/// How long the store must have nothing to do before it tidies up.
const IDLE: Duration = Duration::from_millis(50);
/// How often it is looked whether the store's thread has ended.
const ENDS: Duration = Duration::from_millis(5);

/// What every life of a node shares.
pub(crate) struct House<O> {
    pub node: u16,
    pub clock: ScaledClock,
    pub mails: Receiver<Mail>,
    pub answers: SyncSender<Mail>,
    pub outbox: O,
    pub standing: Standing,
    pub said: Said,
    /// The order to stop came while there was no engine to hear it.
    pub stopped: bool,
}

/// What a new engine must be told again, because it was said once and is not stored.
#[derive(Default)]
pub(crate) struct Said {
    links: BTreeMap<LinkId, bool>,
    /// Against new payments: what a person said, and what the watch says.
    by_hand: Option<Halt>,
    watched: Option<Halt>,
    /// Inputs that no engine has seen: the store failed first. Bounded by the inbox, which was closed.
    unheard: Vec<Input>,
}

/// How a life ended.
pub(crate) enum End {
    Stopped,
    Failed(WorkError),
}

impl Said {
    /// Notes what an input says beyond the moment; gives the input as the engine has to hear it.
    fn note(&mut self, input: Input) -> Input {
        if let Input::Link { link, up } = &input {
            self.links.insert(*link, *up);
        }
        match input {
            Input::House { refuse } => {
                self.by_hand = refuse;
                self.house()
            }
            input => input,
        }
    }

    /// Whether new payments are taken on: a person's word goes before the watch's.
    fn house(&self) -> Input {
        Input::House { refuse: self.by_hand.or(self.watched) }
    }

    /// Takes a mail while there is no engine. Returns whether it was the order to stop.
    pub fn keep(&mut self, mail: Mail) -> bool {
        match mail {
            Mail::Input(input) => {
                let input = self.note(*input);
                match input {
                    Input::Link { .. } | Input::House { .. } => {}
                    input => self.unheard.push(input),
                }
            }
            Mail::Watched(halt) => self.watched = halt,
            // Of a life that is over.
            Mail::Done(_) => {}
            Mail::Stop => return true,
        }
        false
    }

    /// The state of a node at work.
    fn state(&self) -> NodeState {
        match self.watched {
            Some(Halt::DiskLow) => NodeState::DiskLow,
            Some(Halt::ClockJumped) => NodeState::ClockJumped,
            Some(Halt::ByHand) | None => NodeState::Running,
        }
    }
}

impl<O: Outbox> House<O> {
    /// Runs an engine over the store until it is told to stop, or the store fails. The store comes back, unless its
    /// thread panicked.
    pub fn live<S: Keep>(&mut self, store: S, engine: Engine) -> io::Result<(End, thread::Result<S>)> {
        let (orders, work) = mpsc::channel();
        let (node, answers) = (self.node, self.answers.clone());
        let keeper = thread::Builder::new()
            .name("hefu-store".into())
            .spawn(move || keep(store, node, &work, &answers))?;
        let end = self.run(engine, &orders);
        drop(orders);
        Ok((end, self.wait_for(keeper)))
    }

    fn run(&mut self, mut engine: Engine, orders: &Sender<Work>) -> End {
        let mut outputs = Vec::new();
        self.begin(&mut engine, &mut outputs);
        let mut wake = route(&mut outputs, orders, &mut self.outbox);
        loop {
            let sleep = wake.map_or(LONGEST_SLEEP, |at| self.clock.real_until(at).min(LONGEST_SLEEP));
            let mut mail = match self.mails.recv_timeout(sleep) {
                Ok(mail) => mail,
                Err(RecvTimeoutError::Timeout) => Mail::Input(Box::new(Input::Time)),
                Err(RecvTimeoutError::Disconnected) => return End::Stopped,
            };
            let now = self.clock.now();
            for left in (0..ROUND).rev() {
                if let Some(end) = self.hear(&mut engine, now, mail, &mut outputs) {
                    return end;
                }
                // What does not fit into this round stays in the inbox.
                let next = if left > 0 { self.mails.try_recv().ok() } else { None };
                let Some(next) = next else { break };
                mail = next;
            }
            wake = route(&mut outputs, orders, &mut self.outbox);
            if self.standing.is_abandoned() {
                return End::Stopped;
            }
        }
    }

    /// Tells a new engine what it cannot know from its store.
    fn begin(&mut self, engine: &mut Engine, outputs: &mut Vec<Output>) {
        let now = self.clock.now();
        engine.handle(now, Input::Time, outputs);
        for (link, up) in &self.said.links {
            engine.handle(now, Input::Link { link: *link, up: *up }, outputs);
        }
        let unheard = std::mem::take(&mut self.said.unheard);
        if !unheard.is_empty() {
            // Whoever asked may have given up meanwhile: no new payment begins with what has waited.
            self.alarm(format!(
                "{} inputs waited for the store; no new payment begins with them",
                unheard.len()
            ));
            engine.handle(now, Input::House { refuse: Some(Halt::ByHand) }, outputs);
            unheard.into_iter().for_each(|input| engine.handle(now, input, outputs));
        }
        engine.handle(now, self.said.house(), outputs);
        self.tell();
    }

    /// Hands a mail to the engine; gives back how its life ends, if it does.
    fn hear(
        &mut self,
        engine: &mut Engine,
        now: Moment,
        mail: Mail,
        outputs: &mut Vec<Output>,
    ) -> Option<End> {
        match mail {
            Mail::Input(input) => engine.handle(now, self.said.note(*input), outputs),
            Mail::Done(Ok(input)) => engine.handle(now, *input, outputs),
            Mail::Done(Err(error)) => return Some(End::Failed(error)),
            Mail::Watched(halt) => {
                self.said.watched = halt;
                engine.handle(now, self.said.house(), outputs);
                self.tell();
            }
            Mail::Stop => return Some(End::Stopped),
        }
        None
    }

    /// Publishes the state of a node at work. That it is back is worth an alarm; why it takes no new payments on the
    /// engine says itself.
    fn tell(&mut self) {
        let before = self.standing.set(self.said.state());
        if !before.is_at_work() && before != NodeState::Starting {
            self.alarm(format!("the node is back: {}", self.said.state()));
        }
    }

    /// Lets a person know.
    pub fn alarm(&mut self, what: String) {
        self.outbox.deliver(vec![Output::Alarm { what }]);
    }

    /// Waits for the store's thread, which may still have answers to get rid of.
    fn wait_for<S>(&mut self, keeper: JoinHandle<S>) -> thread::Result<S> {
        while !keeper.is_finished() {
            if let Ok(mail) = self.mails.recv_timeout(ENDS) {
                self.stopped |= self.said.keep(mail);
            }
        }
        keeper.join()
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
            Output::Send { .. } | Output::Reply { .. } | Output::Alarm { .. } | Output::Answer { .. } => {
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

/// The store's thread: does what it is asked in order, until it fails or nobody asks any more.
fn keep<S: Keep>(mut store: S, node: u16, work: &Receiver<Work>, answers: &SyncSender<Mail>) -> S {
    loop {
        match work.recv_timeout(IDLE) {
            Ok(work) => {
                let done = carry_out(&mut store, node, work).map(Box::new);
                let failed = done.is_err();
                if answers.send(Mail::Done(done)).is_err() || failed {
                    return store;
                }
            }
            Err(RecvTimeoutError::Timeout) => store.maintain(),
            Err(RecvTimeoutError::Disconnected) => return store,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(refuse: Option<Halt>) -> Input {
        Input::House { refuse }
    }

    /// What a person and the watch say one after the other, and what an engine then has to be told.
    #[test]
    fn a_person_goes_before_the_watch_and_each_takes_back_only_its_own_word() {
        let (by_hand, low) = (Some(Halt::ByHand), Some(Halt::DiskLow));
        let person = |refuse| Mail::Input(Box::new(house(refuse)));
        let cases = [
            (vec![], None),
            (vec![Mail::Watched(low)], low),
            (vec![Mail::Watched(low), person(by_hand)], by_hand),
            (vec![Mail::Watched(low), person(by_hand), Mail::Watched(None)], by_hand),
            (vec![Mail::Watched(low), person(by_hand), person(None)], low),
            (vec![Mail::Watched(low), Mail::Watched(None)], None),
        ];
        for (place, (mails, refuse)) in cases.into_iter().enumerate() {
            let mut said = Said::default();
            assert!(!mails.into_iter().any(|mail| said.keep(mail)), "row {place}");
            assert!(said.house() == house(refuse), "row {place}");
            assert!(said.unheard.is_empty(), "row {place}: none of it is told twice");
        }
    }

    #[test]
    fn while_there_is_no_engine_a_links_last_state_is_kept_once_and_other_inputs_in_their_order() {
        let mut said = Said::default();
        let link = |up| Input::Link { link: LinkId(1), up };
        let note = |text: &str| {
            let note = hefu_engine::Note { kind: "bad_frame", text: text.into() };
            Input::Note { till: None, note }
        };
        for input in [link(true), note("one"), link(false), note("two")] {
            assert!(!said.keep(Mail::Input(Box::new(input))));
        }
        assert_eq!(said.links, BTreeMap::from([(LinkId(1), false)]));
        assert!(said.unheard == [note("one"), note("two")]);
        assert!(said.keep(Mail::Stop), "the order to stop is told to whoever waits");
    }
}
