//! The second half of a run: every sample gets its scores or a reason.

use std::sync::Arc;

use super::event::{Event, Listener, Stage, Stop};
use super::folder::{Run, RunError};
use super::writer::Write;
use crate::scorer::{self, Input, Panel, ScorerError};
use clinic_core::score::Outcome;

/// What scoring needs beside the run.
pub struct Scoring {
    /// Judges and embedder.
    pub panel: Panel,
    /// Who hears of events.
    pub listener: Arc<dyn Listener>,
    /// A wish to stop.
    pub stop: Arc<Stop>,
}

/// Samples scored together.
const PAGE: usize = 512;

/// Scores every sample from the responses that the store holds.
///
/// Scoring again asks judges and embedder only what they were not asked before. Ends early, with
/// all that came kept, where a stop is asked for or a judge is of no use to any request.
pub async fn score(run: &Run, with: &Scoring) -> Result<(), RunError> {
    let store = run.store();
    let total = store.count(None)?;
    store.set_half_scored(true)?;
    with.listener.on(&Event::Started { stage: Stage::Score, total, done: 0 });
    for task in run.tasks() {
        let scorer = scorer::build(task, &with.panel);
        let identity = scorer.identity();
        let mut after = 0;
        loop {
            if with.stop.asked() {
                with.listener.on(&Event::Finished { stage: Stage::Score });
                return Ok(());
            }
            let page = store.samples(&task.name, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            let mut inputs = Vec::new();
            for (id, sample) in page {
                inputs.push(Input { id, sample, responses: store.responses(id)? });
            }
            let scores = match scorer.score(&inputs).await {
                Ok(scores) => scores,
                // The replies that came are in the store; the next `score` begins with them.
                Err(ScorerError::Stopped) => continue,
                Err(ScorerError::Unusable { model, error }) => {
                    return Err(RunError::Unusable { model, error });
                }
                Err(ScorerError::Store(error)) => return Err(error.into()),
            };
            let writer = store.writer()?;
            let writes = inputs.iter().zip(scores).map(|(input, scores)| {
                let failed =
                    |s: &&clinic_core::score::Score| matches!(s.outcome, Outcome::Failed(_));
                let failed = scores.iter().filter(failed).count();
                let scorer = identity.clone();
                let write = Write::Scores { sample: input.id, scores, scorer };
                async move {
                    writer.write(write).await?;
                    with.listener.on(&Event::Scored { failed });
                    Ok::<_, RunError>(())
                }
            });
            futures::future::try_join_all(writes).await?;
        }
    }
    store.set_half_scored(false)?;
    with.listener.on(&Event::Finished { stage: Stage::Score });
    Ok(())
}
