//! How English documents find their versions in other languages.

use serde::Deserialize;

/// Thresholds of similarity.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapConfig {
    /// Cosine similarity from which two documents are taken for versions of one.
    pub threshold: f64,
    /// Similarity from which a person is asked; below it documents stay alone.
    pub doubtful: f64,
    /// A pair is doubtful if either document has another that is nearer than this to being as similar.
    pub margin: f64,
    /// Characters of a document that are embedded, its title included.
    pub characters: usize,
}

impl Default for MapConfig {
    fn default() -> Self {
        Self { threshold: 0.9, doubtful: 0.8, margin: 0.01, characters: 1_000 }
    }
}

impl MapConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(-1.0..=1.0).contains(&self.doubtful)
            || !(self.doubtful..=1.0).contains(&self.threshold)
        {
            return Err("[map] needs -1 <= doubtful <= threshold <= 1".into());
        }
        if !(0.0..=2.0).contains(&self.margin) || self.characters < 50 {
            return Err("[map] needs a margin from 0 to 2 and at least 50 characters".into());
        }
        Ok(())
    }
}
