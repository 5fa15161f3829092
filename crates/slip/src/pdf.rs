//! A slip as PDF: one page as wide as the paper and as high as its content.
//!
//! No font is brought along. ASCII is Courier, which every reader has; all else is STSong-Light by the
//! predefined map UniGB-UTF16-H, for which readers with Chinese support have a font of their own. Each run
//! of text is put at its column, so that the columns hold whatever font the reader takes.

use pdf_writer::{
    Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr,
    types::{CidFontType, FontFlags, SystemInfo, TextRenderingMode},
};

use crate::{
    data::{Language, Width},
    fields::EslipAddress,
    page::Line,
    qr::Qr,
    text::{Face, Piece, Row, columns_of, set, width},
};

/// The PDF of the lines. The same lines give the same bytes.
pub fn pdf(lines: &[Line], paper: Width, language: Language) -> Vec<u8> {
    let pieces = set(lines, paper.columns());
    let page_width = match paper {
        Width::Mm58 => 58.0 * POINTS_PER_MM,
        Width::Mm80 => 80.0 * POINTS_PER_MM,
    };
    let height = pieces.iter().map(height_of).sum::<f32>() + 2.0 * MARGIN;
    let left = (page_width - paper.columns() as f32 * COLUMN) / 2.0;
    let mut sheet = Sheet { content: Content::new(), left, columns: paper.columns(), y: height - MARGIN };
    for piece in &pieces {
        sheet.y -= height_of(piece);
        match piece {
            Piece::Row(row) => sheet.row(row),
            Piece::Qr(address) => sheet.qr(address, page_width),
        }
    }
    let title = pieces.iter().find_map(|piece| match piece {
        Piece::Row(row) => Some(row.text.trim()),
        Piece::Qr(_) => None,
    });
    document(Rect::new(0.0, 0.0, page_width, height), &sheet.content.finish(), title.unwrap_or(""), language)
}

const POINTS_PER_MM: f32 = 72.0 / 25.4;
/// A column in points: 32 of them are the 48 mm that a printer of 58 mm prints across.
const COLUMN: f32 = 4.25;
/// Above and below, in points.
const MARGIN: f32 = 14.0;
/// The size at which a Chinese character is two columns wide.
const CHINESE: f32 = COLUMN * 2.0;
/// Courier's characters are 0.6 of its size wide.
const COURIER: f32 = COLUMN / 0.6;
/// A title is so much larger, if it then fits.
const LARGE: f32 = 1.5;
/// A module of the code, half a millimetre in points, unless the code would be wider than narrow paper
/// prints.
const MODULE: f32 = 0.5 * POINTS_PER_MM;
const WIDEST_CODE: f32 = 32.0 * COLUMN;

fn height_of(piece: &Piece) -> f32 {
    match piece {
        Piece::Qr(address) => code_side(&Qr::of(address)) + 4.0,
        Piece::Row(row) => match row.face {
            Face::Plain => 11.0,
            Face::Title => 18.0,
            Face::Mark | Face::Amount | Face::Status | Face::Alert => 13.5,
            Face::Room => 34.0,
        },
    }
}

/// Side of a code with its border, in points.
fn code_side(qr: &Qr) -> f32 {
    ((qr.side() + 2 * Qr::BORDER) as f32 * MODULE).min(WIDEST_CODE)
}

struct Sheet {
    content: Content,
    left: f32,
    columns: usize,
    /// The lower edge of what is drawn now.
    y: f32,
}

impl Sheet {
    fn row(&mut self, row: &Row) {
        match row.face {
            Face::Plain | Face::Room => self.text(&row.text, 0.0, 1.0, false),
            Face::Title => {
                let title = row.text.trim();
                let taken = width(title) as f32;
                let scale = if taken * LARGE <= self.columns as f32 { LARGE } else { 1.0 };
                self.text(title, (self.columns as f32 - taken * scale) / 2.0, scale, true);
            }
            Face::Mark | Face::Amount | Face::Status => self.text(&row.text, 0.0, 1.0, true),
            Face::Alert => {
                self.content.rect(self.left - 2.0, self.y, self.columns as f32 * COLUMN + 4.0, 13.5);
                self.content.fill_nonzero();
                self.grey(1.0);
                self.text(&row.text, 0.0, 1.0, true);
                self.grey(0.0);
            }
        }
    }

