//! The bank, as small as can be. It does what it is told and checks no sums, so that what the platform should never
//! ask shows as what the bank should never have done.

use super::{
    lines::{Asks, FromBank, Key, ToBank},
    print::Print,
    watch::Broken,
};
use hefu_tally::{Kind, Rrn};

/// How the bank behaves.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Does what it is asked and says so; 25 to the reversal of what it has not seen.
    Honest,
    /// Declines what takes money (51).
    Declines,
    /// Holds a sale without a word, answers 25 to its reversal and charges 20 s later (test card …658).
    ChargesLater,
    /// Answers 00 to every reversal, also of what it has not seen, and charges when the sale comes (card …955).
    Acknowledges,
    /// Its answers to requests carry a wrong MAC; those to reversals are good.
    WrongMac,
    /// Approves half of what takes money (10).
    Part,
    /// No bank of the field: charges once more for every copy of a request. For seeing that this is noticed.
    ChargesCopies,
    /// No bank of the field: charges and says that it has declined. For the same reason.
    Denies,
}

/// How long after its first 25 the bank that charges later does so (ms).
const LATER: i64 = 20_000;

/// The bank and its book.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    pub manner: Manner,
    pub book: Vec<Entry>,
    /// When what is held will be done, and its place in the book.
    pub later: Option<(i64, usize)>,
}

/// One transaction in the bank's book.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Key,
    pub rrn: Rrn,
    pub kind: Kind,
    pub amount: i64,
    /// What it refers to, by its place in the book.
    pub of: Option<usize>,
    pub state: Did,
    /// Taken more than once: how often in all.
    pub times: u8,
}

/// What the bank did about a request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Did {
    /// Lies there; nothing was done yet.
    Held,
    Declined([u8; 2]),
    Done,
    Undone,
}

impl Bank {
    pub fn new(manner: Manner) -> Bank {
        Bank { manner, book: Vec::new(), later: None }
    }

    /// The order in which the book was written matters to nobody.
    pub fn print(&self, print: &mut Print<'_>) {
        let Bank { manner: _, book, later } = self;
        let mut lines: Vec<Vec<u8>> = book.iter().map(|entry| self.line(entry, print)).collect();
        lines.sort_unstable();
        lines.iter().for_each(|line| print.bytes(line));
        if let Some((at, place)) = later {
            print.number(*at);
            print.key(book[*place].key);
        }
    }

    fn line(&self, entry: &Entry, print: &Print<'_>) -> Vec<u8> {
        let Entry { key, rrn, kind, amount, of, state, times } = entry;
        let mut line = print.beside();
        line.key(*key);
        line.rrn(*rrn);
        line.number(*amount);
        line.byte(*times);
        line.byte(*kind as u8);
        match state {
            Did::Held => line.byte(0),
            Did::Declined(code) => line.bytes(code),
            Did::Done => line.byte(2),
            Did::Undone => line.byte(3),
        }
        if let Some(of) = of {
            line.key(self.book[*of].key);
        }
        line.bytes
    }

    /// Handles a message; answers or stays silent.
    pub fn take(&mut self, now: i64, message: &ToBank) -> Result<Option<FromBank>, Broken> {
        let code = match message.asks {
            Asks::Request | Asks::Repeat if self.manner == Manner::Denies => {
                self.request(message)?.map(|_| *b"51")
            }
            Asks::Request | Asks::Repeat => self.request(message)?,
            Asks::Reversal | Asks::ReversalRepeat => Some(self.reversal(now, message)?),
        };
        let to_reversal = matches!(message.asks, Asks::Reversal | Asks::ReversalRepeat);
        Ok(code.map(|code| FromBank {
            to_reversal,
            key: message.key,
            rrn: message.rrn,
            station: message.station,
            amount: if to_reversal { message.amount } else { self.takes(message) },
            code,
            mac_good: to_reversal || self.manner != Manner::WrongMac,
        }))
    }

    /// What was held is done now, without a word.
    pub fn later(&mut self) -> Result<(), Broken> {
        let Some((_, place)) = self.later.take() else { return Ok(()) };
        self.book[place].state = Did::Done;
        self.sound(place)
    }

    /// How much of it is approved.
    fn takes(&self, message: &ToBank) -> i64 {
        if self.manner == Manner::Part { message.amount / 2 } else { message.amount }
    }

    fn approval(&self) -> [u8; 2] {
        if self.manner == Manner::Part { *b"10" } else { *b"00" }
    }

