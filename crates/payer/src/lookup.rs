//! The look-up for those who have no slip. It confirms what somebody knows already and tells nothing else: no shop,
//! no reference, no address of a slip; and it says the same of what does not exist and of what is not told.

use crate::{
    answers::{Answers, Tone},
    frame::{frame, pick, say},
};
use hefu_slip::Language;
use hefu_tally::Moment;
use hefu_view::Words;
use jiff::civil::{Date, Time};
use maud::html;

/// A payment is looked for so long before and after the time that is given (milliseconds).
const AROUND: i64 = 5 * 60_000;
/// Beijing is so far ahead of UTC (milliseconds).
const BEIJING: i64 = 8 * 3_600_000;
/// The largest amount that F4 can carry, in minor units.
const MOST_MINOR: i64 = 999_999_999_999;

/// What somebody typed, to stand in the form again.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Lookup {
    /// `2026-11-23`
    pub date: String,
    /// `12:03`, Beijing time.
    pub time: String,
    /// `128.50`
    pub amount: String,
    /// The card's last four digits.
    pub card: String,
}

/// What is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Opened not before, and before.
    pub from: Moment,
    pub until: Moment,
    /// Minor units.
    pub amount: i64,
    /// The card's last four digits.
    pub last4: String,
}

impl Lookup {
    /// What was typed, understood.
    ///
    /// # Errors
    /// Which field is not, in words.
    pub fn wanted(&self) -> Result<Wanted, Words> {
        let date: Date = self.date.trim().parse().map_err(|_| wrong("日期", "date", "2026-11-23"))?;
        let time = Time::strptime("%H:%M", self.time.trim()).map_err(|_| wrong("时间", "time", "12:03"))?;
        let at = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC);
        let at = at.map_err(|_| wrong("日期", "date", "2026-11-23"))?.timestamp().as_millisecond() - BEIJING;
        let amount = minor(self.amount.trim()).ok_or_else(|| wrong("金额", "amount", "128.50"))?;
        let last4 = self.card.trim().to_owned();
        if last4.len() != 4 || !last4.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong("卡号后四位", "card's last four digits", "0005"));
        }
        let (from, until) = (Moment(at).after(-AROUND), Moment(at).after(AROUND + 60_000));
        Ok(Wanted { from, until, amount, last4 })
    }
}

fn wrong(zh: &str, en: &str, example: &str) -> Words {
    Words {
        zh: format!("{zh}填写有误，例如 {example}。"),
        en: format!("The {en} cannot be read; write it as {example}."),
    }
}

/// Yuan with at most two decimals.
fn minor(text: &str) -> Option<i64> {
    let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 10 || fen.len() > 2 || !digits(yuan) || !digits(fen) {
        return None;
    }
    let fen = format!("{fen:0<2}").parse::<i64>().ok()?;
    let sum = yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fen)?;
    (1..=MOST_MINOR).contains(&sum).then_some(sum)
}

/// What the look-up brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing was asked yet.
    Nothing,
    /// A field cannot be understood.
    NotUnderstood(Words),
    /// None that fits, or more than one.
    None,
    One(Box<Answers>),
}

