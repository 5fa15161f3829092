//! What the screen says. The firmware has few words; the acquirer's own come in F63.2.

use super::api::{Belief, Question, Text};
use super::profile::Firmware;
use hefu_iso8583::Message;
use hefu_iso8583::cup::F63Text;

/// The end of a command that was answered with this code, or not at all.
pub(super) fn ending(firmware: Firmware, believes: Belief, code: Option<&str>) -> Text {
    match believes {
        Belief::Approved { .. } => match code {
            Some("10") => Text::new("部分批准", "Part approved"),
            Some(_) | None => Text::new("交易成功", "Approved"),
        },
        Belief::Declined => declined(code.unwrap_or("??")),
        Belief::Unknown => unknown(firmware),
        Belief::NotSent => Text::new("交易未发送", "Not sent"),
    }
}

/// Old firmware says what the field has said for twenty years, and invites a second charge by it.
pub(super) fn unknown(firmware: Firmware) -> Text {
    match firmware {
        Firmware::Certified => {
            Text::new("结果未知,请勿重刷,正在核实", "Unknown. Do not charge again. Checking")
        }
        Firmware::Old | Firmware::DeletesOnAnyAnswer => {
            Text::new("交易超时,请重试", "Timed out, please retry")
        }
    }
}

/// The texts in F63.2, or `None` if the acquirer sent none.
pub(super) fn note(answer: &Message) -> Option<String> {
    let texts = F63Text::parse(answer.get(63)?).ok()?;
    read(&[texts.issuer, texts.network, texts.acquirer].concat())
}

/// The question about an earlier sale behind the texts, and the trace that it names.
pub(super) fn question(answer: &Message) -> Option<Question> {
    let text = read(&F63Text::parse(answer.get(63)?).ok()?.rest)?;
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 6);
    let trace = numbers.next()?.parse().ok()?;
    Some(Question { trace, text })
}

fn read(text: &[u8]) -> Option<String> {
    let (text, _, broken) = encoding_rs::GBK.decode(text);
    let text = text.trim();
    (!broken && !text.is_empty()).then(|| text.to_owned())
}

fn declined(code: &str) -> Text {
    let (zh, en) = match code {
        "01" | "05" => ("交易被拒绝,请联系发卡行", "Declined, ask your bank"),
        "03" | "97" => ("商户或终端未登记", "Merchant or terminal not registered"),
        "04" | "07" | "33" | "34" | "35" | "36" | "37" | "41" | "43" | "67" => {
            ("没收卡,请联系收单行", "Retain card")
        }
        "12" => ("无效交易", "Invalid transaction"),
        "22" => ("原交易已处理或处理中", "Already done or being returned"),
        "25" => ("原交易不存在", "No original"),
        "30" => ("报文格式错", "Format error"),
        "38" | "75" => ("密码错误次数超限", "PIN tries exceeded"),
        "51" => ("余额不足", "Insufficient funds"),
        "54" => ("卡已过期", "Expired"),
        "55" => ("密码错误,请重输", "Wrong PIN"),
        "61" | "65" => ("金额或次数超限", "Over the limit"),
        "64" => ("与原交易金额不符", "Amount differs"),
        "77" | "A0" => ("请签到", "Sign on again"),
        "91" => ("银行线路不通,未扣款", "Bank unreachable, nothing charged"),
        "94" => ("重复交易,正在查询", "Duplicate, looking up"),
        _ => ("交易失败", "Declined"),
    };
    Text::new(format!("{zh} ({code})"), format!("{en} ({code})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_iso8583::Mti;

    #[test]
    fn only_certified_firmware_warns_against_a_second_charge() {
        assert!(unknown(Firmware::Certified).en.contains("Do not charge again"));
        for firmware in [Firmware::Old, Firmware::DeletesOnAnyAnswer] {
            assert!(unknown(firmware).en.contains("retry"));
        }
    }

    #[test]
    fn the_acquirers_words_are_read_in_gbk() {
        let mut answer = Message::new(Mti(210));
        assert_eq!(note(&answer), None);
        let (words, _, _) = encoding_rs::GBK.encode("请勿重刷");
        let texts = F63Text { operator: *b"CUP", issuer: words.to_vec(), ..F63Text::default() };
        answer.set(63, texts.build().unwrap());
        assert_eq!(note(&answer).as_deref(), Some("请勿重刷"));
        assert_eq!(question(&answer), None);
    }

    #[test]
    fn a_question_names_its_sale_by_six_digits() {
        // (what stands behind the three texts, the trace)
        let cases = [
            ("凭证号 000123 是否成交？请确认", Some(123)),
            ("Was 999999 completed? Please confirm", Some(999_999)),
            ("Open 7 days, call 95516", None),
            ("", None),
        ];
        for (text, trace) in cases {
            let mut answer = Message::new(Mti(210));
            let rest = encoding_rs::GBK.encode(text).0.into_owned();
            let f63 = F63Text { operator: *b"CUP", issuer: b"Approved".to_vec(), rest, ..F63Text::default() };
            answer.set(63, f63.build().unwrap());
            let expected = trace.map(|trace| Question { trace, text: text.to_owned() });
            assert_eq!(question(&answer), expected);
            assert_eq!(note(&answer).as_deref(), Some("Approved"));
        }
    }
}
