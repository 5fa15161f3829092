//! Which fault struck which state of a payment: counted over a run, and checked against the list of cells that cannot
//! be reached ([`listed`]).

mod expected;
mod state;
mod svg;

pub use expected::{Finding, Listed, listed};
pub use state::State;

use super::faults::Fault;
use super::rows::Row;
use hefu_tally::{LinkId, Till};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a fault concerns.
pub(super) enum About {
    /// The newest transaction of a terminal.
    Shop(Till),
    /// The payment with this DE37.
    Rrn(String),
    /// The payments that went over this link.
    Bank(LinkId),
    /// Every payment that there is.
    All,
}

/// A row of the matrix: a leg's state, or none where no payment was concerned.
pub type Place = Option<State>;

/// How often each fault struck each state.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Coverage {
    struck: BTreeMap<Place, BTreeMap<Fault, u64>>,
}

impl Coverage {
    pub(super) fn strike<'a>(&mut self, fault: Fault, about: &About, legs: impl Iterator<Item = &'a Row>) {
        let states: BTreeSet<State> = match about {
            About::Shop(till) => {
                let of_till = legs.filter(|row| row.leg.identity.till == *till);
                let newest = of_till.max_by_key(|row| (row.leg.identity.batch, row.leg.identity.trace));
                newest.map(Row::state).into_iter().collect()
            }
            About::Rrn(rrn) => legs.filter(|row| row.leg.rrn.as_str() == rrn).map(Row::state).collect(),
            About::Bank(link) => legs.filter(|row| row.is_of(*link)).map(Row::state).collect(),
            About::All => legs.map(Row::state).collect(),
        };
        let nowhere = states.is_empty().then_some(None);
        for place in states.into_iter().map(Some).chain(nowhere) {
            self.count(place, fault, 1);
        }
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Coverage) {
        for (place, faults) in &other.struck {
            for (fault, count) in faults {
                self.count(*place, *fault, *count);
            }
        }
    }

    fn count(&mut self, place: Place, fault: Fault, more: u64) {
        *self.struck.entry(place).or_default().entry(fault).or_default() += more;
    }

    /// How often this fault struck this state.
    pub fn times(&self, place: Place, fault: Fault) -> u64 {
        self.struck.get(&place).and_then(|faults| faults.get(&fault)).copied().unwrap_or(0)
    }

    /// States by faults that were seen together.
    pub fn cells(&self) -> usize {
        self.struck.values().map(BTreeMap::len).sum()
    }

    /// Each state with its faults and counts.
    pub fn rows(&self) -> impl Iterator<Item = (Place, &BTreeMap<Fault, u64>)> {
        self.struck.iter().map(|(place, faults)| (*place, faults))
    }
}

/// What a row of the matrix is called.
pub fn name(place: Place) -> String {
    place.map_or_else(|| "no payment under way".to_owned(), |state| state.to_string())
}

/// A line for each state: its faults with their counts, `.` where there is none, `-` where there need not be any.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = expected::rows(self);
        let wide = rows.iter().map(|place| name(*place).len()).max().unwrap_or(0);
        for (number, fault) in Fault::ALL.into_iter().enumerate() {
            writeln!(f, "{:wide$} {number:>6}  {fault}", "")?;
        }
        write!(f, "{:wide$}", "bank/merchant/direction")?;
        for number in 0..Fault::ALL.len() {
            write!(f, " {number:>6}")?;
        }
        writeln!(f)?;
        for place in rows {
            write!(f, "{:wide$}", name(place))?;
            for fault in Fault::ALL {
                match (self.times(place, fault), listed(place, fault)) {
                    (0, Listed::Struck) => write!(f, "      .")?,
                    (0, Listed::Seldom(_) | Listed::Never(_)) => write!(f, "      -")?,
                    (count, Listed::Struck | Listed::Seldom(_) | Listed::Never(_)) => {
                        write!(f, " {count:>6}")?
                    }
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
