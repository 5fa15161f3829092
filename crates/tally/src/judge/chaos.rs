//! Any evidence in any order: the scene's own checks must hold after every step, and the bank's half must come to
//! rest once everybody answers.

use super::{
    Evidence, Flaw,
    scene::{Scene, answer_over, reversal, yuan},
};
use crate::{
    ids::Code,
    leg::{Kind, Knowledge, LegNo, Moves},
    tally::MOST_LEGS,
};
use proptest::prelude::*;

const CODES: [&str; 14] =
    ["00", "A2", "10", "51", "55", "12", "25", "22", "94", "96", "68", "98", "A0", "ZZ"];
const KNOWLEDGE: [Knowledge; 10] = [
    Knowledge::Confirmed,
    Knowledge::Signature,
    Knowledge::Quoted,
    Knowledge::Upload,
    Knowledge::Person,
    Knowledge::NextTransaction,
    Knowledge::EqualTotals,
    Knowledge::Policy,
    Knowledge::NeverTold,
    Knowledge::Reversed,
];

#[derive(Clone, Debug)]
enum Step {
    /// Evidence about the leg of this number, modulo the legs that there are.
    Give(u8, Evidence),
    /// A transaction upon that leg, for so many yuan.
    Follow(u8, Kind, i64),
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let code = prop::sample::select(CODES.to_vec());
    let amount = prop::option::of(prop::sample::select(vec![yuan(100), yuan(50), yuan(99)]));
    let flaw = prop::option::weighted(0.1, prop::sample::select(vec![Flaw::WrongMac, Flaw::Mismatch]));
    prop_oneof![
        4 => (code.clone(), amount, flaw).prop_map(|(code, amount, flaw)| answer_over(code, amount, flaw)),
        4 => code.prop_map(reversal),
        4 => Just(Evidence::Due),
        1 => Just(Evidence::NeverSent),
        2 => Just(Evidence::TerminalReversed(Some(Code(*b"98")))),
        1 => Just(Evidence::Unwritten),
        1 => Just(Evidence::Restarted),
        2 => prop::sample::select(KNOWLEDGE.to_vec()).prop_map(Evidence::Known),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = prop::sample::select(Kind::ALL.to_vec());
    prop_oneof![
        6 => (any::<u8>(), evidence()).prop_map(|(leg, evidence)| Step::Give(leg, evidence)),
        1 => (any::<u8>(), kinds, prop::sample::select(vec![30, 70, 100]))
            .prop_map(|(of, kind, amount)| Step::Follow(of, kind, amount)),
    ]
}

/// What the engine checks before it takes a follower on: the original stands, and nothing is given back twice.
fn may_follow(scene: &Scene, of: LegNo, kind: Kind, amount: i64) -> bool {
    let leg = scene.tally.leg(of).unwrap();
    let room = scene.tally.legs().count() < MOST_LEGS;
    if !kind.refers() || !leg.stands() || !room {
        return false;
    }
    match (leg.kind.moves(), kind.moves()) {
        (Moves::Charge, Moves::Refund) => {
            let given_back = scene.tally.legs().any(|(_, other)| {
                other.of == Some(of) && other.kind.moves() == Moves::GiveBack && other.in_doubt_or_stands()
            });
            let sum = scene.tally.refunded(of).unwrap().plus(yuan(amount)).unwrap();
            !given_back && sum.minor <= leg.amount.minor
        }
        (Moves::Charge, Moves::GiveBack) => !scene.tally.followed(of) && yuan(amount) == leg.amount,
        (Moves::Hold, Moves::Charge | Moves::Release) => !scene.tally.followed(of),
        _ => false,
    }
}

impl crate::leg::Leg {
    fn in_doubt_or_stands(&self) -> bool {
        self.in_doubt() || self.stands()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_evidence_breaks_a_promise(
        kind in prop::sample::select(vec![Kind::Sale, Kind::PreAuth, Kind::OfflineSale, Kind::Inquiry]),
        takes_part: bool,
        certified: bool,
        keep_at_cut: bool,
        start in prop::sample::select(vec![12 * 3_600, 23 * 3_600 - 120]),
        chance in 0_u16..1_000,
        steps in prop::collection::vec((prop_oneof![0_i64..5, 5_i64..90, 3_000_i64..50_000], step()), 1..40),
    ) {
        let mut scene = Scene::at(kind, start, |opened| opened.takes_part = takes_part);
        scene.rules.certified = certified;
        scene.rules.keep_at_cut = keep_at_cut;
        scene.supply.chance = chance;
        let mut now = 0;
        for (pause, step) in steps {
            now += pause;
            let legs = scene.tally.next_leg().0;
            match step {
                Step::Give(leg, evidence) => {
                    scene.give(now, LegNo(leg % legs), &evidence);
                }
                Step::Follow(of, kind, amount) => {
                    let of = LegNo(of % legs);
                    if may_follow(&scene, of, kind, amount) {
                        scene.follow(now, kind, of, yuan(amount));
                    }
                }
            }
        }
        // Doing what is due leaves nothing due: time cannot spin.
        for no in (0..scene.tally.next_leg().0).map(LegNo) {
            for _ in 0..8 {
                scene.give(now, no, &Evidence::Due);
            }
            prop_assert!(scene.give(now, no, &Evidence::Due).is_empty(), "{:?}", scene.facts);
        }
    }
}
