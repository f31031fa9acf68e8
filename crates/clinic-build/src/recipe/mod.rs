//! Recipes: how an item of a task is written, and how what a model wrote becomes cells.
//!
//! A recipe is one TOML file a task (`docs/build/write.md`). The model fills fields; the program
//! puts options in their places, fills the templates of the dataset's cells, and so decides all
//! that must not be left to a model: letters, order, format.

mod load;
mod render;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

pub use load::Recipes;
pub(crate) use render::carries_letter;
pub use render::{Options, Placed};

/// How an item of a task is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The task's name, which is the file's.
    pub task: String,
    /// What the item must hold; for the model that writes it, and for people who review it.
    pub holds: String,
    /// What must stay as it is in another language.
    pub stays: String,
    /// Whether the document answers the item, in the way that `holds` says: a person or judge who has
    /// the document finds there what the right answer says.
    pub grounded: bool,
    /// Whether only documents are used that are about what models cannot have learned yet.
    #[serde(default)]
    pub recent: bool,
    /// What the model writes.
    pub fields: Vec<Field>,
    /// Dataset file to the template of its cell: text with `{field}`, `{options}`, `{right}`,
    /// `{letter}`, `{wrong_letter}` (of the first wrong option).
    pub cells: BTreeMap<String, String>,
    /// Reference to the template of its text.
    #[serde(default)]
    pub references: BTreeMap<String, Reference>,
    /// Criteria of this task, beside those of all tasks.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// SHA-256 of the file's bytes, in hex.
    #[serde(skip)]
    pub digest: String,
}

/// Something that the model writes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What sort of thing it is.
    #[serde(default)]
    pub kind: FieldKind,
    /// What it must hold.
    pub means: String,
    /// Characters at most.
    #[serde(default = "most")]
    pub most: usize,
    /// Texts that it must hold, such as `[MASK]`.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// Texts that it must hold and that the program replaces, such as `[LETTER]`, each with the name
    /// of what takes its place (`letter`, `wrong_letter`, `right`).
    #[serde(default)]
    pub fills: BTreeMap<String, String>,
}

fn most() -> usize {
    1_500
}

/// Sorts of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// A text.
    #[default]
    Text,
    /// One right option and three wrong ones, which the program puts in their places.
    Options,
    /// Three wrong options and the words for "none of the above", which is right and stands last.
    NoneRight,
}

/// A reference text of an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its template.
    pub text: String,
    /// Whether all languages share the English one, such as a letter.
    #[serde(default)]
    pub shared: bool,
}

/// Something that people rate from 1 to 5.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name in stores and files: lower case and hyphens.
    pub name: String,
    /// The question to the reviewer.
    pub asks: String,
    /// What 1 means, in a few words.
    pub worst: String,
    /// What 5 means, in a few words.
    pub best: String,
}

/// Why a recipe cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct RecipeError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong: the key, the reason, what to do.
    pub problem: String,
}

impl Recipe {
    /// All that people rate of an item of this task: what all tasks have, then its own.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        load::common().iter().chain(&self.criteria)
    }

    /// The field that holds options, if there is one.
    pub fn options_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind != FieldKind::Text)
    }
}
