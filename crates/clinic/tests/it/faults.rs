//! Providers that misbehave: the run goes on, says what happened, and is completed by `resume`.

use std::time::Duration;

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, JUDGED, SIMILAR, Sick, is_for, near, prompts};

/// Runs six prompts of which two meet `action`, then resumes with a server that behaves.
#[track_caller]
fn recovers(action: Action, reason: &str) {
    let bench = Bench::of(6);
    let odd = |prompt: &str| prompt.ends_with("ask 1") || prompt.ends_with("ask 4");
    let never = matches!(action, Action::Hang | Action::Trickle(_));
    let timeout = if never { 1 } else { 30 };
    // Being turned away counts a fifth of another failure.
    let attempts = if is_busy(&action) { 6 } else { 2 };
    let sick = Sick::new(action, move |seen| odd(&seen.prompt()));
    let pace = format!("--max-retries 1 --timeout {timeout} --max-connections 3");
    bench.generate(&sick.fake, &pace).exits(3);
    assert_eq!(
        bench.states(),
        ["answered", "failed", "answered", "answered", "failed", "answered"]
    );
    let report = bench.clinic("report run --json").exits(3).says(&["clinic resume run"]);
    let failures = report.json()["failures"].clone();
    let listed = failures.as_object().unwrap().iter();
    let listed = listed.filter(|(why, _)| why.to_lowercase().contains(reason));
    assert_eq!(listed.map(|(_, n)| n.as_u64().unwrap()).sum::<u64>(), 2, "{failures}");
    assert_eq!(sick.fake.count(), 4 + 2 * attempts, "no more attempts than asked for");

    let before = sick.heal();
    bench.clinic("resume run --retry-delay 0.01").exits(0);
    assert_eq!(bench.states(), ["answered"; 6]);
    assert_eq!(prompts(&sick.fake, before), ["Q: ask 1", "Q: ask 4"], "and no other");
}

fn is_busy(action: &Action) -> bool {
    matches!(action, Action::Status(429 | 503, ..))
}

macro_rules! faults {
    ($($name:ident: $action:expr, $reason:expr;)*) => {$(
        #[test]
        fn $name() {
            recovers($action, $reason);
        }
    )*};
}

faults! {
    a_server_that_fails: Action::status(500, &[], "boom"), "500 internal server error: boom";
    a_server_that_is_away: Action::status(503, &[], "overloaded"), "503 service unavailable";
    a_gateway_that_times_out: Action::Json(504, json!({"error": {"message": "late"}})), "late";
    a_server_that_is_busy: Action::status(429, &[("retry-after", "0")], "slow down"), "slow down";
    a_busy_server_that_names_no_time: Action::status(429, &[], "slow down"), "slow down";
    a_login_page: Action::Html, "not json";
    a_closed_connection: Action::Close, "connection";
    a_reset: Action::Reset, "reset";
    a_half_closed_connection: Action::HalfClose, "connection";
    half_a_head: Action::HalfHead, "connection";
    half_a_body: Action::HalfBody, "connection broke";
    no_choices: Action::EmptyChoices, "no choices";
    null_for_content: Action::NullContent, "without text";
    another_protocol: Action::WrongShape, "no choices";
    json_that_stops: Action::InvalidJson, "not json";
    an_answer_that_never_comes: Action::Hang, "no answer in time";
    a_body_that_drips: Action::Trickle(Duration::from_secs(20)), "no answer in time";
}

#[test]
fn a_request_that_is_rejected_is_not_repeated() {
    let sick = Sick::new(Action::status(400, &[], "too long"), |s| s.prompt().ends_with("ask 1"));
    let bench = Bench::of(3);
    bench.generate(&sick.fake, "--max-retries 3").exits(3);
    assert_eq!(bench.states(), ["answered", "failed", "answered"]);
    assert_eq!(sick.fake.count(), 3);
}

#[test]
fn a_busy_server_is_given_the_time_that_it_asks_for() {
    let busy = Action::status(429, &[("retry-after", "1")], "slow down");
    let fake = Fake::start(Script::attempts([busy, Action::Default]));
    let bench = Bench::of(2);
    bench.generate(&fake, "--max-retries 1").exits(0);
    assert_eq!(bench.states(), ["answered"; 2]);
    let seen = fake.requests();
    assert_eq!(seen.len(), 4);
    let apart = seen.iter().filter(|s| s.prompt() == "Q: ask 0").map(|s| s.at).collect::<Vec<_>>();
    assert!(apart[1] - apart[0] >= Duration::from_millis(990), "{apart:?}");
}

