//! What can be wrong with a reply.

use std::fmt;

/// Why a reply is of no use, in words fit for the model that is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub sort: Sort,
    /// Our words, with names of fields; nothing that the model wrote.
    pub what: String,
}

/// Sorts of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Empty,
    CutOff,
    Filtered,
    NoObject,
    Half,
    Rule,
    Options,
    Language,
    AsEnglish,
    Copied,
    Refused,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty reply",
            Self::CutOff => "cut off",
            Self::Filtered => "held back by the provider",
            Self::NoObject => "no JSON object",
            Self::Half => "half an item",
            Self::Rule => "against the recipe",
            Self::Options => "options of no use",
            Self::Language => "in another language",
            Self::AsEnglish => "the English text again",
            Self::Copied => "copied instructions",
            Self::Refused => "request refused",
        })
    }
}

impl Sort {
    pub fn with(self, what: impl Into<String>) -> Fault {
        Fault { sort: self, what: what.into() }
    }
}
