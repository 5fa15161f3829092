//! Pure rooms do no input or output, read no clock and roll no dice: the same calls give the same results,
//! which is what makes a failure replayable.

use crate::assert_none;
use crate::tokens::{What, named};
use crate::tree::{Text, texts_in};
use std::collections::BTreeSet;

const PURE: [&str; 6] = ["tally", "engine", "iso8583", "slip", "vault", "view"];

/// A path that begins so, or brings all of it in, is not pure.
const FORBIDDEN_PATHS: [&str; 17] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "rand",
    "getrandom",
];
const FORBIDDEN_MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

#[test]
fn pure_rooms_do_no_io_and_have_no_clock_and_no_dice() {
    let mut findings = Vec::new();
    for room in PURE {
        let texts = texts_in(&format!("crates/{room}/src"));
        assert!(texts.iter().any(Text::is_rust), "crates/{room}/src has no Rust in it");
        findings.extend(room_findings(&texts));
    }
    assert_none(&findings);
}

fn room_findings(texts: &[Text]) -> Vec<String> {
    let read: Vec<_> =
        texts.iter().filter(|text| text.is_rust()).map(|t| (&t.path, named(&t.content))).collect();
    let mut tests_only = BTreeSet::new();
    for (path, named) in &read {
        for found in named {
            if let What::TestModule(name) = &found.what {
                tests_only.insert(format!("{}/{name}", module_folder(path)));
            }
        }
    }
    let for_tests = |path: &str| {
        let module = path.strip_suffix(".rs").unwrap_or(path);
        tests_only.iter().any(|only| module == only || module.starts_with(&format!("{only}/")))
    };
    let mut findings = Vec::new();
    for (path, named) in read.iter().filter(|(path, _)| !for_tests(path)) {
        for found in named {
            let what = match &found.what {
                What::Path(parts) if is_forbidden(parts) => parts.join("::"),
                What::Macro(name) if FORBIDDEN_MACROS.contains(&name.as_str()) => format!("{name}!"),
                What::Path(_) | What::Macro(_) | What::TestModule(_) => continue,
            };
            findings.push(format!("{path}:{}: `{what}` in a pure room", found.line));
        }
    }
    findings
}

/// The folder in which the modules of a file lie.
fn module_folder(path: &str) -> &str {
    let own = path.strip_suffix(".rs").unwrap_or(path);
    match own.rsplit_once('/') {
        Some((folder, "lib" | "main" | "mod")) => folder,
        Some(_) | None => own,
    }
}

fn is_forbidden(parts: &[String]) -> bool {
    let glob = parts.last().is_some_and(|last| last == "*");
    let known = if glob { &parts[..parts.len() - 1] } else { parts };
    FORBIDDEN_PATHS.iter().any(|forbidden| {
        let forbidden: Vec<&str> = forbidden.split("::").collect();
        let shared = forbidden.iter().zip(known).all(|(forbidden, part)| forbidden == part);
        // Under its own name, `time` leads to its clocks as well as a glob does.
        let leads_to_it = known.len() >= forbidden.len() || glob || known == ["std", "time"];
        shared && leads_to_it
    })
}

#[test]
fn what_is_not_pure_is_found_outside_tests_only() {
    let text = |path: &str, content: &str| Text { path: path.to_owned(), content: content.to_owned() };
    let texts = [
        text("x/src/lib.rs", "#[cfg(test)]\nmod golden;\nmod a;\nuse std::time::Duration;"),
        text("x/src/golden.rs", "use std::fs; mod deep;"),
        text("x/src/golden/deep.rs", "use std::fs;"),
        text(
            "x/src/a.rs",
            "use std::{net::IpAddr, time};\nuse tokio;\nfn f() { println!() }\n#[cfg(test)] mod b;",
        ),
        text("x/src/a/b.rs", "use std::env;"),
        text("x/src/b.rs", "use jiff::Timestamp; fn f(operand: u8) { Timestamp::now(); let rand_like = 1; }"),
        text(
            "x/src/c.rs",
            "use std::time::*;\nlet d = core::time::Duration::ZERO; use std::io::{self, Error};",
        ),
    ];
    let expected = [
        "x/src/a.rs:1: `std::net::IpAddr` in a pure room",
        "x/src/a.rs:1: `std::time` in a pure room",
        "x/src/a.rs:2: `tokio` in a pure room",
        "x/src/a.rs:3: `println!` in a pure room",
        "x/src/b.rs:1: `Timestamp::now` in a pure room",
        "x/src/c.rs:1: `std::time::*` in a pure room",
    ];
    assert_eq!(room_findings(&texts), expected);
}
