//! Tasks: what is asked, of which rows, in which words, and how answers are scored.
//!
//! A task is one TOML file (`docs/design/formats.md`); the 18 of the benchmark are compiled in.

mod check;
mod library;
mod rubrics;
mod scorer;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use library::{Library, LibraryError};
pub use rubrics::Rubrics;
pub use scorer::{
    ChoiceSpec, Letters, Operand, Question, Reads, Scorer, SimilaritySpec, UnknownOperand, Verdict,
};

use crate::published::{Protocol, Published};

/// One of the five dimensions of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// Says what is true, and when it does not know.
    Truthfulness,
    /// Stays right when the question changes its form.
    Robustness,
    /// Treats people alike.
    Fairness,
    /// Refuses harm, and only harm.
    Safety,
    /// Keeps what it was told in confidence.
    Privacy,
}

impl Dimension {
    /// All five, in the order of the benchmark.
    pub const ALL: [Self; 5] =
        [Self::Truthfulness, Self::Robustness, Self::Fairness, Self::Safety, Self::Privacy];
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truthfulness => "truthfulness",
            Self::Robustness => "robustness",
            Self::Fairness => "fairness",
            Self::Safety => "safety",
            Self::Privacy => "privacy",
        })
    }
}

/// One task.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// The file's name, such as `jailbreak-dan`.
    pub name: String,
    /// The dimension that it belongs to.
    pub dimension: Dimension,
    /// Name for people.
    pub title: String,
    /// What it asks and why that matters.
    pub asks: String,
    /// Which rows of which files.
    pub data: Data,
    /// Frame and texts of the prompt.
    pub prompt: PromptSpec,
    /// Limits and sampling of the answer.
    pub generation: Generation,
    /// How an answer becomes scores.
    pub scorer: Scorer,
    /// How scores become numbers; the first is the headline.
    pub metrics: Vec<MetricSpec>,
    /// Where the headline is a share of refusals: whether to refuse is right or wrong.
    pub refusing: Option<Refusing>,
    /// What the published scripts do with the responses; without it, the protocol `reference` has
    /// nothing to go by.
    pub published: Option<Published>,
    /// One question, response and outcome.
    pub example: Example,
    /// The file as it stands.
    #[serde(skip)]
    pub text: String,
    /// SHA-256 of the file's bytes, in hex.
    #[serde(skip)]
    pub digest: String,
}

impl Task {
    /// The scorer under a protocol.
    pub fn scorer_of(&self, protocol: Protocol) -> &Scorer {
        let own = self.published.as_ref().filter(|_| protocol == Protocol::Reference);
        own.and_then(|published| published.scorer.as_ref()).unwrap_or(&self.scorer)
    }
}

/// What a refusal is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusing {
    /// The requests are harmful.
    Right,
    /// The requests are harmless.
    Wrong,
}

/// Which rows of which files a task uses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Samples a language in the published set.
    pub samples: usize,
    /// Groups of files; each row of a group's files is an item.
    pub groups: Vec<Group>,
    /// Reference texts by name.
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceSpec>,
    /// What each text must hold, such as `[MASK]`.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// References whose parts, separated by `;`, the question must hold.
    #[serde(default)]
    pub within: Vec<String>,
    /// Whether texts are misspelt or mixed on purpose, so that their language is no fault.
    #[serde(default)]
    pub altered: bool,
    /// References that must not be the same as the question.
    #[serde(default)]
    pub differ: Vec<String>,
    /// The reference that items share which are forms of one question: they are one cluster.
    pub cluster: Option<String>,
}

/// Files whose rows belong together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name, needed where a task has several groups; part of the item's id.
    pub name: Option<String>,
    /// Variant name to dataset file; row i of each is a form of item i.
    pub files: toml::Table,
    /// Which rows.
    #[serde(default)]
    pub rows: Rows,
}

impl Group {
    /// Variants in the order of the file: name and dataset file.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        // `check` has seen that each value is a string.
        self.files.iter().filter_map(|(name, file)| Some((name.as_str(), file.as_str()?)))
    }
}

/// A choice of rows by their index i, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "lowercase",
    untagged,
    expecting = "rows takes { every = N, start = N } or { last = N }"
)]
pub enum Rows {
    /// All of them.
    #[default]
    All,
    /// Rows with `i % every == start`.
    Every {
        /// The step.
        every: usize,
        /// The first row.
        start: usize,
    },
    /// The last rows of the file.
    Last {
        /// How many.
        last: usize,
    },
}

impl Rows {
    /// Whether row `i` of `total` is chosen.
    pub fn contains(self, i: usize, total: usize) -> bool {
        match self {
            Self::All => true,
            Self::Every { every, start } => i % every == start,
            Self::Last { last } => i + last >= total,
        }
    }
}

/// Where a reference text is found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSpec {
    /// The first of these columns that exists is used.
    pub columns: Vec<String>,
    /// Whether the scorer can do without it.
    #[serde(default)]
    pub optional: bool,
}

/// Frame and texts of a prompt.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptSpec {
    /// Text with `{question}` and the names of `texts` in braces.
    pub frame: String,
    /// Placeholder to language tag to text.
    #[serde(default)]
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
}

/// Limits and sampling of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// New tokens at most.
    pub max_tokens: u32,
    /// Temperature; absent: the model's own.
    pub temperature: Option<f64>,
    /// Nucleus; absent: the model's own.
    pub top_p: Option<f64>,
}

/// How scores become a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Name, such as `rta_rate`.
    pub name: String,
    /// The fold.
    pub kind: MetricKind,
    /// The score, or the pair of scores, that it folds.
    pub of: Of,
    /// Which way is better.
    pub better: Better,
    /// For shares: the category whose share is the headline.
    pub category: Option<String>,
    /// For means: the least and the most that a score can be, beyond which no interval goes.
    pub range: Option<[f64; 2]>,
    /// What the number says.
    pub means: String,
}

/// Folds of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Mean of scores between 0 and 1, with Wilson's interval.
    Rate,
    /// Mean of any scores, with Student's interval.
    Mean,
    /// Mean of the difference of two 0-1 scores of one sample.
    Drop,
    /// Share of each category.
    Shares,
    /// Skewness of the frequencies of distinct answers.
    Skewness,
    /// Entropy of the answers over the logarithm of their number: 0 where all are the same, 1 where
    /// no two are.
    Entropy,
    /// Share of the commonest answer.
    Commonest,
}

/// Which scores a metric reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "`of` takes a score's name, or two of them for a drop")]
pub enum Of {
    /// One score.
    One(String),
    /// The first minus the second.
    Pair([String; 2]),
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Up.
    Higher,
    /// Down.
    Lower,
    /// Toward zero.
    Zero,
}

impl Better {
    /// An arrow for tables.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Higher => "↑",
            Self::Lower => "↓",
            Self::Zero => "→0",
        }
    }
}

/// One question, response and outcome, to show what a task is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// An item in English.
    pub question: String,
    /// What a model might say.
    pub response: String,
    /// What the scorer makes of it.
    pub outcome: String,
}
