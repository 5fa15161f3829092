//! The printer's queue of a till: a slip is printed once, or held until it can be; nobody gets two
//! originals, and the cashier always knows what has become of the slip.
//!
//! ```text
//!            add               start              done
//!   (slip) ------> waiting ---------> printing ---------> printed, remembered
//!                    ^  the printer     |
//!                    +---- fails -------+   marked DUPLICATE, after MAX_TRIES set aside
//! ```
//!
//! It is pure: the till tells it what the printer reports, and asks what to print.

use std::collections::{BTreeSet, VecDeque};

use crate::{
    data::{Copy, Language, Mark, SlipData},
    fields::EslipAddress,
    layout::lines,
    page::Line,
    settlement::{SettlementData, settlement_lines},
    words::Word,
};

/// What the printer reports of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    Ready,
    OutOfPaper,
    PaperJam,
    Overheated,
    LowBattery,
    /// Switched off by setting.
    Off,
}

/// What is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slip {
    Sales { data: Box<SlipData>, copy: Copy },
    Settlement(Box<SettlementData>),
}

impl Slip {
    /// The lines to print.
    pub fn lines(&self, language: Language) -> Vec<Line> {
        match self {
            Slip::Sales { data, copy } => lines(data, *copy, language),
            Slip::Settlement(data) => settlement_lines(data, language),
        }
    }

    /// Where the same can be read without paper.
    pub fn eslip(&self) -> Option<&EslipAddress> {
        match self {
            Slip::Sales { data, .. } => data.fields().eslip.as_ref(),
            Slip::Settlement(_) => None,
        }
    }

    fn again(&self) -> Slip {
        match self {
            Slip::Sales { data, copy } => Slip::Sales { data: Box::new(data.again()), copy: *copy },
            Slip::Settlement(data) => {
                let mut again = data.clone();
                again.marks.insert(Mark::Duplicate);
                Slip::Settlement(again)
            }
        }
    }

    /// What makes two slips the same piece of paper.
    fn name(&self) -> PaperName {
        match self {
            Slip::Sales { data, copy } => {
                let fields = data.fields();
                let terminal = fields.till.terminal.as_str();
                let number = format!("{terminal} {} {}", fields.batch.as_str(), fields.voucher.as_str());
                match copy {
                    Copy::Merchant => PaperName::Merchant(number),
                    Copy::Cardholder => PaperName::Cardholder(number),
                }
            }
            Slip::Settlement(data) => {
                PaperName::Settlement(format!("{} {}", data.till.terminal.as_str(), data.batch.as_str()))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PaperName {
    Merchant(String),
    Cardholder(String),
    Settlement(String),
}

/// A slip in the queue. Numbers rise in the order in which slips were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub number: u64,
    /// As it is printed, its marks included.
    pub slip: Slip,
    /// How often it was begun before and not finished.
    pub tries: u8,
}

/// What the cashier must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// So many slips wait until the printer is ready; that of the first can be shown meanwhile.
    Held { state: PrinterState, waiting: usize, eslip: Option<EslipAddress> },
    /// So many slips are printed now that the printer is ready again.
    Resumed { waiting: usize },
    /// The slip was begun [`PrintQueue::MAX_TRIES`] times: it is tried no more, unless it is asked for.
    SetAside { state: PrinterState, task: Box<Task> },
}

impl Notice {
    /// The electronic slip that is offered in place of the paper.
    pub fn eslip(&self) -> Option<&EslipAddress> {
        match self {
            Notice::Held { eslip, .. } => eslip.as_ref(),
            Notice::Resumed { .. } => None,
            Notice::SetAside { task, .. } => task.slip.eslip(),
        }
    }

    /// The sentences for the cashier, in the order in which they are shown.
    pub fn text(&self, language: Language) -> Vec<&'static str> {
        let offer = self.eslip().map(|_| Word::OfferEslip);
        let words = match self {
            Notice::Held { state, .. } => [state.word(), Some(Word::SlipHeld), offer],
            Notice::Resumed { .. } => [Some(Word::PrintingResumed), None, None],
            Notice::SetAside { state, .. } => [state.word(), Some(Word::SlipSetAside), offer],
        };
        words.into_iter().flatten().map(|word| word.text(language)).collect()
    }
}

impl PrinterState {
    /// What is wrong, and what helps.
    fn word(self) -> Option<Word> {
        match self {
            PrinterState::Ready => None,
            PrinterState::OutOfPaper => Some(Word::OutOfPaper),
            PrinterState::PaperJam => Some(Word::PaperJam),
            PrinterState::Overheated => Some(Word::Overheated),
            PrinterState::LowBattery => Some(Word::LowBattery),
            PrinterState::Off => Some(Word::PrinterOff),
        }
    }
}

/// Why the queue does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueRefusal {
    #[error("print queue: {waiting} slips wait already; offer the electronic slip")]
    Full { waiting: usize },
    #[error("print queue: slip {number} is not being printed")]
    NotPrinting { number: u64 },
    #[error("print queue: slip {number} does not wait")]
    NotWaiting { number: u64 },
}

