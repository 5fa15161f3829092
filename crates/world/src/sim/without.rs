//! What a world is to be lived through without: how a failing world is made small, and how its small form is named on
//! a command line.

use super::faults::Fault;
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Parts of a world that are left out. All else stays as its seed draws it, as far as it does not follow from them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Without(BTreeSet<Part>);

/// A part that can be left out.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// All of a fault.
    Fault(Fault),
    /// The script of a terminal, counted from 1.
    Terminal(u8),
    /// One deed of a terminal's script, both counted from 1.
    Deed(u8, u16),
    /// One time that a fault happens, counted from 1 over all faults in the order in which they happen.
    Strike(u32),
    /// The second bank, where there is one: all cards are the first one's.
    SecondBank,
    /// That links are tested seldom, where they are.
    SeldomEcho,
}

/// Why words name nothing that can be left out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} names no part of a world: give a fault such as line-cut, or terminal-1, deed-1.3, strike-17, second-bank, \
     seldom-echo"
)]
pub struct NoPart(String);

impl Without {
    pub fn has(&self, part: Part) -> bool {
        self.0.contains(&part)
    }

    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Leaves these out too.
    pub fn and(&self, parts: impl IntoIterator<Item = Part>) -> Without {
        Without(self.parts().chain(parts).collect())
    }
}

impl FromIterator<Part> for Without {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Without {
        Without(parts.into_iter().collect())
    }
}

/// As it is given after `--without`, or nothing.
impl fmt::Display for Without {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(Part::to_string).collect();
        f.write_str(&parts.join(","))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Fault(fault) => f.write_str(&fault.name().replace(' ', "-")),
            Part::Terminal(terminal) => write!(f, "terminal-{terminal}"),
            Part::Deed(terminal, deed) => write!(f, "deed-{terminal}.{deed}"),
            Part::Strike(strike) => write!(f, "strike-{strike}"),
            Part::SecondBank => f.write_str("second-bank"),
            Part::SeldomEcho => f.write_str("seldom-echo"),
        }
    }
}

impl FromStr for Part {
    type Err = NoPart;

    fn from_str(text: &str) -> Result<Part, NoPart> {
        fn number<N: FromStr>(text: &str) -> Option<N> {
            text.parse().ok()
        }
        let numbered = || match text.split_once('-')? {
            ("terminal", terminal) => number(terminal).map(Part::Terminal),
            ("deed", deed) => {
                let (terminal, deed) = deed.split_once('.')?;
                Some(Part::Deed(number(terminal)?, number(deed)?))
            }
            ("strike", strike) => number(strike).map(Part::Strike),
            ("second", "bank") => Some(Part::SecondBank),
            ("seldom", "echo") => Some(Part::SeldomEcho),
            _ => None,
        };
        let part = Fault::named(text).map(Part::Fault).or_else(numbered);
        part.ok_or_else(|| NoPart(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read_back_from_its_own_words() {
        let others =
            [Part::Terminal(3), Part::Deed(1, 12), Part::Strike(4_000), Part::SecondBank, Part::SeldomEcho];
        for part in Fault::ALL.into_iter().map(Part::Fault).chain(others) {
            assert_eq!(part.to_string().parse(), Ok(part));
            assert!(!part.to_string().contains([' ', ',']), "{part} stands on a command line as it is");
        }
    }

    #[test]
    fn what_names_no_part_is_refused_with_its_words() {
        for text in ["", "line", "terminal-", "terminal-x", "deed-1", "deed-1.x", "strike--1", "strike-1.5"] {
            assert_eq!(text.parse::<Part>(), Err(NoPart(text.to_owned())));
        }
    }
}
