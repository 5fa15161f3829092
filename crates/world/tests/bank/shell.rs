//! The bank behind real sockets: links, faults, the control port, kills and what the book keeps.

use crate::acquirer::*;
use hefu_iso8583::Message;
use hefu_iso8583::frame::{Framer, put_frame};
use hefu_tally::Moment;
use hefu_world::bank::{
    BankError, BankHandle, BankServeConfig, Book, Fault, Faults, Health, JournalError, serve,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Only a hang is this slow.
const HANG: Duration = Duration::from_secs(60);
/// 1,000 times the wall clock: the 90 s of the late card pass in 90 ms.
const SCALE: u32 = 1_000;

/// A running bank, and the task to kill.
struct Running {
    handle: BankHandle,
    task: JoinHandle<Result<(), BankError>>,
}

impl Running {
    async fn start(folder: &TempDir) -> Running {
        Running::try_start(&folder.path().join("bank.book"), SCALE).await.unwrap()
    }

    async fn try_start(book: &Path, time_scale: u32) -> Result<Running, BankError> {
        let any = "127.0.0.1:0".parse().unwrap();
        let config = BankServeConfig { listen: any, control: any, book: book.to_owned(), time_scale };
        let (ready, started) = oneshot::channel();
        let task = tokio::spawn(serve(config, ready));
        match timeout(HANG, started).await.unwrap() {
            Ok(handle) => Ok(Running { handle, task }),
            Err(_) => Err(task.await.unwrap().unwrap_err()),
        }
    }

    /// Ends it between any two steps, as a kill does.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    async fn stop(self) {
        self.handle.stop();
        timeout(HANG, self.task).await.unwrap().unwrap().unwrap();
    }

    async fn link(&self) -> Link {
        let stream = TcpStream::connect(self.handle.listen()).await.unwrap();
        Link { stream, framer: Framer::new(4_096) }
    }

    /// Waits until the bank's health is as wanted.
    async fn until(&self, wanted: impl Fn(&Health) -> bool) -> Health {
        timeout(HANG, async {
            loop {
                let health = self.handle.health().await.unwrap();
                if wanted(&health) {
                    return health;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await
        .unwrap()
    }
}

struct Link {
    stream: TcpStream,
    framer: Framer,
}

impl Link {
    async fn send(&mut self, body: &[u8]) {
        let mut bytes = Vec::new();
        put_frame(body, &mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    /// The next answer's body, or `None` when the bank closed the link.
    async fn next(&mut self) -> Option<Vec<u8>> {
        timeout(HANG, async {
            loop {
                if let Some(frame) = self.framer.next().unwrap() {
                    return Some(frame);
                }
                let mut bytes = [0; 4_096];
                match self.stream.read(&mut bytes).await {
                    Ok(0) | Err(_) => return None,
                    Ok(count) => self.framer.push(&bytes[..count]),
                }
            }
        })
        .await
        .unwrap()
    }

    async fn answer(&mut self, acquirer: &Acquirer) -> Message {
        let (answer, mac_fits) = acquirer.decode(&self.next().await.unwrap());
        assert!(mac_fits);
        answer
    }

    /// DE39 of the message's answer. Answers whose own link has gone may come before it.
    async fn ask(&mut self, acquirer: &Acquirer, message: &Message) -> String {
        self.send(&acquirer.encode(message)).await;
        loop {
            let answer = self.answer(acquirer).await;
            if answer.get(11) == message.get(11) {
                return answer.text(39).unwrap().to_owned();
            }
        }
    }
}

fn now() -> Moment {
    crate::script::NOON
}

/// What is asked of the control port, in HTTP 1.1.
async fn http(handle: &BankHandle, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(handle.control()).await.unwrap();
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nhost: bank\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(HANG, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_bank_goes_on_with_its_book() {
    let folder = TempDir::new().unwrap();
    let mut acquirer = Acquirer::new();
    let bank = Running::start(&folder).await;
    let mut link = bank.link().await;
    let sale = acquirer.request(now(), SALE, PLAIN_CARD, 700);
    assert_eq!(link.ask(&acquirer, &sale).await, "00");
    let hold = acquirer.request(now(), PRE_AUTH, PLAIN_CARD, 50);
    assert_eq!(link.ask(&acquirer, &hold).await, "00");
    let before = bank.handle.book().await.unwrap();
    bank.kill().await;

    let bank = Running::start(&folder).await;
    assert_eq!(bank.handle.book().await.unwrap(), before);
    assert!(bank.handle.health().await.unwrap().now >= before.entries[1].at, "time does not run back");
    let mut link = bank.link().await;
    assert_eq!(link.ask(&acquirer, &sale).await, "00", "the same request is not charged again");
    let reversal = acquirer.reversal(now(), &sale);
    assert_eq!(link.ask(&acquirer, &reversal).await, "00");
    let book = bank.handle.book().await.unwrap();
    let account = book.account(PLAIN_CARD).unwrap();
    assert_eq!((account.charged, account.returned, account.held), (700, 700, 50));
    bank.stop().await;

    // Under the wall clock's own pace the bank's time, far ahead by now, still does not run back.
    let bank = Running::try_start(&folder.path().join("bank.book"), 1).await.unwrap();
    assert!(bank.handle.health().await.unwrap().now >= book.entries.last().unwrap().at);
    assert_eq!(bank.handle.book().await.unwrap(), book);
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_last_line_is_cut_off_and_any_other_damage_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bank.book");
    let acquirer = &mut Acquirer::new();
    let bank = Running::start(&folder).await;
    let mut link = bank.link().await;
    for amount in [1, 2, 3] {
        let sale = acquirer.request(now(), SALE, PLAIN_CARD, amount);
        assert_eq!(link.ask(acquirer, &sale).await, "00");
    }
    bank.stop().await;
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|&i| whole[i] == b'\n').map(|i| i + 1).collect();
    assert_eq!(ends.len(), 4, "the opening and three sales");

    for (cut, charged) in
        [(ends[3] - 1, 3), (ends[2] + 1, 3), (ends[2], 3), (ends[2] - 1, 1), (ends[0] - 1, 0)]
    {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let bank = Running::start(&folder).await;
        let book = bank.handle.book().await.unwrap();
        assert_eq!(book.accounts.first().map_or(0, |account| account.charged), charged, "cut at {cut}");
        bank.stop().await;
        let left = std::fs::read(&path).unwrap();
        assert_eq!(left.last(), Some(&b'\n'), "cut at {cut}");
        assert!(cut < ends[0] || whole.starts_with(&left), "cut at {cut}");
    }

    let mut damaged = whole.clone();
    damaged[ends[1] + 3] = b'#';
    std::fs::write(&path, &damaged).unwrap();
    let error = Running::try_start(&path, SCALE).await.err().unwrap();
    assert!(matches!(error, BankError::Journal(JournalError::Unreadable { line: 3, .. })), "{error}");

    std::fs::write(&path, &whole[ends[0]..]).unwrap();
    let error = Running::try_start(&path, SCALE).await.err().unwrap();
    assert!(matches!(error, BankError::Journal(JournalError::NotABook { line: 1, .. })), "{error}");

    let twice = [&whole[..ends[1]], &whole[ends[0]..]].concat();
    std::fs::write(&path, twice).unwrap();
    let error = Running::try_start(&path, SCALE).await.err().unwrap();
    assert!(matches!(error, BankError::Journal(JournalError::Impossible { line: 3, .. })), "{error}");

    std::fs::write(&path, vec![b' '; 1 << 20]).unwrap();
    let error = Running::try_start(&path, SCALE).await.err().unwrap();
    assert!(matches!(error, BankError::Journal(JournalError::TooLong { line: 1, .. })), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_banks_cannot_keep_one_book() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let error = Running::try_start(&folder.path().join("bank.book"), SCALE).await.err().unwrap();
    assert!(matches!(error, BankError::Journal(JournalError::InUse { .. })), "{error}");
    let error = Running::try_start(&folder.path().join("other.book"), 0).await.err().unwrap();
    assert!(matches!(error, BankError::TimeScale { found: 0, .. }), "{error}");
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_are_in_flight_on_several_links() {
    const LINKS: usize = 3;
    const EACH: usize = 1_000;
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut wanted = BTreeMap::new();
    let mut links = Vec::new();
    for _ in 0..LINKS {
        let mut bytes = Vec::new();
        for _ in 0..EACH {
            let sale = acquirer.request(now(), SALE, PLAIN_CARD, 1);
            put_frame(&acquirer.encode(&sale), &mut bytes).unwrap();
            wanted.insert(sale.text(11).unwrap().to_owned(), false);
        }
        let mut link = bank.link().await;
        link.stream.write_all(&bytes).await.unwrap();
        links.push(link);
    }
    for link in &mut links {
        for _ in 0..EACH {
            let answer = link.answer(&acquirer).await;
            assert_eq!(answer.text(39), Some("00"));
            let seen = wanted.get_mut(answer.text(11).unwrap()).unwrap();
            assert!(!std::mem::replace(seen, true), "answered twice");
        }
    }
    let book = bank.handle.book().await.unwrap();
    assert_eq!(book.account(PLAIN_CARD).unwrap().charged, (LINKS * EACH) as i64);
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_frame_ends_its_link_and_no_other() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut good = bank.link().await;
    let sale = acquirer.request(now(), SALE, PLAIN_CARD, 1);
    assert_eq!(good.ask(&acquirer, &sale).await, "00");
    for (broken, bytes) in [&b"\x00\x04rubb"[..], b"\x00\x00", b"\xFF\xFF"].into_iter().enumerate() {
        let mut bad = bank.link().await;
        let sale = acquirer.request(now(), SALE, PLAIN_CARD, 1);
        bad.send(&acquirer.encode(&sale)).await;
        bad.stream.write_all(bytes).await.unwrap();
        // What came before the broken frame may still be answered; then the link is closed.
        while bad.next().await.is_some() {}
        bank.until(|health| health.broken_frames == broken as u64 + 1).await;
    }
    let sale = acquirer.request(now(), SALE, PLAIN_CARD, 1);
    assert_eq!(good.ask(&acquirer, &sale).await, "00");
    assert_eq!(bank.handle.book().await.unwrap().account(PLAIN_CARD).unwrap().charged, 5);
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_leaves_on_the_newest_link() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut first = bank.link().await;
    // Its answer comes 5 s after the 0430.
    let sale = acquirer.request(now(), SALE, "6200000000000641", 1);
    first.send(&acquirer.encode(&sale)).await;
    bank.until(|health| health.requests == 1).await;
    let mut second = bank.link().await;
    bank.until(|health| health.links == 2).await;
    let reversal = acquirer.reversal(now(), &sale);
    assert_eq!(first.ask(&acquirer, &reversal).await, "00");
    let late = second.answer(&acquirer).await;
    assert_eq!((late.get(11), late.text(39)), (sale.get(11), Some("00")));
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_without_a_link_is_recorded_as_undeliverable() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bank.book");
    let mut acquirer = Acquirer::new();
    // At the wall clock's pace the answer is 90 s away when the bank is killed.
    let bank = Running::try_start(&path, 1).await.unwrap();
    let sale = acquirer.request(now(), SALE, "6200000000000633", 1);
    bank.link().await.send(&acquirer.encode(&sale)).await;
    bank.until(|health| health.requests == 1).await;
    bank.kill().await;
    let bank = Running::start(&folder).await;
    bank.until(|health| health.undeliverable == 1).await;
    bank.kill().await;
    let bank = Running::start(&folder).await;
    assert_eq!(bank.handle.health().await.unwrap().undeliverable, 1, "the book remembers");
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_come_and_go() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut sale = || acquirer.request(now(), SALE, PLAIN_CARD, 1);
    let (lost_answer, lost_request, slow) = (sale(), sale(), sale());
    let mut link = bank.link().await;

    bank.handle.fault(Fault { lose_answers: Some(1), ..Fault::default() }).await.unwrap();
    link.send(&acquirer.encode(&lost_answer)).await;
    bank.until(|health| health.lost_answers == 1).await;
    bank.handle.fault(Fault { lose_requests: Some(1), ..Fault::default() }).await.unwrap();
    link.send(&acquirer.encode(&lost_request)).await;
    bank.until(|health| health.lost_requests == 1).await;
    assert_eq!(bank.handle.book().await.unwrap().account(PLAIN_CARD).unwrap().charged, 1);

    let before = bank.handle.health().await.unwrap().now;
    bank.handle.fault(Fault { slow_ms: Some(20_000), ..Fault::default() }).await.unwrap();
    assert_eq!(link.ask(&acquirer, &slow).await, "00");
    assert!(bank.handle.health().await.unwrap().now >= before.after(20_000));

    let (status, body) = http(&bank.handle, "POST /fault", r#"{"down":true,"slow_ms":0}"#).await;
    let faults: Faults = serde_json::from_str(&body).unwrap();
    assert_eq!((status, faults), (200, Faults { down: true, ..Faults::default() }));
    assert_eq!(link.next().await, None, "the link is closed");
    assert_eq!(bank.link().await.next().await, None, "a new one is refused");
    http(&bank.handle, "POST /fault", r#"{"down":false}"#).await;
    assert_eq!(bank.link().await.ask(&acquirer, &lost_request).await, "00");
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_port_shows_book_and_health_and_refuses_nonsense() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut link = bank.link().await;
    let sale = acquirer.request(now(), SALE, PLAIN_CARD, 9);
    assert_eq!(link.ask(&acquirer, &sale).await, "00");

    let (status, body) = http(&bank.handle, "GET /book", "").await;
    let book: Book = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &book), (200, &bank.handle.book().await.unwrap()));
    let rrn = sale.text(37).unwrap();
    let (_, body) = http(&bank.handle, &format!("GET /book?rrn={rrn}"), "").await;
    assert_eq!(serde_json::from_str::<Book>(&body).unwrap(), book);
    let (_, body) = http(&bank.handle, "GET /book?card=6200000000000021", "").await;
    assert_eq!(serde_json::from_str::<Book>(&body).unwrap(), Book::default());
    let (status, body) = http(&bank.handle, "GET /health", "").await;
    let health: Health = serde_json::from_str(&body).unwrap();
    assert_eq!((status, health.requests, health.links), (200, 1, 1));

    for bad in ["", "{", r#"{"dwon":true}"#, r#"{"slow_ms":-1}"#] {
        let (status, body) = http(&bank.handle, "POST /fault", bad).await;
        assert!((400..500).contains(&status), "{bad}: {status}");
        assert!(body.contains("detail"), "{bad}: {body}");
    }
    assert_eq!(bank.handle.health().await.unwrap().faults, Faults::default());
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_was_asked_for_strikes_the_next_request_of_its_terminal_once() {
    let folder = TempDir::new().unwrap();
    let bank = Running::start(&folder).await;
    let mut acquirer = Acquirer::new();
    let mut link = bank.link().await;
    let mut sale = || acquirer.request(now(), SALE, PLAIN_CARD, 100);
    let (first, second, third) = (sale(), sale(), sale());
    let terminal = first.text(41).unwrap().to_owned();
    let fault =
        |terminal: &str, code: &str| format!(r#"{{"refuse":{{"terminal":"{terminal}","code":{code}}}}}"#);
    for (terminal, code) in [("99999999", r#""05""#), (&terminal, r#""41""#)] {
        let (status, _) = http(&bank.handle, "POST /fault", &fault(terminal, code)).await;
        assert_eq!(status, 200);
    }
    assert_eq!(link.ask(&acquirer, &first).await, "41");
    assert_eq!(link.ask(&acquirer, &second).await, "00", "once only");
    http(&bank.handle, "POST /fault", &fault(&terminal, r#""05""#)).await;
    http(&bank.handle, "POST /fault", &fault(&terminal, "null")).await;
    assert_eq!(link.ask(&acquirer, &third).await, "00", "it was taken back");
    assert_eq!(bank.handle.book().await.unwrap().account(PLAIN_CARD).unwrap().charged, 200);
    bank.stop().await;
}
