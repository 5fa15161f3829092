//! No card number stands in the tree but those of test cards.
//!
//! A card number is 13 to 19 digits that pass the Luhn check and begin with 3, 4, 5 or 6, in one run or in
//! four groups of four. A finding does not repeat it.

use crate::assert_none;
use crate::tree::{Text, texts};

/// All cards of the simulated bank begin so.
const TEST_CARDS: &str = "62000000000";
/// Printed in the published examples of PIN blocks and MACs.
const VECTORS: [&str; 2] = ["123456789012345678", "1234567890123456"];

#[test]
fn no_card_number_but_test_cards_stands_in_the_tree() {
    let texts = texts();
    let ours =
        texts.iter().filter(|text| !text.name().ends_with(".lock") && text.name() != "package-lock.json");
    assert_none(&ours.flat_map(findings).collect::<Vec<_>>());
}

fn findings(text: &Text) -> Vec<String> {
    let lines = text.content.lines().enumerate();
    lines
        .filter(|(_, line)| candidates(line).iter().any(|digits| is_card(digits)))
        .map(|(i, _)| format!("{}:{}: a card number that is no test card", text.path, i + 1))
        .collect()
}

/// The runs of digits in a line that could be a card number. A run is bounded by what is no letter and no
/// digit, so digits inside hexadecimal text or a name are none.
fn candidates(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let single = words.iter().filter(|word| (13..=19).contains(&word.len()) && digits(word));
    let single = single.map(|&word| word.to_owned());
    // Groups of four that go on to the left or right are a dump of bytes, not a card.
    let group = |index: usize| words.get(index).is_some_and(|word| word.len() == 4 && digits(word));
    let grouped = (0..words.len())
        .filter(|&start| (start..start + 4).all(group))
        .filter(|&start| !(group(start + 4) || start > 0 && group(start - 1)))
        .map(|start| words[start..start + 4].concat());
    single.chain(grouped).collect()
}

fn is_card(digits: &str) -> bool {
    let known = digits.starts_with(TEST_CARDS) || VECTORS.contains(&digits);
    let looks_like_one = digits.starts_with(['3', '4', '5', '6']) && passes_luhn(digits);
    looks_like_one && !known && !is_text_in_hex(digits)
}

/// Digits as ASCII text in hexadecimal, `3130…`: every other one is a 3.
fn is_text_in_hex(digits: &str) -> bool {
    digits.len().is_multiple_of(2) && digits.bytes().step_by(2).all(|digit| digit == b'3')
}

fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, value) => value,
            (_, value) => value * 2 / 10 + value * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[test]
fn card_numbers_are_found_wherever_they_stand() {
    // Made from parts, so that this file holds none.
    let card = ["4111", "1111", "1111", "1111"];
    let check = |line: String, found: bool| {
        let text = Text { path: "a".to_owned(), content: line.clone() };
        assert_eq!(!findings(&text).is_empty(), found, "{line}");
    };
    check(card.concat(), true);
    check(format!("pan=\"{}\";", card.concat()), true);
    check(card.join(" "), true);
    check(card.join("-"), true);
    check(format!("{}D3012", card.concat()), false);
    check(format!("{} 3030", card.join(" ")), false);
    check(format!("{}2", &card.concat()[..15]), false);
    check(["6200", "0000", "0000", "0005"].concat(), false);
    check(["6200", "0000", "0000", "0005"].join(" "), false);
    check(["3130", "3030", "3030", "3031"].concat(), false);
    check(["6200", "0000", "0000", "0000", "000"].concat(), false);
    check(["6210", "0000", "0000", "0003"].concat(), true);
    check(VECTORS.join(" "), false);
}
