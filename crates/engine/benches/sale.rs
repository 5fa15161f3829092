//! What a sale costs: request, commit, answer, commit, over the toy store. The yardstick is the plain JSON of one
//! payment, which each of the two commits writes.
//!
//! `cargo bench -p hefu-engine`

use divan::{Bencher, counter::ItemsCount};
use hefu_engine::{
    Ask, BankAnswer, BankSays, Config, Conversation, Counter, Engine, Found, Input, Load, Output, Secret,
    Transact,
};
use hefu_tally::{
    AuthCode, CardToken, Code, ContentHash, Currency, Identity, Kind, LegNo, LinkId, MaskedPan, MerchantNo,
    Moment, Money, SealedCard, Tally, TallyId, TerminalNo, Till,
};
use std::collections::VecDeque;

const LINK: LinkId = LinkId(1);
/// Terminals that take turns, and cards that they see.
const TILLS: u32 = 64;
const CARDS: u32 = 10_000;

fn main() {
    divan::main();
}

/// An engine whose store accepts everything and knows nothing: only the engine is measured.
struct Shop {
    engine: Engine,
    now: Moment,
    sales: u32,
    leased: u64,
    inputs: VecDeque<Input>,
    out: Vec<Output>,
    sent: Vec<Input>,
}

impl Shop {
    fn new() -> Shop {
        let mut shop = Shop {
            engine: Engine::new(Config::new(1, LINK), 1, 0),
            now: Moment(1_795_320_000_000),
            sales: 0,
            leased: 0,
            inputs: VecDeque::new(),
            out: Vec::new(),
            sent: Vec::new(),
        };
        shop.feed(Input::Link { link: LINK, up: true });
        shop
    }

    /// One sale from the request to the approval told; returns what the engine put out.
    fn sale(&mut self) {
        self.sales += 1;
        self.now = self.now.after(1);
        let transact = transact(self.sales);
        let till = transact.identity.till;
        let conversation = Conversation(u64::from(self.sales));
        self.feed(Input::Terminal { conversation, till, ask: Ask::Transact(Box::new(transact)) });
        let answer = self.sent.pop().expect("the request left");
        self.feed(answer);
    }

    fn feed(&mut self, input: Input) {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            self.engine.handle(self.now, input, &mut self.out);
            for output in self.out.drain(..) {
                let input = match output {
                    Output::Commit(batch) => Input::Committed { number: batch.number, refused: Vec::new() },
                    Output::Load(load) => {
                        let found = match &load {
                            Load::Duties { .. } | Load::Doubts { .. } => {
                                Found::Owing { rows: Vec::new(), last: None }
                            }
                            Load::Handles(..) => Found::Tallies(Vec::new()),
                            Load::Links => Found::Links(Vec::new()),
                            Load::Tally(..) | Load::Handle(..) | Load::Terminal(_) => Found::Nothing,
                        };
                        Input::Loaded { load, found }
                    }
                    Output::Lease(counter) => {
                        self.leased += Counter::block(counter);
                        Input::Leased { counter, first: self.leased }
                    }
                    Output::Send { message, .. } => {
                        let answer = BankAnswer {
                            what: BankSays::ToRequest,
                            de7: message.key.at.mmddhhmmss(),
                            stan: message.key.stan,
                            rrn: Some(message.rrn),
                            code: Some(Code::APPROVED),
                            mac_good: true,
                            processing: Some("000000".into()),
                            amount: Some(message.amount),
                            till: Some(message.till),
                            auth: Some(AuthCode(*b"123456")),
                            settles: Some("1122".into()),
                            balance: None,
                            chip: Vec::new(),
                        };
                        self.sent.push(Input::Bank { link: LINK, answer });
                        continue;
                    }
                    Output::Reply { .. }
                    | Output::WakeAt { .. }
                    | Output::Alarm { .. }
                    | Output::Answer { .. } => {
                        continue;
                    }
                };
                self.inputs.push_back(input);
            }
        }
    }
}

fn till(number: u32) -> Till {
    let terminal = TerminalNo::parse(format!("{:08}", 10_000_000 + number).as_bytes()).expect("eight digits");
    Till { merchant: MerchantNo(*b"898110253110001"), terminal }
}

fn transact(number: u32) -> Transact {
    let till = till(number % TILLS);
    let mut card = [0; 16];
    card[..4].copy_from_slice(&(number % CARDS).to_be_bytes());
    Transact {
        kind: Kind::Sale,
        identity: Identity { till, class: 200, batch: 1 + number / 900_000, trace: number % 900_000 },
        content: ContentHash(card),
        amount: Money::new(i64::from(number % 90_000) + 1, Currency::CNY),
        link: LINK,
        card: CardToken(card),
        sealed: SealedCard(vec![7; 64]),
        masked: MaskedPan::new("620000", "0005", 16),
        original: None,
        takes_part: false,
        entry: "021".into(),
        chip: vec![0x9F; 120],
        chip_kept: vec![0x9F; 60],
        card_sequence: Some("001".into()),
        secret: Secret { pin_block: Some([7; 8].into()), track2: None, expiry: None },
    }
}

#[divan::bench(sample_count = 200, sample_size = 100)]
fn sale(bencher: Bencher) {
    let mut shop = Shop::new();
    for _ in 0..2_000 {
        shop.sale();
    }
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| shop.sale());
}

/// The yardstick: the row of one told sale, made once and read once.
#[divan::bench]
fn json_of_one_payment(bencher: Bencher) {
    let tally = told();
    bencher.counter(ItemsCount::new(1_u32)).bench(|| {
        let row = serde_json::to_vec(divan::black_box(&tally)).expect("a JSON form");
        serde_json::from_slice::<Tally>(&row).expect("its own form")
    });
}

fn told() -> Tally {
    let mut shop = Shop::new();
    let mut out = Vec::new();
    let transact = transact(1);
    let (conversation, till) = (Conversation(1), transact.identity.till);
    let ask = Ask::Transact(Box::new(transact));
    shop.engine.handle(shop.now, Input::Terminal { conversation, till, ask }, &mut out);
    let committed = out.iter().find_map(|output| match output {
        Output::Commit(batch) => Some(batch.entries[0].state.clone()),
        _ => None,
    });
    let tally: Tally =
        serde_json::from_slice(&committed.expect("a sale is committed")).expect("its own form");
    assert_eq!((tally.next_leg(), tally.id == TallyId([0; 16])), (LegNo(1), false));
    tally
}
