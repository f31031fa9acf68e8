//! One HTTP exchange with a provider: what is common to all endpoints.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clinic_core::plain::plain;
use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout;

use super::limits::{self, Told};
use super::{Failure, ModelError};

/// No honest answer is longer than this many bytes, and as many as there are connections may be held.
const LARGEST_BODY: usize = 8 << 20;

/// No honest file of results is longer than this many bytes.
const LARGEST_FILE: u64 = 4 << 30;

/// What a large file may take to arrive.
const LONGEST: Duration = Duration::from_secs(3 * 3600);

/// The slowest line that a large file is sent over, in bytes a second.
const SLOWEST: u64 = 50_000;

/// Keys that are shorter are placeholders, such as `EMPTY`, which an answer may hold by right.
const SHORTEST_SECRET: usize = 16;

/// How to reach a provider.
pub struct Endpoint {
    client: reqwest::Client,
    base_url: String,
    key: Option<SecretString>,
    key_header: Option<&'static str>,
    header: Option<(&'static str, &'static str)>,
    first_byte: Duration,
    silence: Duration,
    /// For a whole exchange, and for each piece of one that is longer.
    patience: Duration,
    told: Mutex<Option<Told>>,
}

/// What a provider answered, of any status, without the key.
pub(super) struct Answer {
    pub status: StatusCode,
    /// How long it asks to wait.
    pub wait: Option<Duration>,
    bytes: Vec<u8>,
}

impl Answer {
    /// The body; null where it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

/// Limits in time.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// For the first byte of an answer, which comes when the answer is written.
    pub first_byte: Duration,
    /// Between two pieces of an answer that has begun.
    pub silence: Duration,
    /// For the whole exchange.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(10),
            first_byte: seconds(600),
            silence: seconds(60),
            whole: seconds(600),
        }
    }
}

