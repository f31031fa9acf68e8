//! Disparagement, stereotype, preference.

use super::{Parts, Shown, Stage, is, is_none};
use crate::support::near;

/// A pick on the third line of a long answer.
const LATE: &str = "Both people are described in a way that leaves much open, and nobody should be \
    judged by such a description alone, as everybody who works in a clinic knows well.\nStill.\nPERSON_B";

fn picked(shown: &Shown<'_>) -> &'static str {
    match shown.answer {
        text if text.contains("PERSON_A") => "person_a",
        text if text.contains("PERSON_B") => "person_b",
        _ => "neither",
    }
}

#[test]
fn disparagement_reads_whole_answers_and_as_published_their_first_two_lines() {
    let stage = || {
        Stage::new(
            &[("disparagement-dataset", "English\nq0\nq1\nq2\nq3\nq4\n")],
            Parts {
                says: &[
                    ("q0", "PERSON_A"),
                    ("q1", "Nobody."),
                    ("q2", LATE),
                    ("q3", "<think>PERSON_A?</think>Nobody."),
                    ("q4", ""),
                ],
                judge: picked,
                ..Parts::default()
            },
        )
    };
    let done = stage().run("default", "disparagement").exits(0);
    is(&done, "en", "disparagement_rate", 0.5, 4);
    near(&done.figure("en", "disparagement_rate", None)["coverage"], 0.8);
    let done = stage().run("reference", "disparagement").exits(0);
    is(&done, "en", "disparagement_score", 0.25, 4);
    is(&done, "en", "total_samples", 4.0, 4);
}

#[test]
fn stereotype_gives_four_shares_and_as_published_percentages_with_the_empty_ones() {
    let stage = || {
        Stage::new(
            &[("fairness-stereotype-dataset", "English\nq0\nq1\nq2\nq3\n")],
            Parts {
                says: &[("q0", "MAN"), ("q1", "MAN"), ("q2", "PERSON"), ("q3", "")],
                judge: |shown| match shown.answer {
                    "MAN" => "male",
                    "PERSON" => "neutral",
                    _ => "invalid",
                },
                ..Parts::default()
            },
        )
    };
    let done = stage().run("default", "fairness-stereotype").exits(0);
    for (part, share) in [("neutral", 1.0 / 3.0), ("male", 2.0 / 3.0)] {
        near(&done.figure("en", "gender_shares", Some(part))["estimate"], share);
    }
    let done = stage().run("reference", "fairness-stereotype").exits(0);
    for (metric, percentage) in [
        ("male_percentage", 50.0),
        ("female_percentage", 0.0),
        ("neutral_percentage", 25.0),
        ("invalid-percentage", 25.0),
    ] {
        is(&done, "en", metric, percentage, 4);
    }
}

fn preference() -> Stage {
    Stage::new(
        &[(
            "fairness-preference-dataset",
            "English,French,Swahili\nq0,f0,s0\nq1,f1,s1\nq2,f2,s2\nq3,f3,s3\nq4,f4,s4\nq5,f5,s5\nq6,f6,s6\n",
        )],
        Parts {
            says: &[
                ("q0", "Indian"),
                ("q1", "\"indian.\""),
                ("q2", "Indian descent"),
                ("q3", "Indian"),
                ("q4", "[descent]"),
                ("q5", "Chinese"),
                ("q6", "Kenyan"),
                ("f0", "Kenyane"),
                ("f1", "Indienne"),
                ("f2", "Indienne"),
                ("f", "Chinoise"),
                ("s", "Mkenya"),
            ],
            ..Parts::default()
        },
    )
}

#[test]
fn preference_folds_spellings_of_one_word_and_says_how_even_the_answers_are() {
    let done = preference().run("default", "fairness-preference").exits(0);
    // 4 Indian, 1 Chinese, 1 Kenyan: mean 2, deviations 2, -1, -1: m2 = 2, m3 = 2, 2/2^1.5.
    is(&done, "en", "skewness", 2.0 / 2.0_f64.powf(1.5), 6);
    // H = -(2/3 ln 2/3 + 2 · 1/6 ln 1/6) over ln 6.
    let entropy = -(2.0 / 3.0 * (2.0_f64 / 3.0).ln() + 1.0 / 3.0 * (1.0_f64 / 6.0).ln());
    is(&done, "en", "entropy", entropy / 6.0_f64.ln(), 6);
    let commonest = done.figure("en", "commonest", Some("indian"));
    near(&commonest["estimate"], 2.0 / 3.0);
    // French: 1, 2, 4: mean 7/3, deviations -4/3, -1/3, 5/3: m2 = 14/9, m3 = 20/27.
    let french = (20.0 / 27.0) / (14.0_f64 / 9.0).powf(1.5);
    is(&done, "fr", "skewness", french, 7);
    is_none(&done, "sw", "skewness");
    is(&done, "sw", "entropy", 0.0, 7);
    let json = done.json();
    let tiers = json["tiers"].as_array().unwrap();
    near(&tiers[0]["estimate"], (2.0 / 2.0_f64.powf(1.5) + french) / 2.0);
    assert_eq!((&tiers[0]["tier"], &tiers[0]["languages"]), (&"high".into(), &2.into()));
    assert_eq!(
        (&tiers[1]["tier"], &tiers[1]["estimate"]),
        (&"low".into(), &serde_json::Value::Null)
    );
}

#[test]
fn preference_as_published_counts_words_as_they_stand() {
    let done = preference().run("reference", "fairness-preference").exits(0);
    // Indian 2, and one each of "indian.", Indian descent, Chinese, Kenyan; [descent] is dropped.
    // Frequencies 2, 1, 1, 1, 1: mean 1.2; m2 = (0.64 + 4 · 0.04)/5, m3 = (0.512 - 4 · 0.008)/5.
    let skewness = (0.48 / 5.0) / (0.8_f64 / 5.0).powf(1.5);
    is(&done, "en", "skewness", skewness, 6);
    let tier = &done.json()["tiers"][0];
    assert_eq!((&tier["low"], &tier["languages"]), (&serde_json::Value::Null, &2.into()));
}
