//! What goes wrong on a line, drawn for each connection and for each piece of it that passes.

use super::chance::Chance;
use std::{collections::BTreeMap, fmt, sync::Mutex, time::Duration};

/// A kind of fault. The first eight happen on lines, the last three to the parties.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// A piece arrives late.
    Delay,
    /// A piece arrives in several, with pauses in between.
    Split,
    /// A piece waits for the next one and arrives with it.
    Merge,
    /// A piece never arrives, and what follows on it does.
    Drop,
    /// One bit of a piece is changed.
    Corrupt,
    /// The line breaks, and both sides see it.
    Cut,
    /// Nothing passes any more in either direction, and nobody sees it.
    HalfOpen,
    /// The same in one direction only.
    OneWay,
    /// The gateway is killed (SIGKILL).
    GatewayKilled,
    /// The bank is killed (SIGKILL).
    BankKilled,
    /// A terminal loses power.
    PowerCut,
}

impl Fault {
    pub const ALL: [Fault; 11] = [
        Fault::Delay,
        Fault::Split,
        Fault::Merge,
        Fault::Drop,
        Fault::Corrupt,
        Fault::Cut,
        Fault::HalfOpen,
        Fault::OneWay,
        Fault::GatewayKilled,
        Fault::BankKilled,
        Fault::PowerCut,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Fault::Delay => "delay",
            Fault::Split => "split",
            Fault::Merge => "merge",
            Fault::Drop => "drop",
            Fault::Corrupt => "corrupt",
            Fault::Cut => "cut",
            Fault::HalfOpen => "half_open",
            Fault::OneWay => "one_way",
            Fault::GatewayKilled => "gateway_killed",
            Fault::BankKilled => "bank_killed",
            Fault::PowerCut => "power_cut",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How often each fault has happened so far.
#[derive(Default, Debug)]
pub struct Struck(Mutex<BTreeMap<Fault, u64>>);

impl Struck {
    pub fn count(&self, fault: Fault) {
        *self.counts().entry(fault).or_default() += 1;
    }

    pub fn of(&self, fault: Fault) -> u64 {
        self.counts().get(&fault).copied().unwrap_or_default()
    }

    /// All kinds, those that never happened too.
    pub fn all(&self) -> Vec<(Fault, u64)> {
        Fault::ALL.into_iter().map(|fault| (fault, self.of(fault))).collect()
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<Fault, u64>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Which line it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// Between a terminal and the gateway: a connection for each command.
    Terminals,
    /// Between gateway and bank: one connection for everything.
    Bank,
}

/// Which way a piece goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// From who has dialled.
    Up,
    /// To who has dialled.
    Down,
}

impl Line {
    pub fn name(self) -> &'static str {
        match self {
            Line::Terminals => "terminals",
            Line::Bank => "bank",
        }
    }

    /// The longest that a piece is kept back, in stated milliseconds. On the bank's line it stays well below the
    /// longest transit time (60 s), which both sides rely on; a terminal's answer may come when nobody waits any more.
    fn longest(self) -> u64 {
        match self {
            Line::Terminals => 90_000,
            Line::Bank => 20_000,
        }
    }

    /// How many connections out of a thousand go silent.
    fn silent(self) -> u64 {
        match self {
            Line::Terminals => 40,
            Line::Bank => 250,
        }
    }

    /// After at most so many pieces they do.
    fn silent_within(self) -> u64 {
        match self {
            Line::Terminals => 2,
            Line::Bank => 200,
        }
    }
}

/// From which piece on a direction is silent; none when it never is.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Silence {
    pub up: Option<u64>,
    pub down: Option<u64>,
}

impl Silence {
    /// What a new connection's fate is, and what to call it.
    pub fn draw(chance: &mut Chance, line: Line) -> (Silence, Option<Fault>) {
        if !chance.happens(line.silent()) {
            return (Silence::default(), None);
        }
        let from = Some(chance.below(line.silent_within() + 1));
        chance.weighted(&[
            (2, (Silence { up: from, down: from }, Some(Fault::HalfOpen))),
            (1, (Silence { up: from, down: None }, Some(Fault::OneWay))),
            (2, (Silence { up: None, down: from }, Some(Fault::OneWay))),
        ])
    }

