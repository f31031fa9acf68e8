//! Batches as OpenAI and Anthropic have them: handed in, asked after, listed and fetched. Each of
//! its requests is answered as it would be by itself, when the batch is handed in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::answer::{self, Delivery, error};
use crate::embedding::hash;
use crate::http::Response;
use crate::seen::Log;
use crate::{Action, Script, Seen};

/// How a batch ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BatchEnd {
    /// Every request has its answer.
    #[default]
    Whole,
    /// Its time is over after so many answers.
    Expired(usize),
    /// It is cancelled after so many answers.
    Cancelled(usize),
    /// It is refused after so many answers; at Anthropic, every other request is.
    Refused(usize),
}

/// What became of one request.
enum Outcome {
    /// An answer of this status.
    Answered(u16, Value),
    /// The connection broke.
    Broken,
    /// The batch ended before.
    Unasked,
}

/// A batch that is handed in.
struct New<'a> {
    lines: &'a [Value],
    /// The key of a line that holds the body.
    key: &'a str,
    /// Where its requests would go, without the version.
    path: &'a str,
    openai: Option<OfOpenAi>,
    fault: Option<Value>,
}

/// What OpenAI tells of a batch: the id of the file, the path, the metadata.
type OfOpenAi = (String, Value, Value);

struct Batch {
    id: String,
    openai: Option<OfOpenAi>,
    outcomes: Vec<(String, Outcome)>,
    end: BatchEnd,
    /// Polls that still find it worked on.
    polls: usize,
    /// What is wrong with the file.
    fault: Option<Value>,
}

#[derive(Default)]
struct State {
    files: Vec<String>,
    batches: Vec<Batch>,
}

/// All batches of a server.
#[derive(Default)]
pub(crate) struct Batches(Mutex<State>);

impl Batches {
    /// The response at a path of batches; none elsewhere, and where the action is a response itself.
    pub fn serve(
        &self,
        seen: &Seen,
        raw: &[u8],
        action: &Action,
        script: &Script,
        log: &Log,
    ) -> Option<Response> {
        let (_, path) = seen.route().split_once("/v1/")?;
        let place: Vec<&str> = path.split('/').collect();
        let is_batches =
            matches!(place[..], ["files" | "batches", ..] | ["messages", "batches", ..]);
        if !is_batches || is_response(action) {
            return None;
        }
        let answered = match (seen.method.as_str(), &place[..]) {
            ("POST", ["files"]) => self.keep(seen, raw),
            ("GET", ["files", file, "content"]) => self.content(file),
            ("POST", ["batches"]) => self.begin_openai(seen, script, log),
            ("POST", ["messages", "batches"]) => self.begin_anthropic(seen, script, log),
            ("GET", ["batches"]) => Some(self.list(seen, true)),
            ("GET", ["messages", "batches"]) => Some(self.list(seen, false)),
            ("GET", ["batches", id]) => self.poll(id),
            ("GET", ["messages", "batches", id]) => self.poll(id),
            ("GET", ["messages", "batches", id, "results"]) => self.results(id),
            _ => None,
        };
        Some(answered.unwrap_or_else(|| error(404, "there is no such batch or file")))
    }

    /// Keeps an uploaded file.
    fn keep(&self, seen: &Seen, raw: &[u8]) -> Option<Response> {
        let (purpose, file) = (part(seen, raw, "purpose"), part(seen, raw, "file"));
        let (Some("batch"), Some(file)) = (purpose, file) else {
            return Some(error(400, "the form needs a purpose, which is batch, and a file"));
        };
        let mut state = self.lock();
        state.files.push(file.to_owned());
        let id = format!("file-in{}", state.files.len() - 1);
        let told = json!({"id": id, "object": "file", "bytes": file.len(), "purpose": "batch"});
        Some(Response::json(200, &told))
    }

