//! The chip's part: F55 of a request, of a reversal and of a script result.

use super::numbers::Numbers;
use super::profile::Profile;
use super::receipt::ChipFacts;
use hefu_iso8583::tlv::{self, Builder, Tag};
use hefu_tally::Moment;
use hefu_vault::Dice;

/// What the chip said to one transaction.
#[derive(Clone)]
pub(super) struct ChipRun {
    /// F55 of the request.
    pub f55: Vec<u8>,
    /// What the slip shows of it.
    pub facts: ChipFacts,
}

/// What the chip was asked to decide.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// Ask the issuer: an ARQC comes out.
    Online,
    /// Decide by itself: a TC comes out.
    Offline,
}

/// Lets the chip compute its cryptogram over `amount` fen.
pub(super) fn run(
    profile: &Profile,
    numbers: &mut Numbers,
    now: Moment,
    amount: i64,
    question: Question,
) -> ChipRun {
    let mut cryptogram = [0; 8];
    let mut unpredictable = [0; 4];
    let mut counter = [0; 2];
    numbers.fill(&mut cryptogram);
    numbers.fill(&mut unpredictable);
    numbers.fill(&mut counter);
    // A card is used far less often than 65,535 times.
    counter[0] &= 0x0F;
    let information = match question {
        Question::Online => 0x80,
        Question::Offline => 0x40,
    };

    let mut elements: Vec<(u32, Vec<u8>)> = vec![
        (0x9F26, cryptogram.to_vec()),
        (0x9F27, vec![information]),
        (0x9F10, ISSUER_APPLICATION_DATA.to_vec()),
        (0x9F37, unpredictable.to_vec()),
        (0x9F36, counter.to_vec()),
        (0x95, VERIFICATION_RESULTS.to_vec()),
        (0x9A, packed(&yymmdd(now))),
        (0x9C, vec![0x00]),
        (0x9F02, packed(&format!("{amount:012}"))),
        (0x5F2A, CHINA.to_vec()),
        (0x82, vec![0x7C, 0x00]),
        (0x9F1A, CHINA.to_vec()),
        (0x9F03, vec![0; 6]),
        (0x9F33, vec![0xE0, 0xF0, 0xC8]),
        (0x9F34, vec![0x42, 0x03, 0x00]),
        (0x9F35, vec![0x22]),
        (0x9F1E, profile.terminal.as_bytes().to_vec()),
        (0x84, APPLICATION.to_vec()),
        (0x9F09, vec![0x00, 0x30]),
        (0x9F41, packed(&format!("{:08}", numbers.next() % 100_000_000))),
    ];
    match question {
        Question::Online => {}
        Question::Offline => {
            elements.push((0x8A, b"Y1".to_vec()));
            elements.push((0x9F74, b"ECC001".to_vec()));
        }
    }
    let facts = ChipFacts {
        aid: hex::encode_upper(APPLICATION),
        tvr: hex::encode_upper(VERIFICATION_RESULTS),
        tsi: "E800".into(),
        atc: hex::encode_upper(counter),
        arqc: hex::encode_upper(cryptogram),
    };
    ChipRun { f55: build(&elements), facts }
}

/// F55 of the reversal: what is left of the request's.
pub(super) fn of_reversal(request: &[u8]) -> Vec<u8> {
    keep(request, &tlv::REVERSAL_TAGS)
}

/// F55 of the script result, if the answer brought a script (71 or 72): the chip ran it well.
pub(super) fn script_result(request: &[u8], answer: &[u8]) -> Option<Vec<u8>> {
    // Data that are no TLV hold no script; they are the issuer's and no reason to doubt the approval.
    let elements = tlv::parse(answer).ok()?;
    let (_, script) = elements.iter().find(|(tag, _)| matches!(tag.0, 0x71 | 0x72))?;
    let mut result = keep(request, &SCRIPT_RESULT.map(Tag));
    // First byte: run to the end without an error; then the script's identifier (tag 9F18) or zeros.
    let identifier = tlv::find(script, Tag(0x9F18)).ok().flatten().filter(|id| id.len() == 4);
    let outcome = [&[0x20][..], identifier.unwrap_or(&[0; 4])].concat();
    result.extend(build(&[(0xDF31, outcome)]));
    Some(result)
}

