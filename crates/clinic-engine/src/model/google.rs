//! Models behind Google's Gemini API (`POST /v1beta/models/MODEL:generateContent`).

use clinic_core::exchange::{Finish, Reply, Request, Role, Usage};
use clinic_core::plain::plain;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::embeddings::length_told;
use super::http::Endpoint;
use super::limits::Told;
use super::{Failure, Model, ModelError};

/// The API reads the seed as a signed number of 32 bits.
const SEED_BITS: u64 = 0x7fff_ffff;

/// A model of Google's.
pub struct Google {
    endpoint: Endpoint,
    path: String,
    identity: String,
}

impl Google {
    /// The model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: &str) -> Self {
        let identity = format!("{model} at {}", endpoint.base_url());
        let endpoint = endpoint.key_header("x-goog-api-key");
        Self { endpoint, path: format!("/models/{model}:generateContent"), identity }
    }
}

impl Model for Google {
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
            let body = build(&request);
            read(&self.endpoint.post(&self.path, &body).await.map_err(length_told)?)
        }
        .boxed()
    }
}

/// The body of a request.
fn build(request: &Request) -> Value {
    let parts = |text: &str| json!([{"text": text}]);
    let mut body = Map::new();
    let (system, said) = request.prompt.parts();
    if !system.is_empty() {
        body.insert("systemInstruction".to_owned(), json!({"parts": parts(&system)}));
    }
    let name = |role: &Role| if *role == Role::Assistant { "model" } else { "user" };
    let contents: Vec<Value> =
        said.iter().map(|(role, text)| json!({"role": name(role), "parts": parts(text)})).collect();
    body.insert("contents".to_owned(), json!(contents));
    let sampling = &request.sampling;
    let most = sampling.max_tokens.saturating_add(sampling.reasoning_tokens);
    let mut config = Map::new();
    config.insert("maxOutputTokens".to_owned(), json!(most));
    config.insert("seed".to_owned(), json!(sampling.seed & SEED_BITS));
    for (key, value) in [("temperature", sampling.temperature), ("topP", sampling.top_p)] {
        if let Some(value) = value {
            config.insert(key.to_owned(), json!(value));
        }
    }
    if sampling.reasoning_tokens > 0 {
        let thinking =
            json!({"thinkingBudget": sampling.reasoning_tokens, "includeThoughts": true});
        config.insert("thinkingConfig".to_owned(), thinking);
    }
    if let Some(schema) = &request.schema {
        config.insert("responseMimeType".to_owned(), json!("application/json"));
        config.insert("responseJsonSchema".to_owned(), schema.clone());
    }
    body.insert("generationConfig".to_owned(), Value::Object(config));
    Value::Object(body)
}

