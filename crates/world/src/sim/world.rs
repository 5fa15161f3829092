//! One world: terminals, networks, gateway and bank on one agenda, with chaos first and healing after it.

use super::agenda::Agenda;
use super::aims::Aims;
use super::bank_side::BANK;
use super::banks::{Banks, bank_of};
use super::coverage::{About, Coverage};
use super::event::Event;
use super::faults::{Fault, Swarm};
use super::gateway::Gateway;
use super::healing::Doubts;
use super::house::Houses;
use super::judge;
use super::layer::Wreck;
use super::proofs::Proofs;
use super::rolls::Rolls;
use super::rows;
use super::shop::Shop;
use super::trace::{self, Sink, Trace};
use super::watch::{Watch, approved_by};
use super::wires::{Way, Wires};
use super::without::Part;
use super::{Crash, Report, Setting, Shape, Violation};
use hefu_engine::Output;
use hefu_store::Store;
use hefu_tally::{
    Moment,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// Chaos ends when all cashiers are done, or after this; but not before an outage has ended …
const CHAOS: i64 = 40 * MINUTE;
/// … and so long after it there may still be trouble.
const AFTER_OUTAGE: i64 = 5 * MINUTE;
/// Outages of the bank in one world.
const MOST_OUTAGES: u32 = 2;
/// Shells tidy up so often …
const TICK: i64 = 5 * SECOND;
/// … and while no bank can be reached, or all has healed and the day has not ended yet, so often.
const SLOW_TICK: i64 = MINUTE;
/// No world lasts longer: its outages, its pauses and a day.
const LONGEST: i64 = 12 * DAY;
/// After the last fault everything must have healed within this; the ten minutes of some cards are in it.
pub const HEALS_WITHIN: i64 = 30 * MINUTE;
/// How long the world goes on after the day cut, so that what waits for the cut is done.
const AFTER_CUT: i64 = 10 * MINUTE;
/// More events than any world needs: a loop without progress is a finding, not a hang.
const MOST_EVENTS: u64 = 400_000;
/// Gateways do not crash more often than this in one world.
const MOST_CRASHES: u32 = 12;
/// 2026-11-22 00:00 Beijing time: the day that all worlds live in.
const MIDNIGHT: i64 = 1_795_276_800_000;

/// How far the world has come.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Chaos,
    /// No more faults.
    Heal {
        since: Moment,
    },
    /// All has healed; the day is being closed.
    Close,
    /// People decide what nobody else can.
    Desk {
        since: Moment,
    },
    Over,
}

pub(super) struct World<S> {
    pub setting: Setting,
    pub agenda: Agenda<Event>,
    pub trace: Trace,
    pub phase: Phase,
    pub shops: Vec<Shop>,
    pub wires: Wires,
    pub gateway: Gateway<S>,
    pub houses: Houses,
    pub watch: Watch,
    pub coverage: Option<Coverage>,
    /// Chance of the gateway's and the bank's mishaps.
    pub rolls: Rolls,
    /// Outputs of the engine carried out so far, those aside that only wish to be woken.
    pub outputs: u64,
    pub crashes: u32,
    /// By the banks' places.
    pub dialling: Vec<bool>,
    pub store_free: Moment,
    pub answers_free: Moment,
    /// Nobody reaches each bank until then.
    pub outage_until: Vec<Moment>,
    outages: u32,
    /// No commit works until then.
    pub disk_full_until: Moment,
    /// Chaos does not end before.
    hold_on: Moment,
    /// Of each bank's payments.
    pub doubts: Vec<Doubts>,
    aims: Aims,
    shape: Shape,
    started: Moment,
    cut: Moment,
    pub violation: Option<Violation>,
}

