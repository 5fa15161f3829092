//! What is done with each test card, and what a terminal then hears.

use super::till::{Entry, Holds, Till};
use serde_json::{Value, json};
use std::{collections::BTreeMap, thread};

/// What is done with a card, and what the terminal hears when nobody kills anything.
#[derive(Copy, Clone)]
pub struct Scene {
    pub card: &'static str,
    pub first: Act,
    /// On what the first one got, if it was approved.
    pub then: Option<Act>,
    /// What is left at the bank at the end, in hundredths of the amount: charged, held.
    pub left: (i64, i64),
}

#[derive(Copy, Clone)]
pub struct Act {
    pub kind: &'static str,
    pub with: With,
    pub hears: &'static str,
}

#[derive(Copy, Clone, PartialEq, Eq)]
pub enum With {
    Stripe,
    Chip,
    Contactless,
    Pin(&'static str),
    /// The terminal can take a part.
    Part,
    /// Half the amount.
    Half,
}

const fn act(kind: &'static str, with: With, hears: &'static str) -> Act {
    Act { kind, with, hears }
}

const fn sale(card: &'static str, with: With, hears: &'static str, charged: i64) -> Scene {
    Scene { card, first: act("sale", with, hears), then: None, left: (charged, 0) }
}

const fn hold(card: &'static str, hears: &'static str, held: i64) -> Scene {
    Scene { card, first: act("pre_auth", With::Stripe, hears), then: None, left: (0, held) }
}

const fn and(card: &'static str, first: &'static str, then: Act, left: (i64, i64)) -> Scene {
    Scene { card, first: act(first, With::Stripe, "00"), then: Some(then), left }
}

/// The table "seen while paying", as sale and, where that differs for the platform, as pre-authorisation.
#[rustfmt::skip]
pub const SCENES: &[Scene] = &[
    sale("6200000000000005", With::Stripe, "00", 100),
    sale("6200000000000005", With::Contactless, "00", 100),
    sale("6200000000000013", With::Chip, "00", 100),
    sale("6200000000000104", With::Part, "10", 50),
    sale("6200000000000104", With::Stripe, "51", 0),
    sale("6200000000000518", With::Stripe, "51", 0),
    sale("6200000000000542", With::Stripe, "54", 0),
    sale("6200000000000559", With::Pin("000000"), "55", 0),
    sale("6200000000000559", With::Pin("123456"), "00", 100),
    sale("6200000000000617", With::Stripe, "61", 0),
    sale("6200000000000609", With::Stripe, "98", 0),
    sale("6200000000000625", With::Stripe, "98", 0),
    hold("6200000000000625", "98", 0),
    sale("6200000000000633", With::Stripe, "98", 0),
    hold("6200000000000633", "98", 0),
    sale("6200000000000641", With::Stripe, "98", 0),
    sale("6200000000000658", With::Stripe, "98", 0),
    sale("6200000000000666", With::Stripe, "98", 0),
    sale("6200000000000674", With::Stripe, "98", 0),
    sale("6200000000000682", With::Stripe, "98", 0),
    sale("6200000000000690", With::Stripe, "98", 0),
    sale("6200000000000716", With::Stripe, "98", 0),
    sale("6200000000000724", With::Stripe, "98", 0),
    sale("6200000000000732", With::Stripe, "98", 0),
    sale("6200000000000955", With::Stripe, "98", 0),
    sale("6200000000000963", With::Stripe, "98", 0),
    sale("6200000000000989", With::Stripe, "98", 0),
    and("6200000000000906", "sale", act("void", With::Stripe, "98"), (100, 0)),
    and("6200000000000914", "sale", act("void", With::Stripe, "98"), (100, 0)),
    and("6200000000000922", "sale", act("refund", With::Half, "98"), (50, 0)),
    and("6200000000000930", "pre_auth", act("completion", With::Stripe, "98"), (0, 100)),
    and("6200000000000948", "pre_auth", act("completion_advice", With::Stripe, "98"), (100, 0)),
    and("6200000000000005", "sale", act("void", With::Stripe, "00"), (0, 0)),
    and("6200000000000005", "sale", act("refund", With::Half, "00"), (50, 0)),
    and("6200000000000005", "pre_auth", act("completion", With::Stripe, "00"), (100, 0)),
    and("6200000000000005", "pre_auth", act("pre_auth_void", With::Stripe, "00"), (0, 0)),
    // The void was done, the sale was not undone: only clearing can tell.
    and(ONLY_CLEARING_TELLS[0], "sale", act("void", With::Stripe, "98"), (0, 0)),
    sale(ONLY_CLEARING_TELLS[1], With::Stripe, "98", 100),
];
/// Its bank says "reversed", and then charges and approves. Killed in between it never approves: the charge is seen
/// in clearing alone.
pub const LIES_ABOUT_REVERSAL: &str = "6200000000000955";
pub const ONLY_CLEARING_TELLS: [&str; 2] = ["6200000000000997", "6200000000000971"];

impl Scene {
    /// Different in every scene, so that no two look like one payment charged again.
    pub fn amount(place: usize) -> i64 {
        10_000 + 200 * i64::try_from(place).expect("a short table")
    }

    /// Plays it at a terminal; gives the trace of the first transaction and what was heard.
    pub fn play(&self, till: &mut Till, amount: i64) -> Played {
        let (trace, first) = till.act(self.first.kind, None, &self.first.command(self.card, amount));
        let approved = matches!(first.holds, Holds::It(_));
        let then = self.then.filter(|_| approved).map(|act| {
            let (_, entry) = till.act(act.kind, Some(trace), &act.command(self.card, amount));
            entry
        });
        Played { till: till.number.clone(), trace, first, then }
    }
}

impl Act {
    fn command(&self, card: &str, amount: i64) -> Value {
        let mut command = json!({"card": card, "amount": amount});
        match self.with {
            With::Stripe => {}
            With::Chip => command["entry"] = json!("insert"),
            With::Contactless => command["entry"] = json!("contactless"),
            With::Pin(pin) => command["pin"] = json!(pin),
            With::Part => command["part"] = json!(true),
            With::Half => command["amount"] = json!(amount / 2),
        }
        command
    }
}

/// A scene as its terminal lived it.
pub struct Played {
    pub till: String,
    pub trace: u64,
    pub first: Entry,
    pub then: Option<Entry>,
}

/// Plays all scenes, spread over the terminals, and does something else meanwhile, over and over until they are done.
/// Gives them in the order of the table.
pub fn play(tills: &mut [Till], meanwhile: impl FnMut()) -> BTreeMap<usize, Played> {
    play_but(tills, &[], meanwhile)
}

/// The same without the scenes of some cards.
pub fn play_but(tills: &mut [Till], cards: &[&str], mut meanwhile: impl FnMut()) -> BTreeMap<usize, Played> {
    let count = tills.len();
    thread::scope(|scope| {
        let at_work: Vec<_> = tills
            .iter_mut()
            .enumerate()
            .map(|(first, till)| {
                scope.spawn(move || {
                    let mine = SCENES.iter().enumerate().skip(first).step_by(count);
                    let mine = mine.filter(|(_, scene)| !cards.contains(&scene.card));
                    let played = mine.map(|(place, scene)| (place, scene.play(till, Scene::amount(place))));
                    played.collect::<Vec<_>>()
                })
            })
            .collect();
        while at_work.iter().any(|till| !till.is_finished()) {
            meanwhile();
        }
        at_work.into_iter().flat_map(|till| till.join().expect("a terminal has failed; see above")).collect()
    })
}
