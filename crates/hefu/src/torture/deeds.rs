//! What cashiers do: drawn from chance, made into commands from what the terminal has in its journal.

use super::chance::Chance;
use hefu_vault::Pin;
use hefu_world::terminal::{
    CardInput, Command, EntryMode, Hold, LedgerEntry, Original, Standing, Transaction,
};

/// One thing that a cashier does.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    Sale { card: &'static str, amount: i64 },
    PreAuth { card: &'static str, amount: i64 },
    Void,
    Refund,
    PreAuthVoid,
    Completion,
    Advice,
    CompletionVoid,
    Balance,
    Settle,
    SignOn,
    LastResult,
}

impl Deed {
    /// Money is to move.
    pub fn is_payment(self) -> bool {
        match self {
            Deed::Sale { .. } | Deed::PreAuth { .. } | Deed::Completion | Deed::Advice => true,
            Deed::Void | Deed::Refund | Deed::PreAuthVoid | Deed::CompletionVoid => true,
            Deed::Balance | Deed::Settle | Deed::SignOn | Deed::LastResult => false,
        }
    }
}

/// Works always, by stripe and contactless.
pub const GOOD: &str = "6200000000000005";
/// Works always, by chip.
const CHIP: &str = "6200000000000013";
/// Approves unless the PIN is wrong.
const WITH_PIN: &str = "6200000000000559";

/// Sales and pre-authorisations that go wrong at the bank. Not among them: 955, which says "reversed" and then
/// charges: when the bank is killed, or its answer lost, in between, nobody but clearing can tell.
const TROUBLE: &[&str] = &[
    "6200000000000104",
    "6200000000000518",
    "6200000000000542",
    WITH_PIN,
    "6200000000000617",
    "6200000000000609",
    "6200000000000625",
    "6200000000000633",
    "6200000000000641",
    "6200000000000658",
    "6200000000000666",
    "6200000000000674",
    "6200000000000682",
    "6200000000000690",
    "6200000000000716",
    "6200000000000724",
    "6200000000000732",
    "6200000000000963",
    "6200000000000989",
];

/// Cards that go wrong in what follows on a payment, with that.
const FOLLOWED: &[(&str, bool, Deed)] = &[
    ("6200000000000906", true, Deed::Void),
    ("6200000000000914", true, Deed::Void),
    ("6200000000000997", true, Deed::Void),
    ("6200000000000922", true, Deed::Refund),
    ("6200000000000930", false, Deed::Completion),
    ("6200000000000948", false, Deed::Advice),
];

/// Small, so that no run empties an account: fen.
const AMOUNTS: (u64, u64) = (100, 2_999);

/// What a cashier does next: mostly one thing, sometimes two that belong together.
pub fn draw(chance: &mut Chance) -> Vec<Deed> {
    let amount = chance.between(AMOUNTS.0, AMOUNTS.1) as i64;
    let good = chance.weighted(&[(3, GOOD), (1, CHIP)]);
    let trouble = chance.pick(TROUBLE).copied().unwrap_or(GOOD);
    let card = chance.weighted(&[(4, good), (1, trouble)]);
    if chance.happens(40)
        && let Some((card, sale, then)) = chance.pick(FOLLOWED).copied()
    {
        let first = if sale { Deed::Sale { card, amount } } else { Deed::PreAuth { card, amount } };
        return vec![first, then];
    }
    vec![chance.weighted(&[
        (640, Deed::Sale { card, amount }),
        (70, Deed::Void),
        (60, Deed::Refund),
        (70, Deed::PreAuth { card, amount }),
        (20, Deed::PreAuthVoid),
        (35, Deed::Completion),
        (25, Deed::Advice),
        (15, Deed::CompletionVoid),
        (15, Deed::Balance),
        (20, Deed::Settle),
        (10, Deed::SignOn),
        (20, Deed::LastResult),
    ])]
}

