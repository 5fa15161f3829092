//! The acquirer's question whether a sale stands, and the cashier's word.

use crate::host::Reply;
use crate::rig::*;
use hefu_world::terminal::*;

fn question(trace: u32) -> Option<Question> {
    Some(Question { trace, text: format!("Was {trace:06} completed? Please confirm") })
}

fn asked(rig: &Rig) -> Option<Question> {
    rig.terminal.question().cloned()
}

#[test]
fn a_question_stays_on_the_screen_until_the_cashier_has_answered_it() {
    let mut rig = Rig::certified();
    let earlier = approved_sale(&mut rig, 1_000);
    rig.plan([Reply::Question(earlier)]);
    let later = approved_sale(&mut rig, 2_000);
    assert_eq!(asked(&rig), question(earlier));
    let shown = rig.screen.last().map(|text| text.en.clone());
    assert_eq!(shown, question(earlier).map(|question| question.text));
    approved_sale(&mut rig, 3_000);
    assert_eq!(asked(&rig), question(earlier), "another answer without a question takes it off for nobody");
    rig.done(Command::Confirm { trace: later, has: true });
    assert_eq!(asked(&rig), question(earlier), "the word about another sale");
    for reply in [Reply::Silence, Reply::Code("98"), Reply::WrongMac] {
        rig.plan([reply.clone()]);
        let outcome = rig.done(Command::Confirm { trace: earlier, has: true });
        assert_eq!((outcome.believes, asked(&rig)), (Belief::Unknown, question(earlier)), "{reply:?}");
    }
    let outcome = rig.done(Command::Confirm { trace: earlier, has: true });
    assert_eq!(outcome.believes, Belief::Approved { amount: 0 });
    assert_eq!(asked(&rig), None);
    assert_eq!(rig.standing(earlier), Standing::Booked);
}

#[test]
fn only_an_answer_with_a_mac_may_ask() {
    let mut rig = Rig::certified();
    let earlier = approved_sale(&mut rig, 1_000);
    rig.plan([Reply::Question(earlier)]);
    rig.done(Command::Echo);
    assert_eq!(asked(&rig), None, "a line test carries none");
}

#[test]
fn a_sale_that_does_not_stand_leaves_the_totals_when_the_acquirer_has_heard_it() {
    // (what the acquirer answers, how the sale stands then)
    let reversed = Standing::Reversed { code: "00".into() };
    let cases = [
        (Reply::Approve, reversed),
        (Reply::Code("12"), Standing::Booked),
        (Reply::Silence, Standing::Booked),
        (Reply::WrongMac, Standing::Booked),
    ];
    for (reply, standing) in cases {
        let mut rig = Rig::certified();
        let kept = approved_sale(&mut rig, 1_000);
        let denied = approved_sale(&mut rig, 2_000);
        rig.plan([reply.clone()]);
        rig.done(Command::Confirm { trace: denied, has: false });
        assert_eq!((rig.standing(kept), rig.standing(denied)), (Standing::Booked, standing), "{reply:?}");
        let left = if reply == Reply::Approve { 1_000 } else { 3_000 };
        assert_eq!(rig.terminal.totals().debit.amount, left, "{reply:?}");
    }
}

#[test]
fn a_reversal_that_waits_is_not_replaced_by_a_word() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Silence]);
    let lost = rig.done(sale(1_000)).trace.unwrap();
    rig.done(Command::Confirm { trace: lost, has: false });
    assert_eq!(rig.standing(lost), Standing::Unknown);
    assert!(rig.terminal.owes().reversal.is_some(), "it still tells the acquirer itself");
}

#[test]
fn a_sale_of_a_closed_batch_can_be_confirmed_and_an_unknown_one_not() {
    let mut rig = Rig::certified();
    let old = approved_sale(&mut rig, 1_000);
    rig.done(Command::Settle);
    rig.host.batch = 2;
    rig.done(Command::SignOn);
    rig.done(Command::Confirm { trace: old, has: true });
    assert_eq!(rig.host.last().text(61), Some(format!("000001{old:06}").as_str()));
    rig.host.seen.clear();
    assert_eq!(rig.done(Command::Confirm { trace: 999, has: true }).believes, Belief::NotSent);
    assert!(rig.host.seen.is_empty());
}
