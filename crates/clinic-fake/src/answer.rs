//! From an action and a request to what is sent: the protocol's shapes, right and wrong.

use std::time::Duration;

use serde_json::{Value, json};

use crate::embedding::{embedding, hash};
use crate::grading::{Grading, default_toxicity};
use crate::http::Response;
use crate::seen::prompts;
use crate::{Action, Seen, messages, schema};

/// A response, and how it goes out.
pub(crate) enum Delivery {
    Whole(Response),
    Half(Response),
    Slow(Response, Duration),
    /// This response, and then as many more bytes of its text.
    Endless(Response, u64),
    HalfHead(Response),
    Close,
    Reset,
    HalfClose,
    Hang,
}

/// The text that [`Action::Default`] answers to this body of a chat or a completion: "answer" and
/// a hash of the prompt, or an example of the JSON schema that a chat asks for. Of a completion's
/// several prompts, it speaks of all together.
pub fn default_text(body: &Value) -> String {
    let format = &body["response_format"];
    if format["type"] == "json_schema" {
        return schema::example(&format["json_schema"]["schema"]).to_string();
    }
    hashed(&prompts(body).join("\n"))
}

fn hashed(prompt: &str) -> String {
    format!("answer {:016x}", hash(prompt))
}

/// An error in the protocol's shape.
pub(crate) fn error(status: u16, message: &str) -> Response {
    let error = json!({"message": message, "type": "invalid_request_error", "code": status});
    Response::json(status, &json!({ "error": error }))
}

pub(crate) fn deliver(action: Action, seen: &Seen) -> Delivery {
    let place = Place::of(seen.route());
    let say = |choice: Choice| place.answer(seen, Some(&choice));
    Delivery::Whole(match action {
        Action::Default => by_default(place, seen),
        Action::Text(text) => say(Choice::said(text)),
        Action::Toxicity(toxicity) => match place {
            Place::Grading(grading) => Response::json(200, &grading.grade(toxicity, &seen.body)),
            _ => by_default(place, seen),
        },
        Action::Json(status, body) => Response::json(status, &body),
        Action::Status(status, headers, body) => Response::text(status, headers, body),
        Action::Html => Response::new(200, "text/html; charset=utf-8", PAGE),
        Action::Close => return Delivery::Close,
        Action::Reset => return Delivery::Reset,
        Action::HalfClose => return Delivery::HalfClose,
        Action::HalfHead => return Delivery::HalfHead(by_default(place, seen)),
        Action::HalfBody | Action::InvalidJson | Action::Trickle(_) => {
            return dress(&action, by_default(place, seen));
        }
        Action::HalfStatus(status, headers, body) => {
            return Delivery::Half(Response::text(status, headers, body));
        }
        Action::EmptyChoices => place.empty(seen),
        Action::NullContent => say(Choice { text: None, ..Choice::said(String::new()) }),
        Action::WrongShape => Response::json(200, &json!({"choices": "none", "data": 7})),
        Action::Huge(bytes) => {
            return Delivery::Endless(Response::new(200, "application/json", OPENING), bytes);
        }
        Action::Hang => return Delivery::Hang,
        Action::Embedding => vectors(seen, false),
        Action::Filtered => {
            say(Choice { text: None, finish: "content_filter", ..Choice::said(String::new()) })
        }
        Action::Length(text) => say(Choice { finish: "length", ..Choice::said(text) }),
        Action::Reasoning { reasoning, text } => {
            let finish = if text.is_empty() { "length" } else { "stop" };
            say(Choice { reasoning: Some(reasoning), finish, text: Some(text) })
        }
        // The wait itself is the caller's.
        Action::After(_, then) => return deliver(*then, seen),
    })
}

/// A response as an action wants it sent that leaves its content as it is.
pub(crate) fn dress(action: &Action, mut response: Response) -> Delivery {
    match action {
        Action::HalfBody => Delivery::Half(response),
        Action::Trickle(time) => Delivery::Slow(response, *time),
        Action::InvalidJson => {
            response.body.truncate(response.body.len() / 2);
            Delivery::Whole(response)
        }
        _ => Delivery::Whole(response),
    }
}

