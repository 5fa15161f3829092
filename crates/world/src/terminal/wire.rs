//! From a message to the bytes on the line, and back.

use super::profile::Profile;
use hefu_iso8583::frame::{Demand, Framer, PosHeader, join_pos, put_frame, split_pos};
use hefu_iso8583::{CUP_POS, EncodeError, Message, mac_input, put_mac};
use hefu_vault::{MacMethod, TdesKey, mac_eq};
use zeroize::Zeroizing;

/// The longest frame that a terminal takes, in bytes.
const MAX_FRAME: usize = 4096;

/// Which kind of card the header announces.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Class {
    Magnetic,
    Chip,
}

/// One answer as it came.
pub(super) struct Answer {
    pub message: Message,
    pub demand: Demand,
    /// The bytes that the MAC was computed over, and the MAC; `None` when F64 is absent.
    maced: Option<(Zeroizing<Vec<u8>>, [u8; 8])>,
}

/// Encodes, puts F64 in if there is a key for it, and frames. The length stands in front.
pub(super) fn frame(
    profile: &Profile,
    class: Class,
    mac_key: Option<&TdesKey>,
    message: &mut Message,
) -> Result<Vec<u8>, EncodeError> {
    if mac_key.is_some() {
        message.set(64, [0; 8]);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(512));
    CUP_POS.encode(message, &mut body)?;
    if let Some(key) = mac_key {
        let mac = profile.mac.compute(key, mac_input(&body));
        put_mac(&mut body, mac);
    }
    let header = PosHeader {
        application_class: match class {
            Class::Magnetic => 60,
            Class::Chip => 61,
        },
        software_version: 31,
        terminal_state: 0,
        demand: Demand::Nothing,
        reserved: [0; 3],
    };
    let mut whole = Zeroizing::new(Vec::with_capacity(body.len() + 16));
    join_pos(&profile.tpdu, &header, &body, &mut whole);
    let mut out = Vec::with_capacity(whole.len() + 2);
    put_frame(&whole, &mut out).expect("no message is as long as a frame may be");
    Ok(out)
}

/// Takes one frame, without its length, apart; `None` if it is no message.
pub(super) fn open(frame: &[u8]) -> Option<Answer> {
    let pos = split_pos(frame).ok()?;
    let message = CUP_POS.decode(pos.body).ok()?;
    let mac = message.get(64).and_then(|mac| <[u8; 8]>::try_from(mac).ok());
    let maced = mac.map(|mac| (Zeroizing::new(mac_input(pos.body).to_vec()), mac));
    Some(Answer { message, demand: pos.header.demand, maced })
}

impl Answer {
    /// Whether F64 is there and right under `key`.
    pub(super) fn mac_is_good(&self, method: MacMethod, key: &TdesKey) -> bool {
        self.maced.as_ref().is_some_and(|(input, mac)| mac_eq(&method.compute(key, input), mac))
    }
}

/// The bytes of the line that are not a whole frame yet.
#[derive(Clone, Default)]
pub(super) struct Inbox(Zeroizing<Vec<u8>>);

/// The line carries something that is no stream of frames.
pub(super) struct LostItsPlace;

impl Inbox {
    /// Adds what was read and takes the whole frames out.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, LostItsPlace> {
        let mut framer = Framer::new(MAX_FRAME);
        framer.push(&self.0);
        framer.push(bytes);
        let mut frames = Vec::new();
        while let Some(frame) = framer.next().map_err(|_| LostItsPlace)? {
            frames.push(frame);
        }
        let all = Zeroizing::new([&self.0[..], bytes].concat());
        self.0 = Zeroizing::new(all[all.len() - framer.pending()..].to_vec());
        Ok(frames)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0 = Zeroizing::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_iso8583::Mti;

    fn message() -> Message {
        let mut message = Message::new(Mti(820));
        message.set(41, "10000001").set(42, "898110253110001").set(60, "00000001301");
        message
    }

    #[test]
    fn a_frame_opens_again_and_its_mac_is_checked() {
        let profile = Profile::test(1);
        let key = TdesKey::from_hex("0723C80DB5F4CD3D").unwrap();
        let other = TdesKey::from_hex("1723C80DB5F4CD3D").unwrap();
        let framed = frame(&profile, Class::Magnetic, Some(&key), &mut message()).unwrap();
        let answer = open(&framed[2..]).unwrap();
        assert_eq!(answer.message.text(41), Some("10000001"));
        assert!(answer.mac_is_good(profile.mac, &key));
        assert!(!answer.mac_is_good(profile.mac, &other));

        let bare = frame(&profile, Class::Magnetic, None, &mut message()).unwrap();
        assert!(!open(&bare[2..]).unwrap().mac_is_good(profile.mac, &key), "an absent MAC is not good");
    }

    #[test]
    fn frames_arrive_in_any_pieces() {
        let framed = frame(&Profile::test(1), Class::Chip, None, &mut message()).unwrap();
        let stream = [&framed[..], &framed[..]].concat();
        for size in 1..stream.len() {
            let mut inbox = Inbox::default();
            let frames: Vec<_> =
                stream.chunks(size).flat_map(|piece| inbox.push(piece).ok().unwrap()).collect();
            assert_eq!(frames, [&framed[2..], &framed[2..]], "pieces of {size}");
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_noticed() {
        assert!(Inbox::default().push(&[0xFF, 0xFF]).is_err());
        assert!(Inbox::default().push(&[0, 0]).is_err());
    }
}
