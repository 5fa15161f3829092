//! The fault-injecting proxy: real sockets on both sides, and what the seed says in between.

use super::{
    chance::Chance,
    fate::{Fate, Fault, Line, Silence, Struck, Way, lasts},
};
use crate::Failure;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

/// Connections at one time; more are closed as they come.
const CONNECTIONS: usize = 512;
/// Pieces that may be under way in one direction; whoever sends more waits.
const PIECES: usize = 1_024;
/// Bytes read at once: a piece at most.
const PIECE: usize = 4_096;
/// However fast scaled time passes, the other side gets this much to take a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// A connection on which nothing passes in either direction is dropped after this, in stated milliseconds.
const SILENT_MOST: u64 = 240_000;

/// What every line shares.
#[derive(Clone)]
pub struct Weather {
    pub seed: u64,
    pub scale: u32,
    pub struck: Arc<Struck>,
    /// The faults have stopped.
    calm: Arc<AtomicBool>,
    hang_up: watch::Sender<u64>,
    /// What was read last, on which line and which way.
    passing: watch::Sender<(Line, Way)>,
}

impl Weather {
    pub fn new(seed: u64, scale: u32) -> Weather {
        let (hang_up, _) = watch::channel(0);
        let (passing, _) = watch::channel((Line::Terminals, Way::Up));
        Weather {
            seed,
            scale,
            struck: Arc::new(Struck::default()),
            calm: Arc::new(AtomicBool::new(false)),
            hang_up,
            passing,
        }
    }

    /// Waits until something is read on this line, this way: the moment at which one side has sent.
    pub async fn passes(&self, line: Line, way: Way) {
        let mut passing = self.passing.subscribe();
        while passing.changed().await.is_ok() && *passing.borrow_and_update() != (line, way) {}
    }

    /// From now on nothing goes wrong. All connections are hung up, since some of them are dead without a sign.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::SeqCst);
        self.hang_up.send_modify(|times| *times += 1);
    }

    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }
}

