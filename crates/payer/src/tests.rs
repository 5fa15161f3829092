//! One payment whose answer was lost, at each of its moments, as its payer reads it.

use crate::{Answers, Found, Language, Lookup, Shop, Slips, Tone, lookup, missing, page, too_many};
use hefu_node::{Line, Story};
use hefu_tally::{Fact, LegNo, Moment, Rrn, Tally};
use hefu_vault::{SlipKey, SlipKeys};

/// After the last of its facts.
const NOW: Moment = Moment(1_795_305_690_000);

/// The payment after its first `facts` facts: 2 asked, 5 being reversed, 9 given back.
fn story(facts: usize) -> Story {
    let all: Vec<(i64, Fact)> = serde_json::from_str(include_str!("../../view/src/fixture.json")).unwrap();
    let lines: Vec<Line> = (1_u64..)
        .zip(all.into_iter().take(facts))
        .map(|(seq, (at, fact))| Line { seq, at: Moment(at), fact })
        .collect();
    let id = "0190a6f0000070008000000000000001".parse().unwrap();
    let tally = Tally::replay(id, lines.iter().map(|line| (line.at, &line.fact))).unwrap();
    Story { duties: tally.duties(), postings: tally.postings(None).unwrap(), tally, lines }
}

fn slips() -> Slips {
    let keys = SlipKeys::new(vec![SlipKey::from_secret(&[7; 32])]).unwrap();
    let merchant = story(2).tally.first().identity.till.merchant;
    let shop = Shop { zh: "合符 <咖啡>".to_owned(), en: "Hefu <Coffee>".to_owned() };
    Slips::new(keys, "https://pay.example.com/", [(merchant, shop)].into(), false).unwrap()
}

#[test]
fn what_the_payer_may_conclude_follows_both_halves() {
    // (facts, tone, settled, a word of each answer)
    let cases = [
        (
            2,
            Tone::Waiting,
            false,
            ["do not pay again", "Not known yet", "no result yet", "comes back by itself"],
        ),
        (
            5,
            Tone::Waiting,
            false,
            ["does not stand", "Not known yet", "does not stand", "comes back by itself"],
        ),
        (9, Tone::Nothing, true, ["undone", "was taken", "does not stand", "confirmed"]),
    ];
    for (facts, tone, settled, words) in cases {
        let answers = Answers::of(&story(facts)).unwrap();
        assert_eq!((answers.tone, answers.is_settled), (tone, settled), "after {facts} facts");
        assert_eq!(
            answers.next.is_none(),
            settled,
            "after {facts} facts: what is not settled has a next step"
        );
        let said = [&answers.headline, &answers.charged, &answers.shop, &answers.back];
        for (said, word) in said.into_iter().zip(words) {
            assert!(said.en.contains(word), "after {facts} facts: {word:?} in {said:?}");
            assert!(!said.zh.is_ascii(), "{said:?}");
        }
    }
}

#[test]
fn a_page_is_small_needs_no_script_and_holds_nothing_that_a_policy_forbids() {
    let slips = slips();
    for language in [Language::Zh, Language::En] {
        for facts in [2, 5, 9] {
            let page = page(&slips, &story(facts), LegNo(0), NOW, language).unwrap();
            assert!(page.len() < 50 * 1_024, "{} bytes", page.len());
            for forbidden in ["style=", "onclick", "javascript:", "<script>", "<咖啡>", "<Coffee>"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
            let genuine = match language {
                Language::Zh => "签名有效",
                Language::En => "Genuine",
            };
            assert!(page.contains(genuine) && page.contains("******"));
        }
    }
}

#[test]
fn an_address_leads_to_its_own_transaction_and_no_other_can_be_guessed() {
    let slips = slips();
    let rrn: Rrn = story(2).tally.first().rrn;
    let path = slips.path(&rrn).unwrap();
    let token = path.strip_prefix("/s/").unwrap();
    assert_eq!(slips.named_by(token), Some(rrn));
    assert_eq!(slips.named_by(&token.to_ascii_lowercase()), Some(rrn), "as somebody may type it");
    let last = if token.ends_with('0') { "4" } else { "0" };
    let guessed = format!("{}{last}", &token[..token.len() - 2]);
    for wrong in ["", "x", rrn.as_str(), guessed.as_str(), &"0".repeat(500)] {
        assert_eq!(slips.named_by(wrong), None, "{wrong}");
    }
}

#[test]
fn a_slip_carries_its_address_and_a_signature_that_the_published_keys_check() {
    let slips = slips();
    let slip = slips.slip(&story(9), LegNo(0), false, NOW).unwrap();
    let address = slip.fields().eslip.as_ref().unwrap();
    assert!(address.as_str().starts_with("https://pay.example.com/s/"));
    let signed = address.signed().unwrap();
    assert!(hefu_slip::verify(signed.as_str(), slips.published()).is_ok());
}

#[test]
fn what_is_not_found_is_answered_alike_whoever_asks() {
    for language in [Language::Zh, Language::En] {
        assert_eq!(missing(language), missing(language));
        let none = lookup(&Lookup::default(), &Found::None, language);
        for page in [none, missing(language), too_many(language)] {
            assert!(page.contains("<main") && !page.contains("6327"));
        }
    }
}
