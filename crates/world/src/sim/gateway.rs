//! The gateway: engine, store, vault and both edges as they are in the field, with the simulator in place of
//! threads and sockets. It may crash between any two outputs of the engine; then the store is all that is left.

use super::banks::{Banks, bank_of, link_of, name_of};
use super::layer::Wreck;
use super::mirror::Mirror;
use super::rolls::Rolls;
use crate::bank::{TEST_ACQUIRER, TEST_FORWARDER, TEST_ZAK_HEX, TEST_ZPK_HEX};
use crate::terminal::{Firmware, Profile};
use hefu_engine::{Ask, BankAnswer, Config, Engine, Input, LinkRules, Model, Note, Output};
use hefu_iso8583::frame::Framer;
use hefu_node::{Work, carry_out};
use hefu_store::Store;
use hefu_switch::{
    host::{HostConfig, HostEdge, MerchantProfile},
    link_state::{Change, LinkState, LinkTimes, Todo},
    notes::{NoteLimiter, Noted},
    pos::{ConnectionId, PosConfig, PosEdge, TillConfig},
};
use hefu_tally::{LinkId, MerchantNo, Moment, TallyId, TerminalNo, Till, till::TillState, time::SECOND};
use hefu_vault::{LinkKeys, MacMethod, MasterKey, TdesKey, TerminalName, Vault};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// The node's number.
const NODE: u16 = 1;
/// The longest frame of a terminal, as the real listener takes it.
const MAX_FRAME: usize = 2_048;
/// Notes of one kind per minute.
const NOTES: u32 = 60;

/// What the gateway wants done by the world.
pub(super) enum Act {
    /// Write these bytes to a terminal.
    ToShop(ConnectionId, Vec<u8>),
    /// Close a terminal's connection.
    CloseShop(ConnectionId),
    /// Write this frame to a bank on its present link.
    ToBank(usize, Vec<u8>),
    /// Dial a bank.
    Dial(usize),
    /// Close a bank's link.
    CloseLink(usize),
    /// Let the store take up what waits for it.
    Store {
        commits: bool,
    },
    /// Call [`Gateway::wake`] at this moment.
    WakeAt(Moment),
    /// Call [`Gateway::link_due`] for this bank at this moment.
    LinkAt(usize, Moment),
    Alarm(String),
}

/// A gateway with its durable memory.
pub(super) struct Gateway<S> {
    pub store: S,
    wreck: Wreck<S>,
    /// What the store has of every payment.
    pub mirror: Mirror,
    /// Payments that changed in the store since somebody last asked.
    changed: Vec<TallyId>,
    config: Config,
    pos: PosConfig,
    hosts: Vec<HostConfig>,
    times: LinkTimes,
    profiles: Vec<Profile>,
    rolls: Rolls,
    /// Nothing while it is down.
    pub running: Option<Running>,
    /// Counts the starts: what was planned for an earlier one is void.
    pub epoch: u64,
}

/// All that a crash takes away.
pub(super) struct Running {
    pub engine: Engine,
    pub vault: Vault,
    pos: PosEdge,
    /// By the banks' places.
    links: Vec<BankLink>,
    framers: BTreeMap<ConnectionId, Framer>,
    notes: NoteLimiter,
    pub outputs: VecDeque<Output>,
    pub inbox: VecDeque<Input>,
    /// What waits for the store, and what the store has answered.
    work: VecDeque<Work>,
    answers: VecDeque<Input>,
    wake: Option<Moment>,
}

/// A bank link as the gateway sees it.
struct BankLink {
    host: HostEdge,
    state: LinkState,
    at: Option<Moment>,
    /// The one that stands, by the world's number.
    wire: Option<u64>,
}

/// Names a terminal for the engine.
pub(super) fn till_of(profile: &Profile) -> Till {
    Till {
        merchant: MerchantNo::parse(profile.merchant.as_bytes()).expect("a test merchant has a number"),
        terminal: TerminalNo::parse(profile.terminal.as_bytes()).expect("a test terminal has a number"),
    }
}

