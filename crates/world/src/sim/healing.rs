//! How long payments are in doubt while the bank can be reached.

use super::rows::Row;
use hefu_tally::{
    Direction, Issuer, LegNo, Moment, TallyId,
    time::{HOUR, MINUTE, SECOND},
};
use std::{collections::BTreeMap, fmt};

/// The upper ends of the histogram's classes, in milliseconds; the last class has none.
const ENDS: [i64; 12] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
];

/// From "unknown" to settled: how many legs took how long, counting only time in which the bank could be reached.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct Healing {
    classes: [u64; ENDS.len() + 1],
    /// Those that the bank has not settled: they wait for the clearing files or for a person.
    pub waiting: u64,
    /// Those of cards whose bank is silent about them for ten minutes, settled after that.
    pub silent: u64,
}

impl Healing {
    fn took(&mut self, ms: i64) {
        let class = ENDS.iter().position(|end| ms <= *end).unwrap_or(ENDS.len());
        self.classes[class] += 1;
    }

    /// Adds another world's counts.
    pub fn add(&mut self, other: &Healing) {
        for (own, more) in self.classes.iter_mut().zip(other.classes) {
            *own += more;
        }
        self.waiting += other.waiting;
        self.silent += other.silent;
    }

    /// Legs that were in doubt and were settled.
    pub fn settled(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// How many of them were settled within a minute.
    pub fn within_a_minute(&self) -> u64 {
        ENDS.iter().zip(self.classes).filter(|(end, _)| **end <= MINUTE).map(|(_, count)| count).sum()
    }

    /// Their share, from 0 to 1; 1 when none was ever in doubt.
    pub fn share_within_a_minute(&self) -> f64 {
        match self.settled() {
            0 => 1.0,
            all => self.within_a_minute() as f64 / all as f64,
        }
    }

    /// Each class: its upper end in milliseconds, and how many legs are in it.
    pub fn classes(&self) -> impl Iterator<Item = (Option<i64>, u64)> {
        ENDS.into_iter().map(Some).chain([None]).zip(self.classes)
    }
}

/// A line for each class with a bar.
impl fmt::Display for Healing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.settled().max(1);
        for (end, count) in self.classes() {
            let until = end.map_or_else(|| "longer".to_owned(), |end| format!("≤ {} s", end / SECOND));
            let share = count as f64 / all as f64;
            let bar = "█".repeat((share * 50.0).round() as usize);
            writeln!(f, "{until:>9} {count:>9} {:>5.1} % {bar}", share * 100.0)?;
        }
        let silent = "had a bank that is silent about them for ten minutes";
        writeln!(f, "{:>9} {:>9}         {silent}", "", self.silent)?;
        writeln!(f, "{:>9} {:>9}         wait for clearing or a person", "", self.waiting)
    }
}

/// Who is in doubt in one world, and since when.
#[derive(Default)]
pub(super) struct Doubts {
    /// By the clock that only runs while the bank can be reached.
    since: BTreeMap<(TallyId, LegNo), i64>,
    healing: Healing,
    closed: bool,
    /// Time in which the bank could be reached until it last could not, and since when it can be again.
    reached: i64,
    reachable: Option<Moment>,
}

impl Doubts {
    /// Whether the bank can be reached from now on.
    pub fn reachable(&mut self, now: Moment, reachable: bool) {
        match (self.reachable, reachable) {
            (None, true) => self.reachable = Some(now),
            (Some(since), false) => {
                self.reached += now.since(since);
                self.reachable = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    fn clock(&self, now: Moment) -> i64 {
        self.reached + self.reachable.map_or(0, |since| now.since(since))
    }

    /// A payment has changed.
    pub fn see(&mut self, now: Moment, legs: &[Row]) {
        if self.closed {
            return;
        }
        let clock = self.clock(now);
        for row in legs {
            let leg = (row.tally, row.no);
            if is_in_doubt(row) {
                self.since.entry(leg).or_insert(clock);
            } else if let Some(since) = self.since.remove(&leg) {
                match row.silent {
                    true => self.healing.silent += 1,
                    false => self.healing.took(clock - since),
                }
            }
        }
    }

    /// The day is closed: what is in doubt still is for people to decide, and counts no more.
    pub fn close<'a>(&mut self, legs: impl Iterator<Item = &'a Row>) {
        let waiting = legs.filter(|row| row.waits() && self.since.contains_key(&(row.tally, row.no))).count();
        self.healing.waiting = waiting as u64;
        self.closed = true;
    }

    /// The world is over: what became of all its doubts.
    pub fn end(all: Vec<Doubts>) -> Healing {
        all.iter().fold(Healing::default(), |mut sum, doubts| {
            sum.add(&doubts.healing);
            sum
        })
    }
}

/// The terminal was told "unknown", or would have been, and nobody has shown yet what the bank did.
fn is_in_doubt(row: &Row) -> bool {
    match row.leg.issuer {
        Issuer::Unknown => row.leg.direction == Direction::Return || row.was_told(),
        Issuer::Done => row.leg.direction == Direction::Return,
        Issuer::Untouched | Issuer::NotDone | Issuer::Undone => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_in_which_the_bank_can_be_reached_counts() {
        let mut doubts = Doubts::default();
        doubts.reachable(Moment(1_000), true);
        doubts.reachable(Moment(2_000), true);
        assert_eq!(doubts.clock(Moment(4_000)), 3_000);
        doubts.reachable(Moment(5_000), false);
        assert_eq!(doubts.clock(Moment(9_000)), 4_000);
        doubts.reachable(Moment(10_000), true);
        assert_eq!(doubts.clock(Moment(10_500)), 4_500);
    }

    #[test]
    fn a_minute_belongs_to_those_within_a_minute_and_a_millisecond_more_does_not() {
        let mut healing = Healing::default();
        assert_eq!(healing.share_within_a_minute(), 1.0, "nobody was in doubt");
        for ms in [0, SECOND, MINUTE, MINUTE + 1, 100 * HOUR] {
            healing.took(ms);
        }
        assert_eq!((healing.settled(), healing.within_a_minute()), (5, 3));
        let mut twice = healing;
        twice.add(&healing);
        assert_eq!((twice.settled(), twice.share_within_a_minute()), (10, 0.6));
    }
}
