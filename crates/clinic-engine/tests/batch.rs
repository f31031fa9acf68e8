//! Batches of both providers, against a server that speaks their protocols and misbehaves.

use std::collections::BTreeMap;
use std::time::Duration;

use clinic_core::exchange::{Finish, Prompt, Reply, Request, Sampling};
use clinic_engine::model::batch::{AnthropicBatch, BatchApi, BatchStatus, OpenAiBatch};
use clinic_engine::model::http::{Endpoint, Timeouts};
use clinic_engine::model::openai::OpenAi;
use clinic_engine::model::{Failure, Model, ModelError};
use clinic_fake::{Action, BatchEnd, Fake, Script, Seen};
use serde_json::{Value, json};

const KEY: &str = "sk-0123456789abcdefghij";

fn endpoint(fake: &Fake) -> Endpoint {
    endpoint_within(fake, 5_000)
}

/// An endpoint with this patience in milliseconds.
fn endpoint_within(fake: &Fake, whole: u64) -> Endpoint {
    let timeouts = Timeouts { whole: Duration::from_millis(whole), ..Timeouts::default() };
    Endpoint::new(&fake.base_url(), Some(KEY.to_owned().into()), timeouts).unwrap()
}

/// Clients of both providers at one server.
fn apis(fake: &Fake) -> [Box<dyn BatchApi>; 2] {
    [
        Box::new(OpenAiBatch::new(endpoint(fake), "m", true)),
        Box::new(AnthropicBatch::new(endpoint(fake), "m")),
    ]
}

fn id(number: usize) -> String {
    format!("{number:064x}")
}

fn ask(text: impl Into<String>) -> Request {
    let sampling =
        Sampling { max_tokens: 16, reasoning_tokens: 0, temperature: None, top_p: None, seed: 1 };
    Request { prompt: Prompt::user(text), sampling, schema: None }
}

/// Requests with these prompts; the custom ids count from 0.
fn asked(texts: &[&str]) -> Vec<(String, Request)> {
    texts.iter().enumerate().map(|(i, text)| (id(i), ask(*text))).collect()
}

fn ids(requests: &[(String, Request)]) -> Vec<String> {
    requests.iter().map(|(id, _)| id.clone()).collect()
}

/// A server where fetching results does something else.
fn fetching(action: Action) -> Fake {
    Fake::start(Script::new(move |seen, _| {
        let fetches = seen.path.ends_with("/content") || seen.path.ends_with("/results");
        if fetches { action.clone() } else { Action::Default }
    }))
}

type Results = BTreeMap<String, Result<Reply, ModelError>>;

async fn results(api: &dyn BatchApi, batch: &str) -> Results {
    api.results(batch).await.unwrap().into_iter().collect()
}

fn text(results: &Results, number: usize) -> &str {
    &results[&id(number)].as_ref().unwrap().text
}

fn kind(results: &Results, number: usize) -> Failure {
    results[&id(number)].as_ref().unwrap_err().kind
}

