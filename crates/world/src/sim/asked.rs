//! What may be asked of the bank at all: our own rules for a request that leaves for the first time.

use super::mirror::Mirror;
use super::rows::{Does, Row, does};
use super::watch::Broken;
use hefu_tally::{Direction, Issuer, Kind, Moment, time::MINUTE};

/// A completion takes at most so many hundredths of its hold.
const COMPLETION: i64 = 115;
/// So long nobody charges the same card with the same amount while the first charge is unknown.
const TWICE: i64 = 10 * MINUTE;

/// The first request of the leg at `place` in its payment's `family` leaves.
pub(super) fn may_leave(now: Moment, family: &[Row], place: usize, mirror: &Mirror) -> Result<(), Broken> {
    let Some(row) = family.get(place) else { return Ok(()) };
    match row.leg.of.and_then(|of| family.get(usize::from(of.0))) {
        Some(original) => follows(row, original, family),
        None if row.leg.of.is_some() => Err(("asked", format!("it follows nothing: {}", row.describe()))),
        None => again(now, row, mirror),
    }
}

/// What acts on an earlier leg.
fn follows(row: &Row, original: &Row, family: &[Row]) -> Result<(), Broken> {
    let words = |what: &str| format!("{what}: {}; {}", row.describe(), original.describe());
    if !original.leg.is_done() || original.leg.direction != Direction::Keep {
        return Err(("asked", words("what it acts on does not stand")));
    }
    let unknown = |other: &&Row| {
        let same = other.leg.kind == Kind::Refund && other.leg.of == row.leg.of && other.no != row.no;
        same && other.leg.issuer == Issuer::Unknown
    };
    if row.leg.kind == Kind::Refund
        && let Some(other) = family.iter().find(unknown)
    {
        return Err(("asked", words(&format!("beside an unknown refund ({})", other.describe()))));
    }
    let completes = does(row.leg.kind) == Does::Charges && does(original.leg.kind) == Does::Holds;
    if completes && row.leg.asked.minor * 100 > original.leg.amount.minor * COMPLETION {
        return Err(("asked", words("more than 115 % of its hold")));
    }
    Ok(())
}

/// What charges or holds by itself: not while the same is unknown.
fn again(now: Moment, row: &Row, mirror: &Mirror) -> Result<(), Broken> {
    let by_card = |kind| matches!(kind, Kind::Sale | Kind::PreAuth);
    if !by_card(row.leg.kind) {
        return Ok(());
    }
    // One that was opened later is judged when it leaves itself.
    let before = (row.leg.opened, row.tally);
    let doubtful = mirror.legs().find(|other| {
        let same = other.card == row.card
            && other.leg.asked == row.leg.asked
            && other.leg.identity.till.merchant == row.leg.identity.till.merchant;
        let in_doubt = by_card(other.leg.kind) && other.leg.issuer == Issuer::Unknown;
        same && in_doubt && (other.leg.opened, other.tally) < before && now < other.leg.opened.after(TWICE)
    });
    match doubtful {
        Some(other) => {
            Err(("asked", format!("charged again while in doubt: {}; {}", row.describe(), other.describe())))
        }
        None => Ok(()),
    }
}
