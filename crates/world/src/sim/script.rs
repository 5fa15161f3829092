//! What cashiers do: drawn beforehand, made into commands at the moment, from what the terminal has in its journal.

use super::rolls::Rolls;
use super::rows::Row;
use crate::bank::{Behaviour, OnAdvice, OnCompletion, OnVoid};
use crate::terminal::{
    CardInput, Command, EntryMode, Firmware, LedgerEntry, Original, Standing, Terminal, Transaction,
};
use hefu_mutant::mutant;
use hefu_tally::leg::Identity;
use hefu_vault::Pin;

/// One thing that a cashier does.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Sale {
        card: &'static str,
        amount: i64,
        entry: EntryMode,
        pin: bool,
    },
    Void,
    Refund {
        per_mille: i64,
    },
    PreAuth {
        card: &'static str,
        amount: i64,
        entry: EntryMode,
    },
    PreAuthVoid,
    Completion {
        per_mille: i64,
    },
    Advice {
        per_mille: i64,
    },
    CompletionVoid,
    OfflineSale {
        card: &'static str,
        amount: i64,
    },
    Balance {
        card: &'static str,
    },
    Settle,
    SignOn,
    LastResult,
    SendPending,
    ClearByMenu,
    /// Somebody pulls the plug, so many effects later.
    PowerCut {
        after: u8,
    },
}

/// The works-always card; the others are drawn less often.
const GOOD: &str = "6200000000000005";

/// Cards "seen only in clearing" work as any other while nobody reads clearing files; what the bank's book says of
/// them is decided at the desk.
fn is_used(behaviour: Behaviour) -> bool {
    !(mutant!(NeverDrawsTheRefundCard) && behaviour == Behaviour::LosesTheRefundsAnswer)
}

