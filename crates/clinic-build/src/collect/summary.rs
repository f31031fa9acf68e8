//! What came of collecting.

use serde::Serialize;

/// What came of collecting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// By source, in the order of build.toml, and language.
    pub rows: Vec<Row>,
    /// What was left out.
    pub dropped: Vec<Left>,
    /// Sources that could not be read, or not to their end; what the store had of them stays.
    pub failed: Vec<Failure>,
    /// Documents that were not asked for, by source: in languages that the project lacks, or
    /// approved too early.
    pub passed_over: Vec<Passed>,
}

/// Documents of a source in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The source's name.
    pub source: String,
    /// Tag of the language; absent where it is not known.
    pub language: Option<String>,
    /// Documents that the store did not have.
    pub new: usize,
    /// Documents whose source has another text of them now.
    pub changed: usize,
    /// Documents that are as they were.
    pub same: usize,
    /// Documents that the source has no more, or that are dropped now.
    pub gone: usize,
    /// Documents that were left out.
    pub dropped: usize,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The source's name.
    pub source: String,
    /// Address, file or number.
    pub what: String,
    /// Why, in a word or two.
    pub kind: &'static str,
    /// Why.
    pub why: String,
}

/// A source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The source's name.
    pub source: String,
    /// Why.
    pub why: String,
}

/// Documents of a source that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// The source's name.
    pub source: String,
    /// How many.
    pub documents: usize,
}

impl Summary {
    /// Documents that could not be fetched.
    pub fn unfetched(&self) -> usize {
        self.dropped.iter().filter(|left| left.kind == "not fetched").count()
    }
}
