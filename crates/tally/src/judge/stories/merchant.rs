//! What shows that the merchant's half knows, and one remedy at a time.

use super::*;

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
        let mut scene = check("certified", certified(), &steps, KNOWN);
        assert!(scene.give(5, FIRST, &known(by)).is_empty(), "a second presumption adds nothing");
        scene.give(6, FIRST, &Evidence::Confirmed(true));
        assert_eq!(scene.tally.first().knows, Some(Knowledge::Confirmed), "the cashier's word outweighs it");
        assert!(scene.give(7, FIRST, &known(Knowledge::Quoted)).is_empty(), "one proof is enough");
        assert!(
            scene.give(8, FIRST, &Evidence::Confirmed(true)).is_empty(),
            "and the same word again is none"
        );
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
    let kept =
        check("kept, and not written yet", sale(), &[(1, answer("00")), (NOON_TO_CUT, Evidence::Due)], KNOWN);
    let scene = check("and never written", kept, &[(NOON_TO_CUT + 1, Evidence::Unwritten)], adjust);
    assert_eq!((case(&scene), copies(&scene, FIRST)), (Some(Case::CreditAdjustment), 0));
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