impl<S: Store> World<S> {
    pub fn new(setting: &Setting, store: (S, Wreck<S>), sink: Option<Sink>) -> World<S> {
        let (seed, without) = (setting.seed, &setting.without);
        let mut rolls = Rolls::new(seed, "world");
        let swarm = match setting.calm {
            true => Swarm::calm(),
            false => Swarm::draw(&mut Rolls::new(seed, "swarm")),
        };
        let left_out = without.parts().filter_map(|part| match part {
            Part::Fault(fault) => Some(fault),
            Part::Terminal(_) | Part::Deed(..) | Part::Strike(_) | Part::SecondBank | Part::SeldomEcho => {
                None
            }
        });
        let swarm = left_out.fold(swarm, Swarm::without);
        let count = rolls.between(1, 3) as usize;
        let shops: Vec<Shop> = (0..count).map(|place| Shop::draw(seed, place, &swarm, without)).collect();
        // The cut falls behind all healing, or into the trouble.
        let before_cut = match swarm.rate(Fault::DayCut) > 0 {
            // Half of them soon, while most of the day's payments are still to come.
            true => {
                let (least, most) =
                    rolls.weighted(&[(1, (20 * SECOND, 3 * MINUTE)), (1, (2 * MINUTE, 30 * MINUTE))]);
                rolls.between(least, most)
            }
            false => CHAOS + HEALS_WITHIN + rolls.between(5 * MINUTE, 60 * MINUTE),
        };
        let cut = Moment(MIDNIGHT + 23 * HOUR);
        let started = cut.after(-before_cut);
        assert_eq!(cut.0.rem_euclid(DAY), 15 * HOUR, "23:00 Beijing time is 15:00 UTC");
        let certified = shops.iter().filter(|shop| shop.is_certified()).map(|shop| shop.till).collect();
        let profiles = shops.iter().map(|shop| shop.profile.clone()).collect();
        let aims = Aims::draw(setting);
        let banks = Banks::draw(setting);
        let of_banks = banks.count();
        let shape = Shape {
            faults: Fault::ALL
                .into_iter()
                .filter(|fault| swarm.rate(*fault) > 0 || aims.has(*fault))
                .collect(),
            deeds: shops.iter().map(|shop| shop.drawn).collect(),
            strikes: 0,
            banks: of_banks,
        };
        let mut world = World {
            setting: setting.clone(),
            agenda: Agenda::new(started),
            trace: Trace::new(sink),
            phase: Phase::Chaos,
            shops,
            wires: Wires::new(seed, swarm, without.clone(), of_banks),
            gateway: Gateway::new(seed, store, profiles, &banks),
            houses: Houses::new(of_banks),
            watch: Watch::new(Proofs::new(certified), banks),
            coverage: setting.coverage.then(Coverage::default),
            rolls,
            outputs: 0,
            crashes: 0,
            dialling: vec![false; of_banks],
            store_free: started,
            answers_free: started,
            outage_until: vec![started; of_banks],
            outages: 0,
            disk_full_until: started,
            hold_on: started,
            doubts: (0..of_banks).map(|_| Doubts::default()).collect(),
            aims,
            shape,
            started,
            cut,
            violation: None,
        };
        let swarm = world.wires.swarm.to_string();
        world
            .trace
            .event(started, "world", swarm.as_bytes(), || format!("{count} terminals; faults: {swarm}"));
        for (shop, of) in world.shops.iter().enumerate() {
            let words = || of.describe();
            world.trace.event(started, "world", of.describe().as_bytes(), words);
            world.agenda.after(1_000 + 500 * shop as i64, Event::Think { shop, epoch: of.epoch });
        }
        world.agenda.at(started, Event::GatewayUp);
        world.agenda.after(TICK, Event::Tick);
        world.agenda.at(cut, Event::Cut);
        world
    }

    /// Lives through chaos, healing and the end of the day, and is judged.
    pub fn run(mut self) -> Report {
        if let Err(panic) = super::caught(|| self.live()) {
            self.violate("panic", panic);
            // Whatever it was in the midst of, nothing may be asked of it any more.
            self.gateway.running = None;
        }
        self.report()
    }

    fn live(&mut self) {
        let mut turns = 0;
        let far = self.started.after(LONGEST);
        while self.violation.is_none() {
            // Not every turn writes a line: a loop through the store alone is a finding too.
            turns += 1;
            if turns > MOST_EVENTS {
                self.violate("bounded", format!("more than {MOST_EVENTS} turns"));
                break;
            }
            self.turn();
            if self.is_over() || self.violation.is_some() {
                break;
            }
            match self.agenda.next(far) {
                Some(event) => self.happen(event),
                None => break,
            }
            self.settle();
            self.notice();
        }
        if self.violation.is_none() && self.phase != Phase::Over {
            self.violate("ends", format!("nothing happens any more in {:?}", self.phase));
        }
    }

