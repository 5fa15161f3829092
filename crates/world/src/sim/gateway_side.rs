//! The gateway in its world: how it starts and crashes, and what becomes of what it wants done.

use super::coverage::About;
use super::event::Event;
use super::faults::Fault;
use super::gateway::{Act, DIAL};
use super::wires::Way;
use super::world::World;
use hefu_mutant::mutant;
use hefu_store::Store;
use hefu_switch::pos::ConnectionId;
use hefu_tally::time::{MINUTE, SECOND};

impl<S: Store> World<S> {
    pub fn gateway_up(&mut self) {
        let now = self.agenda.now();
        assert!(self.gateway.running.is_none(), "one start is planned for each stop");
        match self.gateway.start(now) {
            Ok(acts) => self.act(acts),
            Err(error) => self.violate("restart", error),
        }
        self.dialling.fill(false);
        (self.store_free, self.answers_free) = (now, now);
        self.trace.event(now, "gateway", b"up", || "is up".into());
    }

    pub fn gateway_crash(&mut self) {
        self.strike(Fault::GatewayCrash, About::All);
        // Any part of what the store was given may have been done, from its beginning.
        let standing = self.rolls.below(self.gateway.waiting() as u64 + 1) as usize;
        let standing = if mutant!(NeverCrashesOverAStandingBatch) { 0 } else { standing };
        let down = self.rolls.weighted(&[(6, 500), (3, 8_000), (1, 150_000)]);
        let outputs = self.outputs;
        self.gateway_stops(standing, down, || format!("CRASHES before output {outputs}"));
    }

    /// Stops without ceremony: `standing` of what waits for the store is still done. It is started again after `down`
    /// milliseconds, or much later.
    fn gateway_stops(&mut self, standing: usize, mut down: i64, words: impl Fn() -> String) {
        let now = self.agenda.now();
        self.crashes += 1;
        if self.wires.happens(Fault::GatewayPause) {
            self.strike(Fault::GatewayPause, About::All);
            let (least, most) = self.rolls.weighted(&[(3, (1, 30)), (1, (60, 480))]);
            down = self.rolls.between(least, most) * MINUTE;
        }
        let wires: Vec<_> = (0..self.houses.count()).map(|bank| self.gateway.wire(bank)).collect();
        let waiting = self.gateway.waiting();
        if let Err(error) = self.gateway.crash(standing) {
            self.violate("store", error);
        }
        self.watch.proofs.stopped(&self.gateway.mirror);
        self.watch.settles.started();
        self.watch.neighbours.stopped();
        self.trace.event(now, "gateway", &[standing as u8, waiting as u8], || {
            format!("{}; of {waiting} things for the store {standing} stand; down for {down} ms", words())
        });
        self.hold_on_until(now.after(down));
        for connection in self.wires.connections() {
            // Now and then nobody tells the terminal.
            if self.rolls.happens(800) {
                self.hang_up_shop(connection);
            }
        }
        for (bank, wire) in wires.into_iter().enumerate() {
            let Some(wire) = wire else { continue };
            self.wires.unlink(wire);
            let after = self.rolls.between(1, 2_000);
            self.agenda.after(after, Event::LinkGone { bank, wire, at_bank: true });
        }
        let jitter = self.rolls.between(0, 500);
        self.agenda.after(down + jitter, Event::GatewayUp);
    }

    pub fn hang_up_shop(&mut self, connection: ConnectionId) {
        let now = self.agenda.now();
        if let Some(at) = self.wires.hang_up(now, connection, Way::Down) {
            self.agenda.at(at, Event::ToShop { connection, bytes: None });
        }
    }

    /// The store does the next thing that it was given, or fails.
    pub fn store_works(&mut self) {
        if self.gateway.writes_next() && self.store_fails() {
            return;
        }
        match self.gateway.store_step() {
            Ok(true) => self.store_answers(),
            Ok(false) => {}
            Err(error) => self.violate("store", error),
        }
    }

    /// Whether what the store was to write fails; then the gateway has halted.
    fn store_fails(&mut self) -> bool {
        let now = self.agenda.now();
        let pause = self.rolls.between(500, 30_000);
        let full = self.wires.happens(Fault::DiskFull);
        let fails = self.wires.happens(Fault::StoreFailure);
        if full && now >= self.disk_full_until {
            self.strike(Fault::DiskFull, About::All);
            self.disk_full_until = now.after(self.rolls.between(1, 10) * MINUTE);
            self.hold_on_until(self.disk_full_until);
        }
        if now < self.disk_full_until {
            self.gateway_stops(0, pause, || "HALTS: the disk is full".into());
            return true;
        }
        if fails {
            self.strike(Fault::StoreFailure, About::All);
            let stands = usize::from(self.rolls.happens(500));
            self.gateway_stops(stands, pause, || "HALTS: a commit failed".into());
        }
        fails
    }

    fn store_answers(&mut self) {
        let (delay, now) = (self.store_delay(), self.agenda.now());
        self.answers_free = self.answers_free.max(now.after(delay));
        let epoch = self.gateway.epoch;
        self.agenda.at(self.answers_free, Event::StoreAnswers { epoch });
    }

    fn store_delay(&mut self) -> i64 {
        let slow = self.wires.happens(Fault::SlowCommit);
        let (fast, long) = (self.rolls.between(0, 1), self.rolls.between(100, 6_000));
        if slow {
            self.strike(Fault::SlowCommit, About::All);
        }
        // Seldom so long that the terminal gives up, and goes on, before it is done.
        let very_slow = slow && self.wires.odd.happens(40);
        if very_slow {
            let long = self.wires.odd.between(60, 90) * SECOND;
            self.hold_on_until(self.agenda.now().after(long));
            return long;
        }
        if slow { long } else { fast }
    }

    pub fn act(&mut self, acts: Vec<Act>) {
        let now = self.agenda.now();
        let epoch = self.gateway.epoch;
        for act in acts {
            match act {
                Act::ToShop(connection, frame) => self.send_to_shop(connection, &frame),
                Act::CloseShop(connection) => self.hang_up_shop(connection),
                Act::ToBank(bank, frame) => self.send_to_bank(bank, frame),
                Act::Dial(bank) => {
                    if !std::mem::replace(&mut self.dialling[bank], true) {
                        let after = self.rolls.between(1, DIAL / 10);
                        self.agenda.after(after, Event::LinkDialled { epoch, bank });
                    }
                }
                Act::CloseLink(bank) => {
                    if let Some(wire) = self.houses.wire(bank) {
                        self.wires.unlink(wire);
                        self.agenda.after(20, Event::LinkGone { bank, wire, at_bank: true });
                    }
                }
                Act::Store { commits } => {
                    let delay = if commits { self.store_delay() } else { 0 };
                    self.store_free = self.store_free.max(now.after(delay));
                    self.agenda.at(self.store_free, Event::StoreWorks { epoch });
                }
                Act::WakeAt(at) => self.agenda.at(at, Event::GatewayWake { epoch }),
                Act::LinkAt(bank, at) => self.agenda.at(at, Event::LinkDue { epoch, bank }),
                Act::Alarm(what) => {
                    self.trace.event(now, "alarm", what.as_bytes(), || what.clone());
                    if what.contains("cannot be read") || what.contains("turned away") {
                        self.violate("alarm", what);
                    }
                }
            }
        }
    }
}