/// The reply in a response body.
fn read(body: &Value) -> Result<Reply, ModelError> {
    let malformed = |why: &str| ModelError::new(Failure::Malformed, format!("the answer {why}"));
    let tokens = |key: &str| super::tokens(&body["usageMetadata"][key]);
    let usage = Usage {
        prompt_tokens: tokens("promptTokenCount"),
        completion_tokens: tokens("candidatesTokenCount") + tokens("thoughtsTokenCount"),
        reasoning_tokens: tokens("thoughtsTokenCount"),
        batch: false,
    };
    let Some(candidate) = body["candidates"].get(0) else {
        // A prompt that is held back has no candidate at all.
        return match (
            body["promptFeedback"]["blockReason"].as_str(),
            body["error"]["message"].as_str(),
        ) {
            (Some(_), _) => {
                let (text, finish) = (String::new(), Finish::Filtered);
                Ok(Reply { text, reasoning: None, finish, usage })
            }
            (None, Some(said)) => Err(malformed(&format!("is an error: {}", plain(said, 200)))),
            (None, None) => Err(malformed("has no candidates")),
        };
    };
    let finish = match candidate["finishReason"].as_str() {
        Some("STOP") => Finish::Stop,
        Some("MAX_TOKENS") => Finish::Length,
        Some(
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE",
        ) => Finish::Filtered,
        Some(other) => return Err(malformed(&format!("ended by {}", plain(other, 40)))),
        None => return Err(malformed("has no finishReason")),
    };
    let parts = candidate["content"]["parts"].as_array().map_or(&[][..], Vec::as_slice);
    let texts = |thought: bool| -> String {
        let parts =
            parts.iter().filter(|part| part["thought"].as_bool().unwrap_or(false) == thought);
        parts.filter_map(|part| part["text"].as_str()).collect()
    };
    let reasoning = texts(true);
    Ok(Reply {
        text: texts(false),
        reasoning: Some(reasoning).filter(|text| !text.is_empty()),
        finish,
        usage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::exchange::{Message, Prompt, Sampling};

    fn request(prompt: Prompt, reasoning_tokens: u32) -> Request {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens,
            temperature: None,
            top_p: Some(0.9),
            seed: 1,
        };
        Request { prompt, sampling, schema: None }
    }

    #[test]
    fn roles_and_settings_have_names_of_their_own() {
        let message = |role, content: &str| Message { role, content: content.to_owned() };
        let chat = vec![
            message(Role::System, "s"),
            message(Role::User, "hi"),
            message(Role::Assistant, "yes"),
        ];
        let body = build(&request(Prompt::Chat(chat), 0));
        assert_eq!(
            body,
            json!({"systemInstruction": {"parts": [{"text": "s"}]},
                   "contents": [{"role": "user", "parts": [{"text": "hi"}]},
                                {"role": "model", "parts": [{"text": "yes"}]}],
                   "generationConfig": {"maxOutputTokens": 9, "seed": 1, "topP": 0.9}})
        );
        let mut thinks = request(Prompt::user("hi"), 100);
        thinks.schema = Some(json!({"type": "object"}));
        let config = &build(&thinks)["generationConfig"];
        assert_eq!(config["maxOutputTokens"], 109);
        assert_eq!(config["thinkingConfig"]["thinkingBudget"], 100);
        assert_eq!(config["responseJsonSchema"], json!({"type": "object"}));
        assert_eq!(config["responseMimeType"], "application/json");
    }

    #[test]
    fn replies_of_every_documented_shape_are_read() {
        let body = json!({"candidates": [{"content": {"role": "model", "parts": [
                {"text": "hm", "thought": true}, {"text": "B"}, {"text": "!"}]},
            "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2,
                              "thoughtsTokenCount": 5, "totalTokenCount": 10}});
        let reply = read(&body).unwrap();
        assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), ("B!", Some("hm")));
        assert_eq!(
            reply.usage,
            Usage { prompt_tokens: 3, completion_tokens: 7, reasoning_tokens: 5, batch: false }
        );
        for (reason, finish) in [
            ("MAX_TOKENS", Finish::Length),
            ("SAFETY", Finish::Filtered),
            ("PROHIBITED_CONTENT", Finish::Filtered),
        ] {
            // A cut or held-back candidate may come without content.
            let body = json!({"candidates": [{"finishReason": reason}]});
            let reply = read(&body).unwrap();
            assert_eq!((reply.text.as_str(), reply.finish), ("", finish), "{reason}");
        }
        let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"},
                             "usageMetadata": {"promptTokenCount": 3}});
        assert_eq!(read(&blocked).unwrap().finish, Finish::Filtered);
    }

    #[test]
    fn wrong_shapes_are_errors_and_not_answers() {
        for body in [
            json!({}),
            json!(null),
            json!({"candidates": []}),
            json!({"candidates": [{"content": {"parts": [{"text": "B"}]}}]}),
            json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}),
        ] {
            assert_eq!(read(&body).unwrap_err().kind, Failure::Malformed, "{body}");
        }
    }
}
