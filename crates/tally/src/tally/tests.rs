//! Facts that cannot follow, promises that are checked, and what people see.

use super::*;
use crate::{
    judge::{
        Evidence,
        scene::{Scene, answer, reversal, yuan},
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

#[test]
fn the_halves_say_how_the_payer_stands() {
    type Story = fn(&mut Scene);
    let no_more = |_: &mut Scene| {};
    // (kind, what happens, the payer's half, charged, returned, held, the merchant's sale), in yuan
    let cases: [(&str, Kind, Story, IssuerHalf, [i64; 4]); 10] = [
        ("asked", Kind::Sale, no_more, IssuerHalf::Unknown, [0; 4]),
        (
            "never sent",
            Kind::Sale,
            |s| drop(s.give(1, FIRST, &Evidence::NeverSent)),
            IssuerHalf::Untouched,
            [0; 4],
        ),
        ("declined", Kind::Sale, |s| drop(s.give(1, FIRST, &answer("51"))), IssuerHalf::Declined, [0; 4]),
        (
            "approved",
            Kind::Sale,
            |s| drop(s.give(1, FIRST, &answer("00"))),
            IssuerHalf::Charged,
            [100, 0, 0, 100],
        ),
        ("held", Kind::PreAuth, |s| drop(s.give(1, FIRST, &answer("00"))), IssuerHalf::Held, [0, 0, 100, 0]),
        (
            "approved, and the refund unknown",
            Kind::Sale,
            |s| {
                s.give(1, FIRST, &answer("00"));
                s.follow(2, Kind::Refund, FIRST, yuan(40));
            },
            IssuerHalf::Unknown,
            [100, 0, 0, 100],
        ),
        (
            "approved, then reversed",
            Kind::Sale,
            |s| {
                s.give(1, FIRST, &answer("00"));
                s.give(2, FIRST, &Evidence::Unwritten);
                s.give(3, FIRST, &reversal("00"));
            },
            IssuerHalf::Returned,
            [100, 100, 0, 0],
        ),
        (
            "let go",
            Kind::PreAuth,
            |s| {
                s.give(1, FIRST, &answer("00"));
                let void = s.follow(2, Kind::PreAuthVoid, FIRST, yuan(100));
                s.give(3, void, &answer("00"));
            },
            IssuerHalf::Returned,
            [0; 4],
        ),
        ("completed", Kind::PreAuth, completed, IssuerHalf::Charged, [80, 0, 0, 80]),
        (
            "completed, and that voided: held again",
            Kind::PreAuth,
            |s| {
                completed(s);
                let void = s.follow(4, Kind::CompletionVoid, LegNo(1), yuan(80));
                s.give(5, void, &answer("00"));
            },
            IssuerHalf::Held,
            [80, 80, 100, 0],
        ),
    ];
    for (name, kind, story, issuer, [charged, returned, held, sale]) in cases {
        let mut scene = Scene::of(kind);
        story(&mut scene);
        let halves = scene.tally.halves().unwrap();
        let sums = [halves.charged, halves.returned, halves.held, halves.sale];
        assert_eq!((halves.issuer, sums), (issuer, [charged, returned, held, sale].map(yuan)), "{name}");
    }
}

fn completed(scene: &mut Scene) {
    scene.give(1, FIRST, &answer("00"));
    let completion = scene.follow(2, Kind::Completion, FIRST, yuan(80));
    scene.give(3, completion, &answer("00"));
}

#[test]
fn only_a_void_that_stands_voids_and_only_refunds_that_may_stand_are_summed() {
    let mut scene = approved();
    for (seconds, text) in [(2, "51"), (4, "00")] {
        let refund = scene.follow(seconds, Kind::Refund, FIRST, yuan(30));
        assert_eq!(scene.tally.refunded(FIRST), Ok(yuan(30)), "what is asked for is reserved");
        scene.give(seconds + 1, refund, &answer(text));
    }
    assert_eq!(scene.tally.refunded(FIRST), Ok(yuan(30)), "what was refused is not");
    assert!(!scene.tally.voided(FIRST), "a refund is no void");
    assert!(!scene.tally.matched(), "nobody knows yet whether the shop heard");
    let mut scene = approved();
    scene.give(2, FIRST, &Evidence::Known(Knowledge::Quoted));
    assert!(scene.tally.matched());
    let void = scene.follow(3, Kind::Void, FIRST, yuan(100));
    assert!(!scene.tally.voided(FIRST), "asked for");
    scene.give(4, void, &answer("00"));
    assert!(scene.tally.voided(FIRST) && !scene.tally.voided(void));
    assert_eq!(scene.tally.refunded(FIRST), Ok(yuan(0)));
}

#[test]
fn a_sale_is_in_doubt_while_it_may_yet_prove_to_be_charged() {
    let mut scene = Scene::of(Kind::Sale);
    let doubt = |scene: &Scene| scene.tally.first().in_doubt();
    assert!(doubt(&scene), "nothing came yet");
    scene.give(1, FIRST, &answer("00"));
    assert!(!doubt(&scene), "it is charged");
    scene.give(2, FIRST, &Evidence::Unwritten);
    assert!(doubt(&scene), "it is given back, and not yet");
    scene.give(3, FIRST, &reversal("00"));
    assert!(!doubt(&scene));
    let mut scene = Scene::of(Kind::Sale);
    scene.give(1, FIRST, &answer("51"));
    assert!(!doubt(&scene));
}
