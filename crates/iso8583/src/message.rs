use crate::{Mti, mask};
use std::fmt;
use zeroize::Zeroize;

/// One message: its type and its fields.
///
/// n, an, ans and z fields hold ASCII characters (`D` separates in z), b fields raw bytes; how they
/// are packed on the wire is the dialect's affair, and so is whether a value is allowed.
/// `Debug` is masked, and the content is zeroised when it is replaced, removed or dropped.
#[derive(Clone)]
pub struct Message {
    /// The message type.
    pub mti: Mti,
    /// Field 1 at the highest bit, as on the wire; bit 1 itself is never set here.
    present: u128,
    /// Where each present field ends in `bytes`, ascending by field; it begins where the one before ends.
    ends: Vec<usize>,
    /// The values, one behind the other: one allocation for the whole message.
    bytes: Vec<u8>,
}

impl Message {
    /// A message without fields.
    pub fn new(mti: Mti) -> Self {
        Self { mti, present: 0, ends: Vec::new(), bytes: Vec::new() }
    }

    /// The field's value, or `None` if it is absent.
    pub fn get(&self, field: u8) -> Option<&[u8]> {
        self.has(field).then(|| self.value(self.rank(field)))
    }

    /// The field's value as text, or `None` if it is absent or not ASCII.
    pub fn text(&self, field: u8) -> Option<&str> {
        self.get(field).filter(|value| value.is_ascii()).and_then(|v| std::str::from_utf8(v).ok())
    }

    /// Puts a value in the field, in place of any that is there. Whether the dialect allows it is
    /// judged when the message is encoded.
    ///
    /// # Panics
    /// If the field is 0, 1 or above 128.
    pub fn set(&mut self, field: u8, value: impl AsRef<[u8]>) -> &mut Self {
        assert!((2..=128).contains(&field), "fields run from 2 to 128, not {field}");
        let value = value.as_ref();
        let rank = self.rank(field);
        if !self.has(field) {
            let start = self.start(rank);
            self.ends.insert(rank, start);
            self.present |= bit(field);
        }
        self.resize(rank, value.len());
        let start = self.start(rank);
        self.bytes[start..start + value.len()].copy_from_slice(value);
        self
    }

    /// Takes the field out; nothing happens if it is absent.
    pub fn remove(&mut self, field: u8) {
        if self.has(field) {
            let rank = self.rank(field);
            self.resize(rank, 0);
            self.ends.remove(rank);
            self.present &= !bit(field);
        }
    }

    /// Whether the field is present, be it empty.
    pub fn has(&self, field: u8) -> bool {
        (2..=128).contains(&field) && self.present & bit(field) != 0
    }

    /// The fields that are present, ascending.
    pub fn fields(&self) -> impl Iterator<Item = (u8, &[u8])> {
        numbers(self.present).enumerate().map(|(rank, field)| (field, self.value(rank)))
    }

    /// A message whose fields are appended one by one, then [`finish`](Self::finish)ed: those of
    /// `present`, with at most `most` bytes of values.
    pub(crate) fn begin(mti: Mti, present: u128, most: usize) -> Self {
        let fields = present.count_ones() as usize;
        Self { mti, present, ends: Vec::with_capacity(fields), bytes: vec![0; most] }
    }

    /// The next field's value, to be written.
    #[inline]
    pub(crate) fn append(&mut self, length: usize) -> &mut [u8] {
        let start = self.start(self.ends.len());
        self.ends.push(start + length);
        &mut self.bytes[start..start + length]
    }

    /// Gives up the room that was not needed; it is still zero.
    pub(crate) fn finish(mut self) -> Self {
        assert!(self.ends.len() == self.present.count_ones() as usize, "all fields were appended");
        self.bytes.truncate(self.start(self.ends.len()));
        self
    }

    /// The bitmap without bit 1: field 2 at the second highest bit.
    pub(crate) fn present(&self) -> u128 {
        self.present
    }

    /// Total length of all values.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// How many fields stand before this one.
    fn rank(&self, field: u8) -> usize {
        let before = !(u128::MAX >> (field - 1));
        (self.present & before).count_ones() as usize
    }

    fn start(&self, rank: usize) -> usize {
        if rank == 0 { 0 } else { self.ends[rank - 1] }
    }

    fn value(&self, rank: usize) -> &[u8] {
        &self.bytes[self.start(rank)..self.ends[rank]]
    }

    /// Makes the field at `rank` `length` bytes long and moves what follows; its content is undefined.
    fn resize(&mut self, rank: usize, length: usize) {
        let (old_end, new_end) = (self.ends[rank], self.start(rank) + length);
        let old_len = self.bytes.len();
        let new_len = old_len - old_end + new_end;
        if new_len > old_len {
            self.reserve(new_len - old_len);
            self.bytes.resize(new_len, 0);
        }
        self.bytes.copy_within(old_end..old_len, new_end);
        if new_len < old_len {
            self.bytes[new_len..].zeroize();
            self.bytes.truncate(new_len);
        }
        for end in &mut self.ends[rank..] {
            *end = *end - old_end + new_end;
        }
    }

    /// Makes room without leaving the old copy of the values behind in freed memory.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let mut larger = Vec::with_capacity(needed.max(2 * self.bytes.capacity()).max(64));
            larger.extend_from_slice(&self.bytes);
            self.bytes.as_mut_slice().zeroize();
            self.bytes = larger;
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // Only the used part: what was beyond it has been zeroised when it was given up.
        self.bytes.as_mut_slice().zeroize();
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        (self.mti, self.present, &self.ends, &self.bytes)
            == (other.mti, other.present, &other.ends, &other.bytes)
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}", self.mti)?;
        for (field, value) in self.fields() {
            write!(f, ", F{field}={}", mask::field(self.mti, field, value))?;
        }
        f.write_str(")")
    }
}

/// The field's bit in a bitmap of 128 bits.
#[inline]
pub(crate) fn bit(field: u8) -> u128 {
    1 << (128 - u32::from(field))
}

/// The fields of a bitmap, ascending.
pub(crate) fn numbers(mut present: u128) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        if present == 0 {
            return None;
        }
        // At most 127 zeros before a bit that is set, so the field is at most 128.
        let field = present.leading_zeros() as u8 + 1;
        present &= !bit(field);
        Some(field)
    })
}

#[cfg(test)]
mod tests;
