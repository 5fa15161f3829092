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
        let leap = year.is_multiple_of(4);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if (2000..=2099).contains(&year) && (1..=days).contains(&day) {
            Ok(LocalDate { year, month, day })
        } else {
            Err(Refusal::Date { year, month, day })
        }
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
}

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
}
