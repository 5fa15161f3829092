//! Bytes of the payload: numbers are big-endian or, where most are small, in groups of seven bits.

use crate::signed::refusal::SignedRefusal;

/// Writes a number of seven bits a byte, the lowest first; the highest bit says that more follow.
pub(super) fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads from the front. Every refusal names the field and the byte at which it begins.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// The byte that is read next.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], SignedRefusal> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or(SignedRefusal::Cut { field, position: self.bytes.len() })?;
        self.at += count;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], SignedRefusal> {
        let taken = self.take(field, N)?;
        Ok(taken.try_into().expect("as many bytes were taken"))
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, SignedRefusal> {
        let [byte] = self.array(field)?;
        Ok(byte)
    }

    /// Three bytes, as six decimal digits.
    pub(super) fn six_digits(&mut self, field: &'static str) -> Result<String, SignedRefusal> {
        let position = self.at;
        let [a, b, c] = self.array(field)?;
        let number = u32::from_be_bytes([0, a, b, c]);
        if number > 999_999 {
            Err(SignedRefusal::Number { field, position })
        } else {
            Ok(format!("{number:06}"))
        }
    }

    pub(super) fn varint(&mut self, field: &'static str) -> Result<u64, SignedRefusal> {
        let position = self.at;
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.byte(field)?;
            let bits = u64::from(byte & 0x7F);
            let shifted = bits << (place * 7);
            if shifted >> (place * 7) != bits {
                return Err(SignedRefusal::Number { field, position });
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(SignedRefusal::Number { field, position })
    }

    /// An amount of minor units, not below zero.
    pub(super) fn minor(&mut self, field: &'static str) -> Result<i64, SignedRefusal> {
        let position = self.at;
        i64::try_from(self.varint(field)?).map_err(|_| SignedRefusal::Number { field, position })
    }

    pub(super) fn text(&mut self, field: &'static str, count: usize) -> Result<&'a str, SignedRefusal> {
        let position = self.at;
        std::str::from_utf8(self.take(field, count)?)
            .map_err(|error| SignedRefusal::Utf8 { field, position: position + error.valid_up_to() })
    }

    pub(super) fn end(&self) -> Result<(), SignedRefusal> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(SignedRefusal::Trailing { position: self.at }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_take_few_bytes() {
        for (number, length) in [(0, 1), (127, 1), (128, 2), (12_850, 2), (u64::MAX, 10)] {
            let mut bytes = Vec::new();
            push_varint(&mut bytes, number);
            assert_eq!(bytes.len(), length, "{number}");
            assert_eq!(Reader::new(&bytes).varint("n"), Ok(number));
        }
    }

    #[test]
    fn numbers_beyond_64_bits_and_without_end_are_refused() {
        let number = Err(SignedRefusal::Number { field: "n", position: 0 });
        assert_eq!(Reader::new(&[0xFF; 11]).varint("n"), number);
        assert_eq!(Reader::new(&[0x80; 11]).varint("n"), number);
        let mut over = [0xFF; 10];
        over[9] = 0x02;
        assert_eq!(Reader::new(&over).varint("n"), number);
        let cut = Err(SignedRefusal::Cut { field: "n", position: 2 });
        assert_eq!(Reader::new(&[0x80; 2]).varint("n"), cut);
        assert_eq!(
            Reader::new(&[0x0F, 0x42, 0x40]).six_digits("n"),
            Err(SignedRefusal::Number { field: "n", position: 0 })
        );
        assert_eq!(Reader::new(&[0x0F, 0x42, 0x3F]).six_digits("n"), Ok("999999".to_owned()));
    }
}
