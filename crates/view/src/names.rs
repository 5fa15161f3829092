//! The names by which enums stand in JSON, for the description of the interface. The rooms below know no HTTP, so their
//! enums are described here, by what serde really writes of them.

use hefu_tally::{
    Kind, Merchant, View,
    duty::DutyKind,
    judge::Decision,
    leg::{Direction, Issuer, Why},
    link::LinkMode,
    notice::{To, Word},
    tally::IssuerHalf,
};
use serde::Serialize;
use utoipa::openapi::{
    RefOr, Schema,
    schema::{ObjectBuilder, Type},
};

/// Describes an enum of a room that knows no HTTP: `marker as "Name in the description": Enum by how { variants }`,
/// where `how` gives a variant's name. A variant that is left out does not compile.
#[macro_export]
macro_rules! described {
    (
        $(#[doc = $doc:literal])+
        $vis:vis $marker:ident as $name:literal: $enum:ident by $how:path { $($variant:ident),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        $vis struct $marker;

        const _: fn($enum) = |value| match value {
            $($enum::$variant)|+ => (),
        };

        impl utoipa::PartialSchema for $marker {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::names::one_of(concat!($($doc),+), [$(String::from($how($enum::$variant))),+])
            }
        }

        impl utoipa::ToSchema for $marker {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}

/// A text that is one of these names.
pub fn one_of(what: &str, names: impl IntoIterator<Item = String>) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(what.trim()));
    text.enum_values(Some(names)).into()
}

/// The name that serde writes.
///
/// # Panics
/// It writes something else than a text.
pub fn written(value: impl Serialize) -> String {
    let written = serde_json::to_value(value).expect("an enum without data can be written");
    written.as_str().expect("an enum without data is written as a text").to_owned()
}

described! {
    /// What a transaction asks for.
    pub KindName as "Kind": Kind by written {
        Sale, Void, Refund, PreAuth, PreAuthVoid, Completion, CompletionVoid, CompletionAdvice, OfflineSale, Inquiry,
    }
}

described! {
    /// What people see of a payment or a transaction; `unknown` means: do not charge again.
    pub ViewName as "View": View by written {
        Processing, Approved, Declined, Unknown, Returning, Returned, UnderReview,
    }
}

described! {
    /// The bank's half of a whole payment.
    pub IssuerHalfName as "IssuerHalf": IssuerHalf by written {
        Untouched, Unknown, Declined, Held, Charged, Returned,
    }
}

described! {
    /// What the bank did about one transaction; of a refund `done` says that money went back.
    pub LegIssuerName as "LegIssuer": Issuer by written { Untouched, Unknown, NotDone, Done, Undone }
}

described! {
    /// The merchant's half: `told` when an approval was sent and is not known to have arrived.
    pub MerchantHalfName as "MerchantHalf": Merchant by written { Waiting, Told, Has, No }
}

described! {
    /// Where a transaction is going: what stands for both sides is kept, everything else is returned.
    pub DirectionName as "Direction": Direction by written { Open, Keep, Return }
}

described! {
    /// Why a transaction turned to keep or return.
    pub WhyName as "Why": Why by written {
        Approved, Declined, NoAnswer, ProvesNothing, WrongMac, Mismatch, PartNotTaken, TerminalReversed, NotReachable,
        Restarted, NeverSent, MerchantDenied, Shown,
    }
}

described! {
    /// What is owed: learn what the bank did, repeat an advice, reverse, wait for the clearing files, learn whether the
    /// merchant has it, have a person look.
    pub DutyKindName as "DutyKind": DutyKind by written {
        FindOut, Insist, Reverse, AwaitClearing, HearMerchant, AskPerson,
    }
}

described! {
    /// What a person decides: whether the merchant has it, what the bank's books show, or that nothing is left to do.
    pub DecisionName as "Decision": Decision by written { Has, HasNot, Done, NotDone, Undone, Close }
}

described! {
    /// What a bank link is used for.
    pub LinkModeName as "LinkMode": LinkMode by written { Normal, Degraded, Draining }
}

described! {
    /// Who hears a notice.
    pub NoticeToName as "NoticeTo": To by written { Payer, Merchant }
}

described! {
    /// What a notice says of a transaction.
    pub NoticeWordName as "NoticeWord": Word by written {
        Unknown, Stands, StandsByPolicy, NotDone, Returning, Returned, UnderReview,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::PartialSchema;

    #[test]
    fn an_enum_is_described_by_the_names_that_are_written() {
        let described = serde_json::to_value(DecisionName::schema()).unwrap();
        let names: Vec<Decision> = serde_json::from_value(described["enum"].clone()).unwrap();
        assert_eq!((names.len(), names[1]), (6, Decision::HasNot));
        assert_eq!(described["type"], "string");
        let means = described["description"].as_str().unwrap();
        assert!(means.starts_with("What a person decides"), "{means}");
    }
}
