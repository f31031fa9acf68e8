//! The way of one call to an endpoint: place, quiet, outage, money. Design: `docs/design/pace.md`.

mod bucket;
mod gate;
mod outage;
mod purse;
mod retry;
mod state;
mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinic_core::exchange::{Reply, Usage};

use crate::model::Grade;
use crate::model::preset::Price;
use crate::run::{Listener, Stop};

pub use gate::{Gate, Took};
pub use purse::{Broke, Keeper, Purse};

/// How an endpoint is used.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Requests in flight.
    pub width: Width,
    /// Requests a minute that the user allows.
    pub requests_per_minute: Option<f64>,
    /// Tokens a minute that the user allows.
    pub tokens_per_minute: Option<f64>,
    /// What it costs; `None`: nothing, or nobody knows.
    pub price: Option<Price>,
}

/// How many requests may be in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Always so many: a model in this process.
    Fixed(usize),
    /// At first so many, which adapts.
    Adaptive {
        /// Where it begins.
        first: usize,
        /// What it never passes.
        most: usize,
    },
}

impl Width {
    /// Found out, up to 100.
    pub const UNKNOWN: Self = Self::Adaptive { first: window::FIRST, most: 100 };

    /// As many as a user names, unless the endpoint has too much to do.
    pub fn up_to(most: usize) -> Self {
        Self::Adaptive { first: most, most }
    }
}

/// How often to try, and how long to wait in between.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts after the first.
    pub retries: usize,
    /// The first wait; each further one is twice as long, with jitter.
    pub first_wait: Duration,
    /// How long an endpoint may be away; nothing: each request fails for itself.
    pub outage: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            retries: 4,
            first_wait: Duration::from_millis(500),
            outage: Duration::from_secs(600),
        }
    }
}

/// What a call may take at most.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its content key, by which logs name it.
    pub key: &'a str,
    /// Bytes of the prompt.
    pub bytes: usize,
    /// Tokens of the answer, reasoning included.
    pub tokens: u64,
}

/// An answer that may tell what it took.
pub trait Metered {
    /// Tokens, where they were counted.
    fn usage(&self) -> Option<Usage> {
        None
    }
}

impl Metered for Reply {
    fn usage(&self) -> Option<Usage> {
        Some(self.usage).filter(|usage| usage.prompt_tokens + usage.completion_tokens > 0)
    }
}

impl Metered for Grade {}

impl Metered for Vec<Vec<f32>> {}

/// All gates of a run, by the identity of what is behind them.
pub struct Gates {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    usual: Terms,
    patience: Patience,
    purse: Arc<Purse>,
    listener: Arc<dyn Listener>,
    stop: Arc<Stop>,
}

impl Gates {
    /// No gates yet; endpoints that nobody set terms for get the usual ones.
    pub fn new(
        usual: Terms,
        patience: Patience,
        purse: Arc<Purse>,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Self {
        Self { gates: Mutex::default(), usual, patience, purse, listener, stop }
    }

    /// Sets the terms of an endpoint that was not used yet.
    pub fn set(&self, identity: &str, name: &str, terms: Terms) {
        let gate = self.make(name, terms);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(identity.to_owned()).or_insert(gate);
    }

    /// The gate of an endpoint.
    pub fn of(&self, identity: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(identity) {
            return gate.clone();
        }
        let gate = self.make(identity, self.usual.clone());
        gates.insert(identity.to_owned(), gate.clone());
        gate
    }

    /// The money of the run.
    pub fn purse(&self) -> &Arc<Purse> {
        &self.purse
    }

    fn make(&self, name: &str, terms: Terms) -> Arc<Gate> {
        let (purse, listener, stop) =
            (self.purse.clone(), self.listener.clone(), self.stop.clone());
        Arc::new(Gate::new(name, terms, self.patience, purse, listener, stop))
    }
}