/// Makes a command of a deed; none when this batch has nothing that it could be done to.
pub fn command(deed: Deed, batch: u32, ledger: &[LedgerEntry], chance: &mut Chance) -> Option<Command> {
    let mut of = |transactions: &[Transaction]| -> Option<&LedgerEntry> {
        let found: Vec<&LedgerEntry> = ledger
            .iter()
            .filter(|entry| entry.batch == batch && entry.standing == Standing::Booked)
            .filter(|entry| transactions.contains(&entry.transaction))
            .collect();
        // The last of them more often: what belongs together comes one after the other.
        if chance.happens(500) { found.last().copied() } else { chance.pick(&found).copied() }
    };
    let completions = [Transaction::Completion, Transaction::CompletionAdvice];
    Some(match deed {
        Deed::Sale { card, amount } => {
            let pin = pin(card, chance);
            Command::Sale { amount, card: swiped(card, chance)?, pin }
        }
        Deed::PreAuth { card, amount } => {
            let pin = pin(card, chance);
            Command::PreAuth { amount, card: swiped(card, chance)?, pin }
        }
        Deed::Void => Command::Void { trace: of(&[Transaction::Sale])?.trace },
        Deed::CompletionVoid => Command::CompletionVoid { trace: of(&completions)?.trace },
        Deed::Refund => {
            let sale = of(&[Transaction::Sale])?;
            let part = chance.weighted(&[(2, 2), (2, 1)]);
            Command::Refund { original: original(sale)?, amount: sale.amount / part, card: in_hand(sale)? }
        }
        Deed::PreAuthVoid => {
            let entry = of(&[Transaction::PreAuth])?;
            Command::PreAuthVoid { hold: hold(entry)?, amount: entry.amount, card: in_hand(entry)? }
        }
        Deed::Completion => {
            let entry = of(&[Transaction::PreAuth])?;
            Command::Completion { hold: hold(entry)?, amount: entry.amount, card: in_hand(entry)?, pin: None }
        }
        Deed::Advice => {
            let entry = of(&[Transaction::PreAuth])?;
            Command::CompletionAdvice { hold: hold(entry)?, amount: entry.amount, card: in_hand(entry)? }
        }
        Deed::Balance => Command::Balance { card: swiped(GOOD, chance)?, pin: Pin::parse("123456").ok() },
        Deed::Settle => Command::Settle,
        Deed::SignOn => Command::SignOn,
        Deed::LastResult => Command::LastResult { trace: ledger.last()?.trace },
    })
}

fn swiped(card: &str, chance: &mut Chance) -> Option<CardInput> {
    let entry = match card == CHIP {
        true => EntryMode::Insert,
        false => chance.weighted(&[(2, EntryMode::Swipe), (1, EntryMode::Contactless)]),
    };
    CardInput::test(card, entry).ok()
}

/// Wrong now and then, where the card minds.
fn pin(card: &str, chance: &mut Chance) -> Option<Pin> {
    let given = card == WITH_PIN || chance.happens(200);
    let wrong = card == WITH_PIN && chance.happens(300);
    if given { Pin::parse(if wrong { "000000" } else { "123456" }).ok() } else { None }
}

fn original(entry: &LedgerEntry) -> Option<Original> {
    Some(Original { rrn: entry.rrn.clone()?, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn hold(entry: &LedgerEntry) -> Option<Hold> {
    Some(Hold { auth: entry.auth.clone()?, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn date(entry: &LedgerEntry) -> Option<[u8; 4]> {
    entry.date.as_deref()?.as_bytes().try_into().ok()
}

/// The card that was used, by the four digits that the slip shows: no two test cards share them.
fn in_hand(entry: &LedgerEntry) -> Option<CardInput> {
    let last = entry.card.get(entry.card.len().checked_sub(4)?..)?;
    let all = TROUBLE.iter().chain(FOLLOWED.iter().map(|(card, ..)| card)).chain([&GOOD, &CHIP]);
    let card = all.copied().find(|card| card.ends_with(last))?;
    CardInput::test(card, EntryMode::Swipe).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_world::bank::Behaviour;

    #[test]
    fn all_cards_that_are_used_are_test_cards_and_no_two_end_alike() {
        let table = Behaviour::table();
        let mut ends = std::collections::BTreeSet::new();
        for card in TROUBLE.iter().chain(FOLLOWED.iter().map(|(card, ..)| card)).chain([&GOOD, &CHIP]) {
            assert!(table.iter().any(|(known, _)| known == card), "{card}");
            assert!(ends.insert(&card[12..]), "{card} is there twice");
        }
    }

    #[test]
    fn every_deed_is_drawn() {
        let mut chance = Chance::of(1, "deeds", 0);
        let drawn: Vec<Deed> = (0..3_000).flat_map(|_| draw(&mut chance)).collect();
        let rest = [
            Deed::Void,
            Deed::Refund,
            Deed::PreAuthVoid,
            Deed::Completion,
            Deed::Advice,
            Deed::CompletionVoid,
            Deed::Balance,
            Deed::Settle,
            Deed::SignOn,
            Deed::LastResult,
        ];
        assert!(rest.iter().all(|deed| drawn.contains(deed)));
        let sold: std::collections::BTreeSet<_> = drawn
            .iter()
            .filter_map(|deed| if let Deed::Sale { card, .. } = deed { Some(*card) } else { None })
            .collect();
        assert!(TROUBLE.iter().all(|card| sold.contains(card)), "{sold:?}");
    }

    #[test]
    fn nothing_is_voided_in_an_empty_batch() {
        let mut chance = Chance::of(1, "empty", 0);
        assert!(command(Deed::Void, 1, &[], &mut chance).is_none());
        assert!(matches!(command(Deed::Settle, 1, &[], &mut chance), Some(Command::Settle)));
    }
}
