//! What a terminal remembers without power, and how it is sealed.

use super::ledger::{LedgerEntry, Totals};
use super::numbers::Numbers;
use super::receipt::Receipt;
use super::saved::Saved;
use hefu_vault::{Pan, Vault, VaultError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::VecDeque;
use thiserror::Error;
use zeroize::Zeroizing;

/// Everything that survives a power cut. It holds card numbers, so it leaves the terminal sealed only, and it has
/// no Debug.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Memory {
    pub numbers: Numbers,
    /// The trace that the next message takes, 1 to 999999.
    pub next_trace: u32,
    /// F60.2; 0 in a new terminal.
    pub batch: u32,
    /// F62 of the last sign-on, still under the master key.
    pub keys: Option<HexBytes>,
    pub signed_on: bool,
    /// The acquirer asked for a new sign-on, or the batch was closed.
    pub sign_on_due: bool,
    pub reversal: Option<PendingReversal>,
    pub script: Option<PendingScript>,
    pub offline: VecDeque<OfflineItem>,
    pub settling: Option<Settling>,
    pub records: Vec<Record>,
    /// Slips that could not be printed yet.
    pub held: VecDeque<Receipt>,
}

/// A transaction's place in the journal.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntryId {
    pub batch: u32,
    pub trace: u32,
}

/// A line of the journal with the card number that only the terminal itself may see.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub entry: LedgerEntry,
    pub pan: KeptPan,
    /// The batch was closed: the line is history.
    pub settled: bool,
}

/// A reversal that is owed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PendingReversal {
    pub of: EntryId,
    /// The 0400 without F38, F39 and F64.
    pub body: Saved,
    pub reason: Reason,
    /// F38 of the approval, if one was seen.
    pub auth: Option<String>,
    /// How often it was sent in this round.
    pub tries: u8,
    /// It may have arrived: the payment can no longer stand.
    pub has_left: bool,
}

/// F39 of a reversal.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// 98: no answer in time.
    NoAnswer,
    /// 96: approved, but the terminal failed.
    TerminalFailed,
    /// A0: the answer's MAC is wrong.
    WrongMac,
    /// 06: anything else.
    Other,
}

impl Reason {
    /// F39.
    pub fn code(self) -> &'static str {
        match self {
            Reason::NoAnswer => "98",
            Reason::TerminalFailed => "96",
            Reason::WrongMac => "A0",
            Reason::Other => "06",
        }
    }
}

/// A script result that is owed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PendingScript {
    /// The 0620 without F11, F60 and F64.
    pub body: Saved,
    pub tries: u8,
}

/// A message that is repeated until it is answered, unchanged but for its MAC.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OfflineItem {
    pub of: EntryId,
    pub body: Saved,
    /// How often it was sent since it came to the front.
    #[serde(default)]
    pub tries: u8,
}

impl OfflineItem {
    pub(super) fn new(of: EntryId, body: Saved) -> OfflineItem {
        OfflineItem { of, body, tries: 0 }
    }
}

/// A settlement under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Settling {
    pub totals: Totals,
    pub phase: Phase,
}

/// How far the settlement has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// The totals are to be sent, or were sent and not answered.
    Asking,
    /// The totals differ: item `next` of the batch is the first that has not arrived.
    Uploading { next: usize },
    /// The totals agree: only the closing message is missing.
    Closing,
}

impl Memory {
    /// Offline items that a terminal holds at most.
    pub(super) const OFFLINE: usize = 20;
    /// Slips that wait for the printer at most; the oldest is given up for a new one.
    pub(super) const HELD: usize = 20;

    pub(super) fn new(numbers: Numbers) -> Memory {
        Memory {
            numbers,
            next_trace: 1,
            batch: 0,
            keys: None,
            signed_on: false,
            sign_on_due: false,
            reversal: None,
            script: None,
            offline: VecDeque::new(),
            settling: None,
            records: Vec::new(),
            held: VecDeque::new(),
        }
    }

    /// Gives out the next trace: 000001 to 999999, then from the beginning.
    pub(super) fn take_trace(&mut self) -> u32 {
        let trace = self.next_trace;
        assert!((1..=999_999).contains(&trace), "a trace has six digits and is never 0");
        self.next_trace = if trace == 999_999 { 1 } else { trace + 1 };
        trace
    }

    /// The newest record of this batch and trace.
    pub(super) fn record(&self, id: EntryId) -> Option<&Record> {
        self.records.iter().rev().find(|r| r.entry.batch == id.batch && r.entry.trace == id.trace)
    }

    /// The newest record with this trace, of any batch.
    pub(super) fn newest(&self, trace: u32) -> Option<EntryId> {
        let record = self.records.iter().rev().find(|record| record.entry.trace == trace)?;
        Some(EntryId { batch: record.entry.batch, trace })
    }

    pub(super) fn entry_mut(&mut self, id: EntryId) -> Option<&mut LedgerEntry> {
        let record =
            self.records.iter_mut().rev().find(|r| r.entry.batch == id.batch && r.entry.trace == id.trace)?;
        Some(&mut record.entry)
    }

