//! What each provider is sent and how its answers, refusals and errors are understood: the shapes
//! of its documented API, on a local server.

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome};

const KEY: &str = "sk-0123456789abcdefghij";

fn serving(answer: impl Fn(&Seen) -> Action + Send + Sync + 'static) -> Fake {
    Fake::start(Script::new(move |seen, _| answer(seen)))
}

/// Generates one answer of the judged task from a provider.
fn ask(bench: &Bench, model: &str, url: &str, more: &str) -> Outcome {
    bench.clinic(&format!(
        "generate --tasks-dir tasks --data data --tasks judged --out run --retry-delay 0.01 \
         --max-retries 1 --model {model} --base-url {url} {more}"
    ))
}

fn bench(key: &str) -> Bench {
    Bench::of(1).env(key, KEY)
}

/// State, text and tokens of the only response.
fn kept(bench: &Bench) -> (String, String, String) {
    let one = |column: &str| {
        let query = format!("SELECT coalesce(CAST({column} AS TEXT), '') FROM responses");
        bench.column(&query).remove(0)
    };
    (one("state"), one("text"), one("prompt_tokens || '+' || completion_tokens"))
}

fn says(state: &str, text: &str, tokens: &str) -> (String, String, String) {
    (state.to_owned(), text.to_owned(), tokens.to_owned())
}

fn claude(content: &Value, reason: &str) -> Value {
    json!({"id": "msg_01", "type": "message", "role": "assistant", "model": "claude",
           "content": content, "stop_reason": reason, "stop_sequence": null,
           "usage": {"input_tokens": 12, "output_tokens": 5}})
}

#[test]
fn anthropic_is_asked_and_understood() {
    let fake = serving(|_| {
        Action::Json(200, claude(&json!([{"type": "text", "text": "yes"}]), "end_turn"))
    });
    let bench = bench("ANTHROPIC_API_KEY");
    ask(&bench, "anthropic/claude-x", &fake.base_url(), "").exits(0);
    assert_eq!(kept(&bench), says("answered", "yes", "12+5"));
    let seen = &fake.requests()[0];
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!((seen.header("x-api-key"), seen.header("authorization")), (Some(KEY), None));
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(seen.body["messages"], json!([{"role": "user", "content": "Q: ask 0"}]));
    assert_eq!((&seen.body["max_tokens"], seen.body.get("seed")), (&json!(16), None));
}

#[test]
fn anthropic_says_why_it_stopped() {
    for (reason, state) in [("refusal", "filtered"), ("max_tokens", "answered")] {
        let fake = serving(move |_| {
            Action::Json(200, claude(&json!([{"type": "text", "text": "no"}]), reason))
        });
        let bench = bench("ANTHROPIC_API_KEY");
        ask(&bench, "anthropic/claude-x", &fake.base_url(), "").exits(0);
        assert_eq!(kept(&bench).0, state, "{reason}");
    }
}

#[test]
fn anthropic_overloaded_is_asked_again_and_a_wrong_key_is_not() {
    let error = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": kind}});
    let overloaded = error("overloaded_error");
    let fake = serving(move |_| Action::Json(529, overloaded.clone()));
    let bench = bench("ANTHROPIC_API_KEY");
    ask(&bench, "anthropic/claude-x", &fake.base_url(), "").exits(3);
    // Being turned away counts a fifth of another failure.
    assert_eq!(fake.count(), 6);
    let wrong = error("authentication_error");
    let fake = serving(move |_| Action::Json(401, wrong.clone()));
    let bench = self::bench("ANTHROPIC_API_KEY");
    let done = ask(&bench, "anthropic/claude-x", &fake.base_url(), "").exits(1);
    assert!(done.err.contains("authentication_error; check the key"), "{}", done.err);
    assert!(!done.err.contains(KEY), "{}", done.err);
    assert_eq!(fake.count(), 1);
}

