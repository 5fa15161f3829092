//! Every lesson, done once rightly and once wrongly.

use super::{House, Scenery, brief, state};
use crate::demo::pos::drill::{self, Deed, Drill, Model, Right, Scene, Set, Shown};
use crate::demo::pos::till::Till;
use hefu_world::pos::cards;
use hefu_world::pos::wire::{Frame, Wire};
use std::sync::Arc;
use std::time::Duration;

/// What a trainee does at the till in a lesson, before he decides.
async fn play(scenery: &Scenery, till: &Arc<Till>, drill: &Drill, scene: &Scene, amount: i64) {
    let pin = if drill.id == "code-wrong-pin" { "000000" } else { cards::PIN };
    scenery.start_sale(till, scene.card, amount, pin).await;
    if scene.set.contains(&Set::PowerCutAtBank) {
        scenery.until(till, "the power has gone", |state| state["power"] == "off").await;
        till.power_on().await.unwrap();
    } else {
        scenery.until(till, "the sale has a result", |state| state["screen"]["mode"] == "result").await;
    }
    let hears = match drill.id {
        "refunds-race" => {
            scenery.choose(till, "refund").await;
            None
        }
        "charge-again" => {
            till.rests();
            Some((scenery.sale(till, scene.card, amount).await, "94"))
        }
        "code-original-done" => {
            scenery.choose(till, "refund").await;
            Some((scenery.choose(till, "void").await, "22"))
        }
        "code-no-original" => Some((scenery.choose(till, "last_result").await, "25")),
        _ => None,
    };
    if let Some((state, code)) = hears {
        assert_eq!(state["screen"]["code"], code, "{}: {}", drill.id, brief(&state));
    }
    scenery.house.looked_anew().await;
    scenery.house.looked_anew().await;
    if let ([code], true) = (drill.codes, drill.hole.is_none() && drill.id != "code-duplicate") {
        let state = scenery.state(till);
        assert_eq!(state["screen"]["code"], *code, "{}: {}", drill.id, brief(&state));
    }
}

/// Waits as somebody does who wants to know, asks the terminal's last result, and believes the terminal alone.
async fn wait_and_decide(scenery: &Scenery, till: &Arc<Till>) -> Deed {
    for _ in 0..20 {
        let decided = scenery.until(till, "it is decided", |state| {
            !["processing", "unknown"].contains(&state["payment"]["view"].as_str().unwrap_or_default())
        });
        if decided.await["payment"]["direction"] != "keep" {
            return Deed::SendAway;
        }
        if scenery.choose(till, "last_result").await["screen"]["tone"] == "good" {
            return Deed::HandOver;
        }
    }
    panic!("the last result does not say what the platform knows: {}", brief(&scenery.state(till)));
}

async fn lesson(scenery: &Scenery, till: &Arc<Till>, drill: &'static Drill, scene: &Scene, right: bool) {
    scenery.house.drills.begin(&scenery.house, till, drill.id, "Li").await.unwrap();
    let began = scenery.state(till);
    assert_eq!(began["drill"]["stage"], "running");
    let amount = began["drill"]["amount"].as_i64().unwrap();
    play(scenery, till, drill, scene, amount).await;
    let deed = match (scene.right, right) {
        (Right::Act(right), true) => right[0],
        (Right::Act(right), false) => {
            *scene.acts.iter().find(|deed| !right.contains(deed) && deed.ends()).unwrap()
        }
        (Right::OnceKnown, true) => wait_and_decide(scenery, till).await,
        // Goods on an unknown result.
        (Right::OnceKnown, false) => Deed::HandOver,
    };
    scenery.house.drills.act(&scenery.house, till, deed).unwrap();
    let state = scenery.until(till, "it is judged", |state| state["drill"]["stage"] == "judged").await;
    let result = &state["drill"]["result"];
    assert_eq!(result["passed"], right, "{} by {}: {result} {}", drill.id, deed.name(), brief(&state));
    assert_eq!(result["verdicts"].as_array().unwrap().len(), 4);
    let kept = &scenery.house.drills.results()[0];
    assert_eq!((kept.drill.as_str(), kept.passed, kept.person.as_str()), (drill.id, right, "Li"));
}

