//! What a run costs: told before, counted on the way, and never more than the budget.

use std::time::Duration;

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, is_for, near, until};

/// A server whose answers each cost the same: 100 tokens in, 10 out.
fn dear() -> Fake {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 10});
    Fake::start(Script::new(move |seen, _| {
        let verdict = if seen.prompt().contains("kind?") { "kind" } else { "good" };
        let text = match is_for(seen, "judge") {
            true => json!({"says": "so", "verdict": verdict}).to_string(),
            // Each answer is another, so that no two judgements are the same request.
            false => seen.prompt(),
        };
        let choice = json!({"message": {"content": text}, "finish_reason": "stop"});
        Action::Json(200, json!({"choices": [choice], "usage": usage.clone()}))
    }))
}

/// USD 1 for a call of [`dear`], whoever answers it.
const MODEL: &str = "--price openai/m=5000,50000";

fn spent(report: &Value) -> f64 {
    let usd = |value: &Value| value["usd"].as_f64().unwrap_or(0.0);
    let of = |group: &str| report[group].as_object().unwrap().values().map(usd).sum::<f64>();
    of("usage") + of("judged") + report["unsure_usd"].as_f64().unwrap()
}

#[test]
fn a_budget_is_never_passed_and_resume_goes_on_with_another() {
    let (bench, fake) = (Bench::of(50), dear());
    let done = bench.generate(&fake, &format!("{MODEL} --budget 20 --max-connections 8")).exits(3);
    done.says(&["the budget of USD 20 is used up", "go on with: clinic resume run --budget"]);
    let sent = fake.count();
    assert!((10..=20).contains(&sent), "{sent} calls of one dollar");
    let answered = bench.states().iter().filter(|state| *state == "answered").count();
    assert_eq!(answered, sent, "all that was paid for is kept");
    near(&json!(spent(&bench.clinic("report run --json").json())), sent as f64);

    // The plan remembers budget and price: nothing more is sent by accident.
    bench.clinic("resume run").exits(3).says(&["used up"]);
    assert_eq!(fake.count(), sent);
    bench.clinic("resume run --budget 500").exits(0);
    assert_eq!((fake.count(), bench.states()), (50, vec!["answered".to_owned(); 50]));
}

#[test]
fn a_budget_holds_for_model_and_judge_together() {
    let (bench, fake) = (Bench::of(40), dear());
    let prices = format!("{MODEL} --price openai/judge=5000,50000 --budget 60 --max-connections 4");
    let done = bench.run("judged", &fake, &prices).exits(3);
    assert_eq!(done.out, "", "no table of a run that was stopped");
    let report = bench.clinic("report run --json").json();
    assert!(spent(&report) <= 60.0, "{}", spent(&report));
    assert!(fake.requests().iter().any(|seen| is_for(seen, "judge")), "the judge got its share");
    let done = bench.clinic("resume run --json --budget 1000").exits(0);
    assert_eq!(done.figure("en", "quality", None)["n"], 40);
    near(&json!(spent(&done.json())), 120.0);
    assert_eq!(fake.count(), 120, "nothing was paid for twice");
}

#[test]
fn a_judge_that_was_replaced_counts_against_the_budget() {
    let (bench, fake) = (Bench::of(10), dear());
    let prices = format!("{MODEL} --price openai/judge=0,100000 --budget 100");
    bench.run("judged", &fake, &prices).exits(0);
    // Ten answers and twenty verdicts at a dollar each. A verdict may take 40, so that another judge
    // gives one and no second.
    let url = fake.base_url();
    let other = format!(
        "score run --judge openai/other --judge-base-url {url} --price openai/other=0,100000 \
         --budget 70"
    );
    bench.clinic(&other).exits(3).says(&["the budget of USD 70 is used up: 31.0000 spent"]);
    let report = bench.clinic("report run --json").json();
    near(&json!(spent(&report)), 31.0);
    near(&report["judged"]["openai/judge"]["usd"], 20.0);

    // Taken back, the first judge has the price that it was given, and nothing is asked again.
    let before = fake.count();
    let back = format!("score run --judge openai/judge --judge-base-url {url}");
    bench.clinic(&back).exits(0);
    assert_eq!(fake.count(), before);
    near(&bench.clinic("report run --json").json()["judged"]["openai/judge"]["usd"], 20.0);
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    assert_eq!(plan.matches("[[earlier]]").count(), 1, "{plan}");
}

#[test]
fn what_may_have_been_charged_counts_as_spent() {
    // The first answer breaks off: nobody knows what it cost.
    let fake = Fake::start(Script::attempts([Action::HalfBody, Action::Default]));
    let bench = Bench::of(3);
    bench.generate(&fake, &format!("{MODEL} --budget 1000000")).exits(0);
    let report = bench.clinic("report run --json").exits(0).json();
    assert!(report["unsure_usd"].as_f64().unwrap() > 0.0, "{report}");
    bench.clinic("report run").exits(0).says(&[]);
    let shown = bench.clinic("report run").out;
    assert!(shown.contains("for calls of which no usage is known"), "{shown}");
}

