//! What was typed so far for a function of the menu, and the command that it becomes.

use super::flow::{Ask, Flow};
use crate::terminal::drive::View;
use crate::terminal::{CardInput, Command, EntryMode, Hold, LedgerEntry, Original, Transaction};
use hefu_vault::Pin;
use zeroize::Zeroizing;

/// A tap up to this amount (fen) asks for no PIN.
const TAP_WITHOUT_PIN: i64 = 100_000;
/// Digits of an amount, of a trace and of a PIN.
const AMOUNT_DIGITS: usize = 10;
const TRACE_DIGITS: usize = 6;
pub(super) const PIN_DIGITS: usize = 6;

/// A function under way. It holds a card and perhaps a PIN, so it has no Debug.
pub(super) struct Draft {
    pub flow: Flow,
    place: usize,
    /// An amount or a trace, as typed.
    pub typed: String,
    pub amount: Option<i64>,
    pub trace: Option<u32>,
    card: Option<CardInput>,
    /// Allocated in full at once: growing would leave unwiped copies behind.
    pin: Zeroizing<String>,
}

/// Why what was typed does not do.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Wrong {
    Amount,
    Trace,
    Pin,
}

/// Where a draft stands after an answer.
pub(super) enum Next {
    Asks,
    Run(Command),
    Reprint(u32),
}

impl Draft {
    pub fn new(flow: Flow) -> Draft {
        let pin = Zeroizing::new(String::with_capacity(PIN_DIGITS));
        Draft { flow, place: 0, typed: String::new(), amount: None, trace: None, card: None, pin }
    }

    /// What is asked for now; none when everything is there.
    pub fn asks(&self) -> Option<Ask> {
        self.flow.asks().get(self.place).copied()
    }

    /// Types digits, or a point in an amount. Whether there was room.
    pub fn types(&mut self, text: &str) -> bool {
        match self.asks() {
            Some(Ask::Amount) => {
                let longer = format!("{}{text}", self.typed);
                let fits = longer.len() <= AMOUNT_DIGITS && fen(&longer).is_some();
                if fits {
                    self.typed = longer;
                }
                fits
            }
            Some(Ask::Trace) => {
                let fits = self.typed.len() + text.len() <= TRACE_DIGITS && text != ".";
                if fits {
                    self.typed.push_str(text);
                }
                fits
            }
            Some(Ask::Pin) => {
                let fits = self.pin.len() + text.len() <= PIN_DIGITS && text != ".";
                if fits {
                    self.pin.push_str(text);
                }
                fits
            }
            Some(Ask::Card | Ask::YesNo) | None => false,
        }
    }

    /// Takes back what was typed for the present question. Whether there was something.
    pub fn clears(&mut self) -> bool {
        let had = !self.typed.is_empty() || !self.pin.is_empty();
        self.typed.clear();
        // The digits are overwritten, not only forgotten.
        self.pin = Zeroizing::new(String::with_capacity(PIN_DIGITS));
        had
    }

    /// The amount as typed so far, in fen.
    pub fn typed_amount(&self) -> i64 {
        fen(&self.typed).unwrap_or(0)
    }

    pub fn pin_length(&self) -> usize {
        self.pin.len()
    }

