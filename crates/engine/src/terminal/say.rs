//! What the terminal is told: code, words and fields for a leg as it stands.

use crate::io::{Said, Words};
use hefu_tally::{
    Code, Currency, Direction, Issuer, Money, View,
    codes::{self, Proves, proves},
    leg::{Leg, NOTHING_CHARGED},
};

/// What is said about a leg under this code. What the bank said is passed on where it is believed: never under
/// return, but for its decline.
pub(super) fn about(leg: &Leg, code: Code, words: Words) -> Said {
    let kept = leg.direction == Direction::Keep;
    let believed = leg.bank.as_ref().filter(|_| kept || leg.issuer == Issuer::NotDone);
    Said::Transaction {
        code,
        words,
        rrn: Some(leg.rrn),
        amount: if kept { leg.amount } else { leg.asked },
        auth: leg.bank.as_ref().filter(|_| kept).and_then(|said| said.auth),
        settles: believed.and_then(|said| said.settles.clone()),
        chip: believed.map(|said| said.chip.clone()).unwrap_or_default(),
        balance: None,
    }
}

/// We are too full to take this on, and nobody has seen it before.
pub(super) fn not_taken(amount: Money) -> Said {
    nothing(NOTHING_CHARGED, Words::NothingCharged, amount)
}

/// Nobody can say now what became of this.
pub(super) fn not_known(unknown: Code, amount: Money) -> Said {
    nothing(unknown, Words::Unknown, amount)
}

/// The same identity was used for something else.
pub(super) fn clash(amount: Money) -> Said {
    nothing(Code(*b"94"), Words::SignOn, amount)
}

/// A question about a transaction that nobody has seen.
pub(super) fn nothing_known() -> Said {
    nothing(Code(*b"25"), Words::Code, Money::zero(Currency::CNY))
}

fn nothing(code: Code, words: Words, amount: Money) -> Said {
    Said::Transaction {
        code,
        words,
        rrn: None,
        amount,
        auth: None,
        settles: None,
        chip: Vec::new(),
        balance: None,
    }
}

/// The words for the first answer under this code. `unknown` is what this terminal is told for "unknown".
pub(super) fn words_told(code: Code, unknown: Code) -> Words {
    if code == NOTHING_CHARGED && code != unknown {
        return Words::NothingCharged;
    }
    match proves(code) {
        _ if code == unknown => Words::Unknown,
        Proves::Nothing => Words::Unknown,
        Proves::Done | Proves::DoneInPart | Proves::NotDone | Proves::Original => Words::Code,
    }
}

/// The words for a leg as it stands.
pub(super) fn words_of(leg: &Leg) -> Words {
    let refused = leg.told.filter(|code| !codes::approves(*code) && proves(*code) != Proves::Nothing);
    match (leg.view(), refused) {
        (View::Approved, _) => Words::Code,
        (View::UnderReview, _) if leg.stands() => Words::Code,
        (View::Declined, _) if leg.told == Some(Code(*b"94")) => Words::PreviousUnderCheck,
        // What was refused stays refused, whatever is given back behind it.
        (View::Declined | View::Returning | View::Returned | View::UnderReview, Some(_)) => Words::Code,
        (View::Declined, None)
            if leg.bank.as_ref().is_some_and(|said| proves(said.code) == Proves::NotDone) =>
        {
            Words::Code
        }
        (View::Declined, None) => Words::NothingCharged,
        (View::Returning, None) => Words::Returning,
        (View::Returned, None) => Words::Returned,
        (View::Processing | View::Unknown, _) | (View::UnderReview, None) => Words::Unknown,
    }
}
