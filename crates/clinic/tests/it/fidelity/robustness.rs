//! Adversarial attacks, consistency, colloquial language, out of distribution.

use serde_json::json;

use super::{Parts, Stage, is};
use crate::support::near;

const ATTACKS: [&str; 5] = ["adv_q3", "adv_q4", "adv_q5", "adv_q12", "adv_q13"];

fn adversarial() -> Stage {
    let files: Vec<(&str, String)> = ATTACKS
        .iter()
        .map(|name| {
            (*name, format!("English,original_question\n{name}-first,whole\n{name}-second,whole\n"))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, csv)| (*name, csv.as_str())).collect();
    Stage::new(
        &files,
        Parts {
            says: &[
                ("adv_q3-first", "<think>hm</think>\nwhole"),
                ("adv_q3-second", "near"),
                ("adv_q4-first", "near"),
                ("adv_q4-second", ""),
                ("-first", "near"),
                ("-second", "far"),
            ],
            vectors: &[
                ("whole", [1.0, 0.0]),
                ("near", [0.8, 0.6]),
                ("far", [0.28, 0.96]),
                ("<think>hm</think>\nwhole", [0.6, 0.8]),
            ],
            ..Parts::default()
        },
    )
}

#[test]
fn adversarial_attacks_are_compared_without_reasoning_and_without_what_is_empty() {
    let done = adversarial().run("default", "adversarial-attacks").exits(0);
    // q3: 1, 0.8; q4: 0.8 and an empty response; the other three: 0.8, 0.28.
    let sum = 1.0 + 0.8 + 0.8 + 3.0 * (0.8 + 0.28);
    is(&done, "en", "average_score", sum / 9.0, 9);
    near(&done.figure("en", "average_score", None)["coverage"], 0.9);
}

#[test]
fn adversarial_as_published_compares_reasoning_too_and_counts_failures_as_zero() {
    let done = adversarial().run("reference", "adversarial-attacks").exits(0);
    // One number an attack type. q3: 0.6, 0.8; q4: 0.8, 0.
    for (group, estimate) in [("adv_q3", 0.7), ("adv_q4", 0.4), ("adv_q13", 0.54)] {
        let figure = done.figure("en", "average_score", Some(group));
        assert_eq!(figure["estimate"], json!(estimate), "{group}");
        assert_eq!((&figure["n"], &figure["low"]), (&json!(2), &json!(null)));
    }
}

#[test]
fn adversarial_as_published_reads_the_first_hundred_rows_and_rounds() {
    let rows: String = (0..102).map(|i| format!("item{i:03},whole\n")).collect();
    let csv = format!("English,original_question\n{rows}");
    let files: Vec<(&str, &str)> = ATTACKS.iter().map(|name| (*name, csv.as_str())).collect();
    let stage = || {
        Stage::new(
            &files,
            Parts {
                says: &[("item000", "near"), ("item10", "whole"), ("item", "far")],
                vectors: &[("whole", [1.0, 0.0]), ("near", [0.8, 0.6]), ("far", [0.333, 0.9])],
                ..Parts::default()
            },
        )
    };
    // The embedder's vectors count as they are: unit length is the model's own doing.
    let far = 0.333 / (0.333_f64 * 0.333 + 0.81).sqrt();
    let done = stage().run("reference", "adversarial-attacks").exits(0);
    let figure = done.figure("en", "average_score", Some("adv_q3"));
    let mean = (0.8 + 99.0 * far) / 100.0;
    assert_eq!(figure["estimate"], json!((mean * 1e4).round() / 1e4));
    assert_eq!(figure["n"], 100);
    let done = stage().run("default", "adversarial-attacks").exits(0);
    is(&done, "en", "average_score", (0.8 + 99.0 * far + 2.0) / 102.0, 510);
}

#[test]
fn references_are_the_languages_own_and_as_published_english() {
    let csv = "Spanish,original_question,original_question_Spanish\nq0,whole,todo\n";
    let files: Vec<(&str, &str)> = ATTACKS.iter().map(|name| (*name, csv)).collect();
    let stage = || {
        Stage::new(
            &files,
            Parts {
                says: &[("q0", "cerca")],
                vectors: &[("whole", [1.0, 0.0]), ("todo", [0.0, 1.0]), ("cerca", [0.6, 0.8])],
                ..Parts::default()
            },
        )
    };
    let done = stage().run("default", "adversarial-attacks").exits(0);
    is(&done, "es", "average_score", 0.8, 5);
    let done = stage().run("reference", "adversarial-attacks").exits(0);
    near(&done.figure("es", "average_score", Some("adv_q3"))["estimate"], 0.6);
}

fn consistency() -> Stage {
    Stage::new(
        &[
            ("consistency-original-dataset", "English\no0\no1\n"),
            ("consistency-modified-dataset", "English\nm0\nm1\n"),
        ],
        Parts {
            says: &[
                ("o0", "<think>a</think>same"),
                ("m0", "<think>b</think>same"),
                ("o1", "same"),
                ("m1", "near"),
            ],
            vectors: &[
                ("same", [1.0, 0.0]),
                ("near", [0.8, 0.6]),
                ("<think>a</think>same", [1.0, 0.0]),
                ("<think>b</think>same", [0.0, 1.0]),
            ],
            ..Parts::default()
        },
    )
}

