//! Both dialects against the Python package pyiso8583, which others wrote: each side reads what the
//! other writes. The peer has the tables of fields from the standards, not from this crate.

use hefu_iso8583::{CUP_POS, Dialect, FieldSpec, HOST_LINK, Kind, Length, Message, Mti};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The Python that has the package.
fn python() -> PathBuf {
    let python = std::env::var_os("HEFU_PY").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/py/bin/python"),
        PathBuf::from,
    );
    let found = Command::new(&python).args(["-c", "import iso8583"]).stderr(Stdio::null()).status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "{} has no pyiso8583: run `cargo xtask setup`, or set HEFU_PY to a Python that has it",
        python.display()
    );
    python
}

struct Peer {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pyiso8583_peer.py");
        let mut child = Command::new(python())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter was tried before");
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self { child, requests, answers }
    }

    fn ask(&mut self, request: &str) -> String {
        let requests = self.requests.as_mut().expect("open until the peer is dropped");
        writeln!(requests, "{request}").expect("the peer reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the peer writes text");
        assert!(!answer.is_empty(), "the peer refused: {request}");
        answer.trim_end().to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input ends the peer.
        self.requests = None;
        let _ = self.child.wait();
    }
}

/// The message as the peer spells it.
fn spelled(message: &Message) -> String {
    let fields = message.fields().map(|(field, value)| format!(" {field}={}", hex::encode(value)));
    format!("{}{}", message.mti, fields.collect::<String>())
}

fn check(peer: &mut Peer, name: &str, dialect: &Dialect, message: &Message) {
    let mut bytes = Vec::new();
    dialect.encode(message, &mut bytes).expect("the message is allowed");
    let ours = hex::encode(&bytes);
    assert_eq!(peer.ask(&format!("decode {name} {ours}")), spelled(message), "the peer reads ours");
    let theirs = peer.ask(&format!("encode {name} {}", spelled(message)));
    assert_eq!(theirs, ours, "the peer writes as we do");
    let read = dialect.decode(&hex::decode(theirs).expect("hexadecimal"));
    assert_eq!(read.as_ref(), Ok(message), "we read the peer's");
}

/// Characters that the field allows, not the same throughout.
fn sample(spec: &FieldSpec, length: usize) -> Vec<u8> {
    let alphabet: &[u8] = match spec.kind {
        Kind::N => b"1234567890",
        Kind::An => b"A1z 9",
        Kind::Ans => b"A-1~ ",
        Kind::Gbk => b"A\xb5\xd8~ ",
        Kind::Z => b"62D3012",
        Kind::B => b"\x00\x7f\xff\x0a",
    };
    alphabet.iter().copied().cycle().take(length).collect()
}

/// The shortest, an odd one and the longest.
fn lengths(spec: &FieldSpec) -> Vec<usize> {
    match spec.length {
        Length::Fixed(length) => vec![length],
        Length::Ll(max) | Length::Lll(max) => vec![0, 1, 7, max],
    }
}

fn check_dialect(name: &str, dialect: &Dialect) {
    let mut peer = Peer::start();
    let fields: Vec<String> = dialect.specs().map(|(field, _)| field.to_string()).collect();
    assert_eq!(peer.ask(&format!("fields {name}")), fields.join(" "), "both sides have the same fields");

    let mut all = Message::new(Mti(200));
    for (field, spec) in dialect.specs() {
        for length in lengths(spec) {
            let mut message = Message::new(Mti(200));
            message.set(field, sample(spec, length));
            if name == "host" {
                // pyiso8583 writes the second bitmap only for a field above 64; the link always has F128.
                message.set(128, [0xab; 8]);
            }
            check(&mut peer, name, dialect, &message);
            all.set(field, sample(spec, length));
        }
    }
    check(&mut peer, name, dialect, &all);
}

#[test]
fn terminal_messages_pass_through_pyiso8583_in_both_directions() {
    check_dialect("cup", &CUP_POS);
}

#[test]
fn host_messages_pass_through_pyiso8583_in_both_directions() {
    check_dialect("host", &HOST_LINK);
}

#[test]
fn a_sale_and_its_answer_pass_through_pyiso8583_in_both_directions() {
    let mut sale = Message::new(Mti(200));
    sale.set(3, "000000").set(4, "000000012345").set(11, "000042").set(22, "021").set(23, "001");
    sale.set(35, "6200000000000005D30122010000000000000").set(41, "10000001").set(42, "898110253110001");
    sale.set(49, "156").set(52, [0x5a; 8]).set(60, "22000001000").set(64, *b"5FE058DB");
    let mut answer = sale.clone();
    answer.mti = Mti(210);
    answer.set(37, "532612000042").set(39, "00").set(63, *b"CUP\xb3\xc9\xb9\xa6");
    answer.remove(35);
    answer.remove(52);
    let mut peer = Peer::start();
    check(&mut peer, "cup", &CUP_POS, &sale);
    check(&mut peer, "cup", &CUP_POS, &answer);
}
