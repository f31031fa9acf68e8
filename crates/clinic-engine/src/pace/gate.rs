//! The gate before one endpoint.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use clinic_core::exchange::Usage;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use super::purse::{Purse, Share};
use super::retry::Retries;
use super::state::{Sent, State};
use super::{Call, Metered, Patience, Terms};
use crate::model::limits::Told;
use crate::model::preset::Price;
use crate::model::{Failure, ModelError};
use crate::run::{CallError, Event, Listener, Stop};

/// Waits that are longer are told.
const TELL: Duration = Duration::from_secs(2);

/// Tokens that a chat template may add to a prompt, for the most that a call can cost.
const FRAME: u64 = 64;

/// The way to one endpoint: all calls to it go through here.
pub struct Gate {
    name: String,
    patience: Patience,
    price: Option<Price>,
    purse: Arc<Purse>,
    listener: Arc<dyn Listener>,
    stop: Arc<Stop>,
    places: Arc<Semaphore>,
    /// Whoever holds it may try while the endpoint is down.
    probe: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

/// What a call took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Took {
    /// Attempts.
    pub attempts: u32,
    /// USD that it may have cost and of which no usage is known.
    pub unsure: f64,
}

/// A place at the endpoint; dropping it frees the place.
struct Pass<'a> {
    gate: &'a Gate,
    place: Option<OwnedSemaphorePermit>,
    _probe: Option<OwnedMutexGuard<()>>,
    share: Option<Share>,
    sent: Sent,
}

