//! The published way of reading responses, put before any scorer. Design: `docs/design/reference.md`.

use clinic_core::published::{self, Published, Reading};
use clinic_core::score::{Outcome, Score};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Input, Scorer, ScorerError};
use crate::run::State;

/// A scorer that gets its responses as the published scripts would read them.
pub(super) struct AsPublished<'a> {
    published: &'a Published,
    /// Names of the scores that the scorer gives.
    names: Vec<&'a str>,
    scorer: Box<dyn Scorer + 'a>,
}

/// What becomes of a sample.
enum Row {
    /// It is scored.
    Score(Box<Input>),
    /// It is left out of everything.
    LeftOut(String),
    /// There is no response, which the published scripts never met: it has no scores at all.
    Absent,
}

impl<'a> AsPublished<'a> {
    pub fn new(
        published: &'a Published,
        names: Vec<&'a str>,
        scorer: Box<dyn Scorer + 'a>,
    ) -> Self {
        Self { published, names, scorer }
    }

    fn row(&self, input: &Input) -> Row {
        if let Some(take) = self.published.take.filter(|take| input.sample.row >= *take) {
            return Row::LeftOut(format!("the published script reads the first {take} rows"));
        }
        let mut responses = input.responses.clone();
        for response in &mut responses {
            let Some(raw) = response.reply() else { return Row::Absent };
            (response.state, response.text) = match published::read(self.published, raw) {
                Reading::Text(text) => (State::Answered, Some(text)),
                Reading::Fails => (State::Empty, None),
                Reading::LeftOut(why) => return Row::LeftOut(why.to_owned()),
            };
        }
        if responses.is_empty() {
            return Row::Absent;
        }
        // One column, in English, serves all languages.
        let mut sample = input.sample.clone();
        sample.references.append(&mut sample.english);
        Row::Score(Box::new(Input { id: input.id, sample, responses }))
    }

    async fn score_all(&self, inputs: &[Input]) -> Result<Vec<Vec<Score>>, ScorerError> {
        let mut scored = Vec::new();
        let rows: Vec<Option<String>> = inputs
            .iter()
            .map(|input| match self.row(input) {
                Row::Score(input) => {
                    scored.push((input.id, *input));
                    None
                }
                Row::LeftOut(why) => Some(why),
                Row::Absent => None,
            })
            .collect();
        let (ids, read): (Vec<i64>, Vec<Input>) = scored.into_iter().unzip();
        let mut scores = ids.into_iter().zip(self.scorer.score(&read).await?).peekable();
        Ok(inputs
            .iter()
            .zip(rows)
            .map(|(input, left_out)| match left_out {
                Some(why) => {
                    let score =
                        |name: &&str| Score::new(*name, Outcome::NotApplicable(why.clone()));
                    self.names.iter().map(score).collect()
                }
                None => scores.next_if(|(id, _)| *id == input.id).map_or_else(Vec::new, |s| s.1),
            })
            .collect())
    }
}

impl Scorer for AsPublished<'_> {
    fn identity(&self) -> String {
        format!("reference protocol, {}", self.scorer.identity())
    }

    fn together(&self) -> usize {
        self.scorer.together()
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        self.score_all(inputs).boxed()
    }
}
