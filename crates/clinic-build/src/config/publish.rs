//! What is published.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The size of the set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublishConfig {
    /// Items a task, the same in every language.
    pub items: usize,
    /// Items of single tasks, by the task's name.
    pub items_of: BTreeMap<String, usize>,
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self { items: 10, items_of: BTreeMap::new() }
    }
}

impl PublishConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.items == 0 {
            return Err("[publish] items is at least 1".into());
        }
        Ok(())
    }

    /// Items of a task.
    pub fn items_of(&self, task: &str) -> usize {
        self.items_of.get(task).copied().unwrap_or(self.items)
    }
}
