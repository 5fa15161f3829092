//! Why a terminal does not even send what the cashier asks for.

use super::api::Text;
use hefu_iso8583::EncodeError;
use hefu_iso8583::cup::SubfieldError;
use thiserror::Error;

/// The terminal refuses by itself; nothing left it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error("sign on first")]
    NotSignedOn,
    #[error("the amount must be 0.01 to 9,999,999,999.99, found {found} fen")]
    Amount { found: i64 },
    #[error("no transaction {trace:06} of that kind stands in this batch")]
    NoSuchOriginal { trace: u32 },
    #[error("an offline sale by magnetic stripe needs the authorisation code that was given by voice")]
    VoiceCode,
    #[error("the batch is full: settle first")]
    BatchFull,
    #[error("a settlement was interrupted: settle first")]
    SettleFirst,
    #[error("a reversal is not acknowledged: call the acquirer")]
    ReversalStuck,
    #[error("too many offline items wait")]
    OfflineFull,
    #[error("offline items have not arrived yet: try again later")]
    OfflineWaiting,
    #[error("the line is down: nothing was sent")]
    NoLine,
    #[error("sign-on failed: nothing was sent")]
    SignOnFailed,
    #[error("this cannot be put into a message: {0}")]
    Field(#[from] EncodeError),
    #[error("this cannot be put into a message: {0}")]
    SubField(#[from] SubfieldError),
}

impl Refusal {
    /// What the screen says.
    pub(super) fn text(&self) -> Text {
        let zh = match self {
            Refusal::NotSignedOn => "请先签到",
            Refusal::Amount { .. } => "金额无效",
            Refusal::NoSuchOriginal { .. } => "原交易不存在",
            Refusal::VoiceCode => "请输入授权码",
            Refusal::BatchFull => "交易笔数已满,请先结算",
            Refusal::SettleFirst => "结算未完成,请先结算",
            Refusal::ReversalStuck => "冲正未完成,请联系收单行",
            Refusal::OfflineFull => "离线交易已满,请稍后再试",
            Refusal::OfflineWaiting => "离线交易未上送,请稍后再试",
            Refusal::NoLine => "线路不通,交易未发送",
            Refusal::SignOnFailed => "签到失败,交易未发送",
            Refusal::Field(_) | Refusal::SubField(_) => "输入有误,交易未发送",
        };
        Text::new(zh, self.to_string())
    }
}
