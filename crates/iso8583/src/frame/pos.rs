use super::FrameError;
use std::fmt;

/// First byte of every TPDU.
const TPDU_ID: u8 = 0x60;
const TPDU_SIZE: usize = 5;
const HEADER_SIZE: usize = 6;

/// The transport header: which network controller forwards the frame from where to where.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Tpdu {
    /// Where the frame goes.
    pub destination: [u8; 2],
    /// Where it comes from.
    pub source: [u8; 2],
}

impl Tpdu {
    /// The TPDU of the reply.
    pub fn swapped(self) -> Self {
        Self { destination: self.source, source: self.destination }
    }
}

/// The six bytes in front of the MTI on the terminal side.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct PosHeader {
    /// n2: 60 magnetic stripe, 61 chip.
    pub application_class: u8,
    /// n2: 31 in the present standard.
    pub software_version: u8,
    /// n1.
    pub terminal_state: u8,
    /// n1: in a reply, what the terminal is asked to do.
    pub demand: Demand,
    /// n6 by the standard. Some makers put their own content here, so it is passed on as it is.
    pub reserved: [u8; 3],
}

/// The processing demand: what a reply asks the terminal to do next.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Demand {
    #[default]
    Nothing,
    DownloadParameters,
    UploadState,
    SignOnAgain,
    DownloadPublicKeys,
    DownloadChipParameters,
    TmsDownload,
    BinBlacklist,
    ExchangeRate,
    ContactlessParameters,
}

impl Demand {
    /// All demands; each stands at the index of its digit.
    pub const ALL: [Self; 10] = [
        Self::Nothing,
        Self::DownloadParameters,
        Self::UploadState,
        Self::SignOnAgain,
        Self::DownloadPublicKeys,
        Self::DownloadChipParameters,
        Self::TmsDownload,
        Self::BinBlacklist,
        Self::ExchangeRate,
        Self::ContactlessParameters,
    ];

    /// The digit in the header.
    pub fn digit(self) -> u8 {
        self as u8
    }

    /// The demand of a digit, or `None` above 9.
    pub fn from_digit(digit: u8) -> Option<Self> {
        Self::ALL.get(usize::from(digit)).copied()
    }
}

/// A frame of the terminal side, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct PosFrame<'a> {
    /// Transport header.
    pub tpdu: Tpdu,
    /// Message header.
    pub header: PosHeader,
    /// The message, from its MTI. Not empty.
    pub body: &'a [u8],
}

impl fmt::Debug for PosFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tpdu, header, body } = self;
        write!(f, "PosFrame({tpdu:?}, {header:?}, body of {} bytes)", body.len())
    }
}

/// Takes a frame apart. `frame` begins with the TPDU, behind the length.
///
/// # Errors
/// [`FrameError::Truncated`], [`FrameError::NotATpdu`] or [`FrameError::HeaderNotDigits`].
pub fn split_pos(frame: &[u8]) -> Result<PosFrame<'_>, FrameError> {
    let (tpdu, rest) = split_tpdu(frame, 0)?;
    let (header, body) = split_header(rest, TPDU_SIZE)?;
    if body.is_empty() {
        let offset = TPDU_SIZE + HEADER_SIZE;
        return Err(FrameError::Truncated { part: "message", offset, expected: 2, found: 0 });
    }
    Ok(PosFrame { tpdu, header, body })
}

/// Appends TPDU, header and message, without the length in front.
///
/// # Panics
/// If a number of the header has more digits than its place.
pub fn join_pos(tpdu: &Tpdu, header: &PosHeader, body: &[u8], out: &mut Vec<u8>) {
    assert!(header.application_class <= 99 && header.software_version <= 99 && header.terminal_state <= 9);
    out.push(TPDU_ID);
    out.extend_from_slice(&tpdu.destination);
    out.extend_from_slice(&tpdu.source);
    out.push(bcd(header.application_class));
    out.push(bcd(header.software_version));
    out.push((header.terminal_state << 4) | header.demand.digit());
    out.extend_from_slice(&header.reserved);
    out.extend_from_slice(body);
}

