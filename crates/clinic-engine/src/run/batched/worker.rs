//! The task that collects requests, hands them in, and gives out what comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clinic_core::exchange::Request;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::out::{Answers, Out, give};
use super::{Batching, OpenBatch, Outcome};
use crate::model::batch::{BatchApi, BatchStatus};
use crate::model::{Failure, ModelError};
use crate::run::event::{Event, Listener, Stop};
use crate::run::store::{Store, StoreError};
use crate::run::writer::Write;

/// Attempts to hand in, to find or to fetch a batch.
const ATTEMPTS: u32 = 5;

/// The wait after the first of them; each further one is twice as long.
const WAIT: Duration = Duration::from_secs(1);

/// A request that waits for a batch.
pub(super) struct Job {
    pub key: String,
    pub request: Request,
    pub answer: oneshot::Sender<Outcome>,
}

/// Where a request went.
enum Collected {
    /// To others that are not handed in yet.
    Waits,
    /// To others that are to be handed in now.
    Full,
    /// It is in a batch that is out.
    InEarlier,
    /// To one that was over already.
    Answered,
}

pub(super) struct Worker {
    identity: String,
    api: Box<dyn BatchApi>,
    store: Arc<Store>,
    batching: Batching,
    listener: Arc<dyn Listener>,
    stop: Arc<Stop>,
    /// Requests that are not handed in yet, in the order of coming.
    collected: Vec<(String, Request)>,
    answers: HashMap<String, Answers>,
    bytes: usize,
    out: Vec<Out>,
}

impl Worker {
    /// Takes up what an earlier session handed in.
    pub fn new(
        identity: String,
        api: Box<dyn BatchApi>,
        store: Arc<Store>,
        batching: Batching,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Result<Self, StoreError> {
        let out = store.batches(&identity)?.into_iter().map(|OpenBatch { label, id, keys }| Out {
            label,
            id,
            keys: keys.into_iter().collect(),
            waiting: HashMap::new(),
            over: None,
            done: 0,
            failing: None,
        });
        Ok(Self {
            identity,
            api,
            store,
            batching,
            listener,
            stop,
            collected: Vec::new(),
            answers: HashMap::new(),
            bytes: 0,
            out: out.collect(),
        })
    }

    /// Works until nobody can ask any more, or the run is stopped.
    pub async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Job>) {
        let stop = self.stop.clone();
        let mut flush = Instant::now();
        let mut poll = Instant::now() + self.batching.poll;
        loop {
            let collecting = !self.collected.is_empty();
            let awaited = self.out.iter().any(|out| !out.waiting.is_empty());
            tokio::select! {
                biased;
                () = stop.wait() => return,
                job = queue.recv() => match job {
                    None => return,
                    Some(job) => {
                        flush = Instant::now() + self.batching.quiet;
                        match self.collect(job) {
                            Collected::Full => self.hand_in().await,
                            // What an earlier session handed in may be there already.
                            Collected::InEarlier => poll = poll.min(flush),
                            Collected::Waits | Collected::Answered => {}
                        }
                    }
                },
                () = sleep_until(flush), if collecting => self.hand_in().await,
                () = sleep_until(poll), if awaited => {
                    self.look().await;
                    poll = Instant::now() + self.batching.poll;
                }
            }
        }
    }

    /// Puts a request to those that wait.
    fn collect(&mut self, job: Job) -> Collected {
        let Job { key, request, answer } = job;
        if let Some(place) = self.out.iter().position(|out| out.keys.contains(&key)) {
            let out = &mut self.out[place];
            let Some(outcome) = out.late(&key) else {
                out.waiting.entry(key).or_default().push(answer);
                return Collected::InEarlier;
            };
            // Nobody waits any more where the run was stopped.
            let _ = answer.send(outcome);
            if out.keys.is_empty() {
                self.out.remove(place);
            }
            return Collected::Answered;
        }
        self.bytes += self.api.size(&key, &request);
        let answers = self.answers.entry(key.clone()).or_default();
        if answers.is_empty() {
            self.collected.push((key, request));
        }
        answers.push(answer);
        let (requests, bytes) = self.api.largest();
        let full =
            self.collected.len() >= requests.min(self.batching.most) || self.bytes >= bytes / 2;
        if full { Collected::Full } else { Collected::Waits }
    }

