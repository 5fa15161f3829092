//! The rules of the house that no compiler checks. Each module is one rule, or a few of one kind; each
//! finding is a line `file:line: what is wrong`.

mod card_numbers;
mod form;
mod holes;
mod pure;
mod readme;
mod registries;
mod rooms;
mod tokens;
mod tree;

/// Fails with all findings at once, so that one run shows everything.
#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
