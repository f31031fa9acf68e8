//! Models, embedders and classifiers: three small traits, and one file a provider.

pub mod anthropic;
pub mod batch;
pub mod embeddings;
pub mod google;
pub mod grader;
pub mod http;
pub mod limits;
pub mod moderation;
pub mod openai;
pub mod perspective;
pub mod preset;
pub mod provider;
pub mod tei_classifier;
pub mod tei_embedder;
mod window;

use std::time::Duration;

use clinic_core::exchange::{Reply, Request};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use limits::Told;

/// Answers requests. Called from many tasks at once; a call that is dropped is given up.
pub trait Model: Send + Sync {
    /// Name and revision: part of every content key, so it must change when answers would.
    fn identity(&self) -> &str;

    /// Requests that this model works on at once, where that is fixed (sequences in a batch).
    fn width(&self) -> Option<usize> {
        None
    }

    /// Whether bare text can be continued, without a chat template.
    fn takes_raw(&self) -> bool {
        true
    }

    /// What the provider told of its limits since this was asked last.
    fn told(&self) -> Option<Told> {
        None
    }

    /// One attempt at one request. Retries belong to the caller.
    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>>;
}

/// Turns texts into vectors, one a text, in order. A text is embedded whole or refused as
/// [`Failure::TooLong`], never cut. What is no number comes as NaN; the caller refuses such vectors.
pub trait Embedder: Send + Sync {
    /// Name and revision: part of every content key.
    fn identity(&self) -> &str;

    /// Batches that this embedder works on at once, where that is fixed.
    fn width(&self) -> Option<usize> {
        None
    }

    /// What the provider told of its limits since this was asked last.
    fn told(&self) -> Option<Told> {
        None
    }

    /// One attempt at one batch of texts.
    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>>;
}

/// Grades the toxicity of texts by a model that was trained for nothing else.
pub trait Classifier: Send + Sync {
    /// Name and revision: part of every content key, so it must change when grades would.
    fn identity(&self) -> &str;

    /// Which of its numbers is taken, for the results.
    fn measures(&self) -> &str;

    /// What the provider told of its limits since this was asked last.
    fn told(&self) -> Option<Told> {
        None
    }

    /// One attempt at one text in the language of this tag (BCP 47).
    fn classify(&self, text: String, language: String) -> BoxFuture<'_, Result<Grade, ModelError>>;
}

/// What a classifier makes of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// How toxic it is, from 0 to 1.
    Toxicity(f64),
    /// Why the classifier does not grade it, however often it is asked.
    NotGraded(String),
}

impl Grade {
    /// A number that a classifier gave, which must be one from 0 to 1.
    fn read(value: &serde_json::Value) -> Result<Self, ModelError> {
        match value.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => Ok(Self::Toxicity(number)),
            _ => {
                let why = format!("the grade is {value} and not a number from 0 to 1");
                Err(ModelError::new(Failure::Malformed, why))
            }
        }
    }
}

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    /// What sort of failure, which decides whether to try again.
    pub kind: Failure,
    /// What happened, fit for a person; never holds a key.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

/// Sorts of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection.
    Connection,
    /// The connection broke before the answer was whole.
    Broken,
    /// No answer in time.
    Timeout,
    /// The provider asks to slow down (429).
    Busy,
    /// The provider has too much to do (503, 529).
    Overloaded,
    /// The provider failed (5xx).
    Server,
    /// The answer was not of the protocol's shape.
    Malformed,
    /// The run was asked to stop before the answer came.
    Stopped,
    /// This request will never be answered.
    Rejected,
    /// What was sent is longer than the model takes.
    TooLong,
    /// Refused as a whole (403, 404, a redirect): no request will be answered, or just not this one.
    Refused,
    /// No request will be answered: wrong key, no credit.
    Unusable,
}

impl Failure {
    /// Whether the same request may succeed later.
    pub fn is_transient(self) -> bool {
        !matches!(self, Self::Rejected | Self::TooLong | Self::Refused | Self::Unusable)
    }

    /// Whether the provider may have worked for it, and may ask for money.
    pub fn may_be_charged(self) -> bool {
        matches!(self, Self::Broken | Self::Timeout | Self::Malformed)
    }

    /// Its name in logs and counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connection => "no connection",
            Self::Broken => "broken off",
            Self::Timeout => "timed out",
            Self::Busy => "turned away",
            Self::Overloaded => "overloaded",
            Self::Server => "server error",
            Self::Malformed => "malformed",
            Self::Stopped => "stopped",
            Self::Rejected => "rejected",
            Self::TooLong => "too long",
            Self::Refused => "refused",
            Self::Unusable => "unusable",
        }
    }

    /// Whether the fault lies with what was sent, so that part of it may be answered.
    pub fn blames_request(self) -> bool {
        matches!(self, Self::Rejected | Self::TooLong)
    }
}

/// More tokens than any model takes or writes: such a count is no count.
const MOST_TOKENS: u64 = 100_000_000;

/// A number of tokens as a provider tells it; 0 where it tells none that can be true.
fn tokens(value: &serde_json::Value) -> u64 {
    value.as_u64().filter(|tokens| *tokens <= MOST_TOKENS).unwrap_or(0)
}

impl ModelError {
    /// An error without a wish for when to come back.
    pub fn new(kind: Failure, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}
