//! What people must say of an item before it is published.

use serde::Deserialize;

/// The rule of inclusion.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewConfig {
    /// People who must rate each item in each language; 0: nobody, which the data card says.
    pub reviewers: usize,
    /// What each of them must give on each criterion, from 1 to 5.
    pub least: u8,
    /// Whether one person who calls it unsafe takes it out.
    pub unsafe_excludes: bool,
    /// Whether those who disagree are joined by one more.
    pub third: bool,
}

impl Default for ReviewConfig {
    fn default() -> Self {
        Self { reviewers: 2, least: 4, unsafe_excludes: true, third: true }
    }
}

impl ReviewConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=5).contains(&self.least) {
            return Err("[review] least is from 1 to 5".into());
        }
        Ok(())
    }
}