    /// Hands in what was collected. Before that the store knows of it, so that a batch whose id is lost
    /// is found again and not paid for twice.
    async fn hand_in(&mut self) {
        let requests = std::mem::take(&mut self.collected);
        let mut answers = std::mem::take(&mut self.answers);
        self.bytes = 0;
        if requests.len() < self.batching.least {
            let n = requests.len();
            self.notice(&format!("{n} requests are too few for a batch and are asked live"));
            return give(answers, || Outcome::Live);
        }
        let label = format!("clinic-{:032x}", fastrand::u128(..));
        let keys: Vec<String> = requests.iter().map(|(key, _)| key.clone()).collect();
        let model = self.identity.clone();
        let begun = Write::Batch { label: label.clone(), model, keys: keys.clone() };
        if let Err(error) = self.keep(begun).await {
            return give(answers, || Outcome::Failed(error.clone()));
        }
        match self.submit(&label, &requests, &keys).await {
            Ok(id) => {
                tracing::info!(target: "clinic::batch", label, id, requests = keys.len(), "out");
                let known = Write::BatchId { label: label.clone(), id: id.clone() };
                if let Err(error) = self.keep(known).await {
                    return give(answers, || Outcome::Failed(error.clone()));
                }
                let waiting = std::mem::take(&mut answers);
                let keys = keys.into_iter().collect();
                let (id, over) = (Some(id), None);
                self.out.push(Out { label, id, keys, waiting, over, done: 0, failing: None });
                self.tell();
            }
            Err(error) => {
                // Where the batch may be out after all, the next session looks for it again.
                if !may_be_out(error.kind) {
                    let _ = self.keep(Write::NoBatch { label }).await;
                }
                let why = format!("the batch could not be handed in: {error}");
                let error = ModelError::new(Failure::Unusable, why);
                give(answers, || Outcome::Failed(error.clone()));
            }
        }
    }

    /// Hands in a batch; after an attempt whose end is not known, looks for it first.
    async fn submit(
        &self,
        label: &str,
        requests: &[(String, Request)],
        keys: &[String],
    ) -> Result<String, ModelError> {
        let mut wait = WAIT;
        let mut attempt = 1;
        loop {
            let error = match self.api.submit(label, requests).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            if may_be_out(error.kind)
                && let Some(id) = self.find(label, keys).await?
            {
                return Ok(id);
            }
            if attempt == ATTEMPTS || !error.kind.is_transient() {
                return Err(error);
            }
            self.pause(error.retry_after.unwrap_or(wait)).await?;
            (attempt, wait) = (attempt + 1, wait * 2);
        }
    }

    /// Looks for a batch whose id is not known.
    async fn find(&self, label: &str, keys: &[String]) -> Result<Option<String>, ModelError> {
        let mut wait = WAIT;
        let mut failures = 0;
        loop {
            let error = match self.api.find(label, keys).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            // It cannot be told while another batch of its size is worked on.
            let busy = error.kind == Failure::Busy;
            failures += u32::from(!busy);
            if failures == ATTEMPTS || !error.kind.is_transient() {
                return Err(error);
            }
            self.pause(if busy { self.batching.poll } else { wait }).await?;
            wait = if busy { wait } else { wait * 2 };
        }
    }

    /// Looks at each batch that somebody waits for.
    async fn look(&mut self) {
        let mut place = 0;
        while place < self.out.len() {
            if self.out[place].waiting.is_empty() {
                place += 1;
                continue;
            }
            match self.look_at(place).await {
                // Kept in the store: what was not written before a crash is fetched again.
                Ok(true) => drop(self.out.remove(place)),
                Ok(false) => place += 1,
                Err(error) if error.kind.is_transient() && self.waits(place, &error) => place += 1,
                // It may be worked on, and paid for, all the same: nobody asks live behind its back.
                Err(error) => {
                    let out = self.out.remove(place);
                    let id = out.id.unwrap_or(out.label);
                    let why = format!(
                        "the batch {id} cannot be looked at: {error}; if it is gone for good, \
                         `clinic resume RUN --live` asks anew"
                    );
                    let error = ModelError::new(Failure::Unusable, why);
                    give(out.waiting, || Outcome::Failed(error.clone()));
                }
            }
        }
        self.tell();
    }

