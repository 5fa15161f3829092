//! Requests that move money, or ask about it: from the cashier's command to the message.

use super::api::{Command, Hold, Original};
use super::card::{CardInput, EntryMode, FROM_RECORDS};
use super::chip::{self, ChipRun, Question};
use super::fields::{self, PartApproval};
use super::ledger::{LedgerEntry, Standing};
use super::memory::{EntryId, KeptPan, Memory, Record};
use super::profile::Profile;
use super::receipt::Reference;
use super::refusal::Refusal;
use super::transaction::Transaction;
use hefu_iso8583::Message;
use hefu_iso8583::cup::F61;
use hefu_tally::Moment;
use hefu_vault::{KeyLayout, Pan, Pin, WorkingKeys, pin_block};

/// The largest amount that F4 holds, in fen.
pub(super) const MAX_AMOUNT: i64 = 999_999_999_999;

/// A request, ready but for its MAC.
pub(super) struct Request {
    pub message: Message,
    pub transaction: Transaction,
    pub id: EntryId,
    /// The line for the journal; none for a balance inquiry.
    pub record: Option<Record>,
    pub entry: Option<EntryMode>,
    pub chip: Option<ChipRun>,
}

/// What a money command comes to, whichever it is.
pub(super) struct Money<'a> {
    transaction: Transaction,
    /// `None` for a balance inquiry.
    amount: Option<i64>,
    card: Card<'a>,
    pin: Option<&'a Pin>,
    rrn: Option<&'a str>,
    auth: Option<&'a str>,
    original: Option<F61>,
    reference: Option<Reference>,
}

