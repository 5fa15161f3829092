//! The test cards: one table from card number to behaviour, and what each behaviour means.

use super::code::Code;
use hefu_tally::time::{MINUTE, SECOND};

/// Every test card that does not simply work, by the name of what goes wrong.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Behaviour {
    Approves,
    ApprovesByChip,
    ApprovesHalf,
    DeclinesForFunds,
    DeclinesAsExpired,
    DeclinesUnlessPinIsRight,
    DeclinesOverLimit,
    NeverSeesTheRequest,
    LosesTheAnswer,
    AnswersLate,
    AnswersAfterTheReversal,
    ProcessesAfterRefusingTheReversal,
    RefusesTheReversalThrice,
    IsSilentToReversals,
    Says68ButCharges,
    Says96AndDoesNotCharge,
    AnswersWithAWrongMac,
    AnswersWithAnotherAmount,
    AnswersWithAnotherTerminal,
    LosesTheVoidsAnswer,
    NeverSeesTheVoid,
    LosesTheRefundsAnswer,
    LosesTheCompletionsAnswer,
    IsSilentToCompletionAdvices,
    AcceptsTheReversalBeforeTheSale,
    ReversesThenSays94,
    AnswersBetweenReversalAndItsAnswer,
    DeniesTheVoidsReversal,
    ChargesTwice,
    IsMissingInClearing,
    IsChargedInClearingThoughReversed,
    HasAnotherAmountInClearing,
    IsTwiceInClearing,
    IsInTheNextDaysClearing,
    HasAnotherMerchantInClearing,
    Denies12ToReversals,
}

/// The one table of test cards.
const CARDS: &[(&str, Behaviour)] = &[
    ("6200000000000005", Behaviour::Approves),
    ("6200000000000013", Behaviour::ApprovesByChip),
    ("6200000000000104", Behaviour::ApprovesHalf),
    ("6200000000000518", Behaviour::DeclinesForFunds),
    ("6200000000000542", Behaviour::DeclinesAsExpired),
    ("6200000000000559", Behaviour::DeclinesUnlessPinIsRight),
    ("6200000000000617", Behaviour::DeclinesOverLimit),
    ("6200000000000609", Behaviour::NeverSeesTheRequest),
    ("6200000000000625", Behaviour::LosesTheAnswer),
    ("6200000000000633", Behaviour::AnswersLate),
    ("6200000000000641", Behaviour::AnswersAfterTheReversal),
    ("6200000000000658", Behaviour::ProcessesAfterRefusingTheReversal),
    ("6200000000000666", Behaviour::RefusesTheReversalThrice),
    ("6200000000000674", Behaviour::IsSilentToReversals),
    ("6200000000000682", Behaviour::Says68ButCharges),
    ("6200000000000690", Behaviour::Says96AndDoesNotCharge),
    ("6200000000000716", Behaviour::AnswersWithAWrongMac),
    ("6200000000000724", Behaviour::AnswersWithAnotherAmount),
    ("6200000000000732", Behaviour::AnswersWithAnotherTerminal),
    ("6200000000000906", Behaviour::LosesTheVoidsAnswer),
    ("6200000000000914", Behaviour::NeverSeesTheVoid),
    ("6200000000000922", Behaviour::LosesTheRefundsAnswer),
    ("6200000000000930", Behaviour::LosesTheCompletionsAnswer),
    ("6200000000000948", Behaviour::IsSilentToCompletionAdvices),
    ("6200000000000955", Behaviour::AcceptsTheReversalBeforeTheSale),
    ("6200000000000963", Behaviour::ReversesThenSays94),
    ("6200000000000989", Behaviour::AnswersBetweenReversalAndItsAnswer),
    ("6200000000000997", Behaviour::DeniesTheVoidsReversal),
    ("6200000000000708", Behaviour::ChargesTwice),
    ("6200000000000807", Behaviour::IsMissingInClearing),
    ("6200000000000815", Behaviour::IsChargedInClearingThoughReversed),
    ("6200000000000823", Behaviour::HasAnotherAmountInClearing),
    ("6200000000000831", Behaviour::IsTwiceInClearing),
    ("6200000000000849", Behaviour::IsInTheNextDaysClearing),
    ("6200000000000856", Behaviour::HasAnotherMerchantInClearing),
    ("6200000000000971", Behaviour::Denies12ToReversals),
];

/// What a behaviour means for each kind of message. Each kind that a behaviour does not speak of works.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Manners {
    pub payment: OnPayment,
    /// Reversals of a sale or pre-authorisation.
    pub reversal: OnReversal,
    pub void: OnVoid,
    pub refund: OnAdvice,
    pub completion: OnCompletion,
    pub clearing: InClearing,
}

