//! A terminal that stays switched on: commands in, reports out.

use super::shell::Shell;
use super::{DriveConfig, DriveError, Faults, Watcher};
use crate::terminal::api::{Command, Outcome, PrinterState, Question, Text};
use crate::terminal::core::Owed;
use crate::terminal::ledger::LedgerEntry;
use crate::terminal::receipt::Receipt;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, oneshot};

/// A terminal in a task of its own. It is switched off when the last handle is dropped.
#[derive(Clone)]
pub struct DriveHandle {
    requests: mpsc::Sender<Request>,
    power: Arc<Notify>,
}

/// All that a command led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub outcome: Outcome,
    /// What the screen showed, in order.
    pub screen: Vec<Text>,
    /// What the printer printed.
    pub slips: Vec<Receipt>,
}

/// What the terminal knows, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub ledger: Vec<LedgerEntry>,
    pub owes: Owed,
    pub batch: u32,
    pub next_trace: u32,
    pub signed_on: bool,
    pub held_slips: usize,
    /// What the acquirer asked the cashier.
    pub question: Option<Question>,
}

type Asker = oneshot::Sender<Result<Report, DriveError>>;

enum Request {
    Command(Box<Command>, Faults, Asker),
    Printer(PrinterState, oneshot::Sender<Result<Vec<Receipt>, DriveError>>),
    View(oneshot::Sender<View>),
}

/// Requests that wait at most; whoever asks more waits with them.
const QUEUE: usize = 16;

impl DriveHandle {
    /// Switches the terminal on.
    ///
    /// # Errors
    /// The memory file cannot be used.
    pub async fn switch_on(config: DriveConfig) -> Result<DriveHandle, DriveError> {
        Ok(DriveHandle::start(Shell::open(config).await?))
    }

    /// The same, with somebody who looks on.
    ///
    /// # Errors
    /// As [`DriveHandle::switch_on`].
    pub async fn switch_on_watched(config: DriveConfig, watcher: Watcher) -> Result<DriveHandle, DriveError> {
        let mut shell = Shell::open(config).await?;
        shell.watched_by(watcher);
        Ok(DriveHandle::start(shell))
    }

    fn start(shell: Shell) -> DriveHandle {
        let (requests, receiver) = mpsc::channel(QUEUE);
        let power = Arc::new(Notify::new());
        let cut = power.clone();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = cut.notified() => {}
                () = serve(shell, receiver) => {}
            }
        });
        DriveHandle { requests, power }
    }

    /// Pulls the power, whatever the terminal is doing: between any two of its effects, or while it waits. Returns
    /// when it is off; its memory is what was durable by then. Whoever waits for a command hears [`DriveError::Off`].
    pub async fn pull_power(&self) {
        self.power.notify_one();
        self.requests.closed().await;
    }

    /// Carries out a command; those of other handles come first if they were earlier.
    ///
    /// # Errors
    /// [`DriveError::Off`] once the terminal stopped, else as [`super::run`].
    pub async fn command(&self, command: Command) -> Result<Report, DriveError> {
        self.command_with(command, Faults::default()).await
    }

    /// The same, with something going wrong.
    ///
    /// # Errors
    /// As [`DriveHandle::command`]. After [`DriveError::Killed`] the terminal is off; switch it on again.
    pub async fn command_with(&self, command: Command, faults: Faults) -> Result<Report, DriveError> {
        self.ask(|answer| Request::Command(Box::new(command), faults, answer)).await?
    }

    /// Changes the printer's state, also while a command runs, and gives the slips that were held and are printed now.
    ///
    /// # Errors
    /// As [`DriveHandle::command`].
    pub async fn printer(&self, state: PrinterState) -> Result<Vec<Receipt>, DriveError> {
        self.ask(|answer| Request::Printer(state, answer)).await?
    }

    /// What the terminal knows now, also while a command runs.
    ///
    /// # Errors
    /// [`DriveError::Off`].
    pub async fn view(&self) -> Result<View, DriveError> {
        self.ask(Request::View).await
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, DriveError> {
        let (sender, answer) = oneshot::channel();
        self.requests.send(request(sender)).await.map_err(|_| DriveError::Off)?;
        answer.await.map_err(|_| DriveError::Off)
    }
}

/// Until the last handle is gone or the power fails. Somebody who no longer waits for an answer is no reason to stop.
async fn serve(mut shell: Shell, mut requests: mpsc::Receiver<Request>) {
    let mut waiting: VecDeque<(Box<Command>, Faults, Asker)> = VecDeque::new();
    let mut running: Option<Asker> = None;
    loop {
        let mut done = Ok(());
        if running.is_none()
            && let Some((command, faults, asker)) = waiting.pop_front()
        {
            shell.faults = faults;
            running = Some(asker);
            done = shell.begin(*command).await;
        }
        if done.is_ok() && !shell.has_ended() {
            let room = waiting.len() < QUEUE;
            tokio::select! {
                request = requests.recv(), if running.is_none() || room => match request {
                    Some(Request::Command(command, faults, asker)) => waiting.push_back((command, faults, asker)),
                    Some(Request::Printer(state, answer)) => {
                        let _ = answer.send(shell.printer(state).await);
                    }
                    Some(Request::View(answer)) => {
                        let _ = answer.send(View::of(&shell));
                    }
                    // The last handle is gone; nobody waits for what runs.
                    None => return,
                },
                event = shell.wait(), if running.is_some() => done = match event {
                    Ok(event) => shell.hear(event).await,
                    Err(error) => Err(error),
                },
            }
        }
        if let Err(error) = done {
            // Off before the answer, so that whoever hears of it can switch on again at once.
            drop(shell);
            drop(requests);
            if let Some(asker) = running {
                let _ = asker.send(Err(error));
            }
            return;
        }
        if let Some(outcome) = shell.ended() {
            let (screen, slips) = (std::mem::take(&mut shell.screen), std::mem::take(&mut shell.slips));
            if let Some(asker) = running.take() {
                let _ = asker.send(Ok(Report { outcome, screen, slips }));
            }
        }
    }
}

impl View {
    fn of(shell: &Shell) -> View {
        let terminal = &shell.terminal;
        View {
            ledger: terminal.ledger().cloned().collect(),
            owes: terminal.owes(),
            batch: terminal.batch(),
            next_trace: terminal.next_trace(),
            signed_on: terminal.signed_on(),
            held_slips: terminal.held_slips(),
            question: terminal.question().cloned(),
        }
    }
}
