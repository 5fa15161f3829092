//! The acquirer's end of the link: builds, encodes and MACs requests, and reads answers.

use hefu_iso8583::host::{OriginalData, institution};
use hefu_iso8583::{HOST_LINK, Message, Mti, mac_input, put_mac};
use hefu_tally::Moment;
use hefu_vault::{MacMethod, Pan, Pin, TdesKey, pin_block};
use hefu_world::bank::{TEST_ACQUIRER, TEST_FORWARDER, TEST_ZAK_HEX, TEST_ZPK_HEX};

pub const PLAIN_CARD: &str = "6200000000000005";

/// What a request asks for: MTI, DE3 and DE25.
#[derive(Copy, Clone, Debug)]
pub struct Ask(pub u16, pub &'static str, pub &'static str);

pub const SALE: Ask = Ask(200, "000000", "00");
pub const PRE_AUTH: Ask = Ask(100, "030000", "06");
pub const VOID_OF_SALE: Ask = Ask(200, "200000", "00");
pub const VOID_OF_PRE_AUTH: Ask = Ask(100, "200000", "06");
pub const COMPLETION: Ask = Ask(200, "000000", "06");
pub const COMPLETION_ADVICE: Ask = Ask(220, "000000", "06");
pub const VOID_OF_COMPLETION: Ask = Ask(200, "200000", "06");
pub const REFUND: Ask = Ask(220, "200000", "00");
pub const OFFLINE_SALE: Ask = Ask(220, "000000", "00");
pub const BALANCE: Ask = Ask(200, "310000", "00");

/// Builds messages with keys that never repeat.
pub struct Acquirer {
    stan: u32,
    pub mac: TdesKey,
    pub pin: TdesKey,
}

impl Acquirer {
    pub fn new() -> Acquirer {
        let key = |hex| TdesKey::from_hex(hex).unwrap();
        Acquirer { stan: 0, mac: key(TEST_ZAK_HEX), pin: key(TEST_ZPK_HEX) }
    }

    /// A request as the host link lists its fields, without a PIN.
    pub fn request(&mut self, now: Moment, ask: Ask, card: &str, amount: i64) -> Message {
        let mut message = self.stamped(now, ask.0);
        let rrn = format!("{}{:08}", now.yddd(), self.stan);
        message.set(2, card).set(3, ask.1).set(4, format!("{amount:012}"));
        message.set(12, now.hhmmss()).set(13, now.mmdd()).set(18, "5411").set(22, "022").set(25, ask.2);
        message.set(32, TEST_ACQUIRER).set(33, TEST_FORWARDER).set(37, rrn).set(41, "10000001");
        message.set(42, "898110253110001").set(43, format!("{:40}", "Hefu Test Store")).set(49, "156");
        message
    }

    /// The reversal (0420) of a request.
    pub fn reversal(&mut self, now: Moment, original: &Message) -> Message {
        let mut message = self.stamped(now, 420);
        for field in [2, 3, 4, 37, 41, 42] {
            message.set(field, original.get(field).unwrap());
        }
        message
            .set(32, TEST_ACQUIRER)
            .set(33, TEST_FORWARDER)
            .set(60, "4354")
            .set(90, original_data(original));
        message
    }

    /// A message with its own DE7 and DE11 and nothing else.
    pub fn stamped(&mut self, now: Moment, mti: u16) -> Message {
        self.stan += 1;
        let mut message = Message::new(Mti(mti));
        message.set(7, now.mmddhhmmss()).set(11, format!("{:06}", self.stan));
        message
    }

    /// Puts a PIN block in, and says so in DE22, DE26 and DE53.
    pub fn add_pin(&self, message: &mut Message, pin: &str) {
        let pan = Pan::parse(message.text(2).unwrap()).unwrap();
        let block = pin_block::encrypt(&self.pin, &pin_block::format0(&Pin::parse(pin).unwrap(), &pan));
        message.set(22, "021").set(26, "12").set(52, block).set(53, "2600000000000000");
    }

    /// The body of a frame, MACed.
    pub fn encode(&self, message: &Message) -> Vec<u8> {
        let mut message = message.clone();
        message.set(128, [0; 8]);
        let mut body = Vec::new();
        HOST_LINK.encode(&message, &mut body).unwrap();
        let mac = MacMethod::X919.compute(&self.mac, mac_input(&body));
        put_mac(&mut body, mac);
        body
    }

    /// An answer, and whether its MAC is right.
    pub fn decode(&self, body: &[u8]) -> (Message, bool) {
        let message = HOST_LINK.decode(body).unwrap();
        let mac = MacMethod::X919.compute(&self.mac, mac_input(body));
        let fits = message.get(128) == Some(mac.as_slice());
        (message, fits)
    }
}

/// DE90 of a message.
pub fn original_data(original: &Message) -> String {
    let data = OriginalData {
        mti: original.mti,
        stan: original.text(11).unwrap().parse().unwrap(),
        transmitted: original.get(7).unwrap().try_into().unwrap(),
        acquirer: institution(original.get(32).unwrap()).unwrap(),
        forwarder: institution(original.get(33).unwrap()).unwrap(),
    };
    data.build().unwrap()
}

/// The repeat of a message: 0421 of 0420, 0221 of 0220, the message itself otherwise.
pub fn repeat(message: &Message) -> Message {
    let mut again = message.clone();
    again.mti = match message.mti.0 {
        420 => Mti(421),
        220 => Mti(221),
        other => Mti(other),
    };
    again
}