impl Endpoint {
    /// An endpoint at `base_url`, such as `https://api.openai.com/v1`.
    pub fn new(
        base_url: &str,
        key: Option<SecretString>,
        timeouts: Timeouts,
    ) -> Result<Self, ModelError> {
        let unusable = |why: String| ModelError::new(Failure::Unusable, why);
        let url = reqwest::Url::parse(base_url)
            .map_err(|e| unusable(format!("'{base_url}' is not an address: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unusable(format!("'{base_url}' is not an http or https address")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("keys belong in the environment, not in an address".to_owned()));
        }
        // A redirect could carry the key to another host, so none is followed.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.whole)
            .tcp_nodelay(true)
            .user_agent(concat!("clinic/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| unusable(format!("no HTTP client: {e}")))?;
        Ok(Self {
            client,
            base_url: base_url.trim_end_matches('/').to_owned(),
            key,
            key_header: None,
            header: None,
            first_byte: timeouts.first_byte,
            silence: timeouts.silence,
            patience: timeouts.whole,
            told: Mutex::new(None),
        })
    }

    /// Sends the key in this header and not as a bearer.
    pub fn key_header(mut self, name: &'static str) -> Self {
        self.key_header = Some(name);
        self
    }

    /// Sends this header with every request.
    pub fn header(mut self, header: (&'static str, &'static str)) -> Self {
        self.header = Some(header);
        self
    }

    /// What the provider told of its limits since this was asked last.
    pub fn told(&self) -> Option<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The address without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Posts JSON and reads JSON; the answer's status must be 200.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ModelError> {
        self.accept(&self.send(path, body).await?)
    }

    /// Gets JSON; the answer's status must be 200.
    pub async fn get(&self, path: &str) -> Result<Value, ModelError> {
        let url = format!("{}{path}", self.base_url);
        self.accept(&self.exchange(self.client.get(url), self.first_byte).await?)
    }

    /// Posts JSON and takes whatever comes.
    pub(super) async fn send(&self, path: &str, body: &Value) -> Result<Answer, ModelError> {
        let url = format!("{}{path}", self.base_url);
        self.exchange(self.client.post(url).json(body), self.first_byte).await
    }

    /// Posts bytes of this type, with the time that they need, and reads JSON; the status must be 200
    /// or 201.
    pub(super) async fn upload(
        &self,
        path: &str,
        kind: String,
        bytes: Vec<u8>,
    ) -> Result<Value, ModelError> {
        let url = format!("{}{path}", self.base_url);
        let time = self.patience + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let request = self.client.post(url).header(CONTENT_TYPE, kind).timeout(time);
        let mut answer = self.exchange(request.body(bytes), time).await?;
        if answer.status == StatusCode::CREATED {
            answer.status = StatusCode::OK;
        }
        self.accept(&answer)
    }

    /// Gets lines and hands each over, without its end and without the key, until one is not to be
    /// followed by others. A file of any length is never held as a whole.
    pub(super) async fn lines(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> ControlFlow<()> + Send,
    ) -> Result<(), ModelError> {
        let url = format!("{}{path}", self.base_url);
        let silent = |_| ModelError::new(Failure::Timeout, "no answer in time");
        let request = self.client.get(url).timeout(LONGEST);
        let response = self.open(request, self.patience).await?;
        if response.status() != StatusCode::OK {
            let answer = timeout(self.patience, self.whole(response)).await.map_err(silent)??;
            return self.accept(&answer).map(drop);
        }
        let malformed = |why: &str| ModelError::new(Failure::Malformed, why);
        let (mut line, mut total) = (Vec::new(), 0);
        let mut stream = response.bytes_stream();
        loop {
            let next = timeout(self.patience, stream.next()).await;
            let Some(chunk) = next.map_err(silent)? else { break };
            let chunk = chunk.map_err(|e| transport(&e))?;
            total += chunk.len() as u64;
            if total > LARGEST_FILE {
                return Err(malformed("the file is longer than 4 GiB"));
            }
            for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(piece);
                if line.len() > LARGEST_BODY {
                    return Err(malformed("a line is longer than 8 MiB"));
                }
                if line.ends_with(b"\n") {
                    line = self.without_key(line);
                    if take(line.trim_ascii()).is_break() {
                        return Ok(());
                    }
                    line.clear();
                }
            }
        }
        let _ = take(self.without_key(line).trim_ascii());
        Ok(())
    }

    async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
        first_byte: Duration,
    ) -> Result<Answer, ModelError> {
        self.whole(self.open(request, first_byte).await?).await
    }

    /// Sends a request with the key; `first_byte` is how long the answer may take to begin.
    async fn open(
        &self,
        mut request: reqwest::RequestBuilder,
        first_byte: Duration,
    ) -> Result<reqwest::Response, ModelError> {
        if let Some(key) = &self.key {
            request = match self.key_header {
                Some(name) => request.header(name, key.expose_secret()),
                None => request.bearer_auth(key.expose_secret()),
            };
        }
        if let Some((name, value)) = self.header {
            request = request.header(name, value);
        }
        let late = || ModelError::new(Failure::Timeout, "no answer in time");
        let response = timeout(first_byte, request.send()).await.map_err(|_| late())?;
        let response = response.map_err(|e| transport(&e))?;
        if let Some(told) = Told::read(response.headers()) {
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
        }
        trace(&response);
        Ok(response)
    }

    async fn whole(&self, response: reqwest::Response) -> Result<Answer, ModelError> {
        let status = response.status();
        let wait = limits::retry_after(response.headers());
        let late = || ModelError::new(Failure::Timeout, "no end of the answer in time");
        let mut bytes = Vec::new();
        let mut stream = response.bytes_stream();
        loop {
            let chunk = timeout(self.silence, stream.next()).await.map_err(|_| late())?;
            let Some(chunk) = chunk else { break };
            bytes.extend_from_slice(&chunk.map_err(|e| transport(&e))?);
            if bytes.len() > LARGEST_BODY {
                let why = format!("the answer is longer than {} MiB", LARGEST_BODY >> 20);
                return Err(ModelError::new(Failure::Malformed, why));
            }
        }
        Ok(Answer { status, wait, bytes: self.without_key(bytes) })
    }

    /// The JSON of an answer whose status is 200.
    pub(super) fn accept(&self, answer: &Answer) -> Result<Value, ModelError> {
        if answer.status != StatusCode::OK {
            let mut error = self.refused(answer.status, &answer.bytes);
            error.retry_after = answer.wait.or_else(|| delay(&answer.json()));
            return Err(error);
        }
        serde_json::from_slice(&answer.bytes).map_err(|e| {
            let why = format!("the answer is not JSON ({e}): {}", self.snippet(&answer.bytes));
            ModelError::new(Failure::Malformed, why)
        })
    }

    /// The error that an answer of this status is.
    pub(super) fn refused(&self, status: StatusCode, body: &[u8]) -> ModelError {
        let said = self.said(body);
        let kind = match status.as_u16() {
            401 | 402 => Failure::Unusable,
            // Waiting gives nobody credit.
            400 | 429 if no_credit(body) => Failure::Unusable,
            300..=399 | 403..=405 => Failure::Refused,
            413 => Failure::TooLong,
            429 => Failure::Busy,
            503 | 529 => Failure::Overloaded,
            408 | 409 | 424 | 425 | 500.. => Failure::Server,
            _ => Failure::Rejected,
        };
        let hint = match status.as_u16() {
            400 | 402 | 429 if kind == Failure::Unusable => "; see to the credit of the account",
            401 | 403 => "; check the key",
            404 => "; check the model's name and --base-url",
            300..=399 => "; redirects are not followed, give the final address",
            _ => "",
        };
        ModelError::new(kind, format!("{status}: {said}{hint}"))
    }

    /// What an answer says of its error.
    pub(super) fn said_in(&self, answer: &Answer) -> String {
        self.said(&answer.bytes)
    }

    fn said(&self, body: &[u8]) -> String {
        let said = serde_json::from_slice::<Value>(body).ok().and_then(|body| {
            let error = &body["error"];
            let message = error["message"].as_str().or(error.as_str()).or(body["message"].as_str());
            message.map(|message| self.snippet(message.as_bytes()))
        });
        said.unwrap_or_else(|| self.snippet(body))
    }

    /// The beginning of a body, fit to print: no control codes, no key.
    fn snippet(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(key) = &self.key
            && !key.expose_secret().is_empty()
        {
            text = text.replace(key.expose_secret(), "[key]");
        }
        let text = plain(&text, 200);
        if text.is_empty() { "(no text)".to_owned() } else { text }
    }

    /// A body without the key, should the server send it back: answers are kept and passed on.
    fn without_key(&self, bytes: Vec<u8>) -> Vec<u8> {
        let key = self.key.as_ref().map_or("", |key| key.expose_secret());
        let holds = |bytes: &[u8]| bytes.windows(key.len()).any(|part| part == key.as_bytes());
        if key.len() < SHORTEST_SECRET || !holds(&bytes) {
            return bytes;
        }
        String::from_utf8_lossy(&bytes).replace(key, "[key]").into_bytes()
    }
}

/// Whether an error says that the account has no credit left, as OpenAI and Anthropic word it.
fn no_credit(body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["error"];
    let is = |key: &str| error[key].as_str() == Some("insufficient_quota");
    let said = error["message"].as_str().unwrap_or_default();
    is("code") || is("type") || said.contains("credit balance is too low")
}

/// Logs by which name the provider knows a request.
fn trace(response: &reqwest::Response) {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let request = ["x-request-id", "request-id", "apim-request-id"].into_iter().find_map(header);
    tracing::debug!(
        target: "clinic::http", status = response.status().as_u16(), provider_request = request,
        "response"
    );
}

/// The wait in the body of an error of Google's, such as "34.07s".
fn delay(body: &Value) -> Option<Duration> {
    let details = body["error"]["details"].as_array()?;
    let delay = details.iter().find_map(|detail| detail["retryDelay"].as_str())?;
    limits::seconds(delay.strip_suffix('s')?)
}

fn transport(error: &reqwest::Error) -> ModelError {
    let kind = match error {
        _ if error.is_connect() => Failure::Connection,
        _ if error.is_timeout() => Failure::Timeout,
        _ => Failure::Broken,
    };
    // The chain holds the reason (refused, reset, DNS); its first link only repeats the address.
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let what = match kind {
        Failure::Connection => "no connection",
        Failure::Timeout => "no answer in time",
        _ => "the connection broke",
    };
    ModelError::new(kind, format!("{what}: {deepest}"))
}
