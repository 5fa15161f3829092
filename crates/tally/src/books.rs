//! The books: double entry, as a function of the halves. A payment's position says what it stands for in every
//! account; a posting is the difference that a transition makes. So the books balance by construction, and can be
//! rebuilt from facts alone.

use crate::{
    ids::{LinkId, MerchantNo},
    leg::{Issuer, Leg, LegNo, Merchant, Moves},
    money::{Money, MoneyError},
    tally::Tally,
};
use hefu_mutant::mutant;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// An account of the platform's ledger.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the bank behind this link owes us.
    Receivable(LinkId),
    /// Taken from payers, not known to be a merchant's sale.
    AtRisk,
    /// Given back to payers, not known to the merchant.
    ReturnsAtRisk,
    Payable(MerchantNo),
    Fees,
    OwedToPayer,
    /// Memo: held on cards behind this link.
    Held(LinkId),
    /// Memo: the counter-account of holds.
    Holders,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Receivable(link) => write!(f, "receivable:{}", link.0),
            Account::AtRisk => f.write_str("at_risk"),
            Account::ReturnsAtRisk => f.write_str("returns_at_risk"),
            Account::Payable(merchant) => write!(f, "payable:{merchant}"),
            Account::Fees => f.write_str("fees"),
            Account::OwedToPayer => f.write_str("owed_to_payer"),
            Account::Held(link) => write!(f, "held:{}", link.0),
            Account::Holders => f.write_str("holders"),
        }
    }
}

/// One movement between two accounts. `posted` is never negative; `pending` is, when a pending amount is let go.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posting {
    pub leg: LegNo,
    pub debit: Account,
    pub credit: Account,
    /// Minor units that become pending (or cease to be).
    pub pending: i64,
    /// Minor units that are posted.
    pub posted: i64,
}

#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
struct Stand {
    pending: i64,
    posted: i64,
}

type Position = BTreeMap<(LegNo, Account, Account), Stand>;

/// What must be posted when a payment goes from `before` (none: it was not there) to `after`.
pub fn postings(before: Option<&Tally>, after: &Tally) -> Result<Vec<Posting>, MoneyError> {
    let old = before.map(position).transpose()?.unwrap_or_default();
    let new = position(after)?;
    let mut postings = Vec::new();
    let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    for key @ (leg, debit, credit) in keys {
        let was = old.get(&key).copied().unwrap_or_default();
        let is = new.get(&key).copied().unwrap_or_default();
        let pending = is.pending.checked_sub(was.pending).ok_or(MoneyError::Overflow)?;
        let posted = is.posted.checked_sub(was.posted).ok_or(MoneyError::Overflow)?;
        match (pending, posted) {
            (0, 0) => {}
            (_, 0..) => postings.push(Posting { leg, debit, credit, pending, posted }),
            (_, ..0) => {
                // Taking back what was posted is a posting the other way round, never a negative one.
                if pending != 0 {
                    postings.push(Posting { leg, debit, credit, pending, posted: 0 });
                }
                postings.push(Posting { leg, debit: credit, credit: debit, pending: 0, posted: -posted });
            }
        }
    }
    Ok(postings)
}

