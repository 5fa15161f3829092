//! A terminal that stays switched on: commands in, reports out.

use super::shell::Shell;
use super::{DriveConfig, DriveError, Faults};
use crate::terminal::api::{Command, Outcome, PrinterState, Question, Text};
use crate::terminal::core::Owed;
use crate::terminal::ledger::LedgerEntry;
use crate::terminal::receipt::Receipt;
use tokio::sync::{mpsc, oneshot};

/// A terminal in a task of its own. It is switched off when the last handle is dropped.
#[derive(Clone)]
pub struct DriveHandle(mpsc::Sender<Request>);

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

enum Request {
    Command(Box<Command>, Faults, oneshot::Sender<Result<Report, DriveError>>),
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
        let shell = Shell::open(config).await?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(serve(shell, receiver));
        Ok(DriveHandle(sender))
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

    /// Changes the printer's state and gives the slips that were held and are printed now.
    ///
    /// # Errors
    /// As [`DriveHandle::command`].
    pub async fn printer(&self, state: PrinterState) -> Result<Vec<Receipt>, DriveError> {
        self.ask(|answer| Request::Printer(state, answer)).await?
    }

    /// What the terminal knows now.
    ///
    /// # Errors
    /// [`DriveError::Off`].
    pub async fn view(&self) -> Result<View, DriveError> {
        self.ask(Request::View).await
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, DriveError> {
        let (sender, answer) = oneshot::channel();
        self.0.send(request(sender)).await.map_err(|_| DriveError::Off)?;
        answer.await.map_err(|_| DriveError::Off)
    }
}

/// Until the last handle is gone or the power fails. Somebody who no longer waits for an answer is no reason to stop.
async fn serve(mut shell: Shell, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Command(command, faults, answer) => {
                shell.faults = faults;
                let outcome = shell.perform(*command).await;
                let (screen, slips) = (std::mem::take(&mut shell.screen), std::mem::take(&mut shell.slips));
                let failed = outcome.is_err();
                if failed {
                    // Off before the answer, so that whoever hears of it can switch on again at once.
                    drop(shell);
                    let _ = answer.send(outcome.map(|outcome| Report { outcome, screen, slips }));
                    return;
                }
                let _ = answer.send(outcome.map(|outcome| Report { outcome, screen, slips }));
            }
            Request::Printer(state, answer) => {
                let printed = shell.printer(state).await;
                let slips = std::mem::take(&mut shell.slips);
                let _ = answer.send(printed.map(|()| slips));
            }
            Request::View(answer) => {
                let terminal = &shell.terminal;
                let _ = answer.send(View {
                    ledger: terminal.ledger().cloned().collect(),
                    owes: terminal.owes(),
                    batch: terminal.batch(),
                    next_trace: terminal.next_trace(),
                    signed_on: terminal.signed_on(),
                    held_slips: terminal.held_slips(),
                    question: terminal.question().cloned(),
                });
            }
        }
    }
}
