//! What happened: a hash over everything, and on demand a line for each event, with card numbers masked.

use hefu_iso8583::{CUP_POS, Dialect, HOST_LINK, Message, frame::split_pos};
use hefu_tally::Moment;

/// Where the lines of a trace go.
pub type Sink = Box<dyn FnMut(&str)>;

pub(super) struct Trace {
    hasher: blake3::Hasher,
    sink: Option<Sink>,
    events: u64,
}

impl Trace {
    pub fn new(sink: Option<Sink>) -> Trace {
        Trace { hasher: blake3::Hasher::new(), sink, events: 0 }
    }

    /// Takes an event into the hash; `words` are asked for only when somebody reads them.
    pub fn event(&mut self, now: Moment, who: &str, content: &[u8], words: impl FnOnce() -> String) {
        self.events += 1;
        self.hasher.update(&now.0.to_be_bytes()).update(who.as_bytes());
        self.hasher.update(&(content.len() as u64).to_be_bytes()).update(content);
        if let Some(sink) = &mut self.sink {
            let time = now.to_string();
            sink(&format!("{} {who:<20} {}", time.get(11..).unwrap_or(&time), words()));
        }
    }

    pub fn events(&self) -> u64 {
        self.events
    }

    pub fn hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }
}

/// A frame between terminal and gateway in words; `bytes` begin with the length.
pub(super) fn pos_words(bytes: &[u8]) -> String {
    let body = bytes.get(2..).and_then(|frame| split_pos(frame).ok());
    body.map_or_else(
        || "unreadable".into(),
        |pos| words(&CUP_POS, pos.body, &[3, 4, 11, 25, 37, 38, 39, 60, 61]),
    )
}

/// A frame between gateway and bank in words.
pub(super) fn host_words(frame: &[u8]) -> String {
    words(&HOST_LINK, frame, &[3, 4, 7, 11, 37, 38, 39, 60, 70, 90])
}

/// DE37 of a frame between gateway and bank.
pub(super) fn rrn_of(frame: &[u8]) -> Option<String> {
    HOST_LINK.decode(frame).ok()?.text(37).map(str::to_owned)
}

fn words(dialect: &Dialect, body: &[u8], fields: &[u8]) -> String {
    let Ok(message) = dialect.decode(body) else { return "unreadable".into() };
    let mut words = message.mti.to_string();
    if let Some(card) = card(&message) {
        words.push(' ');
        words.push_str(&card);
    }
    for field in fields {
        if let Some(text) = message.text(*field) {
            words.push_str(&format!(" {field}={text}"));
        }
    }
    words
}

/// The last four digits, from the number or the track.
fn card(message: &Message) -> Option<String> {
    let number = message.text(2).or_else(|| message.text(35)?.split('D').next())?;
    Some(format!("*{}", number.get(number.len().checked_sub(4)?..)?))
}
