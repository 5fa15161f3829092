//! Which keys (DE7 and DE11) are in flight: none may name two messages.

use super::HostError;
use hefu_engine::{BankAsk, BankRequest};
use hefu_tally::{Moment, Rrn};
use std::collections::{BTreeMap, BTreeSet};

/// The messages that wait for the bank, bounded in number and age.
pub(super) struct InFlight {
    max: usize,
    age: i64,
    flights: BTreeMap<Key, Flight>,
    by_time: BTreeSet<(Moment, Key)>,
}

/// DE7 and DE11.
type Key = (String, u32);

#[derive(Copy, Clone)]
struct Flight {
    since: Moment,
    about: (Rrn, Sort),
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Sort {
    Request,
    Reversal,
}

impl InFlight {
    pub fn new(max: usize, age: i64) -> InFlight {
        InFlight { max, age, flights: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    pub fn len(&self) -> usize {
        self.flights.len()
    }

    /// Puts a message in flight. A repeat flies under the key of its first copy.
    ///
    /// # Errors
    /// The key is another message's, or there is no room.
    pub fn take_off(&mut self, now: Moment, request: &BankRequest) -> Result<(), HostError> {
        self.expire(now);
        let key = (request.key.at.mmddhhmmss(), request.key.stan);
        let (sort, first) = match request.what {
            BankAsk::Request => (Sort::Request, true),
            BankAsk::Repeat => (Sort::Request, false),
            BankAsk::Reversal { .. } => (Sort::Reversal, true),
            BankAsk::ReversalRepeat { .. } => (Sort::Reversal, false),
        };
        let about = (request.rrn, sort);
        if self.flights.get(&key).is_some_and(|flight| first || flight.about != about) {
            return Err(HostError::KeyClash { de7: key.0, stan: key.1 });
        }
        self.land(&key.0, key.1);
        if self.flights.len() >= self.max {
            return Err(HostError::TooMany { max: self.max });
        }
        self.by_time.insert((now, key.clone()));
        self.flights.insert(key, Flight { since: now, about });
        Ok(())
    }

    /// The message was answered, or never left.
    pub fn land(&mut self, de7: &str, stan: u32) {
        let key = (de7.to_owned(), stan);
        if let Some(flight) = self.flights.remove(&key) {
            self.by_time.remove(&(flight.since, key));
        }
    }

    /// Forgets what is older than its age.
    pub fn expire(&mut self, now: Moment) {
        while let Some((since, key)) = self.by_time.first() {
            if now.since(*since) < self.age {
                break;
            }
            self.flights.remove(key);
            self.by_time.pop_first();
        }
    }
}