/// The beginning of a chat up to its text.
const OPENING: &str = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""#;

const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head>\
                    <body><h1>Sign in to the network</h1></body></html>";

/// What a provider that behaves would answer.
fn by_default(place: Place, seen: &Seen) -> Response {
    let wanted = if matches!(place, Place::Models | Place::Info) { "GET" } else { "POST" };
    let needed = match place {
        Place::Unknown => return error(404, "there is nothing at this path"),
        _ if seen.method != wanted => return error(405, "this path takes another method"),
        Place::Models | Place::Info => return place.answer(seen, None),
        _ if !seen.body.is_object() => return error(400, "the body is not a JSON object"),
        Place::Chat | Place::Messages => "messages",
        Place::Completion => "prompt",
        Place::Embedding => "input",
        Place::Grading(grading) => grading.needed(),
        Place::Tei => "inputs",
    };
    let unnamed = [Grading::Perspective, Grading::Predict].map(Place::Grading);
    if place != Place::Tei && !unnamed.contains(&place) && !seen.body["model"].is_string() {
        return error(400, "the body names no model");
    }
    if seen.body[needed].is_null() || prompts(&seen.body).is_empty() {
        return error(400, &format!("the body has no texts in \"{needed}\""));
    }
    if seen.body["stream"] == true {
        return error(400, "this server does not stream");
    }
    place.answer(seen, None)
}

/// One choice of a chat or a completion.
pub(crate) struct Choice {
    pub text: Option<String>,
    pub reasoning: Option<String>,
    pub finish: &'static str,
}

impl Choice {
    pub fn said(text: String) -> Self {
        Self { text: Some(text), reasoning: None, finish: "stop" }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Chat,
    /// `/messages` of Anthropic.
    Messages,
    Completion,
    Embedding,
    Models,
    Grading(Grading),
    /// `/embed` of text-embeddings-inference.
    Tei,
    /// Its `/info`.
    Info,
    Unknown,
}

impl Place {
    fn of(route: &str) -> Self {
        match route {
            "/v1/chat/completions" => Self::Chat,
            "/v1/messages" => Self::Messages,
            "/v1/completions" => Self::Completion,
            "/v1/embeddings" => Self::Embedding,
            "/v1/models" => Self::Models,
            "/embed" => Self::Tei,
            "/info" => Self::Info,
            _ => Grading::of(route).map_or(Self::Unknown, Self::Grading),
        }
    }

    /// 200 in the shape of this place; without a choice, with the default one. A chat's shape
    /// stands for that of an unknown place, so that a script can serve any path.
    fn answer(self, seen: &Seen, choice: Option<&Choice>) -> Response {
        match self {
            Self::Chat | Self::Unknown => {
                let default = Choice::said(default_text(&seen.body));
                let choice = choice.unwrap_or(&default);
                generated(seen, "chat.completion", &[chat_choice(choice)], choice_words(choice))
            }
            Self::Messages => match choice {
                Some(choice) => messages::said(seen, choice),
                None => messages::by_default(seen),
            },
            Self::Completion => {
                let texts = prompts(&seen.body);
                let defaults = texts.iter().map(|prompt| Choice::said(hashed(prompt)));
                let defaults: Vec<Choice> = defaults.collect();
                let choices: Vec<&Choice> = match choice {
                    Some(choice) => vec![choice; texts.len().max(1)],
                    None => defaults.iter().collect(),
                };
                let words = choices.iter().map(|choice| choice_words(choice)).sum();
                let shaped = choices.iter().enumerate().map(|(i, choice)| completion(i, choice));
                generated(seen, "text_completion", &shaped.collect::<Vec<_>>(), words)
            }
            Self::Embedding => {
                let null =
                    choice.is_some_and(|choice| choice.text.is_none() && choice.finish == "stop");
                vectors(seen, null)
            }
            Self::Grading(grading) => {
                let toxicity = default_toxicity(&prompts(&seen.body).join("\n"));
                Response::json(200, &grading.grade(toxicity, &seen.body))
            }
            Self::Models => {
                let model = |id| json!({"id": id, "object": "model", "owned_by": "clinic"});
                let data = [model("fake-chat"), model("fake-embedding")];
                Response::json(200, &json!({"object": "list", "data": data}))
            }
            Self::Tei => {
                let null = choice.is_some_and(|choice| choice.text.is_none());
                let vector =
                    |text: &String| if null { Value::Null } else { json!(embedding(text)) };
                Response::json(200, &prompts(&seen.body).iter().map(vector).collect())
            }
            Self::Info => Response::json(
                200,
                &json!({
                    "model_id": "fake/embedding",
                    "model_sha": "0123456789abcdef",
                    "model_dtype": "float32",
                    "max_input_length": 512,
                    "max_client_batch_size": 32,
                }),
            ),
        }
    }

