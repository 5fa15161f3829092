//! The judge: what became of the lesson's payments, by the books, and what that means for the trainee.

use super::{Deed, Right};
use crate::demo::pos::pair;
use crate::demo::pos::payments::{LedgerLine, Payment};
use hefu_tally::leg::Direction;
use hefu_tally::tally::IssuerHalf;
use hefu_tally::{Merchant, View};
use hefu_view::Words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One sentence of the judge.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DrillVerdict)]
pub struct Verdict {
    pub id: String,
    pub good: bool,
    #[schema(value_type = Words)]
    pub words: Text,
}

/// Words that are kept with the results.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl From<Words> for Text {
    fn from(Words { zh, en }: Words) -> Text {
        Text { zh, en }
    }
}

/// What the books say of the lesson's payments. Fen.
#[derive(Copy, Clone, PartialEq, Debug, Default, Serialize, ToSchema)]
#[schema(as = DrillBooks)]
pub struct Books {
    pub bank_charged: i64,
    pub bank_returned: i64,
    /// What the shop has.
    pub sale: i64,
    pub goods: bool,
    pub payments: usize,
}

/// What the judge looks at.
pub struct Case<'a> {
    pub amount: i64,
    pub right: Right,
    pub done: &'a [Deed],
    /// Whether all outcomes were known, at the till too, when the trainee ended the lesson.
    pub known: bool,
    /// A payment was asked for.
    pub tried: bool,
    pub payments: &'a [Payment],
    pub ledger: &'a [LedgerLine],
}

/// Whether a payment's outcome is settled: nothing about it is in doubt any more, though money may be on its way back.
pub fn is_decided(payment: &Payment) -> bool {
    match payment.view {
        View::Processing | View::Unknown => false,
        View::Approved | View::Declined | View::Returning | View::Returned | View::UnderReview => true,
    }
}

impl Case<'_> {
    pub fn books(&self) -> Books {
        let of_lesson = |line: &&LedgerLine| self.payments.iter().any(|payment| payment.rrn == line.rrn);
        let lines: Vec<_> = self.ledger.iter().filter(of_lesson).collect();
        Books {
            bank_charged: lines.iter().map(|line| line.charged).sum(),
            bank_returned: lines.iter().map(|line| line.returned).sum(),
            sale: self.payments.iter().map(|payment| payment.sale).sum(),
            goods: self.handed_over(),
            payments: self.payments.len(),
        }
    }

    /// What stands, once everything that is under way has come to its end.
    fn stands(&self) -> i64 {
        let kept = self.payments.iter().filter(|payment| {
            let has = matches!(payment.merchant, Merchant::Told | Merchant::Has);
            payment.direction == Direction::Keep && payment.issuer == IssuerHalf::Charged && has
        });
        kept.map(|payment| payment.charged - payment.returned).sum()
    }

    fn handed_over(&self) -> bool {
        self.done.iter().any(|deed| matches!(deed, Deed::HandOver | Deed::PayCash | Deed::AskRest))
    }

    fn did(&self, deed: Deed) -> bool {
        self.done.contains(&deed)
    }

    /// All sentences.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let stands = self.stands();
        let paid_twice = stands > self.amount || self.did(Deed::PayCash) && stands > 0;
        let for_nothing = self.did(Deed::HandOver) && stands < self.amount || self.did(Deed::GiveCash);
        let sent_away = self.did(Deed::SendAway) && stands > 0;
        let verdict = |id: &str, good, (good_zh, good_en), (bad_zh, bad_en)| {
            let words = if good { pair((good_zh, good_en)) } else { pair((bad_zh, bad_en)) };
            Verdict { id: id.to_owned(), good, words: words.into() }
        };
        vec![
            verdict(
                "charged_twice",
                !paid_twice,
                ("顾客没有被重复扣款", "The customer did not pay twice"),
                ("顾客付了两次", "The customer paid twice"),
            ),
            verdict(
                "goods_for_nothing",
                !for_nothing,
                ("没有白白交付", "Nothing was given for nothing"),
                ("交付的商品或现金没有对应的付款", "Goods or cash were given that no payment stands for"),
            ),
            verdict(
                "sent_away_wrongly",
                !sent_away,
                ("没有错把已付款的顾客打发走", "No customer who has paid was sent away"),
                ("顾客已付款,却空手离开", "The customer has paid and left without goods"),
            ),
            self.right_act(),
        ]
    }

    fn right_act(&self) -> Verdict {
        let last = self.done.iter().rev().find(|deed| deed.ends());
        let (good, words) = match (self.right, last) {
            _ if !self.tried => (false, ("没有做任何交易", "No payment was made")),
            (_, None) => (false, ("没有作出决定", "Nothing was decided")),
            (Right::Act(right), Some(last)) => match right.contains(last) {
                true => (true, ("处理正确", "That was the right thing to do")),
                false => (false, ("此时应有别的做法", "Something else was to be done here")),
            },
            (Right::OnceKnown, Some(_)) => match self.known {
                true => (true, ("等到了结果才决定", "It was decided once the result was known")),
                false => (false, ("结果还未知就作了决定", "It was decided while the result was unknown")),
            },
        };
        Verdict { id: "right_act".into(), good, words: pair(words).into() }
    }
}
