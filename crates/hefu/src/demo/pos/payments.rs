//! What is shown beside a till: its payments as two halves with their duties, the payer's phone, and the bank's book.
//! All of it is read, from the store as committed and from the bank; nothing here decides.

use super::names::{MovedName, MovedWhyName, Sender, ToneName};
use super::pair;
use crate::Failure;
use hefu_node::{Story, story};
use hefu_store::{SqliteStore, Store};
use hefu_tally::leg::Direction;
use hefu_tally::notice::{To, notices};
use hefu_tally::tally::IssuerHalf;
use hefu_tally::{Kind, LinkId, Merchant, Moment, Shard, Tally, TallyId, Till, View};
use hefu_view::names::{DirectionName, DutyKindName, IssuerHalfName, KindName, MerchantHalfName, ViewName};
use hefu_view::{Page, Words, words};
use hefu_world::bank::{Book, Entry, What, Why};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use utoipa::ToSchema;

/// Payments of a till that are shown; older ones leave unless they are open.
const SHOWN: usize = 20;
/// The newest payments of the store that are looked at; a till's older ones are looked up one by one.
const NEWEST: usize = 80;
/// Lines of a payment's story that are shown, the newest.
const LINES: usize = 30;
/// Messages on the phone, and lines of the bank's book.
const MESSAGES: usize = 50;

/// A payment as the page shows it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = PosPayment)]
pub struct Payment {
    pub id: String,
    pub rrn: String,
    #[schema(value_type = KindName)]
    pub kind: Kind,
    pub kind_words: Words,
    pub amount: i64,
    pub opened_ms: i64,
    #[schema(value_type = ViewName)]
    pub view: View,
    pub view_words: Words,
    #[schema(value_type = IssuerHalfName)]
    pub issuer: IssuerHalf,
    pub issuer_words: Words,
    pub charged: i64,
    pub returned: i64,
    #[schema(value_type = MerchantHalfName)]
    pub merchant: Merchant,
    pub merchant_words: Words,
    pub sale: i64,
    #[schema(value_type = DirectionName)]
    pub direction: Direction,
    pub direction_words: Words,
    pub matched: bool,
    pub at_risk: i64,
    pub duties: Vec<Duty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Line>,
    #[serde(skip)]
    pub trace: u32,
    #[serde(skip)]
    pub batch: u32,
    #[serde(skip)]
    notices: Vec<Message>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = PosDuty)]
pub struct Duty {
    #[schema(value_type = DutyKindName)]
    pub kind: &'static str,
    pub due_ms: i64,
    pub words: Words,
    pub leg: u8,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = PosPaymentLine)]
pub struct Line {
    pub at_ms: i64,
    pub kind: &'static str,
    pub words: Words,
}

/// A message on the payer's phone.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = PhoneMessage)]
pub struct Message {
    pub id: String,
    pub at_ms: i64,
    pub from: Sender,
    pub text: Words,
    #[schema(value_type = ToneName)]
    pub tone: &'static str,
}

/// A payment in the bank's own book.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct LedgerLine {
    pub rrn: String,
    pub card: String,
    pub charged: i64,
    pub returned: i64,
    pub held: i64,
    pub balance: i64,
}

/// A movement in the bank's own book.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct BankEntry {
    pub at_ms: i64,
    #[schema(value_type = MovedName)]
    pub what: What,
    #[schema(value_type = MovedWhyName)]
    pub why: Why,
    pub amount: i64,
    pub rrn: String,
    pub words: Words,
}

/// Everything beside one till.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Beside {
    /// Newest first.
    pub payments: Vec<Payment>,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Newest first.
    pub ledger: Vec<LedgerLine>,
    /// Newest first.
    pub entries: Vec<BankEntry>,
}

/// Reads the payments of some tills, again and again: what has not changed is not read twice.
pub struct Reader {
    path: PathBuf,
    store: Option<SqliteStore>,
    known: BTreeMap<TallyId, Known>,
}

struct Known {
    till: Till,
    shard: Shard,
    version: u32,
    payment: Payment,
}

impl Reader {
    pub fn new(path: PathBuf) -> Reader {
        Reader { path, store: None, known: BTreeMap::new() }
    }

