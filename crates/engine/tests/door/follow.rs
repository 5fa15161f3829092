//! Voids, refunds, completions: what is refused here without asking the bank, and what the bank is asked.

use crate::world::{World, fen, till};
use hefu_engine::{Ask, BankAsk, Original};
use hefu_tally::{
    CardToken, Currency, Issuer, Kind, Merchant, MerchantNo, Moment, Money, Rrn, Shard, leg::Knowledge,
};

/// How the first payment came to stand before the follower comes.
type Before = fn(&mut World, &Original);

fn nothing(_: &mut World, _: &Original) {}

fn follower(world: &mut World, kind: Kind, minor: i64, original: &Original, text: &str) -> u64 {
    let conversation = world.transact(kind, minor, Some(original.clone()));
    if world.reply(conversation).is_none() {
        world.bank(text);
    }
    conversation
}

#[test]
fn followers_are_refused_by_rule_or_go_to_the_bank() {
    use Kind::{Completion, CompletionAdvice, CompletionVoid, PreAuth, PreAuthVoid, Refund, Sale, Void};
    let refunded: Before = |world, original| {
        follower(world, Refund, 6_000, original, "00");
    };
    let voided: Before = |world, original| {
        follower(world, Void, 10_000, original, "00");
    };
    let refund_declined: Before = |world, original| {
        follower(world, Refund, 10_000, original, "51");
    };
    let void_declined: Before = |world, original| {
        follower(world, Void, 10_000, original, "51");
    };
    let refund_unknown: Before = |world, original| {
        follower(world, Refund, 1_000, original, "96");
    };
    let void_unknown: Before = |world, original| {
        follower(world, Void, 10_000, original, "96");
    };
    let completed: Before = |world, original| {
        follower(world, Completion, 10_000, original, "00");
    };
    let released: Before = |world, original| {
        follower(world, PreAuthVoid, 10_000, original, "00");
    };
    let reversed: Before = |world, _| {
        world.reversal(Sale, 10_000, 1);
    };
    // (name, original, what happened since, follower, amount, its code: "->" goes to the bank)
    let cases: &[(&str, Kind, Before, Kind, i64, &str)] = &[
        ("void", Sale, nothing, Void, 10_000, "->"),
        ("void of a part", Sale, nothing, Void, 9_999, "64"),
        ("void twice", Sale, voided, Void, 10_000, "22"),
        ("void while one is unknown", Sale, void_unknown, Void, 10_000, "22"),
        ("void after one was declined", Sale, void_declined, Void, 10_000, "->"),
        ("void after a refund", Sale, refunded, Void, 10_000, "22"),
        ("void after a refund was declined", Sale, refund_declined, Void, 10_000, "->"),
        ("void under return", Sale, reversed, Void, 10_000, "22"),
        ("void of a hold", PreAuth, nothing, Void, 10_000, "25"),
        ("refund", Sale, nothing, Refund, 10_000, "->"),
        ("refund of more", Sale, nothing, Refund, 10_001, "64"),
        ("refund of the rest", Sale, refunded, Refund, 4_000, "->"),
        ("refund of more than the rest", Sale, refunded, Refund, 4_001, "64"),
        ("refund while one is unknown", Sale, refund_unknown, Refund, 1_000, "22"),
        ("refund after one was declined", Sale, refund_declined, Refund, 10_000, "->"),
        ("refund after a void", Sale, voided, Refund, 1_000, "22"),
        ("refund while a void is unknown", Sale, void_unknown, Refund, 1_000, "22"),
        ("refund under return", Sale, reversed, Refund, 1_000, "22"),
        ("refund of a hold", PreAuth, nothing, Refund, 1_000, "25"),
        ("completion", PreAuth, nothing, Completion, 10_000, "->"),
        ("completion up to 115 %", PreAuth, nothing, Completion, 11_500, "->"),
        ("completion beyond 115 %", PreAuth, nothing, Completion, 11_501, "61"),
        ("advice beyond 115 %", PreAuth, nothing, CompletionAdvice, 11_501, "61"),
        ("advice", PreAuth, nothing, CompletionAdvice, 11_500, "->"),
        ("completion twice", PreAuth, completed, Completion, 1_000, "22"),
        ("completion of what was released", PreAuth, released, Completion, 1_000, "22"),
        ("completion of a sale", Sale, nothing, Completion, 1_000, "25"),
        ("release", PreAuth, nothing, PreAuthVoid, 10_000, "->"),
        ("release of a part", PreAuth, nothing, PreAuthVoid, 9_000, "64"),
        ("release of what is completed", PreAuth, completed, PreAuthVoid, 10_000, "22"),
        ("release of a sale", Sale, nothing, PreAuthVoid, 10_000, "25"),
        ("void of a completion that is none", Sale, nothing, CompletionVoid, 10_000, "25"),
    ];
    for (name, kind, before, follows, minor, expected) in cases {
        for restart in [false, true] {
            let mut world = World::new();
            let original = world.approved(*kind, 10_000);
            before(&mut world, &original);
            if restart {
                world.restart();
            }
            let sent = world.sent.len();
            let conversation = world.transact(*follows, *minor, Some(original));
            if *expected == "->" {
                assert_eq!(world.sent.len(), sent + 1, "{name}: the bank is asked");
                world.bank("00");
                assert_eq!(world.code(conversation), "00", "{name}");
            } else {
                assert_eq!(
                    (world.code(conversation).as_str(), world.sent.len()),
                    (*expected, sent),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn an_unknown_original_is_refused_without_asking_the_bank() {
    let mut world = World::new();
    world.sale(10_000);
    let rrn = Some(world.last().rrn);
    for kind in [Kind::Void, Kind::Refund] {
        let conversation = world.transact(kind, 10_000, Some(Original { rrn, ..Original::default() }));
        assert_eq!((world.code(conversation).as_str(), world.sent.len()), ("22", 1));
    }
}

#[test]
fn an_original_must_be_this_cards_and_this_merchants() {
    type Change = fn(&mut World, &mut Original);
    let cases: &[(&str, Change)] = &[
        ("another card", |world, _| world.card = CardToken([6; 16])),
        ("another merchant", |world, _| {
            world.till.merchant = MerchantNo(*b"898110253110002");
        }),
        ("another merchant of the same shard", |world, _| {
            let shard = world.till.shard();
            let serials =
                (2..9_999).map(|n| MerchantNo::parse(format!("89811025311{n:04}").as_bytes()).unwrap());
            world.till.merchant = serials.into_iter().find(|merchant| Shard::of(*merchant) == shard).unwrap();
        }),
        ("another trace", |_, original| original.trace = Some(77)),
        ("another batch", |_, original| original.batch = Some(77)),
        ("a reference that is not ours", |_, original| original.rrn = Some(Rrn(*b"UUUUUUUUUUUU"))),
        ("a reference that nobody has", |world, original| {
            original.rrn = Some(Rrn::new(Moment(0), Shard::of(world.till.merchant), 999));
        }),
        ("nothing named at all", |_, original| *original = Original::default()),
    ];
    for (name, change) in cases {
        let mut world = World::new();
        let mut original = world.approved(Kind::Sale, 10_000);
        change(&mut world, &mut original);
        let refund = world.transact(Kind::Refund, 1_000, Some(original));
        assert_eq!((world.code(refund).as_str(), world.sent.len()), ("25", 1), "{name}");
    }
    let mut world = World::new();
    world.approved(Kind::Sale, 10_000);
    let refund = world.transact(Kind::Refund, 1_000, None);
    assert_eq!(world.code(refund), "25", "no original named");
}

#[test]
fn an_original_is_found_by_reference_by_authorisation_or_by_trace() {
    type Quote = fn(Original) -> Original;
    let cases: &[(Kind, Kind, Quote, Option<Knowledge>)] = &[
        (Kind::Sale, Kind::Refund, |original| Original { auth: None, ..original }, Some(Knowledge::Quoted)),
        (
            Kind::PreAuth,
            Kind::Completion,
            |original| Original { rrn: None, ..original },
            Some(Knowledge::Quoted),
        ),
        (Kind::Sale, Kind::Void, |original| Original { rrn: None, auth: None, ..original }, None),
        (Kind::PreAuth, Kind::PreAuthVoid, |original| Original { rrn: None, auth: None, ..original }, None),
    ];
    for (kind, follows, quote, knows) in cases {
        for restart in [false, true] {
            let mut world = World::new();
            let original = world.approved(*kind, 10_000);
            if restart {
                world.restart();
            }
            world.transact(*follows, 10_000, Some(quote(original)));
            assert!(!world.sent.is_empty(), "{follows:?}: found");
            assert_eq!(world.leg(0).knows, *knows, "only who received the approval can quote it");
            assert_eq!(world.leg(0).merchant == Merchant::Has, knows.is_some());
        }
    }
}

#[test]
fn refunds_that_race_each_other_cannot_exceed_the_sale() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    world.withhold = true;
    let first = world.transact(Kind::Refund, 6_000, Some(original.clone()));
    world.till = till(2);
    world.trace = 50;
    let second = world.transact(Kind::Refund, 6_000, Some(original));
    while !world.held.is_empty() {
        world.release();
    }
    assert_eq!(world.sent.len(), 2, "one refund left");
    assert_eq!((world.reply(first), world.code(second).as_str()), (None, "22"));
}

#[test]
fn a_refund_is_repeated_under_its_keys_until_it_is_answered() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    let refund = world.transact(Kind::Refund, 4_000, Some(original.clone()));
    world.until(130);
    assert_eq!(world.code(refund), "98");
    let copies = world.sent[1..].to_vec();
    assert_eq!((copies[0].what, copies[1].what), (BankAsk::Request, BankAsk::Repeat));
    assert!(
        copies.len() >= 3 && copies.iter().all(|copy| (copy.key, copy.rrn) == (copies[0].key, copies[0].rrn))
    );
    assert!(copies[1].secret.is_none());
    world.bank("00");
    let (sent, payment) = (world.sent.len(), world.payment(0));
    assert_eq!(
        (payment.halves().unwrap().returned, payment.refunded(hefu_tally::LegNo(0)).unwrap()),
        (fen(4_000), fen(4_000))
    );
    world.until(3_600);
    assert_eq!(world.sent.len(), sent);
    let rest = world.transact(Kind::Refund, 6_000, Some(original));
    world.bank("00");
    assert_eq!((world.code(rest).as_str(), world.payment(0).view()), ("00", hefu_tally::View::Returned));
}

#[test]
fn a_follower_names_its_original_to_the_bank_and_its_reversal_names_itself() {
    let mut world = World::new();
    let original = world.approved(Kind::PreAuth, 10_000);
    let hold = world.sent[0].clone();
    world.transact(Kind::Completion, 10_000, Some(original));
    let completion = world.last();
    let named = completion.original.unwrap();
    assert_eq!((named.class, named.key), (100, hold.key));
    assert_eq!(completion.auth, Some(hefu_tally::AuthCode(*b"123456")));
    world.until(57);
    let named = world.last().original.unwrap();
    assert_eq!(
        (world.last().what, named.class, named.key),
        (BankAsk::Reversal { reason: 4354 }, 200, completion.key)
    );
}

#[test]
fn what_is_refused_here_is_a_payment_of_its_own() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    for _ in 0..100 {
        let refused = world.transact(Kind::Refund, 10_001, Some(original.clone()));
        assert_eq!(world.code(refused), "64");
    }
    assert_eq!(world.payment(0).legs().count(), 1);
    let refund = world.transact(Kind::Refund, 10_000, Some(original));
    world.bank("00");
    assert_eq!(world.code(refund), "00", "refusals do not use the original up");
    assert_eq!(world.leg(1).issuer, Issuer::Untouched);
}

#[test]
fn amounts_that_cannot_be_are_refused() {
    let mut world = World::new();
    for minor in [0, -1, 1_000_000_000_000, i64::MAX, i64::MIN] {
        let sale = world.sale(minor);
        assert_eq!(world.code(sale), "13", "{minor}");
    }
    world.sale(999_999_999_999);
    assert_eq!(world.sent.len(), 1, "the largest that F4 can carry");
    world.bank("00");
    let original = world.approved(Kind::Sale, 10_000);
    let mut refund = world.transaction(Kind::Refund, 1_000, Some(original));
    refund.amount = Money::new(1_000, Currency(840));
    let refund = world.ask(Ask::Transact(Box::new(refund)));
    assert_eq!(world.code(refund), "13", "another currency");
}

#[test]
fn a_void_gives_the_fee_back_that_was_taken() {
    let mut world = World::new();
    let original = world.approved(Kind::Sale, 10_000);
    world.config.fee = 99;
    world.restart();
    world.transact(Kind::Void, 10_000, Some(original));
    let payment = world.payment(0);
    let fees: Vec<u16> = payment.legs().map(|(_, leg)| leg.fee).collect();
    assert_eq!(fees, [60, 60]);
}

#[test]
fn an_authorisation_code_that_was_replaced_leads_nowhere_dangerous() {
    let mut world = World::new();
    let original = world.approved(Kind::PreAuth, 10_000);
    world.reversal(Kind::PreAuth, 10_000, 1);
    world.bank("00");
    let hold = world.sent[0].clone();
    world.answer(&hold, "00", |answer| answer.auth = Some(hefu_tally::AuthCode(*b"654321")));
    world.bank("00");
    world.until(700);
    assert_eq!(world.engine.open(), 0, "it is not in memory any more");
    let quoted = Original { rrn: None, batch: None, trace: None, ..original };
    let completion = world.transact(Kind::Completion, 10_000, Some(quoted));
    assert_eq!(world.code(completion), "22", "the old code still leads to what was given back");
}
