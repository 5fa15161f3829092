//! Each card of the two tables, as a conversation.

use crate::acquirer::*;
use crate::script::{Act, Step, check};
use Act::{Again, Ask, AskByChip, AskWithPin, Lost, Of, OfAmount, Reverse, Wait};
use hefu_tally::time::{MINUTE, SECOND};
use hefu_world::bank::{InClearing, OnPayment, What};

/// Sale, void, and repeats of both; the way of every card on which nothing goes wrong with them.
const SALE_AND_VOID: &[Step] = &[
    (Ask(SALE, 1_000), &["0210 00"]),
    (Again(0), &["0210 00"]),
    (Of(0, VOID_OF_SALE), &["0210 00"]),
    (Again(2), &["0210 00"]),
];

/// Pre-authorisation, completion above it, and what undoes the completion.
const HOLD_AND_COMPLETE: &[Step] = &[
    (Ask(PRE_AUTH, 1_000), &["0110 00"]),
    (OfAmount(0, COMPLETION, 1_150), &["0210 00"]),
    (Of(1, VOID_OF_COMPLETION), &["0210 00"]),
    (Reverse(2), &["0430 00"]),
];

#[test]
fn cards_that_work_do_everything() {
    for card in [
        "6200000000000005",
        "6200000000000013",
        // Not in the tables.
        "6200000000000021",
        "6200000000000807",
        "6200000000000815",
        "6200000000000823",
        "6200000000000831",
        "6200000000000849",
        "6200000000000856",
    ] {
        check(card, SALE_AND_VOID, (1_000, 1_000, 0));
        check(card, HOLD_AND_COMPLETE, (2_300, 1_150, 0));
        check(card, &[(Ask(SALE, 5), &["0210 00"]), (Reverse(0), &["0430 00"])], (5, 5, 0));
    }
}

#[test]
fn the_chip_card_answers_issuer_data_to_chip_data() {
    let script: &[Step] = &[
        (AskByChip(SALE, 100), &["0210 00 F55"]),
        (AskByChip(PRE_AUTH, 100), &["0110 00 F55"]),
        (Ask(SALE, 100), &["0210 00"]),
    ];
    check("6200000000000013", script, (200, 0, 100));
    check(PLAIN_CARD, &[(AskByChip(SALE, 100), &["0210 00"])], (100, 0, 0));
}

#[test]
fn half_is_approved_rounded_down_and_given_back_whole() {
    let script: &[Step] = &[
        (Ask(SALE, 1_001), &["0210 10 F4=000000000500"]),
        (Again(0), &["0210 10 F4=000000000500"]),
        (Reverse(0), &["0430 00"]),
        (Ask(PRE_AUTH, 301), &["0110 10 F4=000000000150"]),
        (Ask(SALE, 101), &["0210 10 F4=000000000050"]),
        (OfAmount(4, VOID_OF_SALE, 50), &["0210 00"]),
        (Ask(SALE, 1), &["0210 51"]),
    ];
    check("6200000000000104", script, (550, 550, 150));
}

#[test]
fn declining_cards_decline_sale_and_pre_authorisation() {
    for (card, sale, hold) in [
        ("6200000000000518", "0210 51", "0110 51"),
        ("6200000000000542", "0210 54", "0110 54"),
        ("6200000000000617", "0210 61", "0110 61"),
    ] {
        let mut talk = check(card, &[], (0, 0, 0));
        assert_eq!(talk.play(card, Ask(SALE, 1)), [sale]);
        assert_eq!(talk.play(card, Ask(PRE_AUTH, 1)), [hold]);
        assert_eq!(talk.play(card, Reverse(0)), ["0430 25"], "nothing was charged");
        assert_eq!(talk.bank.book().entries, []);
    }
}

#[test]
fn the_pin_card_declines_until_the_pin_is_right() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 55"]),
        (AskWithPin(SALE, 100, "123457"), &["0210 55"]),
        // A repeat is no further try.
        (Again(1), &["0210 55"]),
        (AskWithPin(PRE_AUTH, 100, "654321"), &["0110 55"]),
        (AskWithPin(SALE, 100, "000000"), &["0210 75"]),
        (AskWithPin(SALE, 100, "000001"), &["0210 75"]),
        (AskWithPin(SALE, 100, "123456"), &["0210 00"]),
        (AskWithPin(SALE, 100, "1234567"), &["0210 55"]),
    ];
    check("6200000000000559", script, (100, 0, 0));
}