impl Gate {
    pub(super) fn new(
        name: &str,
        terms: Terms,
        patience: Patience,
        purse: Arc<Purse>,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Self {
        let state = State::new(&terms, &patience);
        Self {
            name: name.to_owned(),
            patience,
            price: terms.price,
            purse,
            listener,
            stop,
            places: Arc::new(Semaphore::new(state.places)),
            probe: Arc::default(),
            state: Mutex::new(state),
        }
    }

    /// Requests that may ever be in flight at once.
    pub fn most(&self) -> usize {
        self.state().window.most()
    }

    /// Tries until it works, fails for good, or the run ends; tells what it took.
    /// `told` gives what the endpoint said of its limits since it was asked last.
    pub async fn call<T: Metered, F>(
        &self,
        call: Call<'_>,
        told: impl Fn() -> Option<Told>,
        mut attempt: impl FnMut() -> F,
    ) -> (Result<T, CallError>, Took)
    where
        F: Future<Output = Result<T, ModelError>>,
    {
        let mut retries = Retries::new(&self.patience);
        let mut took = Took::default();
        let id = {
            let mut state = self.state();
            state.calls += 1;
            state.calls
        };
        loop {
            let pass = match self.enter(&call).await {
                Ok(pass) => pass,
                Err(error) => return (Err(error), took),
            };
            took.attempts += 1;
            self.listener.on(&Event::Sent);
            let request = &call.key[..call.key.len().min(16)];
            let span =
                tracing::info_span!("call", request, model = self.name, attempt = took.attempts);
            let begun = Instant::now();
            let outcome = attempt().instrument(span.clone()).await;
            let outcome =
                span.in_scope(|| self.settle(id, pass, outcome, begun, told(), &mut took));
            let error = match outcome {
                Ok(value) => return (Ok(value), took),
                Err(error) => error,
            };
            let away = self.state().outage.is_down();
            let Some(wait) = retries.next(&error, away) else {
                return (Err(error.into()), took);
            };
            if !away {
                self.listener.on(&Event::Retrying { message: &error.message, wait });
            }
            if self.sleep(wait).await.is_err() {
                return (Err(CallError::Stopped), took);
            }
        }
    }

    /// Waits for a place, for quiet, for the end of an outage, and for money.
    async fn enter(&self, call: &Call<'_>) -> Result<Pass<'_>, CallError> {
        let place = self.unless_stopped(self.places.clone().acquire_owned()).await?;
        let mut pass = Pass {
            gate: self,
            // The semaphore is never closed.
            place: place.ok(),
            _probe: None,
            share: None,
            sent: Sent { full: self.places.available_permits() == 0, ..Sent::default() },
        };
        let (closed, down) = {
            let state = self.state();
            (state.closed.clone(), state.outage.is_down())
        };
        if let Some(error) = closed {
            return Err(error.into());
        }
        if down {
            let probe = self.unless_stopped(self.probe.clone().lock_owned()).await?;
            let (down, over_long, wait, last) = {
                let state = self.state();
                let outage = &state.outage;
                let over_long = outage.is_over_long(Instant::now());
                let wait = outage.wait(Instant::now());
                (outage.is_down(), over_long, wait, outage.last().to_owned())
            };
            if over_long {
                let waited = self.patience.outage.as_secs_f64();
                let why = format!("it has not answered anybody for {waited} s: {last}");
                let error = ModelError::new(Failure::Unusable, why);
                self.state().closed = Some(error.clone());
                return Err(error.into());
            }
            if down {
                let wait = wait.mul_f64(0.5 + fastrand::f64() / 2.0);
                let message = &format!("{} is down: {last}", self.name);
                self.listener.on(&Event::Retrying { message, wait });
                self.sleep(wait).await?;
                pass._probe = Some(probe);
            }
        }
        let (wait, estimate) = self.state().take(call);
        pass.sent.estimate = Some(estimate);
        self.hold(wait, "as its limits say").await?;
        loop {
            let quiet = self.state().quiet();
            if quiet.is_zero() {
                break;
            }
            self.hold(quiet, "as it asked for").await?;
        }
        let most = self.price.as_ref().map_or(0.0, |price| price.of(dearest(call)));
        let most = most * self.state().excess;
        pass.share = Some(self.unless_stopped(self.purse.set_aside(most)).await??);
        pass.sent.number = self.state().send();
        Ok(pass)
    }

    /// Learns from what came of a request, and pays for it.
    fn settle<T: Metered>(
        &self,
        id: u64,
        mut pass: Pass<'_>,
        outcome: Result<T, ModelError>,
        begun: Instant,
        told: Option<Told>,
        took: &mut Took,
    ) -> Result<T, ModelError> {
        let now = Instant::now();
        let seconds = (now - begun).as_secs_f64();
        let outcome = {
            let mut state = self.state();
            if let Some(estimate) = pass.sent.estimate {
                state.arrived(estimate);
            }
            if let Some(told) = told {
                state.heed(told, now);
            }
            let outcome = match outcome {
                Ok(value) => {
                    state.answered(value.usage(), pass.sent, seconds);
                    Ok(value)
                }
                Err(error) => Err(state.failed(id, error, pass.sent, now)),
            };
            self.resize(&mut state);
            outcome
        };
        pass.sent.estimate = None;
        let usage = outcome.as_ref().ok().and_then(Metered::usage);
        let error = outcome.as_ref().err();
        let usd = self.pay(&mut pass, usage, error);
        if usage.is_none() {
            took.unsure += usd;
        }
        log(seconds, usage, usd, error);
        self.listener.on(&Event::Called { usage: usage.unwrap_or_default(), usd, error });
        outcome
    }

    /// Pays what a call cost, or all that it could where nobody knows; tells how much, in USD.
    fn pay(&self, pass: &mut Pass<'_>, usage: Option<Usage>, error: Option<&ModelError>) -> f64 {
        let (Some(share), Some(price)) = (pass.share.take(), &self.price) else { return 0.0 };
        let usd = match (usage, error) {
            (Some(usage), _) => {
                let usd = price.of(usage);
                // A server that takes more than it was allowed does so again.
                if share.usd() > 0.0 && usd > share.usd() {
                    self.state().excess *= usd / share.usd();
                }
                usd
            }
            (None, Some(error)) if !error.kind.may_be_charged() => 0.0,
            (None, _) => share.usd(),
        };
        share.settle(usd);
        usd
    }

    /// Brings the number of places to what the window says.
    fn resize(&self, state: &mut State) {
        let wanted = state.window.size();
        if wanted > state.places {
            let more = wanted - state.places;
            let kept = more.min(state.owed);
            state.owed -= kept;
            self.places.add_permits(more - kept);
        } else {
            let less = state.places - wanted;
            state.owed += less - self.places.forget_permits(less);
        }
        state.places = wanted;
    }

    /// Waits for the endpoint's sake; tells of it where it takes long.
    async fn hold(&self, wait: Duration, why: &str) -> Result<(), CallError> {
        if wait >= TELL {
            let message = &format!("{} waits, {why}", self.name);
            self.listener.on(&Event::Retrying { message, wait });
        }
        self.sleep(wait).await
    }

    /// Waits, unless the run is asked to stop.
    async fn sleep(&self, wait: Duration) -> Result<(), CallError> {
        if wait.is_zero() {
            return if self.stop.asked() { Err(CallError::Stopped) } else { Ok(()) };
        }
        self.unless_stopped(tokio::time::sleep(wait)).await
    }

    async fn unless_stopped<T>(&self, future: impl Future<Output = T>) -> Result<T, CallError> {
        if self.stop.asked() {
            return Err(CallError::Stopped);
        }
        let mut future = std::pin::pin!(future);
        // Most often there is nothing to wait for, and listening for the wish to stop is dear.
        if let Poll::Ready(value) = futures::poll!(future.as_mut()) {
            return Ok(value);
        }
        tokio::select! {
            biased;
            () = self.stop.wait() => Err(CallError::Stopped),
            value = future => Ok(value),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        if let Some(estimate) = self.sent.estimate {
            state.arrived(estimate);
        }
        if let Some(place) = self.place.take()
            && state.owed > 0
        {
            state.owed -= 1;
            place.forget();
        }
    }
}

/// The most that a call can take: no tokeniser makes more tokens than there are bytes.
fn dearest(call: &Call<'_>) -> Usage {
    let prompt_tokens = call.bytes as u64 + FRAME;
    Usage { prompt_tokens, completion_tokens: call.tokens, ..Usage::default() }
}

fn log(seconds: f64, usage: Option<Usage>, usd: f64, error: Option<&ModelError>) {
    let usage = usage.unwrap_or_default();
    let ms = (seconds * 1e3).round() as u64;
    match error {
        None => tracing::info!(
            target: "clinic::call",
            ms,
            prompt_tokens = usage.prompt_tokens,
            completion_tokens = usage.completion_tokens,
            reasoning_tokens = usage.reasoning_tokens,
            usd,
            "answered"
        ),
        Some(error) => tracing::warn!(
            target: "clinic::call", ms, usd, kind = error.kind.name(), error = %error, "failed"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Width;
    use clinic_core::exchange::{Finish, Reply};

    struct Deaf;

    impl Listener for Deaf {
        fn on(&self, _: &Event<'_>) {}
    }

    const CALL: Call<'static> = Call { key: "k", bytes: 100, tokens: 10 };

    fn gate(price: Option<Price>, purse: Arc<Purse>) -> Gate {
        let terms = Terms {
            width: Width::up_to(1),
            requests_per_minute: None,
            tokens_per_minute: None,
            price,
        };
        let patience = Patience { first_wait: Duration::ZERO, ..Patience::default() };
        Gate::new("m", terms, patience, purse, Arc::new(Deaf), Arc::new(Stop::default()))
    }

    fn said(usage: Usage) -> Result<Reply, ModelError> {
        Ok(Reply { text: "a".to_owned(), reasoning: None, finish: Finish::Stop, usage })
    }

    #[tokio::test]
    async fn after_a_wrong_key_nothing_more_is_sent() {
        let gate = gate(None, Purse::new(None, 0.0));
        let wrong = || async { Err::<Reply, _>(ModelError::new(Failure::Unusable, "no such key")) };
        let (outcome, took) = gate.call(CALL, || None, wrong).await;
        assert!(outcome.is_err() && took.attempts == 1);
        let (outcome, took) = gate.call(CALL, || None, || async { said(Usage::default()) }).await;
        let told = outcome.unwrap_err().to_string();
        assert_eq!((told.as_str(), took.attempts), ("no such key", 0));
    }

    #[tokio::test]
    async fn a_refusal_is_the_endpoints_fault_until_something_was_answered() {
        let refused = || async { Err::<Reply, _>(ModelError::new(Failure::Refused, "404")) };
        let kind = |outcome| match outcome {
            Err(CallError::Model(error)) => error.kind,
            _ => panic!("no error of the model"),
        };
        let fresh = gate(None, Purse::new(None, 0.0));
        assert_eq!(kind(fresh.call(CALL, || None, refused).await.0), Failure::Unusable);
        let known = gate(None, Purse::new(None, 0.0));
        assert!(known.call(CALL, || None, || async { said(Usage::default()) }).await.0.is_ok());
        assert_eq!(kind(known.call(CALL, || None, refused).await.0), Failure::Rejected);
    }

    #[tokio::test]
    async fn a_call_costs_what_it_took_or_all_that_it_could() {
        let price = Price { input: 1e6, output: 1e6, read: String::new(), source: String::new() };
        let purse = Purse::new(Some(1e9), 0.0);
        let gate = gate(Some(price), purse.clone());
        let usage = Usage { prompt_tokens: 30, completion_tokens: 4, ..Usage::default() };
        let (_, took) = gate.call(CALL, || None, || async move { said(usage) }).await;
        assert_eq!((purse.spent(), took.unsure), (34.0, 0.0));
        // A byte may be a token, and a template adds some: 100 + 64 in, 10 out.
        let (_, took) = gate.call(CALL, || None, || async { said(Usage::default()) }).await;
        assert_eq!((purse.spent(), took.unsure), (34.0 + 174.0, 174.0));
        let rejected = || async { Err::<Reply, _>(ModelError::new(Failure::Rejected, "no")) };
        let (_, took) = gate.call(CALL, || None, rejected).await;
        assert_eq!((purse.spent(), took.unsure), (208.0, 0.0), "a refusal costs nothing");
    }
}
