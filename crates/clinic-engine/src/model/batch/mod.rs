//! Batch endpoints: many requests handed in at once and answered within a day, at half the price.
//! One trait, and one file a provider.

mod anthropic;
mod openai;
mod results;

use std::collections::HashSet;

use clinic_core::exchange::{Reply, Request};
use futures::future::BoxFuture;
use serde_json::Value;

use super::{Failure, ModelError};

pub use anthropic::AnthropicBatch;
pub use openai::OpenAiBatch;

/// What became of the requests of a batch, in the order of their custom ids.
pub type Outcomes = Vec<(String, Result<Reply, ModelError>)>;

/// Hands batches to a provider and fetches what became of them. One call is one attempt; retries
/// belong to the caller, and before `submit` is tried again, `find` must be asked.
pub trait BatchApi: Send + Sync {
    /// The most requests of a batch, and the most bytes that their [`size`](Self::size)s sum to.
    fn largest(&self) -> (usize, usize);

    /// The bytes that a request takes in a batch.
    fn size(&self, custom_id: &str, request: &Request) -> usize;

    /// Hands in a batch under a label and gives its id. The string beside each request is its custom
    /// id, of 64 hexadecimal digits, and no two are the same.
    ///
    /// # Errors
    /// [`Failure::TooLong`] where the batch is larger than [`largest`](Self::largest) and
    /// [`Failure::Rejected`] where it is no batch at all, both before anything is sent; and all that
    /// can go wrong in an exchange. After [`Failure::Connection`], [`Failure::Timeout`],
    /// [`Failure::Server`] and [`Failure::Malformed`] the provider may have the batch nevertheless.
    fn submit<'a>(
        &'a self,
        label: &'a str,
        requests: &'a [(String, Request)],
    ) -> BoxFuture<'a, Result<String, ModelError>>;

    /// The id of a batch that was handed in under this label with these custom ids, should its
    /// id have been lost; none where the provider has no such batch.
    ///
    /// # Errors
    /// [`Failure::Busy`] where it cannot be told yet, and all that can go wrong in an exchange.
    fn find<'a>(
        &'a self,
        label: &'a str,
        custom_ids: &'a [String],
    ) -> BoxFuture<'a, Result<Option<String>, ModelError>>;

    /// How far a batch is.
    fn status<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<BatchStatus, ModelError>>;

    /// What became of the requests of a batch that is no longer worked on. A request
    /// that the provider says nothing of, or nothing that can be read, is not in it; one with two
    /// different results has an error.
    ///
    /// # Errors
    /// [`Failure::Busy`] while the batch is worked on, [`Failure::Malformed`] where a file holds no
    /// results at all, and all that can go wrong in an exchange.
    fn results<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Outcomes, ModelError>>;
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchStatus {
    /// It is worked on.
    Working {
        /// Requests with a reply so far; some providers tell only at the end.
        done: u64,
        /// Requests that failed so far.
        failed: u64,
        /// All of its requests, where that is told.
        total: Option<u64>,
    },
    /// Every request has a result.
    Ended,
    /// It was refused as a whole, expired or was cancelled. Some requests may have results.
    Failed {
        /// What happened, fit for a person.
        why: String,
    },
}

/// Refuses what no provider takes for a batch.
fn check(largest: (usize, usize), requests: &[(String, Request)]) -> Result<(), ModelError> {
    let rejected = |why: String| Err(ModelError::new(Failure::Rejected, why));
    if requests.is_empty() {
        return rejected("a batch needs at least one request".to_owned());
    }
    if requests.len() > largest.0 {
        let why = format!("{} requests are more than the {} of a batch", requests.len(), largest.0);
        return Err(ModelError::new(Failure::TooLong, why));
    }
    let mut ids = HashSet::new();
    for (id, _) in requests {
        if !is_custom_id(id) {
            return rejected(format!("'{id}' is no custom id of 64 hexadecimal digits"));
        }
        if !ids.insert(id) {
            return rejected(format!("the custom id {id} is there twice"));
        }
    }
    Ok(())
}