#[test]
fn an_unseen_request_has_no_original_to_reverse() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Reverse(0), &["0430 25"]),
        (Wait(MINUTE), &[]),
        (Again(1), &["0430 25"]),
        (Ask(PRE_AUTH, 100), &[]),
        (Reverse(4), &["0430 25"]),
    ];
    check("6200000000000609", script, (0, 0, 0));
}

#[test]
fn a_lost_answer_stays_lost_and_the_charge_is_reversed() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Again(0), &[]),
        (Wait(60 * MINUTE), &[]),
        (Reverse(0), &["0430 00"]),
        (Again(3), &["0430 00"]),
        (Ask(PRE_AUTH, 70), &[]),
        (Reverse(5), &["0430 00"]),
    ];
    check("6200000000000625", script, (100, 100, 0));
}

#[test]
fn a_late_answer_comes_after_90_seconds_and_after_the_reversal() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(90 * SECOND - 1), &[]),
        (Again(0), &[]),
        (Wait(1), &["0210 00"]),
        (Again(0), &["0210 00"]),
        (Ask(PRE_AUTH, 40), &[]),
        (Reverse(5), &["0430 00"]),
        (Wait(90 * SECOND), &["0110 00"]),
        (Again(6), &["0430 00"]),
    ];
    check("6200000000000633", script, (100, 0, 0));
}

#[test]
fn the_answer_follows_the_0430_by_5_seconds_and_only_once() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(10 * MINUTE), &[]),
        (Reverse(0), &["0430 00"]),
        (Wait(5 * SECOND - 1), &[]),
        (Wait(1), &["0210 00"]),
        (Again(2), &["0430 00"]),
        (Wait(10 * MINUTE), &[]),
    ];
    check("6200000000000641", script, (100, 100, 0));
}

#[test]
fn the_held_sale_is_charged_20_seconds_after_the_25() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(55 * SECOND), &[]),
        (Reverse(0), &["0430 25"]),
        (Wait(60 * SECOND), &[]),
        (Again(0), &[]),
        (Again(2), &["0430 00"]),
        (Again(2), &["0430 00"]),
    ];
    let talk = check("6200000000000658", script, (100, 100, 0));
    let charged = talk.bank.book().entries[0].at;
    assert_eq!(charged, crate::script::NOON.after(75 * SECOND));
}

#[test]
fn the_held_sale_is_never_charged_once_a_reversal_got_00() {
    for second in [Again(1), Reverse(0)] {
        let script: &[Step] = &[
            (Ask(SALE, 100), &[]),
            (Reverse(0), &["0430 25"]),
            (Wait(19 * SECOND), &[]),
            (second, &["0430 00"]),
            (Wait(10 * MINUTE), &[]),
            (Again(1), &["0430 00"]),
        ];
        check("6200000000000658", script, (0, 0, 0));
    }
}

#[test]
fn a_held_pre_authorisation_nobody_reverses_holds_nothing() {
    check("6200000000000658", &[(Ask(PRE_AUTH, 100), &[]), (Wait(60 * MINUTE), &[])], (0, 0, 0));
}

#[test]
fn each_reversal_is_refused_thrice_before_it_is_done() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Reverse(0), &["0430 96"]),
        (Again(1), &["0430 96"]),
        (Again(1), &["0430 96"]),
        (Again(1), &["0430 00"]),
        (Again(1), &["0430 00"]),
        (Reverse(0), &["0430 96"]),
    ];
    check("6200000000000666", script, (100, 100, 0));
}

#[test]
fn reversals_go_unanswered_for_10_minutes_from_the_first() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(MINUTE), &[]),
        (Reverse(0), &[]),
        (Wait(10 * MINUTE - 1), &[]),
        (Again(2), &[]),
        (Reverse(0), &[]),
        (Wait(1), &[]),
        (Again(5), &["0430 00"]),
        (Again(2), &["0430 00"]),
    ];
    check("6200000000000674", script, (100, 100, 0));
}