fn position(tally: &Tally) -> Result<Position, MoneyError> {
    let mut position = Position::new();
    for (no, leg) in tally.legs() {
        let Some(request) = leg.request else { continue };
        let pending = if leg.issuer == Issuer::Unknown { leg.asked.minor } else { 0 };
        let posted = if leg.issuer == Issuer::Done { leg.amount.minor } else { 0 };
        let receivable = Account::Receivable(request.link);
        let mut stand = |debit, credit, stand| position.insert((no, debit, credit), stand);
        match leg.kind.moves() {
            Moves::Charge => {
                let (risk, owed) = if leg.owed { (0, posted) } else { (posted, 0) };
                stand(receivable, Account::AtRisk, Stand { pending, posted: risk });
                stand(receivable, Account::OwedToPayer, Stand { pending: 0, posted: owed });
                if leg.merchant == Merchant::Has {
                    let (net, fee) = split(leg)?;
                    let payable = Account::Payable(tally.merchant);
                    stand(Account::AtRisk, payable, Stand { pending: 0, posted: net.minor });
                    stand(Account::AtRisk, Account::Fees, Stand { pending: 0, posted: fee.minor });
                }
            }
            Moves::GiveBack => {
                stand(Account::ReturnsAtRisk, receivable, Stand { pending, posted });
                if leg.merchant == Merchant::Has {
                    let (net, fee) = split(leg)?;
                    let payable = Account::Payable(tally.merchant);
                    stand(payable, Account::ReturnsAtRisk, Stand { pending: 0, posted: net.minor });
                    stand(Account::Fees, Account::ReturnsAtRisk, Stand { pending: 0, posted: fee.minor });
                }
            }
            Moves::Refund if mutant!(LeavesRefundsOutOfTheBooks) => {}
            Moves::Refund => {
                stand(Account::Payable(tally.merchant), receivable, Stand { pending, posted });
            }
            Moves::Hold => {
                let posted = if tally.released(no) { 0 } else { posted };
                stand(Account::Held(request.link), Account::Holders, Stand { pending, posted });
            }
            Moves::Release | Moves::Nothing => {}
        }
    }
    position.retain(|_, stand| *stand != Stand::default());
    Ok(position)
}

