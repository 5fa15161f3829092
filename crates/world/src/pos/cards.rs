//! The cards in the drawer: the simulated bank's test cards, with what each of them is good for.

use crate::terminal::{CardError, CardInput, EntryMode, Text};

/// What comes before the last four digits of every test card.
const BEGINS: &str = "620000000000";
/// The PIN of all of them, which everybody may know.
pub const PIN: &str = "123456";

/// One card.
#[derive(Copy, Clone, Debug)]
pub struct Card {
    /// The last four digits, by which it is called.
    pub name: &'static str,
    pub group: Group,
    pub zh: &'static str,
    pub en: &'static str,
}

/// What kind of story it tells.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Group {
    Good,
    Declined,
    /// The sale goes wrong, or looks wrong.
    Broken,
    /// What follows the sale goes wrong.
    FollowUp,
    /// Seen in the clearing files alone.
    Clearing,
}

impl Group {
    pub fn name(self) -> &'static str {
        match self {
            Group::Good => "good",
            Group::Declined => "declined",
            Group::Broken => "broken",
            Group::FollowUp => "follow_up",
            Group::Clearing => "clearing",
        }
    }
}

impl Card {
    /// First six and last four digits.
    pub fn masked(&self) -> String {
        format!("620000******{}", self.name)
    }

    pub fn story(&self) -> Text {
        Text::new(self.zh, self.en)
    }

    /// The card at the reader.
    ///
    /// # Errors
    /// The table holds a number that is none.
    pub fn present(&self, how: EntryMode) -> Result<CardInput, CardError> {
        CardInput::test(&format!("{BEGINS}{}", self.name), how)
    }
}

/// The card with these last four digits.
pub fn named(name: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.name == name)
}

const fn card(name: &'static str, group: Group, zh: &'static str, en: &'static str) -> Card {
    Card { name, group, zh, en }
}

/// All of them.
#[rustfmt::skip]
pub const CARDS: &[Card] = &[
    card("0005", Group::Good, "银行批准", "The bank approves."),
    card("0013", Group::Good, "银行批准,芯片应答带发卡行数据", "The bank approves, and answers the chip."),
    card("0104", Group::Good, "只批准一半金额", "Half the amount is approved."),
    card("0518", Group::Declined, "余额不足 (51)", "Insufficient funds (51)."),
    card("0542", Group::Declined, "卡已过期 (54)", "Expired (54)."),
    card("0559", Group::Declined, "密码错误则拒绝 (55),第三次错 (75)", "Declined unless the PIN is right (55, then 75)."),
    card("0617", Group::Declined, "超过限额 (61)", "Over the limit (61)."),
    card("0609", Group::Broken, "银行从未收到请求", "The bank never sees the request."),
    card("0625", Group::Broken, "银行已扣款,应答丢失", "Charged, and the answer is lost."),
    card("0633", Group::Broken, "银行已扣款,应答晚到 90 秒", "Charged, and the answer comes 90 s late."),
    card("0641", Group::Broken, "已扣款,应答在冲正应答 5 秒后才到", "Charged; the answer comes 5 s after the reversal's."),
    card("0658", Group::Broken, "冲正先到:银行答无原交易,20 秒后才扣款", "The reversal overtakes: \"no original\", charged 20 s later."),
    card("0666", Group::Broken, "已扣款,应答丢失;冲正三次被答 96", "Charged, answer lost; the reversal is refused three times."),
    card("0674", Group::Broken, "已扣款,应答丢失;冲正十分钟无应答", "Charged, answer lost; reversals go unanswered for 10 min."),
    card("0682", Group::Broken, "答 68,其实已扣款", "Answers 68, and has charged."),
    card("0690", Group::Broken, "答 96,其实未扣款", "Answers 96, and has not charged."),
    card("0716", Group::Broken, "已扣款,应答的 MAC 错误", "Charged; the answer carries a wrong MAC."),
    card("0724", Group::Broken, "已扣款,应答的金额不符", "Charged; the answer names another amount."),
    card("0732", Group::Broken, "已扣款,应答的终端号不符", "Charged; the answer names another terminal."),
    card("0955", Group::Broken, "银行先认可冲正,后扣款", "The bank acknowledges the reversal, then charges."),
    card("0963", Group::Broken, "已扣款,应答丢失;冲正的应答也丢失", "Charged, answer lost; the reversal's answer is lost too."),
    card("0989", Group::Broken, "应答与冲正交错", "Answer and reversal cross."),
    card("0906", Group::FollowUp, "撤销已做,应答丢失", "A void is done, its answer lost."),
    card("0914", Group::FollowUp, "撤销从未到达", "A void never arrives."),
    card("0922", Group::FollowUp, "退货已做,应答丢失", "A refund is done, its answer lost."),
    card("0930", Group::FollowUp, "预授权完成已做,应答丢失", "A completion is done, its answer lost."),
    card("0948", Group::FollowUp, "完成通知十分钟无应答", "A completion advice goes unanswered for 10 min."),
    card("0997", Group::FollowUp, "银行否认自己做过的撤销", "The bank denies a void that it did."),
    card("0708", Group::Clearing, "扣款两次,只应答一次", "Charged twice, answered once."),
    card("0971", Group::Clearing, "已扣款,应答丢失;冲正被答 12", "Charged, answer lost; reversals are answered 12."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::Behaviour;

    #[test]
    fn every_card_is_a_card_is_named_once_and_has_a_behaviour_of_its_own() {
        for (place, card) in CARDS.iter().enumerate() {
            let input = card.present(EntryMode::Swipe).unwrap();
            assert_eq!(input.pan().masked().to_string(), card.masked());
            assert_eq!(CARDS.iter().position(|other| other.name == card.name), Some(place), "{}", card.name);
            let usual = Behaviour::of("6200000000000005");
            let ordinary = Behaviour::of(input.pan().expose()) == usual;
            assert_eq!(ordinary, card.name == "0005", "{}", card.name);
            assert!(!card.zh.is_ascii() && card.en.is_ascii() && card.en.ends_with('.'), "{}", card.name);
        }
    }
}
