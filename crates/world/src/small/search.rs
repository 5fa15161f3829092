//! The search: breadth-first through all states, in blocks that threads share, with the same result whatever their
//! number.

use super::{
    acts::{Act, Move},
    gateway::CrashAt,
    judge,
    scenario::Scenario,
    state::State,
    watch::Broken,
};
use std::{
    collections::{BTreeMap, btree_map},
    fmt, thread,
};

/// How far the search goes. Where it reaches one of these it stops and says so.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Bounds {
    pub states: usize,
    pub depth: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { states: 20_000_000, depth: 1_000 }
    }
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Report {
    pub scenario: &'static str,
    pub faults: u8,
    /// Different states.
    pub states: usize,
    /// Moves that led to a state seen before.
    pub merged: u64,
    /// Moves in all.
    pub moves: u64,
    /// The longest shortest way to a state.
    pub deepest: usize,
    pub ends: Ends,
    pub violation: Option<Violation>,
    /// The bound that was reached; then the search is not complete.
    pub bound: Option<&'static str>,
}

impl Report {
    /// Everything was seen, and no rule was broken.
    pub fn is_clean(&self) -> bool {
        self.violation.is_none() && self.bound.is_none()
    }
}

/// States in which nothing happens any more.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ends {
    /// Both halves and the bank say the same.
    pub matched: u64,
    /// It waits, by the reason.
    pub waiting: BTreeMap<&'static str, u64>,
}

/// A rule that was broken, and the shortest way there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    pub rule: &'static str,
    pub what: String,
    /// What happened, one line each.
    pub path: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.rule, self.what)?;
        for (number, line) in self.path.iter().enumerate() {
            writeln!(f, "  {:>3}  {line}", number + 1)?;
        }
        Ok(())
    }
}

/// States that threads expand before what they found is put together.
const BLOCK: usize = 8_192;

/// Goes through everything that can happen in this scenario with so many faults.
///
/// # Panics
/// When `threads` is 0.
pub fn explore(scenario: &Scenario, faults: u8, threads: usize, bounds: Bounds) -> Report {
    assert!(threads > 0, "somebody must do it");
    let mut search = Search {
        scenario,
        seen: BTreeMap::new(),
        trail: Vec::new(),
        report: Report {
            scenario: scenario.name,
            faults,
            states: 0,
            merged: 0,
            moves: 0,
            deepest: 0,
            ends: Ends::default(),
            violation: None,
            bound: None,
        },
    };
    search.run(threads, bounds);
    search.report
}

struct Search<'a> {
    scenario: &'a Scenario,
    /// Each state by its fingerprint, with the most faults that were left when it was reached.
    seen: BTreeMap<u128, u8>,
    /// How each state was reached first: from which, by what.
    trail: Vec<(u32, Move)>,
    report: Report,
}

/// A state that waits to be expanded, with its place in the trail.
type Open = (u32, State);

struct Child {
    parent: u32,
    by: Move,
    fingerprint: u128,
    state: State,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    children: Vec<Child>,
    moves: u64,
    merged: u64,
    ends: Ends,
    broken: Option<(u32, Option<Move>, Broken)>,
}

