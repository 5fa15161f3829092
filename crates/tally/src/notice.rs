//! Notices: what each side must hear when a transaction turns out otherwise than it was told. A function of the
//! facts, like duties and books: whoever delivers notices reads the facts in their order and keeps its own place.
//!
//! The merchant hears the terminal's answer first, the payer his own bank; so a sale that is approved or declined at
//! once needs no notice. Everything that was in doubt, and everything that is decided afterwards, is told to both.

use crate::{
    codes::{self, Proves},
    fact::Fact,
    ids::TallyId,
    leg::{Knowledge, Leg, LegNo, Moves, View},
    money::Money,
    tally::{Impossible, Tally},
    time::Moment,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Who hears it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    Payer,
    Merchant,
}

/// What is said of one transaction.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Unknown: do not charge again; it is being looked into.
    Unknown,
    /// It was done and stands.
    Stands,
    /// It stands because nobody said otherwise by the end of the day.
    StandsByPolicy,
    /// It was not done.
    NotDone,
    /// It is being undone.
    Returning,
    /// It was undone.
    Returned,
    /// A person looks into it.
    UnderReview,
}

/// One thing to be said to one side.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Notice {
    pub to: To,
    pub leg: LegNo,
    pub word: Word,
    pub amount: Money,
}

/// All notices of a payment's history, with the moments at which they were due.
///
/// # Errors
/// The facts are no payment's history.
pub fn notices<'a>(
    id: TallyId,
    facts: impl Iterator<Item = (Moment, &'a Fact)>,
) -> Result<Vec<(Moment, Notice)>, Impossible> {
    let mut facts = facts.peekable();
    let Some((at, Fact::Opened(opened))) = facts.next() else { return Err(Impossible::NotOpened("nothing")) };
    let (mut tally, mut heard, mut said) = (Tally::open(id, at, opened)?, Heard::default(), Vec::new());
    while let Some((at, fact)) = facts.next() {
        tally.apply(at, fact)?;
        if let Fact::Told { leg, code } = fact {
            heard.words.insert((*leg, To::Merchant), at_terminal(*code));
        }
        // What happened in one moment is told once, as it stood at the end.
        if facts.peek().is_none_or(|(next, _)| *next != at) {
            said.extend(heard.catch_up(&tally).into_iter().map(|notice| (at, notice)));
        }
    }
    Ok(said)
}

/// What each side heard last of each leg.
#[derive(Default)]
struct Heard {
    words: BTreeMap<(LegNo, To), Word>,
}

impl Heard {
    fn catch_up(&mut self, tally: &Tally) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (no, leg) in tally.legs().filter(|(_, leg)| leg.kind.moves() != Moves::Nothing) {
            let Some(word) = word(leg) else { continue };
            for to in [To::Payer, To::Merchant] {
                let last = self.words.get(&(no, to)).copied();
                // Who heard nothing yet hears the plain outcome from his bank or at the terminal.
                let plain = last.is_none() && matches!(word, Word::Stands | Word::NotDone);
                if last != Some(word) && !plain {
                    self.words.insert((no, to), word);
                    notices.push(Notice { to, leg: no, word, amount: leg.amount });
                }
            }
        }
        notices
    }
}

/// What a leg is to be told as; none while its first answer is still awaited.
fn word(leg: &Leg) -> Option<Word> {
    Some(match leg.view() {
        View::Processing => return None,
        View::Approved if leg.knows == Some(Knowledge::Policy) => Word::StandsByPolicy,
        View::Approved => Word::Stands,
        View::Declined => Word::NotDone,
        View::Unknown => Word::Unknown,
        View::Returning => Word::Returning,
        View::Returned => Word::Returned,
        View::UnderReview => Word::UnderReview,
    })
}

/// What the terminal's answer said.
fn at_terminal(code: crate::ids::Code) -> Word {
    match codes::proves(code) {
        _ if codes::approves(code) => Word::Stands,
        Proves::Nothing if code != crate::leg::NOTHING_CHARGED => Word::Unknown,
        Proves::Done | Proves::DoneInPart | Proves::NotDone | Proves::Original | Proves::Nothing => {
            Word::NotDone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::Code,
        judge::{
            Decision, Evidence,
            scene::{Scene, answer, reversal},
        },
        leg::Kind,
    };
    use To::{Merchant, Payer};
    use Word::{NotDone, Returned, Returning, Stands, StandsByPolicy, UnderReview, Unknown};

    const FIRST: LegNo = LegNo(0);
    const CUT: i64 = 11 * 3_600;

    #[track_caller]
    fn check(name: &str, steps: &[(i64, Evidence)], expected: &[(To, Word)]) {
        let mut scene = Scene::of(Kind::Sale);
        for (seconds, evidence) in steps {
            scene.give(*seconds, FIRST, evidence);
        }
        let facts = scene.facts.iter().map(|(at, fact)| (*at, fact));
        let said = notices(scene.tally.id, facts).unwrap();
        let said: Vec<_> = said.iter().map(|(_, notice)| (notice.to, notice.word)).collect();
        assert_eq!(said, expected, "{name}: {:?}", scene.facts);
    }

    #[test]
    fn what_was_in_doubt_or_decided_afterwards_is_told_to_both_sides() {
        let reversed = || Evidence::TerminalReversed(Some(Code(*b"98")));
        let denies = || Evidence::Decided { decision: Decision::Has, by: "Li".into(), reason: "seen".into() };
        check("approved", &[(1, answer("00"))], &[]);
        check("declined", &[(1, answer("51"))], &[]);
        check(
            "unknown, then returned",
            &[(55, Evidence::Due), (56, reversal("00"))],
            &[(Payer, Returning), (Merchant, Returning), (Payer, Returned), (Merchant, Returned)],
        );
        check(
            "unknown, then never charged",
            &[(55, Evidence::Due), (56, answer("51"))],
            &[(Payer, Returning), (Merchant, Returning), (Payer, NotDone), (Merchant, NotDone)],
        );
        check(
            "approved, then reversed by the terminal",
            &[(1, answer("00")), (9, reversed()), (10, reversal("00"))],
            &[(Payer, Returning), (Merchant, Returning), (Payer, Returned), (Merchant, Returned)],
        );
        check(
            "kept by the policy",
            &[(1, answer("00")), (601, Evidence::Due), (CUT, Evidence::Due)],
            &[(Payer, StandsByPolicy), (Merchant, StandsByPolicy)],
        );
        check(
            "goods are out",
            &[(55, Evidence::Due), (56, reversal("00")), (90, denies())],
            &[
                (Payer, Returning),
                (Merchant, Returning),
                (Payer, Returned),
                (Merchant, Returned),
                (Payer, UnderReview),
                (Merchant, UnderReview),
            ],
        );
    }

    #[test]
    fn an_advice_that_was_unknown_is_told_when_it_stands() {
        let mut scene = Scene::of(Kind::OfflineSale);
        scene.give(55, FIRST, &Evidence::Due);
        scene.give(60, FIRST, &answer("00"));
        let facts = scene.facts.iter().map(|(at, fact)| (*at, fact));
        let said = notices(scene.tally.id, facts).unwrap();
        let said: Vec<_> = said.iter().map(|(_, notice)| (notice.to, notice.word)).collect();
        assert_eq!(said, [(Payer, Unknown), (Payer, Stands), (Merchant, Stands)]);
    }
}
