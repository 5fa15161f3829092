//! Which fault struck which state of a payment: counted over a run, printed as a table.

use super::faults::Fault;
use super::rows::Row;
use hefu_tally::{Direction, Issuer, Merchant, Till, leg::UndoState};
use std::{collections::BTreeMap, fmt};

/// What a fault concerns.
pub(super) enum About {
    /// The newest transaction of a terminal.
    Shop(Till),
    /// The payment with this DE37.
    Rrn(String),
    /// Every payment whose halves do not match yet.
    All,
}

/// A leg's state: bank, merchant, direction, reversal.
pub type State = (Issuer, Merchant, Direction, Option<UndoState>);

/// How often each fault struck each state.
#[derive(Clone, Default, Debug)]
pub struct Coverage {
    /// By the state's and the fault's name, so that the table is in a stable order.
    struck: BTreeMap<String, BTreeMap<Fault, u64>>,
}

impl Coverage {
    pub(super) fn strike(&mut self, fault: Fault, about: &About, legs: &[Row]) {
        let struck: Vec<&Row> = match about {
            About::Shop(till) => {
                let of_till = legs.iter().filter(|row| row.leg.identity.till == *till);
                of_till
                    .max_by_key(|row| (row.leg.identity.batch, row.leg.identity.trace))
                    .into_iter()
                    .collect()
            }
            About::Rrn(rrn) => legs.iter().filter(|row| row.leg.rrn.as_str() == rrn).collect(),
            About::All => legs.iter().filter(|row| !matched(row)).collect(),
        };
        let states = struck.iter().map(|row| {
            let leg = &row.leg;
            (leg.issuer, leg.merchant, leg.direction, leg.undo.as_ref().map(|undo| undo.state))
        });
        let mut names: Vec<String> = states.map(name).collect();
        if names.is_empty() {
            names.push("no payment under way".to_owned());
        }
        names.dedup();
        for name in names {
            *self.struck.entry(name).or_default().entry(fault).or_default() += 1;
        }
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Coverage) {
        for (state, faults) in &other.struck {
            for (fault, count) in faults {
                *self.struck.entry(state.clone()).or_default().entry(*fault).or_default() += count;
            }
        }
    }

    /// States by faults that were seen together.
    pub fn cells(&self) -> usize {
        self.struck.values().map(BTreeMap::len).sum()
    }

    /// Each state with its faults and counts.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &BTreeMap<Fault, u64>)> {
        self.struck.iter().map(|(state, faults)| (state.as_str(), faults))
    }
}

fn matched(row: &Row) -> bool {
    match (row.leg.issuer, row.leg.merchant) {
        (Issuer::Done, Merchant::Has) => true,
        (Issuer::Untouched | Issuer::NotDone | Issuer::Undone, Merchant::No) => true,
        (Issuer::Done, Merchant::Waiting | Merchant::Told | Merchant::No)
        | (Issuer::Unknown, _)
        | (Issuer::Untouched | Issuer::NotDone | Issuer::Undone, _) => false,
    }
}

fn name((issuer, merchant, direction, undo): State) -> String {
    let undo = undo.map_or_else(String::new, |undo| format!(", reversal {undo:?}"));
    format!("{issuer:?}/{merchant:?}/{direction:?}{undo}").to_lowercase()
}

/// A line for each state: its faults with their counts.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = self.struck.keys().map(String::len).max().unwrap_or(0);
        for (number, fault) in Fault::ALL.into_iter().enumerate() {
            writeln!(f, "{:wide$} {number:>5}  {fault}", "")?;
        }
        write!(f, "{:wide$}", "bank/merchant/direction")?;
        for number in 0..Fault::ALL.len() {
            write!(f, " {number:>5}")?;
        }
        writeln!(f)?;
        for (state, faults) in &self.struck {
            write!(f, "{state:wide$}")?;
            for fault in Fault::ALL {
                match faults.get(&fault) {
                    Some(count) => write!(f, " {count:>5}")?,
                    None => write!(f, "     .")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
