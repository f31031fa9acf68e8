//! How fast a run goes, and what it does when nobody answers.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, Sick, down_for, is_for, until};

#[test]
fn without_a_number_the_connections_are_found_out() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(20)));
    let bench = Bench::of(300);
    bench.generate(&fake, "").exits(0);
    let peak = fake.peak();
    assert!((20..=100).contains(&peak), "{peak}");
    let fake = Fake::start(Script::default().latency(Duration::from_millis(20)));
    let bench = Bench::of(100);
    bench.generate(&fake, "--max-connections 7").exits(0);
    assert_eq!(fake.peak(), 7);
}

#[test]
fn a_server_that_turns_requests_away_gets_fewer_at_once() {
    // Eight at a time are too many for it.
    let now = AtomicUsize::new(0);
    let fake = Fake::start(Script::new(move |_, _| match now.fetch_add(1, SeqCst) % 16 {
        8.. => Action::status(429, &[], "slow down"),
        _ => Action::After(Duration::from_millis(5), Box::new(Action::Default)),
    }));
    let bench = Bench::of(120);
    bench.generate(&fake, "--max-connections 40").exits(0);
    assert_eq!(bench.states(), vec!["answered"; 120]);
}

#[test]
fn an_endpoint_that_is_down_is_tried_by_one_request_at_a_time() {
    let fake = down_for(18, Action::status(500, &[], "down"));
    let bench = Bench::of(60);
    let done = bench.generate(&fake, "--max-retries 1 --max-connections 10").exits(0);
    assert_eq!(bench.states(), vec!["answered"; 60], "{}", done.err);
    assert_eq!(fake.count(), 60 + 18, "nothing failed in the outage, and nothing was sent twice");
}

#[test]
fn an_outage_that_is_too_long_ends_the_run_with_the_rest_pending() {
    let sick = Sick::new(Action::status(503, &[], "down for good"), |_| true);
    let bench = Bench::of(60);
    let pace = "--max-retries 2 --max-connections 10 --max-outage 0.2";
    let done = bench.generate(&sick.fake, pace).exits(1);
    done.says(&["has not answered anybody for 0.2 s", "down for good", "clinic resume run"]);
    assert_eq!(bench.states(), vec!["pending"; 60]);
    assert!(sick.fake.count() < 60, "{} requests into an outage", sick.fake.count());
    sick.heal();
    bench.clinic("resume run").exits(0);
    assert_eq!(bench.states(), vec!["answered"; 60]);
}

#[test]
fn an_outage_of_the_judge_does_not_hold_up_the_model() {
    let sick = Sick::new(Action::status(503, &[], "down"), |seen| is_for(seen, "judge"));
    let bench = Bench::of(60);
    let url = sick.fake.base_url();
    let judge = format!("--max-connections 10 --judge openai/judge --judge-base-url {url}");
    let run = bench.start(&Bench::line("run", "judged", &sick.fake, &judge));
    until("all answers", || {
        bench.path("run/run.toml").exists() && {
            let states = bench.states();
            states.len() == 60 && states.iter().all(|state| state == "answered")
        }
    });
    sick.heal();
    run.end().exits(0);
    assert_eq!(bench.clinic("report run --json").figure("en", "quality", None)["n"], 60);
}

#[test]
fn scoring_begins_before_the_last_answer() {
    let fake = Fake::start(Script::default().latency(Duration::from_millis(5)));
    let bench = Bench::of(200);
    bench.run("judged", &fake, "--max-connections 4").exits(0);
    let requests = fake.requests();
    let first = requests.iter().position(|seen| is_for(seen, "judge")).unwrap();
    assert!(first < 100, "the judge was asked after {first} answers");
}

#[test]
fn requests_a_minute_are_kept() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(8);
    // A burst of five seconds' worth is five; the other three come a second apart.
    bench.generate(&fake, "--requests-per-minute 60").exits(0);
    let seen = fake.requests();
    let span = seen[7].at - seen[0].at;
    assert!(span >= Duration::from_millis(2_900), "{span:?}");
}

#[test]
fn limits_that_a_provider_tells_are_kept() {
    // Three at first, then one a second.
    let sent = AtomicUsize::new(0);
    let body = json!({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]});
    let fake = Fake::start(Script::new(move |_, _| {
        let left = 2_usize.saturating_sub(sent.fetch_add(1, SeqCst));
        let limits = [
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", &left.to_string()),
            ("x-ratelimit-reset-requests", &format!("{}s", 60 - left)),
            ("content-type", "application/json"),
        ];
        Action::status(200, &limits, &body.to_string())
    }));
    let bench = Bench::of(5);
    bench.generate(&fake, "--max-connections 1").exits(0);
    let seen = fake.requests();
    let span = seen[4].at - seen[2].at;
    assert!(span >= Duration::from_millis(1_900), "{span:?}");
}

#[test]
fn a_refusal_after_answers_is_the_fault_of_one_request_and_many_are_not() {
    for status in [403, 404, 302] {
        let odd = Action::status(status, &[("location", "/elsewhere")], "no");
        let sick = Sick::new(odd, |seen| seen.prompt().ends_with("ask 7"));
        let bench = Bench::of(30);
        bench.generate(&sick.fake, "--max-connections 1").exits(3);
        let failed = bench.states().iter().filter(|state| *state == "failed").count();
        assert_eq!(failed, 1, "{status}");
    }
    let begun = AtomicUsize::new(0);
    let fake = Fake::start(Script::new(move |_, _| match begun.fetch_add(1, SeqCst) {
        0..5 => Action::Default,
        _ => Action::status(403, &[], "no more for you"),
    }));
    let bench = Bench::of(60);
    bench.generate(&fake, "--max-connections 1").exits(1).says(&["no more for you", "resume"]);
    assert!(fake.count() < 20, "{} requests", fake.count());
    assert!(bench.states().iter().any(|state| state == "pending"));
}

#[test]
fn a_request_that_no_one_answers_is_found_out_before_it_was_sent_for_every_sample() {
    let rejected = "{\"error\": {\"message\": \"temperature is not supported\"}}";
    let fake = Fake::start(Script::always(Action::status(400, &[], rejected)));
    let bench = Bench::of(60);
    let done = bench.generate(&fake, "--max-connections 2").exits(1);
    done.says(&["temperature is not supported"]);
    assert!(fake.count() < 20, "{} requests", fake.count());
}

#[test]
fn an_account_without_credit_ends_the_run_at_once() {
    for (status, error) in [
        (429, json!({"code": "insufficient_quota", "message": "You exceeded your quota"})),
        (402, json!({"message": "Insufficient credits"})),
        (400, json!({"message": "Your credit balance is too low to access the API."})),
    ] {
        let fake = Fake::start(Script::always(Action::Json(status, json!({"error": error}))));
        let bench = Bench::of(40);
        let done = bench.generate(&fake, "--max-connections 2").exits(1);
        done.says(&["see to the credit of the account"]);
        assert!(fake.count() <= 2, "{status}: {}", fake.count());
        assert_eq!(bench.states(), vec!["pending"; 40]);
    }
}
