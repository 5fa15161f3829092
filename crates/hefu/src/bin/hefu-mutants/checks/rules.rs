//! The rules about what is in doubt, case by case: a sale of 100 yuan at noon, what happens to it, and what it must
//! have come to. Written from the rules, not from the code that judges.

use super::holds;
use hefu_tally::{
    Account, CardToken, Code, ContentHash, Currency, DutyKind, Evidence, Fact, Identity, Kind, Leg, LegNo,
    LinkId, LinkKey, MaskedPan, MerchantNo, Moment, Money, Opened, Rrn, Rules, Shard, Tally, TallyId,
    TerminalNo, Till, judge,
    judge::{Answer, Flaw, Supply},
    leg::{BankSaid, Direction, Issuer, Knowledge, Merchant, UndoState},
};

/// Noon in Beijing on 2026-11-22.
const NOON: Moment = Moment(1_795_320_000_000);
const YUAN: i64 = 100;
const FIRST: LegNo = LegNo(0);
const LINK: LinkId = LinkId(1);
const TILL: Till = Till { merchant: MerchantNo(*b"898110253110001"), terminal: TerminalNo(*b"10000001") };
const AMOUNT: i64 = 100 * YUAN;

/// Seconds after noon, and what happens then.
type Step = (i64, fn() -> Evidence);

struct Case {
    name: &'static str,
    steps: &'static [Step],
    expected: fn(&Leg) -> bool,
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "silence by the deadline leaves it unknown, under return, and reversed",
        steps: &[(55, due)],
        expected: |leg| unknown(leg) && leg.undo.is_some() && told(leg, b"98") },
    Case { name: "a restart turns what is unanswered to return",
        steps: &[(5, || Evidence::Restarted)],
        expected: |leg| unknown(leg) },
    Case { name: "the first 25 closes nothing",
        steps: &[(55, due), (56, no_original)],
        expected: |leg| unknown(leg) && running(leg) },
    Case { name: "a second 25 to a copy that left too early closes nothing",
        steps: &[(55, due), (56, no_original), (60, no_original)],
        expected: |leg| unknown(leg) && running(leg) },
    Case { name: "a second 25 to a copy that left after the transit time closes, and waits for clearing",
        steps: &[(55, due), (56, no_original), (117, due), (118, no_original)],
        expected: |leg| leg.issuer == Issuer::NotDone && leg.clearing.is_some() },
    Case { name: "a 25 after an approval was seen is left to clearing",
        steps: &[(55, due), (56, approved), (57, no_original), (118, due), (119, no_original)],
        expected: |leg| leg.issuer == Issuer::Done && leg.clearing.is_some() },
    Case { name: "a 22 is left to clearing",
        steps: &[(55, due), (56, || Evidence::ReversalAnswered(Code(*b"22")))],
        expected: |leg| unknown(leg) && leg.clearing.is_some() },
    Case { name: "a 94 to the first reversal is a clash of keys",
        steps: &[(55, due), (56, || Evidence::ReversalAnswered(Code(*b"94")))],
        expected: |leg| unknown(leg) && leg.case.is_some() },
    Case { name: "a 96 to a reversal proves nothing",
        steps: &[(55, due), (56, || Evidence::ReversalAnswered(Code(*b"96")))],
        expected: |leg| unknown(leg) && running(leg) },
    Case { name: "a 00 to a copy that left before the approval came closes nothing",
        steps: &[(55, due), (57, approved), (58, undone)],
        expected: |leg| leg.issuer == Issuer::Done && running(leg) },
    Case { name: "reversals go on until they are answered",
        steps: &[(55, due), (120, due), (300, due), (600, due), (1_000, due), (2_000, due)],
        expected: |leg| running(leg) && leg.clearing.is_none() },
    Case { name: "a reversal is not repeated at once",
        steps: &[(55, due)],
        expected: |leg| leg.undo.is_some_and(|undo| undo.next.since(NOON) >= 60_000) },
    Case { name: "reversals go on after the day cut",
        steps: &[(55, due), (12 * 3_600, due), (13 * 3_600, due), (14 * 3_600, due)],
        expected: |leg| leg.clearing.is_some() && leg.undo.is_some_and(|undo| undo.copies > 2) },
    Case { name: "an approval after the matter was closed is returned once more",
        steps: &[(55, due), (56, undone), (90, approved)],
        expected: |leg| leg.issuer == Issuer::Done && leg.owed && running(leg) },
    Case { name: "an answer with a wrong MAC proves nothing",
        steps: &[(1, || answer(b"00", None, Some(Flaw::WrongMac)))],
        expected: |leg| unknown(leg) },
    Case { name: "an answer that names another terminal proves nothing",
        steps: &[(1, || answer(b"00", None, Some(Flaw::Mismatch)))],
        expected: |leg| unknown(leg) },
    Case { name: "an approval over another amount proves nothing",
        steps: &[(1, || answer(b"00", Some(AMOUNT - YUAN), None))],
        expected: |leg| unknown(leg) },
    Case { name: "a part approval counts for the part",
        steps: &[(1, || answer(b"10", Some(40 * YUAN), None))],
        expected: |leg| leg.issuer == Issuer::Done && leg.amount.minor == 40 * YUAN },
    Case { name: "a 68 proves nothing",
        steps: &[(1, || answer(b"68", None, None))],
        expected: |leg| unknown(leg) },
    Case { name: "an approval under return is not told",
        steps: &[(1, reversed), (2, approved)],
        expected: |leg| told(leg, b"98") && leg.direction == Direction::Return && leg.undo.is_some() },
    Case { name: "an approval that could not be written is returned",
        steps: &[(1, approved), (2, || Evidence::Unwritten)],
        expected: |leg| leg.direction == Direction::Return && leg.undo.is_some() },
    Case { name: "the terminal's reversal returns it",
        steps: &[(1, approved), (2, reversed)],
        expected: |leg| leg.direction == Direction::Return && !is_approval(leg.truth(Code(*b"98"))) },
    Case { name: "the next transaction of an old model proves nothing",
        steps: &[(1, approved), (60, || Evidence::Known(Knowledge::NextTransaction))],
        expected: |leg| leg.merchant == Merchant::Told },
    Case { name: "policy decides at the day cut and not before",
        steps: &[(1, approved), (3_600, due)],
        expected: |leg| leg.merchant == Merchant::Told && hears_at_the_cut(leg) },
    Case { name: "policy decides at the day cut",
        steps: &[(1, approved), (11 * 3_600, due)],
        expected: |leg| leg.merchant == Merchant::Has && leg.knows == Some(Knowledge::Policy) },
];

