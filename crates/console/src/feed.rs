//! The live feed: rows that have changed, for whoever watches. Each change has a number; a watcher asks for what came
//! after the number that he has, and hears the newest state of each payment once.

use hefu_view::Row;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

/// The most changes that are kept for watchers who fall behind.
const MOST: usize = 8_192;

/// What a watcher hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// Nothing has changed.
    Nothing,
    /// These rows, in the order of their last change, up to this number.
    Rows { upto: u64, rows: Vec<Arc<Row>> },
    /// Too much has happened since: read the lists anew, and go on from this number.
    Reset { upto: u64 },
}

/// The feed. A clone shares it.
#[derive(Clone)]
pub struct Feed {
    /// Tells this run of the program from others.
    run: u64,
    kept: Arc<Mutex<Kept>>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    /// The number of the last change; they count from 1.
    last: u64,
    changes: VecDeque<Arc<Row>>,
}

impl Feed {
    /// An empty feed. `run` tells this run of the program from others.
    pub fn new(run: u64) -> Feed {
        Feed { run, kept: Arc::default(), changed: watch::Sender::new(0) }
    }

    /// A change's number as watchers name it.
    pub fn name(&self, number: u64) -> String {
        format!("{:x}-{number}", self.run)
    }

    /// The number of that name. A name of another run, or of nothing, is one that too much has happened since.
    pub fn number(&self, name: &str) -> u64 {
        let number = name.split_once('-').filter(|(run, _)| u64::from_str_radix(run, 16) == Ok(self.run));
        number.and_then(|(_, number)| number.parse().ok()).unwrap_or(u64::MAX)
    }

    /// Tells of changed rows.
    pub fn payments(&self, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        let mut kept = self.lock();
        for row in rows {
            kept.last += 1;
            kept.changes.push_back(Arc::new(row));
            if kept.changes.len() > MOST {
                kept.changes.pop_front();
            }
        }
        self.changed.send_replace(kept.last);
    }

    /// The number of the last change.
    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// Wakes whoever waits for a change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What has changed after `seen` among the rows that `may` be seen.
    pub fn since(&self, seen: u64, may: impl Fn(&Row) -> bool) -> News {
        let kept = self.lock();
        let missed = kept.last.saturating_sub(seen);
        if seen == kept.last {
            return News::Nothing;
        }
        let held = kept.changes.len() as u64;
        if seen > kept.last || missed > held {
            return News::Reset { upto: kept.last };
        }
        let skip = usize::try_from(held - missed).unwrap_or(usize::MAX);
        let mut newest = BTreeMap::new();
        for (place, row) in kept.changes.iter().enumerate().skip(skip) {
            if may(row) {
                newest.insert(row.id.as_str(), place);
            }
        }
        let mut places: Vec<usize> = newest.into_values().collect();
        places.sort_unstable();
        let rows: Vec<_> = places.into_iter().map(|place| kept.changes[place].clone()).collect();
        News::Rows { upto: kept.last, rows }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_view::Amount;

    fn row(id: u8, amount: i64) -> Row {
        let text = serde_json::json!({
            "id": id.to_string(), "rrn": "6327Y000000D", "opened_ms": 1, "merchant": "898110253110001",
            "terminal": "10000001", "card": "620000******0005", "kind": "sale",
            "amount": Amount { minor: amount, currency: 156 }, "view": "approved", "issuer": "charged",
            "merchant_half": "has", "direction": "keep", "matched": true, "duty": null, "legs": 1, "link": 1,
            "at_risk": 0,
        });
        serde_json::from_value(text).unwrap()
    }

    /// What a watcher who has seen `seen` hears: ids with amounts.
    fn heard(feed: &Feed, seen: u64) -> Option<Vec<(String, i64)>> {
        match feed.since(seen, |row| row.amount.minor != 13) {
            News::Nothing => Some(Vec::new()),
            News::Rows { rows, .. } => {
                Some(rows.iter().map(|row| (row.id.clone(), row.amount.minor)).collect())
            }
            News::Reset { .. } => None,
        }
    }

    #[test]
    fn a_watcher_hears_the_newest_of_each_payment_in_the_order_of_its_last_change() {
        let feed = Feed::new(7);
        assert_eq!(heard(&feed, 0), Some(vec![]));
        feed.payments(vec![row(1, 10), row(2, 20), row(1, 11), row(3, 13)]);
        let pairs = |pairs: &[(&str, i64)]| {
            Some(pairs.iter().map(|(id, minor)| ((*id).to_owned(), *minor)).collect::<Vec<_>>())
        };
        assert_eq!(heard(&feed, 0), pairs(&[("2", 20), ("1", 11)]), "and not what he may not see");
        assert_eq!(heard(&feed, 2), pairs(&[("1", 11)]));
        assert_eq!(heard(&feed, 4), Some(vec![]));
    }

    #[test]
    fn who_missed_too_much_or_comes_from_another_run_must_read_anew() {
        let feed = Feed::new(7);
        (0..MOST + 10).for_each(|_| feed.payments(vec![row(1, 1)]));
        assert_eq!(heard(&feed, 9), None);
        assert!(heard(&feed, 10).is_some());
        assert_eq!(feed.number(&feed.name(42)), 42);
        for other in ["8-42", "42", "", "7-x"] {
            assert_eq!(heard(&feed, feed.number(other)), None, "{other}");
        }
    }
}
