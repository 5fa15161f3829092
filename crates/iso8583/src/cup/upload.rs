use crate::mask;
use crate::subfield::{Digits, SubfieldError, put_digits, put_number};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Items in one uploaded message at most.
pub const MAX_ITEMS: usize = 8;
/// Digits of one item.
const ITEM_SIZE: usize = 40;

/// F48 of a batch upload (0320): some of the batch's transactions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upload {
    /// 1 to [`MAX_ITEMS`].
    pub items: Vec<UploadItem>,
}

/// One uploaded transaction. `Debug` masks the card number.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct UploadItem {
    /// n2: the kind of card.
    pub card_kind: u8,
    /// n6: F11 of the transaction.
    pub trace: u32,
    /// n20: the card number in ASCII digits, zero-filled on the left.
    pub card_number: [u8; 20],
    /// n12, minor units.
    pub amount: i64,
}

/// F48 of the message that closes a batch upload (0320 with F60.3 202 or 207).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct UploadClosing {
    /// n4: transactions uploaded in all.
    pub total: u16,
}

impl Upload {
    /// Reads the content of F48.
    ///
    /// # Errors
    /// A count that is 0, above 8, or not that of the items.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F48", value)?;
        let length = SubfieldError::WrongLength {
            field: "F48",
            expected: "2 for the count and 40 for each item",
            found: value.len(),
        };
        if value.len() < 2 {
            return Err(length);
        }
        let count = usize::from(digits.byte::<2>());
        check_count(count)?;
        if value.len() != 2 + count * ITEM_SIZE {
            return Err(length);
        }
        let items = (0..count).map(|_| UploadItem {
            card_kind: digits.byte::<2>(),
            trace: digits.number::<6>(),
            card_number: digits.take(),
            amount: digits.amount(),
        });
        Ok(Self { items: items.collect() })
    }

    /// The content of F48. It holds card numbers: zeroise it after use.
    ///
    /// # Errors
    /// No item or too many, or a number with more digits than its place.
    pub fn build(&self) -> Result<String, SubfieldError> {
        check_count(self.items.len())?;
        // Never more than MAX_ITEMS, so that the text does not grow and leave a copy behind.
        let mut text = String::with_capacity(2 + MAX_ITEMS * ITEM_SIZE);
        let written = self.put(&mut text);
        if written.is_err() {
            text.zeroize();
        }
        written.map(|()| text)
    }

    fn put(&self, text: &mut String) -> Result<(), SubfieldError> {
        put_number(text, "F48 count", self.items.len() as u8, 2)?;
        for item in &self.items {
            put_number(text, "F48 card kind", item.card_kind, 2)?;
            put_number(text, "F48 trace", item.trace, 6)?;
            put_digits(text, "F48 card number", &item.card_number)?;
            put_number(text, "F48 amount", item.amount, 12)?;
        }
        Ok(())
    }
}

impl UploadClosing {
    /// Reads the content of F48.
    ///
    /// # Errors
    /// Anything but four digits.
    pub fn parse(value: &[u8]) -> Result<Self, SubfieldError> {
        let mut digits = Digits::new("F48", value)?;
        if value.len() != 4 {
            return Err(SubfieldError::WrongLength { field: "F48", expected: "4", found: value.len() });
        }
        Ok(Self { total: digits.short::<4>() })
    }

    /// The content of F48.
    ///
    /// # Errors
    /// A total above 9999.
    pub fn build(&self) -> Result<String, SubfieldError> {
        let mut text = String::new();
        put_number(&mut text, "F48 total", self.total, 4)?;
        Ok(text)
    }
}

impl UploadItem {
    /// The card number without the zeros in front of it.
    pub fn card_digits(&self) -> &[u8] {
        let zeros = self.card_number.iter().take_while(|&&digit| digit == b'0').count();
        &self.card_number[zeros..]
    }
}

impl fmt::Debug for UploadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { card_kind, trace, amount, .. } = self;
        let card = mask::card_number(self.card_digits());
        write!(f, "UploadItem(kind {card_kind:02}, trace {trace:06}, card {card}, amount {amount})")
    }
}

fn check_count(found: usize) -> Result<(), SubfieldError> {
    if (1..=MAX_ITEMS).contains(&found) {
        Ok(())
    } else {
        Err(SubfieldError::ItemCount { max: MAX_ITEMS, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(trace: u32) -> UploadItem {
        UploadItem { card_kind: 0, trace, card_number: *b"00006200000000000005", amount: 12_345 }
    }

    #[test]
    fn items_are_read_and_written() {
        for count in 1..=8 {
            let upload = Upload { items: (1..=count).map(item).collect() };
            let text = upload.build().unwrap();
            assert_eq!(text.len() as u32, 2 + 40 * count);
            assert!(text.starts_with(&format!("0{count}0000000100006200000000000005000000012345")));
            assert_eq!(Upload::parse(text.as_bytes()), Ok(upload));
        }
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        let one = Upload { items: vec![item(1)] }.build().unwrap();
        let check = |text: String, error| assert_eq!(Upload::parse(text.as_bytes()), Err(error));
        let expected = "2 for the count and 40 for each item";
        let length = |found| SubfieldError::WrongLength { field: "F48", expected, found };
        check("0".into(), length(1));
        check(one.replacen("01", "02", 1), length(42));
        check(format!("{one}0"), length(43));
        check(one.replacen("01", "00", 1), SubfieldError::ItemCount { max: 8, found: 0 });
        check(one.replacen("01", "09", 1), SubfieldError::ItemCount { max: 8, found: 9 });
        check("0x".into(), SubfieldError::NotADigit { field: "F48", position: 1 });
    }

    #[test]
    fn items_that_have_no_place_are_not_built() {
        let check = |items: Vec<UploadItem>, error| assert_eq!(Upload { items }.build(), Err(error));
        check(vec![], SubfieldError::ItemCount { max: 8, found: 0 });
        check(vec![item(1); 9], SubfieldError::ItemCount { max: 8, found: 9 });
        check(vec![item(1_000_000)], SubfieldError::NumberTooLarge { field: "F48 trace", digits: 6 });
        let mut bad = item(1);
        bad.card_number[3] = b' ';
        check(vec![bad], SubfieldError::NotADigit { field: "F48 card number", position: 3 });
    }

    #[test]
    fn the_closing_message_carries_the_total() {
        let closing = UploadClosing { total: 17 };
        assert_eq!(closing.build().as_deref(), Ok("0017"));
        assert_eq!(UploadClosing::parse(b"0017"), Ok(closing));
        let error = SubfieldError::WrongLength { field: "F48", expected: "4", found: 2 };
        assert_eq!(UploadClosing::parse(b"17"), Err(error));
        let error = SubfieldError::NumberTooLarge { field: "F48 total", digits: 4 };
        assert_eq!(UploadClosing { total: 10_000 }.build(), Err(error));
    }

    #[test]
    fn an_item_shows_only_the_ends_of_its_card_number() {
        let shown = format!("{:?}", item(42));
        assert_eq!(shown, "UploadItem(kind 00, trace 000042, card 620000***0005, amount 12345)");
    }
}
