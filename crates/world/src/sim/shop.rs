//! A shop: one terminal, its flash memory, its line, and the cashier with a script.

use super::coverage::About;
use super::event::Event;
use super::faults::{Fault, Swarm};
use super::gateway::till_of;
use super::rolls::Rolls;
use super::rows::Row;
use super::script::{self, Deed};
use super::trace;
use super::wires::Way;
use super::without::{Part, Without};
use super::world::{Phase, World};
use crate::terminal::{
    Belief, Command, Effect, Firmware, LedgerEntry, PrinterState, Profile, Standing, Terminal, Transaction,
};
use hefu_store::Store;
use hefu_switch::pos::ConnectionId;
use hefu_tally::{Direction, Issuer, Kind, Till};
use std::collections::{BTreeSet, VecDeque};

/// How often a cashier tries again what nobody knows of, in one world.
const MOST_TRIES: u32 = 3;
/// Bytes of a frame's length, which no line changes.
const LENGTH: usize = 2;
/// What comes before the message that a MAC covers: length, TPDU and header.
const COVERED: usize = LENGTH + 5 + 6;

pub(super) struct Shop {
    pub profile: Profile,
    pub till: Till,
    /// Nothing while there is no power.
    pub terminal: Option<Terminal>,
    /// The last state that was written.
    flash: Option<Vec<u8>>,
    rolls: Rolls,
    script: VecDeque<Deed>,
    /// Deeds that the seed drew, those left out included.
    pub drawn: usize,
    /// The script is at its end and nothing runs.
    done: bool,
    /// Counts the starts: what was planned for an earlier one is void.
    pub epoch: u64,
    wish: u64,
    dial: u64,
    line: Option<ConnectionId>,
    /// Power goes after so many more effects.
    plug: Option<u8>,
    /// Asked about while healing: each open line once.
    asked: BTreeSet<(u32, u32)>,
    /// What cashiers do beyond their scripts, on a stream of its own.
    habits: Rolls,
    /// The last command; it is given again when nobody knows what became of it.
    last: Option<Command>,
    again: Option<Command>,
    tries: u32,
}

impl Shop {
    pub fn draw(seed: u64, place: usize, swarm: &Swarm, without: &Without) -> Shop {
        let mut rolls = Rolls::new(seed, &format!("shop {place}"));
        let mut profile = Profile::test(place as u32 + 1);
        profile.firmware = rolls.weighted(&[
            (5, Firmware::Certified),
            (3, Firmware::Old),
            (2, Firmware::DeletesOnAnyAnswer),
        ]);
        profile.part_approval = rolls.happens(700);
        profile.keep_line_open = rolls.happens(300);
        profile.reverse_on_printer_failure = rolls.happens(300);
        let script = script::draw(&mut rolls, profile.firmware, swarm.rate(Fault::ClearedByMenu));
        let drawn = script.len();
        let number = place as u8 + 1;
        let left = script.into_iter().enumerate().filter(|(deed, _)| {
            !without.has(Part::Terminal(number)) && !without.has(Part::Deed(number, *deed as u16 + 1))
        });
        let script = left.map(|(_, deed)| deed).collect();
        let terminal = Some(Terminal::new(profile.clone(), &mut rolls));
        Shop {
            till: till_of(&profile),
            profile,
            terminal,
            flash: None,
            rolls,
            script,
            drawn,
            done: false,
            epoch: 1,
            wish: 0,
            dial: 0,
            line: None,
            plug: None,
            asked: BTreeSet::new(),
            habits: Rolls::new(seed, &format!("habits {place}")),
            last: None,
            again: None,
            tries: 0,
        }
    }

    pub fn describe(&self) -> String {
        let Profile { firmware, part_approval, keep_line_open, .. } = self.profile;
        let deeds = self.script.len();
        format!(
            "{}: {firmware:?}, takes parts {part_approval}, keeps its line {keep_line_open}, {deeds} deeds",
            self.profile.terminal
        )
    }

    /// The script is at its end.
    pub fn is_done(&self) -> bool {
        self.done
    }

    pub fn is_certified(&self) -> bool {
        self.profile.firmware == Firmware::Certified
    }

    /// What this terminal still has to do before all has healed; `waiting` of its advices wait for clearing.
    pub fn waits_for(&self, waiting: usize) -> Option<String> {
        let name = &self.profile.terminal;
        let Some(terminal) = &self.terminal else { return Some(format!("{name} has no power")) };
        let owes = terminal.owes();
        let owing = owes.reversal.is_some()
            || owes.script_result
            || (owes.offline > 0 && waiting == 0)
            || owes.settlement;
        if owing || terminal.busy() {
            return Some(format!("{name} is at work or owes {owes:?}"));
        }
        None
    }

