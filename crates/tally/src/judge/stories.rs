//! Every rule as a little story of evidence with its times, in seconds after the request left.

use super::{
    Evidence, Flaw,
    scene::{Scene, answer, answer_over, code, reversal, yuan},
};
use crate::{
    duty::DutyKind,
    fact::Fact,
    leg::{Case, Direction, Issuer, Kind, Knowledge, LegNo, Merchant, View},
    tally::IssuerHalf,
    time::{HOUR, SECOND},
};
use DutyKind::{AskPerson, AwaitClearing, FindOut, HearMerchant, Insist, Reverse};

/// How a leg stands at the end of a story: its view, its halves, its direction, its duties, what was told.
type End = (View, Issuer, Merchant, Direction, &'static [DutyKind], Option<&'static str>);

const APPROVED: End =
    (View::Approved, Issuer::Done, Merchant::Told, Direction::Keep, &[HearMerchant], Some("00"));
const KNOWN: End = (View::Approved, Issuer::Done, Merchant::Has, Direction::Keep, &[], Some("00"));
const REVERSING: End =
    (View::Returning, Issuer::Unknown, Merchant::No, Direction::Return, &[Reverse], Some("98"));
const RETURNED: End = (View::Returned, Issuer::Undone, Merchant::No, Direction::Return, &[], Some("98"));
const LEFT: End =
    (View::Returning, Issuer::Unknown, Merchant::No, Direction::Return, &[AwaitClearing], Some("98"));

const FIRST: LegNo = LegNo(0);
const NOON_TO_CUT: i64 = 11 * 3_600;
const DAY: i64 = 24 * 3_600;

/// Plays the steps upon the first leg and compares how it ends.
#[track_caller]
fn check(name: &str, scene: Scene, steps: &[(i64, Evidence)], end: End) -> Scene {
    check_leg(name, scene, FIRST, steps, end)
}

#[track_caller]
fn check_leg(name: &str, mut scene: Scene, no: LegNo, steps: &[(i64, Evidence)], end: End) -> Scene {
    for (seconds, evidence) in steps {
        scene.give(*seconds, no, evidence);
    }
    let leg = scene.tally.leg(no).unwrap();
    let duties: Vec<DutyKind> = crate::duty::duties(no, leg).iter().map(|duty| duty.kind).collect();
    let told = leg.told.map(|code| code.to_string());
    assert_eq!(
        (leg.view(), leg.issuer, leg.merchant, leg.direction, duties.as_slice(), told.as_deref()),
        end,
        "{name}: {:?}",
        scene.facts
    );
    scene
}

fn sale() -> Scene {
    Scene::of(Kind::Sale)
}

fn certified() -> Scene {
    let mut scene = sale();
    scene.rules.certified = true;
    scene
}

fn takes_part() -> Scene {
    Scene::at(Kind::Sale, 12 * 3_600, |opened| opened.takes_part = true)
}

/// Half a minute before the day cut.
fn late_sale() -> Scene {
    Scene::at(Kind::Sale, 23 * 3_600 - 30, |_| {})
}

fn known(by: Knowledge) -> Evidence {
    Evidence::Known(by)
}

fn reversed() -> Evidence {
    Evidence::TerminalReversed(Some(code("98")))
}

/// How many reversals left, the first included.
fn copies(scene: &Scene, no: LegNo) -> u16 {
    scene.tally.leg(no).unwrap().undo.map_or(0, |undo| undo.copies)
}

fn reason(scene: &Scene) -> u16 {
    scene.tally.first().undo.unwrap().reason
}

fn case(scene: &Scene) -> Option<Case> {
    scene.tally.first().case
}

/// What the terminal's last reversal was answered.
fn answered_0410(scene: &Scene) -> String {
    let answers = scene.facts.iter().rev().find_map(|(_, fact)| match fact {
        Fact::TerminalReversed { answer, .. } => Some(answer.to_string()),
        _ => None,
    });
    answers.unwrap()
}

