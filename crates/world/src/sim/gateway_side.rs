//! The gateway in its world: how it starts and crashes, and what becomes of what it wants done.

use super::coverage::About;
use super::faults::Fault;
use super::gateway::{Act, DIAL};
use super::wires::Way;
use super::world::{Event, World};
use hefu_store::Store;
use hefu_switch::pos::ConnectionId;

impl<S: Store> World<S> {
    pub fn gateway_up(&mut self) {
        let now = self.agenda.now();
        match self.gateway.start(now) {
            Ok(acts) => self.act(acts),
            Err(error) => self.violate("restart", error),
        }
        self.dialling = false;
        (self.store_free, self.answers_free) = (now, now);
        self.trace.event(now, "gateway", b"up", || "is up".into());
    }

    pub fn gateway_crash(&mut self) {
        let now = self.agenda.now();
        self.strike(Fault::GatewayCrash, About::All);
        self.crashes += 1;
        let standing = self.rolls.happens(500);
        let down = self.rolls.weighted(&[(6, 500), (3, 8_000), (1, 150_000)]);
        let wire = self.gateway.running.as_ref().and_then(|running| running.wire);
        if let Err(error) = self.gateway.crash(standing) {
            self.violate("store", error);
        }
        let outputs = self.outputs;
        self.trace.event(now, "gateway", &[u8::from(standing)], || {
            let batch = if standing { "stands" } else { "is lost" };
            format!("CRASHES before output {outputs}; a batch under way {batch}")
        });
        for connection in self.wires.connections() {
            // Now and then nobody tells the terminal.
            if self.rolls.happens(800) {
                self.hang_up_shop(connection);
            }
        }
        if let Some(wire) = wire {
            self.wires.unlink(wire);
            let after = self.rolls.between(1, 2_000);
            self.agenda.after(after, Event::LinkGone { wire, at_bank: true });
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

    pub fn store_answers(&mut self) {
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
        if slow { long } else { fast }
    }

    pub fn act(&mut self, acts: Vec<Act>) {
        let now = self.agenda.now();
        let epoch = self.gateway.epoch;
        for act in acts {
            match act {
                Act::ToShop(connection, frame) => self.send_to_shop(connection, &frame),
                Act::CloseShop(connection) => self.hang_up_shop(connection),
                Act::ToBank(frame) => self.send_to_bank(frame),
                Act::Dial => {
                    if !std::mem::replace(&mut self.dialling, true) {
                        let after = self.rolls.between(1, DIAL / 10);
                        self.agenda.after(after, Event::LinkDialled { epoch });
                    }
                }
                Act::CloseLink => {
                    if let Some(wire) = self.house.wire {
                        self.wires.unlink(wire);
                        self.agenda.after(20, Event::LinkGone { wire, at_bank: true });
                    }
                }
                Act::Store { commits } => {
                    let delay = if commits { self.store_delay() } else { 0 };
                    self.store_free = self.store_free.max(now.after(delay));
                    self.agenda.at(self.store_free, Event::StoreWorks { epoch });
                }
                Act::WakeAt(at) => self.agenda.at(at, Event::GatewayWake { epoch }),
                Act::LinkAt(at) => self.agenda.at(at, Event::LinkDue { epoch }),
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