    /// The payments of each till, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn read(
        &mut self,
        tills: &BTreeSet<Till>,
        now: Moment,
    ) -> Result<BTreeMap<Till, Vec<Payment>>, Failure> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => SqliteStore::open_read_only(&self.path).map_err(Failure::found)?,
        };
        store.freeze().map_err(Failure::found)?;
        let read = self.look(&mut store, tills, now);
        // A store that cannot be let go again is opened anew.
        if store.thaw().is_ok() {
            self.store = Some(store);
        }
        read?;
        let mut all: BTreeMap<Till, Vec<Payment>> = BTreeMap::new();
        for known in self.known.values().rev() {
            let of_till = all.entry(known.till).or_default();
            if of_till.len() < SHOWN || !known.payment.matched {
                of_till.push(known.payment.clone());
            }
        }
        Ok(all)
    }

    fn look(&mut self, store: &mut SqliteStore, tills: &BTreeSet<Till>, now: Moment) -> Result<(), Failure> {
        let mut rows = store.latest(None, NEWEST).map_err(Failure::found)?;
        let seen: BTreeSet<TallyId> = rows.iter().map(|row| row.id).collect();
        let open = self.known.iter().filter(|(id, known)| !known.payment.matched && !seen.contains(id));
        for (id, known) in open {
            rows.extend(store.tally(*id, known.shard).map_err(Failure::found)?);
        }
        for row in rows {
            if self.known.get(&row.id).is_some_and(|known| known.version == row.version) {
                continue;
            }
            let tally: Tally = serde_json::from_slice(&row.state).map_err(Failure::found)?;
            let till = tally.first().identity.till;
            if !tills.contains(&till) {
                continue;
            }
            let Some(story) = story(store, row.shard, row.id).map_err(Failure::found)? else { continue };
            let payment = payment(&story, now)?;
            self.known.insert(row.id, Known { till, shard: row.shard, version: row.version, payment });
        }
        // Matched payments beyond what is shown of any till are history.
        while self.known.len() > NEWEST * 4 {
            let oldest = self.known.iter().find(|(_, known)| known.payment.matched).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.known.remove(&oldest);
        }
        Ok(())
    }
}

fn payment(story: &Story, now: Moment) -> Result<Payment, Failure> {
    let link = |link: LinkId| format!("link {}", link.0);
    let Page { payment: row, charged, returned, sale, timeline, .. } =
        Page::of(story, now, &link).map_err(Failure::found)?;
    let first = story.tally.first();
    let mut timeline: Vec<Line> = timeline
        .into_iter()
        .map(|entry| Line { at_ms: entry.at_ms, kind: entry.kind, words: entry.words })
        .collect();
    timeline.drain(..timeline.len().saturating_sub(LINES));
    let duties = story.tally.duties().into_iter().map(|duty| Duty {
        kind: duty.kind.name(),
        due_ms: duty.due.0,
        words: pair(words::duty(duty.kind)),
        leg: duty.leg.0,
    });
    Ok(Payment {
        id: row.id,
        rrn: row.rrn,
        kind: row.kind,
        kind_words: pair(words::kind(row.kind)),
        amount: row.amount.minor,
        opened_ms: row.opened_ms,
        view: row.view,
        view_words: pair(words::view(row.view)),
        issuer: row.issuer,
        issuer_words: pair(words::issuer(row.issuer)),
        charged: charged.minor,
        returned: returned.minor,
        merchant: row.merchant_half,
        merchant_words: pair(words::merchant(row.merchant_half)),
        sale: sale.minor,
        direction: row.direction,
        direction_words: pair(direction(row.direction)),
        matched: row.matched,
        at_risk: row.at_risk,
        duties: duties.collect(),
        timeline,
        trace: first.identity.trace,
        batch: first.identity.batch,
        notices: told(story)?,
    })
}

fn direction(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Open => ("未定", "open: not decided yet"),
        Direction::Keep => ("成立:双方保留", "keep: it stands for both sides"),
        Direction::Return => ("退回:双方都不保留", "return: it goes back on both sides"),
    }
}

/// What Hefu tells the payer about it.
fn told(story: &Story) -> Result<Vec<Message>, Failure> {
    let facts = story.lines.iter().map(|line| (line.at, &line.fact));
    let told = notices(story.tally.id, facts).map_err(Failure::found)?;
    let to_payer = told.into_iter().enumerate().filter(|(_, (_, notice))| notice.to == To::Payer);
    Ok(to_payer
        .map(|(place, (at, notice))| {
            let kind = story.tally.leg(notice.leg).map_or(Kind::Sale, |leg| leg.kind);
            let ((kind_zh, kind_en), (zh, en)) = (words::kind(kind), words::notice(notice.word));
            Message {
                id: format!("hefu-{}-{place}", story.tally.id),
                at_ms: at.0,
                from: Sender::Hefu,
                text: Words {
                    zh: format!("您的{kind_zh} {}:{zh}", yuan(story.tally.first().asked.minor)),
                    en: format!("Your {kind_en} of {}: {en}", yuan(story.tally.first().asked.minor)),
                },
                tone: "neutral",
            }
        })
        .collect())
}

