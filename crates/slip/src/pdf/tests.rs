use std::{fs, process::Command};

use super::*;
use crate::{Copy, SlipData, SlipFields, lines, qr, samples, text};

/// A word shown on the page: its font, where it begins (points from the lower left), and its text.
struct Shown {
    font: String,
    x: f32,
    y: f32,
    text: String,
}

/// Reads the operators of the page, which is not compressed.
fn shown(pdf: &[u8]) -> Vec<Shown> {
    let begin = find(pdf, b"stream\n") + 7;
    let content = &pdf[begin..begin + find(&pdf[begin..], b"\nendstream")];
    let (mut font, mut at, mut found) = (String::new(), (0.0, 0.0), Vec::new());
    let mut rest = content;
    let mut operands: Vec<String> = Vec::new();
    while let Some(&first) = rest.first() {
        let (token, length) = match first {
            b' ' | b'\n' => (None, 1),
            b'(' | b'<' => {
                let (bytes, length) = string(rest);
                let text = if font == "S" { utf16(&bytes) } else { String::from_utf8(bytes).expect("ASCII") };
                (Some(text), length)
            }
            _ => {
                let length = rest.iter().position(|b| b" \n(<".contains(b)).unwrap_or(rest.len());
                (Some(String::from_utf8_lossy(&rest[..length]).into_owned()), length)
            }
        };
        rest = &rest[length..];
        let Some(token) = token else { continue };
        let number = |back: usize| operands[operands.len() - back].parse::<f32>().expect("a number");
        match token.as_str() {
            "Tf" => font = operands[operands.len() - 2].trim_start_matches('/').to_owned(),
            "Tm" => at = (number(2), number(1)),
            "Tj" => found.push(Shown {
                font: font.clone(),
                x: at.0,
                y: at.1,
                text: operands.last().expect("a string").clone(),
            }),
            _ => {
                operands.push(token);
                continue;
            }
        }
        operands.clear();
    }
    found
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it is there")
}

/// A string in brackets or in hexadecimal, and how long it is as written.
fn string(bytes: &[u8]) -> (Vec<u8>, usize) {
    if bytes[0] == b'<' {
        let end = bytes.iter().position(|b| *b == b'>').expect("it ends");
        let digits = std::str::from_utf8(&bytes[1..end]).expect("hexadecimal");
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
        return ((0..digits.len()).step_by(2).map(byte).collect(), end + 1);
    }
    let (mut text, mut depth, mut at) = (Vec::new(), 1, 1);
    loop {
        match bytes[at] {
            b'\\' => {
                at += 1;
                text.push(match bytes[at] {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'f' => 0x0C,
                    b'0'..=b'3' => {
                        let octal = std::str::from_utf8(&bytes[at..at + 3]).expect("three digits");
                        at += 2;
                        u8::from_str_radix(octal, 8).expect("octal")
                    }
                    other => other,
                });
            }
            byte => {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                if depth == 0 {
                    return (text, at + 1);
                }
                text.push(byte);
            }
        }
        at += 1;
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).expect("UTF-16")
}

/// Rows from top to bottom, each word at its column.
fn rows(words: &[Shown], left: f32) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = Vec::new();
    for word in words {
        if rows.last().is_none_or(|(y, _)| *y != word.y) {
            rows.push((word.y, String::new()));
        }
        let (_, row) = rows.last_mut().expect("one was put there");
        let column = ((word.x - left) / COLUMN).round() as usize;
        *row += &" ".repeat(column.saturating_sub(width(row)));
        *row += &word.text;
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn the_page_shows_what_the_text_says_column_by_column() {
    for (lines, language) in samples::all_lines() {
        for (paper, millimetres) in [(Width::Mm58, 58.0), (Width::Mm80, 80.0)] {
            let words = shown(&pdf(&lines, paper, language));
            assert!(words.iter().all(|word| word.font == "S" || word.text.is_ascii()));
            let left = (millimetres * POINTS_PER_MM - paper.columns() as f32 * COLUMN) / 2.0;
            let text = text::render(&lines, paper.columns());
            let titles: Vec<&str> = lines
                .iter()
                .filter_map(|line| if let Line::Title(title) = line { Some(title.as_str()) } else { None })
                .collect();
            let written = text.lines().filter(|line| !line.is_empty());
            for (found, expected) in rows(&words, left).iter().zip(written.clone()) {
                // A title is larger, so it begins elsewhere.
                if titles.contains(&expected.trim()) {
                    assert_eq!(found.replace(' ', ""), expected.replace(' ', ""));
                } else {
                    assert_eq!(found.trim_end(), expected.trim_end());
                }
            }
            assert_eq!(rows(&words, left).len(), written.count());
            assert!(words.iter().all(|word| word.y > 0.0 && word.x >= 0.0));
        }
    }
}

fn sample(fields: SlipFields) -> Vec<u8> {
    let data = SlipData::new(fields).expect("fields agree");
    pdf(&lines(&data, Copy::Merchant, Language::Zh), Width::Mm58, Language::Zh)
}

#[test]
fn the_same_slip_gives_the_same_bytes_and_brings_no_font() {
    let pdf = sample(samples::chip());
    assert_eq!(pdf, sample(samples::chip()));
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.len() < 40_000, "{} bytes", pdf.len());
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.contains("/UniGB-UTF16-H") && !text.contains("FontFile"));
}

/// A program of poppler-utils on a file, or nothing where it is not installed.
fn poppler(program: &str, pdf: &[u8], options: &[&str], to: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("slip.pdf");
    fs::write(&file, pdf).expect("it can be written");
    let ran = Command::new(program).args(options).arg(&file).args(to).output().ok()?;
    assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    Some(ran.stdout)
}

#[test]
fn another_program_reads_the_text_where_there_is_one() {
    for fields in samples::all() {
        let data = SlipData::new(fields.clone()).expect("fields agree");
        let lines = lines(&data, Copy::Merchant, Language::Zh);
        let expected = text::render(&lines, 32);
        let Some(found) = poppler("pdftotext", &sample(fields), &["-layout"], &["-"]) else { return };
        let found = String::from_utf8(found).expect("UTF-8");
        let plain = |text: &str| text.replace(|c: char| c.is_whitespace(), "");
        assert_eq!(plain(&found), plain(&expected));
    }
}

#[test]
fn the_code_on_the_page_is_read_where_there_is_a_program_that_draws_it() {
    for address in [samples::sale().eslip.expect("an address"), qr::tests::longest()] {
        let pdf = sample(SlipFields { eslip: Some(address.clone()), ..samples::sale() });
        let Some(picture) = poppler("pdftoppm", &pdf, &["-gray", "-r", "600", "-singlefile"], &[]) else {
            return;
        };
        let (width, height, grey) = pgm(&picture);
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().expect("it is read").1, address.qr_content());
    }
}

/// Width, height and the bytes of a grey picture (PGM, P5).
fn pgm(bytes: &[u8]) -> (usize, usize, &[u8]) {
    let mut parts = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut word = || std::str::from_utf8(parts.next().expect("a header")).expect("ASCII");
    assert_eq!(word(), "P5");
    let (width, height) = (word().parse().expect("a width"), word().parse().expect("a height"));
    let rest = parts.next().expect("a depth and dots");
    let begin = rest.iter().position(|byte| byte.is_ascii_whitespace()).expect("behind the depth") + 1;
    (width, height, &rest[begin..])
}
