//! The arrows between rooms: what ARCHITECTURE.md draws, and what the manifests declare.
//!
//! The drawing is a fenced block that begins with three backticks and the word `rooms`. Each line is one
//! room and what it may use: `switch -> engine, node`. A room that uses no other stands alone.

use cargo_metadata::{DependencyKind, Metadata};
use std::collections::{BTreeMap, BTreeSet};

/// Room → the rooms that it uses.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// What is wrong with the drawing. Lines are counted from 1 in the whole file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misdrawn {
    #[error("there is no block that begins with ```rooms")]
    NoBlock,
    #[error("line {0}: the block that begins here is never closed")]
    Open(usize),
    #[error("line {0}: the block was already drawn above")]
    SecondBlock(usize),
    #[error("line {line}: `{text}` is no `room -> room, room`")]
    Line { line: usize, text: String },
    #[error("line {line}: room {room} was already drawn above")]
    RoomTwice { line: usize, room: String },
    #[error("{from} points to {to}, which is not drawn")]
    Unknown { from: String, to: String },
    #[error("the arrows go round in a circle: {0}")]
    Circle(String),
}

/// Reads the drawing out of a page. Every room that is pointed to must have its own line, and no arrows may
/// go round in a circle.
///
/// # Errors
/// The first thing that is wrong with the drawing.
pub fn drawn(page: &str) -> Result<Arrows, Misdrawn> {
    let mut arrows: Option<Arrows> = None;
    let mut lines = page.lines().enumerate().map(|(index, text)| (index + 1, text.trim()));
    while let Some((start, text)) = lines.next() {
        if text != "```rooms" {
            continue;
        }
        if arrows.is_some() {
            return Err(Misdrawn::SecondBlock(start));
        }
        arrows = Some(read_block(start, &mut lines)?);
    }
    let arrows = arrows.ok_or(Misdrawn::NoBlock)?;
    for (from, used) in &arrows {
        if let Some(to) = used.iter().find(|to| !arrows.contains_key(*to)) {
            return Err(Misdrawn::Unknown { from: from.clone(), to: to.clone() });
        }
    }
    for room in arrows.keys() {
        if reaches(&arrows, room, room) {
            return Err(Misdrawn::Circle(room.clone()));
        }
    }
    Ok(arrows)
}

/// The dependencies of the packages under `crates/`, by the names of their folders: the normal ones, which
/// the drawing must show, and the others (of tests, benchmarks and build scripts).
pub fn declared(members: &Metadata) -> (Arrows, Arrows) {
    let crates = members.workspace_root.join("crates");
    let room_of = |folder: &cargo_metadata::camino::Utf8Path| {
        folder.strip_prefix(&crates).ok().map(|room| room.to_string())
    };
    let mut normal = Arrows::new();
    let mut other = Arrows::new();
    for package in members.workspace_packages() {
        let Some(room) = package.manifest_path.parent().and_then(room_of) else { continue };
        let normal = normal.entry(room.clone()).or_default();
        let other = other.entry(room).or_default();
        for dependency in &package.dependencies {
            let Some(used) = dependency.path.as_deref().and_then(room_of) else { continue };
            if dependency.kind == DependencyKind::Normal {
                normal.insert(used)
            } else {
                other.insert(used)
            };
        }
    }
    (normal, other)
}

/// Each difference between the drawing and the manifests, as a line. Empty when they say the same.
pub fn differences(drawn: &Arrows, normal: &Arrows, other: &Arrows) -> Vec<String> {
    let nothing = BTreeSet::new();
    let mut found = Vec::new();
    let rooms: BTreeSet<&String> = drawn.keys().chain(normal.keys()).collect();
    for room in rooms {
        if !drawn.contains_key(room) {
            found.push(format!("crates/{room} is not drawn"));
        }
        if !normal.contains_key(room) {
            found.push(format!("{room} is drawn, but there is no crates/{room}"));
        }
        let drawn = drawn.get(room).unwrap_or(&nothing);
        let normal = normal.get(room).unwrap_or(&nothing);
        found.extend(normal.difference(drawn).map(|to| format!("{room} -> {to} is declared, but not drawn")));
        found.extend(drawn.difference(normal).map(|to| format!("{room} -> {to} is drawn, but not declared")));
    }
    for (room, used) in other {
        let up = used.iter().filter(|to| *to != room && reaches(normal, to, room));
        found.extend(up.map(|to| format!("the tests of {room} use {to}, which stands above {room}")));
    }
    found
}

