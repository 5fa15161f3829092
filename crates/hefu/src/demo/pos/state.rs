//! The whole state of a till as the page gets it.

use super::drill::RunView;
use super::frames::{self, Brief};
use super::house::House;
use super::names::{
    BeepName, FlowName, GatewayIs, GroupName, KeyName, LampName, LineIs, ModeName, ModelName, Power,
    PrinterName, ToneName, WayName,
};
use super::paper::Strip;
use super::payments::{BankEntry, LedgerLine, Message, Payment};
use super::till::{Inner, Till};
use super::{pair, words};
use hefu_slip::response_texts::lookup_ours;
use hefu_view::Words;
use hefu_world::pos::wire::{Cable, Faults, Wire};
use hefu_world::pos::{Screen, cards};
use hefu_world::terminal::drive::View;
use hefu_world::terminal::{EntryMode, LedgerEntry, PrinterState, Standing, Transaction};
use serde::Serialize;
use utoipa::ToSchema;

/// Lines of the terminal's journal that are shown.
const JOURNAL: usize = 20;

/// Everything about one till.
#[derive(Serialize, ToSchema)]
#[schema(as = PosState)]
pub struct State {
    pub n: u32,
    pub revision: u64,
    pub now_ms: i64,
    pub scale: u32,
    pub terminal: Terminal,
    pub power: Power,
    pub gateway: GatewayIs,
    pub bank: Bank,
    pub screen: ScreenView,
    pub signal: SignalView,
    #[schema(required = true)]
    pub voice: Option<VoiceView>,
    pub printer: Printer,
    pub line: Line,
    #[schema(required = true)]
    pub believes: Option<Believes>,
    pub faults: Board,
    #[schema(required = true)]
    pub payment: Option<Payment>,
    pub payments: Vec<Payment>,
    pub phone: Phone,
    pub ledger: Vec<LedgerLine>,
    pub bank_entries: Vec<BankEntry>,
    pub frames: Vec<Brief>,
    #[schema(required = true)]
    pub drill: Option<RunView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosTerminal)]
pub struct Terminal {
    pub n: u32,
    pub number: &'static str,
    pub merchant: &'static str,
    pub name: Words,
    pub model: Model,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosModel)]
pub struct Model {
    pub id: ModelName,
    #[serde(flatten)]
    pub words: Words,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosBank)]
pub struct Bank {
    pub up: bool,
    pub slow_ms: u32,
    /// Whether the gateway's line to it stands.
    pub link_up: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosScreen)]
pub struct ScreenView {
    #[schema(value_type = ModeName)]
    pub mode: &'static str,
    pub title: Words,
    pub lines: Vec<Words>,
    #[schema(required = true)]
    pub prompt: Option<Words>,
    #[schema(value_type = Vec<KeyName>)]
    pub alive: Vec<&'static str>,
    #[schema(value_type = Vec<WayName>)]
    pub slots: Vec<&'static str>,
    #[schema(required = true)]
    pub amount: Option<i64>,
    #[schema(required = true)]
    pub typed: Option<String>,
    #[schema(required = true)]
    pub pin: Option<PinView>,
    #[schema(required = true)]
    pub menu: Option<Vec<ItemView>>,
    #[schema(value_type = ToneName)]
    pub tone: &'static str,
    #[schema(required = true)]
    pub code: Option<String>,
    #[schema(required = true)]
    pub cashier: Option<Words>,
}

/// Only how many digits were typed.
#[derive(Serialize, ToSchema)]
#[schema(as = PosPin)]
pub struct PinView {
    pub length: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosMenuItem)]
pub struct ItemView {
    #[schema(value_type = FlowName)]
    pub id: &'static str,
    pub label: Words,
    pub chosen: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosSignal)]
pub struct SignalView {
    pub id: u64,
    #[schema(value_type = LampName)]
    pub lamp: &'static str,
    #[schema(value_type = BeepName)]
    pub beep: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosVoice)]
pub struct VoiceView {
    pub id: u64,
    pub text: Words,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosPrinter)]
