//! One payment's page: all of it, as data.

use crate::{
    names::{
        DecisionName, DirectionName, KindName, LegIssuerName, MerchantHalfName, NoticeToName, NoticeWordName,
        ViewName, WhyName,
    },
    row::{Amount, DutyView, Row, duties_of},
    sentence::sentence,
    words::{self, Words},
};
use hefu_node::Story;
use hefu_tally::{
    Code, Kind, Leg, LegNo, LinkId, LinkKey, Merchant, Moment, Tally, View,
    judge::{Decision, Evidence, Rules, Supply, judge},
    leg::{Direction, Issuer, Why},
    notice::{To, Word, notices},
    tally::Impossible,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A payment's whole story.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentPage)]
pub struct Page {
    pub payment: Row,
    /// What the bank is known to have taken, what of it to have given back, and what it holds.
    pub charged: Amount,
    pub returned: Amount,
    pub held: Amount,
    /// What the merchant has of it, told approvals included.
    pub sale: Amount,
    pub legs: Vec<LegView>,
    /// In the order in which it happened.
    pub timeline: Vec<Entry>,
    pub notices: Vec<NoticeView>,
    pub postings: Vec<PostingView>,
    /// What a person could decide about it now: decisions that would change something.
    pub actions: Vec<Action>,
}

/// One transaction of a payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Leg)]
pub struct LegView {
    pub leg: u8,
    /// The transaction that it refers to.
    #[schema(required = true)]
    pub of: Option<u8>,
    #[schema(value_type = KindName)]
    pub kind: Kind,
    pub rrn: String,
    pub terminal: String,
    pub batch: u32,
    pub trace: u32,
    pub asked: Amount,
    pub amount: Amount,
    #[schema(value_type = ViewName)]
    pub view: View,
    #[schema(value_type = LegIssuerName)]
    pub issuer: Issuer,
    #[schema(value_type = MerchantHalfName)]
    pub merchant_half: Merchant,
    #[schema(value_type = DirectionName)]
    pub direction: Direction,
    /// F39 that the terminal was told last.
    #[schema(required = true)]
    pub told: Option<String>,
    /// Why it turned to keep or return.
    #[schema(value_type = Option<WhyName>, required = true)]
    pub why: Option<Why>,
    #[schema(required = true)]
    pub why_words: Option<Words>,
    /// DE39 and DE38 of the bank's answer.
    #[schema(required = true)]
    pub code: Option<String>,
    #[schema(required = true)]
    pub auth: Option<String>,
    pub opened_ms: i64,
    pub matched: bool,
    pub duties: Vec<DutyView>,
}

/// One line of the timeline: a fact.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub struct Entry {
    /// Its number in its shard's chain.
    pub seq: u64,
    pub at_ms: i64,
    #[schema(required = true)]
    pub leg: Option<u8>,
    /// The fact's name.
    pub kind: &'static str,
    pub words: Words,
    /// The message behind it, masked; none where it is not kept.
    #[schema(required = true)]
    pub frame: Option<String>,
}

/// What one side hears, or has heard, apart from the answer at the terminal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeView {
    pub at_ms: i64,
    #[schema(value_type = NoticeToName)]
    pub to: To,
    pub leg: u8,
    #[schema(value_type = NoticeWordName)]
    pub word: Word,
    pub words: Words,
}

/// One movement between two accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Posting)]
pub struct PostingView {
    pub leg: u8,
    pub debit: String,
    pub credit: String,
    /// Minor units, as `posted`.
    pub pending: i64,
    pub posted: i64,
}

/// A decision that a person could take now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Action {
    pub leg: u8,
    #[schema(value_type = DecisionName)]
    pub decision: Decision,
    /// One person's word is not enough for it.
    pub second_person: bool,
    pub words: Words,
}

/// Whether one person's word is not enough: what moves money by the bank's books, and what ends a case.
pub fn needs_second_person(decision: Decision) -> bool {
    match decision {
        Decision::Has | Decision::HasNot => false,
        Decision::Done | Decision::NotDone | Decision::Undone | Decision::Close => true,
    }
}