/// 3 to 12 deeds.
pub(super) fn draw(rolls: &mut Rolls, firmware: Firmware, clears: u32) -> Vec<Deed> {
    let cards: Vec<(&'static str, Behaviour)> =
        Behaviour::table().iter().copied().filter(|(_, behaviour)| is_used(*behaviour)).collect();
    let count = rolls.between(3, 12) as usize;
    let mut deeds = Vec::with_capacity(count);
    while deeds.len() < count {
        let (card, behaviour) = if rolls.happens(350) || mutant!(NeverDrawsAnOddCard) {
            (GOOD, Behaviour::Approves)
        } else {
            rolls.pick(&cards).unwrap_or((GOOD, Behaviour::Approves))
        };
        let amount = rolls.between(2, 200_000);
        let entry =
            rolls.weighted(&[(4, EntryMode::Swipe), (3, EntryMode::Insert), (3, EntryMode::Contactless)]);
        let sale = Deed::Sale { card, amount, entry, pin: rolls.happens(300) };
        let hold = Deed::PreAuth { card, amount, entry };
        // A card that goes wrong in a follower is used with that follower.
        let manners = behaviour.manners();
        let pair = match (manners.void, manners.refund, manners.completion) {
            (OnVoid::Do, OnAdvice::Do, OnCompletion::Do) => None,
            (OnVoid::Do, OnAdvice::LoseFirstAnswer, _) => Some([sale, refund(rolls)]),
            (OnVoid::Do, OnAdvice::Do, OnCompletion::LoseAnswer) if rolls.happens(700) => {
                Some([hold, Deed::Completion { per_mille: share(rolls) }])
            }
            (OnVoid::Do, OnAdvice::Do, OnCompletion::LoseAnswer | OnCompletion::AdviceSilentFor(_)) => {
                Some([hold, Deed::Advice { per_mille: share(rolls) }])
            }
            (OnVoid::LoseAnswer | OnVoid::NeverSee | OnVoid::LoseAnswerAndDenyReversal, ..) => {
                Some([sale, Deed::Void])
            }
        };
        if let Some(pair) = pair {
            deeds.extend(pair);
            continue;
        }
        deeds.push(match rolls.below(100) {
            0..40 => sale,
            40..50 => Deed::Void,
            50..58 => refund(rolls),
            58..64 => hold,
            64..67 => Deed::PreAuthVoid,
            67..71 => Deed::Completion { per_mille: share(rolls) },
            71..74 => Deed::Advice { per_mille: share(rolls) },
            74..76 => Deed::CompletionVoid,
            76..78 => Deed::OfflineSale { card: GOOD, amount },
            78..79 => Deed::Balance { card },
            79..83 if !mutant!(NeverSettlesABatch) => Deed::Settle,
            83..86 => Deed::SignOn,
            86..92 => Deed::LastResult,
            92..95 => Deed::SendPending,
            95..97 => Deed::PowerCut { after: rolls.below(8) as u8 },
            _ => sale,
        });
        // Certified firmware has no such item in its menu.
        if firmware != Firmware::Certified && rolls.happens(clears) {
            deeds.push(Deed::ClearByMenu);
        }
    }
    deeds
}

/// A part of the original's amount, in thousandths; once in a while more than it.
fn share(rolls: &mut Rolls) -> i64 {
    rolls.weighted(&[(6, 1_000), (3, 700), (2, 1_150), (1, 1_160)])
}

fn refund(rolls: &mut Rolls) -> Deed {
    Deed::Refund { per_mille: rolls.weighted(&[(4, 500), (4, 1_000), (1, 1_100)]) }
}

/// Makes a command of a deed; none when the terminal has nothing that it could be done to.
pub(super) fn command(
    deed: Deed,
    terminal: &Terminal,
    rolls: &mut Rolls,
    habits: &mut Rolls,
) -> Option<Command> {
    let pin = || Pin::parse("123456").ok();
    let test = |card, entry| CardInput::test(card, entry).ok();
    let mut of = |transactions: &[Transaction]| -> Option<LedgerEntry> {
        let batch = terminal.batch();
        let found: Vec<&LedgerEntry> = terminal
            .ledger()
            .filter(|e| {
                e.batch == batch && e.standing == Standing::Booked && transactions.contains(&e.transaction)
            })
            .collect();
        rolls.pick(&found).cloned()
    };
    let gone = |transactions: &[Transaction], habits: &mut Rolls| -> Option<LedgerEntry> {
        let no_more = |e: &&LedgerEntry| {
            let named = e.rrn.is_some() && e.date.is_some();
            named && transactions.contains(&e.transaction) && e.standing != Standing::Booked
        };
        let found: Vec<&LedgerEntry> = terminal.ledger().filter(no_more).collect();
        habits.pick(&found).cloned()
    };
    let sales = [Transaction::Sale, Transaction::OfflineSettlement];
    let completions = [Transaction::Completion, Transaction::CompletionAdvice];
    Some(match deed {
        Deed::Sale { card, amount, entry, pin: with } => {
            Command::Sale { amount, card: test(card, entry)?, pin: if with { pin() } else { None } }
        }
        Deed::PreAuth { card, amount, entry } => {
            Command::PreAuth { amount, card: test(card, entry)?, pin: None }
        }
        Deed::Void => Command::Void { trace: of(&sales)?.trace },
        Deed::CompletionVoid => Command::CompletionVoid { trace: of(&completions)?.trace },
        // Now and then somebody wants his money back for what was given back, or nobody knows of.
        Deed::Refund { per_mille } => {
            let sale = match gone(&sales, habits) {
                Some(sale) if habits.happens(400) => sale,
                Some(_) | None => of(&sales)?,
            };
            Command::Refund {
                original: terminal.original(sale.trace)?,
                amount: part(sale.amount, per_mille),
                card: test(in_hand(&sale)?, EntryMode::Swipe)?,
            }
        }
        Deed::PreAuthVoid => {
            let hold = of(&[Transaction::PreAuth])?;
            let card = test(in_hand(&hold)?, EntryMode::Swipe)?;
            Command::PreAuthVoid { hold: terminal.hold(hold.trace)?, amount: hold.amount, card }
        }
        Deed::Completion { per_mille } => {
            let hold = of(&[Transaction::PreAuth])?;
            let (card, amount) = (test(in_hand(&hold)?, EntryMode::Swipe)?, part(hold.amount, per_mille));
            Command::Completion { hold: terminal.hold(hold.trace)?, amount, card, pin: None }
        }
        Deed::Advice { per_mille } => {
            let hold = of(&[Transaction::PreAuth])?;
            let (card, amount) = (test(in_hand(&hold)?, EntryMode::Swipe)?, part(hold.amount, per_mille));
            Command::CompletionAdvice { hold: terminal.hold(hold.trace)?, amount, card }
        }
        Deed::OfflineSale { card, amount } => {
            Command::OfflineSale { amount, card: test(card, EntryMode::Swipe)?, auth: Some("123456".into()) }
        }
        Deed::Balance { card } => Command::Balance { card: test(card, EntryMode::Swipe)?, pin: pin() },
        Deed::Settle => Command::Settle,
        Deed::SignOn => Command::SignOn,
        Deed::LastResult => Command::LastResult { trace: terminal.ledger().last()?.trace },
        Deed::SendPending => Command::SendPending,
        Deed::ClearByMenu => {
            terminal.owes().reversal?;
            Command::ClearReversalByMenu
        }
        Deed::PowerCut { .. } => return None,
    })
}

/// A refund of a sale that the cashier has a reference of, from wherever, and that may not stand at all.
pub(super) fn refund_of(row: &Row) -> Option<Command> {
    let digits = std::str::from_utf8(&row.card).ok()?;
    let card = Behaviour::table().iter().map(|(card, _)| *card).find(|card| card.ends_with(digits))?;
    let date = row.leg.opened.mmdd().into_bytes().try_into().ok()?;
    let Identity { batch, trace, .. } = row.leg.identity;
    Some(Command::Refund {
        original: Original { rrn: row.leg.rrn.as_str().to_owned(), batch, trace, date },
        amount: row.leg.asked.minor,
        card: CardInput::test(card, EntryMode::Swipe).ok()?,
    })
}

/// The card that was used, by the four digits that the slip shows: no two test cards share them.
fn in_hand(entry: &LedgerEntry) -> Option<&'static str> {
    let last = entry.card.get(entry.card.len().checked_sub(4)?..)?;
    Behaviour::table().iter().map(|(card, _)| *card).find(|card| card.ends_with(last))
}

fn part(amount: i64, per_mille: i64) -> i64 {
    (amount * per_mille / 1_000).max(1)
}
