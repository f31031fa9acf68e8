//! Categories: the verdict itself is the score, without a number.

use clinic_core::score::Score;
use clinic_core::task::Question;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::verdicts::Verdicts;
use super::{Input, Panel, Scorer, ScorerError};

/// Scores by the name of the verdict.
pub(super) struct Categories<'a>(Verdicts<'a>);

impl<'a> Categories<'a> {
    pub fn new(questions: &'a [Question], panel: &'a Panel) -> Self {
        Self(Verdicts::new(questions, panel.judge.as_ref(), panel))
    }
}

impl Scorer for Categories<'_> {
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
