//! A payment to try things on. After every step it checks what must always hold: no leg unmatched without a duty,
//! books that balance and say what the halves say, and a history that replays to the same payment.

use super::{Answer, Evidence, Flaw, Rules, Supply, judge};
use crate::{
    books::{Account, postings},
    fact::{Fact, MaskedPan, Opened, Shown},
    ids::{CardToken, Code, ContentHash, LinkId, LinkKey, MerchantNo, Rrn, Shard, TallyId, TerminalNo, Till},
    leg::{BankSaid, Direction, Identity, Issuer, Kind, LegNo, Merchant, Moves},
    money::{Currency, Money},
    tally::Tally,
    time::{Moment, SECOND},
};
use jiff::civil::date;
use std::collections::BTreeMap;

pub const LINK: LinkId = LinkId(1);
/// Sixty basis points: 60 fen of 100 yuan.
pub const FEE: u16 = 60;

#[derive(Clone)]
pub struct Scene {
    pub tally: Tally,
    pub facts: Vec<(Moment, Fact)>,
    pub rules: Rules,
    pub supply: Counted,
    start: Moment,
    books: BTreeMap<Account, (i128, i128)>,
}

/// Keys by counting, and chance that always says the same.
#[derive(Clone)]
pub struct Counted {
    pub keys: u32,
    pub chance: u16,
    now: Moment,
}

impl Supply for Counted {
    fn key(&mut self) -> LinkKey {
        self.keys += 1;
        LinkKey { at: self.now, stan: self.keys }
    }

    fn chance(&mut self) -> u16 {
        self.chance
    }
}

pub fn yuan(yuan: i64) -> Money {
    Money::new(yuan * 100, Currency::CNY)
}

pub fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

/// The bank's answer, with the amount asked.
pub fn answer(text: &str) -> Evidence {
    answer_over(text, None, None)
}

pub fn answer_over(text: &str, amount: Option<Money>, flaw: Option<Flaw>) -> Evidence {
    let code = code(text);
    let said = BankSaid { at: Moment(0), code, auth: None, settles: None, chip: Vec::new() };
    Evidence::Answered(Answer { code, said, amount, flaw })
}

pub fn reversal(text: &str) -> Evidence {
    Evidence::ReversalAnswered(code(text))
}

fn opened(kind: Kind, of: Option<LegNo>, amount: Money, number: u32) -> Opened {
    let merchant = MerchantNo(*b"898110253110001");
    let till = Till { merchant, terminal: TerminalNo(*b"10000001") };
    Opened {
        kind,
        of,
        identity: Identity { till, class: 200, batch: 1, trace: number },
        content: ContentHash([0; 16]),
        rrn: Rrn::new(Moment(0), Shard::of(merchant), u64::from(number)),
        amount,
        takes_part: false,
        fee: FEE,
        entry: "021".into(),
        chip: Vec::new(),
        card: CardToken([7; 16]),
        masked: MaskedPan::new("620000", "0005", 16),
        tombstone: false,
    }
}

impl Scene {
    /// A payment over 100 yuan whose request left at noon.
    pub fn of(kind: Kind) -> Scene {
        Scene::at(kind, 12 * 3_600, |_| {})
    }

    /// One whose request left so many seconds after midnight; `shape` may change how it is opened.
    pub fn at(kind: Kind, seconds: i64, shape: impl FnOnce(&mut Opened)) -> Scene {
        let midnight = Moment::from_beijing(date(2026, 11, 22).at(0, 0, 0, 0)).unwrap();
        let start = midnight.after(seconds * SECOND);
        let mut first = opened(kind, None, yuan(100), 1);
        shape(&mut first);
        let tally = Tally::open(TallyId([1; 16]), start, &first).unwrap();
        let mut scene = Scene {
            tally,
            facts: vec![(start, Fact::Opened(Box::new(first.clone())))],
            rules: Rules::default(),
            supply: Counted { keys: 0, chance: 0, now: start },
            start,
            books: BTreeMap::new(),
        };
        if !first.tombstone {
            scene.request(0, LegNo(0));
        }
        scene
    }

    /// Another leg whose request leaves at once.
    pub fn follow(&mut self, seconds: i64, kind: Kind, of: LegNo, amount: Money) -> LegNo {
        let no = self.tally.next_leg();
        let fact = Fact::Opened(Box::new(opened(kind, Some(of), amount, u32::from(no.0) + 1)));
        let now = self.moment(seconds);
        self.tally.apply(now, &fact).unwrap();
        self.facts.push((now, fact));
        self.request(seconds, no);
        no
    }

    fn request(&mut self, seconds: i64, leg: LegNo) {
        let now = self.moment(seconds);
        self.supply.now = now;
        let (key, next) = (self.supply.key(), now.after(self.rules.answer_within));
        self.record(now, vec![Fact::Requested { leg, link: LINK, key, next }]);
    }

