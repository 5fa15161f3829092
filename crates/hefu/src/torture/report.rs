//! What a run came to: on the screen, as JSON, and as a line of evidence.

use super::{
    fate::Struck,
    judge::{Verdict, Waiting},
    parties::Place,
};
use crate::Failure;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// Differences that are told in full; the others are counted.
const MOST_TOLD: usize = 10;
/// Of an explanation, lines that say why something waits.
const REASONS: [&str; 2] = ["clearing", "a person must look"];
/// Why the other payments wait.
const TO_HEAR: &str = "bank and platform agree; the terminal was told \"unknown\" and closed its batch: policy decides \
                       at the day cut";

/// The numbers of a run.
#[derive(Default)]
pub struct Run {
    pub seed: u64,
    pub scale: u32,
    pub terminals: u32,
    pub kills: u64,
    /// Payments, voids and so on that terminals were asked for.
    pub asked: u64,
    pub payments: usize,
    /// Facts that `hefu verify` has checked.
    pub facts: u64,
    pub faults: Vec<(&'static str, u64)>,
    pub seconds: f64,
    pub compared: usize,
    pub lines: usize,
    pub differences: Vec<(Option<String>, String)>,
    /// By reason: RRNs that wait visibly.
    pub waiting: BTreeMap<String, Vec<String>>,
}

impl Run {
    /// Puts what the comparison found into numbers, and asks the program why each waiting payment waits.
    pub fn take(&mut self, verdict: Verdict, place: &Place) -> Result<(), Failure> {
        self.compared = verdict.compared;
        self.lines = verdict.lines;
        self.differences = verdict.differences.into_iter().map(|found| (found.rrn, found.what)).collect();
        for waiting in verdict.waiting {
            let (rrn, reason) = match waiting {
                Waiting::Clearing { rrn } => {
                    let reason = reason(&explain(place, &rrn)?);
                    (rrn, reason)
                }
                Waiting::MerchantToHear { rrn } => (rrn, Some(TO_HEAR.to_owned())),
            };
            match reason {
                Some(reason) => self.waiting.entry(reason).or_default().push(rrn),
                None => self.differences.push((Some(rrn), "it waits, and nothing says why".to_owned())),
            }
        }
        Ok(())
    }

    pub fn faults(&mut self, struck: &Struck) {
        self.faults = struck.all().into_iter().map(|(fault, count)| (fault.name(), count)).collect();
    }

    pub fn json(&self) -> Value {
        let faults: BTreeMap<_, _> = self.faults.iter().copied().collect();
        let waiting: BTreeMap<_, _> = self.waiting.iter().map(|(why, rrns)| (why, rrns.len())).collect();
        let differences: Vec<_> =
            self.differences.iter().map(|(rrn, what)| json!({ "rrn": rrn, "what": what })).collect();
        json!({
            "seed": self.seed, "time_scale": self.scale, "terminals": self.terminals, "kills": self.kills,
            "asked": self.asked, "payments": self.payments, "facts": self.facts, "faults": faults,
            "compared": self.compared, "ledger_lines": self.lines, "waiting": waiting,
            "differences": differences, "seconds": (self.seconds * 10.0).round() / 10.0,
        })
    }

    /// The summary, and each difference with the story of its payment.
    pub fn print(&self, place: &Place) -> Result<(), Failure> {
        let faults: Vec<_> = self.faults.iter().filter(|(_, count)| *count > 0).collect();
        let faults: Vec<_> = faults.iter().map(|(name, count)| format!("{name} {count}")).collect();
        say!("\nfaults: {}", faults.join(", "));
        for (why, rrns) in &self.waiting {
            say!("{} wait: {why} ({})", rrns.len(), rrns.first().map_or("", String::as_str));
        }
        for (rrn, what) in self.differences.iter().take(MOST_TOLD) {
            say!("\nDIFFERS {}: {what}", rrn.as_deref().unwrap_or("-"));
            if let Some(rrn) = rrn {
                say!("{}", explain(place, rrn)?.trim_end());
            }
        }
        say!(
            "{} payments, {} kills of the gateway in {:.0} s; {} charges and holds and {} ledger lines compared; \
             {} facts verified; {} wait; {} differences",
            self.payments,
            self.kills,
            self.seconds,
            self.compared,
            self.lines,
            self.facts,
            self.waiting.values().map(Vec::len).sum::<usize>(),
            self.differences.len()
        );
        Ok(())
    }

    /// Adds one line to the evidence.
    pub fn keep_evidence(&self, file: &Path) -> Result<(), Failure> {
        let mut line = self.json();
        line["differences"] = json!(self.differences.len());
        crate::evidence::append(file, line)
    }
}

/// One payment's story, as the program tells it.
fn explain(place: &Place, rrn: &str) -> Result<String, Failure> {
    let told = place.hefu(&["explain", rrn])?;
    Ok(String::from_utf8_lossy(if told.status.success() { &told.stdout } else { &told.stderr }).into_owned())
}

/// Why it waits: the last thing in its story that names clearing or a person, without moments and names.
fn reason(story: &str) -> Option<String> {
    let happened = story.split("What is still owed").next()?;
    let line = happened.lines().rev().find(|line| REASONS.iter().any(|reason| line.contains(reason)))?;
    let line = line.trim().trim_start_matches(|c: char| c.is_ascii_digit() || " -:.".contains(c));
    let line = line.rsplit_once(" by ").map_or(line, |(what, _moment)| what).trim_end_matches(',');
    let words = line.split(' ').filter(|word| !word.starts_with("(leg") && !word.ends_with(')'));
    Some(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_happened_last_that_names_clearing_or_a_person() {
        let story = [
            "What happened",
            "  2026-11-22 10:00:00.000  sent the reversal",
            "  2026-11-22 10:00:01.000  the bank answered the reversal of the void (leg 1) with DE39 12: only \
             clearing can decide, by 2026-11-24",
            "",
            "What is still owed",
            "  leg 0: wait for the clearing files",
        ];
        let expected = "the bank answered the reversal of the void with DE39 12: only clearing can decide";
        assert_eq!(reason(&story.join("\n")).as_deref(), Some(expected));
        assert_eq!(reason("What happened\n  nothing\nWhat is still owed\n  clearing"), None);
    }
}
