//! Failures that every request would share: the run ends at once, and nothing that came is lost.

use std::time::Duration;

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, Sick, is_for, prompts};

const KEY: &str = "sk-secret-0123456789";

#[test]
fn a_wrong_key_ends_the_run_at_once_with_all_pending() {
    let sick = Sick::new(Action::status(401, &[], "bad key"), |_| true);
    let bench = Bench::of(50).env("OPENAI_API_KEY", KEY);
    let done = bench.generate(&sick.fake, "--max-connections 2").exits(1);
    done.says(&["openai/m cannot be used: 401", "bad key; check the key", "clinic resume run"]);
    assert_eq!(bench.states(), ["pending"; 50]);
    assert!(sick.fake.count() <= 4, "{} requests", sick.fake.count());

    let before = sick.heal();
    bench.clinic("resume run").exits(0);
    assert_eq!(bench.states(), ["answered"; 50]);
    assert_eq!(sick.fake.count() - before, 50);
}

#[test]
fn a_key_that_is_withdrawn_in_the_middle_loses_nothing() {
    let number = |prompt: &str| prompt.rsplit(' ').next().and_then(|n| n.parse::<usize>().ok());
    let withdrawn = move |prompt: &str| number(prompt).is_some_and(|n| n >= 10);
    let sick = Sick::of(move |seen| match number(&seen.prompt()) {
        Some(10..) => Action::Json(401, serde_json::json!({"error": "gone"})),
        // In flight when the key is withdrawn.
        Some(9) => Action::After(Duration::from_millis(100), Box::new(Action::Default)),
        _ => Action::Default,
    });
    let bench = Bench::of(40);
    bench.generate(&sick.fake, "--max-connections 4").exits(1).says(&["401", "check the key"]);
    let in_state = |state: &str| {
        let of = "SELECT prompt FROM responses WHERE state =";
        let mut prompts = bench.column(&format!("{of} '{state}'"));
        prompts.sort();
        prompts
    };
    // Which early ones still waited for their turn when the key was withdrawn is a matter of chance.
    let mut well = prompts(&sick.fake, 0);
    well.retain(|prompt| !withdrawn(prompt));
    assert_eq!(in_state("answered"), well, "all that the server answered is kept");
    // Eight are under way at once, so that the first late one comes after three answers at least.
    assert!((3..=10).contains(&well.len()), "{well:?}");
    let pending = in_state("pending");
    assert_eq!(pending.len(), 40 - well.len());

    let before = sick.heal();
    bench.clinic("resume run").exits(0);
    assert_eq!(bench.states(), ["answered"; 40]);
    assert_eq!(prompts(&sick.fake, before), pending, "what has no answer, and nothing else");
}

#[test]
fn an_unknown_model_is_said_to_be_one() {
    let sick = Sick::new(Action::Json(404, serde_json::json!({"message": "no m"})), |_| true);
    let bench = Bench::of(3);
    bench.generate(&sick.fake, "").exits(1).says(&["404", "no m; check the model's name"]);
    assert_eq!(bench.states(), ["pending"; 3]);
}

#[test]
fn a_redirect_is_not_followed_and_the_key_goes_nowhere_else() {
    for status in [301, 302, 307, 308] {
        let other = Fake::start(Script::default());
        let to = format!("{}/chat/completions", other.base_url());
        let sick = Sick::new(Action::status(status, &[("location", &to)], ""), |_| true);
        let bench = Bench::of(3).env("OPENAI_API_KEY", KEY);
        let done = bench.generate(&sick.fake, "").exits(1);
        done.says(&["redirects are not followed", "clinic resume run"]);
        assert_eq!(other.count(), 0);
        sick.heal();
        bench.clinic("resume run").exits(0);
        assert_eq!(bench.states(), ["answered"; 3]);
    }
}

#[test]
fn a_judge_with_a_wrong_key_keeps_the_answers() {
    let sick = Sick::new(Action::status(403, &[], "not yours"), |seen| is_for(seen, "judge"));
    let bench = Bench::of(5);
    let done = bench.run("judged", &sick.fake, "").exits(1);
    done.says(&["openai/judge cannot be used: 403", "check the key", "clinic resume run"]);
    assert_eq!(bench.states(), ["answered"; 5]);

    let before = sick.heal();
    let done = bench.clinic("resume run --json").exits(0);
    assert_eq!(done.figure("en", "quality", None)["coverage"], 1.0);
    assert!(sick.fake.requests()[before..].iter().all(|seen| is_for(seen, "judge")));
}

#[test]
fn addresses_that_cannot_be_used_are_refused_before_the_run_is_made() {
    let bench = Bench::of(1);
    for (url, why) in [
        ("localhost:8000", "not an http or https address"),
        ("nonsense", "not an address"),
        ("ftp://localhost/v1", "not an http or https address"),
        ("http://user:sk-in-url@localhost/v1", "keys belong in the environment"),
    ] {
        let line = "generate --tasks-dir tasks --data data --tasks judged --out run \
                    --model openai/m --base-url";
        let done = bench.clinic(&format!("{line} {url}")).exits(2).says(&[why]);
        assert!(!done.err.contains("sk-in-url"), "{}", done.err);
        assert!(!bench.path("run").exists());
    }
}
