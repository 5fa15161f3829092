//! A bank that is away, silent or closed by order is nothing to the payments of the other: a new payment is refused
//! for its link's sake only while that link takes none.

use super::banks::bank_of;
use super::rows::Row;
use super::watch::Broken;
use hefu_engine::Engine;
use hefu_tally::{LinkId, Moment, leg::Why, link::LinkMode};

/// Since when each bank's link has taken new payments.
#[derive(Default)]
pub(super) struct Neighbours {
    open: Vec<Option<Moment>>,
}

impl Neighbours {
    pub fn new(banks: usize) -> Neighbours {
        Neighbours { open: vec![None; banks] }
    }

    /// Looks how the links stand, after everything that happened in this moment.
    pub fn look(&mut self, now: Moment, engine: &Engine) {
        for link in engine.status().links {
            let open = &mut self.open[bank_of(link.link)];
            match link.up && link.state.mode() == LinkMode::Normal {
                true => {
                    open.get_or_insert(now);
                }
                false => *open = None,
            }
        }
    }

    /// The gateway has stopped.
    pub fn stopped(&mut self) {
        self.open.fill(None);
    }

    /// A terminal is about to hear that its payment never left, since no bank could be asked.
    pub fn refused(&self, row: &Row, link: LinkId) -> Result<(), Broken> {
        // What its terminal reversed before it came is refused for that.
        let for_its_link = row.leg.request.is_none() && row.leg.why == Some(Why::NeverSent);
        match self.open[bank_of(link)] {
            Some(since) if since < row.leg.opened && for_its_link => {
                Err(("neighbour", format!("refused though its bank can be asked: {}", row.describe())))
            }
            Some(_) | None => Ok(()),
        }
    }
}
