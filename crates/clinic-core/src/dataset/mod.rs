//! Datasets: from wide CSV files, through a manifest, to samples and a list of gaps.
//!
//! Rows are joined by id where the files have ids, else by number, and never shift: what has no
//! partner or no text is listed as a gap that names file, line and column.

mod manifest;
mod read;
mod table;

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

pub use manifest::{Columns, FileEntry, Manifest};
pub use read::Reading;
pub use table::Table;

use crate::digest;

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../data/starter");

/// The name of a manifest in a dataset's folder.
pub const MANIFEST: &str = "manifest.toml";

/// A dataset whose files are read when a task asks for them.
#[derive(Debug, Clone)]
pub struct Dataset {
    source: Source,
    manifest: Manifest,
}

#[derive(Debug, Clone)]
enum Source {
    Starter,
    Folder(PathBuf),
}

/// Why data could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder that the system does not give.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A manifest that is not one.
    #[error("{}: {problem}", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A table that cannot be trusted as a whole.
    #[error("{file}{}{}: {problem}", .line.map(|l| format!(", line {l}")).unwrap_or_default(),
        .column.as_ref().map(|c| format!(", column {c}")).unwrap_or_default())]
    Table {
        /// The dataset file.
        file: String,
        /// Line from 1.
        line: Option<u64>,
        /// The column's header or number.
        column: Option<String>,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl Dataset {
    /// The starter set compiled into the program.
    pub fn starter() -> Result<Self, DataError> {
        let file = STARTER.get_file(MANIFEST).map_or(&b""[..], |file| file.contents());
        let manifest = Manifest::parse(Path::new("data/starter").join(MANIFEST), file)?;
        Ok(Self { source: Source::Starter, manifest })
    }

    /// A folder of files, with or without a manifest.
    pub fn folder(path: &Path) -> Result<Self, DataError> {
        let io = |source| DataError::Io { path: path.to_owned(), source };
        if !std::fs::metadata(path).map_err(io)?.is_dir() {
            return Err(io(std::io::Error::other(
                "not a folder; --data takes `starter` or a folder",
            )));
        }
        let file = path.join(MANIFEST);
        let manifest = match std::fs::read(&file) {
            Ok(bytes) => Manifest::parse(file, &bytes)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Manifest::unnamed(path),
            Err(source) => return Err(DataError::Io { path: file, source }),
        };
        Ok(Self { source: Source::Folder(path.to_owned()), manifest })
    }

    /// Name, version, licence and columns.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The table of a dataset file; `None` where the dataset does not have it.
    pub fn table(&self, name: &str) -> Result<Option<Table>, DataError> {
        let entry = self.manifest.file(name);
        let bytes = match &self.source {
            Source::Starter => match STARTER.get_file(&entry.path) {
                Some(file) => file.contents().to_vec(),
                None => return Ok(None),
            },
            Source::Folder(folder) => {
                let path = folder.join(&entry.path);
                // A pipe or a device would never end.
                if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
                    let source = std::io::Error::other("not a file");
                    return Err(DataError::Io { path, source });
                }
                match std::fs::read(&path) {
                    Ok(bytes) => bytes,
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                        return if self.manifest.files.contains_key(name) {
                            let source = std::io::Error::other("the manifest names it");
                            Err(DataError::Io { path, source })
                        } else {
                            Ok(None)
                        };
                    }
                    Err(source) => return Err(DataError::Io { path, source }),
                }
            }
        };
        let found = digest::hex(&[&bytes]);
        if entry.sha256.as_ref().is_some_and(|locked| *locked != found) {
            return Err(DataError::Table {
                file: entry.path,
                line: None,
                column: None,
                problem: format!(
                    "the file has changed: its SHA-256 is {found}, the manifest has another; \
                     put the new one there if the change is meant"
                ),
            });
        }
        Table::parse(&entry.path, &bytes, found).map(Some)
    }
}
