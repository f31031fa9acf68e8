//! How many items are written, and how patiently.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Items to write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WriteConfig {
    /// Items a task; checks and people will take some of them away.
    pub items: usize,
    /// Items of single tasks, by the task's name.
    pub items_of: BTreeMap<String, usize>,
    /// Items of one task from one document at most.
    pub per_document: usize,
    /// Characters of a document that a model is shown.
    pub characters: usize,
    /// Temperature of the writing.
    pub temperature: f64,
    /// Tokens of a reply at most, reasoning aside.
    pub max_tokens: u32,
    /// Replies asked for until one is whole.
    pub attempts: u32,
}

impl Default for WriteConfig {
    fn default() -> Self {
        Self {
            items: 20,
            items_of: BTreeMap::new(),
            per_document: 1,
            characters: 12_000,
            temperature: 0.7,
            max_tokens: 2_000,
            attempts: 3,
        }
    }
}

impl WriteConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=2.0).contains(&self.temperature) {
            return Err("[write] temperature is not from 0 to 2".into());
        }
        if self.items == 0 || self.per_document == 0 || self.max_tokens == 0 || self.attempts == 0 {
            return Err(
                "[write] items, per_document, max_tokens and attempts are at least 1".into()
            );
        }
        if self.characters < 200 {
            return Err("[write] characters is at least 200".into());
        }
        Ok(())
    }

    /// Items of a task.
    pub fn items_of(&self, task: &str) -> usize {
        self.items_of.get(task).copied().unwrap_or(self.items)
    }
}