impl Search<'_> {
    fn run(&mut self, threads: usize, bounds: Bounds) {
        let start = match State::start_of(self.scenario, self.report.faults) {
            Ok(state) => state,
            Err((rule, what)) => {
                self.report.violation = Some(Violation { rule, what, path: Vec::new() });
                return;
            }
        };
        self.seen.insert(start.fingerprint(), start.left);
        self.trail.push((0, Move { act: Act::Time, crash: None }));
        let mut layer = vec![(0, start)];
        while !layer.is_empty() {
            let mut next = Vec::new();
            while !layer.is_empty() {
                let block = layer.split_off(layer.len().saturating_sub(BLOCK));
                if !self.expand(block, threads, &mut next) {
                    return;
                }
                self.report.states = self.trail.len();
                if self.trail.len() > bounds.states {
                    self.report.bound = Some("states");
                    return;
                }
            }
            layer = next;
            self.report.deepest += usize::from(!layer.is_empty());
            if self.report.deepest > bounds.depth {
                self.report.bound = Some("depth");
                return;
            }
        }
    }

    /// Expands a block; false when a rule was broken.
    fn expand(&mut self, block: Vec<Open>, threads: usize, next: &mut Vec<Open>) -> bool {
        let share = block.len().div_ceil(threads);
        let mut shares: Vec<Vec<Open>> = Vec::new();
        let mut rest = block;
        while !rest.is_empty() {
            let tail = rest.split_off(share.min(rest.len()));
            shares.push(std::mem::replace(&mut rest, tail));
        }
        let seen = &self.seen;
        // One alone needs no thread of its own: its caller's time on the processor is what the search took.
        let found: Vec<Found> = if threads == 1 {
            shares.into_iter().map(|share| expand(share, seen)).collect()
        } else {
            on_threads(shares, seen)
        };
        for found in found {
            self.report.moves += found.moves;
            self.report.merged += found.merged;
            self.report.ends.matched += found.ends.matched;
            for (reason, count) in found.ends.waiting {
                *self.report.ends.waiting.entry(reason).or_default() += count;
            }
            if let Some((place, by, broken)) = found.broken {
                self.report.violation = Some(self.violation(place, by, broken));
                self.report.states = self.trail.len();
                return false;
            }
            for Child { parent, by, fingerprint, state } in found.children {
                match self.seen.entry(fingerprint) {
                    btree_map::Entry::Occupied(mut seen) if *seen.get() < state.left => {
                        seen.insert(state.left);
                    }
                    btree_map::Entry::Occupied(_) => {
                        self.report.merged += 1;
                        continue;
                    }
                    btree_map::Entry::Vacant(place) => {
                        place.insert(state.left);
                    }
                }
                let place = u32::try_from(self.trail.len()).expect("the bound on states is far below");
                self.trail.push((parent, by));
                next.push((place, state));
            }
        }
        true
    }

    /// Lives through the way there again, to tell it.
    fn violation(&self, place: u32, last: Option<Move>, (rule, what): Broken) -> Violation {
        let mut moves: Vec<Move> = last.into_iter().collect();
        let mut place = place;
        while place != 0 {
            let (parent, by) = self.trail[place as usize];
            moves.push(by);
            place = parent;
        }
        moves.reverse();
        let mut path = Vec::new();
        if let Ok(mut state) = State::start_of(self.scenario, self.report.faults) {
            for by in moves {
                path.push(format!("{:>9.3} s  {}", state.now as f64 / 1_000.0, state.tell(by)));
                // The last one is what breaks the rule.
                if state.act(by).is_err() {
                    break;
                }
            }
        }
        Violation { rule, what, path }
    }
}

/// Each share on a thread.
fn on_threads(shares: Vec<Vec<Open>>, seen: &BTreeMap<u128, u8>) -> Vec<Found> {
    thread::scope(|scope| {
        let workers: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || expand(share, seen))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker hands in what it found")).collect()
    })
}

/// Expands each state of a share, until one breaks a rule.
fn expand(share: Vec<Open>, seen: &BTreeMap<u128, u8>) -> Found {
    let mut found = Found::default();
    for (place, mut state) in share {
        if let Err((by, broken)) = found.expand(place, &mut state, seen) {
            found.broken = Some((place, by, broken));
            break;
        }
    }
    found
}

impl Found {
    fn expand(
        &mut self,
        place: u32,
        state: &mut State,
        seen: &BTreeMap<u128, u8>,
    ) -> Result<(), (Option<Move>, Broken)> {
        let choices = state.choices().map_err(|broken| (None, broken))?;
        if choices.rests {
            match judge::judge(state).map_err(|broken| (None, broken))? {
                None => self.ends.matched += 1,
                Some(reason) => *self.ends.waiting.entry(reason).or_default() += 1,
            }
        }
        for act in choices.free {
            self.both(place, state, act, 0, seen)?;
        }
        if state.left > 0 {
            for act in choices.faults {
                self.both(place, state, act, 1, seen)?;
            }
        }
        Ok(())
    }