#[test]
fn a_budget_needs_prices() {
    let (bench, fake) = (Bench::of(3), dear());
    let done = bench.generate(&fake, "--budget 5").exits(2);
    done.says(&["--budget needs a price of openai/m", "--price openai/m=IN,OUT"]);
    let twice = bench.generate(&fake, "--price openai/m=1,2 --price openai/m=3,4").exits(2);
    twice.says(&["--price names openai/m twice"]);
    let other = bench.generate(&fake, "--price openai/other=1,2").exits(2);
    other.says(&["--price names openai/other, which this run does not use"]);
    for wrong in ["--budget x", "--budget -1", "--price openai/m=1", "--budget NaN"] {
        bench.generate(&fake, wrong).exits(2);
    }
    assert_eq!(fake.count(), 0);
    assert!(!bench.path("run").exists());
    // A server of one's own costs nothing.
    let line = Bench::line("generate", "judged", &fake, "--budget 0").replace("openai/m", "vllm/m");
    bench.clinic(&line).exits(0);
    assert_eq!(fake.count(), 3);
}

#[test]
fn a_dry_run_tells_calls_tokens_and_cost_of_each_task() {
    let (bench, fake) = (Bench::of(6), dear());
    let url = fake.base_url();
    let judge = format!("--judge openai/judge --judge-base-url {url} --dry-run");
    let prices = "--price openai/m=5000,50000 --price openai/judge=0,1000000";
    let line = Bench::line("run", "judged", &fake, &format!("{judge} {prices}"));
    let json = bench.clinic(&format!("{line} --json")).exits(0).json();
    let task = &json["tasks"]["judged"];
    assert_eq!((&task["prompts"], &task["new_tokens"]), (&json!(6), &json!(6 * 16)));
    assert_eq!(task["judge_calls"], 12, "two questions each");
    // "Q: ask 0" has 8 bytes, about 3 tokens; a verdict may take 400.
    near(&task["usd"], 6.0 * (3.0 * 0.005 + 16.0 * 0.05) + 12.0 * 400.0);
    assert_eq!(json["usd_at_most"], task["usd"]);
    let shown = bench.clinic(&format!("{line} --budget 3")).exits(0).out;
    assert!(shown.contains("more than the budget of 3"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let unpriced = bench.clinic(&Bench::line("run", "judged", &fake, &judge)).exits(0).out;
    assert!(unpriced.contains("no price is known"), "{unpriced}");
    assert_eq!(fake.count(), 0);
}

#[test]
fn the_progress_tells_what_it_costs_and_what_goes_wrong() {
    let fake = Fake::start(Script::attempts([
        Action::status(503, &[], "busy"),
        Action::After(Duration::from_millis(1), Box::new(Action::Default)),
    ]));
    let bench = Bench::of(5);
    let done = bench.generate(&fake, &format!("{MODEL} --budget 100000")).exits(0);
    done.says(&["generate 5/5", "retries (5 overloaded)", "USD ", "(budget 100000.00)"]);
}

#[test]
fn what_was_in_flight_at_a_kill_counts_as_spent() {
    let fake = Fake::start(Script::default().latency(Duration::from_secs(20)));
    let bench = Bench::of(20);
    let line = Bench::line(
        "generate",
        "judged",
        &fake,
        &format!("{MODEL} --budget 1000 --max-connections 5"),
    );
    let run = bench.start(&line);
    until("requests", || fake.count() >= 5);
    run.kill();
    drop(fake);
    let unsure =
        |bench: &Bench| bench.clinic("report run --json").json()["unsure_usd"].as_f64().unwrap();
    // "Q: ask 0" has 8 bytes, a template may add 64 tokens, and 16 may be answered.
    let most = 5.0 * ((8.0 + 64.0) * 0.005 + 16.0 * 0.05);
    let told = unsure(&bench);
    assert!((most - 1e-9..2.0 * most + 1e-9).contains(&told), "{told} of {most}");
    // It is counted once, whatever comes after.
    let gone = "resume run --max-retries 0 --max-outage 0 --retry-delay 0.01";
    bench.clinic(gone).exits(3);
    near(&json!(unsure(&bench)), told);
}

#[test]
fn a_run_that_ended_well_has_nothing_in_flight() {
    let (bench, fake) = (Bench::of(12), dear());
    bench.generate(&fake, MODEL).exits(0);
    assert_eq!(bench.clinic("report run --json").json()["unsure_usd"], 0.0);
}

#[test]
fn a_usage_that_cannot_be_true_is_no_usage() {
    for lie in [json!(18_446_744_073_709_551_216_u64), json!(-5), json!(1e30), json!("9")] {
        let choice = json!({"message": {"content": "yes"}, "finish_reason": "stop"});
        let usage = json!({"prompt_tokens": lie, "completion_tokens": lie});
        let fake = Fake::start(Script::always(Action::Json(
            200,
            json!({"choices": [choice], "usage": usage}),
        )));
        let bench = Bench::of(3);
        bench.generate(&fake, MODEL).exits(0);
        let report = bench.clinic("report run --json").exits(0).json();
        assert_eq!(report["usage"]["judged"]["prompt_tokens"], 0, "{lie}");
        assert!(report["unsure_usd"].as_f64().unwrap() > 3.0, "{report}");
    }
}

#[test]
fn a_server_that_takes_more_than_it_was_allowed_is_reckoned_with() {
    // Each call should cost at most about USD 1.20, and costs 20.
    let usage = json!({"prompt_tokens": 0, "completion_tokens": 400});
    let choice = json!({"message": {"content": "yes"}, "finish_reason": "stop"});
    let body = json!({"choices": [choice], "usage": usage});
    let fake = Fake::start(Script::always(Action::Json(200, body)));
    let bench = Bench::of(40);
    let pace = format!("{MODEL} --budget 100 --max-connections 1");
    bench.generate(&fake, &pace).exits(3).says(&["used up: 100"]);
    assert_eq!(fake.count(), 5, "the first one was a surprise, the others were not");
}
