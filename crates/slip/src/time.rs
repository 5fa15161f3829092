//! Dates and times as the slip shows them: civil, Beijing time, already converted.

use std::fmt;

use crate::refusal::Refusal;

/// A day of the calendar, years 2000 to 2099. Displays as `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDate {
    year: u16,
    month: u8,
    day: u8,
}

impl LocalDate {
    pub fn new(year: u16, month: u8, day: u8) -> Result<LocalDate, Refusal> {
        if (2000..=2099).contains(&year) && (1..=days_in(year, month)).contains(&day) {
            Ok(LocalDate { year, month, day })
        } else {
            Err(Refusal::Date { year, month, day })
        }
    }
}

impl LocalDate {
    /// Days since 1 January 2000.
    fn days(self) -> u32 {
        let years = u32::from(self.year - 2000);
        let before = years * 365 + years.div_ceil(4);
        let months: u32 = (1..self.month).map(|month| u32::from(days_in(self.year, month))).sum();
        before + months + u32::from(self.day - 1)
    }

    fn from_days(mut days: u32) -> Option<LocalDate> {
        for year in 2000..=2099 {
            for month in 1..=12 {
                let length = u32::from(days_in(year, month));
                if days < length {
                    return LocalDate::new(year, month, u8::try_from(days + 1).ok()?).ok();
                }
                days -= length;
            }
        }
        None
    }
}

/// How long the month is; no day for a month that is not in the calendar.
fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // From 2000 to 2099 every fourth year is a leap year.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A second of a day, Beijing time. Displays as `2026-11-22 17:05:09`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    date: LocalDate,
    hour: u8,
    minute: u8,
    second: u8,
}

impl LocalTime {
    pub fn new(date: LocalDate, hour: u8, minute: u8, second: u8) -> Result<LocalTime, Refusal> {
        if hour < 24 && minute < 60 && second < 60 {
            Ok(LocalTime { date, hour, minute, second })
        } else {
            Err(Refusal::Time { hour, minute, second })
        }
    }

    pub fn date(self) -> LocalDate {
        self.date
    }

    /// The moment as RFC 3339 writes it: `2026-11-22T17:05:09+08:00`.
    pub fn rfc3339(self) -> String {
        format!("{}T{:02}:{:02}:{:02}{ZONE}", self.date, self.hour, self.minute, self.second)
    }

    /// Reads what [`LocalTime::rfc3339`] writes, and no other spelling of it.
    pub fn from_rfc3339(text: &str) -> Result<LocalTime, Refusal> {
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|digits| digits.parse::<u16>().ok()).ok_or(Refusal::TimeForm)
        };
        let short = |from, to| number(from, to).and_then(|n| u8::try_from(n).map_err(|_| Refusal::TimeForm));
        let date = LocalDate::new(number(0, 4)?, short(5, 7)?, short(8, 10)?)?;
        let time = LocalTime::new(date, short(11, 13)?, short(14, 16)?, short(17, 19)?)?;
        if time.rfc3339() == text { Ok(time) } else { Err(Refusal::TimeForm) }
    }

    /// Seconds since the beginning of 2000, in Beijing time.
    pub(crate) fn seconds(self) -> u32 {
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(u32::from);
        ((self.date.days() * 24 + hour) * 60 + minute) * 60 + second
    }

    /// The moment so many seconds after the beginning of 2000; `None` beyond 2099.
    pub(crate) fn from_seconds(seconds: u32) -> Option<LocalTime> {
        let part = |from: u32, length: u32| u8::try_from(seconds / from % length).ok();
        let date = LocalDate::from_days(seconds / 86_400)?;
        LocalTime::new(date, part(3_600, 24)?, part(60, 60)?, part(1, 60)?).ok()
    }
}

/// China has one time all year.
const ZONE: &str = "+08:00";

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}:{:02}", self.date, self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for (year, month, day) in [(2026, 12, 31), (2028, 2, 29), (2000, 2, 29), (2099, 4, 30)] {
            assert!(LocalDate::new(year, month, day).is_ok(), "{year}-{month}-{day}");
        }
        for (year, month, day) in [
            (2026, 2, 29),
            (2026, 13, 1),
            (2026, 0, 1),
            (2026, 4, 31),
            (2026, 1, 0),
            (1999, 1, 1),
            (2100, 1, 1),
        ] {
            assert_eq!(LocalDate::new(year, month, day), Err(Refusal::Date { year, month, day }));
        }
    }

    #[test]
    fn a_time_is_written_with_all_its_places() {
        let date = LocalDate::new(2026, 3, 4).expect("a date");
        let time = LocalTime::new(date, 5, 6, 7).expect("a time");
        assert_eq!(time.to_string(), "2026-03-04 05:06:07");
        for (hour, minute, second) in [(24, 0, 0), (0, 60, 0), (0, 0, 60)] {
            assert_eq!(
                LocalTime::new(date, hour, minute, second),
                Err(Refusal::Time { hour, minute, second })
            );
        }
    }

    #[test]
    fn a_moment_survives_being_counted_in_seconds() {
        let at = |(year, month, day), hour, minute, second| {
            let date = LocalDate::new(year, month, day).expect("a date");
            LocalTime::new(date, hour, minute, second).expect("a time")
        };
        for (time, seconds) in [
            (at((2000, 1, 1), 0, 0, 0), 0),
            (at((2000, 12, 31), 23, 59, 59), 366 * 86_400 - 1),
            (at((2001, 1, 1), 0, 0, 0), 366 * 86_400),
            (at((2026, 11, 22), 17, 5, 9), 848_682_309),
            (at((2099, 12, 31), 23, 59, 59), 3_155_759_999),
        ] {
            assert_eq!(time.seconds(), seconds, "{time}");
            assert_eq!(LocalTime::from_seconds(seconds), Some(time));
        }
        assert_eq!(LocalTime::from_seconds(3_155_760_000), None);
        assert_eq!(LocalTime::from_seconds(u32::MAX), None);
        for day in 0..36_525 {
            assert_eq!(LocalDate::from_days(day).map(LocalDate::days), Some(day));
        }
    }

    #[test]
    fn a_moment_is_read_in_one_spelling_only() {
        let text = "2026-11-22T17:05:09+08:00";
        let time = LocalTime::from_rfc3339(text).expect("a time");
        assert_eq!((time.to_string().as_str(), time.rfc3339().as_str()), ("2026-11-22 17:05:09", text));
        for bad in [
            "",
            "2026-11-22",
            "2026-11-22 17:05:09+08:00",
            "2026-11-22T17:05:09Z",
            "2026-11-22T17:05:09+00:00",
            "2026-11-22T17:05:09+08:00 ",
            "2026-11-22T17:05:9+08:00",
            "+026-11-22T17:05:09+08:00",
            "二026-11-22T17:05:09+08:00",
        ] {
            assert_eq!(LocalTime::from_rfc3339(bad), Err(Refusal::TimeForm), "{bad}");
        }
        assert!(matches!(LocalTime::from_rfc3339("2026-02-30T17:05:09+08:00"), Err(Refusal::Date { .. })));
    }
}