fn read_block<'a>(
    start: usize,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Result<Arrows, Misdrawn> {
    let mut arrows = Arrows::new();
    for (line, text) in lines {
        if text == "```" {
            return Ok(arrows);
        }
        if text.is_empty() {
            continue;
        }
        let misdrawn = || Misdrawn::Line { line, text: text.to_owned() };
        let (room, used) = match text.split_once("->") {
            Some((room, used)) => (room.trim(), used.split(',').map(str::trim).collect()),
            None => (text, Vec::new()),
        };
        if ![room].iter().chain(&used).all(|name| is_name(name)) {
            return Err(misdrawn());
        }
        let targets: BTreeSet<String> = used.iter().map(|&name| name.to_owned()).collect();
        if targets.len() != used.len() {
            return Err(misdrawn());
        }
        if arrows.insert(room.to_owned(), targets).is_some() {
            return Err(Misdrawn::RoomTwice { line, room: room.to_owned() });
        }
    }
    Err(Misdrawn::Open(start))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether one arrow or several lead from `from` to `to`. Each room is looked at once, so it ends.
fn reaches(arrows: &Arrows, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(room) = open.pop() {
        for next in arrows.get(room).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(drawing: &[(&str, &[&str])]) -> Arrows {
        let set = |used: &[&str]| used.iter().map(|&name| name.to_owned()).collect();
        drawing.iter().map(|(room, used)| ((*room).to_owned(), set(used))).collect()
    }

    #[test]
    fn the_drawing_is_read_from_its_block_only() {
        let page =
            "# Title\n\na -> b\n```rooms\nswitch -> engine, iso8583\n\nengine->tally\ntally\niso8583\n```\n";
        let expected = [
            ("switch", &["engine", "iso8583"][..]),
            ("engine", &["tally"]),
            ("tally", &[]),
            ("iso8583", &[]),
        ];
        assert_eq!(drawn(page), Ok(arrows(&expected)));
    }

    #[test]
    fn a_bad_drawing_is_refused_with_its_place() {
        let check = |page: &str, expected: Misdrawn| assert_eq!(drawn(page), Err(expected), "{page}");
        check("no block", Misdrawn::NoBlock);
        check("\n```rooms\na\n", Misdrawn::Open(2));
        check("```rooms\na\n```\n```rooms\n```", Misdrawn::SecondBlock(4));
        check("```rooms\na ->\n```", Misdrawn::Line { line: 2, text: "a ->".to_owned() });
        check("```rooms\na b\n```", Misdrawn::Line { line: 2, text: "a b".to_owned() });
        check("```rooms\nb\na -> b, b\n```", Misdrawn::Line { line: 3, text: "a -> b, b".to_owned() });
        check("```rooms\na\na\n```", Misdrawn::RoomTwice { line: 3, room: "a".to_owned() });
        check("```rooms\na -> b\n```", Misdrawn::Unknown { from: "a".to_owned(), to: "b".to_owned() });
        check("```rooms\na -> b\nb -> c\nc -> a\n```", Misdrawn::Circle("a".to_owned()));
    }

    #[test]
    fn every_difference_is_told_in_both_directions() {
        let drawing = arrows(&[("up", &["down", "gone"]), ("down", &[]), ("gone", &[])]);
        let normal = arrows(&[("up", &["down", "extra"]), ("down", &[]), ("extra", &[])]);
        let expected = [
            "crates/extra is not drawn",
            "gone is drawn, but there is no crates/gone",
            "up -> extra is declared, but not drawn",
            "up -> gone is drawn, but not declared",
        ];
        assert_eq!(differences(&drawing, &normal, &Arrows::new()), expected);
        assert_eq!(differences(&drawing, &drawing, &Arrows::new()), Vec::<String>::new());
    }

    #[test]
    fn a_test_may_use_what_stands_below_or_beside_but_not_above() {
        let normal = arrows(&[("top", &["middle"]), ("middle", &["low"]), ("low", &[]), ("side", &[])]);
        let good = arrows(&[("top", &["low", "side"]), ("low", &["side"])]);
        assert_eq!(differences(&normal, &normal, &good), Vec::<String>::new());
        let bad = arrows(&[("low", &["top"])]);
        assert_eq!(differences(&normal, &normal, &bad), ["the tests of low use top, which stands above low"]);
    }
}
