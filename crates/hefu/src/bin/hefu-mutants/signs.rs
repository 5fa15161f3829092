//! Signs of life: what ordinarily happens in the worlds, counted from their traces. A sign that the sound program
//! shows often and a mistaken one never is a catch.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often each sign was seen.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Signs(BTreeMap<String, u64>);

/// What is seen less often than this may be missing by chance.
const OFTEN: u64 = 10;

impl Signs {
    pub fn see(&mut self, sign: String) {
        self.count(sign, 1);
    }

    pub fn count(&mut self, sign: String, times: u64) {
        *self.0.entry(sign).or_default() += times;
    }

    pub fn add(&mut self, other: Signs) {
        for (sign, times) in other.0 {
            self.count(sign, times);
        }
    }

    /// Takes a line of a world's trace.
    pub fn line(&mut self, line: &str) {
        if let Some((_, faults)) = line.split_once("faults: ") {
            for fault in faults.split(", ") {
                let name = fault.trim_end_matches(|c: char| c == '‰' || c.is_ascii_digit() || c == ' ');
                self.see(format!("a world that knows {name}"));
            }
        } else if let Some((_, heard)) = line.split_once("bank hears ") {
            // MTI, and the card if there is one.
            let words = heard.split_whitespace().take(2).enumerate();
            let words: Vec<&str> = words
                .filter(|(place, word)| *place == 0 || word.starts_with('*'))
                .map(|(_, word)| word)
                .collect();
            self.see(format!("the bank hears {}", words.join(" ")));
        } else if let Some((_, deed)) = line.split_once("cashier: ") {
            let deed = deed.split_whitespace().next().unwrap_or_default();
            self.see(format!("a cashier's {deed}"));
        } else if let Some((before, outcome)) = line.split_once(" ends: ") {
            let transaction = before.split_whitespace().last().unwrap_or_default();
            let outcome = outcome.split_once(" {").map_or(outcome, |(outcome, _)| outcome);
            self.see(format!("{transaction} ends {outcome}"));
        } else if let Some((_, crash)) = line.split_once("CRASHES")
            && let Some((_, stands)) = crash.split_once("for the store ")
        {
            let how = if stands.starts_with("0 ") { "nothing" } else { "something" };
            self.see(format!("a crash over which {how} given to the store stands"));
        }
    }

    /// A sign that is common there and was never seen here, the commonest first.
    pub fn missing_of(&self, usual: &Signs) -> Option<(String, u64)> {
        let common = usual.0.iter().filter(|(_, times)| **times >= OFTEN);
        let missing = common.filter(|(sign, _)| !self.0.contains_key(*sign));
        missing.max_by_key(|(_, times)| **times).map(|(sign, times)| (sign.clone(), *times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_trace_become_signs() {
        // (line, its signs)
        let cases: [(&str, &[&str]); 6] = [
            (
                "21:00:51.705 world  3 terminals; faults: line cut 17‰, power cut 26‰",
                &["a world that knows line cut", "a world that knows power cut"],
            ),
            ("21:00:52.100 bank hears  0200 *0104 3=000000 11=000001", &["the bank hears 0200 *0104"]),
            ("21:00:52.100 10000001  cashier: Sale { amount: 5 }", &["a cashier's Sale"]),
            (
                "21:00:53.250 10000001  Sale ends: Some(\"00\") Approved { amount: 10 }",
                &["Sale ends Some(\"00\") Approved"],
            ),
            (
                "21:00:53.250 gateway  CRASHES before output 7; of 3 things for the store 2 stand; down for 500 ms",
                &["a crash over which something given to the store stands"],
            ),
            ("21:00:53.250 10000001  screen: Signed on", &[]),
        ];
        for (line, expected) in cases {
            let mut signs = Signs::default();
            signs.line(line);
            assert_eq!(signs.0.keys().collect::<Vec<_>>(), expected, "{line}");
        }
    }

    #[test]
    fn only_what_is_common_is_missed() {
        let mut usual = Signs::default();
        usual.count("common".into(), OFTEN);
        usual.count("rare".into(), OFTEN - 1);
        assert_eq!(Signs::default().missing_of(&usual), Some(("common".into(), OFTEN)));
        assert_eq!(usual.missing_of(&usual), None);
    }
}
