//! A long outage with a backlog: so many payments are charged at the bank while its answers are lost; then nobody
//! reaches it for hours or days; then it is back, and all reversals must be acknowledged within
//! [`OUTAGE_HEALS_WITHIN`].
//!
//! Gateway, store, link and bank are those of the other worlds. Only the terminals are missing: tens of thousands of
//! sales are handed to the engine as the terminals' edge would, since how terminals behave is not the question here.

use super::agenda::Agenda;
use super::banks::{Banks, link_of};
use super::gateway::{Act, Gateway, till_of};
use super::house::House;
use super::layer;
use super::rolls::Rolls;
use super::rows::Row;
use crate::bank;
use crate::terminal::Profile;
use hefu_engine::{Ask, Conversation, Input, Output, Secret, Transact};
use hefu_store::MemoryStore;
use hefu_tally::{
    CardToken, ContentHash, Currency, Direction, Identity, Issuer, Kind, LegNo, MaskedPan, Moment, Money,
    SealedCard, TallyId, Till,
    time::{HOUR, MINUTE, SECOND},
};
use hefu_vault::Pan;
use std::collections::{BTreeSet, VecDeque};
use zeroize::Zeroizing;

/// Within this after the link is back every reversal must be acknowledged.
pub const OUTAGE_HEALS_WITHIN: i64 = 10 * MINUTE;
/// The most payments of a backlog.
pub const MOST_BACKLOG: u32 = 60_000;
/// The longest outage in hours.
pub const MOST_HOURS: u32 = 72;

/// The works-always card.
const CARD: &str = "6200000000000005";
const EXPIRY: &str = "3012";
/// Sales of one merchant: each has its own amount, so that none looks like a second charge.
const SALES_OF_A_SHOP: u32 = 300;
/// The backlog comes about within this, before anybody notices that the bank does not answer.
const RUSH: i64 = 10 * SECOND;
/// From the first sale to the cut of the link.
const CUT_AFTER: i64 = 90 * SECOND;
/// A message's way over the link.
const WAY: i64 = 20;
/// 2026-11-22 01:00 Beijing time: most of the business day is still to come.
const STARTED: i64 = 1_795_276_800_000 + HOUR;

/// Which outage.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Outage {
    pub seed: u64,
    /// At most [`MOST_HOURS`].
    pub hours: u32,
    /// At most [`MOST_BACKLOG`].
    pub backlog: u32,
}

/// How it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutageReport {
    /// Payments in doubt when the link was back.
    pub unknown: usize,
    /// Those of them that the bank has acknowledged as reversed.
    pub acknowledged: usize,
    /// From the link's return to the last of them, in milliseconds.
    pub took: i64,
    /// What payers of unreturned payments are still charged, by the bank's book, in minor units.
    pub still_charged: i64,
    /// What was broken, if anything was.
    pub broken: Option<String>,
}

enum Event {
    Sale(u32),
    GatewayWake,
    StoreWorks,
    StoreAnswers,
    LinkDue,
    LinkDialled,
    ToBank(Vec<u8>),
    FromBank(Vec<u8>),
    BankWake,
    Gone,
    Back,
}

/// How the bank answers.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Reach {
    /// It does what it is asked; all that it says about money is lost.
    Mute,
    Gone,
    Back,
}

struct World {
    agenda: Agenda<Event>,
    gateway: Gateway<MemoryStore>,
    house: House,
    rolls: Rolls,
    tills: Vec<Till>,
    backlog: usize,
    reach: Reach,
    /// The number of the present link.
    wire: u64,
    dialling: bool,
    in_doubt: BTreeSet<(TallyId, LegNo)>,
    /// The link is back since then, and so many payments were in doubt.
    back: Option<(Moment, usize)>,
    broken: Option<String>,
}

/// Lives through the outage.
///
/// # Panics
/// When hours or backlog are beyond their bounds, or the backlog is nothing.
pub fn outage(of: &Outage) -> OutageReport {
    assert!(of.hours <= MOST_HOURS && (1..=MOST_BACKLOG).contains(&of.backlog), "within the bounds");
    World::new(of).run()
}

impl World {
    fn new(of: &Outage) -> World {
        let shops = of.backlog.div_ceil(SALES_OF_A_SHOP);
        let profiles: Vec<Profile> = (1..=shops).map(profile).collect();
        let tills = profiles.iter().map(till_of).collect();
        let started = Moment(STARTED);
        let mut agenda = Agenda::new(started);
        let first = started.after(MINUTE);
        for number in 0..of.backlog {
            let after = i64::from(number) * RUSH / i64::from(of.backlog);
            agenda.at(first.after(after), Event::Sale(number));
        }
        let gone = first.after(CUT_AFTER);
        agenda.at(gone, Event::Gone);
        agenda.at(gone.after(i64::from(of.hours) * HOUR), Event::Back);
        World {
            agenda,
            gateway: Gateway::new(of.seed, (MemoryStore::new(), layer::sound()), profiles, &Banks::one()),
            house: House::new(),
            rolls: Rolls::new(of.seed, "outage"),
            tills,
            backlog: of.backlog as usize,
            reach: Reach::Mute,
            wire: 0,
            dialling: false,
            in_doubt: BTreeSet::new(),
            back: None,
            broken: None,
        }
    }

