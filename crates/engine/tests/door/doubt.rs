//! A second charge while the first is unknown.

use crate::world::{World, till};
use hefu_engine::Words;
use hefu_tally::{CardToken, Kind, MerchantNo};

#[test]
fn a_second_charge_is_refused_while_the_first_is_in_doubt() {
    type Step = fn(&mut World);
    // (name, what the first came to, what differs for the second, whether the bank is asked again)
    let cases: &[(&str, Step, Step, bool)] = &[
        ("in flight", |_| {}, |_| {}, false),
        ("unknown", |world| world.until(60), |_| {}, false),
        ("declined", |world| world.bank("51"), |_| {}, true),
        ("approved", |world| world.bank("00"), |_| {}, true),
        (
            "returned",
            |world| {
                world.until(55);
                world.bank("00")
            },
            |_| {},
            true,
        ),
        (
            "under return, charged",
            |world| {
                world.bank("00");
                world.reversal(Kind::Sale, 10_000, 1);
            },
            |_| {},
            false,
        ),
        (
            "left to clearing",
            |world| {
                world.until(55);
                world.bank("22")
            },
            |_| {},
            false,
        ),
        (
            "after a restart",
            |world| {
                world.until(55);
                world.restart()
            },
            |_| {},
            false,
        ),
        ("at another terminal", |_| {}, |world| world.till = till(2), false),
        ("with another card", |_| {}, |world| world.card = CardToken([6; 16]), true),
        ("at another merchant", |_| {}, |world| world.till.merchant = MerchantNo(*b"898110253110002"), true),
        ("a second short of ten minutes", |world| world.until(599), |_| {}, false),
        ("after ten minutes", |world| world.until(600), |_| {}, true),
        (
            "left to clearing, after ten minutes",
            |world| {
                world.until(55);
                world.bank("22");
                world.until(600);
            },
            |_| {},
            true,
        ),
    ];
    for (name, before, differs, asked) in cases {
        let mut world = World::new();
        world.sale(10_000);
        before(&mut world);
        differs(&mut world);
        let sent = world.sent.len();
        let second = world.sale(10_000);
        if *asked {
            assert_eq!(world.sent.len(), sent + 1, "{name}");
        } else {
            assert_eq!(world.sent.len(), sent, "{name}");
            assert_eq!(
                (world.code(second).as_str(), world.words(second)),
                ("94", Words::PreviousUnderCheck),
                "{name}"
            );
        }
    }
}

#[test]
fn another_amount_is_another_payment_and_a_hold_counts_like_a_sale() {
    let mut world = World::new();
    world.sale(10_000);
    world.sale(10_001);
    assert_eq!(world.sent.len(), 2);
    let hold = world.transact(Kind::PreAuth, 10_000, None);
    assert_eq!(world.code(hold), "94");
    let inquiry = world.transact(Kind::Inquiry, 0, None);
    assert_eq!((world.sent.len(), world.reply(inquiry)), (3, None));
}

#[test]
fn a_refusal_does_not_keep_the_next_one_in_doubt() {
    let mut world = World::new();
    world.sale(10_000);
    let second = world.sale(10_000);
    assert_eq!(world.code(second), "94");
    let first = world.sent[0].clone();
    world.answer(&first, "51", |_| {});
    world.sale(10_000);
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn a_payment_in_doubt_stays_in_memory_for_the_window_and_no_longer() {
    let mut world = World::new();
    world.sale(10_000);
    world.until(55);
    world.bank("22");
    assert_eq!(world.engine.open(), 1);
    world.until(599);
    assert_eq!(world.engine.open(), 1);
    world.until(601);
    assert_eq!(world.engine.open(), 0);
}
