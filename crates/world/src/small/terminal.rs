//! A terminal and its cashier, as small as can be. It keeps its reversal before it sends, erases it upon an approval
//! or a clean decline, and sends it before anything else.

use super::{
    lines::{Heard, Line, Request, ToGateway, ToTerminal},
    print::Print,
    scenario::{Station, Step, When},
};
use hefu_tally::{Kind, Rrn};

/// How long a terminal waits for an answer (ms).
const PATIENCE: i64 = 60_000;
/// Old firmware deletes its reversal after so many tries. In the field it is three; one shows the same with fewer
/// faults.
const OLD_TRIES: u8 = 1;

#[derive(Clone, Debug)]
pub(super) struct Terminal {
    pub station: &'static Station,
    /// What became of each step that was begun or passed over.
    pub standing: Vec<Standing>,
    pub waits: Option<Waits>,
    /// The reversal that it keeps: of which step, sent how often.
    pub reversal: Option<(usize, u8)>,
    /// Messages sent so far.
    pub sent: u8,
    /// Copies that the line made of them.
    pub copies: u8,
    /// It lost power while it waited for the answer to this; true when the gateway noticed.
    pub deaf: Option<(u8, bool)>,
}

/// What the cashier believes of a step.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Open,
    Booked(Rrn),
    Declined,
    /// No answer that says anything.
    Unknown,
    /// The reversal was answered so.
    Reversed([u8; 2]),
    /// Old firmware deleted its reversal unanswered.
    Forgotten,
    /// Not begun: what it depends on is not so.
    PassedOver,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Waits {
    pub serial: u8,
    pub for_what: Request,
    pub until: i64,
}

impl Terminal {
    pub fn new(station: &'static Station) -> Terminal {
        let mut terminal = Terminal {
            station,
            standing: Vec::new(),
            waits: None,
            reversal: None,
            sent: 0,
            copies: 0,
            deaf: None,
        };
        terminal.pass_over();
        terminal
    }

    /// All that has a part in what it does, or in how it is judged: its count of messages only while more may come,
    /// its copies only while there is something to be copied.
    pub fn print(&self, print: &mut Print<'_>, line: &Line) {
        let Terminal { station: _, standing, waits, reversal, sent, copies, deaf } = self;
        let idle = waits.is_none() && self.next().is_none();
        print.byte(if idle { 0 } else { *sent });
        print.byte(if line.up.is_empty() { 0 } else { *copies });
        print.number(standing.len() as i64);
        for standing in standing {
            match standing {
                Standing::Open => print.byte(0),
                Standing::Booked(rrn) => print.rrn(*rrn),
                Standing::Declined => print.byte(2),
                Standing::Unknown => print.byte(3),
                Standing::Reversed(code) => print.bytes(code),
                Standing::Forgotten => print.byte(5),
                Standing::PassedOver => print.byte(6),
            }
        }
        if let Some(Waits { serial, for_what, until }) = waits {
            print.byte(*serial);
            for_what.print(print);
            print.number(*until);
        }
        if let Some((step, tries)) = reversal {
            print.bytes(&[*step as u8, *tries]);
        }
        if let Some((serial, noticed)) = deaf {
            print.bytes(&[*serial, u8::from(*noticed), 1]);
        }
    }

    pub fn step(&self, step: usize) -> Step {
        self.station.steps[step]
    }

    /// Its first transaction has been made, or passed over.
    pub fn has_begun(&self) -> bool {
        !self.standing.is_empty()
    }

    /// What it would send now.
    pub fn next(&self) -> Option<Request> {
        match (self.waits, self.reversal) {
            (Some(_), _) => None,
            (None, Some((step, _))) => Some(Request::Reverse(step)),
            (None, None) => {
                let step = self.standing.len();
                (step < self.station.steps.len()).then_some(Request::Transact(step))
            }
        }
    }