    fn run(mut self) -> OutageReport {
        let started = self.agenda.now();
        match self.gateway.start(started) {
            Ok(acts) => self.act(acts),
            Err(error) => self.broken = Some(error),
        }
        let far = started.after(i64::from(MOST_HOURS + 24) * HOUR);
        while self.broken.is_none() && !self.is_over() {
            let Some(event) = self.agenda.next(far) else { break };
            self.happen(event);
            self.settle();
            self.look();
        }
        self.report()
    }

    fn is_over(&self) -> bool {
        let Some((since, _)) = self.back else { return false };
        self.in_doubt.is_empty() || self.agenda.now().since(since) > 2 * OUTAGE_HEALS_WITHIN
    }

    fn report(mut self) -> OutageReport {
        let now = self.agenda.now();
        let (since, unknown) = self.back.unwrap_or((now, self.in_doubt.len()));
        let took = now.since(since);
        let payments = self.house.book().payments;
        let still_charged = payments.iter().map(|line| line.charged - line.returned).sum();
        let left = self.in_doubt.len();
        if self.back.is_none() {
            self.broken.get_or_insert("the link never came back".to_owned());
        } else if left > 0 || took > OUTAGE_HEALS_WITHIN {
            let example = self.gateway.mirror.legs().find(|row| is_in_doubt(row)).map(Row::describe);
            let example = example.unwrap_or_default();
            let what = format!("{left} reversals were not acknowledged after {} s: {example}", took / SECOND);
            self.broken.get_or_insert(what);
        } else if still_charged != 0 {
            let what = format!("all reversals are acknowledged, but payers are charged {still_charged}");
            self.broken.get_or_insert(what);
        }
        OutageReport { unknown, acknowledged: unknown - left, took, still_charged, broken: self.broken }
    }

    /// Follows who is in doubt.
    fn look(&mut self) {
        for id in self.gateway.changed() {
            for row in self.gateway.mirror.of(id) {
                let leg = (row.tally, row.no);
                match is_in_doubt(row) {
                    true => self.in_doubt.insert(leg),
                    false => self.in_doubt.remove(&leg),
                };
            }
        }
        let up = self.gateway.wire_up(0).is_some();
        if self.reach == Reach::Back && up && self.back.is_none() {
            self.back = Some((self.agenda.now(), self.in_doubt.len()));
        }
    }

    fn happen(&mut self, event: Event) {
        let now = self.agenda.now();
        let mut acts = Vec::new();
        match event {
            Event::Sale(number) => self.sale(number),
            Event::GatewayWake => self.gateway.wake(now),
            Event::StoreWorks => match self.gateway.store_step() {
                Ok(true) => self.agenda.after(1, Event::StoreAnswers),
                Ok(false) => {}
                Err(error) => self.broken = Some(error),
            },
            Event::StoreAnswers => self.gateway.store_answered(),
            Event::LinkDue => self.gateway.link_due(now, 0, &mut acts),
            Event::LinkDialled => self.dialled(&mut acts),
            Event::ToBank(frame) => {
                let effects = self.house.frame(now, &frame);
                self.bank_does(effects);
            }
            Event::FromBank(frame) => self.gateway.bank_sent(now, 0, &frame, &mut acts),
            Event::BankWake => {
                let effects = self.house.due(now);
                self.bank_does(effects);
            }
            Event::Gone => {
                let charged = self.house.book().payments.len();
                if charged != self.backlog {
                    let what = format!("the bank charged {charged} payments, not {}", self.backlog);
                    self.broken.get_or_insert(what);
                }
                self.reach = Reach::Gone;
                self.house.wire = None;
                self.gateway.unlinked(now, 0, &mut acts);
            }
            Event::Back => self.reach = Reach::Back,
        }
        self.act(acts);
        if let Some(at) = self.house.wish() {
            self.agenda.at(at, Event::BankWake);
        }
    }

    fn dialled(&mut self, acts: &mut Vec<Act>) {
        let now = self.agenda.now();
        self.dialling = false;
        if self.reach == Reach::Gone {
            return self.gateway.unlinked(now, 0, acts);
        }
        self.wire += 1;
        self.house.wire = Some(self.wire);
        self.gateway.linked(now, 0, self.wire, acts);
    }

