//! What nobody may overlook is seen in every form of a slip.

use crate::{samples, *};

const PAPER: Width = Width::Mm58;

fn laid_out(fields: &SlipFields) -> Vec<Line> {
    let data = SlipData::new(fields.clone()).expect("fields agree");
    lines(&data, Copy::Cardholder, Language::En)
}

/// The text behind each prominent place, per form: text, page, printer, PDF.
fn forms(lines: &[Line]) -> (String, String, Vec<u8>, Vec<u8>) {
    let printer = Printer { width: PAPER, qr: QrBy::Command, end: End::Cut };
    (plain(lines, PAPER), html(lines, Language::En), escpos(lines, printer), pdf(lines, PAPER, Language::En))
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn every_form_shows_every_mark() {
    for mark in [Mark::Duplicate, Mark::Test, Mark::Training] {
        let word = Word::of_mark(mark).en();
        for (is_marked, marks) in [(true, [mark].into()), (false, [].into())] {
            let fields = SlipFields { marks, ..samples::sale() };
            let (text, page, printed, pdf) = forms(&laid_out(&fields));
            let at_top = text.lines().take(3).any(|line| line.contains(word) && line.contains("***"));
            assert_eq!(at_top, is_marked, "{word}");
            assert_eq!(page.contains("<p class=\"slip-mark\"><strong role=\"alert\">"), is_marked, "{word}");
            assert_eq!(holds(&printed, word), is_marked, "{word}");
            assert_eq!(holds(&pdf, word), is_marked, "{word}");
            let signed = signed::tests::sign(&fields);
            let is_signed = signed.unchecked().marks().any(|signed| signed == mark);
            assert_eq!(is_signed, is_marked && mark != Mark::Duplicate, "{word}");
        }
    }
}

#[test]
fn every_form_makes_every_status_but_an_approval_prominent() {
    let code = Decline::by_bank(*b"51").expect("a decline");
    let statuses = [
        (Status::Approved, Word::Approved),
        (Status::PartApproved { requested: 99_999 }, Word::PartApproved),
        (Status::Declined { code }, Word::Declined),
        (Status::Unknown, Word::Unknown),
        (Status::Returning, Word::Returning),
        (Status::Returned, Word::Returned),
        (Status::Voided, Word::Voided),
        (Status::UnderReview, Word::UnderReview),
    ];
    for (status, word) in statuses {
        let prominent = status != Status::Approved;
        let word = word.en();
        let (text, page, printed, pdf) = forms(&laid_out(&SlipFields { status, ..samples::sale() }));
        let bar = "=".repeat(PAPER.columns());
        let framed = text.split(&bar).nth(1).is_some_and(|between| between.contains(word));
        assert_eq!(framed, prominent, "{word}");
        assert!(text.contains(word), "{word}");
        assert_eq!(page.contains(&format!("<strong role=\"alert\">{word}</strong>")), prominent, "{word}");
        assert_eq!(holds(&printed, "\u{1d}B\u{1}"), prominent, "{word}: white on black");
        assert!(holds(&printed, word), "{word}");
        assert_eq!(holds(&pdf, "\n1 g\n"), prominent, "{word}: white on black");
        assert!(holds(&pdf, word), "{word}");
    }
}
