//! What the screen shows at each stage.

use super::{ALL_WAYS, Device, Stage};
use crate::pos::draft::Draft;
use crate::pos::flow::{Ask, Flow};
use crate::pos::screen::{Item, Mode, Screen, Tone};
use crate::terminal::drive::View;
use crate::terminal::{LedgerEntry, Text};

impl Device {
    /// What the screen shows.
    pub fn screen(&self, view: Option<&View>) -> Screen {
        let mut screen = Screen {
            mode: Mode::Off,
            title: Text::new("", ""),
            lines: Vec::new(),
            prompt: None,
            alive: self.alive(),
            slots: Vec::new(),
            amount: None,
            typed: None,
            pin: None,
            menu: None,
            tone: Tone::Neutral,
            code: None,
        };
        match &self.stage {
            Stage::Off => {}
            Stage::Idle => {
                screen.mode = Mode::Idle;
                screen.title = Text::new("欢迎使用", "Welcome");
                screen.prompt =
                    Some(Text::new("输入金额开始消费,或按功能键", "Type an amount, or press menu"));
                if view.is_some_and(|view| view.owes.reversal.is_some()) {
                    screen.lines.push(Text::new("有冲正待上送", "A reversal waits to be sent"));
                }
                if view.is_some_and(|view| view.held_slips > 0) {
                    screen.lines.push(Text::new("签购单待打印", "A slip waits for the printer"));
                }
            }
            Stage::Menu(at) => {
                screen.mode = Mode::Menu;
                screen.title = Text::new("功能", "Functions");
                let items = Flow::ALL.iter().enumerate();
                screen.menu =
                    Some(items.map(|(place, flow)| Item { flow: *flow, chosen: place == *at }).collect());
            }
            Stage::Asking(draft) => asking(&mut screen, draft, view),
            Stage::Busy { flow, shows } => {
                screen.mode = Mode::Busy;
                screen.title = flow.title();
                screen.lines.push(shows.clone());
                screen.tone = Tone::Wait;
            }
            Stage::Ended(ended) => {
                screen.mode = Mode::Result;
                screen.title = ended.title.clone();
                screen.lines = ended.lines.clone();
                screen.tone = ended.tone;
                screen.code = ended.code.clone();
                screen.prompt = Some(Text::new("按任意键返回", "Press any key"));
            }
            Stage::Question(question) => {
                screen.mode = Mode::Question;
                screen.title = Text::new("收单行询问", "The acquirer asks");
                screen.lines.push(Text::new(question.text.clone(), question.text.clone()));
                let prompt = "确认=已成交,取消=未成交,清除=稍后";
                screen.prompt = Some(Text::new(prompt, "Enter: completed. Cancel: not. Clear: later"));
                screen.tone = Tone::Unknown;
            }
        }
        screen
    }
}

fn asking(screen: &mut Screen, draft: &Draft, view: Option<&View>) {
    screen.title = draft.flow.title();
    if let Some(amount) = draft.amount {
        screen.amount = Some(amount);
        screen.lines.push(Text::new(format!("金额 {}", yuan(amount)), format!("Amount {}", yuan(amount))));
    }
    let line = view.and_then(|view| draft.line(view));
    match draft.asks() {
        Some(Ask::Amount) => {
            screen.mode = Mode::Amount;
            screen.amount = Some(draft.typed_amount());
            if let (Some(entry), Some(_)) = (line, draft.trace) {
                screen.lines.push(about(entry));
            }
            screen.prompt = Some(Text::new("请输入金额", "Enter the amount"));
        }
        Some(Ask::Card) => {
            screen.mode = Mode::Card;
            screen.slots = ALL_WAYS.to_vec();
            screen.prompt = Some(present());
        }
        Some(Ask::Pin) => {
            screen.mode = Mode::Pin;
            screen.pin = Some(draft.pin_length());
            screen.prompt =
                Some(Text::new("请输入密码,无密码按确认", "Enter the PIN, or press enter for none"));
        }
        Some(Ask::Trace) => {
            screen.mode = Mode::Trace;
            screen.typed = Some(draft.typed.clone());
            if let Some(entry) = line.filter(|_| draft.typed.is_empty()) {
                screen.lines.push(about(entry));
            }
            screen.prompt =
                Some(Text::new("请输入凭证号,直接确认为最近一笔", "Voucher number, or enter for the latest"));
        }
        Some(Ask::YesNo) => {
            screen.mode = Mode::YesNo;
            if let (Some(entry), Some(_)) = (line, draft.trace) {
                screen.lines.push(about(entry));
            }
            screen.prompt = Some(match draft.flow {
                Flow::Confirm => Text::new("已成交吗?确认=是,清除=否", "Completed? Enter: yes. Clear: no"),
                Flow::ClearReversal => Text::new(
                    "清除冲正后银行可能已扣款!确认清除?",
                    "The bank may have charged. Delete all the same?",
                ),
                Flow::Void => Text::new("确认撤销?", "Void this?"),
                Flow::Sale
                | Flow::Refund
                | Flow::PreAuth
                | Flow::PreAuthVoid
                | Flow::Completion
                | Flow::CompletionAdvice
                | Flow::Balance
                | Flow::LastResult
                | Flow::Reprint
                | Flow::Settle
                | Flow::SendPending
                | Flow::SignOn
                | Flow::Echo => Text::new("确认?", "Sure?"),
            });
        }
        None => screen.mode = Mode::Busy,
    }
}

fn about(entry: &LedgerEntry) -> Text {
    let (trace, amount) = (entry.trace, yuan(entry.amount));
    Text::new(
        format!("凭证 {trace:06} {amount} {}", entry.card),
        format!("{trace:06} {amount} {}", entry.card),
    )
}

pub(super) fn present() -> Text {
    Text::new("请刷卡、插卡或挥卡", "Swipe, insert or tap the card")
}

/// Fen as people read them.
pub(super) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
