//! A reviewer's queue as a table, and the table read back.
//!
//! CSV for every program, XLSX with checked cells for spreadsheets. A row says which text it is
//! about, whose it is, and which row of how many it was, so that all that has happened to the file
//! meanwhile can be told by its row.

mod cells;
mod export;
mod import;
mod row;
#[cfg(test)]
mod tests;
mod write;

use std::path::Path;

pub use export::{Exported, export};
pub use import::{Imported, Wrong, import};

use super::texts::Looked;
use crate::Project;
use crate::StepError;
use crate::store::{Cells, StoreError};

/// Columns before those of the criteria.
const FIXED: [&str; 9] =
    ["row", "reviewer", "key", "language", "digest", "task", "english", "item", "document"];
/// Columns behind them.
const SAID: [&str; 3] = ["unsafe", "comment", "skip"];

/// Before the name of a criterion in the header: one may be named as another column is.
const MARK: &str = "rate ";

/// What stands in the cell of a criterion that a row does not have.
const NONE: &str = "n/a";

/// Before a digest, so that no spreadsheet takes it for a number.
const DIGEST: &str = "sha256:";

/// Most characters of a document, and of a text; a cell of XLSX holds 32,767.
const DOCUMENT: usize = 4_000;
const TEXT: usize = 12_000;

/// Files that are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
}

impl Kind {
    fn of(file: &Path) -> Result<Self, StepError> {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Xlsx),
            _ => Err(StepError::Input(format!(
                "{}: a table's name ends in .csv or .xlsx; save it as one of these",
                file.display()
            ))),
        }
    }
}

/// What a row shows of a text: English form, item, document.
fn shown(
    project: &Project,
    looked: &Looked,
    item: i64,
    language: &str,
) -> Result<[String; 3], StoreError> {
    let texts = project.store().texts(item)?;
    let of = |tag: &str| texts.iter().find(|text| text.language == tag);
    let english = of("en").filter(|_| !looked.is_english).map(|text| joined(&text.cells));
    let Some(own) = of(language) else { return Ok(Default::default()) };
    let document = project.store().document(own.document)?.body;
    let document = format!("{}\n\n{}", document.title, document.text);
    let cut = |text: &str, most| clinic_report::export::harmless(&cut(text, most));
    Ok([
        cut(&english.unwrap_or_default(), TEXT),
        cut(&joined(&own.cells), TEXT),
        cut(&document, DOCUMENT),
    ])
}

/// All cells of an item, each after its name, but for the text of an item that has one.
fn joined(cells: &Cells) -> String {
    let single = cells.texts.len() == 1;
    let texts = cells.texts.iter().map(|(name, text)| match single {
        true => text.clone(),
        false => format!("[{name}]\n{text}"),
    });
    let references = cells.references.iter().map(|(name, text)| format!("[{name}]\n{text}"));
    texts.chain(references).collect::<Vec<_>>().join("\n\n")
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} […]", &text[..end]),
        None => text.to_owned(),
    }
}

/// All criteria of these texts, in the order of their coming.
fn criteria<'a>(project: &'a Project, texts: impl Iterator<Item = &'a Looked>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for criterion in texts.flat_map(|text| text.criteria(project)) {
        if !names.contains(&criterion.name) {
            names.push(criterion.name.clone());
        }
    }
    names
}
