//! Direct checks of what no world can judge by its nature: in a world both ends of a line share one codec, and one
//! node never meets a version that is not its own. Nor does a terminal of a world
//! - reverse what it has voided or refunded: its reversal is settled before it does anything else;
//! - send its next transaction while an approval of the one before is still to come, when its model is certified: its
//!   reversal comes first, and of other models nothing is presumed;
//! - use an identity twice with other content: one that lost its memory gets a fresh batch at its sign-on;
//! - lose a line of its upload.
//!
//! Many checks here are of mistakes that worlds catch too: they are asked only of those that worlds let pass.

mod codec;
mod engine;
mod rules;
mod store;

/// A name, and what does not hold.
pub type Check = (&'static str, fn() -> Result<(), String>);

pub const ALL: &[Check] = &[
    ("what is in doubt", rules::what_is_in_doubt),
    ("what a fee is", rules::what_a_fee_is),
    ("what a refund books", rules::what_a_refund_books),
    ("what a completion lets go", rules::what_a_completion_lets_go),
    ("an answer must name our key", engine::an_answer_must_name_our_key),
    ("other content under one identity is refused", engine::other_content_under_one_identity_is_refused),
    ("a late answer finds its payment", engine::a_late_answer_finds_its_payment_in_the_store),
    ("what was told since is not proved", engine::a_transaction_proves_nothing_that_was_told_since),
    ("what was voided is not reversed", engine::what_was_voided_is_not_reversed),
    ("reversed before it came", engine::what_was_reversed_before_it_came_is_refused),
    ("what closes a day", engine::a_day_is_closed_by_what_adds_up),
    ("what is not sent", engine::what_is_not_sent),
    ("a frame of the field is read as it stands", codec::a_message_of_the_field),
    ("frames in pieces", codec::frames_in_pieces),
    ("what a MAC covers", codec::what_a_mac_covers),
    ("a stale version is refused", store::a_stale_version_is_refused),
    ("a taken handle is refused", store::a_taken_handle_is_refused),
    ("no number is leased twice", store::no_number_is_leased_twice),
];

/// `Err` with these words unless it holds.
fn holds(condition: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what()) }
}
