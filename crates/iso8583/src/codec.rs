//! The one codec for all dialects.

mod characters;
mod numbers;

use crate::dialect::{Bitmap, Coding, Dialect, FieldSpec, Kind, Length, Numbers};
use crate::message::{bit, numbers};
use crate::{DecodeError, EncodeError, Message, Mti};
use zeroize::Zeroize;

/// Field numbers in errors for what stands before the fields.
const MTI: u8 = 0;
const BITMAP: u8 = 1;

impl Dialect {
    /// Reads one message. `bytes` begin at the MTI (length, TPDU and header already taken off) and end
    /// with the last field; encoding the result gives the same bytes, half bytes of padding aside.
    ///
    /// # Errors
    /// The first thing that is not as the dialect says.
    pub fn decode(&self, bytes: &[u8]) -> Result<Message, DecodeError> {
        let mti = self.read_mti(bytes)?;
        let (present, mut at) = self.read_bitmap(bytes)?;
        // Packed digits are the only content that grows, to two characters a byte.
        let mut message = Message::begin(mti, present, 2 * bytes.len());
        for field in numbers(present) {
            let spec = self.spec_on_wire(field)?;
            let place = self.locate(field, spec, bytes, at)?;
            unpack(field, spec, place, bytes, message.append(place.length))?;
            at = place.end;
        }
        expect_end(bytes, at)?;
        Ok(message.finish())
    }

    /// Appends the message to `out`, which stays as it was if the message is refused.
    ///
    /// Room is made once and in advance, so the values are not left behind in memory that a growing
    /// vector gave back; zeroising `out` afterwards is the caller's affair.
    ///
    /// # Errors
    /// The first field that the dialect has not or whose value it does not allow.
    pub fn encode(&self, message: &Message, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        // MTI, bitmap and the lengths in front of fields never take more than this.
        let most = message.size() + 4 + 16 + 3 * message.present().count_ones() as usize;
        out.resize(start + most, 0);
        match self.write(message, &mut out[start..]) {
            Ok(size) => {
                out.truncate(start + size);
                Ok(())
            }
            Err(error) => {
                out[start..].zeroize();
                out.truncate(start);
                Err(error)
            }
        }
    }

    pub(crate) fn read_mti(&self, bytes: &[u8]) -> Result<Mti, DecodeError> {
        let wire = part(bytes, MTI, 0, self.mti_size())?;
        match self.numbers.read(wire) {
            // Four digits fit.
            Ok(number) => Ok(Mti(number as u16)),
            Err((offset, found)) => {
                Err(DecodeError::WrongCharacter { field: MTI, offset, expected: Kind::N, found })
            }
        }
    }

    /// The fields that follow, bit 1 taken out, and where the first of them begins.
    pub(crate) fn read_bitmap(&self, bytes: &[u8]) -> Result<(u128, usize), DecodeError> {
        let offset = self.mti_size();
        let first = part(bytes, BITMAP, offset, 8)?;
        let extended = first[0] & 0x80 != 0;
        if self.bitmap == Bitmap::Always16 && !extended {
            return Err(DecodeError::SecondBitmapMissing { offset });
        }
        let mut bits = [0; 16];
        let size = if extended { 16 } else { 8 };
        bits[..size].copy_from_slice(part(bytes, BITMAP, offset, size)?);
        if self.bitmap == Bitmap::AsNeeded && extended && bits[8..] == [0; 8] {
            return Err(DecodeError::SecondBitmapEmpty { offset });
        }
        Ok((u128::from_be_bytes(bits) & !bit(1), offset + size))
    }

    /// The field's row in the table, for a field whose bit is set in a bitmap that was read.
    pub(crate) fn spec_on_wire(&self, field: u8) -> Result<&FieldSpec, DecodeError> {
        let offset = self.mti_size() + usize::from(field - 1) / 8;
        self.spec(field).ok_or(DecodeError::UnknownField { field, offset })
    }

    /// Where a field that begins at `at` has its content.
    #[inline]
    pub(crate) fn locate(
        &self,
        field: u8,
        spec: &FieldSpec,
        bytes: &[u8],
        at: usize,
    ) -> Result<Place, DecodeError> {
        let (length, start) = match spec.length {
            Length::Fixed(length) => (length, at),
            Length::Ll(max) | Length::Lll(max) => {
                let wire = part(bytes, field, at, self.prefix_size(spec.length))?;
                let found = self.numbers.read(wire).map_err(|(index, found)| {
                    DecodeError::LengthNotDigits { field, offset: at + index, found }
                })?;
                if found > max {
                    return Err(DecodeError::TooLong { field, offset: at, max, found });
                }
                (found, at + wire.len())
            }
        };
        let wire = part(bytes, field, start, spec.coding.size(length))?;
        Ok(Place { length, start, end: start + wire.len() })
    }

