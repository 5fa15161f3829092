//! What travels: small values, each with all that its receiver looks at. Times are milliseconds since the start.

use super::print::Print;
use hefu_tally::{Kind, Rrn};

/// DE7 and DE11 of a message of ours: when, and the trace number.
pub(super) type Key = (i64, u32);

/// From a terminal to the gateway.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct ToGateway {
    /// The terminal's own count of what it has sent.
    pub serial: u8,
    /// 0, or which of its copies this is.
    pub copy: u8,
    pub what: Request,
}

/// What a terminal asks.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Request {
    /// The transaction of this step.
    Transact(usize),
    /// To reverse it.
    Reverse(usize),
}

/// From the gateway to a terminal: the answer to what it sent under this count.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct ToTerminal {
    pub serial: u8,
    pub says: Heard,
}

/// What a terminal hears.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    Approved(Rrn),
    /// Unknown: do not charge again.
    Unknown,
    Declined([u8; 2]),
    /// The answer to its reversal.
    Reversal([u8; 2]),
}

/// From the gateway to the bank.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct ToBank {
    pub asks: Asks,
    pub kind: Kind,
    pub key: Key,
    pub rrn: Rrn,
    pub station: u8,
    pub amount: i64,
    /// DE90.
    pub original: Option<Key>,
}

/// 0200 and its like, or 0420.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Asks {
    Request,
    Repeat,
    Reversal,
    ReversalRepeat,
}

/// From the bank to the gateway.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct FromBank {
    /// 0430 instead of 0210.
    pub to_reversal: bool,
    pub key: Key,
    pub rrn: Rrn,
    pub station: u8,
    pub amount: i64,
    pub code: [u8; 2],
    pub mac_good: bool,
}

/// The lines of one terminal, oldest message first.
#[derive(Clone, Default, Debug)]
pub(super) struct Line {
    pub up: Vec<ToGateway>,
    pub down: Vec<ToTerminal>,
}

/// The bank link, oldest message first.
#[derive(Clone, Default, Debug)]
pub(super) struct Link {
    pub up: bool,
    pub out: Vec<ToBank>,
    pub back: Vec<FromBank>,
}

impl Line {
    pub fn print(&self, print: &mut Print<'_>) {
        let Line { up, down } = self;
        print.number(up.len() as i64);
        for ToGateway { serial, copy, what } in up {
            print.bytes(&[*serial, *copy]);
            what.print(print);
        }
        print.number(down.len() as i64);
        for ToTerminal { serial, says } in down {
            print.byte(*serial);
            match says {
                Heard::Approved(rrn) => print.rrn(*rrn),
                Heard::Unknown => print.byte(1),
                Heard::Declined(code) => print.bytes(&[2, code[0], code[1]]),
                Heard::Reversal(code) => print.bytes(&[3, code[0], code[1]]),
            }
        }
    }
}

impl Request {
    pub fn print(&self, print: &mut Print<'_>) {
        match self {
            Request::Transact(step) => print.bytes(&[0, *step as u8]),
            Request::Reverse(step) => print.bytes(&[1, *step as u8]),
        }
    }
}

impl Link {
    pub fn print(&self, print: &mut Print<'_>) {
        let Link { up, out, back } = self;
        print.byte(u8::from(*up));
        print.number(out.len() as i64);
        for ToBank { asks, kind, key, rrn, station, amount, original } in out {
            print.bytes(&[*asks as u8, *kind as u8, *station]);
            print.key(*key);
            print.rrn(*rrn);
            print.number(*amount);
            print.number(original.iter().len() as i64);
            original.iter().for_each(|key| print.key(*key));
        }
        print.number(back.len() as i64);
        for FromBank { to_reversal, key, rrn, station, amount, code, mac_good } in back {
            print.bytes(&[u8::from(*to_reversal), u8::from(*mac_good), *station, code[0], code[1]]);
            print.key(*key);
            print.rrn(*rrn);
            print.number(*amount);
        }
    }
}
