//! A payment as one row of a list.

use crate::names::{DirectionName, DutyKindName, IssuerHalfName, KindName, MerchantHalfName, ViewName};
use hefu_tally::{
    Duty, Kind, LegNo, Merchant, Money, Tally, View, books::Account, duty::DutyKind, leg::Direction,
    money::MoneyError, tally::IssuerHalf,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Money as pages and other programs read it.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Money)]
pub struct Amount {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217, three digits: 156 is the yuan.
    #[schema(example = 156)]
    pub currency: u16,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount { minor: money.minor, currency: money.currency.0 }
    }
}

/// What is still owed, and by when.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Duty)]
pub struct DutyView {
    #[schema(value_type = DutyKindName)]
    pub kind: DutyKind,
    /// Milliseconds since 1970, UTC; as all moments.
    pub due_ms: i64,
}

impl From<&Duty> for DutyView {
    fn from(duty: &Duty) -> DutyView {
        DutyView { kind: duty.kind, due_ms: duty.due.0 }
    }
}

/// One payment of a list: its first transaction, and how the whole stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentRow)]
pub struct Row {
    pub id: String,
    /// Reference of the first transaction.
    pub rrn: String,
    pub opened_ms: i64,
    pub merchant: String,
    pub terminal: String,
    /// First six and last four digits.
    pub card: String,
    #[schema(value_type = KindName)]
    pub kind: Kind,
    pub amount: Amount,
    #[schema(value_type = ViewName)]
    pub view: View,
    #[schema(value_type = IssuerHalfName)]
    pub issuer: IssuerHalf,
    #[schema(value_type = MerchantHalfName)]
    pub merchant_half: Merchant,
    #[schema(value_type = DirectionName)]
    pub direction: Direction,
    /// Both halves say the same.
    pub matched: bool,
    /// The duty that is due first.
    #[schema(required = true)]
    pub duty: Option<DutyView>,
    /// How many transactions it has: a sale, its void, its refunds.
    pub legs: u32,
    /// The bank link's number, if anything went to a bank.
    #[schema(required = true)]
    pub link: Option<u16>,
    /// Minor units that are at risk: of unknown outcome, or taken and not known to be a merchant's sale.
    pub at_risk: i64,
}

impl Row {
    /// The row of a payment.
    ///
    /// # Errors
    /// Its amounts overflow.
    pub fn of(tally: &Tally) -> Result<Row, MoneyError> {
        let first = tally.first();
        let halves = tally.halves()?;
        let duties = tally.duties();
        let link = tally.legs().find_map(|(_, leg)| leg.request.map(|request| request.link.0));
        Ok(Row {
            id: tally.id.to_string(),
            rrn: first.rrn.to_string(),
            opened_ms: tally.opened.0,
            merchant: tally.merchant.to_string(),
            terminal: first.identity.till.terminal.to_string(),
            card: tally.masked.as_str().to_owned(),
            kind: first.kind,
            amount: first.amount.into(),
            view: tally.view(),
            issuer: halves.issuer,
            merchant_half: merchant_half(tally),
            direction: first.direction,
            matched: tally.matched(),
            duty: duties.iter().min_by_key(|duty| duty.due).map(DutyView::from),
            legs: u32::try_from(tally.legs().count()).unwrap_or(u32::MAX),
            link,
            at_risk: at_risk(tally)?,
        })
    }
}

/// The merchant's half that fits least: that of an unmatched transaction, if there is one.
fn merchant_half(tally: &Tally) -> Merchant {
    let unmatched = tally.legs().map(|(_, leg)| leg).find(|leg| !leg.matched());
    unmatched.unwrap_or(tally.first()).merchant
}

/// What the books hold at risk for this payment.
fn at_risk(tally: &Tally) -> Result<i64, MoneyError> {
    let mut sum = 0_i64;
    for posting in tally.postings(None)? {
        let moved = posting.pending.checked_add(posting.posted).ok_or(MoneyError::Overflow)?;
        if posting.credit == Account::AtRisk {
            sum = sum.checked_add(moved).ok_or(MoneyError::Overflow)?;
        }
        if posting.debit == Account::AtRisk {
            sum = sum.checked_sub(moved).ok_or(MoneyError::Overflow)?;
        }
    }
    Ok(sum)
}

/// All duties of one leg.
pub(crate) fn duties_of(tally: &Tally, no: LegNo) -> Vec<DutyView> {
    tally.duties().iter().filter(|duty| duty.leg == no).map(DutyView::from).collect()
}