    /// Whether there is nothing left to live through. The closed day is judged, and what waits goes to the desk.
    fn is_over(&mut self) -> bool {
        let now = self.agenda.now();
        match self.phase {
            Phase::Close if now >= self.cut.after(AFTER_CUT) => {
                let mirror = &self.gateway.mirror;
                let scene = judge::Scene { shops: &self.shops, books: &self.houses, mirror, now };
                if let Err((rule, what)) = judge::judge(&mut self.gateway.store, &scene) {
                    self.violate(rule, what);
                } else if !self.open_desk() {
                    self.phase = Phase::Over;
                }
                self.phase == Phase::Over
            }
            Phase::Over => true,
            Phase::Chaos | Phase::Heal { .. } | Phase::Close | Phase::Desk { .. } => false,
        }
    }

    fn report(self) -> Report {
        let fingerprint = self.gateway.running.as_ref().map(|running| running.engine.fingerprint());
        let mut trace = self.trace;
        let now = self.agenda.now();
        trace.event(now, "world", &fingerprint.unwrap_or_default(), || "the end".into());
        Report {
            seed: self.setting.seed,
            hash: trace.hash(),
            events: trace.events(),
            outputs: self.outputs,
            crashes: self.crashes,
            payments: self.watch.payments(),
            simulated: now.since(self.started),
            coverage: self.coverage.unwrap_or_default(),
            healing: Doubts::end(self.doubts),
            shape: Shape { strikes: self.wires.strikes(), ..self.shape },
            violation: self.violation,
        }
    }

    pub fn violate(&mut self, rule: &'static str, what: String) {
        let at = self.agenda.now();
        self.trace.event(at, "VIOLATION", rule.as_bytes(), || format!("{rule}: {what}"));
        self.violation.get_or_insert(Violation { setting: self.setting.clone(), at, rule, what });
    }

    /// Chaos goes on until then, so that an outage or a pause takes place whole.
    pub fn hold_on_until(&mut self, moment: Moment) {
        self.hold_on = self.hold_on.max(moment);
    }

    /// Goes on to the next phase when it is time.
    fn turn(&mut self) {
        let now = self.agenda.now();
        match self.phase {
            Phase::Chaos => {
                let tired = now >= self.started.after(CHAOS).max(self.hold_on.after(AFTER_OUTAGE));
                let done = now >= self.hold_on && self.shops.iter().all(Shop::is_done);
                if tired || done {
                    self.phase = Phase::Heal { since: now };
                    self.wires.calm_down();
                    self.trace.event(now, "world", b"heal", || "-- no more faults --".into());
                    for shop in 0..self.shops.len() {
                        self.mend(shop);
                    }
                    // What is silent breaks now, as TCP breaks it in the end.
                    for connection in self.wires.silent_lines() {
                        self.agenda.after(3_000, Event::ToShop { connection, bytes: None });
                        self.agenda.after(3_000, Event::ToGateway { connection, bytes: None });
                    }
                }
            }
            Phase::Heal { .. } | Phase::Close | Phase::Desk { .. } | Phase::Over => {}
        }
    }

    /// Looks whether all has healed; called from time to time.
    fn look(&mut self) {
        let now = self.agenda.now();
        let Phase::Heal { since } = self.phase else { return };
        let rest = self.unhealed();
        match rest {
            None => {
                self.trace.event(now, "world", b"close", || "-- all has healed --".into());
                let mirror = &self.gateway.mirror;
                let scene = judge::Scene { shops: &self.shops, books: &self.houses, mirror, now };
                let proved = self.watch.proofs.healed(mirror);
                if let Err((rule, what)) =
                    proved.and_then(|()| judge::healed(&mut self.gateway.store, &scene))
                {
                    self.violate(rule, what);
                }
                self.phase = Phase::Close;
                self.cut = now.business_day().cut();
            }
            Some(what) if now.since(since) > HEALS_WITHIN => {
                self.violate(
                    "heals",
                    format!("{} minutes after the last fault: {what}", HEALS_WITHIN / MINUTE),
                );
            }
            Some(_) => {}
        }
    }

