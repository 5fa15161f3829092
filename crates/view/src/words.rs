//! Words for states and kinds, one place for pages and listings.

use hefu_tally::{
    Kind, Merchant, View,
    duty::DutyKind,
    fact::Shown,
    judge::Decision,
    leg::{Case, Knowledge, Why},
    notice::{To, Word},
    tally::IssuerHalf,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One text in both languages of the people who read it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// Two texts that stand for the same, in Chinese and English.
pub type Pair = (&'static str, &'static str);

impl From<Pair> for Words {
    fn from((zh, en): Pair) -> Words {
        Words { zh: zh.to_owned(), en: en.to_owned() }
    }
}

pub fn view(view: View) -> Pair {
    match view {
        View::Processing => ("处理中", "processing"),
        View::Approved => ("交易成功", "approved"),
        View::Declined => ("未扣款", "declined"),
        View::Unknown => ("结果未知,请勿重刷", "unknown: do not charge again"),
        View::Returning => ("正在退回", "returning"),
        View::Returned => ("已退回", "returned"),
        View::UnderReview => ("人工核查中", "under review"),
    }
}

pub fn kind(kind: Kind) -> Pair {
    match kind {
        Kind::Sale => ("消费", "sale"),
        Kind::Void => ("消费撤销", "void"),
        Kind::Refund => ("退货", "refund"),
        Kind::PreAuth => ("预授权", "pre-authorisation"),
        Kind::PreAuthVoid => ("预授权撤销", "void of pre-authorisation"),
        Kind::Completion => ("预授权完成", "completion"),
        Kind::CompletionVoid => ("预授权完成撤销", "void of completion"),
        Kind::CompletionAdvice => ("预授权完成通知", "completion advice"),
        Kind::OfflineSale => ("离线消费", "offline sale"),
        Kind::Inquiry => ("余额查询", "balance inquiry"),
    }
}

pub fn issuer(half: IssuerHalf) -> Pair {
    match half {
        IssuerHalf::Untouched => ("未动", "untouched"),
        IssuerHalf::Unknown => ("未知", "unknown"),
        IssuerHalf::Declined => ("拒绝", "declined"),
        IssuerHalf::Held => ("已冻结", "held"),
        IssuerHalf::Charged => ("已扣款", "charged"),
        IssuerHalf::Returned => ("已退回", "returned"),
    }
}

pub fn merchant(half: Merchant) -> Pair {
    match half {
        Merchant::Waiting => ("等待", "waiting"),
        Merchant::Told => ("已告知成功", "told sale"),
        Merchant::Has => ("已入账", "has sale"),
        Merchant::No => ("无此笔", "no sale"),
    }
}

pub fn why(why: Why) -> Pair {
    match why {
        Why::Approved => ("银行应答证明已完成", "the bank's answer proves it done"),
        Why::Declined => ("银行应答证明未完成", "the bank's answer proves it not done"),
        Why::NoAnswer => {
            ("期限内无应答;沉默不证明任何事", "no answer within our deadline; silence proves nothing")
        }
        Why::ProvesNothing => ("应答码不证明任何事", "the answer's code proves nothing"),
        Why::WrongMac => ("应答的 MAC 错误,不证明任何事", "the answer's MAC is wrong, so it proves nothing"),
        Why::Mismatch => {
            ("应答与请求不符,不证明任何事", "the answer does not fit the request, so it proves nothing")
        }
        Why::PartNotTaken => ("部分批准,此终端不支持", "approved in part, which this terminal cannot take"),
        Why::TerminalReversed => ("终端已冲正", "the terminal reversed it"),
        Why::NotReachable => ("批准无法送达终端", "the approval could not be given to the terminal"),
        Why::Restarted => ("等待应答时系统重启", "we were started again while it was unanswered"),
        Why::NeverSent => ("从未发往银行", "never sent to the bank"),
        Why::MerchantDenied => ("商户称无此笔交易", "the merchant says that there was no such sale"),
        Why::Shown => ("银行账簿证明", "the bank's books show it"),
    }
}

pub fn knowledge(by: Knowledge) -> Pair {
    match by {
        Knowledge::Confirmed => ("证明:终端已确认", "proof: the terminal confirmed it"),
        Knowledge::Signature => ("证明:签名已上送", "proof: its signature was uploaded"),
        Knowledge::Quoted => {
            ("证明:后续交易引用了它的参考号", "proof: a later transaction quoted its reference")
        }
        Knowledge::Upload => ("证明:在完整的批上送中", "proof: it stands in the completed batch upload"),
        Knowledge::Person => ("证明:由具名人员确认", "proof: a named person says so"),
        Knowledge::NextTransaction => {
            ("推定:终端继续交易而未冲正", "presumption: the terminal went on without reversing it")
        }
        Knowledge::EqualTotals => ("推定:批总计一致", "presumption: the batch totals agree"),
        Knowledge::Silence => ("批准后再无消息", "nothing was heard since the approval"),
        Knowledge::Policy => ("决定:日切时按商户策略", "decision: the merchant's policy at the day cut"),
        Knowledge::NeverTold => ("从未告知批准", "no approval was ever sent"),
        Knowledge::Reversed => ("终端已冲正", "the terminal reversed it"),
    }
}

pub fn duty(kind: DutyKind) -> Pair {
    match kind {
        DutyKind::FindOut => ("查明银行做了什么", "find out what the bank did"),
        DutyKind::Insist => ("重发通知直到银行应答", "repeat the advice until the bank answers"),
        DutyKind::Reverse => ("重发冲正直到银行应答", "repeat the reversal until the bank answers"),
        DutyKind::AwaitClearing => ("等待清算文件", "wait for the clearing files"),
        DutyKind::HearMerchant => ("确认商户是否有此笔", "learn whether the merchant has the sale"),
        DutyKind::AskPerson => ("须人工查看", "a person must look"),
    }
}

pub fn case(case: Case) -> Pair {
    match case {
        Case::ReversedAgainstProof => {
            ("终端冲正了已证明成立的交易", "the terminal reversed what it is proved to have")
        }
        Case::CreditAdjustment => ("须以贷记调整退款", "the money goes back by credit adjustment"),
        Case::KeyClash => ("银行称首次冲正为重复", "the bank says our first reversal is a duplicate"),
        Case::Contradiction => ("银行两次应答互相矛盾", "two answers of the bank contradict each other"),
        Case::ClearingSilent => ("清算未在期限内给出结果", "clearing did not decide in its time"),
        Case::MissingFromUpload => {
            ("终端的批上送中没有此笔", "the completed upload of the terminal's batch does not hold it")
        }
        Case::NotUnderstood => {
            ("银行一再以无证明力的应答回复", "the bank answers again and again with what proves nothing")
        }
        Case::SaleWithoutCharge => {
            ("商户有交易而付款人未被扣款", "the shop has a sale that the payer was not charged for")
        }
    }
}

pub fn decision(decision: Decision) -> Pair {
    match decision {
        Decision::Has => ("商户有此笔", "the merchant has it"),
        Decision::HasNot => ("商户没有此笔", "the merchant does not have it"),
        Decision::Done => ("银行账簿显示已完成", "the bank's books show it done"),
        Decision::NotDone => ("银行账簿没有此笔", "the bank's books do not show it"),
        Decision::Undone => ("银行账簿显示已退回", "the bank's books show it given back"),
        Decision::Close => ("已无待办", "nothing is left to do"),
    }
}

pub fn shown(shown: Shown) -> Pair {
    match shown {
        Shown::Done => ("已完成", "done"),
        Shown::DoneLate => ("其实已完成,虽曾认定未完成", "done after all, though it was settled as not done"),
        Shown::Stands => ("已完成并成立", "done, and it stands"),
        Shown::NotDone => ("未完成", "not done"),
        Shown::Undone => ("已撤回", "undone"),
    }
}

pub fn to(to: To) -> Pair {
    match to {
        To::Payer => ("付款人", "payer"),
        To::Merchant => ("商户", "merchant"),
    }
}

pub fn notice(word: Word) -> Pair {
    match word {
        Word::Unknown => ("结果未知,请勿重刷", "is unknown: do not charge again"),
        Word::Stands => ("成立", "stands"),
        Word::StandsByPolicy => {
            ("按商户策略于日终成立", "stands, by the merchant's policy at the end of the day")
        }
        Word::NotDone => ("未完成", "was not done"),
        Word::Returning => ("正在退回", "is being given back"),
        Word::Returned => ("已退回", "was given back"),
        Word::UnderReview => ("正在核查", "is being looked into"),
    }
}