pub struct Printer {
    #[schema(value_type = PrinterName)]
    pub state: &'static str,
    pub held: usize,
    pub strips: Vec<Strip>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosLine)]
pub struct Line {
    pub state: LineIs,
    pub connected: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosBelieves)]
pub struct Believes {
    pub trace_next: u32,
    pub batch: u32,
    pub signed_on: bool,
    pub owes: Owes,
    pub journal: Vec<Entry>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosOwes)]
pub struct Owes {
    #[schema(required = true)]
    pub reversal: Option<Reversal>,
    pub script: bool,
    pub offline: usize,
    pub sign_on: bool,
    pub settlement: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosReversal)]
pub struct Reversal {
    pub trace: u32,
    pub reason: &'static str,
    pub tries: u8,
}

#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntry)]
pub struct Entry {
    pub trace: u32,
    pub batch: u32,
    pub kind: &'static str,
    pub kind_words: Words,
    pub amount: i64,
    pub card: String,
    #[schema(required = true)]
    pub rrn: Option<String>,
    #[schema(required = true)]
    pub auth: Option<String>,
    pub at_ms: i64,
    pub standing: &'static str,
    pub standing_words: Words,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FaultBoard)]
pub struct Board {
    pub terminal: FaultsView,
    pub bank: FaultsView,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WireFaults)]
pub struct FaultsView {
    pub cut: bool,
    pub half_open: bool,
    pub lose_request: u32,
    pub lose_answer: u32,
    pub corrupt_request: u32,
    pub corrupt_answer: u32,
    pub double_request: u32,
    pub delay_ms: u32,
    pub struck: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PosPhone)]
pub struct Phone {
    pub messages: Vec<Message>,
    #[schema(required = true)]
    pub eslip: Option<String>,
}

/// The state of a till now.
pub fn state(house: &House, till: &Till) -> State {
    let revision = till.revision();
    // Before the till is held: whoever holds the lessons looks into tills.
    let drill = house.drills.view(till.place.n);
    let inner = till.inner();
    let bank = house.bank_faults();
    let mut payments = inner.beside.payments.clone();
    let payment = payments.first().cloned();
    let eslip = payment.as_ref().and_then(|payment| house.slip_path(&payment.rrn));
    payments.iter_mut().for_each(|payment| payment.timeline.clear());
    State {
        n: till.place.n,
        revision,
        now_ms: house.now().0,
        scale: house.scale(),
        terminal: terminal(till),
        power: if inner.device.is_on() { Power::On } else { Power::Off },
        gateway: if house.gateway_is_up() { GatewayIs::Up } else { GatewayIs::Down },
        bank: Bank { up: !bank.down, slow_ms: bank.slow_ms, link_up: house.link_is_up() },
        screen: screen(&inner),
        signal: {
            let signal = inner.device.signal();
            SignalView { id: signal.id, lamp: signal.lamp.name(), beep: signal.beep.name() }
        },
        voice: voice(&inner),
        printer: Printer {
            state: printer_name(inner.printer),
            held: inner.view.as_ref().map_or(0, |view| view.held_slips),
            strips: inner.strips.iter().cloned().collect(),
        },
        line: line(&till.cable, inner.connected),
        believes: inner.view.as_ref().map(believes),
        faults: Board {
            terminal: faults(till.tap.faults(Wire::Terminal), &till.cable),
            bank: faults(till.tap.faults(Wire::Bank), &house.bank_cable),
        },
        payment,
        payments,
        phone: Phone { messages: inner.beside.messages.clone(), eslip },
        ledger: inner.beside.ledger.clone(),
        bank_entries: inner.beside.entries.clone(),
        frames: till.tap.frames().iter().map(frames::brief).collect(),
        drill,
    }
}

/// What a till is called.
pub fn terminal(till: &Till) -> Terminal {
    let (id, words) = till.place.model();
    Terminal {
        n: till.place.n,
        number: till.place.terminal,
        merchant: till.place.shop.merchant,
        name: pair((till.place.shop.zh, till.place.shop.en)),
        model: Model { id, words },
    }
}

