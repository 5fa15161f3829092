//! The state of one bank link, pure: connection events and answers in, what to do next out.
//!
//! A link is up when it is connected and its sign-on was accepted. When nothing was heard for a while an echo goes
//! out; after three without an answer the connection is dropped and made again, with growing pauses.

use crate::host::NetworkAnswer;
use hefu_mutant::mutant;
use hefu_tally::{
    Code, LinkKey, Moment,
    time::{MINUTE, SECOND},
};

/// The times of a link, in milliseconds.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LinkTimes {
    /// An echo goes out when nothing was heard for so long.
    pub echo_after: i64,
    /// A sign-on or echo is waited for so long.
    pub answer_within: i64,
    /// So many echoes in a row without an answer end the connection.
    pub misses: u8,
    /// The pause before the second try to connect, doubled with each failure …
    pub backoff_first: i64,
    /// … up to this.
    pub backoff_most: i64,
}

impl Default for LinkTimes {
    fn default() -> LinkTimes {
        LinkTimes {
            echo_after: MINUTE,
            answer_within: 15 * SECOND,
            misses: 3,
            backoff_first: SECOND,
            backoff_most: 30 * SECOND,
        }
    }
}

/// One link.
#[derive(Clone, Debug)]
pub struct LinkState {
    times: LinkTimes,
    /// Connections in a row that failed or were refused.
    failures: u32,
    phase: Phase,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Phase {
    Down { retry: Moment },
    SigningOn { key: LinkKey, since: Moment },
    Up { heard: Moment, echo: Option<(LinkKey, Moment)>, missed: u8 },
}

/// What the shell does next.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Todo {
    /// Connect, and say [`LinkState::connected`] or [`LinkState::disconnected`].
    Connect,
    /// Send an echo, and say [`LinkState::echo_sent`].
    Echo,
    /// Close the connection, and say [`LinkState::disconnected`].
    Drop(Why),
}

/// Why a connection is given up.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Why {
    SignOnUnanswered,
    EchoesUnanswered,
}

/// What an answer changed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Change {
    Up,
    /// The sign-on was refused, with this code; or the keys do not fit. The connection is to be closed.
    Refused(Option<Code>),
}

impl LinkState {
    /// A link that is to be connected at once.
    pub fn new(times: LinkTimes, now: Moment) -> LinkState {
        LinkState { times, failures: 0, phase: Phase::Down { retry: now } }
    }

    pub fn is_up(&self) -> bool {
        match self.phase {
            Phase::Up { .. } => true,
            Phase::Down { .. } | Phase::SigningOn { .. } => false,
        }
    }

    /// The connection stands and the sign-on with this key is on its way.
    pub fn connected(&mut self, now: Moment, sign_on: LinkKey) {
        self.phase = Phase::SigningOn { key: sign_on, since: now };
    }

    /// The connection is gone, or could not be made. Whether the link was up.
    pub fn disconnected(&mut self, now: Moment) -> bool {
        let was_up = self.is_up();
        let doublings = self.failures.min(16);
        let pause = self.times.backoff_first.saturating_mul(1 << doublings).min(self.times.backoff_most);
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Down { retry: now.after(pause) };
        was_up
    }

    /// Any whole frame came in.
    pub fn heard(&mut self, now: Moment) {
        match &mut self.phase {
            Phase::Up { heard, echo, missed } => {
                *heard = now;
                *echo = None;
                *missed = 0;
            }
            Phase::Down { .. } | Phase::SigningOn { .. } => {}
        }
    }

    /// An answer to a sign-on or echo of ours came in. Answers to echoes count as heard only.
    pub fn answered(&mut self, now: Moment, answer: &NetworkAnswer) -> Option<Change> {
        self.heard(now);
        let signing_on = match self.phase {
            Phase::SigningOn { key, .. } => answer.answers(key),
            Phase::Down { .. } | Phase::Up { .. } => false,
        };
        if !signing_on {
            return None;
        }
        if answer.code != Some(Code::APPROVED) || answer.wrong_mac {
            return Some(Change::Refused(answer.code));
        }
        self.failures = 0;
        self.phase = Phase::Up { heard: now, echo: None, missed: 0 };
        Some(Change::Up)
    }

    /// An echo with this key is on its way.
    pub fn echo_sent(&mut self, now: Moment, key: LinkKey) {
        match &mut self.phase {
            Phase::Up { echo, .. } => *echo = Some((key, now)),
            Phase::Down { .. } | Phase::SigningOn { .. } => {}
        }
    }