/// The TPDU at the beginning of `bytes`, which stand at `offset` of the frame, and what follows it.
pub(crate) fn split_tpdu(bytes: &[u8], offset: usize) -> Result<(Tpdu, &[u8]), FrameError> {
    let Some((&[id, d0, d1, s0, s1], rest)) = bytes.split_first_chunk() else {
        let found = bytes.len();
        return Err(FrameError::Truncated { part: "TPDU", offset, expected: TPDU_SIZE, found });
    };
    if id != TPDU_ID {
        return Err(FrameError::NotATpdu { offset, found: id });
    }
    Ok((Tpdu { destination: [d0, d1], source: [s0, s1] }, rest))
}

/// The header at the beginning of `bytes`, which stand at `offset` of the frame, and what follows it.
pub(crate) fn split_header(bytes: &[u8], offset: usize) -> Result<(PosHeader, &[u8]), FrameError> {
    let Some((&[class, version, state, r0, r1, r2], rest)) = bytes.split_first_chunk() else {
        let found = bytes.len();
        return Err(FrameError::Truncated { part: "header", offset, expected: HEADER_SIZE, found });
    };
    let digits = |byte: u8, index: usize| match (byte >> 4, byte & 0x0f) {
        (high @ 0..=9, low @ 0..=9) => Ok((high, low)),
        _ => Err(FrameError::HeaderNotDigits { offset: offset + index, found: byte }),
    };
    let (class, version) = (digits(class, 0)?, digits(version, 1)?);
    let (terminal_state, demand) = digits(state, 2)?;
    let header = PosHeader {
        application_class: 10 * class.0 + class.1,
        software_version: 10 * version.0 + version.1,
        terminal_state,
        demand: Demand::from_digit(demand)
            .ok_or(FrameError::HeaderNotDigits { offset: offset + 2, found: state })?,
        reserved: [r0, r1, r2],
    };
    Ok((header, rest))
}

fn bcd(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 13] = [0x60, 0, 3, 0, 1, 0x61, 0x31, 0x23, 0x12, 0x34, 0x56, 0x08, 0x00];

    #[test]
    fn a_terminal_frame_is_taken_apart_and_put_together() {
        let frame = split_pos(&FRAME).unwrap();
        assert_eq!(frame.tpdu, Tpdu { destination: [0, 3], source: [0, 1] });
        assert_eq!(frame.header.application_class, 61);
        assert_eq!(frame.header.software_version, 31);
        assert_eq!(frame.header.terminal_state, 2);
        assert_eq!(frame.header.demand, Demand::SignOnAgain);
        assert_eq!(frame.header.reserved, [0x12, 0x34, 0x56]);
        assert_eq!(frame.body, [8, 0]);
        let mut again = Vec::new();
        join_pos(&frame.tpdu, &frame.header, frame.body, &mut again);
        assert_eq!(again, FRAME);
    }

    #[test]
    fn a_reply_goes_back_where_the_request_came_from() {
        let tpdu = Tpdu { destination: [0, 3], source: [9, 8] };
        assert_eq!(tpdu.swapped(), Tpdu { destination: [9, 8], source: [0, 3] });
    }

    #[test]
    fn every_demand_has_its_digit() {
        for (digit, demand) in (0u8..).zip(Demand::ALL) {
            assert_eq!(demand.digit(), digit);
            assert_eq!(Demand::from_digit(digit), Some(demand));
        }
        assert_eq!(Demand::from_digit(10), None);
    }

    #[test]
    fn a_broken_frame_is_refused_at_its_offset() {
        let check = |change: fn(&mut Vec<u8>), expected: FrameError| {
            let mut frame = FRAME.to_vec();
            change(&mut frame);
            assert_eq!(split_pos(&frame).err(), Some(expected));
        };
        let truncated =
            |part, offset, expected, found| FrameError::Truncated { part, offset, expected, found };
        check(|f| f.clear(), truncated("TPDU", 0, 5, 0));
        check(|f| f.truncate(4), truncated("TPDU", 0, 5, 4));
        check(|f| f.truncate(10), truncated("header", 5, 6, 5));
        check(|f| f.truncate(11), truncated("message", 11, 2, 0));
        check(|f| f[0] = 0x61, FrameError::NotATpdu { offset: 0, found: 0x61 });
        check(|f| f[5] = 0xa1, FrameError::HeaderNotDigits { offset: 5, found: 0xa1 });
        check(|f| f[6] = 0x3b, FrameError::HeaderNotDigits { offset: 6, found: 0x3b });
        check(|f| f[7] = 0x0a, FrameError::HeaderNotDigits { offset: 7, found: 0x0a });
    }
}