    fn grey(&mut self, grey: f32) {
        self.content.set_fill_gray(grey);
        self.content.set_stroke_gray(grey);
    }

    /// Writes a row from that column on.
    fn text(&mut self, text: &str, column: f32, scale: f32, bold: bool) {
        let baseline = self.y + 3.5;
        let mut at = 0;
        for run in runs(text) {
            let x = self.left + (column + at as f32 * scale) * COLUMN;
            at += width(run);
            if run.trim().is_empty() {
                continue;
            }
            let content = &mut self.content;
            content.begin_text();
            if run.is_ascii() {
                content.set_font(if bold { COURIER_BOLD } else { COURIER_PLAIN }, COURIER * scale);
                content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, baseline]);
                content.show(Str(run.as_bytes()));
            } else {
                let utf16: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
                if bold {
                    // The font has no bold one beside it: its outline is drawn too.
                    content.set_text_rendering_mode(TextRenderingMode::FillStroke);
                    content.set_line_width(0.25);
                }
                content.set_font(SONG, CHINESE * scale);
                content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, baseline]);
                content.show(Str(&utf16));
                if bold {
                    content.set_text_rendering_mode(TextRenderingMode::Fill);
                }
            }
            content.end_text();
        }
    }

    fn qr(&mut self, address: &EslipAddress, page_width: f32) {
        let qr = Qr::of(address);
        let side = code_side(&qr);
        let module = side / (qr.side() + 2 * Qr::BORDER) as f32;
        let left = (page_width - side) / 2.0;
        // Modules are the units of this drawing, from the upper left down, which keeps its numbers short.
        self.content.save_state();
        self.content.transform([module, 0.0, 0.0, -module, left, self.y + side]);
        for (x, y, length) in qr.runs() {
            let corner = [x + Qr::BORDER, y + Qr::BORDER].map(|modules| modules as f32);
            self.content.rect(corner[0], corner[1], length as f32, 1.0);
        }
        self.content.fill_nonzero();
        self.content.restore_state();
    }
}

/// Runs of ASCII, runs of wide characters, and every other character by itself, whose width in the font
/// is not known.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let kind = |c: char| if c.is_ascii() { 1 } else { columns_of(c) + 1 };
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = kind(rest.chars().next()?);
        let end = match first {
            1 | 3 => rest.char_indices().find(|(_, c)| kind(*c) != first).map(|(at, _)| at),
            _ => rest.char_indices().nth(1).map(|(at, _)| at),
        };
        let (run, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(run)
    })
}

const COURIER_PLAIN: Name<'static> = Name(b"C");
const COURIER_BOLD: Name<'static> = Name(b"B");
const SONG: Name<'static> = Name(b"S");
const STSONG: Name<'static> = Name(b"STSong-Light");
const UNICODE: Name<'static> = Name(b"UniGB-UTF16-H");

fn document(page_box: Rect, content: &[u8], title: &str, language: Language) -> Vec<u8> {
    let [catalogue, pages, page, body, courier, bold, song, cid, descriptor, info] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalogue).pages(pages).lang(TextStr(language.pick("zh-CN", "en")));
    pdf.document_info(info).title(TextStr(title));
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.parent(pages).media_box(page_box).contents(body);
    sheet.resources().fonts().pair(COURIER_PLAIN, courier).pair(COURIER_BOLD, bold).pair(SONG, song);
    sheet.finish();
    pdf.stream(body, content);
    for (id, name) in [(courier, &b"Courier"[..]), (bold, b"Courier-Bold")] {
        pdf.type1_font(id).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let full = [STSONG.0, b"-", UNICODE.0].concat();
    pdf.type0_font(song).base_font(Name(&full)).encoding_predefined(UNICODE).descendant_font(cid);
    let collection = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"GB1"), supplement: 5 };
    pdf.cid_font(cid)
        .subtype(CidFontType::Type0)
        .base_font(STSONG)
        .system_info(collection)
        .font_descriptor(descriptor)
        .default_width(1000.0);
    // The published metrics of the font; readers that have it not choose another by them.
    pdf.font_descriptor(descriptor)
        .name(STSONG)
        .flags(FontFlags::SYMBOLIC | FontFlags::SERIF)
        .bbox(Rect::new(-25.0, -254.0, 1000.0, 880.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(880.0)
        .stem_v(93.0);
    pdf.finish()
}

#[cfg(test)]
mod tests;