    /// Writes the message at the beginning of `room`, which is large enough, and says how many bytes it is.
    fn write(&self, message: &Message, room: &mut [u8]) -> Result<usize, EncodeError> {
        if message.mti.0 > 9999 {
            return Err(EncodeError::MtiOutOfRange { found: message.mti.0 });
        }
        let present = message.present();
        let mut at = self.mti_size();
        self.numbers.write(usize::from(message.mti.0), &mut room[..at]);
        let extended = self.bitmap == Bitmap::Always16 || present as u64 != 0;
        let (bits, size) = if extended { (present | bit(1), 16) } else { (present, 8) };
        room[at..at + size].copy_from_slice(&bits.to_be_bytes()[..size]);
        at += size;
        for (field, value) in message.fields() {
            let spec = self.spec(field).ok_or(EncodeError::UnknownField { field })?;
            at += self.write_field(field, spec, value, &mut room[at..])?;
        }
        Ok(at)
    }

    fn write_field(
        &self,
        field: u8,
        spec: &FieldSpec,
        value: &[u8],
        room: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let found = value.len();
        let prefix = self.prefix_size(spec.length);
        match spec.length {
            Length::Fixed(expected) if found != expected => {
                return Err(EncodeError::WrongLength { field, expected, found });
            }
            Length::Ll(max) | Length::Lll(max) if found > max => {
                return Err(EncodeError::TooLong { field, max, found });
            }
            Length::Fixed(_) => {}
            Length::Ll(_) | Length::Lll(_) => self.numbers.write(found, &mut room[..prefix]),
        }
        let end = prefix + spec.coding.size(found);
        match characters::pack(spec.kind, spec.coding, value, &mut room[prefix..end]) {
            Ok(()) => Ok(end),
            Err(position) => Err(EncodeError::WrongCharacter { field, position, expected: spec.kind }),
        }
    }

    /// Bytes of the MTI.
    pub(crate) fn mti_size(&self) -> usize {
        match self.numbers {
            Numbers::Bcd => 2,
            Numbers::Ascii => 4,
        }
    }

    /// Bytes of the length in front of a field.
    fn prefix_size(&self, length: Length) -> usize {
        match (self.numbers, length) {
            (_, Length::Fixed(_)) => 0,
            (Numbers::Bcd, Length::Ll(_)) => 1,
            (Numbers::Bcd, Length::Lll(_)) | (Numbers::Ascii, Length::Ll(_)) => 2,
            (Numbers::Ascii, Length::Lll(_)) => 3,
        }
    }
}

/// Where a field's content stands on the wire, and how many characters it is.
#[derive(Copy, Clone)]
pub(crate) struct Place {
    pub length: usize,
    pub start: usize,
    pub end: usize,
}

/// Writes the field's characters into `value`, which is as long as they are.
#[inline]
pub(crate) fn unpack(
    field: u8,
    spec: &FieldSpec,
    place: Place,
    bytes: &[u8],
    value: &mut [u8],
) -> Result<(), DecodeError> {
    let wire = &bytes[place.start..place.end];
    let Err(at) = characters::unpack(spec.kind, spec.coding, wire, value) else {
        return Ok(());
    };
    let wrong = |index, found| {
        let (offset, expected) = (place.start + index, spec.kind);
        Err(DecodeError::WrongCharacter { field, offset, expected, found })
    };
    match spec.coding {
        Coding::Bytes => wrong(at, wire[at]),
        Coding::BcdLeft | Coding::BcdRight => {
            let half = at + characters::skipped(spec.coding, place.length);
            let byte = wire[half / 2];
            wrong(half / 2, if half % 2 == 1 { byte & 0x0f } else { byte >> 4 })
        }
    }
}

/// Refuses bytes behind the last field.
pub(crate) fn expect_end(bytes: &[u8], at: usize) -> Result<(), DecodeError> {
    match bytes.len() - at {
        0 => Ok(()),
        found => Err(DecodeError::TrailingBytes { offset: at, found }),
    }
}

/// `size` bytes at `offset`.
fn part(bytes: &[u8], field: u8, offset: usize, size: usize) -> Result<&[u8], DecodeError> {
    let rest = &bytes[offset..];
    rest.get(..size).ok_or(DecodeError::Truncated { field, offset, expected: size, found: rest.len() })
}

#[cfg(test)]
mod tests;
