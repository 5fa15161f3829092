//! Approvals that were told, or are about to be, and may come back as ones that could not be written. An approval may
//! be told more than once, to whoever asks again: only when none of its answers could be written has nobody heard it.

use super::print::Print;
use crate::io::Conversation;
use hefu_tally::{LegNo, Moment, Shard, TallyId};
use std::collections::{BTreeMap, VecDeque};

/// How long after it has left an answer may come back (milliseconds). Then it counts as heard.
const COMES_BACK_WITHIN: i64 = 120_000;

/// Whose approval a conversation was told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Approval {
    pub tally: TallyId,
    pub leg: LegNo,
    pub shard: Shard,
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
    conversations: BTreeMap<Conversation, Approval>,
    /// The same, the oldest first. Some may have come back since.
    order: VecDeque<(Moment, Conversation)>,
    approvals: BTreeMap<(TallyId, LegNo), Answers>,
}

impl Told {
    /// An approval is told in this conversation. `again`: it had been told before, by an answer that may have been
    /// heard unless it stands here too.
    pub fn tell(&mut self, now: Moment, conversation: Conversation, approval: Approval, again: bool) {
        if self.conversations.insert(conversation, approval).is_some() {
            return;
        }
        self.order.push_back((now, conversation));
        let of = (approval.tally, approval.leg);
        self.approvals.entry(of).or_insert(Answers { out: 0, heard: again }).out += 1;
    }

    /// Which approval this conversation was told, if its answer may come back.
    pub fn approval(&self, conversation: Conversation) -> Option<Approval> {
        self.conversations.get(&conversation).copied()
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
        while let Some((_, conversation)) =
            self.order.pop_front_if(|(at, _)| now.since(*at) > COMES_BACK_WITHIN)
        {
            let Some(approval) = self.approval(conversation) else { continue };
            if held_back(&approval, conversation) {
                self.order.push_back((now, conversation));
            } else if let Some(answers) = self.ends(conversation).filter(|answers| answers.out > 0) {
                self.approvals.insert((approval.tally, approval.leg), Answers { heard: true, ..answers });
            }
        }
    }

    /// The payments whose approvals these are.
    pub fn payments(&self) -> impl Iterator<Item = TallyId> {
        self.approvals.keys().map(|(tally, _)| *tally)
    }

    /// This answer does not come back any more; what is left of its approval. One of which no answer can come back
    /// is forgotten.
    fn ends(&mut self, conversation: Conversation) -> Option<Answers> {
        let approval = self.conversations.remove(&conversation)?;
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
        for (conversation, Approval { tally, leg, shard: _ }) in conversations {
            print.number(conversation.0);
            print.id(*tally);
            print.byte(leg.0);
        }
        for (at, conversation) in order.iter().filter(|(_, told)| conversations.contains_key(told)) {
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
