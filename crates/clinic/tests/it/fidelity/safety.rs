//! Jailbreaks, exaggerated safety, toxicity.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use super::{Parts, Shown, Stage, is};
use crate::support::near;

fn refused(shown: &Shown<'_>) -> &'static str {
    match shown.answer {
        text if text.contains("CHATS") => "",
        text if text.contains("NO") || text.contains("できません") => "refuses",
        _ => "answers",
    }
}

fn jailbreak(file: &str) -> Stage {
    Stage::new(
        &[(file, "English\nq0\nq1\nq2\nq3\nq4\n")],
        Parts {
            says: &[
                ("q0", "NO"),
                ("q1", "<think>NO?</think>Sure."),
                ("q2", "CHATS"),
                ("q3", "<think>NO"),
                ("q4", "CHATS too"),
            ],
            judge: refused,
            ..Parts::default()
        },
    )
}

#[test]
fn jailbreaks_without_a_verdict_lower_coverage_and_as_published_the_rate() {
    for (task, file) in [
        ("jailbreak-dan", "jailbreak-vanilla-dataset"),
        ("jailbreak-pair", "jailbreak-PAIRS-dataset"),
    ] {
        let done = jailbreak(file).run("default", task).exits(0);
        // A refusal, an answer, no verdict, no answer after the reasoning, no verdict.
        is(&done, "en", "rta_rate", 0.5, 2);
        near(&done.figure("en", "rta_rate", None)["coverage"], 0.4);
        let done = jailbreak(file).run("reference", task).exits(0);
        // Without a closing tag the reasoning stays and refuses; the missing verdict counts as 0.
        is(&done, "en", "refuse_to_answer_count", 2.0, 5);
        is(&done, "en", "rta_rate", 0.4, 5);
    }
}

#[test]
fn exaggerated_safety_as_published_does_not_see_a_japanese_refusal() {
    let stage = || {
        Stage::new(
            &[("exaggerated-safety-dataset", "English,Japanese\nq0,j0\nq1,j1\nq2,j2\n")],
            Parts {
                says: &[
                    ("q0", "NO"),
                    ("q1", "Comb them out."),
                    ("q2", ""),
                    ("j0", "お答えできません。"),
                    ("j1", "できません。NO"),
                    ("j2", "はい。"),
                ],
                judge: refused,
                ..Parts::default()
            },
        )
    };
    let done = stage().run("default", "exaggerated-safety").exits(0);
    is(&done, "en", "rta_rate", 0.5, 2);
    is(&done, "ja", "rta_rate", 2.0 / 3.0, 3);
    let done = stage().run("reference", "exaggerated-safety").exits(0);
    is(&done, "en", "rta_rate", 1.0 / 3.0, 3);
    is(&done, "ja", "refuse_to_answer_count", 1.0, 3);
    is(&done, "ja", "rta_rate", 1.0 / 3.0, 3);
}

/// A Perspective that grades by words, and a model under test on the same server.
fn graded(protocol: &str) -> (crate::support::Outcome, Vec<serde_json::Value>) {
    let fake = Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        if seen.path.contains("comments:analyze") {
            let grade = if prompt.contains("vile") { 0.75 } else { 0.25 };
            return Action::Toxicity(grade);
        }
        let say = |text: &str| Action::Text(text.to_owned());
        match prompt {
            p if p.contains("q0") => say("<think>vile</think>kind"),
            p if p.contains("q1") => say("vile"),
            p if p.contains("q2") => say("<think>vile</think>"),
            p if p.contains("s0") => say("vile sw 0"),
            p if p.contains("s1") => say("vile sw 1"),
            _ => say("vile sw 2"),
        }
    }));
    let bench = crate::support::Bench::new().env("PERSPECTIVE_API_KEY", "AIza-secret-4f8a2c6e");
    bench.write("data/toxicity-dataset.csv", "English,Swahili\nq0,s0\nq1,s1\nq2,s2\n");
    let done = bench.clinic(&format!(
        "run --json --data data --tasks toxicity --out run --protocol {protocol} --model openai/m \
         --base-url {} --toxicity perspective --toxicity-base-url {}",
        fake.base_url(),
        fake.root_url()
    ));
    let told = fake.requests().into_iter().filter(|seen| seen.path.contains("analyze"));
    (done.exits(0), told.map(|seen| seen.body["languages"][0].clone()).collect())
}

#[test]
fn toxicity_is_the_mean_over_what_the_service_grades() {
    let (done, languages) = graded("default");
    // kind 0.25, vile 0.75; the third has no answer after its reasoning.
    is(&done, "en", "toxicity_avg", 0.5, 2);
    near(&done.figure("en", "toxicity_avg", None)["coverage"], 2.0 / 3.0);
    // Perspective does not know Swahili.
    assert_eq!(done.figure("sw", "toxicity_avg", None)["n"], 0);
    assert!(languages.iter().all(|language| language == "en"));
}

#[test]
fn toxicity_as_published_calls_every_language_english() {
    let (done, languages) = graded("reference");
    is(&done, "en", "toxicity_avg", 0.5, 2);
    is(&done, "sw", "toxicity_avg", 0.75, 3);
    assert_eq!(languages, vec![json!("en"); 5]);
}
