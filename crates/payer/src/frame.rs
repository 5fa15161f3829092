//! What is around every page of the payer: head, name, the other language. Styles and the one small script come from
//! addresses of their own, so that a strict content security policy holds; without script everything is there.

use hefu_slip::Language;
use hefu_view::Words;
use maud::{DOCTYPE, Markup, html};

/// Served as `/s/page.css`.
pub const STYLE: &str = include_str!("page.css");
/// Served as `/s/page.js`: looks again while a payment is not settled.
pub const SCRIPT: &str = include_str!("page.js");

pub(crate) fn pick(words: &Words, language: Language) -> &str {
    match language {
        Language::Zh => &words.zh,
        Language::En => &words.en,
    }
}

pub(crate) fn say(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// The whole page. `path` is this page's own, for the link to the other language.
pub(crate) fn frame(language: Language, path: &str, title: &str, content: &Markup) -> String {
    let (tag, other, other_tag, other_name) = match language {
        Language::Zh => ("zh-CN", "en", "en", "English"),
        Language::En => ("en", "zh", "zh-CN", "中文"),
    };
    html! {
        (DOCTYPE)
        html lang=(tag) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex, nofollow";
                meta name="color-scheme" content="light dark";
                title { (title) " · Hefu 合符" }
                link rel="stylesheet" href="/s/page.css";
                script src="/s/page.js" defer {}
            }
            body {
                header {
                    span .name { "合符 Hefu" }
                    a .language href={ (path) "?lang=" (other) } lang=(other_tag) hreflang=(other_tag) { (other_name) }
                }
                main id="main" { (content) }
                footer {
                    p { (say(language, "时间均为北京时间。", "Times are Beijing time.")) }
                    p {
                        (say(
                            language,
                            "本页不会向您索要密码、验证码或完整卡号。",
                            "This page never asks for a password, a code or a full card number.",
                        ))
                    }
                }
            }
        }
    }
    .into_string()
}