impl Page {
    /// The page of a payment as it stands at `now`. `link` names a bank link.
    ///
    /// # Errors
    /// Its facts contradict each other, or its amounts overflow.
    pub fn of(story: &Story, now: Moment, link: &dyn Fn(LinkId) -> String) -> Result<Page, Impossible> {
        let tally = &story.tally;
        let halves = tally.halves()?;
        let timeline = story.lines.iter().map(|line| Entry {
            seq: line.seq,
            at_ms: line.at.0,
            leg: line.fact.leg().map(|no| no.0),
            kind: line.fact.name(),
            words: sentence(tally, &line.fact, link),
            frame: None,
        });
        let postings = story.postings.iter().map(|posting| PostingView {
            leg: posting.leg.0,
            debit: posting.debit.to_string(),
            credit: posting.credit.to_string(),
            pending: posting.pending,
            posted: posting.posted,
        });
        Ok(Page {
            payment: Row::of(tally)?,
            charged: halves.charged.into(),
            returned: halves.returned.into(),
            held: halves.held.into(),
            sale: halves.sale.into(),
            legs: tally.legs().map(|(no, leg)| leg_view(tally, no, leg)).collect(),
            timeline: timeline.collect(),
            notices: told(story)?,
            postings: postings.collect(),
            actions: actions(tally, now)?,
        })
    }
}

fn leg_view(tally: &Tally, no: LegNo, leg: &Leg) -> LegView {
    LegView {
        leg: no.0,
        of: leg.of.map(|of| of.0),
        kind: leg.kind,
        rrn: leg.rrn.to_string(),
        terminal: leg.identity.till.terminal.to_string(),
        batch: leg.identity.batch,
        trace: leg.identity.trace,
        asked: leg.asked.into(),
        amount: leg.amount.into(),
        view: leg.view(),
        issuer: leg.issuer,
        merchant_half: leg.merchant,
        direction: leg.direction,
        told: leg.told.map(text),
        why: leg.why,
        why_words: leg.why.map(|why| words::why(why).into()),
        code: leg.bank.as_ref().map(|said| text(said.code)),
        auth: leg.bank.as_ref().and_then(|said| said.auth).map(|auth| auth.to_string()),
        opened_ms: leg.opened.0,
        matched: leg.matched(),
        duties: duties_of(tally, no),
    }
}

fn text(code: Code) -> String {
    code.to_string()
}

fn told(story: &Story) -> Result<Vec<NoticeView>, Impossible> {
    let facts = story.lines.iter().map(|line| (line.at, &line.fact));
    let told = notices(story.tally.id, facts)?;
    Ok(told
        .into_iter()
        .map(|(at, notice)| NoticeView {
            at_ms: at.0,
            to: notice.to,
            leg: notice.leg.0,
            word: notice.word,
            words: words::notice(notice.word).into(),
        })
        .collect())
}

const DECISIONS: [Decision; 6] =
    [Decision::Has, Decision::HasNot, Decision::Done, Decision::NotDone, Decision::Undone, Decision::Close];

/// Each decision is put before the judge on a copy: one that leads to facts is offered.
fn actions(tally: &Tally, now: Moment) -> Result<Vec<Action>, Impossible> {
    let mut actions = Vec::new();
    for (no, _) in tally.legs() {
        for decision in DECISIONS {
            let evidence = Evidence::Decided { decision, by: "?".to_owned(), reason: "?".to_owned() };
            let facts = judge(tally, no, now, &evidence, &Rules::default(), &mut Nowhere)?;
            if !facts.is_empty() {
                let second_person = needs_second_person(decision);
                let words = words::decision(decision).into();
                actions.push(Action { leg: no.0, decision, second_person, words });
            }
        }
    }
    Ok(actions)
}

/// A supply for what is only tried: its keys go nowhere.
struct Nowhere;

impl Supply for Nowhere {
    fn key(&mut self) -> LinkKey {
        LinkKey { at: Moment(0), stan: 0 }
    }

    fn chance(&mut self) -> u16 {
        0
    }
}
