//! A model asked through its provider's batch endpoint. Design: `docs/design/batch.md`.

mod out;
mod worker;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinic_core::exchange::{Reply, Request};
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::ask::key;
use super::event::{Listener, Stop};
use super::store::{Store, StoreError};
use crate::model::batch::BatchApi;
use crate::model::limits::Told;
use crate::model::{Failure, Model, ModelError};
use worker::{Job, Worker};

/// How batches are handed in and waited for.
#[derive(Debug, Clone, Copy)]
pub struct Batching {
    /// Between two looks at a batch that is out.
    pub poll: Duration,
    /// A batch is handed in when nobody has asked anything for this long.
    pub quiet: Duration,
    /// Fewer requests than these are asked live: no one waits a day for a handful.
    pub least: usize,
    /// Requests in a batch at most, where the provider takes more.
    pub most: usize,
    /// Live requests at once, for what a batch left out.
    pub live: usize,
    /// How long a batch that cannot be looked at is waited for; nothing: for ever.
    pub outage: Duration,
}

impl Default for Batching {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(30),
            quiet: Duration::from_secs(2),
            least: 20,
            most: 10_000,
            live: 10,
            outage: Duration::from_secs(600),
        }
    }
}

/// A batch that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpenBatch {
    /// Our name for it.
    pub label: String,
    /// The provider's, where it is known.
    pub id: Option<String>,
    /// Content keys of its requests.
    pub keys: Vec<String>,
}

impl Store {
    /// Batches that were handed in for this model.
    pub(super) fn batches(&self, identity: &str) -> Result<Vec<OpenBatch>, StoreError> {
        let batches: Vec<(String, Option<String>)> = self.read(|db| {
            db.prepare("SELECT label, id FROM batches WHERE model = ?1 ORDER BY rowid")?
                .query_map([identity], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })?;
        let whole = |(label, id): (String, Option<String>)| {
            let keys = self.read(|db| {
                db.prepare_cached("SELECT key FROM batch_calls WHERE batch = ?1")?
                    .query_map([&label], |row| row.get(0))?
                    .collect()
            })?;
            Ok(OpenBatch { label, id, keys })
        };
        batches.into_iter().map(whole).collect()
    }
}

/// What a request gets from a batch.
enum Outcome {
    Reply(Reply),
    /// The batch left it out: it is asked live.
    Live,
    /// The batch answered with what is no answer, which may be charged: the next attempt is live.
    Spoiled(ModelError),
    /// The batch never arrived: it goes into another one.
    Again,
    Failed(ModelError),
}

/// A model behind a batch endpoint: requests that come together are handed in together, and what a
/// batch does not answer is asked live.
pub struct Batched {
    inner: Arc<dyn Model>,
    jobs: mpsc::UnboundedSender<Job>,
    /// Keys that a batch has left out.
    left_out: Mutex<HashSet<String>>,
    live: Semaphore,
    stop: Arc<Stop>,
}

impl Batched {
    /// Starts to collect requests; batches of an earlier session are taken up again. Needs a runtime.
    pub fn start(
        inner: Arc<dyn Model>,
        api: Box<dyn BatchApi>,
        store: Arc<Store>,
        batching: Batching,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Result<Self, StoreError> {
        let identity = inner.identity().to_owned();
        let (jobs, queue) = mpsc::unbounded_channel();
        let worker = Worker::new(identity, api, store, batching, listener, stop.clone())?;
        tokio::spawn(worker.run(queue));
        let live = Semaphore::new(batching.live.max(1));
        Ok(Self { inner, jobs, left_out: Mutex::default(), live, stop })
    }

    async fn ask(&self, request: Request) -> Result<Reply, ModelError> {
        let key = key(self.inner.identity(), &request);
        while !self.left_out().contains(&key) {
            match self.in_a_batch(&key, &request).await? {
                Outcome::Reply(reply) => return Ok(reply),
                Outcome::Failed(error) => return Err(error),
                Outcome::Spoiled(error) => {
                    self.left_out().insert(key);
                    return Err(error);
                }
                Outcome::Again => {}
                Outcome::Live => drop(self.left_out().insert(key.clone())),
            }
        }
        // The semaphore is never closed.
        let _place = self.live.acquire().await.ok();
        self.inner.generate(request).await
    }

    /// Puts a request into a batch and waits for what comes of it.
    async fn in_a_batch(&self, key: &str, request: &Request) -> Result<Outcome, ModelError> {
        let stopped =
            || ModelError::new(Failure::Stopped, "the run was stopped while the batch was out");
        if self.stop.asked() {
            return Err(stopped());
        }
        let (answer, outcome) = oneshot::channel();
        let job = Job { key: key.to_owned(), request: request.clone(), answer };
        // Whoever works on batches ends with the run alone, as the wish to stop says.
        let gone = || ModelError::new(Failure::Unusable, "nobody works on batches any more");
        self.jobs.send(job).map_err(|_| gone())?;
        tokio::select! {
            biased;
            () = self.stop.wait() => Err(stopped()),
            outcome = outcome => outcome.map_err(|_| gone()),
        }
    }

    fn left_out(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for Batched {
    fn identity(&self) -> &str {
        self.inner.identity()
    }

    fn takes_raw(&self) -> bool {
        self.inner.takes_raw()
    }

    fn told(&self) -> Option<Told> {
        None
    }

    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>> {
        Box::pin(self.ask(request))
    }
}