    fn begin_openai(&self, seen: &Seen, script: &Script, log: &Log) -> Option<Response> {
        let asked = &seen.body;
        let text = |key: &str| asked[key].as_str().unwrap_or_default();
        if text("completion_window") != "24h" {
            return Some(error(400, "the completion_window is 24h"));
        }
        let number: usize = text("input_file_id").strip_prefix("file-in")?.parse().ok()?;
        let file = self.lock().files.get(number)?.clone();
        let lines = file.lines().map(|line| serde_json::from_str(line).unwrap_or(Value::Null));
        let lines: Vec<Value> = lines.collect();
        let fault = |code: &str, line: usize| json!({"code": code, "message": code, "line": line});
        let other = |line: &Value| line["url"] != asked["endpoint"] || line["method"] != "POST";
        let fault = match (lines.iter().position(other), twice(&lines)) {
            (Some(line), _) => Some(fault("url_mismatch", line + 1)),
            (None, Some(line)) => Some(fault("duplicate_custom_id", line + 1)),
            (None, None) => None,
        };
        let path = text("endpoint").strip_prefix("/v1").unwrap_or(text("endpoint"));
        let file = text("input_file_id").to_owned();
        let openai = Some((file, asked["endpoint"].clone(), asked["metadata"].clone()));
        let new = New { lines: &lines, key: "body", path, openai, fault };
        Some(self.begin(seen, script, log, new))
    }

    fn begin_anthropic(&self, seen: &Seen, script: &Script, log: &Log) -> Option<Response> {
        let lines = seen.body["requests"].as_array().map_or(&[][..], Vec::as_slice);
        if lines.is_empty() || twice(lines).is_some() {
            return Some(error(400, "requests: at least one, each with another custom_id"));
        }
        let new = New { lines, key: "params", path: "/messages", openai: None, fault: None };
        Some(self.begin(seen, script, log, new))
    }

    /// Answers the lines of a new batch.
    fn begin(&self, seen: &Seen, script: &Script, log: &Log, new: New) -> Response {
        let New { lines, key, path, openai, fault } = new;
        let nth = self.lock().batches.len();
        let ends = &script.batch_ends;
        let end = ends.get(nth).or(ends.last()).copied().unwrap_or_default();
        let answers = match end {
            _ if fault.is_some() => 0,
            BatchEnd::Whole => lines.len(),
            BatchEnd::Expired(n) | BatchEnd::Cancelled(n) | BatchEnd::Refused(n) => n,
        };
        let mut outcomes = Vec::new();
        for (i, line) in lines.iter().enumerate() {
            let outcome = match i < answers {
                true => outcome(seen, &line[key], path, script, log),
                false => Outcome::Unasked,
            };
            outcomes.push((line["custom_id"].as_str().unwrap_or_default().to_owned(), outcome));
        }
        // In an order that is not that of the requests, and always the same.
        outcomes.sort_by_key(|(id, _)| hash(id));
        let id = format!("{}_{nth}", if openai.is_some() { "batch" } else { "msgbatch" });
        let batch = Batch { id, openai, outcomes, end, polls: script.polls, fault };
        let told = Response::json(200, &batch.told(true));
        self.lock().batches.push(batch);
        told
    }

    fn poll(&self, id: &str) -> Option<Response> {
        let mut state = self.lock();
        let batch = state.batches.iter_mut().find(|batch| batch.id == id)?;
        let works = batch.polls > 0;
        batch.polls = batch.polls.saturating_sub(1);
        Some(Response::json(200, &batch.told(works)))
    }

    /// A page of the batches of one provider, the newest first.
    fn list(&self, seen: &Seen, openai: bool) -> Response {
        let asked = |key: &str| {
            let query = seen.path.split_once('?').map_or("", |(_, query)| query);
            query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
        };
        let limit = asked("limit").and_then(|limit| limit.parse().ok()).unwrap_or(20);
        let after = asked(if openai { "after" } else { "after_id" });
        let mut state = self.lock();
        let mut batches: Vec<&Batch> =
            state.batches.iter().rev().filter(|batch| batch.openai.is_some() == openai).collect();
        if let Some(after) = after {
            let start = batches.iter().position(|batch| batch.id == after);
            batches.drain(..start.map_or(batches.len(), |start| start + 1));
        }
        let has_more = batches.len() > limit;
        batches.truncate(limit);
        let data: Vec<Value> = batches.iter().map(|batch| batch.told(batch.polls > 0)).collect();
        let id = |batch: Option<&&Batch>| batch.map(|batch| batch.id.clone());
        let (first, last) = (id(batches.first()), id(batches.last()));
        let list = json!({"object": "list", "data": data, "first_id": first, "last_id": last,
                          "has_more": has_more});
        drop(batches);
        // Time goes on for whoever only reads the list, too.
        for batch in &mut state.batches {
            batch.polls = batch.polls.saturating_sub(1);
        }
        Response::json(200, &list)
    }

