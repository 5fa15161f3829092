//! Carries the terminal's effects out, one after the other, and brings it bytes and time.

use super::file::StateFile;
use super::{DriveConfig, DriveError, Faults, Seen, Watcher};
use crate::terminal::api::{Command, Effect, Outcome, PrinterState, Text};
use crate::terminal::core::Terminal;
use crate::terminal::receipt::Receipt;
use hefu_node::clock::{Clock, ScaledClock};
use hefu_tally::Moment;
use hefu_vault::Dice;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A terminal that is switched on.
pub(super) struct Shell {
    pub(super) terminal: Terminal,
    pub(super) faults: Faults,
    /// What the screen showed since the last command began.
    pub(super) screen: Vec<Text>,
    /// What was printed since the last command began.
    pub(super) slips: Vec<Receipt>,
    watcher: Option<Watcher>,
    file: StateFile,
    clock: ScaledClock,
    address: SocketAddr,
    socket: Option<TcpStream>,
    wake: Option<Moment>,
    outcome: Option<Outcome>,
    /// Effects carried out and messages sent since the last command began.
    carried: usize,
    sent: usize,
}

/// However fast scaled time passes, the operating system gets this much to connect or to take a message.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a terminal waits for.
pub(super) enum Event {
    Bytes(Vec<u8>),
    Closed,
    Time,
}

impl Shell {
    pub(super) async fn open(config: DriveConfig) -> Result<Shell, DriveError> {
        if config.time_scale == 0 {
            return Err(DriveError::TimeScale);
        }
        let DriveConfig { address, state_file, time_scale, profile, faults } = config;
        let (file, sealed) = StateFile::open(state_file.clone(), ScaledClock::wall())?;
        let terminal = match sealed {
            Some(sealed) => Terminal::from_persisted(profile, &sealed)
                .map_err(|source| DriveError::Memory { path: state_file, source })?,
            None => {
                let mut seed = [0; 8];
                getrandom::fill(&mut seed).map_err(DriveError::Dice)?;
                Terminal::new(profile, &mut Seed(seed))
            }
        };
        let clock = ScaledClock::new(file.anchor(), time_scale);
        Ok(Shell {
            terminal,
            faults,
            screen: Vec::new(),
            slips: Vec::new(),
            watcher: None,
            file,
            clock,
            address,
            socket: None,
            wake: None,
            outcome: None,
            carried: 0,
            sent: 0,
        })
    }

    /// Somebody looks on from now on.
    pub(super) fn watched_by(&mut self, watcher: Watcher) {
        self.watcher = Some(watcher);
    }

    /// Carries out one command to its end.
    pub(super) async fn perform(&mut self, command: Command) -> Result<Outcome, DriveError> {
        self.begin(command).await?;
        loop {
            if let Some(outcome) = self.outcome.take() {
                return Ok(outcome);
            }
            let event = self.wait().await?;
            self.hear(event).await?;
        }
    }

    /// Begins a command; [`Shell::ended`] gives its outcome, perhaps at once, else after [`Shell::hear`].
    pub(super) async fn begin(&mut self, command: Command) -> Result<(), DriveError> {
        self.clear();
        self.look_at_idle_line().await?;
        let effects = self.terminal.command(self.clock.now(), command)?;
        self.carry_out(effects).await
    }