    /// Whether a batch that could not be looked at is waited for.
    fn waits(&mut self, place: usize, error: &ModelError) -> bool {
        tracing::warn!(target: "clinic::batch", error = %error, "not reached");
        if self.out[place].failing.is_none() {
            self.notice(&format!("a batch cannot be looked at, and is tried again: {error}"));
        }
        let since = *self.out[place].failing.get_or_insert_with(Instant::now);
        self.batching.outage.is_zero() || since.elapsed() < self.batching.outage
    }

    fn notice(&self, message: &str) {
        self.listener.on(&Event::Notice { message });
    }

    /// Looks at one batch; tells whether it is over and given out. What nobody has asked for yet is
    /// kept for those who come late, so that nothing is paid for twice.
    async fn look_at(&mut self, place: usize) -> Result<bool, ModelError> {
        let label = self.out[place].label.clone();
        let keys = || self.out[place].keys.iter().cloned().collect::<Vec<_>>();
        let id = match self.out[place].id.clone() {
            Some(id) => id,
            None => match self.find(&label, &keys()).await? {
                Some(id) => {
                    self.keep(Write::BatchId { label, id: id.clone() }).await?;
                    self.out[place].id = Some(id.clone());
                    id
                }
                None => {
                    self.keep(Write::NoBatch { label }).await?;
                    give(std::mem::take(&mut self.out[place].waiting), || Outcome::Again);
                    return Ok(true);
                }
            },
        };
        let early = match self.api.status(&id).await? {
            BatchStatus::Working { done, failed, .. } => {
                (self.out[place].done, self.out[place].failing) = (done + failed, None);
                return Ok(false);
            }
            BatchStatus::Ended => None,
            BatchStatus::Failed { why } => Some(why),
        };
        let waiting = std::mem::take(&mut self.out[place].waiting);
        let results = match self.api.results(&id).await {
            Ok(results) => results,
            Err(error) => {
                self.out[place].waiting = waiting;
                return Err(error);
            }
        };
        if let Some(why) = early {
            if results.iter().all(|(_, result)| result.is_err()) {
                // Nothing of it was worked on; the next session hands it in anew.
                let label = self.out[place].label.clone();
                self.keep(Write::NoBatch { label }).await?;
                let why = format!("the batch {id} failed: {why}");
                let error = ModelError::new(Failure::Unusable, why);
                give(waiting, || Outcome::Failed(error.clone()));
                return Ok(true);
            }
            self.notice(&format!("a batch ended early ({why}); what it left out is asked live"));
        }
        Ok(self.out[place].end(results, waiting))
    }

    async fn pause(&self, wait: Duration) -> Result<(), ModelError> {
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.stop.wait() => {
                Err(ModelError::new(Failure::Stopped, "the run was stopped"))
            }
        }
    }

    async fn keep(&self, write: Write) -> Result<(), ModelError> {
        let kept = async { self.store.writer()?.write(write).await };
        kept.await.map_err(|error| ModelError::new(Failure::Unusable, error.to_string()))
    }

    fn tell(&self) {
        let awaited = self.out.iter().filter(|out| !out.waiting.is_empty());
        let (mut batches, mut done, mut total) = (0, 0, 0);
        for out in awaited {
            (batches, done, total) = (batches + 1, done + out.done, total + out.keys.len() as u64);
        }
        self.listener.on(&Event::Batches { batches, done, total });
    }
}

/// Whether a batch may have arrived although handing it in failed.
fn may_be_out(kind: Failure) -> bool {
    use Failure::{Broken, Connection, Malformed, Overloaded, Server, Timeout};
    matches!(kind, Broken | Connection | Malformed | Overloaded | Server | Timeout)
}