#[tokio::test]
async fn answers_find_their_requests_in_any_order() {
    let rule = |seen: &Seen, _| Action::Text(format!("to {}", seen.prompt()));
    let fake = Fake::start(Script::new(rule).polls(3));
    let texts: Vec<String> = (0..30).map(|i| format!("question {i}")).collect();
    let requests = asked(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    for (i, api) in apis(&fake).iter().enumerate() {
        let batch = api.submit("a", &requests).await.unwrap();
        let working = BatchStatus::Working { done: 0, failed: 0, total: Some(30) };
        assert_eq!(api.status(&batch).await.unwrap(), working);
        assert_eq!(api.results(&batch).await.unwrap_err().kind, Failure::Busy);
        assert_eq!(api.status(&batch).await.unwrap(), working);
        assert_eq!(api.status(&batch).await.unwrap(), BatchStatus::Ended);
        let results = results(api.as_ref(), &batch).await;
        assert_eq!(results.len(), 30);
        for (number, asked) in texts.iter().enumerate() {
            assert_eq!(text(&results, number), format!("to {asked}"));
        }
        assert_eq!(fake.batch_lines(), 30 * (i + 1));
    }
}

#[tokio::test]
async fn a_batch_asks_what_a_live_model_asks() {
    let fake = Fake::start(Script::default());
    let [openai, anthropic] = apis(&fake);
    openai.submit("a", &asked(&["hi"])).await.unwrap();
    OpenAi::new(endpoint(&fake), "m").own().generate(ask("hi")).await.unwrap();
    assert_eq!((fake.bodies_seen_twice(), fake.batch_lines()), (1, 1));
    anthropic.submit("a", &asked(&["hi"])).await.unwrap();
    let seen = fake.batch_requests();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(paths, ["/v1/chat/completions", "/v1/messages"]);
    let keys = (seen[0].header("authorization"), seen[1].header("x-api-key"));
    assert_eq!(keys, (Some(format!("Bearer {KEY}").as_str()), Some(KEY)));
    assert_eq!(seen[1].header("anthropic-version"), Some("2023-06-01"));
}

#[tokio::test]
async fn each_request_fails_by_itself() {
    let texts = ["fine", "busy", "wrong", "gone", "held", "cut", "think", "shape"];
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt().as_str() {
        "busy" => Action::Json(429, json!({"error": {"message": "slow down"}})),
        "wrong" => Action::Json(400, json!({"error": {"message": "no such parameter"}})),
        "gone" => Action::Close,
        "held" => Action::Filtered,
        "cut" => Action::Length("half".to_owned()),
        "think" => Action::Reasoning { reasoning: "hm".into(), text: "so".into() },
        "shape" => Action::WrongShape,
        _ => Action::Default,
    }));
    for api in apis(&fake) {
        let batch = api.submit("a", &asked(&texts)).await.unwrap();
        assert_eq!(api.status(&batch).await.unwrap(), BatchStatus::Ended);
        let results = results(api.as_ref(), &batch).await;
        assert!(text(&results, 0).starts_with("answer "));
        assert_eq!((kind(&results, 1), kind(&results, 2)), (Failure::Busy, Failure::Rejected));
        assert_eq!((kind(&results, 3), kind(&results, 7)), (Failure::Server, Failure::Malformed));
        let reply = |number| results[&id(number)].clone().unwrap();
        assert_eq!((reply(4).finish, reply(5).finish), (Finish::Filtered, Finish::Length));
        assert_eq!((reply(6).reasoning.as_deref(), text(&results, 6)), (Some("hm"), "so"));
        assert_eq!(reply(0).usage.completion_tokens, 2);
    }
}

#[tokio::test]
async fn a_batch_of_errors_alone_has_results() {
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt().is_empty() {
        true => Action::Default,
        false => Action::Json(400, json!({"error": {"message": "no"}})),
    }));
    for api in apis(&fake) {
        let batch = api.submit("a", &asked(&["x", "y"])).await.unwrap();
        let results = results(api.as_ref(), &batch).await;
        assert_eq!((kind(&results, 0), kind(&results, 1)), (Failure::Rejected, Failure::Rejected));
    }
}

#[tokio::test]
async fn a_batch_that_fails_keeps_what_was_answered() {
    let requests = asked(&["x", "y", "z"]);
    for (end, why, others) in [
        (BatchEnd::Expired(1), "24 hours", vec![Failure::Timeout; 2]),
        (BatchEnd::Cancelled(1), "cancelled", vec![]),
        (BatchEnd::Refused(1), "token_limit_exceeded: too much is enqueued", vec![]),
    ] {
        let fake = Fake::start(Script::default().batch_ends([end]));
        let [openai, anthropic] = apis(&fake);
        let batch = openai.submit("a", &requests).await.unwrap();
        let Ok(BatchStatus::Failed { why: told }) = openai.status(&batch).await else { panic!() };
        assert!(told.contains(why), "{told}");
        let found = results(openai.as_ref(), &batch).await;
        assert!(text(&found, 0).starts_with("answer "));
        let rest = found.values().skip(1).map(|result| result.as_ref().unwrap_err().kind);
        assert_eq!(rest.collect::<Vec<_>>(), others);

        let refused = matches!(end, BatchEnd::Refused(_));
        let batch = anthropic.submit("a", &requests).await.unwrap();
        let failed = matches!(anthropic.status(&batch).await.unwrap(), BatchStatus::Failed { .. });
        assert_eq!(failed, !refused);
        let found = results(anthropic.as_ref(), &batch).await;
        assert!(text(&found, 0).starts_with("answer "));
        assert_eq!(kind(&found, 2).is_transient(), !refused, "{end:?}");
    }
}

/// Lines of both protocols for one request.
fn lines(custom_id: &str, text: &str) -> [String; 2] {
    let chat = json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
    let message = json!({"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"});
    [
        json!({"custom_id": custom_id, "response": {"status_code": 200, "body": chat}}),
        json!({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}),
    ]
    .map(|line: Value| line.to_string())
}

/// What both clients make of a file with these lines.
async fn read(file: impl Fn(usize) -> String) -> Vec<Results> {
    let mut all = Vec::new();
    for client in 0..2 {
        let fake = fetching(Action::status(200, &[], &file(client)));
        let api = &apis(&fake)[client];
        let batch = api.submit("a", &asked(&["x"])).await.unwrap();
        all.push(results(api.as_ref(), &batch).await);
    }
    all
}

