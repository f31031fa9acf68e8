//! Batch endpoints: half the price, and nothing asked twice whatever happens to the batch.

use clinic_fake::{Action, BatchEnd, Fake, Script};
use serde_json::json;

use crate::support::{Bench, Sick, is_for, near, until};

const BATCH: &str = "--batch --batch-poll 0.05";

/// Requests that were asked live, by model.
fn live(fake: &Fake, model: &str) -> usize {
    fake.requests().iter().filter(|seen| is_for(seen, model)).count()
}

/// The line of a run whose model and judge have Anthropic's or OpenAI's batches.
fn line(fake: &Fake, provider: &str, more: &str) -> String {
    let url = fake.base_url();
    let judge = format!("--judge {provider}/judge --judge-base-url {url} --json {BATCH} {more}");
    Bench::line("run", "judged", fake, &judge).replace("openai/m", &format!("{provider}/m"))
}

#[test]
fn a_run_goes_through_batches_alone() {
    for provider in ["openai", "anthropic"] {
        let fake = Fake::start(Script::default().polls(2));
        let bench = Bench::of(40).env("ANTHROPIC_API_KEY", "k").env("OPENAI_API_KEY", "k");
        let done = bench.clinic(&line(&fake, provider, "")).exits(0);
        assert_eq!(done.figure("en", "quality", None)["n"], 40, "{provider}");
        assert_eq!(live(&fake, "m"), 0, "{provider}");
        // The first judgement finds out alone whether the judge takes a schema.
        assert_eq!((live(&fake, "judge"), fake.batch_lines()), (1, 40 + 79), "{provider}");
        assert_eq!(bench.states(), vec!["answered"; 40]);
    }
}

#[test]
fn batches_cost_half() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(30);
    let done = bench.clinic(&line(&fake, "openai", "--price openai/m=1000000,0")).exits(0);
    let usage = &done.json()["usage"]["judged"];
    near(&usage["usd"], usage["prompt_tokens"].as_f64().unwrap() / 2.0);
    assert_eq!(usage["batch"], true);
}

#[test]
fn what_a_batch_leaves_out_is_asked_live() {
    // Ten lines are answered before the batch expires.
    let fake = Fake::start(Script::default().batch_ends([BatchEnd::Expired(10)]));
    let bench = Bench::of(30);
    let line = Bench::line("generate", "judged", &fake, BATCH);
    bench.clinic(&line).exits(0);
    assert_eq!(bench.states(), vec!["answered"; 30]);
    assert_eq!((fake.batch_lines(), live(&fake, "m")), (10, 20));
    // Single lines that fail are asked again, those that are rejected are not.
    let fake = Fake::start(Script::new(|seen, nth| match seen.prompt().as_str() {
        "Q: ask 3" if nth == 1 => Action::status(500, &[], "boom"),
        "Q: ask 4" => Action::status(400, &[], "against the terms"),
        _ => Action::Default,
    }));
    let bench = Bench::of(30);
    bench.clinic(&Bench::line("generate", "judged", &fake, BATCH)).exits(3);
    let failed = bench.column("SELECT prompt FROM responses WHERE state = 'failed'");
    assert_eq!(failed, ["Q: ask 4"]);
    assert_eq!((fake.batch_lines(), live(&fake, "m")), (30, 1));
}

#[test]
fn a_line_that_is_no_answer_may_have_cost_money_and_is_asked_again() {
    let fake = Fake::start(Script::new(|seen, nth| match seen.prompt().as_str() {
        "Q: ask 3" if nth == 1 => Action::WrongShape,
        _ => Action::Default,
    }));
    let bench = Bench::of(30);
    let more = format!("{BATCH} --price openai/m=1,1");
    bench.clinic(&Bench::line("generate", "judged", &fake, &more)).exits(0);
    assert_eq!(bench.states(), vec!["answered"; 30]);
    assert_eq!((fake.batch_lines(), live(&fake, "m")), (30, 1));
    let report = bench.clinic("report run --json").exits(0).json();
    assert!(report["unsure_usd"].as_f64().unwrap() > 0.0, "{report}");
}

#[test]
fn a_handful_is_asked_live() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(5);
    bench.clinic(&Bench::line("generate", "judged", &fake, BATCH)).exits(0);
    assert_eq!((fake.batch_lines(), fake.count()), (0, 5));
}

#[test]
fn a_kill_while_a_batch_is_out_costs_nothing() {
    for provider in ["openai", "anthropic"] {
        let fake = Fake::start(Script::default().polls(12));
        let bench = Bench::of(40).env("ANTHROPIC_API_KEY", "k").env("OPENAI_API_KEY", "k");
        let run = bench.start(&line(&fake, provider, ""));
        let known = "SELECT id FROM batches WHERE id IS NOT NULL";
        until("a batch", || bench.path("run/run.toml").exists() && !bench.column(known).is_empty());
        run.kill();
        let done = bench.clinic("resume run --json --batch-poll 0.05").exits(0);
        assert_eq!(done.figure("en", "quality", None)["n"], 40, "{provider}");
        assert_eq!((fake.batch_lines(), live(&fake, "m")), (119, 0), "{provider}: handed in once");
    }
}

