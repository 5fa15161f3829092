//! The page behind a slip's code.

use crate::{
    answers::{Answers, Tone, money, time},
    frame::{frame, pick, say},
    slips::{Slips, SlipsError},
};
use hefu_node::Story;
use hefu_slip::{Copy, Language};
use hefu_tally::{
    IssuerHalf, Leg, LegNo, Merchant, Moment, Tally,
    notice::{To, notices},
    tally::Impossible,
};
use hefu_view::words as view_words;
use maud::{Markup, PreEscaped, html};
use thiserror::Error;

/// Why a page cannot be made.
#[derive(Debug, Error)]
pub enum Showing {
    #[error(transparent)]
    Slip(#[from] SlipsError),
    #[error(transparent)]
    Facts(#[from] Impossible),
    #[error(transparent)]
    Money(#[from] hefu_tally::money::MoneyError),
}

/// The page of the transaction `no` as it stands now.
///
/// # Errors
/// The payment's facts contradict each other, or hold what no slip can show.
pub fn page(
    slips: &Slips,
    story: &Story,
    no: LegNo,
    now: Moment,
    language: Language,
) -> Result<String, Showing> {
    let tally = &story.tally;
    let leg = tally.leg(no).unwrap_or(tally.first());
    let answers = Answers::of(story)?;
    let path = slips.path(&leg.rrn)?;
    let slip = slips.slip(story, no, false, now)?;
    let lines = hefu_slip::lines(&slip, Copy::Cardholder, language);
    let signed = slip.fields().eslip.as_ref().and_then(|address| address.signed());
    let genuine = signed.map(|signed| hefu_slip::verify(signed.as_str(), slips.published()).is_ok());
    let shop = slips.shop(&leg.identity.till.merchant).map(|shop| match language {
        Language::Zh => shop.zh.as_str(),
        Language::En => shop.en.as_str(),
    });
    let title = say(language, "您的付款", "Your payment");
    let content = html! {
        h1 {
            (title) " " span .amount { (money(leg.asked)) }
            @if let Some(shop) = shop { " · " (shop) }
        }
        p .when { (time(leg.opened)) }
        (headline(&answers, language))
        (halves(tally, language))
        dl .answers {
            (answer(say(language, "我被扣款了吗？", "Was I charged?"), pick(&answers.charged, language)))
            (answer(say(language, "商户知道吗？", "Does the shop know?"), pick(&answers.shop, language)))
            (answer(say(language, "钱会退回吗？", "Is money coming back?"), pick(&answers.back, language)))
            @if let Some((due, what)) = &answers.next {
                @let (next, at) = (say(language, "接下来呢？", "What happens next?"), time(*due));
                (answer(next, &format!("{at} · {}", pick(what, language))))
            }
            @if let Some(why) = why(leg) {
                (answer(say(language, "为什么？", "Why?"), &sentence(say(language, why.0, why.1))))
            }
        }
        (history(story, language)?)
        section .paper aria-labelledby="slip" {
            h2 id="slip" { (say(language, "签购单", "The slip")) }
            (PreEscaped(hefu_slip::html(&lines, language)))
            p .forms {
                a href={ (path) "/slip.pdf" } { "PDF" }
            }
        }
        @if let Some(genuine) = genuine {
            (signature(genuine, signed.map_or("", |signed| signed.as_str()), language))
        }
    };
    Ok(frame(language, &path, title, &content))
}

/// What is said to a token that is not ours: always the same.
pub fn missing(language: Language) -> String {
    let title = say(language, "没有找到", "Not found");
    let content = html! {
        h1 { (title) }
        p .headline .waiting {
            (say(
                language,
                "这个地址不对应任何签购单。请检查是否完整，或重新扫描签购单上的二维码。",
                "No slip has this address. See whether it is complete, or scan the code on the slip again.",
            ))
        }
        p { a href="/s" { (say(language, "没有签购单？按付款信息查询", "No slip at hand? Look up by what you know")) } }
    };
    frame(language, "/s", title, &content)
}

/// What is said to somebody who asks too often.
pub fn too_many(language: Language) -> String {
    let title = say(language, "请稍后再试", "Please try again later");
    let content = html! {
        h1 { (title) }
        p .headline .waiting {
            (say(
                language,
                "您查询得太频繁。请几分钟后再试，付款不受影响。",
                "You have asked too often. Try again in some minutes; no payment is affected.",
            ))
        }
    };
    frame(language, "/s", title, &content)
}

fn headline(answers: &Answers, language: Language) -> Markup {
    let class = match answers.tone {
        Tone::Good => "headline good",
        Tone::Nothing => "headline nothing",
        Tone::Waiting => "headline waiting",
    };
    // Whoever hears the page read is told when it changes; a settled one is not looked at again.
    html! {
        p class=(class) role="status" data-settled=(answers.is_settled) { (pick(&answers.headline, language)) }
    }
}

fn answer(question: &str, words: &str) -> Markup {
    html! { div { dt { (question) } dd { (words) } } }
}

/// The two halves side by side: together when they say the same, apart while they do not.
fn halves(tally: &Tally, language: Language) -> Markup {
    let bank = tally.halves().map_or(IssuerHalf::Unknown, |halves| halves.issuer);
    let (bank, shop) = (view_words::issuer(bank), view_words::merchant(tally.first().merchant));
    let together = tally.matched();
    let class = if together { "tally together" } else { "tally apart" };
    let seam = match (together, tally.first().merchant) {
        (true, _) => say(language, "两边一致", "Both sides match"),
        (false, Merchant::Waiting | Merchant::Told | Merchant::Has | Merchant::No) => {
            say(language, "两边尚未一致", "The sides do not match yet")
        }
    };
    html! {
        div class=(class) role="group" aria-label=(seam) {
            div .half .bank { span .side { (say(language, "银行", "Bank")) } strong { (say(language, bank.0, bank.1)) } }
            div .seam { (seam) }
            div .half .shop { span .side { (say(language, "商户", "Shop")) } strong { (say(language, shop.0, shop.1)) } }
        }
    }
}

/// A note as a sentence of its own.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if note.is_ascii() { "." } else { "。" };
    format!("{first}{}{stop}", letters.as_str())
}

/// Why it turned back, in the words that everybody reads.
fn why(leg: &Leg) -> Option<(&'static str, &'static str)> {
    let turned = !leg.stands() && leg.told.is_some();
    leg.why.filter(|_| turned).map(view_words::why)
}

/// What the payer has been told, with the moments.
fn history(story: &Story, language: Language) -> Result<Markup, Impossible> {
    let facts = story.lines.iter().map(|line| (line.at, &line.fact));
    let told = notices(story.tally.id, facts)?;
    let told: Vec<_> = told.into_iter().filter(|(_, notice)| notice.to == To::Payer).collect();
    Ok(html! {
        @if !told.is_empty() {
            section .history aria-labelledby="history" {
                h2 id="history" { (say(language, "经过", "What happened")) }
                ol {
                    @for (at, notice) in &told {
                        @let (zh, en) = view_words::notice(notice.word);
                        li { time { (time(*at)) } " " (say(language, zh, en)) " · " (money(notice.amount)) }
                    }
                }
            }
        }
    })
}

fn signature(genuine: bool, signed: &str, language: Language) -> Markup {
    html! {
        section .signature aria-labelledby="signature" {
            h2 id="signature" { (say(language, "签名", "Signature")) }
            @if genuine {
                p .genuine {
                    (say(
                        language,
                        "签名有效：这张签购单由本平台签发，内容未被改动。",
                        "Genuine: this platform signed the slip, and nothing of it was changed.",
                    ))
                }
            } @else {
                p .forged role="alert" {
                    (say(language, "签名无效，请勿相信本单。", "Not genuine: do not trust this slip."))
                }
            }
            details {
                summary { (say(language, "自行核对（可离线）", "Check it yourself, offline too")) }
                p {
                    (say(language, "公钥：", "Public keys: "))
                    a href="/.well-known/hefu-slip-keys.json" { "/.well-known/hefu-slip-keys.json" }
                }
                p { code { "hefu slip verify --keys hefu-slip-keys.json <" (say(language, "签名文本", "signed text")) ">" } }
                p .signed { code { (signed) } }
            }
        }
    }
}