    /// The act as it is, and with a crash before each of its effects.
    fn both(
        &mut self,
        parent: u32,
        state: &State,
        act: Act,
        cost: u8,
        seen: &BTreeMap<u128, u8>,
    ) -> Result<(), (Option<Move>, Broken)> {
        let whole = Move { act, crash: None };
        let effects = self.one(parent, state, whole, cost, seen)?;
        if state.left <= cost {
            return Ok(());
        }
        for effect in 0..effects {
            for commit_survives in [false, true] {
                if commit_survives && !state.gateway.commits() {
                    continue;
                }
                let crash = Some(CrashAt { effect, commit_survives });
                self.one(parent, state, Move { act, crash }, cost + 1, seen)?;
            }
        }
        Ok(())
    }

    fn one(
        &mut self,
        parent: u32,
        state: &State,
        by: Move,
        cost: u8,
        seen: &BTreeMap<u128, u8>,
    ) -> Result<u8, (Option<Move>, Broken)> {
        let mut child = state.clone();
        child.left -= cost;
        let effects = child.act(by).map_err(|broken| (Some(by), broken))?;
        self.moves += 1;
        let fingerprint = child.fingerprint();
        if seen.get(&fingerprint).is_some_and(|left| *left >= child.left) {
            self.merged += 1;
        } else {
            self.children.push(Child { parent, by, fingerprint, state: child });
        }
        Ok(effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small::SCENARIOS;
    use std::collections::VecDeque;

    /// What each move of a state leads to: its effects and the next state's fingerprint, or the rule that it breaks.
    type Successors = Vec<(Move, Result<(u8, u128), &'static str>)>;

    fn successors(state: &mut State, next: &mut VecDeque<State>) -> Successors {
        let choices = state.choices().unwrap();
        let faults = choices.faults.into_iter().filter(|_| state.left > 0).map(|act| (act, 1));
        let acts: Vec<(Act, u8)> = choices.free.into_iter().map(|act| (act, 0)).chain(faults).collect();
        let mut successors = Vec::new();
        let mut go = |by: Move, cost: u8| {
            let mut child = state.clone();
            child.left -= cost;
            let led = child.act(by).map(|effects| (effects, child.fingerprint())).map_err(|(rule, _)| rule);
            let effects = led.map_or(0, |(effects, _)| effects);
            successors.push((by, led));
            next.push_back(child);
            effects
        };
        for (act, cost) in acts {
            let effects = go(Move { act, crash: None }, cost);
            for effect in (0..effects).filter(|_| state.left > cost) {
                go(Move { act, crash: Some(CrashAt { effect, commit_survives: false }) }, cost + 1);
            }
        }
        successors
    }

    /// Expands every state, also those that the search merges with one that it has seen; how many those were.
    fn check(name: &str, faults: u8) -> usize {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
        let mut seen: BTreeMap<(u128, u8), Successors> = BTreeMap::new();
        let mut open = VecDeque::from([State::start_of(scenario, faults).unwrap()]);
        let mut merged = 0;
        while let Some(mut state) = open.pop_front() {
            let mut next = VecDeque::new();
            let successors = successors(&mut state, &mut next);
            match seen.entry((state.fingerprint(), state.left)) {
                btree_map::Entry::Vacant(place) => {
                    place.insert(successors);
                    open.extend(next);
                }
                btree_map::Entry::Occupied(first) => {
                    merged += 1;
                    assert_eq!(first.get(), &successors, "{name}: two states with one fingerprint");
                }
            }
        }
        merged
    }

    #[test]
    fn states_that_are_merged_go_on_alike_whatever_happens_next() {
        for (name, faults) in [("sale", 2), ("declined", 1), ("charges-later", 1), ("void", 1), ("again", 1)]
        {
            assert!(check(name, faults) > 100, "{name}: hardly anything is merged");
        }
    }
}
