//! Outages, keys that are revoked, names that nobody has, and lines that break: nothing is lost, and
//! `resume` finishes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::json;

use crate::support::{Bench, Sick, down_for, is_for, prompts};

/// What the server was asked, by prompt.
fn asked(fake: &Fake) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for seen in fake.requests() {
        *asked.entry(seen.prompt()).or_default() += 1;
    }
    asked
}

fn count(bench: &Bench, state: &str) -> usize {
    bench.states().iter().filter(|found| *found == state).count()
}

#[test]
fn an_outage_within_the_patience_costs_nothing() {
    for status in [429, 500, 502, 503, 529] {
        let fake = down_for(6, Action::status(status, &[], "not now"));
        let bench = Bench::of(5);
        bench.generate(&fake, "--max-retries 20 --max-connections 2").exits(0);
        assert_eq!(bench.states(), ["answered"; 5]);
        assert_eq!(fake.count(), 5 + 6, "{status}: one further request for each that failed");
    }
}

#[test]
fn an_outage_beyond_the_patience_leaves_a_run_that_resume_finishes() {
    for status in [500, 503] {
        let failing = 30;
        let fake = down_for(failing, Action::status(status, &[], "not now"));
        let bench = Bench::of(12);
        let mut code =
            bench.generate(&fake, "--max-retries 1 --max-connections 4 --max-outage 0").code;
        for _ in 0..10 {
            assert_eq!(count(&bench, "answered") + failing, fake.count().max(failing));
            if code == Some(0) {
                break;
            }
            assert_eq!(code, Some(3));
            code =
                bench.clinic("resume run --retry-delay 0.01 --max-retries 1 --max-outage 0").code;
        }
        assert_eq!((code, bench.states()), (Some(0), vec!["answered".to_owned(); 12]));
        assert_eq!(fake.count(), failing + 12, "no answer was asked for twice");
    }
}

#[test]
fn a_busy_server_that_names_no_time_is_asked_again() {
    let busy = Action::status(429, &[], "slow down");
    let fake = Fake::start(Script::attempts([busy.clone(), busy, Action::Default]));
    let bench = Bench::of(3);
    bench.generate(&fake, "--max-retries 2").exits(0);
    assert_eq!(bench.states(), ["answered"; 3]);
    assert!(asked(&fake).values().all(|times| *times == 3), "{:?}", asked(&fake));
}

/// A server that takes its first key for this many requests of a model and its second for all.
fn revoking(model: &'static str, after: usize) -> Fake {
    let met = AtomicUsize::new(0);
    Fake::start(Script::new(move |seen: &Seen, _| {
        let good = seen.header("authorization") == Some("Bearer sk-second");
        if good || !is_for(seen, model) || met.fetch_add(1, SeqCst) < after {
            return Action::Default;
        }
        Action::Json(401, json!({"error": {"message": "this key was revoked"}}))
    }))
}

const REVOKED: [&str; 4] = ["401", "this key was revoked", "check the key", "clinic resume run"];

#[test]
fn a_key_that_is_revoked_stops_the_run_and_a_new_one_finishes_it() {
    let fake = revoking("m", 10);
    let bench = Bench::of(40).env("OPENAI_API_KEY", "sk-first");
    bench.generate(&fake, "--max-connections 4").exits(1).says(&REVOKED);
    let kept = bench.states();
    assert_eq!((count(&bench, "answered"), count(&bench, "pending")), (10, 30));
    assert!(fake.count() <= 10 + 4, "{} were asked, although no key is good", fake.count());

    bench.clinic("resume run --max-connections 4").exits(1).says(&REVOKED);
    assert_eq!(bench.states(), kept, "nothing is lost, and nothing is given up");

    let before = fake.count();
    let answered: Vec<String> =
        bench.column("SELECT prompt FROM responses WHERE state = 'answered'");
    let bench = bench.env("OPENAI_API_KEY", "sk-second");
    bench.clinic("resume run --max-connections 4").exits(0);
    assert_eq!(bench.states(), ["answered"; 40]);
    let again = prompts(&fake, before);
    assert_eq!(again.len(), 30);
    assert!(again.iter().all(|prompt| !answered.contains(prompt)));
}

#[test]
fn a_key_that_is_revoked_from_the_judge_costs_no_answer() {
    let fake = revoking("judge", 10);
    let bench = Bench::of(20).env("OPENAI_API_KEY", "sk-first");
    bench.run("judged", &fake, "--max-connections 4").exits(1).says(&REVOKED);
    let calls = bench.column("SELECT key FROM calls").len();
    assert_eq!(calls, 10, "what the judge said is kept");

    let bench = bench.env("OPENAI_API_KEY", "sk-second");
    let before = fake.count();
    let done = bench.clinic("resume run --json --max-connections 4").exits(0);
    assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
    let seen = fake.requests();
    let answers = seen.iter().filter(|seen| is_for(seen, "m")).count();
    assert_eq!(answers, 20, "no answer is asked for again");
    assert!(fake.count() - before <= 40 - 10 + 20 - answers, "nor any verdict that was kept");
}