    fn request(&mut self, message: &ToBank) -> Result<Option<[u8; 2]>, Broken> {
        if let Some(place) = self.place(message.key) {
            if self.manner == Manner::ChargesCopies {
                self.book[place].times += 1;
                self.sound(place)?;
            }
            // A copy hears what the first heard.
            return Ok(match self.book[place].state {
                Did::Held => None,
                Did::Declined(code) => Some(code),
                Did::Done | Did::Undone => Some(self.approval()),
            });
        }
        let of = message.original.and_then(|key| self.place(key));
        let state = if refers(message.kind) {
            if of.is_some() { Did::Done } else { Did::Declined(*b"25") }
        } else {
            match self.manner {
                Manner::Honest
                | Manner::Acknowledges
                | Manner::WrongMac
                | Manner::Part
                | Manner::ChargesCopies
                | Manner::Denies => Did::Done,
                Manner::Declines => Did::Declined(*b"51"),
                Manner::ChargesLater => Did::Held,
            }
        };
        let ToBank { kind, key, rrn, .. } = *message;
        let amount = self.takes(message);
        self.book.push(Entry { key, rrn, kind, amount, of, state, times: 1 });
        self.sound(self.book.len() - 1)?;
        Ok(match state {
            Did::Held => None,
            Did::Declined(code) => Some(code),
            Did::Done | Did::Undone => Some(self.approval()),
        })
    }

    fn reversal(&mut self, now: i64, message: &ToBank) -> Result<[u8; 2], Broken> {
        let nothing = match self.manner {
            Manner::Acknowledges => *b"00",
            Manner::Honest
            | Manner::Declines
            | Manner::ChargesLater
            | Manner::WrongMac
            | Manner::Part
            | Manner::ChargesCopies
            | Manner::Denies => *b"25",
        };
        let Some(place) = message.original.and_then(|key| self.place(key)) else { return Ok(nothing) };
        match self.book[place].state {
            Did::Held => {
                self.later.get_or_insert((now + LATER, place));
                Ok(*b"25")
            }
            Did::Declined(_) => Ok(nothing),
            Did::Undone => Ok(*b"00"),
            Did::Done => {
                self.book[place].state = Did::Undone;
                self.sound(place)?;
                Ok(*b"00")
            }
        }
    }

    fn place(&self, key: Key) -> Option<usize> {
        self.book.iter().position(|entry| entry.key == key)
    }

    /// No payment is charged twice, and no charge is given back beyond itself.
    fn sound(&self, place: usize) -> Result<(), Broken> {
        let entry = &self.book[place];
        let same = self.book.iter().filter(|other| other.rrn == entry.rrn && other.state == Did::Done);
        if same.map(|other| u32::from(other.times)).sum::<u32>() > 1 {
            return Err(("charged twice", format!("the bank has done {} more than once", entry.rrn)));
        }
        for (place, charge) in self.book.iter().enumerate() {
            let back = self.given_back(place);
            if takes(charge.kind) && back > charge.amount {
                let what = format!("{}: {back} of {} was given back", charge.rrn, charge.amount);
                return Err(("more back than taken", what));
            }
        }
        Ok(())
    }

    fn given_back(&self, place: usize) -> i64 {
        let charge = &self.book[place];
        let reversed = if charge.state == Did::Undone { charge.amount } else { 0 };
        let followers = self.book.iter().filter(|entry| entry.of == Some(place) && gives_back(entry.kind));
        reversed + followers.filter(|entry| entry.state == Did::Done).map(|entry| entry.amount).sum::<i64>()
    }
}

fn refers(kind: Kind) -> bool {
    match kind {
        Kind::Void
        | Kind::Refund
        | Kind::PreAuthVoid
        | Kind::Completion
        | Kind::CompletionVoid
        | Kind::CompletionAdvice => true,
        Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => false,
    }
}

fn takes(kind: Kind) -> bool {
    match kind {
        Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => true,
        Kind::Void
        | Kind::Refund
        | Kind::PreAuth
        | Kind::PreAuthVoid
        | Kind::CompletionVoid
        | Kind::Inquiry => false,
    }
}

fn gives_back(kind: Kind) -> bool {
    match kind {
        Kind::Void | Kind::Refund | Kind::CompletionVoid => true,
        Kind::Sale
        | Kind::PreAuth
        | Kind::PreAuthVoid
        | Kind::Completion
        | Kind::CompletionAdvice
        | Kind::OfflineSale
        | Kind::Inquiry => false,
    }
}