impl<S: Store> Gateway<S> {
    /// A gateway that was never started.
    pub fn new(
        seed: u64,
        (store, wreck): (S, Wreck<S>),
        profiles: Vec<Profile>,
        banks: &Banks,
    ) -> Gateway<S> {
        let first = name_of(0);
        let mut config = Config::new(NODE, link_of(0));
        config.links = (0..banks.count()).map(|bank| (link_of(bank), LinkRules::default())).collect();
        let mut tills = BTreeMap::new();
        let mut merchants = BTreeMap::new();
        for profile in &profiles {
            let till = till_of(profile);
            let certified = profile.firmware == Firmware::Certified;
            config.models.insert(till, Model { certified, ..config.model });
            tills.insert(till, TillConfig::new(first.clone()));
            let name = MerchantProfile::new(&profile.name_zh, "5411").expect("a test merchant has a name");
            merchants.insert(till.merchant, name);
        }
        let merchants = Arc::new(merchants);
        let host = |bank| HostConfig {
            merchants: merchants.clone(),
            ..HostConfig::new(link_of(bank), name_of(bank), TEST_ACQUIRER, TEST_FORWARDER)
        };
        let hosts = (0..banks.count()).map(host).collect();
        let mut pos = PosConfig::new(tills, TEST_ACQUIRER);
        pos.routes = banks.routes();
        let rolls = Rolls::new(seed, "gateway");
        Gateway {
            store,
            wreck,
            mirror: Mirror::default(),
            changed: Vec::new(),
            config,
            pos,
            hosts,
            times: banks.times,
            profiles,
            rolls,
            running: None,
            epoch: 0,
        }
    }

    /// Starts over what the store holds.
    ///
    /// # Errors
    /// What of the store cannot be used, in words.
    pub fn start(&mut self, now: Moment) -> Result<Vec<Act>, String> {
        assert!(self.running.is_none(), "a gateway is started once at a time");
        let last = self.store.last_batch(NODE).map_err(|error| error.to_string())?;
        let pos = PosEdge::new(self.pos.clone()).map_err(|error| error.to_string())?;
        let link = |host: &HostConfig| {
            let host = HostEdge::new(host.clone()).map_err(|error| error.to_string())?;
            Ok(BankLink { host, state: LinkState::new(self.times, now), at: None, wire: None })
        };
        let links = self.hosts.iter().map(link).collect::<Result<Vec<_>, String>>()?;
        let acts = (0..links.len()).map(|bank| Act::LinkAt(bank, now)).collect();
        let mut vault = self.vault();
        for row in self.store.terminals(None, 1_000).map_err(|error| error.to_string())? {
            let state: TillState = serde_json::from_slice(&row.state).map_err(|error| error.to_string())?;
            for wrapped in &state.keys {
                let wrapped = hex::decode(wrapped).map_err(|error| error.to_string())?;
                pos.load_keys(&mut vault, &row.till, &wrapped).map_err(|error| error.to_string())?;
            }
        }
        self.epoch += 1;
        self.running = Some(Running {
            engine: Engine::new(self.config.clone(), self.rolls.number(), last),
            vault,
            pos,
            links,
            framers: BTreeMap::new(),
            notes: NoteLimiter::new(NOTES),
            outputs: VecDeque::new(),
            inbox: VecDeque::from([Input::Time]),
            work: VecDeque::new(),
            answers: VecDeque::new(),
            wake: None,
        });
        Ok(acts)
    }

    fn vault(&self) -> Vault {
        let master = MasterKey::from_hex(&"5A".repeat(32)).expect("64 hex digits are a key");
        let mut vault = Vault::new(master);
        for profile in &self.profiles {
            let name =
                TerminalName::parse(&profile.merchant, &profile.terminal).expect("a test terminal's name");
            vault.set_terminal_master(name, profile.master.clone(), profile.mac);
        }
        let key = |hex| TdesKey::from_hex(hex).expect("the test link's keys are well-formed");
        for bank in 0..self.hosts.len() {
            let keys = LinkKeys { pin: key(TEST_ZPK_HEX), mac: key(TEST_ZAK_HEX) };
            vault.set_link(name_of(bank), keys, MacMethod::X919);
        }
        vault
    }

    /// Stops in the middle of whatever it does. The store still carries out the first `standing` things that wait for
    /// it; then its files are what a crash leaves of them.
    ///
    /// # Errors
    /// The store failed.
    pub fn crash(&mut self, standing: usize) -> Result<(), String> {
        let Some(running) = self.running.take() else { return Ok(()) };
        for work in running.work.into_iter().take(standing) {
            self.work(work)?;
        }
        if let Some(store) = (self.wreck)()? {
            self.store = store;
        }
        Ok(())
    }