/// One printer and the slips for it.
#[derive(Debug, Clone)]
pub struct PrintQueue {
    state: PrinterState,
    waiting: VecDeque<Task>,
    printing: Option<Task>,
    printed: Remembered,
    next: u64,
}

impl PrintQueue {
    /// Slips that wait or are being printed.
    pub const MAX_TASKS: usize = 64;
    /// A slip that was begun so often without being finished is set aside: a printer that fails at once
    /// each time would eat its paper.
    pub const MAX_TRIES: u8 = 5;
    /// Of so many slips it is remembered that they were printed. Whoever asks for an older one must ask by
    /// [`PrintQueue::add_again`].
    pub const MEMORY: usize = 4_096;

    pub fn new(state: PrinterState) -> PrintQueue {
        PrintQueue {
            state,
            waiting: VecDeque::new(),
            printing: None,
            printed: Remembered::default(),
            next: 1,
        }
    }

    pub fn state(&self) -> PrinterState {
        self.state
    }

    /// Slips that wait, in the order in which they are printed.
    pub fn waiting(&self) -> impl Iterator<Item = &Task> {
        self.waiting.iter()
    }

    pub fn printing(&self) -> Option<&Task> {
        self.printing.as_ref()
    }

    /// Puts a slip at the end and gives its number. One that was printed, is being printed or waits already
    /// is marked DUPLICATE. A notice says that it is held.
    pub fn add(&mut self, slip: Slip) -> Result<(u64, Option<Notice>), QueueRefusal> {
        let tasks = self.waiting.len() + usize::from(self.printing.is_some());
        if tasks >= PrintQueue::MAX_TASKS {
            return Err(QueueRefusal::Full { waiting: tasks });
        }
        let name = slip.name();
        let underway = self.printing.iter().chain(&self.waiting).any(|task| task.slip.name() == name);
        let slip = if underway || self.printed.contains(&name) { slip.again() } else { slip };
        let number = self.next;
        self.next += 1;
        self.waiting.push_back(Task { number, slip, tries: 0 });
        Ok((number, self.held()))
    }

    /// As [`PrintQueue::add`], for a slip that is known to have been printed: marked in any case.
    pub fn add_again(&mut self, slip: Slip) -> Result<(u64, Option<Notice>), QueueRefusal> {
        self.add(slip.again())
    }

    /// The slip to print now: nothing while the printer is not ready or prints another one.
    pub fn start(&mut self) -> Option<&Task> {
        if self.state != PrinterState::Ready || self.printing.is_some() {
            return None;
        }
        self.printing = self.waiting.pop_front();
        self.printing.as_ref()
    }

    /// The printer has printed the slip to its end.
    pub fn done(&mut self, number: u64) -> Result<(), QueueRefusal> {
        match self.printing.take_if(|task| task.number == number) {
            Some(task) => {
                self.printed.insert(task.slip.name());
                Ok(())
            }
            None => Err(QueueRefusal::NotPrinting { number }),
        }
    }

    /// The printer reports its state. A slip that was being printed when it fails goes to the front again,
    /// marked DUPLICATE, since part of it may be on paper. A report of what is known already says nothing
    /// new, unless a slip was interrupted.
    pub fn report(&mut self, state: PrinterState) -> Option<Notice> {
        let before = std::mem::replace(&mut self.state, state);
        if state == PrinterState::Ready {
            let waiting = self.waiting.len();
            return (before != state && waiting > 0).then_some(Notice::Resumed { waiting });
        }
        let Some(task) = self.printing.take() else {
            return if before == state { None } else { self.held() };
        };
        self.printed.insert(task.slip.name());
        let task = Task { slip: task.slip.again(), tries: task.tries + 1, ..task };
        if task.tries >= PrintQueue::MAX_TRIES {
            return Some(Notice::SetAside { state, task: Box::new(task) });
        }
        self.waiting.push_front(task);
        self.held()
    }

    /// Takes a waiting slip out, because nobody needs it on paper any more.
    pub fn remove(&mut self, number: u64) -> Result<Task, QueueRefusal> {
        let place = self.waiting.iter().position(|task| task.number == number);
        place.and_then(|place| self.waiting.remove(place)).ok_or(QueueRefusal::NotWaiting { number })
    }

    /// What the cashier must be told as long as slips are held.
    pub fn held(&self) -> Option<Notice> {
        let first = self.waiting.front().filter(|_| self.state != PrinterState::Ready)?;
        let eslip = first.slip.eslip().cloned();
        Some(Notice::Held { state: self.state, waiting: self.waiting.len(), eslip })
    }
}

/// The last slips that came on paper, in whole or in part.
#[derive(Debug, Clone, Default)]
struct Remembered {
    names: BTreeSet<PaperName>,
    order: VecDeque<PaperName>,
}

impl Remembered {
    fn contains(&self, name: &PaperName) -> bool {
        self.names.contains(name)
    }

    fn insert(&mut self, name: PaperName) {
        if self.names.insert(name.clone()) {
            self.order.push_back(name);
        }
        if self.order.len() > PrintQueue::MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests;