    /// What has not healed yet.
    fn unhealed(&mut self) -> Option<String> {
        let Some(running) = &self.gateway.running else { return Some("the gateway is down".into()) };
        if !running.is_idle() {
            return Some("the gateway is at work".into());
        }
        if !self.houses.all_up() {
            return Some("a bank is down".into());
        }
        let legs: Vec<rows::Row> = self.gateway.mirror.legs().cloned().collect();
        let of_shop = |shop: &Shop| {
            let own = legs.iter().filter(|row| row.leg.identity.till == shop.till);
            shop.waits_for(own.filter(|row| row.is_unknown_and_waits()).count())
        };
        self.shops.iter().find_map(of_shop).or_else(|| rows::unsettled(&legs))
    }

    fn happen(&mut self, event: Event) {
        let mut acts = Vec::new();
        let now = self.agenda.now();
        match event {
            Event::Think { shop, epoch } => self.think(shop, epoch),
            Event::PowerOn { shop } => self.power_on(shop),
            Event::ShopWake { shop, epoch, wish } => self.shop_wake(shop, epoch, wish),
            Event::Dialled { shop, epoch, dial, good } => self.dialled(shop, epoch, dial, good),
            Event::Broken { shop, epoch } => self.broken(shop, epoch),
            Event::ToShop { connection, bytes } => self.hand_to_shop(connection, bytes),
            Event::ToGateway { connection, bytes: Some(bytes) } => {
                self.trace.event(now, "gateway hears", &bytes, || trace::pos_words(&bytes));
                let before = self.gateway.inbox();
                if !self.gateway.shop_sent(now, connection, &bytes, &mut acts) {
                    // Nobody listens on this connection any more: the network says so.
                    self.hang_up_shop(connection);
                }
                for input in self.gateway.heard(before) {
                    self.watch.settles.heard(input, &self.gateway.mirror);
                }
                if self.wires.was_changed(&bytes) && self.gateway.believes(before) {
                    self.violate(
                        "mac",
                        format!("changed on its way, and believed: {}", trace::pos_words(&bytes)),
                    );
                }
            }
            Event::ToGateway { connection, bytes: None } => self.gateway.disconnected(connection),
            Event::GatewayUp => self.gateway_up(),
            Event::GatewayWake { epoch } if epoch == self.gateway.epoch => self.gateway.wake(now),
            Event::StoreWorks { epoch } if epoch == self.gateway.epoch => self.store_works(),
            Event::StoreAnswers { epoch } if epoch == self.gateway.epoch => self.gateway.store_answered(),
            Event::LinkDue { epoch, bank } if epoch == self.gateway.epoch => {
                self.gateway.link_due(now, bank, &mut acts);
            }
            Event::LinkDialled { epoch, bank } if epoch == self.gateway.epoch => {
                self.link_dialled(bank, &mut acts);
            }
            Event::LinkDue { .. }
            | Event::LinkDialled { .. }
            | Event::GatewayWake { .. }
            | Event::StoreWorks { .. }
            | Event::StoreAnswers { .. } => {}
            Event::LinkGone { bank, wire, at_bank } => self.link_gone(bank, wire, at_bank, &mut acts),
            Event::ToBank { bank, wire, frame } => self.bank_hears(bank, wire, &frame),
            Event::FromBank { bank, wire, frame } => {
                let current = self.gateway.wire(bank) == Some(wire);
                if current && !self.wires.was_lost(wire, Way::Down) {
                    self.trace.event(now, "gateway hears bank", &frame, || trace::host_words(&frame));
                    let before = self.gateway.inbox();
                    self.gateway.bank_sent(now, bank, &frame, &mut acts);
                    if let Some((link, answer)) = self.gateway.bank_said(before) {
                        self.watch.proofs.heard(now, link, answer, &self.gateway.mirror);
                    }
                    if self.wires.was_changed(&frame) && self.gateway.believes(before) {
                        let words = trace::host_words(&frame);
                        self.violate("mac", format!("changed on its way, and believed: {words}"));
                    }
                }
            }
            Event::Wandered { bank, frame } => self.wandered(bank, frame),
            Event::BankWake { bank, epoch } => {
                if epoch == self.houses.of(bank).epoch {
                    let effects = self.houses.of(bank).due(now);
                    self.bank_does(bank, effects);
                }
            }
            Event::BankUp { bank } => {
                if let Err(error) = self.houses.of(bank).start() {
                    self.violate("bank journal", error);
                }
                self.trace.event(now, BANK[bank], b"up", || "is up".into());
            }
            Event::Tick => {
                self.gateway.tidy(now);
                self.look();
                self.order_now_and_then();
                let bank = self.any_bank();
                let out = now < self.outage_until[bank];
                if self.phase == Phase::Chaos && self.wires.happens(Fault::BankOutage) && !out {
                    self.outages += 1;
                    if self.outages <= MOST_OUTAGES {
                        self.bank_outage(bank);
                    }
                }
                let out = self.outage_until.iter().all(|until| now < *until);
                let quiet = out || self.phase == Phase::Close;
                self.agenda.after(if quiet { SLOW_TICK } else { TICK }, Event::Tick);
            }
            Event::Desk => self.at_desk(),
            Event::OrderEnds => self.order_ends(),
            Event::Cut => {
                self.strike(Fault::DayCut, About::All);
                self.agenda.after(DAY, Event::Cut);
            }
        }
        self.act(acts);
        for bank in 0..self.houses.count() {
            let house = self.houses.of(bank);
            if let Some(at) = house.wish() {
                let epoch = house.epoch;
                self.agenda.at(at, Event::BankWake { bank, epoch });
            }
        }
    }

