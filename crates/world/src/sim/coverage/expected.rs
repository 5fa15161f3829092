//! The checked-in list of cells that no fault can strike, each with its reason, and the check against it: a listed
//! cell that was struck is a finding, and so is an unlisted one that was not.

use super::{Coverage, Place, State, name};
use crate::sim::Fault;
use hefu_tally::{Direction, Issuer, Merchant, leg::UndoState};
use std::fmt;

/// Cells for which one reason holds. An empty list means every value.
struct Rule {
    issuer: &'static [Issuer],
    merchant: &'static [Merchant],
    direction: &'static [Direction],
    undo: &'static [Option<UndoState>],
    faults: &'static [Fault],
    why: &'static str,
}

const ANY: Rule = Rule { issuer: &[], merchant: &[], direction: &[], undo: &[], faults: &[], why: "" };
const REVERSED: [Option<UndoState>; 4] =
    [Some(UndoState::Running), Some(UndoState::Late), Some(UndoState::Closed), Some(UndoState::Clearing)];
const UNDER_WAY: [Option<UndoState>; 3] =
    [Some(UndoState::Running), Some(UndoState::Late), Some(UndoState::Clearing)];

/// States that no leg is ever in, whatever strikes it.
const NEVER: [Rule; 14] = [
    Rule {
        direction: &[Direction::Open],
        issuer: &[Issuer::Untouched, Issuer::NotDone, Issuer::Done, Issuer::Undone],
        why: "what settles the bank's half turns the leg to keep or return in the same change",
        ..ANY
    },
    Rule {
        direction: &[Direction::Open],
        merchant: &[Merchant::Told, Merchant::Has, Merchant::No],
        why: "an approval leaves only under keep, and no sale is learnt only under return",
        ..ANY
    },
    Rule {
        direction: &[Direction::Open, Direction::Keep],
        undo: &REVERSED,
        why: "a reversal leaves only under return, and return never becomes keep",
        ..ANY
    },
    Rule {
        direction: &[Direction::Keep],
        issuer: &[Issuer::Untouched, Issuer::Unknown, Issuer::NotDone, Issuer::Undone],
        why: "only an approval turns a leg to keep, and what undoes it turns it to return first",
        ..ANY
    },
    Rule {
        direction: &[Direction::Keep],
        merchant: &[Merchant::No],
        why: "a merchant without a sale turns the leg to return in the same change",
        ..ANY
    },
    Rule {
        direction: &[Direction::Return],
        merchant: &[Merchant::Waiting, Merchant::Told, Merchant::Has],
        why: "turning to return takes the sale from the merchant in the same change",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Untouched],
        undo: &REVERSED,
        why: "what never left for the bank is not reversed",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::NotDone],
        undo: &UNDER_WAY,
        why: "what shows that it was never done closes the reversal in the same change",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Undone],
        undo: &UNDER_WAY,
        why: "the answer that shows it undone closes the reversal in the same change",
        ..ANY
    },
    Rule { issuer: &[Issuer::Undone], undo: &[None], why: "nothing is undone without a reversal", ..ANY },
    Rule {
        issuer: &[Issuer::Unknown],
        undo: &[Some(UndoState::Closed)],
        why: "a reversal is closed only by an answer that shows what the bank did",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Done],
        undo: &[Some(UndoState::Closed)],
        why: "an approval that comes after a closed reversal opens it again in the same change",
        ..ANY
    },
    Rule { undo: &[None], faults: &[Fault::BankWrongCode], why: "it is an answer to a reversal", ..ANY },
    Rule {
        issuer: &[Issuer::Untouched],
        faults: &[Fault::BankWrongKey],
        why: "it comes when a request or a reversal has just left: none has",
        ..ANY
    },
];

