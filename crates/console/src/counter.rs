//! The shop's counter: the merchant's page as a terminal of its own. Money is given back here through the same door
//! and under the same rules as at a till; what a till shows by its next message, the person who asked says himself.

use crate::desk::{Desk, Unanswered};
use hefu_engine::{Answer, Ask, Decide, Input, Original, Said, Secret, Transact, Words};
use hefu_tally::{
    CardToken, Code, ContentHash, Identity, Kind, LinkId, MaskedPan, MerchantNo, Money, Rrn, SealedCard,
    TerminalNo, Till, codes, judge::Decision,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// The terminal number under which a merchant's page stands at the bank and in lists. Numbers of real terminals have
/// no letters.
const TERMINAL: TerminalNo = TerminalNo(*b"WEB00001");
/// The class of a refund's request (0220).
const CLASS: u16 = 220;
/// Keyed in, no PIN (F22).
const ENTRY: &str = "012";
/// Batch and trace run below this, as at any terminal.
const NUMBERS: u64 = 1_000_000;
/// The most refunds under way at one time.
const MOST: usize = 64;
/// How long whoever asks is kept waiting; after that he hears that it is not known yet.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long an answer is waited for, so that the word of whoever asked is handed in.
const LONGEST: Duration = Duration::from_secs(180);

/// What is to be given back, of which payment, and who says so.
#[derive(Clone)]
pub(crate) struct Refund {
    pub merchant: MerchantNo,
    pub of: Rrn,
    pub card: CardToken,
    pub sealed: SealedCard,
    pub masked: MaskedPan,
    /// The link that the payment took.
    pub link: LinkId,
    pub amount: Money,
    /// Tells this refund from every other: the same number again is the same refund.
    pub number: u64,
    pub by: String,
    pub reason: String,
}

impl Refund {
    /// Under which it is found when its answer is late.
    pub fn identity(&self) -> Identity {
        let till = Till { merchant: self.merchant, terminal: TERMINAL };
        let below = |number: u64| u32::try_from(number % NUMBERS).expect("it is below a million");
        let (batch, trace) = (below(self.number), below(self.number / NUMBERS));
        Identity { till, class: CLASS, batch, trace }
    }

    fn transact(&self) -> Transact {
        let hash = blake3::hash(&[self.of.as_str().as_bytes(), &self.amount.minor.to_be_bytes()].concat());
        let mut content = [0; 16];
        content.copy_from_slice(&hash.as_bytes()[..16]);
        Transact {
            kind: Kind::Refund,
            identity: self.identity(),
            content: ContentHash(content),
            amount: self.amount,
            link: self.link,
            card: self.card,
            sealed: self.sealed.clone(),
            masked: self.masked.clone(),
            original: Some(Original { rrn: Some(self.of), ..Original::default() }),
            takes_part: false,
            entry: ENTRY.to_owned(),
            chip: Vec::new(),
            chip_kept: Vec::new(),
            card_sequence: None,
            secret: Secret::default(),
        }
    }
}

/// What came of it, all of it durable.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Given {
    Done {
        rrn: Option<Rrn>,
    },
    /// It may have been done: it is being found out, and is under way until it is.
    Unknown {
        rrn: Option<Rrn>,
    },
    /// It was not done. The attempt is on record all the same.
    Refused {
        code: Code,
    },
    /// The line to the bank is down: nothing was done.
    NotSent,
}

impl Given {
    fn of(said: &Said) -> Given {
        let Said::Transaction { code, words, rrn, .. } = said else {
            unreachable!("a transaction is answered as one: {said:?}");
        };
        match words {
            Words::Unknown => Given::Unknown { rrn: *rrn },
            Words::NothingCharged => Given::NotSent,
            Words::Code if codes::approves(*code) => Given::Done { rrn: *rrn },
            Words::Code | Words::Returning | Words::Returned | Words::PreviousUnderCheck | Words::SignOn => {
                Given::Refused { code: *code }
            }
        }
    }
}

/// The counters of all shops.
pub(crate) struct Counter {
    desk: Desk,
    places: Arc<Semaphore>,
}

