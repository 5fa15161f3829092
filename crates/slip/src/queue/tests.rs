use super::*;
use crate::{Batch, Voucher, samples};

fn sales(voucher: u32, copy: Copy) -> Slip {
    let mut fields = samples::sale();
    fields.voucher = Voucher::new(&format!("{voucher:06}")).expect("a voucher");
    Slip::Sales { data: Box::new(SlipData::new(fields).expect("fields agree")), copy }
}

fn slip(voucher: u32) -> Slip {
    sales(voucher, Copy::Merchant)
}

fn ready() -> PrintQueue {
    PrintQueue::new(PrinterState::Ready)
}

fn is_duplicate(slip: &Slip) -> bool {
    let mark = Line::Mark("重打印 / DUPLICATE".to_owned());
    slip.lines(Language::Zh).contains(&mark)
}

fn add(queue: &mut PrintQueue, slip: Slip) -> u64 {
    queue.add(slip).expect("there is room").0
}

/// Prints the next slip to its end: its number, and whether it was marked.
fn print(queue: &mut PrintQueue) -> Option<(u64, bool)> {
    let printed = queue.start().map(|task| (task.number, is_duplicate(&task.slip)))?;
    queue.done(printed.0).expect("it is being printed");
    Some(printed)
}

const FAILURES: [PrinterState; 5] = [
    PrinterState::OutOfPaper,
    PrinterState::PaperJam,
    PrinterState::Overheated,
    PrinterState::LowBattery,
    PrinterState::Off,
];

#[test]
fn a_ready_printer_prints_in_order_one_at_a_time() {
    let mut queue = ready();
    for voucher in 1..=3 {
        assert_eq!(queue.add(slip(voucher)), Ok((u64::from(voucher), None)));
    }
    assert_eq!(queue.start().map(|task| task.number), Some(1));
    assert_eq!(queue.start(), None, "one at a time");
    assert_eq!(queue.done(1), Ok(()));
    assert_eq!(print(&mut queue), Some((2, false)));
    assert_eq!(print(&mut queue), Some((3, false)));
    assert_eq!(print(&mut queue), None);
}

#[test]
fn both_copies_are_originals_and_each_further_one_is_a_duplicate() {
    let mut queue = ready();
    let settlement = || Slip::Settlement(Box::new(samples::balanced()));
    let order = [
        (slip(1), false),
        (sales(1, Copy::Cardholder), false),
        (slip(1), true),
        (sales(1, Copy::Cardholder), true),
        (settlement(), false),
        (settlement(), true),
    ];
    for (slip, marked) in order {
        add(&mut queue, slip);
        assert_eq!(print(&mut queue).map(|printed| printed.1), Some(marked));
    }
}

#[test]
fn a_slip_that_waits_or_is_printed_already_is_marked_when_it_is_asked_for_again() {
    let mut queue = ready();
    add(&mut queue, slip(1));
    add(&mut queue, slip(1));
    queue.start();
    add(&mut queue, slip(1));
    let marked: Vec<bool> = queue.waiting().map(|task| is_duplicate(&task.slip)).collect();
    assert_eq!((marked, is_duplicate(&queue.printing().expect("begun").slip)), (vec![true, true], false));
}

#[test]
fn the_same_voucher_of_another_batch_or_terminal_is_another_slip() {
    let mut queue = ready();
    add(&mut queue, slip(1));
    assert_eq!(print(&mut queue), Some((1, false)));
    let mut fields = samples::sale();
    fields.voucher = Voucher::new("000001").expect("a voucher");
    fields.batch = Batch::new("000008").expect("a batch");
    let data = SlipData::new(fields).expect("fields agree");
    add(&mut queue, Slip::Sales { data: Box::new(data), copy: Copy::Merchant });
    assert_eq!(print(&mut queue), Some((2, false)));
}

#[test]
fn a_slip_of_an_earlier_day_is_marked_because_it_is_asked_for_as_such() {
    let mut queue = ready();
    assert_eq!(queue.add_again(slip(1)), Ok((1, None)));
    assert_eq!(print(&mut queue), Some((1, true)));
}

