//! A lesson for each family of reply codes.

use super::{DOUBT, Deed, Drill, Model, Pair, REFUSED, Right, Scene, Set, Shown};
use hefu_world::bank::Code;
use hefu_world::pos::wire::Wire;

const fn family(
    id: &'static str,
    codes: &'static [&'static str],
    title: Pair,
    task: Pair,
    lesson: Pair,
    shown: Shown,
) -> Drill {
    Drill { id, title, hole: None, family: Some(id), codes, task, lesson, shown }
}

const fn by_card(card: &'static str, right: &'static [Deed]) -> Shown {
    here(card, &[], REFUSED, Right::Act(right))
}

const fn refused(set: &'static [Set], right: &'static [Deed]) -> Shown {
    here("0005", set, REFUSED, Right::Act(right))
}

const fn doubt(card: &'static str, set: &'static [Set]) -> Shown {
    here(card, set, DOUBT, Right::OnceKnown)
}

const fn here(card: &'static str, set: &'static [Set], acts: &'static [Deed], right: Right) -> Shown {
    Shown::Here(Scene { card, amount: 1_200, model: Model::Any, set, acts, right })
}

const TAKE: Pair = ("收 {} 元,看屏幕,再决定。", "Take {}, read the screen, decide.");

#[rustfmt::skip]
pub static FAMILIES: &[Drill] = &[
    family("code-approved", &["00", "11"], ("批准", "Approved"), TAKE,
        ("00 证明已扣款:交付商品。", "00 proves the charge: hand over the goods."),
        here("0005", &[], DOUBT, Right::Act(&[Deed::HandOver]))),
    family("code-part", &["10"], ("部分批准", "Part approved"), TAKE,
        ("只批准了一部分:说明金额,余款另付;不要按全额交付。",
            "Only a part was approved: say how much, ask for the rest; do not hand over as if all were paid."),
        here("0104", &[], &[Deed::HandOver, Deed::SendAway, Deed::AskRest, Deed::Wait],
            Right::Act(&[Deed::AskRest]))),
    family("code-defect", &["A2", "A4", "A5", "A6"], ("有瑕疵的批准", "Approved with a defect"), ("", ""),
        ("已扣款,事后核对;终端听到的是 00。", "Charged, to be checked later; the terminal hears 00."),
        Shown::No(("终端上与 00 没有区别。", "On a terminal it looks like 00."))),
    family("code-call-bank", &["01"], ("请联系发卡行", "Call your bank"), TAKE,
        ("未扣款。请顾客换卡;想用这张卡须自己联系发卡行。",
            "Not charged. Ask for another card; about this one the customer must call the bank."),
        refused(&[Set::Refuse(Code::CallBank)], &[Deed::OtherCard, Deed::CallBank])),
    family("code-merchant", &["03", "97"], ("商户或终端未登记", "Merchant or terminal not registered"), TAKE,
        ("未扣款,问题在我方登记:联系收单行。", "Not charged; our registration is at fault: call the acquirer."),
        refused(&[Set::Refuse(Code::UnknownMerchant)], &[Deed::CallAcquirer])),
    family("code-retain", &["04", "07", "33", "34", "35", "36", "37", "41", "43", "67"],
        ("没收卡", "Retain the card"), TAKE,
        ("未扣款。未经授权不要归还卡片,联系收单行。",
            "Not charged. Do not return the card without authority; call the acquirer."),
        refused(&[Set::Refuse(Code::RetainCard)], &[Deed::KeepCard])),
    family("code-declined", &["05"], ("交易被拒绝", "Declined"), TAKE,
        ("未扣款:请顾客换卡。", "Not charged: ask for another card."),
        refused(&[Set::Refuse(Code::Declined)], &[Deed::OtherCard])),
    family("code-invalid-transaction", &["12"], ("无效交易", "Invalid transaction"), TAKE,
        ("未扣款:核对操作。", "Not charged: check what was asked for."),
        refused(&[Set::Refuse(Code::InvalidTransaction)], &[Deed::Check])),
    family("code-invalid-data", &["13", "14", "15", "21", "31", "39", "42", "44", "52", "53", "56"],
        ("金额、卡号、账户或发卡行无效", "Invalid amount, card, account or issuer"), TAKE,
        ("未扣款:核对后重来。", "Not charged: check and repeat."),
        refused(&[Set::Refuse(Code::InvalidCard)], &[Deed::Check])),
    family("code-original-done", &["22"], ("原交易已处理或处理中", "Already done or being returned"),
        ("收 {} 元,全额退货(应答会丢失),再撤销这笔消费,看屏幕。",
            "Take {}, refund all of it (the answer is lost), then void the sale; read the screen."),
        ("它说的是原交易:先查询,不要再退一次。", "It speaks of the original: look it up first, do not give back twice."),
        here("0922", &[], REFUSED_OR_CASH, Right::Act(&[Deed::LookUp]))),
    family("code-no-original", &["25"], ("原交易不存在", "No original"),
        ("收 {} 元(请求会在路上丢失),再查询末笔结果,看屏幕。",
            "Take {} (the request is lost on its way), ask for the last result; read the screen."),
        ("平台没有这笔:先查清楚,不要凭此退钱。", "The platform has no such payment: find out first, give nothing back for it."),
        here("0005", &[Set::LoseRequest(Wire::Terminal)], REFUSED_OR_CASH,
            Right::Act(&[Deed::LookUp, Deed::CallAcquirer]))),
    family("code-format", &["30"], ("报文格式错", "Format error"), TAKE,
        ("未扣款:通知技术人员。", "Not charged: call an engineer."),
        refused(&[Set::Refuse(Code::FormatError)], &[Deed::Engineer])),
    family("code-pin-tries", &["38", "75"], ("密码错误次数超限", "PIN tries exceeded"), TAKE,
        ("未扣款:再试无用,请换卡。", "Not charged: trying again is of no use, another card."),
        refused(&[Set::Refuse(Code::PinTriesExceeded)], &[Deed::OtherCard])),
    family("code-not-allowed", &["40", "57", "58", "60", "62", "63", "66", "93"],
        ("不支持或受限", "Not allowed"), TAKE,
        ("未扣款:请换卡。", "Not charged: another card."),
        refused(&[Set::Refuse(Code::NotAllowed)], &[Deed::OtherCard])),
    family("code-insert", &["45"], ("请插卡", "Insert the card"), TAKE,
        ("未扣款:改用芯片。", "Not charged: use the chip."),
        refused(&[Set::Refuse(Code::InsertChip)], &[Deed::InsertChip])),
    family("code-funds", &["51"], ("余额不足", "Insufficient funds"), TAKE,
        ("未扣款:请换卡。", "Not charged: another card."), by_card("0518", &[Deed::OtherCard])),
    family("code-expired", &["54"], ("卡已过期", "Expired"), TAKE,
        ("未扣款:请换卡。", "Not charged: another card."), by_card("0542", &[Deed::OtherCard])),
    family("code-wrong-pin", &["55"], ("密码错误", "Wrong PIN"),
        ("收 {} 元,顾客会输错密码:请输入 000000。", "Take {}; the customer gets the PIN wrong: enter 000000."),
        ("未扣款:请顾客重输密码。", "Not charged: have the PIN entered again."),
        by_card("0559", &[Deed::EnterPin])),
    family("code-card-check", &["59"], ("卡片校验错", "Card check failed"), TAKE,
        ("未扣款:请换卡。", "Not charged: another card."),
        refused(&[Set::Refuse(Code::CardCheckFailed)], &[Deed::OtherCard])),
    family("code-limit", &["61", "65"], ("金额或次数超限", "Over the limit"), TAKE,
        ("未扣款:减小金额或换卡。", "Not charged: a lower amount, or another card."),
        by_card("0617", &[Deed::OtherCard, Deed::Check])),
    family("code-amount-differs", &["64"], ("与原交易金额不符", "Amount differs"), TAKE,
        ("未扣款:核对金额。", "Not charged: check the amount."),
        refused(&[Set::Refuse(Code::AmountDiffers)], &[Deed::Check])),
    family("code-sign-on", &["77"], ("请签到", "Sign on again"), TAKE,
        ("未扣款:终端重新签到后再来。", "Not charged: sign the terminal on, then start again."),
        refused(&[Set::Refuse(Code::SignOnAgain)], &[Deed::SignOn])),
    family("code-unknown", &["68", "98"], ("结果未知", "Unknown"), TAKE,
        ("什么都没有证明:不交付、不重刷,等结果。", "It proves nothing: no goods, no second charge, wait for the result."),
        doubt("0682", &[])),
    family("code-bank-trouble", &["90", "91", "92", "96"], ("银行系统异常", "The bank is in trouble"), TAKE,
        ("银行说的 96 不证明未扣款:等结果。", "The bank's 96 does not prove that nothing was charged: wait."),
        doubt("0690", &[])),
    family("code-unreachable", &["91"], ("银行线路不通(由我方告知)", "Bank unreachable (told by us)"), TAKE,
        ("从未发出,肯定未扣款:可收现金或换一种方式。", "Never sent, surely not charged: cash, or another way."),
        refused(&[Set::BankDown], &[Deed::PayCash, Deed::SendAway])),
    family("code-duplicate", &["94"], ("重复交易,正在查询", "Duplicate, looking up"), TAKE,
        ("银行的 94 不证明任何事:前一笔说了算,等结果。", "The bank's 94 proves nothing: the earlier one decides, wait."),
        doubt("0005", &[Set::Refuse(Code::Duplicate)])),
    family("code-mac", &["99", "A0"], ("报文鉴别失败", "The MAC is wrong"), TAKE,
        ("校验错的应答不可信,也不等于失败:等结果,终端重新签到。",
            "An answer with a wrong MAC is not to be believed, nor is it a failure: wait; the terminal signs on again."),
        doubt("0716", &[])),
];

const REFUSED_OR_CASH: &[Deed] =
    &[Deed::LookUp, Deed::GiveCash, Deed::SendAway, Deed::CallBank, Deed::CallAcquirer, Deed::Check];
