//! The program that serves holds no planted mistake, not even a name of one.

#![cfg(not(feature = "mutants"))]

use hefu_mutant::TABLE;
use std::collections::BTreeSet;

/// Words that the program is known to hold: what finds them would find a mistake's name too.
const KNOWN: [&str; 2] = ["names another key than we sent under this reference", "orphan_answer"];

#[test]
fn the_program_holds_no_name_of_a_planted_mistake() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_hefu")).expect("it was just built");
    let sought: Vec<&str> = KNOWN.into_iter().chain(TABLE.iter().map(|listed| listed.name)).collect();
    assert_eq!(
        held(&program, &sought),
        BTreeSet::from(KNOWN),
        "names of planted mistakes are in the program"
    );
}

/// Which of these words stand in `bytes`; one walk, whatever their number.
fn held<'w>(bytes: &[u8], words: &[&'w str]) -> BTreeSet<&'w str> {
    let mut by_first = vec![Vec::new(); 256];
    for word in words {
        by_first[usize::from(word.as_bytes()[0])].push(*word);
    }
    let mut found = BTreeSet::new();
    for (at, first) in bytes.iter().enumerate() {
        let here = &by_first[usize::from(*first)];
        found.extend(here.iter().copied().filter(|word| bytes[at..].starts_with(word.as_bytes())));
    }
    found
}

#[test]
fn a_word_is_found_wherever_it_stands() {
    // (text, what is found of "word" and "wide")
    let cases: [(&str, &[&str]); 5] = [
        ("wordless", &["word"]),
        ("a wide word", &["wide", "word"]),
        ("word", &["word"]),
        ("wor", &[]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(held(text.as_bytes(), &["word", "wide"]), expected.iter().copied().collect(), "{text}");
    }
}
