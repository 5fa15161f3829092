//! What the payer asks, answered from the tally: was I charged, does the shop know, is money coming back.

use hefu_node::Story;
use hefu_tally::{
    Duty, DutyKind, Fact, Issuer, Kind, Leg, LegNo, Merchant, Moment, Money, Tally, View,
    leg::{Direction, Moves},
    money::MoneyError,
};
use hefu_view::Words;

/// How the page looks: what the payer may conclude at a glance.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Tone {
    /// It stands, and both sides know.
    Good,
    /// Nothing was taken, or all of it is back.
    Nothing,
    /// Something is on its way or not known yet: do not pay again.
    Waiting,
}

/// The answers, in both languages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers {
    pub tone: Tone,
    /// The whole in one sentence, with what to do.
    pub headline: Words,
    pub charged: Words,
    pub shop: Words,
    pub back: Words,
    /// When something happens next, and what.
    pub next: Option<(Moment, Words)>,
    /// Nothing will change by itself any more.
    pub is_settled: bool,
}

impl Answers {
    /// The answers as of the story's last fact.
    ///
    /// # Errors
    /// The payment's amounts overflow.
    pub fn of(story: &Story) -> Result<Answers, MoneyError> {
        let tally = &story.tally;
        let first = tally.first();
        let case = tally.legs().any(|(_, leg)| leg.case.is_some());
        let is_settled = tally.matched() && !case && tally.duties().is_empty();
        Ok(Answers {
            tone: tone(tally),
            headline: headline(tally),
            charged: charged(tally)?,
            shop: shop(first),
            back: back(story),
            next: tally.duties().into_iter().min_by_key(|duty| duty.due).map(|duty| (duty.due, next(duty))),
            is_settled,
        })
    }
}

fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words { zh: zh.into(), en: en.into() }
}

/// The amount with its sign, as payers read it: the yuan's sign stands for itself.
pub(crate) fn money(amount: Money) -> String {
    let text = amount.to_string();
    match text.strip_suffix(" CNY").or_else(|| text.strip_prefix("CNY ")) {
        Some(plain) => format!("¥{plain}"),
        None => text,
    }
}

/// Beijing time, to the minute.
pub(crate) fn time(at: Moment) -> String {
    at.beijing().strftime("%Y-%m-%d %H:%M").to_string()
}

/// The transactions that take or hold the payer's money.
fn takes(leg: &Leg) -> bool {
    match leg.kind.moves() {
        Moves::Charge | Moves::Hold => true,
        Moves::GiveBack | Moves::Refund | Moves::Release | Moves::Nothing => false,
    }
}

fn unknown(tally: &Tally) -> bool {
    tally.legs().any(|(_, leg)| takes(leg) && leg.issuer == Issuer::Unknown)
}

/// Taken, and not to stay so.
fn goes_back(tally: &Tally) -> bool {
    tally
        .legs()
        .any(|(_, leg)| takes(leg) && leg.issuer == Issuer::Done && leg.direction == Direction::Return)
}

fn tone(tally: &Tally) -> Tone {
    if tally.legs().any(|(_, leg)| leg.case.is_some() || leg.issuer == Issuer::Unknown) || goes_back(tally) {
        return Tone::Waiting;
    }
    match tally.view() {
        View::Approved => Tone::Good,
        View::Declined | View::Returned => Tone::Nothing,
        View::Processing | View::Unknown | View::Returning | View::UnderReview => Tone::Waiting,
    }
}

fn headline(tally: &Tally) -> Words {
    match tally.view() {
        View::Processing => {
            words("正在处理，请稍候，不要重复付款。", "Being processed. Please wait, and do not pay again.")
        }
        View::Approved => words(
            "付款成功，银行与商户的记录一致。您无需做任何事。",
            "Paid. There is nothing that you need to do.",
        ),
        View::Declined => {
            words("未扣款。如需购买，可以重新付款。", "Nothing was taken. You can pay again if you wish.")
        }
        View::Unknown => words(
            "结果暂时未知，我们正在查明。请勿重复付款。",
            "The outcome is not known yet; we are finding out. Do not pay again.",
        ),
        View::Returning => words(
            "这笔付款不成立，若已扣款会自动退回。此单可用其他方式付款。",
            "This payment does not stand. If it was taken, it is being sent back by itself.",
        ),
        View::Returned => words(
            "这笔付款已撤回，没有向您收取任何款项。",
            "This payment was undone. Nothing of it is charged to you.",
        ),
        View::UnderReview => words(
            "有专人正在核查这笔付款。请勿重复付款，您也无需奔走。",
            "A person is looking into this payment. Do not pay again; there is nowhere that you need to go.",
        ),
    }
}