    /// A file of OpenAI's, named after its batch.
    fn content(&self, file: &str) -> Option<Response> {
        let (kind, id) = file.strip_prefix("file-")?.split_once('-')?;
        let state = self.lock();
        let batch = state.batches.iter().find(|batch| batch.id == id)?;
        let lines = batch.outcomes.iter().filter_map(|(id, outcome)| {
            let (good, line) = batch.openai_line(id, outcome)?;
            (good == (kind == "out")).then(|| format!("{line}\n"))
        });
        Some(Response::new(200, "application/jsonl", lines.collect::<String>()))
    }

    fn results(&self, id: &str) -> Option<Response> {
        let state = self.lock();
        let batch = state.batches.iter().find(|batch| batch.id == id && batch.polls == 0)?;
        let lines = batch.outcomes.iter().map(|(id, outcome)| {
            let line = json!({"custom_id": id, "result": batch.anthropic_result(outcome)});
            format!("{line}\n")
        });
        Some(Response::new(200, "application/x-jsonl", lines.collect::<String>()))
    }

    /// A rule that panicked leaves the batches whole, so a poisoned lock is no reason to stop.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    /// The batch as its provider tells of it.
    fn told(&self, works: bool) -> Value {
        let count = |is: fn(&Outcome) -> bool| self.outcomes.iter().filter(|(_, o)| is(o)).count();
        let total = self.outcomes.len();
        let good = count(|o| matches!(o, Outcome::Answered(200, _)));
        let unasked = count(|o| matches!(o, Outcome::Unasked));
        let bad = total - good - unasked;
        let Some((file, endpoint, metadata)) = &self.openai else {
            let unasked = |end: bool| if end && !works { unasked } else { 0 };
            let refused = unasked(matches!(self.end, BatchEnd::Refused(_)));
            let id = &self.id;
            // As documented: on a host of its own, whatever the client takes for the base URL.
            let url = format!("https://api.anthropic.com/v1/messages/batches/{id}/results");
            return json!({"id": id, "type": "message_batch", "archived_at": null,
                "processing_status": if works { "in_progress" } else { "ended" },
                "request_counts": {
                    "processing": if works { total } else { 0 },
                    "succeeded": if works { 0 } else { good },
                    "errored": if works { 0 } else { bad + refused },
                    "canceled": unasked(matches!(self.end, BatchEnd::Cancelled(_))),
                    "expired": unasked(matches!(self.end, BatchEnd::Expired(_))),
                },
                "created_at": "2026-01-02T03:04:05Z", "expires_at": "2026-01-03T03:04:05Z",
                "results_url": if works { Value::Null } else { json!(url) }});
        };
        let status = match self.end {
            _ if works => "in_progress",
            _ if self.fault.is_some() => "failed",
            BatchEnd::Whole => "completed",
            BatchEnd::Expired(_) => "expired",
            BatchEnd::Cancelled(_) => "cancelled",
            BatchEnd::Refused(_) => "failed",
        };
        let refusal = json!({"code": "token_limit_exceeded", "message": "too much is enqueued"});
        let fault = self.fault.as_ref().unwrap_or(&refusal);
        let errors = json!({"object": "list", "data": [fault]});
        // A file that would be empty is not there.
        let file_of = |kind: &str, any: bool| match any && !works {
            true => json!(format!("file-{kind}-{}", self.id)),
            false => Value::Null,
        };
        let errs = bad > 0 || (unasked > 0 && matches!(self.end, BatchEnd::Expired(_)));
        json!({"id": self.id, "object": "batch", "endpoint": endpoint, "status": status,
            "errors": if status == "failed" { errors } else { Value::Null },
            "input_file_id": file, "completion_window": "24h",
            "output_file_id": file_of("out", good > 0),
            "error_file_id": file_of("err", errs),
            "created_at": 1_700_000_000,
            "request_counts": {"total": total, "completed": if works { 0 } else { good },
                               "failed": if works { 0 } else { bad }},
            "metadata": metadata})
    }