/// States that few worlds come into, and late in their day: a fault may or may not meet them in a run.
const SELDOM: [Rule; 7] = [
    Rule {
        merchant: &[Merchant::Has],
        faults: &[Fault::ClearedByMenu],
        why: "a cashier deletes the reversal of what never came here, right after a proved sale",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Done],
        merchant: &[Merchant::Waiting],
        faults: &[Fault::ClearedByMenu],
        why: "the approval of an advice that was told as unknown, and a cashier at work in that moment",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Unknown, Issuer::NotDone, Issuer::Undone],
        undo: &[None, Some(UndoState::Closed)],
        direction: &[Direction::Return],
        faults: &[Fault::BankWrongKey],
        why: "a request that leaves after it was turned to return, or a copy that leaves as the last one is answered",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Done],
        direction: &[Direction::Keep],
        faults: &[Fault::BankWrongKey],
        why: "a repeat of an advice that becomes durable, and leaves, together with the answer to the one before",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Done],
        direction: &[Direction::Return],
        undo: &[None],
        why: "a terminal's reversal after the day cut: the money goes back by credit adjustment",
        ..ANY
    },
    Rule {
        issuer: &[Issuer::Done],
        undo: &[Some(UndoState::Late)],
        why: "the bank was silent from its approval until the day cut",
        ..ANY
    },
    Rule {
        undo: &[Some(UndoState::Late), Some(UndoState::Clearing)],
        faults: &[Fault::ClearedByMenu, Fault::BankWrongCode, Fault::BankWrongKey],
        why: "old models late in their day; and no copy, or one in ten minutes, leaves to be answered",
        ..ANY
    },
];

impl Rule {
    fn covers(&self, state: State, fault: Fault) -> bool {
        fn any<T: PartialEq>(of: &[T], it: &T) -> bool {
            of.is_empty() || of.contains(it)
        }
        any(self.issuer, &state.issuer)
            && any(self.merchant, &state.merchant)
            && any(self.direction, &state.direction)
            && any(self.undo, &state.undo)
            && any(self.faults, &fault)
    }
}

