//! Similarity: the cosine of embeddings, of one pair of texts or of one pair less another.

use std::collections::HashMap;

use clinic_core::score::{Outcome, Score};
use clinic_core::task::{Operand, SimilaritySpec};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Input, Panel, Scorer, ScorerError};
use crate::model::{Failure, ModelError};

/// Samples whose texts are embedded together: enough for a few full requests.
const SAMPLES: usize = 64;

/// Scores by the panel's embedder.
pub(super) struct Similarity<'a> {
    specs: &'a [SimilaritySpec],
    panel: &'a Panel,
}

type Vectors<'a> = HashMap<&'a str, Result<Vec<f32>, ModelError>>;

impl<'a> Similarity<'a> {
    pub fn new(specs: &'a [SimilaritySpec], panel: &'a Panel) -> Self {
        Self { specs, panel }
    }

    async fn score_all(&self, inputs: &[Input]) -> Result<Vec<Vec<Score>>, ScorerError> {
        let Some(embedder) = &self.panel.embedder else {
            let why = "no embedder is named; add --embedder".to_owned();
            let none =
                |spec: &SimilaritySpec| Score::new(&spec.score, Outcome::NotScored(why.clone()));
            return Ok(inputs.iter().map(|_| self.specs.iter().map(none).collect()).collect());
        };
        let mut texts: Vec<&str> = inputs
            .iter()
            .flat_map(|input| {
                self.specs.iter().flat_map(SimilaritySpec::operands).map(move |o| (input, o))
            })
            .filter_map(|(input, operand)| operand_text(input, operand).ok())
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let owned: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let Panel { caller, batch, .. } = self.panel;
        let vectors = match caller.embed(embedder.model.as_ref(), &owned, *batch).await {
            Ok(vectors) => vectors,
            Err(error) => {
                let error = ScorerError::unless_own(error, &embedder.name)?;
                return Err(ScorerError::Unusable { model: embedder.name.clone(), error });
            }
        };
        let vectors: Vectors = texts.into_iter().zip(vectors).collect();
        let one = |input| self.specs.iter().map(|spec| score(spec, input, &vectors)).collect();
        Ok(inputs.iter().map(one).collect())
    }
}

impl Scorer for Similarity<'_> {
    fn identity(&self) -> String {
        match &self.panel.embedder {
            Some(embedder) => format!("embeddings {}", embedder.name),
            None => "none: needs an embedder".to_owned(),
        }
    }

    fn together(&self) -> usize {
        SAMPLES
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        self.score_all(inputs).boxed()
    }
}

fn operand_text<'a>(input: &'a Input, operand: &Operand) -> Result<&'a str, Outcome> {
    match operand {
        Operand::Response(variant) => input.text(variant),
        Operand::Reference(name) => input
            .sample
            .references
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Outcome::NotScored(format!("the sample has no reference '{name}'"))),
    }
}

fn score(spec: &SimilaritySpec, input: &Input, vectors: &Vectors) -> Score {
    let pair = |[a, b]: &[Operand; 2]| -> Result<f64, (Outcome, Option<String>)> {
        let vector = |operand| {
            let text = operand_text(input, operand).map_err(|outcome| (outcome, None))?;
            vectors[text].as_ref().map_err(missing)
        };
        cosine(vector(a)?, vector(b)?).map_err(|outcome| (outcome, None))
    };
    let value = || {
        let plus = pair(&spec.plus)?;
        Ok(plus - spec.minus.as_ref().map_or(Ok(0.0), pair)?)
    };
    let (outcome, why) = value().map_or_else(|missing| missing, |v| (Outcome::number(v), None));
    Score { why, ..Score::new(&spec.score, outcome) }
}

/// Why a text has no vector. Its length will not change, so asking again would not help; the
/// numbers stand apart, so that texts that are too long are counted together.
fn missing(error: &ModelError) -> (Outcome, Option<String>) {
    match error.kind {
        Failure::TooLong => {
            let why = "a text is too long for the embedder".to_owned();
            (Outcome::NotScored(why), Some(error.message.clone()))
        }
        _ => (Outcome::Failed(format!("the embedder failed: {error}")), None),
    }
}

/// Cosine similarity, from -1 to 1.
fn cosine(a: &[f32], b: &[f32]) -> Result<f64, Outcome> {
    if a.len() != b.len() {
        let why = format!("the embedder gave vectors of {} and {} numbers", a.len(), b.len());
        return Err(Outcome::Failed(why));
    }
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    Ok(dot(a, b) / (dot(a, a) * dot(b, b)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_does_not_depend_on_length_of_vectors() {
        assert!((cosine(&[3.0, 0.0], &[5.0, 5.0]).unwrap() - 0.5f64.sqrt()).abs() < 1e-7);
        assert!(cosine(&[1.0], &[1.0, 0.0]).is_err());
    }
}