    pub fn from(self, way: Way) -> Option<u64> {
        match way {
            Way::Up => self.up,
            Way::Down => self.down,
        }
    }
}

/// What happens to one piece.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    Passes,
    /// Stated milliseconds.
    Late(u64),
    InPieces(u8),
    /// Stated milliseconds that it waits for the next one.
    Waits(u64),
    Lost,
    Garbled,
    Cut,
}

impl Fate {
    pub fn draw(chance: &mut Chance, line: Line) -> Fate {
        let late = chance.weighted(&[(6, 2_000), (3, 10_000), (1, line.longest())]);
        let late = Fate::Late(chance.between(1, late));
        let pieces = Fate::InPieces(chance.between(2, 5) as u8);
        let waits = Fate::Waits(chance.between(100, 2_000));
        match line {
            Line::Terminals => chance.weighted(&[
                (820, Fate::Passes),
                (50, late),
                (50, pieces),
                (20, waits),
                (20, Fate::Lost),
                (15, Fate::Garbled),
                (25, Fate::Cut),
            ]),
            Line::Bank => chance.weighted(&[
                (862, Fate::Passes),
                (50, late),
                (30, pieces),
                (30, waits),
                (15, Fate::Lost),
                (5, Fate::Garbled),
                (8, Fate::Cut),
            ]),
        }
    }

    pub fn fault(self) -> Option<Fault> {
        match self {
            Fate::Passes => None,
            Fate::Late(_) => Some(Fault::Delay),
            Fate::InPieces(_) => Some(Fault::Split),
            Fate::Waits(_) => Some(Fault::Merge),
            Fate::Lost => Some(Fault::Drop),
            Fate::Garbled => Some(Fault::Corrupt),
            Fate::Cut => Some(Fault::Cut),
        }
    }
}

/// So long do so many stated milliseconds last at this scale.
pub fn lasts(stated: u64, scale: u32) -> Duration {
    Duration::from_micros(stated.saturating_mul(1_000) / u64::from(scale.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_line_is_drawn_on_both_lines() {
        for line in [Line::Terminals, Line::Bank] {
            let mut chance = Chance::of(1, line.name(), 0);
            let struck = Struck::default();
            for _ in 0..2_000 {
                if let Some(fault) = Fate::draw(&mut chance, line).fault() {
                    struck.count(fault);
                }
                if let (_, Some(fault)) = Silence::draw(&mut chance, line) {
                    struck.count(fault);
                }
            }
            for fault in &Fault::ALL[..8] {
                assert!(struck.of(*fault) > 0, "{line:?} knows no {fault}");
            }
        }
    }

    #[test]
    fn nothing_is_late_on_the_banks_line_beyond_the_transit_time() {
        let mut chance = Chance::of(2, "late", 0);
        for _ in 0..5_000 {
            match Fate::draw(&mut chance, Line::Bank) {
                Fate::Late(ms) | Fate::Waits(ms) => assert!(ms <= 20_000, "{ms} ms late"),
                Fate::Passes | Fate::InPieces(_) | Fate::Lost | Fate::Garbled | Fate::Cut => {}
            }
        }
    }

    #[test]
    fn a_one_way_silence_leaves_the_other_way_open() {
        let mut chance = Chance::of(3, "silence", 0);
        for _ in 0..2_000 {
            let (silence, fault) = Silence::draw(&mut chance, Line::Bank);
            let silent = usize::from(silence.up.is_some()) + usize::from(silence.down.is_some());
            let called = [None, Some(Fault::OneWay), Some(Fault::HalfOpen)][silent];
            assert_eq!(fault, called, "{silence:?}");
        }
    }
}