fn charged(tally: &Tally) -> Result<Words, MoneyError> {
    let halves = tally.halves()?;
    let (taken, back) = (money(halves.charged), money(halves.returned));
    Ok(if tally.first().kind == Kind::Inquiry {
        words("没有。查询余额不扣款。", "No. Asking for a balance takes nothing.")
    } else if unknown(tally) {
        words(
            "还不知道：银行还没有给出可信的答复。没有答复不等于没有扣款。",
            "Not known yet: your bank has not given an answer that proves it. No answer does not mean no charge.",
        )
    } else if goes_back(tally) {
        words(
            format!("暂时是：银行已扣 {taken}，这笔钱正在退回。"),
            format!("For the moment, yes: your bank took {taken}, and it is being sent back."),
        )
    } else if halves.held.minor > 0 {
        let held = money(halves.held);
        words(
            format!("没有扣款，银行冻结了 {held}（预授权）。"),
            format!("Not charged. Your bank holds {held} (pre-authorisation)."),
        )
    } else if halves.charged.minor == 0
        && tally.legs().any(|(_, leg)| takes(leg) && leg.issuer == Issuer::Undone)
    {
        // Whether it was ever taken nobody told us; that it is not now, the bank did.
        words(
            "没有。若曾扣款，银行已确认撤回。",
            "No. If it ever was taken, your bank has confirmed that it undid it.",
        )
    } else if halves.charged.minor == 0 {
        words("没有。银行没有扣款。", "No. Your bank has taken nothing.")
    } else if halves.returned == halves.charged {
        words(
            format!("曾扣 {taken}，已全部退回。"),
            format!("{taken} was taken, and all of it has been given back."),
        )
    } else if halves.returned.minor > 0 {
        words(
            format!("是，扣了 {taken}，其中 {back} 已退回。"),
            format!("Yes, {taken}; {back} of it was given back."),
        )
    } else {
        words(format!("是，扣了 {taken}。"), format!("Yes, {taken}."))
    })
}

fn shop(leg: &Leg) -> Words {
    match leg.merchant {
        Merchant::Waiting => words("商户的终端还没有得到结果。", "The shop's terminal has no result yet."),
        Merchant::Told => words(
            "已通知商户付款成功，正在确认通知已送达。",
            "The shop was told that you paid; we are making sure that it heard so.",
        ),
        Merchant::Has => words("知道：商户已记录这笔付款。", "Yes: the shop has this payment."),
        Merchant::No => {
            words("知道：商户没有这笔付款的记录。", "Yes: the shop knows that this payment does not stand.")
        }
    }
}

fn back(story: &Story) -> Words {
    let tally = &story.tally;
    if tally.legs().any(|(_, leg)| leg.case.is_some()) {
        return words(
            "由专人决定，结果会显示在本页。",
            "A person decides it; this page will show the outcome.",
        );
    }
    let giving = tally.legs().find(|(_, leg)| !takes(leg) && leg.issuer == Issuer::Unknown);
    if let Some((_, leg)) = giving.filter(|(_, leg)| leg.kind.moves() != Moves::Nothing) {
        let amount = money(leg.amount);
        return words(
            format!("退款 {amount} 正在办理，银行尚未答复。"),
            format!("{amount} is being given back; your bank has not answered yet."),
        );
    }
    if tally.legs().any(|(_, leg)| takes(leg) && leg.clearing.is_some() && leg.issuer == Issuer::Unknown) {
        return words(
            "若已扣款，会退回。银行一直没有说明，须等银行的对账文件。",
            "If it was taken, yes. Your bank did not say, so its clearing files must show it.",
        );
    }
    if unknown(tally) {
        return words(
            "如果银行扣了款而付款不成立，会自动退回，您不用申请。",
            "If your bank took it and the payment does not stand, it comes back by itself. You need not ask for it.",
        );
    }
    if goes_back(tally) {
        return words(
            "是，正在退回，银行确认之前我们会不断重发。",
            "Yes. We repeat it until your bank confirms.",
        );
    }
    let undone = tally.legs().find(|(_, leg)| takes(leg) && leg.issuer == Issuer::Undone);
    let mut given =
        tally.legs().filter(|(_, leg)| !takes(leg) && leg.stands() && leg.kind.moves() != Moves::Nothing);
    if let Some((no, leg)) = given.next_back().or(undone) {
        let (amount, at) = (money(leg.amount), time(settled_at(story, no)));
        return match tally.halves().is_ok_and(|halves| halves.charged.minor == 0) {
            true => words(
                format!("银行于 {at} 确认撤回，没有需要退回的款项。"),
                format!("Your bank confirmed at {at} that it undid it: nothing is left to give back."),
            ),
            false => words(
                format!("已退回 {amount}，银行于 {at} 确认。入账显示以银行为准。"),
                format!(
                    "{amount} is back: your bank confirmed it at {at}. Your statement may show it later."
                ),
            ),
        };
    }
    match tally.view() {
        View::Approved => words("没有，付款成立。", "No: the payment stands."),
        View::Declined => words("没有需要退回的款项。", "There is nothing to give back."),
        View::Processing | View::Unknown | View::Returning | View::Returned | View::UnderReview => {
            words("见上。", "See above.")
        }
    }
}

/// When the last word of the bank about it came.
fn settled_at(story: &Story, no: LegNo) -> Moment {
    let by_bank = |fact: &Fact| {
        matches!(fact, Fact::Answered { .. } | Fact::ReversalAnswered { .. } | Fact::Shown { .. })
            && fact.leg() == Some(no)
    };
    let last = story.lines.iter().rev().find(|line| by_bank(&line.fact));
    last.map_or(story.tally.first().opened, |line| line.at)
}

fn next(duty: Duty) -> Words {
    match duty.kind {
        DutyKind::FindOut => {
            words("银行若仍不答复，我们就撤回这笔付款", "if your bank is still silent, we undo the payment")
        }
        DutyKind::Insist => words("我们再次通知银行", "we tell your bank once more"),
        DutyKind::Reverse => words("我们再次要求银行撤回", "we ask your bank once more to undo it"),
        DutyKind::AwaitClearing => {
            words("银行的对账文件应已给出结果", "the bank's clearing files should have shown it")
        }
        DutyKind::HearMerchant => words("我们向商户核实", "we make sure of the shop's side"),
        DutyKind::AskPerson => words("专人最迟此时处理", "a person has looked at it by then"),
    }
}
