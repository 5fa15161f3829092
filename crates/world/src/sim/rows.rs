//! The store's payment rows as plain data: fields are read, nothing of the product's reckoning is used.

use super::coverage::State;
use hefu_store::Store;
use hefu_tally::{
    Direction, Issuer, Kind, LegNo, LinkId, LinkKey, Merchant, Moment, Money, Rrn, TallyId,
    leg::{Case, Identity, Knowledge, UndoState, Why},
};
use serde::Deserialize;

/// One transaction of a payment, as the store has it.
#[derive(Clone, Deserialize)]
pub(super) struct Leg {
    pub kind: Kind,
    pub of: Option<LegNo>,
    pub identity: Identity,
    pub rrn: Rrn,
    pub opened: Moment,
    pub asked: Money,
    pub amount: Money,
    pub issuer: Issuer,
    pub merchant: Merchant,
    pub direction: Direction,
    pub why: Option<Why>,
    pub request: Option<Request>,
    /// What the bank answered to the request; only whether it did is looked at.
    bank: Option<serde::de::IgnoredAny>,
    /// What the terminal was last told; only whether it was is looked at.
    told: Option<serde::de::IgnoredAny>,
    pub undo: Option<Undo>,
    #[serde(default)]
    pub owed: bool,
    pub knows: Option<Knowledge>,
    pub clearing: Option<Moment>,
    pub case: Option<Case>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Request {
    pub link: LinkId,
    pub key: LinkKey,
}

#[derive(Clone, Deserialize)]
pub(super) struct Undo {
    pub key: LinkKey,
    /// Answers that came to its copies.
    #[serde(default)]
    pub answers: u16,
    pub state: UndoState,
}

#[derive(Deserialize)]
struct Payment {
    masked: String,
    legs: Vec<Leg>,
}

/// The cards whose bank denies what it did or will do yet: a void (997), a sale (971), or a sale that it still holds
/// when the line had kept it so long that nothing should be under way any more (658). What the platform settles about
/// these by two denials stands under a duty to wait for clearing, which alone can correct it.
const DENIES: [&str; 3] = ["0997", "0971", "0658"];
/// The card whose bank acknowledges a reversal before it has seen the sale, and charges afterwards. When its answer
/// to the sale is lost nothing but clearing can tell.
const CHARGES_AFTERWARDS: &str = "0955";

/// A leg and where it stands.
#[derive(Clone)]
pub(super) struct Row {
    pub tally: TallyId,
    pub no: LegNo,
    /// The card's bank denies what it did.
    denies: bool,
    /// The card's bank charges after it acknowledged the reversal.
    pub charges_afterwards: bool,
    /// The card's bank answers nothing about it for minutes: as good as out of reach.
    pub silent: bool,
    /// Every answer of the card's bank to a sale or hold is spoilt: none of them proves anything.
    pub spoilt: bool,
    /// The card's last four digits.
    pub card: [u8; 4],
    pub leg: Leg,
}

/// The last digits of the cards whose bank answers a sale with a wrong MAC, amount or terminal.
const SPOILT: [&str; 3] = ["0716", "0724", "0732"];
/// The last digits of the cards whose bank answers reversals or advices only after ten minutes.
const SILENT: [&str; 2] = ["0674", "0948"];

/// What a transaction does, by our own table.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Does {
    Charges,
    Holds,
    /// Gives back what a charge took.
    Returns,
    /// Lets a hold go.
    Releases,
    Nothing,
}

pub(super) fn does(kind: Kind) -> Does {
    match kind {
        Kind::Sale | Kind::OfflineSale | Kind::Completion | Kind::CompletionAdvice => Does::Charges,
        Kind::PreAuth => Does::Holds,
        Kind::Void | Kind::CompletionVoid | Kind::Refund => Does::Returns,
        Kind::PreAuthVoid => Does::Releases,
        Kind::Inquiry => Does::Nothing,
    }
}

impl Leg {
    /// The bank is known to have done it, and not to have undone it.
    pub fn is_done(&self) -> bool {
        self.issuer == Issuer::Done
    }
}

impl Row {
    /// Its row in the matrix of states and faults.
    pub fn state(&self) -> State {
        let Leg { issuer, merchant, direction, .. } = self.leg;
        State { issuer, merchant, direction, undo: self.leg.undo.as_ref().map(|undo| undo.state) }
    }