    /// The journal's line that the trace names, or that is proposed.
    pub fn line<'a>(&self, view: &'a View) -> Option<&'a LedgerEntry> {
        let mut lines = view.ledger.iter().rev();
        match self.trace {
            Some(trace) => lines.find(|entry| entry.trace == trace),
            None => lines.find(|entry| self.flow.suits(entry)),
        }
    }

    /// Enter was pressed.
    pub fn enters(&mut self, view: &View) -> Result<Next, Wrong> {
        match self.asks() {
            Some(Ask::Amount) => {
                let whole = self.line(view).map(|entry| entry.amount - entry.refunded);
                let about_another = self.flow.asks().contains(&Ask::Trace);
                let amount = match fen(&self.typed) {
                    Some(typed) if typed > 0 => typed,
                    _ => whole.filter(|whole| about_another && *whole > 0).ok_or(Wrong::Amount)?,
                };
                self.amount = Some(amount);
            }
            Some(Ask::Trace) => {
                let typed = match self.typed.is_empty() {
                    true => self.line(view).map(|entry| entry.trace),
                    false => self.typed.parse().ok(),
                };
                self.trace = Some(typed.ok_or(Wrong::Trace)?);
            }
            Some(Ask::Pin) if !self.pin.is_empty() && self.pin.len() != PIN_DIGITS => return Err(Wrong::Pin),
            Some(Ask::Pin | Ask::Card | Ask::YesNo) | None => {}
        }
        self.typed.clear();
        self.place += 1;
        self.next(view, true)
    }

    /// A card was presented.
    pub fn takes(&mut self, card: CardInput, view: &View) -> Result<Next, Wrong> {
        let tapped = card.entry() == EntryMode::Contactless;
        self.card = Some(card);
        self.place += 1;
        let small = self.amount.is_some_and(|amount| amount <= TAP_WITHOUT_PIN);
        if self.asks() == Some(Ask::Pin) && tapped && small {
            self.place += 1;
        }
        self.next(view, true)
    }

    /// Yes or no.
    pub fn says(&mut self, yes: bool, view: &View) -> Result<Next, Wrong> {
        self.place += 1;
        self.next(view, yes)
    }

    /// A function that asks for nothing.
    pub fn begins(&self, view: &View) -> Result<Next, Wrong> {
        self.next(view, true)
    }

    fn next(&self, view: &View, yes: bool) -> Result<Next, Wrong> {
        if self.asks().is_some() {
            return Ok(Next::Asks);
        }
        if self.flow == Flow::Reprint {
            return Ok(Next::Reprint(self.trace.ok_or(Wrong::Trace)?));
        }
        self.command(view, yes).map(Next::Run)
    }

    fn command(&self, view: &View, yes: bool) -> Result<Command, Wrong> {
        let trace = || self.trace.ok_or(Wrong::Trace);
        let amount = self.amount.unwrap_or(0);
        let card = || self.card.clone().ok_or(Wrong::Trace);
        let pin = match self.pin.is_empty() {
            true => None,
            false => Some(Pin::parse(&self.pin).map_err(|_| Wrong::Pin)?),
        };
        let line = || self.line(view).ok_or(Wrong::Trace);
        Ok(match self.flow {
            Flow::Sale => Command::Sale { amount, card: card()?, pin },
            Flow::PreAuth => Command::PreAuth { amount, card: card()?, pin },
            Flow::Balance => Command::Balance { card: card()?, pin },
            Flow::Void => {
                let completions = [Transaction::Completion, Transaction::CompletionAdvice];
                match completions.contains(&line()?.transaction) {
                    true => Command::CompletionVoid { trace: trace()? },
                    false => Command::Void { trace: trace()? },
                }
            }
            Flow::Refund => Command::Refund { original: original(line()?)?, amount, card: card()? },
            Flow::PreAuthVoid => {
                let line = line()?;
                Command::PreAuthVoid { hold: hold(line)?, amount: line.amount, card: card()? }
            }
            Flow::Completion => Command::Completion { hold: hold(line()?)?, amount, card: card()?, pin },
            Flow::CompletionAdvice => {
                Command::CompletionAdvice { hold: hold(line()?)?, amount, card: card()? }
            }
            Flow::LastResult => Command::LastResult { trace: trace()? },
            Flow::Confirm => Command::Confirm { trace: trace()?, has: yes },
            Flow::Settle => Command::Settle,
            Flow::SendPending => Command::SendPending,
            Flow::ClearReversal => Command::ClearReversalByMenu,
            Flow::SignOn => Command::SignOn,
            Flow::Echo => Command::Echo,
            Flow::Reprint => return Err(Wrong::Trace),
        })
    }
}

fn original(entry: &LedgerEntry) -> Result<Original, Wrong> {
    let rrn = entry.rrn.clone().ok_or(Wrong::Trace)?;
    Ok(Original { rrn, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn hold(entry: &LedgerEntry) -> Result<Hold, Wrong> {
    let auth = entry.auth.clone().ok_or(Wrong::Trace)?;
    Ok(Hold { auth, batch: entry.batch, trace: entry.trace, date: date(entry)? })
}

fn date(entry: &LedgerEntry) -> Result<[u8; 4], Wrong> {
    entry.date.as_deref().and_then(|date| date.as_bytes().try_into().ok()).ok_or(Wrong::Trace)
}

/// Fen of an amount as typed: digits run in from the right as on every terminal (`1200` is 12.00), unless a point was
/// typed (`12.5` is 12.50). None for what is no amount.
pub(super) fn fen(typed: &str) -> Option<i64> {
    let number = |digits: &str| -> Option<i64> {
        let digits_only = digits.bytes().all(|byte| byte.is_ascii_digit());
        if digits.is_empty() { Some(0) } else { digits_only.then(|| digits.parse().ok()).flatten() }
    };
    match typed.split_once('.') {
        None => number(typed),
        Some((yuan, part)) if part.len() <= 2 => {
            let fen = number(&format!("{part:0<2}"))?;
            number(yuan)?.checked_mul(100)?.checked_add(fen)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_run_in_from_the_right_unless_a_point_was_typed() {
        let cases =
            [("", 0), ("7", 7), ("1200", 1_200), ("12.", 1_200), ("12.5", 1_250), (".05", 5), ("0.30", 30)];
        for (typed, expected) in cases {
            assert_eq!(fen(typed), Some(expected), "{typed}");
        }
        for typed in ["1.234", "1.2.3", "..", "a"] {
            assert_eq!(fen(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_draft_takes_no_more_digits_than_there_is_room_for() {
        let mut draft = Draft::new(Flow::Sale);
        assert!(draft.types("1234567890") && !draft.types("1") && !draft.types("."));
        let mut draft = Draft::new(Flow::Void);
        assert!(!draft.types(".") && draft.types("000001") && !draft.types("1"));
    }
}
