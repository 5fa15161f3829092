//! The players: a node that takes inputs, a terminal, a bank.

use super::super::{Busy, Door, LinkConfig, Outbox, Switch, SwitchConfig, TerminalLimits};
use crate::{link_state::LinkTimes, testing::*};
use hefu_engine::{Ask, BankAsk, BankRequest, Conversation, Input, Output, Reply, Said, SignOn, Transact};
use hefu_iso8583::{
    HOST_LINK, Message, Mti,
    frame::{Framer, put_frame},
    mac_input, put_mac,
};
use hefu_node::clock::ScaledClock;
use hefu_tally::{LinkKey, Moment, Rrn, Till};
use hefu_vault::{KeyLayout, MacMethod, TdesKey, unpack_f62};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// Nothing in these tests takes so long unless it never happens.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not happen"))
}

/// A node that keeps what it is given, or has no time.
pub(super) struct TestDoor {
    inputs: mpsc::UnboundedSender<Input>,
    pub busy: AtomicBool,
}

impl Door for TestDoor {
    fn submit(&self, input: Input) -> Result<(), Busy> {
        // Notes pass, so that a test sees what was noted meanwhile.
        if self.busy.load(Ordering::SeqCst) && !matches!(input, Input::Note { .. }) {
            return Err(Busy(Box::new(input)));
        }
        self.inputs.send(input).map_err(|input| Busy(Box::new(input.0)))
    }
}

/// A switch with its node's side in the test's hands.
pub(super) struct Scene {
    pub switch: Switch,
    pub outbox: Outbox,
    pub door: Arc<TestDoor>,
    inputs: mpsc::UnboundedReceiver<Input>,
}

impl Scene {
    /// With limits that a test can wait for, and a link to `bank` if there is one.
    pub async fn new(bank: Option<SocketAddr>) -> Scene {
        Scene::with(bank, |_| {}).await
    }

    pub async fn with(bank: Option<SocketAddr>, change: impl FnOnce(&mut SwitchConfig)) -> Scene {
        let times = LinkTimes {
            echo_after: 400,
            answer_within: 400,
            misses: 3,
            backoff_first: 50,
            backoff_most: 200,
        };
        let link =
            |bank: SocketAddr| LinkConfig { times, ..LinkConfig::new(&bank.to_string(), host_config()) };
        let links = bank.into_iter().map(link).collect();
        let mut config = SwitchConfig::new("127.0.0.1:0".parse().unwrap(), pos_config(), links);
        change(&mut config);
        let (sender, inputs) = mpsc::unbounded_channel();
        let door = Arc::new(TestDoor { inputs: sender, busy: AtomicBool::new(false) });
        let clock = ScaledClock::new(ScaledClock::wall(), 1);
        let switch = Switch::start(config, vault(), Box::new(Seeded(4)), clock, door.clone()).await.unwrap();
        Scene { outbox: switch.outbox(), switch, door, inputs }
    }

    /// The next input that is no note.
    pub async fn input(&mut self) -> Input {
        loop {
            match soon("an input", self.inputs.recv()).await.unwrap() {
                Input::Note { .. } => {}
                input => return input,
            }
        }
    }

    /// An input that is no note, if one comes within a moment.
    pub async fn try_input(&mut self) -> Option<Input> {
        loop {
            match timeout(Duration::from_millis(50), self.inputs.recv()).await.ok()?? {
                Input::Note { .. } => {}
                input => return Some(input),
            }
        }
    }

    /// Counts the notes of the next moment.
    pub async fn count_notes(&mut self) -> usize {
        let mut count = 0;
        while let Ok(Some(input)) = timeout(Duration::from_millis(200), self.inputs.recv()).await {
            count += usize::from(matches!(input, Input::Note { .. }));
        }
        count
    }

    /// Waits for a note of this kind.
    pub async fn noted(&mut self, kind: &str) {
        loop {
            match soon(kind, self.inputs.recv()).await.unwrap() {
                Input::Note { note, .. } if note.kind == kind => return,
                _ => {}
            }
        }
    }

    pub async fn link(&mut self, expected: bool) {
        match self.input().await {
            Input::Link { link: LINK, up } => assert_eq!(up, expected),
            _ => panic!("the link says nothing"),
        }
    }

    pub async fn asked(&mut self) -> (Conversation, Ask) {
        match self.input().await {
            Input::Terminal { conversation, ask, .. } => (conversation, ask),
            _ => panic!("no terminal asks"),
        }
    }

    pub async fn transact(&mut self) -> (Conversation, Transact) {
        match self.asked().await {
            (conversation, Ask::Transact(transact)) => (conversation, *transact),
            _ => panic!("not a transaction"),
        }
    }

    pub fn reply(&self, conversation: Conversation, what: Said) {
        let reply = Box::new(Reply::new(ScaledClock::wall(), what));
        let others = self.outbox.deliver(vec![Output::Reply { conversation, reply }]);
        assert!(others.is_empty());
    }

    pub fn send(&self, message: BankRequest) {
        let others = self.outbox.deliver(vec![Output::Send { link: LINK, message: Box::new(message) }]);
        assert!(others.is_empty());
    }

