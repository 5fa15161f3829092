//! Before it is too late: how much room is left on the store's disk, and whether the clock was changed. New payments
//! are refused in time; what is owed goes on.

use crate::{clock::ScaledClock, door::Mail};
use hefu_engine::Halt;
use hefu_tally::Moment;
use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender},
    time::{Duration, Instant},
};

/// Below so much free space, in bytes, no new payments are taken on.
pub const LOW: u64 = 256 << 20;
/// Clocks that differ by more than so many milliseconds of stated time were changed.
const CLOCKS_DIFFER: i64 = 2_000;
/// But for so many milliseconds of real time: two readings are never of one moment.
const CLOCKS_DIFFER_LEAST: i64 = 250;
/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// When the watch speaks up.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Free bytes below which no new payments are taken on.
    pub low: u64,
    /// Free bytes above which they are again.
    pub high: u64,
    /// Milliseconds of real time by which the clocks may differ; they agree again at half of it.
    pub clocks_differ: i64,
    pub every: Duration,
}

impl Limits {
    /// The usual limits for a clock that runs `scale` times as fast.
    pub fn for_scale(scale: u32) -> Limits {
        let clocks_differ = (CLOCKS_DIFFER / i64::from(scale)).max(CLOCKS_DIFFER_LEAST);
        Limits { clocks_differ, every: EVERY, ..Limits::low(LOW) }
    }

    /// With another low mark in bytes; the high mark lies a quarter above it.
    pub fn low(low: u64) -> Limits {
        let high = low.saturating_add(low / 4);
        Limits { low, high, clocks_differ: CLOCKS_DIFFER, every: EVERY }
    }
}

/// What is looked at. The machine's own, or one that a test makes up.
pub trait Gauges: Send + 'static {
    /// The wall clock.
    fn wall(&mut self) -> Moment;
    /// The monotonic clock: time since any fixed moment.
    fn monotonic(&mut self) -> Duration;
    /// Free bytes on the store's disk; none when there is no disk, or it does not say.
    fn free(&mut self) -> Option<u64>;
}

/// The machine's gauges.
pub struct Machine {
    started: Instant,
    directory: Option<PathBuf>,
}

impl Machine {
    /// `directory` is where the store lies.
    pub fn new(directory: Option<PathBuf>) -> Machine {
        Machine { started: Instant::now(), directory }
    }
}

impl Gauges for Machine {
    fn wall(&mut self) -> Moment {
        ScaledClock::wall()
    }

    fn monotonic(&mut self) -> Duration {
        self.started.elapsed()
    }

    fn free(&mut self) -> Option<u64> {
        let directory = self.directory.as_deref()?;
        let directory = if directory.as_os_str().is_empty() { ".".as_ref() } else { directory };
        let space = rustix::fs::statvfs(directory).ok()?;
        // What an ordinary user may still take.
        space.f_bavail.checked_mul(space.f_frsize)
    }
}

/// Judges readings, with hysteresis: what has begun does not end at the same mark.
pub(crate) struct Health {
    limits: Limits,
    /// Wall clock less monotonic clock when it began, in milliseconds.
    agreed: Option<i64>,
    low: bool,
    jumped: bool,
}

impl Health {
    pub fn new(limits: Limits) -> Health {
        Health { limits, agreed: None, low: false, jumped: false }
    }

    /// Reads the gauges; a reason against new payments, if there is one. No room goes before no time.
    pub fn look(&mut self, gauges: &mut dyn Gauges) -> Option<Halt> {
        let monotonic = i64::try_from(gauges.monotonic().as_millis()).unwrap_or(i64::MAX);
        let gap = gauges.wall().0.saturating_sub(monotonic);
        let differ = gap.saturating_sub(*self.agreed.get_or_insert(gap)).saturating_abs();
        let bound = if self.jumped { self.limits.clocks_differ / 2 } else { self.limits.clocks_differ };
        self.jumped = differ > bound;
        if let Some(free) = gauges.free() {
            self.low = free < if self.low { self.limits.high } else { self.limits.low };
        }
        match (self.low, self.jumped) {
            (true, _) => Some(Halt::DiskLow),
            (false, true) => Some(Halt::ClockJumped),
            (false, false) => None,
        }
    }
}

