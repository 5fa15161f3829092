//! A proxy between real sockets. It carries bytes both ways; what becomes of them is decided by a [`Weather`]: by
//! chance in a torture, by whoever stands at the fault board of the virtual POS.

use std::{collections::VecDeque, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Connections at one time; more are closed as they come.
const CONNECTIONS: usize = 512;
/// Pieces that may be under way in one direction; whoever sends more waits.
const PIECES: usize = 1_024;
/// Bytes read at once.
const READ: usize = 4_096;
/// However fast scaled time passes, the other side gets this much to take a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// No file descriptors left: so long until it is tried again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What decides about the connections of one proxy.
pub trait Weather: Send + Sync + 'static {
    /// The `number`-th connection was dialled; none closes it at once.
    fn connection(&self, number: u64) -> Option<Course>;

    /// Each change of the number hangs up every connection.
    fn hang_up(&self) -> watch::Receiver<u64>;
}

/// What awaits one connection.
pub struct Course {
    /// From who has dialled.
    pub up: Box<dyn Judge>,
    /// To who has dialled.
    pub down: Box<dyn Judge>,
    /// It ends after so long, whatever passes.
    pub ends_after: Option<Duration>,
}

/// Decides about one direction of a connection.
pub trait Judge: Send {
    /// What becomes of the bytes that were read. No bytes: the stream has ended.
    fn judge(&mut self, bytes: &[u8]) -> Verdict;
}

/// What becomes of bytes.
pub enum Verdict {
    /// These arrive, in this order; none is a loss.
    Arrive(Vec<Piece>),
    /// Nothing arrives, and the other side does not see the end of the stream either, until somebody hangs up.
    Silence,
}

/// Something that arrives at its time.
pub struct Piece {
    pub due: Instant,
    pub bytes: Vec<u8>,
    /// It arrives in so many parts, with a pause in between.
    pub parts: u8,
    pub pause: Duration,
    /// Nothing after this piece arrives, and both sides see it.
    pub cut: bool,
}

impl Piece {
    /// Bytes that arrive whole, at once.
    pub fn now(bytes: Vec<u8>) -> Piece {
        Piece { due: Instant::now(), bytes, parts: 1, pause: Duration::ZERO, cut: false }
    }
}

/// A listening proxy; it stops when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Listens at `listen` for one side and dials `upstream` for each connection.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(
        listen: SocketAddr,
        upstream: SocketAddr,
        weather: Arc<dyn Weather>,
    ) -> io::Result<Proxy> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, upstream, weather));
        Ok(Proxy { address, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener, upstream: SocketAddr, weather: Arc<dyn Weather>) {
    let mut connections = JoinSet::new();
    for number in 0_u64.. {
        let dialled = loop {
            match listener.accept().await {
                Ok((stream, _)) => break stream,
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        };
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            continue;
        }
        let mut hang_up = weather.hang_up();
        let Some(course) = weather.connection(number) else { continue };
        connections.spawn(async move {
            tokio::select! {
                () = carry(dialled, upstream, course) => {}
                _ = hang_up.changed() => {}
            }
        });
    }
}

/// One connection, to its end. Dropping both streams closes both.
async fn carry(dialled: TcpStream, upstream: SocketAddr, course: Course) {
    let Ok(Ok(reached)) = timeout(CONNECT, TcpStream::connect(upstream)).await else { return };
    if dialled.set_nodelay(true).is_err() || reached.set_nodelay(true).is_err() {
        return;
    }
    let Course { up, down, ends_after } = course;
    let cut = Notify::new();
    let (from_dialler, to_dialler) = dialled.into_split();
    let (from_reached, to_reached) = reached.into_split();
    let both = async {
        tokio::join!(run(up, from_dialler, to_reached, &cut), run(down, from_reached, to_dialler, &cut))
    };
    tokio::select! {
        _ = both => {}
        () = cut.notified() => {}
        () = sleep(ends_after.unwrap_or_default()), if ends_after.is_some() => {}
    }
}

/// One direction of a connection.
async fn run(mut judge: Box<dyn Judge>, mut from: OwnedReadHalf, to: OwnedWriteHalf, cut: &Notify) {
    let (pieces, arriving) = mpsc::channel(PIECES);
    tokio::join!(read(&mut *judge, &mut from, pieces), write(to, arriving, cut));
}

/// Reads, and passes on what arrives. The end of the stream passes like a piece.
async fn read(judge: &mut dyn Judge, from: &mut OwnedReadHalf, pieces: mpsc::Sender<Piece>) {
    let mut bytes = vec![0; READ];
    loop {
        let read = from.read(&mut bytes).await.unwrap_or(0);
        match judge.judge(&bytes[..read]) {
            Verdict::Silence if read == 0 => std::future::pending::<()>().await,
            Verdict::Silence => {}
            Verdict::Arrive(arrive) => {
                for piece in arrive {
                    if pieces.send(piece).await.is_err() {
                        return;
                    }
                }
                if read == 0 {
                    return;
                }
            }
        }
    }
}

/// Writes what has arrived, pieces that are due together in one write.
async fn write(mut to: OwnedWriteHalf, mut arriving: mpsc::Receiver<Piece>, cut: &Notify) {
    let mut waiting: VecDeque<Piece> = VecDeque::new();
    while let Some(first) = next(&mut waiting, &mut arriving).await {
        sleep_until(first.due).await;
        while let Ok(piece) = arriving.try_recv() {
            waiting.push_back(piece);
        }
        let Piece { mut bytes, parts, pause, cut: mut ends, .. } = first;
        let now = Instant::now();
        while !ends && parts == 1 && waiting.front().is_some_and(|next| next.due <= now && next.parts == 1) {
            let Some(next) = waiting.pop_front() else { break };
            bytes.extend(next.bytes);
            ends = next.cut;
        }
        if put(&mut to, &bytes, parts, pause).await.is_err() || ends {
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

async fn put(to: &mut OwnedWriteHalf, bytes: &[u8], parts: u8, pause: Duration) -> io::Result<()> {
    let part = bytes.len().div_ceil(usize::from(parts.max(1))).max(1);
    for (number, bytes) in bytes.chunks(part).enumerate() {
        if number > 0 {
            sleep(pause).await;
        }
        to.write_all(bytes).await?;
    }
    Ok(())
}