/// How a way of presenting a card is called.
pub fn way(mode: EntryMode) -> &'static str {
    match mode {
        EntryMode::Swipe => "swipe",
        EntryMode::Insert => "insert",
        EntryMode::Contactless => "tap",
    }
}

fn screen(inner: &Inner) -> ScreenView {
    let Screen { mode, title, lines, prompt, alive, slots, amount, typed, pin, menu, tone, code } =
        inner.device.screen(inner.view.as_ref());
    let lines = lines.iter().map(|line| in_both(line, code.as_deref())).collect();
    let cashier = code.as_deref().and_then(|code| code.as_bytes().try_into().ok()).map(|code: [u8; 2]| {
        let text = lookup_ours(code);
        pair((text.cashier_zh, text.cashier_en))
    });
    ScreenView {
        mode: mode.name(),
        title: words(&title),
        lines,
        prompt: prompt.as_ref().map(words),
        alive: alive.into_iter().map(|key| key.name()).collect(),
        slots: slots.into_iter().map(way).collect(),
        amount,
        typed,
        pin: pin.map(|length| PinView { length }),
        menu: menu.map(|items| {
            let item = |item: hefu_world::pos::Item| ItemView {
                id: item.flow.name(),
                label: words(&item.flow.title()),
                chosen: item.chosen,
            };
            items.into_iter().map(item).collect()
        }),
        tone: tone.name(),
        code,
        cashier,
    }
}

fn voice(inner: &Inner) -> Option<VoiceView> {
    let code = inner.device.screen(inner.view.as_ref()).code;
    let voice = inner.device.voice()?;
    Some(VoiceView { id: voice.id, text: in_both(&voice.text, code.as_deref()) })
}

/// The acquirer's own words come in one language; in the other the code says the same.
fn in_both(line: &hefu_world::terminal::Text, code: Option<&str>) -> Words {
    let said = words(line);
    let code = code.and_then(|code| code.as_bytes().try_into().ok());
    match code {
        Some(code) if said.zh == said.en => pair((lookup_ours(code).zh, lookup_ours(code).en)),
        Some(code) if !said.en.is_ascii() => Words { en: lookup_ours(code).en.to_owned(), ..said },
        Some(_) | None => said,
    }
}

pub fn printer_name(state: PrinterState) -> &'static str {
    match state {
        PrinterState::Ready => "ready",
        PrinterState::OutOfPaper => "out_of_paper",
        PrinterState::PaperJam => "jam",
        PrinterState::Overheated => "overheated",
        PrinterState::LowBattery => "low_battery",
        PrinterState::Off => "off",
    }
}

fn line(cable: &Cable, connected: bool) -> Line {
    let state = match (cable.is_cut(), cable.is_half_open()) {
        (true, _) => LineIs::Cut,
        (false, true) => LineIs::HalfOpen,
        (false, false) => LineIs::Up,
    };
    Line { state, connected }
}

fn faults(faults: Faults, cable: &Cable) -> FaultsView {
    let Faults {
        lose_request,
        lose_answer,
        corrupt_request,
        corrupt_answer,
        double_request,
        delay_ms,
        struck,
        aim: _,
    } = faults;
    let (cut, half_open) = (cable.is_cut(), cable.is_half_open());
    FaultsView {
        cut,
        half_open,
        lose_request,
        lose_answer,
        corrupt_request,
        corrupt_answer,
        double_request,
        delay_ms,
        struck,
    }
}

fn believes(view: &View) -> Believes {
    let skip = view.ledger.len().saturating_sub(JOURNAL);
    Believes {
        trace_next: view.next_trace,
        batch: view.batch,
        signed_on: view.signed_on,
        owes: Owes {
            reversal: view.owes.reversal.map(|owed| Reversal {
                trace: owed.trace,
                reason: owed.reason.code(),
                tries: owed.tries,
            }),
            script: view.owes.script_result,
            offline: view.owes.offline,
            sign_on: view.owes.sign_on,
            settlement: view.owes.settlement,
        },
        journal: view.ledger.iter().skip(skip).map(entry).collect(),
    }
}

