//! From lines to monospaced text of a given width. What is too long is wrapped, never cut.
//!
//! Chinese printers draw characters of ambiguous width, such as `·` and `×`, in a double cell, so
//! they count two columns.

use unicode_width::UnicodeWidthChar;

use crate::{fields::EslipAddress, page::Line};

/// Renders the lines; each ends with a line feed and is at most `columns` wide.
pub(crate) fn render(lines: &[Line], columns: usize) -> String {
    let mut text = String::new();
    for piece in set(lines, columns) {
        if let Piece::Row(row) = piece {
            text.push_str(&row.text);
            text.push('\n');
        }
    }
    text
}

/// What stands on the paper, from top to bottom. Text, printer commands and PDF draw the same pieces, so
/// they cannot differ in content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Row(Row),
    /// A QR code, where one can be drawn; its address stands below it in rows.
    Qr(EslipAddress),
}

/// One row of the paper, with the blanks that put it in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub face: Face,
    pub text: String,
}

/// How a row is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Plain,
    /// Large, in the middle.
    Title,
    Mark,
    Amount,
    Status,
    Alert,
    /// Empty, with room for a hand to sign.
    Room,
}

/// Breaks the lines into rows of at most `columns`.
pub(crate) fn set(lines: &[Line], columns: usize) -> Vec<Piece> {
    assert!(columns >= 32, "no paper of this trade is narrower than 32 columns");
    let mut paper = Paper { columns, face: Face::Plain, pieces: Vec::new() };
    for line in lines {
        paper.face = Face::Plain;
        match line {
            Line::Title(title) => {
                paper.face = Face::Title;
                paper.centred(title);
            }
            Line::Mark(mark) => {
                paper.face = Face::Mark;
                paper.centred(&format!("*** {mark} ***"));
            }
            Line::Rule => paper.rule('-'),
            Line::Pair { label, value } => paper.pair(label, value),
            Line::Amount { label, value } => {
                assert!(width(value) <= columns, "an amount always fits the narrowest paper");
                paper.face = Face::Amount;
                paper.pair(label, value);
            }
            Line::Status { label, value } => {
                paper.face = Face::Status;
                paper.pair(label, value);
            }
            Line::Alert { label, value } => {
                paper.rule('=');
                paper.face = Face::Alert;
                paper.pair(label, value);
                paper.face = Face::Plain;
                paper.rule('=');
            }
            Line::Row { label, count, amount } => paper.row(label, count, amount),
            Line::Text(text) => paper.left(text),
            Line::Signature { label } => {
                paper.left(label);
                paper.face = Face::Room;
                paper.put("");
                paper.face = Face::Plain;
                paper.rule('_');
            }
            Line::Qr { caption, address } => {
                paper.left(caption);
                paper.pieces.push(Piece::Qr(address.clone()));
                paper.left(address.as_str());
            }
        }
    }
    paper.pieces
}

/// Columns that the text takes on paper, where every character has its own cell: a plain sum, so
/// joining two texts never takes more room than both.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

pub(crate) fn columns_of(c: char) -> usize {
    c.width_cjk().unwrap_or(0)
}

