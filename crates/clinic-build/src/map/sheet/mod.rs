//! Doubtful pairs out to a spreadsheet, and what people said of them back.

mod read;
mod write;

pub use read::{Answers, read};
pub use write::write;

use clinic_core::plain::plain;

/// Columns of the file, in order.
const COLUMNS: [&str; 9] = [
    "english_id",
    "other_id",
    "language",
    "english_title",
    "other_title",
    "english_begins",
    "other_begins",
    "similarity",
    "same",
];
/// Characters of a title.
const TITLE: usize = 200;
/// Characters of a beginning.
const BEGINS: usize = 300;

/// A title as the file shows it.
fn shown(title: &str) -> String {
    clinic_report::export::harmless(&plain(title, TITLE))
}
