//! Drills: short lessons at a till. Each sets something wrong, lets the trainee act, and judges by the real books: was
//! the payer charged twice, were goods handed over for nothing, was a payer who has paid sent away?

mod families;
mod holes;
mod judge;
mod run;

pub use run::{Drills, Refused, Result, RunView};

use super::names::{DeedName, ModelName, WayName};
use super::{pair, payments::yuan};
use hefu_view::Words;
use hefu_world::bank::Code;
use hefu_world::pos::wire::Wire;
use serde::Serialize;
use utoipa::ToSchema;

/// Two texts that say the same, in Chinese and English.
pub type Pair = (&'static str, &'static str);

/// A lesson.
pub struct Drill {
    pub id: &'static str,
    pub title: Pair,
    /// Its number in the list of holes.
    pub hole: Option<u8>,
    /// The family of reply codes that it is about.
    pub family: Option<&'static str>,
    /// F39 as the terminal hears it.
    pub codes: &'static [&'static str],
    /// `{}` stands for the amount.
    pub task: Pair,
    pub lesson: Pair,
    pub shown: Shown,
}

/// How it is shown, or why it cannot be.
pub enum Shown {
    Here(Scene),
    /// Not on one terminal.
    No(Pair),
}

/// What is set up, and what is right.
pub struct Scene {
    pub card: &'static str,
    /// Fen.
    pub amount: i64,
    pub model: Model,
    pub set: &'static [Set],
    pub acts: &'static [Deed],
    pub right: Right,
}

/// Which terminals it can be done on.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Model {
    Any,
    /// One that gives its reversal up.
    Deletes,
}

/// Something that is set wrong.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Set {
    LoseRequest(Wire),
    LoseAnswer(Wire),
    DoubleRequest(Wire),
    BankDown,
    PaperOut,
    /// The bank refuses the next request with this code.
    Refuse(Code),
    /// When the request has passed to the bank, whose answer is held up meanwhile.
    CrashAtBank,
    PowerCutAtBank,
}

/// What the trainee does with the customer; keys and cards he uses as always.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    HandOver,
    SendAway,
    Wait,
    OtherCard,
    CallBank,
    CallAcquirer,
    KeepCard,
    LookUp,
    InsertChip,
    EnterPin,
    SignOn,
    Check,
    Engineer,
    PayCash,
    GiveCash,
    ShowPage,
    AskRest,
}

/// What is right.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Right {
    /// To end with one of these.
    Act(&'static [Deed]),
    /// To end only when the outcome is known, at the till too.
    OnceKnown,
}

/// What may be done while an outcome is in doubt.
const DOUBT: &[Deed] = &[Deed::Wait, Deed::HandOver, Deed::SendAway, Deed::PayCash, Deed::ShowPage];
/// What may be done about a refusal.
const REFUSED: &[Deed] = &[
    Deed::HandOver,
    Deed::SendAway,
    Deed::OtherCard,
    Deed::CallBank,
    Deed::CallAcquirer,
    Deed::KeepCard,
    Deed::LookUp,
    Deed::InsertChip,
    Deed::EnterPin,
    Deed::SignOn,
    Deed::Check,
    Deed::Engineer,
    Deed::PayCash,
];

