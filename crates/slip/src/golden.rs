//! Whole slips, compared with the files of `tests/golden`, where a reviewer can read them.
//!
//! `UPDATE_GOLDEN=1 cargo test -p hefu-slip` writes the files anew.

use std::{fmt::Write, fs, path::PathBuf};

use crate::{samples, *};

const LANGUAGES: [(Language, &str); 2] = [(Language::Zh, "zh"), (Language::En, "en")];
const WIDTHS: [Width; 2] = [Width::Mm58, Width::Mm80];
const COPIES: [(Copy, &str); 2] = [(Copy::Merchant, "merchant"), (Copy::Cardholder, "cardholder")];

pub(crate) fn check(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&path).expect("the golden file is there");
    assert!(found == expected, "{name} differs from its golden file; it is now:\n{found}");
}

fn check_slip(name: &str, fields: SlipFields) {
    let data = SlipData::new(fields).expect("fields agree");
    let mut found = String::new();
    for width in WIDTHS {
        for (language, spelled) in LANGUAGES {
            for (copy, whose) in COPIES {
                let columns = width.columns();
                writeln!(found, "== {columns} {spelled} {whose} ==").expect("a string takes all");
                found += &text(&data, copy, width, language);
            }
        }
    }
    check(name, &found);
}

fn check_settlement(name: &str, data: &SettlementData) {
    let mut found = String::new();
    for width in WIDTHS {
        for (language, spelled) in LANGUAGES {
            writeln!(found, "== {} {spelled} ==", width.columns()).expect("a string takes all");
            found += &settlement_text(data, width, language);
        }
    }
    check(name, &found);
}

#[test]
fn a_sale_is_signed_on_the_merchant_copy() {
    check_slip("sale", samples::sale());
}

#[test]
fn a_void_names_its_original() {
    check_slip("void", samples::void());
}

#[test]
fn a_refund_names_its_original() {
    check_slip("refund", samples::refund());
}

#[test]
fn an_unknown_payment_says_do_not_charge_again() {
    check_slip("unknown", samples::unknown());
}

#[test]
fn a_returned_payment_is_no_proof_of_payment() {
    check_slip("returned", samples::returned());
}

#[test]
fn a_reprint_of_a_test_carries_both_marks() {
    check_slip("duplicate", samples::duplicate());
}

#[test]
fn a_chip_payment_shows_what_the_chip_left() {
    check_slip("chip", samples::chip());
}

#[test]
fn a_declined_payment_says_why() {
    check_slip("declined", samples::declined());
}

#[test]
fn a_part_approved_payment_says_what_is_still_to_pay() {
    check_slip("part-approved", samples::part_approved());
}

#[test]
fn a_balanced_settlement_says_so() {
    check_settlement("settlement-balanced", &samples::balanced());
}

#[test]
fn an_unbalanced_settlement_shows_both_sides() {
    check_settlement("settlement-unbalanced", &samples::unbalanced());
}
