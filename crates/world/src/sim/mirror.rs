//! What the store has of every payment, kept beside it commit by commit, so that looking at all of it costs nothing.
//! The judge shows at the end that the mirror and the store say the same.

use super::rows::{self, Row};
use hefu_engine::Input;
use hefu_node::Work;
use hefu_store::Store;
use hefu_tally::{Rrn, TallyId, record::Subject};
use std::collections::BTreeMap;

/// The committed legs of all payments.
#[derive(Default)]
pub(super) struct Mirror {
    payments: BTreeMap<TallyId, Payment>,
    /// Where each leg is, by its reference.
    places: BTreeMap<Rrn, (TallyId, usize)>,
}

struct Payment {
    /// As the store has it.
    state: Vec<u8>,
    legs: Vec<Row>,
}

/// What a piece of work will change if the store takes it: place in the batch, payment, its row.
pub(super) struct Change(Vec<(usize, TallyId, Vec<u8>)>);

impl Mirror {
    /// What to look at when `work` has been done.
    pub fn before(work: &Work) -> Change {
        let Work::Commit(batch) = work else { return Change(Vec::new()) };
        let of = batch.entries.iter().enumerate().filter_map(|(place, entry)| {
            let Subject::Tally(id) = entry.subject else { return None };
            Some((place, id, entry.state.clone()))
        });
        Change(of.collect())
    }

    /// The store has answered `answer`: the payments that changed.
    ///
    /// # Errors
    /// A row that cannot be read, in words.
    pub fn after(&mut self, change: Change, answer: &Input) -> Result<Vec<TallyId>, String> {
        let Input::Committed { refused, .. } = answer else { return Ok(Vec::new()) };
        let mut changed = Vec::new();
        for (place, id, state) in change.0 {
            if refused.iter().any(|refused| refused.entry == place) {
                continue;
            }
            let legs = rows::of_state(id, &state)?;
            self.places.extend(legs.iter().enumerate().map(|(place, row)| (row.leg.rrn, (id, place))));
            self.payments.insert(id, Payment { state, legs });
            changed.push(id);
        }
        Ok(changed)
    }

    /// The legs of one payment.
    pub fn of(&self, id: TallyId) -> &[Row] {
        self.payments.get(&id).map_or(&[], |payment| &payment.legs)
    }

    /// The leg with this reference.
    pub fn leg(&self, rrn: &Rrn) -> Option<&Row> {
        let (id, place) = self.places.get(rrn)?;
        self.of(*id).get(*place)
    }

    /// All legs, payment by payment.
    pub fn legs(&self) -> impl Iterator<Item = &Row> {
        self.payments.values().flat_map(|payment| &payment.legs)
    }

    /// Looks whether the store says the same.
    ///
    /// # Errors
    /// The first difference, in words.
    pub fn compare<S: Store>(&self, store: &mut S) -> Result<(), String> {
        let (mut after, mut count) = (None, 0);
        loop {
            let page = store.tallies(after, 500).map_err(|error| error.to_string())?;
            let Some(last) = page.last() else { break };
            after = Some((last.shard, last.id));
            count += page.len();
            for row in &page {
                let known = self.payments.get(&row.id).map(|payment| payment.state.as_slice());
                if known != Some(row.state.as_slice()) {
                    return Err(format!("payment {} in the store is not what was committed", row.id));
                }
            }
        }
        if count == self.payments.len() {
            return Ok(());
        }
        Err(format!("{} payments were committed, the store has {count}", self.payments.len()))
    }
}
