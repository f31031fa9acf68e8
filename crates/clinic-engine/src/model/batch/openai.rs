//! OpenAI's batches, and those of servers that speak the same: a file of requests is handed in, and
//! a file of replies and one of errors are fetched.

use std::ops::ControlFlow;

use clinic_core::exchange::{Reply, Request};
use clinic_core::plain::plain;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::results::Results;
use super::{
    BatchApi, BatchStatus, MOST_PAGES, Outcomes, check, check_bytes, identifier, malformed, page,
    too_early,
};
use crate::model::embeddings::length_told;
use crate::model::http::Endpoint;
use crate::model::openai::{LIMIT, OWN_LIMIT, build, held_back, read};
use crate::model::{Failure, ModelError};

/// The documented limits of a file: requests, and bytes.
const LARGEST: (usize, usize) = (50_000, 200_000_000);

/// The key of a batch's metadata that holds our label.
const LABEL: &str = "clinic";

/// Batches on a page of the list, at most.
const PAGE: usize = 100;

/// What divides the parts of an upload. A file of lines of JSON never holds it, for it has no
/// carriage returns.
const BOUNDARY: &str = "clinic-batch-7d1f6b0c9a2e4835";

/// Batches of a model behind the OpenAI protocol.
pub struct OpenAiBatch {
    endpoint: Endpoint,
    model: String,
    limit: &'static str,
    prefix: &'static str,
}

impl OpenAiBatch {
    /// The model of this name at an endpoint; `own` where it is OpenAI's or Azure's own house, which
    /// call the limit of tokens `max_completion_tokens`.
    pub fn new(endpoint: Endpoint, model: impl Into<String>, own: bool) -> Self {
        let limit = if own { OWN_LIMIT } else { LIMIT };
        Self { endpoint, model: model.into(), limit, prefix: "/v1" }
    }

    /// Names paths in a batch without the version before them, as Azure does.
    pub fn unversioned(mut self) -> Self {
        self.prefix = "";
        self
    }

    /// Where a request goes, and its line in the file.
    fn line(&self, custom_id: &str, request: &Request) -> (String, String) {
        let (path, body) = build(&self.model, self.limit, request);
        let url = format!("{}{path}", self.prefix);
        let line = json!({"custom_id": custom_id, "method": "POST", "url": url, "body": body});
        (url, format!("{line}\n"))
    }

