//! One state of a small world: everything that decides what can happen next.

use super::{
    bank::Bank,
    gateway::Gateway,
    lines::{Line, Link},
    print::Print,
    scenario::{Scenario, Station},
    terminal::Terminal,
    watch::Broken,
};
use hefu_engine::Input;
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct State {
    pub gateway: Gateway,
    pub bank: Arc<Bank>,
    pub stations: Arc<Vec<Place>>,
    pub link: Arc<Link>,
    /// Milliseconds since the first noon; and when this world began.
    pub now: i64,
    pub began: i64,
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
            now: scenario.begins,
            began: scenario.begins,
            left: faults,
        };
        state.start()?;
        while let Some(done) = state.gateway.finish()? {
            state.feed(done, None)?;
        }
        state.wire().up = true;
        state.feed(Input::Link { link: super::gateway::LINK, up: true }, None)?;
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

    /// A hash over all of it that has a part in what comes next, but for the faults that are left.
    pub fn fingerprint(&self) -> u128 {
        let Gateway { engine: _, thinks, store: _, stored, work: _, wake, names } = &self.gateway;
        let mut print = Print::new(names);
        print.bytes(thinks);
        print.bytes(stored);
        self.gateway.print_work(&mut print);
        print.number(wake.unwrap_or(-1));
        print.number(self.now);
        self.bank.print(&mut print);
        self.link.print(&mut print);
        for Place { terminal, line } in self.stations.iter() {
            terminal.print(&mut print, line);
            line.print(&mut print);
        }
        u128::from_be_bytes(print.finish()[..16].try_into().expect("a hash has 32 bytes"))
    }
}

fn place(station: &'static Station) -> Place {
    Place { terminal: Terminal::new(station), line: Line::default() }
}
