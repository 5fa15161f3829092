//! A message read for people: one row for each element, everything secret masked.

mod detect;
mod inside;

pub use detect::{Detected, detect};

use crate::codec::{Place, expect_end, unpack};
use crate::dialect::{Dialect, FieldSpec, Inside};
use crate::frame::{PosHeader, Tpdu};
use crate::mask::{self, HIDDEN, Masked, Readable, Secrecy};
use crate::message::numbers;
use crate::{DecodeError, Mti};
use std::fmt;
use zeroize::Zeroizing;

/// Characters of a value and of its bytes that one line of text shows; the rows hold all.
const LINE_VALUE: usize = 64;
const LINE_HEX: usize = 48;

/// Explains a message from its MTI, as far as it goes; a broken one ends with the error.
///
/// Masking goes by field. Where wrong bits in a bitmap shift what follows, a field may show part of what
/// belongs to another; whole card numbers are still recognised and hidden.
pub fn explain(dialect: &Dialect, body: &[u8]) -> Explanation {
    let mut explanation = Explanation::default();
    explanation.message(dialect, body, 0);
    explanation
}

/// Explains a frame of the terminal side, with or without its length, TPDU and header.
pub fn explain_pos_frame(bytes: &[u8]) -> Explanation {
    explain_as(bytes, detect::detect_pos(bytes))
}

/// Explains a frame or message of whichever of the two links it fits best.
pub fn explain_frame(bytes: &[u8]) -> Explanation {
    match detect(bytes) {
        Some(detected) => explain_as(bytes, detected),
        None => explain_pos_frame(bytes),
    }
}

/// A message as rows; displays as lines of text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Explanation {
    rows: Vec<Row>,
    error: Option<String>,
    unread: usize,
}

/// One element of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Bytes from the first that was given to the first of the element.
    pub offset: usize,
    /// `MTI`, `F60`, for sub-fields `F60.2` or `F55 9F26`.
    pub field: String,
    /// In English; empty if unknown.
    pub name: &'static str,
    /// The element's bytes, secret ones as `**`. Empty for a sub-field within the bytes of its field.
    pub hex: String,
    /// The masked value.
    pub value: String,
}

impl Explanation {
    /// In the order of the bytes.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Why the explanation ends before the bytes do, or `None` for a whole message. Offsets within the
    /// text count from the MTI.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Bytes at the end that were not read, because of the error.
    pub fn unread(&self) -> usize {
        self.unread
    }

    fn add(
        &mut self,
        offset: usize,
        field: impl Into<String>,
        name: &'static str,
        hex: String,
        value: String,
    ) {
        self.rows.push(Row { offset, field: field.into(), name, hex, value });
    }

    /// Explains a message that begins at `base` of the bytes given.
    fn message(&mut self, dialect: &Dialect, body: &[u8], base: usize) {
        let mut at = 0;
        if let Err(error) = self.elements(dialect, body, base, &mut at) {
            self.error = Some(error.to_string());
            self.unread = body.len() - at;
        }
    }

    /// `at` follows what has been explained.
    fn elements(
        &mut self,
        dialect: &Dialect,
        body: &[u8],
        base: usize,
        at: &mut usize,
    ) -> Result<(), DecodeError> {
        let mti = dialect.read_mti(body)?;
        *at = dialect.mti_size();
        self.add(base, "MTI", "message type", hex::encode(&body[..*at]), mti.to_string());
        let (present, start) = dialect.read_bitmap(body)?;
        let names: Vec<String> = numbers(present).map(|field| field.to_string()).collect();
        self.add(base + *at, "bitmap", "fields present", hex::encode(&body[*at..start]), names.join(" "));
        *at = start;
        for field in numbers(present) {
            let spec = dialect.spec_on_wire(field)?;
            let place = dialect.locate(field, spec, body, *at)?;
            // Unpacked values may hold card data, as messages do.
            let mut value = Zeroizing::new(vec![0; place.length]);
            unpack(field, spec, place, body, &mut value)?;
            self.field(mti, field, spec, Wire { bytes: body, at: *at, place, base }, &value);
            *at = place.end;
        }
        expect_end(body, *at)
    }

