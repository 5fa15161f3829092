//! Safety, after every step: nothing is said that is not durable, and nobody is charged twice.

use super::asked;
use super::banks::Banks;
use super::mirror::Mirror;
use super::neighbours::Neighbours;
use super::orders::Orders;
use super::proofs::Proofs;
use super::rows::{self, Row};
use super::settles::Settles;
use crate::bank::{Event, Key, Line, Movement, Request, What, Why};
use hefu_engine::{BankAsk, BankRequest, Engine, Output, Reply, Said};
use hefu_store::Store;
use hefu_tally::{
    Direction, Kind, LinkId, LinkKey, Moment, Rrn, TallyId,
    leg::{Identity, NOTHING_CHARGED},
    record::{Batch, Subject},
};
use std::collections::{BTreeMap, BTreeSet};

/// A rule that was broken, and how.
pub(super) type Broken = (&'static str, String);

/// What has been seen so far.
#[derive(Default)]
pub(super) struct Watch {
    payments: BTreeSet<TallyId>,
    /// Which reference each identity went to the bank under.
    sent: BTreeMap<Identity, Rrn>,
    keys: BTreeSet<LinkKey>,
    /// The bank's requests by reference, and its money by payment: charged, returned.
    received: BTreeMap<String, Key>,
    charged: BTreeMap<Key, (i64, i64)>,
    taken: BTreeSet<Key>,
    /// What passed between gateway and bank.
    pub proofs: Proofs,
    pub settles: Settles,
    pub orders: Orders,
    pub neighbours: Neighbours,
    /// Whose the cards are.
    banks: Banks,
}

/// F39 that tells a terminal that it has a sale.
pub(super) const APPROVALS: [&[u8; 2]; 7] = [b"00", b"10", b"11", b"A2", b"A4", b"A5", b"A6"];

impl Watch {
    pub fn new(proofs: Proofs, banks: Banks) -> Watch {
        let neighbours = Neighbours::new(banks.count());
        Watch { proofs, neighbours, banks, ..Watch::default() }
    }

    pub fn payments(&self) -> u64 {
        self.payments.len() as u64
    }

    /// An output is about to be carried out.
    pub fn output<S: Store>(
        &mut self,
        now: Moment,
        (store, mirror): (&mut S, &Mirror),
        engine: &Engine,
        output: &Output,
    ) -> Result<(), Broken> {
        match output {
            Output::Commit(batch) => self.commit(engine, batch),
            Output::Send { link, message } => self.send(now, (store, mirror), *link, message),
            Output::Reply { conversation, reply } => match &reply.what {
                Said::Settled { balanced: true } => self.settles.balanced(*conversation, mirror),
                Said::Uploaded { code } if &code.0 == b"00" => self.settles.complete(*conversation),
                Said::Settled { .. }
                | Said::Uploaded { .. }
                | Said::Transaction { .. }
                | Said::Reversal { .. }
                | Said::SignOn { .. }
                | Said::Done { .. } => self.reply(store, reply),
            },
            Output::Answer { ticket, answer } => {
                self.orders.answered(now, *ticket, answer);
                Ok(())
            }
            Output::Load(_) | Output::Lease(_) | Output::WakeAt { .. } | Output::Alarm { .. } => Ok(()),
        }
    }

    fn commit(&mut self, engine: &Engine, batch: &Batch) -> Result<(), Broken> {
        for entry in &batch.entries {
            let Subject::Tally(id) = entry.subject else { continue };
            self.payments.insert(id);
            if let Some(Err(error)) = engine.peek(id).map(hefu_tally::Tally::check) {
                return Err(("tally", format!("{id}: {error}")));
            }
        }
        Ok(())
    }

    /// Intent before action: what leaves for the bank is durable.
    fn send<S: Store>(
        &mut self,
        now: Moment,
        (store, mirror): (&mut S, &Mirror),
        link: LinkId,
        message: &BankRequest,
    ) -> Result<(), Broken> {
        let rrn = message.rrn;
        let Some((family, place)) = find(store, &rrn).map_err(|error| ("store", error))? else {
            return Err((
                "intent",
                format!("{:?} of {rrn} leaves, and the store knows nothing of it", message.what),
            ));
        };
        let row = &family[place];
        let leg = &row.leg;
        let durable = match message.what {
            BankAsk::Request | BankAsk::Repeat => {
                leg.request.as_ref().is_some_and(|request| request.key == message.key)
            }
            BankAsk::Reversal { .. } | BankAsk::ReversalRepeat { .. } => {
                let key = leg.undo.as_ref().is_some_and(|undo| undo.key == message.key);
                key && leg.direction == Direction::Return
            }
        };
        if !durable {
            return Err((
                "intent",
                format!("{:?} leaves before it is durable: {}", message.what, row.describe()),
            ));
        }
        let its_own = self.banks.link_of_card(row.card);
        if link != its_own {
            return Err((
                "link",
                format!("it leaves on link {}, not {}: {}", link.0, its_own.0, row.describe()),
            ));
        }
        let first = matches!(message.what, BankAsk::Request | BankAsk::Reversal { .. });
        if first && !self.keys.insert(message.key) {
            return Err(("keys", format!("{rrn}: the key {:?} was used before", message.key)));
        }
        if matches!(message.what, BankAsk::Request) && self.sent.insert(leg.identity, rrn).is_some() {
            return Err(("once", format!("a second request for one identity: {}", row.describe())));
        }
        if matches!(message.what, BankAsk::Request) {
            asked::may_leave(now, &family, place, mirror)?;
            self.orders.may_leave(row)?;
        }
        self.proofs.sent(now, message)
    }

    /// A terminal hears only what is durable, and an approval only of what is kept.
    fn reply<S: Store>(&mut self, store: &mut S, reply: &Reply) -> Result<(), Broken> {
        match &reply.what {
            Said::Transaction { code, rrn, amount, .. } if APPROVALS.contains(&&code.0) => {
                let rrn = rrn.ok_or(("approval", format!("{code} without a reference")))?;
                let row = one(store, &rrn)?;
                let row = row.ok_or((
                    "approval",
                    format!("{rrn} is told {code}, and the store knows nothing of it"),
                ))?;
                let kept = row.leg.direction == Direction::Keep && row.leg.is_done();
                if !kept || row.leg.amount != *amount {
                    return Err(("approval", format!("{code} is told, but {}", row.describe())));
                }
                if row.spoilt && matches!(row.leg.kind, Kind::Sale | Kind::PreAuth) {
                    return Err(("spoilt", format!("{code} is told on a spoilt answer: {}", row.describe())));
                }
                self.proofs.told(&rrn)
            }
            Said::Transaction { code, rrn: Some(rrn), .. } if *code == NOTHING_CHARGED => {
                match one(store, rrn)? {
                    Some(row) => self.neighbours.refused(&row, self.banks.link_of_card(row.card)),
                    None => Ok(()),
                }
            }
            Said::Reversal { code, rrn: Some(rrn) } if &code.0 == b"00" => {
                let row = one(store, rrn)?;
                match row {
                    Some(row) if row.leg.direction == Direction::Return => Ok(()),
                    Some(row) => Err(("reversal", format!("00 is told, but {}", row.describe()))),
                    None => {
                        Err(("reversal", format!("00 is told of {rrn}, and the store knows nothing of it")))
                    }
                }
            }
            Said::Transaction { .. }
            | Said::Reversal { .. }
            | Said::SignOn { .. }
            | Said::Done { .. }
            | Said::Settled { .. }
            | Said::Uploaded { .. } => Ok(()),
        }
    }

    /// The bank wrote a line into its journal.
    pub fn bank(&mut self, line: &Line) -> Result<(), Broken> {
        for event in &line.events {
            match event {
                Event::Received(request) => self.received(request)?,
                Event::Moved(movement) => self.moved(movement)?,
                Event::Opened { .. }
                | Event::Judged { .. }
                | Event::Stands { .. }
                | Event::Reversal(_)
                | Event::ReversalAgain { .. }
                | Event::ReversalDone { .. }
                | Event::Planned { .. }
                | Event::Settled { .. }
                | Event::Pin { .. }
                | Event::Unseen { .. }
                | Event::Refused { .. }
                | Event::KeyChanged { .. }
                | Event::Undeliverable { .. } => {}
            }
        }
        Ok(())
    }

    fn received(&mut self, request: &Request) -> Result<(), Broken> {
        let rrn = request.rrn.as_str().to_owned();
        match self.received.insert(rrn.clone(), request.key) {
            Some(key) if key != request.key => {
                Err(("once", format!("the bank took {rrn} in twice, under {key} and {}", request.key)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn moved(&mut self, movement: &Movement) -> Result<(), Broken> {
        let Movement { what, of, amount, why, .. } = *movement;
        let first_time = match why {
            Why::Sale | Why::OfflineSale | Why::PreAuthorisation => true,
            Why::Completion => what == What::Charge,
            Why::Void | Why::Refund | Why::Reversal | Why::ReversalOfVoid | Why::SecondTime => false,
        };
        if first_time && !self.taken.insert(of) {
            return Err(("once", format!("the payer is charged twice for {of}")));
        }
        let sums = self.charged.entry(of).or_default();
        match what {
            What::Charge => sums.0 += amount,
            What::Return => sums.1 += amount,
            What::Hold | What::Release => {}
        }
        if sums.1 > sums.0 {
            return Err(("returned", format!("{of}: {} returned of {} charged", sums.1, sums.0)));
        }
        Ok(())
    }
}

/// The leg with this reference, as committed.
fn one<S: Store>(store: &mut S, rrn: &Rrn) -> Result<Option<Row>, Broken> {
    let found = find(store, rrn).map_err(|error| ("store", error))?;
    Ok(found.map(|(mut family, place)| family.swap_remove(place)))
}

/// The legs of the payment that this reference belongs to, as committed, and which of them it names.
fn find<S: Store>(store: &mut S, rrn: &Rrn) -> Result<Option<(Vec<Row>, usize)>, String> {
    let shard = rrn.shard().map_err(|error| error.to_string())?;
    let found = store.find(shard, &hefu_engine::rrn_handle(rrn)).map_err(|error| error.to_string())?;
    let Some((id, no)) = found else { return Ok(None) };
    let row = store.tally(id, shard).map_err(|error| error.to_string())?;
    let Some(family) = row.map(|row| rows::of_state(id, &row.state)).transpose()? else { return Ok(None) };
    let place = family.iter().position(|row| row.no == no);
    Ok(place.map(|place| (family, place)))
}

/// The reference of the payment whose approval this output tells.
pub(super) fn approved_by(output: &Output) -> Option<Rrn> {
    let Output::Reply { reply, .. } = output else { return None };
    match &reply.what {
        Said::Transaction { code, rrn, .. } if APPROVALS.contains(&&code.0) => *rrn,
        Said::Transaction { .. }
        | Said::Reversal { .. }
        | Said::SignOn { .. }
        | Said::Done { .. }
        | Said::Settled { .. }
        | Said::Uploaded { .. } => None,
    }
}
