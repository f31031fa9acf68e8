//! Each action, as the bytes it puts on the wire.

use std::time::{Duration, Instant};

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::client::{
    Answer, CHAT, COMPLETION, Client, EMBEDDING, chat, completion, inputs, numbers, post,
};

fn always(action: Action) -> Fake {
    Fake::start(Script::always(action))
}

fn asked(action: Action) -> Answer {
    post(&always(action), CHAT, &chat("hello")).expect("a whole response")
}

fn continued(action: Action) -> Value {
    let answer = post(&always(action), COMPLETION, &completion("hello")).expect("a response");
    answer.json()["choices"][0].clone()
}

#[test]
fn text_takes_the_shape_that_the_path_asks_for() {
    let fake = always(Action::Text("yes".to_owned()));
    assert_eq!(post(&fake, CHAT, &chat("hello")).unwrap().text(), "yes");
    let continued = post(&fake, COMPLETION, &completion("hello")).unwrap().json();
    assert_eq!(continued["choices"][0]["text"], "yes");
    let vectors = post(&fake, EMBEDDING, &inputs(&["a", "b"])).unwrap().json();
    assert_eq!(vectors["data"].as_array().unwrap().len(), 2);
}

#[test]
fn json_is_sent_as_it_is() {
    let answer = asked(Action::Json(418, json!({"error": {"code": "teapot"}})));
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (418, Some("teapot")));
}

#[test]
fn status_brings_its_headers_and_body() {
    let answer = asked(Action::status(429, &[("Retry-After", "2")], "slow down"));
    assert_eq!((answer.status, &answer.body[..]), (429, &b"slow down"[..]));
    assert!(answer.head.contains("\r\nRetry-After: 2\r\n"), "{}", answer.head);
    assert!(answer.head.contains("\r\ncontent-type: text/plain"), "{}", answer.head);
}

#[test]
fn html_is_a_page_with_status_200() {
    let answer = asked(Action::Html);
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("text/html") && answer.body.starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn close_ends_before_any_byte() {
    let fake = always(Action::Close);
    let mut client = Client::new(fake.address());
    client.write(b"POST /v1/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}");
    assert_eq!(client.rest(), b"");
    assert_eq!((fake.count(), fake.answered()), (1, 0));
}

#[test]
fn half_a_body_comes_with_the_promise_of_a_whole() {
    let fake = always(Action::HalfBody);
    let mut client = Client::new(fake.address());
    let error = client.ask("POST", CHAT, &chat("hello")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(fake.answered(), 0);
}

#[test]
fn empty_choices_are_an_empty_list() {
    assert_eq!(asked(Action::EmptyChoices).json()["choices"], json!([]));
    let fake = always(Action::EmptyChoices);
    assert_eq!(post(&fake, EMBEDDING, &inputs(&["a"])).unwrap().json()["data"], json!([]));
}

#[test]
fn null_content_is_null_everywhere() {
    let answer = asked(Action::NullContent);
    assert_eq!((answer.text(), answer.finish()), (Value::Null, json!("stop")));
    assert_eq!(continued(Action::NullContent)["text"], Value::Null);
    let fake = always(Action::NullContent);
    let vectors = post(&fake, EMBEDDING, &inputs(&["a"])).unwrap().json();
    assert_eq!(vectors["data"][0]["embedding"], Value::Null);
}

#[test]
fn the_wrong_shape_is_json_all_the_same() {
    let body = asked(Action::WrongShape).json();
    assert!(!body["choices"].is_array() && !body["data"].is_array());
}

#[test]
fn invalid_json_comes_whole() {
    let fake = always(Action::InvalidJson);
    let answer = post(&fake, CHAT, &chat("hello")).expect("a body of the promised length");
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    assert_eq!(fake.answered(), 1);
}

#[test]
fn a_trickle_takes_its_time_and_arrives() {
    let fake = always(Action::Trickle(Duration::from_millis(200)));
    let mut client = Client::new(fake.address());
    for _ in 0..2 {
        let start = Instant::now();
        let answer = client.ask("POST", CHAT, &chat("hello")).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(200));
        assert!(answer.text().as_str().unwrap().starts_with("answer "));
    }
    assert_eq!(fake.answered(), 2);
}

#[test]
fn a_client_that_leaves_a_trickle_is_not_counted_as_answered() {
    let fake = always(Action::Trickle(Duration::from_millis(300)));
    let mut client = Client::new(fake.address());
    let body = chat("hello");
    let length = body.len();
    client.write(
        format!("POST {CHAT} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}").as_bytes(),
    );
    client.head().expect("headers at once");
    drop(client);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!((fake.count(), fake.answered()), (1, 0));
}

#[test]
fn hang_sends_nothing() {
    let fake = always(Action::Hang);
    let mut client = Client::new(fake.address()).patience(Duration::from_millis(100));
    let error = client.ask("POST", CHAT, &chat("hello")).unwrap_err();
    assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    assert_eq!((fake.count(), fake.answered()), (1, 0));
}

#[test]
fn embedding_ignores_the_path() {
    let fake = always(Action::Embedding);
    let body = post(&fake, "/v1/elsewhere", &inputs(&["fever"])).unwrap().json();
    assert_eq!(numbers(&body["data"][0]["embedding"]), clinic_fake::embedding("fever"));
}

#[test]
fn filtered_says_why_it_is_silent() {
    let answer = asked(Action::Filtered);
    assert_eq!((answer.text(), answer.finish()), (Value::Null, json!("content_filter")));
    let choice = continued(Action::Filtered);
    assert_eq!((&choice["text"], &choice["finish_reason"]), (&json!(""), &json!("content_filter")));
}

#[test]
fn length_keeps_what_was_said() {
    let answer = asked(Action::Length("and then".to_owned()));
    assert_eq!((answer.text(), answer.finish()), (json!("and then"), json!("length")));
}

#[test]
fn reasoning_stands_apart_from_the_text() {
    let thinks = |text: &str| Action::Reasoning {
        reasoning: "let me see".to_owned(),
        text: text.to_owned(),
    };
    let answer = asked(thinks("yes"));
    let message = answer.json()["choices"][0]["message"].clone();
    assert_eq!(message["reasoning_content"], "let me see");
    assert_eq!((answer.text(), answer.finish()), (json!("yes"), json!("stop")));
    assert_eq!(answer.json()["usage"]["completion_tokens"], 4);
    assert_eq!(continued(thinks("yes"))["text"], "<think>let me see</think>yes");

    let cut = asked(thinks(""));
    assert_eq!((cut.text(), cut.finish()), (json!(""), json!("length")));
}

#[test]
fn after_waits_on_top_of_the_latency() {
    let wait = Duration::from_millis(60);
    let late = Action::After(wait, Box::new(Action::Text("late".to_owned())));
    let fake = Fake::start(Script::always(late).latency(wait));
    let start = Instant::now();
    assert_eq!(post(&fake, CHAT, &chat("hello")).unwrap().text(), "late");
    assert!(start.elapsed() >= 2 * wait);
}
