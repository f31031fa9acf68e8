//! What a gate knows of its endpoint, and what it learns from each request. Pure but for the time.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use clinic_core::exchange::Usage;

use super::bucket::Bucket;
use super::outage::Outage;
use super::window::Window;
use super::{Call, Patience, Terms, Width};
use crate::model::limits::Told;
use crate::model::{Failure, ModelError};

/// Requests in a row, all different, that meet with nothing before that is called an outage; fewer
/// where fewer are in flight.
const OUTAGE: std::ops::RangeInclusive<usize> = 3..=10;

/// Bytes of a prompt to a token, as most tokenisers have it over many languages; for the pace only.
const BYTES: f64 = 3.0;

/// The state of a gate.
pub(super) struct State {
    pub window: Window,
    /// Places of the semaphore, and those to be taken away when they come back.
    pub places: usize,
    pub owed: usize,
    sent: u64,
    pub calls: u64,
    quiet_until: Option<Instant>,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// Tokens of an answer, on average of late.
    answer: f64,
    pub outage: Outage,
    answered: bool,
    /// Requests that met 403, 404 or a redirect since the last answer.
    refused: HashSet<u64>,
    /// How many times the most that calls should cost they do cost.
    pub excess: f64,
    /// Why nothing more is sent, once no request is answered any more.
    pub closed: Option<ModelError>,
}

/// How a request was sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    /// Its number at this endpoint.
    pub number: u64,
    /// Whether it took the last place.
    pub full: bool,
    /// Tokens that were taken out of the bucket, once they were.
    pub estimate: Option<f64>,
}

impl State {
    /// Nothing is known yet.
    pub fn new(terms: &Terms, patience: &Patience) -> Self {
        let now = Instant::now();
        let (window, outage) = match terms.width {
            Width::Fixed(size) => (Window::fixed(size), Duration::ZERO),
            Width::Adaptive { first, most } => (Window::new(first, most), patience.outage),
        };
        let threshold = window.size().clamp(*OUTAGE.start(), *OUTAGE.end());
        let bucket = |units: Option<f64>| units.map(|units| Bucket::per_minute(units, now));
        Self {
            places: window.size(),
            window,
            owed: 0,
            sent: 0,
            calls: 0,
            quiet_until: None,
            requests: bucket(terms.requests_per_minute),
            tokens: bucket(terms.tokens_per_minute),
            answer: 0.0,
            outage: Outage::new(threshold, patience.first_wait, outage),
            answered: false,
            refused: HashSet::new(),
            excess: 1.0,
            closed: None,
        }
    }

    /// Takes a request and its tokens out of the buckets; tells how long to wait.
    pub fn take(&mut self, call: &Call<'_>) -> (Duration, f64) {
        let now = Instant::now();
        let estimate = call.bytes as f64 / BYTES + self.answer.min(call.tokens as f64);
        let requests = self.requests.as_mut().map(|bucket| bucket.take(1.0, now));
        let tokens = self.tokens.as_mut().map(|bucket| bucket.take(estimate, now));
        (requests.into_iter().chain(tokens).max().unwrap_or_default(), estimate)
    }

    /// What was taken for a call is known to the endpoint, or was never sent.
    pub fn arrived(&mut self, estimate: f64) {
        for (bucket, units) in [(&mut self.requests, 1.0), (&mut self.tokens, estimate)] {
            if let Some(bucket) = bucket {
                bucket.arrived(units);
            }
        }
    }

    /// How long nothing may be sent.
    pub fn quiet(&self) -> Duration {
        let now = Instant::now();
        self.quiet_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// Counts a request; tells its number.
    pub fn send(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// Learns what the provider tells of its limits.
    pub fn heed(&mut self, told: Told, now: Instant) {
        for (bucket, quota) in
            [(&mut self.requests, told.requests), (&mut self.tokens, told.tokens)]
        {
            match (bucket, quota) {
                (Some(bucket), Some(quota)) => bucket.heed(quota, now),
                (bucket @ None, Some(quota)) => *bucket = Some(Bucket::told(quota, now)),
                (_, None) => {}
            }
        }
    }

    /// Learns from an answer that came after so many seconds.
    pub fn answered(&mut self, usage: Option<Usage>, sent: Sent, seconds: f64) {
        self.outage.answered();
        self.answered = true;
        self.refused.clear();
        let usage = usage.unwrap_or_default();
        self.window.answered(seconds, usage.completion_tokens, sent.full);
        self.answer += (usage.completion_tokens as f64 - self.answer) / 20.0;
        let took = (usage.prompt_tokens + usage.completion_tokens) as f64;
        if let Some(bucket) = self.tokens.as_mut().filter(|_| took > 0.0) {
            bucket.give_back(sent.estimate.unwrap_or(took) - took);
        }
    }

    /// Learns from a failure, and tells what it is in the light of what came before.
    pub fn failed(
        &mut self,
        id: u64,
        mut error: ModelError,
        sent: Sent,
        now: Instant,
    ) -> ModelError {
        match error.kind {
            Failure::Rejected if !self.answered => {
                self.refused.insert(id);
                // What all of so many different requests have in common is not the request.
                if self.refused.len() >= *OUTAGE.end() {
                    error.kind = Failure::Unusable;
                }
            }
            Failure::Rejected | Failure::TooLong => self.outage.answered(),
            Failure::Unusable | Failure::Stopped => {}
            Failure::Refused => {
                self.refused.insert(id);
                let all = !self.answered || self.refused.len() >= *OUTAGE.end();
                error.kind = if all { Failure::Unusable } else { Failure::Rejected };
            }
            Failure::Busy | Failure::Overloaded | Failure::Timeout => {
                let alive = error.kind == Failure::Busy;
                self.outage.failed(id, alive, &error.message, now);
                self.window.turned_away(sent.number, self.sent + 1);
            }
            Failure::Connection | Failure::Broken | Failure::Server | Failure::Malformed => {
                self.outage.failed(id, false, &error.message, now);
            }
        }
        if error.kind == Failure::Unusable {
            self.closed = Some(error.clone());
        }
        if let (Failure::Busy | Failure::Overloaded, Some(wait)) = (error.kind, error.retry_after) {
            let until = now + wait;
            self.quiet_until = Some(self.quiet_until.map_or(until, |before| before.max(until)));
        }
        error
    }
}
