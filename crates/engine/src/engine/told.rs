//! Approvals that were told, or are about to be, and may come back as ones that could not be written. An approval may
//! be told more than once, to whoever asks again: only when none of its answers could be written has nobody heard it.

use super::print::Print;
use crate::io::Conversation;
use hefu_tally::{LegNo, Moment, Shard, TallyId};
use std::collections::{BTreeMap, VecDeque};

/// How long after it has left an answer may come back (milliseconds). Then it counts as heard. It leaves when what it
/// says is durable, which may take long.
const COMES_BACK_WITHIN: i64 = 120_000;

/// Whose approval a conversation was told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Approval {
    pub tally: TallyId,
    pub leg: LegNo,
    pub shard: Shard,
}

/// An answer that may come back.
#[derive(Copy, Clone)]
struct Answer {
    approval: Approval,
    /// When it left, or when it was last seen that it has not.
    since: Moment,
}

/// What is known of the answers that told one approval.
#[derive(Copy, Clone)]
struct Answers {
    /// So many may come back.
    out: usize,
    /// Another may have been heard.
    heard: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Told {
    conversations: BTreeMap<Conversation, Answer>,
    /// The same, the oldest first. Some may have come back since; one that left later stands here again.
    order: VecDeque<(Moment, Conversation)>,
    approvals: BTreeMap<(TallyId, LegNo), Answers>,
}

impl Told {
    /// An approval is told in this conversation. `again`: it had been told before, by an answer that may have been
    /// heard unless it stands here too.
    pub fn tell(&mut self, now: Moment, conversation: Conversation, approval: Approval, again: bool) {
        if self.conversations.contains_key(&conversation) {
            return;
        }
        self.waits(now, conversation, approval);
        let of = (approval.tally, approval.leg);
        self.approvals.entry(of).or_insert(Answers { out: 0, heard: again }).out += 1;
    }

    /// An answer leaves now that what it says is durable.
    pub fn leaves(&mut self, now: Moment, conversation: Conversation) {
        if let Some(approval) = self.approval(conversation) {
            self.waits(now, conversation, approval);
        }
    }

    /// Which approval this conversation was told, if its answer may come back.
    pub fn approval(&self, conversation: Conversation) -> Option<Approval> {
        self.conversations.get(&conversation).map(|answer| answer.approval)
    }

    /// This answer could not be written. Whether nobody can have heard the approval.
    pub fn came_back(&mut self, conversation: Conversation) -> bool {
        self.ends(conversation).is_some_and(|answers| answers.out == 0 && !answers.heard)
    }

    /// This answer was never let out, and will not be.
    pub fn was_dropped(&mut self, conversation: Conversation) {
        self.ends(conversation);
    }

    /// Answers that have not come back in time were heard. Those that are `held_back` have not left yet.
    pub fn pass(&mut self, now: Moment, held_back: impl Fn(&Approval, Conversation) -> bool) {
        while let Some(place) = self.order.pop_front_if(|(at, _)| now.since(*at) > COMES_BACK_WITHIN) {
            if !self.stands(&place) {
                continue;
            }
            let (_, conversation) = place;
            let approval = self.conversations[&conversation].approval;
            if held_back(&approval, conversation) {
                self.waits(now, conversation, approval);
            } else if let Some(answers) = self.ends(conversation).filter(|answers| answers.out > 0) {
                self.approvals.insert((approval.tally, approval.leg), Answers { heard: true, ..answers });
            }
        }
    }

    /// The payments whose approvals these are.
    pub fn payments(&self) -> impl Iterator<Item = TallyId> {
        self.approvals.keys().map(|(tally, _)| *tally)
    }

    fn waits(&mut self, since: Moment, conversation: Conversation, approval: Approval) {
        let before = self.conversations.insert(conversation, Answer { approval, since });
        if before.is_none_or(|before| before.since != since) {
            self.order.push_back((since, conversation));
        }
    }

    /// Whether this place in the order is the one that counts for its conversation.
    fn stands(&self, (at, conversation): &(Moment, Conversation)) -> bool {
        self.conversations.get(conversation).is_some_and(|answer| answer.since == *at)
    }

    /// This answer does not come back any more; what is left of its approval. One of which no answer can come back
    /// is forgotten.
    fn ends(&mut self, conversation: Conversation) -> Option<Answers> {
        let Answer { approval, since: _ } = self.conversations.remove(&conversation)?;
        let of = (approval.tally, approval.leg);
        let answers = self.approvals.get_mut(&of).expect("each conversation counts under its approval");
        answers.out = answers.out.checked_sub(1).expect("it counts once");
        let left = *answers;
        if left.out == 0 {
            self.approvals.remove(&of);
        }
        Some(left)
    }

