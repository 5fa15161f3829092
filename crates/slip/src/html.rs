//! A slip as a piece of a page. It brings classes and no style, so that it stands under a strict content
//! security policy; every text is escaped.

use crate::{data::Language, page::Line, qr::Qr};

/// An `article` with the lines: headings, lists of terms, a table for totals, the code as a picture. What
/// nobody may overlook is announced as such to a reader that speaks.
///
/// Classes: `slip`, `slip-title`, `slip-subtitle`, `slip-mark`, `slip-rule`, `slip-pairs` with `slip-pair`,
/// `slip-amount`, `slip-status` and `slip-alert` in it, `slip-totals`, `slip-text`, `slip-signature`,
/// `slip-code` with `slip-qr` and `slip-address` in it.
pub fn html(lines: &[Line], language: Language) -> String {
    let mut out = format!("<article class=\"slip\" lang=\"{}\">\n", language.pick("zh-CN", "en"));
    let mut titles = 0;
    for block in lines.chunk_by(|a, b| kind(a) == kind(b)) {
        let (open, close) = match block.first().map(kind) {
            Some(Kind::Pairs) => ("<dl class=\"slip-pairs\">\n", "</dl>\n"),
            Some(Kind::Totals) => ("<table class=\"slip-totals\">\n", "</table>\n"),
            Some(Kind::Alone) | None => ("", ""),
        };
        out += open;
        for line in block {
            titles += usize::from(matches!(line, Line::Title(_)));
            out += &element(line, titles == 1);
        }
        out += close;
    }
    out + "</article>\n"
}

/// Text in which nothing is taken for markup, between tags and within a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(c),
        }
    }
    out
}

/// Lines of one kind that follow one another share an element around them.
#[derive(PartialEq, Eq)]
enum Kind {
    Pairs,
    Totals,
    Alone,
}

fn kind(line: &Line) -> Kind {
    match line {
        Line::Pair { .. } | Line::Amount { .. } | Line::Status { .. } | Line::Alert { .. } => Kind::Pairs,
        Line::Row { .. } => Kind::Totals,
        Line::Title(_)
        | Line::Mark(_)
        | Line::Rule
        | Line::Text(_)
        | Line::Signature { .. }
        | Line::Qr { .. } => Kind::Alone,
    }
}

fn element(line: &Line, first_title: bool) -> String {
    match line {
        Line::Title(title) if first_title => format!("<h2 class=\"slip-title\">{}</h2>\n", escaped(title)),
        Line::Title(title) => format!("<h2 class=\"slip-subtitle\">{}</h2>\n", escaped(title)),
        Line::Mark(mark) => {
            format!("<p class=\"slip-mark\"><strong role=\"alert\">{}</strong></p>\n", escaped(mark))
        }
        Line::Rule => "<hr class=\"slip-rule\">\n".to_owned(),
        Line::Pair { label, value } => pair("slip-pair", label, &escaped(value)),
        Line::Amount { label, value } => {
            pair("slip-amount", label, &format!("<strong>{}</strong>", escaped(value)))
        }
        Line::Status { label, value } => {
            pair("slip-status", label, &format!("<strong>{}</strong>", escaped(value)))
        }
        Line::Alert { label, value } => {
            pair("slip-alert", label, &format!("<strong role=\"alert\">{}</strong>", escaped(value)))
        }
        Line::Row { label, count, amount } => totals(label, count, amount),
        Line::Text(text) => format!("<p class=\"slip-text\">{}</p>\n", escaped(text)),
        Line::Signature { label } => {
            let label = escaped(label);
            format!("<p class=\"slip-signature\">{label} <span class=\"slip-signature-line\"></span></p>\n")
        }
        Line::Qr { caption, address } => {
            let (shown, picture) = (escaped(address.as_str()), Qr::of(address).svg(caption));
            format!(
                "<figure class=\"slip-code\">{picture}<figcaption>{}<br><a class=\"slip-address\" \
                 href=\"{shown}\" rel=\"noreferrer\">{shown}</a></figcaption></figure>\n",
                escaped(caption)
            )
        }
    }
}

fn pair(class: &str, label: &str, value: &str) -> String {
    format!("<div class=\"{class}\"><dt>{}</dt><dd>{value}</dd></div>\n", escaped(label))
}

/// A row without a figure is the head of the columns.
fn totals(label: &str, count: &str, amount: &str) -> String {
    let is_head = !amount.contains(|c: char| c.is_ascii_digit());
    let [label, count, amount] = [label, count, amount].map(escaped);
    if is_head {
        let columns = [label, count, amount].map(|column| format!("<th scope=\"col\">{column}</th>"));
        format!("<tr>{}</tr>\n", columns.concat())
    } else {
        format!("<tr><th scope=\"row\">{label}</th><td>{count}</td><td>{amount}</td></tr>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        SlipData, golden, lines,
        properties::{content, without_fillers},
        samples,
    };

    /// Tags in order, so that what is opened is closed, and the text between them.
    fn read(html: &str) -> String {
        let (mut open, mut text) = (Vec::new(), String::new());
        for part in html.split_inclusive('>') {
            let (before, tag) = part.split_once('<').unwrap_or((part, ""));
            text += before;
            let tag = tag.trim_end_matches('>');
            let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
            match name.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop().as_deref(), Some(closed), "{html}"),
                None if name.is_empty() || tag.ends_with('/') || ["br", "hr"].contains(&name.as_str()) => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?} stay open");
        let unescaped = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        unescaped.iter().fold(text, |text, (from, to)| text.replace(from, to)).replace([' ', '\n'], "")
    }

    #[test]
    fn a_page_says_all_that_the_lines_say() {
        for (lines, language) in samples::all_lines() {
            let page = html(&lines, language);
            assert_eq!(without_fillers(&read(&page)), content(&lines));
            for forbidden in ["style", "<script", "onclick", "javascript:"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn a_reviewer_can_read_the_page_of_a_part_approval_and_of_a_settlement() {
        let data = SlipData::new(samples::part_approved()).expect("fields agree");
        let sale = html(&lines(&data, crate::Copy::Merchant, Language::En), Language::En);
        let totals = crate::settlement_lines(&samples::unbalanced(), Language::Zh);
        golden::check("html", &format!("{sale}{}", html(&totals, Language::Zh)));
    }

    #[test]
    fn a_name_that_looks_like_markup_stays_text() {
        let mut fields = samples::sale();
        fields.till.name.en = Some(samples::printable("<script>alert('&\"x\"')</script>"));
        let data = SlipData::new(fields).expect("fields agree");
        let page = html(&lines(&data, crate::Copy::Cardholder, Language::En), Language::En);
        assert!(page.contains("<dd>&lt;script&gt;alert(&#39;&amp;&quot;x&quot;&#39;)&lt;/script&gt;</dd>"));
        assert!(!page.contains("<script"));
    }

    #[test]
    fn a_reader_that_speaks_is_alerted_to_marks_and_to_what_does_not_stand() {
        let page = |fields| {
            let data = SlipData::new(fields).expect("fields agree");
            html(&lines(&data, crate::Copy::Cardholder, Language::Zh), Language::Zh)
        };
        assert_eq!(page(samples::sale()).matches("role=\"alert\"").count(), 0);
        assert_eq!(page(samples::duplicate()).matches("role=\"alert\"").count(), 2);
        let returned = page(samples::returned());
        assert!(
            returned.contains("<div class=\"slip-alert\"><dt>交易状态</dt><dd><strong role=\"alert\">已退回")
        );
    }
}