#[test]
fn a_batch_whose_id_was_lost_is_found_again() {
    for provider in ["openai", "anthropic"] {
        let fake = Fake::start(Script::default().polls(3));
        let bench = Bench::of(40).env("ANTHROPIC_API_KEY", "k").env("OPENAI_API_KEY", "k");
        let line = line(&fake, provider, "");
        let run = bench.start(&line);
        let known = "SELECT id FROM batches WHERE id IS NOT NULL";
        until("a batch", || bench.path("run/run.toml").exists() && !bench.column(known).is_empty());
        run.kill();
        // As if the program had ended between handing in and hearing of it.
        let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
        db.execute_batch("UPDATE batches SET id = NULL").unwrap();
        drop(db);
        let done = bench.clinic("resume run --json --batch-poll 0.05").exits(0);
        assert_eq!(done.figure("en", "quality", None)["n"], 40, "{provider}");
        assert_eq!((fake.batch_lines(), live(&fake, "m")), (119, 0), "{provider}: handed in once");
    }
}

#[test]
fn an_interrupt_does_not_wait_for_a_batch() {
    let fake = Fake::start(Script::default().polls(1_000_000));
    let bench = Bench::of(40);
    let run = bench.start(&Bench::line("generate", "judged", &fake, BATCH));
    until("a batch", || run.stderr().contains("nothing") || fake.batch_requests().len() >= 2);
    run.signal("INT");
    run.end().exits(130).says(&["clinic resume run"]);
    assert_eq!(bench.states(), vec!["pending"; 40]);
}

#[test]
fn a_provider_that_refuses_batches_ends_the_run_instead_of_costing_twice_as_much() {
    let fake = Fake::start(Script::new(|seen, _| match seen.path.contains("batch") {
        true => Action::Json(403, json!({"error": {"message": "no batches for this account"}})),
        false => Action::Default,
    }));
    let bench = Bench::of(30);
    let done = bench.clinic(&Bench::line("generate", "judged", &fake, BATCH)).exits(1);
    done.says(&["the batch could not be handed in", "no batches for this account", "resume"]);
    assert_eq!(live(&fake, "m"), 0);
    assert_eq!(bench.states(), vec!["pending"; 30]);
}

#[test]
fn a_model_without_batches_is_told() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    let line = Bench::line("generate", "judged", &fake, BATCH).replace("openai/m", "vllm/m");
    bench.clinic(&line).exits(2).says(&["vllm/m: --batch knows no batch endpoint"]);
    assert!(!bench.path("run").exists());
}

/// A server whose batches cannot be looked at until it is healed.
fn blind(action: Action) -> Sick {
    Sick::new(action, |seen| seen.method == "GET" && seen.path.contains("/batches/"))
}

#[test]
fn a_batch_that_cannot_be_looked_at_is_not_asked_live_behind_its_back() {
    for status in [401, 403, 404, 302] {
        let sick = blind(Action::status(status, &[("location", "/elsewhere")], "no"));
        let bench = Bench::of(30);
        let done = bench.clinic(&Bench::line("generate", "judged", &sick.fake, BATCH)).exits(1);
        done.says(&["cannot be looked at", "--live", "clinic resume run"]);
        assert_eq!(bench.states(), vec!["pending"; 30], "{status}");
        assert_eq!(live(&sick.fake, "m"), 0, "{status}");
        sick.heal();
        bench.clinic("resume run --batch-poll 0.05").exits(0);
        assert_eq!((sick.fake.batch_lines(), live(&sick.fake, "m")), (30, 0), "{status}");
    }
}

#[test]
fn a_batch_that_is_gone_for_good_is_asked_live_where_that_is_wanted() {
    let sick = blind(Action::status(404, &[], "no such batch"));
    let bench = Bench::of(30);
    bench.clinic(&Bench::line("generate", "judged", &sick.fake, BATCH)).exits(1);
    bench.clinic("resume run --live").exits(0);
    assert_eq!(live(&sick.fake, "m"), 30);
}

#[test]
fn a_provider_that_cannot_tell_of_a_batch_is_waited_for_so_long_and_no_longer() {
    let sick = blind(Action::status(500, &[], "down"));
    let bench = Bench::of(30);
    let line = Bench::line("generate", "judged", &sick.fake, &format!("{BATCH} --max-outage 1"));
    let done = bench.clinic(&line).exits(1);
    done.says(&["a batch cannot be looked at, and is tried again", "500", "clinic resume run"]);
    assert_eq!((bench.states(), live(&sick.fake, "m")), (vec!["pending".to_owned(); 30], 0));
    sick.heal();
    bench.clinic("resume run --batch-poll 0.05").exits(0);
    assert_eq!(sick.fake.batch_lines(), 30);
}

#[test]
fn a_batch_that_failed_as_a_whole_ends_the_run_and_is_handed_in_anew() {
    let fake = Fake::start(Script::default().batch_ends([BatchEnd::Refused(0), BatchEnd::Whole]));
    let bench = Bench::of(30);
    let done = bench.clinic(&Bench::line("generate", "judged", &fake, BATCH)).exits(1);
    done.says(&["failed", "clinic resume run"]);
    assert_eq!((bench.states(), live(&fake, "m")), (vec!["pending".to_owned(); 30], 0));
    bench.clinic("resume run --batch-poll 0.05").exits(0);
    assert_eq!(live(&fake, "m"), 0);
}
