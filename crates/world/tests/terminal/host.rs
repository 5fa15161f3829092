//! A host that answers what it is told to answer, and checks every frame as a host does.

use hefu_iso8583::cup::{Balance, F60, F63Text, Settlement, SettlementAnswer, Sign, build_balances};
use hefu_iso8583::frame::{Demand, Framer, PosHeader, join_pos, put_frame, split_pos};
use hefu_iso8583::{CUP_POS, Message, Mti, mac_input, put_mac};
use hefu_vault::{Dice, WorkingKeys, mac_eq, pack_f62};
use hefu_world::terminal::Profile;
use std::collections::VecDeque;

/// What the host does with one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Approve,
    Code(&'static str),
    /// The answer is lost.
    Silence,
    /// The line breaks when the request has arrived.
    Hangup,
    WrongMac,
    NoMac,
    /// Approved with this F4 and code.
    Amount(&'static str, i64),
    /// First an approval with one field changed, then nothing.
    Changed(u8, &'static str),
    /// Approved, with an issuer script in F55.
    Script,
    /// Approved, and asked whether the sale with this trace stands.
    Question(u32),
    /// Approved, and asked to sign on again.
    DemandSignOn,
    Totals(SettlementAnswer),
    /// The sign-on answer's keys are damaged.
    BadKeys,
    /// The answer with this code, one bit of it flipped on the way.
    Flipped(&'static str, usize),
    /// This before the true answer.
    Noise(Vec<u8>),
}

pub struct Host {
    pub profile: Profile,
    pub keys: WorkingKeys,
    pub batch: u32,
    /// What the next requests get; [`Reply::Approve`] when there is nothing.
    pub plan: VecDeque<Reply>,
    /// Every request that arrived.
    pub seen: Vec<Message>,
    pub line_is_up: bool,
    next_rrn: u32,
}

/// Same numbers in every run.
pub struct Steady(pub u8);

impl Dice for Steady {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(5).wrapping_add(113);
            *byte = self.0;
        }
    }
}

impl Host {
    pub fn new(profile: &Profile) -> Host {
        Host {
            profile: profile.clone(),
            keys: WorkingKeys::generate(profile.layout, &mut Steady(1)).unwrap(),
            batch: 1,
            plan: VecDeque::new(),
            seen: Vec::new(),
            line_is_up: true,
            next_rrn: 1,
        }
    }

    /// Takes a frame with its length; gives the bytes of the answer, or `None` if the line breaks.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut framer = Framer::new(4096);
        framer.push(bytes);
        let frame = framer.next().unwrap().expect("one whole frame");
        assert_eq!(framer.pending(), 0, "and nothing behind it");
        let pos = split_pos(&frame).unwrap();
        let request = CUP_POS.decode(pos.body).unwrap();
        self.check_mac(&request, pos.body);
        self.check_class(&request, pos.header.application_class);
        self.seen.push(request.clone());
        let reply = self.plan.pop_front().unwrap_or(Reply::Approve);
        match reply {
            Reply::Silence => Some(Vec::new()),
            Reply::Hangup => None,
            Reply::Noise(mut noise) => {
                noise.extend(self.framed(&request, &Reply::Approve));
                Some(noise)
            }
            Reply::Flipped(code, bit) => {
                let mut answer = self.framed(&request, &Reply::Code(code));
                // Beyond the last bit the answer stays as it is.
                if let Some(byte) = answer.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
                Some(answer)
            }
            other => Some(self.framed(&request, &other)),
        }
    }

    /// The types of all requests so far, with F60.3 where it tells them apart.
    pub fn types(&self) -> Vec<String> {
        self.seen
            .iter()
            .map(|m| match f60(m).network_code {
                0 => m.mti.to_string(),
                code => format!("{}/{code:03}", m.mti),
            })
            .collect()
    }

    pub fn last(&self) -> &Message {
        self.seen.last().expect("something arrived")
    }

    pub fn framed(&mut self, request: &Message, reply: &Reply) -> Vec<u8> {
        let mut answer = self.answer(request, reply);
        let maced = carries_mac(request) && *reply != Reply::NoMac;
        if maced {
            answer.set(64, [0; 8]);
        }
        let mut body = Vec::new();
        CUP_POS.encode(&answer, &mut body).unwrap();
        if maced {
            let mut mac = self.profile.mac.compute(&self.keys.mac, mac_input(&body));
            if *reply == Reply::WrongMac {
                mac[0] ^= 1;
            }
            put_mac(&mut body, mac);
        }
        let demand = if *reply == Reply::DemandSignOn { Demand::SignOnAgain } else { Demand::Nothing };
        let header = PosHeader {
            application_class: 60,
            software_version: 31,
            terminal_state: 0,
            demand,
            reserved: [0; 3],
        };
        let (mut frame, mut out) = (Vec::new(), Vec::new());
        join_pos(&self.profile.tpdu.swapped(), &header, &body, &mut frame);
        put_frame(&frame, &mut out).unwrap();
        out
    }

    fn answer(&mut self, request: &Message, reply: &Reply) -> Message {
        let mut answer = Message::new(Mti(request.mti.0 + 10));
        for field in [2, 3, 4, 11, 25, 41, 42, 49, 60] {
            if let Some(value) = request.get(field) {
                answer.set(field, value);
            }
        }
        answer.set(12, "174203").set(13, "1122");
        let code = match reply {
            Reply::Code(code) | Reply::Amount(code, _) => code,
            _ => "00",
        };
        if request.mti != Mti(500) {
            answer.set(39, code);
        }
        if matches!(request.mti.0, 100 | 200 | 220) {
            answer.set(15, "1122").set(32, "48010000").set(37, format!("632611{:06}", self.next_rrn));
            self.next_rrn += 1;
            if code == "00" || code == "10" {
                answer.set(38, "A12345");
            }
        }
        if request.text(3) == Some("310000") {
            let balance = Balance {
                account_type: 10,
                amount_type: 2,
                currency: 156,
                sign: Sign::Credit,
                amount: 123_456,
            };
            answer.set(54, build_balances(&[balance]).unwrap());
        }
        if request.mti == Mti(800) {
            let mut keys = pack_f62(self.profile.layout, &self.profile.master, &self.keys).unwrap();
            if *reply == Reply::BadKeys {
                keys[0] ^= 0xFF;
            }
            answer.set(62, keys);
            let f60 = F60 { batch: self.batch, ..f60(request) };
            answer.set(60, f60.build().unwrap());
        }
        if request.mti == Mti(500) {
            let mut totals = Settlement::parse(request.get(48).unwrap()).unwrap();
            let verdict = match reply {
                Reply::Totals(answer) => *answer,
                _ => SettlementAnswer::Balanced,
            };
            (totals.domestic.answer, totals.foreign.answer) = (verdict, SettlementAnswer::Balanced);
            answer.set(48, totals.build().unwrap());
        }
        match reply {
            Reply::Amount(_, amount) => {
                answer.set(4, format!("{amount:012}"));
            }
            Reply::Changed(field, value) => {
                answer.set(*field, value);
            }
            Reply::Question(trace) => {
                let rest = format!("Was {trace:06} completed? Please confirm").into_bytes();
                let f63 =
                    F63Text { operator: *b"CUP", issuer: b"Approved".to_vec(), rest, ..F63Text::default() };
                answer.set(63, f63.build().unwrap());
            }
            Reply::Script => {
                answer.set(55, [0x91, 2, 0x30, 0x30, 0x72, 7, 0x9F, 0x18, 4, 1, 2, 3, 4]);
            }
            _ => {}
        }
        answer
    }

    fn check_mac(&self, request: &Message, body: &[u8]) {
        assert_eq!(request.has(64), carries_mac(request), "F64 in {request:?}");
        if let Some(mac) = request.get(64) {
            let expected = self.profile.mac.compute(&self.keys.mac, mac_input(body));
            assert!(mac_eq(mac.try_into().unwrap(), &expected), "the MAC of {request:?}");
        }
    }

    fn check_class(&self, request: &Message, class: u8) {
        assert_eq!(class, if request.has(55) { 61 } else { 60 }, "application class of {request:?}");
    }
}

pub fn f60(message: &Message) -> F60 {
    F60::parse(message.get(60).expect("every message has F60")).unwrap()
}

/// All but sign-on, sign-off, line test, settlement and upload.
fn carries_mac(request: &Message) -> bool {
    match request.mti.0 {
        800 | 500 | 320 => false,
        820 => !matches!(f60(request).network_code, 2 | 301),
        _ => true,
    }
}
