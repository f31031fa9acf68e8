//! The published scripts' arithmetic, as data: what a task file's `[published]` table holds.
//!
//! The protocol `reference` reads responses and folds scores by it. Design:
//! `docs/design/reference.md`; what differs from the default protocol: `docs/fidelity.md`.

mod check;
mod clean;
mod fold;
pub mod layout;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use check::check;
pub use clean::{Reading, read};
pub use fold::{Row, fold, left_out};

use crate::task::{Better, Scorer};

/// Whose arithmetic makes the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Corrected scoring, with intervals and coverage.
    #[default]
    Default,
    /// The published scripts' own, mistakes included.
    Reference,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Reference => "reference",
        })
    }
}

/// What the published scripts do with the responses of a task.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The task in the names of response folders: as the scorer looks for it, then as the
    /// generator writes it where that differs.
    pub folders: Vec<String>,
    /// What is done to a response before it is scored, in this order.
    #[serde(default)]
    pub clean: Vec<Step>,
    /// What becomes of a row whose response is empty.
    #[serde(default)]
    pub empty: Empty,
    /// Rows of each file that are read at most.
    pub take: Option<usize>,
    /// The scorer, where it is not the task's own.
    pub scorer: Option<Scorer>,
    /// The numbers, in the order of the result's keys.
    pub metrics: Vec<PublishedMetric>,
    /// The metric that the headline shows.
    pub headline: String,
}

/// One step of cleaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Deletes every character that is not ASCII.
    Ascii,
    /// Keeps what follows the last `</think>`, where `<think>` is there too.
    Block,
    /// Takes outer white space off.
    Trim,
    /// Makes a text of more than 150 characters a list of its first two lines.
    TwoLines,
}

/// What becomes of a row whose response is empty, once reasoning is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Empty {
    /// It is scored like any other.
    #[default]
    Score,
    /// It is left out of everything.
    Skip,
    /// It counts as a row whose scoring failed.
    Fail,
}

/// One number of the published results.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedMetric {
    /// Its key in the result files.
    pub name: String,
    /// How it is made.
    pub fold: Fold,
    /// The score that it folds; absent for `rows`.
    pub of: Option<String>,
    /// The verdict that is counted, for `percent`.
    pub category: Option<String>,
    /// Which way is better, where either is.
    pub better: Option<Better>,
    /// Decimals that it is rounded to.
    pub round: Option<usize>,
    /// What a row without a score counts as; absent: it is left out.
    pub missing: Option<f64>,
    /// Tasks whose rows are all counted in the denominator.
    #[serde(default)]
    pub over: Vec<String>,
    /// Scores that a row must have to count.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether each group of files has a number of its own.
    #[serde(default)]
    pub by_group: bool,
}

/// Ways to make a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// Number of rows.
    Rows,
    /// Sum of the scores.
    Sum,
    /// Sum of the scores over the number of rows.
    Mean,
    /// Share of a verdict in all rows, times 100.
    Percent,
    /// Skewness of the frequencies of distinct answers.
    Skewness,
}