    /// All of it: what came back is in none.
    pub fn fingerprint(&self, print: &mut Print) {
        let Told { conversations, order, approvals } = self;
        print.count(conversations.len());
        for (conversation, Answer { approval: Approval { tally, leg, shard: _ }, since: _ }) in conversations
        {
            print.number(conversation.0);
            print.id(*tally);
            print.byte(leg.0);
        }
        for (at, conversation) in order.iter().filter(|place| self.stands(place)) {
            print.at(*at);
            print.number(conversation.0);
        }
        for ((tally, leg), Answers { out: _, heard }) in approvals {
            print.id(*tally);
            print.byte(leg.0);
            print.byte(u8::from(*heard));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::MerchantNo;

    const FIRST: Conversation = Conversation(1);
    const SECOND: Conversation = Conversation(2);

    fn approval() -> Approval {
        Approval { tally: TallyId([1; 16]), leg: LegNo(0), shard: Shard::of(MerchantNo(*b"898110253110001")) }
    }

    fn twice() -> Told {
        let mut told = Told::default();
        told.tell(Moment(0), FIRST, approval(), false);
        told.tell(Moment(1), SECOND, approval(), true);
        told
    }

    fn nothing_is_held_back(_: &Approval, _: Conversation) -> bool {
        false
    }

    #[test]
    fn nobody_heard_it_when_every_answer_came_back() {
        for (one, other) in [(FIRST, SECOND), (SECOND, FIRST)] {
            let mut told = twice();
            assert!(!told.came_back(one), "the other may have been heard");
            assert!(told.came_back(other));
            assert!(!told.came_back(other), "it comes back once");
            assert!(told.conversations.is_empty() && told.approvals.is_empty());
        }
    }

    #[test]
    fn an_answer_that_does_not_come_back_in_time_was_heard() {
        let mut told = twice();
        told.pass(Moment(COMES_BACK_WITHIN), nothing_is_held_back);
        assert_eq!(told.approval(FIRST), Some(approval()), "not before");
        told.pass(Moment(COMES_BACK_WITHIN + 1), nothing_is_held_back);
        assert_eq!(told.approval(FIRST), None);
        assert!(!told.came_back(SECOND), "the first was heard");
        let mut told = twice();
        told.pass(Moment(COMES_BACK_WITHIN + 2), nothing_is_held_back);
        assert!(told.conversations.is_empty() && told.approvals.is_empty() && told.order.is_empty());
        told.tell(Moment(0), SECOND, approval(), true);
        assert!(
            !told.came_back(SECOND),
            "what was told before, by an answer that is forgotten, may be heard"
        );
    }

    #[test]
    fn what_is_held_back_has_not_left_and_is_waited_for() {
        let mut told = twice();
        let late = Moment(COMES_BACK_WITHIN + 2);
        told.pass(late, |of, conversation| *of == approval() && conversation == SECOND);
        assert!(!told.came_back(SECOND), "the first was heard");
        let mut told = twice();
        told.pass(late, |_, _| true);
        told.pass(late.after(COMES_BACK_WITHIN), nothing_is_held_back);
        assert!(!told.came_back(FIRST) && told.came_back(SECOND), "their time begins anew");
    }

    #[test]
    fn the_time_in_which_an_answer_comes_back_begins_when_it_leaves() {
        let mut told = Told::default();
        told.tell(Moment(0), FIRST, approval(), false);
        let left = Moment(COMES_BACK_WITHIN + 7);
        told.leaves(left, FIRST);
        told.leaves(left, SECOND);
        told.pass(left, nothing_is_held_back);
        assert_eq!(told.approval(FIRST), Some(approval()), "it has only just left");
        let mut in_time = told.clone();
        in_time.pass(left.after(COMES_BACK_WITHIN), nothing_is_held_back);
        assert!(in_time.came_back(FIRST));
        told.pass(left.after(COMES_BACK_WITHIN + 1), nothing_is_held_back);
        assert!(told.conversations.is_empty() && told.approvals.is_empty() && told.order.is_empty());
    }

    #[test]
    fn an_answer_that_was_dropped_is_none() {
        let mut told = twice();
        told.was_dropped(SECOND);
        assert!(told.came_back(FIRST));
        let mut told = twice();
        told.tell(Moment(5), SECOND, approval(), true);
        assert!(
            !told.came_back(FIRST) && told.came_back(SECOND),
            "the same answer, judged again, counts once"
        );
    }
}
