//! Moments, durations in milliseconds, and Beijing civil time, which the terminals, the network and the
//! business day go by. Nothing here reads a clock: a moment is always handed in.

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// The business day closes at 23:00 Beijing time (general knowledge; the network's day cut).
const BUSINESS_DAY_CLOSES: i64 = 23 * HOUR;
const BEIJING: i64 = 8 * HOUR;

/// A business day as days since 1970-01-01, by the network's day cut.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDay(pub i32);

impl Moment {
    /// This moment, `ms` milliseconds later; stops at the end of time instead of wrapping.
    pub fn after(self, ms: i64) -> Moment {
        Moment(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Beijing civil date and time (UTC+8, no summer time).
    pub fn beijing(self) -> civil::DateTime {
        let timestamp = Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        Offset::constant(8).to_datetime(timestamp)
    }

    /// The moment of a Beijing civil date and time.
    pub fn from_beijing(civil: civil::DateTime) -> Option<Moment> {
        Offset::constant(8).to_timestamp(civil).ok().map(|t| Moment(t.as_millisecond()))
    }

    /// `MMDDhhmmss` in Beijing time, as DE7 carries it on the host link.
    pub fn mmddhhmmss(self) -> String {
        let t = self.beijing();
        format!("{:02}{:02}{:02}{:02}{:02}", t.month(), t.day(), t.hour(), t.minute(), t.second())
    }

    /// `hhmmss` in Beijing time (F12).
    pub fn hhmmss(self) -> String {
        let t = self.beijing();
        format!("{:02}{:02}{:02}", t.hour(), t.minute(), t.second())
    }

    /// `MMDD` in Beijing time (F13).
    pub fn mmdd(self) -> String {
        let t = self.beijing();
        format!("{:02}{:02}", t.month(), t.day())
    }

    /// `YDDD` in Beijing time: the year's last digit and the day of the year, as the RRN begins.
    pub fn yddd(self) -> String {
        let t = self.beijing();
        format!("{}{:03}", t.year().rem_euclid(10), t.day_of_year())
    }

    /// The business day that this moment falls in: after 23:00 it is tomorrow's.
    pub fn business_day(self) -> BusinessDay {
        let shifted = self.0 + BEIJING + (DAY - BUSINESS_DAY_CLOSES);
        BusinessDay(i32::try_from(shifted.div_euclid(DAY)).unwrap_or(i32::MAX))
    }
}

impl BusinessDay {
    /// The day cut that ends this business day.
    pub fn cut(self) -> Moment {
        Moment(i64::from(self.0) * DAY - BEIJING + BUSINESS_DAY_CLOSES)
    }

    /// The next business day. Holidays are the network's business, not ours.
    pub fn next(self) -> BusinessDay {
        BusinessDay(self.0.saturating_add(1))
    }

    /// `MMDD` of this business day, as the settlement date F15.
    pub fn mmdd(self) -> String {
        Moment(i64::from(self.0) * DAY - BEIJING).mmdd()
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `2026-11-22 17:42:03.120`, Beijing time.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.beijing();
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = Moment(i64::from(self.0) * DAY - BEIJING).beijing();
        write!(f, "{:04}-{:02}-{:02}", t.year(), t.month(), t.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_day_turns_at_23_hours_beijing_time() {
        // (civil time, business day, its cut)
        let cases = [
            (civil::date(2026, 11, 22).at(17, 42, 0, 0), "2026-11-22"),
            (civil::date(2026, 11, 22).at(22, 59, 59, 999_000_000), "2026-11-22"),
            (civil::date(2026, 11, 22).at(23, 0, 0, 0), "2026-11-23"),
            (civil::date(2026, 12, 31).at(23, 30, 0, 0), "2027-01-01"),
        ];
        for (civil, day) in cases {
            let moment = Moment::from_beijing(civil).unwrap();
            let business_day = moment.business_day();
            assert_eq!(business_day.to_string(), day, "{civil}");
            assert!(moment < business_day.cut(), "{civil}");
            assert_eq!(business_day.cut().business_day(), business_day.next(), "the cut opens the next day");
        }
    }

    #[test]
    fn beijing_time_is_eight_hours_ahead() {
        let moment = Moment(0);
        assert_eq!(moment.to_string(), "1970-01-01 08:00:00.000");
        assert_eq!(moment.mmddhhmmss(), "0101080000");
        assert_eq!(moment.yddd(), "0001");
        assert_eq!((moment.mmdd(), moment.hhmmss()), ("0101".into(), "080000".into()));
        assert_eq!(moment.business_day().mmdd(), "0101");
        assert_eq!(format!("{moment:?}"), moment.to_string());
        assert_eq!(Moment(i64::MIN).beijing().year(), -9_999, "out of range is the first or the last moment");
        assert_eq!(Moment(i64::MAX).beijing().year(), 9_999);
    }
}
