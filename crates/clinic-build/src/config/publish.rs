//! What is published.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The size of the set, and what its card says beside what the store knows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublishConfig {
    /// Items a task, the same in every language.
    pub items: usize,
    /// Items of single tasks, by the task's name.
    pub items_of: BTreeMap<String, usize>,
    /// Who made the set, for its card: people or institutions.
    pub creators: Vec<String>,
    /// Address of the set's page, for its card.
    pub url: Option<String>,
    /// How to cite it, for its card.
    pub cite: Option<String>,
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self { items: 10, items_of: BTreeMap::new(), creators: Vec::new(), url: None, cite: None }
    }
}

impl PublishConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.items == 0 {
            return Err("[publish] items is at least 1".into());
        }
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if let Some(url) = self.url.as_ref().filter(|url| !web(url)) {
            return Err(format!("[publish] url is '{url}' and no address as https://…"));
        }
        Ok(())
    }

    /// Items of a task; 0 leaves it out.
    pub fn items_of(&self, task: &str) -> usize {
        self.items_of.get(task).copied().unwrap_or(self.items)
    }
}
