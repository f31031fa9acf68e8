//! What a run tells while it works; progress bars and logs listen.

use std::time::Duration;

use clinic_core::exchange::Usage;
use tokio::sync::watch;

use super::response::State;
use crate::model::ModelError;

/// The two halves of a run's work, and the steps of making a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Prompts to responses.
    Generate,
    /// Responses to scores.
    Score,
    /// A step of making a set, by its name.
    Step(&'static str),
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A stage begins.
    Started {
        /// Which.
        stage: Stage,
        /// Units of work in all.
        total: usize,
        /// Units that an earlier process finished.
        done: usize,
    },
    /// A prompt has its final state for now, and it is on the disk.
    Answered {
        /// The state.
        state: State,
        /// Whether no one had to be asked.
        cached: bool,
    },
    /// A request goes out.
    Sent,
    /// A request came back, or did not.
    Called {
        /// What it took.
        usage: Usage,
        /// What it cost, in USD.
        usd: f64,
        /// Why there is no answer.
        error: Option<&'a ModelError>,
    },
    /// An attempt failed and will be repeated.
    Retrying {
        /// What happened.
        message: &'a str,
        /// How long to wait.
        wait: Duration,
    },
    /// A sample is scored, or is known not to be.
    Scored {
        /// Scores of it that failed.
        failed: usize,
    },
    /// A unit of a step is done.
    Done {
        /// Whether nothing came of it.
        failed: bool,
    },
    /// Batches that are out, and their requests with an answer of some sort.
    Batches {
        /// Batches.
        batches: usize,
        /// Requests that are done.
        done: u64,
        /// Requests in all.
        total: u64,
    },
    /// Something that a person should know, and that needs no answer.
    Notice {
        /// What it is.
        message: &'a str,
    },
    /// A stage has nothing left to do, or was stopped.
    Finished {
        /// Which.
        stage: Stage,
    },
}

/// Hears of events, from any thread.
pub trait Listener: Send + Sync {
    /// Called for each event, in order of happening; must not block.
    fn on(&self, event: &Event<'_>);
}

/// A wish to stop: what is in flight is finished and saved, no more is begun.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks for it.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked for.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is asked for.
    pub async fn wait(&self) {
        // The sender lives as long as this call, so the only way out is a true value.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }
}
