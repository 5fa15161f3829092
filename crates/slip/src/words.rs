//! Every word that a slip says by itself, in Chinese and in English, as one table.

use crate::data::{Copy, EntryMode, Language, Mark, TransactionType};

macro_rules! words {
    ($($word:ident: $zh:literal, $en:literal;)*) => {
        /// A label, title, status or sentence of a slip.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word {
            $($word),*
        }

        impl Word {
            pub const ALL: &[Word] = &[$(Word::$word),*];

            pub fn zh(self) -> &'static str {
                match self {
                    $(Word::$word => $zh),*
                }
            }

            pub fn en(self) -> &'static str {
                match self {
                    $(Word::$word => $en),*
                }
            }
        }
    };
}

words! {
    // Titles
    SalesSlip: "签购单", "SALES SLIP";
    SettlementSlip: "结算单", "SETTLEMENT SLIP";
    MerchantCopy: "商户存根", "MERCHANT COPY";
    CardholderCopy: "持卡人存根", "CARDHOLDER COPY";

    // Marks
    Duplicate: "重打印", "DUPLICATE";
    Test: "测试", "TEST, NOT VALID";
    Training: "训练", "TRAINING";

    // Labels
    Merchant: "商户名称", "Merchant";
    MerchantNumber: "商户编号", "Merchant no.";
    Terminal: "终端编号", "Terminal no.";
    Operator: "操作员号", "Operator";
    Issuer: "发卡机构", "Issuer";
    Acquirer: "收单机构", "Acquirer";
    CardNumber: "卡号", "Card no.";
    Type: "交易类型", "Type";
    Batch: "批次号", "Batch no.";
    Voucher: "凭证号", "Voucher no.";
    Authorisation: "授权码", "Authorisation";
    Reference: "参考号", "Reference";
    DateTime: "日期时间", "Date, time";
    Amount: "金额", "Amount";
    Tip: "小费", "Tip";
    Total: "总计", "Total";
    Balance: "可用余额", "Available balance";
    Status: "交易状态", "Status";
    Requested: "申请金额", "Requested";
    StillToPay: "尚需支付", "Still to pay";
    ResponseCode: "应答码", "Response code";
    WhatToDo: "收银员处理", "Cashier";
    OriginalVoucher: "原凭证号", "Orig. voucher no.";
    OriginalReference: "原参考号", "Orig. reference";
    OriginalDate: "原交易日期", "Orig. date";
    IssuerText: "发卡机构附言", "Issuer's note";
    Aid: "AID", "AID";
    Tvr: "TVR", "TVR";
    Tsi: "TSI", "TSI";
    Atc: "ATC", "ATC";
    Arqc: "ARQC", "ARQC";
    CardholderSignature: "持卡人签名", "Cardholder's signature";
    EslipCaption: "扫码查看本笔交易当前状态", "See this payment as it is now";

    // Transaction types
    Sale: "消费", "Sale";
    Void: "消费撤销", "Void";
    Refund: "退货", "Refund";
    PreAuthorisation: "预授权", "Pre-authorisation";
    PreAuthorisationVoid: "预授权撤销", "Pre-authorisation void";
    Completion: "预授权完成(请求)", "Completion";
    CompletionVoid: "预授权完成撤销", "Completion void";
    CompletionAdvice: "预授权完成(通知)", "Completion advice";
    OfflineSale: "离线消费", "Offline sale";
    BalanceInquiry: "余额查询", "Balance inquiry";

    // Status
    Approved: "交易成功", "APPROVED";
    PartApproved: "部分批准", "PART APPROVED";
    Declined: "交易被拒绝", "DECLINED";
    Unknown: "结果未知，请勿重刷", "UNKNOWN: DO NOT CHARGE AGAIN";
    Returning: "正在退回", "BEING RETURNED";
    Returned: "已退回", "RETURNED";
    Undoing: "正在取消", "BEING CANCELLED";
    Undone: "已取消", "CANCELLED";
    Voided: "已撤销", "VOIDED";
    UnderReview: "人工核查中", "UNDER REVIEW";

    // Sentences
    UnknownMeans: "正在向银行核实本笔结果，核实前请勿再次操作。结果以屏幕或电子签购单为准。",
        "The outcome is being checked with the bank. Do not repeat this payment. The screen and the electronic slip will show the result.";
    ReturningMeans: "款项正在退还付款人，本单不能作为付款凭证。",
        "The money is on its way back to the payer. This slip is no proof of payment.";
    ReturnedMeans: "款项已退还付款人，本单不能作为付款凭证。",
        "The money went back to the payer. This slip is no proof of payment.";
    ReleasingMeans: "预授权冻结正在解除，本单不能作为担保凭证。",
        "The hold on the card is being released. This slip is no proof of a hold.";
    ReleasedMeans: "预授权冻结已解除，本单不能作为担保凭证。",
        "The hold on the card was released. This slip is no proof of a hold.";
    UndoingMeans: "本次撤销正在取消，原交易仍然有效。",
        "This void is being taken back. The original payment stands.";
    UndoneMeans: "本次撤销未生效，原交易仍然有效。",
        "This void did not take effect. The original payment stands.";
    VoidedMeans: "本笔交易已被撤销，本单不能作为付款凭证。",
        "This payment was voided later. This slip is no proof of payment.";
    UnderReviewMeans: "专人正在核查本笔交易，请勿再次操作，结果将另行告知。",
        "A person is looking into this payment. Do not repeat it. Both sides will be told the outcome.";
    BelowLimit: "本笔金额低于免密免签限额，无需密码和签名。",
        "Below the limit: no PIN and no signature needed.";
    Consent: "本人已核对以上内容，同意按上列金额记入本卡账户。",
        "I have checked the details above and agree that this amount is entered on the account of my card.";

    // Settlement
    DomesticCards: "境内卡", "DOMESTIC CARDS";
    ForeignCards: "境外卡", "FOREIGN CARDS";
    Currency: "币种", "Currency";
    Count: "笔数", "Count";
    DebitTotal: "借记合计", "Debit";
    CreditTotal: "贷记合计", "Credit";
    Settlement: "对账结果", "Result";
    Balanced: "对账平", "BALANCED";
    NotBalanced: "对账不平", "NOT BALANCED";
    SettlementError: "对账出错", "COULD NOT BE COMPARED";
    HostDebit: "主机借记", "Host debit";
    HostCredit: "主机贷记", "Host credit";
    NotBalancedMeans: "终端与主机的合计不一致，将逐笔核对。核对完成前请勿清除终端记录。",
        "Terminal and host hold different totals. Each payment will be compared. Do not clear the terminal until that is done.";
    SettlementErrorMeans: "主机未能核对合计，终端记录请予保留，稍后重新结算。",
        "The host could not compare the totals. Keep the terminal's records and settle again later.";
    NoTransactions: "本批次无交易", "No payments in this batch";

    // The printer
    OutOfPaper: "打印机缺纸，请装入纸卷。", "The printer is out of paper. Put in a new roll.";
    PaperJam: "打印机卡纸，请取出卡住的纸。", "Paper is jammed in the printer. Take it out.";
    Overheated: "打印机过热，冷却后将自动继续。", "The printer is too hot. It goes on when it has cooled.";
    LowBattery: "电量不足，无法打印，请接通电源。", "The battery is too low to print. Connect the charger.";
    PrinterOff: "打印功能已在设置中关闭。", "Printing is switched off in the settings.";
    SlipHeld: "签购单已保留，打印机恢复后自动打印。", "The slip is held and will be printed when the printer is ready.";
    SlipSetAside: "多次打印未完成，已停止打印，请到交易查询中重新打印。",
        "Printing failed several times and was stopped. Look the payment up to print it again.";
    OfferEslip: "可请持卡人扫描屏幕上的二维码，查看电子签购单。",
        "Offer the electronic slip: the cardholder can scan the code on the screen.";
    PrintingResumed: "打印机已恢复，正在打印保留的签购单。", "The printer is ready. The slips that were held are printed.";

    // The result of checking a signature
    Genuine: "签名核验通过", "GENUINE SIGNATURE";
    StatusWhenSigned: "签署时状态", "Status when signed";
    SignedAt: "签署时间", "Signed at";
    SigningKey: "签名密钥", "Key";
    NowOnItsPage: "签名只证明签署时的情况。本笔交易现在的状态，以本单网址页面显示的为准。",
        "The signature proves how it stood when it was signed. How the payment stands now is shown on the page at the slip's address.";
}

