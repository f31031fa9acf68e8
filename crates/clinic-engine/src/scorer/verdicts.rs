//! Verdicts on a response, by a judge or by lexical rules: what judge, categories and toxicity
//! share.

use clinic_core::digest;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Question;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

use super::judge::{self, Judgement};
use super::{Input, Named, Panel, Scorer, ScorerError, rules};
use crate::model::{Failure, Model};
use crate::run::{CallError, Caller, Stop};

/// Asks questions about responses.
pub(super) struct Verdicts<'a> {
    questions: &'a [Question],
    judge: Option<&'a Named<dyn Model>>,
    caller: &'a Caller,
    connections: usize,
}

impl<'a> Verdicts<'a> {
    pub fn new(
        questions: &'a [Question],
        judge: Option<&'a Named<dyn Model>>,
        panel: &'a Panel,
    ) -> Self {
        Self { questions, judge, caller: &panel.caller, connections: panel.connections }
    }

    /// The scores of each input, one a question.
    async fn score_all(&self, inputs: &[Input]) -> Result<Vec<Vec<Score>>, ScorerError> {
        let over = &Stop::default();
        let one = |input| async move {
            if over.asked() {
                return Err(ScorerError::Stopped);
            }
            self.score_one(input).await.inspect_err(|_| over.ask())
        };
        let each: Vec<_> = inputs.iter().map(|input| one(input).boxed()).collect();
        // The first error ends the feeding; what is in flight is still waited for and kept.
        let outcomes: Vec<_> = stream::iter(each).buffered(self.connections.max(1)).collect().await;
        let stopped = |outcome: &Result<_, _>| matches!(outcome, Err(ScorerError::Stopped));
        let (stopped, outcomes): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(stopped);
        // The error that ended it says more than those that it left behind.
        outcomes.into_iter().chain(stopped).collect()
    }

    async fn score_one(&self, input: &Input) -> Result<Vec<Score>, ScorerError> {
        let mut scores: Vec<Score> = Vec::new();
        for question in self.questions {
            let score = match skipped(question, &scores) {
                Some(outcome) => Score::new(&question.score, outcome),
                None => match input.only_text() {
                    Err(outcome) => Score::new(&question.score, outcome),
                    Ok(text) => self.ask(question, input, text).await?,
                },
            };
            scores.push(score);
        }
        Ok(scores)
    }

    async fn ask(
        &self,
        question: &Question,
        input: &Input,
        text: &str,
    ) -> Result<Score, ScorerError> {
        let judgement = match self.judge {
            None => rules::judge(question, input, text),
            Some(named) => {
                match judge::ask(self.caller, named.model.as_ref(), question, input, text).await {
                    Ok(judgement) => judgement,
                    Err(CallError::Store(error)) => return Err(error.into()),
                    Err(CallError::Stopped) => return Err(ScorerError::Stopped),
                    Err(CallError::Model(error)) if error.kind == Failure::Unusable => {
                        return Err(ScorerError::Unusable { model: named.name.clone(), error });
                    }
                    Err(CallError::Model(error)) => {
                        let why = format!("the judge failed: {error}");
                        return Ok(Score::new(&question.score, Outcome::Failed(why)));
                    }
                }
            }
        };
        Ok(match judgement {
            Judgement::CannotTell(why) => Score::new(&question.score, Outcome::NotScored(why)),
            Judgement::Verdict { name, why } => {
                let number = question.verdict(&name).and_then(|verdict| verdict.score);
                Score {
                    name: question.score.clone(),
                    outcome: number
                        .map_or_else(|| Outcome::Category(name.clone()), Outcome::number),
                    verdict: Some(name),
                    why: Some(why),
                }
            }
        })
    }
}

impl Scorer for Verdicts<'_> {
    fn identity(&self) -> String {
        let mut parts = Vec::new();
        for question in self.questions {
            parts.push(question.rubric.as_bytes());
            for verdict in &question.verdicts {
                parts.push(verdict.name.as_bytes());
                parts.push(verdict.means.as_bytes());
            }
        }
        match self.judge {
            Some(judge) => format!("judge {}, rubric {}", judge.name, &digest::hex(&parts)[..12]),
            None => {
                let names: Vec<&str> =
                    self.questions.iter().filter_map(|q| q.rules.as_deref()).collect();
                match names.as_slice() {
                    [] => "none: needs a judge".to_owned(),
                    names => format!("rules {}, lists {}", names.join("+"), rules::digest()),
                }
            }
        }
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        self.score_all(inputs).boxed()
    }
}

/// Why a question is not asked, where an earlier verdict rules it out.
fn skipped(question: &Question, earlier: &[Score]) -> Option<Outcome> {
    question.only_if.iter().find_map(|(name, wanted)| {
        let score = earlier.iter().find(|score| score.name == *name)?;
        match &score.verdict {
            Some(verdict) if verdict == wanted => None,
            Some(verdict) => Some(Outcome::NotApplicable(format!("{name} is {verdict}"))),
            None => Some(Outcome::NotScored(format!("{name} is not scored"))),
        }
    })
}
