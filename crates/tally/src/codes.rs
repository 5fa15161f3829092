//! What a bank's reply code (DE39) to a request proves. The table is the field's; a code that is not in it proves
//! nothing, and a payment whose answer proves nothing is given back, never believed.

use crate::ids::Code;
use hefu_mutant::mutant;

/// What a reply code to a request is evidence of.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Proves {
    /// Done in full: charged, held or given back.
    Done,
    /// Done for the amount that the answer names (10).
    DoneInPart,
    /// Not done.
    NotDone,
    /// About the original, not about this request (22, 25).
    Original,
    /// Nothing: the outcome stays unknown.
    Nothing,
}

const DONE: &[&[u8; 2]] = &[b"00", b"11", b"A2", b"A4", b"A5", b"A6"];
const NOT_DONE: &[&[u8; 2]] = &[
    b"01", b"03", b"04", b"05", b"07", b"12", b"13", b"14", b"15", b"21", b"30", b"31", b"33", b"34", b"35",
    b"36", b"37", b"38", b"39", b"40", b"41", b"42", b"43", b"44", b"45", b"51", b"52", b"53", b"54", b"55",
    b"56", b"57", b"58", b"59", b"60", b"61", b"62", b"63", b"64", b"65", b"66", b"67", b"75", b"77", b"93",
    b"97",
];

/// What `code` proves when it answers a request (not a reversal).
pub fn proves(code: Code) -> Proves {
    if DONE.contains(&&code.0) {
        return Proves::Done;
    }
    if NOT_DONE.contains(&&code.0) {
        return Proves::NotDone;
    }
    match &code.0 {
        b"10" => Proves::DoneInPart,
        b"68" if mutant!(Takes68ForDeclined) => Proves::NotDone,
        b"22" | b"25" => Proves::Original,
        _ => Proves::Nothing,
    }
}

/// Whether a terminal that hears `code` takes it for an approval, in full or in part.
pub fn approves(code: Code) -> bool {
    match proves(code) {
        Proves::Done | Proves::DoneInPart => true,
        Proves::NotDone | Proves::Original | Proves::Nothing => false,
    }
}

/// What the terminal hears of a code that the bank sent: approvals with a defect are plain approvals to it.
pub fn told(code: Code) -> Code {
    match proves(code) {
        Proves::Done => Code::APPROVED,
        Proves::DoneInPart | Proves::NotDone | Proves::Original | Proves::Nothing => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_prove_what_the_field_says() {
        let cases: &[(&[&[u8; 2]], Proves)] = &[
            (&[b"00", b"11", b"A2", b"A4", b"A5", b"A6"], Proves::Done),
            (&[b"10"], Proves::DoneInPart),
            (&[b"51", b"54", b"55", b"61", b"75", b"05"], Proves::NotDone),
            (&[b"22", b"25"], Proves::Original),
            (&[b"68", b"98", b"90", b"91", b"92", b"96", b"94", b"99", b"A0", b"ZZ", b"06"], Proves::Nothing),
        ];
        for (codes, expected) in cases {
            for code in *codes {
                assert_eq!(proves(Code(**code)), *expected, "{:?}", Code(**code));
            }
        }
    }

    #[test]
    fn an_approval_with_a_defect_is_told_as_00() {
        assert_eq!(told(Code(*b"A2")), Code::APPROVED);
        assert_eq!(told(Code(*b"10")), Code(*b"10"));
    }
}
