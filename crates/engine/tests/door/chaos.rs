//! Anything in any order, with crashes and withheld commits: the store checks promises and replay at every commit;
//! at the end everybody answers, and everything must match or wait for clearing or a person.

use crate::world::{LINK, World, till};
use hefu_engine::{Ask, BankAsk, Conversation, Input, Settle, Transact, Upload, UploadPart};
use hefu_tally::{DutyKind, Kind, leg::UndoState};
use proptest::prelude::*;

const CODES: [&str; 10] = ["00", "00", "10", "51", "25", "12", "22", "94", "96", "ZZ"];

#[derive(Clone, Debug)]
enum Step {
    /// A new transaction at this terminal, over so much; a follower quotes the reply of this place.
    Transact(u8, Kind, i64, usize),
    /// The transaction of this place again.
    Repeat(usize),
    Reverse(usize),
    /// The bank answers the message of this place.
    Bank(usize, &'static str, bool),
    NeverSent(usize),
    Unwritten(u64),
    Time(i64),
    Link(bool),
    Withhold(bool),
    Release,
    Restart,
    LastResult(u32),
    Script,
    Signature(u32),
    Settle(i64),
    Upload(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0_usize..40;
    let kinds = prop::sample::select(Kind::ALL.to_vec());
    let amounts = prop::sample::select(vec![100_i64, 200, 1_000]);
    prop_oneof![
        8 => (1_u8..4, kinds, amounts, place.clone()).prop_map(|(t, k, a, p)| Step::Transact(t, k, a, p)),
        2 => place.clone().prop_map(Step::Repeat),
        3 => place.clone().prop_map(Step::Reverse),
        10 => (place.clone(), prop::sample::select(CODES.to_vec()), prop::bool::weighted(0.95))
            .prop_map(|(place, code, good)| Step::Bank(place, code, good)),
        1 => place.prop_map(Step::NeverSent),
        1 => (0_u64..40).prop_map(Step::Unwritten),
        4 => prop_oneof![1_i64..5, 10_i64..70, 1_000_i64..20_000].prop_map(Step::Time),
        1 => any::<bool>().prop_map(Step::Link),
        1 => any::<bool>().prop_map(Step::Withhold),
        2 => Just(Step::Release),
        1 => Just(Step::Restart),
        1 => (1_u32..30).prop_map(Step::LastResult),
        1 => Just(Step::Script),
        1 => (1_u32..30).prop_map(Step::Signature),
        1 => (0_i64..3).prop_map(|n| Step::Settle(n * 100)),
        1 => (1_u32..30).prop_map(Step::Upload),
    ]
}

fn take(world: &mut World, asked: &mut Vec<Transact>, step: Step) {
    match step {
        Step::Transact(number, kind, minor, place) => {
            world.till = till(number);
            let quoted = asked.get(place).map(|first| {
                let identity = first.identity;
                let rrn = world.sent.iter().find(|sent| sent.till == identity.till).map(|sent| sent.rrn);
                let trace = Some(identity.trace).filter(|_| place % 2 == 0);
                let rrn = rrn.filter(|_| trace.is_none());
                hefu_engine::Original { rrn, auth: None, batch: Some(1), trace }
            });
            let mut transact = world.transaction(kind, minor, quoted.filter(|_| kind.refers()));
            transact.takes_part = place % 3 == 0;
            asked.push(transact.clone());
            world.ask(Ask::Transact(Box::new(transact)));
        }
        Step::Repeat(place) => {
            if let Some(transact) = asked.get(place).cloned() {
                world.till = transact.identity.till;
                world.ask(Ask::Transact(Box::new(transact)));
            }
        }
        Step::Reverse(place) => {
            if let Some(transact) = asked.get(place).cloned() {
                world.till = transact.identity.till;
                world.reversal(transact.kind, transact.amount.minor, transact.identity.trace);
            }
        }
        Step::Bank(place, text, good) => {
            if let Some(request) = world.sent.iter().rev().nth(place).cloned() {
                world.answer(&request, text, |answer| answer.mac_good = good);
            }
        }
        Step::NeverSent(place) => {
            if let Some(request) = world.sent.iter().rev().nth(place).cloned() {
                world.feed(Input::NeverSent { link: LINK, key: request.key, rrn: request.rrn });
            }
        }
        Step::Unwritten(number) => world.feed(Input::Unwritten { conversation: Conversation(number) }),
        Step::Time(seconds) => world.until(world.seconds() + seconds),
        Step::Link(up) => world.feed(Input::Link { link: LINK, up }),
        Step::Withhold(withhold) => world.withhold = withhold,
        Step::Release => {
            if !world.held.is_empty() {
                world.release();
            }
        }
        Step::Restart => {
            world.withhold = false;
            world.restart();
        }
        Step::LastResult(trace) => {
            world.ask(Ask::LastResult { batch: 1, trace });
        }
        Step::Script => {
            world.ask(Ask::Script { batch: 1, trace: 1 });
        }
        Step::Signature(identity_trace) => {
            world.ask(Ask::Signature { identity_trace, batch: 1, rrn: None });
        }
        Step::Settle(debit) => {
            world.ask(Ask::Settle(Settle { batch: 1, debit, ..Settle::default() }));
        }
        Step::Upload(trace) => {
            for part in [UploadPart::Lines(vec![(trace, 100)]), UploadPart::End { total: 1 }] {
                world.ask(Ask::Upload(Upload { batch: 1, part }));
            }
        }
    }
}

/// The bank answers whatever is repeated, and two days pass.
fn heal(world: &mut World) {
    world.withhold = false;
    while !world.held.is_empty() {
        world.release();
    }
    world.feed(Input::Link { link: LINK, up: true });
    for pause in [70, 70, 70, 70, 70, 70, 70, 70, 3_700, 3_700, 3_700] {
        let from = world.sent.len();
        world.until(world.seconds() + pause);
        let copies = world.sent.split_off(from);
        for request in copies {
            let text = match request.what {
                BankAsk::Request | BankAsk::Repeat => "51",
                BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => "00",
            };
            world.answer(&request, text, |_| {});
        }
    }
    world.until(world.seconds() + 2 * 24 * 3_600);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_inputs_stops_the_engine_or_leaves_a_payment_one_sided(
        certified: bool,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = if certified { World::certified() } else { World::new() };
        let mut asked = Vec::new();
        for step in steps {
            take(&mut world, &mut asked, step);
        }
        heal(&mut world);
        prop_assert!(world.engine.is_idle());
        for id in world.store.tallies.keys() {
            let tally = world.store.tally(*id);
            for duty in tally.duties() {
                prop_assert!(duty.due > world.now, "{duty:?} is overdue at {}", world.now);
                let waits = matches!(duty.kind, DutyKind::AwaitClearing | DutyKind::AskPerson);
                prop_assert!(waits, "{duty:?} of {:?}", world.store.history(*id));
            }
            for (no, leg) in tally.legs() {
                let running = leg.undo.is_some_and(|undo| undo.state == UndoState::Running);
                prop_assert!(!running, "leg {no:?} of {:?}", world.store.history(*id));
                let waits = leg.clearing.is_some() || leg.case.is_some();
                prop_assert!(leg.matched() || waits, "leg {no:?} of {:?}", world.store.history(*id));
            }
        }
    }
}
