//! One who watches the live stream: how many updates come, how far they are behind, and whether every sale is told.

use super::screen::Visitor;
use crate::Failure;
use hefu_node::clock::ScaledClock;
use hefu_tally::Moment;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Updates are counted over so many milliseconds: one of them comes a little early or late.
const WINDOW: i64 = 5_000;

/// The stream, read on a thread of its own until the console closes.
pub struct Stream(Arc<Mutex<Heard>>);

/// What came.
#[derive(Clone, Default)]
pub struct Heard {
    /// Sales that were sent meanwhile.
    pub sent: u64,
    /// When each update came.
    updates: Vec<i64>,
    /// Of each update with payments: when it came, and how long before that its newest payment was opened.
    behind: Vec<(i64, i64)>,
    /// The payments that were opened since.
    sales: BTreeSet<String>,
    pub rows: u64,
    pub resets: u64,
}

/// Of a row, what is looked at.
#[derive(Deserialize)]
struct Row {
    id: String,
    opened_ms: i64,
}

impl Stream {
    pub fn open(visitor: &Visitor) -> Result<Stream, Failure> {
        let answer = visitor.ask("/api/live")?;
        let stream = Stream(Arc::default());
        let (heard, began) = (stream.0.clone(), ScaledClock::wall());
        thread::spawn(move || {
            let mut kind = String::new();
            // It ends when the console closes; what came until then is what was heard.
            for line in BufReader::new(answer.into_body().into_reader()).lines().map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("event: ").or_else(|| line.strip_prefix("event:")) {
                    kind = event.to_owned();
                } else if let Some(data) = line.strip_prefix("data:") {
                    heard.lock().unwrap_or_else(PoisonError::into_inner).take(&kind, data, began);
                }
            }
        });
        Ok(stream)
    }

    pub fn heard(&self) -> Heard {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Heard {
    /// The same, of so many sales that were sent.
    pub fn of(self, sent: u64) -> Heard {
        Heard { sent, ..self }
    }

    fn take(&mut self, kind: &str, data: &str, began: Moment) {
        let now = ScaledClock::wall().0;
        self.updates.push(now);
        self.resets += u64::from(kind == "reset");
        if kind != "payments" {
            return;
        }
        let rows: Vec<Row> = serde_json::from_str(data).unwrap_or_default();
        self.rows += rows.len() as u64;
        if let Some(newest) = rows.iter().map(|row| row.opened_ms).max() {
            self.behind.push((now, now - newest));
        }
        self.sales.extend(rows.into_iter().filter(|row| row.opened_ms >= began.0).map(|row| row.id));
    }

    /// How many sales were told of.
    pub fn sales(&self) -> u64 {
        self.sales.len() as u64
    }

    /// The most updates a second, over any five seconds.
    pub fn updates_a_second(&self) -> f64 {
        let within = |from: i64| self.updates.iter().filter(|at| (from..from + WINDOW).contains(at)).count();
        let most = self.updates.iter().map(|from| within(*from)).max().unwrap_or(0);
        most as f64 * 1_000.0 / WINDOW as f64
    }

    /// The middle and the worst, in milliseconds, of how far it was behind: in the first third of the time and in the
    /// last.
    pub fn behind(&self) -> [(i64, i64); 2] {
        let (Some((first, _)), Some((last, _))) = (self.behind.first(), self.behind.last()) else {
            return [(0, 0); 2];
        };
        let third = (last - first) / 3;
        let of = |from: i64, to: i64| {
            let within = self.behind.iter().filter(|(at, _)| (from..=to).contains(at));
            let mut behind: Vec<i64> = within.map(|(_, behind)| *behind).collect();
            behind.sort_unstable();
            (behind.get(behind.len() / 2).copied().unwrap_or(0), behind.last().copied().unwrap_or(0))
        };
        [of(*first, first + third), of(last - third, *last)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[(&str, i64)]) -> String {
        let rows = ids.iter().map(|(id, opened)| serde_json::json!({ "id": id, "opened_ms": opened }));
        serde_json::Value::from_iter(rows).to_string()
    }

    #[test]
    fn sales_are_counted_once_and_those_of_before_are_not() {
        let (mut heard, now) = (Heard::default(), ScaledClock::wall());
        let text = rows(&[("a", now.0), ("b", now.0), ("old", now.0 - 1)]);
        heard.take("payments", &text, now);
        heard.take("payments", &text, now);
        heard.take("risk", "{}", now);
        heard.take("reset", "{}", now);
        assert_eq!((heard.sales(), heard.rows, heard.resets), (2, 6, 1));
        assert_eq!(heard.updates.len(), 4);
    }

    #[test]
    fn a_stream_that_falls_behind_is_seen_in_its_last_third() {
        let behind = (0..300).map(|n| (n * 100, if n < 150 { 80 } else { n * 10 })).collect();
        let heard = Heard { behind, ..Heard::default() };
        assert_eq!(heard.behind(), [(80, 80), (2_500, 2_990)]);
    }

    #[test]
    fn updates_are_counted_over_the_busiest_five_seconds() {
        let calm = (0..20).map(|n| n * 1_000);
        let updates = calm.chain((0..100).map(|n| 30_000 + n * 100)).collect();
        let heard = Heard { updates, ..Heard::default() };
        assert!((heard.updates_a_second() - 10.0).abs() < 0.01);
    }
}
