//! What must not go to the bank. The rules that hold in the commit are checked here, in the change that records it.

use crate::{
    engine::Engine,
    io::{Transact, Words},
};
use hefu_mutant::mutant;
use hefu_tally::{
    Code, Issuer, Kind, LegNo, Moment, TallyId,
    leg::{Heal, Leg, Moves, NOTHING_CHARGED},
    tally::MOST_LEGS,
};

/// A completion may take so many hundredths of what was pre-authorised (115 %).
const COMPLETION_PERCENT: i64 = 115;
/// The largest amount that F4 can carry, in minor units.
const MOST_MINOR: i64 = 999_999_999_999;

/// Why a transaction is not sent to the bank.
pub(super) struct Refusal {
    pub code: Code,
    pub words: Words,
}

impl Engine {
    /// Why this transaction must not go to the bank, if it must not.
    pub(super) fn refuse(
        &self,
        now: Moment,
        transact: &Transact,
        original: Option<(TallyId, LegNo)>,
    ) -> Option<Refusal> {
        let minor = transact.amount.minor;
        let least = i64::from(transact.kind != Kind::Inquiry);
        if !(least..=MOST_MINOR).contains(&minor) {
            return Some(Refusal { code: Code(*b"13"), words: Words::Code });
        }
        if transact.kind.refers() {
            let code = match original {
                Some((id, no)) => self.refuse_follower(transact, id, no),
                None => Some(*b"25"),
            };
            if let Some(code) = code {
                return Some(Refusal { code: Code(code), words: Words::Code });
            }
        } else if matches!(transact.kind, Kind::Sale | Kind::PreAuth) && self.charged_again(now, transact) {
            return Some(Refusal { code: Code(*b"94"), words: Words::PreviousUnderCheck });
        }
        // The sale of an advice stands already: it is kept, and sent when the line is up.
        let advice = transact.kind.heal() == Heal::Insist && transact.kind.moves() == Moves::Charge;
        let taken = self.refuses.is_none() && self.takes_new(now, self.route(transact, original));
        (!taken && !advice).then_some(Refusal { code: NOTHING_CHARGED, words: Words::NothingCharged })
    }

    /// Void, refund, completion and their like against the leg that they refer to.
    fn refuse_follower(&self, transact: &Transact, id: TallyId, no: LegNo) -> Option<[u8; 2]> {
        let tally = &self.open[&id].tally;
        let leg = tally.leg(no).expect("found above");
        let fits = match transact.kind {
            Kind::Void => matches!(leg.kind, Kind::Sale | Kind::OfflineSale),
            Kind::Refund => leg.kind.moves() == Moves::Charge,
            Kind::PreAuthVoid | Kind::Completion | Kind::CompletionAdvice => leg.kind == Kind::PreAuth,
            Kind::CompletionVoid => matches!(leg.kind, Kind::Completion | Kind::CompletionAdvice),
            Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => false,
        };
        if !fits || tally.legs().count() >= MOST_LEGS {
            return Some(*b"25");
        }
        // Unknown, under return, or given back: look it up first.
        if !leg.stands() && !mutant!(VoidsWhatIsUnknown) {
            return Some(*b"22");
        }
        let amount = transact.amount;
        if amount.currency != leg.amount.currency {
            return Some(*b"13");
        }
        // A completion that was voided leaves its hold as if it had never been.
        let followers: Vec<&Leg> = tally
            .legs()
            .filter(|(other_no, other)| other.of == Some(no) && !tally.voided(*other_no))
            .map(|(_, other)| other)
            .collect();
        let open_or_done = |moves: &[Moves]| {
            followers.iter().any(|other| {
                matches!(other.issuer, Issuer::Unknown | Issuer::Done) && moves.contains(&other.kind.moves())
            })
        };
        if open_or_done(&[Moves::GiveBack, Moves::Release]) {
            return Some(*b"22");
        }
        match transact.kind {
            Kind::Void | Kind::CompletionVoid if open_or_done(&[Moves::Refund]) => Some(*b"22"),
            Kind::PreAuthVoid | Kind::Completion | Kind::CompletionAdvice
                if open_or_done(&[Moves::Charge]) =>
            {
                Some(*b"22")
            }
            Kind::Void | Kind::CompletionVoid | Kind::PreAuthVoid => (amount != leg.amount).then_some(*b"64"),
            Kind::Refund => {
                let unknown = followers
                    .iter()
                    .any(|other| other.kind.moves() == Moves::Refund && other.issuer == Issuer::Unknown);
                if unknown && !mutant!(RefundsWhileOneIsUnknown) {
                    return Some(*b"22");
                }
                let sum = tally.refunded(no).and_then(|sum| sum.plus(amount));
                let fits = sum.is_ok_and(|sum| sum.minor <= leg.amount.minor);
                (!fits && !mutant!(ForgetsTheRefundSum)).then_some(*b"64")
            }
            Kind::Completion | Kind::CompletionAdvice => {
                let most =
                    leg.amount.minor.checked_mul(COMPLETION_PERCENT).map(|hundredths| hundredths / 100);
                most.is_none_or(|most| amount.minor > most && !mutant!(CompletesBeyondTheLimit))
                    .then_some(*b"61")
            }
            Kind::Sale | Kind::PreAuth | Kind::OfflineSale | Kind::Inquiry => Some(*b"12"),
        }
    }

    /// Same card, amount and merchant, not long ago, and that payment is still in doubt.
    fn charged_again(&self, now: Moment, transact: &Transact) -> bool {
        let payer = (transact.identity.till.merchant, transact.card);
        self.doubts.get(&payer).into_iter().flatten().any(|id| {
            let tally = &self.open[id].tally;
            let same = tally.first().asked == transact.amount && !mutant!(ChargesAgainWhileInDoubt);
            same && now < self.doubted_until(tally)
        })
    }
}