    /// How many things wait for the store.
    pub fn waiting(&self) -> usize {
        self.running.as_ref().map_or(0, |running| running.work.len())
    }

    /// Whether the next thing that the store will do changes anything in it.
    pub fn writes_next(&self) -> bool {
        match self.running.as_ref().and_then(|running| running.work.front()) {
            Some(Work::Commit(_) | Work::Lease(_)) => true,
            Some(Work::Load(_)) | None => false,
        }
    }

    /// Payments that changed in the store since this was last asked.
    pub fn changed(&mut self) -> Vec<TallyId> {
        std::mem::take(&mut self.changed)
    }

    fn work(&mut self, work: Work) -> Result<Input, String> {
        let change = Mirror::before(&work);
        let answer = carry_out(&mut self.store, NODE, work).map_err(|error| error.to_string())?;
        self.changed.extend(self.mirror.after(change, &answer)?);
        Ok(answer)
    }

    /// Inputs that wait for the engine.
    pub fn inbox(&self) -> usize {
        self.running.as_ref().map_or(0, |running| running.inbox.len())
    }

    /// Somebody hands something in.
    pub fn take(&mut self, input: Input) {
        if let Some(running) = &mut self.running {
            running.inbox.push_back(input);
        }
    }

    /// The inputs behind the first so many.
    pub fn heard(&self, behind: usize) -> impl Iterator<Item = &Input> {
        self.running.iter().flat_map(move |running| running.inbox.iter().skip(behind))
    }

    /// A bank's answer behind the first so many inputs, and the link on which it came.
    pub fn bank_said(&self, behind: usize) -> Option<(LinkId, &BankAnswer)> {
        self.heard(behind).find_map(|input| {
            if let Input::Bank { link, answer } = input { Some((*link, answer)) } else { None }
        })
    }

    /// Whether any input behind the first so many moves or asks about money on the strength of a MAC.
    pub fn believes(&self, behind: usize) -> bool {
        self.heard(behind).any(|input| match input {
            Input::Terminal { ask, .. } => matches!(
                ask,
                Ask::Transact(_) | Ask::Reverse(_) | Ask::LastResult { .. } | Ask::Confirm { .. }
            ),
            Input::Bank { answer, .. } => answer.mac_good,
            Input::Unwritten { .. }
            | Input::NeverSent { .. }
            | Input::Link { .. }
            | Input::Order { .. }
            | Input::Decide { .. }
            | Input::Status { .. }
            | Input::House { .. }
            | Input::Note { .. }
            | Input::Loaded { .. }
            | Input::Committed { .. }
            | Input::Leased { .. }
            | Input::Time => false,
        })
    }

    /// The next output that is to be carried out.
    pub fn next_output(&self) -> Option<&Output> {
        self.running.as_ref()?.outputs.front()
    }

    /// Feeds the engine with the next input that waits; false when none does.
    pub fn feed(&mut self, now: Moment) -> bool {
        let Some(running) = &mut self.running else { return false };
        let Some(input) = running.inbox.pop_front() else { return false };
        let mut out = Vec::new();
        running.engine.handle(now, input, &mut out);
        running.outputs.extend(out);
        true
    }

