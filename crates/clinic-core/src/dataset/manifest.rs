//! The manifest: which file and which column is what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::DataError;
use crate::language::Languages;

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

impl Manifest {
    /// Reads a manifest.
    pub(super) fn parse(file: PathBuf, bytes: &[u8]) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError::Manifest { file: file.clone(), problem };
        let text = std::str::from_utf8(bytes).map_err(|e| wrong(format!("not UTF-8: {e}")))?;
        let manifest: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let known = Languages::builtin();
        let tags = manifest.files.values().flat_map(|entry| entry.languages.keys());
        if let Some(tag) =
            tags.chain(manifest.columns.languages.keys()).find(|tag| known.tag(tag).is_none())
        {
            return Err(wrong(format!("languages.{tag}: languages.toml has no such tag")));
        }
        for (name, entry) in &manifest.files {
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
