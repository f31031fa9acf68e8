//! One sample a task: what the numbers are made of.

use clinic_core::score::{Outcome, Score};
use clinic_core::task::{MetricSpec, Of, Task};
use clinic_engine::run::{Run, StoreError};

use super::types::Example;
use crate::evidence::{Cell, Evidence};

/// Letters of a question and of a response that are shown.
const SHOWN: usize = 600;

/// The first sample of each task that was scored, in the run's first language that has one. Nobody
/// chose it for what it shows.
pub(super) fn of(run: &Run, evidence: &Evidence) -> Result<Vec<Example>, StoreError> {
    let mut examples = Vec::new();
    for task in run.tasks() {
        let cells = &evidence.tasks[&task.name];
        let found = run.plan().languages.iter().find_map(|tag| {
            let (id, score) = first(task, cells.cell(tag))?;
            Some((tag, id, score))
        });
        let Some((tag, id, score)) = found else { continue };
        let sample = run.store().sample(id)?;
        let responses = run.store().responses(id)?;
        let Some(response) = responses.last() else { continue };
        let said = response.text.as_deref().unwrap_or_default();
        examples.push(Example {
            task: task.name.clone(),
            language: tag.clone(),
            question: cut(sample.variant(&response.variant).unwrap_or_default()),
            response: cut(said),
            score: match &score.outcome {
                Outcome::Number(number) => format!("{} {number:.2}", score.name),
                Outcome::Category(category) => format!("{}: {category}", score.name),
                _ => score.outcome.state().to_owned(),
            },
            verdict: score.verdict.clone(),
            why: score.why.as_deref().map(cut),
            item: sample.item,
        });
    }
    Ok(examples)
}

/// The first sample whose headline score is there, and that score.
fn first<'a>(task: &Task, cell: &'a Cell) -> Option<(i64, &'a Score)> {
    cell.samples.iter().find_map(|sampled| {
        let score = headline(&task.metrics[0], &sampled.scores)?;
        (score.outcome.state() == "scored").then_some((sampled.id, score))
    })
}

/// The score on which a metric rests.
pub(super) fn headline<'a>(spec: &MetricSpec, scores: &'a [Score]) -> Option<&'a Score> {
    let name = match &spec.of {
        Of::One(name) | Of::Pair([_, name]) => name,
    };
    scores.iter().find(|score| score.name == *name)
}

/// A text's beginning.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} […]", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