/// What the list says of a cell.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Listed {
    /// Every run of thousands of worlds strikes it.
    Struck,
    /// It can be struck, and a run need not do so.
    Seldom(&'static str),
    /// No fault can strike it.
    Never(&'static str),
}

/// What the list says of a cell. Faults come from outside, at any time, those aside that are answers themselves.
pub fn listed(place: Place, fault: Fault) -> Listed {
    let Some(state) = place else {
        let about_one = matches!(fault, Fault::BankWrongCode | Fault::BankWrongKey);
        return if about_one { Listed::Seldom("its reference was garbled") } else { Listed::Struck };
    };
    let never = NEVER.iter().find(|rule| rule.covers(state, fault)).map(|rule| Listed::Never(rule.why));
    let seldom = || SELDOM.iter().find(|rule| rule.covers(state, fault)).map(|rule| Listed::Seldom(rule.why));
    never.or_else(seldom).unwrap_or(Listed::Struck)
}

fn places() -> impl Iterator<Item = Place> {
    std::iter::once(None).chain(State::all().map(Some))
}

/// The rows that are worth showing: what can be reached, and what was.
pub(super) fn rows(coverage: &Coverage) -> Vec<Place> {
    let shown = |place: Place, fault| match listed(place, fault) {
        Listed::Struck | Listed::Seldom(_) => true,
        Listed::Never(_) => coverage.times(place, fault) > 0,
    };
    places().filter(|place| Fault::ALL.into_iter().any(|fault| shown(*place, fault))).collect()
}

/// A cell that is not as the list says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// It can be reached, and was not.
    Empty { place: Place, fault: Fault },
    /// It was struck, and the list says why that cannot be.
    Struck { place: Place, fault: Fault, times: u64, why: &'static str },
    /// A state that the matrix does not have.
    Foreign { state: State },
}

impl Coverage {
    /// Where the counts and the list disagree.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for place in places() {
            for fault in Fault::ALL {
                match (self.times(place, fault), listed(place, fault)) {
                    (0, Listed::Struck) => findings.push(Finding::Empty { place, fault }),
                    (0, Listed::Never(_) | Listed::Seldom(_)) | (_, Listed::Struck | Listed::Seldom(_)) => {}
                    (times, Listed::Never(why)) => {
                        findings.push(Finding::Struck { place, fault, times, why });
                    }
                }
            }
        }
        let known: Vec<Place> = places().collect();
        let foreign = self.rows().filter_map(|(place, _)| place.filter(|_| !known.contains(&place)));
        findings.extend(foreign.map(|state| Finding::Foreign { state }));
        findings
    }

    /// Cells that every run should strike, and how many of them this one did: struck, expected.
    pub fn reached(&self) -> (usize, usize) {
        let cells = places().flat_map(|place| Fault::ALL.into_iter().map(move |fault| (place, fault)));
        let expected = cells.filter(|(place, fault)| listed(*place, *fault) == Listed::Struck);
        expected.fold((0, 0), |(struck, all), (place, fault)| {
            (struck + usize::from(self.times(place, fault) > 0), all + 1)
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Empty { place, fault } => {
                write!(f, "{} was never struck by {fault}, and no reason is listed", name(*place))
            }
            Finding::Struck { place, fault, times, why } => {
                let place = name(*place);
                write!(f, "{place} was struck by {fault} {times} times, though listed as unreachable: {why}")
            }
            Finding::Foreign { state } => write!(f, "{state} has no row in the matrix"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Coverage {
        let mut coverage = Coverage::default();
        for place in places() {
            let expected = Fault::ALL.into_iter().filter(|fault| listed(place, *fault) == Listed::Struck);
            expected.for_each(|fault| coverage.count(place, fault, 1));
        }
        coverage
    }

    fn state(issuer: Issuer, merchant: Merchant, direction: Direction, undo: Option<UndoState>) -> State {
        State { issuer, merchant, direction, undo }
    }

    #[test]
    fn a_run_that_strikes_what_is_expected_and_nothing_else_has_no_findings() {
        assert_eq!(full().findings(), []);
        let (struck, expected) = full().reached();
        assert_eq!(struck, expected);
        assert!(expected > 200, "{expected} cells");
    }

    #[test]
    fn an_expected_cell_that_is_empty_is_found() {
        let place = Some(state(Issuer::Done, Merchant::Told, Direction::Keep, None));
        let mut coverage = full();
        coverage.struck.entry(place).or_default().remove(&Fault::PowerCut);
        assert_eq!(coverage.findings(), [Finding::Empty { place, fault: Fault::PowerCut }]);
    }

    #[test]
    fn a_listed_cell_that_is_struck_is_found_with_its_reason() {
        let place = Some(state(Issuer::Done, Merchant::Told, Direction::Open, None));
        let mut coverage = full();
        coverage.count(place, Fault::LineCut, 3);
        let findings = coverage.findings();
        assert!(
            matches!(findings.as_slice(), [Finding::Struck { times: 3, .. }])
                && rows(&coverage).contains(&place),
            "{findings:?}"
        );
        assert!(findings[0].to_string().contains("done/told/open"), "{}", findings[0]);
    }

    #[test]
    fn what_is_seldom_struck_may_be_struck_or_not() {
        let place = Some(state(Issuer::Done, Merchant::No, Direction::Return, Some(UndoState::Late)));
        let mut coverage = full();
        coverage.count(place, Fault::LineCut, 1);
        assert_eq!(coverage.findings(), []);
    }

    #[test]
    fn every_rule_says_something_of_its_own() {
        for (number, rule) in NEVER.iter().enumerate() {
            let others = || NEVER.iter().enumerate().filter(|(other, _)| *other != number);
            let cells = || State::all().flat_map(|state| Fault::ALL.map(|fault| (state, fault)));
            let alone = cells().any(|(state, fault)| {
                rule.covers(state, fault) && !others().any(|(_, other)| other.covers(state, fault))
            });
            assert!(alone, "{}", rule.why);
        }
    }
}
