//! Sales per second through real sockets: terminals, switch, a node that decides nothing, and a bank that approves.
//! All of them share the machine. Beside it, as the yardstick, the same connections with nothing but an echo.
//!
//! `cargo bench -p hefu-switch -- 64 50000` for 64 terminals and 50,000 sales; the defaults are smaller.

use hefu_engine::{Ask, BankAsk, BankRequest, Conversation, Input, Output, Reply, Said, Words};
use hefu_iso8583::{
    CUP_POS, HOST_LINK, Message, Mti,
    frame::{PosHeader, Tpdu, join_pos, put_frame},
    mac_input, put_mac,
};
use hefu_node::clock::ScaledClock;
use hefu_switch::{
    host::{HostConfig, MerchantProfile},
    net::{Busy, Door, LinkConfig, Switch, SwitchConfig},
    pos::{PosConfig, TillConfig},
};
use hefu_tally::{Code, LinkId, LinkKey, MerchantNo, Money, Rrn, TerminalNo, Till};
use hefu_vault::{
    Dice, KeyLayout, LinkKeys, LinkName, MacMethod, MasterKey, TdesKey, TerminalName, Vault, unpack_f62,
};
use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
    time::Instant,
};

const MERCHANT: &str = "898110253110001";
const MASTER: &str = "0123456789ABCDEFFEDCBA9876543210";
const ZPK: &str = "1111111111111111A2A2A2A2A2A2A2A2";
const ZAK: &str = "B3B3B3B3B3B3B3B3C4C4C4C4C4C4C4C4";

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let numbers: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let (terminals, sales) = match numbers[..] {
        [terminals, sales, ..] => (terminals, sales),
        _ => (64, 20_000),
    };
    let echo = serve_echo()?;
    report("echo", terminals, sales, &|n, each| bare(echo, n, each))?;

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (switch, inputs) = runtime.block_on(start(terminals, serve_bank()?))?;
    let outbox = switch.outbox();
    let (up, is_up) = mpsc::channel();
    thread::spawn(move || node(&outbox, &inputs, &up));
    is_up.recv()?;
    let address = switch.address();
    report("sales", terminals, sales, &|n, each| terminal(address, n, each))
}

/// Runs `one` for each terminal in a thread of its own, and prints how fast all were.
fn report(
    what: &str,
    terminals: usize,
    sales: usize,
    one: &(dyn Fn(usize, usize) -> Outcome<()> + Sync),
) -> Outcome<()> {
    let started = Instant::now();
    thread::scope(|scope| {
        let all: Vec<_> = (0..terminals).map(|n| scope.spawn(move || one(n, sales / terminals))).collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| "a terminal panicked")?)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {:.0} a second over {terminals} connections", sales as f64 / seconds);
    Ok(())
}

struct Counting(u64);

impl Dice for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

struct ToNode(mpsc::Sender<Input>);

impl Door for ToNode {
    fn submit(&self, input: Input) -> Result<(), Busy> {
        self.0.send(input).map_err(|input| Busy(Box::new(input.0)))
    }
}

fn till(n: usize) -> Outcome<Till> {
    let terminal = TerminalNo::parse(format!("{:08}", 10_000_001 + n).as_bytes())?;
    Ok(Till { merchant: MerchantNo::parse(MERCHANT.as_bytes())?, terminal })
}