#[test]
fn codes_that_prove_nothing() {
    let charged: &[Step] =
        &[(Ask(SALE, 100), &["0210 68"]), (Ask(PRE_AUTH, 100), &["0110 68"]), (Reverse(0), &["0430 00"])];
    check("6200000000000682", charged, (100, 100, 100));
    let not_charged: &[Step] = &[
        (Ask(SALE, 100), &["0210 96"]),
        (Reverse(0), &["0430 12"]),
        (Wait(MINUTE), &[]),
        (Again(1), &["0430 12"]),
        (Lost(SALE, 100), &[]),
        (Reverse(4), &["0430 12"]),
    ];
    check("6200000000000690", not_charged, (0, 0, 0));
}

#[test]
fn spoilt_answers_belong_to_good_charges() {
    for (card, sale, hold) in [
        ("6200000000000716", "0210 00 wrong MAC", "0110 00 wrong MAC"),
        ("6200000000000724", "0210 00 F4=000000000101", "0110 00 F4=000000000101"),
        ("6200000000000732", "0210 00 F41=99999999", "0110 00 F41=99999999"),
    ] {
        let mut talk = check(card, &[], (0, 0, 0));
        assert_eq!(talk.play(card, Ask(SALE, 100)), [sale]);
        assert_eq!(talk.play(card, Again(0)), [sale]);
        assert_eq!(talk.play(card, Ask(PRE_AUTH, 100)), [hold]);
        assert_eq!(talk.play(card, Reverse(0)), ["0430 00"]);
        let line = talk.bank.book().account(card).unwrap().clone();
        assert_eq!((line.charged, line.returned, line.held), (100, 100, 100), "{card}");
    }
}

#[test]
fn a_void_is_done_and_its_answer_lost() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (Of(0, VOID_OF_SALE), &[]),
        (Again(1), &[]),
        (Reverse(1), &["0430 00"]),
        (Again(3), &["0430 00"]),
    ];
    check("6200000000000906", script, (200, 100, 0));
    let hold: &[Step] =
        &[(Ask(PRE_AUTH, 100), &["0110 00"]), (Of(0, VOID_OF_PRE_AUTH), &[]), (Reverse(1), &["0430 00"])];
    check("6200000000000906", hold, (0, 0, 100));
}

#[test]
fn a_void_is_never_seen() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (Of(0, VOID_OF_SALE), &[]),
        (Reverse(1), &["0430 25"]),
        (Again(2), &["0430 25"]),
    ];
    check("6200000000000914", script, (100, 0, 0));
}

#[test]
fn a_refund_is_done_its_answer_lost_and_its_repeat_answered() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (OfAmount(0, REFUND, 30), &[]),
        (Again(1), &["0230 00"]),
        (Again(1), &["0230 00"]),
    ];
    check("6200000000000922", script, (100, 30, 0));
}

#[test]
fn a_completion_is_done_and_its_answer_lost() {
    let request: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (OfAmount(0, COMPLETION, 90), &[]),
        (Again(1), &[]),
        (Reverse(1), &["0430 00"]),
        (OfAmount(0, COMPLETION, 80), &[]),
    ];
    check("6200000000000930", request, (170, 90, 0));
    let advice: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (OfAmount(0, COMPLETION_ADVICE, 90), &[]),
        (Again(1), &["0230 00"]),
    ];
    check("6200000000000930", advice, (90, 0, 0));
}

#[test]
fn a_completion_advice_goes_unanswered_for_10_minutes() {
    let script: &[Step] = &[
        (Ask(PRE_AUTH, 100), &["0110 00"]),
        (OfAmount(0, COMPLETION_ADVICE, 90), &[]),
        (Wait(10 * MINUTE - 1), &[]),
        (Again(1), &[]),
        (Wait(1), &[]),
        (Again(1), &["0230 00"]),
        (Again(1), &["0230 00"]),
    ];
    check("6200000000000948", script, (90, 0, 0));
    let request: &[Step] = &[(Ask(PRE_AUTH, 100), &["0110 00"]), (OfAmount(0, COMPLETION, 90), &["0210 00"])];
    check("6200000000000948", request, (90, 0, 0));
}

