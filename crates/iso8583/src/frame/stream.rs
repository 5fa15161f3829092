use super::FrameError;
use hefu_mutant::mutant;
use zeroize::Zeroize;

/// What a [`Framer`] holds at most beside the frame that it is waiting for: 1 MiB.
pub const MAX_UNREAD: usize = 1 << 20;

/// Splits a stream of bytes into frames by the two-byte big-endian length in front of each, which does
/// not count itself.
///
/// Push what was read, then call [`next`](Self::next) until it gives `None`. After an error the stream
/// has lost its place: the same error is given again for ever, and what is pushed is dropped.
pub struct Framer {
    max: usize,
    buffer: Vec<u8>,
    /// Bytes at the beginning of `buffer` that belong to frames already given out.
    taken: usize,
    failed: Option<FrameError>,
}

impl Framer {
    /// A framer that refuses frames of more than `max` bytes (the length's own two not counted).
    pub fn new(max: usize) -> Self {
        Self { max, buffer: Vec::new(), taken: 0, failed: None }
    }

    /// Adds what was read. If nobody calls [`next`](Self::next) the framer fails before it grows beyond
    /// [`MAX_UNREAD`] and one frame.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let found = self.pending() + bytes.len();
        let max = MAX_UNREAD + self.max + 2;
        if found > max {
            self.fail(FrameError::Unread { max, found });
            return;
        }
        self.drop_taken();
        let lost = usize::from(mutant!(DropsAByteOfASplitFrame) && self.pending() > 0);
        let bytes = bytes.get(lost..).unwrap_or_default();
        self.reserve(bytes.len());
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame without its length (it carries card data: zeroise it after use), or `None` until more is
    /// pushed.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] and [`FrameError::Empty`] as soon as the length is there,
    /// [`FrameError::Unread`] if too much was pushed.
    #[expect(clippy::should_implement_trait, reason = "not an iterator: after None there may be more")]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let Some((&[high, low], rest)) = self.buffer[self.taken..].split_first_chunk() else {
            return Ok(None);
        };
        let found = usize::from(u16::from_be_bytes([high, low]));
        if found == 0 {
            return Err(self.fail(FrameError::Empty));
        }
        if found > self.max {
            return Err(self.fail(FrameError::TooLong { max: self.max, found }));
        }
        let frame = rest.get(..found).map(<[u8]>::to_vec);
        if frame.is_some() {
            self.taken += 2 + found;
        }
        Ok(frame)
    }

    /// Bytes pushed and not yet given out: at the end of a stream, how much of a frame was cut off.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.taken
    }

    fn fail(&mut self, error: FrameError) -> FrameError {
        self.failed = Some(error.clone());
        self.taken = self.buffer.len();
        self.drop_taken();
        error
    }

    /// Moves what is pending to the front; frames carry card data, so the rest is zeroised.
    fn drop_taken(&mut self) {
        if self.taken > 0 {
            let pending = self.pending();
            self.buffer.copy_within(self.taken.., 0);
            self.buffer[pending..].zeroize();
            self.buffer.truncate(pending);
            self.taken = 0;
        }
    }

    /// Makes room without leaving the old copy behind in freed memory.
    fn reserve(&mut self, more: usize) {
        let needed = self.buffer.len() + more;
        if needed > self.buffer.capacity() {
            let mut larger = Vec::with_capacity(needed.max(2 * self.buffer.capacity()));
            larger.extend_from_slice(&self.buffer);
            self.buffer.as_mut_slice().zeroize();
            self.buffer = larger;
        }
    }
}

impl Drop for Framer {
    fn drop(&mut self) {
        self.buffer.as_mut_slice().zeroize();
    }
}

/// Appends a frame: the length of `body` in two bytes, then `body`.
///
/// # Errors
/// [`FrameError::Empty`], or [`FrameError::TooLong`] above 65,535 bytes; nothing is written then.
pub fn put_frame(body: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    let found = body.len();
    let length =
        u16::try_from(found).map_err(|_| FrameError::TooLong { max: usize::from(u16::MAX), found })?;
    if length == 0 {
        return Err(FrameError::Empty);
    }
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(framer: &mut Framer) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| framer.next().unwrap()).collect()
    }

    #[test]
    fn frames_come_out_however_the_stream_is_cut() {
        let frames = [vec![1; 1], vec![2; 300], vec![3; 5]];
        let mut stream = Vec::new();
        for frame in &frames {
            put_frame(frame, &mut stream).unwrap();
        }
        for size in 1..stream.len() {
            let mut framer = Framer::new(300);
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                framer.push(piece);
                found.extend(drain(&mut framer));
            }
            assert_eq!(found, frames, "in pieces of {size}");
            assert_eq!(framer.pending(), 0);
        }
    }

    #[test]
    fn a_cut_off_frame_stays_pending() {
        let mut framer = Framer::new(10);
        framer.push(&[0, 4, 1, 2, 3]);
        assert_eq!(framer.next(), Ok(None));
        assert_eq!(framer.pending(), 5);
    }

    #[test]
    fn after_a_length_that_cannot_be_the_stream_is_unusable() {
        for (length, error) in
            [([0, 0], FrameError::Empty), ([0, 11], FrameError::TooLong { max: 10, found: 11 })]
        {
            let mut framer = Framer::new(10);
            framer.push(&[0, 1, 9]);
            framer.push(&length);
            assert_eq!(framer.next(), Ok(Some(vec![9])));
            assert_eq!(framer.next(), Err(error.clone()));
            framer.push(&[0, 1, 9]);
            assert_eq!(framer.next(), Err(error));
            assert_eq!(framer.pending(), 0);
        }
    }

    #[test]
    fn a_framer_that_nobody_reads_fails_and_stops_growing() {
        let mut framer = Framer::new(10);
        let max = MAX_UNREAD + 12;
        framer.push(&vec![0; max]);
        assert_eq!(framer.pending(), max);
        framer.push(&[0]);
        assert_eq!(framer.next(), Err(FrameError::Unread { max, found: max + 1 }));
        assert_eq!(framer.pending(), 0);
    }

    #[test]
    fn a_frame_that_its_length_cannot_express_is_not_written() {
        let mut out = vec![7];
        assert_eq!(put_frame(&[], &mut out), Err(FrameError::Empty));
        assert_eq!(
            put_frame(&vec![0; 65_536], &mut out),
            Err(FrameError::TooLong { max: 65_535, found: 65_536 })
        );
        assert_eq!(out, [7]);
        put_frame(&vec![0; 65_535], &mut out).unwrap();
        assert_eq!(out[..3], [7, 0xff, 0xff]);
    }
}