    /// Advices wait in the terminal behind one that waits for clearing.
    pub fn holds_up_advices(&self) -> bool {
        self.terminal.as_ref().is_some_and(|terminal| terminal.owes().offline > 1)
    }

    /// The cashier's journal.
    pub fn ledger(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.terminal.iter().flat_map(Terminal::ledger)
    }

    /// Some cashiers try again what ended in "unknown", whatever the screen says.
    fn tries_again(&mut self, transaction: Transaction, believes: Belief) {
        let moves = matches!(transaction, Transaction::Sale | Transaction::PreAuth | Transaction::Refund);
        let unknown = moves && believes == Belief::Unknown;
        let tries = self.habits.happens(400) && self.tries < MOST_TRIES;
        if unknown && tries {
            self.tries += 1;
            self.again = self.last.take();
        }
    }

    fn thinking(&mut self, healing: bool) -> i64 {
        if healing { self.rolls.between(500, 3_000) } else { self.rolls.between(500, 45_000) }
    }

    /// What the cashier does next; none when there is nothing left to do.
    fn next(&mut self, healing: bool) -> Option<Command> {
        let terminal = self.terminal.as_ref()?;
        let owes = terminal.owes();
        if !terminal.signed_on() {
            return Some(Command::SignOn);
        }
        if healing {
            if owes.settlement {
                return Some(Command::Settle);
            }
            if owes.reversal.is_some() || owes.script_result || owes.offline > 0 {
                return Some(Command::SendPending);
            }
            let batch = terminal.batch();
            let open = terminal.ledger().find(|entry| {
                entry.batch == batch
                    && entry.standing == Standing::Unknown
                    && !self.asked.contains(&(entry.batch, entry.trace))
            });
            let id = open.map(|entry| (entry.batch, entry.trace))?;
            self.asked.insert(id);
            return Some(Command::LastResult { trace: id.1 });
        }
        if owes.settlement && self.rolls.happens(700) {
            return Some(Command::Settle);
        }
        if let Some(again) = self.again.take() {
            return Some(again);
        }
        while let Some(deed) = self.script.pop_front() {
            if let Deed::PowerCut { after } = deed {
                self.plug = Some(after);
                continue;
            }
            let command = script::command(deed, terminal, &mut self.rolls, &mut self.habits);
            if command.is_some() {
                self.last.clone_from(&command);
                return command;
            }
        }
        None
    }
}

impl<S: Store> World<S> {
    /// The cashier thinks of something to do, if the terminal is free.
    pub fn think(&mut self, n: usize, epoch: u64) {
        let now = self.agenda.now();
        let healing = self.phase != Phase::Chaos;
        let shop = &mut self.shops[n];
        let free = shop.terminal.as_ref().is_some_and(|terminal| !terminal.busy());
        if shop.epoch != epoch || !free {
            return;
        }
        // Now and then somebody wants his money back for a sale that is unknown, or being given back.
        let odd =
            !healing && shop.terminal.as_ref().is_some_and(Terminal::signed_on) && shop.habits.happens(60);
        let doubtful = |row: &&Row| {
            let own = row.leg.identity.till == shop.till && row.leg.kind == Kind::Sale;
            own && (row.leg.issuer == Issuer::Unknown || row.leg.direction == Direction::Return)
        };
        let refund = self.gateway.mirror.legs().filter(|_| odd).find(doubtful).and_then(script::refund_of);
        let Some(command) = refund.or_else(|| shop.next(healing)) else {
            shop.done = true;
            return;
        };
        if self.wires.happens(Fault::NoPaper) {
            self.strike(Fault::NoPaper, About::Shop(self.shops[n].till));
            self.printer(n, PrinterState::OutOfPaper);
        } else {
            self.printer(n, PrinterState::Ready);
        }
        if matches!(command, Command::ClearReversalByMenu) {
            let till = self.shops[n].till;
            self.strike(Fault::ClearedByMenu, About::Shop(till));
        }
        let shop = &mut self.shops[n];
        let name = shop.profile.terminal.clone();
        let Some(terminal) = &mut shop.terminal else { return };
        let words = format!("{command:?}");
        self.trace.event(now, &name, words.as_bytes(), || format!("cashier: {words}"));
        if let Ok(effects) = terminal.command(now, command) {
            self.shop_does(n, effects);
        }
    }

    fn printer(&mut self, n: usize, state: PrinterState) {
        if let Some(terminal) = &mut self.shops[n].terminal {
            let effects = terminal.printer(state);
            self.shop_does(n, effects);
        }
    }

    /// No more faults: whoever was done begins to work off what is left.
    pub fn mend(&mut self, n: usize) {
        self.printer(n, PrinterState::Ready);
        let shop = &mut self.shops[n];
        shop.script.clear();
        shop.again = None;
        shop.plug = None;
        shop.done = false;
        let epoch = shop.epoch;
        self.agenda.after(1_000, Event::Think { shop: n, epoch });
    }