#[test]
fn an_answer_proves_what_its_code_says() {
    for text in ["00", "11", "A2", "A4", "A5", "A6"] {
        check(text, sale(), &[(1, answer(text))], APPROVED);
    }
    for text in ["01", "12", "30", "51", "54", "55", "61", "75", "77"] {
        let end = (View::Declined, Issuer::NotDone, Merchant::No, Direction::Return, &[] as &[_], Some(text));
        check(text, sale(), &[(1, answer(text))], end);
    }
    for text in ["68", "98", "90", "91", "92", "96", "94", "99", "A0", "22", "25", "ZZ"] {
        let scene = check(text, sale(), &[(1, answer(text))], REVERSING);
        assert_eq!(reason(&scene), 4353, "{text}");
    }
}

#[test]
fn a_flawed_answer_proves_nothing_whatever_its_code() {
    for (text, flaw, reason_said) in
        [("00", Flaw::WrongMac, 4355), ("00", Flaw::Mismatch, 4353), ("51", Flaw::WrongMac, 4355)]
    {
        let scene = check(text, sale(), &[(1, answer_over(text, None, Some(flaw)))], REVERSING);
        assert_eq!(reason(&scene), reason_said, "{flaw:?}");
    }
    for text in ["00", "51"] {
        check("another amount", sale(), &[(1, answer_over(text, Some(yuan(99)), None))], REVERSING);
        let same = if text == "00" { APPROVED } else { END_51 };
        check("the same amount", sale(), &[(1, answer_over(text, Some(yuan(100)), None))], same);
    }
}

const END_51: End = (View::Declined, Issuer::NotDone, Merchant::No, Direction::Return, &[], Some("51"));

#[test]
fn a_part_approval_is_kept_only_if_the_terminal_can_take_a_part() {
    let half = [(1, answer_over("10", Some(yuan(50)), None))];
    let kept = check(
        "kept",
        takes_part(),
        &half,
        (View::Approved, Issuer::Done, Merchant::Told, Direction::Keep, &[HearMerchant], Some("10")),
    );
    assert_eq!(kept.tally.halves().unwrap().charged, yuan(50));
    let returned = check(
        "not taken",
        sale(),
        &half,
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse], Some("51")),
    );
    assert_eq!((reason(&returned), returned.tally.first().truth(code("98"))), (4351, code("51")));
    let done = check(
        "and returned",
        returned,
        &[(2, reversal("00"))],
        (View::Returned, Issuer::Undone, Merchant::No, Direction::Return, &[], Some("51")),
    );
    let halves = done.tally.halves().unwrap();
    assert_eq!((halves.charged, halves.returned), (yuan(50), yuan(50)));
    for amount in [None, Some(yuan(0)), Some(yuan(101))] {
        check("a part of nothing, or more", takes_part(), &[(1, answer_over("10", amount, None))], REVERSING);
    }
    for kind in [Kind::Refund, Kind::Void] {
        let mut scene = sale();
        scene.give(1, FIRST, &answer("00"));
        let no = scene.follow(2, kind, FIRST, yuan(100));
        scene.give(3, no, &answer_over("10", Some(yuan(50)), None));
        assert_eq!(scene.tally.leg(no).unwrap().issuer, Issuer::Unknown, "{kind:?} in part proves nothing");
    }
}

#[test]
fn time_alone_believes_nothing_and_acts_at_the_deadline() {
    let waiting =
        (View::Processing, Issuer::Unknown, Merchant::Waiting, Direction::Open, &[FindOut] as &[_], None);
    check("a second early", sale(), &[(54, Evidence::Due)], waiting);
    let scene = check("the deadline", sale(), &[(55, Evidence::Due)], REVERSING);
    assert_eq!((reason(&scene), copies(&scene, FIRST)), (4354, 1));
}