/// Breaks at blanks and between wide characters, never before closing punctuation or after an
/// opening bracket; inside a word only if it alone is wider than the paper. Runs of blanks
/// become one.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut blank = if line.is_empty() { "" } else { " " };
        for piece in pieces(word) {
            if width(&line) + blank.len() + width(piece) <= columns {
                line.push_str(blank);
                line.push_str(piece);
            } else {
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for c in piece.chars() {
                    if width(&line) + columns_of(c) > columns {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(c);
                }
            }
            blank = "";
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

struct Paper {
    columns: usize,
    face: Face,
    pieces: Vec<Piece>,
}

impl Paper {
    fn put(&mut self, line: &str) {
        assert!(width(line) <= self.columns, "no line is wider than the paper");
        self.pieces.push(Piece::Row(Row { face: self.face, text: line.to_owned() }));
    }

    fn rule(&mut self, drawn: char) {
        self.put(&String::from(drawn).repeat(self.columns));
    }

    fn left(&mut self, text: &str) {
        for line in wrap(text, self.columns) {
            self.put(&line);
        }
    }

    fn centred(&mut self, text: &str) {
        for line in wrap(text, self.columns) {
            let margin = " ".repeat((self.columns - width(&line)) / 2);
            self.put(&format!("{margin}{line}"));
        }
    }

    fn right(&mut self, text: &str) {
        for line in wrap(text, self.columns) {
            let margin = " ".repeat(self.columns - width(&line));
            self.put(&format!("{margin}{line}"));
        }
    }

    /// On one line if both fit with a blank between them, else on lines of their own.
    fn pair(&mut self, label: &str, value: &str) {
        let taken = width(label) + width(value);
        if taken < self.columns {
            self.put(&format!("{label}{}{value}", " ".repeat(self.columns - taken)));
        } else {
            self.left(label);
            self.right(value);
        }
    }

    /// The count ends where the column of amounts begins, unless an amount is too long for it.
    fn row(&mut self, label: &str, count: &str, amount: &str) {
        const AMOUNT_COLUMNS: usize = 16;
        let gap = " ".repeat(1 + AMOUNT_COLUMNS.saturating_sub(width(amount)));
        let figures = format!("{count}{gap}{amount}");
        let taken = width(label) + width(&figures);
        if taken < self.columns {
            self.put(&format!("{label}{}{figures}", " ".repeat(self.columns - taken)));
        } else if width(&figures) <= self.columns {
            self.left(label);
            self.put(&format!("{}{figures}", " ".repeat(self.columns - width(&figures))));
        } else {
            self.left(label);
            self.right(count);
            self.right(amount);
        }
    }
}

/// The parts of a word that stay together.
fn pieces(word: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in word.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            pieces.push(&word[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&word[start..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    let opening = matches!(before, '（' | '《' | '「' | '『' | '【' | '(');
    let closing = matches!(
        after,
        '，' | '。' | '、' | '；' | '：' | '！' | '？' | '）' | '》' | '」' | '』' | '】' | ')'
    );
    (wide(before) || wide(after)) && !opening && !closing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_wrap(text: &str, columns: usize, expected: &[&str]) {
        assert_eq!(wrap(text, columns), expected, "{text:?} at {columns}");
    }

    #[test]
    fn english_breaks_at_blanks_and_a_long_word_inside() {
        check_wrap("do not charge again", 10, &["do not", "charge", "again"]);
        check_wrap("do not charge", 13, &["do not charge"]);
        check_wrap("  do   not  ", 10, &["do not"]);
        check_wrap("an abcdefghijklm x", 6, &["an", "abcdef", "ghijkl", "m x"]);
        check_wrap("", 6, &[]);
        check_wrap("   ", 6, &[]);
    }

    #[test]
    fn chinese_breaks_between_characters_but_not_before_closing_punctuation() {
        check_wrap("结果未知请勿重刷", 6, &["结果未", "知请勿", "重刷"]);
        check_wrap("结果未知请勿重刷", 7, &["结果未", "知请勿", "重刷"]);
        check_wrap("结果未，请勿", 6, &["结果", "未，请", "勿"]);
        check_wrap("完成(通知)", 6, &["完成", "(通知)"]);
        check_wrap("获批CNY金额", 6, &["获批", "CNY金", "额"]);
        check_wrap("，，，，", 6, &["，，，", "，"]);
    }

    #[test]
    fn ambiguous_characters_take_two_columns_as_on_a_chinese_printer() {
        assert_eq!(width("·×"), 4);
        check_wrap("a·b", 4, &["a·b"]);
        check_wrap("a·b", 3, &["a·", "b"]);
    }

    #[test]
    fn wrapping_loses_and_adds_nothing_but_blanks() {
        let text =
            "合符测试商户 Hefu Test Store（上海）Nanjing Road 1234567890123456789012345678901234567890 号";
        for columns in 2..60 {
            let lines = wrap(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""), "{columns}");
        }
    }

    fn check_render(line: Line, expected: &str) {
        assert_eq!(render(&[line], 32), expected);
    }

    fn pair(label: &str, value: &str) -> Line {
        Line::Pair { label: label.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_pair_shares_a_line_only_if_a_blank_fits_between() {
        check_render(pair("卡号", "x"), &format!("卡号{}x\n", " ".repeat(27)));
        check_render(pair("ab", &"x".repeat(29)), &format!("ab {}\n", "x".repeat(29)));
        check_render(pair("ab", &"x".repeat(30)), &format!("ab\n  {}\n", "x".repeat(30)));
        check_render(pair("ab", &"x".repeat(34)), &format!("ab\n{}\n{}xx\n", "x".repeat(32), " ".repeat(30)));
    }

    #[test]
    fn rows_keep_their_columns_and_give_way_to_long_figures() {
        let row = |label: &str, count: &str, amount: &str| Line::Row {
            label: label.to_owned(),
            count: count.to_owned(),
            amount: amount.to_owned(),
        };
        check_render(row("Sale", "12", "1,234.00"), "Sale         12         1,234.00\n");
        check_render(
            row("Pre-authorisation void", "12", "1,234.00"),
            "Pre-authorisation void\n             12         1,234.00\n",
        );
        check_render(
            row("Sale", "4294967295", "92,233,720,368,547,758.07"),
            "Sale\n                      4294967295\n       92,233,720,368,547,758.07\n",
        );
    }

    #[test]
    fn titles_and_marks_stand_in_the_middle() {
        check_render(Line::Title("签购单".to_owned()), &format!("{}签购单\n", " ".repeat(13)));
        check_render(Line::Mark("训练 / TRAINING".to_owned()), "    *** 训练 / TRAINING ***\n");
    }
}