/// Looks until `stop` is dropped, and tells the node what has changed.
pub(crate) fn run(
    mut health: Health,
    mut gauges: Box<dyn Gauges>,
    node: &SyncSender<Mail>,
    stop: &Receiver<()>,
) {
    let mut told = None;
    loop {
        let halt = health.look(&mut *gauges);
        // A full inbox is told at the next look.
        if halt != told && node.try_send(Mail::Watched(halt)).is_ok() {
            told = halt;
        }
        match stop.recv_timeout(health.limits.every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Readings {
        wall: i64,
        monotonic: u64,
        free: Option<u64>,
    }

    impl Gauges for Readings {
        fn wall(&mut self) -> Moment {
            Moment(self.wall)
        }

        fn monotonic(&mut self) -> Duration {
            Duration::from_millis(self.monotonic)
        }

        fn free(&mut self) -> Option<u64> {
            self.free
        }
    }

    /// Reads the table row by row, one second apart: (wall clock off by ms, free bytes, what is halted).
    fn check(rows: &[(i64, Option<u64>, Option<Halt>)]) {
        let mut health = Health::new(Limits::low(1_000));
        for (second, (off, free, halt)) in rows.iter().enumerate() {
            let passed = second as u64 * 1_000;
            let mut readings =
                Readings { wall: 1_800_000_000_000 + passed as i64 + off, monotonic: passed, free: *free };
            assert_eq!(health.look(&mut readings), *halt, "row {second}");
        }
    }

    #[test]
    fn a_disk_that_fills_up_halts_below_the_low_mark_until_above_the_high_one() {
        let low = Some(Halt::DiskLow);
        check(&[
            (0, Some(5_000), None),
            (0, Some(1_000), None),
            (0, Some(999), low),
            (0, None, low),
            (0, Some(1_249), low),
            (0, Some(1_250), None),
            (0, Some(1_001), None),
            (0, None, None),
        ]);
    }

    #[test]
    fn a_clock_that_was_changed_halts_until_it_is_put_right() {
        let jumped = Some(Halt::ClockJumped);
        check(&[
            (0, None, None),
            (2_000, None, None),
            (-2_000, None, None),
            (2_001, None, jumped),
            (1_001, None, jumped),
            (1_000, None, None),
            (-2_001, None, jumped),
            (0, None, None),
            (i64::MAX / 2, None, jumped),
        ]);
    }

    #[test]
    fn no_room_goes_before_a_changed_clock_and_does_not_hide_it_for_good() {
        check(&[
            (0, Some(2_000), None),
            (9_000, Some(2_000), Some(Halt::ClockJumped)),
            (9_000, Some(10), Some(Halt::DiskLow)),
            (9_000, Some(2_000), Some(Halt::ClockJumped)),
            (0, Some(2_000), None),
        ]);
    }

    #[test]
    fn the_machines_gauges_read_something() {
        let directory = tempfile::tempdir().unwrap();
        let mut machine = Machine::new(Some(directory.path().to_owned()));
        assert!(machine.free().is_some_and(|bytes| bytes > 0));
        assert!(Machine::new(Some(PathBuf::new())).free().is_some(), "the current directory");
        assert_eq!(Machine::new(Some(directory.path().join("nowhere"))).free(), None);
        assert_eq!(Machine::new(None).free(), None);
        let mut health = Health::new(Limits { low: 0, ..Limits::for_scale(1) });
        assert_eq!(health.look(&mut machine), None);
    }

    #[test]
    fn stated_limits_shrink_with_the_scale_but_not_below_what_can_be_measured() {
        let differ = |scale| Limits::for_scale(scale).clocks_differ;
        assert_eq!((differ(1), differ(4), differ(60)), (2_000, 500, 250));
    }
}