#[test]
fn a_restart_turns_what_is_unanswered_and_only_that() {
    let end = (View::Returning, Issuer::Unknown, Merchant::No, Direction::Return, &[FindOut] as &[_], None);
    let scene = check("unanswered", sale(), &[(5, Evidence::Restarted)], end);
    let end = (View::Returning, Issuer::Unknown, Merchant::No, Direction::Return, &[Reverse] as &[_], None);
    let scene = check("its deadline", scene, &[(55, Evidence::Due)], end);
    assert_eq!(reason(&scene), 4354);
    let end = (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], None);
    let steps = [(5, Evidence::Restarted), (6, answer("00"))];
    check("the answer comes first: never told, reversed at once", sale(), &steps, end);
    check("a committed approval is told", sale(), &[(1, answer("00")), (5, Evidence::Restarted)], APPROVED);
    let scene =
        check("reversing goes on", sale(), &[(55, Evidence::Due), (56, Evidence::Restarted)], REVERSING);
    assert_eq!(copies(&scene, FIRST), 1);
}

#[test]
fn what_never_left_charged_nobody() {
    let never = (View::Declined, Issuer::Untouched, Merchant::No, Direction::Return, &[] as &[_], Some("91"));
    check("the line was down", sale(), &[(0, Evidence::NeverSent)], never);
    check("said too late", sale(), &[(1, answer("00")), (2, Evidence::NeverSent)], APPROVED);
    check(
        "said after the reversal left",
        sale(),
        &[(55, Evidence::Due), (56, Evidence::NeverSent)],
        REVERSING,
    );
    let owed =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("91"));
    check("and was charged after all", sale(), &[(0, Evidence::NeverSent), (9, answer("00"))], owed);
}

#[test]
fn an_approval_that_could_not_be_written_is_returned_at_once() {
    let end =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("00"));
    let scene = check("unwritten", sale(), &[(1, answer("00")), (2, Evidence::Unwritten)], end);
    assert_eq!(
        (reason(&scene), scene.tally.first().truth(code("98"))),
        (4356, code("98")),
        "00 is not told again"
    );
    let steps = [(1, answer("00")), (2, known(Knowledge::Signature)), (3, Evidence::Unwritten)];
    check("it is proved to have it", sale(), &steps, KNOWN);
    let scene = check(
        "it had it after all",
        scene,
        &[(9, known(Knowledge::Quoted))],
        (View::UnderReview, Issuer::Done, Merchant::No, Direction::Return, &[Reverse, AskPerson], Some("00")),
    );
    assert_eq!(case(&scene), Some(Case::SaleWithoutCharge));
}

#[test]
fn the_terminals_reversal_turns_and_the_0420_waits_for_answer_or_deadline() {
    let waits =
        (View::Returning, Issuer::Unknown, Merchant::No, Direction::Return, &[FindOut] as &[_], Some("98"));
    let scene = check("before the answer", sale(), &[(20, reversed())], waits);
    assert_eq!((answered_0410(&scene).as_str(), copies(&scene, FIRST)), ("00", 0));
    let scene = check("it comes again", scene, &[(21, reversed())], waits);
    assert_eq!(answered_0410(&scene), "00");
    let done =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
    let scene = check("then the answer: recorded, never told", scene, &[(22, answer("00"))], done);
    assert_eq!(reason(&scene), 4351);
    let scene = check("then silence", sale(), &[(20, reversed()), (55, Evidence::Due)], REVERSING);
    assert_eq!(reason(&scene), 4351);
    let declined =
        (View::Declined, Issuer::NotDone, Merchant::No, Direction::Return, &[] as &[_], Some("98"));
    let scene = check("then a decline", sale(), &[(20, reversed()), (22, answer("51"))], declined);
    assert_eq!((copies(&scene, FIRST), scene.tally.first().truth(code("98"))), (0, code("51")));
    let back =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("00"));
    let scene =
        check("after the approval", sale(), &[(1, answer("00")), (9, reversed()), (10, reversed())], back);
    assert_eq!((copies(&scene, FIRST), reason(&scene)), (1, 4351), "repeated reversals count as one");
    let scene = check("after a decline", sale(), &[(1, answer("51")), (9, reversed())], END_51);
    assert_eq!(answered_0410(&scene), "00");
}

#[test]
fn a_reversal_of_what_was_never_seen_is_answered_25() {
    let scene = Scene::at(Kind::Sale, 0, |opened| opened.tombstone = true);
    let end = (View::Declined, Issuer::Untouched, Merchant::No, Direction::Return, &[] as &[_], None);
    let scene = check("tombstone", scene, &[(0, reversed()), (60, reversed())], end);
    assert_eq!(answered_0410(&scene), "25");
}