    /// The form to upload, with at most so many bytes of requests, and the path that they go to.
    fn form(
        &self,
        requests: &[(String, Request)],
        most: usize,
    ) -> Result<(Vec<u8>, String), ModelError> {
        let mut form = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
             --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; \
             filename=\"batch.jsonl\"\r\ncontent-type: application/jsonl\r\n\r\n"
        );
        let (head, mut path) = (form.len(), None);
        for (custom_id, request) in requests {
            let (url, line) = self.line(custom_id, request);
            if *path.get_or_insert_with(|| url.clone()) != url {
                let why = "chats and bare text do not go into one batch";
                return Err(ModelError::new(Failure::Rejected, why));
            }
            form.push_str(&line);
            check_bytes(form.len() - head, most)?;
        }
        form.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
        Ok((form.into_bytes(), path.unwrap_or_default()))
    }

    async fn hand_in(
        &self,
        label: &str,
        requests: &[(String, Request)],
    ) -> Result<String, ModelError> {
        check(LARGEST, requests)?;
        let (form, path) = self.form(requests, LARGEST.1)?;
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let file = self.endpoint.upload("/files", kind, form).await?;
        let asked = json!({
            "input_file_id": identifier(&file["id"])?,
            "endpoint": path,
            "completion_window": "24h",
            "metadata": {LABEL: label},
        });
        let bytes = asked.to_string().into_bytes();
        let batch = self.endpoint.upload("/batches", "application/json".to_owned(), bytes).await?;
        identifier(&batch["id"]).map(str::to_owned)
    }

    async fn search(&self, label: &str) -> Result<Option<String>, ModelError> {
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let list = self.endpoint.get(&format!("/batches?limit={PAGE}{after}")).await?;
            let (batches, next) = page(&list)?;
            if let Some(batch) = batches.iter().find(|batch| batch["metadata"][LABEL] == label) {
                return identifier(&batch["id"]).map(|id| Some(id.to_owned()));
            }
            match next {
                Some(id) => after = format!("&after={id}"),
                None => return Ok(None),
            }
        }
        Err(malformed("the list of batches does not end"))
    }

    async fn batch(&self, id: &str) -> Result<Value, ModelError> {
        self.endpoint.get(&format!("/batches/{}", identifier(&json!(id))?)).await
    }

    async fn fetch(&self, id: &str) -> Result<Outcomes, ModelError> {
        let batch = self.batch(id).await?;
        let status = status(&batch)?;
        if matches!(status, BatchStatus::Working { .. }) {
            return Err(too_early());
        }
        let files = [&batch["output_file_id"], &batch["error_file_id"]];
        let files: Vec<&Value> = files.into_iter().filter(|file| !file.is_null()).collect();
        if status == BatchStatus::Ended && files.is_empty() {
            return Err(malformed("the batch ended without a file of results"));
        }
        let mut results = Results::default();
        for file in files {
            let path = format!("/files/{}/content", identifier(file)?);
            let take = |line: &[u8]| {
                results.take(line, &|line| self.result(line));
                ControlFlow::Continue(())
            };
            self.endpoint.lines(&path, take).await?;
        }
        results.finish()
    }

    /// What a line says: an error without an answer, or an answer of any status.
    fn result(&self, line: &Value) -> Option<Result<Reply, ModelError>> {
        let error = &line["error"];
        if !error.is_null() {
            let code = error["code"].as_str().unwrap_or_default();
            let said = error["message"].as_str().or(error.as_str()).unwrap_or("no reason given");
            let late = code == "batch_expired";
            let kind = if late { Failure::Timeout } else { Failure::Server };
            return Some(Err(ModelError::new(kind, plain(&format!("{code}: {said}"), 200))));
        }
        let response = line["response"].as_object()?;
        let status = response.get("status_code")?.as_u64()?;
        let status = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
        let body = response.get("body")?;
        if let Some(reply) = held_back(status.as_u16(), body) {
            return Some(Ok(reply));
        }
        if status != StatusCode::OK {
            let refused = self.endpoint.refused(status, body.to_string().as_bytes());
            return Some(Err(length_told(refused)));
        }
        Some(read(body))
    }
}

/// How far the provider says that a batch is.
fn status(batch: &Value) -> Result<BatchStatus, ModelError> {
    let count = |key: &str| batch["request_counts"][key].as_u64();
    let because = |what: &str| Ok(BatchStatus::Failed { why: what.to_owned() });
    match batch["status"].as_str() {
        Some("validating" | "in_progress" | "finalizing" | "cancelling") => {
            Ok(BatchStatus::Working {
                done: count("completed").unwrap_or(0),
                failed: count("failed").unwrap_or(0),
                // Nothing is counted before the file was read.
                total: count("total").filter(|total| *total > 0),
            })
        }
        Some("completed") => Ok(BatchStatus::Ended),
        Some("expired") => because("the batch was not done within its 24 hours"),
        Some("cancelled") => because("the batch was cancelled"),
        Some("failed") => because(&format!("the batch was refused: {}", faults(batch))),
        _ => Err(malformed(format!("the batch has no known status but {}", batch["status"]))),
    }
}

