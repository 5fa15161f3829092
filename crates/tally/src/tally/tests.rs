//! Facts that cannot follow, promises that are checked, and what people see.

use super::*;
use crate::{
    judge::{
        Evidence,
        scene::{Scene, answer, yuan},
    },
    leg::Kind,
};

const FIRST: LegNo = LegNo(0);

fn approved() -> Scene {
    let mut scene = Scene::of(Kind::Sale);
    scene.give(1, FIRST, &answer("00"));
    scene
}

#[test]
fn facts_that_cannot_follow_are_refused_by_name() {
    let told = |code: &str| Fact::Told { leg: FIRST, code: Code::parse(code.as_bytes()).unwrap() };
    let turned = |to| Fact::Turned { leg: FIRST, to, why: Why::Approved };
    let learned = |has| Fact::Learned { leg: FIRST, has, by: Knowledge::Person };
    let again = Fact::ReversingAgain { leg: FIRST, at: Moment(0), next: Moment(0) };
    let unknown = || Scene::of(Kind::Sale);
    let returning = || {
        let mut scene = approved();
        scene.give(2, FIRST, &Evidence::Unwritten);
        scene
    };
    let cases: &[(&str, Scene, Fact)] = &[
        ("an approval is told under keep only", unknown(), told("00")),
        ("a part approval too", returning(), told("10")),
        ("keep needs proof", unknown(), turned(Direction::Keep)),
        ("return never becomes keep", returning(), turned(Direction::Keep)),
        ("nothing opens again", approved(), turned(Direction::Open)),
        ("a sale needs keep", returning(), learned(true)),
        ("and no sale needs return", approved(), learned(false)),
        ("a reversal goes out under return only", approved(), again),
        ("what was done was sent", approved(), Fact::NeverSent { leg: FIRST }),
        ("a sale is not repeated", unknown(), Fact::Repeated { leg: FIRST, next: Moment(0) }),
    ];
    for (name, scene, fact) in cases {
        let error = scene.tally.clone().apply(scene.moment(9), fact).expect_err(name);
        assert!(matches!(error, Impossible::State { .. }), "{name}: {error}");
    }
    let nobody = Fact::Questioned { leg: LegNo(7), by: Knowledge::Person };
    assert_eq!(approved().tally.apply(Moment(0), &nobody), Err(Impossible::NoLeg(LegNo(7))));
    let history = [(Moment(0), &nobody)];
    let error = Tally::replay(TallyId([0; 16]), history.into_iter());
    assert_eq!(error, Err(Impossible::NotOpened("questioned")));
}

#[test]
fn a_payment_that_returns_twice_does_not_pass() {
    let mut scene = approved();
    let void = scene.follow(2, Kind::Void, FIRST, yuan(100));
    scene.give(3, void, &answer("00"));
    let mut reversed = scene.tally.clone();
    let turned = Fact::Turned { leg: FIRST, to: Direction::Return, why: Why::TerminalReversed };
    reversed.apply(scene.moment(4), &turned).unwrap();
    assert_eq!(reversed.check(), Err(Impossible::NoDuty(FIRST)), "turned, and nobody does anything about it");
    let case = Fact::CaseOpened { leg: FIRST, case: crate::leg::Case::CreditAdjustment };
    reversed.apply(scene.moment(4), &case).unwrap();
    assert_eq!(reversed.check(), Err(Impossible::TooMuchBack(FIRST)), "voided and reversed");
    let mut scene = approved();
    let refund = scene.follow(2, Kind::Refund, FIRST, yuan(60));
    scene.give(3, refund, &answer("00"));
    let mut twice = scene.tally.clone();
    let Fact::Opened(opened) = &scene.facts[5].1 else { panic!("the refund's opening") };
    let second = twice.next_leg();
    let requested = |key| Fact::Requested { leg: second, link: crate::ids::LinkId(1), key, next: Moment(0) };
    let key = crate::ids::LinkKey { at: Moment(0), stan: 9 };
    twice.apply(scene.moment(4), &Fact::Opened(opened.clone())).unwrap();
    assert_eq!(twice.check(), Err(Impossible::NoDuty(second)), "opened, and nobody does anything about it");
    twice.apply(scene.moment(4), &requested(key)).unwrap();
    assert_eq!(twice.check(), Err(Impossible::TooMuchBack(FIRST)), "60 and 60 of 100");
}

#[test]
fn legs_are_bounded() {
    let mut scene = approved();
    for _ in 1..MOST_LEGS {
        let refund = scene.follow(2, Kind::Refund, FIRST, yuan(1));
        scene.give(3, refund, &answer("51"));
    }
    let Fact::Opened(opened) = &scene.facts[0].1 else { panic!("the opening") };
    let more = Fact::Opened(opened.clone());
    assert_eq!(scene.tally.apply(scene.moment(9), &more), Err(Impossible::TooManyLegs));
}

#[test]
fn a_payment_is_seen_by_its_worst_open_leg() {
    let mut scene = approved();
    assert_eq!(scene.tally.view(), View::Approved);
    let refund = scene.follow(2, Kind::Refund, FIRST, yuan(40));
    assert_eq!(scene.tally.view(), View::Processing);
    scene.give(60, refund, &Evidence::Due);
    assert_eq!(scene.tally.view(), View::Unknown);
    scene.give(61, refund, &answer("00"));
    assert_eq!(scene.tally.view(), View::Approved, "a part of it was given back");
    let rest = scene.follow(70, Kind::Refund, FIRST, yuan(60));
    scene.give(71, rest, &answer("00"));
    assert_eq!(scene.tally.view(), View::Returned);
    let halves = scene.tally.halves().unwrap();
    assert_eq!((halves.charged, halves.returned), (yuan(100), yuan(100)));
    assert_eq!(halves.sale, yuan(40), "the first refund's approval was never told");
    assert_eq!(halves.issuer, IssuerHalf::Returned);
}
