//! What a terminal can do, as one table: message type, processing code, condition, F60, MAC, reversal.

use hefu_iso8583::Mti;
use serde::{Deserialize, Serialize};

/// A transaction of the UnionPay POS dialect, or of the terminal alone.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Transaction {
    SignOn,
    SignOff,
    Echo,
    Balance,
    Sale,
    Void,
    Refund,
    PreAuth,
    PreAuthVoid,
    Completion,
    CompletionAdvice,
    CompletionVoid,
    /// A sale that was authorised by voice and is told to the acquirer afterwards.
    OfflineSettlement,
    /// A sale that the chip approved by itself.
    OfflineChip,
    Settlement,
    Upload,
    ScriptResult,
    Signature,
    LastResult,
    /// The cashier's word whether a sale stands.
    Confirmation,
    /// Only works off what waits; no message of its own.
    SendPending,
    /// The cashier deletes the reversal; no message.
    ClearReversal,
}

/// How a transaction looks on the line.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Type of the request; the answer's is 10 more.
    pub mti: Mti,
    /// F3.
    pub processing: Option<&'static str>,
    /// F25.
    pub condition: Option<&'static str>,
    /// F60.1.
    pub message_type: u8,
    /// F60.3; what a message without a code of its own carries is 000.
    pub network_code: u16,
    /// Whether request and answer carry F64.
    pub maced: bool,
    /// Whether the terminal reverses it when it does not learn the outcome.
    pub reversed: bool,
}

impl Transaction {
    /// All of them.
    pub const ALL: [Transaction; 22] = [
        Transaction::SignOn,
        Transaction::SignOff,
        Transaction::Echo,
        Transaction::Balance,
        Transaction::Sale,
        Transaction::Void,
        Transaction::Refund,
        Transaction::PreAuth,
        Transaction::PreAuthVoid,
        Transaction::Completion,
        Transaction::CompletionAdvice,
        Transaction::CompletionVoid,
        Transaction::OfflineSettlement,
        Transaction::OfflineChip,
        Transaction::Settlement,
        Transaction::Upload,
        Transaction::ScriptResult,
        Transaction::Signature,
        Transaction::LastResult,
        Transaction::Confirmation,
        Transaction::SendPending,
        Transaction::ClearReversal,
    ];

    /// The table; `None` for what has no message.
    ///
    /// F60.3 of the sign-on depends on the profile, that of an upload on its phase and that of a confirmation on what
    /// is said; the table holds the double-length sign-on, the detail upload and "it stands".
    pub fn shape(self) -> Option<Shape> {
        use Transaction::*;
        let money = |mti, processing, condition, message_type, reversed| Shape {
            mti: Mti(mti),
            processing: Some(processing),
            condition: Some(condition),
            message_type,
            network_code: 0,
            maced: true,
            reversed,
        };
        let network = |mti, message_type, network_code, maced| Shape {
            mti: Mti(mti),
            processing: None,
            condition: None,
            message_type,
            network_code,
            maced,
            reversed: false,
        };
        match self {
            SignOn => Some(network(800, 0, 3, false)),
            SignOff => Some(network(820, 0, 2, false)),
            Echo => Some(network(820, 0, 301, false)),
            Balance => Some(money(200, "310000", "00", 1, false)),
            Sale => Some(money(200, "000000", "00", 22, true)),
            Void => Some(money(200, "200000", "00", 23, true)),
            Refund => Some(money(220, "200000", "00", 25, false)),
            PreAuth => Some(money(100, "030000", "06", 10, true)),
            PreAuthVoid => Some(money(100, "200000", "06", 11, true)),
            Completion => Some(money(200, "000000", "06", 20, true)),
            CompletionAdvice => Some(money(220, "000000", "06", 24, false)),
            CompletionVoid => Some(money(200, "200000", "06", 21, true)),
            OfflineSettlement => Some(money(220, "000000", "00", 30, false)),
            OfflineChip => Some(money(220, "000000", "00", 36, false)),
            Settlement => Some(network(500, 0, 201, false)),
            Upload => Some(network(320, 0, 201, false)),
            ScriptResult => Some(network(620, 0, 951, true)),
            // 800 is general knowledge: the network names F60.1 only.
            Signature => Some(network(820, 7, 800, true)),
            LastResult => Some(network(820, 0, 390, true)),
            Confirmation => Some(network(820, 0, 391, true)),
            SendPending | ClearReversal => None,
        }
    }

