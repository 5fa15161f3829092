use super::*;
use crate::proxy::Proxy;
use hefu_iso8583::Mti;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(5);
const A_WHILE: Duration = Duration::from_millis(300);

fn message(mti: u16, terminal: &str) -> Vec<u8> {
    let mut message = Message::new(Mti(mti));
    message.set(7, "1123120000").set(11, "000001").set(41, terminal).set(128, vec![7_u8; 8]);
    let (mut body, mut frame) = (Vec::new(), Vec::new());
    HOST_LINK.encode(&message, &mut body).unwrap();
    put_frame(&body, &mut frame).unwrap();
    frame
}

/// A bank that gives back what it gets, behind a fault board.
async fn echo(tap: &Arc<Tap>, cable: &Arc<Cable>) -> Proxy {
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
    let sky = Sky::over_bank(vec![tap.clone()], cable.clone(), 1);
    Proxy::start(any, upstream, Arc::new(sky)).await.unwrap()
}

fn tap() -> Arc<Tap> {
    Arc::new(Tap::new("20000001", || Moment(7), || {}))
}

async fn ask(stream: &mut TcpStream, frame: &[u8], within: Duration) -> Option<Vec<u8>> {
    stream.write_all(frame).await.ok()?;
    let mut back = vec![0; frame.len()];
    timeout(within, stream.read_exact(&mut back)).await.ok()?.ok()?;
    Some(back)
}

#[tokio::test]
async fn each_counted_fault_strikes_the_next_frame_of_its_terminal_once() {
    type Set = fn(&mut Faults);
    let cases: [(Set, Fate, bool); 4] = [
        (|faults| faults.lose_request = 1, Fate::Lost, false),
        (|faults| faults.lose_answer = 1, Fate::Lost, false),
        (|faults| faults.corrupt_request = 1, Fate::Corrupted, true),
        (|faults| faults.corrupt_answer = 1, Fate::Corrupted, true),
    ];
    let (tap, cable) = (tap(), Arc::new(Cable::new()));
    let proxy = echo(&tap, &cable).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let (own, other, echo) = (message(200, "20000001"), message(200, "20000002"), message(820, "20000001"));
    for (set, fate, comes) in cases {
        tap.calm();
        tap.set(Wire::Bank, set);
        assert_eq!(ask(&mut stream, &other, SOON).await.as_ref(), Some(&other), "another till's passes");
        assert_eq!(ask(&mut stream, &echo, SOON).await.as_ref(), Some(&echo), "an echo passes");
        let back = ask(&mut stream, &own, if comes { SOON } else { A_WHILE }).await;
        assert_eq!(back.is_some(), comes);
        assert!(back.is_none_or(|back| back != own && back[..back.len() - 1] == own[..own.len() - 1]));
        assert_eq!(tap.frames().iter().filter(|frame| frame.fate == fate).count(), 1);
        assert_eq!(tap.faults(Wire::Bank), Faults { struck: 1, ..Faults::default() });
        assert_eq!(ask(&mut stream, &own, SOON).await.as_ref(), Some(&own), "once only");
        tap.board().frames.clear();
    }
}

#[test]
fn a_fault_for_new_payments_leaves_alone_what_earlier_ones_owe() {
    let tap = tap();
    let passes = |way, mti, trace: &str| {
        let mut message = Message::new(Mti(mti));
        message.set(11, trace);
        tap.pass(Wire::Bank, way, &[], Some(&message), false)
    };
    assert_eq!(passes(Way::Up, 200, "000001"), Fate::Passed);
    tap.set_for_new(Wire::Bank, |faults| faults.lose_answer = 1);
    let cases = [
        (Way::Down, 210, "000001", Fate::Passed),
        (Way::Up, 420, "000002", Fate::Passed),
        (Way::Down, 430, "000002", Fate::Passed),
        (Way::Up, 200, "000003", Fate::Passed),
        (Way::Down, 430, "000003", Fate::Passed),
        (Way::Down, 210, "000003", Fate::Lost),
        (Way::Down, 210, "000003", Fate::Passed),
    ];
    for (way, mti, trace, fate) in cases {
        assert_eq!(passes(way, mti, trace), fate, "{} {mti} {trace}", way.name());
    }
    assert_eq!(tap.faults(Wire::Bank).struck, 1);
    tap.set(Wire::Bank, |faults| faults.lose_answer = 1);
    assert_eq!(passes(Way::Down, 430, "000002"), Fate::Lost, "a fault of the board strikes the next");
}

#[tokio::test]
async fn a_delayed_answer_comes_later_and_a_cut_cable_breaks_and_takes_no_new_line() {
    let (tap, cable) = (tap(), Arc::new(Cable::new()));
    let proxy = echo(&tap, &cable).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let own = message(200, "20000001");
    tap.set(Wire::Bank, |faults| faults.delay_ms = 400);
    let began = Instant::now();
    assert!(ask(&mut stream, &own, SOON).await.is_some());
    assert!(began.elapsed() >= Duration::from_millis(400));
    assert!(cable.is_connected());
    cable.cut(true);
    assert!(ask(&mut stream, &own, SOON).await.is_none(), "it broke");
    let mut refused = TcpStream::connect(proxy.address).await.unwrap();
    assert!(ask(&mut refused, &own, SOON).await.is_none(), "no new one stands");
    cable.cut(false);
    tap.calm();
    let mut mended = TcpStream::connect(proxy.address).await.unwrap();
    assert!(ask(&mut mended, &own, SOON).await.is_some());
}

#[tokio::test]
async fn a_half_open_line_swallows_without_a_sign_until_it_is_hung_up() {
    let (tap, cable) = (tap(), Arc::new(Cable::new()));
    let proxy = echo(&tap, &cable).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let own = message(200, "20000001");
    assert!(ask(&mut stream, &own, SOON).await.is_some());
    cable.half_open(true);
    assert!(ask(&mut stream, &own, A_WHILE).await.is_none());
    assert_eq!(tap.frames().last().map(|frame| frame.fate), Some(Fate::Swallowed));
    cable.half_open(false);
    let mut rest = Vec::new();
    assert!(timeout(SOON, stream.read_to_end(&mut rest)).await.is_ok(), "hung up now");
}