async fn start(terminals: usize, bank: SocketAddr) -> Outcome<(Switch, mpsc::Receiver<Input>)> {
    let name = LinkName::parse("bank")?;
    let mut vault = Vault::new(MasterKey::from_hex(&"5A".repeat(32))?);
    let keys = LinkKeys { pin: TdesKey::from_hex(ZPK)?, mac: TdesKey::from_hex(ZAK)? };
    vault.set_link(name.clone(), keys, MacMethod::X919);
    let mut tills = BTreeMap::new();
    for n in 0..terminals {
        let till = till(n)?;
        let terminal = TerminalName { merchant: till.merchant.0, terminal: till.terminal.0 };
        vault.set_terminal_master(terminal, TdesKey::from_hex(MASTER)?, MacMethod::Ecb);
        tills.insert(till, TillConfig::new(name.clone()));
    }
    let merchants = Arc::new([(till(0)?.merchant, MerchantProfile::new("Hefu Test Store", "5411")?)].into());
    let host = HostConfig { merchants, ..HostConfig::new(LinkId(1), name, "48010000", "48010000") };
    let links = vec![LinkConfig::new(&bank.to_string(), host)];
    let config = SwitchConfig::new("127.0.0.1:0".parse()?, PosConfig::new(tills, "48010000"), links);
    let (sender, inputs) = mpsc::channel();
    let clock = ScaledClock::new(ScaledClock::wall(), 1);
    let door = Arc::new(ToNode(sender));
    Ok((Switch::start(config, vault, Box::new(Counting(1)), clock, door).await?, inputs))
}

/// Sends every sale to the bank and tells every answer, in the batches in which they come.
fn node(outbox: &hefu_switch::net::Outbox, inputs: &mpsc::Receiver<Input>, up: &mpsc::Sender<()>) {
    let mut waiting: BTreeMap<u32, Conversation> = BTreeMap::new();
    let mut stan = 0;
    while let Ok(first) = inputs.recv() {
        let mut outputs = Vec::new();
        for input in std::iter::once(first).chain(inputs.try_iter()) {
            match input {
                Input::Terminal { conversation, ask: Ask::SignOn(sign_on), .. } => {
                    let what = Said::SignOn { f62: sign_on.f62, batch: 1 };
                    let reply = Box::new(Reply::new(ScaledClock::wall(), what));
                    outputs.push(Output::Reply { conversation, reply });
                }
                Input::Terminal { conversation, till, ask: Ask::Transact(transact) } => {
                    stan = stan % 900_000 + 1;
                    waiting.insert(stan, conversation);
                    let message = BankRequest {
                        what: BankAsk::Request,
                        kind: transact.kind,
                        key: LinkKey { at: ScaledClock::wall(), stan },
                        rrn: Rrn(*b"632600000001"),
                        till,
                        amount: transact.amount,
                        card: transact.card,
                        sealed: Some(transact.sealed),
                        entry: transact.entry,
                        card_sequence: None,
                        auth: None,
                        original: None,
                        chip: Vec::new(),
                        secret: Some(transact.secret),
                    };
                    outputs.push(Output::Send { link: LinkId(1), message: Box::new(message) });
                }
                Input::Bank { answer, .. } => {
                    let Some(conversation) = waiting.remove(&answer.stan) else { continue };
                    let what = Said::Transaction {
                        code: answer.code.unwrap_or(Code(*b"98")),
                        words: Words::Code,
                        rrn: answer.rrn,
                        amount: answer.amount.unwrap_or(Money::new(1, hefu_tally::Currency::CNY)),
                        auth: answer.auth,
                        settles: answer.settles,
                        chip: Vec::new(),
                        balance: None,
                    };
                    let reply = Box::new(Reply::new(ScaledClock::wall(), what));
                    outputs.push(Output::Reply { conversation, reply });
                }
                Input::Link { up: true, .. } => drop(up.send(())),
                _ => {}
            }
        }
        outbox.deliver(outputs);
    }
}

/// One terminal: signs on, then so many sales, one after the other.
fn terminal(address: SocketAddr, n: usize, sales: usize) -> Outcome<()> {
    let mut line = Line::connect(address)?;
    let till = till(n)?;
    let mut sign_on = Message::new(Mti(800));
    sign_on.set(11, "000001").set(60, "00000000003").set(63, "001");
    let answer = CUP_POS.decode(&line.ask(&framed(sign_on, till, None)?)?[11..])?;
    let f62 = answer.get(62).ok_or("no keys")?;
    let keys = unpack_f62(KeyLayout::Double003, &TdesKey::from_hex(MASTER)?, f62)?;
    for trace in 0..sales {
        let mut sale = Message::new(Mti(200));
        sale.set(3, "000000")
            .set(4, "000000012345")
            .set(11, format!("{:06}", trace % 1_000_000))
            .set(22, "022");
        sale.set(25, "00").set(35, "6200000000000005D30122201234").set(49, "156").set(60, "22000001000");
        let answer = CUP_POS.decode(&line.ask(&framed(sale, till, Some(&keys.mac))?)?[11..])?;
        if answer.text(39) != Some("00") {
            return Err(format!("{answer:?}").into());
        }
    }
    Ok(())
}