#[test]
fn a_server_that_is_down_and_comes_back() {
    // Below the ports that systems hand out, so that no other test takes it in between.
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let start = |port| Fake::start_on(port, Script::default());
    let fake = (first..first + 100).find_map(|port| start(port).ok()).unwrap();
    let port = fake.address().port();
    let bench = Bench::of(4);
    let line = Bench::line("generate", "judged", &fake, "--max-retries 1");
    drop(fake);
    bench.clinic(&line).exits(3);
    let failures = bench.clinic("report run --json").exits(3).json()["failures"].clone();
    let (why, n) = failures.as_object().unwrap().iter().next().unwrap();
    assert!(why.contains("no connection") && why.contains("refused"), "{why}");
    assert_eq!(n, 4);

    let fake = start(port).unwrap();
    bench.clinic("resume run").exits(0);
    assert_eq!(prompts(&fake, 0), ["Q: ask 0", "Q: ask 1", "Q: ask 2", "Q: ask 3"]);
    assert_eq!(bench.states(), ["answered"; 4]);
}

#[test]
fn a_judge_that_fails_leaves_scores_open_and_resume_asks_it_again() {
    let bench = Bench::of(4);
    let judged = |seen: &clinic_fake::Seen| is_for(seen, "judge");
    let sick = Sick::new(Action::status(503, &[], "overloaded"), move |seen| {
        judged(seen) && (seen.prompt().contains("ask 1") || seen.prompt().contains("ask 2"))
    });
    let done = bench.run("judged", &sick.fake, "--max-retries 0").exits(3);
    let figure = done.figure("en", "quality", None);
    let shown = (&figure["estimate"], &figure["n"], &figure["expected"]);
    assert_eq!(shown, (&json!(1.0), &json!(2), &json!(4)));
    done.says(&["2 scores failed", "clinic score run"]);

    let before = sick.heal();
    let done = bench.clinic("resume run --json").exits(0);
    assert_eq!(done.figure("en", "quality", None)["n"], 4);
    let asked = &sick.fake.requests()[before..];
    assert!(asked.iter().all(judged), "no answer is asked for again");
    assert_eq!(asked.len(), 2 + 2, "two first questions, then two second ones");
}

#[test]
fn one_text_that_the_embedder_rejects_costs_only_its_own_sample() {
    let fake = Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        if is_for(seen, "m") {
            Action::Text(prompt)
        } else if prompt.contains("vile") {
            Action::status(400, &[], "a text is against the terms")
        } else {
            Action::Default
        }
    }));
    let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\nb,vile,n\nc,c,n\n");
    let more = format!("--embedder openai/e --embedder-base-url {}", fake.base_url());
    let done = bench.run("similar", &fake, &more).exits(3);
    let figure = done.figure("en", "near", None);
    near(&figure["estimate"], 1.0);
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(3)));
}

#[test]
fn an_embedder_that_gives_no_vectors_is_no_similarity_of_zero() {
    for action in [Action::NullContent, Action::EmptyChoices, Action::WrongShape, Action::Html] {
        let fake = Fake::start(Script::new(move |seen, _| {
            if is_for(seen, "m") { Action::Default } else { action.clone() }
        }));
        let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\nb,b,n\n");
        let more =
            format!("--max-retries 1 --embedder openai/e --embedder-base-url {}", fake.base_url());
        let figure = bench.run("similar", &fake, &more).exits(3).figure("en", "near", None);
        assert_eq!((&figure["estimate"], &figure["n"]), (&json!(null), &json!(0)));
    }
}

#[test]
fn a_judge_and_a_model_that_are_both_down_leave_a_run_that_can_go_on() {
    let sick = Sick::new(Action::Close, |_| true);
    let bench = Bench::with(JUDGED, "English\nask 0\nask 1\n");
    bench.run("judged", &sick.fake, "--max-retries 0").exits(3);
    assert_eq!(bench.states(), ["failed"; 2]);
    sick.heal();
    let done = bench.clinic("resume run --json").exits(0);
    assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
}
