//! Asking: replies that were paid for before, and the way through the gates for all others.

use std::sync::Arc;

use clinic_core::digest;
use clinic_core::exchange::{Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::cache::Cache;
use super::event::Stop;
use super::store::{Store, StoreError, text};
use super::turns::Turns;
use super::writer::Write;
use crate::model::limits::Told;
use crate::model::{Classifier, Grade, Model, ModelError};
use crate::pace::{Broke, Call, Gates, Metered};

/// The content key of a request to a model.
pub(super) fn key(identity: &str, request: &Request) -> String {
    digest::hex(&[identity.as_bytes(), text(request).as_bytes()])
}

/// What a request may take at most.
pub(super) fn call<'a>(key: &'a str, request: &Request) -> Call<'a> {
    let sampling = &request.sampling;
    let schema = request.schema.as_ref().map_or(0, |schema| schema.to_string().len());
    Call {
        key,
        bytes: request.prompt.bytes() + schema,
        tokens: u64::from(sampling.max_tokens) + u64::from(sampling.reasoning_tokens),
    }
}

/// Asks models; every reply is stored before it is given.
#[derive(Clone)]
pub struct Caller {
    /// Where replies are kept.
    pub store: Arc<Store>,
    /// Replies of other runs.
    pub cache: Option<Arc<Cache>>,
    /// The way to each endpoint.
    pub gates: Arc<Gates>,
    /// A wish to stop, which ends the waiting.
    pub stop: Arc<Stop>,
    /// Equal requests take turns, so that the second finds the first one's reply.
    pub turns: Turns,
}

/// Why a call has no reply.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The model gave none.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run was asked to stop before the model had answered.
    #[error("the run was stopped")]
    Stopped,
    /// It could cost more than the budget leaves.
    #[error(transparent)]
    Broke(#[from] Broke),
}

impl Caller {
    /// One request through the gate of an endpoint; tells how many attempts it took.
    pub(super) async fn through<T: Metered, F>(
        &self,
        identity: &str,
        call: Call<'_>,
        told: impl Fn() -> Option<Told>,
        attempt: impl FnMut() -> F,
    ) -> (Result<T, CallError>, u32)
    where
        F: Future<Output = Result<T, ModelError>>,
    {
        let (outcome, took) = self.gates.of(identity).call(call, told, attempt).await;
        if took.unsure > 0.0 {
            // Only the provider knows what this cost; a later session of the run must count it too.
            let charge = Write::Charge { model: identity.to_owned(), usd: took.unsure };
            let kept = async { self.store.writer()?.write(charge).await };
            if let Err(error) = kept.await {
                return (Err(error.into()), took.attempts);
            }
        }
        let outcome = outcome.map_err(|error| match error {
            // Its attempts were cut short, so nothing is known of it.
            CallError::Model(error) if self.stop.asked() && error.kind.is_transient() => {
                CallError::Stopped
            }
            error => error,
        });
        (outcome, took.attempts)
    }

    /// The reply to a request, from the store, the cache or the model.
    pub async fn ask(&self, model: &dyn Model, request: Request) -> Result<Reply, CallError> {
        let key = key(model.identity(), &request);
        let asked = text(&request);
        let call = call(&key, &request);
        let attempt = || model.generate(request.clone());
        self.kept(call, model.identity(), asked, || model.told(), attempt).await
    }

    /// The grade of a text, from the store, the cache or the classifier.
    pub async fn classify(
        &self,
        classifier: &dyn Classifier,
        graded: &str,
        language: &str,
    ) -> Result<Grade, CallError> {
        let asked = json!({"text": graded, "language": language}).to_string();
        let key = digest::hex(&[classifier.identity().as_bytes(), asked.as_bytes()]);
        let call = Call { key: &key, bytes: graded.len(), tokens: 0 };
        let grade = || classifier.classify(graded.to_owned(), language.to_owned());
        self.kept(call, classifier.identity(), asked, || classifier.told(), grade).await
    }

    /// What is under a key in the store or the cache, or else what is asked for and then kept.
    async fn kept<T, F>(
        &self,
        call: Call<'_>,
        identity: &str,
        request: String,
        told: impl Fn() -> Option<Told>,
        attempt: impl FnMut() -> F,
    ) -> Result<T, CallError>
    where
        T: Metered + Serialize + DeserializeOwned,
        F: Future<Output = Result<T, ModelError>>,
    {
        let key = call.key;
        let _turn = self.turns.wait(key).await;
        if let Some(reply) = self.store.reply(key)? {
            return Ok(reply);
        }
        let shared = self.cache.as_ref().map(|cache| cache.get(key)).transpose()?.flatten();
        let cached = shared.is_some();
        let reply: T = match shared {
            Some(reply) => reply,
            None => self.through(identity, call, told, attempt).await.0?,
        };
        let (model, kept) = (identity.to_owned(), text(&reply));
        tracing::debug!(target: "clinic::text", request, reply = kept, "judged");
        let write = Write::Call { key: key.to_owned(), model, request, reply: kept };
        self.store.writer()?.write(write).await?;
        // Kept in the run first: a cache that cannot be written must not cost a reply.
        if let (false, Some(cache)) = (cached, &self.cache) {
            cache.put(key, &reply)?;
        }
        Ok(reply)
    }
}
