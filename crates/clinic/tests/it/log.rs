//! `--log`: a line of JSON for each call, with its request, and without what is secret.

use clinic_fake::{Action, Fake, Script};
use serde_json::Value;

use crate::support::{Bench, is_for};

const KEY: &str = "sk-this-is-a-very-secret-key-0123456789";

fn lines(bench: &Bench) -> Vec<Value> {
    let text = String::from_utf8(bench.read("calls.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn server() -> Fake {
    Fake::start(Script::new(|seen, nth| match seen.prompt().as_str() {
        "Q: ask 1" if nth == 1 => {
            Action::status(500, &[("x-request-id", "req_7")], &format!("boom {KEY}"))
        }
        _ if is_for(seen, "m") => Action::Text(format!("certainly {KEY}")),
        _ => Action::Default,
    }))
}

#[test]
fn every_call_has_a_line_with_its_request_and_no_text_and_no_key() {
    let (bench, fake) = (Bench::of(3).env("OPENAI_API_KEY", KEY), server());
    bench.run("judged", &fake, "--log calls.jsonl").exits(0);
    let calls: Vec<Value> =
        lines(&bench).into_iter().filter(|line| line["target"] == "clinic::call").collect();
    assert_eq!(calls.len(), fake.count(), "one a request");
    let failed: Vec<&Value> = calls.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["fields"]["kind"], "server error");
    let request = failed[0]["span"]["request"].as_str().unwrap();
    assert_eq!(request.len(), 16);
    let again: Vec<&Value> =
        calls.iter().filter(|line| line["span"]["request"] == request).collect();
    assert_eq!(again.len(), 2, "both attempts bear the same request");
    assert_eq!(again[1]["span"]["attempt"], 2);
    // The span of the sample names it.
    assert!(again[0]["spans"].to_string().contains("judged"), "{}", again[0]);
    let raw = String::from_utf8(bench.read("calls.jsonl")).unwrap();
    assert!(raw.contains("req_7"), "the provider's own name of a request");
    for secret in [KEY, "certainly", "Q: ask"] {
        assert!(!raw.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn texts_are_logged_where_that_is_asked_for_and_keys_never() {
    let (bench, fake) = (Bench::of(2).env("OPENAI_API_KEY", KEY), server());
    bench.run("judged", &fake, "--log calls.jsonl --log-texts").exits(0);
    let raw = String::from_utf8(bench.read("calls.jsonl")).unwrap();
    assert!(raw.contains("certainly") && raw.contains("Q: ask 1"), "{raw}");
    assert!(!raw.contains(KEY));
    // Two answers, and three verdicts, since the second question shows nothing but the same answer.
    assert_eq!(lines(&bench).iter().filter(|line| line["target"] == "clinic::text").count(), 2 + 3);
}

#[test]
fn a_log_that_cannot_be_written_is_told_before_anything_is_sent() {
    let (bench, fake) = (Bench::of(1), server());
    bench.run("judged", &fake, "--log nowhere/calls.jsonl").exits(2).says(&["nowhere/calls.jsonl"]);
    bench.generate(&fake, "--log-texts").exits(2);
    assert_eq!(fake.count(), 0);
    let full = bench.generate(&fake, "--log /dev/full").exits(0);
    full.says(&["--log cannot be written, lines are lost"]);
    assert_eq!(fake.count(), 1);
}