fn framed(mut message: Message, till: Till, key: Option<&TdesKey>) -> Outcome<Vec<u8>> {
    message.set(41, till.terminal.0).set(42, till.merchant.0);
    if key.is_some() {
        message.set(64, [0; 8]);
    }
    let mut body = Vec::new();
    CUP_POS.encode(&message, &mut body)?;
    if let Some(key) = key {
        let mac = MacMethod::Ecb.compute(key, mac_input(&body));
        put_mac(&mut body, mac);
    }
    let tpdu = Tpdu { destination: [0, 3], source: [0, 1] };
    let header = PosHeader {
        application_class: 60,
        software_version: 31,
        terminal_state: 0,
        demand: Default::default(),
        reserved: [0; 3],
    };
    let mut frame = Vec::new();
    join_pos(&tpdu, &header, &body, &mut frame);
    Ok(frame)
}

/// A connection that sends a frame and waits for one.
struct Line {
    write: TcpStream,
    read: BufReader<TcpStream>,
}

impl Line {
    fn new(stream: TcpStream) -> Outcome<Line> {
        stream.set_nodelay(true)?;
        Ok(Line { write: stream.try_clone()?, read: BufReader::new(stream) })
    }

    fn connect(address: SocketAddr) -> Outcome<Line> {
        Line::new(TcpStream::connect(address)?)
    }

    fn ask(&mut self, frame: &[u8]) -> Outcome<Vec<u8>> {
        self.send(frame)?;
        self.receive()
    }

    fn send(&mut self, frame: &[u8]) -> Outcome<()> {
        let mut bytes = Vec::with_capacity(frame.len() + 2);
        put_frame(frame, &mut bytes)?;
        Ok(self.write.write_all(&bytes)?)
    }

    fn receive(&mut self) -> Outcome<Vec<u8>> {
        let mut length = [0; 2];
        self.read.read_exact(&mut length)?;
        let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
        self.read.read_exact(&mut frame)?;
        Ok(frame)
    }
}

/// A bank that approves everything.
fn serve_bank() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let key = TdesKey::from_hex(ZAK)?;
    thread::spawn(move || -> Outcome<()> {
        let mut line = Line::new(listener.accept()?.0)?;
        loop {
            let request = HOST_LINK.decode(&line.receive()?)?;
            let mut answer = Message::new(Mti(request.mti.0 + 10));
            for field in [2, 3, 4, 7, 11, 32, 33, 37, 41, 42, 49, 70] {
                if let Some(value) = request.get(field) {
                    answer.set(field, value);
                }
            }
            answer.set(38, "654321").set(39, "00").set(128, [0; 8]);
            let mut body = Vec::new();
            HOST_LINK.encode(&answer, &mut body)?;
            let mac = MacMethod::X919.compute(&key, mac_input(&body));
            put_mac(&mut body, mac);
            line.send(&body)?;
        }
    });
    Ok(address)
}

fn serve_echo() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || -> Outcome<()> {
        loop {
            let mut line = Line::new(listener.accept()?.0)?;
            thread::spawn(move || -> Outcome<()> {
                loop {
                    let frame = line.receive()?;
                    line.send(&frame)?;
                }
            });
        }
    });
    Ok(address)
}

fn bare(address: SocketAddr, _: usize, rounds: usize) -> Outcome<()> {
    let mut line = Line::connect(address)?;
    (0..rounds).try_for_each(|_| line.ask(&[7; 150]).map(drop))
}
