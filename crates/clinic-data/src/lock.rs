//! Locking a manifest: each file's SHA-256 is written into it, and all else stays as it was.

use std::path::{Path, PathBuf};

use clinic_core::dataset::{self, DataError, Dataset};
use clinic_core::digest;
use toml_edit::{DocumentMut, value};

/// Why a manifest was not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The manifest or one of its files cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The manifest cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The manifest.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// A file of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Locked {
    /// The dataset file.
    pub name: String,
    /// The file that it is in.
    pub path: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether the manifest had another, or none.
    pub changed: bool,
}

/// Writes the digests of the files, which lie in `folder`, into a manifest.
pub fn lock(manifest: &Path, folder: &Path) -> Result<Vec<Locked>, LockError> {
    let dataset = Dataset::folder(manifest)?;
    let none = |path: PathBuf| DataError::Io {
        path,
        source: std::io::Error::other("there is no such file"),
    };
    let text = dataset::bytes(manifest)?.ok_or_else(|| none(manifest.to_owned()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        DataError::Manifest { file: manifest.to_owned(), problem: error.to_string() }
    })?;
    let mut locked = Vec::new();
    for name in dataset.manifest().files.keys() {
        let entry = dataset.manifest().file(name);
        let path = folder.join(&entry.path);
        let bytes = dataset::bytes(&path)?.ok_or_else(|| none(path))?;
        let sha256 = digest::hex(&[&bytes]);
        let changed = entry.sha256.as_ref() != Some(&sha256);
        let place = &mut document["files"][name]["sha256"];
        // A comment behind the old value stays.
        let decor = place.as_value().map(|old| old.decor().clone());
        *place = value(&sha256);
        if let (Some(decor), Some(new)) = (decor, place.as_value_mut()) {
            *new.decor_mut() = decor;
        }
        locked.push(Locked { name: name.clone(), path: entry.path, sha256, changed });
    }
    write(manifest, &document.to_string())?;
    Ok(locked)
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), LockError> {
    let wrong = |source| LockError::Write { path: path.to_owned(), source };
    let beside = path.with_extension("toml.new");
    std::fs::write(&beside, text).map_err(wrong)?;
    std::fs::rename(&beside, path).map_err(wrong)
}