#[test]
fn in_any_state_but_ready_slips_are_held_and_the_cashier_hears_why() {
    for state in FAILURES {
        let mut queue = PrintQueue::new(state);
        let (_, notice) = queue.add(slip(1)).expect("there is room");
        let notice = notice.expect("it is held");
        assert_eq!(queue.start(), None);
        assert_eq!(queue.held(), Some(notice.clone()));
        let eslip = samples::sale().eslip;
        assert_eq!(notice, Notice::Held { state, waiting: 1, eslip: eslip.clone() });
        assert_eq!(notice.eslip(), eslip.as_ref());
        let zh = notice.text(Language::Zh);
        assert_eq!(zh[1..], [Word::SlipHeld.zh(), Word::OfferEslip.zh()]);
        assert_eq!(notice.text(Language::En)[0], state.word().expect("not ready").en());
        assert_eq!(queue.report(PrinterState::Ready), Some(Notice::Resumed { waiting: 1 }));
        assert_eq!(print(&mut queue), Some((1, false)), "{state:?}: nothing of it was on paper");
    }
}

#[test]
fn without_an_electronic_slip_none_is_offered() {
    let mut queue = PrintQueue::new(PrinterState::OutOfPaper);
    let settlement = Slip::Settlement(Box::new(samples::balanced()));
    let notice = queue.add(settlement).expect("there is room").1.expect("it is held");
    assert_eq!(notice.text(Language::En), [Word::OutOfPaper.en(), Word::SlipHeld.en()]);
}

#[test]
fn an_interrupted_slip_is_printed_first_and_marked() {
    let mut queue = ready();
    add(&mut queue, slip(1));
    add(&mut queue, slip(2));
    queue.start();
    let notice = queue.report(PrinterState::PaperJam);
    assert!(matches!(notice, Some(Notice::Held { state: PrinterState::PaperJam, waiting: 2, .. })));
    assert_eq!(queue.done(1), Err(QueueRefusal::NotPrinting { number: 1 }), "it was not finished");
    assert_eq!(queue.report(PrinterState::Ready), Some(Notice::Resumed { waiting: 2 }));
    assert_eq!(print(&mut queue), Some((1, true)));
    assert_eq!(print(&mut queue), Some((2, false)));
}

#[test]
fn another_report_while_a_slip_is_held_tells_the_new_reason_once() {
    let mut queue = ready();
    add(&mut queue, slip(1));
    assert!(queue.report(PrinterState::OutOfPaper).is_some());
    assert_eq!(queue.report(PrinterState::OutOfPaper), None);
    let notice = queue.report(PrinterState::PaperJam).expect("another reason");
    assert_eq!(notice.text(Language::Zh)[0], Word::PaperJam.zh());
    assert!(queue.report(PrinterState::Ready).is_some());
    assert_eq!(queue.report(PrinterState::Ready), None);
}

#[test]
fn an_idle_printer_that_fails_and_recovers_disturbs_nobody() {
    let mut queue = ready();
    for state in FAILURES {
        assert_eq!((queue.report(state), queue.report(PrinterState::Ready)), (None, None));
    }
}

#[test]
fn a_slip_that_fails_every_time_is_set_aside_and_the_others_go_on() {
    let mut queue = ready();
    add(&mut queue, slip(1));
    add(&mut queue, slip(2));
    for tries in 1..PrintQueue::MAX_TRIES {
        queue.start();
        assert!(matches!(queue.report(PrinterState::PaperJam), Some(Notice::Held { .. })));
        assert_eq!(queue.waiting().next().map(|task| (task.number, task.tries)), Some((1, tries)));
        queue.report(PrinterState::Ready);
    }
    queue.start();
    let notice = queue.report(PrinterState::PaperJam).expect("told");
    let Notice::SetAside { task, .. } = &notice else { panic!("{notice:?}") };
    assert_eq!((task.number, is_duplicate(&task.slip)), (1, true));
    let said = [Word::PaperJam.en(), Word::SlipSetAside.en(), Word::OfferEslip.en()];
    assert_eq!(notice.text(Language::En), said);
    queue.report(PrinterState::Ready);
    assert_eq!(print(&mut queue), Some((2, false)));
    add(&mut queue, slip(1));
    assert_eq!(print(&mut queue), Some((3, true)), "part of it is on paper");
}

