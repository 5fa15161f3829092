//! What answers to the reversal prove.

use super::*;
use crate::fact::ReversalMeaning;

fn older(text: &str) -> Evidence {
    Evidence::OlderCopyAnswered(code(text))
}

#[test]
fn answer_00_returns_and_a_later_approval_is_reversed_once_more() {
    let scene = check("00", sale(), &[(55, Evidence::Due), (56, reversal("00"))], RETURNED);
    let again =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
    let scene = check("then an approval", scene, &[(61, answer("00"))], again);
    assert!(scene.tally.first().owed && copies(&scene, FIRST) == 2);
    let scene = check("acknowledged again", scene, &[(62, reversal("00"))], RETURNED);
    assert!(!scene.tally.first().owed);
    check("and again", scene, &[(63, reversal("00")), (64, reversal("25"))], RETURNED);
}

#[test]
fn the_answer_to_a_copy_older_than_the_approval_proves_nothing_about_it() {
    let open: End = (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse], Some("98"));
    let steps = [(55, Evidence::Due), (56, answer("00")), (57, reversal("00"))];
    let scene = check("the approval came between", sale(), &steps, open);
    assert_eq!(scene.tally.duties()[0].due, scene.moment(57), "one more copy, at once");
    let scene = check("it leaves", scene, &[(57, Evidence::Due)], open);
    assert_eq!(copies(&scene, FIRST), 2);
    for text in ["00", "94"] {
        let steps = [(55, Evidence::Due), (56, answer("00")), (57, reversal("00")), (57, Evidence::Due)];
        let again = check("one more copy", sale(), &steps, open);
        check("its answer counts; an early 00 was no refusal", again, &[(58, reversal(text))], RETURNED);
    }
    let steps = [(55, Evidence::Due), (65, Evidence::Due), (66, answer("00")), (67, reversal("94"))];
    check("a 94 to an older copy", sale(), &steps, open);
    let lost = [(55, Evidence::Due), (56, answer("00")), (65, Evidence::Due), (66, reversal("00"))];
    let scene = check("whose answer is it? the first may be lost", sale(), &lost, open);
    assert_eq!(scene.tally.duties()[0].due, scene.moment(86), "a copy has left since: no haste");
    let more = [(106, Evidence::Due), (107, reversal("00"))];
    let scene = check("two answers are more than one copy", scene, &more, RETURNED);
    assert_eq!((copies(&scene, FIRST), scene.tally.first().owed), (3, false));
}

/// Seed 3077755: the second copy was broken on its way and answered 99; then the first one's answer came.
#[test]
fn an_answer_that_says_nothing_of_the_original_is_none_of_those_that_are_counted() {
    let open: End = (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse], Some("98"));
    let steps = [(55, Evidence::Due), (56, answer("00")), (60, Evidence::Due), (61, reversal("99"))];
    let scene = check("the broken copy's", sale(), &steps, open);
    let scene = check("the early one's", scene, &[(62, reversal("00"))], open);
    check("one more copy's", scene, &[(62, Evidence::Due), (63, reversal("00"))], RETURNED);
}

/// Seed 3048413: the approval between the reversal and its answer was spoilt on its way.
#[test]
fn the_answer_to_a_copy_older_than_an_answer_that_cannot_be_believed_proves_nothing_either() {
    let spoilt = answer_over("00", None, Some(Flaw::WrongMac));
    let steps = [(55, Evidence::Due), (56, spoilt), (57, reversal("00"))];
    let scene = check("it may have been an approval", sale(), &steps, REVERSING);
    assert_eq!(scene.tally.duties()[0].due, scene.moment(57), "one more copy, at once");
    check("its answer counts", scene, &[(57, Evidence::Due), (58, reversal("00"))], RETURNED);
}