    /// What is due, if anything. An echo that was not answered is counted here.
    pub fn todo(&mut self, now: Moment) -> Option<Todo> {
        if now < self.wake_at() {
            return None;
        }
        match &mut self.phase {
            Phase::Down { .. } => Some(Todo::Connect),
            Phase::SigningOn { .. } => Some(Todo::Drop(Why::SignOnUnanswered)),
            Phase::Up { echo, missed, .. } => {
                *missed = missed.saturating_add(u8::from(echo.take().is_some()));
                match *missed >= self.times.misses && !mutant!(NeverNoticesASilentLink) {
                    true => Some(Todo::Drop(Why::EchoesUnanswered)),
                    false => Some(Todo::Echo),
                }
            }
        }
    }

    /// When to ask [`todo`](Self::todo) at the latest.
    pub fn wake_at(&self) -> Moment {
        match self.phase {
            Phase::Down { retry } => retry,
            Phase::SigningOn { since, .. } => since.after(self.times.answer_within),
            Phase::Up { echo: Some((_, since)), .. } => since.after(self.times.answer_within),
            Phase::Up { heard, echo: None, .. } => heard.after(self.times.echo_after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment(1_795_340_000_000);

    fn key(stan: u32) -> LinkKey {
        LinkKey { at: START, stan }
    }

    fn answer(stan: u32, code: &[u8; 2]) -> NetworkAnswer {
        let code = Some(Code(*code));
        NetworkAnswer { de7: START.mmddhhmmss(), stan, code, wrong_mac: false }
    }

    fn up() -> LinkState {
        let mut link = LinkState::new(LinkTimes::default(), START);
        assert_eq!(link.todo(START), Some(Todo::Connect));
        link.connected(START, key(1));
        assert!(!link.is_up(), "connected is not up");
        assert_eq!(link.answered(START, &answer(1, b"00")), Some(Change::Up));
        link
    }

    #[test]
    fn a_link_is_up_when_its_own_sign_on_is_accepted() {
        let mut link = LinkState::new(LinkTimes::default(), START);
        link.connected(START, key(7));
        assert_eq!(link.answered(START, &answer(8, b"00")), None, "the answer to something else");
        assert_eq!(link.answered(START, &answer(7, b"00")), Some(Change::Up));
        assert!(link.is_up());
    }

    #[test]
    fn a_refused_sign_on_or_a_wrong_mac_does_not_bring_the_link_up() {
        for refused in [answer(7, b"96"), NetworkAnswer { wrong_mac: true, ..answer(7, b"00") }] {
            let mut link = LinkState::new(LinkTimes::default(), START);
            link.connected(START, key(7));
            assert_eq!(link.answered(START, &refused), Some(Change::Refused(refused.code)));
            assert!(!link.is_up());
        }
    }

    #[test]
    fn a_sign_on_without_an_answer_is_given_up() {
        let mut link = LinkState::new(LinkTimes::default(), START);
        link.connected(START, key(7));
        assert_eq!(link.todo(START.after(14_999)), None);
        assert_eq!(link.todo(START.after(15_000)), Some(Todo::Drop(Why::SignOnUnanswered)));
        assert!(!link.disconnected(START), "it never was up");
    }

    #[test]
    fn an_idle_link_sends_echoes_and_three_without_an_answer_end_it() {
        let mut link = up();
        let mut now = START.after(60_000);
        assert_eq!(link.todo(now.after(-1)), None);
        for stan in 2..=4 {
            assert_eq!(link.todo(now), Some(Todo::Echo));
            link.echo_sent(now, key(stan));
            now = link.wake_at();
        }
        assert_eq!(link.todo(now), Some(Todo::Drop(Why::EchoesUnanswered)));
        assert!(link.disconnected(now));
    }

    #[test]
    fn whatever_is_heard_counts_as_life() {
        let mut link = up();
        for round in 1..=10 {
            let now = START.after(round * 100_000);
            assert_eq!(link.todo(now), Some(Todo::Echo));
            link.echo_sent(now, key(2));
            link.heard(now.after(10_000));
            assert_eq!(link.wake_at(), now.after(70_000));
        }
        assert!(link.is_up());
    }

    #[test]
    fn the_pauses_between_tries_grow_to_a_bound_and_start_anew_after_a_success() {
        let mut link = LinkState::new(LinkTimes::default(), START);
        let pauses: Vec<_> = (0..8)
            .map(|_| {
                link.disconnected(START);
                link.wake_at().since(START) / 1_000
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        let mut link = up();
        link.disconnected(START);
        assert_eq!(link.wake_at().since(START), 1_000);
    }
}
