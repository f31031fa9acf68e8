//! What must be true of an item before people see it.

use serde::Deserialize;

/// Thresholds of the checks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckConfig {
    /// Similarity of an item to its English form below which it is blocked.
    pub meaning_block: f64,
    /// Similarity below which it is warned of.
    pub meaning_warn: f64,
    /// Share of letter groups in common from which two English items are one (Jaccard).
    pub near_duplicate: f64,
    /// Cosine from which two English items of a task are warned of as one, where there is an embedder.
    pub near_meaning: f64,
    /// The longest option may be so many times as long as the shortest.
    pub option_ratio: f64,
    /// A task's right options are balanced unless chance alone would do this seldom (p-value).
    pub balance_p: f64,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self {
            meaning_block: 0.75,
            meaning_warn: 0.85,
            near_duplicate: 0.8,
            near_meaning: 0.95,
            option_ratio: 2.5,
            balance_p: 0.01,
        }
    }
}

impl CheckConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let block = self.meaning_block;
        if !(-1.0..=1.0).contains(&block) || !(block..=1.0).contains(&self.meaning_warn) {
            return Err("[check] needs -1 <= meaning_block <= meaning_warn <= 1".into());
        }
        if !(-1.0..=1.0).contains(&self.near_meaning) {
            return Err("[check] near_meaning is from -1 to 1".into());
        }
        if !(0.0..=1.0).contains(&self.near_duplicate) || !(0.0..=1.0).contains(&self.balance_p) {
            return Err("[check] near_duplicate and balance_p are from 0 to 1".into());
        }
        if !(1.0..=100.0).contains(&self.option_ratio) {
            return Err("[check] option_ratio is from 1 to 100".into());
        }
        Ok(())
    }
}
