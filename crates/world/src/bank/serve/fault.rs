//! Faults of the line and the bank that pages and drills switch on.

use super::super::code::Code;
use super::super::text::Text;
use serde::{Deserialize, Serialize};

/// What to change; what is absent stays as it is.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Refuse new connections, close the present ones, and drop everything that still comes.
    pub down: Option<bool>,
    /// Send each answer so many milliseconds later, in the bank's time.
    pub slow_ms: Option<u32>,
    /// Lose the next so many answers after the requests were done.
    pub lose_answers: Option<u64>,
    /// Lose the next so many requests before the bank sees them.
    pub lose_requests: Option<u64>,
    /// Refuse the next request of a terminal.
    pub refuse: Option<Refuse>,
}

/// Which terminal's next request is refused, and with which DE39; none takes it back.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    pub terminal: Text<8>,
    pub code: Option<Code>,
}

/// The faults in force; the numbers count down.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Faults {
    pub down: bool,
    pub slow_ms: u32,
    pub lose_answers: u64,
    pub lose_requests: u64,
}

impl Faults {
    pub(super) fn change(&mut self, fault: Fault) {
        self.down = fault.down.unwrap_or(self.down);
        self.slow_ms = fault.slow_ms.unwrap_or(self.slow_ms);
        self.lose_answers = fault.lose_answers.unwrap_or(self.lose_answers);
        self.lose_requests = fault.lose_requests.unwrap_or(self.lose_requests);
    }

    /// Whether this request is lost.
    pub(super) fn loses_request(&mut self) -> bool {
        self.down || count_down(&mut self.lose_requests)
    }

    /// Whether this answer is lost.
    pub(super) fn loses_answer(&mut self) -> bool {
        count_down(&mut self.lose_answers)
    }
}

fn count_down(left: &mut u64) -> bool {
    let loses = *left > 0;
    *left = left.saturating_sub(1);
    loses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_changes_only_what_it_names_and_counts_down() {
        let mut faults = Faults::default();
        faults.change(Fault { lose_answers: Some(2), ..Fault::default() });
        faults.change(Fault { slow_ms: Some(7), ..Fault::default() });
        assert_eq!(faults, Faults { slow_ms: 7, lose_answers: 2, ..Faults::default() });
        let lost: Vec<bool> = (0..3).map(|_| faults.loses_answer()).collect();
        assert_eq!(lost, [true, true, false]);
        assert!(!faults.loses_request());
        faults.change(Fault { down: Some(true), ..Fault::default() });
        assert!(faults.loses_request());
    }
}
