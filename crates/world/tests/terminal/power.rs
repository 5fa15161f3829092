//! The power fails before any effect of any command: what the terminal owes afterwards is what it may have caused.

use crate::host::Reply;
use crate::rig::*;
use hefu_world::terminal::*;

#[test]
fn the_reversal_is_durable_before_the_request_leaves_and_gone_before_the_slip() {
    let mut rig = Rig::certified();
    approved_sale(&mut rig, 1_000);
    assert_eq!(
        rig.effects,
        [
            "show",
            "connect",
            "wake",
            "persist",
            "send",
            "wake",
            "persist",
            "print",
            "show",
            "disconnect",
            "done",
        ]
    );
}

#[test]
fn a_power_cut_at_any_moment_of_a_sale_leaves_it_sold_or_reversed() {
    for reply in [Reply::Approve, Reply::Code("51"), Reply::Silence, Reply::WrongMac] {
        let mut cuts = 0;
        for kill in 0..20 {
            let mut rig = Rig::certified();
            rig.plan([reply.clone()]);
            rig.kill_before = Some(kill);
            if rig.perform(sale(1_000)).is_some() {
                break;
            }
            cuts += 1;
            let sent = rig.host.seen.iter().any(|m| m.mti.0 == 200);
            let owes = rig.terminal.owes().reversal.is_some();
            let entry = rig.terminal.entry(2).map(|entry| entry.standing.clone());
            match entry {
                None => assert!(!sent && !owes, "{reply:?}, {kill}: nothing was done"),
                Some(Standing::Unknown) => assert!(owes, "{reply:?}, {kill}: an open sale owes a reversal"),
                Some(Standing::Booked) => {
                    assert!(sent && !owes && reply == Reply::Approve, "{reply:?}, {kill}");
                }
                Some(Standing::Declined { .. }) => {
                    assert!(sent && !owes && reply == Reply::Code("51"), "{reply:?}, {kill}");
                }
                other => panic!("{reply:?}, {kill}: {other:?}"),
            }
            // Whatever it owes goes before the next sale, which takes a trace of its own.
            rig.host.plan.clear();
            rig.host.seen.clear();
            let next = approved_sale(&mut rig, 2_000);
            let reversals = rig.host.seen.iter().filter(|m| m.mti.0 == 400).count();
            assert_eq!(reversals, usize::from(owes), "{reply:?}, {kill}");
            assert!(next > 2 || !sent, "{reply:?}, {kill}: a trace that was sent is never used again");
            assert_eq!(rig.terminal.owes(), Owed::default(), "{reply:?}, {kill}");
        }
        assert!(cuts >= 8, "{reply:?}: {cuts}");
    }
}

#[test]
fn a_power_cut_while_reversing_never_counts_a_try_twice_or_not_at_all() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Silence]);
    rig.done(sale(1_000));
    let base = rig.disk.clone();
    for kill in 0..12 {
        rig.disk = base.clone();
        rig.restart();
        rig.host.seen.clear();
        rig.host.plan = [Reply::Silence, Reply::Silence, Reply::Silence].into();
        rig.kill_before = Some(kill);
        if rig.perform(Command::SendPending).is_some() {
            break;
        }
        let sent = rig.host.seen.len();
        let tries = usize::from(rig.terminal.owes().reversal.expect("kept").tries);
        // A try is counted before it leaves.
        assert!(tries == sent || tries == sent + 1, "{kill}: {tries} counted, {sent} sent");
    }
}

#[test]
fn a_power_cut_at_any_moment_of_a_settlement_ends_in_a_new_batch() {
    use hefu_iso8583::cup::SettlementAnswer::{Balanced, NotBalanced};
    for verdict in [Balanced, NotBalanced] {
        for kill in 0..60 {
            let mut rig = Rig::certified();
            for amount in 1..=10 {
                approved_sale(&mut rig, amount);
            }
            rig.plan([Reply::Totals(verdict)]);
            rig.kill_before = Some(kill);
            if rig.perform(Command::Settle).is_some() {
                assert!(kill > 10);
                break;
            }
            rig.host.plan = [Reply::Totals(verdict)].into();
            if rig.terminal.owes().settlement {
                assert_eq!(rig.done(sale(1)).believes, Belief::NotSent, "{verdict:?}, {kill}");
                assert!(matches!(rig.done(Command::Settle).believes, Belief::Approved { .. }), "{kill}");
            } else if !rig.terminal.owes().sign_on {
                assert!(matches!(rig.done(Command::Settle).believes, Belief::Approved { .. }), "{kill}");
            }
            assert!(rig.terminal.owes().sign_on, "{verdict:?}, {kill}");
            rig.host.batch += 1;
            rig.host.plan.clear();
            approved_sale(&mut rig, 7);
            assert_eq!(rig.terminal.batch(), 2, "{verdict:?}, {kill}");
        }
    }
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut rig = Rig::certified();
    rig.plan([Reply::Silence]);
    rig.done(sale(1_000));
    let twin = rig.terminal.clone();
    rig.done(Command::SendPending);
    assert_eq!(rig.terminal.owes().reversal, None);
    assert!(twin.owes().reversal.is_some());
}

#[test]
fn the_trace_goes_on_after_a_power_cut() {
    let mut rig = Rig::certified();
    let first = approved_sale(&mut rig, 1);
    rig.restart();
    let second = approved_sale(&mut rig, 1);
    assert_eq!((first, second), (2, 3));
}
