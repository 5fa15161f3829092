//! After the last fault: terminals work off what they owe, and everything that acts comes to its end.

use super::{
    Teller, all,
    cashier::{Cashier, Journal},
    fate::lasts,
    parties::Place,
};
use crate::{Failure, open};
use hefu_store::{DutyRow, Store};
use hefu_tally::{duty::DutyKind, time::MINUTE};
use std::time::Duration;
use tokio::{task::JoinSet, time::Instant};

/// Everything that acts must have ended so long after the last fault, in stated milliseconds. The slowest test card
/// answers reversals after ten minutes; backoff and two denials come on top.
const HEALS_WITHIN: u64 = 20 * 60_000;
/// Between two looks at what still acts.
const LOOK: Duration = Duration::from_millis(300);
/// Duties read at a time.
const PAGE: usize = 1_000;

/// Terminals work off what they owe, the platform heals, terminals ask and settle, and the platform heals again.
pub async fn heal(
    place: &Place,
    mut cashiers: Vec<Cashier>,
    teller: &Teller<'_>,
) -> Result<Vec<Journal>, Failure> {
    for settle in [false, true] {
        let until = Instant::now() + lasts(HEALS_WITHIN, place.scale);
        let mut clearing_up = JoinSet::new();
        for cashier in cashiers {
            clearing_up.spawn(cashier.clear_up(settle, until));
        }
        cashiers = all(clearing_up, place, teller).await?;
        // What acts beyond its time is a difference, which the comparison names.
        while acting(place)? > 0 && Instant::now() < until {
            teller.tell_sometimes(place, "healing")?;
            tokio::time::sleep(LOOK).await;
        }
    }
    let mut journals = Vec::new();
    for mut cashier in cashiers {
        journals.push(cashier.journal().await?);
    }
    Ok(journals)
}

/// How many duties still act.
pub fn acting(place: &Place) -> Result<usize, Failure> {
    let mut store = open::open(&place.store())?;
    // Repeats are due within minutes; what waits for the day cut or clearing is due much later.
    let due_by = place.now()?.after(30 * MINUTE);
    let (mut acting, mut after) = (0, None);
    loop {
        let page = store.duties(after, due_by, PAGE).map_err(Failure::found)?;
        let Some(last) = page.last() else { return Ok(acting) };
        after = Some(*last);
        for row in page {
            acting += usize::from(match row.duty.kind {
                DutyKind::FindOut | DutyKind::Reverse => true,
                // Refused until the clearing files are here: nothing that healing could wait for.
                DutyKind::Insist => !awaits_clearing(&mut store, &row)?,
                DutyKind::AwaitClearing | DutyKind::HearMerchant | DutyKind::AskPerson => false,
            });
        }
    }
}

fn awaits_clearing(store: &mut impl Store, row: &DutyRow) -> Result<bool, Failure> {
    let duties = store.duties_of(row.shard, row.tally).map_err(Failure::found)?;
    Ok(duties.iter().any(|duty| duty.kind == DutyKind::AwaitClearing))
}
