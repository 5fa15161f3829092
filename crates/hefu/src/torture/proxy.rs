//! The fault-injecting proxy: real sockets on both sides, and what the seed says in between.

use super::{
    chance::Chance,
    fate::{Fate, Fault, Line, Silence, Struck, Way, lasts},
};
use crate::Failure;
use hefu_world::proxy::{self, Course, Judge, Piece, Proxy, Verdict};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::watch, time::Instant};

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

/// Starts the proxy of a line under this weather.
pub async fn start(
    listen: SocketAddr,
    upstream: SocketAddr,
    line: Line,
    weather: Weather,
) -> Result<Proxy, Failure> {
    Proxy::start(listen, upstream, Arc::new(Sky { line, weather })).await.map_err(Failure::found)
}

/// The weather over one line.
struct Sky {
    line: Line,
    weather: Weather,
}

impl proxy::Weather for Sky {
    fn connection(&self, number: u64) -> Option<Course> {
        let (line, weather) = (self.line, &self.weather);
        let mut chance = Chance::of(weather.seed, line.name(), number);
        let (silence, fault) = match weather.is_calm() {
            true => (Silence::default(), None),
            false => Silence::draw(&mut chance, line),
        };
        let direction = |way: Way| {
            Box::new(Direction {
                line,
                way,
                silent_from: silence.from(way),
                silence: fault,
                chance: Chance::of(weather.seed, &format!("{} {way:?}", line.name()), number),
                weather: weather.clone(),
                number: 0,
                last: Instant::now(),
            })
        };
        let ends_after = fault.map(|_| lasts(SILENT_MOST, weather.scale));
        Some(Course { up: direction(Way::Up), down: direction(Way::Down), ends_after })
    }

    fn hang_up(&self) -> watch::Receiver<u64> {
        self.weather.hang_up.subscribe()
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
    /// Of the piece that comes next.
    number: u64,
    /// When the piece before arrives: pieces do not overtake each other.
    last: Instant,
}

impl Judge for Direction {
    fn judge(&mut self, bytes: &[u8]) -> Verdict {
        if !bytes.is_empty() {
            self.weather.passing.send_replace((self.line, self.way));
        }
        let number = self.number;
        self.number += 1;
        let silent = self.silent_from.is_some_and(|first| number >= first) && !self.weather.is_calm();
        if silent {
            if let (Some(fault), true) = (self.silence, self.silent_from == Some(number)) {
                self.weather.struck.count(fault);
            }
            return Verdict::Silence;
        }
        if bytes.is_empty() {
            return Verdict::Arrive(Vec::new());
        }
        Verdict::Arrive(self.decide(bytes).into_iter().collect())
    }
}

impl Direction {
    fn decide(&mut self, bytes: &[u8]) -> Option<Piece> {
        let fate = match self.weather.is_calm() {
            true => Fate::Passes,
            false => Fate::draw(&mut self.chance, self.line),
        };
        if let Some(fault) = fate.fault() {
            self.weather.struck.count(fault);
        }
        let scale = self.weather.scale;
        let due = Instant::now().max(self.last);
        let mut piece = Piece { due, pause: lasts(300, scale), ..Piece::now(bytes.to_vec()) };
        match fate {
            Fate::Passes => {}
            // Counted from when it came, so that delays do not add up beyond the longest.
            Fate::Late(stated) | Fate::Waits(stated) => {
                piece.due = due.max(Instant::now() + lasts(stated, scale))
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
        self.last = piece.due;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        time::timeout,
    };

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
        start(any, upstream, line, weather.clone()).await.unwrap()
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
