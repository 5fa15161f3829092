//! How many requests an address may make: a bucket of tokens each, in a bounded table.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How much an address may do at once, and a second in the long run.
#[derive(Copy, Clone)]
pub(crate) struct Rate {
    pub burst: f64,
    pub a_second: f64,
}

/// Requests of any kind.
pub(crate) const REQUESTS: Rate = Rate { burst: 300.0, a_second: 30.0 };
/// Look-ups of payments by somebody who has no slip: ten, and then one in five minutes.
pub(crate) const LOOKUPS: Rate = Rate { burst: 10.0, a_second: 1.0 / 300.0 };

/// Addresses that are remembered. Of those, the one that asked longest ago is forgotten first.
const MOST: usize = 4_096;

/// The buckets of all addresses.
pub(crate) struct Buckets {
    rate: Rate,
    buckets: Mutex<BTreeMap<IpAddr, Bucket>>,
}

#[derive(Copy, Clone)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Buckets {
    pub fn of(rate: Rate) -> Buckets {
        Buckets { rate, buckets: Mutex::default() }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let Rate { burst, a_second } = self.rate;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&address) {
            let oldest = buckets.iter().min_by_key(|(_, bucket)| bucket.filled).map(|(address, _)| *address);
            oldest.map(|address| buckets.remove(&address));
        }
        let bucket = buckets.entry(address).or_insert(Bucket { tokens: burst, filled: now });
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * a_second).min(burst);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / a_second));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_burst_and_then_a_rate_and_others_are_not_hindered() {
        let (buckets, start) = (Buckets::of(REQUESTS), Instant::now());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let served = |address, after: u64| {
            let now = start + Duration::from_secs(after);
            (0..1_000).filter(|_| buckets.take(address, now).is_ok()).count()
        };
        assert_eq!(served(one, 0), 300);
        assert_eq!(served(one, 2), 60);
        assert_eq!(served(other, 2), 300);
        assert_eq!(served(one, 3_600), 300, "a bucket holds no more");
    }

    #[test]
    fn the_table_is_bounded() {
        let (buckets, start) = (Buckets::of(REQUESTS), Instant::now());
        for n in 0..MOST as u32 + 100 {
            let now = start + Duration::from_millis(n.into());
            assert!(buckets.take(IpAddr::from(n.to_be_bytes()), now).is_ok());
        }
        assert_eq!(buckets.buckets.lock().unwrap().len(), MOST);
    }
}
