//! Models behind Anthropic's Messages API (`POST /v1/messages`, version 2023-06-01).

use clinic_core::exchange::{Finish, Reply, Request, Usage};
use clinic_core::plain::plain;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::embeddings::length_told;
use super::http::Endpoint;
use super::limits::Told;
use super::{Failure, Model, ModelError};

/// The API's version, which every request names.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The tool through which a model is made to answer by a schema.
const TOOL: &str = "answer";

/// Fewest tokens that a model may be given to think with.
const LEAST_THINKING: u32 = 1_024;

/// A model of Anthropic's.
pub struct Anthropic {
    endpoint: Endpoint,
    model: String,
    identity: String,
}

impl Anthropic {
    /// The model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        let model = model.into();
        let identity = format!("{model} at {}", endpoint.base_url());
        Self { endpoint: reached(endpoint), model, identity }
    }
}

/// The endpoint with the headers that the API asks for.
pub(super) fn reached(endpoint: Endpoint) -> Endpoint {
    endpoint.key_header("x-api-key").header(VERSION)
}

impl Model for Anthropic {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn takes_raw(&self) -> bool {
        false
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move {
            let body = build(&self.model, &request);
            read(&self.endpoint.post("/messages", &body).await.map_err(length_told)?)
        }
        .boxed()
    }
}

/// The body of a request. The API takes no seed.
pub(super) fn build(model: &str, request: &Request) -> Value {
    let (system, said) = request.prompt.parts();
    let messages: Vec<Value> =
        said.iter().map(|(role, text)| json!({"role": role, "content": text})).collect();
    let sampling = &request.sampling;
    let thinks = sampling.reasoning_tokens > 0;
    let budget = sampling.reasoning_tokens.max(LEAST_THINKING);
    let most =
        if thinks { sampling.max_tokens.saturating_add(budget) } else { sampling.max_tokens };
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    body.insert("max_tokens".to_owned(), json!(most));
    if !system.is_empty() {
        body.insert("system".to_owned(), json!(system));
    }
    body.insert("messages".to_owned(), json!(messages));
    if thinks {
        // A model that thinks takes no temperature of others, and no tool that it must use.
        body.insert("thinking".to_owned(), json!({"type": "enabled", "budget_tokens": budget}));
        return Value::Object(body);
    }
    // Newer models refuse both at once; the temperature says more.
    match (sampling.temperature, sampling.top_p) {
        (Some(temperature), _) => {
            drop(body.insert("temperature".to_owned(), json!(temperature.min(1.0))))
        }
        (None, Some(top_p)) => drop(body.insert("top_p".to_owned(), json!(top_p))),
        (None, None) => {}
    }
    if let Some(schema) = &request.schema {
        let tool =
            json!({"name": TOOL, "description": "Gives the answer.", "input_schema": schema});
        body.insert("tools".to_owned(), json!([tool]));
        body.insert("tool_choice".to_owned(), json!({"type": "tool", "name": TOOL}));
    }
    Value::Object(body)
}