    fn empty(self, seen: &Seen) -> Response {
        match self {
            Self::Chat | Self::Unknown => generated(seen, "chat.completion", &[], 0),
            Self::Messages => {
                messages::said(seen, &Choice { text: None, ..Choice::said("".into()) })
            }
            Self::Completion => generated(seen, "text_completion", &[], 0),
            Self::Grading(grading) => Response::json(200, &grading.empty()),
            Self::Embedding | Self::Models => {
                Response::json(200, &json!({"object": "list", "data": []}))
            }
            Self::Tei | Self::Info => Response::json(200, &json!([])),
        }
    }
}

fn chat_choice(choice: &Choice) -> Value {
    let mut message = json!({"role": "assistant", "content": choice.text});
    if let Some(reasoning) = &choice.reasoning {
        message["reasoning_content"] = json!(reasoning);
    }
    json!({"index": 0, "message": message, "finish_reason": choice.finish})
}

fn completion(index: usize, choice: &Choice) -> Value {
    let text = match (&choice.reasoning, &choice.text) {
        (Some(reasoning), Some(text)) if text.is_empty() => Some(format!("<think>{reasoning}")),
        (Some(reasoning), Some(text)) => Some(format!("<think>{reasoning}</think>{text}")),
        // Here, unlike in a chat, the protocol has no null.
        (_, None) if choice.finish == "content_filter" => Some(String::new()),
        (_, text) => text.clone(),
    };
    json!({"index": index, "text": text, "finish_reason": choice.finish})
}

pub(crate) fn choice_words(choice: &Choice) -> usize {
    [&choice.text, &choice.reasoning].into_iter().flatten().map(|text| words(text)).sum()
}

/// A chat or a completion; its usage counts words, and its time is fixed, so that the same
/// request always gets the same bytes.
fn generated(seen: &Seen, object: &str, choices: &[Value], said: usize) -> Response {
    let asked = words(&seen.prompt());
    let body = json!({
        "id": format!("fake-{:016x}", hash(&seen.prompt())),
        "object": object,
        "created": 1_700_000_000,
        "model": seen.body["model"],
        "choices": choices,
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": said,
            "total_tokens": asked + said,
        },
    });
    Response::json(200, &body)
}

fn vectors(seen: &Seen, null: bool) -> Response {
    let mut data = Vec::new();
    for (index, text) in prompts(&seen.body).iter().enumerate() {
        let vector = if null { Value::Null } else { json!(embedding(text)) };
        data.push(json!({"object": "embedding", "index": index, "embedding": vector}));
    }
    let asked = words(&seen.prompt());
    let body = json!({
        "object": "list",
        "data": data,
        "model": seen.body["model"],
        "usage": {"prompt_tokens": asked, "total_tokens": asked},
    });
    Response::json(200, &body)
}

pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}