#[test]
fn a_reversal_is_accepted_before_the_sale_is_processed() {
    let waiting: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(60 * MINUTE), &[]),
        (Reverse(0), &["0430 00"]),
        (Again(2), &["0430 00"]),
        (Wait(MINUTE), &["0210 00"]),
        (Again(2), &["0430 00"]),
    ];
    check("6200000000000955", waiting, (100, 100, 0));
    let overtaken: &[Step] = &[
        (Lost(SALE, 100), &[]),
        (Reverse(0), &["0430 00"]),
        (Again(0), &["0210 00"]),
        (Again(1), &["0430 00"]),
        (Again(1), &["0430 00"]),
    ];
    check("6200000000000955", overtaken, (100, 100, 0));
}

#[test]
fn a_reversal_is_done_its_answer_lost_and_its_repeats_called_duplicates() {
    let script: &[Step] =
        &[(Ask(SALE, 100), &[]), (Reverse(0), &[]), (Again(1), &["0430 94"]), (Again(1), &["0430 94"])];
    check("6200000000000963", script, (100, 100, 0));
}

#[test]
fn an_unknown_original_is_never_called_a_duplicate() {
    let script: &[Step] = &[
        (Lost(SALE, 100), &[]),
        (Reverse(0), &["0430 25"]),
        (Again(1), &["0430 25"]),
        (Again(0), &[]),
        (Again(1), &[]),
        (Again(1), &["0430 94"]),
    ];
    check("6200000000000963", script, (100, 100, 0));
}

#[test]
fn the_answer_comes_between_the_reversal_and_its_answer() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &[]),
        (Wait(MINUTE), &[]),
        (Reverse(0), &["0210 00", "0430 00"]),
        (Again(2), &["0430 00"]),
    ];
    check("6200000000000989", script, (100, 100, 0));
    let overtaken: &[Step] = &[
        (Lost(SALE, 100), &[]),
        (Reverse(0), &["0430 25"]),
        (Again(0), &[]),
        (Again(1), &["0210 00", "0430 00"]),
    ];
    check("6200000000000989", overtaken, (100, 100, 0));
}

#[test]
fn the_reversal_of_a_done_void_is_denied() {
    let script: &[Step] = &[
        (Ask(SALE, 100), &["0210 00"]),
        (Of(0, VOID_OF_SALE), &[]),
        (Reverse(1), &["0430 25"]),
        (Wait(MINUTE), &[]),
        (Again(2), &["0430 25"]),
    ];
    check("6200000000000997", script, (100, 100, 0));
}

#[test]
fn twice_charged_and_once_answered() {
    let script: &[Step] = &[(Ask(SALE, 100), &["0210 00"])];
    let talk = check("6200000000000708", script, (200, 0, 0));
    let book = talk.bank.book();
    let charges: Vec<_> = book.entries.iter().filter(|entry| entry.what == What::Charge).collect();
    assert_eq!(charges.len(), 2);
    assert_eq!(charges[0].rrn, charges[1].rrn);
    assert_eq!((book.payments.len(), book.payments[0].charged), (1, 200));
    // A reversal takes back what it names; the second charge is the bank's own and is found in clearing.
    check("6200000000000708", &[(Ask(SALE, 100), &["0210 00"]), (Reverse(0), &["0430 00"])], (200, 100, 0));
}

#[test]
fn a_charge_that_no_reversal_gives_back() {
    let script: &[Step] =
        &[(Ask(SALE, 100), &[]), (Reverse(0), &["0430 12"]), (Wait(MINUTE), &[]), (Again(1), &["0430 12"])];
    check("6200000000000971", script, (100, 0, 0));
}

#[test]
fn what_clearing_will_show_is_in_the_table() {
    use hefu_world::bank::Behaviour;
    for (card, expected) in [
        ("6200000000000708", InClearing::AsItIs),
        ("6200000000000807", InClearing::Missing),
        ("6200000000000815", InClearing::ChargedThoughReversed),
        ("6200000000000823", InClearing::OtherAmount),
        ("6200000000000831", InClearing::Twice),
        ("6200000000000849", InClearing::NextDay),
        ("6200000000000856", InClearing::OtherMerchantAndMcc),
        ("6200000000000971", InClearing::AsItIs),
    ] {
        let manners = Behaviour::of(card).manners();
        assert_eq!(manners.clearing, expected, "{card}");
        assert_ne!(manners.payment, OnPayment::NeverSee, "{card} charges");
    }
}
