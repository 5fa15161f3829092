//! The fields that messages have in common.

use super::profile::Profile;
use super::transaction::Shape;
use hefu_iso8583::Message;
use hefu_iso8583::cup::{F60, SubfieldError};

/// Whether F60.6 stands in a message, and what it says.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum PartApproval {
    NotTold,
    Told(bool),
}

/// Type, F3, F11, F25, F41 and F42.
pub(super) fn begin(profile: &Profile, shape: Shape, trace: Option<u32>) -> Message {
    let mut message = Message::new(shape.mti);
    if let Some(processing) = shape.processing {
        message.set(3, processing);
    }
    if let Some(trace) = trace {
        message.set(11, format!("{trace:06}"));
    }
    if let Some(condition) = shape.condition {
        message.set(25, condition);
    }
    message.set(41, &profile.terminal).set(42, &profile.merchant);
    message
}

/// F60. With a card at the reader the terminal says what it can read (6: stripe, chip and contactless) and that
/// the chip is whole (0).
pub(super) fn f60(shape: Shape, batch: u32, reader: Option<PartApproval>) -> Result<String, SubfieldError> {
    let part_approval = match reader {
        Some(PartApproval::Told(able)) => Some(u8::from(able)),
        Some(PartApproval::NotTold) | None => None,
    };
    F60 {
        message_type: shape.message_type,
        batch,
        network_code: shape.network_code,
        read_capability: reader.map(|_| 6),
        chip_condition: reader.map(|_| 0),
        part_approval,
        account: None,
        rest: None,
    }
    .build()
}