    /// Something about it may go over this link; of what never left, over any.
    pub fn is_of(&self, link: LinkId) -> bool {
        self.leg.request.as_ref().is_none_or(|request| request.link == link)
    }

    /// It waits, visibly, for the clearing files or for a person. A leg that two reversals found never done waits
    /// for nothing, clearing only confirms it, unless its bank denies what it did.
    pub fn waits(&self) -> bool {
        let denied = self.denies && self.leg.undo.as_ref().is_some_and(|undo| undo.answers >= 2);
        let closed = self.leg.issuer == Issuer::NotDone && !denied;
        self.leg.case.is_some() || (self.leg.clearing.is_some() && !closed)
    }

    /// The same row, with no excuse for its card.
    pub fn judged_strictly(self) -> Row {
        Row { denies: false, charges_afterwards: false, ..self }
    }

    /// Nobody at the platform can know that the bank has charged.
    pub fn is_beyond_knowing(&self) -> bool {
        self.charges_afterwards && self.leg.bank.is_none() && self.leg.issuer == Issuer::Undone
    }

    /// What the answers to its reversal prove hangs on how many came: the bank has said nothing of the transaction
    /// itself, or it is one that acknowledges first.
    pub fn is_counted(&self) -> bool {
        self.leg.bank.is_none() || self.charges_afterwards
    }

    /// The terminal was told something of it.
    pub fn was_told(&self) -> bool {
        self.leg.told.is_some()
    }

    /// Nobody but clearing can say what became of it.
    pub fn is_unknown_and_waits(&self) -> bool {
        self.leg.issuer == Issuer::Unknown && self.waits()
    }

    pub fn describe(&self) -> String {
        let Leg { kind, rrn, issuer, merchant, direction, why, knows, case, .. } = &self.leg;
        let undo = self.leg.undo.as_ref().map(|undo| undo.state);
        let trace = self.leg.identity.trace;
        let till = self.leg.identity.till.terminal;
        format!(
            "{kind:?} {rrn} ({till} trace {trace:06}): bank {issuer:?}, merchant {merchant:?} by {knows:?}, \
             {direction:?} for {why:?}, reversal {undo:?}, case {case:?}"
        )
    }
}

/// Something of this payment waits for the clearing files or for a person.
pub(super) fn family_waits(row: &Row, rows: &[Row]) -> bool {
    rows.iter().any(|other| other.tally == row.tally && other.waits())
}

/// What is not settled; none when there is nothing left to do but to wait for clearing or a person.
pub(super) fn unsettled(rows: &[Row]) -> Option<String> {
    let open = rows.iter().find(|row| {
        let leg = &row.leg;
        let reversing = leg.undo.as_ref().is_some_and(|undo| undo.state == UndoState::Running);
        let unknown = leg.issuer == Issuer::Unknown;
        let returning = leg.direction == Direction::Return && leg.is_done();
        (reversing || unknown || returning) && !family_waits(row, rows)
    });
    open.map(Row::describe)
}

/// All legs in the store, payment by payment.
///
/// # Errors
/// A row that cannot be read, in words.
pub(super) fn legs<S: Store>(store: &mut S) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = store.tallies(after, 500).map_err(|error| error.to_string())?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some((last.shard, last.id));
        for row in &page {
            rows.extend(of_state(row.id, &row.state)?);
        }
    }
}

/// The legs of one payment's row.
///
/// # Errors
/// The row cannot be read, in words.
pub(super) fn of_state(tally: TallyId, state: &[u8]) -> Result<Vec<Row>, String> {
    let payment: Payment =
        serde_json::from_slice(state).map_err(|error| format!("payment {tally}: {error}"))?;
    let denies = DENIES.iter().any(|card| payment.masked.ends_with(card));
    let charges_afterwards = payment.masked.ends_with(CHARGES_AFTERWARDS);
    let silent = SILENT.iter().any(|card| payment.masked.ends_with(card));
    let spoilt = SPOILT.iter().any(|card| payment.masked.ends_with(card));
    let digits = payment.masked.as_bytes();
    let card = digits.last_chunk().copied().ok_or_else(|| format!("payment {tally}: no card"))?;
    let row = |(place, leg)| {
        let no = LegNo(place as u8);
        Row { tally, no, denies, charges_afterwards, silent, spoilt, card, leg }
    };
    Ok(payment.legs.into_iter().enumerate().map(row).collect())
}
