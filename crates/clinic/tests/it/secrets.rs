//! Keys and endpoints: a key goes to its server and appears nowhere, and nothing else is contacted.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, Outcome, is_for};

const KEY: &str = "sk-secret-4f8a2c6e0b1d";

/// Fails where a key is in any file of the run, or in what was printed.
#[track_caller]
fn hidden(bench: &Bench, done: &[&Outcome]) {
    let files = bench.files();
    assert!(files.iter().any(|(path, _)| path.ends_with("run.sqlite")));
    for (path, bytes) in files {
        let found = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
        assert!(!found, "the key is in {}", path.display());
    }
    for done in done {
        assert!(!done.out.contains(KEY) && !done.err.contains(KEY), "{}{}", done.out, done.err);
    }
}

#[test]
fn a_key_is_sent_as_a_bearer_and_appears_nowhere() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3).env("OPENAI_API_KEY", &format!(" {KEY}\n"));
    let done = bench.run("judged", &fake, "").exits(0);
    let bearer = format!("Bearer {KEY}");
    assert!(fake.requests().iter().all(|s| s.header("authorization") == Some(bearer.as_str())));
    let line = |line: &str| bench.clinic(line).exits(0);
    let exported = [line("export run --format csv"), line("export run --format jsonl")];
    let others = [line("report run --all"), line("resume run"), line("score run --json")];
    hidden(&bench, &[&done, &exported[0], &exported[1], &others[0], &others[1], &others[2]]);
}

#[test]
fn a_key_that_a_server_sends_back_is_taken_out() {
    for status in [200, 400, 401, 500] {
        let fake = Fake::start(Script::new(move |seen, _| {
            let sent = seen.header("authorization").unwrap_or_default().to_owned();
            match status {
                200 => Action::Text(sent),
                // The text around the key is long enough to cut it in two.
                400 => Action::status(400, &[], &format!("{}{sent}", "x".repeat(180))),
                _ => Action::Json(status, json!({"error": {"message": format!("bad {sent}")}})),
            }
        }));
        let bench = Bench::of(2).env("OPENAI_API_KEY", KEY);
        let done = bench.run("judged", &fake, "--max-retries 1");
        let report = bench.clinic("report run --json");
        bench.clinic("export run --format csv").exits(0);
        bench.clinic("export run --format jsonl").exits(0);
        hidden(&bench, &[&done, &report]);
        let half = &KEY[..14];
        assert!(!done.err.contains(half) && !report.out.contains(half), "{}", report.out);
        if status != 200 {
            assert!(fake.count() > 0 && (done.err + &report.out).contains("[key]"));
        }
    }
}

#[test]
fn a_short_key_is_taken_out_of_errors_and_left_in_answers() {
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt().ends_with("ask 0") {
        true => Action::Text("Is the bottle EMPTY?".to_owned()),
        false => Action::status(400, &[], "the key EMPTY is wrong"),
    }));
    let bench = Bench::of(2).env("OPENAI_API_KEY", "EMPTY");
    bench.generate(&fake, "").exits(3);
    let texts = bench.column("SELECT coalesce(text, error) FROM responses ORDER BY id");
    assert_eq!(texts, ["Is the bottle EMPTY?", "400 Bad Request: the key [key] is wrong"]);
}

#[test]
fn a_key_goes_to_its_own_provider_only() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(2).env("OPENROUTER_API_KEY", KEY).env("ANTHROPIC_API_KEY", KEY);
    bench.run("judged", &fake, "").exits(0);
    assert!(fake.requests().iter().all(|seen| seen.header("authorization").is_none()));

    let bench = Bench::of(2).env("OPENROUTER_API_KEY", KEY).env("OPENAI_API_KEY", "sk-other");
    let line = Bench::line("generate", "judged", &fake, "").replace("openai/m", "openrouter/r");
    bench.clinic(&line).exits(0);
    let bearer = format!("Bearer {KEY}");
    let sent = fake.requests();
    let sent: Vec<_> = sent.iter().filter(|seen| is_for(seen, "r")).collect();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|seen| seen.header("authorization") == Some(bearer.as_str())));
    hidden(&bench, &[]);
}

#[test]
fn offline_refuses_every_model_behind_http() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    let url = fake.base_url();
    let words = ["need the network, which --offline forbids"];
    let line = Bench::line("run", "judged", &fake, "--offline");
    bench.clinic(&line).exits(2).says(&words);
    assert!(!bench.path("run").exists());

    bench.generate(&fake, "").exits(0);
    let count = fake.count();
    for more in [
        format!("score run --judge openai/j --judge-base-url {url}"),
        format!("score run --toxicity ollama/t --toxicity-base-url {url}"),
        format!("score run --embedder vllm/e --embedder-base-url {url}"),
        "resume run".to_owned(),
    ] {
        bench.clinic(&format!("{more} --offline")).exits(2).says(&words);
    }
    bench.clinic("score run --offline").exits(0);
    bench.clinic("report run").exits(0);
    assert_eq!(fake.count(), count);
}

#[test]
fn only_the_paths_of_the_protocol_are_asked_for() {
    let fake = Fake::start(Script::default());
    let bench = Bench::with(crate::support::SIMILAR, "English,yes,no\na,b,c\n");
    bench.task(crate::support::JUDGED);
    let more = format!("--embedder openai/e --embedder-base-url {}", fake.base_url());
    bench.run("judged,similar", &fake, &more).exits(0);
    let mut paths: Vec<String> = fake.requests().into_iter().map(|seen| seen.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths, ["/v1/chat/completions", "/v1/embeddings"]);
}