/// Where the card data come from.
enum Card<'a> {
    /// The reader; track and PIN travel.
    Reader(&'a CardInput),
    /// The reader, for a message that is kept and repeated: no track, no expiry.
    Kept(&'a CardInput),
    /// The terminal's records.
    Records(&'a Pan),
}

/// Understands a money command; `None` for all others.
pub(super) fn understand<'a>(command: &'a Command, memory: &'a Memory) -> Result<Option<Money<'a>>, Refusal> {
    let money = match command {
        Command::Sale { amount, card, pin } => Money::new(Transaction::Sale, *amount, card, pin.as_ref()),
        Command::PreAuth { amount, card, pin } => {
            Money::new(Transaction::PreAuth, *amount, card, pin.as_ref())
        }
        Command::Balance { card, pin } => {
            Money { amount: None, ..Money::new(Transaction::Balance, 0, card, pin.as_ref()) }
        }
        Command::Refund { original, amount, card } => {
            Money { rrn: Some(&original.rrn), ..Money::new(Transaction::Refund, *amount, card, None) }
                .about_sale(original)
        }
        Command::PreAuthVoid { hold, amount, card } => {
            Money::new(Transaction::PreAuthVoid, *amount, card, None).about_hold(hold)
        }
        Command::Completion { hold, amount, card, pin } => {
            Money::new(Transaction::Completion, *amount, card, pin.as_ref()).about_hold(hold)
        }
        Command::CompletionAdvice { hold, amount, card } => {
            Money { card: Card::Kept(card), ..Money::new(Transaction::CompletionAdvice, *amount, card, None) }
                .about_hold(hold)
        }
        Command::Void { trace } => Money::void(Transaction::Void, &[Transaction::Sale], memory, *trace)?,
        Command::CompletionVoid { trace } => {
            let voids = [Transaction::Completion, Transaction::CompletionAdvice];
            Money::void(Transaction::CompletionVoid, &voids, memory, *trace)?
        }
        Command::OfflineSale { amount, card, auth } => Money::offline(*amount, card, auth.as_deref())?,
        Command::SignOn
        | Command::SignOff
        | Command::Echo
        | Command::Settle
        | Command::LastResult { .. }
        | Command::Confirm { .. }
        | Command::ScriptResult
        | Command::SignatureUpload { .. }
        | Command::SendPending
        | Command::ClearReversalByMenu => return Ok(None),
    };
    match money.amount {
        Some(found) if !(1..=MAX_AMOUNT).contains(&found) => Err(Refusal::Amount { found }),
        Some(_) | None => Ok(Some(money)),
    }
}

/// Builds the request and takes its trace.
pub(super) fn build(
    profile: &Profile,
    keys: &WorkingKeys,
    memory: &mut Memory,
    now: Moment,
    command: &Command,
) -> Result<Option<Request>, Refusal> {
    // The trace and the stream advance in copies first, because `money` borrows from the memory.
    let mut numbers = memory.numbers.clone();
    let (trace, batch) = (memory.next_trace, memory.batch);
    let Some(money) = understand(command, memory)? else { return Ok(None) };
    let id = EntryId { batch, trace };
    let chip = money.chip(profile, &mut numbers, now);
    let message = money.message(profile, keys, id, chip.as_ref())?;
    let (transaction, entry) = (money.transaction, money.entry());
    let record = money.record(id, now);

    memory.numbers = numbers;
    assert_eq!(memory.take_trace(), trace, "nothing took the trace in between");
    Ok(Some(Request { message, transaction, id, record, entry, chip }))
}

impl<'a> Money<'a> {
    fn new(transaction: Transaction, amount: i64, card: &'a CardInput, pin: Option<&'a Pin>) -> Money<'a> {
        Money {
            transaction,
            amount: Some(amount),
            card: Card::Reader(card),
            pin,
            rrn: None,
            auth: None,
            original: None,
            reference: None,
        }
    }

    /// A refund names the sale by batch, trace and date.
    fn about_sale(self, original: &Original) -> Money<'a> {
        Money {
            original: Some(F61 { date: Some(original.date), ..F61::new(original.batch, original.trace) }),
            reference: Some(Reference {
                batch: original.batch,
                trace: original.trace,
                rrn: Some(original.rrn.clone()),
                date: Some(text(&original.date)),
            }),
            ..self
        }
    }

    /// A completion and the void of a pre-authorisation name it by F38 and F61, never by F37.
    fn about_hold(self, hold: &'a Hold) -> Money<'a> {
        Money {
            auth: Some(&hold.auth),
            original: Some(F61 { date: Some(hold.date), ..F61::new(hold.batch, hold.trace) }),
            reference: Some(Reference {
                batch: hold.batch,
                trace: hold.trace,
                rrn: None,
                date: Some(text(&hold.date)),
            }),
            ..self
        }
    }

    /// A void names what it voids by F37, batch and trace; card and amount come from the records.
    fn void(
        transaction: Transaction,
        voids: &[Transaction],
        memory: &'a Memory,
        trace: u32,
    ) -> Result<Money<'a>, Refusal> {
        let refusal = Refusal::NoSuchOriginal { trace };
        let id = EntryId { batch: memory.batch, trace };
        let record = memory.record(id).filter(|record| !record.settled).ok_or(refusal.clone())?;
        let entry = &record.entry;
        let (true, true, Some(rrn)) =
            (entry.standing == Standing::Booked, voids.contains(&entry.transaction), entry.rrn.as_deref())
        else {
            return Err(refusal);
        };
        // The void of a sale carries F37 and F61 only.
        let auth = entry.auth.as_deref().filter(|_| transaction == Transaction::CompletionVoid);
        Ok(Money {
            transaction,
            amount: Some(entry.amount),
            card: Card::Records(&record.pan.0),
            pin: None,
            rrn: Some(rrn),
            auth,
            original: Some(F61::new(entry.batch, entry.trace)),
            reference: Some(Reference {
                batch: entry.batch,
                trace: entry.trace,
                rrn: entry.rrn.clone(),
                date: entry.date.clone(),
            }),
        })
    }

    fn offline(amount: i64, card: &'a CardInput, auth: Option<&'a str>) -> Result<Money<'a>, Refusal> {
        let kept = Card::Kept(card);
        if card.entry().has_chip() {
            return Ok(Money { card: kept, ..Money::new(Transaction::OfflineChip, amount, card, None) });
        }
        let auth = Some(auth.ok_or(Refusal::VoiceCode)?);
        // There is no original: the authorisation was given by voice (mode 01, general knowledge).
        let original = Some(F61 { date: Some(*b"0000"), mode: Some(*b"01"), ..F61::new(0, 0) });
        let money = Money::new(Transaction::OfflineSettlement, amount, card, None);
        Ok(Money { card: kept, auth, original, ..money })
    }

    fn entry(&self) -> Option<EntryMode> {
        match self.card {
            Card::Reader(card) | Card::Kept(card) => Some(card.entry()),
            Card::Records(_) => None,
        }
    }

    fn pan(&self) -> &Pan {
        match self.card {
            Card::Reader(card) | Card::Kept(card) => card.pan(),
            Card::Records(pan) => pan,
        }
    }

    fn chip(&self, profile: &Profile, numbers: &mut super::numbers::Numbers, now: Moment) -> Option<ChipRun> {
        self.entry().filter(|entry| entry.has_chip())?;
        let offline = self.transaction == Transaction::OfflineChip;
        let question = if offline { Question::Offline } else { Question::Online };
        Some(chip::run(profile, numbers, now, self.amount.unwrap_or(0), question))
    }

    fn message(
        &self,
        profile: &Profile,
        keys: &WorkingKeys,
        id: EntryId,
        chip: Option<&ChipRun>,
    ) -> Result<Message, Refusal> {
        let shape = self.transaction.message_shape();
        let mut message = fields::begin(profile, shape, Some(id.trace));
        if let Some(amount) = self.amount {
            message.set(4, format!("{amount:012}"));
        }
        message.set(49, "156");
        self.put_card(&mut message, keys, profile);
        if let Some(chip) = chip {
            message.set(23, "001").set(55, &chip.f55);
        }
        if let Some(rrn) = self.rrn {
            message.set(37, rrn);
        }
        if let Some(auth) = self.auth {
            message.set(38, auth);
        }
        let part = if matches!(self.transaction, Transaction::Sale | Transaction::PreAuth) {
            PartApproval::Told(profile.part_approval)
        } else {
            PartApproval::NotTold
        };
        message.set(60, fields::f60(shape, id.batch, self.entry().map(|_| part))?);
        if let Some(original) = &self.original {
            message.set(61, original.build()?);
        }
        if self.transaction == Transaction::Refund {
            // F63.1 of a refund names the card organisation.
            message.set(63, "CUP");
        }
        Ok(message)
    }

    fn put_card(&self, message: &mut Message, keys: &WorkingKeys, profile: &Profile) {
        match self.card {
            Card::Records(pan) => {
                message.set(2, pan.expose()).set(22, FROM_RECORDS);
            }
            Card::Kept(card) => {
                let mode = if card.entry().has_chip() { card.entry().code(false) } else { FROM_RECORDS };
                message.set(2, card.pan().expose()).set(22, mode);
            }
            Card::Reader(card) => {
                message.set(22, card.entry().code(self.pin.is_some()));
                message.set(35, card.track2().as_str());
                if card.entry().has_chip() {
                    message.set(2, card.pan().expose()).set(14, card.expiry());
                }
                if let Some(pin) = self.pin {
                    let block = pin_block::encrypt(&keys.pin, &pin_block::format0(pin, card.pan()));
                    message.set(26, "12").set(52, block).set(53, security_control(profile.layout));
                }
            }
        }
    }

    fn record(&self, id: EntryId, now: Moment) -> Option<Record> {
        let entry = LedgerEntry {
            transaction: self.transaction,
            batch: id.batch,
            trace: id.trace,
            amount: self.amount?,
            card: self.pan().masked(),
            rrn: None,
            auth: None,
            date: None,
            settlement_date: None,
            at: now,
            original: self.reference.clone(),
            standing: Standing::Unknown,
            refunded: 0,
        };
        Some(Record { entry, pan: KeptPan(self.pan().clone()), settled: false })
    }
}

/// F53: a PIN block with card number, the PIN key's length, the track in clear.
pub(super) fn security_control(layout: KeyLayout) -> &'static str {
    match layout {
        KeyLayout::Single001 => "2000000000000000",
        KeyLayout::Double003 | KeyLayout::DoubleTrack004 => "2600000000000000",
    }
}

fn text(digits: &[u8; 4]) -> String {
    String::from_utf8_lossy(digits).into_owned()
}