    /// A terminal that is connected, signed on if `signed_on`.
    pub async fn terminal(&mut self, n: u32) -> Terminal {
        let stream = TcpStream::connect(self.switch.address()).await.unwrap();
        let mut terminal = Terminal { stream, framer: Framer::new(4096), till: till(n), mac: None };
        terminal.send(&sign_on()).await;
        let (conversation, Ask::SignOn(SignOn { f62, .. })) = self.asked().await else {
            panic!("a sign-on asks for a sign-on")
        };
        self.reply(conversation, Said::SignOn { f62, batch: 2 });
        let answer = terminal.answer().await;
        let master = TdesKey::from_hex("0123456789ABCDEFFEDCBA9876543210").unwrap();
        let keys = unpack_f62(KeyLayout::Double003, &master, answer.get(62).unwrap()).unwrap();
        terminal.mac = Some(keys.mac);
        terminal
    }
}

/// Limits of terminals that a test can wait for.
pub(super) fn short(config: &mut SwitchConfig) {
    config.terminals = TerminalLimits { frame_within: 300, write_within: 300, ..TerminalLimits::default() };
}

pub(super) struct Terminal {
    pub stream: TcpStream,
    framer: Framer,
    till: Till,
    mac: Option<TdesKey>,
}

impl Terminal {
    pub fn bytes(&self, message: &Message) -> Vec<u8> {
        let mut message = message.clone();
        message.set(41, self.till.terminal.0);
        let maced = !matches!(message.mti.0, 800 | 820);
        let mac = self.mac.as_ref().filter(|_| maced).map(|key| (MacMethod::Ecb, key));
        let mut bytes = Vec::new();
        put_frame(&frame_of(&message, mac), &mut bytes).unwrap();
        bytes
    }

    pub async fn send(&mut self, message: &Message) {
        let bytes = self.bytes(message);
        self.stream.write_all(&bytes).await.unwrap();
    }

    pub async fn answer(&mut self) -> Message {
        let frame = frame(&mut self.stream, &mut self.framer).await.expect("the line is open");
        message_of(&frame)
    }

    /// Waits until the switch closes the connection.
    pub async fn closed(&mut self) {
        soon("the end of the line", async {
            let mut buffer = [0; 4096];
            while self.stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        })
        .await;
    }
}

/// A bank that does nothing by itself but answer sign-ons and echoes, as long as it is told to.
pub(super) struct Bank {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Bank {
    pub async fn new() -> Bank {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Bank { listener, address }
    }

    /// The switch's next connection, not signed on.
    pub async fn called(&self) -> Call {
        let (stream, _) = soon("a call", self.listener.accept()).await.unwrap();
        Call { stream, framer: Framer::new(4096) }
    }

    /// The switch's next connection, after its sign-on.
    pub async fn signed_on(&self, scene: &mut Scene) -> Call {
        let mut call = self.called().await;
        let sign_on = call.message().await;
        assert_eq!((sign_on.mti, sign_on.text(70)), (Mti(820), Some("001")));
        call.answer(&sign_on, "00").await;
        scene.link(true).await;
        call
    }
}

pub(super) struct Call {
    pub stream: TcpStream,
    framer: Framer,
}

impl Call {
    pub async fn message(&mut self) -> Message {
        HOST_LINK.decode(&frame(&mut self.stream, &mut self.framer).await.expect("the call lasts")).unwrap()
    }

    /// The next message that is no echo; echoes are answered.
    pub async fn request(&mut self) -> Message {
        loop {
            let message = self.message().await;
            if message.mti != Mti(820) {
                return message;
            }
            self.answer(&message, "00").await;
        }
    }

    pub async fn answer(&mut self, request: &Message, code: &str) {
        let mut answer = request.clone();
        answer.mti = Mti(request.mti.0 / 10 * 10 + 10);
        for field in [12, 13, 14, 18, 22, 23, 25, 26, 35, 43, 52, 53, 55, 60, 90] {
            answer.remove(field);
        }
        answer.set(39, code).set(128, [0; 8]);
        let mut body = Vec::new();
        HOST_LINK.encode(&answer, &mut body).unwrap();
        let mac = MacMethod::X919.compute(&bank_keys().mac, mac_input(&body));
        put_mac(&mut body, mac);
        let mut bytes = Vec::new();
        put_frame(&body, &mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    pub async fn is_closed(&mut self) {
        soon("the end of the call", async {
            while frame(&mut self.stream, &mut self.framer).await.is_some() {}
        })
        .await;
    }
}

async fn frame(stream: &mut TcpStream, framer: &mut Framer) -> Option<Vec<u8>> {
    soon("a frame", async {
        loop {
            if let Some(frame) = framer.next().unwrap() {
                return Some(frame);
            }
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => framer.push(&buffer[..count]),
            }
        }
    })
    .await
}

/// The bank's request of a sale that a terminal asked for.
pub(super) fn bank_request(transact: &Transact, stan: u32) -> BankRequest {
    let Transact { kind, identity, amount, card, sealed, entry, chip, secret, .. } = transact.clone();
    BankRequest {
        what: BankAsk::Request,
        kind,
        key: LinkKey { at: Moment(NOW.0), stan },
        rrn: Rrn::parse(b"6326ABCD1234").unwrap(),
        till: identity.till,
        amount,
        card,
        sealed: Some(sealed),
        entry,
        card_sequence: None,
        auth: None,
        original: None,
        chip,
        secret: Some(secret),
    }
}
