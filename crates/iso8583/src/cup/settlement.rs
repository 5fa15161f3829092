use crate::subfield::{Digits, SubfieldError, put_number};

/// F48 of a batch settlement (0500/0510): what the terminal counted, and whether the acquirer agrees.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Settlement {
    /// Cards issued in the country.
    pub domestic: Totals,
    /// All others.
    pub foreign: Totals,
}

/// The totals of one group of cards.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Sales, completions and offline transactions, in minor units.
    pub debit_amount: i64,
    /// How many those were, at most 999.
    pub debit_count: u16,
    /// Refunds and voids, in minor units.
    pub credit_amount: i64,
    /// How many those were, at most 999.
    pub credit_count: u16,
    /// In the answer, what the acquirer found.
    pub answer: SettlementAnswer,
}

/// The acquirer's answer to a group of totals.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum SettlementAnswer {
    /// As in the request.
    #[default]
    None = 0,
    /// Both sides counted the same.
    Balanced = 1,
    /// The terminal uploads its details.
    NotBalanced = 2,
    /// The acquirer could not compare.
    Error = 3,
}

impl SettlementAnswer {
    /// All answers; each stands at the index of its digit.
    pub const ALL: [Self; 4] = [Self::None, Self::Balanced, Self::NotBalanced, Self::Error];

    /// The answer of a digit.
    ///
    /// # Errors
    /// [`SubfieldError::UnknownAnswer`] above 3.
    pub fn from_digit(found: u8) -> Result<Self, SubfieldError> {
        Self::ALL.get(usize::from(found)).copied().ok_or(SubfieldError::UnknownAnswer { found })
    }
}

impl Settlement {
    /// Reads the content of F48.
    ///
    /// # Errors
    /// Anything but 62 digits, or an answer that does not exist.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F48", value)?;
        if value.len() != 62 {
            return Err(SubfieldError::WrongLength { field: "F48", expected: "62", found: value.len() });
        }
        Ok(Self { domestic: Totals::parse(&mut digits)?, foreign: Totals::parse(&mut digits)? })
    }

    /// The content of F48.
    ///
    /// # Errors
    /// A number that is negative or has more digits than its place.
    pub fn build(&self) -> Result<String, SubfieldError> {
        let mut text = String::with_capacity(62);
        self.domestic.put(&mut text)?;
        self.foreign.put(&mut text)?;
        Ok(text)
    }
}

impl Totals {
    fn parse(digits: &mut Digits<'_>) -> Result<Self, SubfieldError> {
        Ok(Self {
            debit_amount: digits.amount(),
            debit_count: digits.short::<3>(),
            credit_amount: digits.amount(),
            credit_count: digits.short::<3>(),
            answer: SettlementAnswer::from_digit(digits.byte::<1>())?,
        })
    }

    fn put(&self, out: &mut String) -> Result<(), SubfieldError> {
        put_number(out, "F48 debit amount", self.debit_amount, 12)?;
        put_number(out, "F48 debit count", self.debit_count, 3)?;
        put_number(out, "F48 credit amount", self.credit_amount, 12)?;
        put_number(out, "F48 credit count", self.credit_count, 3)?;
        put_number(out, "F48 answer", self.answer as u8, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const F48: &str = "00000012345600200000000010000110000000000000000000000000000000";

    fn settlement() -> Settlement {
        let domestic = Totals {
            debit_amount: 123_456,
            debit_count: 2,
            credit_amount: 100,
            credit_count: 1,
            answer: SettlementAnswer::Balanced,
        };
        Settlement { domestic, foreign: Totals::default() }
    }

    #[test]
    fn the_totals_are_read_and_written() {
        assert_eq!(Settlement::parse(F48.as_bytes()), Ok(settlement()));
        assert_eq!(settlement().build().as_deref(), Ok(F48));
    }

    #[test]
    fn every_answer_is_read_and_written() {
        for (digit, answer) in (b'0'..).zip(SettlementAnswer::ALL) {
            let mut value = F48.as_bytes().to_vec();
            value[30] = digit;
            value[61] = digit;
            let found = Settlement::parse(&value).unwrap();
            assert_eq!((found.domestic.answer, found.foreign.answer), (answer, answer));
            assert_eq!(found.build().map(String::into_bytes), Ok(value));
        }
    }

    #[test]
    fn what_is_no_settlement_is_refused() {
        let check = |value: &[u8], error| assert_eq!(Settlement::parse(value), Err(error));
        let length = |found| SubfieldError::WrongLength { field: "F48", expected: "62", found };
        check(&F48.as_bytes()[1..], length(61));
        check(b"", length(0));
        check(format!("{F48}0").as_bytes(), length(63));
        check(b"00x", SubfieldError::NotADigit { field: "F48", position: 2 });
        check(F48.replace("110000", "140000").as_bytes(), SubfieldError::UnknownAnswer { found: 4 });
    }

    #[test]
    fn totals_that_have_no_place_are_not_built() {
        for (debit_amount, debit_count, field, digits) in [
            (1_000_000_000_000, 0, "F48 debit amount", 12),
            (-1, 0, "F48 debit amount", 12),
            (0, 1000, "F48 debit count", 3),
        ] {
            let foreign = Totals { debit_amount, debit_count, ..Totals::default() };
            let error = SubfieldError::NumberTooLarge { field, digits };
            assert_eq!(Settlement { foreign, ..settlement() }.build(), Err(error));
        }
    }
}