#[test]
fn a_full_queue_refuses_and_a_removed_slip_makes_room() {
    let mut queue = PrintQueue::new(PrinterState::OutOfPaper);
    let max = u32::try_from(PrintQueue::MAX_TASKS).expect("small");
    for voucher in 1..=max {
        add(&mut queue, slip(voucher));
    }
    let full = QueueRefusal::Full { waiting: PrintQueue::MAX_TASKS };
    assert_eq!(queue.add(slip(max + 1)), Err(full.clone()));
    assert_eq!(queue.remove(7).map(|task| task.number), Ok(7));
    assert_eq!(queue.remove(7), Err(QueueRefusal::NotWaiting { number: 7 }));
    add(&mut queue, slip(max + 1));
    queue.report(PrinterState::Ready);
    queue.start();
    assert_eq!(queue.add(slip(max + 2)), Err(full), "the one being printed counts");
}

#[test]
fn only_the_slip_that_is_printed_can_be_done() {
    let mut queue = ready();
    let not = |number| Err(QueueRefusal::NotPrinting { number });
    assert_eq!(queue.done(1), not(1));
    add(&mut queue, slip(1));
    assert_eq!(queue.done(1), not(1));
    queue.start();
    assert_eq!(queue.done(2), not(2));
    assert_eq!((queue.done(1), queue.done(1)), (Ok(()), not(1)));
}

#[test]
fn the_memory_of_printed_slips_is_bounded_and_forgets_the_oldest() {
    let mut queue = ready();
    let memory = u32::try_from(PrintQueue::MEMORY).expect("small");
    for voucher in 0..=memory {
        add(&mut queue, slip(voucher));
        assert!(matches!(print(&mut queue), Some((_, false))));
    }
    assert_eq!(queue.printed.names.len(), PrintQueue::MEMORY);
    assert_eq!(queue.printed.order.len(), PrintQueue::MEMORY);
    for (voucher, marked) in [(1, true), (memory, true), (0, false)] {
        add(&mut queue, slip(voucher));
        assert_eq!(print(&mut queue).map(|printed| printed.1), Some(marked), "{voucher}");
    }
}

mod whatever_happens {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::fixed;

    #[derive(Debug, Clone)]
    enum Event {
        Add(u32),
        Next,
        Done,
        Report(PrinterState),
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let state = proptest::sample::select([&FAILURES[..], &[PrinterState::Ready; 5]].concat());
        let event = prop_oneof![
            (1_u32..6).prop_map(Event::Add),
            Just(Event::Next),
            Just(Event::Done),
            state.prop_map(Event::Report),
        ];
        proptest::collection::vec(event, 0..120)
    }

    proptest! {
        #![proptest_config(fixed())]

        /// What is begun on paper is an original once; no slip is lost; nothing is printed by a printer
        /// that is not ready.
        #[test]
        fn a_slip_has_one_original_and_is_not_lost(events in events()) {
            let mut queue = ready();
            let (mut originals, mut added, mut finished) = (BTreeSet::new(), 0, 0);
            for event in events {
                match event {
                    Event::Add(voucher) => added += usize::from(queue.add(slip(voucher)).is_ok()),
                    Event::Next => {
                        let state = queue.state();
                        if let Some(task) = queue.start() {
                            prop_assert_eq!(state, PrinterState::Ready);
                            let original = !is_duplicate(&task.slip);
                            prop_assert!(!original || originals.insert(task.slip.name()), "two originals");
                        }
                    }
                    Event::Done => {
                        let number = queue.printing().map_or(0, |task| task.number);
                        finished += usize::from(queue.done(number).is_ok());
                    }
                    Event::Report(state) => {
                        let set_aside = matches!(queue.report(state), Some(Notice::SetAside { .. }));
                        finished += usize::from(set_aside);
                    }
                }
                let left = queue.waiting().count() + usize::from(queue.printing().is_some());
                prop_assert!(left <= PrintQueue::MAX_TASKS);
                prop_assert_eq!(added, finished + left);
                let held = queue.state() != PrinterState::Ready && queue.waiting().count() > 0;
                prop_assert_eq!(queue.held().is_some(), held);
            }
        }
    }
}