/// Puts the bank's book and the payments of one till together.
pub fn beside(payments: Vec<Payment>, book: &Book, terminal: &str) -> Beside {
    let own: Vec<&Entry> = book.entries.iter().filter(|entry| entry.terminal.as_str() == terminal).collect();
    let mut messages: Vec<Message> = own.iter().enumerate().map(|(place, entry)| sms(place, entry)).collect();
    messages.extend(payments.iter().flat_map(|payment| payment.notices.clone()));
    messages.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    messages.drain(..messages.len().saturating_sub(MESSAGES));
    let entries = own.iter().rev().take(MESSAGES).map(|entry| BankEntry {
        at_ms: entry.at.0,
        what: entry.what,
        why: entry.why,
        amount: entry.amount,
        rrn: entry.rrn.as_str().to_owned(),
        words: moved(entry),
    });
    let entries = entries.collect();
    let last_move =
        |rrn: &str| own.iter().rev().find(|entry| entry.rrn.as_str() == rrn).map(|entry| entry.at);
    let mut lines: Vec<_> = book
        .payments
        .iter()
        .filter(|line| line.terminal.as_str() == terminal)
        .map(|line| (last_move(line.rrn.as_str()), line))
        .collect();
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let ledger = lines.into_iter().take(SHOWN).map(|(_, line)| LedgerLine {
        rrn: line.rrn.as_str().to_owned(),
        card: masked(line.card.expose()),
        charged: line.charged,
        returned: line.returned,
        held: line.held,
        balance: book.account(line.card.expose()).map_or(0, |account| account.balance),
    });
    Beside { ledger: ledger.collect(), entries, messages, payments }
}

fn sms(place: usize, entry: &Entry) -> Message {
    let card = entry.card.expose();
    let tail = card.get(card.len().saturating_sub(4)..).unwrap_or_default();
    let amount = yuan(entry.amount);
    let (zh, en, tone) = match entry.what {
        What::Charge => ("支出", "was charged", "bad"),
        What::Return => ("退回", "was given back", "good"),
        What::Hold => ("冻结", "is held", "neutral"),
        What::Release => ("解冻", "is free again", "good"),
    };
    Message {
        id: format!("bank-{place:06}"),
        at_ms: entry.at.0,
        from: Sender::Bank,
        text: Words {
            zh: format!("【模拟银行】您尾号{tail}的账户{zh}人民币{amount}元"),
            en: format!("[Simulated bank] Card ending {tail}: CNY {amount} {en}"),
        },
        tone,
    }
}

fn moved(entry: &Entry) -> Words {
    let (zh, en) = match entry.why {
        Why::Sale => ("消费", "sale"),
        Why::OfflineSale => ("离线消费", "offline sale"),
        Why::PreAuthorisation => ("预授权", "pre-authorisation"),
        Why::Completion => ("预授权完成", "completion"),
        Why::Void => ("撤销", "void"),
        Why::Refund => ("退货", "refund"),
        Why::Reversal => ("冲正", "reversal"),
        Why::ReversalOfVoid => ("撤销被冲正", "reversal of a void"),
        Why::SecondTime => ("银行重复处理", "the bank's own second time"),
    };
    let (what_zh, what_en) = match entry.what {
        What::Charge => ("扣款", "charged"),
        What::Return => ("退回", "returned"),
        What::Hold => ("冻结", "held"),
        What::Release => ("解冻", "released"),
    };
    let amount = yuan(entry.amount);
    Words { zh: format!("{what_zh} {amount}({zh})"), en: format!("{what_en} {amount} ({en})") }
}

/// First six and last four digits.
fn masked(pan: &str) -> String {
    let (first, last) = (pan.get(..6).unwrap_or(""), pan.get(pan.len().saturating_sub(4)..).unwrap_or(""));
    format!("{first}{}{last}", "*".repeat(pan.len().saturating_sub(10)))
}

/// Fen as people read them.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, (fen % 100).abs())
}
