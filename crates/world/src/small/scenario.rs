//! What is tried: who buys what, at which terminals, of which bank.

use super::bank::Manner;
use hefu_tally::Kind;

/// A small world before anything has happened.
#[derive(Copy, Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    /// What it is, in words.
    pub about: &'static str,
    pub bank: Manner,
    /// When it begins: milliseconds after noon in Beijing. The business day's cut is at 23:00.
    pub begins: i64,
    /// All alike but for the amounts and cards of their steps: which of them begins is not tried out.
    pub stations: &'static [Station],
    /// How many faults the full set tries.
    pub faults: u8,
    /// How many the quick set tries.
    pub quick: u8,
}

/// A terminal and what its cashier does, in this order.
#[derive(Copy, Clone, Debug)]
pub struct Station {
    /// Keeps its reversal until it is acknowledged. Otherwise old firmware, which deletes it upon any answer and
    /// after its tries.
    pub certified: bool,
    /// The cashier may give up waiting at any moment; the terminal then reverses.
    pub impatient: bool,
    pub steps: &'static [Step],
}

/// One transaction.
#[derive(Copy, Clone, Debug)]
pub struct Step {
    pub kind: Kind,
    /// Minor units.
    pub amount: i64,
    /// Which card of the world pays.
    pub card: u8,
    pub when: When,
}

/// When a transaction is made at all; by the place of an earlier step of the same terminal.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum When {
    Always,
    /// The earlier one is booked: this one refers to it.
    Booked(usize),
    /// The earlier one is not booked, and the cashier charges again.
    NotBooked(usize),
}

/// Far from the day cut.
const NOON: i64 = 0;
/// So shortly before the day cut that it falls between a request and our deadline for its answer.
const BEFORE_THE_CUT: i64 = 11 * 3_600_000 - 30_000;

const fn step(kind: Kind, amount: i64, card: u8, when: When) -> Step {
    Step { kind, amount, card, when }
}

const fn certified(steps: &'static [Step]) -> Station {
    Station { certified: true, impatient: false, steps }
}

const SALE: &[Step] = &[step(Kind::Sale, 100, 1, When::Always)];
const OTHER_SALE: &[Step] = &[step(Kind::Sale, 250, 2, When::Always)];
const SALE_VOID: &[Step] =
    &[step(Kind::Sale, 100, 1, When::Always), step(Kind::Void, 100, 1, When::Booked(0))];
const SALE_REFUND: &[Step] =
    &[step(Kind::Sale, 100, 1, When::Always), step(Kind::Refund, 60, 1, When::Booked(0))];
const COMPLETION: &[Step] =
    &[step(Kind::PreAuth, 100, 1, When::Always), step(Kind::Completion, 90, 1, When::Booked(0))];
const SALE_AGAIN: &[Step] =
    &[step(Kind::Sale, 100, 1, When::Always), step(Kind::Sale, 100, 1, When::NotBooked(0))];

/// The full set.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "sale",
        about: "a sale",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 2,
    },
    Scenario {
        name: "sale-old",
        about: "a sale at a terminal with old firmware",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[Station { certified: false, impatient: false, steps: SALE }],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "crossing",
        about: "a sale whose cashier gives up: the approval crosses the terminal's reversal",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[Station { certified: true, impatient: true, steps: SALE }],
        faults: 2,
        quick: 1,
    },
    Scenario {
        name: "declined",
        about: "a sale that the bank declines",
        bank: Manner::Declines,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "charges-later",
        about: "a sale; the bank answers 25 to its reversal, then charges",
        bank: Manner::ChargesLater,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "acknowledges",
        about: "a sale; the bank answers 00 to whatever reversal comes",
        bank: Manner::Acknowledges,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "wrong-mac",
        about: "a sale; the bank's answers to it carry a wrong MAC and prove nothing",
        bank: Manner::WrongMac,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "part",
        about: "a sale of which the bank approves a half, at a terminal that cannot take a part",
        bank: Manner::Part,
        begins: NOON,
        stations: &[certified(SALE)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "day-cut",
        about: "a sale half a minute before the day cut",
        bank: Manner::Honest,
        begins: BEFORE_THE_CUT,
        stations: &[certified(SALE)],
        faults: 2,
        quick: 1,
    },
    Scenario {
        name: "void",
        about: "a sale, then its void",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE_VOID)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "refund",
        about: "a sale, then a refund of a part",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE_REFUND)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "completion",
        about: "a pre-authorisation, then its completion",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(COMPLETION)],
        faults: 3,
        quick: 1,
    },
    Scenario {
        name: "again",
        about: "a sale; the same once more where the first did not succeed",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE_AGAIN)],
        faults: 2,
        quick: 1,
    },
    Scenario {
        name: "two-sales",
        about: "two sales at once at two terminals",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE), certified(OTHER_SALE)],
        faults: 2,
        quick: 1,
    },
    Scenario {
        name: "same-card",
        about: "two sales at once of the same card and amount",
        bank: Manner::Honest,
        begins: NOON,
        stations: &[certified(SALE), certified(SALE)],
        faults: 2,
        quick: 1,
    },
];