/// What was wrong with the file, first things first.
fn faults(batch: &Value) -> String {
    let faults = batch["errors"]["data"].as_array().map_or(&[][..], Vec::as_slice);
    let told = faults.iter().take(3).map(|fault| {
        let text = |key: &str| fault[key].as_str().unwrap_or_default();
        let line = fault["line"].as_u64().map_or(String::new(), |line| format!(" (line {line})"));
        plain(&format!("{}: {}{line}", text("code"), text("message")), 200)
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "no reason given".to_owned() } else { told.join("; ") }
}

impl BatchApi for OpenAiBatch {
    fn largest(&self) -> (usize, usize) {
        LARGEST
    }

    fn size(&self, custom_id: &str, request: &Request) -> usize {
        self.line(custom_id, request).1.len()
    }

    fn submit<'a>(
        &'a self,
        label: &'a str,
        requests: &'a [(String, Request)],
    ) -> BoxFuture<'a, Result<String, ModelError>> {
        self.hand_in(label, requests).boxed()
    }

    /// Reads the list of batches for the one that carries the label in its metadata.
    fn find<'a>(
        &'a self,
        label: &'a str,
        _custom_ids: &'a [String],
    ) -> BoxFuture<'a, Result<Option<String>, ModelError>> {
        self.search(label).boxed()
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

    fn batches() -> OpenAiBatch {
        let endpoint = Endpoint::new("http://localhost:1/v1", None, Timeouts::default()).unwrap();
        OpenAiBatch::new(endpoint, "m", true)
    }

    fn request(prompt: Prompt) -> (String, Request) {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens: 0,
            temperature: None,
            top_p: None,
            seed: 1,
        };
        ("a".repeat(64), Request { prompt, sampling, schema: None })
    }

    #[test]
    fn a_file_has_a_line_a_request() {
        let (id, asked) = request(Prompt::user("a\r\nb"));
        let (form, path) = batches().form(&[(id.clone(), asked.clone())], 1_000).unwrap();
        assert_eq!(path, "/v1/chat/completions");
        let form = String::from_utf8(form).unwrap();
        let parts: Vec<&str> = form.split(BOUNDARY).collect();
        assert!(parts[1].ends_with("name=\"purpose\"\r\n\r\nbatch\r\n--"), "{form}");
        let (head, file) = parts[2].split_once("\r\n\r\n").unwrap();
        assert!(head.contains("name=\"file\"; filename=\"batch.jsonl\""), "{head}");
        let line = file.strip_suffix("\r\n--").unwrap();
        assert_eq!(line.len(), batches().size(&id, &asked));
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "a\r\nb"}],
                          "max_completion_tokens": 9, "seed": 1});
        assert_eq!(
            serde_json::from_str::<Value>(line).unwrap(),
            json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body})
        );
        let (_, path) = batches().unversioned().form(&[(id, asked)], 1_000).unwrap();
        assert_eq!(path, "/chat/completions");
    }

    #[test]
    fn chats_and_bare_text_are_not_mixed() {
        let raw = request(Prompt::Raw("hi".to_owned()));
        assert_eq!(batches().form(std::slice::from_ref(&raw), 1_000).unwrap().1, "/v1/completions");
        let error = batches().form(&[raw, request(Prompt::user("hi"))], 1_000).unwrap_err();
        assert_eq!(error.kind, Failure::Rejected);
    }

    #[test]
    fn more_than_a_file_holds_is_refused() {
        let (id, asked) = request(Prompt::user("hi"));
        let two = [(id.clone(), asked.clone()), (id.clone(), asked.clone())];
        let most = 2 * batches().size(&id, &asked);
        assert!(batches().form(&two, most).is_ok());
        let error = batches().form(&two, most - 1).unwrap_err();
        assert_eq!(error.kind, Failure::TooLong);
        let told = format!("{most} bytes of requests are more than the {} of a batch", most - 1);
        assert_eq!(error.message, told);
    }

    #[test]
    fn states_of_every_documented_kind_are_read() {
        let counts = json!({"total": 9, "completed": 4, "failed": 1});
        for working in ["validating", "in_progress", "finalizing", "cancelling"] {
            let batch = json!({"status": working, "request_counts": counts});
            let told = BatchStatus::Working { done: 4, failed: 1, total: Some(9) };
            assert_eq!(status(&batch).unwrap(), told, "{working}");
        }
        let early = json!({"status": "validating", "request_counts": null});
        let told = BatchStatus::Working { done: 0, failed: 0, total: None };
        assert_eq!(status(&early).unwrap(), told);
        assert_eq!(status(&json!({"status": "completed"})).unwrap(), BatchStatus::Ended);
        for over in ["expired", "cancelled", "failed"] {
            let status = status(&json!({"status": over})).unwrap();
            assert!(matches!(status, BatchStatus::Failed { .. }), "{over}");
        }
        for wrong in [json!({}), json!({"status": "dreaming"}), json!(null)] {
            assert_eq!(status(&wrong).unwrap_err().kind, Failure::Malformed, "{wrong}");
        }
    }

    #[test]
    fn a_refused_file_says_why() {
        let errors = json!({"object": "list", "data": [{"code": "invalid_json_line",
            "message": "This line is\u{1b}[2J broken.", "param": null, "line": 4}]});
        let BatchStatus::Failed { why } =
            status(&json!({"status": "failed", "errors": errors})).unwrap()
        else {
            panic!("it failed")
        };
        let told = "the batch was refused: invalid_json_line: This line is[2J broken. (line 4)";
        assert_eq!(why, told);
    }

    fn result(line: &str) -> Option<Result<Reply, ModelError>> {
        batches().result(&serde_json::from_str(line).unwrap())
    }

    #[test]
    fn replies_are_read_as_live_ones_are() {
        let of = |body: &str, status: u16| {
            let line = format!(
                "{{\"id\": \"batch_req_1\", \"response\": {{\"status_code\": {status}, \
                 \"request_id\": \"r\", \"body\": {body}}}, \"error\": null}}"
            );
            result(&line).unwrap()
        };
        let cut = r#"{"choices": [{"message": {"content": "B"}, "finish_reason": "length"}],
                      "usage": {"prompt_tokens": 3, "completion_tokens": 4}}"#;
        let reply = of(cut, 200).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish), ("B", Finish::Length));
        assert_eq!(reply.usage.completion_tokens, 4);
        let held = r#"{"error": {"code": "content_filter", "message": "held back"}}"#;
        assert_eq!(of(held, 400).unwrap().finish, Finish::Filtered);
        for (status, said, kind) in [
            (400, "no such parameter", Failure::Rejected),
            (400, "maximum context length is 8", Failure::TooLong),
            (404, "no such model", Failure::Refused),
            (429, "slow down", Failure::Busy),
            (500, "oh", Failure::Server),
        ] {
            let error = of(&format!("{{\"error\": {{\"message\": \"{said}\"}}}}"), status);
            let error = error.unwrap_err();
            assert_eq!(error.kind, kind, "{said}");
            assert!(error.message.contains(said), "{}", error.message);
        }
        for wrong in ["null", "{}", "\"B\"", "{\"choices\": []}"] {
            assert_eq!(of(wrong, 200).unwrap_err().kind, Failure::Malformed, "{wrong}");
        }
    }

    #[test]
    fn errors_without_an_answer_may_pass() {
        let line = r#"{"response": null, "error": {"code": "batch_expired", "message": "late"}}"#;
        let error = result(line).unwrap().unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Failure::Timeout, "batch_expired: late"));
        let both = r#"{"response": {"status_code": 200, "body": {"choices": [{"text": "B"}]}},
                       "error": {"code": "x", "message": "y"}}"#;
        assert_eq!(result(both).unwrap().unwrap_err().kind, Failure::Server);
    }

    #[test]
    fn a_line_that_says_nothing_is_none() {
        for line in ["{}", r#"{"response": null, "error": null}"#, r#"{"response": {"body": {}}}"#]
        {
            assert!(result(line).is_none(), "{line}");
        }
    }
}
