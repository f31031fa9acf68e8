//! Vectors of what items say.

use std::collections::HashMap;

use clinic_engine::model::{Embedder, ModelError};
use clinic_engine::run::Caller;

use super::set::Set;
use crate::StepError;

/// Texts to an embedder at once.
const BATCH: usize = 32;

/// The vectors of all texts that are compared, or why there is none.
pub(super) struct Vectors(HashMap<String, Result<Vec<f32>, ModelError>>);

impl Vectors {
    /// Asks for those that are not known yet.
    pub async fn ask(
        set: &Set<'_>,
        embedder: &dyn Embedder,
        caller: &Caller,
    ) -> Result<Self, StepError> {
        let mut texts: Vec<String> = set.texts().map(|(entry, text)| entry.body(text)).collect();
        texts.sort_unstable();
        texts.dedup();
        let vectors = caller.embed(embedder, &texts, BATCH).await?;
        Ok(Self(texts.into_iter().zip(vectors).collect()))
    }

    /// The vector of a text, where there is one.
    pub fn of(&self, text: &str) -> Option<&[f32]> {
        self.0.get(text)?.as_deref().ok()
    }

    /// Why a text has none.
    pub fn error(&self, text: &str) -> Option<&ModelError> {
        self.0.get(text)?.as_ref().err()
    }
}

/// Cosine similarity, from -1 to 1; `None` of vectors without a direction or of unequal length.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> Option<f64> {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    (a.len() == b.len() && cosine.is_finite()).then(|| cosine.clamp(-1.0, 1.0))
}
