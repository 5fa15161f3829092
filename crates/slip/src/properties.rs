//! What must hold of every slip, whatever stands on it.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::RngSeed};

use crate::{samples, text::width, *};

/// The same cases in every run, so that a failure here is a failure everywhere.
pub(crate) fn fixed() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn printables() -> impl Strategy<Value = Printable> {
    prop_oneof![
        "[ -~]{0,99}[!-~]".prop_map(|text| samples::printable(&text)),
        "[一-龥（），。A-Za-z0-9é· ]{0,99}符".prop_map(|text| samples::printable(&text)),
        ".{1,120}".prop_filter_map("blank", |text| Printable::cleaned(&text)),
    ]
}

fn names() -> impl Strategy<Value = Name> {
    (printables(), proptest::option::of(printables())).prop_map(|(zh, en)| Name { zh, en })
}

fn statuses() -> impl Strategy<Value = Status> {
    let code = Decline::by_bank(*b"13").expect("a decline");
    prop_oneof![
        Just(Status::Approved),
        Just(Status::PartApproved { requested: i64::MAX }),
        Just(Status::Declined { code }),
        Just(Status::Unknown),
        Just(Status::Returning),
        Just(Status::Returned),
        Just(Status::Voided),
        Just(Status::UnderReview),
    ]
}

fn payments() -> impl Strategy<Value = Payment> {
    let half = i64::MAX / 2;
    (0..=half, proptest::option::of(0..half))
        .prop_map(|(amount, tip)| Payment::new(amount, tip).expect("no overflow"))
}

prop_compose! {
    pub(crate) fn slips()(
        sample in proptest::sample::select(samples::all()),
        name in names(),
        issuer in proptest::option::of(names()),
        issuer_text in proptest::option::of(printables()),
        payment in payments(),
        status in statuses(),
        exponent in 0u8..=4,
        path in "[!-\"$-~]{1,240}",
        long_aid in any::<[u8; 16]>(),
    ) -> SlipData {
        let mut fields = sample;
        fields.till.name = name;
        fields.issuer = issuer;
        fields.issuer_text = issuer_text;
        fields.amounts = Amounts::Payment(payment);
        fields.currency = Currency::new(156, exponent).expect("a currency");
        fields.eslip = Some(EslipAddress::new(&format!("https://{path}")).expect("an address"));
        if let Some(chip) = &mut fields.chip {
            chip.aid = Some(Aid::new(&long_aid).expect("an AID"));
        }
        let approved = SlipFields { status: Status::Approved, ..fields.clone() };
        fields.status = status;
        // A refund cannot be returned: what is refused as such is tried as approved.
        SlipData::new(fields).or_else(|_| SlipData::new(approved)).expect("an approved slip agrees")
    }
}

fn renderings() -> impl Iterator<Item = (Copy, Width, Language)> {
    [Copy::Merchant, Copy::Cardholder].into_iter().flat_map(|copy| {
        [Width::Mm58, Width::Mm80].into_iter().flat_map(move |width| {
            [Language::Zh, Language::En].into_iter().map(move |language| (copy, width, language))
        })
    })
}

/// All that the lines hold, without blanks and in order; fillers of the rendering left out.
pub(crate) fn content(lines: &[Line]) -> String {
    let mut content = String::new();
    for line in lines {
        match line {
            Line::Title(text) | Line::Mark(text) | Line::Text(text) => content += text,
            Line::Rule => {}
            Line::Pair { label, value }
            | Line::Amount { label, value }
            | Line::Status { label, value }
            | Line::Alert { label, value } => content += &format!("{label}{value}"),
            Line::Row { label, count, amount } => content += &format!("{label}{count}{amount}"),
            Line::Signature { label } => content += label,
            Line::Qr { caption, address } => content += &format!("{caption}{}", address.as_str()),
        }
    }
    without_fillers(&content)
}

pub(crate) fn without_fillers(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '\n' | '-' | '_' | '*' | '=')).collect()
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn no_line_is_wider_than_the_paper(data in slips()) {
        for (copy, paper, language) in renderings() {
            for line in text(&data, copy, paper, language).lines() {
                prop_assert!(width(line) <= paper.columns(), "{line:?}");
            }
        }
    }

    #[test]
    fn nothing_is_cut(data in slips()) {
        for (copy, paper, language) in renderings() {
            let printed = without_fillers(&text(&data, copy, paper, language));
            prop_assert_eq!(printed, content(&lines(&data, copy, language)));
        }
    }

    #[test]
    fn every_amount_stands_whole_at_the_right_edge(data in slips()) {
        for (copy, paper, language) in renderings() {
            let printed = text(&data, copy, paper, language);
            for line in lines(&data, copy, language) {
                if let Line::Amount { value, .. } = line {
                    prop_assert!(
                        printed.lines().any(|line| line.ends_with(&value) && width(line) == paper.columns()),
                        "{value} in\n{printed}"
                    );
                }
            }
        }
    }

    #[test]
    fn settlement_amounts_stand_whole_at_the_right_edge(
        sales in (any::<u32>(), 0..=i64::MAX),
        refunds in (any::<u32>(), 0..=i64::MAX),
    ) {
        let total = |(count, amount)| Total { count, amount };
        let totals = BTreeMap::from([
            (TransactionType::Sale, total(sales)),
            (TransactionType::Refund, total(refunds)),
        ]);
        let domestic = CardGroup::new(totals, Balance::Balanced).expect("a group");
        let data = SettlementData { domestic, ..samples::balanced() };
        for (_, paper, language) in renderings() {
            let printed = settlement_text(&data, paper, language);
            prop_assert!(printed.lines().all(|line| width(line) <= paper.columns()));
            for (_, amount) in [sales, refunds] {
                let written = data.currency.write_bare(amount);
                prop_assert!(
                    printed.lines().any(|line| line.ends_with(&written) && width(line) == paper.columns()),
                    "{written} in\n{printed}"
                );
            }
        }
    }

    #[test]
    fn a_masked_number_is_accepted_exactly_if_its_middle_is_hidden(
        digits in proptest::collection::vec(0u8..10, 13..=19),
        hidden in any::<u32>(),
    ) {
        let masked: String = digits
            .iter()
            .enumerate()
            .map(|(place, digit)| if hidden >> place & 1 == 1 { '*' } else { char::from(b'0' + digit) })
            .collect();
        let middle = &masked[6..masked.len() - 4];
        prop_assert_eq!(MaskedPan::new(&masked).is_ok(), middle.chars().all(|c| c == '*'));
    }
}