/// The merchant's net and our fee of a leg's amount.
fn split(leg: &Leg) -> Result<(Money, Money), MoneyError> {
    let fee = leg.amount.share(leg.fee)?;
    Ok((leg.amount.minus(fee)?, fee))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leg::Kind;
    use crate::{
        ids::Code,
        judge::{
            Evidence,
            scene::{LINK, Scene, answer, reversal, yuan},
        },
        leg::Knowledge,
    };

    /// What is given to a leg, one second after the other.
    type Steps = &'static [fn() -> Evidence];

    const FIRST: LegNo = LegNo(0);
    const KNOWN: Evidence = Evidence::Known(Knowledge::Person);
    const REVERSED: Evidence = Evidence::TerminalReversed(Some(Code(*b"98")));

    /// What happens to the first leg, then to a follower of so many yuan (if there is one), and what stands in the
    /// books afterwards: debits less credits in fen, pending and posted. What is not named is empty.
    struct Case {
        name: &'static str,
        first: (Kind, Steps),
        follower: Option<(Kind, i64, Steps)>,
        books: &'static [(&'static str, i128, i128)],
    }

    fn approved() -> Evidence {
        answer("00")
    }
    fn declined() -> Evidence {
        answer("51")
    }
    fn useless() -> Evidence {
        answer("96")
    }
    fn undone() -> Evidence {
        reversal("00")
    }

    const SALE: (Kind, Steps) = (Kind::Sale, &[approved, || KNOWN]);

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        Case { name: "sent", first: (Kind::Sale, &[]), follower: None,
            books: &[("receivable:1", 10_000, 0), ("at_risk", -10_000, 0)] },
        Case { name: "unknown stays pending", first: (Kind::Sale, &[useless]), follower: None,
            books: &[("receivable:1", 10_000, 0), ("at_risk", -10_000, 0)] },
        Case { name: "charged, told", first: (Kind::Sale, &[approved]), follower: None,
            books: &[("receivable:1", 0, 10_000), ("at_risk", 0, -10_000)] },
        Case { name: "declined: the pending is let go", first: (Kind::Sale, &[declined]), follower: None,
            books: &[] },
        Case { name: "returned", first: (Kind::Sale, &[useless, undone]), follower: None, books: &[] },
        Case { name: "the merchant has it, less the fee", first: SALE, follower: None,
            books: &[("receivable:1", 0, 10_000), ("payable", 0, -9_940), ("fees", 0, -60)] },
        Case { name: "reversed after it was told", first: (Kind::Sale, &[approved, || REVERSED]), follower: None,
            books: &[("receivable:1", 0, 10_000), ("at_risk", 0, -10_000)] },
        Case { name: "and undone", first: (Kind::Sale, &[approved, || REVERSED, undone]), follower: None,
            books: &[] },
        Case { name: "charged after it was returned", first: (Kind::Sale, &[useless, undone, approved]),
            follower: None, books: &[("receivable:1", 0, 10_000), ("owed_to_payer", 0, -10_000)] },
        Case { name: "and returned once more", first: (Kind::Sale, &[useless, undone, approved, undone]),
            follower: None, books: &[] },
        Case { name: "a void on its way", first: SALE, follower: Some((Kind::Void, 100, &[])),
            books: &[("receivable:1", -10_000, 10_000), ("returns_at_risk", 10_000, 0),
                ("payable", 0, -9_940), ("fees", 0, -60)] },
        Case { name: "a void done, told", first: SALE, follower: Some((Kind::Void, 100, &[approved])),
            books: &[("returns_at_risk", 0, 10_000), ("payable", 0, -9_940), ("fees", 0, -60)] },
        Case { name: "a void known is the inverse of the sale", first: SALE,
            follower: Some((Kind::Void, 100, &[approved, || KNOWN])), books: &[] },
        Case { name: "a refund is pending from its first commit", first: SALE,
            follower: Some((Kind::Refund, 30, &[])),
            books: &[("receivable:1", -3_000, 10_000), ("payable", 3_000, -9_940), ("fees", 0, -60)] },
        Case { name: "a refund done: the fee stays", first: SALE,
            follower: Some((Kind::Refund, 30, &[approved, || KNOWN])),
            books: &[("receivable:1", 0, 7_000), ("payable", 0, -6_940), ("fees", 0, -60)] },
        Case { name: "a refund refused", first: SALE, follower: Some((Kind::Refund, 30, &[declined])),
            books: &[("receivable:1", 0, 10_000), ("payable", 0, -9_940), ("fees", 0, -60)] },
        Case { name: "a hold is a memo", first: (Kind::PreAuth, &[approved]), follower: None,
            books: &[("held:1", 0, 10_000), ("holders", 0, -10_000)] },
        Case { name: "a hold that is let go", first: (Kind::PreAuth, &[approved]),
            follower: Some((Kind::PreAuthVoid, 100, &[approved])), books: &[] },
        Case { name: "a completion ends the hold", first: (Kind::PreAuth, &[approved]),
            follower: Some((Kind::Completion, 110, &[approved])),
            books: &[("receivable:1", 0, 11_000), ("at_risk", 0, -11_000)] },
        Case { name: "an inquiry moves nothing", first: (Kind::Inquiry, &[approved]), follower: None,
            books: &[] },
    ];

    #[test]
    fn what_happens_stands_in_the_books() {
        for case in CASES {
            let mut scene = Scene::of(case.first.0);
            for (second, evidence) in case.first.1.iter().enumerate() {
                scene.give(second as i64 + 1, FIRST, &evidence());
            }
            if let Some((kind, amount, evidence)) = case.follower {
                let no = scene.follow(20, kind, FIRST, yuan(amount));
                for (second, evidence) in evidence.iter().enumerate() {
                    scene.give(second as i64 + 21, no, &evidence());
                }
            }
            let payable = Account::Payable(scene.tally.merchant);
            let accounts = [
                Account::Receivable(LINK),
                Account::AtRisk,
                Account::ReturnsAtRisk,
                payable,
                Account::Fees,
                Account::OwedToPayer,
                Account::Held(LINK),
                Account::Holders,
            ];
            for account in accounts {
                let name = if account == payable { "payable".to_owned() } else { account.to_string() };
                let row = case.books.iter().find(|(named, ..)| *named == name);
                let expected = row.map_or((0, 0), |(_, pending, posted)| (*pending, *posted));
                assert_eq!(scene.balance(account), expected, "{}: {name}", case.name);
            }
        }
    }

    #[test]
    fn what_was_posted_is_taken_back_by_a_posting_the_other_way_round() {
        let mut scene = Scene::of(Kind::Sale);
        scene.give(1, FIRST, &answer("00"));
        let before = scene.tally.clone();
        scene.give(2, FIRST, &REVERSED);
        scene.give(3, FIRST, &reversal("00"));
        let (debit, credit) = (Account::AtRisk, Account::Receivable(LINK));
        let back = Posting { leg: FIRST, debit, credit, pending: 0, posted: 10_000 };
        assert_eq!(postings(Some(&before), &scene.tally), Ok(vec![back]));
    }
}
