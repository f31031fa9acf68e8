//! Spans of calls at a collector of OpenTelemetry, without texts and keys.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::Bench;

const KEY: &str = "sk-this-is-a-very-secret-key-0123456789";

#[test]
fn each_call_is_a_span_with_its_model_and_no_text() {
    let collector = Fake::start(Script::always(Action::Json(200, json!({}))));
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3)
        .env("OPENAI_API_KEY", KEY)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.root_url());
    bench.generate(&fake, "").exits(0);
    let sent = collector.requests();
    assert!(sent.iter().all(|seen| seen.path == "/v1/traces"), "{sent:?}");
    let all: String = sent.iter().map(|seen| seen.body.to_string()).collect();
    assert_eq!(all.matches("\"name\":\"call\"").count(), 3, "{all}");
    assert!(all.contains("openai/m") && all.contains("judged"), "{all}");
    assert!(!all.contains("Q: ask") && !all.contains(KEY), "{all}");
    assert_eq!(bench.states(), ["answered"; 3]);
}

#[test]
fn a_collector_that_is_gone_changes_nothing() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3).env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    bench.generate(&fake, "").exits(0);
    assert_eq!(bench.states(), ["answered"; 3]);
    let offline = bench.clinic("tasks --offline").exits(2);
    offline.says(&["OTEL_EXPORTER_OTLP_ENDPOINT names a collector", "--offline forbids it"]);
}
