//! Directed strikes: chance alone meets some states too seldom. Each world draws a few faults that happen as soon as a
//! payment comes into a rare state.

use super::coverage::State;
use super::faults::Fault;
use super::rolls::Rolls;
use super::without::Part;
use super::{Crash, Setting};
use hefu_tally::{Direction, Issuer, TallyId, leg::UndoState};
use std::collections::BTreeSet;

/// How many payments of one world are aimed at.
const MOST_AIMS: usize = 3;
/// How many kinds of faults are aimed at each.
const FAULTS: usize = 6;

/// What a world aims at rare states.
#[derive(Default)]
pub(super) struct Aims {
    faults: Vec<Fault>,
    /// Payments that were aimed at.
    at: BTreeSet<TallyId>,
}

impl Aims {
    /// Two worlds out of three aim; calm ones do not, and none at what is left out.
    pub fn draw(setting: &Setting) -> Aims {
        let mut rolls = Rolls::new(setting.seed, "aims");
        let aims = rolls.happens(667) && !setting.calm && setting.crash == Crash::ByChance;
        let drawn: BTreeSet<Fault> = (0..FAULTS).filter_map(|_| rolls.pick(&Fault::ALL)).collect();
        let wanted = |fault: &Fault| aims && !setting.without.has(Part::Fault(*fault));
        Aims { faults: drawn.into_iter().filter(wanted).collect(), at: BTreeSet::new() }
    }

    /// Whether this fault happens to rare states in this world.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// This payment has come into a rare state: the faults that are to happen now.
    pub fn take(&mut self, id: TallyId) -> &[Fault] {
        if self.at.len() < MOST_AIMS && self.at.insert(id) { &self.faults } else { &[] }
    }
}

impl State {
    /// Few worlds come into it.
    pub(super) fn is_rare(self) -> bool {
        match self.undo {
            Some(UndoState::Late | UndoState::Clearing) => true,
            Some(UndoState::Running | UndoState::Closed) => false,
            None => self.issuer == Issuer::Done && self.direction == Direction::Return,
        }
    }
}
