//! Asking with patience: attempts, waits, and replies that were paid for before.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use clinic_core::digest;
use clinic_core::exchange::{Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::cache::Cache;
use super::event::{Event, Listener, Stop};
use super::store::{Store, StoreError, text};
use super::turns::Turns;
use super::writer::Write;
use crate::model::{Classifier, Grade, Model, ModelError};

/// How often to try, and how long to wait in between.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts after the first.
    pub retries: usize,
    /// The first wait; each further one is twice as long, with jitter.
    pub first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 4, first_wait: Duration::from_millis(500) }
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Patience {
    /// Tries until it works, fails for good, or patience or the run ends; tells how many attempts it took.
    pub(super) async fn attempt<T, F>(
        &self,
        listener: &dyn Listener,
        stop: &Stop,
        mut attempt: impl FnMut() -> F,
    ) -> (Result<T, ModelError>, u32)
    where
        F: Future<Output = Result<T, ModelError>>,
    {
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(self.first_wait)
            .with_max_delay(LONGEST_WAIT)
            .with_factor(2.0)
            .with_max_times(self.retries)
            .with_jitter()
            .build();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match attempt().await {
                Ok(value) => return (Ok(value), attempts),
                Err(error) => error,
            };
            let wait = waits.next().filter(|_| error.kind.is_transient());
            let Some(wait) = wait else { return (Err(error), attempts) };
            let wait = error.retry_after.unwrap_or(wait);
            listener.on(&Event::Retrying { message: &error.message, wait });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.wait() => return (Err(error), attempts),
            }
        }
    }
}

/// The content key of a request to a model.
pub(super) fn key(identity: &str, request: &Request) -> String {
    digest::hex(&[identity.as_bytes(), text(request).as_bytes()])
}

/// Asks models on behalf of scorers; every reply is stored before it is given.
#[derive(Clone)]
pub struct Caller {
    /// Where replies are kept.
    pub store: Arc<Store>,
    /// Replies of other runs.
    pub cache: Option<Arc<Cache>>,
    /// How often to try.
    pub patience: Patience,
    /// Who hears of retries.
    pub listener: Arc<dyn Listener>,
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
}

impl Caller {
    pub(super) async fn attempt<T, F>(&self, attempt: impl FnMut() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, ModelError>>,
    {
        if self.stop.asked() {
            return Err(CallError::Stopped);
        }
        match self.patience.attempt(self.listener.as_ref(), &self.stop, attempt).await.0 {
            // Its attempts were cut short, so nothing is known of it.
            Err(error) if self.stop.asked() && error.kind.is_transient() => Err(CallError::Stopped),
            outcome => Ok(outcome?),
        }
    }

    /// The reply to a request, from the store, the cache or the model.
    pub async fn ask(&self, model: &dyn Model, request: Request) -> Result<Reply, CallError> {
        let key = key(model.identity(), &request);
        let asked = text(&request);
        self.kept(key, model.identity(), asked, || model.generate(request.clone())).await
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
        let grade = || classifier.classify(graded.to_owned(), language.to_owned());
        self.kept(key, classifier.identity(), asked, grade).await
    }

    /// What is under a key in the store or the cache, or else what is asked for and then kept.
    async fn kept<T, F>(
        &self,
        key: String,
        model: &str,
        request: String,
        attempt: impl FnMut() -> F,
    ) -> Result<T, CallError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, ModelError>>,
    {
        let _turn = self.turns.wait(&key).await;
        if let Some(reply) = self.store.reply(&key)? {
            return Ok(reply);
        }
        let shared = self.cache.as_ref().map(|cache| cache.get(&key)).transpose()?.flatten();
        let reply: T = match shared {
            Some(reply) => reply,
            None => {
                let reply = self.attempt(attempt).await?;
                if let Some(cache) = &self.cache {
                    cache.put(&key, &reply)?;
                }
                reply
            }
        };
        let (model, kept) = (model.to_owned(), text(&reply));
        self.store.writer()?.write(Write::Call { key, model, request, reply: kept }).await?;
        Ok(reply)
    }
}