    /// The records of the open batch, oldest first.
    pub(super) fn open_records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| !record.settled)
    }

    /// Closes the batch. History is kept for `history` records, so that memory stays bounded.
    pub(super) fn close_batch(&mut self, history: usize) {
        for record in &mut self.records {
            record.settled = true;
        }
        let surplus = self.records.len().saturating_sub(history);
        self.records.drain(..surplus);
        self.settling = None;
        self.sign_on_due = true;
    }

    /// Holds a slip for the printer.
    pub(super) fn hold(&mut self, receipt: Receipt) {
        if self.held.len() == Self::HELD {
            self.held.pop_front();
        }
        self.held.push_back(receipt);
    }

    /// The whole memory, sealed. Advances the stream first, so that no nonce is ever rolled twice.
    pub(super) fn seal(&mut self, storage: &Vault) -> Vec<u8> {
        let mut dice = self.numbers.fork();
        let clear = serde_json::to_vec(self).expect("numbers, text and lists always become JSON");
        storage.seal(LABEL, &Zeroizing::new(clear), &mut dice)
    }

    /// Opens what [`Memory::seal`] made, and checks that it can be worked with.
    pub(super) fn open(storage: &Vault, sealed: &[u8]) -> Result<Memory, MemoryError> {
        let clear = storage.open(LABEL, sealed)?;
        let memory: Memory = serde_json::from_slice(&clear).map_err(|e| MemoryError::Content {
            // The message of the parser may quote what it read; its place says enough.
            line: e.line(),
            column: e.column(),
        })?;
        if !(1..=999_999).contains(&memory.next_trace) {
            return Err(MemoryError::Trace { found: memory.next_trace });
        }
        Ok(memory)
    }
}

const LABEL: &str = "terminal memory";

/// Why a terminal's memory was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// Damaged, or another terminal's.
    #[error("terminal memory: {0}")]
    Sealed(#[from] VaultError),
    /// It opens, but another version of the program wrote it.
    #[error("terminal memory: cannot be read at line {line}, column {column}")]
    Content { line: usize, column: usize },
    #[error("terminal memory: the next trace must be 1 to 999999, found {found}")]
    Trace { found: u32 },
}

/// A card number in the sealed memory.
#[derive(Clone)]
pub(super) struct KeptPan(pub Pan);

impl Serialize for KeptPan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for KeptPan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = Zeroizing::new(String::deserialize(deserializer)?);
        Pan::parse(&digits).map(KeptPan).map_err(serde::de::Error::custom)
    }
}

/// Bytes that are wiped when dropped and stand as hex in the sealed memory.
#[derive(Clone)]
pub(super) struct HexBytes(pub Zeroizing<Vec<u8>>);

impl From<Vec<u8>> for HexBytes {
    fn from(bytes: Vec<u8>) -> Self {
        HexBytes(Zeroizing::new(bytes))
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex::encode(&*self.0)))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        hex::decode(&*text).map(HexBytes::from).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Profile;

    fn memory() -> Memory {
        Memory::new(Numbers::from_dice(&mut Still))
    }

    struct Still;
    impl hefu_vault::Dice for Still {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(7);
        }
    }

    #[test]
    fn the_trace_runs_from_1_to_999999_and_begins_again() {
        let mut memory = memory();
        memory.next_trace = 999_998;
        let given: Vec<u32> = (0..4).map(|_| memory.take_trace()).collect();
        assert_eq!(given, [999_998, 999_999, 1, 2]);
    }

    #[test]
    fn sealed_memory_opens_in_its_own_terminal_only_and_unchanged_only() {
        let own = Vault::new(Profile::test(1).storage);
        let other = Vault::new(Profile::test(2).storage);
        let mut memory = memory();
        memory.next_trace = 77;
        let sealed = memory.seal(&own);
        assert_eq!(Memory::open(&own, &sealed).map(|m| m.next_trace).ok(), Some(77));
        assert!(matches!(Memory::open(&other, &sealed).err(), Some(MemoryError::Sealed(_))));
        for position in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[position] ^= 1;
            assert!(Memory::open(&own, &damaged).is_err(), "byte {position}");
        }
        assert!(Memory::open(&own, &sealed[..sealed.len() - 1]).is_err());
    }

    #[test]
    fn no_two_seals_are_alike() {
        let storage = Vault::new(Profile::test(1).storage);
        let mut memory = memory();
        assert_ne!(memory.seal(&storage), memory.seal(&storage));
    }

    #[test]
    fn a_trace_out_of_range_is_refused_by_name() {
        let storage = Vault::new(Profile::test(1).storage);
        let mut memory = memory();
        memory.next_trace = 0;
        let sealed = memory.seal(&storage);
        assert_eq!(Memory::open(&storage, &sealed).err(), Some(MemoryError::Trace { found: 0 }));
    }
}