#[test]
fn google_is_asked_and_understood() {
    let fake = serving(|_| {
        Action::Json(
            200,
            json!({"candidates": [{"content": {"role": "model", "parts": [
            {"text": "well", "thought": true}, {"text": "yes"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1, "thoughtsTokenCount": 2}}),
        )
    });
    let bench = bench("GEMINI_API_KEY");
    ask(&bench, "google/gemini-x", &fake.base_url(), "").exits(0);
    assert_eq!(kept(&bench), says("answered", "yes", "7+3"));
    assert_eq!(bench.column("SELECT reasoning FROM responses"), ["well"]);
    let seen = &fake.requests()[0];
    assert_eq!(seen.path, "/v1/models/gemini-x:generateContent");
    assert_eq!((seen.header("x-goog-api-key"), seen.header("authorization")), (Some(KEY), None));
    assert_eq!(seen.body["contents"][0]["parts"][0]["text"], "Q: ask 0");
}

#[test]
fn google_holds_back_prompts_and_answers_and_tells_when_to_come_back() {
    for body in [
        json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
        json!({"candidates": [{"finishReason": "SAFETY"}]}),
    ] {
        let fake = serving(move |_| Action::Json(200, body.clone()));
        let bench = bench("GEMINI_API_KEY");
        ask(&bench, "google/gemini-x", &fake.base_url(), "").exits(0);
        assert_eq!(kept(&bench).0, "filtered");
    }
    let fake = Fake::start(Script::new(|_, nth| {
        if nth > 1 {
            let text = json!({"candidates": [{"content": {"parts": [{"text": "yes"}]}, "finishReason": "STOP"}]});
            return Action::Json(200, text);
        }
        let kind = "type.googleapis.com/google.rpc.RetryInfo";
        Action::Json(
            429,
            json!({"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": kind, "retryDelay": "0.4s"}]}}),
        )
    }));
    let bench = bench("GEMINI_API_KEY");
    ask(&bench, "google/gemini-x", &fake.base_url(), "").exits(0);
    let at: Vec<_> = fake.requests().iter().map(|seen| seen.at).collect();
    assert!(at[1] - at[0] >= std::time::Duration::from_millis(400), "{:?}", at[1] - at[0]);
}

fn choice(text: &str, reason: &str) -> Value {
    json!({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": reason}],
           "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
}

#[test]
fn azure_has_its_own_address_header_and_filter() {
    let fake = serving(|_| Action::Json(200, choice("yes", "stop")));
    let bench = bench("AZURE_OPENAI_API_KEY").env("AZURE_OPENAI_ENDPOINT", &fake.root_url());
    let line =
        "generate --tasks-dir tasks --data data --tasks judged --out run --model azure/my-gpt";
    bench.clinic(line).exits(0);
    let seen = &fake.requests()[0];
    assert_eq!(seen.path, "/openai/v1/chat/completions");
    assert_eq!((seen.header("api-key"), seen.header("authorization")), (Some(KEY), None));
    assert_eq!(
        (&seen.body["max_completion_tokens"], seen.body.get("max_tokens")),
        (&json!(16), None)
    );

    let filtered = json!({"error": {"code": "content_filter", "message": "held back", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation"}}});
    let fake = serving(move |_| Action::Json(400, filtered.clone()));
    let bench = self::bench("AZURE_OPENAI_API_KEY");
    ask(&bench, "azure/my-gpt", &fake.base_url(), "").exits(0);
    assert_eq!(kept(&bench).0, "filtered");
    let bench = self::bench("AZURE_OPENAI_API_KEY");
    bench.clinic(line).exits(2).says(&["address of your resource", "AZURE_OPENAI_ENDPOINT"]);
}

#[test]
fn servers_of_ones_own_need_no_key_and_keep_the_older_word() {
    for provider in ["ollama", "vllm", "tgi", "llamacpp"] {
        let fake = serving(|_| Action::Json(200, choice("yes", "stop")));
        let bench = Bench::of(1);
        ask(&bench, &format!("{provider}/m"), &fake.base_url(), "").exits(0);
        let seen = &fake.requests()[0];
        assert_eq!((&seen.body["max_tokens"], seen.header("authorization")), (&json!(16), None));
        assert_eq!(kept(&bench), says("answered", "yes", "3+2"));
    }
}

#[test]
fn openrouter_breaks_off_in_the_middle_of_an_answer() {
    let broken = json!({"choices": [{"message": {"content": "ye"}, "finish_reason": "error",
        "error": {"code": 502, "message": "provider is down"}}]});
    let fake = serving(move |_| Action::Json(200, broken.clone()));
    let bench = bench("OPENROUTER_API_KEY");
    ask(&bench, "openrouter/a/b", &fake.base_url(), "").exits(3);
    assert_eq!((kept(&bench).0.as_str(), fake.count()), ("failed", 2));
    let error = bench.column("SELECT error FROM responses");
    assert!(error[0].contains("provider is down"), "{error:?}");
}

#[test]
fn a_provider_without_raw_text_refuses_it() {
    let fake = serving(|_| {
        Action::Json(200, claude(&json!([{"type": "text", "text": "yes"}]), "end_turn"))
    });
    let bench = bench("ANTHROPIC_API_KEY");
    let raw = ["continues no bare text", "leave --prompt-format raw out"];
    ask(&bench, "anthropic/claude-x", &fake.base_url(), "--prompt-format raw").exits(2).says(&raw);
    assert_eq!(fake.count(), 0);
    assert!(!bench.path("run").exists());
}

#[test]
fn a_judge_of_any_provider_is_held_to_its_list() {
    let fake = serving(|seen| match seen.path.as_str() {
        "/v1/messages" => {
            let verdicts = &seen.body["tools"][0]["input_schema"]["properties"]["verdict"]["enum"];
            let input = json!({"says": "r", "verdict": verdicts[0]});
            let block = json!([{"type": "tool_use", "id": "t", "name": "answer", "input": input}]);
            Action::Json(200, claude(&block, "tool_use"))
        }
        _ => Action::Default,
    });
    let bench = bench("ANTHROPIC_API_KEY");
    let url = fake.base_url();
    let line = format!("--judge anthropic/claude-x --judge-base-url {url}");
    bench.clinic(&Bench::line("run", "judged", &fake, &line)).exits(0);
    let scored = bench.column("SELECT outcome FROM scores WHERE name = 'good'");
    assert_eq!(scored, ["{\"number\":1.0}"]);
}

#[test]
fn models_are_listed_and_shown() {
    let bench = Bench::of(1);
    let list = bench.clinic("models --json").exits(0).json();
    let published = list.as_array().unwrap().iter().filter(|model| model["published"] == true);
    assert_eq!(published.count(), 13);
    let shown = bench.clinic("models").exits(0).out;
    assert!(shown.contains("gpt-4o-mini *") && shown.contains("2027-01-14"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let one = bench.clinic("models gemini-2.5-pro").exits(0).out;
    for part in ["google/gemini-2.5-pro", "up to 4096 tokens", "successor: gemini-3.8-flash"] {
        assert!(one.contains(part), "{part} is not in {one}");
    }
    bench.clinic("models nobody").exits(2).says(&["models.toml has no model 'nobody'"]);
}

#[test]
fn a_short_name_stands_for_all_that_is_known_of_a_model() {
    let fake = serving(|_| {
        Action::Json(
            200,
            json!({"candidates": [{"content": {"parts": [{"text": "yes"}]}, "finishReason": "STOP"}]}),
        )
    });
    let bench = bench("GEMINI_API_KEY");
    let note = ["note: gemini-2.5-pro ends on 2026-12-01; its successor: gemini-3.8-flash"];
    ask(&bench, "gemini-2.5-pro", &fake.base_url(), "").exits(0).says(&note);
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    for line in
        ["name = \"google/gemini-2.5-pro\"", "reasoning_tokens = 4096", "prompt_format = \"chat\""]
    {
        assert!(plan.contains(line), "{line} is not in {plan}");
    }
    assert_eq!(fake.requests()[0].body["generationConfig"]["maxOutputTokens"], 4096 + 16);
    // What is said on the command line goes before.
    let bench = self::bench("GEMINI_API_KEY");
    ask(&bench, "gemini-2.5-pro", &fake.base_url(), "--reasoning-tokens 0").exits(0);
    assert_eq!(fake.requests()[1].body["generationConfig"]["maxOutputTokens"], 16);
    // A base model gets bare text.
    let fake = serving(|_| {
        Action::Json(200, json!({"choices": [{"text": "yes", "finish_reason": "stop"}]}))
    });
    let bench = Bench::of(1);
    ask(&bench, "mmed-llama-3-8b", &fake.base_url(), "").exits(0);
    assert_eq!(fake.requests()[0].path, "/v1/completions");
    ask(&Bench::of(1), "gpt-4o", "http://localhost:1", "")
        .exits(2)
        .says(&["clinic models lists them"]);
}

#[test]
fn a_check_is_one_short_question() {
    let fake = serving(|_| Action::Json(200, choice("ready", "stop")));
    let bench = bench("OPENAI_API_KEY");
    let line = format!("models check gpt-4o-mini --base-url {} --json", fake.base_url());
    let told = bench.clinic(&line).exits(0).json();
    assert_eq!((&told["answer"], &told["prompt_tokens"]), (&json!("ready"), &json!(3)));
    // 3 tokens at 0.15 and 2 at 0.60 USD for a million.
    assert!((told["usd"].as_f64().unwrap() - 1.65e-6).abs() < 1e-12, "{told}");
    assert_eq!(fake.count(), 1);
    let refused = serving(|_| Action::Json(401, json!({"error": {"message": "no such key"}})));
    let line = format!("models check openai/x --base-url {}", refused.base_url());
    let done = bench.clinic(&line).exits(2).says(&["openai/x: 401", "no such key"]);
    assert!(!done.err.contains(KEY), "{}", done.err);
    bench.clinic(&format!("{line} --offline")).exits(2).says(&["--offline forbids"]);
}

#[test]
fn a_report_tells_tokens_and_what_they_cost() {
    let fake = serving(|_| Action::Json(200, choice("yes", "stop")));
    let bench = Bench::of(4).env("OPENAI_API_KEY", KEY);
    ask(&bench, "gpt-4o-mini", &fake.base_url(), "").exits(0);
    let report = bench.clinic("report run --json").exits(0).json();
    let usage = &report["usage"]["judged"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(12), &json!(8)));
    // 12 tokens at 0.15 and 8 at 0.60 USD for a million.
    assert!((usage["usd"].as_f64().unwrap() - 6.6e-6).abs() < 1e-12, "{usage}");
    assert_eq!(report["priced"]["read"], "2026-11-21");
    let shown = bench.clinic("report run").exits(0).out;
    let line = "tokens: 12 in, 8 out; USD 0.0000 at the price of";
    assert!(shown.contains(line), "{shown}");
    // A model without a price costs nothing that we know of.
    let bench = Bench::of(1).env("OPENAI_API_KEY", KEY);
    ask(&bench, "openai/other", &fake.base_url(), "").exits(0);
    let report = bench.clinic("report run --json").exits(0).json();
    assert_eq!(
        (&report["usage"]["judged"]["usd"], &report["priced"]),
        (&json!(null), &json!(null))
    );
}
