//! What can happen in a state, what it costs, what comes of it, and how it is told.

use super::{
    gateway::{CrashAt, LINK, from_bank, till},
    judge,
    lines::{Asks, FromBank, Heard, Link, Request, ToBank, ToGateway, ToTerminal},
    state::{Place, State},
    watch::Broken,
};
use hefu_engine::Input;
use std::{fmt, sync::Arc};

/// The most messages on one line; more is a broken rule.
const MOST_ON_A_LINE: usize = 16;
/// Time is not let pass further than this at once: the day cut is another world (ms).
pub(super) const MOST_AT_ONCE: i64 = 20 * 60_000;

/// Something that happens. Numbers of messages are places on their line, 0 the oldest.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// A terminal sends what comes next.
    Begin(u8),
    /// The cashier does not wait any longer.
    GiveUp(u8),
    /// The terminal's time is up.
    TimeOut(u8),
    /// The gateway takes a message of a terminal.
    Up(u8, u8),
    /// A terminal hears an answer.
    Down(u8, u8),
    /// The bank takes a message.
    Out(u8),
    /// The gateway takes an answer of the bank.
    Back(u8),
    /// The store finishes what it was asked first.
    Store,
    /// The engine is woken as it wished.
    Wake,
    /// The bank does what it held.
    BankLater,
    LinkUp,
    Restart,
    /// Time passes to the next timer.
    Time,
    Lose(Channel, u8),
    Twice(Channel, u8),
    Crash {
        commit_survives: bool,
    },
    Cut,
    PowerCut {
        station: u8,
        noticed: bool,
    },
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Channel {
    Up(u8),
    Down(u8),
    Out,
    Back,
}

/// An act, and where in its outputs the gateway crashes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Move {
    pub act: Act,
    pub crash: Option<CrashAt>,
}

/// What can happen in a state.
#[derive(Default)]
pub(super) struct Choices {
    /// What happens by itself.
    pub free: Vec<Act>,
    /// What costs a fault.
    pub faults: Vec<Act>,
    /// Nothing happens any more, and nothing is owed before the day cut.
    pub rests: bool,
}

impl State {
    pub fn choices(&mut self) -> Result<Choices, Broken> {
        let mut choices = Choices::default();
        let engine = self.gateway.engine.is_some();
        let link = self.link.up;
        // Stations differ in nothing but names, so the first one may as well be the first to begin.
        let mut before = true;
        for (number, Place { terminal, line }) in self.stations.iter().enumerate() {
            let number = number as u8;
            if let Some(waits) = terminal.waits {
                if waits.until <= self.now {
                    choices.free.push(Act::TimeOut(number));
                } else if terminal.station.impatient && matches!(waits.for_what, Request::Transact(_)) {
                    choices.free.push(Act::GiveUp(number));
                }
                choices.faults.push(Act::PowerCut { station: number, noticed: true });
                choices.faults.push(Act::PowerCut { station: number, noticed: false });
            } else if terminal.next().is_some() && before {
                choices.free.push(Act::Begin(number));
            }
            before = terminal.has_begun();
            choices.channel(Channel::Up(number), line.up.len(), engine, |place| Act::Up(number, place))?;
            choices
                .channel(Channel::Down(number), line.down.len(), true, |place| Act::Down(number, place))?;
        }
        choices.channel(Channel::Out, self.link.out.len(), true, Act::Out)?;
        choices.channel(Channel::Back, self.link.back.len(), engine && link, Act::Back)?;
        if self.bank.later.is_some_and(|(due, _)| due <= self.now) {
            choices.free.push(Act::BankLater);
        }
        if !self.gateway.work.is_empty() {
            choices.free.push(Act::Store);
        }
        if engine {
            if !link {
                choices.free.push(Act::LinkUp);
            } else {
                choices.faults.push(Act::Cut);
            }
            if self.gateway.wake.is_some_and(|wake| wake <= self.now) {
                choices.free.push(Act::Wake);
            }
            choices.faults.push(Act::Crash { commit_survives: false });
            if self.gateway.commits() {
                choices.faults.push(Act::Crash { commit_survives: true });
            }
        } else {
            choices.free.push(Act::Restart);
        }
        let passes = self.next_timer().is_some_and(|at| at - self.now <= MOST_AT_ONCE);
        if choices.free.is_empty() {
            choices.rests = judge::rests(self)?;
            if !choices.rests {
                if !passes {
                    return Err(("rest", "something is owed, and nothing is going to happen".to_owned()));
                }
                choices.free.push(Act::Time);
            }
        } else if passes {
            choices.faults.push(Act::Time);
        }
        if self.left == 0
            && let Some(act) = self.first_of_any_order(&choices)
        {
            choices.free = vec![act];
        }
        Ok(choices)
    }

