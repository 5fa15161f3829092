//! What travels: small values, each with all that its receiver looks at. Times are milliseconds since the start.

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
