//! One item in one language: what the rest of the program works on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One item in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The task's name.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// The item's id, the same in every language.
    pub item: String,
    /// The group of files that it is from, where the task has several.
    pub group: Option<String>,
    /// The item's row in the first of its files, from 0.
    pub row: usize,
    /// The forms of the item, by variant name in the task's order.
    pub variants: Vec<Variant>,
    /// Reference texts by name.
    pub references: BTreeMap<String, String>,
    /// The English ones of those that the language has of its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub english: BTreeMap<String, String>,
    /// Domains of the item.
    pub domains: Vec<String>,
    /// Where the item comes from.
    pub source: Option<String>,
}

/// One form of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name in the task.
    pub name: String,
    /// The text of the dataset's cell.
    pub text: String,
}

impl Sample {
    /// The text of a variant.
    pub fn variant(&self, name: &str) -> Option<&str> {
        self.variants.iter().find(|v| v.name == name).map(|v| v.text.as_str())
    }

    /// The item's text, for scorers that read tasks of one variant.
    pub fn question(&self) -> &str {
        self.variants.first().map_or("", |v| v.text.as_str())
    }
}

/// Samples that the data should hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The task that loses them.
    pub task: String,
    /// Tag of the language; `None`: all languages.
    pub language: Option<String>,
    /// The dataset file.
    pub file: String,
    /// Line of the file, from 1, where the row begins.
    pub line: Option<u64>,
    /// The column's header.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub problem: String,
    /// How many samples are missing for it; 0 for a mere note.
    pub samples: usize,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}
