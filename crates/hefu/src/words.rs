//! The program's words for states and kinds, one place for all listings.

use hefu_tally::{
    Kind, Merchant, View,
    duty::DutyKind,
    fact::Shown,
    judge::Decision,
    leg::{Case, Knowledge, Why},
    notice::{To, Word},
    tally::IssuerHalf,
};

pub fn view(view: View) -> &'static str {
    match view {
        View::Processing => "processing",
        View::Approved => "approved",
        View::Declined => "declined",
        View::Unknown => "unknown: do not charge again",
        View::Returning => "returning",
        View::Returned => "returned",
        View::UnderReview => "under review",
    }
}

pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Sale => "sale",
        Kind::Void => "void",
        Kind::Refund => "refund",
        Kind::PreAuth => "pre-authorisation",
        Kind::PreAuthVoid => "void of pre-authorisation",
        Kind::Completion => "completion",
        Kind::CompletionVoid => "void of completion",
        Kind::CompletionAdvice => "completion advice",
        Kind::OfflineSale => "offline sale",
        Kind::Inquiry => "balance inquiry",
    }
}

pub fn issuer(half: IssuerHalf) -> &'static str {
    match half {
        IssuerHalf::Untouched => "untouched",
        IssuerHalf::Unknown => "unknown",
        IssuerHalf::Declined => "declined",
        IssuerHalf::Held => "held",
        IssuerHalf::Charged => "charged",
        IssuerHalf::Returned => "returned",
    }
}

pub fn merchant(half: Merchant) -> &'static str {
    match half {
        Merchant::Waiting => "waiting",
        Merchant::Told => "told sale",
        Merchant::Has => "has sale",
        Merchant::No => "no sale",
    }
}

pub fn why(why: Why) -> &'static str {
    match why {
        Why::Approved => "the bank's answer proves it done",
        Why::Declined => "the bank's answer proves it not done",
        Why::NoAnswer => "no answer within our deadline; silence proves nothing",
        Why::ProvesNothing => "the answer's code proves nothing",
        Why::WrongMac => "the answer's MAC is wrong, so it proves nothing",
        Why::Mismatch => "the answer does not fit the request, so it proves nothing",
        Why::PartNotTaken => "approved in part, which this terminal cannot take",
        Why::TerminalReversed => "the terminal reversed it",
        Why::NotReachable => "the approval could not be given to the terminal",
        Why::Restarted => "we were started again while it was unanswered",
        Why::NeverSent => "never sent to the bank",
        Why::MerchantDenied => "the merchant says that there was no such sale",
        Why::Shown => "the bank's books show it",
    }
}

pub fn knowledge(by: Knowledge) -> &'static str {
    match by {
        Knowledge::Confirmed => "proof: the terminal confirmed it",
        Knowledge::Signature => "proof: its signature was uploaded",
        Knowledge::Quoted => "proof: a later transaction quoted its reference",
        Knowledge::Upload => "proof: it stands in the completed batch upload",
        Knowledge::Person => "proof: a named person says so",
        Knowledge::NextTransaction => "presumption: the terminal went on without reversing it",
        Knowledge::EqualTotals => "presumption: the batch totals agree",
        Knowledge::Silence => "nothing was heard since the approval",
        Knowledge::Policy => "decision: the merchant's policy at the day cut",
        Knowledge::NeverTold => "no approval was ever sent",
        Knowledge::Reversed => "the terminal reversed it",
    }
}

pub fn duty(kind: DutyKind) -> &'static str {
    match kind {
        DutyKind::FindOut => "find out what the bank did",
        DutyKind::Insist => "repeat the advice until the bank answers",
        DutyKind::Reverse => "repeat the reversal until the bank answers",
        DutyKind::AwaitClearing => "wait for the clearing files",
        DutyKind::HearMerchant => "learn whether the merchant has the sale",
        DutyKind::AskPerson => "a person must look",
    }
}

pub fn case(case: Case) -> &'static str {
    match case {
        Case::ReversedAgainstProof => "the terminal reversed what it is proved to have",
        Case::CreditAdjustment => "the money goes back by credit adjustment",
        Case::KeyClash => "the bank says our first reversal is a duplicate",
        Case::Contradiction => "two answers of the bank contradict each other",
        Case::ClearingSilent => "clearing did not decide in its time",
        Case::MissingFromUpload => "the completed upload of the terminal's batch does not hold it",
        Case::NotUnderstood => "the bank answers again and again with what proves nothing",
        Case::SaleWithoutCharge => "the shop has a sale that the payer was not charged for",
    }
}

pub fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Has => "the merchant has it",
        Decision::HasNot => "the merchant does not have it",
        Decision::Done => "the bank's books show it done",
        Decision::NotDone => "the bank's books do not show it",
        Decision::Undone => "the bank's books show it given back",
        Decision::Close => "nothing is left to do",
    }
}

pub fn shown(shown: Shown) -> &'static str {
    match shown {
        Shown::Done => "done",
        Shown::DoneLate => "done after all, though it was settled as not done",
        Shown::Stands => "done, and it stands",
        Shown::NotDone => "not done",
        Shown::Undone => "undone",
    }
}

pub fn to(to: To) -> &'static str {
    match to {
        To::Payer => "payer",
        To::Merchant => "merchant",
    }
}

pub fn notice(word: Word) -> &'static str {
    match word {
        Word::Unknown => "is unknown: do not charge again",
        Word::Stands => "stands",
        Word::StandsByPolicy => "stands, by the merchant's policy at the end of the day",
        Word::NotDone => "was not done",
        Word::Returning => "is being given back",
        Word::Returned => "was given back",
        Word::UnderReview => "is being looked into",
    }
}