/// Refuses a batch of more bytes than a provider takes.
fn check_bytes(bytes: usize, most: usize) -> Result<(), ModelError> {
    if bytes <= most {
        return Ok(());
    }
    let why = format!("{bytes} bytes of requests are more than the {most} of a batch");
    Err(ModelError::new(Failure::TooLong, why))
}

/// Whether this is a custom id of ours.
fn is_custom_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An id of the provider's that is fit for a path: it names one thing and leads nowhere else.
fn identifier(value: &Value) -> Result<&str, ModelError> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | ':');
    match value.as_str() {
        Some(id) if id.chars().all(fit) && id.chars().any(|c| c.is_ascii_alphanumeric()) => Ok(id),
        _ => Err(malformed(format!("the provider's id {value} is none"))),
    }
}

fn malformed(why: impl Into<String>) -> ModelError {
    ModelError::new(Failure::Malformed, why)
}

/// What is said of a batch whose results are asked for too early.
fn too_early() -> ModelError {
    ModelError::new(Failure::Busy, "the batch is still worked on")
}

/// Pages of a list of batches that are read at most.
const MOST_PAGES: usize = 1_000;

/// The batches of a page, and where the next one begins.
fn page(body: &Value) -> Result<(&[Value], Option<&str>), ModelError> {
    let data =
        body["data"].as_array().ok_or_else(|| malformed("the list of batches has no data"))?;
    let last = match &body["last_id"] {
        Value::Null => data.last().map_or(&Value::Null, |batch| &batch["id"]),
        last => last,
    };
    let next = match body["has_more"].as_bool() {
        Some(true) => Some(identifier(last)?),
        _ => None,
    };
    Ok((data, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::exchange::{Prompt, Sampling};
    use serde_json::json;

    fn request(id: &str) -> (String, Request) {
        let sampling = Sampling {
            max_tokens: 9,
            reasoning_tokens: 0,
            temperature: None,
            top_p: None,
            seed: 1,
        };
        (id.to_owned(), Request { prompt: Prompt::user("hi"), sampling, schema: None })
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        let (one, other) = ("a".repeat(64), "0".repeat(64));
        let kind = |requests: &[_]| check((2, 0), requests).map_err(|error| error.kind);
        assert_eq!(kind(&[request(&one), request(&other)]), Ok(()));
        assert_eq!(kind(&[]), Err(Failure::Rejected));
        assert_eq!(kind(&[request("short")]), Err(Failure::Rejected));
        assert_eq!(kind(&[request(&one), request(&one)]), Err(Failure::Rejected));
        let three = [request(&one), request(&other), request(&"1".repeat(64))];
        assert_eq!(kind(&three), Err(Failure::TooLong));
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        for id in ["batch_6a856dc9", "file-abc123", "bGl0ZWxs=="] {
            assert_eq!(identifier(&json!(id)).unwrap(), id);
        }
        for id in [json!(".."), json!("a/b"), json!("a?b"), json!("a#b"), json!(""), json!(7)] {
            assert!(identifier(&id).is_err(), "{id}");
        }
    }

    #[test]
    fn pages_say_where_the_next_one_begins() {
        let next = |body: Value| page(&body).map(|(_, next)| next.map(str::to_owned)).ok();
        assert_eq!(next(json!({"data": [], "has_more": false, "last_id": "a"})), Some(None));
        let more = json!({"data": [{"id": "b"}], "has_more": true, "last_id": "a"});
        assert_eq!(next(more), Some(Some("a".into())));
        let unsaid = json!({"data": [{"id": "b"}], "has_more": true, "last_id": null});
        assert_eq!(next(unsaid), Some(Some("b".into())));
        assert_eq!(next(json!({"data": [], "has_more": true})), None);
        assert_eq!(next(json!({"error": "x"})), None);
    }
}
