//! Clocks: the only place in Hefu that reads the time of day.

use hefu_tally::Moment;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where a node's time comes from.
pub trait Clock {
    /// The present moment; never earlier than one given before by the same clock.
    fn now(&self) -> Moment;
}

/// The time of day, passing `scale` times faster from an anchor on (`--time-scale`).
///
/// The anchor is kept durably by whoever owns the clock (the store, the bank's book), so that scaled time does not
/// jump back when a process is started again. Between two readings the monotonic clock rules: a stepped wall
/// clock does not shorten or stretch a deadline.
#[derive(Clone, Debug)]
pub struct ScaledClock {
    scale: u32,
    started: Instant,
    started_at: Moment,
}

impl ScaledClock {
    /// A clock that shows `anchor` at wall-clock moment `anchor` and runs `scale` times as fast from then on.
    ///
    /// # Panics
    /// When `scale` is 0.
    pub fn new(anchor: Moment, scale: u32) -> ScaledClock {
        assert!(scale > 0, "time must pass");
        let wall = ScaledClock::wall();
        let started_at = anchor.after(wall.since(anchor).saturating_mul(i64::from(scale)));
        ScaledClock { scale, started: Instant::now(), started_at }
    }

    /// The machine's time of day, unscaled: the anchor of a new store.
    pub fn wall() -> Moment {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Moment(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// How many times faster than the wall clock it runs.
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// How long to sleep in real time until `due`; zero when it has passed.
    pub fn real_until(&self, due: Moment) -> Duration {
        let scaled = u64::try_from(due.since(self.now())).unwrap_or(0);
        Duration::from_micros(scaled.saturating_mul(1_000) / u64::from(self.scale))
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Moment {
        let elapsed = self.started.elapsed().as_micros().saturating_mul(u128::from(self.scale)) / 1_000;
        self.started_at.after(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_clock_started_again_on_its_anchor_does_not_go_back() {
        let anchor = ScaledClock::wall().after(-60_000);
        let first = ScaledClock::new(anchor, 100);
        let seen = first.now();
        let second = ScaledClock::new(anchor, 100);
        assert!(second.now() >= seen.after(-200), "{:?} then {seen:?}", second.now());
        assert!(seen >= anchor.after(60_000 * 100));
    }
}
