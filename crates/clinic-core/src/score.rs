//! Scores: what a scorer makes of a sample's responses. Never a NaN, never a default 0.

use serde::{Deserialize, Serialize};

/// One score of one sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Its name in the task.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The verdict, where one was given.
    pub verdict: Option<String>,
    /// The reason that the scorer gives.
    pub why: Option<String>,
}

/// What came of scoring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A finite number.
    Number(f64),
    /// A category.
    Category(String),
    /// The scorer does not apply to this sample; it does not lower coverage.
    NotApplicable(String),
    /// There is nothing to score or no way to tell: lowers coverage, never the score.
    NotScored(String),
    /// The scorer itself failed; worth scoring again.
    Failed(String),
}

impl Outcome {
    /// A number, or a failure where it is not finite.
    pub fn number(value: f64) -> Self {
        if value.is_finite() {
            Self::Number(value)
        } else {
            Self::Failed(format!("the scorer gave {value}, which is no number"))
        }
    }

    /// The state's name in stores and exports.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Number(_) | Self::Category(_) => "scored",
            Self::NotApplicable(_) => "not_applicable",
            Self::NotScored(_) => "not_scored",
            Self::Failed(_) => "failed",
        }
    }

    /// Why there is no score.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotApplicable(why) | Self::NotScored(why) | Self::Failed(why) => Some(why),
            _ => None,
        }
    }
}

impl Score {
    /// A score without verdict or reason.
    pub fn new(name: impl Into<String>, outcome: Outcome) -> Self {
        Self { name: name.into(), outcome, verdict: None, why: None }
    }
}
