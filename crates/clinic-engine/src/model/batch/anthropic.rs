//! Anthropic's Message Batches: all requests in one body, and one file of results.

use std::collections::HashSet;
use std::ops::ControlFlow;

use clinic_core::exchange::{Reply, Request};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::results::Results;
use super::{
    BatchApi, BatchStatus, MOST_PAGES, Outcomes, check, check_bytes, identifier, malformed, page,
    too_early,
};
use crate::model::anthropic::{build, reached, read};
use crate::model::embeddings::length_told;
use crate::model::http::Endpoint;
use crate::model::{Failure, ModelError};

/// What stands around the requests of a batch.
const AROUND: (&str, &str) = ("{\"requests\":[", "]}");

/// The documented limits: requests, and bytes, less those around the requests.
const LARGEST: (usize, usize) = (100_000, 256_000_000 - AROUND.0.len() - AROUND.1.len());

/// Where batches are, below the base URL.
const BATCHES: &str = "/messages/batches";

/// Batches on a page of the list, at most.
const PAGE: usize = 1_000;

/// Batches of a model of Anthropic's.
pub struct AnthropicBatch {
    endpoint: Endpoint,
    model: String,
}

impl AnthropicBatch {
    /// The model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self { endpoint: reached(endpoint), model: model.into() }
    }

    fn line(&self, custom_id: &str, request: &Request) -> String {
        json!({"custom_id": custom_id, "params": build(&self.model, request)}).to_string()
    }

    /// The body of a batch, with at most so many bytes of requests.
    fn body(&self, requests: &[(String, Request)], most: usize) -> Result<Vec<u8>, ModelError> {
        let mut body = AROUND.0.to_owned();
        for (custom_id, request) in requests {
            body.push_str(&self.line(custom_id, request));
            body.push(',');
            check_bytes(body.len() - AROUND.0.len(), most)?;
        }
        body.pop();
        body.push_str(AROUND.1);
        Ok(body.into_bytes())
    }

    async fn hand_in(&self, requests: &[(String, Request)]) -> Result<String, ModelError> {
        check(LARGEST, requests)?;
        let (kind, body) = ("application/json".to_owned(), self.body(requests, LARGEST.1)?);
        let batch = self.endpoint.upload(BATCHES, kind, body).await?;
        identifier(&batch["id"]).map(str::to_owned)
    }

    async fn search(&self, custom_ids: &[String]) -> Result<Option<String>, ModelError> {
        let wanted: HashSet<&str> = custom_ids.iter().map(String::as_str).collect();
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let list = self.endpoint.get(&format!("{BATCHES}?limit={PAGE}{after}")).await?;
            let (batches, next) = page(&list)?;
            for batch in batches.iter().filter(|batch| may_be(batch, wanted.len())) {
                let id = identifier(&batch["id"])?;
                if batch["processing_status"] != "ended" {
                    let why = format!("batch {id} may be the lost one, which its end will show");
                    return Err(ModelError::new(Failure::Busy, why));
                }
                if self.holds(batch, &wanted).await? {
                    return Ok(Some(id.to_owned()));
                }
            }
            match next {
                Some(id) => after = format!("&after_id={id}"),
                None => return Ok(None),
            }
        }
        Err(malformed("the list of batches does not end"))
    }

    /// Whether a batch's results are those of exactly these custom ids.
    async fn holds(&self, batch: &Value, wanted: &HashSet<&str>) -> Result<bool, ModelError> {
        let (mut found, mut foreign, mut broken) = (HashSet::new(), false, false);
        let take = |line: &[u8]| {
            match serde_json::from_slice::<Value>(line) {
                Ok(line) => match line["custom_id"].as_str().and_then(|id| wanted.get(id)) {
                    Some(id) => drop(found.insert(*id)),
                    None => foreign = true,
                },
                Err(_) => broken |= !line.is_empty(),
            }
            if foreign { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.endpoint.lines(&results_path(batch)?, take).await?;
        // Taken for another's, a batch would be paid for twice.
        if broken && !foreign && found.len() < wanted.len() {
            return Err(malformed("the results of a batch cannot be read"));
        }
        Ok(!foreign && found.len() == wanted.len())
    }

    async fn batch(&self, id: &str) -> Result<Value, ModelError> {
        self.endpoint.get(&format!("{BATCHES}/{}", identifier(&json!(id))?)).await
    }

    async fn fetch(&self, id: &str) -> Result<Outcomes, ModelError> {
        let batch = self.batch(id).await?;
        match status(&batch)? {
            BatchStatus::Working { .. } => return Err(too_early()),
            BatchStatus::Failed { .. } if is_archived(&batch) => return Ok(Vec::new()),
            _ => {}
        }
        let mut results = Results::default();
        let take = |line: &[u8]| {
            results.take(line, &|line| self.result(&line["result"]));
            ControlFlow::Continue(())
        };
        self.endpoint.lines(&results_path(&batch)?, take).await?;
        results.finish()
    }

    fn result(&self, result: &Value) -> Option<Result<Reply, ModelError>> {
        let failed = |kind, why: &str| Some(Err(ModelError::new(kind, why)));
        match result["type"].as_str()? {
            "succeeded" => Some(read(&result["message"])),
            "errored" => {
                // The error is wrapped as in an answer of its own; some gateways leave that out.
                let error = [&result["error"]["error"], &result["error"]];
                let error = error.into_iter().find(|error| error.is_object())?;
                let status = status_of(error["type"].as_str().unwrap_or_default());
                let body = json!({"error": error}).to_string();
                Some(Err(length_told(self.endpoint.refused(status, body.as_bytes()))))
            }
            "expired" => failed(Failure::Timeout, "the batch was not done within its 24 hours"),
            "canceled" => failed(Failure::Server, "the batch was cancelled"),
            _ => None,
        }
    }
}

/// The status that an error of this type has where it is the answer to a request.
fn status_of(kind: &str) -> StatusCode {
    let status = match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn count(batch: &Value, key: &str) -> u64 {
    batch["request_counts"][key].as_u64().unwrap_or(0)
}

/// All requests of a batch: at any time, each is in one of the counts.
fn total(batch: &Value) -> u64 {
    ["processing", "succeeded", "errored", "canceled", "expired"]
        .iter()
        .map(|key| count(batch, key))
        .fold(0, u64::saturating_add)
}

/// Whether the results are gone, as they are 29 days after a batch was handed in.
fn is_archived(batch: &Value) -> bool {
    !batch["archived_at"].is_null()
}

/// Whether a batch has this many requests and, where it ended, a reply to any of them.
fn may_be(batch: &Value, requests: usize) -> bool {
    let answers = batch["processing_status"] != "ended" || count(batch, "succeeded") > 0;
    total(batch) == requests as u64 && !is_archived(batch) && answers
}

/// How far the provider says that a batch is.
fn status(batch: &Value) -> Result<BatchStatus, ModelError> {
    let failed = |why: String| Ok(BatchStatus::Failed { why });
    match batch["processing_status"].as_str() {
        Some("in_progress" | "canceling") => Ok(BatchStatus::Working {
            done: count(batch, "succeeded"),
            failed: count(batch, "errored") + count(batch, "canceled") + count(batch, "expired"),
            total: Some(total(batch)).filter(|total| *total > 0),
        }),
        Some("ended") if is_archived(batch) => {
            failed("the results of the batch are no longer kept".to_owned())
        }
        Some("ended") => match (count(batch, "canceled"), count(batch, "expired")) {
            (0, 0) => Ok(BatchStatus::Ended),
            (0, expired) => {
                failed(format!("{expired} requests were not done within the batch's 24 hours"))
            }
            (cancelled, _) => failed(format!("{cancelled} requests of the batch were cancelled")),
        },
        _ => {
            let status = &batch["processing_status"];
            Err(malformed(format!("the batch has no known status but {status}")))
        }
    }
}

/// Where the results are, always below our own base URL: the key goes to no other host.
fn results_path(batch: &Value) -> Result<String, ModelError> {
    let url = batch["results_url"].as_str().unwrap_or_default();
    let told = url.find(&format!("{BATCHES}/")).map(|start| url[start..].to_owned());
    // Of a path that is not the documented one, nothing can be kept.
    let told = told.filter(|path| !path.contains(['?', '#', '\\', '%']) && !path.contains(".."));
    match told {
        Some(path) => Ok(path),
        None => Ok(format!("{BATCHES}/{}/results", identifier(&batch["id"])?)),
    }
}

impl BatchApi for AnthropicBatch {
    fn largest(&self) -> (usize, usize) {
        LARGEST
    }

    fn size(&self, custom_id: &str, request: &Request) -> usize {
        self.line(custom_id, request).len() + 1
    }

    /// The label is not sent, for the API has no place for it.
    fn submit<'a>(
        &'a self,
        _label: &'a str,
        requests: &'a [(String, Request)],
    ) -> BoxFuture<'a, Result<String, ModelError>> {
        self.hand_in(requests).boxed()
    }

    /// A batch carries no label, so it is known by its custom ids, which only its results tell: of
    /// the batches with as many requests, from the newest on, the first whose results are those of
    /// exactly these ids. Where one of them is still worked on, this is [`Failure::Busy`]. A batch
    /// without any reply, or whose results are no longer kept, is not found.
    fn find<'a>(
        &'a self,
        _label: &'a str,
        custom_ids: &'a [String],
    ) -> BoxFuture<'a, Result<Option<String>, ModelError>> {
        self.search(custom_ids).boxed()
    }

    fn status<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<BatchStatus, ModelError>> {
        async move { status(&self.batch(id).await?) }.boxed()
    }

    fn results<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Outcomes, ModelError>> {
        self.fetch(id).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Timeouts;
    use clinic_core::exchange::{Finish, Prompt, Sampling};

    fn batches() -> AnthropicBatch {
        let endpoint = Endpoint::new("http://localhost:1/v1", None, Timeouts::default()).unwrap();
        AnthropicBatch::new(endpoint, "m")
    }

    fn batch(status: &str, counts: [u64; 5]) -> Value {
        let [processing, succeeded, errored, canceled, expired] = counts;
        json!({"id": "msgbatch_013Z", "type": "message_batch", "processing_status": status,
            "request_counts": {"processing": processing, "succeeded": succeeded,
                "errored": errored, "canceled": canceled, "expired": expired},
            "archived_at": null, "results_url": null})
    }

    #[test]
    fn a_body_has_all_requests_and_no_more_than_it_may() {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens: 0,
            temperature: None,
            top_p: None,
            seed: 1,
        };
        let request = |text| Request { prompt: Prompt::user(text), sampling, schema: None };
        let two = [("a".repeat(64), request("hi")), ("b".repeat(64), request("ho"))];
        let most = two.iter().map(|(id, request)| batches().size(id, request)).sum();
        let body: Value = serde_json::from_slice(&batches().body(&two, most).unwrap()).unwrap();
        let params = json!({"model": "m", "max_tokens": 9,
                            "messages": [{"role": "user", "content": "hi"}]});
        assert_eq!(body["requests"][0], json!({"custom_id": "a".repeat(64), "params": params}));
        assert_eq!(body["requests"].as_array().unwrap().len(), 2);
        assert_eq!(batches().body(&two, most - 1).unwrap_err().kind, Failure::TooLong);
    }

    #[test]
    fn states_of_every_documented_kind_are_read() {
        for working in ["in_progress", "canceling"] {
            let told = BatchStatus::Working { done: 2, failed: 4, total: Some(16) };
            assert_eq!(status(&batch(working, [10, 2, 1, 1, 2])).unwrap(), told, "{working}");
        }
        assert_eq!(status(&batch("ended", [0, 2, 1, 0, 0])).unwrap(), BatchStatus::Ended);
        for over in [[0, 2, 1, 0, 3], [0, 2, 1, 3, 0]] {
            let status = status(&batch("ended", over)).unwrap();
            assert!(matches!(status, BatchStatus::Failed { .. }), "{over:?}");
        }
        let mut archived = batch("ended", [0, 2, 0, 0, 0]);
        archived["archived_at"] = json!("2024-08-20T18:37:24.100435Z");
        assert!(matches!(status(&archived).unwrap(), BatchStatus::Failed { .. }));
        assert_eq!(status(&json!({"type": "x"})).unwrap_err().kind, Failure::Malformed);
    }

    #[test]
    fn results_are_fetched_from_our_own_address() {
        let mut batch = batch("ended", [0, 1, 0, 0, 0]);
        let own = "/messages/batches/msgbatch_013Z/results";
        for (url, path) in [
            (json!("https://api.anthropic.com/v1/messages/batches/msgbatch_013Z/results"), own),
            (json!("https://elsewhere.example/x/messages/batches/a/b"), "/messages/batches/a/b"),
            (json!("https://elsewhere.example/files/results"), own),
            (json!("https://x.example/messages/batches/../../files"), own),
            (json!("https://x.example/messages/batches/a?b=c"), own),
            (json!("/messages/batches/%2e%2e/x"), own),
            (json!(null), own),
        ] {
            batch["results_url"] = url.clone();
            assert_eq!(results_path(&batch).unwrap(), path, "{url}");
        }
    }

    #[test]
    fn results_of_every_documented_shape_are_read() {
        let result = |result: Value| batches().result(&result);
        let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "text", "text": "B"}], "stop_reason": "max_tokens",
            "usage": {"input_tokens": 16, "output_tokens": 5, "service_tier": "batch"}});
        let reply = result(json!({"type": "succeeded", "message": message})).unwrap().unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("B", Finish::Length));
        assert_eq!(reply.usage.prompt_tokens, 16);
        let wrong = result(json!({"type": "succeeded", "message": null})).unwrap().unwrap_err();
        assert_eq!(wrong.kind, Failure::Malformed);

        for (kind, said, failure) in [
            ("invalid_request_error", "max_tokens: at least 1", Failure::Rejected),
            ("invalid_request_error", "prompt is too long: 9 tokens", Failure::TooLong),
            ("request_too_large", "it is", Failure::TooLong),
            ("not_found_error", "model: nobody", Failure::Refused),
            ("authentication_error", "no", Failure::Unusable),
            ("billing_error", "no credit", Failure::Unusable),
            ("rate_limit_error", "slow down", Failure::Busy),
            ("overloaded_error", "slow down", Failure::Overloaded),
            ("timeout_error", "late", Failure::Server),
            ("api_error", "oh", Failure::Server),
            ("dream_error", "new", Failure::Server),
        ] {
            let error = json!({"details": {}, "type": kind, "message": said});
            let wrapped = json!({"type": "error", "error": error, "request_id": null});
            for error in [wrapped, error] {
                let error = result(json!({"type": "errored", "error": error})).unwrap();
                let error = error.unwrap_err();
                assert_eq!(error.kind, failure, "{kind}");
                assert!(error.message.contains(said), "{}", error.message);
            }
        }
        for over in ["expired", "canceled"] {
            let error = result(json!({"type": over})).unwrap().unwrap_err();
            assert!(error.kind.is_transient(), "{over}");
        }
        for nothing in [json!({}), json!({"type": "reticulated"}), json!({"type": "errored"})] {
            assert!(result(nothing.clone()).is_none(), "{nothing}");
        }
    }

    #[test]
    fn only_a_batch_with_as_many_requests_may_be_the_lost_one() {
        assert!(may_be(&batch("in_progress", [3, 0, 0, 0, 0]), 3));
        assert!(may_be(&batch("ended", [0, 1, 1, 1, 0]), 3));
        assert!(!may_be(&batch("ended", [0, 4, 0, 0, 0]), 3));
        assert!(!may_be(&batch("ended", [0, 0, 0, 0, 3]), 3));
    }
}