/// A listening proxy; it stops when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Listens at `listen` for one side and dials `upstream` for each connection.
    pub async fn start(
        listen: SocketAddr,
        upstream: SocketAddr,
        line: Line,
        weather: Weather,
    ) -> Result<Proxy, Failure> {
        let listener = TcpListener::bind(listen).await.map_err(Failure::found)?;
        let address = listener.local_addr().map_err(Failure::found)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, upstream, line, weather));
        Ok(Proxy { address, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener, upstream: SocketAddr, line: Line, weather: Weather) {
    let mut connections = JoinSet::new();
    for number in 0_u64.. {
        let dialled = loop {
            match listener.accept().await {
                Ok((stream, _)) => break stream,
                // No file descriptors left: wait until a connection ends.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            continue;
        }
        let weather = weather.clone();
        let mut hang_up = weather.hang_up.subscribe();
        connections.spawn(async move {
            tokio::select! {
                () = carry(dialled, upstream, line, number, weather) => {}
                _ = hang_up.changed() => {}
            }
        });
    }
}

/// One connection, to its end. Dropping both streams closes both.
async fn carry(dialled: TcpStream, upstream: SocketAddr, line: Line, number: u64, weather: Weather) {
    let Ok(Ok(reached)) = timeout(CONNECT, TcpStream::connect(upstream)).await else { return };
    if dialled.set_nodelay(true).is_err() || reached.set_nodelay(true).is_err() {
        return;
    }
    let mut chance = Chance::of(weather.seed, line.name(), number);
    let (silence, fault) = match weather.is_calm() {
        true => (Silence::default(), None),
        false => Silence::draw(&mut chance, line),
    };
    let cut = Arc::new(Notify::new());
    let direction = |way: Way| Direction {
        line,
        way,
        silent_from: silence.from(way),
        silence: fault,
        chance: Chance::of(weather.seed, &format!("{} {way:?}", line.name()), number),
        weather: weather.clone(),
        cut: Arc::clone(&cut),
    };
    let (up, down) = (direction(Way::Up), direction(Way::Down));
    let (from_dialler, to_dialler) = dialled.into_split();
    let (from_reached, to_reached) = reached.into_split();
    let both = async { tokio::join!(up.run(from_dialler, to_reached), down.run(from_reached, to_dialler)) };
    tokio::select! {
        _ = both => {}
        () = cut.notified() => {}
        () = tokio::time::sleep(lasts(SILENT_MOST, weather.scale)), if fault.is_some() => {}
    }
}

/// One direction of a connection.
struct Direction {
    line: Line,
    way: Way,
    silent_from: Option<u64>,
    silence: Option<Fault>,
    chance: Chance,
    weather: Weather,
    cut: Arc<Notify>,
}

/// Something that arrives at its time: bytes, in so many parts.
struct Piece {
    due: Instant,
    bytes: Vec<u8>,
    parts: u8,
    /// Nothing after this piece arrives, and both sides see it.
    cut: bool,
}

impl Direction {
    async fn run(mut self, mut from: OwnedReadHalf, to: OwnedWriteHalf) {
        let (pieces, arriving) = mpsc::channel(PIECES);
        let scale = self.weather.scale;
        let cut = Arc::clone(&self.cut);
        tokio::join!(self.read(&mut from, pieces), write(to, arriving, scale, &cut));
    }

    /// Reads pieces and decides what becomes of each. The end of the stream passes like a piece.
    async fn read(&mut self, from: &mut OwnedReadHalf, pieces: mpsc::Sender<Piece>) {
        let mut last = Instant::now();
        let mut bytes = vec![0; PIECE];
        for number in 0_u64.. {
            let read = from.read(&mut bytes).await.unwrap_or(0);
            if read > 0 {
                self.weather.passing.send_replace((self.line, self.way));
            }
            let silent = self.silent_from.is_some_and(|first| number >= first) && !self.weather.is_calm();
            if silent {
                if let (Some(fault), true) = (self.silence, self.silent_from == Some(number)) {
                    self.weather.struck.count(fault);
                }
                if read == 0 {
                    // The end is not seen by the other side either: until somebody hangs up.
                    std::future::pending::<()>().await;
                }
                continue;
            }
            if read == 0 {
                return;
            }
            let Some(piece) = self.decide(&bytes[..read], last) else { continue };
            last = piece.due;
            if pieces.send(piece).await.is_err() {
                return;
            }
        }
    }

    fn decide(&mut self, bytes: &[u8], last: Instant) -> Option<Piece> {
        let fate = match self.weather.is_calm() {
            true => Fate::Passes,
            false => Fate::draw(&mut self.chance, self.line),
        };
        if let Some(fault) = fate.fault() {
            self.weather.struck.count(fault);
        }
        let now = Instant::now().max(last);
        let scale = self.weather.scale;
        let mut piece = Piece { due: now, bytes: bytes.to_vec(), parts: 1, cut: false };
        match fate {
            Fate::Passes => {}
            // Counted from when it came, so that delays do not add up beyond the longest.
            Fate::Late(stated) | Fate::Waits(stated) => {
                piece.due = now.max(Instant::now() + lasts(stated, scale))
            }
            Fate::InPieces(parts) => piece.parts = parts,
            Fate::Lost => return None,
            Fate::Garbled => {
                let at = self.chance.below(piece.bytes.len() as u64) as usize;
                piece.bytes[at] ^= 1 << self.chance.below(8);
            }
            Fate::Cut => {
                // Some of it still arrives.
                let arrives = self.chance.below(piece.bytes.len() as u64 + 1) as usize;
                piece.bytes.truncate(arrives);
                piece.cut = true;
            }
        }
        Some(piece)
    }
}

/// Writes what has arrived, pieces that are due together in one write.
async fn write(mut to: OwnedWriteHalf, mut arriving: mpsc::Receiver<Piece>, scale: u32, cut: &Notify) {
    let mut waiting: VecDeque<Piece> = VecDeque::new();
    while let Some(first) = next(&mut waiting, &mut arriving).await {
        sleep_until(first.due).await;
        while let Ok(piece) = arriving.try_recv() {
            waiting.push_back(piece);
        }
        let mut bytes = first.bytes;
        let (parts, mut ends) = (first.parts, first.cut);
        let now = Instant::now();
        while !ends && parts == 1 && waiting.front().is_some_and(|next| next.due <= now && next.parts == 1) {
            let Some(next) = waiting.pop_front() else { break };
            bytes.extend(next.bytes);
            ends = next.cut;
        }
        if put(&mut to, &bytes, parts, scale).await.is_err() || ends {
            cut.notify_one();
            return;
        }
    }
    // The other side said that it sends nothing more; it may still listen. A failure means that it does not matter.
    let _ = to.shutdown().await;
}

async fn next(waiting: &mut VecDeque<Piece>, arriving: &mut mpsc::Receiver<Piece>) -> Option<Piece> {
    match waiting.pop_front() {
        Some(piece) => Some(piece),
        None => arriving.recv().await,
    }
}

async fn put(to: &mut OwnedWriteHalf, bytes: &[u8], parts: u8, scale: u32) -> std::io::Result<()> {
    let part = bytes.len().div_ceil(usize::from(parts.max(1))).max(1);
    for (number, bytes) in bytes.chunks(part).enumerate() {
        if number > 0 {
            tokio::time::sleep(lasts(300, scale)).await;
        }
        to.write_all(bytes).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that gives back what it gets, behind a proxy.
    async fn echo(weather: &Weather, line: Line) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reader, mut writer) = stream.into_split();
                    let _ = tokio::io::copy(&mut reader, &mut writer).await;
                });
            }
        });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Proxy::start(any, upstream, line, weather.clone()).await.unwrap()
    }

    /// What comes back for a message, if all of it does.
    async fn ask(proxy: &Proxy, message: &[u8]) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(proxy.address).await.ok()?;
        stream.write_all(message).await.ok()?;
        let mut back = vec![0; message.len()];
        let read = timeout(Duration::from_secs(5), stream.read_exact(&mut back)).await;
        read.ok()?.ok()?;
        Some(back)
    }

    #[tokio::test]
    async fn a_calm_line_changes_nothing() {
        let weather = Weather::new(1, 1_000);
        weather.calm_down();
        let proxy = echo(&weather, Line::Terminals).await;
        for number in 0..20_u8 {
            assert_eq!(ask(&proxy, &[number; 300]).await.as_deref(), Some([number; 300].as_slice()));
        }
        assert!(weather.struck.all().iter().all(|(_, count)| *count == 0));
    }

    #[tokio::test]
    async fn a_stormy_line_loses_garbles_and_delays_and_then_calms_down() {
        let weather = Weather::new(1, 10_000);
        let proxy = echo(&weather, Line::Terminals).await;
        let (mut same, mut other) = (0, 0);
        for _ in 0..150 {
            let message = b"a message of a certain length";
            let unchanged = ask(&proxy, message).await.is_some_and(|back| back == message);
            *(if unchanged { &mut same } else { &mut other }) += 1;
        }
        assert!(same > 0 && other > 0, "{same} came back, {other} did not");
        for fault in [Fault::Delay, Fault::Split, Fault::Drop, Fault::Corrupt, Fault::Cut] {
            assert!(weather.struck.of(fault) > 0, "no {fault}");
        }
        weather.calm_down();
        assert_eq!(ask(&proxy, b"calm").await.as_deref(), Some(b"calm".as_slice()));
    }

    #[tokio::test]
    async fn hanging_up_ends_what_is_dead_without_a_sign() {
        let weather = Weather::new(1, 1);
        let proxy = echo(&weather, Line::Bank).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        // It stands once a piece has passed, or was lost.
        stream.write_all(b"x").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        weather.calm_down();
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the connection still stands");
    }
}
