//! The codec against bytes that it did not make itself.

use super::holds;
use hefu_iso8583::{
    CUP_POS,
    frame::{Framer, put_frame},
    mac_input,
};

/// A reversal as terminals of the field send it: track 2 and the batch's F60 have odd numbers of digits.
const MESSAGE: &str = "0400 0020000020000011 000042 0562D300 0011 220000010000 3132333435363738";
/// Its fields as they read.
const FIELDS: [(u8, &str); 4] = [(11, "000042"), (35, "62D30"), (60, "22000001000"), (64, "12345678")];

fn message() -> Result<Vec<u8>, String> {
    hex::decode(MESSAGE.replace(' ', "")).map_err(|error| error.to_string())
}

pub fn a_message_of_the_field() -> Result<(), String> {
    let bytes = message()?;
    let message = CUP_POS.decode(&bytes).map_err(|error| error.to_string())?;
    for (field, expected) in FIELDS {
        let found = message.text(field);
        holds(found == Some(expected), || format!("F{field} reads {found:?}, expected {expected}"))?;
    }
    let mut again = Vec::new();
    CUP_POS.encode(&message, &mut again).map_err(|error| error.to_string())?;
    holds(again == bytes, || format!("written again it is {}", hex::encode(again)))
}

pub fn frames_in_pieces() -> Result<(), String> {
    let frames: [&[u8]; 3] = [&[1; 40], &[2; 7], &[3; 300]];
    let mut stream = Vec::new();
    for frame in frames {
        put_frame(frame, &mut stream).map_err(|error| error.to_string())?;
    }
    for size in 1..stream.len() {
        let mut framer = Framer::new(300);
        let mut found = Vec::new();
        for piece in stream.chunks(size) {
            framer.push(piece);
            while let Some(frame) = framer.next().map_err(|error| format!("in pieces of {size}: {error}"))? {
                found.push(frame);
            }
        }
        holds(found == frames, || format!("in pieces of {size} other frames come out"))?;
    }
    Ok(())
}

pub fn what_a_mac_covers() -> Result<(), String> {
    let bytes = message()?;
    let covered = mac_input(&bytes).len();
    holds(covered + 8 == bytes.len(), || format!("{covered} of {} bytes are covered", bytes.len()))
}
