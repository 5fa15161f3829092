//! One payment whose answer was lost, at each of its moments.

use crate::{Page, Row};
use hefu_node::{Line, Story};
use hefu_tally::{Fact, Moment, Tally, View, judge::Decision, tally::IssuerHalf};

/// After the last of its facts.
const NOW: Moment = Moment(1_795_305_690_000);

/// The payment after its first `facts` facts.
fn story(facts: usize) -> Story {
    let all: Vec<(i64, Fact)> = serde_json::from_str(include_str!("fixture.json")).unwrap();
    let lines: Vec<Line> = (1_u64..)
        .zip(all.into_iter().take(facts))
        .map(|(seq, (at, fact))| Line { seq, at: Moment(at), fact })
        .collect();
    let id = "0190a6f0000070008000000000000001".parse().unwrap();
    let tally = Tally::replay(id, lines.iter().map(|line| (line.at, &line.fact))).unwrap();
    Story { duties: tally.duties(), postings: tally.postings(None).unwrap(), tally, lines }
}

fn page(facts: usize) -> Page {
    Page::of(&story(facts), NOW, &|link| format!("bank {}", link.0)).unwrap()
}

#[test]
fn a_row_says_how_both_halves_stand_and_what_is_at_risk() {
    // (facts, view, the bank's half, matched, owed, minor units at risk)
    let cases = [
        (2, View::Processing, IssuerHalf::Unknown, false, Some("find_out"), 23_332),
        (5, View::Returning, IssuerHalf::Unknown, false, Some("reverse"), 23_332),
        (9, View::Returned, IssuerHalf::Returned, true, None, 0),
    ];
    for (facts, view, issuer, matched, owed, at_risk) in cases {
        let row = Row::of(&story(facts).tally).unwrap();
        assert_eq!((row.view, row.issuer, row.matched), (view, issuer, matched), "after {facts} facts");
        assert_eq!(row.duty.map(|duty| duty.kind.name()), owed, "after {facts} facts");
        assert_eq!((row.at_risk, row.amount.minor), (at_risk, 23_332), "after {facts} facts");
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row, "a row is read as it was written");
    }
}

#[test]
fn a_page_tells_each_fact_in_both_languages_and_what_both_sides_hear() {
    let page = page(9);
    assert_eq!(page.timeline.len(), 9);
    for entry in &page.timeline {
        assert!(!entry.words.en.is_empty() && !entry.words.zh.is_ascii(), "{entry:?}");
    }
    assert!(
        page.timeline[1].words.en.contains("over bank 1") && page.timeline[1].words.zh.contains("bank 1")
    );
    let heard: Vec<&str> = page.notices.iter().map(|notice| notice.words.en.as_str()).collect();
    assert_eq!(heard.iter().filter(|word| **word == "was given back").count(), 2, "{heard:?}");
}

#[test]
fn only_decisions_that_would_change_something_are_offered() {
    let offered = |facts| page(facts).actions.iter().map(|action| action.decision).collect::<Vec<_>>();
    assert_eq!(offered(2), [], "nothing is decided while the bank is asked");
    let after = "the goods may be out all the same, or the bank may have charged all the same";
    assert_eq!(offered(9), [Decision::Has, Decision::Done], "{after}");
}
