//! Answers in the shape of Anthropic's Messages.

use serde_json::{Value, json};

use crate::answer::{Choice, choice_words, default_text, words};
use crate::embedding::hash;
use crate::http::Response;
use crate::{Seen, schema};

/// The default text, or an example for the tool that must be used.
pub(crate) fn by_default(seen: &Seen) -> Response {
    let tool = &seen.body["tools"][0];
    if seen.body["tool_choice"]["type"] != "tool" || tool.is_null() {
        return said(seen, &Choice::said(default_text(&seen.body)));
    }
    let input = schema::example(&tool["input_schema"]);
    let block =
        json!({"type": "tool_use", "id": "toolu_fake", "name": tool["name"], "input": input});
    message(seen, &[block], "tool_use", words(&input.to_string()))
}

/// What a model thought and said.
pub(crate) fn said(seen: &Seen, choice: &Choice) -> Response {
    let mut blocks = Vec::new();
    if let Some(reasoning) = &choice.reasoning {
        blocks.push(json!({"type": "thinking", "thinking": reasoning, "signature": "fake"}));
    }
    if let Some(text) = &choice.text {
        blocks.push(json!({"type": "text", "text": text}));
    }
    let reason = match choice.finish {
        "length" => "max_tokens",
        "content_filter" => "refusal",
        _ => "end_turn",
    };
    message(seen, &blocks, reason, choice_words(choice))
}

fn message(seen: &Seen, blocks: &[Value], reason: &str, said: usize) -> Response {
    let body = json!({
        "id": format!("msg_{:016x}", hash(&seen.prompt())),
        "type": "message",
        "role": "assistant",
        "model": seen.body["model"],
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": null,
        "usage": {"input_tokens": words(&seen.prompt()), "output_tokens": said},
    });
    Response::json(200, &body)
}
