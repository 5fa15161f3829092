use crate::codec::{expect_end, unpack};
use crate::dialect::Dialect;
use crate::frame::{split_header, split_tpdu};
use crate::message::numbers;
use crate::{CUP_POS, DecodeError, HOST_LINK};
use zeroize::Zeroizing;

/// What bytes turned out to be.
#[derive(Copy, Clone, Debug)]
pub struct Detected {
    /// Whose message it is.
    pub dialect: &'static Dialect,
    /// Two bytes of length stand first.
    pub length: bool,
    /// Then a TPDU.
    pub tpdu: bool,
    /// Then a header.
    pub header: bool,
    /// Where the message begins.
    pub body: usize,
}

/// Finds out which link some bytes belong to and what stands around their message: the reading that is
/// whole or, if none is, the one that goes furthest. `None` if there is neither a TPDU nor a field.
pub fn detect(bytes: &[u8]) -> Option<Detected> {
    best(bytes, &[&CUP_POS, &HOST_LINK])
}

/// The best reading as a frame of the terminal side; if none makes sense, the bytes as a bare message.
pub(super) fn detect_pos(bytes: &[u8]) -> Detected {
    let bare = Detected { dialect: &CUP_POS, length: false, tpdu: false, header: false, body: 0 };
    best(bytes, &[&CUP_POS]).unwrap_or(bare)
}

fn best(bytes: &[u8], dialects: &[&'static Dialect]) -> Option<Detected> {
    let mut best: Option<(Score, Detected)> = None;
    for &dialect in dialects {
        for length in [true, false] {
            for (tpdu, header) in [(true, true), (false, true), (false, false)] {
                let reading = read(bytes, dialect, length, tpdu, header);
                // Of equals the first stays: that with more around the message.
                if let Some((score, detected)) = reading
                    && best.is_none_or(|(other, _)| score > other)
                {
                    best = Some((score, detected));
                }
            }
        }
    }
    best.map(|(_, detected)| detected)
}

/// How well a reading fits: greater is better, what stands first counts first.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    whole: bool,
    length_right: bool,
    tpdu: bool,
    fields: usize,
}

fn read(
    bytes: &[u8],
    dialect: &'static Dialect,
    length: bool,
    tpdu: bool,
    header: bool,
) -> Option<(Score, Detected)> {
    let framed = std::ptr::eq(dialect, &CUP_POS);
    if (tpdu || header) && !framed {
        return None;
    }
    let (mut rest, mut length_right) = (bytes, true);
    if length {
        let (&announced, after) = rest.split_first_chunk()?;
        length_right = usize::from(u16::from_be_bytes(announced)) == after.len();
        rest = after;
    }
    if tpdu {
        rest = split_tpdu(rest, 0).ok()?.1;
    }
    if header {
        rest = split_header(rest, 0).ok()?.1;
    }
    let (fields, whole) = fields_read(dialect, rest);
    let body = bytes.len() - rest.len();
    let score = Score { whole: whole && length_right, length_right, tpdu, fields };
    (tpdu || fields > 0).then_some((score, Detected { dialect, length, tpdu, header, body }))
}

/// How many fields can be read, and whether nothing is wrong.
fn fields_read(dialect: &Dialect, body: &[u8]) -> (usize, bool) {
    let mut fields = 0;
    let whole = read_fields(dialect, body, &mut fields).is_ok();
    (fields, whole)
}

fn read_fields(dialect: &Dialect, body: &[u8], fields: &mut usize) -> Result<(), DecodeError> {
    let mti = dialect.read_mti(body)?;
    let (present, mut at) = dialect.read_bitmap(body)?;
    // Version 1987, one of the eight classes: a length or a TPDU seldom looks like that.
    let fields_to_read = if (100..=899).contains(&mti.0) { present } else { 0 };
    for field in numbers(fields_to_read) {
        let spec = dialect.spec_on_wire(field)?;
        let place = dialect.locate(field, spec, body, at)?;
        unpack(field, spec, place, body, &mut Zeroizing::new(vec![0; place.length]))?;
        at = place.end;
        *fields += 1;
    }
    expect_end(body, at)
}
