//! A till, its keys and a bank, for the tests of this crate.

use crate::{
    host::{HostConfig, HostEdge, MerchantProfile},
    pos::{ConnectionId, PosConfig, PosEdge, Taken, TillConfig},
};
use hefu_engine::{Ask, Conversation, Input, Reply, Said};
use hefu_iso8583::{
    CUP_POS, Message, Mti,
    cup::F63Text,
    frame::{PosFrame, PosHeader, Tpdu, join_pos, split_pos},
    mac_input, put_mac,
};
use hefu_tally::{LinkId, MerchantNo, Moment, TerminalNo, Till};
use hefu_vault::{
    Dice, KeyLayout, LinkKeys, LinkName, MacMethod, MasterKey, TdesKey, TerminalName, Vault, WorkingKeys,
    mac_eq, unpack_f62,
};
use std::{collections::BTreeMap, sync::Arc};

/// 2026-11-22 17:42:03 Beijing time.
pub(crate) const NOW: Moment = Moment(1_795_340_523_000);
pub(crate) const CARD: &str = "6200000000000005";
pub(crate) const TRACK: &str = "6200000000000005D30122201234";
pub(crate) const MERCHANT: &str = "898110253110001";
pub(crate) const LINK: LinkId = LinkId(1);
pub(crate) const LINE: ConnectionId = ConnectionId(7);
const MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";

/// Repeatable dice: splitmix64 from a seed.
pub(crate) struct Seeded(pub u64);

impl Dice for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn till(n: u32) -> Till {
    Till {
        merchant: MerchantNo::parse(MERCHANT.as_bytes()).unwrap(),
        terminal: TerminalNo::parse(format!("{}", 10_000_000 + n).as_bytes()).unwrap(),
    }
}

pub(crate) fn key(hex: &str) -> TdesKey {
    TdesKey::from_hex(hex).unwrap()
}

pub(crate) fn bank_name() -> LinkName {
    LinkName::parse("bank").unwrap()
}

pub(crate) fn bank_keys() -> LinkKeys {
    LinkKeys { pin: key("1111111111111111A2A2A2A2A2A2A2A2"), mac: key("B3B3B3B3B3B3B3B3C4C4C4C4C4C4C4C4") }
}

/// Sixteen terminals, with the UnionPay MAC, and the keys of the bank.
pub(crate) fn vault() -> Vault {
    vault_with(MacMethod::Ecb)
}

pub(crate) fn vault_with(method: MacMethod) -> Vault {
    let mut vault = Vault::new(MasterKey::from_hex(&"5A".repeat(32)).unwrap());
    for n in 1..=16 {
        vault.set_terminal_master(crate::names::terminal(&till(n)), key(MASTER), method);
    }
    vault.set_link(bank_name(), bank_keys(), MacMethod::X919);
    vault
}

pub(crate) fn pos_config() -> PosConfig {
    let tills: BTreeMap<_, _> = (1..=16).map(|n| (till(n), TillConfig::new(bank_name()))).collect();
    PosConfig { receiver: "00010000".into(), ..PosConfig::new(tills, "48010000") }
}

pub(crate) fn host_config() -> HostConfig {
    let merchant = MerchantProfile::new("合符测试商户", "5411").unwrap();
    let merchants = Arc::new([(till(1).merchant, merchant)].into());
    HostConfig { merchants, ..HostConfig::new(LINK, bank_name(), "48010000", "48020000") }
}

pub(crate) fn host() -> HostEdge {
    HostEdge::new(host_config()).unwrap()
}

/// Terminal 10000001 at its till, and the edge that it talks to.
pub(crate) struct Desk {
    pub vault: Vault,
    pub edge: PosEdge,
    pub dice: Seeded,
    pub method: MacMethod,
    /// What the terminal holds since its last sign-on.
    pub keys: WorkingKeys,
}

impl Desk {
    /// A terminal that has signed on.
    pub fn new() -> Desk {
        Desk::with(MacMethod::Ecb, pos_config())
    }

    pub fn with(method: MacMethod, config: PosConfig) -> Desk {
        let keys = WorkingKeys::generate(KeyLayout::Double003, &mut Seeded(99)).unwrap();
        let edge = PosEdge::new(config).unwrap();
        let mut desk = Desk { vault: vault_with(method), edge, dice: Seeded(1), method, keys };
        desk.sign_on();
        desk
    }

    /// Signs on, and takes the keys over.
    pub fn sign_on(&mut self) -> Message {
        let answer = self.sign_on_unheard();
        self.keys = unpack_f62(KeyLayout::Double003, &key(MASTER), answer.get(62).unwrap()).unwrap();
        answer
    }

    /// Signs on; the terminal does not get the answer.
    pub fn sign_on_unheard(&mut self) -> Message {
        let (conversation, ask) = asked(self.take(&sign_on()));
        let Ask::SignOn(sign_on) = ask else { panic!("a sign-on asks for a sign-on") };
        let said = Said::SignOn { f62: sign_on.f62, batch: 2 };
        self.answer(conversation, said).0
    }

