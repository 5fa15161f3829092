//! What can still be read of a message that does not decode: enough to answer "format error".

use hefu_iso8583::{CUP_POS, Coding, Length, Message, Mti};

/// Reads MTI, F11, F41, F42 and F60 as far as the lengths lead; content that is wrong is passed over. `None` when
/// not even the MTI can be read.
pub(super) fn read(body: &[u8]) -> Option<Message> {
    let (mti, rest) = body.split_first_chunk::<2>()?;
    let mut message = Message::new(Mti(number(mti)?));
    let mut reader = Reader { rest };
    fields(&mut reader, &mut message);
    Some(message)
}

/// The fields that an answer needs.
const WANTED: [u8; 4] = [11, 41, 42, 60];

/// Walks until a field has no length; `None` then, and at the end.
fn fields(reader: &mut Reader<'_>, message: &mut Message) -> Option<()> {
    let bitmap = *reader.chunk::<8>()?;
    if bitmap[0] & 0x80 != 0 {
        reader.chunk::<8>()?;
    }
    for field in 2..=64_u8 {
        let place = usize::from(field - 1);
        if bitmap[place / 8] & (0x80 >> (place % 8)) == 0 {
            continue;
        }
        let spec = CUP_POS.spec(field)?;
        let length = match spec.length {
            Length::Fixed(length) => length,
            Length::Ll(max) => usize::from(number(reader.chunk::<1>()?)?).min(max),
            Length::Lll(max) => usize::from(number(reader.chunk::<2>()?)?).min(max),
        };
        let value = match spec.coding {
            Coding::Bytes => reader.take(length)?.to_vec(),
            Coding::BcdLeft | Coding::BcdRight => digits(reader.take(length.div_ceil(2))?, length),
        };
        if WANTED.contains(&field) && value.len() == length {
            message.set(field, value);
        }
    }
    None
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (value, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(value)
    }

    fn chunk<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (value, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(value)
    }
}

/// Packed digits as a number of at most four digits.
fn number(packed: &[u8]) -> Option<u16> {
    packed
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .try_fold(0_u16, |number, digit| (digit <= 9).then(|| number * 10 + u16::from(digit)))
}

/// The first `length` digits, left-aligned; shorter when one of them is none.
fn digits(packed: &[u8], length: usize) -> Vec<u8> {
    let nibbles = packed.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    nibbles.take(length).take_while(|digit| *digit <= 9).map(|digit| b'0' + digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale() -> Vec<u8> {
        let mut message = Message::new(Mti(200));
        message
            .set(2, "6200000000000005")
            .set(11, "000042")
            .set(35, "6200000000000005D3012")
            .set(41, "10000001");
        message.set(42, "898110253110001").set(60, "22000001000");
        let mut body = Vec::new();
        CUP_POS.encode(&message, &mut body).unwrap();
        body
    }

    #[test]
    fn a_wrong_character_does_not_hide_the_fields_behind_it() {
        let mut body = sale();
        // The first digit of the card number.
        body[11] = 0xAA;
        assert!(CUP_POS.decode(&body).is_err());
        let read = read(&body).unwrap();
        assert_eq!(read.mti, Mti(200));
        assert_eq!(read.text(11), Some("000042"));
        assert_eq!(read.text(41), Some("10000001"));
        assert_eq!(read.text(60), Some("22000001000"));
        assert!(!read.has(2) && !read.has(35), "nothing is read that an answer does not need");
    }

    #[test]
    fn a_message_that_is_cut_gives_what_stood_before_the_cut() {
        let body = sale();
        for length in 0..body.len() {
            let read = read(&body[..length]);
            assert_eq!(read.is_some(), length >= 2, "{length}");
            assert!(read.is_none_or(|read| !read.has(60)), "{length}");
        }
    }
}