    /// Carries out the next output.
    pub fn carry_out(&mut self, now: Moment, acts: &mut Vec<Act>) {
        let Some(running) = &mut self.running else { return };
        match running.outputs.pop_front() {
            Some(Output::Load(load)) => running.order(Work::Load(load), acts),
            Some(Output::Commit(batch)) => running.order(Work::Commit(batch), acts),
            Some(Output::Lease(counter)) => running.order(Work::Lease(counter), acts),
            Some(Output::Send { link, message }) => {
                let (key, rrn) = (message.key, message.rrn);
                let never = Input::NeverSent { link, key, rrn };
                let bank = bank_of(link);
                let line = &mut running.links[bank];
                if line.wire.is_none() || !line.state.is_up() {
                    running.inbox.push_back(never);
                    return;
                }
                match line.host.encode(&running.vault, now, &message) {
                    Ok(frame) => acts.push(Act::ToBank(bank, frame)),
                    Err(error) => {
                        acts.push(Act::Alarm(format!("{rrn}: not sent: {error}")));
                        let note = Note { kind: error.kind(), text: format!("{rrn}: {error}") };
                        running.note(now, Noted { till: Some(message.till), note });
                        running.inbox.push_back(never);
                    }
                }
            }
            Some(Output::Reply { conversation, reply }) => {
                match running.pos.reply(&mut running.vault, conversation, &reply) {
                    Ok((connection, frame)) if running.framers.contains_key(&connection) => {
                        acts.push(Act::ToShop(connection, frame));
                    }
                    Ok(_) | Err(_) => running.inbox.push_back(Input::Unwritten { conversation }),
                }
            }
            Some(Output::WakeAt { at, .. }) => {
                let at = at.max(now.after(1));
                if running.wake.is_none_or(|wake| at < wake) {
                    running.wake = Some(at);
                    acts.push(Act::WakeAt(at));
                }
            }
            Some(Output::Alarm { what }) => acts.push(Act::Alarm(what)),
            Some(Output::Answer { .. }) => {}
            None => {}
        }
    }

    /// The store does one thing. Whether it had anything to do.
    ///
    /// # Errors
    /// The store failed.
    pub fn store_step(&mut self) -> Result<bool, String> {
        let Some(running) = &mut self.running else { return Ok(false) };
        let Some(work) = running.work.pop_front() else { return Ok(false) };
        let answer = self.work(work)?;
        if let Some(running) = &mut self.running {
            running.answers.push_back(answer);
        }
        Ok(true)
    }

    /// The store's oldest answer reaches the engine.
    pub fn store_answered(&mut self) {
        if let Some(running) = &mut self.running
            && let Some(answer) = running.answers.pop_front()
        {
            running.inbox.push_back(answer);
        }
    }

    /// The wished-for moment has come.
    pub fn wake(&mut self, now: Moment) {
        if let Some(running) = &mut self.running
            && running.wake.is_some_and(|wake| wake <= now)
        {
            running.wake = None;
            running.inbox.push_back(Input::Time);
        }
    }

    /// A terminal has connected.
    pub fn connected(&mut self, connection: ConnectionId) {
        if let Some(running) = &mut self.running {
            running.framers.insert(connection, Framer::new(MAX_FRAME));
        }
    }

    /// A terminal's connection is gone.
    pub fn disconnected(&mut self, connection: ConnectionId) {
        if let Some(running) = &mut self.running {
            running.framers.remove(&connection);
            running.pos.closed(connection);
        }
    }

    /// Bytes of a terminal. False when nobody knows this connection.
    pub fn shop_sent(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        bytes: &[u8],
        acts: &mut Vec<Act>,
    ) -> bool {
        let Some(running) = &mut self.running else { return false };
        let Some(framer) = running.framers.get_mut(&connection) else { return false };
        framer.push(bytes);
        loop {
            let Some(framer) = running.framers.get_mut(&connection) else { return true };
            let frame = match framer.next() {
                Ok(Some(frame)) => frame,
                Ok(None) => return true,
                Err(_) => {
                    running.close(connection, acts);
                    return true;
                }
            };
            let taken = running.pos.frame(&mut running.vault, &mut self.rolls, now, connection, &frame);
            running.inbox.extend(taken.input);
            if let Some(noted) = taken.note {
                running.note(now, noted);
            }
            if let Some(answer) = taken.answer {
                acts.push(Act::ToShop(connection, answer));
            }
            if taken.close {
                running.close(connection, acts);
            }
        }
    }

    /// The link that stands to this bank, by the world's number.
    pub fn wire(&self, bank: usize) -> Option<u64> {
        self.running.as_ref().and_then(|running| running.links[bank].wire)
    }

    /// Whether this bank's link is up, signed on, and how it is numbered.
    pub fn wire_up(&self, bank: usize) -> Option<u64> {
        let line = &self.running.as_ref()?.links[bank];
        line.wire.filter(|_| line.state.is_up())
    }

    /// A bank's link stands, under this number.
    pub fn linked(&mut self, now: Moment, bank: usize, wire: u64, acts: &mut Vec<Act>) {
        let Some(running) = &mut self.running else { return };
        let line = &mut running.links[bank];
        line.wire = Some(wire);
        match line.host.sign_on(&running.vault, now) {
            Ok((key, frame)) => {
                line.state.connected(now, key);
                acts.push(Act::ToBank(bank, frame));
            }
            Err(error) => acts.push(Act::Alarm(format!("no sign-on: {error}"))),
        }
        running.plan_link(bank, acts);
    }

