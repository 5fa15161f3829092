//! One fact in plain words, with the message that it stands for, masked.

use crate::words::{self, Pair, Words};
use hefu_tally::{
    Direction, Fact, LegNo, LinkId, LinkKey, Tally,
    fact::{Meaning, Opened, ReversalMeaning, Shown},
    judge::Decision,
    leg::{Case, Knowledge, Why},
};

/// Both languages of one sentence.
macro_rules! both {
    ($zh:expr, $en:expr) => {
        Words { zh: $zh, en: $en }
    };
}

/// What a fact of this payment says. `link` names a bank link.
pub fn sentence(tally: &Tally, fact: &Fact, link: &dyn Fn(LinkId) -> String) -> Words {
    let name = |no: LegNo| Name::of(tally, no);
    match fact {
        Fact::Opened(opened) => self::opened(opened),
        Fact::Requested { leg, link: over, key, next } => {
            let (n, over, key) = (name(*leg), link(*over), self::key(key));
            both!(
                format!("{}已经 {over} 发往银行({key});最迟 {next} 应有应答", n.zh),
                format!("sent {} to the bank over {over} ({key}); an answer is due by {next}", n.en)
            )
        }
        Fact::Repeated { leg, next } => {
            let n = name(*leg);
            both!(
                format!("以相同键值向银行重发{};下次 {next}", n.zh),
                format!("repeated {} to the bank under the same key; again at {next}", n.en)
            )
        }
        Fact::NeverSent { leg } => {
            let n = name(*leg);
            both!(format!("{}没有任何内容发往银行", n.zh), format!("nothing of {} went to the bank", n.en))
        }
        Fact::Answered { leg, said, meaning } => {
            let n = name(*leg);
            let auth = said.auth.map_or_else(String::new, |auth| format!(" DE38 {auth}"));
            let (zh, en) = self::meaning(*meaning);
            both!(
                format!("银行对{}应答 DE39 {}{auth}:{zh}", n.zh, said.code),
                format!("the bank answered {} with DE39 {}{auth}: {en}", n.en, said.code)
            )
        }
        Fact::Turned { leg, to, why } => turned(&name(*leg), *to, *why),
        Fact::Reversing { leg, key, reason, next, .. } => {
            let (n, key) = (name(*leg), self::key(key));
            both!(
                format!("发出{}的冲正(0420 {key},原因 {reason});下次 {next}", n.zh),
                format!("sent the reversal of {} (0420 {key}, reason {reason}); again at {next}", n.en)
            )
        }
        Fact::ReversingAgain { leg, next, .. } => {
            let n = name(*leg);
            both!(
                format!("再次发出{}的冲正(0421,键值相同);下次 {next}", n.zh),
                format!("sent the reversal of {} once more (0421, same key); again at {next}", n.en)
            )
        }
        Fact::ReversalAnswered { leg, code, meaning } => {
            let (n, means) = (name(*leg), reversal(*meaning));
            both!(
                format!("银行对{}的冲正应答 DE39 {code}:{}", n.zh, means.zh),
                format!("the bank answered the reversal of {} with DE39 {code}: {}", n.en, means.en)
            )
        }
        Fact::LeftToClearing { leg, until } => {
            let n = name(*leg);
            both!(
                format!("本日已结束;{}由清算于 {until} 前裁定", n.zh),
                format!("the day is over; clearing decides about {} by {until}", n.en)
            )
        }
        Fact::TerminalReversed { leg, reason, answer } => {
            let n = name(*leg);
            let (zh, en) = reason
                .map_or_else(Default::default, |code| (format!(",原因 {code}"), format!(", reason {code}")));
            both!(
                format!("终端冲正了{}{zh};已应答 {answer}", n.zh),
                format!("the terminal reversed {}{en}; answered {answer}", n.en)
            )
        }
        Fact::Told { leg, code } => {
            let n = name(*leg);
            both!(
                format!("就{}告知终端 F39 {code}", n.zh),
                format!("told the terminal F39 {code} about {}", n.en)
            )
        }
        Fact::Learned { leg, has, by } => learned(&name(*leg), *has, *by),
        Fact::Questioned { leg, by } => {
            let (n, (zh, en)) = (name(*leg), words::knowledge(*by));
            both!(
                format!("商户是否有{}?{zh};这里不够,须询问", n.zh),
                format!("does the merchant have {}? {en}; that is not enough here, so it is asked", n.en)
            )
        }
        Fact::CaseOpened { leg, case } => opened_case(&name(*leg), *case),
        Fact::CaseClosed { leg } => {
            let n = name(*leg);
            both!(
                format!("{}须人工查看之事已了结", n.zh),
                format!("what a person had to look at in {} is settled", n.en)
            )
        }
        Fact::Decided { leg, decision, by, reason } => decided(&name(*leg), *decision, by, reason),
        Fact::Shown { leg, shown } => self::shown(&name(*leg), *shown),
        Fact::Postponed { leg, until } => {
            let n = name(*leg);
            both!(
                format!("{}所欠之事推迟到 {until}", n.zh),
                format!("postponed what is owed about {} until {until}", n.en)
            )
        }
    }
}

