//! F63.2: what the cashier reads, in three places of 20 bytes.

use encoding_rs::GBK;
use hefu_engine::Words;
use hefu_iso8583::cup::F63Text;
use hefu_slip::{Language, response_texts};
use hefu_tally::Code;

/// F63 of an answer: the request's operator, or `CUP`, and the words.
pub(super) fn f63(operator: Option<&[u8]>, text: &str) -> F63Text {
    let operator = operator.and_then(|operator| operator.first_chunk()).copied().unwrap_or(*b"CUP");
    let [issuer, network, acquirer] = places(text);
    F63Text { operator, issuer, network, acquirer, rest: Vec::new() }
}

/// The words for a reply. What comes with a code alone is our own refusal or the bank's decline; those of the
/// bank's codes that prove nothing never come with [`Words::Code`].
pub(super) fn text(words: Words, code: Code, language: Language) -> &'static str {
    let ours = |code| response_texts::lookup_ours(code).text(language);
    match words {
        Words::Code => ours(code.0),
        Words::Unknown => ours(*b"98"),
        Words::NothingCharged => ours(*b"91"),
        Words::PreviousUnderCheck => ours(*b"94"),
        Words::SignOn => ours(*b"77"),
        Words::Returning => {
            pick(language, "正在退款给付款人，未成交", "Being returned to the payer. No sale")
        }
        Words::Returned => pick(language, "已退款给付款人，未成交", "Returned to the payer. No sale"),
    }
}

/// To a cashier whose word was recorded.
pub(super) fn heard(language: Language) -> &'static str {
    pick(language, "确认已记录", "Your word is recorded")
}

/// The question whether an earlier sale stands, for the fourth part of F63.2: at most 100 bytes.
pub(super) fn question(trace: u32, language: Language) -> Vec<u8> {
    let text = match language {
        Language::Zh => format!("凭证号 {trace:06} 是否成交？请确认"),
        Language::En => format!("Was {trace:06} completed? Please confirm"),
    };
    GBK.encode(&text).0.into_owned()
}

fn pick(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

const PLACES: usize = 3;
const PLACE: usize = 20;

/// The text over the three places, no character cut in two and, where there are blanks, no word. What does not fit
/// is left out.
fn places(text: &str) -> [Vec<u8>; PLACES] {
    let mut places = [const { Vec::new() }; PLACES];
    let mut place = 0;
    for piece in text.split(' ').flat_map(pieces) {
        let blank = piece.spaced && !places[place].is_empty();
        if places[place].len() + usize::from(blank) + piece.bytes.len() <= PLACE {
            places[place].extend(blank.then_some(b' '));
        } else if place + 1 < PLACES {
            place += 1;
        } else {
            break;
        }
        places[place].extend_from_slice(&piece.bytes);
    }
    places
}

/// What is not to be cut: an ASCII word, or a single character of any other.
struct Piece {
    bytes: Vec<u8>,
    /// A blank stands before it.
    spaced: bool,
}

fn pieces(word: &str) -> Vec<Piece> {
    if word.is_ascii() && word.len() <= PLACE {
        return vec![Piece { bytes: word.as_bytes().to_vec(), spaced: true }];
    }
    let characters = word.char_indices().map(|(at, character)| {
        let mut buffer = [0; 4];
        let (bytes, _, _) = GBK.encode(character.encode_utf8(&mut buffer));
        Piece { bytes: bytes.into_owned(), spaced: at == 0 }
    });
    characters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [Words; 7] = [
        Words::Code,
        Words::Unknown,
        Words::NothingCharged,
        Words::Returning,
        Words::Returned,
        Words::PreviousUnderCheck,
        Words::SignOn,
    ];

    fn codes() -> impl Iterator<Item = Code> {
        let all = b"00 10 01 03 04 05 12 13 22 25 30 38 40 45 51 54 55 59 61 64 77 68 98 91 94 99 A0 ZZ";
        all.split(|byte| *byte == b' ').map(|code| Code([code[0], code[1]]))
    }

    #[test]
    fn every_text_fits_in_full_and_reads_as_it_was_written() {
        for language in [Language::Zh, Language::En] {
            for (words, code) in WORDS.iter().flat_map(|words| codes().map(move |code| (*words, code))) {
                let text = text(words, code, language);
                let f63 = f63(None, text);
                let joiner = if language == Language::En { " " } else { "" };
                let shown: Vec<_> = [&f63.issuer, &f63.network, &f63.acquirer]
                    .into_iter()
                    .filter(|place| !place.is_empty())
                    .map(|place| GBK.decode(place).0.into_owned())
                    .collect();
                assert_eq!(shown.join(joiner), text);
                assert!(f63.build().is_ok_and(|f63| f63.len() <= 63), "{text}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_without_a_broken_character() {
        let long = "长".repeat(40);
        let places = places(&long);
        assert_eq!(places.map(|place| place.len()), [20, 20, 20]);
        let english = self::places("antidisestablishment antidisestablishment antidisestablishment more");
        assert_eq!(english.map(|place| place.len()), [20, 20, 20]);
        let whole = self::places("antidisestablishmentarianism");
        assert_eq!(whole.concat(), b"antidisestablishmentarianism", "a word longer than a place is cut");
    }

    #[test]
    fn the_question_names_its_sale_and_fits_behind_the_words() {
        for (language, asks) in [
            (Language::Zh, "凭证号 000123 是否成交？请确认"),
            (Language::En, "Was 000123 completed? Please confirm"),
        ] {
            let rest = question(123, language);
            assert_eq!(GBK.decode(&rest).0, asks);
            let f63 = F63Text { rest, ..f63(None, text(Words::Unknown, Code(*b"98"), language)) };
            assert!(f63.build().is_ok_and(|f63| f63.len() <= 163), "{asks}");
        }
    }

    #[test]
    fn the_operator_of_the_request_comes_back() {
        assert_eq!(f63(Some(b"001"), "").operator, *b"001");
        assert_eq!(f63(Some(b"0"), "").operator, *b"CUP");
        assert_eq!(f63(None, "").operator, *b"CUP");
    }
}