pub fn what_is_in_doubt() -> Result<(), String> {
    for Case { name, steps, expected } in CASES {
        let mut payment = Payment::open()?;
        for (second, evidence) in *steps {
            payment.give(*second, &evidence())?;
        }
        let leg = payment.tally.first();
        holds(expected(leg), || {
            let Leg { issuer, merchant, direction, told, .. } = leg;
            format!("{name}: bank {issuer:?}, merchant {merchant:?}, {direction:?}, told {told:?}")
        })?;
    }
    Ok(())
}

/// Fees are rounded half up to the fen.
pub fn what_a_fee_is() -> Result<(), String> {
    // (amount, fee at sixty basis points)
    for (amount, expected) in [(83, 0), (84, 1), (1_234, 7), (1_250, 8), (10_000, 60)] {
        let fee = Money::new(amount, Currency::CNY).share(60).map_err(|error| error.to_string())?;
        holds(fee.minor == expected, || format!("of {amount} it is {}, expected {expected}", fee.minor))?;
    }
    Ok(())
}

/// A refund takes from what the merchant is owed, pending from its first commit.
pub fn what_a_refund_books() -> Result<(), String> {
    let mut payment = Payment::open()?;
    payment.give(1, &approved())?;
    payment.give(2, &Evidence::Known(Knowledge::Person))?;
    let sale = payment.tally.clone();
    payment.follow(Kind::Refund, 30 * YUAN)?;
    let postings = payment.tally.postings(Some(&sale)).map_err(|error| error.to_string())?;
    let pending: i64 = postings
        .iter()
        .filter(|posting| posting.debit == Account::Payable(TILL.merchant))
        .filter(|posting| posting.credit == Account::Receivable(LINK))
        .map(|posting| posting.pending)
        .sum();
    holds(pending == 30 * YUAN, || format!("{pending} is pending, expected {}", 30 * YUAN))
}

/// A completion uses the hold of its pre-authorisation.
pub fn what_a_completion_lets_go() -> Result<(), String> {
    let mut payment = Payment::of(Kind::PreAuth)?;
    payment.give(1, &approved())?;
    payment.follow(Kind::Completion, AMOUNT)?;
    payment.give_to(LegNo(1), 2, &approved())?;
    let halves = payment.tally.halves().map_err(|error| error.to_string())?;
    let kept = (halves.held.minor, halves.charged.minor);
    holds(kept == (0, AMOUNT), || format!("held and charged are {kept:?}"))
}