    /// When no fault is left, an act that touches nothing that any other act looks at can as well come first: every
    /// other order leads to the same states.
    fn first_of_any_order(&self, choices: &Choices) -> Option<Act> {
        let bank_alone = !choices.free.contains(&Act::BankLater);
        let mut free = choices.free.iter().copied();
        free.find(|act| match act {
            Act::Begin(_) => true,
            Act::Down(station, _) => {
                let others = [Act::GiveUp(*station), Act::TimeOut(*station)];
                others.iter().all(|other| !choices.free.contains(other))
            }
            Act::Out(_) => bank_alone,
            Act::GiveUp(_)
            | Act::TimeOut(_)
            | Act::Up(..)
            | Act::Back(_)
            | Act::Store
            | Act::Wake
            | Act::BankLater
            | Act::LinkUp
            | Act::Restart
            | Act::Time
            | Act::Lose(..)
            | Act::Twice(..)
            | Act::Crash { .. }
            | Act::Cut
            | Act::PowerCut { .. } => false,
        })
    }

    fn next_timer(&self) -> Option<i64> {
        let terminals =
            self.stations.iter().filter_map(|place| place.terminal.waits).map(|waits| waits.until);
        let bank = self.bank.later.map(|(due, _)| due);
        terminals.chain(bank).chain(self.gateway.wake).filter(|at| *at > self.now).min()
    }

    /// Does it; gives back how many effects the engine put out.
    pub fn act(&mut self, Move { act, crash }: Move) -> Result<u8, Broken> {
        let effects = match act {
            Act::Begin(station) => {
                let now = self.now;
                // Nothing is left of which there could be one more copy.
                if self.line(station).up.is_empty() {
                    self.terminal_mut(station).copies = 0;
                }
                let message = self.terminal_mut(station).begin(now);
                self.line(station).up.push(message);
                0
            }
            Act::GiveUp(station) | Act::TimeOut(station) => {
                self.terminal_mut(station).give_up();
                0
            }
            Act::Up(station, place) => {
                let message = self.line(station).up.remove(usize::from(place));
                let input = self.asked_by(station, &message);
                self.feed(input, crash)?
            }
            Act::Down(station, place) => {
                let message = self.line(station).down.remove(usize::from(place));
                self.terminal_mut(station).hear(&message);
                0
            }
            Act::Out(place) => {
                let message = self.wire().out.remove(usize::from(place));
                let answer = Arc::make_mut(&mut self.bank).take(self.now, &message)?;
                self.wire().back.extend(answer);
                0
            }
            Act::Back(place) => {
                let message = self.wire().back.remove(usize::from(place));
                self.feed(from_bank(&message), crash)?
            }
            Act::Store => match self.gateway.finish()? {
                Some(done) => self.feed(done, crash)?,
                None => 0,
            },
            Act::Wake => {
                let effects = self.feed(Input::Time, crash)?;
                // As the shell does: never twice within one millisecond.
                let next = self.now + 1;
                self.gateway.wake = self.gateway.wake.map(|wake| wake.max(next));
                effects
            }
            Act::BankLater => Arc::make_mut(&mut self.bank).later().map(|()| 0)?,
            Act::LinkUp => {
                self.wire().up = true;
                self.feed(Input::Link { link: LINK, up: true }, crash)?
            }
            Act::Restart => self.start().map(|()| 0)?,
            Act::Time => {
                self.now = self.next_timer().expect("time passes to a timer");
                0
            }
            Act::Lose(channel, place) => {
                self.lose(channel, usize::from(place));
                0
            }
            Act::Twice(channel, place) => {
                self.twice(channel, usize::from(place));
                0
            }
            Act::Crash { commit_survives } => self.crash(commit_survives).map(|()| 0)?,
            Act::Cut => {
                *self.wire() = Link::default();
                self.feed(Input::Link { link: LINK, up: false }, crash)?
            }
            Act::PowerCut { station, noticed } => {
                self.terminal_mut(station).lose_power(noticed);
                0
            }
        };
        self.tidy();
        Ok(effects)
    }

    fn lose(&mut self, channel: Channel, place: usize) {
        match channel {
            Channel::Up(station) => drop(self.line(station).up.remove(place)),
            Channel::Down(station) => drop(self.line(station).down.remove(place)),
            Channel::Out => drop(self.wire().out.remove(place)),
            Channel::Back => drop(self.wire().back.remove(place)),
        }
    }

    /// The copy comes right behind. It is a conversation of its own.
    fn twice(&mut self, channel: Channel, place: usize) {
        match channel {
            Channel::Up(station) => {
                self.terminal_mut(station).copies += 1;
                let copy = self.terminal(station).copies;
                let line = self.line(station);
                line.up.insert(place + 1, ToGateway { copy, ..line.up[place] });
            }
            Channel::Down(station) => {
                let line = self.line(station);
                line.down.insert(place + 1, line.down[place]);
            }
            Channel::Out => {
                let link = self.wire();
                link.out.insert(place + 1, link.out[place]);
            }
            Channel::Back => {
                let link = self.wire();
                link.back.insert(place + 1, link.back[place]);
            }
        }
    }