/// The reply in a response body.
pub(super) fn read(body: &Value) -> Result<Reply, ModelError> {
    let malformed = |why: &str| ModelError::new(Failure::Malformed, format!("the answer {why}"));
    let Some(blocks) = body["content"].as_array() else {
        return Err(match body["error"]["message"].as_str() {
            Some(said) => malformed(&format!("is an error: {}", plain(said, 200))),
            None => malformed("has no content"),
        });
    };
    let finish = match body["stop_reason"].as_str() {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("refusal") => Finish::Filtered,
        Some(_) => Finish::Stop,
        None => return Err(malformed("has no stop_reason")),
    };
    let texts = |kind: &str, key: &str| -> Vec<&str> {
        let blocks = blocks.iter().filter(|block| block["type"] == kind);
        blocks.filter_map(|block| block[key].as_str()).collect()
    };
    let tool = blocks.iter().find(|block| block["type"] == "tool_use" && block["name"] == TOOL);
    let text = match tool {
        Some(block) => block["input"].to_string(),
        None => texts("text", "text").concat(),
    };
    let reasoning = texts("thinking", "thinking").join("\n");
    let tokens = |key: &str| super::tokens(&body["usage"][key]);
    // What was read from a cache, or written to one, is part of the prompt.
    let prompt_tokens = tokens("input_tokens")
        + tokens("cache_creation_input_tokens")
        + tokens("cache_read_input_tokens");
    let completion_tokens = tokens("output_tokens");
    let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
    Ok(Reply { text, reasoning: Some(reasoning).filter(|r| !r.is_empty()), finish, usage })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::exchange::{Message, Prompt, Role, Sampling};

    fn request(prompt: Prompt, reasoning_tokens: u32) -> Request {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens,
            temperature: Some(1.4),
            top_p: Some(0.9),
            seed: 1,
        };
        Request { prompt, sampling, schema: None }
    }

    fn message(role: Role, content: &str) -> Message {
        Message { role, content: content.to_owned() }
    }

    #[test]
    fn system_texts_stand_apart_and_one_of_two_settings_is_sent() {
        let chat = vec![message(Role::System, "s"), message(Role::User, "hi")];
        let body = build("m", &request(Prompt::Chat(chat), 0));
        assert_eq!(
            body,
            json!({"model": "m", "max_tokens": 9, "system": "s", "temperature": 1.0,
                   "messages": [{"role": "user", "content": "hi"}]})
        );
    }

    #[test]
    fn thinking_has_a_budget_beside_the_answers() {
        let body = build("m", &request(Prompt::user("hi"), 2_000));
        assert_eq!(body["max_tokens"], 2_009);
        assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2_000}));
        assert_eq!(body.get("temperature"), None);
        let least = build("m", &request(Prompt::user("hi"), 5));
        assert_eq!(least["thinking"]["budget_tokens"], 1_024);
    }

    #[test]
    fn a_schema_is_a_tool_that_must_be_used() {
        let mut request = request(Prompt::user("hi"), 0);
        request.schema = Some(json!({"type": "object"}));
        let body = build("m", &request);
        assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "answer"}));
        assert_eq!(body["tools"][0]["input_schema"], json!({"type": "object"}));
        let used = json!({"content": [{"type": "tool_use", "id": "t", "name": "answer",
            "input": {"verdict": "right"}}], "stop_reason": "tool_use"});
        assert_eq!(read(&used).unwrap().text, "{\"verdict\":\"right\"}");
    }

    #[test]
    fn replies_of_every_documented_shape_are_read() {
        let plain = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "thinking", "thinking": "hm", "signature": "x"},
                        {"type": "redacted_thinking", "data": "y"},
                        {"type": "text", "text": "B"}, {"type": "text", "text": "!"}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 10, "output_tokens": 4}});
        let reply = read(&plain).unwrap();
        assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), ("B!", Some("hm")));
        assert_eq!(
            reply.usage,
            Usage { prompt_tokens: 13, completion_tokens: 4, ..Usage::default() }
        );
        for (reason, finish) in [
            ("end_turn", Finish::Stop),
            ("stop_sequence", Finish::Stop),
            ("max_tokens", Finish::Length),
            ("model_context_window_exceeded", Finish::Length),
            ("refusal", Finish::Filtered),
        ] {
            let body = json!({"content": [], "stop_reason": reason});
            assert_eq!(read(&body).unwrap().finish, finish, "{reason}");
        }
    }

    #[test]
    fn wrong_shapes_are_errors_and_not_answers() {
        for body in [json!({}), json!(null), json!({"content": "B"}), json!({"content": []})] {
            assert_eq!(read(&body).unwrap_err().kind, Failure::Malformed, "{body}");
        }
        let error = json!({"type": "error", "error": {"type": "x", "message": "no credit"}});
        assert_eq!(read(&error).unwrap_err().message, "the answer is an error: no credit");
    }
}
