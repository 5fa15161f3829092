//! Shrinking: from a world that breaks a rule to the smallest part of it that still breaks the same rule.
//!
//! Left out one after the other: whole faults, terminals, deeds, and then single times that a fault happens. Deeds and
//! strikes go in halves, quarters and so on, down to one (delta debugging).

use super::{Part, Report, Setting, Violation, Without, run};

/// Worlds that are lived through for one violation at most.
pub const MOST_RUNS: u32 = 400;

/// What a violation came down to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunk {
    /// Of the smallest world, which replays by itself.
    pub violation: Violation,
    pub runs: u32,
    /// Nothing more can be left out; else the runs were used up.
    pub smallest: bool,
    /// Faults known, deeds done and strikes in the first world and in the smallest.
    pub before: [usize; 3],
    pub after: [usize; 3],
}

/// Makes a violation's world as small as it gets.
pub fn shrink(violation: &Violation) -> Shrunk {
    shrink_by(violation, &|setting| run(setting, None))
}

/// The same by another way of living through a world.
fn shrink_by(violation: &Violation, live: &dyn Fn(&Setting) -> Report) -> Shrunk {
    let mut search = Search { live, best: violation.clone(), report: None, runs: 0 };
    let first = search.run(&violation.setting);
    let before = first.as_ref().map_or([0; 3], |report| size(&violation.setting.without, report));
    search.report = first;
    let mut smallest = false;
    // What could not be left out at first often can when other things are gone.
    while search.runs < MOST_RUNS {
        let at_start = search.best.setting.without.clone();
        search.each(|report| (1..report.shape.banks).map(|_| Part::SecondBank).collect());
        search.each(|report| report.shape.faults.iter().copied().map(Part::Fault).collect());
        search.each(|report| (1..=report.shape.deeds.len() as u8).map(Part::Terminal).collect());
        search.halves(deeds);
        search.halves(|report| (1..=report.shape.strikes).map(Part::Strike).collect());
        if search.best.setting.without == at_start {
            smallest = search.runs < MOST_RUNS;
            break;
        }
    }
    let without = &search.best.setting.without;
    let after = search.report.as_ref().map_or(before, |report| size(without, report));
    Shrunk { violation: search.best, runs: search.runs, smallest, before, after }
}

struct Search<'a> {
    live: &'a dyn Fn(&Setting) -> Report,
    /// The smallest world so far that breaks the rule, and how it went.
    best: Violation,
    report: Option<Report>,
    runs: u32,
}

impl Search<'_> {
    /// How a world goes, if it breaks the same rule.
    fn run(&mut self, setting: &Setting) -> Option<Report> {
        self.runs += 1;
        let report = (self.live)(setting);
        let same = report.violation.as_ref().is_some_and(|violation| violation.rule == self.best.rule);
        same.then_some(report)
    }

    /// Leaves these out for good, if the rule is still broken without them.
    fn leave_out(&mut self, parts: &[Part]) -> bool {
        let without = self.best.setting.without.and(parts.iter().copied());
        if parts.is_empty() || without == self.best.setting.without || self.runs >= MOST_RUNS {
            return false;
        }
        let setting = Setting { without, ..self.best.setting.clone() };
        let Some(report) = self.run(&setting) else { return false };
        if let Some(violation) = report.violation.clone() {
            self.best = violation;
        }
        self.report = Some(report);
        true
    }

    fn parts(&self, of: impl Fn(&Report) -> Vec<Part>) -> Vec<Part> {
        let without = &self.best.setting.without;
        let parts = self.report.as_ref().map(of).unwrap_or_default();
        parts.into_iter().filter(|part| !without.has(*part) && !gone_with(without, *part)).collect()
    }

    /// Tries to leave out each of the parts.
    fn each(&mut self, of: impl Fn(&Report) -> Vec<Part>) {
        for part in self.parts(of) {
            self.leave_out(&[part]);
        }
    }

    /// Tries to leave out large pieces of the parts, then smaller ones. Pieces are taken from the end: what comes late
    /// does not change what came before it.
    fn halves(&mut self, of: impl Fn(&Report) -> Vec<Part> + Copy) {
        let mut piece = self.parts(of).len();
        while piece > 0 && self.runs < MOST_RUNS {
            let parts = self.parts(of);
            for chunk in parts.rchunks(piece) {
                self.leave_out(chunk);
            }
            piece /= 2;
        }
    }
}

