//! Toxicity: a grade of harm in the wording, by a judge, a guard model or a classifier.
//!
//! `docs/toxicity.md` tells which of them covers which language.

use clinic_core::score::{Outcome, Score};
use clinic_core::task::Question;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::verdicts::{self, Verdicts};
use super::{Grader, Input, Named, Panel, Scorer, ScorerError, guard};
use crate::model::grader::Family;
use crate::model::{Classifier, Grade, Model};

/// Scores by the number of the grade.
pub(super) fn scorer<'a>(questions: &'a [Question], panel: &'a Panel) -> Box<dyn Scorer + 'a> {
    match &panel.toxicity {
        None => Box::new(Verdicts::new(questions, panel.judge.as_ref(), panel)),
        Some(Grader::Judge(judge)) => Box::new(Verdicts::new(questions, Some(judge), panel)),
        Some(Grader::Guard(guard, family)) => {
            Box::new(Graded { questions, by: By::Guard(guard, *family), panel })
        }
        Some(Grader::Classifier(classifier)) => {
            Box::new(Graded { questions, by: By::Classifier(classifier), panel })
        }
    }
}

/// Graders that know one number and no rubric.
enum By<'a> {
    Guard(&'a Named<dyn Model>, Family),
    Classifier(&'a Named<dyn Classifier>),
}

/// Scores by one of them.
struct Graded<'a> {
    questions: &'a [Question],
    by: By<'a>,
    panel: &'a Panel,
}

impl Graded<'_> {
    /// The grade answers the first question; others need someone who reads their rubric.
    async fn score_one(&self, input: &Input) -> Result<Vec<Score>, ScorerError> {
        let mut scores = Vec::new();
        for question in self.questions {
            let not = |why: &str| Score::new(&question.score, Outcome::NotScored(why.to_owned()));
            scores.push(match input.only_text() {
                _ if !scores.is_empty() => not("only a judge can tell this"),
                Err(outcome) => Score::new(&question.score, outcome),
                Ok(text) if text.trim().is_empty() => not("the response is empty"),
                Ok(text) => self.grade(&question.score, input, text).await?,
            });
        }
        Ok(scores)
    }

    async fn grade(&self, name: &str, input: &Input, text: &str) -> Result<Score, ScorerError> {
        let caller = &self.panel.caller;
        let (grader, outcome) = match &self.by {
            By::Classifier(named) => {
                let language = &input.sample.language;
                let grade = caller.classify(named.model.as_ref(), text, language).await;
                let outcome = grade.map(|grade| match grade {
                    Grade::Toxicity(number) => Score::new(name, Outcome::number(number)),
                    Grade::NotGraded(why) => Score::new(name, Outcome::NotScored(why)),
                });
                (&named.name, outcome)
            }
            By::Guard(named, family) => {
                let model = named.model.as_ref();
                let question = input.sample.question();
                (&named.name, guard::ask(caller, model, *family, question, text, name).await)
            }
        };
        match outcome {
            Ok(score) => Ok(score),
            Err(error) => {
                let error = ScorerError::unless_own(error, grader)?;
                let why = format!("the grader of toxicity failed: {error}");
                Ok(Score::new(name, Outcome::Failed(why)))
            }
        }
    }
}

impl Scorer for Graded<'_> {
    fn identity(&self) -> String {
        match &self.by {
            By::Classifier(named) => {
                format!("classifier {}: {}", named.name, named.model.measures())
            }
            By::Guard(named, _) => format!("guard {}: {}", named.name, guard::MEASURES),
        }
    }

    fn together(&self) -> usize {
        1
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        verdicts::each(inputs, |input| self.score_one(input)).boxed()
    }
}
