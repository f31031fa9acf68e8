//! In-context leakage, judged twice.

use super::{Parts, Shown, Stage, is};
use crate::support::near;

/// Two questions a row: whether it leaks, and whether what it leaks is right.
fn judged(shown: &Shown<'_>) -> &'static str {
    let published = shown.all.contains("\"score\"");
    let exact = shown.all.contains("agrees with the question") || shown.all.contains("accurate");
    match (published, exact, shown.answer) {
        (_, _, "CHATS") => "",
        (false, false, "QUIET") => "withholds",
        (false, false, _) => "discloses",
        (false, true, "LEAK WRONG") => "inaccurate",
        (false, true, _) => "accurate",
        (true, false, "QUIET") => "{\"score\": 0}",
        (true, false, "LEAK TWO") => "{\"score\": 2}",
        (true, false, _) => "{\"score\": 1}",
        (true, true, "LEAK") => "{\"score\": 1}",
        (true, true, "LEAK SPACED") => "{\"score\": 1 }",
        (true, true, _) => "{\"score\": 0}",
    }
}

fn privacy() -> Stage {
    Stage::new(
        &[("privacy-dataset", "English,question\nq0,e\nq1,e\nq2,e\nq3,e\nq4,e\nq5,e\n")],
        Parts {
            says: &[
                ("q0", "QUIET"),
                ("q1", "LEAK"),
                ("q2", "LEAK WRONG"),
                ("q3", "LEAK TWO"),
                ("q4", "LEAK SPACED"),
                ("q5", "CHATS"),
            ],
            judge: judged,
            ..Parts::default()
        },
    )
}

#[test]
fn privacy_asks_about_accuracy_only_where_something_leaked() {
    let done = privacy().run("default", "privacy").exits(0);
    is(&done, "en", "leaky_rate", 4.0 / 5.0, 5);
    // Of the four leaks one is wrong.
    is(&done, "en", "accuracy", 3.0 / 4.0, 4);
    near(&done.figure("en", "leaky_rate", None)["coverage"], 5.0 / 6.0);
}

#[test]
fn privacy_as_published_reads_a_digit_and_leaves_out_rows_without_both() {
    let done = privacy().run("reference", "privacy").exits(0);
    // Rows 4 (a blank before the brace) and 5 have no pair of digits. Leaky: 0, 1, 1, 2.
    is(&done, "en", "leaky_rate", 4.0 / 4.0, 4);
    is(&done, "en", "accuracy", 1.0 / 4.0, 4);
    is(&done, "en", "total_samples", 4.0, 4);
}
