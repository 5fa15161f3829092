use crate::subfield::{Digits, SubfieldError, put_digits, put_number};

/// F61: the transaction that a void, refund, completion or reversal refers to.
///
/// The tail is optional from the right: a part may be absent only if all that follow it are.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct F61 {
    /// .1, n6: the original's batch.
    pub batch: u32,
    /// .2, n6: the original's trace.
    pub trace: u32,
    /// .3, n4: the original's date MMDD, ASCII digits.
    pub date: Option<[u8; 4]>,
    /// .4, n2: how it was authorised, ASCII digits.
    pub mode: Option<[u8; 2]>,
    /// n11: who authorised it, ASCII digits; fills F61 up to its 29 digits.
    pub authoriser: Option<[u8; 11]>,
}

impl F61 {
    /// Without a tail, as in a void of a sale.
    pub fn new(batch: u32, trace: u32) -> Self {
        Self { batch, trace, ..Self::default() }
    }

    /// Reads the content of F61.
    ///
    /// # Errors
    /// Anything but digits that end where a part ends.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F61", value)?;
        let found = value.len();
        if !matches!(found, 12 | 16 | 18 | 29) {
            return Err(SubfieldError::WrongLength { field: "F61", expected: "12, 16, 18 or 29", found });
        }
        Ok(Self {
            batch: digits.number::<6>(),
            trace: digits.number::<6>(),
            date: (!digits.is_empty()).then(|| digits.take()),
            mode: (!digits.is_empty()).then(|| digits.take()),
            authoriser: (!digits.is_empty()).then(|| digits.take()),
        })
    }

    /// The content of F61.
    ///
    /// # Errors
    /// A number with more digits than its place, text that is not digits, or a gap in the tail.
    pub fn build(&self) -> Result<String, SubfieldError> {
        let mut text = String::with_capacity(29);
        put_number(&mut text, "F61.1", self.batch, 6)?;
        put_number(&mut text, "F61.2", self.trace, 6)?;
        if self.date.is_none() && (self.mode.is_some() || self.authoriser.is_some()) {
            return Err(SubfieldError::Gap { field: "F61.3" });
        }
        if self.mode.is_none() && self.authoriser.is_some() {
            return Err(SubfieldError::Gap { field: "F61.4" });
        }
        put_digits(&mut text, "F61.3", self.date.as_ref().map_or(&[], |date| date))?;
        put_digits(&mut text, "F61.4", self.mode.as_ref().map_or(&[], |mode| mode))?;
        put_digits(&mut text, "F61.5", self.authoriser.as_ref().map_or(&[], |number| number))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_of_the_tail_is_read_and_written() {
        let mut expected = F61::new(1, 42);
        let mut check = |text: &str, add: fn(&mut F61)| {
            add(&mut expected);
            assert_eq!(F61::parse(text.as_bytes()), Ok(expected));
            assert_eq!(expected.build().as_deref(), Ok(text));
        };
        check("000001000042", |_| {});
        check("0000010000421122", |f61| f61.date = Some(*b"1122"));
        check("000001000042112200", |f61| f61.mode = Some(*b"00"));
        check("00000100004211220000048020000", |f61| f61.authoriser = Some(*b"00048020000"));
    }

    #[test]
    fn a_part_that_is_cut_is_refused() {
        for found in (0..=30).filter(|length| ![12, 16, 18, 29].contains(length)) {
            let error = SubfieldError::WrongLength { field: "F61", expected: "12, 16, 18 or 29", found };
            assert_eq!(F61::parse(&vec![b'0'; found]), Err(error));
        }
        let error = SubfieldError::NotADigit { field: "F61", position: 11 };
        assert_eq!(F61::parse(b"00000100004x"), Err(error));
    }

    #[test]
    fn what_has_no_place_is_not_built() {
        let check = |f61: F61, error| assert_eq!(f61.build(), Err(error));
        check(F61::new(1_000_000, 1), SubfieldError::NumberTooLarge { field: "F61.1", digits: 6 });
        check(F61::new(1, 1_000_000), SubfieldError::NumberTooLarge { field: "F61.2", digits: 6 });
        check(F61 { mode: Some(*b"00"), ..F61::new(1, 1) }, SubfieldError::Gap { field: "F61.3" });
        let gap = F61 { date: Some(*b"1122"), authoriser: Some([b'0'; 11]), ..F61::new(1, 1) };
        check(gap, SubfieldError::Gap { field: "F61.4" });
        let date = F61 { date: Some(*b"11-2"), ..F61::new(1, 1) };
        check(date, SubfieldError::NotADigit { field: "F61.3", position: 2 });
    }
}
