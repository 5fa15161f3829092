//! A lesson for each way in which a payment becomes one-sided.

use super::{DOUBT, Deed, Drill, Model, Pair, Right, Scene, Set, Shown};
use hefu_world::pos::wire::Wire;

const fn hole(number: u8, id: &'static str, title: Pair, task: Pair, lesson: Pair, shown: Shown) -> Drill {
    Drill { id, title, hole: Some(number), family: None, codes: &[], task, lesson, shown }
}

const fn doubt(card: &'static str, set: &'static [Set]) -> Shown {
    Shown::Here(Scene { card, amount: 1_200, model: Model::Any, set, acts: DOUBT, right: Right::OnceKnown })
}

const fn act(
    card: &'static str,
    set: &'static [Set],
    acts: &'static [Deed],
    right: &'static [Deed],
) -> Shown {
    let right = Right::Act(right);
    Shown::Here(Scene { card, amount: 1_200, model: Model::Any, set, acts, right })
}

pub static HOLES: &[Drill] = &[
    hole(
        1,
        "lost-answer",
        ("银行的应答丢失", "The bank's answer is lost"),
        (
            "收 {} 元。银行已扣款,但应答会在路上丢失。",
            "Take {}. The bank charges, but its answer is lost on the way.",
        ),
        (
            "没有应答不等于失败。平台会自己冲正,直到银行认可;结果出来之前不交付、不重刷。",
            "No answer is not a failure. The platform reverses by itself until the bank acknowledges it. Until the result \
             is there: no goods, no second charge.",
        ),
        doubt("0005", &[Set::LoseAnswer(Wire::Bank)]),
    ),
    hole(
        2,
        "power-cut",
        ("发送后断电", "Power is lost after sending"),
        (
            "收 {} 元。请求一到银行终端就断电;请重新开机。",
            "Take {}. The power goes as soon as the request is at the bank; switch it on again.",
        ),
        (
            "断电的终端不知道结果。开机后用“查询末笔结果”,或等平台的结论。",
            "A terminal that lost power knows nothing. Switch it on and ask for the last result, or wait for the platform.",
        ),
        doubt("0005", &[Set::PowerCutAtBank]),
    ),
    hole(
        3,
        "approval-not-received",
        ("批准未到终端", "The approval never arrives at the terminal"),
        (
            "收 {} 元。银行批准,但终端收不到应答。",
            "Take {}. The bank approves, but the terminal never hears it.",
        ),
        (
            "平台已批准,终端却不知道。先“查询末笔结果”,得到批准再交付;什么都不问就做下一笔,终端会把它冲正。",
            "The platform has approved and the terminal does not know. Ask for the last result; hand over once it says \
             approved. If you simply go on, the terminal reverses it.",
        ),
        doubt("0005", &[Set::LoseAnswer(Wire::Terminal)]),
    ),
    hole(
        4,
        "printer-failed",
        ("已批准,但打印失败", "Approved, but the printer failed"),
        ("收 {} 元。打印机没有纸。", "Take {}. The printer has no paper."),
        (
            "屏幕说“已付款,请勿重刷”:付款成立。交付商品,装纸后签购单会补打。",
            "The screen says paid, do not charge again: the payment stands. Hand over; the slip comes after the refill.",
        ),
        act("0005", &[Set::PaperOut], DOUBT, &[Deed::HandOver]),
    ),
    hole(
        5,
        "answer-after-reversal",
        ("冲正之后应答才到", "The answer comes after the reversal"),
        (
            "收 {} 元。批准会在冲正的应答之后才到。",
            "Take {}. The approval comes after the reversal's answer.",
        ),
        (
            "冲正已发出就不再反悔:迟到的批准只记录,必要时再冲一次,绝不告诉终端“成功”。",
            "Once a reversal has left there is no way back: a late approval is recorded, reversed once more if need be, \
             and never told as success.",
        ),
        doubt("0641", &[]),
    ),
    hole(
        6,
        "reversal-overtakes",
        ("冲正先于原交易到达", "The reversal overtakes the sale"),
        (
            "收 {} 元。银行先答“无原交易”,之后才扣款。",
            "Take {}. The bank answers \"no original\" first, and charges afterwards.",
        ),
        (
            "第一次“无原交易”(25) 不能结案:平台过一个最长传输时间再问一次。",
            "The first \"no original\" (25) closes nothing: the platform asks again after the longest transit time.",
        ),
        doubt("0658", &[]),
    ),
    hole(
        7,
        "reversal-refused",
        ("冲正得到错误应答", "The reversal is answered with an error"),
        ("收 {} 元。冲正会三次得到 96。", "Take {}. The reversal is answered 96 three times."),
        (
            "冲正被拒就重发,不丢弃;每笔付款有自己的通道,不会堵住别人。",
            "A refused reversal is repeated, not dropped; each payment has a lane of its own and holds up nobody else.",
        ),
        doubt("0666", &[]),
    ),
    hole(
        8,
        "gateway-crash",
        ("网关在银行与终端之间崩溃", "The gateway crashes between bank and terminal"),
        (
            "收 {} 元。请求一到银行,网关就崩溃。",
            "Take {}. The gateway crashes as soon as the request is at the bank.",
        ),
        (
            "意图先落盘再发送:网关重启后知道有一笔没有结果,直接冲正,绝不重发请求。",
            "Intent is durable before it leaves: after its restart the gateway knows of the open payment and reverses it; \
             it never sends the request again.",
        ),
        doubt("0005", &[Set::CrashAtBank]),
    ),
    hole(
        9,
        "same-request-twice",
        ("同一请求到达两次", "The same request arrives twice"),
        ("收 {} 元。线路会把请求送达两次。", "Take {}. The line delivers the request twice."),
        (
            "同一身份、同一内容只算一笔,银行只扣一次。第二份请求听到的是当时的状态,可能是“未知”:先查询末笔结果。",
            "Same identity, same content is one payment, charged once. The second copy hears how it stood just then, which \
             may be unknown: ask for the last result.",
        ),
        doubt("0005", &[Set::DoubleRequest(Wire::Terminal)]),
    ),
    hole(
        10,
        "please-retry",
        ("屏幕说“超时,请重试”", "\"Timed out, please retry\" on the screen"),
        (
            "用旧机型收 {} 元。银行已扣款,终端等不到应答。",
            "Take {} on the old model. The bank charges; the terminal hears nothing.",
        ),
        (
            "旧机型的“请重试”是在请人重复扣款。先看平台的真实状态。",
            "The old model's \"please retry\" invites a second charge. Look at the real state first.",
        ),
        Shown::Here(Scene {
            card: "0625",
            amount: 1_200,
            model: Model::Deletes,
            set: &[Set::LoseAnswer(Wire::Terminal)],
            acts: DOUBT,
            right: Right::OnceKnown,
        }),
    ),
    hole(
        11,
        "sms-says-charged",
        ("短信说已扣款,POS 说未知", "The SMS says charged, the POS does not"),
        (
            "收 {} 元。顾客手机会收到扣款短信,POS 却没有结果。",
            "Take {}. The customer's phone says charged, the POS says unknown.",
        ),
        (
            "短信只证明银行扣过款,不证明商户有这笔销售:它很可能正在退回。请顾客看付款状态页,等结果。",
            "The message proves a charge, not a sale: it may be on its way back. Show the customer the payment's page and \
             wait for the result.",
        ),
        doubt("0625", &[]),
    ),
    hole(
        12,
        "silence-is-no-failure",
        ("很久没有应答", "No answer for a long time"),
        ("收 {} 元。冲正十分钟内都不会有应答。", "Take {}. The reversal goes unanswered for ten minutes."),
        (
            "时间只触发动作,证据才改变结论:状态是“正在退回”,方向已定,义务带着时钟。方向定了,可以再收一次或请顾客离开。",
            "Time starts actions, evidence decides. It is returning: the direction is settled and a duty has its clock, \
             so you may charge anew or let the customer go.",
        ),
        doubt("0674", &[]),
    ),
    hole(
        13,
        "reversal-and-refund",
        ("冲正与退款同时发生", "Reversal and refund both run"),
        (
            "收 {} 元,结果未知。顾客要求马上退现金。",
            "Take {}, which ends unknown. The customer wants cash back at once.",
        ),
        (
            "正在冲正的钱由冲正退回;再给现金就是退两次。请顾客看付款状态页,不交付商品。",
            "What is being reversed comes back by the reversal; cash on top is money returned twice. Show the page; no \
             goods.",
        ),
        act(
            "0674",
            &[],
            &[Deed::Wait, Deed::ShowPage, Deed::HandOver, Deed::SendAway, Deed::GiveCash],
            &[Deed::SendAway],
        ),
    ),
    hole(
        14,
        "clearing-differs",
        ("清算文件与双方都不同", "The clearing file differs from both"),
        ("", ""),
        (
            "清算是证据:差异成为对账差错,并附处理建议。",
            "Clearing is evidence: a difference becomes a break with a proposed remedy.",
        ),
        Shown::No((
            "只能在清算文件里看到;这里还没有清算文件。",
            "It is seen in clearing files alone, and nothing here reads them yet.",
        )),
    ),
    hole(
        15,
        "refunds-race",
        ("两次退款互相竞争", "Refunds race each other"),
        (
            "收 {} 元,再退 {};退款的应答会丢失。顾客要求再退一次。",
            "Take {}, refund {}; the refund's answer is lost. The customer asks for it once more.",
        ),
        (
            "退款从提交起就占用金额,直到被拒;结果未知时第二笔退款会被拒绝。等待,不给现金。",
            "A refund reserves its amount until it is refused; while one is unknown a second is refused. Wait, and give \
             no cash.",
        ),
        act(
            "0922",
            &[],
            &[Deed::Wait, Deed::ShowPage, Deed::SendAway, Deed::GiveCash, Deed::LookUp],
            &[Deed::SendAway, Deed::LookUp],
        ),
    ),
    hole(
        16,
        "charge-again",
        ("结果未知时再次收款", "Charging again while the first is unknown"),
        (
            "收 {} 元,结果未知。立刻用同一张卡再收一次看看。",
            "Take {}, which ends unknown. Try the same card at once again.",
        ),
        (
            "同卡、同金额、同商户十分钟内,前一笔未知时会被拒 (94):“前一笔正在核实”。等它有结论。",
            "Same card, amount and shop within ten minutes, the first unknown: refused (94), the previous one is being \
             checked. Wait for it.",
        ),
        doubt("0674", &[]),
    ),
    hole(
        17,
        "sale-without-charge",
        ("商户有销售,顾客未被扣款", "A sale without a charge"),
        ("", ""),
        (
            "商户有货款凭证而顾客没有付款,也是单边账;不悄悄补扣。",
            "A shop's sale that nobody paid for is one-sided too; it is never charged in silence afterwards.",
        ),
        Shown::No((
            "需要一家说了批准却没有扣款的银行,只有对账才看得出来。",
            "It takes a bank that approves and does not charge; only clearing shows it.",
        )),
    ),
];