    /// The shape of something that is known to have a message.
    ///
    /// # Panics
    /// For `SendPending` and `ClearReversal`.
    pub(super) fn message_shape(self) -> Shape {
        self.shape().expect("only transactions with a message are put on the line")
    }

    /// On which side of the batch totals an approved one counts.
    pub fn side(self) -> Option<Side> {
        use Transaction::*;
        match self {
            Sale | Completion | CompletionAdvice | OfflineSettlement | OfflineChip => Some(Side::Debit),
            Void | Refund | CompletionVoid => Some(Side::Credit),
            PreAuth | PreAuthVoid | Balance | SignOn | SignOff | Echo | Settlement | Upload
            | ScriptResult | Signature | LastResult | Confirmation | SendPending | ClearReversal => None,
        }
    }

    /// The name on screen and slip.
    pub fn name(self) -> (&'static str, &'static str) {
        use Transaction::*;
        match self {
            SignOn => ("签到", "Sign-on"),
            SignOff => ("签退", "Sign-off"),
            Echo => ("线路测试", "Line test"),
            Balance => ("余额查询", "Balance"),
            Sale => ("消费", "Sale"),
            Void => ("消费撤销", "Void"),
            Refund => ("退货", "Refund"),
            PreAuth => ("预授权", "Pre-authorisation"),
            PreAuthVoid => ("预授权撤销", "Pre-authorisation void"),
            Completion => ("预授权完成(请求)", "Completion"),
            CompletionAdvice => ("预授权完成(通知)", "Completion advice"),
            CompletionVoid => ("预授权完成撤销", "Completion void"),
            OfflineSettlement => ("离线结算", "Offline settlement"),
            OfflineChip => ("离线消费", "Offline sale"),
            Settlement => ("批结算", "Settlement"),
            Upload => ("批上送", "Batch upload"),
            ScriptResult => ("脚本结果通知", "Script result"),
            Signature => ("电子签名上送", "Signature upload"),
            LastResult => ("末笔查询", "Last result"),
            Confirmation => ("成交确认", "Confirmation"),
            SendPending => ("上送未完成交易", "Send what waits"),
            ClearReversal => ("清除冲正", "Clear the reversal"),
        }
    }
}

/// Debit takes money from the payer, credit gives it back.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Side {
    Debit,
    Credit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moves_money_at_once_is_reversed_and_only_macked_messages_are() {
        for transaction in Transaction::ALL {
            let Some(shape) = transaction.shape() else { continue };
            if shape.reversed {
                assert!(matches!(shape.mti, Mti(100) | Mti(200)), "{transaction:?}");
                assert!(shape.maced && shape.processing.is_some(), "{transaction:?}");
            }
            if matches!(shape.mti, Mti(800) | Mti(500) | Mti(320)) {
                assert!(!shape.maced, "{transaction:?}");
            }
        }
    }

    #[test]
    fn no_two_transactions_look_alike_on_the_line() {
        for a in Transaction::ALL {
            for b in Transaction::ALL {
                let (Some(x), Some(y)) = (a.shape(), b.shape()) else { continue };
                assert!(a == b || x != y, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn every_transaction_has_a_name_in_both_languages() {
        for transaction in Transaction::ALL {
            let (zh, en) = transaction.name();
            assert!(!zh.is_empty() && en.is_ascii() && !en.is_empty(), "{transaction:?}");
        }
    }
}
