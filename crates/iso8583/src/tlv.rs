//! BER-TLV, in which chip data stand in F55. Unknown tags are kept, never an error.

mod tags;

pub use tags::*;

use std::fmt;
use thiserror::Error;

/// Elements in one value at most. A field of 999 bytes cannot hold more.
pub const MAX_ELEMENTS: usize = 500;

/// Bytes of one element's content at most: what a length in the form `82 hh hh` can say.
pub const MAX_CONTENT: usize = 0xffff;

/// A tag as its bytes are written, up to four: `Tag(0x9F26)` displays as `9F26`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

/// Why bytes are no TLV. Offsets count from the first byte of the value that was parsed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlvError {
    #[error("TLV at byte {offset}: expected the rest of a tag, found the end")]
    TagTruncated { offset: usize },

    #[error("TLV at byte {offset}: expected a tag of at most 4 bytes, found a longer one")]
    TagTooLong { offset: usize },

    #[error("TLV tag {tag} at byte {offset}: expected a length, found the end")]
    LengthTruncated { tag: Tag, offset: usize },

    #[error("TLV tag {tag} at byte {offset}: expected a length of 1 to 3 bytes, found {found:#04x}")]
    LengthForm { tag: Tag, offset: usize, found: u8 },

    #[error("TLV tag {tag} at byte {offset}: expected {expected} bytes, found {found}")]
    ContentTruncated { tag: Tag, offset: usize, expected: usize, found: usize },

    #[error("TLV at byte {offset}: expected at most {MAX_ELEMENTS} elements, found more")]
    TooManyElements { offset: usize },

    #[error("TLV tag {tag}: expected the bytes of one whole tag")]
    NotATag { tag: Tag },

    #[error("TLV tag {tag}: expected at most {MAX_CONTENT} bytes, found {found}")]
    ContentTooLong { tag: Tag, found: usize },
}

/// The elements in order. Zero bytes between them mean nothing (EMV book 3, annex B) and are passed over.
///
/// # Errors
/// Where the first element is that is not whole.
pub fn parse(bytes: &[u8]) -> Result<Vec<(Tag, &[u8])>, TlvError> {
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(element) = next_element(bytes, at)? {
        if elements.len() == MAX_ELEMENTS {
            return Err(TlvError::TooManyElements { offset: element.offset });
        }
        elements.push((element.tag, &bytes[element.content..element.end]));
        at = element.end;
    }
    Ok(elements)
}

/// The content of the first element with this tag, or `None` if there is none.
///
/// # Errors
/// As [`parse`].
pub fn find(bytes: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    Ok(parse(bytes)?.into_iter().find(|(found, _)| *found == tag).map(|(_, content)| content))
}

/// Only the elements whose tag is allowed, in their order.
///
/// # Errors
/// As [`parse`].
pub fn filter(bytes: &[u8], allow: &[Tag]) -> Result<Vec<u8>, TlvError> {
    let mut kept = Builder::new();
    for (tag, content) in parse(bytes)? {
        if allow.contains(&tag) {
            kept.put(tag, content)?;
        }
    }
    Ok(kept.finish())
}

/// Writes elements one behind the other, each length in its shortest form.
#[derive(Default)]
pub struct Builder {
    bytes: Vec<u8>,
}

impl Builder {
    /// Without elements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one element.
    ///
    /// # Errors
    /// [`TlvError::NotATag`] for a number that is not exactly one tag's bytes,
    /// [`TlvError::ContentTooLong`] above [`MAX_CONTENT`]; nothing is added then.
    pub fn put(&mut self, tag: Tag, content: impl AsRef<[u8]>) -> Result<&mut Self, TlvError> {
        let content = content.as_ref();
        if !tag.is_whole() {
            return Err(TlvError::NotATag { tag });
        }
        let found = content.len();
        let length = u16::try_from(found).map_err(|_| TlvError::ContentTooLong { tag, found })?.to_be_bytes();
        self.bytes.extend_from_slice(tag.bytes(&mut [0; 4]));
        match length {
            [0, low @ 0..=0x7f] => self.bytes.push(low),
            [0, low] => self.bytes.extend_from_slice(&[0x81, low]),
            [high, low] => self.bytes.extend_from_slice(&[0x82, high, low]),
        }
        self.bytes.extend_from_slice(content);
        Ok(self)
    }

    /// The elements put so far; the builder is empty again.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// Where one element stands.
pub(crate) struct Element {
    pub tag: Tag,
    pub offset: usize,
    pub content: usize,
    pub end: usize,
}

/// The element that begins at `at` or behind zero bytes that stand there; `None` at the end.
pub(crate) fn next_element(bytes: &[u8], at: usize) -> Result<Option<Element>, TlvError> {
    let Some(padding) = bytes[at..].iter().position(|&byte| byte != 0) else {
        return Ok(None);
    };
    let offset = at + padding;
    let (tag, tag_end) = read_tag(bytes, offset)?;
    let (expected, content) = read_length(bytes, tag, tag_end)?;
    let found = bytes.len() - content;
    if expected > found {
        return Err(TlvError::ContentTruncated { tag, offset: content, expected, found });
    }
    Ok(Some(Element { tag, offset, content, end: content + expected }))
}

fn read_tag(bytes: &[u8], offset: usize) -> Result<(Tag, usize), TlvError> {
    let mut number = u32::from(bytes[offset]);
    let mut end = offset + 1;
    let mut more = number & 0x1f == 0x1f;
    while more {
        if end - offset == 4 {
            return Err(TlvError::TagTooLong { offset });
        }
        let byte = *bytes.get(end).ok_or(TlvError::TagTruncated { offset })?;
        number = (number << 8) | u32::from(byte);
        end += 1;
        more = byte & 0x80 != 0;
    }
    Ok((Tag(number), end))
}

/// The length at `offset`, and where the content begins.
fn read_length(bytes: &[u8], tag: Tag, offset: usize) -> Result<(usize, usize), TlvError> {
    let truncated = TlvError::LengthTruncated { tag, offset };
    match bytes[offset..] {
        [low @ 0..=0x7f, ..] => Ok((usize::from(low), offset + 1)),
        [0x81, low, ..] => Ok((usize::from(low), offset + 2)),
        [0x82, high, low, ..] => Ok((usize::from(u16::from_be_bytes([high, low])), offset + 3)),
        [] | [0x81 | 0x82, ..] => Err(truncated),
        [found, ..] => Err(TlvError::LengthForm { tag, offset, found }),
    }
}

impl Tag {
    /// The tag's bytes, without those that are zero in front.
    fn bytes(self, buffer: &mut [u8; 4]) -> &[u8] {
        *buffer = self.0.to_be_bytes();
        let leading = (self.0.leading_zeros() / 8).min(3) as usize;
        &buffer[leading..]
    }

    /// Exactly the bytes of one tag, as a parser would find it.
    fn is_whole(self) -> bool {
        let mut buffer = [0; 4];
        let bytes = self.bytes(&mut buffer);
        self.0 != 0 && read_tag(bytes, 0) == Ok((self, bytes.len()))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes(&mut [0; 4]).iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

#[cfg(test)]
mod tests;