    /// Whether the command has ended and its outcome was not fetched yet.
    pub(super) fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }

    /// The outcome of the command, once.
    pub(super) fn ended(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// Something happened that the terminal has waited for.
    pub(super) async fn hear(&mut self, event: Event) -> Result<(), DriveError> {
        let now = self.clock.now();
        let effects = match event {
            Event::Bytes(bytes) => self.terminal.bytes(now, &bytes),
            Event::Closed => {
                self.drop_line();
                self.terminal.disconnected(now)
            }
            Event::Time => {
                // Woken too early by a rounding, the wish stands.
                self.wake = self.wake.filter(|at| now < *at);
                self.terminal.wake(now)
            }
        };
        self.carry_out(effects).await
    }

    /// The printer's state has changed. Gives the slips that were held and are printed now.
    pub(super) async fn printer(&mut self, state: PrinterState) -> Result<Vec<Receipt>, DriveError> {
        let before = self.slips.len();
        let effects = self.terminal.printer(state);
        self.carry_out(effects).await?;
        Ok(self.slips.get(before..).unwrap_or_default().to_vec())
    }

    fn see(&self, seen: impl FnOnce() -> Seen) {
        if let Some(watcher) = &self.watcher {
            watcher(seen());
        }
    }

    fn drop_line(&mut self) {
        if self.socket.take().is_some() {
            self.see(|| Seen::Line(false));
        }
    }

    fn clear(&mut self) {
        self.screen.clear();
        self.slips.clear();
        (self.carried, self.sent) = (0, 0);
    }

    /// What happened on a line that was left open: bytes that nobody waits for, or its end.
    async fn look_at_idle_line(&mut self) -> Result<(), DriveError> {
        let mut buffer = [0; 4096];
        let Some(socket) = &self.socket else { return Ok(()) };
        let now = self.clock.now();
        let effects = match socket.try_read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Ok(0) | Err(_) => {
                self.drop_line();
                self.terminal.disconnected(now)
            }
            Ok(count) => self.terminal.bytes(now, &buffer[..count]),
        };
        self.carry_out(effects).await
    }

    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), DriveError> {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            if self.faults.kill_before_effect == Some(self.carried) {
                return Err(DriveError::Killed { effect: self.carried });
            }
            self.carried += 1;
            match effect {
                Effect::Persist(sealed) => self.file.replace(sealed).await?,
                Effect::Connect => {
                    self.socket = self.connect().await;
                    if self.socket.is_some() {
                        self.see(|| Seen::Line(true));
                    }
                    let now = self.clock.now();
                    queue.extend(match self.socket {
                        Some(_) => self.terminal.connected(now),
                        None => self.terminal.disconnected(now),
                    });
                }
                Effect::Send(frame) => {
                    if !self.send(&frame).await {
                        self.drop_line();
                        queue.extend(self.terminal.disconnected(self.clock.now()));
                    }
                }
                Effect::Disconnect => self.drop_line(),
                Effect::Show(text) => {
                    self.see(|| Seen::Screen(text.clone()));
                    self.screen.push(text);
                }
                Effect::Print(slip) => {
                    self.see(|| Seen::Paper(slip.clone()));
                    self.slips.push(*slip);
                }
                Effect::WakeAt(at, _why) => self.wake = Some(at),
                Effect::Done(outcome) => self.outcome = Some(*outcome),
            }
        }
        Ok(())
    }

    async fn connect(&self) -> Option<TcpStream> {
        let socket = timeout(PATIENCE, TcpStream::connect(self.address)).await.ok()?.ok()?;
        // A request is one small write: it must not wait for more.
        socket.set_nodelay(true).ok()?;
        Some(socket)
    }

    /// Whether the message left and the line still stands.
    async fn send(&mut self, frame: &[u8]) -> bool {
        let number = self.sent;
        self.sent += 1;
        if self.faults.cut_before_send == Some(number) {
            return false;
        }
        let Some(socket) = &mut self.socket else { return false };
        let written = timeout(PATIENCE, async {
            socket.write_all(frame).await?;
            socket.flush().await
        });
        let sent = matches!(written.await, Ok(Ok(())));
        sent && self.faults.cut_after_send != Some(number)
    }

    /// Until something happens. May be given up at any time; nothing is lost by that.
    pub(super) async fn wait(&mut self) -> Result<Event, DriveError> {
        let until = self.wake.map(|at| self.clock.real_until(at) + Duration::from_millis(1));
        let mut buffer = [0; 4096];
        match (&mut self.socket, until) {
            (Some(socket), Some(until)) => {
                let read = timeout(until, socket.read(&mut buffer)).await;
                Ok(read.map_or(Event::Time, |read| event_of(read, &buffer)))
            }
            (Some(socket), None) => Ok(event_of(socket.read(&mut buffer).await, &buffer)),
            (None, Some(until)) => {
                sleep(until).await;
                Ok(Event::Time)
            }
            (None, None) => Err(DriveError::StandsStill),
        }
    }
}

fn event_of(read: io::Result<usize>, buffer: &[u8]) -> Event {
    match read {
        Ok(0) | Err(_) => Event::Closed,
        Ok(count) => Event::Bytes(buffer[..count].to_vec()),
    }
}

/// What the operating system rolled for a new terminal.
struct Seed([u8; 8]);

impl Dice for Seed {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.0[..chunk.len()]);
        }
    }
}
