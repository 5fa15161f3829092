use super::*;
use crate::pos::cards;
use crate::pos::screen::Mode;
use crate::terminal::{Owed, Transaction};

fn view() -> View {
    View {
        ledger: Vec::new(),
        owes: Owed::default(),
        batch: 1,
        next_trace: 2,
        signed_on: true,
        held_slips: 0,
        question: None,
    }
}

fn device() -> Device {
    let mut device = Device::new();
    assert!(device.power_on(&view()).is_none(), "it is signed on already");
    device
}

fn types(device: &mut Device, keys: &str) -> Option<Act> {
    let mut act = None;
    for name in keys.split_whitespace() {
        act = device.press(Key::named(name).unwrap(), &view()).unwrap();
    }
    act
}

fn outcome(believes: Belief, code: &str) -> Outcome {
    Outcome {
        transaction: Transaction::Sale,
        trace: Some(2),
        batch: 1,
        rrn: None,
        auth: None,
        response: Some(code.to_owned()),
        believes,
        balance: None,
        text: Text::new("好", "Good"),
    }
}

#[test]
fn a_sale_is_asked_for_its_amount_its_card_and_its_pin_in_this_order() {
    let mut device = device();
    types(&mut device, "1 2 00");
    assert_eq!(device.screen(None).amount, Some(1_200));
    assert!(device.card(cards::CARDS[0].present(EntryMode::Swipe).unwrap(), &view()).is_err());
    types(&mut device, "enter");
    assert_eq!((device.screen(None).mode, device.screen(None).slots.len()), (Mode::Card, 3));
    assert_eq!(device.press(Key::Digit(1), &view()).err(), Some(Dead::Key));
    assert!(device.card(cards::CARDS[0].present(EntryMode::Swipe).unwrap(), &view()).unwrap().is_none());
    types(&mut device, "1 2 3");
    let screen = device.screen(None);
    assert_eq!((screen.mode, screen.pin, screen.typed), (Mode::Pin, Some(3), None));
    assert!(types(&mut device, "enter").is_none(), "a PIN of three digits is none");
    let Some(Act::Run(command)) = types(&mut device, "4 5 6 enter") else { panic!("it runs") };
    assert!(matches!(*command, Command::Sale { amount: 1_200, pin: Some(_), .. }));
    assert!(device.is_busy() && device.screen(None).alive.is_empty(), "no key lives while it works");
    device.shows(Text::new("正在连接", "Connecting"));
    assert_eq!(device.screen(None).lines[0].en, "Connecting");
}

#[test]
fn a_small_tap_asks_for_no_pin_and_a_large_one_does() {
    for (keys, asks) in [("1 0 00 00 enter", false), ("1 0 0 0 0 1 enter", true)] {
        let mut device = device();
        types(&mut device, keys);
        let act = device.card(cards::CARDS[0].present(EntryMode::Contactless).unwrap(), &view()).unwrap();
        let asked = device.screen(None).mode == Mode::Pin;
        assert_eq!((act.is_none(), asked), (asks, asks), "{keys}");
    }
}

#[test]
fn cancel_and_clear_leave_nothing_behind() {
    let mut device = device();
    types(&mut device, "7 clear");
    assert_eq!(device.screen(None).amount, Some(0));
    types(&mut device, "clear");
    assert!(device.is_idle());
    types(&mut device, "7 enter cancel");
    assert!(device.is_idle());
    types(&mut device, "menu down enter");
    assert_eq!(device.screen(Some(&view())).mode, Mode::Trace, "a void asks for its voucher");
    types(&mut device, "enter");
    assert_eq!(
        (device.screen(None).mode, device.screen(None).tone),
        (Mode::Result, Tone::Bad),
        "there is none"
    );
    device.power_off();
    assert_eq!(device.press(Key::Enter, &view()).err(), Some(Dead::Key));
}

#[test]
fn what_the_terminal_believes_decides_the_lamp_and_a_question_is_asked_after_the_result() {
    for (believes, tone, lamp) in [
        (Belief::Approved { amount: 5 }, Tone::Good, Lamp::Green),
        (Belief::Declined, Tone::Bad, Lamp::Red),
        (Belief::Unknown, Tone::Unknown, Lamp::Amber),
    ] {
        let mut device = device();
        device.run(Flow::Sale, Command::Echo);
        let question = Question { trace: 9, text: "000009?".into() };
        device.ended(&outcome(believes, "00"), Some(question));
        assert_eq!((device.screen(None).tone, device.signal().lamp), (tone, lamp));
        types(&mut device, "clear");
        assert_eq!(device.screen(None).mode, Mode::Question);
        let Some(Act::Run(command)) = types(&mut device, "cancel") else { panic!("it is answered") };
        assert!(matches!(*command, Command::Confirm { trace: 9, has: false }));
    }
}
