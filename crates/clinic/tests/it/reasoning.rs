//! Models that think before they answer: tags, fields, and budgets of their own.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, JUDGED};

/// Each item's reply, by what stands after "ask ".
fn thinker() -> Fake {
    Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        let field = |name: &str, reasoning: &str, text: &str, finish: &str| {
            let mut message = json!({"role": "assistant", "content": text});
            message[name] = json!(reasoning);
            Action::Json(200, json!({"choices": [{"message": message, "finish_reason": finish}]}))
        };
        let text = |text: &str| Action::Text(text.to_owned());
        match prompt.split("ask ").nth(1).unwrap_or_default() {
            "block" => text("<think>hm</think>well"),
            "nested" => text("<think>a<think>b</think>c</think>well"),
            "closed" => text("hm</think>well"),
            "unclosed" => text("<think>hm"),
            "content" => field("reasoning_content", "hm", "well", "stop"),
            "reasoning" => field("reasoning", "hm", "well", "stop"),
            "cut field" => field("reasoning", "hm", "", "length"),
            "cut block" => Action::Length("<think>hm".to_owned()),
            // It used what it was given to think with, or only what an answer may take.
            item @ ("cut bare" | "cut answer") => Action::Json(
                200,
                json!({
                    "choices": [{"message": {"content": "hm"}, "finish_reason": "length"}],
                    "usage": {"completion_tokens": if item == "cut bare" { 1016 } else { 16 }},
                }),
            ),
            _ => text("well"),
        }
    }))
}

const ITEMS: [&str; 11] = [
    "block",
    "nested",
    "closed",
    "unclosed",
    "content",
    "reasoning",
    "cut field",
    "cut block",
    "cut bare",
    "plain",
    "cut answer",
];

fn generated(more: &str) -> (Bench, Fake) {
    let rows: String = ITEMS.iter().map(|item| format!("ask {item}\n")).collect();
    let (bench, fake) = (Bench::with(JUDGED, &format!("English\n{rows}")), thinker());
    bench.generate(&fake, more).exits(0);
    (bench, fake)
}

#[test]
fn reasoning_is_kept_and_never_scored_as_an_answer() {
    let (bench, _fake) = generated("");
    let expected = [
        "well", "well", "well", "empty", "well", "well", "cut_off", "cut_off",
        // Nothing tells that this is reasoning: see below.
        "hm", "well", "hm",
    ];
    assert_eq!(bench.column("SELECT coalesce(text, state) FROM responses ORDER BY id"), expected);
    let thought = bench.column("SELECT coalesce(reasoning, '-') FROM responses ORDER BY id");
    assert_eq!(thought, ["hm", "abc", "hm", "hm", "hm", "hm", "hm", "hm", "-", "-", "-"]);
    // The reply as it came is kept where it says more.
    let raw = bench.column("SELECT coalesce(raw, '-') FROM responses ORDER BY id");
    assert_eq!(
        raw[..3],
        ["<think>hm</think>well", "<think>a<think>b</think>c</think>well", "hm</think>well"]
    );
    assert_eq!(raw[9], "-");
}

#[test]
fn reasoning_has_a_budget_of_its_own() {
    let (bench, fake) = generated("--reasoning-tokens 1000");
    // The task gives 16 tokens to an answer; the protocol has one limit for both.
    assert!(fake.requests().iter().all(|seen| seen.body["max_tokens"] == 1016));
    // A thinking model that was cut off without closing anything has not answered.
    assert_eq!(bench.states()[8], "cut_off");
    // One that ended at the answer's own limit has not thought.
    assert_eq!(bench.states()[10], "answered");
    assert!(
        String::from_utf8(bench.read("run/run.toml")).unwrap().contains("reasoning_tokens = 1000")
    );
    bench.clinic("resume run").exits(0);
}