    /// A bank's link is gone, or could not be made.
    pub fn unlinked(&mut self, now: Moment, bank: usize, acts: &mut Vec<Act>) {
        let Some(running) = &mut self.running else { return };
        running.unlink(now, bank);
        running.plan_link(bank, acts);
    }

    /// Something is due on a bank's link.
    pub fn link_due(&mut self, now: Moment, bank: usize, acts: &mut Vec<Act>) {
        let Some(running) = &mut self.running else { return };
        let line = &mut running.links[bank];
        if line.at.is_some_and(|at| at <= now) {
            line.at = None;
        }
        match line.state.todo(now) {
            // The dial is under way until the world says how it ended.
            Some(Todo::Connect) => return acts.push(Act::Dial(bank)),
            Some(Todo::Echo) => {
                if let Ok((key, frame)) = line.host.echo(&running.vault, now) {
                    line.state.echo_sent(now, key);
                    acts.push(Act::ToBank(bank, frame));
                }
            }
            Some(Todo::Drop(_)) => {
                acts.push(Act::CloseLink(bank));
                running.unlink(now, bank);
            }
            None => {}
        }
        running.plan_link(bank, acts);
    }

    /// A frame of a bank.
    pub fn bank_sent(&mut self, now: Moment, bank: usize, frame: &[u8], acts: &mut Vec<Act>) {
        let Some(running) = &mut self.running else { return };
        let line = &mut running.links[bank];
        line.state.heard(now);
        let taken = line.host.frame(&running.vault, now, frame);
        let change = taken.network.and_then(|answer| line.state.answered(now, &answer));
        running.inbox.extend(taken.input);
        if let Some(note) = taken.note {
            running.note(now, Noted { till: None, note });
        }
        if let Some(answer) = taken.answer {
            acts.push(Act::ToBank(bank, answer));
        }
        match change {
            Some(Change::Up) => running.inbox.push_back(Input::Link { link: link_of(bank), up: true }),
            Some(Change::Refused(_)) => {
                acts.push(Act::CloseLink(bank));
                running.unlink(now, bank);
            }
            None => {}
        }
        running.plan_link(bank, acts);
    }

    /// What the real shells do every few seconds.
    pub fn tidy(&mut self, now: Moment) {
        if let Some(running) = &mut self.running {
            running.pos.expire(now);
            let summaries = running.notes.summaries(now);
            running.inbox.extend(summaries.into_iter().map(Noted::input));
        }
    }
}

impl Running {
    /// Whether nothing is under way inside.
    pub fn is_idle(&self) -> bool {
        let queues = self.outputs.is_empty() && self.inbox.is_empty();
        queues && self.work.is_empty() && self.answers.is_empty() && self.engine.is_idle()
    }

    fn order(&mut self, work: Work, acts: &mut Vec<Act>) {
        let commits = matches!(work, Work::Commit(_));
        self.work.push_back(work);
        acts.push(Act::Store { commits });
    }

    fn note(&mut self, now: Moment, noted: Noted) {
        if let Some(noted) = self.notes.pass(now, noted) {
            self.inbox.push_back(noted.input());
        }
    }

    fn close(&mut self, connection: ConnectionId, acts: &mut Vec<Act>) {
        self.framers.remove(&connection);
        self.pos.closed(connection);
        acts.push(Act::CloseShop(connection));
    }

    fn unlink(&mut self, now: Moment, bank: usize) {
        let line = &mut self.links[bank];
        line.wire = None;
        if line.state.disconnected(now) {
            self.inbox.push_back(Input::Link { link: link_of(bank), up: false });
        }
    }

    fn plan_link(&mut self, bank: usize, acts: &mut Vec<Act>) {
        let line = &mut self.links[bank];
        let at = line.state.wake_at();
        if line.at.is_none_or(|planned| at < planned) {
            line.at = Some(at);
            acts.push(Act::LinkAt(bank, at));
        }
    }
}

/// How long a dial to the bank may take.
pub(super) const DIAL: i64 = 5 * SECOND;
