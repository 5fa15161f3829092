//! What each response code (F39) says to the people at the till, and what the cashier does next.
//!
//! These are words, not evidence: what a code proves about a payment is decided in the heart.

use crate::{data::Language, refusal::Refusal};

/// What the bank's answer says. A code that is not listed says that the outcome is unknown.
pub fn lookup(code: [u8; 2]) -> &'static CodeText {
    find(BANK, code).unwrap_or(&UNKNOWN)
}

/// What a code says that this platform gave by itself. Some of them differ from the bank's: our
/// 91 was never sent, so nothing can have been charged, while the bank's 91 proves nothing.
pub fn lookup_ours(code: [u8; 2]) -> &'static CodeText {
    find(OURS, code).unwrap_or_else(|| lookup(code))
}

/// The words for one or more codes.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeText {
    pub says: Says,
    pub zh: &'static str,
    pub en: &'static str,
    pub cashier_zh: &'static str,
    pub cashier_en: &'static str,
}

impl CodeText {
    /// What the terminal shows.
    pub fn text(&self, language: Language) -> &'static str {
        language.pick(self.zh, self.en)
    }

    /// What the cashier does next.
    pub fn cashier(&self, language: Language) -> &'static str {
        language.pick(self.cashier_zh, self.cashier_en)
    }
}

/// The kind of message a code gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Approved,
    PartApproved,
    Declined,
    /// The payment that this one wanted to change is not there, or is changed already.
    LookUpOriginal,
    /// Nobody knows yet: do not charge again.
    Unknown,
}

/// A refusal that a slip may show: never a code that approves, or that leaves the outcome open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline {
    code: [u8; 2],
    text: &'static CodeText,
}

impl Decline {
    /// A code of the bank.
    pub fn by_bank(code: [u8; 2]) -> Result<Decline, Refusal> {
        Decline::new(code, lookup(code))
    }

    /// A code of our own, for a payment that did not leave for the bank.
    pub fn by_us(code: [u8; 2]) -> Result<Decline, Refusal> {
        Decline::new(code, lookup_ours(code))
    }

    pub fn text(self) -> &'static CodeText {
        self.text
    }

    pub(crate) fn characters(self) -> [u8; 2] {
        self.code
    }

    /// The two characters of F39.
    pub fn code(self) -> String {
        self.code.escape_ascii().to_string()
    }

    fn new(code: [u8; 2], text: &'static CodeText) -> Result<Decline, Refusal> {
        let decline = Decline { code, text };
        match text.says {
            Says::Declined | Says::LookUpOriginal => Ok(decline),
            Says::Approved | Says::PartApproved | Says::Unknown => {
                Err(Refusal::NotADecline { code: decline.code() })
            }
        }
    }
}

type Row = (&'static [&'static [u8; 2]], CodeText);

