//! Scorers: from a sample and its responses to scores. One file a kind.
//!
//! To add a kind, add a file here and a line in [`build`]; no scorer knows a task's name.

mod categories;
mod choice;
mod distribution;
mod guard;
mod judge;
pub mod probe;
mod published;
mod rules;
mod similarity;
mod toxicity;
mod verdicts;

use std::sync::Arc;

pub use judge::{Judging, SAW_A_PART, judgement_size, read_verdict};

use clinic_core::published::Protocol;
use clinic_core::sample::Sample;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::{self, Task};
use futures::future::BoxFuture;

use crate::model::grader::Family;
use crate::model::{Classifier, Embedder, Failure, Model, ModelError};
use crate::pace::Broke;
use crate::run::{CallError, Caller, Response, State, StoreError};

/// A sample and what a model answered.
pub struct Input {
    /// The sample's id in the store.
    pub id: i64,
    /// The sample.
    pub sample: Sample,
    /// Its responses, by variant.
    pub responses: Vec<Response>,
}

/// Inputs of a scorer that asks nobody: their reads and writes share their cost.
const TOGETHER: usize = 16;

/// Turns samples into scores.
pub trait Scorer: Send + Sync {
    /// What scores and by which rubric, for the results.
    fn identity(&self) -> String;

    /// How many inputs are best scored together: one where each has to be asked about alone.
    fn together(&self) -> usize {
        TOGETHER
    }

    /// The scores of each input, in order; what fails for one input is a score that says so.
    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>>;
}

/// What ends scoring as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ScorerError {
    /// A judge or embedder that answers no request at all.
    #[error("{model} cannot be used: {error}")]
    Unusable {
        /// Its name.
        model: String,
        /// What it said.
        error: ModelError,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The budget.
    #[error(transparent)]
    Broke(#[from] Broke),
    /// The run was asked to stop; what was paid for is kept.
    #[error("the run was stopped")]
    Stopped,
}

impl ScorerError {
    /// A call's error as the end of the work, or else as the failure of that call alone. `model` is
    /// the name of who was called.
    pub(crate) fn unless_own(error: CallError, model: &str) -> Result<ModelError, Self> {
        match error {
            CallError::Model(error) if error.kind == Failure::Unusable => {
                Err(Self::Unusable { model: model.to_owned(), error })
            }
            CallError::Model(error) => Ok(error),
            CallError::Store(error) => Err(error.into()),
            CallError::Broke(broke) => Err(broke.into()),
            CallError::Stopped => Err(Self::Stopped),
        }
    }
}

/// A model with the name that the user gave it.
pub struct Named<M: ?Sized> {
    /// `provider/model`.
    pub name: String,
    /// The model.
    pub model: Arc<M>,
}

/// Who grades toxicity in the judge's place.
pub enum Grader {
    /// A judge of its own.
    Judge(Named<dyn Model>),
    /// A guard model, asked and read in its own form.
    Guard(Named<dyn Model>, Family),
    /// A classifier.
    Classifier(Named<dyn Classifier>),
}

/// Who scores.
pub struct Panel {
    /// The judge; without one, lexical rules stand in.
    pub judge: Option<Named<dyn Model>>,
    /// Who grades toxicity, where it is not the judge.
    pub toxicity: Option<Grader>,
    /// The embedder; without one, similarities are not scored.
    pub embedder: Option<Named<dyn Embedder>>,
    /// How they are asked.
    pub caller: Caller,
    /// Whose arithmetic makes the numbers.
    pub protocol: Protocol,
    /// How often and how warmly a judge is asked.
    pub judging: Judging,
    /// Texts to an embedder at once.
    pub batch: usize,
}

/// Groups of inputs that are scored side by side at least, so that they share commits.
const SIDE_BY_SIDE: usize = 8;

impl Panel {
    /// Groups of inputs that are scored side by side: enough to fill the widest gate, since a sample's
    /// questions come one after the other.
    pub fn width(&self) -> usize {
        let judge = self.judge.iter().map(|judge| judge.model.identity());
        let grader = self.toxicity.iter().map(Grader::identity);
        let most = |identity| 2 * self.caller.gates.of(identity).most();
        judge.chain(grader).map(most).max().unwrap_or(0).max(SIDE_BY_SIDE)
    }
}

impl Grader {
    fn identity(&self) -> &str {
        match self {
            Self::Judge(named) | Self::Guard(named, _) => named.model.identity(),
            Self::Classifier(named) => named.model.identity(),
        }
    }
}

/// The scorer that a task names, with the panel's models.
pub fn build<'a>(task: &'a Task, panel: &'a Panel) -> Box<dyn Scorer + 'a> {
    let scorer = scorer(task, panel);
    match (&task.published, panel.protocol) {
        (Some(published), Protocol::Reference) => {
            let names = task.scorer_of(panel.protocol).scores();
            Box::new(published::AsPublished::new(published, names, scorer))
        }
        _ => scorer,
    }
}

fn scorer<'a>(task: &'a Task, panel: &'a Panel) -> Box<dyn Scorer + 'a> {
    match task.scorer_of(panel.protocol) {
        task::Scorer::Judge(questions) => Box::new(judge::scorer(questions, panel)),
        task::Scorer::Categories(questions) => Box::new(categories::scorer(questions, panel)),
        task::Scorer::Toxicity(questions) => toxicity::scorer(questions, panel),
        task::Scorer::Choice(choices) => Box::new(choice::ChoiceScorer::new(choices)),
        task::Scorer::Similarity(specs) => Box::new(similarity::Similarity::new(specs, panel)),
        task::Scorer::Distribution { score, drop_words, as_it_stands } => {
            Box::new(distribution::Distribution::new(score, drop_words, *as_it_stands))
        }
    }
}

impl Input {
    /// The response to a variant.
    fn response(&self, variant: &str) -> Option<&Response> {
        self.responses.iter().find(|response| response.variant == variant)
    }

    /// The text to score, or why there is none.
    fn text(&self, variant: &str) -> Result<&str, Outcome> {
        self.response(variant).map_or_else(|| Err(unanswered(State::Pending)), answer)
    }

    /// The text of a task's only variant.
    fn only_text(&self) -> Result<&str, Outcome> {
        self.responses.first().map_or_else(|| Err(unanswered(State::Pending)), answer)
    }
}

fn answer(response: &Response) -> Result<&str, Outcome> {
    match (response.state, &response.text) {
        (State::Answered, Some(text)) => Ok(text),
        (state, _) => Err(unanswered(state)),
    }
}

fn unanswered(state: State) -> Outcome {
    let why = match state {
        State::Pending | State::Answered => "the prompt was not asked yet",
        State::Empty => "the response is empty",
        State::CutOff => "the response was cut off inside its reasoning",
        State::Filtered => "the provider held the response back",
        State::Failed => "there is no response",
    };
    Outcome::NotScored(why.to_owned())
}