/// A transaction as sentences call it.
struct Name {
    zh: String,
    en: String,
}

impl Name {
    fn of(tally: &Tally, no: LegNo) -> Name {
        let (zh, en) = tally.leg(no).map_or(("交易", "transaction"), |leg| words::kind(leg.kind));
        match no {
            LegNo(0) => Name { zh: format!("该{zh}"), en: format!("the {en}") },
            LegNo(n) => Name { zh: format!("该{zh}(第 {n} 步)"), en: format!("the {en} (leg {n})") },
        }
    }
}

fn key(key: &LinkKey) -> String {
    format!("DE7 {} DE11 {:06}", key.at.mmddhhmmss(), key.stan)
}

fn opened(opened: &Opened) -> Words {
    let (zh, en) = words::kind(opened.kind);
    let (terminal, amount, trace) = (opened.identity.till.terminal, opened.amount, opened.identity.trace);
    if opened.tombstone {
        return both!(
            format!(
                "终端 {terminal} 冲正了一笔本系统从未见过的{zh},金额 {amount}(流水 {trace:06});此笔不能再开始"
            ),
            format!(
                "terminal {terminal} reversed a {en} of {amount} (trace {trace:06}) that was never seen here; it can \
                 no longer be begun"
            )
        );
    }
    let frame = format!(
        "F2 {} F11 {trace:06} F60.2 {:06} F22 {}",
        opened.masked.as_str(),
        opened.identity.batch,
        opened.entry
    );
    both!(
        format!("终端 {terminal} 请求{zh} {amount}:{frame};本系统参考号 {}", opened.rrn),
        format!("terminal {terminal} asked for a {en} of {amount}: {frame}; we call it RRN {}", opened.rrn)
    )
}

fn meaning(meaning: Meaning) -> (String, String) {
    match meaning {
        Meaning::Done(amount) => (format!("已完成,{amount}"), format!("done, {amount}")),
        Meaning::NotDone => ("未完成".to_owned(), "not done".to_owned()),
        Meaning::Nothing(why) => owned(words::why(why)),
        Meaning::DoneLate(amount) => (
            format!("其实已完成,{amount},虽曾认定未完成"),
            format!("done after all, {amount}, though it was settled as not done"),
        ),
        Meaning::Again => ("没有新内容".to_owned(), "nothing new".to_owned()),
    }
}

fn turned(name: &Name, to: Direction, why: Why) -> Words {
    let (zh, en) = match to {
        Direction::Open => ("开放", "open"),
        Direction::Keep => ("保留", "keep"),
        Direction::Return => ("退回", "return"),
    };
    let (why_zh, why_en) = words::why(why);
    both!(format!("决定{zh}{}:{why_zh}", name.zh), format!("decided to {en} {}: {why_en}", name.en))
}

fn reversal(meaning: ReversalMeaning) -> Words {
    match meaning {
        ReversalMeaning::Undone => ("已撤回", "it is undone").into(),
        ReversalMeaning::NeverDone { clearing } => both!(
            format!("两次答无原交易,且已无在途报文:从未完成;清算将于 {clearing} 前确认"),
            format!(
                "no original, twice, with nothing under way any more: it was never done; clearing is to confirm it \
                 by {clearing}"
            )
        ),
        ReversalMeaning::AskAgain { next, closes_from: Some(_) } => both!(
            format!("无原交易:只要仍可能在途,便不证明任何事;{next} 再问"),
            format!("no original: that proves nothing while it may still be under way; ask again at {next}")
        ),
        ReversalMeaning::AskAgain { next, closes_from: None } => {
            both!(format!("不证明任何事;{next} 再问"), format!("that proves nothing; ask again at {next}"))
        }
        ReversalMeaning::Clearing { until } => {
            both!(format!("只能由清算裁定,期限 {until}"), format!("only clearing can decide, by {until}"))
        }
        ReversalMeaning::Again => ("没有新内容", "nothing new").into(),
    }
}

fn learned(name: &Name, has: bool, by: Knowledge) -> Words {
    let (zh, en) = words::knowledge(by);
    match has {
        true => both!(format!("商户有{}:{zh}", name.zh), format!("the merchant has {}: {en}", name.en)),
        false => {
            both!(format!("商户没有{}:{zh}", name.zh), format!("the merchant has not {}: {en}", name.en))
        }
    }
}

fn opened_case(name: &Name, case: Case) -> Words {
    let (zh, en) = words::case(case);
    both!(format!("{}须人工查看:{zh}", name.zh), format!("a person must look at {}: {en}", name.en))
}

fn decided(name: &Name, decision: Decision, by: &str, reason: &str) -> Words {
    let (zh, en) = words::decision(decision);
    both!(
        format!("{by} 就{}决定:{zh}({reason})", name.zh),
        format!("{by} decided about {}: {en} ({reason})", name.en)
    )
}

fn shown(name: &Name, shown: Shown) -> Words {
    let (zh, en) = words::shown(shown);
    both!(format!("{}:{zh}", name.zh), format!("{} is {en}", name.en))
}

fn owned((zh, en): Pair) -> (String, String) {
    (zh.to_owned(), en.to_owned())
}
