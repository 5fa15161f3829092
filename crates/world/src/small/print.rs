//! What a state is hashed from, with names for what is only ever compared for being the same: a payment's id, its
//! references and its trace numbers are called by the transaction that they were given to, so that it does not matter
//! which numbers a crash used up.

use super::{gateway::step_of, lines::Key};
use hefu_tally::{Rrn, Tally, TallyId};

/// Whose names they are: station, step, message class; and which of its two trace numbers.
type Owner = (u8, u8, u16);

/// The names of all that is durable.
#[derive(Clone, Default)]
pub(super) struct Names {
    ids: Vec<(TallyId, Owner)>,
    rrns: Vec<(Rrn, Owner)>,
    stans: Vec<(u32, Owner, u8)>,
}

impl Names {
    pub fn of<'a>(payments: impl Iterator<Item = &'a Tally>) -> Names {
        let mut names = Names::default();
        for tally in payments {
            for (no, leg) in tally.legs() {
                let Some((station, step)) = step_of(&leg.identity) else { continue };
                let owner = (station as u8, step as u8, leg.identity.class);
                if no.0 == 0 {
                    names.ids.push((tally.id, owner));
                }
                names.rrns.push((leg.rrn, owner));
                names.stans.extend(leg.request.map(|request| (request.key.stan, owner, 1)));
                names.stans.extend(leg.undo.map(|undo| (undo.key.stan, owner, 2)));
            }
        }
        names
    }
}

/// Bytes to be hashed.
pub(super) struct Print<'a> {
    pub bytes: Vec<u8>,
    names: &'a Names,
}

impl<'a> Print<'a> {
    pub fn new(names: &'a Names) -> Print<'a> {
        Print { bytes: Vec::with_capacity(1_024), names }
    }

    /// An empty one with the same names.
    pub fn beside(&self) -> Print<'a> {
        Print { bytes: Vec::new(), names: self.names }
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub fn number(&mut self, number: i64) {
        self.bytes.extend_from_slice(&number.to_be_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as i64);
        self.bytes.extend_from_slice(bytes);
    }

    fn owner(&mut self, (station, step, class): Owner) {
        self.bytes.extend_from_slice(&[0xFF, station, step]);
        self.bytes.extend_from_slice(&class.to_be_bytes());
    }

    pub fn id(&mut self, id: TallyId) {
        match self.names.ids.iter().find(|(known, _)| *known == id) {
            Some((_, owner)) => self.owner(*owner),
            None => self.bytes.extend_from_slice(&id.0),
        }
    }

    pub fn rrn(&mut self, rrn: Rrn) {
        match self.names.rrns.iter().find(|(known, _)| *known == rrn) {
            Some((_, owner)) => self.owner(*owner),
            None => self.bytes.extend_from_slice(&rrn.0),
        }
    }

    fn stan(&mut self, stan: u32) {
        match self.names.stans.iter().find(|(known, ..)| *known == stan) {
            Some((_, owner, which)) => {
                self.owner(*owner);
                self.byte(*which);
            }
            None => self.number(stan.into()),
        }
    }

    pub fn key(&mut self, (at, stan): Key) {
        self.number(at);
        self.stan(stan);
    }

    /// JSON, with names in the places of references, ids and trace numbers.
    pub fn json(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (word, after) = rest.split_at(run.max(1));
            let follows_stan = text[..text.len() - rest.len()].ends_with(b"\"stan\":");
            let number = || std::str::from_utf8(word).ok()?.parse().ok();
            if !first.is_ascii_alphanumeric() {
                self.byte(*first);
            } else if let Ok(rrn) = <[u8; 12]>::try_from(word) {
                self.rrn(Rrn(rrn));
            } else if let Some(stan) = follows_stan.then(number).flatten() {
                self.stan(stan);
            } else if let Some((_, owner)) = self.names.ids.iter().find(|(id, _)| hex(id, word)) {
                self.owner(*owner);
            } else {
                self.bytes.extend_from_slice(word);
            }
            rest = after;
        }
        self.byte(0);
    }

    pub fn finish(&self) -> [u8; 32] {
        *blake3::hash(&self.bytes).as_bytes()
    }
}

/// Whether a word is this id as it is written in text.
fn hex(id: &TallyId, word: &[u8]) -> bool {
    word.len() == 32 && id.to_string().as_bytes() == word
}
