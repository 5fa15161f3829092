//! What can be seen and heard of a device.

use super::{flow::Flow, key::Key};
use crate::terminal::{EntryMode, Text};

/// The screen, with the keys that do something now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Screen {
    pub mode: Mode,
    pub title: Text,
    pub lines: Vec<Text>,
    pub prompt: Option<Text>,
    pub alive: Vec<Key>,
    /// Ways in which a card may be presented now.
    pub slots: Vec<EntryMode>,
    /// As typed so far, in fen.
    pub amount: Option<i64>,
    /// A trace as typed. Never a PIN.
    pub typed: Option<String>,
    /// How many digits of a PIN were typed.
    pub pin: Option<usize>,
    pub menu: Option<Vec<Item>>,
    pub tone: Tone,
    /// F39 as it reached the terminal.
    pub code: Option<String>,
}

/// A line of the menu.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub flow: Flow,
    pub chosen: bool,
}

/// What the device is at.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    Off,
    Idle,
    Amount,
    Card,
    Pin,
    Menu,
    Trace,
    Busy,
    Result,
    /// The acquirer asks the cashier about an earlier sale.
    Question,
    YesNo,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Idle => "idle",
            Mode::Amount => "amount",
            Mode::Card => "card",
            Mode::Pin => "pin",
            Mode::Menu => "menu",
            Mode::Trace => "trace",
            Mode::Busy => "busy",
            Mode::Result => "result",
            Mode::Question => "question",
            Mode::YesNo => "yes_no",
        }
    }
}

/// How the screen looks at what it says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Tone {
    Neutral,
    Good,
    Bad,
    Unknown,
    Wait,
}

impl Tone {
    pub fn name(self) -> &'static str {
        match self {
            Tone::Neutral => "neutral",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Unknown => "unknown",
            Tone::Wait => "wait",
        }
    }
}

/// Lamp and loudspeaker. A new number is a new beep.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Signal {
    pub id: u64,
    pub lamp: Lamp,
    pub beep: Beep,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Lamp {
    Off,
    Green,
    Red,
    Amber,
    Blue,
}

impl Lamp {
    pub fn name(self) -> &'static str {
        match self {
            Lamp::Off => "off",
            Lamp::Green => "green",
            Lamp::Red => "red",
            Lamp::Amber => "amber",
            Lamp::Blue => "blue",
        }
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Beep {
    None,
    Key,
    Good,
    Bad,
    Warn,
}

impl Beep {
    pub fn name(self) -> &'static str {
        match self {
            Beep::None => "none",
            Beep::Key => "key",
            Beep::Good => "good",
            Beep::Bad => "bad",
            Beep::Warn => "warn",
        }
    }
}

/// A sentence to be spoken. A new number is a new sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voice {
    pub id: u64,
    pub text: Text,
}