    /// What happens, in words; told before it does.
    pub fn tell(&self, Move { act, crash }: Move) -> String {
        let happens = match act {
            Act::Begin(station) => match self.terminal(station).next() {
                Some(what) => format!("{} sends {}", Name(station), self.request(station, what)),
                None => format!("{} has nothing to send", Name(station)),
            },
            Act::GiveUp(station) => format!("the cashier of {} gives up", Name(station)),
            Act::TimeOut(station) => format!("{} waits no longer", Name(station)),
            Act::Up(station, place) => {
                format!("the gateway takes {}", self.told(Channel::Up(station), place))
            }
            Act::Down(station, place) => {
                format!("{} hears {}", Name(station), self.told(Channel::Down(station), place))
            }
            Act::Out(place) => format!("the bank takes {}", self.told(Channel::Out, place)),
            Act::Back(place) => format!("the gateway takes {}", self.told(Channel::Back, place)),
            Act::Store => format!("the store finishes {}", self.gateway.first_work()),
            Act::Wake => "the engine is woken".to_owned(),
            Act::BankLater => "the bank charges what it held".to_owned(),
            Act::LinkUp => "the link comes up".to_owned(),
            Act::Restart => "the gateway starts again".to_owned(),
            Act::Time => format!("{} ms pass", self.next_timer().map_or(0, |at| at - self.now)),
            Act::Lose(channel, place) => format!("LOST: {}", self.told(channel, place)),
            Act::Twice(channel, place) => format!("TWICE: {}", self.told(channel, place)),
            Act::Crash { commit_survives } => {
                let survives = if commit_survives { "; what was being committed stands" } else { "" };
                format!("CRASH of the gateway{survives}")
            }
            Act::Cut => "CUT: the link is down, what was on it is lost".to_owned(),
            Act::PowerCut { station, noticed } => {
                let noticed = if noticed { "" } else { ", unnoticed" };
                format!("POWER CUT at {}{noticed}", Name(station))
            }
        };
        match crash {
            None => happens,
            Some(CrashAt { effect, commit_survives }) => {
                let survives = if commit_survives { "; what was being committed stands" } else { "" };
                format!("{happens}; CRASH of the gateway before effect {effect} of it{survives}")
            }
        }
    }

    fn told(&self, channel: Channel, place: u8) -> String {
        let overtakes = if place > 0 { " (it OVERTAKES)" } else { "" };
        let place = usize::from(place);
        let message = match channel {
            Channel::Up(station) => {
                let ToGateway { what, copy, .. } = self.stations[usize::from(station)].line.up[place];
                let copy = if copy > 0 { " (a copy)" } else { "" };
                format!("{}{copy} of {}", self.request(station, what), Name(station))
            }
            Channel::Down(station) => {
                let ToTerminal { says, .. } = self.stations[usize::from(station)].line.down[place];
                match says {
                    Heard::Approved(rrn) => format!("approved ({rrn})"),
                    Heard::Unknown => "unknown (98)".to_owned(),
                    Heard::Declined(code) => format!("declined ({})", code.escape_ascii()),
                    Heard::Reversal(code) => format!("reversal answered {}", code.escape_ascii()),
                }
            }
            Channel::Out => {
                let ToBank { asks, kind, rrn, .. } = self.link.out[place];
                let asks = match asks {
                    Asks::Request => "the request",
                    Asks::Repeat => "the repeat",
                    Asks::Reversal => "the reversal (0420)",
                    Asks::ReversalRepeat => "the reversal's repeat (0421)",
                };
                format!("{asks} of {kind:?} {rrn}")
            }
            Channel::Back => {
                let FromBank { to_reversal, code, rrn, mac_good, .. } = self.link.back[place];
                let mac = if mac_good { "" } else { " with a wrong MAC" };
                let to = if to_reversal { "the reversal" } else { "the request" };
                format!("the bank's {} to {to} of {rrn}{mac}", code.escape_ascii())
            }
        };
        format!("{message}{overtakes}")
    }

    fn request(&self, station: u8, what: Request) -> String {
        let terminal = self.terminal(station);
        match what {
            Request::Transact(step) => format!("its {:?} {}", terminal.step(step).kind, step + 1),
            Request::Reverse(step) => {
                format!("the reversal of its {:?} {}", terminal.step(step).kind, step + 1)
            }
        }
    }
}

impl Choices {
    fn channel(
        &mut self,
        channel: Channel,
        messages: usize,
        delivers: bool,
        deliver: impl Fn(u8) -> Act,
    ) -> Result<(), Broken> {
        if messages > MOST_ON_A_LINE {
            return Err(("bounds", format!("{messages} messages are on {channel:?}")));
        }
        for place in 0..messages as u8 {
            if delivers && place == 0 {
                self.free.push(deliver(0));
            } else if delivers {
                self.faults.push(deliver(place));
            }
            self.faults.push(Act::Lose(channel, place));
            // A second copy of an answer finds nobody at the terminal who waits.
            if !matches!(channel, Channel::Down(_)) {
                self.faults.push(Act::Twice(channel, place));
            }
        }
        Ok(())
    }
}

/// A terminal's name for people.
struct Name(u8);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "terminal {}", till(self.0).terminal)
    }
}