/// UnionPay debit.
const APPLICATION: [u8; 8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
const ISSUER_APPLICATION_DATA: [u8; 19] = [
    0x07, 0x01, 0x01, 0x03, 0xA0, 0x20, 0x02, 0x01, 0x0A, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12, 0x34,
    0x56, 0x78,
];
const VERIFICATION_RESULTS: [u8; 5] = [0x00, 0x80, 0x04, 0xE8, 0x00];
const CHINA: [u8; 2] = [0x01, 0x56];

/// General knowledge of the script result; DF31 is the tag that the network names.
const SCRIPT_RESULT: [u32; 11] =
    [0x9F33, 0x95, 0x9F37, 0x9F1E, 0x9F10, 0x9F26, 0x9F36, 0x82, 0xDF31, 0x9F1A, 0x9A];

fn keep(f55: &[u8], tags: &[Tag]) -> Vec<u8> {
    tlv::filter(f55, tags).expect("the terminal built this F55 itself")
}

fn build(elements: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut builder = Builder::new();
    for (tag, content) in elements {
        builder.put(Tag(*tag), content).expect("the tags above are tags and their contents short");
    }
    builder.finish()
}

fn yymmdd(now: Moment) -> String {
    format!("{:02}{}", now.beijing().year().rem_euclid(100), now.mmdd())
}

/// Digits, two in a byte.
fn packed(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("an even number of digits is hex")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Still;
    impl Dice for Still {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(1);
        }
    }

    fn tags(f55: &[u8]) -> Vec<u32> {
        tlv::parse(f55).unwrap().iter().map(|(tag, _)| tag.0).collect()
    }

    fn chip(question: Question) -> ChipRun {
        run(&Profile::test(1), &mut Numbers::from_dice(&mut Still), Moment(0), 12_345, question)
    }

    #[test]
    fn a_request_carries_every_tag_that_must_be_there_and_fits_in_its_field() {
        let f55 = chip(Question::Online).f55;
        let found = tags(&f55);
        for tag in [
            0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03,
            0x9F33,
        ] {
            assert!(found.contains(&tag), "{tag:X}");
        }
        assert!(f55.len() <= 255);
        assert_eq!(tlv::find(&f55, Tag(0x9F02)).unwrap(), Some(&[0, 0, 0, 1, 0x23, 0x45][..]));
        assert!(!found.contains(&0x57) && !found.contains(&0x5A), "no card data in the chip's list");
    }

    #[test]
    fn an_offline_sale_says_that_the_chip_approved() {
        let f55 = chip(Question::Offline).f55;
        assert_eq!(tlv::find(&f55, Tag(0x8A)).unwrap(), Some(&b"Y1"[..]));
        assert_eq!(tlv::find(&f55, Tag(0x9F27)).unwrap(), Some(&[0x40][..]));
        assert!(f55.len() <= 255);
    }

    #[test]
    fn a_reversal_keeps_its_own_tags_only() {
        let kept = tags(&of_reversal(&chip(Question::Online).f55));
        assert_eq!(kept, [0x9F10, 0x9F36, 0x95, 0x9F1E]);
    }

    #[test]
    fn only_a_script_in_the_answer_makes_a_script_result() {
        let request = chip(Question::Online).f55;
        assert_eq!(script_result(&request, &[0x91, 2, 0x30, 0x30]), None);
        assert_eq!(script_result(&request, &[0x91, 0x50]), None, "no TLV, no script");
        let answer = [0x72, 7, 0x9F, 0x18, 4, 1, 2, 3, 4];
        let result = script_result(&request, &answer).unwrap();
        assert_eq!(tlv::find(&result, Tag(0xDF31)).unwrap(), Some(&[0x20, 1, 2, 3, 4][..]));
        assert!(result.len() <= 255);
    }
}
