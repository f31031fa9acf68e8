//! Models behind the OpenAI protocol: `/chat/completions` for chats, `/completions` for raw text.

use clinic_core::exchange::{Finish, Message, Prompt, Reply, Request, Usage};
use clinic_core::plain::plain;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::embeddings::length_told;
use super::http::Endpoint;
use super::limits::Told;
use super::{Failure, Model, ModelError};

/// A model behind an OpenAI-compatible server.
pub struct OpenAi {
    endpoint: Endpoint,
    model: String,
    identity: String,
    limit: &'static str,
}

impl OpenAi {
    /// The model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        let model = model.into();
        let identity = format!("{model} at {}", endpoint.base_url());
        Self { endpoint, model, identity, limit: LIMIT }
    }

    /// Calls the limit of tokens what OpenAI and Azure call it, which their models that think ask
    /// for.
    pub fn own(mut self) -> Self {
        self.limit = OWN_LIMIT;
        self
    }
}

impl Model for OpenAi {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move {
            let (path, body) = build(&self.model, self.limit, &request);
            let answer = self.endpoint.send(path, &body).await?;
            if let Some(reply) = held_back(answer.status.as_u16(), &answer.json()) {
                return Ok(reply);
            }
            read(&self.endpoint.accept(&answer).map_err(length_told)?)
        }
        .boxed()
    }
}

/// What most servers call the limit of tokens.
pub(super) const LIMIT: &str = "max_tokens";

/// What OpenAI and Azure call it.
pub(super) const OWN_LIMIT: &str = "max_completion_tokens";

/// The reply that an error stands for which says that the prompt was held back by a content filter,
/// as Azure's does.
pub(super) fn held_back(status: u16, body: &Value) -> Option<Reply> {
    let error = &body["error"];
    let held_back = error["code"] == "content_filter"
        || error["innererror"]["code"] == "ResponsibleAIPolicyViolation";
    let usage = Usage::default();
    let reply = Reply { text: String::new(), reasoning: None, finish: Finish::Filtered, usage };
    (status == 400 && held_back).then_some(reply)
}

/// Path and body of a request.
pub(super) fn build(model: &str, limit: &str, request: &Request) -> (&'static str, Value) {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    let (path, limit) = match &request.prompt {
        Prompt::Raw(text) => {
            body.insert("prompt".to_owned(), json!(text));
            ("/completions", LIMIT)
        }
        Prompt::Chat(messages) => {
            let messages: Vec<Value> = messages.iter().map(message).collect();
            body.insert("messages".to_owned(), json!(messages));
            ("/chat/completions", limit)
        }
    };
    let sampling = &request.sampling;
    // The protocol has one limit for both.
    let most = sampling.max_tokens.saturating_add(sampling.reasoning_tokens);
    body.insert(limit.to_owned(), json!(most));
    body.insert("seed".to_owned(), json!(sampling.seed & SEED_BITS));
    for (key, value) in [("temperature", sampling.temperature), ("top_p", sampling.top_p)] {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(schema) = &request.schema {
        let format = json!({
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": true, "schema": without_lengths(schema)},
        });
        body.insert("response_format".to_owned(), format);
    }
    (path, Value::Object(body))
}

/// Servers read the seed as a signed number, some of 32 bits.
const SEED_BITS: u64 = 0x7fff_ffff;

