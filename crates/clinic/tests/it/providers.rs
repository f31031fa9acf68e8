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
    assert_eq!(fake.count(), 2);
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