fn find(table: &'static [Row], code: [u8; 2]) -> Option<&'static CodeText> {
    table.iter().find(|(codes, _)| codes.contains(&&code)).map(|(_, text)| text)
}

const fn row(
    codes: &'static [&'static [u8; 2]],
    says: Says,
    [zh, en]: [&'static str; 2],
    [cashier_zh, cashier_en]: [&'static str; 2],
) -> Row {
    (codes, CodeText { says, zh, en, cashier_zh, cashier_en })
}

const ANOTHER_CARD: [&str; 2] = ["请换卡支付。", "Ask for another card."];
const LOOK_UP: [&str; 2] = ["请先查询原交易，再作处理。", "Look the payment up before you do anything."];
const WAIT: [&str; 2] = [
    "请勿重刷，等待屏幕或电子签购单显示结果。",
    "Do not repeat it. Wait for the result on the screen or on the electronic slip.",
];

static UNKNOWN: CodeText = CodeText {
    says: Says::Unknown,
    zh: "结果未知，请勿重刷，正在核实",
    en: "Result unknown. Do not charge again. We are checking",
    cashier_zh: WAIT[0],
    cashier_en: WAIT[1],
};

#[rustfmt::skip]
static BANK: &[Row] = &[
    row(&[b"00", b"11", b"A2", b"A4", b"A5", b"A6"], Says::Approved,
        ["交易成功", "Approved"],
        ["请交付商品。", "Hand over the goods."]),
    row(&[b"10"], Says::PartApproved,
        ["部分金额获批", "Part of the amount approved"],
        ["向顾客出示获批金额，确认是否继续。", "Show the customer the approved amount and ask how to go on."]),
    row(&[b"01"], Says::Declined,
        ["交易未获批，请致电发卡行", "Not approved. Call your bank"],
        ANOTHER_CARD),
    row(&[b"03", b"97"], Says::Declined,
        ["商户或终端尚未登记", "This shop or terminal is not registered"],
        ["请联系收单机构。", "Call the acquirer."]),
    row(&[b"04", b"07", b"33", b"34", b"35", b"36", b"37", b"41", b"43", b"67"], Says::Declined,
        ["此卡须没收，请联系收单机构", "Keep this card. Call the acquirer"],
        ["未经授权不要退还卡片。", "Do not give the card back unless you are authorised to."]),
    row(&[b"05"], Says::Declined,
        ["发卡行拒绝，请向发卡行了解原因", "Declined. Ask your bank why"],
        ANOTHER_CARD),
    row(&[b"12"], Says::Declined,
        ["此交易无效", "This transaction is not valid"],
        ["请核对操作步骤。", "Check what was keyed in."]),
    row(&[b"13", b"14", b"15", b"21", b"31", b"39", b"42", b"44", b"52", b"53", b"56"], Says::Declined,
        ["金额、卡号、账户或发卡行有误", "Amount, card, account or issuer not valid"],
        ["核对后重新操作。", "Check the details and start again."]),
    row(&[b"22"], Says::LookUpOriginal,
        ["原交易已处理或正在退回", "The original is done or being returned"],
        LOOK_UP),
    row(&[b"25"], Says::LookUpOriginal,
        ["未找到原交易", "The original was not found"],
        LOOK_UP),
    row(&[b"30"], Says::Declined,
        ["报文格式有误", "The message had a wrong format"],
        ["请通知技术人员。", "Call an engineer."]),
    row(&[b"38", b"75"], Says::Declined,
        ["密码输错次数已达上限", "Too many wrong PINs"],
        ANOTHER_CARD),
    row(&[b"40", b"57", b"58", b"60", b"62", b"63", b"66", b"93"], Says::Declined,
        ["此卡不支持或限制该交易", "This card does not allow it"],
        ANOTHER_CARD),
    row(&[b"45"], Says::Declined,
        ["请改为插卡", "Please insert the card"],
        ["请顾客插入芯片卡。", "Have the chip inserted."]),
    row(&[b"51"], Says::Declined,
        ["余额不足", "Not enough funds"],
        ANOTHER_CARD),
    row(&[b"54"], Says::Declined,
        ["此卡已过有效期", "This card has expired"],
        ANOTHER_CARD),
    row(&[b"55"], Says::Declined,
        ["密码有误，请重新输入", "Wrong PIN. Enter it again"],
        ["请顾客重新输入密码。", "Have the PIN entered again."]),
    row(&[b"59"], Says::Declined,
        ["卡片校验未通过", "The card check failed"],
        ANOTHER_CARD),
    row(&[b"61", b"65"], Says::Declined,
        ["超出金额或次数限制", "Over the limit of amount or number"],
        ["减小金额，或请顾客换卡。", "Try a lower amount or another card."]),
    row(&[b"64"], Says::Declined,
        ["金额与原交易不一致", "The amount differs from the original"],
        ["请核对金额。", "Check the amount."]),
    row(&[b"77"], Says::Declined,
        ["终端须重新签到", "The terminal must sign on again"],
        ["请重新签到，再次操作。", "Sign on, then start again."]),
    row(&[b"68", b"98"], Says::Unknown, [UNKNOWN.zh, UNKNOWN.en], WAIT),
    row(&[b"90", b"91", b"92", b"96"], Says::Unknown,
        ["结果未知，请勿重刷", "Result unknown. Do not charge again"],
        WAIT),
    row(&[b"94"], Says::Unknown,
        ["交易重复，正在查询前一笔", "Duplicate. The earlier one is being looked up"],
        WAIT),
    row(&[b"99", b"A0"], Says::Unknown,
        ["结果未知，请勿重刷", "Result unknown. Do not charge again"],
        ["请勿重刷，等待结果。终端将重新签到。", "Do not repeat it, wait for the result. The terminal signs on again."]),
];

#[rustfmt::skip]
static OURS: &[Row] = &[
    row(&[b"91"], Says::Declined,
        ["银行线路不通，未扣款", "Bank unreachable. Nothing was charged"],
        ["请改用现金或其他方式，或稍后再试。", "Take cash or another way to pay, or try later."]),
    row(&[b"94"], Says::Declined,
        ["前一笔正在核实，本笔未扣款", "Earlier payment being checked. This one not charged"],
        ["等待前一笔的结果，请勿重刷。", "Wait for the earlier result. Do not charge again."]),
    row(&[b"A0"], Says::Declined,
        ["报文校验失败，未扣款", "Message check failed. Nothing was charged"],
        ["终端重新签到后再次操作。", "Let the terminal sign on, then start again."]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    /// Every code that the field gives a meaning to, by what it says.
    const LISTED: &[(Says, &str)] = &[
        (Says::Approved, "00 11 A2 A4 A5 A6"),
        (Says::PartApproved, "10"),
        (
            Says::Declined,
            "01 03 97 04 07 33 34 35 36 37 41 43 67 05 12 13 14 15 21 31 39 42 44 52 53 56 30 38 75 \
             40 57 58 60 62 63 66 93 45 51 54 55 59 61 65 64 77",
        ),
        (Says::LookUpOriginal, "22 25"),
        (Says::Unknown, "68 98 90 91 92 96 94 99 A0"),
    ];

    fn listed() -> impl Iterator<Item = (Says, [u8; 2])> {
        LISTED.iter().flat_map(|(says, codes)| {
            codes.split_whitespace().map(|code| (*says, [code.as_bytes()[0], code.as_bytes()[1]]))
        })
    }

    #[test]
    fn every_listed_code_is_in_the_table_once_and_no_other_is() {
        let mut expected: Vec<_> = listed().map(|(_, code)| code).collect();
        let mut found: Vec<_> = BANK.iter().flat_map(|(codes, _)| codes.iter().map(|code| **code)).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        for (says, code) in listed() {
            assert_eq!(lookup(code).says, says, "{}", code.escape_ascii());
        }
    }

    #[test]
    fn every_text_is_there_in_both_languages_and_fits_two_lines_of_the_narrow_paper() {
        let texts = BANK.iter().chain(OURS).map(|(_, text)| text).chain([&UNKNOWN]);
        for text in texts {
            for zh in [text.zh, text.cashier_zh] {
                assert!(!zh.is_ascii(), "{zh}");
            }
            for en in [text.en, text.cashier_en] {
                assert!(!en.is_empty() && en.is_ascii(), "{en}");
            }
            for shown in [text.zh, text.en] {
                assert!(width(shown) <= 64, "{shown}");
            }
        }
    }

    #[test]
    fn a_code_nobody_listed_means_unknown_and_do_not_charge_again() {
        for code in [*b"ZZ", *b"  ", [0, 0xFF], *b"02", *b"a2"] {
            assert_eq!(lookup(code), &UNKNOWN);
            assert_eq!(lookup_ours(code), &UNKNOWN);
        }
        assert!(UNKNOWN.zh.contains("请勿重刷") && UNKNOWN.en.contains("Do not charge again"));
    }

    #[test]
    fn our_91_says_that_nothing_was_charged_and_the_banks_91_does_not() {
        assert!(lookup_ours(*b"91").zh.contains("未扣款"));
        assert!(!lookup(*b"91").zh.contains("未扣款"));
        assert_eq!(lookup_ours(*b"98"), lookup(*b"98"));
        assert_eq!(lookup_ours(*b"98").says, Says::Unknown);
        assert_eq!(lookup_ours(*b"51"), lookup(*b"51"));
    }

    #[test]
    fn only_a_refusal_can_be_shown_as_declined() {
        assert_eq!(Decline::by_bank(*b"51").expect("a decline").code(), "51");
        assert_eq!(Decline::by_us(*b"91").expect("a decline").text(), lookup_ours(*b"91"));
        assert!(Decline::by_bank(*b"22").is_ok());
        for code in ["00", "10", "68", "91", "94", "A0", "ZZ"] {
            let bytes = [code.as_bytes()[0], code.as_bytes()[1]];
            assert_eq!(Decline::by_bank(bytes), Err(Refusal::NotADecline { code: code.to_owned() }));
        }
        assert!(Decline::by_us(*b"98").is_err());
        assert_eq!(Decline::by_bank([0x1B, b'@']), Err(Refusal::NotADecline { code: "\\x1b@".to_owned() }));
    }
}
