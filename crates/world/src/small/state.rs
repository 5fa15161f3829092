//! One state of a small world: everything that decides what can happen next.

use super::{
    bank::Bank,
    gateway::Gateway,
    lines::{Line, Link},
    scenario::{Scenario, Station},
    terminal::Terminal,
    watch::Broken,
};
use hefu_engine::Input;
use std::{
    fmt::{self, Write},
    sync::Arc,
};

#[derive(Clone)]
pub(super) struct State {
    pub gateway: Gateway,
    pub bank: Arc<Bank>,
    pub stations: Arc<Vec<Place>>,
    pub link: Arc<Link>,
    /// Milliseconds since the start.
    pub now: i64,
    /// Faults that may still happen.
    pub left: u8,
}

/// A terminal and its line.
#[derive(Clone)]
pub(super) struct Place {
    pub terminal: Terminal,
    pub line: Line,
}

impl State {
    /// The gateway has started, the link is up, and nobody has sent anything.
    pub fn start_of(scenario: &Scenario, faults: u8) -> Result<State, Broken> {
        let mut state = State {
            gateway: Gateway::new(),
            bank: Arc::new(Bank::new(scenario.bank)),
            stations: Arc::new(scenario.stations.iter().map(place).collect()),
            link: Arc::new(Link::default()),
            now: 0,
            left: faults,
        };
        state.start()?;
        while let Some(done) = state.gateway.finish()? {
            state.feed(done, b"", None)?;
        }
        state.wire().up = true;
        state.feed(Input::Link { link: super::gateway::LINK, up: true }, b"", None)?;
        Ok(state)
    }

    pub fn terminal(&self, station: u8) -> &Terminal {
        &self.stations[usize::from(station)].terminal
    }

    pub fn terminal_mut(&mut self, station: u8) -> &mut Terminal {
        &mut Arc::make_mut(&mut self.stations)[usize::from(station)].terminal
    }

    /// A terminal's line, to be changed.
    pub fn line(&mut self, station: u8) -> &mut Line {
        &mut Arc::make_mut(&mut self.stations)[usize::from(station)].line
    }

    /// The bank link, to be changed.
    pub fn wire(&mut self) -> &mut Link {
        Arc::make_mut(&mut self.link)
    }

    /// The gateway is gone; what is on the lines is still on its way.
    pub fn crash(&mut self, commit_survives: bool) -> Result<(), Broken> {
        self.wire().up = false;
        self.gateway.crash(commit_survives)
    }

    /// Lets go what nobody waits for.
    pub fn tidy(&mut self) {
        let heard = |place: &Place| place.line.down.iter().all(|message| place.terminal.hears(message));
        if !self.stations.iter().all(heard) {
            for Place { terminal, line } in Arc::make_mut(&mut self.stations) {
                line.down.retain(|message| terminal.hears(message));
            }
        }
    }

    /// A hash over all of it but the faults that are left.
    pub fn fingerprint(&self) -> u128 {
        let mut hasher = Hasher(blake3::Hasher::new());
        let Gateway { engine: _, thinks, store: _, stored, work, wake, starts, leases, heard } =
            &self.gateway;
        hasher.0.update(thinks).update(stored).update(heard);
        for order in work {
            hasher.0.update(&order.hash);
        }
        hasher.text(format_args!("{wake:?}{starts}/{leases}/{}/{:?}", self.now, self.bank.later));
        hasher.text(format_args!("{:?}{:?}", self.bank.book, self.link));
        for Place { terminal, line } in self.stations.iter() {
            let Terminal { station: _, standing, waits, reversal, sent, copies, deaf } = terminal;
            hasher.text(format_args!("{standing:?}{waits:?}{reversal:?}{sent}/{copies}{deaf:?}{line:?}"));
        }
        let hash = hasher.0.finalize();
        u128::from_be_bytes(hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes"))
    }
}

fn place(station: &'static Station) -> Place {
    Place { terminal: Terminal::new(station), line: Line::default() }
}

struct Hasher(blake3::Hasher);

impl Hasher {
    fn text(&mut self, text: fmt::Arguments<'_>) {
        // Hashing cannot fail.
        let _ = self.write_fmt(text);
    }
}

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
