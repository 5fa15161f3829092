//! The journal: a state is what its lines make it, and lines that cannot be are refused.

use crate::acquirer::*;
use crate::script::{Act, NOON, Talk};
use hefu_world::bank::{Bank, BankConfig, Behaviour, Event, Line, ReplayError, Task};

/// A bank that has seen a sale, a pre-authorisation and two reversals of every card, a minute apart.
fn busy() -> Talk {
    let mut talk = Talk::new();
    for (card, _) in Behaviour::table() {
        let step = talk.sent.len();
        for ask in [SALE, PRE_AUTH] {
            talk.play(card, Act::Ask(ask, 1_000));
        }
        for (number, ask) in [(0, SALE), (1, PRE_AUTH)] {
            talk.play(card, Act::Reverse(step + number));
            talk.play(card, Act::Ask(ask, 500));
        }
        talk.wait(60_000);
        talk.play(card, Act::Again(step + 2));
    }
    // A late answer is still to come.
    talk.play("6200000000000633", Act::Ask(SALE, 1_000));
    talk
}

#[test]
fn a_bank_killed_after_any_line_goes_on_from_there() {
    let talk = busy();
    assert!(talk.bank.wake_at().is_some(), "something is still planned");
    let mut again = Bank::new(BankConfig::test());
    let mut first = talk.journal.iter();
    again.replay(first.next().unwrap()).unwrap();
    for line in first {
        let copy = again.clone();
        again.replay(line).unwrap();
        assert_ne!(again, copy, "every line changes something");
    }
    assert_eq!(again, talk.bank);
    // What is planned is done alike by both.
    let later = talk.now.after(3_600_000);
    let (mut one, mut other) = (talk.bank.clone(), again);
    assert_eq!(one.wake(later), other.wake(later));
    assert_eq!(one, other);
}

#[test]
fn the_same_conversation_gives_the_same_bytes() {
    let (one, other) = (busy(), busy());
    assert_eq!(one.journal, other.journal);
}

#[test]
fn a_line_that_cannot_be_is_refused() {
    let mut talk = Talk::new();
    talk.play(PLAIN_CARD, Act::Ask(SALE, 100));
    let sale = talk.journal[1].clone();
    let Event::Received(request) = &sale.events[0] else { panic!("{sale:?}") };
    let key = request.key;
    let stranger = hefu_world::bank::Key { stan: 999_999, ..key };
    let line = |event| Line { at: NOON, events: vec![event] };
    let moved = |what: &str, amount: i64| -> Event {
        let text = format!(
            r#"{{"moved":{{"what":"{what}","of":"{key}","by":"{key}","amount":{amount},"why":"reversal"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    for (bad, expected) in [
        (sale.clone(), ReplayError::Twice { event: 0, key }),
        (line(moved("return", 101)), ReplayError::Amount { event: 0, key, amount: 101 }),
        (line(moved("release", 1)), ReplayError::Amount { event: 0, key, amount: 1 }),
        (line(moved("charge", 0)), ReplayError::Amount { event: 0, key, amount: 0 }),
        (line(moved("charge", i64::MAX)), ReplayError::Amount { event: 0, key, amount: i64::MAX }),
        (line(Event::Settled { of: key }), ReplayError::NotPlanned { event: 0, key }),
        (
            line(Event::Planned { of: stranger, due: NOON, task: Task::Answer }),
            ReplayError::Unknown { event: 0, key: stranger },
        ),
        (line(Event::ReversalDone { of: key }), ReplayError::Unknown { event: 0, key }),
        (
            Line { at: NOON.after(-1), events: Vec::new() },
            ReplayError::TimeRunsBack { last: NOON, at: NOON.after(-1) },
        ),
    ] {
        assert_eq!(talk.bank.clone().replay(&bad), Err(expected), "{bad:?}");
    }
}

#[test]
fn no_journal_line_shows_a_pin_a_track_or_an_expiry() {
    let mut talk = Talk::new();
    let mut sale = talk.acquirer.request(NOON, SALE, PLAIN_CARD, 100);
    talk.acquirer.add_pin(&mut sale, "123456");
    sale.set(14, "3012").set(35, "6200000000000005D30122011234500000");
    talk.send(&sale);
    let text = serde_json::to_string(&talk.journal).unwrap();
    for secret in ["123456\"", "3012", "12345000", &hex::encode_upper(sale.get(52).unwrap())] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
