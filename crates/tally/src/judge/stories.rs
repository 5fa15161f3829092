//! Every rule as a little story of evidence with its times, in seconds after the request left. Here: what turns a
//! payment, and what a contradiction comes to.

mod decided;
mod heal;
mod merchant;
mod reversal;

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
    let mut twice = check("the line was down", sale(), &[(0, Evidence::NeverSent)], never);
    assert!(twice.give(1, FIRST, &Evidence::NeverSent).is_empty(), "once is enough");
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
    let mut scene =
        check("a decline after an approval", sale(), &[(1, answer("00")), (2, answer("51"))], end);
    assert_eq!(case(&scene), Some(Case::Contradiction));
    let cut = NOON_TO_CUT + DAY;
    let asked = scene.give(cut, FIRST, &Evidence::Due);
    assert!(matches!(asked[..], [Fact::Postponed { .. }]), "the person is asked again first: {asked:?}");
    let decided = scene.give(cut, FIRST, &Evidence::Due);
    assert!(matches!(decided[..], [Fact::Learned { .. }]), "then the policy decides: {decided:?}");
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