impl Deed {
    const ALL: [Deed; 17] = [
        Deed::HandOver,
        Deed::SendAway,
        Deed::Wait,
        Deed::OtherCard,
        Deed::CallBank,
        Deed::CallAcquirer,
        Deed::KeepCard,
        Deed::LookUp,
        Deed::InsertChip,
        Deed::EnterPin,
        Deed::SignOn,
        Deed::Check,
        Deed::Engineer,
        Deed::PayCash,
        Deed::GiveCash,
        Deed::ShowPage,
        Deed::AskRest,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Deed::HandOver => "hand_over",
            Deed::SendAway => "send_away",
            Deed::Wait => "wait",
            Deed::OtherCard => "other_card",
            Deed::CallBank => "call_bank",
            Deed::CallAcquirer => "call_acquirer",
            Deed::KeepCard => "keep_card",
            Deed::LookUp => "look_up",
            Deed::InsertChip => "insert_chip",
            Deed::EnterPin => "enter_pin",
            Deed::SignOn => "sign_on",
            Deed::Check => "check",
            Deed::Engineer => "engineer",
            Deed::PayCash => "pay_cash",
            Deed::GiveCash => "give_cash",
            Deed::ShowPage => "show_page",
            Deed::AskRest => "ask_rest",
        }
    }

    pub fn named(name: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|deed| deed.name() == name)
    }

    /// Whether the lesson ends with it.
    pub fn ends(self) -> bool {
        match self {
            Deed::Wait | Deed::ShowPage => false,
            Deed::HandOver
            | Deed::SendAway
            | Deed::OtherCard
            | Deed::CallBank
            | Deed::CallAcquirer
            | Deed::KeepCard
            | Deed::LookUp
            | Deed::InsertChip
            | Deed::EnterPin
            | Deed::SignOn
            | Deed::Check
            | Deed::Engineer
            | Deed::PayCash
            | Deed::GiveCash
            | Deed::AskRest => true,
        }
    }

    fn words(self) -> Pair {
        match self {
            Deed::HandOver => ("交付商品", "Hand over the goods"),
            Deed::SendAway => ("请顾客离开,不交付", "Send the customer away without goods"),
            Deed::Wait => ("等一等,看结果", "Wait for the result"),
            Deed::OtherCard => ("请顾客换卡", "Ask for another card"),
            Deed::CallBank => ("请顾客联系发卡行", "Ask the customer to call the bank"),
            Deed::CallAcquirer => ("联系收单行", "Call the acquirer"),
            Deed::KeepCard => ("留下卡片,联系收单行", "Keep the card and call the acquirer"),
            Deed::LookUp => ("先查询原交易", "Look the original up first"),
            Deed::InsertChip => ("请顾客插卡", "Have the chip inserted"),
            Deed::EnterPin => ("请顾客重输密码", "Have the PIN entered again"),
            Deed::SignOn => ("终端重新签到", "Sign the terminal on again"),
            Deed::Check => ("核对后重来", "Check, and start again"),
            Deed::Engineer => ("通知技术人员", "Call an engineer"),
            Deed::PayCash => ("改收现金并交付", "Take cash and hand over the goods"),
            Deed::GiveCash => ("把现金退给顾客", "Give the customer cash back"),
            Deed::ShowPage => ("请顾客看付款状态页", "Show the customer the payment's page"),
            Deed::AskRest => ("说明批准金额,请另付余款", "Say what was approved, ask for the rest"),
        }
    }
}

impl Drill {
    /// What is to be done, with its amount in fen.
    fn task(&self, amount: i64) -> Words {
        let (zh, en) = self.task;
        Words { zh: zh.replace("{}", &yuan(amount)), en: en.replace("{}", &yuan(amount)) }
    }

    /// The lesson of that name.
    pub fn named(id: &str) -> Option<&'static Drill> {
        all().find(|drill| drill.id == id)
    }
}

/// All lessons.
pub fn all() -> impl Iterator<Item = &'static Drill> {
    holes::HOLES.iter().chain(families::FAMILIES)
}

/// A lesson, as the page gets it.
#[derive(Serialize, ToSchema)]
#[schema(as = Drill)]
pub struct DrillView {
    pub id: &'static str,
    pub title: Words,
    #[schema(required = true)]
    pub hole: Option<u8>,
    #[schema(required = true)]
    pub family: Option<&'static str>,
    pub codes: &'static [&'static str],
    pub possible: bool,
    #[schema(required = true)]
    pub why_not: Option<Words>,
    pub task: Words,
    pub lesson: Words,
    #[schema(required = true)]
    pub card: Option<&'static str>,
    #[schema(value_type = WayName)]
    pub how: &'static str,
    #[schema(required = true)]
    pub amount: Option<i64>,
    pub model: ModelName,
    pub acts: Vec<ActView>,
}

/// Something that may be done.
#[derive(Serialize, ToSchema)]
#[schema(as = Act)]
pub struct ActView {
    #[schema(value_type = DeedName)]
    pub id: &'static str,
    pub words: Words,
}

impl From<&Deed> for ActView {
    fn from(deed: &Deed) -> ActView {
        ActView { id: deed.name(), words: pair(deed.words()) }
    }
}

impl From<&'static Drill> for DrillView {
    fn from(drill: &'static Drill) -> DrillView {
        let Drill { id, title, hole, family, codes, lesson, shown, task: _ } = drill;
        let (scene, why_not) = match shown {
            Shown::Here(scene) => (Some(scene), None),
            Shown::No(why) => (None, Some(pair(*why))),
        };
        DrillView {
            id,
            title: pair(*title),
            hole: *hole,
            family: *family,
            codes,
            possible: scene.is_some(),
            why_not,
            task: drill.task(scene.map_or(0, |scene| scene.amount)),
            lesson: pair(*lesson),
            card: scene.map(|scene| scene.card),
            how: "swipe",
            amount: scene.map(|scene| scene.amount),
            model: match scene.map(|scene| scene.model) {
                Some(Model::Deletes) => ModelName::Deletes,
                Some(Model::Any) | None => ModelName::Certified,
            },
            acts: scene.map(|scene| scene.acts.iter().map(ActView::from).collect()).unwrap_or_default(),
        }
    }
}
