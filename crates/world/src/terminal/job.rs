//! How a command runs: the order of its steps, the line, and the message in the air.

use super::api::{Belief, Command, Effect, Outcome, Question, Text, Wake};
use super::card::EntryMode;
use super::chip::ChipRun;
use super::core::Terminal;
use super::memory::EntryId;
use super::plan::{Step, transaction_of};
use super::refusal::Refusal;
use super::transaction::Transaction;
use super::wire::{self, Class};
use hefu_iso8583::{EncodeError, Message, Mti};
use hefu_tally::Moment;
use std::collections::VecDeque;

/// The connection as the terminal knows it.
#[derive(Copy, Clone)]
pub(super) enum Line {
    Down,
    Connecting { until: Moment },
    Up,
}

/// A command under way.
#[derive(Clone)]
pub(super) struct Job {
    pub command: Command,
    pub transaction: Transaction,
    /// What is still to be done; steps that have nothing to do are passed over.
    pub plan: VecDeque<Step>,
    pub flight: Option<Flight>,
    /// An offline item went unanswered: no further one is tried in this command.
    pub offline_stopped: bool,
}

/// The message in the air; a terminal has one at a time.
#[derive(Clone)]
pub(super) struct Flight {
    pub what: Flying,
    /// Type of the answer.
    pub answer: Mti,
    /// F11 of the request, where it has one.
    pub trace: Option<u32>,
    /// F60.2, unless the answer brings a new one.
    pub batch: Option<u32>,
    /// F60.3 where it is all that tells answers apart, because the request has no F11.
    pub network_code: Option<u16>,
    pub maced: bool,
    pub deadline: Moment,
}

/// What is in the air.
#[derive(Clone)]
pub(super) enum Flying {
    SignOn,
    SignOff,
    Echo,
    Script,
    Reversal,
    Offline(EntryId),
    Money(Box<MoneyFlight>),
    Settlement,
    Upload { items: usize },
    UploadEnd,
    LastResult(EntryId),
    Confirmation { about: EntryId, has: bool },
    Signature(EntryId),
}

/// A money request in the air, with what its answer will be compared with.
#[derive(Clone)]
pub(super) struct MoneyFlight {
    pub request: Message,
    pub id: EntryId,
    pub entry: Option<EntryMode>,
    pub chip: Option<ChipRun>,
}

impl Terminal {
    /// Tries per reversal and script result.
    pub(super) const TRIES: u8 = 3;

    pub(super) fn start(&mut self, now: Moment, command: Command, out: &mut Vec<Effect>) {
        let transaction = transaction_of(&command);
        let plan = self.plan(&command);
        self.job =
            Some(Job { command, transaction, plan: VecDeque::new(), flight: None, offline_stopped: false });
        match plan {
            Err(refusal) => self.refuse(&refusal, out),
            Ok(plan) => {
                if plan.contains(&Step::Reversal) {
                    self.begin_round();
                }
                self.set_plan(plan);
                self.run(now, out);
            }
        }
    }

    /// Goes on with the next step that has something to do, as far as it gets without an answer.
    pub(super) fn run(&mut self, now: Moment, out: &mut Vec<Effect>) {
        while let Some(job) = self.job.as_ref().filter(|job| job.flight.is_none()) {
            let Some(step) = job.plan.front().copied() else {
                self.finish_pending(out);
                return;
            };
            if !self.has_work(step) {
                self.step_is_over();
                continue;
            }
            if self.needs_line(step) {
                match self.line {
                    Line::Up => {}
                    Line::Connecting { .. } => return,
                    Line::Down => {
                        self.dial(now, out);
                        return;
                    }
                }
            }
            if let Err(refusal) = self.launch(now, step, out) {
                self.refuse(&refusal, out);
            }
        }
    }

    fn has_work(&self, step: Step) -> bool {
        match step {
            Step::SignOn => self.memory.sign_on_due,
            Step::Script => self.memory.script.is_some(),
            Step::Reversal => self.memory.reversal.is_some(),
            Step::Offline => {
                let stopped = self.job.as_ref().is_some_and(|job| job.offline_stopped);
                !stopped && !self.memory.offline.is_empty()
            }
            Step::Own => true,
            Step::Upload => self.memory.settling.is_some(),
        }
    }

    fn needs_line(&self, step: Step) -> bool {
        let local = self.job.as_ref().is_some_and(|job| match job.command {
            Command::ClearReversalByMenu | Command::OfflineSale { .. } => true,
            Command::SignOn
            | Command::SignOff
            | Command::Echo
            | Command::Sale { .. }
            | Command::Void { .. }
            | Command::Refund { .. }
            | Command::PreAuth { .. }
            | Command::PreAuthVoid { .. }
            | Command::Completion { .. }
            | Command::CompletionAdvice { .. }
            | Command::CompletionVoid { .. }
            | Command::Balance { .. }
            | Command::Settle
            | Command::LastResult { .. }
            | Command::Confirm { .. }
            | Command::ScriptResult
            | Command::SignatureUpload { .. }
            | Command::SendPending => false,
        });
        !(local && step == Step::Own)
    }

