//! What goes into a terminal and what comes out of it.

use super::card::CardInput;
use super::receipt::Receipt;
use super::transaction::Transaction;
use hefu_tally::Moment;
use hefu_vault::Pin;
use std::fmt;
use thiserror::Error;

/// What the cashier asks of the terminal. Amounts are in fen.
#[derive(Clone, Debug)]
pub enum Command {
    /// Fetches working keys and the batch number.
    SignOn,
    SignOff,
    /// Tests the line.
    Echo,
    Sale {
        amount: i64,
        card: CardInput,
        pin: Option<Pin>,
    },
    /// Voids a sale of this batch by its trace.
    Void {
        trace: u32,
    },
    Refund {
        original: Original,
        amount: i64,
        card: CardInput,
    },
    PreAuth {
        amount: i64,
        card: CardInput,
        pin: Option<Pin>,
    },
    PreAuthVoid {
        hold: Hold,
        amount: i64,
        card: CardInput,
    },
    /// Completion by request: answered, and reversed when it is not.
    Completion {
        hold: Hold,
        amount: i64,
        card: CardInput,
        pin: Option<Pin>,
    },
    /// Completion by advice: kept and repeated until it is answered.
    CompletionAdvice {
        hold: Hold,
        amount: i64,
        card: CardInput,
    },
    /// Voids a completion of this batch by its trace.
    CompletionVoid {
        trace: u32,
    },
    Balance {
        card: CardInput,
        pin: Option<Pin>,
    },
    /// Compares totals, uploads the batch and closes it. Also goes on with one that was interrupted.
    Settle,
    /// Asks the acquirer what became of the payment with this trace in the present batch.
    LastResult {
        trace: u32,
    },
    /// Tells the acquirer whether the sale with this trace stands, asked or unasked: the newest one, of any batch.
    Confirm {
        trace: u32,
        /// The goods were handed over.
        has: bool,
    },
    /// Sends the waiting script result now.
    ScriptResult,
    /// Sends the payer's signature on the payment with this trace.
    SignatureUpload {
        trace: u32,
    },
    /// A sale that needs no answer: by voice authorisation (`auth`) on a swipe, by the chip itself otherwise.
    OfflineSale {
        amount: i64,
        card: CardInput,
        auth: Option<String>,
    },
    /// Works off what waits (sign-on, script result, reversal, offline items) and nothing else.
    SendPending,
    /// What some cashiers do when the terminal refuses a sale: they delete the reversal in the menu.
    ClearReversalByMenu,
}

/// A sale as its slip names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// F37 of its answer, 12 characters.
    pub rrn: String,
    pub batch: u32,
    pub trace: u32,
    /// `MMDD`, Beijing time.
    pub date: [u8; 4],
}

/// A pre-authorisation as its slip names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// F38 of its answer, 6 characters.
    pub auth: String,
    pub batch: u32,
    pub trace: u32,
    /// `MMDD`, Beijing time.
    pub date: [u8; 4],
}

/// What the terminal wants done, in this order and none left out; stopping before any of them is a power cut.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// Replace the terminal's whole memory by these sealed bytes, durably, before any later effect.
    Persist(Vec<u8>),
    /// Dial; then call `connected` or `disconnected`.
    Connect,
    /// Send these bytes, length prefix included; call `disconnected` if that fails.
    Send(Vec<u8>),
    /// Hang up. `disconnected` is not expected after this.
    Disconnect,
    /// Put this on the screen in place of what was there.
    Show(Text),
    /// Print this slip.
    Print(Box<Receipt>),
    /// Call `wake` at this moment. Replaces any earlier wish.
    WakeAt(Moment, Wake),
    /// The command has ended; the terminal is free again.
    Done(Box<Outcome>),
}

/// What the acquirer wants to know of the cashier, as it came with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The sale that it is about; [`Command::Confirm`] answers it.
    pub trace: u32,
    /// As it stands on the screen.
    pub text: String,
}

/// Why the terminal wants to be woken.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The answer is overdue by then.
    Answer,
    /// The connection is overdue by then.
    Connection,
}

/// The same sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub transaction: Transaction,
    /// F11 of the payment that it is about, once one was given out.
    pub trace: Option<u32>,
    /// F60.2.
    pub batch: u32,
    /// F37.
    pub rrn: Option<String>,
    /// F38.
    pub auth: Option<String>,
    /// F39; `None` if no answer came that counts.
    pub response: Option<String>,
    pub believes: Belief,
    /// F54 of a balance inquiry, in fen.
    pub balance: Option<i64>,
    /// What the screen showed last.
    pub text: Text,
}

/// What the cashier believes of what was asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Belief {
    /// Done, for this amount in fen; 0 where no money moved.
    Approved { amount: i64 },
    /// Surely not done: the acquirer said no.
    Declined,
    /// It may have been done.
    Unknown,
    /// Surely not done: it never left the terminal.
    NotSent,
}

/// The terminal is still at work on an earlier command.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Error)]
#[error("the terminal is at work on {0:?}")]
pub struct Busy(pub Transaction);

/// What the terminal received and threw away, since power came on.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Answers to something that was not asked, or not any more.
    pub strays: u64,
    /// Frames that are no message.
    pub garbled: u64,
    /// Answers whose MAC was missing or wrong.
    pub bad_macs: u64,
}

/// The state of the printer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PrinterState {
    Ready,
    OutOfPaper,
    PaperJam,
    Overheated,
    LowBattery,
    /// Off by setting.
    Off,
}

impl Text {
    /// Both languages of a fixed sentence.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }
}

/// Frames carry tracks and PIN blocks: only lengths are shown.
impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Persist(state) => write!(f, "Persist({} bytes)", state.len()),
            Effect::Connect => f.write_str("Connect"),
            Effect::Send(frame) => write!(f, "Send({} bytes)", frame.len()),
            Effect::Disconnect => f.write_str("Disconnect"),
            Effect::Show(text) => write!(f, "Show({:?})", text.en),
            Effect::Print(receipt) => write!(f, "Print({receipt:?})"),
            Effect::WakeAt(at, why) => write!(f, "WakeAt({at}, {why:?})"),
            Effect::Done(outcome) => write!(f, "Done({outcome:?})"),
        }
    }
}
