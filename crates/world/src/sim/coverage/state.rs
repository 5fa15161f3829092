//! The states that a leg can be in, as the matrix has them.

use hefu_tally::{Direction, Issuer, Merchant, leg::UndoState};
use std::{cmp::Ordering, fmt};

/// A leg's state: bank, merchant, direction, reversal.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct State {
    pub issuer: Issuer,
    pub merchant: Merchant,
    pub direction: Direction,
    /// None: no reversal was ever sent.
    pub undo: Option<UndoState>,
}

pub(super) const ISSUERS: [Issuer; 5] =
    [Issuer::Untouched, Issuer::Unknown, Issuer::NotDone, Issuer::Done, Issuer::Undone];
pub(super) const MERCHANTS: [Merchant; 4] = [Merchant::Waiting, Merchant::Told, Merchant::Has, Merchant::No];
pub(super) const DIRECTIONS: [Direction; 3] = [Direction::Open, Direction::Keep, Direction::Return];
pub(super) const UNDOS: [Option<UndoState>; 5] = [
    None,
    Some(UndoState::Running),
    Some(UndoState::Late),
    Some(UndoState::Closed),
    Some(UndoState::Clearing),
];

impl State {
    /// Every state that can be written down, reachable or not, in the order of the matrix.
    pub fn all() -> impl Iterator<Item = State> {
        ISSUERS.into_iter().flat_map(|issuer| {
            MERCHANTS.into_iter().flat_map(move |merchant| {
                DIRECTIONS.into_iter().flat_map(move |direction| {
                    UNDOS.into_iter().map(move |undo| State { issuer, merchant, direction, undo })
                })
            })
        })
    }

    fn rank(self) -> [u8; 4] {
        let undo = self.undo.map_or(0, |undo| 1 + undo as u8);
        [self.issuer as u8, self.merchant as u8, self.direction as u8, undo]
    }
}

impl Ord for State {
    fn cmp(&self, other: &State) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for State {
    fn partial_cmp(&self, other: &State) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In lower case: `done/told/keep`, `unknown/no/return, reversal running`.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { issuer, merchant, direction, undo } = self;
        let undo = undo.map_or_else(String::new, |undo| format!(", reversal {undo:?}"));
        f.pad(&format!("{issuer:?}/{merchant:?}/{direction:?}{undo}").to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_stand_in_their_order_and_each_once() {
        let states: Vec<State> = State::all().collect();
        assert_eq!(states.len(), ISSUERS.len() * MERCHANTS.len() * DIRECTIONS.len() * UNDOS.len());
        assert!(states.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_state_is_named_by_its_four_parts() {
        let named = |undo| {
            let state =
                State { issuer: Issuer::NotDone, merchant: Merchant::No, direction: Direction::Return, undo };
            state.to_string()
        };
        assert_eq!(named(None), "notdone/no/return");
        assert_eq!(named(Some(UndoState::Closed)), "notdone/no/return, reversal closed");
    }
}