#[test]
fn answer_94_returns_only_as_an_answer_to_an_unrefused_repeat() {
    let clash = (
        View::UnderReview,
        Issuer::Unknown,
        Merchant::No,
        Direction::Return,
        &[AwaitClearing, AskPerson] as &[_],
        Some("98"),
    );
    let scene = check("to the first", sale(), &[(55, Evidence::Due), (56, reversal("94"))], clash);
    assert_eq!(case(&scene), Some(Case::KeyClash));
    let repeat = [(55, Evidence::Due), (65, Evidence::Due)];
    let mut scene = check("a repeat", sale(), &repeat, REVERSING);
    assert_eq!(copies(&scene, FIRST), 2);
    scene = check("crossing a repeat: it may answer the first", scene, &[(66, reversal("94"))], REVERSING);
    scene = check("it was the first one's", scene, &[(67, reversal("12"))], REVERSING);
    drop(scene);
    let twice = [(55, Evidence::Due), (65, Evidence::Due), (66, reversal("94")), (86, Evidence::Due)];
    check("to a repeat", sale(), &[&twice[..], &[(87, reversal("94"))]].concat(), RETURNED);
    let steps = [(55, Evidence::Due), (56, reversal("96")), (76, Evidence::Due), (77, reversal("94"))];
    let scene = check("to a repeat after a refusal", sale(), &steps, REVERSING);
    assert_eq!(copies(&scene, FIRST), 2);
    for text in ["A0", "99"] {
        let unread = [(55, Evidence::Due), (56, reversal(text)), (76, Evidence::Due)];
        let scene = check("garbled on its way: no refusal", sale(), &unread, REVERSING);
        check("to the first copy that was read", scene.clone(), &[(77, reversal("94"))], clash);
        let steps = [(106, Evidence::Due), (107, reversal("94"))];
        let scene = check("to one of two copies that were read", scene, &steps, REVERSING);
        let scene = check("to the second", scene, &[(108, reversal("94"))], RETURNED);
        assert_eq!(copies(&scene, FIRST), 3);
    }
}

