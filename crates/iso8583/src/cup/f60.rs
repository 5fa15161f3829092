use crate::subfield::{Digits, SubfieldError, put_number};

/// F60: what kind of message this is, the batch that it belongs to, and what the terminal can do.
///
/// The tail is optional from the right: a part may be absent only if all that follow it are.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct F60 {
    /// .1, n2: 22 sale, 23 void, 25 refund, 10 pre-authorisation …
    pub message_type: u8,
    /// .2, n6: assigned by the sign-on answer.
    pub batch: u32,
    /// .3, n3: network management code.
    pub network_code: u16,
    /// .4, n1.
    pub read_capability: Option<u8>,
    /// .5, n1.
    pub chip_condition: Option<u8>,
    /// .6, n1: 1 if the terminal can do with an approval of part of the amount.
    pub part_approval: Option<u8>,
    /// .7, n3: account type.
    pub account: Option<u16>,
    /// n2: what fills F60 up to its 19 digits. Some terminals send it; its meaning differs.
    pub rest: Option<u8>,
}

impl F60 {
    /// Without a tail.
    pub fn new(message_type: u8, batch: u32, network_code: u16) -> Self {
        Self { message_type, batch, network_code, ..Self::default() }
    }

    /// Reads the content of F60.
    ///
    /// # Errors
    /// Anything but digits that end where a part ends.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F60", value)?;
        let found = value.len();
        if !matches!(found, 11..=14 | 17 | 19) {
            let expected = "11, 12, 13, 14, 17 or 19";
            return Err(SubfieldError::WrongLength { field: "F60", expected, found });
        }
        Ok(Self {
            message_type: digits.byte::<2>(),
            batch: digits.number::<6>(),
            network_code: digits.short::<3>(),
            read_capability: (!digits.is_empty()).then(|| digits.byte::<1>()),
            chip_condition: (!digits.is_empty()).then(|| digits.byte::<1>()),
            part_approval: (!digits.is_empty()).then(|| digits.byte::<1>()),
            account: (!digits.is_empty()).then(|| digits.short::<3>()),
            rest: (!digits.is_empty()).then(|| digits.byte::<2>()),
        })
    }

    /// The content of F60.
    ///
    /// # Errors
    /// A number with more digits than its place, or a gap in the tail.
    pub fn build(&self) -> Result<String, SubfieldError> {
        let mut text = String::with_capacity(19);
        put_number(&mut text, "F60.1", self.message_type, 2)?;
        put_number(&mut text, "F60.2", self.batch, 6)?;
        put_number(&mut text, "F60.3", self.network_code, 3)?;
        let tail = [
            ("F60.4", self.read_capability.map(u16::from), 1),
            ("F60.5", self.chip_condition.map(u16::from), 1),
            ("F60.6", self.part_approval.map(u16::from), 1),
            ("F60.7", self.account, 3),
            ("F60.8", self.rest.map(u16::from), 2),
        ];
        let present = tail.iter().take_while(|(_, number, _)| number.is_some()).count();
        if tail[present..].iter().any(|(_, number, _)| number.is_some()) {
            return Err(SubfieldError::Gap { field: tail[present].0 });
        }
        for (field, number, digits) in tail {
            if let Some(number) = number {
                put_number(&mut text, field, number, digits)?;
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_of_the_tail_is_read_and_written() {
        let mut expected = F60::new(22, 1, 0);
        let mut check = |text: &str, add: fn(&mut F60)| {
            add(&mut expected);
            assert_eq!(F60::parse(text.as_bytes()), Ok(expected));
            assert_eq!(expected.build().as_deref(), Ok(text));
        };
        check("22000001000", |_| {});
        check("220000010006", |f60| f60.read_capability = Some(6));
        check("2200000100060", |f60| f60.chip_condition = Some(0));
        check("22000001000601", |f60| f60.part_approval = Some(1));
        check("22000001000601020", |f60| f60.account = Some(20));
        check("2200000100060102003", |f60| f60.rest = Some(3));
    }

    #[test]
    fn a_part_that_is_cut_is_refused() {
        for found in (0..=20).filter(|length| ![11, 12, 13, 14, 17, 19].contains(length)) {
            let expected = "11, 12, 13, 14, 17 or 19";
            let error = SubfieldError::WrongLength { field: "F60", expected, found };
            assert_eq!(F60::parse(&vec![b'0'; found]), Err(error));
        }
        let error = SubfieldError::NotADigit { field: "F60", position: 2 };
        assert_eq!(F60::parse(b"22D00001000"), Err(error));
    }

    #[test]
    fn what_has_no_place_is_not_built() {
        let check = |f60: F60, error| assert_eq!(f60.build(), Err(error));
        let large = |field, digits| SubfieldError::NumberTooLarge { field, digits };
        check(F60::new(100, 1, 0), large("F60.1", 2));
        check(F60::new(22, 1_000_000, 0), large("F60.2", 6));
        check(F60::new(22, 1, 1000), large("F60.3", 3));
        check(F60 { read_capability: Some(10), ..F60::new(22, 1, 0) }, large("F60.4", 1));
        check(F60 { account: Some(1), ..F60::new(22, 1, 0) }, SubfieldError::Gap { field: "F60.4" });
        let gap = F60 { read_capability: Some(6), part_approval: Some(1), ..F60::new(22, 1, 0) };
        check(gap, SubfieldError::Gap { field: "F60.5" });
    }
}