/// The form, with what it brought.
pub fn lookup(asked: &Lookup, found: &Found, language: Language) -> String {
    let title = say(language, "查询付款", "Look up a payment");
    let content = html! {
        h1 { (title) }
        p {
            (say(
                language,
                "没有签购单时，可用您知道的信息查询：日期、时间（前后五分钟内）、金额和卡号后四位，须全部相符。",
                "Without a slip: give the date, the time within five minutes, the exact amount and the card's last four \
                 digits. All must fit.",
            ))
        }
        @match found {
            Found::Nothing => {}
            Found::NotUnderstood(why) => { p .headline .waiting role="alert" { (pick(why, language)) } }
            Found::None => {
                p .headline .waiting role="status" {
                    (say(
                        language,
                        "没有唯一相符的付款。若银行显示已扣款而这里查不到，请扫描签购单上的二维码，或联系商户与发卡行。",
                        "No single payment fits. If your bank shows a charge that is not found here, scan the code on the \
                         slip, or ask the shop or your bank.",
                    ))
                }
            }
            Found::One(answers) => {
                p class=(class(answers.tone)) role="status" { (pick(&answers.headline, language)) }
                dl .answers {
                    div { dt { (say(language, "我被扣款了吗？", "Was I charged?")) } dd { (pick(&answers.charged, language)) } }
                    div { dt { (say(language, "商户知道吗？", "Does the shop know?")) } dd { (pick(&answers.shop, language)) } }
                    div { dt { (say(language, "钱会退回吗？", "Is money coming back?")) } dd { (pick(&answers.back, language)) } }
                }
            }
        }
        form method="post" action={ "/s?lang=" (say(language, "zh", "en")) } {
            (field("date", say(language, "日期", "Date"), "date", &asked.date, "2026-11-23", 10))
            (field("time", say(language, "时间（北京）", "Time (Beijing)"), "time", &asked.time, "12:03", 5))
            (field("amount", say(language, "金额（元）", "Amount (yuan)"), "text", &asked.amount, "128.50", 13))
            (field("card", say(language, "卡号后四位", "Card's last four digits"), "text", &asked.card, "0005", 4))
            button type="submit" { (say(language, "查询", "Look up")) }
        }
    };
    frame(language, "/s", title, &content)
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "headline good",
        Tone::Nothing => "headline nothing",
        Tone::Waiting => "headline waiting",
    }
}

fn field(name: &str, label: &str, kind: &str, value: &str, example: &str, most: u8) -> maud::Markup {
    let numeric = (kind == "text").then_some("decimal");
    html! {
        p .field {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) value=(value) placeholder=(example) maxlength=(most)
                inputmode=[numeric] autocomplete="off" required;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(date: &str, time: &str, amount: &str, card: &str) -> Lookup {
        let [date, time, amount, card] = [date, time, amount, card].map(str::to_owned);
        Lookup { date, time, amount, card }
    }

    #[test]
    fn what_is_typed_is_understood_as_beijing_time_and_exact_money() {
        for (amount, minor) in [("128.50", 12_850), ("128.5", 12_850), ("128", 12_800), (" 0.01 ", 1)] {
            let wanted = typed("2026-11-23", "12:03", amount, "0005").wanted().unwrap();
            assert_eq!((wanted.amount, wanted.last4.as_str()), (minor, "0005"), "{amount}");
            assert_eq!(wanted.from.to_string(), "2026-11-23 11:58:00.000");
            assert_eq!(wanted.until.to_string(), "2026-11-23 12:09:00.000");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let cases = [
            (typed("23.11.2026", "12:03", "1", "0005"), "date"),
            (typed("2026-02-30", "12:03", "1", "0005"), "date"),
            (typed("2026-11-23", "25:00", "1", "0005"), "time"),
            (typed("2026-11-23", "12:03", "1,5", "0005"), "amount"),
            (typed("2026-11-23", "12:03", "1.234", "0005"), "amount"),
            (typed("2026-11-23", "12:03", "0", "0005"), "amount"),
            (typed("2026-11-23", "12:03", "-1", "0005"), "amount"),
            (typed("2026-11-23", "12:03", "99999999999", "0005"), "amount"),
            (typed("2026-11-23", "12:03", "1", "005"), "card"),
            (typed("2026-11-23", "12:03", "1", "٠٠٠٥"), "card"),
        ];
        for (typed, field) in cases {
            let why = typed.wanted().unwrap_err();
            assert!(why.en.contains(field) && !why.zh.is_ascii(), "{typed:?}: {why:?}");
        }
    }

    #[test]
    fn what_somebody_typed_stands_in_the_form_as_text() {
        let asked = typed("\"><script>", "12:03", "1", "0005");
        let page = lookup(&asked, &Found::None, Language::En);
        assert!(page.contains("&quot;&gt;&lt;script&gt;") && !page.contains("<script>"));
    }
}
