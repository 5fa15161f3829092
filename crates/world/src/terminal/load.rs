//! A terminal reduced to what load needs: sale frames, fast, and a look at their answers.

use super::api::Text;
use super::card::CardInput;
use super::core::Terminal;
use super::fields::{self, PartApproval};
use super::profile::Profile;
use super::refusal::Refusal;
use super::transaction::Transaction;
use super::wire::{self, Class};
use hefu_vault::{Pin, WorkingKeys, pin_block};

/// A signed-on terminal without journal, reversal and durable memory. It never runs out of anything.
#[derive(Clone)]
pub struct LoadTerminal {
    profile: Profile,
    keys: WorkingKeys,
    batch: u32,
    next_trace: u32,
}

/// An answer to a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// F11.
    pub trace: u32,
    /// F39.
    pub response: String,
    /// F37.
    pub rrn: Option<String>,
    /// Whether F64 is there and right.
    pub mac_is_good: bool,
}

impl LoadTerminal {
    /// Takes over the keys, batch and trace of a terminal that has signed on; `None` if it has not.
    pub fn from_terminal(terminal: &Terminal) -> Option<LoadTerminal> {
        Some(LoadTerminal {
            profile: terminal.profile().clone(),
            keys: terminal.keys.clone().filter(|_| terminal.signed_on())?,
            batch: terminal.batch(),
            next_trace: terminal.next_trace(),
        })
    }

    /// The next sale by magnetic stripe as bytes for the line, length in front, and its trace.
    ///
    /// # Errors
    /// What the screen would say: the amount does not fit into twelve digits.
    pub fn sale(&mut self, amount: i64, card: &CardInput, pin: Option<&Pin>) -> Result<(u32, Vec<u8>), Text> {
        let trace = self.next_trace;
        self.next_trace = if trace == 999_999 { 1 } else { trace + 1 };
        let frame = self.sale_frame(trace, amount, card, pin).map_err(|refusal| refusal.text())?;
        Ok((trace, frame))
    }

    /// Reads an answer: a frame without its length. `None` if it is no answer to a sale.
    pub fn read(&self, frame: &[u8]) -> Option<Reply> {
        let answer = wire::open(frame)?;
        let message = &answer.message;
        if message.mti.0 != Transaction::Sale.message_shape().mti.0 + 10 {
            return None;
        }
        Some(Reply {
            trace: message.text(11)?.parse().ok()?,
            response: message.text(39)?.to_owned(),
            rrn: message.text(37).map(str::to_owned),
            mac_is_good: answer.mac_is_good(self.profile.mac, &self.keys.mac),
        })
    }

    fn sale_frame(
        &self,
        trace: u32,
        amount: i64,
        card: &CardInput,
        pin: Option<&Pin>,
    ) -> Result<Vec<u8>, Refusal> {
        if !(1..=super::money::MAX_AMOUNT).contains(&amount) {
            return Err(Refusal::Amount { found: amount });
        }
        let shape = Transaction::Sale.message_shape();
        let mut message = fields::begin(&self.profile, shape, Some(trace));
        message.set(4, format!("{amount:012}")).set(22, super::card::EntryMode::Swipe.code(pin.is_some()));
        message.set(35, card.track2().as_str()).set(49, "156");
        if let Some(pin) = pin {
            let block = pin_block::encrypt(&self.keys.pin, &pin_block::format0(pin, card.pan()));
            message.set(26, "12").set(52, block).set(53, super::money::security_control(self.profile.layout));
        }
        let part = PartApproval::Told(self.profile.part_approval);
        message.set(60, fields::f60(shape, self.batch, Some(part))?);
        Ok(wire::frame(&self.profile, Class::Magnetic, Some(&self.keys.mac), &mut message)?)
    }
}