impl Counter {
    pub fn new(desk: Desk) -> Counter {
        Counter { desk, places: Arc::new(Semaphore::new(MOST)) }
    }

    /// Gives money back. What the bank has not answered in time is [`Given::Unknown`], and goes on by itself.
    ///
    /// # Errors
    /// [`Unanswered`] says whether it may have been taken all the same.
    pub async fn give_back(&self, refund: Refund) -> Result<Given, Unanswered> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Unanswered::TooMany)?;
        let (tell, hears) = oneshot::channel();
        let desk = self.desk.clone();
        tokio::spawn(async move {
            let _place = place;
            let ask = Ask::Transact(Box::new(refund.transact()));
            let reply = desk.converse(refund.identity().till, ask, LONGEST).await;
            let given = reply.map(|reply| Given::of(&reply.what));
            // Whoever asked may have gone; what he said is handed in all the same.
            let _ = tell.send(given);
            if let Ok(Given::Done { rrn: Some(rrn) }) = given {
                knows(&desk, rrn, refund).await;
            }
        });
        match timeout(PATIENCE, hears).await {
            Ok(given) => given.unwrap_or(Err(Unanswered::Late)),
            Err(_) => Ok(Given::Unknown { rrn: None }),
        }
    }
}

/// The shop knows of it: the word of the person who asked, with his reason.
async fn knows(desk: &Desk, rrn: Rrn, refund: Refund) {
    let Refund { by, reason, .. } = refund;
    let decide = Box::new(Decide { rrn, decision: Decision::Has, by, reason });
    match desk.ask(|ticket| Input::Decide { ticket, decide }).await {
        Ok(Answer::Done) => {}
        // It stays a question, which the shop is asked in time.
        Ok(Answer::Refused(why)) => {
            tracing::warn!(%rrn, why, "the word of whoever gave money back was not taken")
        }
        Ok(Answer::Status(_)) => unreachable!("only a question for the status is answered with it"),
        Err(error) => {
            tracing::warn!(%rrn, %error, "the word of whoever gave money back was not handed in")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::Currency;

    fn refund(number: u64) -> Refund {
        Refund {
            merchant: MerchantNo(*b"898110253110001"),
            of: Rrn(*b"632700000001"),
            card: CardToken([7; 16]),
            sealed: SealedCard(vec![1]),
            masked: MaskedPan::new("620000", "0005", 16),
            link: LinkId(1),
            amount: Money::new(1_000, Currency::CNY),
            number,
            by: "chen".into(),
            reason: "brought back".into(),
        }
    }

    #[test]
    fn a_number_names_one_refund_and_fits_a_terminal() {
        assert_eq!(refund(u64::MAX).identity(), refund(u64::MAX).identity());
        let numbers = [0, 1, NUMBERS - 1, NUMBERS, NUMBERS * NUMBERS - 1, u64::MAX];
        for number in numbers {
            let Identity { batch, trace, .. } = refund(number).identity();
            assert!(batch <= 999_999 && trace <= 999_999, "{number}");
        }
        assert_ne!(refund(1).identity(), refund(NUMBERS).identity());
    }

    #[test]
    fn only_what_an_answer_says_is_believed() {
        let rrn = Some(Rrn(*b"632700000002"));
        let check = |code: &[u8; 2], words, expected| {
            let said = Said::Transaction {
                code: Code(*code),
                words,
                rrn,
                amount: Money::new(1_000, Currency::CNY),
                auth: None,
                settles: None,
                chip: Vec::new(),
                balance: None,
            };
            assert_eq!(Given::of(&said), expected, "{words:?}");
        };
        check(b"00", Words::Code, Given::Done { rrn });
        check(b"98", Words::Unknown, Given::Unknown { rrn });
        check(b"91", Words::NothingCharged, Given::NotSent);
        check(b"64", Words::Code, Given::Refused { code: Code(*b"64") });
        check(b"94", Words::PreviousUnderCheck, Given::Refused { code: Code(*b"94") });
    }
}
