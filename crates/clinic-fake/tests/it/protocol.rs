//! The default answers, and HTTP itself.

use clinic_fake::{Action, Fake, Script, default_text};
use serde_json::{Value, json};

use crate::client::{CHAT, COMPLETION, Client, EMBEDDING, chat, completion, inputs, numbers, post};

#[test]
fn a_chat_is_answered_by_a_hash_of_its_prompt() {
    let fake = Fake::start(Script::default());
    let body = chat("what helps against fever?");
    let answer = post(&fake, CHAT, &body).unwrap();
    let expected = default_text(&serde_json::from_str(&body).unwrap());
    assert_eq!((answer.text(), answer.finish()), (json!(expected), json!("stop")));
    assert_eq!(
        answer.json()["usage"],
        json!({"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6})
    );
    assert_eq!(answer.json()["model"], "m");
    assert_eq!(post(&fake, CHAT, &body).unwrap().body, answer.body);
    assert_ne!(post(&fake, CHAT, &chat("and cough?")).unwrap().text(), answer.text());
}

#[test]
fn the_default_text_never_changes() {
    let body = json!({"messages": [{"role": "user", "content": "fever"}]});
    assert_eq!(default_text(&body), "answer 33a52266a582926a");
}

#[test]
fn a_completion_answers_each_prompt() {
    let fake = Fake::start(Script::default());
    let one = post(&fake, COMPLETION, &completion("a")).unwrap().json();
    let two = json!({"model": "m", "prompt": ["a", "b"]}).to_string();
    let two = post(&fake, COMPLETION, &two).unwrap().json();
    assert_eq!(two["object"], "text_completion");
    assert_eq!(two["choices"][0], one["choices"][0]);
    assert_eq!(two["choices"][1]["index"], 1);
    assert_ne!(two["choices"][1]["text"], two["choices"][0]["text"]);
}

#[test]
fn a_schema_is_answered_by_an_object_that_fits() {
    let fake = Fake::start(Script::default());
    let schema = json!({"type": "object", "properties": {
        "verdict": {"enum": ["correct", "wrong"]}, "reason": {"type": "string"}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "v", "schema": schema}});
    let mut body: Value = serde_json::from_str(&chat("judge")).unwrap();
    body["response_format"] = format;
    let text = post(&fake, CHAT, &body.to_string()).unwrap().text();
    let object: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert_eq!(object, json!({"verdict": "correct", "reason": "fake"}));
}

#[test]
fn embeddings_come_in_order_and_models_are_listed() {
    let fake = Fake::start(Script::default());
    let body = post(&fake, EMBEDDING, &inputs(&["fever", "cough"])).unwrap().json();
    for (index, text) in ["fever", "cough"].into_iter().enumerate() {
        assert_eq!(body["data"][index]["index"], index);
        assert_eq!(numbers(&body["data"][index]["embedding"]), clinic_fake::embedding(text));
    }
    let models = Client::new(fake.address()).ask("GET", "/v1/models", "").unwrap().json();
    assert_eq!(models["data"][0]["id"], "fake-chat");
}

#[test]
fn text_embeddings_inference_embeds_and_tells_what_it_serves() {
    let fake = Fake::start(Script::default());
    assert_eq!(fake.root_url(), format!("http://{}", fake.address()));
    let inputs = json!({"inputs": ["fever", "cough"], "truncate": false}).to_string();
    let body = post(&fake, "/embed", &inputs).unwrap().json();
    for (index, text) in ["fever", "cough"].into_iter().enumerate() {
        assert_eq!(numbers(&body[index]), clinic_fake::embedding(text));
    }
    assert_eq!(post(&fake, "/embed", "{}").unwrap().status, 400);
    let info = Client::new(fake.address()).ask("GET", "/info", "").unwrap().json();
    assert_eq!(info["model_id"], "fake/embedding");
    let nothing = Fake::start(Script::always(Action::EmptyChoices));
    assert_eq!(post(&nothing, "/embed", &inputs).unwrap().json(), json!([]));
}

#[test]
fn requests_that_no_provider_accepts_are_refused() {
    let fake = Fake::start(Script::default());
    let status = |path: &str, body: &str| post(&fake, path, body).unwrap().status;
    assert_eq!(status("/v1/nowhere", "{}"), 404);
    assert_eq!(status("/v1/models", "{}"), 405);
    assert_eq!(status(CHAT, "not JSON"), 400);
    assert_eq!(status(CHAT, r#"{"model": "m", "messages": []}"#), 400);
    assert_eq!(status(CHAT, r#"{"messages": [{"role": "user", "content": "a"}]}"#), 400);
    assert_eq!(status(COMPLETION, &chat("a chat at the wrong path")), 400);
    assert_eq!(status(EMBEDDING, r#"{"model": "m", "input": "alone"}"#), 200);
}

#[test]
fn a_connection_is_kept_until_either_side_ends_it() {
    let fake = Fake::start(Script::always(Action::Text("yes".to_owned())));
    let mut client = Client::new(fake.address());
    for _ in 0..3 {
        assert_eq!(client.ask("POST", CHAT, &chat("hello")).unwrap().status, 200);
    }
    client.write(b"GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(client.read().unwrap().head.contains("\r\nconnection: close\r\n"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn requests_may_come_in_pieces_or_together() {
    let fake = Fake::start(Script::default());
    let mut client = Client::new(fake.address());
    let body = chat("hello");
    let whole = format!("POST {CHAT} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for piece in whole.as_bytes().chunks(whole.len() / 7) {
        client.write(piece);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let first = client.read().unwrap();
    client.write(format!("{whole}{whole}").as_bytes());
    assert_eq!(client.read().unwrap().body, first.body);
    assert_eq!(client.read().unwrap().body, first.body);
    assert_eq!(fake.count(), 3);
}

#[test]
fn a_client_that_asks_before_it_sends_is_told_to_go_on() {
    let fake = Fake::start(Script::default());
    let mut client = Client::new(fake.address());
    let body = chat("hello");
    let length = body.len();
    client.write(
        format!("POST {CHAT} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
            .as_bytes(),
    );
    assert_eq!(client.read().unwrap().status, 100);
    client.write(body.as_bytes());
    assert_eq!(client.read().unwrap().status, 200);
}

#[test]
fn what_is_not_http_is_refused() {
    let fake = Fake::start(Script::default());
    for (request, status) in [
        ("nonsense\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411),
    ] {
        let mut client = Client::new(fake.address());
        client.write(request.as_bytes());
        assert_eq!(client.read().unwrap().status, status, "{request}");
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(fake.count(), 0);
}
