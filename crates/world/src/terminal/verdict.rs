//! What F39 of an answer proves to a terminal.

/// What an answer is evidence of.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Done, in full.
    Charged,
    /// Done in part: F4 of the answer holds the amount.
    PartlyCharged,
    /// Surely not done: the terminal forgets its reversal.
    NotCharged,
    /// The outcome stays open: the terminal keeps its reversal.
    Nothing,
}

/// Reads F39. What is in no list proves nothing.
pub(super) fn proof(code: &str) -> Proof {
    match code {
        "00" | "11" | "A2" | "A4" | "A5" | "A6" => Proof::Charged,
        "10" => Proof::PartlyCharged,
        // 91 reaches a terminal only when the acquirer surely sent nothing. 94 means that another payment
        // under the same identity, or of the same card, decides: a reversal would strike that one.
        "01" | "03" | "04" | "05" | "07" | "12" | "13" | "14" | "15" | "21" | "22" | "25" | "30" | "31"
        | "33" | "34" | "35" | "36" | "37" | "38" | "39" | "40" | "41" | "42" | "43" | "44" | "45" | "51"
        | "52" | "53" | "54" | "55" | "56" | "57" | "58" | "59" | "60" | "61" | "62" | "63" | "64" | "65"
        | "66" | "67" | "75" | "77" | "91" | "93" | "94" | "97" | "A0" => Proof::NotCharged,
        _ => Proof::Nothing,
    }
}

/// Whether an 0410 with this code ends a reversal for firmware that reads it: done, no such payment, or
/// refused for good.
pub(super) fn ends_reversal(code: &str) -> bool {
    matches!(code, "00" | "25" | "12")
}

/// Whether the code asks for a new sign-on: 77 says so, and A0 says that our MAC key is not the host's.
pub(super) fn wants_sign_on(code: &str) -> bool {
    matches!(code, "77" | "A0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_prove_what_the_table_says() {
        #[track_caller]
        fn check(codes: &[&str], expected: Proof) {
            for code in codes {
                assert_eq!(proof(code), expected, "{code}");
            }
        }
        check(&["00", "11", "A2", "A4", "A5", "A6"], Proof::Charged);
        check(&["10"], Proof::PartlyCharged);
        check(
            &["01", "05", "12", "22", "25", "51", "54", "55", "61", "75", "77", "91", "94", "97"],
            Proof::NotCharged,
        );
        check(&["68", "90", "92", "96", "98", "99", "06", "ZZ", "", "000"], Proof::Nothing);
    }
}