    pub fn power_on(&mut self, n: usize) {
        let now = self.agenda.now();
        let shop = &mut self.shops[n];
        let profile = shop.profile.clone();
        let terminal = match &shop.flash {
            Some(flash) => Terminal::from_persisted(profile, flash),
            None => Ok(Terminal::new(profile, &mut shop.rolls)),
        };
        match terminal {
            Ok(terminal) => shop.terminal = Some(terminal),
            Err(error) => return self.violate("terminal memory", error.to_string()),
        }
        let (epoch, name) = (shop.epoch, shop.profile.terminal.clone());
        self.trace.event(now, &name, b"on", || "has power again".into());
        self.agenda.after(2_000, Event::Think { shop: n, epoch });
    }

    fn power_cut(&mut self, n: usize) {
        let now = self.agenda.now();
        let till = self.shops[n].till;
        self.strike(Fault::PowerCut, About::Shop(till));
        let shop = &mut self.shops[n];
        let name = shop.profile.terminal.clone();
        self.trace.event(now, &name, b"off", || "LOSES POWER".into());
        let shop = &mut self.shops[n];
        shop.terminal = None;
        shop.plug = None;
        shop.epoch += 1;
        let away = shop.rolls.weighted(&[(5, 3_000), (3, 40_000), (1, 300_000)]);
        let line = shop.line.take();
        self.agenda.after(away, Event::PowerOn { shop: n });
        // Without power nobody says goodbye; sometimes the network finds out.
        if let Some(line) = line {
            self.hang_up(line);
        }
    }

    fn hang_up(&mut self, connection: ConnectionId) {
        let now = self.agenda.now();
        if let Some(at) = self.wires.hang_up(now, connection, Way::Up) {
            self.agenda.at(at, Event::ToGateway { connection, bytes: None });
        }
    }

    /// Carries a terminal's effects out, in their order; between any two power may go.
    fn shop_does(&mut self, n: usize, effects: Vec<Effect>) {
        let now = self.agenda.now();
        for effect in effects {
            let chance = self.wires.happens(Fault::PowerCut);
            let shop = &mut self.shops[n];
            let pulled = shop.plug == Some(0);
            shop.plug = shop.plug.map(|left| left.saturating_sub(1));
            if chance || pulled {
                return self.power_cut(n);
            }
            let epoch = shop.epoch;
            match effect {
                Effect::Persist(state) => shop.flash = Some(state),
                Effect::Connect => {
                    shop.dial += 1;
                    let dial = shop.dial;
                    let fails = self.wires.happens(Fault::NoDial);
                    if fails {
                        let till = self.shops[n].till;
                        self.strike(Fault::NoDial, About::Shop(till));
                    }
                    let after = self.wires.short();
                    self.agenda.after(after, Event::Dialled { shop: n, epoch, dial, good: !fails });
                }
                Effect::Send(bytes) => self.send_to_gateway(n, bytes),
                Effect::Disconnect => {
                    shop.dial += 1;
                    if let Some(line) = shop.line.take() {
                        self.hang_up(line);
                    }
                }
                Effect::Show(text) => {
                    let name = shop.profile.terminal.clone();
                    self.trace.event(now, &name, text.en.as_bytes(), || format!("screen: {}", text.en));
                }
                Effect::Print(_) => {
                    let name = shop.profile.terminal.clone();
                    self.trace.event(now, &name, b"slip", || "prints a slip".into());
                }
                Effect::WakeAt(at, _) => {
                    shop.wish += 1;
                    let wish = shop.wish;
                    self.agenda.at(at, Event::ShopWake { shop: n, epoch, wish });
                }
                Effect::Done(outcome) => {
                    let name = shop.profile.terminal.clone();
                    let healing = self.phase != Phase::Chaos;
                    shop.tries_again(outcome.transaction, outcome.believes);
                    let pause = shop.thinking(healing);
                    // Now and then a shop closes until the bank can be reached again.
                    let back = self.outage_until.iter().min().copied().unwrap_or(now);
                    let away = back.since(now);
                    let pause = if away > 0 && shop.rolls.happens(400) { away + pause } else { pause };
                    let words = format!(
                        "{:?} ends: {:?} {:?}",
                        outcome.transaction, outcome.response, outcome.believes
                    );
                    self.trace.event(now, &name, words.as_bytes(), || words.clone());
                    self.agenda.after(pause, Event::Think { shop: n, epoch });
                }
            }
        }
    }