    /// Sends what comes next.
    ///
    /// # Panics
    /// When there is nothing.
    pub fn begin(&mut self, now: i64) -> ToGateway {
        let what = self.next().expect("somebody asked whether there is something to send");
        match what {
            Request::Transact(step) => {
                assert!(step == self.standing.len(), "steps are made in order");
                self.standing.push(Standing::Open);
            }
            Request::Reverse(step) => {
                let tries = self.reversal.map_or(0, |(_, tries)| tries);
                self.reversal = Some((step, tries + 1));
            }
        }
        let serial = self.sent;
        self.sent += 1;
        self.waits = Some(Waits { serial, for_what: what, until: now + PATIENCE });
        ToGateway { serial, copy: 0, what }
    }

    /// The earlier step that this one refers to, and the reference on its slip.
    pub fn quotes(&self, step: usize) -> Option<(usize, Rrn)> {
        match self.step(step).when {
            When::Booked(of) => match self.standing.get(of) {
                Some(Standing::Booked(rrn)) => Some((of, *rrn)),
                Some(
                    Standing::Open
                    | Standing::Declined
                    | Standing::Unknown
                    | Standing::Reversed(_)
                    | Standing::Forgotten
                    | Standing::PassedOver,
                )
                | None => None,
            },
            When::Always | When::NotBooked(_) => None,
        }
    }

    pub fn hears(&self, message: &ToTerminal) -> bool {
        self.waits.is_some_and(|waits| waits.serial == message.serial)
    }

    pub fn hear(&mut self, message: &ToTerminal) {
        let Some(waits) = self.waits.take_if(|waits| waits.serial == message.serial) else { return };
        match (waits.for_what, message.says) {
            (Request::Transact(step), Heard::Approved(rrn)) => self.standing[step] = Standing::Booked(rrn),
            (Request::Transact(step), Heard::Declined(_)) => self.standing[step] = Standing::Declined,
            (Request::Transact(step), Heard::Unknown | Heard::Reversal(_)) => self.doubt(step),
            (Request::Reverse(step), Heard::Reversal(code)) => {
                self.standing[step] = Standing::Reversed(code);
                self.reversal = None;
            }
            (Request::Reverse(_), Heard::Approved(_) | Heard::Unknown | Heard::Declined(_)) => {
                unreachable!("a reversal is answered by 0410")
            }
        }
        self.pass_over();
    }

    /// Nobody answered in time, or the cashier gave up.
    pub fn give_up(&mut self) {
        let Some(waits) = self.waits.take() else { return };
        match waits.for_what {
            Request::Transact(step) => self.doubt(step),
            Request::Reverse(step) => {
                let tries = self.reversal.map_or(0, |(_, tries)| tries);
                if !self.station.certified && tries >= OLD_TRIES {
                    self.standing[step] = Standing::Forgotten;
                    self.reversal = None;
                }
            }
        }
        self.pass_over();
    }

    /// Power goes and comes: nobody waits any more, what was kept is there.
    pub fn lose_power(&mut self, noticed: bool) {
        let Some(waits) = self.waits.take() else { return };
        self.deaf = Some((waits.serial, noticed));
        match waits.for_what {
            Request::Transact(step) => self.doubt(step),
            Request::Reverse(_) => {}
        }
        self.pass_over();
    }

    fn doubt(&mut self, step: usize) {
        self.standing[step] = Standing::Unknown;
        if reversible(self.step(step).kind) {
            self.reversal = Some((step, 0));
        }
    }

    /// Passes over the steps that are not to be made.
    fn pass_over(&mut self) {
        if self.waits.is_some() || self.reversal.is_some() {
            return;
        }
        while let Some(step) = self.station.steps.get(self.standing.len()) {
            let booked = |of: usize| matches!(self.standing.get(of), Some(Standing::Booked(_)));
            let wanted = match step.when {
                When::Always => true,
                When::Booked(of) => booked(of),
                When::NotBooked(of) => !booked(of),
            };
            if wanted {
                return;
            }
            self.standing.push(Standing::PassedOver);
        }
    }
}

/// What a terminal takes back itself; the others are advices, which the host repeats.
fn reversible(kind: Kind) -> bool {
    match kind {
        Kind::Sale
        | Kind::Void
        | Kind::PreAuth
        | Kind::PreAuthVoid
        | Kind::Completion
        | Kind::CompletionVoid => true,
        Kind::Refund | Kind::CompletionAdvice | Kind::OfflineSale | Kind::Inquiry => false,
    }
}
