//! Commands of a receipt printer (ESC/POS), as Chinese printers of 58 and 80 mm understand them.
//!
//! Rows come from the same setting as text, at 12 dots a column; Chinese is GB18030 in the printer's
//! Chinese mode. The few commands that a slip needs are written here: the packages for it speak to a
//! device through a driver and have no Chinese mode.

use encoding_rs::GB18030;
use qrcode::EcLevel;

use crate::{
    data::Width,
    fields::EslipAddress,
    page::Line,
    qr::{Qr, by_printer},
    text::{Face, Piece, Row, columns_of, set, width},
};

/// What printer it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printer {
    pub width: Width,
    pub qr: QrBy,
    pub end: End,
}

/// How the QR code gets on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrBy {
    /// The printer draws it, by `GS ( k`.
    Command,
    /// It is sent as dots, by `GS v 0`, for printers that know no QR code.
    Raster,
}

/// What happens behind the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Fed to the cutter and cut but for a point.
    Cut,
    /// Fed to the edge at which it is torn off by hand.
    Tear,
}

/// The bytes that print the lines, from initialising to cutting. What the printer could take for a command
/// or has no glyph for comes out as `?`.
pub fn escpos(lines: &[Line], printer: Printer) -> Vec<u8> {
    let mut out = Commands(Vec::with_capacity(2_048));
    out.put(INITIALISE);
    out.put(CHINESE_MODE);
    for piece in set(lines, printer.width.columns()) {
        match piece {
            Piece::Row(row) => out.row(&row, printer.width),
            Piece::Qr(address) => {
                out.put(CENTRE);
                match printer.qr {
                    QrBy::Command => out.qr_command(&address, printer.width),
                    QrBy::Raster => out.qr_raster(&Qr::of(&address), printer.width),
                }
                out.put(LEFT);
            }
        }
    }
    match printer.end {
        End::Cut => out.put(FEED_AND_CUT),
        End::Tear => out.put(FEED_TO_EDGE),
    }
    out.0
}

const INITIALISE: &[u8] = b"\x1B@";
const CHINESE_MODE: &[u8] = b"\x1C&";
const LEFT: &[u8] = b"\x1Ba\x00";
const CENTRE: &[u8] = b"\x1Ba\x01";
const BOLD: &[u8] = b"\x1BE\x01";
const NOT_BOLD: &[u8] = b"\x1BE\x00";
const REVERSE: &[u8] = b"\x1DB\x01";
const NOT_REVERSE: &[u8] = b"\x1DB\x00";
const SINGLE: &[u8] = b"\x1D!\x00";
const DOUBLE_HEIGHT: &[u8] = b"\x1D!\x01";
const DOUBLE: &[u8] = b"\x1D!\x11";
/// 72 dots, 9 mm.
const ROOM_TO_SIGN: &[u8] = b"\x1BJ\x48";
const FEED_TO_EDGE: &[u8] = b"\x1Bd\x04";
/// To the cutter and 16 dots further, then a partial cut.
const FEED_AND_CUT: &[u8] = b"\x1DVB\x10";
/// Rows of dots in one command: a printer holds no more of a picture at a time than it must.
const BAND: usize = 24;

struct Commands(Vec<u8>);

impl Commands {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn row(&mut self, row: &Row, paper: Width) {
        match row.face {
            Face::Plain => self.line(&row.text),
            Face::Title => {
                let title = row.text.trim();
                let fits = width(title) * 2 <= paper.columns();
                self.put(CENTRE);
                self.put(if fits { DOUBLE } else { DOUBLE_HEIGHT });
                self.line(title);
                self.put(SINGLE);
                self.put(LEFT);
            }
            Face::Mark | Face::Amount | Face::Status => {
                self.put(BOLD);
                self.put(DOUBLE_HEIGHT);
                self.line(&row.text);
                self.put(SINGLE);
                self.put(NOT_BOLD);
            }
            Face::Alert => {
                self.put(REVERSE);
                self.put(BOLD);
                self.put(DOUBLE_HEIGHT);
                self.line(&row.text);
                self.put(SINGLE);
                self.put(NOT_BOLD);
                self.put(NOT_REVERSE);
            }
            Face::Room => {
                self.put(ROOM_TO_SIGN);
                self.line(&row.text);
            }
        }
    }

    fn line(&mut self, text: &str) {
        for c in text.chars() {
            self.character(c);
        }
        self.0.push(b'\n');
    }

    /// A character takes as many columns on paper as in the setting: one if it is ASCII, else two.
    fn character(&mut self, c: char) {
        if c == ' ' || c.is_ascii_graphic() {
            return self.0.push(c as u8);
        }
        if columns_of(c) != 2 {
            return self.0.push(b'?');
        }
        let mut utf8 = [0; 4];
        match GB18030.encode(c.encode_utf8(&mut utf8)) {
            (bytes, _, false) => self.put(&bytes),
            // The full-width question mark.
            (_, _, true) => self.put(b"\xA3\xBF"),
        }
    }

    /// Model 2, size of a module, protection, content, print: functions 165, 167, 169, 180 and 181.
    fn qr_command(&mut self, address: &EslipAddress, paper: Width) {
        let code = by_printer(address, paper);
        let level = match code.level {
            EcLevel::L => b'0',
            EcLevel::M => b'1',
            EcLevel::Q => b'2',
            EcLevel::H => b'3',
        };
        let dots = u8::try_from(code.dots).expect("a module has 3 to 6 dots");
        self.qr_function(b"\x31\x41\x32\x00");
        self.qr_function(&[0x31, 0x43, dots]);
        self.qr_function(&[0x31, 0x45, level]);
        self.qr_function(&[b"\x31\x50\x30", code.content.as_bytes()].concat());
        self.qr_function(b"\x31\x51\x30");
    }

    fn qr_function(&mut self, parameters: &[u8]) {
        let length = u16::try_from(parameters.len()).expect("the content of a code has at most 1,057 bytes");
        self.put(b"\x1D(k");
        self.put(&length.to_le_bytes());
        self.put(parameters);
    }

    /// The dots in bands, eight in a byte from the left.
    fn qr_raster(&mut self, qr: &Qr, paper: Width) {
        let dots = qr.module_dots(paper);
        let side = (qr.side() + 2 * Qr::BORDER) * dots;
        let module = |at: usize| (at / dots).checked_sub(Qr::BORDER);
        let is_dark = |x, y| module(x).zip(module(y)).is_some_and(|(x, y)| qr.is_dark(x, y));
        let bytes = side.div_ceil(8);
        for top in (0..side).step_by(BAND) {
            let rows = BAND.min(side - top);
            self.put(b"\x1Dv0\x00");
            for length in [bytes, rows] {
                let length = u16::try_from(length).expect("a code is no wider than the paper");
                self.put(&length.to_le_bytes());
            }
            for y in top..top + rows {
                for left in (0..bytes).map(|byte| byte * 8) {
                    let bits = (left..left + 8).map(|x| u8::from(is_dark(x, y)));
                    self.0.push(bits.fold(0, |byte, bit| byte << 1 | bit));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
