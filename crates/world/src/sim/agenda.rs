//! Simulated time: what happens next, in the order of its moment and then of its planning.

use hefu_tally::Moment;
use std::collections::BTreeMap;

/// Events that are planned, and the present moment.
pub(super) struct Agenda<E> {
    now: Moment,
    planned: BTreeMap<(Moment, u64), E>,
    count: u64,
}

impl<E> Agenda<E> {
    pub fn new(now: Moment) -> Agenda<E> {
        Agenda { now, planned: BTreeMap::new(), count: 0 }
    }

    pub fn now(&self) -> Moment {
        self.now
    }

    /// Plans an event; what should have happened already happens at once.
    pub fn at(&mut self, moment: Moment, event: E) {
        self.count += 1;
        self.planned.insert((moment.max(self.now), self.count), event);
    }

    /// Plans an event so many milliseconds from now.
    pub fn after(&mut self, ms: i64, event: E) {
        self.at(self.now.after(ms), event);
    }

    /// The next event, if it is due by then; time advances to it.
    pub fn next(&mut self, by: Moment) -> Option<E> {
        let (&(moment, _), _) = self.planned.first_key_value()?;
        if moment > by {
            return None;
        }
        self.now = moment;
        self.planned.pop_first().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_time_and_then_of_planning() {
        let mut agenda = Agenda::new(Moment(100));
        agenda.after(20, 'c');
        agenda.after(10, 'a');
        agenda.after(10, 'b');
        agenda.at(Moment(0), 'x');
        let order: String = std::iter::from_fn(|| agenda.next(Moment(115))).collect();
        assert_eq!(order, "xab", "what lies in the past happens at once, what lies beyond the bound waits");
        assert_eq!(agenda.now(), Moment(110));
    }
}
