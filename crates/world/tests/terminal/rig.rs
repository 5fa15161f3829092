//! A terminal on a bench: its effects are carried out against the host, time passes only when nothing else happens,
//! and the power can fail before any effect.

use crate::host::{Host, Reply, Steady};
use hefu_tally::Moment;
use hefu_vault::Pin;
use hefu_world::terminal::*;
use std::collections::VecDeque;

pub const SWIPE: &str = "6200000000000005";
pub const CHIP: &str = "6200000000000013";

pub struct Rig {
    pub terminal: Terminal,
    pub host: Host,
    pub now: Moment,
    /// The last memory that was made durable.
    pub disk: Vec<u8>,
    pub slips: Vec<Receipt>,
    pub screen: Vec<Text>,
    /// Effects of the last command, by name.
    pub effects: Vec<&'static str>,
    /// The power fails before this effect of the next command.
    pub kill_before: Option<usize>,
}

impl Rig {
    /// A terminal that has signed on.
    pub fn new(profile: Profile) -> Rig {
        let mut rig = Rig::fresh(profile);
        assert_eq!(rig.done(Command::SignOn).believes, Belief::Approved { amount: 0 });
        rig.host.seen.clear();
        rig
    }

    /// A terminal that has never signed on.
    pub fn fresh(profile: Profile) -> Rig {
        let host = Host::new(&profile);
        Rig {
            terminal: Terminal::new(profile, &mut Steady(9)),
            host,
            now: Moment(1_795_340_523_000),
            disk: Vec::new(),
            slips: Vec::new(),
            screen: Vec::new(),
            effects: Vec::new(),
            kill_before: None,
        }
    }

    pub fn certified() -> Rig {
        Rig::new(Profile::test(1))
    }

    pub fn with(firmware: Firmware) -> Rig {
        Rig::new(Profile { firmware, ..Profile::test(1) })
    }

    pub fn plan(&mut self, replies: impl IntoIterator<Item = Reply>) -> &mut Rig {
        self.host.plan.extend(replies);
        self
    }

    /// Carries a command out to its end.
    pub fn done(&mut self, command: Command) -> Outcome {
        self.perform(command).expect("the power did not fail")
    }

    /// Carries a command out; `None` if the power failed, and then the terminal has been switched on again.
    pub fn perform(&mut self, command: Command) -> Option<Outcome> {
        self.effects.clear();
        let mut queue = VecDeque::from(self.terminal.command(self.now, command).expect("free"));
        let (mut wake, mut outcome) = (None, None);
        for _ in 0..1_000 {
            let Some(effect) = queue.pop_front() else {
                if outcome.is_some() {
                    assert!(!self.terminal.busy());
                    return outcome;
                }
                // Nothing else can happen any more: time passes until the terminal's wish.
                self.now = self.now.max(wake.expect("a terminal that is busy waits for something"));
                queue.extend(self.terminal.wake(self.now));
                continue;
            };
            if self.kill_before == Some(self.effects.len()) {
                self.restart();
                return None;
            }
            match effect {
                Effect::Persist(sealed) => {
                    self.effects.push("persist");
                    self.disk = sealed;
                }
                Effect::Connect => {
                    self.effects.push("connect");
                    let up = self.host.line_is_up;
                    queue.extend(match up {
                        true => self.terminal.connected(self.now),
                        false => self.terminal.disconnected(self.now),
                    });
                }
                Effect::Send(frame) => {
                    self.effects.push("send");
                    let answer = self.host.receive(&frame);
                    // In two pieces, as a line may deliver it; the answer takes a second.
                    self.now = self.now.after(1_000);
                    match answer {
                        None => queue.extend(self.terminal.disconnected(self.now)),
                        Some(bytes) => {
                            let (front, back) = bytes.split_at(bytes.len() / 3);
                            queue.extend(self.terminal.bytes(self.now, front));
                            queue.extend(self.terminal.bytes(self.now, back));
                        }
                    }
                }
                Effect::Disconnect => self.effects.push("disconnect"),
                Effect::Show(text) => {
                    self.effects.push("show");
                    self.screen.push(text);
                }
                Effect::Print(slip) => {
                    self.effects.push("print");
                    self.slips.push(*slip);
                }
                Effect::WakeAt(at, _) => {
                    self.effects.push("wake");
                    wake = Some(at);
                }
                Effect::Done(ended) => {
                    self.effects.push("done");
                    assert!(outcome.replace(*ended).is_none(), "a command ends once");
                }
            }
        }
        panic!("the command never ends");
    }

    /// The power fails and comes back: only what was made durable is left.
    pub fn restart(&mut self) {
        let profile = self.terminal.profile().clone();
        self.kill_before = None;
        self.terminal = if self.disk.is_empty() {
            Terminal::new(profile, &mut Steady(9))
        } else {
            Terminal::from_persisted(profile, &self.disk).expect("what was made durable is whole")
        };
    }

    /// The standing of the journal's line with this trace.
    pub fn standing(&self, trace: u32) -> Standing {
        self.terminal.entry(trace).expect("in the journal").standing.clone()
    }
}

pub fn card(pan: &str, entry: EntryMode) -> CardInput {
    CardInput::test(pan, entry).unwrap()
}

pub fn swiped() -> CardInput {
    card(SWIPE, EntryMode::Swipe)
}

pub fn inserted() -> CardInput {
    card(CHIP, EntryMode::Insert)
}

pub fn pin() -> Option<Pin> {
    Some(Pin::parse("123456").unwrap())
}

pub fn sale(amount: i64) -> Command {
    Command::Sale { amount, card: swiped(), pin: None }
}

pub fn pre_auth(amount: i64) -> Command {
    Command::PreAuth { amount, card: swiped(), pin: None }
}

/// A sale that was approved, and its trace.
pub fn approved_sale(rig: &mut Rig, amount: i64) -> u32 {
    let outcome = rig.done(sale(amount));
    assert_eq!(outcome.believes, Belief::Approved { amount });
    outcome.trace.unwrap()
}