    fn send_to_gateway(&mut self, n: usize, mut bytes: Vec<u8>) {
        let now = self.agenda.now();
        let shop = &self.shops[n];
        let (name, till, epoch) = (shop.profile.terminal.clone(), shop.till, shop.epoch);
        let Some(connection) = shop.line else {
            self.agenda.after(0, Event::Broken { shop: n, epoch });
            return;
        };
        let fate = self.wires.on_line(now, connection, Way::Up);
        self.trace.event(now, &name, &bytes, || {
            format!("sends {} {}", trace::pos_words(&bytes), fate.fault.map_or("", Fault::name))
        });
        if let Some(fault) = fate.fault {
            self.strike(fault, About::Shop(till));
        }
        if fate.garbled {
            self.wires.garble(&mut bytes, LENGTH, COVERED);
        }
        if let Some(at) = fate.again {
            self.agenda.at(at, Event::ToGateway { connection, bytes: Some(bytes.clone()) });
        }
        // What is long on its way arrives while there is chaos: it may come after the day cut.
        if let Some(at) = fate.arrives.filter(|_| fate.fault.is_some()).max(fate.again) {
            self.hold_on_until(at);
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::ToGateway { connection, bytes: Some(bytes) });
        }
        self.cut_line(connection, fate.cut);
    }

    pub fn send_to_shop(&mut self, connection: ConnectionId, frame: &[u8]) {
        let now = self.agenda.now();
        let mut bytes = Vec::with_capacity(frame.len() + 2);
        if let Err(error) = hefu_iso8583::frame::put_frame(frame, &mut bytes) {
            return self.violate("frame", error.to_string());
        }
        let fate = self.wires.on_line(now, connection, Way::Down);
        self.trace.event(now, "gateway says", &bytes, || {
            format!("{} {}", trace::pos_words(&bytes), fate.fault.map_or("", Fault::name))
        });
        if let Some(fault) = fate.fault
            && let Some(connection) = self.wires.connection(connection)
        {
            let till = self.shops[connection.shop].till;
            self.strike(fault, About::Shop(till));
        }
        if fate.garbled {
            self.wires.garble(&mut bytes, LENGTH, COVERED);
        }
        if let Some(at) = fate.arrives {
            self.agenda.at(at, Event::ToShop { connection, bytes: Some(bytes) });
        }
        self.cut_line(connection, fate.cut);
    }

    fn cut_line(&mut self, connection: ConnectionId, cut: Option<[Option<hefu_tally::Moment>; 2]>) {
        let Some([shop, gateway]) = cut else { return };
        if let Some(at) = shop {
            self.agenda.at(at, Event::ToShop { connection, bytes: None });
        }
        if let Some(at) = gateway {
            self.agenda.at(at, Event::ToGateway { connection, bytes: None });
        }
    }

    /// Something arrives at a terminal; nothing means that the line is gone.
    pub fn hand_to_shop(&mut self, connection: ConnectionId, bytes: Option<Vec<u8>>) {
        let now = self.agenda.now();
        let Some(line) = self.wires.connection(connection) else { return };
        let (n, epoch) = (line.shop, line.epoch);
        let shop = &mut self.shops[n];
        if shop.epoch != epoch || shop.line != Some(connection) {
            return;
        }
        let Some(terminal) = &mut shop.terminal else { return };
        let effects = match &bytes {
            Some(bytes) => {
                let effects = terminal.bytes(now, bytes);
                let name = shop.profile.terminal.clone();
                self.trace.event(now, &name, bytes, || format!("hears {}", trace::pos_words(bytes)));
                effects
            }
            None => {
                shop.line = None;
                let effects = terminal.disconnected(now);
                let name = shop.profile.terminal.clone();
                self.trace.event(now, &name, b"line gone", || "the line is gone".into());
                self.wires.forget(connection);
                effects
            }
        };
        self.shop_does(n, effects);
    }

    pub fn dialled(&mut self, n: usize, epoch: u64, dial: u64, good: bool) {
        let now = self.agenda.now();
        let shop = &mut self.shops[n];
        if shop.epoch != epoch || shop.dial != dial {
            return;
        }
        let Some(terminal) = &mut shop.terminal else { return };
        let effects = if good && self.gateway.running.is_some() {
            let connection = self.wires.open(n, epoch);
            shop.line = Some(connection);
            self.gateway.connected(connection);
            terminal.connected(now)
        } else {
            terminal.disconnected(now)
        };
        self.shop_does(n, effects);
    }

    pub fn broken(&mut self, n: usize, epoch: u64) {
        let now = self.agenda.now();
        let shop = &mut self.shops[n];
        if shop.epoch == epoch
            && let Some(terminal) = &mut shop.terminal
        {
            let effects = terminal.disconnected(now);
            self.shop_does(n, effects);
        }
    }

    pub fn shop_wake(&mut self, n: usize, epoch: u64, wish: u64) {
        let now = self.agenda.now();
        let shop = &mut self.shops[n];
        if shop.epoch == epoch
            && shop.wish == wish
            && let Some(terminal) = &mut shop.terminal
        {
            let effects = terminal.wake(now);
            self.shop_does(n, effects);
        }
    }
}