/// Strict schemas may not limit the length of a text; `max_tokens` does.
fn without_lengths(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| *key != "maxLength")
                .map(|(key, value)| (key.clone(), without_lengths(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn message(message: &Message) -> Value {
    json!({"role": message.role, "content": message.content})
}

/// The reply in a response body.
pub(super) fn read(body: &Value) -> Result<Reply, ModelError> {
    let malformed = |why: &str| ModelError::new(Failure::Malformed, format!("the answer {why}"));
    let Some(choice) = body["choices"].get(0) else {
        // Some gateways send their errors with status 200.
        let error = &body["error"];
        return Err(match error["message"].as_str().or(error.as_str()) {
            Some(said) => malformed(&format!("is an error: {}", plain(said, 200))),
            None => malformed("has no choices"),
        });
    };
    let finish = match choice["finish_reason"].as_str() {
        Some("length") => Finish::Length,
        Some("content_filter") => Finish::Filtered,
        // OpenRouter passes on what went wrong behind it in the middle of an answer.
        Some("error") => {
            let said = choice["error"]["message"].as_str().unwrap_or("no reason given");
            let why = format!("the answer broke off: {}", plain(said, 200));
            return Err(ModelError::new(Failure::Server, why));
        }
        _ => Finish::Stop,
    };
    let message = &choice["message"];
    let reasoning = ["reasoning_content", "reasoning"]
        .iter()
        .find_map(|key| message[*key].as_str())
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    // A refusal that the provider sends in a field of its own is what the model said.
    let text = [&message["content"], &message["refusal"], &choice["text"]]
        .iter()
        .find_map(|value| value.as_str());
    let text = match text {
        Some(text) => text.to_owned(),
        None if reasoning.is_some() || finish == Finish::Filtered => String::new(),
        None => return Err(malformed("has a choice without text")),
    };
    let tokens = |key: &str| super::tokens(&body["usage"][key]);
    let usage = Usage {
        prompt_tokens: tokens("prompt_tokens"),
        completion_tokens: tokens("completion_tokens"),
        reasoning_tokens: super::tokens(
            &body["usage"]["completion_tokens_details"]["reasoning_tokens"],
        ),
        batch: false,
    };
    Ok(Reply { text, reasoning, finish, usage })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::exchange::Sampling;

    fn request(prompt: Prompt) -> Request {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens: 0,
            temperature: None,
            top_p: Some(0.9),
            seed: 1,
        };
        Request { prompt, sampling, schema: None }
    }

    #[test]
    fn settings_that_are_the_models_own_are_not_sent() {
        let (path, body) = build("m", LIMIT, &request(Prompt::user("hi")));
        assert_eq!(path, "/chat/completions");
        assert_eq!(
            body,
            json!({"model": "m", "messages": [{"role": "user", "content": "hi"}],
                   "max_tokens": 9, "seed": 1, "top_p": 0.9})
        );
    }

    #[test]
    fn raw_prompts_go_to_completions_and_schemas_are_strict() {
        let mut request = request(Prompt::Raw("hi".to_owned()));
        request.schema = Some(json!({"type": "object"}));
        let (path, body) = build("m", LIMIT, &request);
        assert_eq!((path, &body["prompt"]), ("/completions", &json!("hi")));
        assert_eq!(body["response_format"]["json_schema"]["strict"], json!(true));
    }

    #[test]
    fn replies_of_every_documented_shape_are_read() {
        let chat = json!({"choices": [{"message": {"content": "B"}, "finish_reason": "length"}],
                          "usage": {"prompt_tokens": 3, "completion_tokens": 4}});
        let reply = read(&chat).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("B", Finish::Length));
        assert_eq!(
            reply.usage,
            Usage { prompt_tokens: 3, completion_tokens: 4, ..Usage::default() }
        );

        let raw = json!({"choices": [{"text": "C", "finish_reason": "stop"}]});
        assert_eq!(read(&raw).unwrap().text, "C");

        let refusal = json!({"choices": [{"message": {"content": null, "refusal": "no"}}]});
        assert_eq!(read(&refusal).unwrap().text, "no");

        let thought = json!({"choices": [{"message": {"content": null, "reasoning_content": "hm"},
                                          "finish_reason": "length"}]});
        let reply = read(&thought).unwrap();
        assert_eq!((reply.text.as_str(), reply.reasoning.as_deref()), ("", Some("hm")));

        let filtered = json!({"choices": [{"message": {"content": null},
                                           "finish_reason": "content_filter"}]});
        assert_eq!(read(&filtered).unwrap().finish, Finish::Filtered);
    }

    #[test]
    fn an_error_with_status_200_is_passed_on() {
        let error = read(&json!({"error": {"message": "no credit\u{1b}[2J left"}})).unwrap_err();
        assert_eq!(error.message, "the answer is an error: no credit[2J left");
    }

    #[test]
    fn wrong_shapes_are_errors_and_not_answers() {
        for body in [
            json!({}),
            json!({"choices": []}),
            json!({"choices": "B"}),
            json!({"choices": [{"message": {"content": null}}]}),
            json!([1, 2]),
            json!(null),
        ] {
            assert_eq!(read(&body).unwrap_err().kind, Failure::Malformed, "{body}");
        }
    }
}
