//! The two halves of a run side by side: answers are scored as they arrive.

use futures::channel::mpsc;

use super::ask::Caller;
use super::folder::{Run, RunError};
use super::generate::{Generation, generate};
use super::score::{Scoring, score};
use crate::scorer::ScorerError;

/// A sample that has nothing more to wait for.
pub(super) struct Ready {
    pub task: String,
    pub id: i64,
}

/// Asks what has no answer yet, where there is a model, and scores, where there are scorers.
///
/// Ends early, with all that came kept and the rest left for `resume`, where a stop is asked for,
/// the budget is used up, the store cannot be written, or a model is of no use to any request. The
/// first error of one half stops the other.
pub async fn work(
    run: &Run,
    generation: Option<&Generation>,
    scoring: Option<&Scoring>,
) -> Result<(), RunError> {
    match (generation, scoring) {
        (Some(generation), Some(scoring)) => {
            let (ready, samples) = mpsc::unbounded();
            let answers = generate(run, generation, Some(ready));
            let scores = score(run, scoring, Some(samples));
            let (answers, scores) = futures::future::join(answers, scores).await;
            answers.and(scores)
        }
        (Some(generation), None) => generate(run, generation, None).await,
        (None, Some(scoring)) => score(run, scoring, None).await,
        (None, None) => Ok(()),
    }
}

/// What ends scorers and callers, as what ends a run; being stopped is no error.
pub(super) fn unless_ended<T>(outcome: Result<T, ScorerError>) -> Result<Option<T>, RunError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(ScorerError::Stopped) => Ok(None),
        Err(ScorerError::Unusable { model, error }) => Err(RunError::Unusable { model, error }),
        Err(ScorerError::Store(error)) => Err(error.into()),
        Err(ScorerError::Broke(broke)) => Err(RunError::Broke(broke)),
    }
}

/// Ends the whole run at an error: nothing more is sent, what is in flight is kept.
pub(super) fn stop_at<T>(caller: &Caller, outcome: Result<T, RunError>) -> Result<T, RunError> {
    if outcome.is_err() {
        caller.stop.ask();
    }
    outcome
}