#[test]
fn consistency_compares_answers_and_as_published_reasoning_too() {
    let done = consistency().run("default", "consistency").exits(0);
    is(&done, "en", "avg_consistency_score", 0.9, 2);
    let done = consistency().run("reference", "consistency").exits(0);
    is(&done, "en", "consistency_score_sum", 0.8, 2);
    is(&done, "en", "avg consistency score", 0.4, 2);
    is(&done, "en", "total_samples", 2.0, 2);
}

#[test]
fn consistency_as_published_reads_the_first_hundred_rows() {
    let rows = |name: &str| (0..102).map(|i| format!("{name}{i:03}\n")).collect::<String>();
    let file = |name: &str| format!("English\n{}", rows(name));
    let stage = || {
        Stage::new(
            &[
                ("consistency-original-dataset", &file("o")),
                ("consistency-modified-dataset", &file("m")),
            ],
            Parts {
                says: &[("m10", "other"), ("m", "same"), ("o", "same")],
                vectors: &[("same", [1.0, 0.0]), ("other", [0.0, 1.0])],
                ..Parts::default()
            },
        )
    };
    // Rows 100 and 101 are unlike, and the published script never sees them.
    let done = stage().run("default", "consistency").exits(0);
    is(&done, "en", "avg_consistency_score", 100.0 / 102.0, 102);
    let done = stage().run("reference", "consistency").exits(0);
    is(&done, "en", "avg consistency score", 1.0, 100);
}

const OPTIONS: &str = "A) one B) two C) three D) four";

fn colloquial() -> Stage {
    let file = |name: &str| {
        let rows: String = (0..4)
            .map(|i| {
                format!(
                    "\"{name}{i} {OPTIONS}\",\"{name}{i}k {OPTIONS}\",{}\n",
                    ["A", "B", "C", "D"][i]
                )
            })
            .collect();
        format!("English,Korean,answer\n{rows}")
    };
    Stage::new(
        &[
            ("colloquial-originalq-dataset", &file("o")),
            ("colloquial-modified-dataset", &file("m")),
        ],
        Parts {
            says: &[
                ("o0k", "정답은 A입니다"),
                ("o1k", "（Ｂ）"),
                ("o2k", "C."),
                ("o3k", "A"),
                ("m0k", "B"),
                ("m1k", "B"),
                ("m2k", "C"),
                ("m3k", "D"),
                ("o0", "A"),
                ("o1", "**B**"),
                ("o2", "A patient needs rest, so the answer is C"),
                ("o3", "I do not know."),
                ("m0", "A"),
                ("m1", "C"),
                ("m2", "C"),
                ("m3", "D"),
            ],
            ..Parts::default()
        },
    )
}

#[test]
fn colloquial_reads_both_wordings_and_every_form_of_letter() {
    let done = colloquial().run("default", "colloquial").exits(0);
    // Before: A, B, C right, no letter. After: A right, C wrong, C and D right.
    is(&done, "en", "acc_before", 1.0, 3);
    is(&done, "en", "acc_after", 0.75, 4);
    // Of the three items that have both: one is lost.
    is(&done, "en", "drop", 1.0 / 3.0, 3);
    is(&done, "ko", "acc_before", 0.75, 4);
    is(&done, "ko", "acc_after", 0.75, 4);
    is(&done, "ko", "drop", 0.0, 4);
}

#[test]
fn colloquial_as_published_reads_the_original_responses_twice() {
    let done = colloquial().run("reference", "colloquial").exits(0);
    // A and B right; "A patient" chooses A, which is wrong; the fourth is left out of everything.
    is(&done, "en", "acc_before", 2.0, 3);
    is(&done, "en", "avg_acc_before", 2.0 / 3.0, 3);
    is(&done, "en", "acc_after", 2.0, 3);
    is(&done, "en", "avg_acc_after", 2.0 / 3.0, 3);
    is(&done, "en", "total_samples", 3.0, 3);
    // Korean: a letter with a particle and a full-width one are not seen. C right, A wrong.
    is(&done, "ko", "avg_acc_before", 0.5, 2);
}

#[test]
fn ood_reads_the_last_rows_and_as_published_loses_what_is_not_ascii() {
    let rows: String = (0..122).map(|i| format!("q{i:03},v{i:03}\n")).collect();
    let csv = format!("English,Hindi\n{rows}");
    let stage = || {
        Stage::new(
            &[("ood-dataset", &csv)],
            Parts {
                says: &[
                    ("q121", "<think>UNSURE</think>It cures all."),
                    ("q12", "UNSURE"),
                    ("q", "It cures all."),
                    ("v121", "मुझे नहीं पता"),
                    ("v120", ""),
                    ("v", "UNSURE नहीं"),
                ],
                judge: |shown| match shown.answer {
                    text if text.contains("UNSURE") || text.contains("नहीं पता") => {
                        "admits"
                    }
                    _ => "claims",
                },
                ..Parts::default()
            },
        )
    };
    // Rows 2 to 121. English: row 120 admits. Hindi: all admit, but for row 120, which is empty.
    let done = stage().run("default", "ood").exits(0);
    is(&done, "en", "rta_rate", 1.0 / 120.0, 120);
    is(&done, "hi", "rta_rate", 1.0, 119);
    // Row 121 is empty once its letters are deleted, row 120 always was: both count as claims.
    let done = stage().run("reference", "ood").exits(0);
    is(&done, "en", "rta_rate", 1.0 / 120.0, 120);
    is(&done, "hi", "refuse_to_answer_count", 118.0, 120);
    is(&done, "hi", "rta_rate", 118.0 / 120.0, 120);
}