    /// One sale, as the terminals' edge hands it in.
    fn sale(&mut self, number: u32) {
        let Some(running) = &mut self.gateway.running else { return };
        let till = self.tills[(number / SALES_OF_A_SHOP) as usize];
        let trace = number % SALES_OF_A_SHOP + 1;
        let pan = Pan::parse(CARD).expect("a test card has a number");
        let mut content = [0; 16];
        content[..4].copy_from_slice(&number.to_be_bytes());
        let transact = Transact {
            kind: Kind::Sale,
            link: link_of(0),
            identity: Identity { till, class: 200, batch: 1, trace },
            content: ContentHash(content),
            amount: Money::new(100 + i64::from(trace), Currency::CNY),
            card: CardToken(running.vault.card_token(&pan).0),
            sealed: SealedCard(running.vault.seal_card(&pan, &mut self.rolls).0),
            masked: MaskedPan::new(pan.bin6(), pan.last4(), CARD.len()),
            original: None,
            takes_part: false,
            entry: "022".to_owned(),
            chip: Vec::new(),
            chip_kept: Vec::new(),
            card_sequence: None,
            secret: Secret {
                pin_block: None,
                track2: Some(Zeroizing::new(format!("{CARD}D{EXPIRY}2010000000000").into_bytes())),
                expiry: Some(Zeroizing::new(EXPIRY.as_bytes().to_vec())),
            },
        };
        let conversation = Conversation(u64::from(number) + 1);
        let ask = Ask::Transact(Box::new(transact));
        running.inbox.push_back(Input::Terminal { conversation, till, ask });
    }

    fn bank_does(&mut self, effects: Vec<bank::Effect>) {
        for effect in effects {
            match effect {
                bank::Effect::Journal(line) => self.house.write(line),
                bank::Effect::Send { frame } => {
                    // Sign-ons and echoes are answered: nobody notices yet that the bank is mute about money.
                    let network = frame.starts_with(b"08");
                    let passes = match self.reach {
                        Reach::Mute => network,
                        Reach::Gone => false,
                        Reach::Back => true,
                    };
                    if passes && self.house.wire.is_some() {
                        self.agenda.after(WAY, Event::FromBank(frame));
                    }
                }
            }
        }
    }

    fn act(&mut self, acts: Vec<Act>) {
        for act in VecDeque::from(acts) {
            match act {
                Act::ToBank(_, frame) => {
                    if self.house.wire.is_some() {
                        self.agenda.after(WAY, Event::ToBank(frame));
                    }
                }
                Act::Dial(_) => {
                    if !std::mem::replace(&mut self.dialling, true) {
                        self.agenda.after(WAY, Event::LinkDialled);
                    }
                }
                Act::CloseLink(_) => self.house.wire = None,
                Act::Store { .. } => self.agenda.after(1, Event::StoreWorks),
                Act::WakeAt(at) => self.agenda.at(at, Event::GatewayWake),
                Act::LinkAt(_, at) => self.agenda.at(at, Event::LinkDue),
                // Nobody listens: there are no terminals. Alarms are expected while the bank is gone.
                Act::ToShop(..) | Act::CloseShop(_) | Act::Alarm(_) => {}
            }
        }
    }

    /// Lets the gateway work off what it has.
    fn settle(&mut self) {
        let now = self.agenda.now();
        loop {
            match self.gateway.next_output() {
                Some(Output::Reply { .. }) => {
                    if let Some(running) = &mut self.gateway.running {
                        running.outputs.pop_front();
                    }
                }
                Some(_) => {
                    let mut acts = Vec::new();
                    self.gateway.carry_out(now, &mut acts);
                    self.act(acts);
                }
                None => {
                    if !self.gateway.feed(now) {
                        return;
                    }
                }
            }
        }
    }
}

/// Test terminals of as many merchants as are needed.
fn profile(number: u32) -> Profile {
    let mut profile = Profile::test(1);
    profile.merchant = format!("8981102531{number:05}");
    profile.terminal = format!("{}", 20_000_000 + number);
    profile
}

/// Nobody has shown yet what the bank did, or it still has to be undone.
fn is_in_doubt(row: &Row) -> bool {
    match row.leg.issuer {
        Issuer::Unknown => true,
        Issuer::Done => row.leg.direction == Direction::Return,
        Issuer::Untouched | Issuer::NotDone | Issuer::Undone => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_of_a_short_outage_is_reversed_soon_after_the_link_is_back() {
        let report = outage(&Outage { seed: 1, hours: 1, backlog: 700 });
        assert_eq!(report.broken, None, "{report:?}");
        assert_eq!((report.unknown, report.acknowledged, report.still_charged), (700, 700, 0));
        assert!(report.took <= OUTAGE_HEALS_WITHIN);
    }

    #[test]
    fn a_backlog_of_three_days_is_reversed_though_the_business_day_has_ended() {
        let report = outage(&Outage { seed: 2, hours: 72, backlog: 700 });
        assert_eq!(report.broken, None, "{report:?}");
        assert_eq!((report.unknown, report.acknowledged, report.still_charged), (700, 700, 0));
    }
}
