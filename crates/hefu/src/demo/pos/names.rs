//! The names that stand in the virtual POS's answers, for the description of its routes.

use super::drill::Deed;
use super::state::{printer_name, way};
use hefu_view::described;
use hefu_view::names::{one_of, written};
use hefu_world::bank::{What, Why};
use hefu_world::pos::cards::Group;
use hefu_world::pos::wire::{Way, Wire};
use hefu_world::pos::{Beep, Flow, Key, Lamp, Mode, Tone};
use hefu_world::terminal::{EntryMode, PrinterState};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

described! {
    /// How a card is presented.
    pub WayName as "CardWay": EntryMode by way { Swipe, Insert, Contactless }
}

described! {
    /// Which line a frame goes over: the terminal's, or the bank's.
    pub WireName as "Wire": Wire by Wire::name { Terminal, Bank }
}

described! {
    /// Which way a frame goes: up is from the terminal towards the bank.
    pub FrameWayName as "FrameWay": Way by Way::name { Up, Down }
}

described! {
    /// What the terminal's screen is for.
    pub ModeName as "ScreenMode": Mode by Mode::name {
        Off, Idle, Amount, Card, Pin, Menu, Trace, Busy, Result, Question, YesNo,
    }
}

described! {
    /// How something looks at what it says.
    pub ToneName as "Tone": Tone by Tone::name { Neutral, Good, Bad, Unknown, Wait }
}

described! {
    /// The terminal's lamp.
    pub LampName as "Lamp": Lamp by Lamp::name { Off, Green, Red, Amber, Blue }
}

described! {
    /// The terminal's loudspeaker.
    pub BeepName as "Beep": Beep by Beep::name { None, Key, Good, Bad, Warn }
}

described! {
    /// An item of the terminal's menu.
    pub FlowName as "MenuItem": Flow by Flow::name {
        Sale, Void, Refund, PreAuth, PreAuthVoid, Completion, CompletionAdvice, Balance, LastResult, Reprint, Settle,
        Confirm, SendPending, ClearReversal, SignOn, Echo,
    }
}

described! {
    /// How the terminal's printer stands.
    pub PrinterName as "PrinterState": PrinterState by printer_name {
        Ready, OutOfPaper, PaperJam, Overheated, LowBattery, Off,
    }
}

described! {
    /// What a card of the drawer is there to show.
    pub GroupName as "CardGroup": Group by Group::name { Good, Declined, Broken, FollowUp, Clearing }
}

described! {
    /// What a trainee does with the customer.
    pub DeedName as "Deed": Deed by Deed::name {
        HandOver, SendAway, Wait, OtherCard, CallBank, CallAcquirer, KeepCard, LookUp, InsertChip, EnterPin, SignOn,
        Check, Engineer, PayCash, GiveCash, ShowPage, AskRest,
    }
}

described! {
    /// What a bank's book says happened to an account.
    pub MovedName as "BankMove": What by written { Charge, Return, Hold, Release }
}

described! {
    /// Why it happened.
    pub MovedWhyName as "BankMoveWhy": Why by written {
        Sale, OfflineSale, PreAuthorisation, Completion, Void, Refund, Reversal, ReversalOfVoid, SecondTime,
    }
}

/// A key of the keypad: its digits are data, so that its names are those of all keys.
pub struct KeyName;

impl PartialSchema for KeyName {
    fn schema() -> RefOr<Schema> {
        one_of("A key of the terminal's keypad.", Key::all().map(|key| key.name().to_owned()))
    }
}

impl ToSchema for KeyName {
    fn name() -> Cow<'static, str> {
        "Key".into()
    }
}

/// What the fault board did to a frame.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Passed,
    Lost,
    Delayed,
    Corrupted,
    Doubled,
    Swallowed,
}

/// Whether a terminal has power.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PosPower)]
pub enum Power {
    On,
    Off,
}

/// Whether the gateway runs.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PosGateway)]
pub enum GatewayIs {
    Up,
    Down,
}

/// How a terminal's line stands.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LineState)]
pub enum LineIs {
    Up,
    Cut,
    HalfOpen,
}

/// What a terminal's model does with a reversal that it owes: keep it until it is acknowledged, or give it up.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TerminalModel)]
pub enum ModelName {
    Certified,
    Deletes,
}

/// Who sends a message to the payer's phone.
#[derive(Copy, Clone, PartialEq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PhoneSender)]
pub enum Sender {
    Bank,
    Hefu,
}

/// Whose strip of paper it is.
#[derive(Copy, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StripCopy)]
pub enum StripCopy {
    Merchant,
    Cardholder,
    Settlement,
}

/// How a line of a strip is set.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlipStyle)]
pub enum Style {
    Title,
    Mark,
    Rule,
    Pair,
    Amount,
    Status,
    Row,
    Text,
    Signature,
    Qr,
}
