//! Which way a lost transaction heals.

use super::*;

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
