//! Files stay short, lines stay readable, and nothing is left half done.

use crate::assert_none;
use crate::tree::{Text, texts};

const MOST_LINES: usize = 600;
const WIDEST: usize = 120;

#[test]
fn no_source_file_is_long_and_no_line_is_wide() {
    assert_none(&texts().iter().flat_map(size_findings).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_half_done() {
    assert_none(&texts().iter().flat_map(half_done).collect::<Vec<_>>());
}

fn size_findings(text: &Text) -> Vec<String> {
    let Text { path, content } = text;
    let mut found = Vec::new();
    let lines = content.lines().count();
    if path.starts_with("crates/") && path.contains("/src/") && lines > MOST_LINES {
        found.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
    }
    if text.is_rust() {
        let wide = content.lines().enumerate().map(|(i, line)| (i + 1, width(line)));
        let wide = wide.filter(|(_, width)| *width > WIDEST);
        found.extend(wide.map(|(line, width)| format!("{path}:{line}: {width} columns, at most {WIDEST}")));
    }
    found
}

/// Columns outside of string literals: a vector or a sentence in quotes is not broken for the margin's sake.
fn width(line: &str) -> usize {
    let outside = line.split('"').step_by(2);
    outside.map(|part| part.chars().count()).sum()
}

fn half_done(text: &Text) -> Vec<String> {
    if !text.is_rust() {
        return Vec::new();
    }
    // Put together here, so that this file does not find itself.
    let banned =
        [["todo", "!("], ["unimplemented", "!("], ["FIX", "ME"], ["#[ig", "nore"]].map(|p| p.concat());
    let lines = text.content.lines().enumerate();
    lines
        .flat_map(|(i, line)| {
            banned.iter().filter(move |word| line.contains(*word)).map(move |word| (i, word))
        })
        .map(|(i, word)| format!("{}:{}: `{word}`", text.path, i + 1))
        .collect()
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let text = |path: &str, content: String| Text { path: path.to_owned(), content };
    let long = text("crates/x/src/a.rs", "\n".repeat(MOST_LINES + 1));
    assert_eq!(size_findings(&long), ["crates/x/src/a.rs: 601 lines, at most 600"]);
    assert!(size_findings(&text("crates/x/tests/a.rs", "\n".repeat(MOST_LINES + 1))).is_empty());
    let wide = text("a.rs", format!("ok\n{}", "合".repeat(WIDEST + 1)));
    assert_eq!(size_findings(&wide), ["a.rs:2: 121 columns, at most 120"]);
    let quoted = text("a.rs", format!("let vector = \"{}\";", "0".repeat(WIDEST)));
    assert!(size_findings(&quoted).is_empty());
    let undone = text("a.rs", ["fn f() {\n    to", "do!()\n}"].concat());
    assert_eq!(half_done(&undone).len(), 1);
    assert!(half_done(&undone)[0].starts_with("a.rs:2: "));
}