/// A payment, and what the judge needs beside it.
struct Payment {
    tally: Tally,
    supply: Counted,
}

/// Keys by counting, and no chance.
struct Counted(u32);

impl Supply for Counted {
    fn key(&mut self) -> LinkKey {
        self.0 += 1;
        LinkKey { at: NOON, stan: self.0 }
    }

    fn chance(&mut self) -> u16 {
        0
    }
}

impl Payment {
    fn open() -> Result<Payment, String> {
        Payment::of(Kind::Sale)
    }

    fn of(kind: Kind) -> Result<Payment, String> {
        let opened = Opened { kind, ..opened(1) };
        let tally = Tally::open(TallyId([1; 16]), NOON, &opened).map_err(|error| error.to_string())?;
        let mut payment = Payment { tally, supply: Counted(0) };
        payment.request(FIRST)?;
        Ok(payment)
    }

    /// A second leg upon the first.
    fn follow(&mut self, kind: Kind, amount: i64) -> Result<(), String> {
        let amount = Money::new(amount, Currency::CNY);
        let opened = Opened { kind, of: Some(FIRST), amount, ..opened(2) };
        self.apply(NOON, &Fact::Opened(Box::new(opened)))?;
        self.request(LegNo(1))
    }

    fn request(&mut self, leg: LegNo) -> Result<(), String> {
        let (key, next) = (self.supply.key(), NOON.after(Rules::default().answer_within));
        self.apply(NOON, &Fact::Requested { leg, link: LINK, key, next })
    }

    fn give(&mut self, second: i64, evidence: &Evidence) -> Result<(), String> {
        self.give_to(FIRST, second, evidence)
    }

    fn give_to(&mut self, leg: LegNo, second: i64, evidence: &Evidence) -> Result<(), String> {
        let now = NOON.after(second * 1_000);
        let facts = judge(&self.tally, leg, now, evidence, &Rules::default(), &mut self.supply);
        for fact in facts.map_err(|error| error.to_string())? {
            self.apply(now, &fact)?;
        }
        self.tally.check().map_err(|error| error.to_string())
    }

    fn apply(&mut self, now: Moment, fact: &Fact) -> Result<(), String> {
        self.tally.apply(now, fact).map_err(|error| error.to_string())
    }
}

fn opened(trace: u32) -> Opened {
    Opened {
        kind: Kind::Sale,
        of: None,
        identity: Identity { till: TILL, class: 200, batch: 1, trace },
        content: ContentHash([0; 16]),
        rrn: Rrn::new(NOON, Shard::of(TILL.merchant), u64::from(trace)),
        amount: Money::new(AMOUNT, Currency::CNY),
        takes_part: true,
        fee: 60,
        entry: "021".to_owned(),
        chip: Vec::new(),
        card: CardToken([7; 16]),
        masked: MaskedPan::new("620000", "0005", 16),
        tombstone: false,
    }
}

fn due() -> Evidence {
    Evidence::Due
}

fn approved() -> Evidence {
    answer(b"00", None, None)
}

fn reversed() -> Evidence {
    Evidence::TerminalReversed(Some(Code(*b"98")))
}

fn undone() -> Evidence {
    Evidence::ReversalAnswered(Code(*b"00"))
}

fn no_original() -> Evidence {
    Evidence::ReversalAnswered(Code(*b"25"))
}

fn answer(code: &[u8; 2], amount: Option<i64>, flaw: Option<Flaw>) -> Evidence {
    let code = Code(*code);
    let said = BankSaid { at: NOON, code, auth: None, settles: None, chip: Vec::new() };
    let amount = amount.map(|minor| Money::new(minor, Currency::CNY));
    Evidence::Answered(Answer { code, said, amount, flaw })
}

fn unknown(leg: &Leg) -> bool {
    leg.issuer == Issuer::Unknown && leg.direction == Direction::Return
}

fn running(leg: &Leg) -> bool {
    leg.undo.is_some_and(|undo| undo.state == UndoState::Running)
}

fn told(leg: &Leg, code: &[u8; 2]) -> bool {
    leg.told == Some(Code(*code))
}

fn is_approval(code: Code) -> bool {
    code == Code::APPROVED
}

/// The day is cut at 23:00, eleven hours after noon.
fn hears_at_the_cut(leg: &Leg) -> bool {
    let duties = hefu_tally::duty::duties(FIRST, leg);
    let hears = duties.iter().find(|duty| duty.kind == DutyKind::HearMerchant);
    hears.is_some_and(|duty| duty.due == NOON.after(11 * 3_600 * 1_000))
}
