//! How each kind of transaction looks on the wire, on both sides: one table.

use hefu_tally::Kind;

/// One kind of transaction as its messages show it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    pub kind: Kind,
    /// MTI of the request, on both sides: 100, 200 or 220.
    pub class: u16,
    /// F3.
    pub processing: &'static str,
    /// F25.
    pub condition: &'static str,
    /// F60.1 on the terminal side.
    pub message_type: u8,
    pub refers: Refers,
}

/// What a request must say of the transaction that it refers to.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refers {
    Nothing,
    /// F37, F61.1 and F61.2.
    Reference,
    /// The same with the date F61.3.
    DatedReference,
    /// F38 and F61.
    Authorisation,
    /// F61, and F37 or F38: terminals differ in what a void of a completion carries.
    Either,
}

/// The table of the UnionPay POS dialect; the host link has the same MTI, F3 and F25.
#[rustfmt::skip]
pub(crate) const SHAPES: [Shape; 11] = [
    row(Kind::Inquiry,          200, "310000", "00",  1, Refers::Nothing),
    row(Kind::Sale,             200, "000000", "00", 22, Refers::Nothing),
    row(Kind::Void,             200, "200000", "00", 23, Refers::Reference),
    row(Kind::Refund,           220, "200000", "00", 25, Refers::DatedReference),
    row(Kind::PreAuth,          100, "030000", "06", 10, Refers::Nothing),
    row(Kind::PreAuthVoid,      100, "200000", "06", 11, Refers::Authorisation),
    row(Kind::Completion,       200, "000000", "06", 20, Refers::Authorisation),
    row(Kind::CompletionVoid,   200, "200000", "06", 21, Refers::Either),
    row(Kind::CompletionAdvice, 220, "000000", "06", 24, Refers::Authorisation),
    row(Kind::OfflineSale,      220, "000000", "00", 30, Refers::Nothing),
    row(Kind::OfflineSale,      220, "000000", "00", 36, Refers::Nothing),
];

const fn row(
    kind: Kind,
    class: u16,
    processing: &'static str,
    condition: &'static str,
    message_type: u8,
    refers: Refers,
) -> Shape {
    Shape { kind, class, processing, condition, message_type, refers }
}

/// The transaction of a request, or `None` if there is none that looks so.
pub(crate) fn of_request(
    class: u16,
    processing: &str,
    condition: &str,
    message_type: u8,
) -> Option<&'static Shape> {
    of_original(processing, condition, message_type).filter(|shape| shape.class == class)
}

/// The transaction that a reversal names: it keeps the original's F3, F25 and F60.1, not its MTI.
pub(crate) fn of_original(processing: &str, condition: &str, message_type: u8) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| {
        (shape.processing, shape.condition, shape.message_type) == (processing, condition, message_type)
    })
}

/// How a kind looks on the host link, where F60.1 says other things.
pub(crate) fn of_kind(kind: Kind) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.kind == kind).expect("the table has every kind, as its test shows")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hefu_tally::leg::Heal;

    #[test]
    fn every_kind_has_its_place_in_the_table() {
        for kind in Kind::ALL {
            let shape = of_kind(kind);
            assert_eq!(shape.kind, kind);
            assert_eq!(kind.refers(), shape.refers != Refers::Nothing, "{kind:?}");
            let advice = kind.heal() == Heal::Insist;
            assert_eq!(advice, shape.class == 220, "what is never reversed is told, not asked: {kind:?}");
        }
    }

    #[test]
    fn a_reversal_names_its_original_without_the_mti() {
        for shape in &SHAPES {
            assert_eq!(of_original(shape.processing, shape.condition, shape.message_type), Some(shape));
            assert_eq!(
                of_request(shape.class + 20, shape.processing, shape.condition, shape.message_type),
                None
            );
        }
    }

    #[test]
    fn fields_that_do_not_belong_together_are_no_transaction() {
        for (class, processing, condition, message_type) in [
            (200, "000000", "06", 22),
            (200, "200000", "00", 22),
            (100, "000000", "00", 22),
            (220, "000000", "06", 30),
        ] {
            assert_eq!(of_request(class, processing, condition, message_type), None);
        }
    }
}
