//! The manifest: which file and which column is what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::DataError;
use crate::language::{Language, Languages};

/// What `manifest.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the set.
    pub name: String,
    /// Version of the set.
    #[serde(default)]
    pub version: String,
    /// Licence of the set.
    #[serde(default)]
    pub license: String,
    /// What it is.
    #[serde(default)]
    pub about: String,
    /// Where the files are, if not beside the manifest: `hf:OWNER/NAME@COMMIT`.
    #[serde(default)]
    pub origin: Option<String>,
    /// Whether only the files that are named here are read; otherwise another is looked for as
    /// `<name>.csv`.
    #[serde(default)]
    pub only_named: bool,
    /// Columns of every file.
    #[serde(default)]
    pub columns: Columns,
    /// What differs for a file, by dataset file name.
    #[serde(default)]
    pub files: BTreeMap<String, FileEntry>,
}

/// Which column is what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The item's id; absent: the row's number.
    pub id: Option<String>,
    /// Domains, separated by `;`.
    pub domains: Option<String>,
    /// Where the item comes from.
    pub source: Option<String>,
    /// Language tag to header, where it is not the English name.
    #[serde(default)]
    pub languages: BTreeMap<String, String>,
    /// Reference name to header, where it is not one that the task names.
    #[serde(default)]
    pub references: BTreeMap<String, String>,
}

/// One file's own entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileEntry {
    /// Where it is, from the manifest's folder; empty: `<name>.csv`.
    pub path: String,
    /// Which file of a zip.
    pub member: Option<String>,
    /// What it is written in; absent: as its name ends.
    pub format: Option<Format>,
    /// What separates cells of CSV, if not a comma.
    pub delimiter: Option<char>,
    /// Of a long table, the rows: column to the value that it must have. Of several values the rows
    /// are taken in turn.
    pub rows: BTreeMap<String, Values>,
    /// Of a long table, the column that names the language.
    pub language: Option<String>,
    /// Of a long table with a language column, the column of the text.
    pub text: Option<String>,
    /// SHA-256 that it must have.
    pub sha256: Option<String>,
    /// As in [`Columns`].
    pub id: Option<String>,
    /// As in [`Columns`].
    pub domains: Option<String>,
    /// As in [`Columns`].
    pub source: Option<String>,
    /// As in [`Columns`].
    pub languages: BTreeMap<String, String>,
    /// As in [`Columns`].
    pub references: BTreeMap<String, String>,
}

impl FileEntry {
    /// The header of a language's column: its English name, unless the manifest has another.
    pub fn header<'a>(&'a self, language: &'a Language) -> &'a str {
        self.languages.get(&language.tag).unwrap_or(&language.english)
    }
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Cells separated by commas (or another sign), quotes doubled.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// Separated by tabs, with backslash escapes: the `.tab` files of Dataverse.
    Tab,
    /// An object a line.
    Jsonl,
    /// Parquet.
    Parquet,
}

impl Format {
    /// What a file's name says, below the endings of packed files.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        Some(match name.rsplit_once('.')?.1 {
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "jsonl" | "ndjson" => Self::Jsonl,
            "parquet" => Self::Parquet,
            _ => return None,
        })
    }

    /// Its name in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Tab => "tab",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// One value or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum Values {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Values {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    pub fn parse(file: PathBuf, bytes: &[u8]) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError::Manifest { file: file.clone(), problem };
        let text = std::str::from_utf8(bytes).map_err(|e| wrong(format!("not UTF-8: {e}")))?;
        let manifest: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let known = Languages::current();
        let tags = manifest.files.values().flat_map(|entry| entry.languages.keys());
        if let Some(tag) =
            tags.chain(manifest.columns.languages.keys()).find(|tag| known.tag(tag).is_none())
        {
            return Err(wrong(format!("languages.{tag}: languages.toml has no such tag")));
        }
        for (name, entry) in &manifest.files {
            let odd = |delimiter: &char| !delimiter.is_ascii() || "\"\r\n".contains(*delimiter);
            if entry.delimiter.as_ref().is_some_and(odd) {
                return Err(wrong(format!("files.{name}.delimiter: one ASCII sign, and no quote")));
            }
            let several = entry.rows.values().map(|values| values.list().len());
            if let Some(count) = several.clone().find(|count| *count != 1)
                && (count == 0 || several.clone().any(|other| other != 1 && other != count))
            {
                return Err(wrong(format!(
                    "files.{name}.rows: lists of values must not be empty, and as long as each other"
                )));
            }
            let outside = Path::new(&entry.path).components().any(|part| {
                !matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)
            });
            if outside {
                return Err(wrong(format!(
                    "files.{name}.path: must stay in the manifest's folder"
                )));
            }
        }
        Ok(manifest)
    }

    /// The manifest of a folder that has none: the published names.
    pub(super) fn unnamed(folder: &Path) -> Self {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Self {
            name,
            version: String::new(),
            license: String::new(),
            about: String::new(),
            origin: None,
            only_named: false,
            columns: Columns::default(),
            files: BTreeMap::new(),
        }
    }

    /// The entry of a file, with what holds for every file filled in.
    pub fn file(&self, name: &str) -> FileEntry {
        let mut entry = self.files.get(name).cloned().unwrap_or_default();
        if entry.path.is_empty() {
            entry.path = format!("{name}.csv");
        }
        let columns = &self.columns;
        entry.id = entry.id.or_else(|| columns.id.clone());
        entry.domains = entry.domains.or_else(|| columns.domains.clone());
        entry.source = entry.source.or_else(|| columns.source.clone());
        for (all, own) in [
            (&columns.languages, &mut entry.languages),
            (&columns.references, &mut entry.references),
        ] {
            for (key, header) in all {
                own.entry(key.clone()).or_insert_with(|| header.clone());
            }
        }
        entry
    }
}