/// Every `share`-th lesson, done once rightly and once wrongly.
async fn lessons(share: usize) {
    let scenery = Scenery::build().await;
    for (_, drill) in drill::all().enumerate().filter(|(place, _)| place % 4 == share) {
        let Shown::Here(scene) = &drill.shown else {
            let refused = scenery.house.drills.begin(&scenery.house, &scenery.till(1), drill.id, "Li").await;
            assert!(matches!(refused, Err(drill::Refused::NotHere)), "{}", drill.id);
            continue;
        };
        let till = scenery.till(if scene.model == Model::Deletes { 4 } else { 1 });
        for right in [true, false] {
            lesson(&scenery, &till, drill, scene, right).await;
        }
    }
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lessons_judge_right_and_wrong_acts_first_quarter() {
    lessons(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lessons_judge_right_and_wrong_acts_second_quarter() {
    lessons(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lessons_judge_right_and_wrong_acts_third_quarter() {
    lessons(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lessons_judge_right_and_wrong_acts_fourth_quarter() {
    lessons(3).await;
}

#[test]
fn there_is_a_lesson_for_each_hole_and_each_has_words_in_both_languages() {
    let holes: Vec<u8> = drill::all().filter_map(|drill| drill.hole).collect();
    assert_eq!(holes, (1..=17).collect::<Vec<u8>>());
    for (place, drill) in drill::all().enumerate() {
        assert_eq!(drill::all().position(|other| other.id == drill.id), Some(place), "{}", drill.id);
        for (zh, en) in [drill.title, drill.lesson] {
            assert!(!zh.is_ascii() && !en.is_empty() && en.is_ascii(), "{}", drill.id);
        }
        if let Shown::Here(Scene { card, acts, right, .. }) = &drill.shown {
            assert!(cards::named(card).is_some() && drill.task.0.contains("{}"), "{}", drill.id);
            assert!(acts.iter().all(|deed| Deed::named(deed.name()) == Some(*deed)));
            if let Right::Act(right) = right {
                assert!(right.iter().all(|deed| acts.contains(deed)), "{}", drill.id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_a_till_holds_nothing_of_it_while_he_waits_for_the_lessons() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    let looks = |house: &Arc<House>| {
        let (house, till) = (house.clone(), till.clone());
        std::thread::spawn(move || state::state(&house, &till).n)
    };
    let looker = scenery.house.drills.while_held(|| {
        let looker = looks(&scenery.house);
        // Time enough to come to the lessons; the judge, who holds them, looks into the till meanwhile.
        for _ in 0..50 {
            std::thread::sleep(Duration::from_millis(2));
            drop(till.inner());
        }
        looker
    });
    assert_eq!(looker.join().unwrap(), 1);
    scenery.house.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_strikes_its_own_sale_and_not_what_an_earlier_one_still_owes() {
    let scenery = Scenery::build().await;
    let till = scenery.till(1);
    // Its reversal is answered with an error three times, which takes a while.
    scenery.sale(&till, "0666", 2_500).await;
    scenery.house.drills.begin(&scenery.house, &till, "lost-answer", "Li").await.unwrap();
    let began = till.tap.frames().last().map_or(0, |frame| frame.id);
    let answered = |frame: &Frame| frame.id > began && frame.wire == Wire::Bank && frame.mti == 430;
    scenery
        .until(&till, "the earlier reversal is answered once more", |_| {
            till.tap.frames().iter().any(answered)
        })
        .await;
    assert_eq!(till.tap.faults(Wire::Bank).lose_answer, 1, "the lesson's fault waits for the lesson's sale");
    let state = scenery.sale(&till, "0005", 1_300).await;
    assert_eq!(state["screen"]["tone"], "unknown", "{}", brief(&state));
    scenery.house.stop().await.unwrap();
}
