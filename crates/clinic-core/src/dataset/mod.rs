//! Datasets: from files, through a manifest, to samples and a list of gaps.
//!
//! Files are CSV, TSV, JSON lines or Parquet, packed or not; tables may be wide (a column a
//! language) or long (a row a language), and several dataset files may lie in one.
//!
//! Rows are joined by id where the files have ids, else by number, and never shift: what has no
//! partner or no text is listed as a gap that names file, line and column.

mod csv;
mod escaped;
mod join;
mod jsonl;
mod long;
mod manifest;
mod parquet;
mod read;
mod table;
mod unpack;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use include_dir::{Dir, include_dir};

pub use manifest::{Columns, FileEntry, Format, Manifest, Values};
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
    last: Arc<Mutex<Option<Last>>>,
}

#[derive(Debug, Clone)]
enum Source {
    Starter,
    Folder(PathBuf),
}

/// The file read last: several dataset files may lie in it, and memory holds but one.
#[derive(Debug)]
struct Last {
    entry: (String, Option<String>, Option<Format>, Option<char>),
    table: Arc<Table>,
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
        Ok(Self::new(Source::Starter, manifest))
    }

    fn new(source: Source, manifest: Manifest) -> Self {
        Self { source, manifest, last: Arc::default() }
    }

    /// A folder of files, with or without a manifest.
    pub fn folder(path: &Path) -> Result<Self, DataError> {
        let io = |source| DataError::Io { path: path.to_owned(), source };
        if !std::fs::metadata(path).map_err(io)?.is_dir() {
            return Self::manifest_file(path);
        }
        let file = path.join(MANIFEST);
        let manifest = match unpack::read(&file)? {
            Some(bytes) => Manifest::parse(file, &bytes)?,
            None => Manifest::unnamed(path),
        };
        Ok(Self::new(Source::Folder(path.to_owned()), manifest))
    }

    /// A manifest of another name; its files lie beside it.
    fn manifest_file(path: &Path) -> Result<Self, DataError> {
        let none = || DataError::Io {
            path: path.to_owned(),
            source: std::io::Error::other(
                "neither a folder nor a manifest; make one of it: clinic data import",
            ),
        };
        if path.extension().is_none_or(|ending| ending != "toml") {
            return Err(none());
        }
        let bytes = unpack::read(path)?.ok_or_else(none)?;
        let manifest = Manifest::parse(path.to_owned(), &bytes)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self::new(Source::Folder(folder), manifest))
    }

    /// Files of this folder as this manifest says.
    pub fn with(folder: &Path, manifest: Manifest) -> Self {
        Self::new(Source::Folder(folder.to_owned()), manifest)
    }

    /// Whether it is the one compiled into the program.
    pub fn is_starter(&self) -> bool {
        matches!(self.source, Source::Starter)
    }

    /// Name, version, licence and columns.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The table of a dataset file; `None` where the dataset does not have it.
    pub fn table(&self, name: &str) -> Result<Option<Table>, DataError> {
        if self.manifest.only_named && !self.manifest.files.contains_key(name) {
            return Ok(None);
        }
        let entry = self.manifest.file(name);
        let Some(table) = self.whole(name, &entry)? else { return Ok(None) };
        let found = &table.digest;
        if entry.sha256.as_ref().is_some_and(|locked| locked != found) {
            let problem = format!(
                "the file has changed: its SHA-256 is {found}, the manifest has another; if the \
                 change is meant, lock it again: clinic data lock"
            );
            return Err(table::failed(&entry.path, None, None, problem));
        }
        let named = self.manifest.files.get(name).filter(|own| own.language.is_none());
        let lost =
            named.into_iter().flat_map(|own| own.languages.values().chain(own.references.values()));
        if let Some(lost) = lost.into_iter().find(|header| table.column(header).is_none()) {
            let problem = format!(
                "the manifest names this column, and the header has {}",
                table.headers().join(", ")
            );
            return Err(table::failed(&table.file, Some(1), Some(lost.clone()), problem));
        }
        let table = Arc::unwrap_or_clone(table);
        entry.shape(table).map(Some)
    }

    /// The table that a dataset file lies in.
    fn whole(&self, name: &str, entry: &FileEntry) -> Result<Option<Arc<Table>>, DataError> {
        let key = (entry.path.clone(), entry.member.clone(), entry.format, entry.delimiter);
        let shared = !entry.rows.is_empty();
        if shared
            && let Some(last) = &*self.last.lock().expect("no panic while it is held")
            && last.entry == key
        {
            return Ok(Some(last.table.clone()));
        }
        let bytes = match &self.source {
            Source::Starter => STARTER.get_file(&entry.path).map(|file| file.contents().to_vec()),
            Source::Folder(folder) => {
                let path = folder.join(&entry.path);
                let bytes = unpack::read(&path)?;
                if bytes.is_none() && self.manifest.files.contains_key(name) {
                    let source = std::io::Error::other("the manifest names it");
                    return Err(DataError::Io { path, source });
                }
                bytes
            }
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let table = Arc::new(entry.parse(bytes)?);
        if shared {
            let last = Last { entry: key, table: table.clone() };
            *self.last.lock().expect("no panic while it is held") = Some(last);
        }
        Ok(Some(table))
    }
}

impl FileEntry {
    /// The table in these bytes, which are those of the file at `path`.
    pub fn parse(&self, bytes: Vec<u8>) -> Result<Table, DataError> {
        let digest = digest::hex(&[&bytes]);
        let bytes = unpack::unpack(&self.path, bytes, self.member.as_deref())?;
        let file = match &self.member {
            Some(member) => format!("{}: {member}", self.path),
            None => self.path.clone(),
        };
        let inner = self.member.as_deref().unwrap_or(&self.path);
        let format = self.format.or_else(|| Format::of(inner)).unwrap_or(Format::Csv);
        let delimiter = self.delimiter.and_then(|sign| u8::try_from(sign).ok());
        match format {
            Format::Csv => csv::parse(&file, &bytes, digest, delimiter.unwrap_or(b',')),
            Format::Tsv => csv::parse(&file, &bytes, digest, delimiter.unwrap_or(b'\t')),
            Format::Tab => escaped::parse(&file, &bytes, digest),
            Format::Jsonl => jsonl::parse(&file, &bytes, digest),
            Format::Parquet => parquet::parse(&file, bytes, digest),
        }
    }
}

/// Names of the files in a zip; `None` where the bytes are no zip.
pub fn members(file: &str, bytes: &[u8]) -> Result<Option<Vec<String>>, DataError> {
    unpack::members(file, bytes)
}

/// The bytes of a file, within the bound for files of a dataset; `None` where there is none.
pub fn bytes(path: &Path) -> Result<Option<Vec<u8>>, DataError> {
    unpack::read(path)
}