#[test]
fn a_first_no_original_closes_nothing_and_a_second_one_only_after_the_transit_time() {
    for text in ["25", "12"] {
        let scene = check(text, sale(), &[(55, Evidence::Due), (56, reversal(text))], REVERSING);
        let due = scene.tally.duties()[0].due;
        assert_eq!(due, scene.moment(56 + 30), "a bank may hold what it denies for half a minute");
        let scene = check("the same answer again", scene, &[(57, reversal(text))], REVERSING);
        let scene = check("not yet due", scene, &[(85, Evidence::Due)], REVERSING);
        assert_eq!(copies(&scene, FIRST), 1);
        let closed = (
            View::Declined,
            Issuer::NotDone,
            Merchant::No,
            Direction::Return,
            &[AwaitClearing] as &[_],
            Some("98"),
        );
        let scene = check("the second", scene, &[(86, Evidence::Due), (87, reversal(text))], closed);
        assert!(scene.tally.matched(), "and clearing is awaited all the same");
        assert_eq!(scene.tally.first().truth(code("98")), code("91"), "nothing was charged");
        let open =
            (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
        let scene = check("a late approval re-opens", scene, &[(140, answer("00"))], open);
        check("a later reversal gets 00", scene, &[(141, reversal("00"))], RETURNED);
    }
    let mut soon = sale();
    soon.give(1, FIRST, &answer("96"));
    soon.give(2, FIRST, &reversal("25"));
    assert_eq!(soon.tally.duties()[0].due, soon.moment(32), "what was answered is on its way no more");
    let mut lost = sale();
    lost.give(1, FIRST, &answer_over("00", None, Some(Flaw::WrongMac)));
    lost.give(2, FIRST, &reversal("25"));
    assert_eq!(
        lost.tally.duties()[0].due,
        lost.moment(70),
        "what was not may have left late, and be on its way"
    );
    let early = [(55, Evidence::Due), (65, Evidence::Due), (66, reversal("25")), (67, reversal("25"))];
    check("two answers, to copies that left too early", sale(), &early, REVERSING);
}

#[test]
fn a_denial_closes_only_when_it_cannot_be_that_of_an_earlier_copy() {
    // Two copies left before the first denial: the answer to one of them may still come.
    let steps = [(55, Evidence::Due), (60, Evidence::Due), (61, reversal("25")), (91, Evidence::Due)];
    let scene = check("a third copy", sale(), &steps, REVERSING);
    assert_eq!(copies(&scene, FIRST), 3);
    let scene = check("whose denial is it?", scene, &[(92, reversal("25"))], REVERSING);
    let due = scene.tally.duties()[0].due;
    let mut answered = scene.clone();
    answered.give(111, FIRST, &Evidence::Due);
    assert_eq!((due, copies(&answered, FIRST)), (answered.moment(111), 4), "the pause goes on as it was");
    answered.give(112, FIRST, &reversal("25"));
    assert_eq!(answered.tally.first().issuer, Issuer::NotDone, "more denials than earlier copies");
    let scene = check("a third copy", sale(), &steps, REVERSING);
    let broken = [(92, reversal("99")), (93, reversal("25"))];
    check("one that says nothing of the original is no denial", scene, &broken, REVERSING);

    let held = [(55, Evidence::Due), (56, reversal("25")), (86, Evidence::Due), (87, older("25"))];
    let scene = check("the second copy has not left", sale(), &held, REVERSING);
    assert_eq!(copies(&scene, FIRST), 2);
    let mut clash = check("a second copy", sale(), &[(55, Evidence::Due), (60, Evidence::Due)], REVERSING);
    clash.give(61, FIRST, &older("94"));
    assert_eq!(case(&clash), Some(Case::KeyClash), "nor has it left here: 94 answers the first");

    let mut silent = check("the first denial", sale(), &steps[..3], REVERSING);
    // Copies that nobody answers, until an answer that lay somewhere for a quarter of an hour would have come.
    let last = 91 + 15 * 60;
    for second in [91, 111].into_iter().chain((151..=last).step_by(60)) {
        assert_eq!(silent.tally.duties()[0].due, silent.moment(second));
        silent.give(second, FIRST, &Evidence::Due);
        if second < last {
            let at_once = (second + 1, reversal("25"));
            check("an earlier answer may still be on its way", silent.clone(), &[at_once], REVERSING);
        }
    }
    let mut seldom = check("the first denial", sale(), &steps[..3], REVERSING);
    for second in [91, 111, last - 1] {
        seldom.give(second, FIRST, &Evidence::Due);
    }
    check("a quarter of an hour has not passed", seldom, &[(last, reversal("25"))], REVERSING);
    silent.give(last + 1, FIRST, &reversal("25"));
    assert_eq!(silent.tally.first().issuer, Issuer::NotDone, "no earlier answer can be on its way any more");
}

#[test]
fn a_no_original_after_an_approval_or_across_the_cut_is_left_to_clearing() {
    let done = (
        View::Returning,
        Issuer::Done,
        Merchant::No,
        Direction::Return,
        &[AwaitClearing] as &[_],
        Some("00"),
    );
    let steps = [(1, answer("00")), (9, reversed()), (10, reversal("25"))];
    check("after an approval", sale(), &steps, done);
    let scene = check("across the cut", late_sale(), &[(55, Evidence::Due), (56, reversal("25"))], LEFT);
    let until = scene.tally.duties()[0].due;
    assert_eq!(until, scene.moment(30 + 2 * DAY).after(12 * HOUR), "the files of this day and the next");
    check("22", sale(), &[(55, Evidence::Due), (56, reversal("22"))], LEFT);
    let steps = [(55, Evidence::Due), (56, reversal("25")), (60, answer("00"))];
    let open =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
    let scene = check("the original turns up between", sale(), &steps, open);
    assert_eq!(copies(&scene, FIRST), 2, "and is reversed at once");
}

#[test]
fn any_other_answer_or_silence_is_repeated_with_growing_pauses_and_slowly_after_the_cut() {
    let mut scene = check("deadline", sale(), &[(55, Evidence::Due)], REVERSING);
    let mut due = 55;
    for (pause, number) in [(5, 2), (10, 3), (20, 4), (40, 5), (60, 6), (60, 7)] {
        due += pause;
        assert!(scene.give(due - 1, FIRST, &Evidence::Due).is_empty(), "not before {due}");
        scene.give(due, FIRST, &Evidence::Due);
        assert_eq!(copies(&scene, FIRST), number);
    }
    scene = check("96 in between", scene, &[(due + 1, reversal("96"))], REVERSING);
    let late = (
        View::Returning,
        Issuer::Unknown,
        Merchant::No,
        Direction::Return,
        &[Reverse, AwaitClearing] as &[_],
        Some("98"),
    );
    let mut scene = check("the cut", scene, &[(NOON_TO_CUT, Evidence::Due)], late);
    assert_eq!(copies(&scene, FIRST), 7, "clearing is asked first");
    for (seconds, number) in [(0, 8), (600, 9), (1_200, 10)] {
        scene = check("slowly", scene, &[(NOON_TO_CUT + seconds, Evidence::Due)], late);
        assert_eq!(copies(&scene, FIRST), number);
        assert!(scene.give(NOON_TO_CUT + seconds + 599, FIRST, &Evidence::Due).is_empty(), "not before");
    }
    let refused = check("25 by then", scene.clone(), &[(NOON_TO_CUT + 1_801, reversal("25"))], LEFT);
    assert_eq!(copies(&refused, FIRST), 10, "an answer came: nothing more is sent");
    let scene = check("96 by then", scene, &[(NOON_TO_CUT + 1_802, reversal("96"))], late);
    let late = check("an answer after days", scene, &[(NOON_TO_CUT + 3 * DAY, reversal("00"))], RETURNED);
    assert!(late.tally.matched());
    let three = [
        (55, Evidence::Due),
        (56, reversal("96")),
        (80, Evidence::Due),
        (81, reversal("96")),
        (130, Evidence::Due),
        (131, reversal("96")),
        (200, Evidence::Due),
        (201, reversal("00")),
    ];
    let scene = check("96 three times, then 00", sale(), &three, RETURNED);
    assert_eq!(copies(&scene, FIRST), 4);
}

#[test]
fn chance_only_shortens_a_pause_and_by_a_quarter_at_most() {
    for (chance, pause) in [(0, 5_000), (500, 4_375), (999, 3_752)] {
        let mut scene = sale();
        scene.supply.chance = chance;
        scene.give(55, FIRST, &Evidence::Due);
        assert_eq!(scene.tally.duties()[0].due, scene.moment(55).after(pause), "{chance}");
    }
}

#[test]
fn clearing_that_stays_silent_is_a_persons_case_and_asked_for_again_each_day() {
    let scene = check("left", sale(), &[(55, Evidence::Due), (56, reversal("22"))], LEFT);
    let until = NOON_TO_CUT + DAY + 12 * 3_600;
    let scene = check("not yet", scene, &[(until - 1, Evidence::Due)], LEFT);
    let silent = (
        View::UnderReview,
        Issuer::Unknown,
        Merchant::No,
        Direction::Return,
        &[AwaitClearing, AskPerson] as &[_],
        Some("98"),
    );
    let mut scene = check("silent", scene, &[(until, Evidence::Due)], silent);
    assert_eq!(case(&scene), Some(Case::ClearingSilent));
    for day in 1..4 {
        let now = scene.tally.duties().iter().map(|duty| duty.due).max().unwrap();
        let seconds = now.since(scene.moment(0)) / SECOND;
        scene = check("nobody looked", scene, &[(seconds, Evidence::Due)], silent);
        let next = now.after(24 * HOUR);
        assert!(scene.tally.duties().iter().all(|duty| duty.due > now && duty.due <= next), "day {day}");
        assert!(scene.give(seconds, FIRST, &Evidence::Due).is_empty(), "once a day");
    }
}

#[test]
fn a_reversal_that_is_closed_or_left_to_clearing_is_moved_by_no_further_denial() {
    let closed = check("closed", sale(), &[(55, Evidence::Due), (56, reversal("00"))], RETURNED);
    let left = check("left to clearing", sale(), &[(55, Evidence::Due), (56, reversal("22"))], LEFT);
    let denials = ["25", "12", "22", "96", "99", "A0"];
    let once_more = ["25", "12", "22", "96", "99", "A0", "00", "94"];
    for (scene, end, answers) in [(closed, RETURNED, once_more.as_slice()), (left, LEFT, &denials)] {
        for text in answers {
            let mut scene = check(text, scene.clone(), &[(57, reversal(text))], end);
            let facts = scene.give(58, FIRST, &reversal(text));
            let again =
                Fact::ReversalAnswered { leg: FIRST, code: code(text), meaning: ReversalMeaning::Again };
            assert_eq!(facts, [again], "it is written down, and that is all");
        }
    }
}

#[test]
fn a_case_that_nobody_looks_at_is_asked_for_again_each_day() {
    let steps = [(1, answer("00")), (2, known(Knowledge::Quoted)), (9, reversed())];
    let mut scene = sale();
    steps.iter().for_each(|(seconds, evidence)| drop(scene.give(*seconds, FIRST, evidence)));
    assert_eq!(case(&scene), Some(Case::ReversedAgainstProof));
    for _ in 0..3 {
        let [duty] = scene.tally.duties()[..] else { panic!("one duty: {:?}", scene.tally.duties()) };
        let seconds = duty.due.since(scene.moment(0)) / SECOND;
        assert!(scene.give(seconds - 1, FIRST, &Evidence::Due).is_empty(), "not before");
        scene.give(seconds, FIRST, &Evidence::Due);
        assert!(scene.tally.duties()[0].due > duty.due);
    }
}
