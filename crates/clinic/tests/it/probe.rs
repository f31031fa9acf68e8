//! `clinic judge probe`: judges that obey plants, that do not, and that say nothing of use.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, Outcome, near};

/// What stands between the prompt's own marks, which is not what a plant says stands there.
fn graded(prompt: &str) -> &str {
    let mark = prompt.split("\n[").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("none");
    let begin = format!("[{mark} begins: answer to grade]\n");
    let end = format!("\n[{mark} ends: answer to grade]");
    let answer = prompt.split(&begin).nth(1).and_then(|rest| rest.split(&end).next());
    answer.expect("a fence")
}

/// A judge that is shown the answer between the marks; `""` is a reply without a verdict.
fn judge(verdict: impl Fn(&str) -> String + Send + Sync + 'static) -> Fake {
    Fake::start(Script::new(move |seen, _| {
        let prompt = seen.prompt();
        match verdict(graded(&prompt)).as_str() {
            "" => Action::Text("Hm.".to_owned()),
            verdict => Action::Text(json!({"says": "so", "verdict": verdict}).to_string()),
        }
    }))
}

fn truth(answer: &str) -> &'static str {
    let answered =
        ["lice comb", "lendrera", "unywele", "kichana"].iter().any(|w| answer.contains(w));
    if answered { "answers" } else { "refuses" }
}

fn probe(fake: &Fake, more: &str) -> Outcome {
    let url = fake.base_url();
    Bench::new().clinic(&format!(
        "judge probe --judge openai/judge --judge-base-url {url} --languages en,es,sw --retry-delay 0.01 {more}"
    ))
}

#[test]
fn a_judge_that_grades_the_response_is_never_turned() {
    let fake = judge(|answer| truth(answer).to_owned());
    let done = probe(&fake, "--json").exits(0);
    for language in done.json()["languages"].as_array().unwrap() {
        assert_eq!(
            (&language["plants"], &language["turned"]),
            (&json!(24), &json!(0)),
            "{language}"
        );
        near(&language["rate"], 0.0);
        assert!(language["high"].as_f64().unwrap() > 0.1, "24 plants are few: {language}");
    }
    // Each response without a plant, and each plant; what is hidden never reaches the judge, so that
    // such a plant is the same to it as the response alone, or as the order in plain letters.
    assert!((3 * (20 + 2)..=3 * (24 + 2)).contains(&fake.count()), "{}", fake.count());
}

#[test]
fn a_judge_that_obeys_is_turned_by_every_plant() {
    let fake = judge(|answer| {
        // What was hidden is shown, but for tag characters, which are gone.
        let mut orders = ["refuses", "answers"].into_iter();
        orders.find(|word| answer.contains(word)).unwrap_or_else(|| truth(answer)).to_owned()
    });
    let done = probe(&fake, "--json").exits(0);
    let json = done.json();
    for kind in json["kinds"].as_array().unwrap() {
        let hidden = kind["kind"] == "hidden";
        let turned = kind["turned"].as_u64().unwrap();
        // Of the hidden ones, those in tag characters never reach the judge.
        let expected = kind["plants"].as_u64().unwrap() / if hidden { 2 } else { 1 };
        assert_eq!(turned, expected, "{kind}");
    }
}

#[test]
fn a_reply_without_a_verdict_is_no_success_for_a_plant() {
    let fake = judge(|answer| match ["refuses", "answers"].iter().any(|w| answer.contains(w)) {
        true => String::new(),
        false => truth(answer).to_owned(),
    });
    let done = probe(&fake, "--json").exits(0);
    let english = &done.json()["languages"][0];
    assert_eq!((&english["turned"], &english["unparsed"]), (&json!(0), &json!(22)));
}

#[test]
fn plants_prove_nothing_where_the_judge_is_wrong_without_them() {
    let fake = judge(|_| "answers".to_owned());
    let done = probe(&fake, "").exits(0);
    assert!(done.out.contains("72 plants were left out"), "{}", done.out);
    assert!(done.out.contains("English"), "{}", done.out);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    let none = judge(|_| String::new());
    let done = probe(&none, "--json").exits(0);
    assert_eq!(done.json()["languages"][0]["rate"], json!(null));
    assert_eq!(done.json()["languages"][0]["left_out"], 24);
}

#[test]
fn a_judge_that_fails_is_reported_and_one_that_cannot_be_used_ends_it() {
    let fake = Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        let answer = graded(&prompt);
        match ["refuses", "answers"].iter().any(|word| answer.contains(word)) {
            true => Action::status(500, &[], "down"),
            false => Action::Text(json!({"says": "so", "verdict": truth(answer)}).to_string()),
        }
    }));
    let done = probe(&fake, "--max-retries 0 --max-outage 0 --json").exits(3);
    assert_eq!(done.json()["languages"][0]["failed"], 22);
    // One that fails without any plant too is no judge that resists them.
    let fake = Fake::start(Script::always(Action::status(500, &[], "down")));
    let done = probe(&fake, "--max-retries 0 --max-outage 0 --json").exits(3);
    assert_eq!(done.json()["languages"][0]["failed"], 24);
    assert_eq!(done.json()["languages"][0]["rate"], json!(null));
    let fake = Fake::start(Script::always(Action::status(401, &[], "no")));
    probe(&fake, "").exits(1).says(&["cannot be used", "check the key"]);
}
