//! Engines with equal fingerprints do the same from then on, but for names and numbers.

use crate::world::{LINK, World, till};
use hefu_engine::{Ask, Input, Note};
use hefu_tally::Kind;

/// A schedule drawn from a number: the same number, the same schedule.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Does one thing that was drawn. What is quoted is quoted by its place, so it means the same in every world.
fn step(world: &mut World, drawn: &mut Drawn) {
    world.till = till(1 + drawn.below(2) as u8);
    match drawn.below(9) {
        0 | 1 => {
            world.sale(100);
        }
        2 | 3 if !world.sent.is_empty() => {
            let place = world.sent.len() - 1 - drawn.below(world.sent.len().min(3) as u64) as usize;
            let request = world.sent[place].clone();
            let code = ["00", "51", "25", "96"][drawn.below(4) as usize];
            let good = drawn.below(8) > 0;
            world.answer(&request, code, |answer| answer.mac_good = good);
        }
        4 => world.until(world.seconds() + [1, 10, 60][drawn.below(3) as usize]),
        5 => {
            let trace = world.trace;
            world.reversal(Kind::Sale, 100, trace);
        }
        6 => {
            let trace = world.trace;
            world.ask(Ask::LastResult { batch: 1, trace });
        }
        7 => world.withhold = !world.withhold,
        2 | 3 | 8 => {
            if !world.held.is_empty() {
                world.release();
            }
        }
        drawn => unreachable!("{drawn} of 9"),
    }
}

/// All that came out since, without names: who was sent what, who was told what.
fn heard(world: &World, (sent, replies, alarms): (usize, usize, usize)) -> Vec<String> {
    let sent = world.sent[sent..].iter();
    let sent = sent.map(|sent| {
        format!("{:?} {:?} {:?} {} at {}", sent.what, sent.kind, sent.amount, sent.till, sent.key.at.0)
    });
    let replies = world.replies[replies..].iter().map(|(to, reply)| {
        let said = format!("{reply:?}");
        let named = world.sent.iter().enumerate().fold(said, |said, (place, sent)| {
            said.replace(&sent.rrn.to_string(), &format!("the one sent as {place}"))
        });
        format!("to {to}: {named}")
    });
    sent.chain(replies)
        .chain([format!("{} alarms, wake {:?}", world.alarms.len() - alarms, world.wake)])
        .collect()
}

#[test]
fn engines_that_are_alike_stay_alike_whatever_comes() {
    let mut alike = 0;
    for seed in 0..400 {
        let (mut plain, mut other) = (World::new(), World::new());
        // A commit more, and inputs that change nothing: other numbers of batches and turns.
        for _ in 0..seed % 3 + 1 {
            let note = Note { kind: "bad_frame", text: "nothing".into() };
            other.feed(Input::Note { till: None, note });
            other.feed(Input::Link { link: LINK, up: true });
        }
        assert_eq!(plain.engine.fingerprint(), other.engine.fingerprint(), "seed {seed}: before");
        let (mut one, mut two) = (Drawn(seed), Drawn(seed));
        for number in 0..40 {
            let marks = |world: &World| (world.sent.len(), world.replies.len(), world.alarms.len());
            let before = (marks(&plain), marks(&other));
            step(&mut plain, &mut one);
            step(&mut other, &mut two);
            assert_eq!(heard(&plain, before.0), heard(&other, before.1), "seed {seed}, step {number}");
            let same = plain.engine.fingerprint() == other.engine.fingerprint();
            assert!(same, "seed {seed}, step {number}: the same was done, and they differ");
            alike += usize::from(same);
        }
    }
    assert_eq!(alike, 400 * 40);
}

#[test]
fn what_matters_tells_engines_apart() {
    // (what differs, how it comes about)
    type Makes = fn(&mut World);
    let cases: [(&str, Makes); 6] = [
        ("an approval that was told again", |world| {
            world.approved(Kind::Sale, 100);
            let trace = world.trace;
            world.ask(Ask::LastResult { batch: 1, trace });
        }),
        ("nothing was told again", |world| {
            world.approved(Kind::Sale, 100);
        }),
        ("a sale waits for its commit", |world| {
            world.withhold = true;
            world.sale(100);
        }),
        ("another sale waits", |world| {
            world.withhold = true;
            world.sale(200);
        }),
        ("a sale was sent", |world| {
            world.sale(100);
        }),
        ("the link is down", |world| world.feed(Input::Link { link: LINK, up: false })),
    ];
    let prints = cases.map(|(what, make)| {
        let mut world = World::new();
        make(&mut world);
        (what, world.engine.fingerprint())
    });
    for (place, (what, print)) in prints.iter().enumerate() {
        for (other, same) in &prints[..place] {
            assert_ne!(print, same, "{what}, {other}");
        }
    }
}
