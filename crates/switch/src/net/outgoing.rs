//! Bytes on their way out of one connection, and which frame each of them belongs to.

use std::{collections::VecDeque, io};
use zeroize::Zeroize;

/// A bounded queue of frames as one buffer, so that many leave with one write. `T` names a frame.
pub(super) struct Outgoing<T> {
    max: usize,
    bytes: Vec<u8>,
    /// Where the frames that are not written in full begin and end, counted from the first byte ever queued.
    frames: VecDeque<(u64, u64, T)>,
    /// Bytes written so far.
    written: u64,
    closed: bool,
}

/// What was left of a queue when its connection closed.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Left<T> {
    /// Written in part.
    pub cut: Option<T>,
    /// Not a byte of them was written.
    pub untouched: Vec<T>,
}

/// The queue is full, or its connection closed: the frame surely never leaves.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct NotQueued;

impl<T> Outgoing<T> {
    /// A queue of at most so many bytes.
    pub fn new(max: usize) -> Outgoing<T> {
        Outgoing { max, bytes: Vec::new(), frames: VecDeque::new(), written: 0, closed: false }
    }

    /// Queues a frame and puts its length in front.
    ///
    /// # Panics
    /// When the frame is longer than 65,535 bytes: both dialects end far below.
    pub fn push(&mut self, frame: &[u8], name: T) -> Result<(), NotQueued> {
        let length = u16::try_from(frame.len()).expect("no message of a dialect is so long");
        if self.closed || self.bytes.len() + 2 + frame.len() > self.max {
            return Err(NotQueued);
        }
        let start = self.written + self.bytes.len() as u64;
        self.reserve(2 + frame.len());
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(frame);
        self.frames.push_back((start, start + 2 + frame.len() as u64, name));
        Ok(())
    }

    /// Writes what the connection takes now. Whether nothing is left.
    ///
    /// # Errors
    /// What `write` gives, but "would block", which only leaves the rest for later.
    pub fn flush(&mut self, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<bool> {
        while !self.bytes.is_empty() && !self.closed {
            match write(&self.bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.drop_written(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.bytes.is_empty())
    }

    /// Whether something waits to be written.
    pub fn is_pending(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Bytes written since the beginning; a stalled connection is one where this stands still.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Takes nothing more; what is left.
    pub fn close(&mut self) -> Left<T> {
        self.closed = true;
        self.bytes.zeroize();
        self.bytes = Vec::new();
        let mut left = Left { cut: None, untouched: Vec::new() };
        for (start, _, name) in std::mem::take(&mut self.frames) {
            match start < self.written {
                true => left.cut = Some(name),
                false => left.untouched.push(name),
            }
        }
        left
    }

    fn drop_written(&mut self, count: usize) {
        assert!(count <= self.bytes.len(), "no more is written than there was");
        self.written += count as u64;
        let rest = self.bytes.len() - count;
        self.bytes.copy_within(count.., 0);
        // Answers carry card numbers.
        self.bytes[rest..].zeroize();
        self.bytes.truncate(rest);
        if self.bytes.is_empty() {
            // An idle connection keeps no buffer.
            self.bytes = Vec::new();
        }
        while self.frames.front().is_some_and(|(_, end, _)| *end <= self.written) {
            self.frames.pop_front();
        }
    }

    /// Makes room without leaving the old copy behind in freed memory.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let mut larger = Vec::with_capacity(needed.max(2 * self.bytes.capacity()));
            larger.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = larger;
        }
    }
}

impl<T> Drop for Outgoing<T> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that takes so many bytes and then blocks.
    fn takes(mut room: usize, out: &mut Vec<u8>) -> impl FnMut(&[u8]) -> io::Result<usize> + '_ {
        move |bytes| {
            let count = bytes.len().min(room);
            if count == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            room -= count;
            out.extend_from_slice(&bytes[..count]);
            Ok(count)
        }
    }

    #[test]
    fn many_frames_leave_with_one_write() {
        let mut queue = Outgoing::new(100);
        for name in 0..3 {
            queue.push(b"frame", name).unwrap();
        }
        let mut writes = Vec::new();
        let flushed = queue.flush(|bytes| {
            writes.push(bytes.to_vec());
            Ok(bytes.len())
        });
        assert!(flushed.unwrap());
        assert_eq!(writes, [b"\0\x05frame\0\x05frame\0\x05frame".to_vec()]);
        assert!(!queue.is_pending());
    }

    #[test]
    fn what_was_cut_and_what_was_not_touched_is_told_apart() {
        // Two frames of seven bytes each; (bytes that the connection takes, cut, untouched)
        let cases: [(usize, Option<char>, &[char]); 6] = [
            (0, None, &['a', 'b']),
            (1, Some('a'), &['b']),
            (6, Some('a'), &['b']),
            (7, None, &['b']),
            (8, Some('b'), &[]),
            (14, None, &[]),
        ];
        for (room, cut, untouched) in cases {
            let mut queue = Outgoing::new(100);
            queue.push(b"12345", 'a').unwrap();
            queue.push(b"67890", 'b').unwrap();
            let mut out = Vec::new();
            assert_eq!(queue.flush(takes(room, &mut out)).unwrap(), room == 14);
            assert_eq!(queue.close(), Left { cut, untouched: untouched.to_vec() }, "{room} bytes");
            assert_eq!(out.len(), room);
            assert_eq!(queue.push(b"x", 'c'), Err(NotQueued), "closed");
        }
    }

    #[test]
    fn a_full_queue_refuses_and_goes_on_when_there_is_room() {
        let mut queue = Outgoing::new(14);
        queue.push(b"12345", 1).unwrap();
        queue.push(b"12345", 2).unwrap();
        assert_eq!(queue.push(b"", 3), Err(NotQueued));
        queue.flush(takes(3, &mut Vec::new())).unwrap();
        queue.push(b"1", 4).unwrap();
        let mut out = Vec::new();
        assert!(queue.flush(takes(100, &mut out)).unwrap());
        assert_eq!(out, b"2345\0\x0512345\0\x011");
    }

    #[test]
    fn a_connection_that_fails_says_so() {
        let mut queue = Outgoing::new(100);
        queue.push(b"12345", ()).unwrap();
        let failed = queue.flush(|_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert!(queue.flush(|_| Ok(0)).is_err());
        assert_eq!(queue.close().untouched.len(), 1);
    }
}