/// How a sale or a pre-authorisation goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnPayment {
    Approve,
    /// Approve, and answer chip data with issuer data.
    ApproveByChip,
    ApproveHalf,
    /// Approve, and charge or hold once more under the same keys.
    ApproveTwice,
    Decline(Code),
    /// Approve only with a right PIN.
    DemandPin,
    NeverSee,
    LoseAnswer,
    /// Answer this many milliseconds late.
    DelayAnswer(i64),
    /// Keep the answer back until a reversal asks.
    KeepAnswer,
    /// Keep the request back, unprocessed, until a reversal asks; then do it, and never answer.
    HoldSilently,
    /// Keep the request back, unprocessed, until a reversal asks; then do it and answer. A request that its reversal
    /// has overtaken is not kept back.
    HoldThenAnswer,
    /// Do it, but answer this code.
    DoButSay(Code),
    /// Do nothing, and answer this code.
    OnlySay(Code),
    WrongMac,
    OtherAmount,
    OtherTerminal,
}

/// How the reversal of a sale or a pre-authorisation goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnReversal {
    Reverse,
    /// Reverse; the answer that was kept back follows the 0430 by this many milliseconds.
    ReverseThenRelease(i64),
    /// Reverse; the answer that was kept back leaves just before the 0430.
    ReleaseThenReverse,
    /// The first is answered 25, and the held request is processed this many milliseconds later, without an answer.
    DenyThenProcess(i64),
    /// While the request is held or unseen: answered 00; the held request is processed this many milliseconds
    /// after the first, with an answer.
    AcceptThenProcess(i64),
    /// Each reversal is answered 96 this many times before it is carried out.
    RefuseTimes(u32),
    /// Neither carried out nor answered until this many milliseconds after the first one.
    SilentFor(i64),
    /// Carried out, the answer lost, repeats answered 94.
    ReverseThenSay94,
    /// Never carried out.
    Deny(Code),
}

/// How a void of anything goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnVoid {
    Do,
    LoseAnswer,
    NeverSee,
    /// Done, its answer lost, and its reversal answered 25.
    LoseAnswerAndDenyReversal,
}

/// How a refund goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnAdvice {
    Do,
    /// Done; the first answer is lost, a repeat is answered.
    LoseFirstAnswer,
}

/// How a completion goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnCompletion {
    Do,
    /// Done; the answer is lost. The repeat of an advice is answered.
    LoseAnswer,
    /// An advice is neither carried out nor answered until this many milliseconds after the first one.
    AdviceSilentFor(i64),
}

/// What the clearing file shows of a payment.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum InClearing {
    AsItIs,
    Missing,
    ChargedThoughReversed,
    OtherAmount,
    Twice,
    NextDay,
    OtherMerchantAndMcc,
}

/// Everything works: the first card of the table, and every card that is not in it.
const WORKS: Manners = Manners {
    payment: OnPayment::Approve,
    reversal: OnReversal::Reverse,
    void: OnVoid::Do,
    refund: OnAdvice::Do,
    completion: OnCompletion::Do,
    clearing: InClearing::AsItIs,
};

impl Behaviour {
    /// The behaviour of a card number; [`Behaviour::Approves`] for every card that the table does not name.
    pub fn of(card: &str) -> Behaviour {
        CARDS
            .iter()
            .find(|(number, _)| *number == card)
            .map_or(Behaviour::Approves, |&(_, behaviour)| behaviour)
    }