    pub fn moment(&self, seconds: i64) -> Moment {
        self.start.after(seconds * SECOND)
    }

    /// Evidence, so many seconds after the start; gives back what followed.
    pub fn give(&mut self, seconds: i64, leg: LegNo, evidence: &Evidence) -> Vec<Fact> {
        let now = self.moment(seconds);
        self.supply.now = now;
        let mut evidence = evidence.clone();
        if let Evidence::Answered(answer) = &mut evidence {
            answer.said.at = now;
        }
        let facts = judge(&self.tally, leg, now, &evidence, &self.rules, &mut self.supply).unwrap();
        self.record(now, facts.clone());
        facts
    }

    /// A fact that no evidence about this leg alone brings about.
    pub fn put(&mut self, seconds: i64, fact: Fact) {
        self.record(self.moment(seconds), vec![fact]);
    }

    fn record(&mut self, now: Moment, facts: Vec<Fact>) {
        let before = self.tally.clone();
        let stands = |fact: &Fact| matches!(fact, Fact::Shown { shown: Shown::Stands, .. });
        let shown = facts.iter().any(stands);
        for fact in &facts {
            self.tally.apply(now, fact).unwrap_or_else(|error| panic!("{error}, by {fact:?} of {facts:?}"));
        }
        self.facts.extend(facts.into_iter().map(|fact| (now, fact)));
        self.tally.check().unwrap_or_else(|error| panic!("{error}: {:?}", self.facts));
        for posting in postings(Some(&before), &self.tally).unwrap() {
            assert!(posting.posted >= 0 && posting.debit != posting.credit, "{posting:?}");
            self.book(posting.debit, posting.pending, posting.posted);
            self.book(posting.credit, -posting.pending, -posting.posted);
        }
        self.check_books();
        for ((_, was), (no, is)) in before.legs().zip(self.tally.legs()) {
            let back = was.direction == Direction::Return && is.direction != Direction::Return;
            assert!(!back || shown, "leg {no:?} came back from return: {:?}", self.facts);
        }
        let history = self.facts.iter().map(|(at, fact)| (*at, fact));
        assert_eq!(Tally::replay(self.tally.id, history).unwrap(), self.tally, "replay");
        let json = serde_json::to_vec(&self.tally).unwrap();
        assert_eq!(serde_json::from_slice::<Tally>(&json).unwrap(), self.tally, "stored and read");
    }

    fn book(&mut self, account: Account, pending: i64, posted: i64) {
        let sums = self.books.entry(account).or_default();
        *sums = (sums.0 + i128::from(pending), sums.1 + i128::from(posted));
    }

    /// Debits less credits of an account: pending and posted minor units.
    pub fn balance(&self, account: Account) -> (i128, i128) {
        self.books.get(&account).copied().unwrap_or_default()
    }

    /// The running sums are what the halves stand for, and what is at risk is what is unmatched.
    fn check_books(&self) {
        let total = self.books.values().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        assert_eq!(total, (0, 0), "debits and credits");
        let mut fresh = BTreeMap::<Account, (i128, i128)>::new();
        for posting in postings(None, &self.tally).unwrap() {
            for (account, sign) in [(posting.debit, 1), (posting.credit, -1)] {
                let sums = fresh.entry(account).or_default();
                *sums =
                    (sums.0 + sign * i128::from(posting.pending), sums.1 + sign * i128::from(posting.posted));
            }
        }
        for (account, sums) in &self.books {
            assert_eq!(fresh.get(account).copied().unwrap_or_default(), *sums, "{account}: {:?}", self.facts);
        }
        let halves = self.tally.halves().unwrap();
        let net = halves.charged.minus(halves.returned).unwrap().minor;
        assert_eq!(self.balance(Account::Receivable(LINK)).1, i128::from(net), "{:?}", self.facts);
        assert_eq!(self.balance(Account::Held(LINK)).1, i128::from(halves.held.minor));
        assert_eq!(
            -self.balance(Account::AtRisk).1,
            self.sum(Moves::Charge, Merchant::Has),
            "{:?}",
            self.facts
        );
        assert_eq!(self.balance(Account::ReturnsAtRisk).1, self.sum(Moves::GiveBack, Merchant::Has));
        let owing = self.tally.legs().any(|(_, leg)| leg.owed);
        assert!(owing || net >= 0, "more given back than taken: {:?}", self.facts);
    }

    /// What legs of this movement did at the bank that their merchant's half does not have, and nobody is owed.
    fn sum(&self, moves: Moves, known: Merchant) -> i128 {
        let legs = self.tally.legs().map(|(_, leg)| leg).filter(|leg| leg.kind.moves() == moves);
        let legs = legs.filter(|leg| leg.issuer == Issuer::Done && leg.merchant != known);
        legs.filter(|leg| moves != Moves::Charge || !leg.owed).map(|leg| i128::from(leg.amount.minor)).sum()
    }
}
