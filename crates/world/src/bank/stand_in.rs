//! What people and others do in the bank's place: an answer on the way, under the link's keys and without the book; a
//! look into the book; a credit adjustment.

use super::answer;
use super::code::Code;
use super::core::{Bank, Effect, Turn};
use super::key::Key;
use super::keys::MacFound;
use super::record::{Event, Reversal, Standing};
use super::request::Class;
use hefu_iso8583::{HOST_LINK, Message};
use hefu_tally::Moment;

/// What an answer names as the message that it answers.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Names {
    TheRequest,
    /// The same number, on the day before or after (DE7).
    AnotherDay,
    /// The next number (DE11).
    AnotherNumber,
    /// Another reference (DE37).
    AnotherPayment,
    /// No reference at all.
    NoPayment,
}

impl Bank {
    /// An answer with a good MAC to the request in this frame; the bank does not hear of either. `None` when the frame
    /// is no request about money.
    pub fn answer_instead(&self, frame: &[u8], code: Code, names: Names) -> Option<Vec<u8>> {
        let request = HOST_LINK.decode(frame).ok()?;
        match Class::of(request.mti).ok()? {
            Class::Financial | Class::Reversal => {}
            Class::Network => return None,
        }
        let mut answer = answer::to_message(&request, code);
        if code == Code::Approved {
            answer.set(38, "000001");
        }
        name(&mut answer, names)?;
        Some(answer::encode(answer, self.keys.seal(MacFound::Current)))
    }
}

/// Lets the answer name something. `None` when the request lacks what is to be changed.
fn name(answer: &mut Message, names: Names) -> Option<()> {
    match names {
        Names::TheRequest => {}
        Names::AnotherDay => {
            let (month, rest) = answer.text(7)?.split_at_checked(2)?;
            let (day, time) = rest.split_at_checked(2)?;
            let day: u8 = day.parse().ok()?;
            let other = if day > 1 { day - 1 } else { day + 1 };
            let other = format!("{month}{other:02}{time}");
            answer.set(7, other);
        }
        Names::AnotherNumber => {
            let number: u32 = answer.text(11)?.parse().ok()?;
            answer.set(11, format!("{:06}", number % 999_999 + 1));
        }
        Names::AnotherPayment => {
            let mut reference = answer.text(37)?.to_owned();
            let last = reference.pop()?;
            reference.push(if last == '0' { '1' } else { '0' });
            answer.set(37, reference);
        }
        Names::NoPayment => answer.remove(37),
    }
    Some(())
}

/// What the bank's book says of a request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Truth {
    /// It never came, or was refused.
    NotDone,
    Done,
    /// Done, and taken back by a reversal.
    Undone,
}

impl Bank {
    /// What became of the request with this DE37.
    pub fn truth(&self, rrn: &str) -> Truth {
        let Some(of) = self.transactions().find(|of| of.request.rrn.as_str() == rrn) else {
            return Truth::NotDone;
        };
        match (of.done(), of.standing) {
            (None, _) => Truth::NotDone,
            (Some(_), Standing::Reversed { .. }) => Truth::Undone,
            (Some(_), Standing::Stands | Standing::Voided { .. } | Standing::Completed { .. }) => Truth::Done,
        }
    }

    /// What the bank took a second time for this DE37 by its own fault, in fen.
    pub fn surplus(&self, rrn: &str) -> i64 {
        let of = self.transactions().find(|of| of.request.rrn.as_str() == rrn);
        of.map_or(0, |of| of.surplus)
    }

    /// A credit adjustment: the bank takes the request with this DE37 back by hand, as a reversal would. The lines of
    /// its journal; none when there is nothing that it could take back.
    pub fn adjust(&mut self, now: Moment, rrn: &str) -> Vec<Effect> {
        let Some(original) = self.transactions().find(|of| of.request.rrn.as_str() == rrn).copied() else {
            return Vec::new();
        };
        let request = original.request;
        // Adjustments have numbers of their own.
        let key = Key { acquirer: 0, ..request.key };
        let reversal = Reversal {
            key,
            original: request.key,
            card: request.card,
            amount: original.done().map_or(request.amount, |done| done.amount),
            rrn: request.rrn,
            terminal: request.terminal,
            merchant: request.merchant,
        };
        let mut turn = Turn::new(self, now, MacFound::Absent);
        if !turn.bank.state.reversals.contains_key(&key) {
            turn.record(Event::Reversal(reversal));
        }
        turn.undo(&reversal, &original);
        turn.finish()
    }
}
