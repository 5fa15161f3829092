use super::*;
use crate::{Copy, Language, SlipData, TransactionType, golden, lines, qr, samples, text};

/// What came out of a printer.
#[derive(Debug, Default)]
struct Paper {
    lines: Vec<PaperLine>,
    codes: Vec<String>,
    /// Rasters that follow one another are one picture: bytes of a row, and all rows.
    pictures: Vec<(usize, Vec<Vec<u8>>)>,
    cut: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PaperLine {
    text: String,
    style: Style,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    centred: bool,
    double_width: bool,
    double_height: bool,
    bold: bool,
    reverse: bool,
}

/// A printer that knows the commands of a slip and no other.
fn print(mut bytes: &[u8], columns: usize) -> Paper {
    let mut paper = Paper::default();
    let (mut style, mut line, mut stored) = (Style::default(), Vec::new(), String::new());
    assert_eq!(take(&mut bytes, 4), b"\x1B@\x1C&", "initialised, then Chinese mode");
    while let Some(&first) = bytes.first() {
        assert!(!paper.cut, "nothing comes behind the cut");
        match first {
            0x1B => match take(&mut bytes, 3) {
                [_, b'a', n @ (0 | 1)] => style.centred = *n == 1,
                [_, b'E', n @ (0 | 1)] => style.bold = *n == 1,
                [_, b'J' | b'd', _] => assert!(line.is_empty(), "fed between lines"),
                other => panic!("{other:02X?}"),
            },
            0x1D => match take(&mut bytes, 3) {
                [_, b'!', n] => {
                    (style.double_width, style.double_height) = (n & 0x10 != 0, n & 1 != 0);
                    assert_eq!(n & 0xEE, 0);
                }
                [_, b'B', n @ (0 | 1)] => style.reverse = *n == 1,
                [_, b'(', b'k'] => {
                    let length = number(&mut bytes);
                    match take(&mut bytes, length) {
                        [0x31, 0x41, 0x32, 0] | [0x31, 0x45, b'0' | b'1'] => {}
                        [0x31, 0x43, 3..=6] => {}
                        [0x31, 0x50, 0x30, content @ ..] => {
                            stored = String::from_utf8(content.to_vec()).expect("ASCII");
                        }
                        [0x31, 0x51, 0x30] => {
                            assert!(style.centred);
                            paper.codes.push(std::mem::take(&mut stored));
                        }
                        other => panic!("{other:02X?}"),
                    }
                }
                [_, b'v', b'0'] => {
                    assert_eq!(take(&mut bytes, 1), [0]);
                    let (width, height) = (number(&mut bytes), number(&mut bytes));
                    assert!(width * 8 <= columns * 12 + 7 && (1..=24).contains(&height));
                    let dots = take(&mut bytes, width * height);
                    if paper.pictures.is_empty() {
                        paper.pictures.push((width, Vec::new()));
                    }
                    let picture = paper.pictures.last_mut().expect("there is one");
                    assert_eq!(picture.0, width);
                    picture.1.extend(dots.chunks(width).map(<[u8]>::to_vec));
                }
                [_, b'V', b'B'] => {
                    take(&mut bytes, 1);
                    paper.cut = true;
                }
                other => panic!("{other:02X?}"),
            },
            b'\n' => {
                take(&mut bytes, 1);
                let (text, _, bad) = GB18030.decode(&line);
                assert!(!bad, "{line:02X?}");
                let taken = width(&text) * if style.double_width { 2 } else { 1 };
                assert!(taken <= columns, "{text:?} runs over the edge");
                paper.lines.push(PaperLine { text: text.into_owned(), style });
                line.clear();
            }
            _ => {
                assert!(first >= 0x20, "{first:02X} is no text");
                // The second byte of a Chinese character is none of a command.
                let length = if first < 0x80 { 1 } else { 2 };
                line.extend_from_slice(take(&mut bytes, length));
            }
        }
    }
    assert!(line.is_empty() && stored.is_empty() && style == Style::default(), "all is finished");
    paper
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn number(bytes: &mut &[u8]) -> usize {
    let low_high = take(bytes, 2);
    usize::from(u16::from_le_bytes([low_high[0], low_high[1]]))
}

const PRINTERS: [Printer; 4] = [
    Printer { width: Width::Mm58, qr: QrBy::Command, end: End::Cut },
    Printer { width: Width::Mm58, qr: QrBy::Raster, end: End::Tear },
    Printer { width: Width::Mm80, qr: QrBy::Command, end: End::Tear },
    Printer { width: Width::Mm80, qr: QrBy::Raster, end: End::Cut },
];

/// Lines without the blanks that put them in their place.
fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    lines.map(str::trim).collect()
}

#[test]
fn what_is_printed_is_what_the_text_says() {
    for (lines, _) in samples::all_lines() {
        for printer in PRINTERS {
            let paper = print(&escpos(&lines, printer), printer.width.columns());
            let text = text::render(&lines, printer.width.columns());
            let printed = paper.lines.iter().map(|line| line.text.as_str());
            assert_eq!(trimmed(printed), trimmed(text.lines()));
            for (line, text) in paper.lines.iter().zip(text.lines()) {
                assert!(line.style.centred || line.text == text, "every blank stands where it stood");
            }
            assert_eq!(paper.cut, printer.end == End::Cut);
        }
    }
}

fn printed(fields: crate::SlipFields, printer: Printer) -> Paper {
    let data = SlipData::new(fields).expect("fields agree");
    print(&escpos(&lines(&data, Copy::Merchant, Language::Zh), printer), printer.width.columns())
}

#[test]
fn the_code_is_printed_by_command_or_as_dots() {
    for address in [samples::sale().eslip.expect("an address"), qr::tests::longest()] {
        for printer in PRINTERS {
            let fields = crate::SlipFields { eslip: Some(address.clone()), ..samples::sale() };
            let paper = printed(fields, printer);
            match printer.qr {
                QrBy::Command => assert_eq!(paper.codes, [address.qr_content()]),
                QrBy::Raster => {
                    let (width, rows) = &paper.pictures[0];
                    let side = rows.len();
                    assert_eq!(side.div_ceil(8), *width, "square");
                    let dark = |x: usize, y: usize| rows[y][x / 8] >> (7 - x % 8) & 1 == 1;
                    assert_eq!(qr::tests::read(side, dark), address.qr_content());
                }
            }
        }
    }
}

#[test]
fn what_matters_is_large_and_what_does_not_stand_is_white_on_black() {
    let large = Style { bold: true, double_height: true, ..Style::default() };
    let alert = Style { reverse: true, ..large };
    let title = Style { centred: true, double_width: true, double_height: true, ..Style::default() };
    let style = |fields, text: &str| {
        let paper = printed(fields, PRINTERS[0]);
        let line = paper.lines.iter().find(|line| line.text.contains(text));
        line.unwrap_or_else(|| panic!("no {text}")).style
    };
    for (fields, text, expected) in [
        (samples::sale(), "签购单", title),
        (samples::sale(), "CNY 128.50", large),
        (samples::sale(), "交易成功", large),
        (samples::sale(), "消费", Style::default()),
        (samples::duplicate(), "DUPLICATE", large),
        (samples::duplicate(), "TEST, NOT VALID", large),
        (samples::unknown(), "请勿重刷", alert),
        (samples::returned(), "已退回", alert),
        (samples::declined(), "交易被拒绝", alert),
        (samples::part_approved(), "部分批准", alert),
    ] {
        assert_eq!(style(fields, text), expected, "{text}");
    }
}

#[test]
fn no_text_can_drive_the_printer() {
    let line = Line::Text("a\u{1b}@\u{1d}V\0b\u{7f}é\u{80}".to_owned());
    let paper = print(&escpos(&[line], PRINTERS[0]), 32);
    assert_eq!(paper.lines[0].text, "a?@?V?b???");
}

#[test]
fn a_character_takes_the_columns_that_it_was_given() {
    // ñ is one column wide in the setting and two in Chinese mode; U+E5E5 is in no code page.
    for (text, printed) in [("符", "符"), ("·", "·"), ("ñ", "?"), ("\u{e5e5}", "？")] {
        let paper = print(&escpos(&[Line::Text(text.to_owned())], PRINTERS[0]), 32);
        assert_eq!(paper.lines[0].text, printed, "{text}");
        assert_eq!(width(printed), width(text), "{text}");
    }
}

/// One line of the file for each line on paper, so that a reviewer sees the commands between them.
fn readable(bytes: &[u8]) -> String {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| format!("{}\n", line.escape_ascii())).collect()
}

#[test]
fn the_bytes_of_a_sale_an_unknown_and_a_settlement_are_known() {
    let slip = |fields, copy, language| lines(&SlipData::new(fields).expect("fields agree"), copy, language);
    let sale = slip(samples::sale(), Copy::Merchant, Language::Zh);
    golden::check("escpos-sale", &readable(&escpos(&sale, PRINTERS[0])));
    let unknown = slip(samples::unknown(), Copy::Cardholder, Language::En);
    golden::check("escpos-unknown", &readable(&escpos(&unknown, PRINTERS[2])));
    let settled = crate::settlement_lines(&samples::unbalanced(), Language::Zh);
    golden::check("escpos-settlement", &readable(&escpos(&settled, PRINTERS[3])));
}

#[test]
fn every_mark_is_printed_on_every_form() {
    for mark in [crate::Mark::Duplicate, crate::Mark::Test, crate::Mark::Training] {
        let mut fields = samples::sale();
        fields.marks.insert(mark);
        fields.transaction = TransactionType::Sale;
        let word = crate::Word::of_mark(mark).en();
        let paper = printed(fields, PRINTERS[0]);
        assert!(paper.lines.iter().any(|line| line.text.contains(word)), "{word}");
    }
}