#[tokio::test]
async fn a_doubled_id_is_no_answer_unless_both_agree() {
    let file = |client: usize| {
        let all = [(0, "B"), (1, "C"), (0, "D"), (2, "E"), (2, "E"), (0, "B")];
        all.map(|(number, text)| lines(&id(number), text)[client].clone()).join("\n")
    };
    for results in read(file).await {
        assert_eq!(kind(&results, 0), Failure::Malformed);
        assert_eq!((text(&results, 1), text(&results, 2)), ("C", "E"));
    }
}

#[tokio::test]
async fn broken_and_foreign_lines_are_missing() {
    let file = |client: usize| {
        let [good, cut] = [0, 1].map(|number| lines(&id(number), "B")[client].clone());
        let foreign = &lines("request-1", "C")[client];
        format!("{foreign}\r\n\n{{}}\nnull\n{good}\r\n{}", &cut[..cut.len() - 9])
    };
    for results in read(file).await {
        assert_eq!((results.len(), text(&results, 0)), (1, "B"));
    }
}

#[tokio::test]
async fn an_answer_of_a_megabyte_arrives_whole() {
    let long = "wörd ".repeat(200_000);
    let fake = Fake::start(Script::always(Action::Text(long.clone())));
    for api in apis(&fake) {
        let batch = api.submit("a", &asked(&["x", "y"])).await.unwrap();
        let results = results(api.as_ref(), &batch).await;
        assert!(text(&results, 0) == long && text(&results, 1) == long);
    }
}

#[tokio::test]
async fn what_is_no_file_of_results_is_an_error() {
    for (action, kind) in [
        (Action::Html, Failure::Malformed),
        (Action::Json(200, json!({"data": []})), Failure::Malformed),
        (Action::HalfBody, Failure::Broken),
        (Action::Close, Failure::Broken),
        (Action::status(500, &[], "oh"), Failure::Server),
        (Action::status(404, &[], "gone"), Failure::Refused),
    ] {
        let fake = fetching(action.clone());
        for api in apis(&fake) {
            let batch = api.submit("a", &asked(&["x"])).await.unwrap();
            let error = api.results(&batch).await.unwrap_err();
            assert_eq!(error.kind, kind, "{action:?}: {}", error.message);
        }
    }
}

#[tokio::test]
async fn a_file_that_never_comes_is_given_up() {
    let fake = fetching(Action::Hang);
    let api = OpenAiBatch::new(endpoint_within(&fake, 200), "m", true);
    let batch = api.submit("a", &asked(&["x"])).await.unwrap();
    assert_eq!(api.results(&batch).await.unwrap_err().kind, Failure::Timeout);
}

#[tokio::test]
async fn a_file_may_take_longer_than_an_answer() {
    let fake = fetching(Action::Trickle(Duration::from_millis(1_000)));
    let api = OpenAiBatch::new(endpoint_within(&fake, 500), "m", true);
    let batch = api.submit("a", &asked(&["x"])).await.unwrap();
    assert!(text(&results(&api, &batch).await, 0).starts_with("answer "));
}

