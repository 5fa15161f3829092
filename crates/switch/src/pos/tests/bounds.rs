//! Conversations are bounded in number and age, and nothing that arrives breaks the edge.

use super::super::{ConfigError, ConnectionId, PosConfig, PosEdge, ReplyError};
use crate::testing::*;
use hefu_engine::{Conversation, Reply, Said};
use hefu_iso8583::Message;
use hefu_tally::{Code, time::MINUTE};
use hefu_vault::{Dice, MacMethod};

const UNKNOWN: &str = "结果未知，请勿重刷，正在核实";

fn reply() -> Reply {
    Reply::new(NOW, Said::Reversal { code: Code::APPROVED, rrn: None })
}

#[test]
fn nobody_waits_after_the_reply_the_end_of_the_line_or_too_long() {
    let mut desk = Desk::new();
    let check = |desk: &mut Desk, conversation: Conversation| {
        let late = desk.edge.reply(&mut desk.vault, conversation, &reply());
        assert_eq!(late.err(), Some(ReplyError::NobodyWaits));
        assert_eq!(desk.edge.waiting(), 0);
    };
    let (conversation, _) = asked(desk.take(&sale()));
    assert!(desk.edge.reply(&mut desk.vault, conversation, &reply()).is_ok());
    check(&mut desk, conversation);

    let (conversation, _) = asked(desk.take(&sale()));
    desk.edge.closed(ConnectionId(8));
    assert_eq!(desk.edge.waiting(), 1, "another line");
    desk.edge.closed(LINE);
    check(&mut desk, conversation);

    let (conversation, _) = asked(desk.take(&sale()));
    assert_eq!(desk.edge.expire(NOW.after(3 * MINUTE)), 0);
    assert_eq!(desk.edge.expire(NOW.after(3 * MINUTE + 1)), 1);
    check(&mut desk, conversation);
    check(&mut desk, Conversation(123_456));
}

#[test]
fn beyond_the_bound_a_sale_hears_98_and_a_reversal_nothing() {
    let mut desk = Desk::with(MacMethod::Ecb, PosConfig { conversations: 2, ..pos_config() });
    for _ in 0..2 {
        asked(desk.take(&sale()));
    }
    let (answer, frame) = refused(desk.take(&sale()));
    assert_eq!((answer.text(39), words_of(&answer).as_str()), (Some("98"), UNKNOWN));
    assert!(desk.trusts(&frame));
    let taken = desk.take(&transaction(400, "000000", "00", 22));
    assert!(taken.answer.is_none() && taken.close && taken.input.is_none());
    assert_eq!(taken.note.unwrap().note.kind, "busy");
    assert_eq!(desk.edge.waiting(), 2);
}

#[test]
fn a_busy_node_is_answered_for_only_where_the_terminal_does_not_send_again() {
    let mut desk = Desk::new();
    let mut script = request(620, "00000002951");
    script.set(61, "000002000041");
    let about = |code: &str| {
        let mut message = request(820, &format!("00000002{code}"));
        message.set(61, "000002000041");
        message
    };
    let cases: [(Message, Option<&str>); 9] = [
        (sale(), Some("98")),
        (transaction(100, "030000", "06", 10), Some("98")),
        (about("390"), Some("98")),
        (about("391"), Some("98")),
        (about("392"), Some("98")),
        (sign_on(), Some("91")),
        (transaction(400, "000000", "00", 22), None),
        (transaction(220, "000000", "00", 30), None),
        (script, None),
    ];
    for (message, code) in cases {
        let (conversation, _) = asked(desk.take(&message));
        let busy = desk.edge.busy(&desk.vault, NOW, conversation);
        let found = busy.map(|(line, frame)| {
            assert_eq!(line, LINE);
            let answer = message_of(&frame);
            let words = answer.has(63).then(|| words_of(&answer));
            assert!(words.is_none_or(|words| words == UNKNOWN), "\"nothing charged\" is never said");
            answer.text(39).unwrap().to_owned()
        });
        assert_eq!(found.as_deref(), code, "{}", message.mti);
        assert_eq!(desk.edge.waiting(), 0);
    }
}

#[test]
fn a_full_door_tells_each_model_its_own_code_for_unknown() {
    let mut config = pos_config();
    config.tills.get_mut(&till(1)).unwrap().unknown = Code(*b"68");
    let mut desk = Desk::with(MacMethod::Ecb, config);
    let (conversation, _) = asked(desk.take(&sale()));
    let (_, frame) = desk.edge.busy(&desk.vault, NOW, conversation).unwrap();
    let answer = message_of(&frame);
    assert_eq!((answer.text(39), words_of(&answer).as_str()), (Some("68"), UNKNOWN));
}

#[test]
fn conversations_are_never_named_twice() {
    let mut desk = Desk::new();
    let mut last = Conversation(0);
    for _ in 0..100 {
        let (conversation, _) = asked(desk.take(&sale()));
        assert!(conversation > last);
        last = conversation;
        desk.edge.closed(LINE);
    }
}

#[test]
fn nothing_that_arrives_breaks_the_edge() {
    let mut desk = Desk::new();
    let whole = desk.framed(&sale());
    for length in 0..whole.len() {
        let taken = desk.frame(&whole[..length]);
        assert!(taken.input.is_none() && (taken.close || taken.answer.is_some()), "{length} bytes");
    }
    let mut dice = Seeded(5);
    for round in 0..20_000_usize {
        let mut frame = vec![0; round % 300];
        dice.fill(&mut frame);
        // Half of them get as far as the fields.
        if round % 2 == 0 && frame.len() > 13 {
            frame[..13].copy_from_slice(&whole[..13]);
        }
        let taken = desk.frame(&frame);
        assert!(taken.input.is_none(), "no random bytes have a good MAC");
        assert!(taken.note.is_some());
    }
    assert_eq!(desk.edge.waiting(), 0);
}

#[test]
fn a_configuration_that_no_field_can_carry_is_refused() {
    let check = |config, error| assert_eq!(PosEdge::new(config).err(), Some(error));
    let acquirer = |text: &str| PosConfig { acquirer: text.into(), ..pos_config() };
    check(acquirer(""), ConfigError::Acquirer { found: String::new() });
    check(acquirer("123456789012"), ConfigError::Acquirer { found: "123456789012".into() });
    let receiver = PosConfig { receiver: "with blank".into(), ..pos_config() };
    check(receiver, ConfigError::Receiver { found: "with blank".into() });
    check(PosConfig { conversations: 0, ..pos_config() }, ConfigError::NoRoom);
}

#[test]
fn the_edge_shows_no_card_number() {
    let mut desk = Desk::new();
    asked(desk.take(&sale()));
    assert_eq!(format!("{:?}", desk.edge), "PosEdge(16 tills, 1 conversations)");
}
