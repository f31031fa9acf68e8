//! Verdicts on a response, by a judge or by lexical rules: what judge, categories and toxicity
//! share.

use clinic_core::digest;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Question;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::judge::{Judge, Judgement};
use super::{Input, Named, Panel, Scorer, ScorerError, TOGETHER, rules};
use crate::model::Model;

/// Asks questions about responses.
pub(super) struct Verdicts<'a> {
    questions: &'a [Question],
    judge: Option<Judge<'a>>,
}

/// Scores inputs one after the other, each by `one`.
pub(super) async fn each<'a, F>(
    inputs: &'a [Input],
    one: impl Fn(&'a Input) -> F + Send + Sync,
) -> Result<Vec<Vec<Score>>, ScorerError>
where
    F: Future<Output = Result<Vec<Score>, ScorerError>> + Send,
{
    let mut scores = Vec::new();
    for input in inputs {
        scores.push(one(input).await?);
    }
    Ok(scores)
}

impl<'a> Verdicts<'a> {
    pub fn new(
        questions: &'a [Question],
        judge: Option<&'a Named<dyn Model>>,
        panel: &'a Panel,
    ) -> Self {
        let judge = judge.map(|named| Judge::new(named, panel));
        Self { questions, judge }
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
        let judgement = match &self.judge {
            None => rules::judge(question, input, text),
            Some(judge) => match judge.ask(question, input, text).await {
                Ok(judgement) => judgement,
                Err(error) => {
                    let error = ScorerError::unless_own(error, judge.name())?;
                    let why = format!("the judge failed: {error}");
                    return Ok(Score::new(&question.score, Outcome::Failed(why)));
                }
            },
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
        match &self.judge {
            Some(judge) => format!("{}, rubric {}", judge.identity(), rubrics(self.questions)),
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

    fn together(&self) -> usize {
        if self.judge.is_some() { 1 } else { TOGETHER }
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        each(inputs, |input| self.score_one(input)).boxed()
    }
}

/// A short hash of all that a judge is told and of what its verdicts count.
fn rubrics(questions: &[Question]) -> String {
    let mut parts = vec![Judge::told().to_owned()];
    for question in questions {
        parts.push(question.rubric.clone());
        parts.extend(question.shows.iter().cloned());
        for verdict in &question.verdicts {
            parts.push(format!("{} {:?} {}", verdict.name, verdict.score, verdict.means));
        }
    }
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    digest::hex(&parts)[..12].to_owned()
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