#[tokio::test]
async fn the_key_goes_to_no_other_host_and_comes_back_from_none() {
    let other = Fake::start(Script::default());
    let elsewhere = format!("{}/messages/batches/msgbatch_0/results", other.base_url());
    let redirect = Action::status(302, &[("location", &elsewhere)], "");
    let told = json!({"id": "msgbatch_0", "processing_status": "ended",
        "request_counts": {"succeeded": 1}, "results_url": elsewhere});
    let fake = Fake::start(Script::new(move |seen, _| match seen.path.as_str() {
        "/v1/messages/batches/msgbatch_0" => Action::Json(200, told.clone()),
        path if path.ends_with("/content") => redirect.clone(),
        _ => Action::Text(format!("the key is {KEY}")),
    }));
    let [openai, anthropic] = apis(&fake);
    let batch = anthropic.submit("a", &asked(&["x"])).await.unwrap();
    let found = results(anthropic.as_ref(), &batch).await;
    assert_eq!(text(&found, 0), "the key is [key]");
    let batch = openai.submit("a", &asked(&["x"])).await.unwrap();
    let error = openai.results(&batch).await.unwrap_err();
    assert!(error.kind == Failure::Refused && !error.message.contains(KEY), "{}", error.message);
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn a_batch_that_is_none_is_never_sent() {
    let fake = Fake::start(Script::default());
    for api in apis(&fake) {
        let many: Vec<_> = (0..=api.largest().0).map(|number| (id(number), ask("x"))).collect();
        assert_eq!(api.submit("a", &many).await.unwrap_err().kind, Failure::TooLong);
        assert_eq!(api.submit("a", &[]).await.unwrap_err().kind, Failure::Rejected);
        assert_eq!(api.status("../files").await.unwrap_err().kind, Failure::Malformed);
    }
    assert_eq!(fake.count(), 0);
}

/// A server that keeps a batch with the word "lost" and breaks off when it gives its id.
fn losing() -> Fake {
    Fake::start(Script::new(|seen, _| {
        let hands_in = seen.method == "POST" && seen.path.ends_with("/batches");
        let lost = hands_in && seen.body.to_string().contains("lost");
        if lost { Action::HalfBody } else { Action::Default }
    }))
}

#[tokio::test]
async fn a_lost_id_is_found_by_its_label() {
    let fake = losing();
    let api = &apis(&fake)[0];
    let requests = asked(&["x", "y"]);
    assert_eq!(api.find("lost", &ids(&requests)).await.unwrap(), None);
    assert_eq!(api.submit("lost", &requests).await.unwrap_err().kind, Failure::Broken);
    // More than a page of the list, which the oldest is not on.
    for number in 0..101 {
        api.submit(&number.to_string(), &requests[..1]).await.unwrap();
    }
    let found = api.find("lost", &ids(&requests)).await.unwrap().unwrap();
    assert_eq!(results(api.as_ref(), &found).await.len(), 2);
    assert_eq!(api.find("other", &ids(&requests)).await.unwrap(), None);
}

#[tokio::test]
async fn a_lost_id_is_found_by_its_requests() {
    let fake = losing();
    let api = &apis(&fake)[1];
    api.submit("", &asked(&["x", "y"])).await.unwrap();
    let lost = vec![(id(7), ask("lost")), (id(8), ask("too"))];
    assert_eq!(api.find("", &ids(&lost)).await.unwrap(), None);
    assert_eq!(api.submit("", &lost).await.unwrap_err().kind, Failure::Broken);
    let found = api.find("", &ids(&lost)).await.unwrap().unwrap();
    assert_eq!(results(api.as_ref(), &found).await.into_keys().collect::<Vec<_>>(), ids(&lost));
    assert_eq!(api.find("", &[id(7), id(9)]).await.unwrap(), None);
}

#[tokio::test]
async fn the_lost_batch_has_these_requests_and_no_others() {
    for (told, found) in [(vec![0, 1], true), (vec![0], false), (vec![0, 1, 2], false)] {
        let told: Vec<String> = told.iter().map(|n| lines(&id(*n), "B")[1].clone()).collect();
        let fake = fetching(Action::status(200, &[], &told.join("\n")));
        let api = &apis(&fake)[1];
        api.submit("", &asked(&["x", "y"])).await.unwrap();
        assert_eq!(api.find("", &[id(0), id(1)]).await.unwrap().is_some(), found, "{told:?}");
    }
}

#[tokio::test]
async fn what_may_be_the_lost_batch_is_waited_for() {
    let fake = Fake::start(Script::default().polls(1));
    let api = &apis(&fake)[1];
    let requests = asked(&["x", "y"]);
    let batch = api.submit("", &requests).await.unwrap();
    let error = api.find("", &ids(&requests)).await.unwrap_err();
    assert!(error.kind == Failure::Busy && error.message.contains(&batch), "{}", error.message);
    assert_eq!(api.find("", &[id(0)]).await.unwrap(), None);
    api.status(&batch).await.unwrap();
    assert_eq!(api.find("", &ids(&requests)).await.unwrap(), Some(batch));
}

#[tokio::test]
async fn what_gave_no_reply_is_not_found_and_what_cannot_be_read_not_passed_over() {
    let fake = Fake::start(Script::default().batch_ends([BatchEnd::Expired(0)]));
    let api = &apis(&fake)[1];
    api.submit("", &asked(&["x"])).await.unwrap();
    assert_eq!(api.find("", &[id(0)]).await.unwrap(), None);
    let fake = fetching(Action::Html);
    let api = &apis(&fake)[1];
    api.submit("", &asked(&["x"])).await.unwrap();
    assert_eq!(api.find("", &[id(0)]).await.unwrap_err().kind, Failure::Malformed);
}

#[tokio::test]
async fn the_list_of_batches_is_read_page_by_page() {
    let fake = Fake::start(Script::new(|seen, _| match seen.path.as_str() {
        "/v1/messages/batches?limit=1000" => {
            Action::Json(200, json!({"data": [], "has_more": true, "last_id": "msgbatch_1"}))
        }
        _ => Action::Default,
    }));
    let api = &apis(&fake)[1];
    let batch = api.submit("", &asked(&["x"])).await.unwrap();
    api.submit("", &asked(&["x", "y"])).await.unwrap();
    assert_eq!(api.find("", &[id(0)]).await.unwrap(), Some(batch));
}
