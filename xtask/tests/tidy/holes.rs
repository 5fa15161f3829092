//! `docs/holes.md` names, for each hole, where it is closed and which tests watch it: all of that exists.

use crate::{assert_none, tree};
use std::collections::BTreeSet;

const PAGE: &str = "docs/holes.md";
/// How many holes there are.
const HOLES: usize = 17;

/// What stands between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_path(word: &str) -> bool {
    word.contains('/')
}

/// A test's name: a sentence, not a type or a short word.
fn is_test(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && word.matches('_').count() >= 2
}

/// The names of all tests of the tree.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in tree::texts().iter().filter(|file| file.is_rust()) {
        let mut is_marked = false;
        for line in file.content.lines().map(str::trim) {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            match name.and_then(|rest| rest.split(['(', '<']).next()) {
                Some(name) if is_marked => {
                    names.insert(name.to_owned());
                    is_marked = false;
                }
                Some(_) | None => is_marked |= line.contains("test]") || line.contains("test("),
            }
        }
    }
    names
}

#[test]
fn every_hole_names_a_place_and_tests_that_exist() {
    let (texts, tests) = (tree::texts(), tests());
    let page = texts.iter().find(|text| text.path == PAGE).expect("the page is there");
    let (mut findings, mut holes) = (Vec::new(), 0);
    for (number, line) in page.content.lines().enumerate() {
        if !line.starts_with("| ") || line.starts_with("| # ") || line.starts_with("| rule ") {
            continue;
        }
        holes += usize::from(line.trim_start_matches("| ").starts_with(|c: char| c.is_ascii_digit()));
        let mut finding = |what: String| findings.push(format!("{PAGE}:{}: {what}", number + 1));
        let words: Vec<&str> = quoted(line).collect();
        if !words.iter().any(|word| is_path(word)) || !words.iter().any(|word| is_test(word)) {
            finding("names no place or no test".into());
        }
        for word in words {
            if is_path(word) && !texts.iter().any(|text| text.path == word) {
                finding(format!("there is no {word}"));
            }
            if is_test(word) && !tests.contains(word) {
                finding(format!("there is no test {word}"));
            }
        }
    }
    assert_none(&findings);
    assert_eq!(holes, HOLES, "each hole has its line");
}