#[test]
fn answer_00_returns_and_a_later_approval_is_reversed_once_more() {
    let scene = check("00", sale(), &[(55, Evidence::Due), (56, reversal("00"))], RETURNED);
    let again =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
    let scene = check("then an approval", scene, &[(61, answer("00"))], again);
    assert!(scene.tally.first().owed && copies(&scene, FIRST) == 2);
    let scene = check("acknowledged again", scene, &[(62, reversal("00"))], RETURNED);
    check("and again", scene, &[(63, reversal("00")), (64, reversal("25"))], RETURNED);
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
    scene = check("to a repeat", scene, &[(66, reversal("94"))], RETURNED);
    drop(scene);
    let steps = [(55, Evidence::Due), (56, reversal("96")), (76, Evidence::Due), (77, reversal("94"))];
    let scene = check("to a repeat after a refusal", sale(), &steps, REVERSING);
    assert_eq!(copies(&scene, FIRST), 2);
}

#[test]
fn a_first_no_original_closes_nothing_and_a_second_one_only_after_the_transit_time() {
    for text in ["25", "12"] {
        let scene = check(text, sale(), &[(55, Evidence::Due), (56, reversal(text))], REVERSING);
        let due = scene.tally.duties()[0].due;
        assert_eq!(due, scene.moment(56 + 60), "the next copy waits the transit time from the first {text}");
        let scene = check("the same answer again", scene, &[(57, reversal(text))], REVERSING);
        let scene = check("not yet due", scene, &[(115, Evidence::Due)], REVERSING);
        assert_eq!(copies(&scene, FIRST), 1);
        let closed = (
            View::Declined,
            Issuer::NotDone,
            Merchant::No,
            Direction::Return,
            &[AwaitClearing] as &[_],
            Some("98"),
        );
        let scene = check("the second", scene, &[(116, Evidence::Due), (117, reversal(text))], closed);
        assert!(scene.tally.matched(), "and clearing is awaited all the same");
        assert_eq!(scene.tally.first().truth(code("98")), code("91"), "nothing was charged");
        let open =
            (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
        let scene = check("a late approval re-opens", scene, &[(140, answer("00"))], open);
        check("a later reversal gets 00", scene, &[(141, reversal("00"))], RETURNED);
    }
    let early = [(55, Evidence::Due), (65, Evidence::Due), (66, reversal("25")), (67, reversal("25"))];
    check("two answers, to copies that left too early", sale(), &early, REVERSING);
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
fn any_other_answer_or_silence_is_repeated_with_growing_pauses_until_the_cut() {
    let mut scene = check("deadline", sale(), &[(55, Evidence::Due)], REVERSING);
    let mut due = 55;
    for (pause, number) in [(10, 2), (20, 3), (40, 4), (60, 5), (60, 6)] {
        due += pause;
        assert!(scene.give(due - 1, FIRST, &Evidence::Due).is_empty(), "not before {due}");
        scene.give(due, FIRST, &Evidence::Due);
        assert_eq!(copies(&scene, FIRST), number);
    }
    scene = check("96 in between", scene, &[(due + 1, reversal("96"))], REVERSING);
    let scene = check("the cut", scene, &[(NOON_TO_CUT, Evidence::Due)], LEFT);
    assert_eq!(copies(&scene, FIRST), 6, "nothing is sent across the cut");
    let late = check("an answer after that", scene, &[(NOON_TO_CUT + 5, reversal("00"))], RETURNED);
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
    for (chance, pause) in [(0, 10_000), (500, 8_750), (999, 7_503)] {
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
fn a_lost_void_is_itself_reversed_and_the_original_stands() {
    let mut scene = sale();
    scene.give(1, FIRST, &answer("00"));
    scene.give(2, FIRST, &known(Knowledge::Quoted));
    let void = scene.follow(2, Kind::Void, FIRST, yuan(100));
    let mut scene = check_leg("its deadline", scene, void, &[(57, Evidence::Due)], REVERSING);
    assert_eq!(scene.tally.view(), View::Returning);
    scene = check_leg("reversed", scene, void, &[(58, reversal("00"))], RETURNED);
    scene = check("the sale stands", scene, &[], KNOWN);
    assert_eq!(scene.tally.view(), View::Approved);
    assert_eq!(scene.tally.halves().unwrap().charged, yuan(100));
    let again =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("98"));
    scene = check_leg("done after all: once more", scene, void, &[(70, answer("00"))], again);
    scene = check_leg("and undone", scene, void, &[(71, reversal("00"))], RETURNED);
    let second = scene.follow(80, Kind::Void, FIRST, yuan(100));
    scene = check_leg("a void that is done", scene, second, &[(81, answer("00"))], APPROVED);
    assert_eq!(scene.tally.view(), View::Returned, "of the whole payment nothing is left");
    assert_eq!(scene.tally.halves().unwrap().issuer, IssuerHalf::Returned);
    check_leg(
        "its terminal's reversal undoes the void",
        scene,
        second,
        &[(90, reversed()), (91, reversal("00"))],
        (View::Returned, Issuer::Undone, Merchant::No, Direction::Return, &[], Some("00")),
    );
}

#[test]
fn a_lost_pre_authorisation_or_completion_is_reversed_and_the_hold_stays() {
    check(
        "pre-authorisation",
        Scene::of(Kind::PreAuth),
        &[(55, Evidence::Due), (56, reversal("00"))],
        RETURNED,
    );
    let mut scene = Scene::of(Kind::PreAuth);
    scene.give(1, FIRST, &answer("00"));
    let completion = scene.follow(2, Kind::Completion, FIRST, yuan(100));
    let steps = [(57, Evidence::Due), (58, reversal("00"))];
    let scene = check_leg("completion", scene, completion, &steps, RETURNED);
    let halves = scene.tally.halves().unwrap();
    assert_eq!((halves.issuer, halves.held), (IssuerHalf::Held, yuan(100)));
    let mut scene = Scene::of(Kind::PreAuth);
    scene.give(1, FIRST, &answer("00"));
    let void = scene.follow(2, Kind::PreAuthVoid, FIRST, yuan(100));
    let scene = check_leg("released", scene, void, &[(3, answer("00"))], APPROVED);
    let halves = scene.tally.halves().unwrap();
    assert_eq!((halves.issuer, halves.held), (IssuerHalf::Returned, yuan(0)));
}

const INSISTS: End =
    (View::Unknown, Issuer::Unknown, Merchant::Waiting, Direction::Open, &[Insist], Some("98"));

#[test]
fn refunds_and_advices_are_repeated_and_never_reversed() {
    for kind in [Kind::Refund, Kind::CompletionAdvice, Kind::OfflineSale] {
        let original = if kind == Kind::CompletionAdvice { Kind::PreAuth } else { Kind::Sale };
        let mut scene = Scene::of(original);
        scene.give(1, FIRST, &answer("00"));
        let no = scene.follow(2, kind, FIRST, yuan(40));
        let scene = check_leg("its deadline", scene, no, &[(57, Evidence::Due)], INSISTS);
        let mut scene = check_leg("a useless answer", scene, no, &[(58, answer("96"))], INSISTS);
        let repeats = |scene: &Scene| scene.tally.leg(no).unwrap().request.unwrap().repeats;
        assert_eq!(repeats(&scene), 1, "no faster for being refused");
        scene.give(77, no, &Evidence::Due);
        assert_eq!(repeats(&scene), 2);
        scene.give(78, no, &reversed());
        assert_eq!(answered_0410(&scene), "12", "it is not for reversing");
        let day_after = NOON_TO_CUT + 60;
        scene.give(day_after, no, &Evidence::Due);
        let leg = scene.tally.leg(no).unwrap();
        assert!(leg.clearing.is_some(), "after its day clearing is asked too");
        assert_eq!(leg.request.unwrap().next, scene.moment(day_after).after(HOUR), "and the bank slowly");
        let end = (
            View::Approved,
            Issuer::Done,
            Merchant::Waiting,
            Direction::Keep,
            &[HearMerchant] as &[_],
            Some("98"),
        );
        let scene = check_leg("answered at last", scene, no, &[(day_after + 1, answer("00"))], end);
        let end = (View::Approved, Issuer::Done, Merchant::Has, Direction::Keep, &[] as &[_], Some("98"));
        let scene = check_leg("kept at the cut", scene, no, &[(day_after + 2, Evidence::Due)], end);
        assert!(!scene.facts.iter().any(|(_, fact)| matches!(fact, Fact::Reversing { .. })), "{kind:?}");
    }
}

#[test]
fn a_useless_first_answer_to_a_refund_is_told_as_unknown_and_repeated_later() {
    let mut scene = sale();
    scene.give(1, FIRST, &answer("00"));
    let no = scene.follow(2, Kind::Refund, FIRST, yuan(40));
    let scene = check_leg("96 at once", scene, no, &[(3, answer("96"))], INSISTS);
    assert_eq!(scene.tally.leg(no).unwrap().request.unwrap().repeats, 0);
    let end =
        (View::Unknown, Issuer::Unknown, Merchant::Waiting, Direction::Open, &[Insist] as &[_], Some("98"));
    let scene = check_leg("a restart", scene, no, &[(9, Evidence::Restarted)], end);
    let end = (View::Declined, Issuer::NotDone, Merchant::No, Direction::Return, &[] as &[_], Some("98"));
    check_leg("no original", scene, no, &[(58, answer("25"))], end);
}

#[test]
fn an_advice_that_the_bank_refuses_is_a_sale_without_a_charge() {
    let end = (
        View::UnderReview,
        Issuer::NotDone,
        Merchant::No,
        Direction::Return,
        &[AskPerson] as &[_],
        Some("51"),
    );
    let scene = check("offline sale", Scene::of(Kind::OfflineSale), &[(1, answer("51"))], end);
    assert_eq!(case(&scene), Some(Case::SaleWithoutCharge));
    let waiting =
        (View::Processing, Issuer::Unknown, Merchant::Waiting, Direction::Open, &[FindOut] as &[_], None);
    check(
        "the line was down: it is sent again",
        Scene::of(Kind::OfflineSale),
        &[(0, Evidence::NeverSent)],
        waiting,
    );
}

#[test]
fn an_inquiry_moves_nothing_and_is_forgotten() {
    let inquiry = || Scene::of(Kind::Inquiry);
    check("answered", inquiry(), &[(1, answer("00"))], KNOWN);
    let nothing =
        (View::Declined, Issuer::Untouched, Merchant::No, Direction::Return, &[] as &[_], Some("91"));
    for steps in
        [vec![(55, Evidence::Due)], vec![(1, answer("96"))], vec![(55, Evidence::Due), (60, answer("00"))]]
    {
        check("silence", inquiry(), &steps, nothing);
    }
    let nothing = (View::Declined, Issuer::Untouched, Merchant::No, Direction::Return, &[] as &[_], None);
    check("a restart", inquiry(), &[(5, Evidence::Restarted)], nothing);
}

#[test]
fn proof_shows_that_the_merchant_has_it_whatever_the_model() {
    let proofs =
        [Knowledge::Confirmed, Knowledge::Signature, Knowledge::Quoted, Knowledge::Upload, Knowledge::Person];
    for by in proofs {
        let scene = check("proof", sale(), &[(1, answer("00")), (2, known(by))], KNOWN);
        assert_eq!(scene.tally.first().knows, Some(by));
        let stands = (
            View::UnderReview,
            Issuer::Done,
            Merchant::Has,
            Direction::Keep,
            &[AskPerson] as &[_],
            Some("00"),
        );
        let mut scene = check("a reversal against it moves nothing", scene, &[(9, reversed())], stands);
        assert_eq!((answered_0410(&scene).as_str(), case(&scene)), ("12", Some(Case::ReversedAgainstProof)));
        let facts = scene.give(10, FIRST, &reversed());
        assert_eq!(facts.len(), 1, "the case is opened once");
    }
    let reversing = check("under return it says nothing", sale(), &[(55, Evidence::Due)], REVERSING);
    check("proof", reversing, &[(56, known(Knowledge::Quoted))], REVERSING);
}

#[test]
fn presumption_is_enough_only_for_certified_models() {
    for by in [Knowledge::NextTransaction, Knowledge::EqualTotals] {
        let steps = [(1, answer("00")), (2, known(by))];
        let scene = check("certified", certified(), &steps, KNOWN);
        assert_eq!(scene.tally.first().knows, Some(by));
        let scene =
            check("proof outweighs it", scene, &[(3, known(Knowledge::Upload)), (4, known(by))], KNOWN);
        assert_eq!(scene.tally.first().knows, Some(Knowledge::Upload));
        let scene = check("not certified", sale(), &steps, APPROVED);
        assert_eq!(scene.facts.last().unwrap().1, Fact::Questioned { leg: FIRST, by });
    }
    for by in [Knowledge::NeverTold, Knowledge::Reversed] {
        check("no knowledge at all", certified(), &[(1, answer("00")), (2, known(by))], APPROVED);
    }
}

#[test]
fn a_reversal_beats_presumption_and_policy_after_the_cut_by_credit_adjustment() {
    let steps = [(1, answer("00")), (2, known(Knowledge::NextTransaction)), (9, reversed())];
    let back =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("00"));
    let scene = check("beats presumption", certified(), &steps, back);
    assert_eq!((answered_0410(&scene).as_str(), reason(&scene)), ("00", 4351));
    let steps = [(1, answer("00")), (NOON_TO_CUT, Evidence::Due)];
    let scene = check("the policy keeps it", sale(), &steps, KNOWN);
    assert_eq!(scene.tally.first().knows, Some(Knowledge::Policy));
    let adjust =
        (View::UnderReview, Issuer::Done, Merchant::No, Direction::Return, &[AskPerson] as &[_], Some("00"));
    let scene = check("beats policy", scene, &[(NOON_TO_CUT + 9, reversed())], adjust);
    assert_eq!((case(&scene), copies(&scene, FIRST)), (Some(Case::CreditAdjustment), 0));
    let due = scene.tally.duties()[0].due;
    assert!(due > scene.moment(NOON_TO_CUT + 9), "a person has time to look");
}

#[test]
fn at_the_cut_the_merchants_policy_decides() {
    check("a second early", sale(), &[(1, answer("00")), (NOON_TO_CUT - 1, Evidence::Due)], APPROVED);
    let mut scene = sale();
    scene.rules.keep_at_cut = false;
    let end =
        (View::UnderReview, Issuer::Done, Merchant::No, Direction::Return, &[AskPerson] as &[_], Some("00"));
    let scene = check("it returns", scene, &[(1, answer("00")), (NOON_TO_CUT, Evidence::Due)], end);
    assert_eq!(
        (case(&scene), scene.tally.first().knows),
        (Some(Case::CreditAdjustment), Some(Knowledge::Policy))
    );
    let mut scene = sale();
    scene.rules.keep_at_cut = false;
    scene.give(1, FIRST, &answer("00"));
    let refund = scene.follow(2, Kind::Refund, FIRST, yuan(30));
    scene.give(3, refund, &answer("00"));
    let scene =
        check("what was refunded is not returned as well", scene, &[(NOON_TO_CUT, Evidence::Due)], KNOWN);
    check_leg("nor is a refund", scene, refund, &[(NOON_TO_CUT, Evidence::Due)], KNOWN);
}

#[test]
fn one_remedy_at_a_time() {
    for (kind, amount, text) in [(Kind::Refund, 30, "00"), (Kind::Void, 100, "00"), (Kind::Refund, 30, "96")]
    {
        let mut scene = sale();
        scene.give(1, FIRST, &answer("00"));
        let other = scene.follow(2, kind, FIRST, yuan(amount));
        scene.give(3, other, &answer(text));
        let scene = check("unwritten", scene, &[(4, Evidence::Unwritten)], APPROVED);
        let end = (
            View::UnderReview,
            Issuer::Done,
            Merchant::Told,
            Direction::Keep,
            &[HearMerchant, AskPerson] as &[_],
            Some("00"),
        );
        let scene = check("a reversal of what has its remedy", scene, &[(5, reversed())], end);
        assert_eq!(answered_0410(&scene), "12");
    }
    let mut scene = sale();
    scene.give(1, FIRST, &answer("00"));
    let refused = scene.follow(2, Kind::Refund, FIRST, yuan(30));
    scene.give(3, refused, &answer("51"));
    let back =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("00"));
    check("a refund that was refused is none", scene, &[(5, reversed())], back);
}

#[test]
fn a_bank_that_does_what_it_refused_is_a_case_and_never_a_crash() {
    let mut scene = sale();
    scene.give(1, FIRST, &answer("00"));
    let first = scene.follow(2, Kind::Refund, FIRST, yuan(100));
    scene.give(3, first, &answer("51"));
    let second = scene.follow(4, Kind::Refund, FIRST, yuan(100));
    scene.give(5, second, &answer("00"));
    let end =
        (View::UnderReview, Issuer::Done, Merchant::No, Direction::Return, &[AskPerson] as &[_], Some("51"));
    let scene = check_leg("the refused refund was done", scene, first, &[(6, answer("00"))], end);
    assert_eq!(scene.tally.leg(first).unwrap().case, Some(Case::Contradiction));
    assert_eq!(scene.tally.refunded(FIRST).unwrap(), yuan(200), "and no third one fits");
    let end = (
        View::UnderReview,
        Issuer::Done,
        Merchant::Told,
        Direction::Keep,
        &[HearMerchant, AskPerson] as &[_],
        Some("00"),
    );
    let scene = check("a decline after an approval", sale(), &[(1, answer("00")), (2, answer("51"))], end);
    assert_eq!(case(&scene), Some(Case::Contradiction));
    let end =
        (View::Returning, Issuer::Done, Merchant::No, Direction::Return, &[Reverse] as &[_], Some("51"));
    let scene = check("an approval after a decline", sale(), &[(1, answer("51")), (2, answer("00"))], end);
    assert_eq!(scene.tally.first().truth(code("98")), code("51"), "the decline that was told stays told");
}

#[test]
fn what_is_known_already_adds_nothing() {
    check("an approval twice", sale(), &[(1, answer("00")), (2, answer("00")), (3, answer("96"))], APPROVED);
    check("a decline twice", sale(), &[(1, answer("51")), (2, answer("51"))], END_51);
    let mut scene = sale();
    assert!(scene.give(1, FIRST, &reversal("00")).is_empty(), "nothing was reversed");
    assert!(scene.give(1, FIRST, &Evidence::Unwritten).is_empty());
    assert!(scene.give(1, FIRST, &known(Knowledge::Person)).is_empty(), "nothing was approved");
    let mut tombstone = Scene::at(Kind::Sale, 0, |opened| opened.tombstone = true);
    assert!(tombstone.give(1, FIRST, &answer("00")).is_empty(), "nothing was asked");
}

#[test]
fn a_repeat_hears_00_under_keep_only() {
    // (steps, what a repeat hears from a model that is told 96 for unknown)
    let cases: &[(&[(i64, Evidence)], &str)] = &[
        (&[], "96"),
        (&[(1, answer("00"))], "00"),
        (&[(1, answer("A2"))], "00"),
        (&[(1, answer("51"))], "51"),
        (&[(1, answer("68"))], "96"),
        (&[(1, answer("68")), (2, reversal("00"))], "96"),
        (&[(1, answer("68")), (2, answer("51"))], "51"),
        (&[(1, answer("00")), (2, reversed())], "96"),
        (&[(0, Evidence::NeverSent)], "91"),
    ];
    for (steps, hears) in cases {
        let mut scene = sale();
        scene.rules.unknown = code("96");
        for (seconds, evidence) in *steps {
            scene.give(*seconds, FIRST, evidence);
        }
        assert_eq!(scene.tally.first().truth(code("96")).to_string(), *hears, "{steps:?}");
    }
}