    /// The test cards in the order of the table, with their behaviours.
    pub fn table() -> &'static [(&'static str, Behaviour)] {
        CARDS
    }

    /// What this behaviour means for each kind of message.
    pub fn manners(self) -> Manners {
        let paying = |payment| Manners { payment, ..WORKS };
        let losing = |reversal| Manners { payment: OnPayment::LoseAnswer, reversal, ..WORKS };
        let voiding = |void| Manners { void, ..WORKS };
        let completing = |completion| Manners { completion, ..WORKS };
        let clearing = |clearing| Manners { clearing, ..WORKS };
        match self {
            Behaviour::Approves => WORKS,
            Behaviour::ApprovesByChip => paying(OnPayment::ApproveByChip),
            Behaviour::ApprovesHalf => paying(OnPayment::ApproveHalf),
            Behaviour::DeclinesForFunds => paying(OnPayment::Decline(Code::InsufficientFunds)),
            Behaviour::DeclinesAsExpired => paying(OnPayment::Decline(Code::Expired)),
            Behaviour::DeclinesUnlessPinIsRight => paying(OnPayment::DemandPin),
            Behaviour::DeclinesOverLimit => paying(OnPayment::Decline(Code::OverLimit)),
            Behaviour::NeverSeesTheRequest => Manners {
                payment: OnPayment::NeverSee,
                reversal: OnReversal::Deny(Code::NoOriginal),
                ..WORKS
            },
            Behaviour::LosesTheAnswer => losing(OnReversal::Reverse),
            Behaviour::AnswersLate => paying(OnPayment::DelayAnswer(90 * SECOND)),
            Behaviour::AnswersAfterTheReversal => Manners {
                payment: OnPayment::KeepAnswer,
                reversal: OnReversal::ReverseThenRelease(5 * SECOND),
                ..WORKS
            },
            Behaviour::ProcessesAfterRefusingTheReversal => Manners {
                payment: OnPayment::HoldSilently,
                reversal: OnReversal::DenyThenProcess(20 * SECOND),
                ..WORKS
            },
            Behaviour::RefusesTheReversalThrice => losing(OnReversal::RefuseTimes(3)),
            Behaviour::IsSilentToReversals => losing(OnReversal::SilentFor(10 * MINUTE)),
            Behaviour::Says68ButCharges => paying(OnPayment::DoButSay(Code::AnswerLate)),
            Behaviour::Says96AndDoesNotCharge => Manners {
                payment: OnPayment::OnlySay(Code::SystemFault),
                reversal: OnReversal::Deny(Code::InvalidTransaction),
                ..WORKS
            },
            Behaviour::AnswersWithAWrongMac => paying(OnPayment::WrongMac),
            Behaviour::AnswersWithAnotherAmount => paying(OnPayment::OtherAmount),
            Behaviour::AnswersWithAnotherTerminal => paying(OnPayment::OtherTerminal),
            Behaviour::LosesTheVoidsAnswer => voiding(OnVoid::LoseAnswer),
            Behaviour::NeverSeesTheVoid => voiding(OnVoid::NeverSee),
            Behaviour::LosesTheRefundsAnswer => Manners { refund: OnAdvice::LoseFirstAnswer, ..WORKS },
            Behaviour::LosesTheCompletionsAnswer => completing(OnCompletion::LoseAnswer),
            Behaviour::IsSilentToCompletionAdvices => completing(OnCompletion::AdviceSilentFor(10 * MINUTE)),
            // The table gives no time for "then": a second is enough for the 0430 to be well under way.
            Behaviour::AcceptsTheReversalBeforeTheSale => Manners {
                payment: OnPayment::HoldThenAnswer,
                reversal: OnReversal::AcceptThenProcess(SECOND),
                ..WORKS
            },
            Behaviour::ReversesThenSays94 => losing(OnReversal::ReverseThenSay94),
            Behaviour::AnswersBetweenReversalAndItsAnswer => {
                Manners { payment: OnPayment::KeepAnswer, reversal: OnReversal::ReleaseThenReverse, ..WORKS }
            }
            Behaviour::DeniesTheVoidsReversal => voiding(OnVoid::LoseAnswerAndDenyReversal),
            Behaviour::ChargesTwice => paying(OnPayment::ApproveTwice),
            Behaviour::IsMissingInClearing => clearing(InClearing::Missing),
            Behaviour::IsChargedInClearingThoughReversed => clearing(InClearing::ChargedThoughReversed),
            Behaviour::HasAnotherAmountInClearing => clearing(InClearing::OtherAmount),
            Behaviour::IsTwiceInClearing => clearing(InClearing::Twice),
            Behaviour::IsInTheNextDaysClearing => clearing(InClearing::NextDay),
            Behaviour::HasAnotherMerchantInClearing => clearing(InClearing::OtherMerchantAndMcc),
            Behaviour::Denies12ToReversals => losing(OnReversal::Deny(Code::InvalidTransaction)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_vault::Pan;
    use std::collections::BTreeSet;

    #[test]
    fn every_card_is_luhn_valid_and_stands_once_with_a_behaviour_of_its_own() {
        let cards: BTreeSet<_> = CARDS.iter().map(|(card, _)| card).collect();
        let behaviours: BTreeSet<_> = CARDS.iter().map(|(_, behaviour)| behaviour).collect();
        assert_eq!((cards.len(), behaviours.len()), (36, 36), "28 cards seen while paying, 8 in clearing");
        for card in cards {
            assert!(Pan::parse(card).is_ok(), "{card}");
            assert!(card.starts_with("62000000000"), "{card}");
        }
    }

    #[test]
    fn a_card_outside_the_table_works() {
        assert_eq!(Behaviour::of("6200000000000021"), Behaviour::Approves);
        assert_eq!(Behaviour::Approves.manners(), WORKS);
    }
}