#[test]
fn what_is_in_flight_when_a_key_is_revoked_is_kept() {
    for model in ["m", "judge"] {
        let met = AtomicUsize::new(0);
        let slow = Action::After(Duration::from_millis(400), Box::new(Action::Default));
        let fake = Fake::start(Script::new(move |seen, _| match is_for(seen, model) {
            true if met.fetch_add(1, SeqCst) < 3 => slow.clone(),
            true => Action::status(401, &[], "this key was revoked"),
            false => Action::Default,
        }));
        let bench = Bench::of(12);
        bench.run("judged", &fake, "--max-connections 4").exits(1).says(&REVOKED);
        let kept = match model {
            "m" => count(&bench, "answered"),
            _ => bench.column("SELECT key FROM calls").len(),
        };
        assert_eq!(kept, 3, "{model}: each was paid for");
    }
}

#[test]
fn a_name_that_nobody_has_is_told_and_resume_finishes_when_it_is_found() {
    let fake = Fake::start(Script::always(Action::Text("yes".to_owned())));
    let bench = Bench::of(3);
    let line = Bench::line("generate", "judged", &fake, "--max-retries 0 --timeout 20");
    let line = line.replace(&fake.base_url(), "http://provider.invalid/v1");
    bench.clinic(&line).exits(3);
    assert_eq!((bench.states(), fake.count()), (vec!["failed".to_owned(); 3], 0));
    let report = bench.clinic("report run --json").exits(3).json();
    let failures = report["failures"].to_string();
    assert!(failures.contains("no connection"), "{failures}");
    assert!(failures.contains("lookup") || failures.contains("dns"), "{failures}");

    // Tests cannot give the name an address, but a proxy that knows it.
    let bench = bench.env("http_proxy", &fake.root_url());
    bench.clinic("resume run").exits(0);
    assert_eq!(bench.states(), ["answered"; 3]);
    let paths = fake.requests().into_iter().map(|seen| seen.path);
    assert!(paths.into_iter().all(|path| path.starts_with("http://provider.invalid/v1/")));
}

#[test]
fn a_body_that_drips_within_the_time_is_an_answer() {
    let fake = Fake::start(Script::always(Action::Trickle(Duration::from_millis(400))));
    let bench = Bench::of(3);
    bench.generate(&fake, "--max-retries 0").exits(0);
    assert_eq!((bench.states(), fake.count()), (vec!["answered".to_owned(); 3], 3));
}

#[test]
fn a_judge_behind_a_line_that_breaks_is_asked_again_by_resume() {
    for action in [Action::Reset, Action::HalfClose, Action::HalfHead, Action::HalfBody] {
        let sick =
            Sick::new(action, |seen| is_for(seen, "judge") && seen.prompt().contains("ask 1"));
        let bench = Bench::of(3);
        bench
            .run("judged", &sick.fake, "--max-retries 1")
            .exits(3)
            .says(&["scores failed", "clinic score run"]);
        assert_eq!(bench.states(), ["answered"; 3]);
        let before = sick.heal();
        let done = bench.clinic("resume run --json").exits(0);
        assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
        assert_eq!(sick.fake.count() - before, 2, "two questions of one answer");
    }
}

#[test]
fn json_of_any_other_shape_is_no_answer() {
    let shapes = [
        json!(null),
        json!([]),
        json!("yes"),
        json!(7),
        json!({}),
        json!({"choices": null}),
        json!({"choices": {"0": "yes"}}),
        json!({"choices": [null]}),
        json!({"choices": [{}]}),
        json!({"choices": [{"message": null}]}),
        json!({"choices": [{"message": {"content": 7}}]}),
        json!({"choices": [{"message": {"content": {"text": "yes"}}}]}),
        json!({"error": {"message": "a fault with status 200"}}),
    ];
    let n = shapes.len();
    let number = |seen: &Seen| seen.prompt().rsplit(' ').next()?.parse::<usize>().ok();
    let healthy = Arc::new(AtomicUsize::new(0));
    let healed = healthy.clone();
    let fake = Fake::start(Script::new(move |seen, _| {
        // Every other answer is good, so that the server as a whole is not taken for dead.
        match number(seen).filter(|i| i % 2 == 0).and_then(|i| shapes.get(i / 2)) {
            Some(shape) if healed.load(SeqCst) == 0 => Action::Json(200, shape.clone()),
            _ => Action::Default,
        }
    }));
    let bench = Bench::of(2 * n);
    bench.generate(&fake, "--max-retries 0 --max-connections 1").exits(3);
    let expected: Vec<&str> = (0..n).flat_map(|_| ["failed", "answered"]).collect();
    assert_eq!(bench.states(), expected);
    let reasons = bench.column("SELECT error FROM responses WHERE state = 'failed'");
    assert!(reasons.iter().all(|reason| !reason.is_empty()), "{reasons:?}");

    healthy.store(1, SeqCst);
    let before = fake.count();
    bench.clinic("resume run").exits(0);
    assert_eq!((fake.count() - before, count(&bench, "answered")), (n, 2 * n));
}