    /// Lets the gateway work off what it has, crashing where it must.
    fn settle(&mut self) {
        while self.violation.is_none() && self.gateway.running.is_some() {
            let now = self.agenda.now();
            let Some(output) = self.gateway.next_output().cloned() else {
                if !self.gateway.feed(now) {
                    return;
                }
                continue;
            };
            let counts = !matches!(output, Output::WakeAt { .. });
            if counts && self.crashes_here() {
                self.gateway_crash();
                return;
            }
            let running = self.gateway.running.as_ref().expect("it has an output");
            let memory = (&mut self.gateway.store, &self.gateway.mirror);
            if let Err((rule, what)) = self.watch.output(now, memory, &running.engine, &output) {
                return self.violate(rule, what);
            }
            self.outputs += u64::from(counts);
            let mut acts = Vec::new();
            let before = self.gateway.inbox();
            self.gateway.carry_out(now, &mut acts);
            if let Some(rrn) = approved_by(&output) {
                let written = self.gateway.inbox() == before;
                self.watch.proofs.told_to_line(&rrn, written);
            }
            self.act(acts);
        }
    }

    fn crashes_here(&mut self) -> bool {
        match self.setting.crash {
            Crash::ByChance => {
                let chance = self.wires.happens(Fault::GatewayCrash);
                chance && self.phase == Phase::Chaos && self.crashes < MOST_CRASHES
            }
            Crash::Never => false,
            Crash::At(index) => self.crashes == 0 && self.outputs == index,
        }
    }

    /// Looks at what has changed in the store: who is in doubt and for how long, and whether to aim at it.
    fn notice(&mut self) {
        let now = self.agenda.now();
        let changed = self.gateway.changed();
        let mut broken = None;
        for id in changed {
            let legs = self.gateway.mirror.of(id);
            let bank = legs.iter().find_map(|row| row.leg.request.as_ref()).map_or(0, |of| bank_of(of.link));
            self.doubts[bank].see(now, legs);
            if let Err(found) = self.watch.proofs.changed(now, legs) {
                broken.get_or_insert(found);
            }
            let rare = legs.iter().any(|row| row.state().is_rare());
            if self.phase == Phase::Chaos && rare {
                self.wires.aim(self.aims.take(id));
            }
        }
        if let Some((rule, what)) = broken {
            self.violate(rule, what);
        }
        if let Some(running) = &self.gateway.running {
            self.watch.neighbours.look(now, &running.engine);
        }
        for bank in 0..self.houses.count() {
            let wire = self.gateway.wire_up(bank);
            let same = wire.is_some() && wire == self.houses.wire(bank);
            let reachable = same && self.houses.is_up(bank) && !self.wires.is_silent(bank);
            self.doubts[bank].reachable(now, reachable);
        }
    }

    /// One of the banks, by chance where there are two.
    pub fn any_bank(&mut self) -> usize {
        match self.houses.count() {
            1 => 0,
            banks => self.wires.odd.below(banks as u64) as usize,
        }
    }

    // ---- coverage ------------------------------------------------------------------------------------------

    /// Counts a fault against the payments that it concerns.
    pub fn strike(&mut self, fault: Fault, about: About) {
        if let Some(coverage) = &mut self.coverage {
            coverage.strike(fault, &about, self.gateway.mirror.legs());
        }
    }
}