impl Word {
    pub fn text(self, language: Language) -> &'static str {
        language.pick(self.zh(), self.en())
    }

    pub fn of_copy(copy: Copy) -> Word {
        match copy {
            Copy::Merchant => Word::MerchantCopy,
            Copy::Cardholder => Word::CardholderCopy,
        }
    }

    pub fn of_type(transaction: TransactionType) -> Word {
        match transaction {
            TransactionType::Sale => Word::Sale,
            TransactionType::Void => Word::Void,
            TransactionType::Refund => Word::Refund,
            TransactionType::PreAuthorisation => Word::PreAuthorisation,
            TransactionType::PreAuthorisationVoid => Word::PreAuthorisationVoid,
            TransactionType::Completion => Word::Completion,
            TransactionType::CompletionVoid => Word::CompletionVoid,
            TransactionType::CompletionAdvice => Word::CompletionAdvice,
            TransactionType::OfflineSale => Word::OfflineSale,
            TransactionType::BalanceInquiry => Word::BalanceInquiry,
        }
    }

    pub fn of_mark(mark: Mark) -> Word {
        match mark {
            Mark::Duplicate => Word::Duplicate,
            Mark::Test => Word::Test,
            Mark::Training => Word::Training,
        }
    }
}

/// What stands behind the card number to show how it was read.
pub fn entry_mark(entry: EntryMode) -> &'static str {
    match entry {
        EntryMode::Swipe => "/S",
        EntryMode::Insert => "/I",
        EntryMode::Contactless => "/C",
        EntryMode::Qr => "QR",
        EntryMode::Manual => "/M",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{width, wrap};

    #[test]
    fn every_word_is_there_in_both_languages() {
        for word in Word::ALL {
            let technical = matches!(word, Word::Aid | Word::Tvr | Word::Tsi | Word::Atc | Word::Arqc);
            assert!(!word.en().is_empty() && word.en().is_ascii(), "{word:?}");
            assert_eq!(word.zh().is_ascii(), technical, "{word:?}");
        }
    }

    #[test]
    fn a_sentence_is_one_in_both_languages_and_every_other_word_fits_a_line() {
        for word in Word::ALL {
            let sentence = word.en().ends_with('.') && word.en().contains(' ') && width(word.en()) > 32;
            assert_eq!(word.zh().ends_with('。'), sentence, "{word:?}");
            if !sentence {
                assert!(width(word.zh()) <= 32 && width(word.en()) <= 32, "{word:?}");
            }
        }
    }

    #[test]
    fn wrapping_keeps_every_word_within_the_narrow_paper() {
        for word in Word::ALL {
            for text in [word.zh(), word.en()] {
                let lines = wrap(text, 32);
                assert!(lines.iter().all(|line| width(line) <= 32), "{word:?}");
                assert!(lines.len() <= 5, "{word:?} takes {} lines", lines.len());
            }
        }
    }
}