    fn field(&mut self, mti: Mti, field: u8, spec: &FieldSpec, wire: Wire<'_>, value: &[u8]) {
        let prefix = hex::encode(&wire.bytes[wire.at..wire.place.start]);
        let secrecy = mask::secrecy(mti, field, value);
        let content = match secrecy {
            Secrecy::Open => hex::encode(&wire.bytes[wire.place.start..wire.place.end]),
            Secrecy::CardNumber | Secrecy::Hidden => "**".to_owned(),
        };
        let hex = if prefix.is_empty() { content } else { format!("{prefix} {content}") };
        let shown = match mask::field(mti, field, value) {
            Masked::Open(value) => Readable(value).to_string(),
            ends @ Masked::Ends(..) => ends.to_string(),
            Masked::Hidden => format!("{HIDDEN} ({} characters)", value.len()),
        };
        self.add(wire.base + wire.at, format!("F{field}"), spec.name, hex, shown);
        // These two mask their own parts; of other hidden fields no part is shown either.
        if secrecy == Secrecy::Open || matches!(spec.inside, Inside::Tlv | Inside::CupBatch) {
            inside::explain(self, mti, field, spec, &wire, value);
        }
    }

    fn transport(&mut self, bytes: &[u8], detected: &Detected) -> Result<(), crate::frame::FrameError> {
        let mut at = 0;
        if detected.length {
            let (announced, found) = (u16::from_be_bytes([bytes[0], bytes[1]]), bytes.len() - 2);
            let value = if usize::from(announced) == found {
                format!("{announced}")
            } else {
                format!("{announced}, but {found} bytes follow")
            };
            self.add(0, "length", "bytes that follow", hex::encode(&bytes[..2]), value);
            at = 2;
        }
        if detected.tpdu {
            let (tpdu, _) = crate::frame::split_tpdu(&bytes[at..], at)?;
            self.add(at, "TPDU", "from and to", hex::encode(&bytes[at..at + 5]), tpdu_text(&tpdu));
            at += 5;
        }
        if detected.header {
            let (header, _) = crate::frame::split_header(&bytes[at..], at)?;
            self.add(
                at,
                "header",
                "terminal and demand",
                hex::encode(&bytes[at..at + 6]),
                header_text(&header),
            );
        }
        Ok(())
    }
}

/// Where a field stands: it begins at `at` of the message, which begins at `base` of what was given.
struct Wire<'a> {
    bytes: &'a [u8],
    at: usize,
    place: Place,
    base: usize,
}

fn explain_as(bytes: &[u8], detected: Detected) -> Explanation {
    let mut explanation = Explanation::default();
    if let Err(error) = explanation.transport(bytes, &detected) {
        explanation.error = Some(error.to_string());
        explanation.unread = bytes.len();
        return explanation;
    }
    explanation.message(detected.dialect, &bytes[detected.body..], detected.body);
    explanation
}

fn tpdu_text(tpdu: &Tpdu) -> String {
    format!("to {}, from {}", hex::encode(tpdu.destination), hex::encode(tpdu.source))
}

fn header_text(header: &PosHeader) -> String {
    let PosHeader { application_class, software_version, terminal_state, demand, reserved } = header;
    let reserved = hex::encode(reserved);
    format!(
        "class {application_class:02}, version {software_version:02}, state {terminal_state}, \
         demand {} {demand:?}, reserved {reserved}",
        demand.digit()
    )
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row { offset, field, name, hex, value } in &self.rows {
            let (value, hex) = (shortened(value, LINE_VALUE), shortened(hex, LINE_HEX));
            let line = format!("{offset:>5}  {field:<9} {name:<31} {value:<32} {hex}");
            writeln!(f, "{}", line.trim_end())?;
        }
        if let Some(error) = &self.error {
            writeln!(f, "error, counted from the MTI: {error}; {} bytes were not read", self.unread)?;
        }
        Ok(())
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