    /// A line of OpenAI's, and whether it belongs to the replies and not to the errors.
    fn openai_line(&self, id: &str, outcome: &Outcome) -> Option<(bool, Value)> {
        let line = |response: Value, error: Value| {
            let request = format!("batch_req_{:016x}", hash(id));
            json!({"id": request, "custom_id": id, "response": response, "error": error})
        };
        let failed = |code: &str| line(Value::Null, json!({"code": code, "message": code}));
        match outcome {
            Outcome::Answered(status, body) => {
                let response = json!({"status_code": status, "request_id": "req", "body": body});
                Some((*status == 200, line(response, Value::Null)))
            }
            Outcome::Broken => Some((false, failed("server_error"))),
            Outcome::Unasked => {
                matches!(self.end, BatchEnd::Expired(_)).then(|| (false, failed("batch_expired")))
            }
        }
    }

    fn anthropic_result(&self, outcome: &Outcome) -> Value {
        let errored = |kind: &str, said: &str| {
            let error = json!({"type": kind, "message": said});
            json!({"type": "errored", "error": {"type": "error", "error": error}})
        };
        match outcome {
            Outcome::Answered(200, body) => json!({"type": "succeeded", "message": body}),
            Outcome::Answered(status, body) => {
                let by_status = match status {
                    400 => "invalid_request_error",
                    401 => "authentication_error",
                    404 => "not_found_error",
                    413 => "request_too_large",
                    429 => "rate_limit_error",
                    529 => "overloaded_error",
                    _ => "api_error",
                };
                let said = body["error"]["message"].as_str().or(body.as_str()).unwrap_or("failed");
                errored(body["error"]["type"].as_str().unwrap_or(by_status), said)
            }
            Outcome::Broken => errored("api_error", "Internal server error"),
            Outcome::Unasked => match self.end {
                BatchEnd::Expired(_) => json!({"type": "expired"}),
                BatchEnd::Cancelled(_) => json!({"type": "canceled"}),
                _ => errored("invalid_request_error", "refused"),
            },
        }
    }
}

/// Whether an action is a response, or the lack of one, whatever was asked.
fn is_response(action: &Action) -> bool {
    use Action::{Close, HalfStatus, Hang, Html, Json, Status, WrongShape};
    matches!(action, Json(..) | Status(..) | HalfStatus(..) | Html | Close | Hang | WrongShape)
}

/// What the script makes of a request of a batch.
fn outcome(batch: &Seen, body: &Value, path: &str, script: &Script, log: &Log) -> Outcome {
    let path = format!("/v1{path}");
    let (method, headers, at) = (batch.method.clone(), batch.headers.clone(), batch.at);
    let seen = Seen { method, path, headers, body: body.clone(), at };
    let mut action = (script.rule)(&seen, log.arrive_in_batch(&seen));
    // A batch takes its time anyway.
    while let Action::After(_, then) = action {
        action = *then;
    }
    match answer::deliver(action, &seen) {
        Delivery::Whole(response) | Delivery::Slow(response, _) => {
            let text = || json!(String::from_utf8_lossy(&response.body));
            let body = serde_json::from_slice(&response.body).unwrap_or_else(|_| text());
            Outcome::Answered(response.status, body)
        }
        _ => Outcome::Broken,
    }
}

/// The first line whose custom id was there before.
fn twice(lines: &[Value]) -> Option<usize> {
    let mut ids = std::collections::HashSet::new();
    lines.iter().position(|line| !ids.insert(line["custom_id"].as_str()))
}

/// A part of a form, by its name.
fn part<'a>(seen: &Seen, raw: &'a [u8], name: &str) -> Option<&'a str> {
    let (_, boundary) = seen.header("content-type")?.split_once("boundary=")?;
    let divider = format!("--{}", boundary.trim_matches('"'));
    let name = format!("name=\"{name}\"");
    let parts = std::str::from_utf8(raw).ok()?.split(divider.as_str());
    let parts = parts.filter_map(|part| part.split_once("\r\n\r\n"));
    let (_, content) = parts.into_iter().find(|(head, _)| head.contains(&name))?;
    content.strip_suffix("\r\n")
}
