//! How our types stand in columns. What does not read back is [`crate::StoreError::Corrupt`], never a guess.

use crate::account_from_text;
use hefu_tally::{
    Account, CardToken, DutyKind, LegNo, LinkId, MerchantNo, Moment, SealedCard, Shard, TallyId, TerminalNo,
    Till, record::Subject,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// One of our types on its way into or out of a column.
pub(super) struct Column<T>(pub T);

/// A count of ours as SQL's integer. Beyond its range lies nothing that was ever stored.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A row limit, bounded long before it leaves 64 bits.
pub(super) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> FromSqlError {
    FromSqlError::other(error)
}

/// A type that is one plain SQL value: how it goes in, how it comes out.
macro_rules! column {
    ($type:ty, |$this:ident| $to:expr, |$value:ident| $from:expr) => {
        impl ToSql for Column<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let $this = &self.0;
                Ok(ToSqlOutput::from($to))
            }
        }
        impl FromSql for Column<$type> {
            fn column_result($value: ValueRef<'_>) -> FromSqlResult<Self> {
                $from.map(Column)
            }
        }
    };
}

column!(Shard, |shard| shard.number(), |value| {
    let number = u8::column_result(value)?;
    Shard::new(number).ok_or(FromSqlError::OutOfRange(number.into()))
});
column!(LegNo, |leg| leg.0, |value| u8::column_result(value).map(LegNo));
column!(Moment, |moment| moment.0, |value| i64::column_result(value).map(Moment));
column!(TallyId, |id| id.0.as_slice(), |value| <[u8; 16]>::column_result(value).map(TallyId));
column!(CardToken, |token| token.0.as_slice(), |value| <[u8; 16]>::column_result(value).map(CardToken));
column!(SealedCard, |card| card.0.as_slice(), |value| Vec::column_result(value).map(SealedCard));
column!(MerchantNo, |no| no.as_str(), |value| value.as_str()?.parse::<MerchantNo>().map_err(other));
column!(TerminalNo, |no| no.as_str(), |value| value.as_str()?.parse::<TerminalNo>().map_err(other));
column!(Account, |account| account.to_string(), |value| account_from_text(value.as_str()?).map_err(other));
column!(DutyKind, |kind| duty_code(*kind), |value| {
    let code = u8::column_result(value)?;
    let kind = DUTY_KINDS.into_iter().find(|kind| duty_code(*kind) == code);
    kind.ok_or(FromSqlError::OutOfRange(code.into()))
});
column!(Subject, |subject| subject_bytes(subject), |value| subject(value.as_blob()?));

const DUTY_KINDS: [DutyKind; 6] = [
    DutyKind::FindOut,
    DutyKind::Insist,
    DutyKind::Reverse,
    DutyKind::AwaitClearing,
    DutyKind::HearMerchant,
    DutyKind::AskPerson,
];

/// Duties are listed in the order of their kinds, so the codes rise with it.
fn duty_code(kind: DutyKind) -> u8 {
    match kind {
        DutyKind::FindOut => 0,
        DutyKind::Insist => 1,
        DutyKind::Reverse => 2,
        DutyKind::AwaitClearing => 3,
        DutyKind::HearMerchant => 4,
        DutyKind::AskPerson => 5,
    }
}

/// The bytes that the chain's hash has for a subject, which tell all subjects apart.
fn subject_bytes(subject: &Subject) -> Vec<u8> {
    match subject {
        Subject::Tally(id) => [b"P".as_slice(), &id.0].concat(),
        Subject::Terminal(till) => [b"T".as_slice(), &till.merchant.0, &till.terminal.0].concat(),
        Subject::Link(link) => [b"L".as_slice(), &link.0.to_be_bytes()].concat(),
        Subject::Nobody => b"N".to_vec(),
    }
}

fn subject(bytes: &[u8]) -> FromSqlResult<Subject> {
    let wrong = || FromSqlError::InvalidBlobSize { expected_size: 17, blob_size: bytes.len() };
    match bytes.split_first() {
        Some((b'P', id)) => Ok(Subject::Tally(TallyId(id.try_into().map_err(|_| wrong())?))),
        Some((b'T', till)) => {
            let (merchant, terminal) = till.split_at_checked(15).ok_or_else(wrong)?;
            let merchant = MerchantNo::parse(merchant).map_err(other)?;
            let terminal = TerminalNo::parse(terminal).map_err(other)?;
            Ok(Subject::Terminal(Till { merchant, terminal }))
        }
        Some((b'L', link)) => {
            Ok(Subject::Link(LinkId(u16::from_be_bytes(link.try_into().map_err(|_| wrong())?))))
        }
        Some((b'N', [])) => Ok(Subject::Nobody),
        Some(_) | None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duty_codes_rise_with_the_order_of_kinds() {
        for (kind, next) in DUTY_KINDS.into_iter().zip(DUTY_KINDS.into_iter().skip(1)) {
            assert!(kind < next && duty_code(kind) < duty_code(next), "{kind:?} {next:?}");
        }
    }

    #[test]
    fn every_subject_survives_its_bytes_and_no_other_bytes_pass() {
        let till = Till { merchant: MerchantNo(*b"898110253110001"), terminal: TerminalNo(*b"10000001") };
        for subject_ in [
            Subject::Tally(TallyId([7; 16])),
            Subject::Terminal(till),
            Subject::Link(LinkId(7)),
            Subject::Nobody,
        ] {
            let bytes = subject_bytes(&subject_);
            assert_eq!(subject(&bytes).unwrap(), subject_);
            assert!(subject(&bytes[1..]).is_err());
            assert!(subject(&[bytes.as_slice(), b"x"].concat()).is_err());
        }
    }
}