    /// Sends a message as the terminal would: with a MAC where it belongs.
    pub fn take(&mut self, message: &Message) -> Taken {
        let frame = self.framed(message);
        self.frame(&frame)
    }

    pub fn frame(&mut self, frame: &[u8]) -> Taken {
        self.edge.frame(&mut self.vault, &mut self.dice, NOW, LINE, frame)
    }

    pub fn framed(&self, message: &Message) -> Vec<u8> {
        let maced = match message.mti.0 {
            800 | 500 | 320 => false,
            820 => !message
                .text(60)
                .is_some_and(|f60| f60.starts_with("00") && ["002", "301"].contains(&&f60[8..11])),
            _ => true,
        };
        frame_of(message, maced.then_some((self.method, &self.keys.mac)))
    }

    /// Lets the engine answer; the message that the terminal gets, and the whole frame.
    pub fn answer(&mut self, conversation: Conversation, what: Said) -> (Message, Vec<u8>) {
        let reply = Reply::new(NOW, what);
        let (line, frame) = self.edge.reply(&mut self.vault, conversation, &reply).unwrap();
        assert_eq!(line, LINE);
        (message_of(&frame), frame)
    }

    /// Whether the frame's MAC is good for the terminal.
    pub fn trusts(&self, frame: &[u8]) -> bool {
        let PosFrame { body, .. } = split_pos(frame).unwrap();
        let message = CUP_POS.decode(body).unwrap();
        let Some(mac) = message.get(64) else { return false };
        mac_eq(&self.method.compute(&self.keys.mac, mac_input(body)), mac.try_into().unwrap())
    }
}

/// The conversation and what it asks.
pub(crate) fn asked(taken: Taken) -> (Conversation, Ask) {
    match taken.input {
        Some(Input::Terminal { conversation, ask, .. }) => (conversation, ask),
        _ => panic!("refused: {:?}", taken.note),
    }
}

/// The answer that the edge gave by itself.
pub(crate) fn refused(taken: Taken) -> (Message, Vec<u8>) {
    assert!(taken.input.is_none(), "nothing is opened");
    let frame = taken.answer.unwrap_or_else(|| panic!("not answered: {:?}", taken.note));
    (message_of(&frame), frame)
}

pub(crate) fn message_of(frame: &[u8]) -> Message {
    CUP_POS.decode(split_pos(frame).unwrap().body).unwrap()
}

/// The words for the cashier in F63.2, as they are read in Chinese.
pub(crate) fn words_of(message: &Message) -> String {
    let f63 = F63Text::parse(message.get(63).unwrap()).unwrap();
    let places = [f63.issuer, f63.network, f63.acquirer].concat();
    encoding_rs::GBK.decode(&places).0.into_owned()
}

pub(crate) fn fields(message: &Message) -> Vec<u8> {
    message.fields().map(|(field, _)| field).collect()
}

pub(crate) fn frame_of(message: &Message, mac: Option<(MacMethod, &TdesKey)>) -> Vec<u8> {
    let mut message = message.clone();
    if mac.is_some() {
        message.set(64, [0; 8]);
    }
    let mut body = Vec::new();
    CUP_POS.encode(&message, &mut body).unwrap();
    if let Some((method, key)) = mac {
        let mac = method.compute(key, mac_input(&body));
        put_mac(&mut body, mac);
    }
    let tpdu = Tpdu { destination: [0, 3], source: [0x12, 0x34] };
    let header = PosHeader {
        application_class: 60,
        software_version: 31,
        terminal_state: 0,
        demand: Default::default(),
        reserved: [1, 2, 3],
    };
    let mut frame = Vec::new();
    join_pos(&tpdu, &header, &body, &mut frame);
    frame
}

/// Type, F11, F41, F42 and F60 of terminal 10000001.
pub(crate) fn request(mti: u16, f60: &str) -> Message {
    let mut message = Message::new(Mti(mti));
    message.set(11, "000042").set(41, "10000001").set(42, MERCHANT).set(60, f60);
    message
}

pub(crate) fn sign_on() -> Message {
    let mut message = request(800, "00000001003");
    message.set(63, "001");
    message
}

/// A transaction by F3, F25 and F60.1, with the card in F2 and 123.45 yuan.
pub(crate) fn transaction(mti: u16, processing: &str, condition: &str, message_type: u8) -> Message {
    let mut message = request(mti, &format!("{message_type:02}000002000600"));
    message
        .set(2, CARD)
        .set(3, processing)
        .set(4, "000000012345")
        .set(22, "012")
        .set(25, condition)
        .set(49, "156");
    message
}

/// A sale by swipe: no F2, the card number stands in track 2.
pub(crate) fn sale() -> Message {
    let mut message = transaction(200, "000000", "00", 22);
    message.set(22, "022").set(35, TRACK);
    message.remove(2);
    message
}

pub(crate) fn terminal_name() -> TerminalName {
    crate::names::terminal(&till(1))
}