    fn dial(&mut self, now: Moment, out: &mut Vec<Effect>) {
        let until = now.after(self.profile.connect_timeout);
        self.line = Line::Connecting { until };
        out.push(Effect::Show(Text::new("正在连接", "Connecting")));
        out.push(Effect::Connect);
        out.push(Effect::WakeAt(until, Wake::Connection));
    }

    pub(super) fn hang_up(&mut self, out: &mut Vec<Effect>) {
        self.line = Line::Down;
        self.inbox.clear();
        out.push(Effect::Disconnect);
    }

    /// Encodes a request. Nothing is remembered yet, so that a field that cannot be encoded leaves no trace.
    pub(super) fn frame(
        &self,
        transaction: Transaction,
        message: &mut Message,
    ) -> Result<Vec<u8>, EncodeError> {
        let key = if transaction.message_shape().maced { self.mac_key() } else { None };
        let class = if message.has(55) { Class::Chip } else { Class::Magnetic };
        wire::frame(&self.profile, class, key, message)
    }

    /// Puts a request on the line: first the memory is made durable, then the frame leaves.
    pub(super) fn depart(&mut self, frame: Vec<u8>, flight: Flight, out: &mut Vec<Effect>) {
        self.persist(out);
        out.push(Effect::Send(frame));
        out.push(Effect::WakeAt(flight.deadline, Wake::Answer));
        let job = self.job.as_mut().expect("a request leaves for a command");
        assert!(job.flight.is_none(), "a terminal has one message in the air");
        job.flight = Some(flight);
    }

    /// The flight of a request that was just built.
    pub(super) fn flight_of(
        &self,
        now: Moment,
        transaction: Transaction,
        request: &Message,
        id: EntryId,
        what: Flying,
    ) -> Flight {
        Flight {
            what,
            answer: Mti(request.mti.0 + 10),
            trace: request.has(11).then_some(id.trace),
            batch: (transaction != Transaction::SignOn).then_some(id.batch),
            network_code: (!request.has(11)).then_some(transaction.message_shape().network_code),
            maced: transaction.message_shape().maced,
            deadline: now.after(self.profile.answer_timeout),
        }
    }

    pub(super) fn set_plan(&mut self, plan: VecDeque<Step>) {
        if let Some(job) = &mut self.job {
            job.plan = plan;
        }
    }

    /// The step at the front is done with.
    pub(super) fn step_is_over(&mut self) {
        if let Some(job) = &mut self.job {
            job.plan.pop_front();
        }
    }

    /// The terminal refuses by itself: nothing of the command itself has left it.
    pub(super) fn refuse(&mut self, refusal: &Refusal, out: &mut Vec<Effect>) {
        let outcome = self.outcome(None, None, Belief::NotSent, refusal.text());
        self.finish(outcome, out);
    }

    /// The line could not be made.
    pub(super) fn no_line(&mut self, out: &mut Vec<Effect>) {
        if self.job.is_some() {
            self.refuse(&Refusal::NoLine, out);
        }
    }

    /// All steps are done and none was the cashier's own: has everything gone?
    fn finish_pending(&mut self, out: &mut Vec<Effect>) {
        let memory = &self.memory;
        let rest = memory.script.is_some() || memory.reversal.is_some() || !memory.offline.is_empty();
        let script_only = self.job.as_ref().is_some_and(|job| matches!(job.command, Command::ScriptResult));
        let waits = if script_only { memory.script.is_some() } else { rest };
        let (believes, text) = if waits {
            (Belief::Unknown, Text::new("还有交易未上送", "Something still waits"))
        } else {
            (Belief::Approved { amount: 0 }, Text::new("没有待上送的交易", "Nothing waits any more"))
        };
        let outcome = self.outcome(None, None, believes, text);
        self.finish(outcome, out);
    }

    /// An outcome of the running command; what is known of its journal line is filled in.
    pub(super) fn outcome(
        &self,
        id: Option<EntryId>,
        response: Option<&str>,
        believes: Belief,
        text: Text,
    ) -> Outcome {
        let job = self.job.as_ref().expect("only a running command has an outcome");
        let entry = id.and_then(|id| self.memory.record(id)).map(|record| &record.entry);
        Outcome {
            transaction: job.transaction,
            trace: id.map(|id| id.trace),
            batch: id.map_or(self.memory.batch, |id| id.batch),
            rrn: entry.and_then(|entry| entry.rrn.clone()),
            auth: entry.and_then(|entry| entry.auth.clone()),
            response: response.map(str::to_owned),
            believes,
            balance: None,
            text,
        }
    }

    /// Ends the command.
    pub(super) fn finish(&mut self, outcome: Outcome, out: &mut Vec<Effect>) {
        assert!(self.job.is_some(), "a command ends once");
        self.job = None;
        out.push(Effect::Show(outcome.text.clone()));
        if let Some(Question { text, .. }) = &self.question {
            out.push(Effect::Show(Text::new(text.clone(), text.clone())));
        }
        let hang_up = match self.line {
            // Half an answer in the inbox would spoil the next one.
            Line::Up => !self.profile.keep_line_open || !self.inbox.is_empty(),
            Line::Connecting { .. } => true,
            Line::Down => false,
        };
        if hang_up {
            self.hang_up(out);
        }
        out.push(Effect::Done(Box::new(outcome)));
    }
}
