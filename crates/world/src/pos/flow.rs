//! What the menu offers, and what each function asks for before it begins.

use crate::terminal::{LedgerEntry, Standing, Text, Transaction};

/// A function of the menu.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Flow {
    Sale,
    Void,
    Refund,
    PreAuth,
    PreAuthVoid,
    Completion,
    CompletionAdvice,
    Balance,
    LastResult,
    Reprint,
    Settle,
    Confirm,
    SendPending,
    ClearReversal,
    SignOn,
    Echo,
}

/// What is asked for, in this order.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Ask {
    Trace,
    Amount,
    Card,
    Pin,
    YesNo,
}

impl Flow {
    /// All functions, as the menu lists them.
    pub const ALL: [Flow; 16] = [
        Flow::Sale,
        Flow::Void,
        Flow::Refund,
        Flow::PreAuth,
        Flow::PreAuthVoid,
        Flow::Completion,
        Flow::CompletionAdvice,
        Flow::Balance,
        Flow::LastResult,
        Flow::Reprint,
        Flow::Settle,
        Flow::Confirm,
        Flow::SendPending,
        Flow::ClearReversal,
        Flow::SignOn,
        Flow::Echo,
    ];

    /// As programs call it.
    pub fn name(self) -> &'static str {
        match self {
            Flow::Sale => "sale",
            Flow::Void => "void",
            Flow::Refund => "refund",
            Flow::PreAuth => "pre_auth",
            Flow::PreAuthVoid => "pre_auth_void",
            Flow::Completion => "completion",
            Flow::CompletionAdvice => "completion_advice",
            Flow::Balance => "balance",
            Flow::LastResult => "last_result",
            Flow::Reprint => "reprint",
            Flow::Settle => "settle",
            Flow::Confirm => "confirm",
            Flow::SendPending => "send_pending",
            Flow::ClearReversal => "clear_reversal",
            Flow::SignOn => "sign_on",
            Flow::Echo => "echo",
        }
    }

    /// As the menu and the title say it.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Flow::Sale => ("消费", "Sale"),
            Flow::Void => ("消费撤销", "Void"),
            Flow::Refund => ("退货", "Refund"),
            Flow::PreAuth => ("预授权", "Pre-authorisation"),
            Flow::PreAuthVoid => ("预授权撤销", "Void of pre-authorisation"),
            Flow::Completion => ("预授权完成", "Completion"),
            Flow::CompletionAdvice => ("预授权完成通知", "Completion advice"),
            Flow::Balance => ("余额查询", "Balance"),
            Flow::LastResult => ("查询末笔结果", "Last result"),
            Flow::Reprint => ("重打印", "Reprint"),
            Flow::Settle => ("结算", "Settlement"),
            Flow::Confirm => ("确认交易", "Confirm a sale"),
            Flow::SendPending => ("上送待处理", "Send what waits"),
            Flow::ClearReversal => ("清除冲正", "Delete the reversal"),
            Flow::SignOn => ("签到", "Sign on"),
            Flow::Echo => ("线路测试", "Line test"),
        };
        Text::new(zh, en)
    }

    /// What it asks for before it begins.
    pub(super) fn asks(self) -> &'static [Ask] {
        match self {
            Flow::Sale | Flow::PreAuth => &[Ask::Amount, Ask::Card, Ask::Pin],
            Flow::Void => &[Ask::Trace, Ask::YesNo],
            Flow::Refund | Flow::CompletionAdvice => &[Ask::Trace, Ask::Amount, Ask::Card],
            Flow::PreAuthVoid => &[Ask::Trace, Ask::Card],
            Flow::Completion => &[Ask::Trace, Ask::Amount, Ask::Card, Ask::Pin],
            Flow::Balance => &[Ask::Card, Ask::Pin],
            Flow::LastResult | Flow::Reprint => &[Ask::Trace],
            Flow::Settle | Flow::ClearReversal => &[Ask::YesNo],
            Flow::Confirm => &[Ask::Trace, Ask::YesNo],
            Flow::SendPending | Flow::SignOn | Flow::Echo => &[],
        }
    }

    /// Whether it can be about this line of the journal: the newest such line is proposed.
    pub(super) fn suits(self, entry: &LedgerEntry) -> bool {
        let is = |kinds: &[Transaction]| kinds.contains(&entry.transaction);
        let stands = entry.stands();
        match self {
            Flow::Void => {
                stands && is(&[Transaction::Sale, Transaction::Completion, Transaction::CompletionAdvice])
            }
            Flow::Refund => {
                stands
                    && is(&[Transaction::Sale, Transaction::Completion, Transaction::CompletionAdvice])
                    && entry.rrn.is_some()
            }
            Flow::PreAuthVoid | Flow::Completion | Flow::CompletionAdvice => {
                entry.standing == Standing::Booked && is(&[Transaction::PreAuth])
            }
            Flow::Reprint => entry.rrn.is_some() && entry.standing != Standing::Unknown,
            Flow::Confirm => is(&[Transaction::Sale, Transaction::Completion]),
            Flow::LastResult => true,
            Flow::Sale
            | Flow::PreAuth
            | Flow::Balance
            | Flow::Settle
            | Flow::SendPending
            | Flow::ClearReversal
            | Flow::SignOn
            | Flow::Echo => false,
        }
    }
}
