//! Works out which of unknown files is which dataset file, says why, and writes it down as a
//! manifest that a person can correct. What is not sure is never used: it stands in the manifest
//! as a comment.

mod entry;
mod matching;
mod piece;
mod wanted;
mod written;

use std::path::{Path, PathBuf};

use clinic_core::dataset::{self, DataError, FileEntry, Format};
use clinic_core::task::Task;
use serde::Serialize;
use walkdir::WalkDir;

use piece::Piece;
use wanted::Wanted;

/// What was found in a folder or file.
#[derive(Debug, Serialize)]
pub struct Look {
    /// Dataset files that were found, in the order of the tasks.
    pub found: Vec<Found>,
    /// Dataset files that may be there; a person must decide.
    pub doubtful: Vec<Found>,
    /// Dataset files without any trace.
    pub missing: Vec<String>,
    /// Files that hold nothing that was wanted, or cannot be read, and why.
    pub unused: Vec<Unused>,
}

/// A dataset file and where it is.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The dataset file.
    pub name: String,
    /// File and member.
    pub place: String,
    /// Items.
    pub rows: usize,
    /// Tags of the languages.
    pub languages: Vec<String>,
    /// What it was told from.
    pub reasons: Vec<String>,
    /// What is odd about it.
    pub doubts: Vec<String>,
    /// The entry of the manifest.
    #[serde(skip)]
    pub entry: FileEntry,
}

/// A file that gave nothing.
#[derive(Debug, Clone, Serialize)]
pub struct Unused {
    /// File and member.
    pub place: String,
    /// Why.
    pub why: String,
}

/// Files looked at, at most.
const MAX_FILES: usize = 2_000;
/// Folders in folders, at most.
const MAX_DEPTH: usize = 6;

/// Looks at a folder, or at one file; files are named from `folder`.
pub fn look(folder: &Path, only: Option<&Path>, tasks: &[&Task]) -> Result<Look, DataError> {
    let wanted = Wanted::all(tasks);
    let mut unused = Vec::new();
    let files = match only {
        Some(file) => vec![file.to_owned()],
        None => list(folder, &mut unused)?,
    };
    let mut pieces = Vec::new();
    for file in files {
        let path = file.strip_prefix(folder).unwrap_or(&file);
        let path = path.to_string_lossy().replace('\\', "/");
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let bytes = match dataset::bytes(&file) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(DataError::Io { path: file, source: gone() }),
            Err(error) => {
                unused.push(Unused { place: path, why: error.to_string() });
                continue;
            }
        };
        for (member, known) in tables(&path, &bytes, &mut unused) {
            let entry = FileEntry { path: path.clone(), member, ..FileEntry::default() };
            let place = entry.member.clone().map_or(path.clone(), |m| format!("{path}: {m}"));
            // A text file of another kind is no table, and nobody wants to read why.
            match Piece::of(entry, bytes.clone()) {
                Ok(piece) if !known && piece.headers.len() < 2 => {}
                Ok(piece) => pieces.push(piece),
                Err(why) if known => unused.push(Unused { place, why }),
                Err(_) => {}
            }
        }
    }
    Ok(matching::sort(&wanted, &pieces, unused))
}

/// The files of a folder that may hold tables, by name.
fn list(folder: &Path, unused: &mut Vec<Unused>) -> Result<Vec<PathBuf>, DataError> {
    let mut files = Vec::new();
    let hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
    };
    let walk = WalkDir::new(folder).max_depth(MAX_DEPTH).follow_links(true).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 => {
                return Err(DataError::Io { path: folder.to_owned(), source: error.into() });
            }
            // A link that leads in a circle, or a folder that may not be read.
            Err(error) => {
                let path = error.path().unwrap_or(folder);
                let place = path.strip_prefix(folder).unwrap_or(path).display().to_string();
                unused.push(Unused { place, why: error.to_string() });
                continue;
            }
        };
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type().is_file() && is_foreign(&name) {
            let place = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            unused.push(Unused { place: place.display().to_string(), why: FOREIGN.to_owned() });
        }
        if entry.file_type().is_file() && holds_tables(&name) {
            if files.len() == MAX_FILES {
                let why = format!("only the first {MAX_FILES} files were looked at");
                unused.push(Unused { place: folder.display().to_string(), why });
                break;
            }
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// What is said of data in a format that is not read.
const FOREIGN: &str = "a format that is not read; save it as CSV, TSV, JSON lines or Parquet";

fn is_foreign(name: &str) -> bool {
    let endings = [
        "json", "xlsx", "xls", "ods", "rds", "rdata", "sav", "dta", "feather", "arrow", "7z",
        "tar", "tgz", "bz2", "xz", "zst", "rar",
    ];
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

fn holds_tables(name: &str) -> bool {
    Format::of(name).is_some() || name.ends_with(".zip") || name.ends_with(".txt")
}

/// The tables of a file: of a zip its members. With each, whether its name says that it is one.
fn tables(path: &str, bytes: &[u8], unused: &mut Vec<Unused>) -> Vec<(Option<String>, bool)> {
    match dataset::members(path, bytes) {
        Err(error) => {
            unused.push(Unused { place: path.to_owned(), why: error.to_string() });
            Vec::new()
        }
        Ok(None) => vec![(None, !path.to_lowercase().ends_with(".txt"))],
        Ok(Some(members)) => members
            .into_iter()
            .inspect(|name| {
                let lower = name.to_lowercase();
                if is_foreign(&lower) || lower.ends_with(".zip") {
                    let place = format!("{path}: {name}");
                    unused.push(Unused { place, why: FOREIGN.to_owned() });
                }
            })
            .filter(|name| holds_tables(&name.to_lowercase()) && !name.ends_with(".zip"))
            .map(|name| {
                let known = Format::of(&name).is_some();
                (Some(name), known)
            })
            .collect(),
    }
}

impl Look {
    /// The manifest: what was found, and as comments what is doubtful or missing.
    pub fn manifest(&self, name: &str, origin: Option<&str>) -> String {
        written::manifest(self, name, origin)
    }
}