fn deeds(report: &Report) -> Vec<Part> {
    let of = report.shape.deeds.iter().enumerate();
    of.flat_map(|(place, count)| (1..=*count as u16).map(move |deed| Part::Deed(place as u8 + 1, deed)))
        .collect()
}

/// It is left out together with something greater.
fn gone_with(without: &Without, part: Part) -> bool {
    match part {
        Part::Deed(terminal, _) => without.has(Part::Terminal(terminal)),
        Part::Fault(_) | Part::Terminal(_) | Part::Strike(_) | Part::SecondBank | Part::SeldomEcho => false,
    }
}

fn size(without: &Without, report: &Report) -> [usize; 3] {
    let left = deeds(report).into_iter().filter(|deed| !without.has(*deed) && !gone_with(without, *deed));
    let strikes = (1..=report.shape.strikes).filter(|strike| !without.has(Part::Strike(*strike)));
    [report.shape.faults.len(), left.count(), strikes.count()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::Moment;
    use std::{cell::RefCell, rc::Rc};

    /// A rule of no use but to be broken: no terminal loses power after a sale was approved.
    const PLANTED: &str = "planted";

    fn live(setting: &Setting) -> Report {
        let seen = Rc::new(RefCell::new((false, false)));
        let sink = {
            let seen = Rc::clone(&seen);
            Box::new(move |line: &str| {
                let mut seen = seen.borrow_mut();
                seen.0 |= line.contains("Sale ends") && line.contains("Approved");
                seen.1 |= seen.0 && line.contains("LOSES POWER");
            })
        };
        let mut report = run(setting, Some(sink));
        let broken = seen.borrow().1;
        report.violation = broken.then(|| Violation {
            setting: setting.clone(),
            at: Moment(0),
            rule: PLANTED,
            what: "power went after a sale".to_owned(),
        });
        report
    }

    #[test]
    fn a_planted_rule_is_broken_in_a_world_of_one_fault_and_few_deeds() {
        let broken = (0..200).filter_map(|seed| live(&Setting::of(seed)).violation).take(5);
        let shrunk: Vec<Shrunk> = broken.map(|violation| shrink_by(&violation, &live)).collect();
        // What a world draws hangs on all of its faults, so that in some worlds a few must stay which do not strike.
        let all =
            shrunk.iter().all(|shrunk| shrunk.smallest && shrunk.runs <= MOST_RUNS && shrunk.after[1] <= 6);
        assert!(shrunk.len() == 5 && all, "{shrunk:?}");
        let shrunk = shrunk.into_iter().min_by_key(|shrunk| shrunk.after).expect("five of them");
        let [faults, deeds, strikes] = shrunk.after;
        assert!(faults <= 1 && deeds <= 6 && strikes <= 2, "{shrunk:?}");
        assert!(shrunk.before[1] >= deeds && shrunk.before[2] >= strikes);
        let replayed = live(&shrunk.violation.setting);
        assert_eq!(replayed.violation.map(|violation| violation.rule), Some(PLANTED));
        assert!(shrunk.violation.replay().contains(" --without "), "{}", shrunk.violation.replay());
    }

    #[test]
    fn a_violation_that_does_not_come_again_stays_as_it_is() {
        let violation = Violation {
            setting: Setting::of(0),
            at: Moment(0),
            rule: "none such",
            what: "no world breaks it".to_owned(),
        };
        let shrunk = shrink(&violation);
        assert_eq!((shrunk.violation, shrunk.before), (violation, [0; 3]));
    }
}
