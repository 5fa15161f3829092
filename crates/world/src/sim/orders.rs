//! Orders of persons about a bank link: out of service for new payments, and back.

use super::banks::link_of;
use super::coverage::About;
use super::event::Event;
use super::faults::Fault;
use super::rows::{Does, Row, does};
use super::watch::Broken;
use super::world::{Phase, World};
use hefu_engine::{Answer, Input};
use hefu_store::Store;
use hefu_tally::{
    Moment,
    link::{LinkMode, Order},
    time::MINUTE,
};

/// Tickets of orders begin here, apart from those of decisions.
const TICKETS: u64 = 1 << 32;

/// The orders of one world.
#[derive(Default)]
pub(super) struct Orders {
    given: u64,
    /// The bank whose link the orders are about.
    bank: usize,
    /// The mode that was ordered last, if it is not the ordinary one.
    mode: Option<LinkMode>,
    /// Since when no new payment may go to the bank: the order is durable.
    closed: Option<Moment>,
}

impl Orders {
    /// Somebody who came with a ticket is answered.
    pub fn answered(&mut self, now: Moment, ticket: u64, answer: &Answer) {
        let newest = self.mode.is_some() && ticket == TICKETS + self.given;
        if newest && *answer == Answer::Done {
            self.closed.get_or_insert(now);
        }
    }

    /// The first request of this leg leaves: not of one that was asked for while the link takes none. Advices alone are
    /// kept for later.
    pub fn may_leave(&self, row: &Row) -> Result<(), Broken> {
        let kept = does(row.leg.kind) == Does::Charges && row.leg.identity.class == 220;
        match self.closed {
            Some(since) if row.leg.opened > since && row.is_of(link_of(self.bank)) && !kept => {
                Err(("order", format!("a new payment though the link takes none: {}", row.describe())))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl<S: Store> World<S> {
    /// Now and then a person takes the link out of service, and brings it back later.
    pub fn order_now_and_then(&mut self) {
        let healing = self.phase != Phase::Chaos;
        if healing && self.watch.orders.mode.is_some() {
            return self.order(LinkMode::Normal);
        }
        if healing || !self.wires.happens(Fault::LinkOrder) || self.watch.orders.mode.is_some() {
            return;
        }
        self.watch.orders.bank = self.any_bank();
        self.strike(Fault::LinkOrder, About::Bank(link_of(self.watch.orders.bank)));
        let mode = self.wires.odd.weighted(&[(1, LinkMode::Degraded), (1, LinkMode::Draining)]);
        let lasts = self.wires.odd.between(1, 15) * MINUTE;
        self.order(mode);
        self.hold_on_until(self.agenda.now().after(lasts));
        self.agenda.after(lasts, Event::OrderEnds);
    }

    /// The link is ordered back.
    pub fn order_ends(&mut self) {
        if self.phase == Phase::Chaos && self.watch.orders.mode.is_some() {
            self.order(LinkMode::Normal);
        }
    }

    fn order(&mut self, mode: LinkMode) {
        // Nobody listens while the gateway is down: it is said again later.
        if self.gateway.running.is_none() {
            return;
        }
        let now = self.agenda.now();
        let orders = &mut self.watch.orders;
        orders.given += 1;
        orders.mode = (mode != LinkMode::Normal).then_some(mode);
        if mode == LinkMode::Normal {
            orders.closed = None;
        }
        let ticket = TICKETS + orders.given;
        let order = Order { mode, by: "night shift".to_owned(), reason: "the bank said so".to_owned() };
        let link = link_of(orders.bank);
        self.trace.event(now, "desk", mode.name().as_bytes(), || format!("orders the link: {}", mode.name()));
        self.gateway.take(Input::Order { ticket, link, order });
    }
}
