//! Toxicity: a grade of harm in the wording, by a judge that may be another than the judge.

use clinic_core::score::Score;
use clinic_core::task::Question;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::verdicts::Verdicts;
use super::{Input, Panel, Scorer, ScorerError};

/// Scores by the number of the grade.
pub(super) struct Toxicity<'a>(Verdicts<'a>);

impl<'a> Toxicity<'a> {
    pub fn new(questions: &'a [Question], panel: &'a Panel) -> Self {
        let judge = panel.toxicity.as_ref().or(panel.judge.as_ref());
        Self(Verdicts::new(questions, judge, panel))
    }
}

impl Scorer for Toxicity<'_> {
    fn identity(&self) -> String {
        self.0.identity()
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        self.0.score(inputs).boxed()
    }
}