fn entry(entry: &LedgerEntry) -> Entry {
    let (kind, kind_words) = kind(entry.transaction);
    let (standing, standing_words) = standing(&entry.standing);
    Entry {
        trace: entry.trace,
        batch: entry.batch,
        kind,
        kind_words: pair(kind_words),
        amount: entry.amount,
        card: entry.card.clone(),
        rrn: entry.rrn.clone(),
        auth: entry.auth.clone(),
        at_ms: entry.at.0,
        standing,
        standing_words,
    }
}

fn kind(transaction: Transaction) -> (&'static str, (&'static str, &'static str)) {
    match transaction {
        Transaction::Sale => ("sale", ("消费", "sale")),
        Transaction::Void => ("void", ("消费撤销", "void")),
        Transaction::Refund => ("refund", ("退货", "refund")),
        Transaction::PreAuth => ("pre_auth", ("预授权", "pre-authorisation")),
        Transaction::PreAuthVoid => ("pre_auth_void", ("预授权撤销", "void of pre-authorisation")),
        Transaction::Completion => ("completion", ("预授权完成", "completion")),
        Transaction::CompletionAdvice => ("completion_advice", ("预授权完成通知", "completion advice")),
        Transaction::CompletionVoid => ("completion_void", ("预授权完成撤销", "void of completion")),
        Transaction::OfflineSettlement | Transaction::OfflineChip => {
            ("offline_sale", ("离线消费", "offline sale"))
        }
        Transaction::Balance => ("inquiry", ("余额查询", "balance inquiry")),
        Transaction::SignOn
        | Transaction::SignOff
        | Transaction::Echo
        | Transaction::Settlement
        | Transaction::Upload
        | Transaction::ScriptResult
        | Transaction::Signature
        | Transaction::LastResult
        | Transaction::Confirmation
        | Transaction::SendPending
        | Transaction::ClearReversal => ("other", ("其他", "other")),
    }
}

fn standing(standing: &Standing) -> (&'static str, Words) {
    let (name, zh, en) = match standing {
        Standing::Unknown => ("unknown", "未知", "unknown"),
        Standing::Booked => ("booked", "成功", "approved"),
        Standing::Declined { code } => {
            let words = Words { zh: format!("拒绝 {code}"), en: format!("declined {code}") };
            return ("declined", words);
        }
        Standing::Voided { .. } => ("voided", "已撤销", "voided"),
        Standing::Completed { .. } => ("completed", "已完成", "completed"),
        Standing::Reversed { .. } => ("reversed", "已冲正", "reversed"),
        Standing::ReversalRefused { .. } => ("reversal_refused", "冲正被拒", "reversal refused"),
        Standing::Forgotten => ("forgotten", "冲正已丢弃", "reversal given up"),
        Standing::Cleared => ("cleared", "冲正被手工清除", "reversal deleted by hand"),
    };
    (name, pair((zh, en)))
}

/// A card of the drawer, as the page gets it.
#[derive(Serialize, ToSchema)]
#[schema(as = PosCard)]
pub struct CardView {
    pub card: &'static str,
    pub masked: String,
    pub pin: &'static str,
    #[schema(value_type = Vec<WayName>)]
    pub ways: Vec<&'static str>,
    pub story: Words,
    #[schema(value_type = GroupName)]
    pub group: &'static str,
}

/// The whole drawer.
pub fn drawer() -> Vec<CardView> {
    let ways = [EntryMode::Swipe, EntryMode::Insert, EntryMode::Contactless].map(way);
    let view = |card: &cards::Card| CardView {
        card: card.name,
        masked: card.masked(),
        pin: cards::PIN,
        ways: ways.to_vec(),
        story: words(&card.story()),
        group: card.group.name(),
    };
    cards::CARDS.iter().map(view).collect()
}
