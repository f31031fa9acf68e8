//! The folder of a published set: it takes its place when it is whole, and never the place of
//! something that this step did not make.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clinic_core::digest;
use walkdir::WalkDir;

use crate::{ProjectError, StepError};

/// The list of all files with their SHA-256, in the format of `sha256sum`.
pub const SUMS: &str = "SHA256SUMS";

/// A folder that is being written beside its place.
pub struct Output {
    place: PathBuf,
    new: PathBuf,
    old: PathBuf,
}

impl Output {
    /// Begins anew; what is in the place must be an earlier set as it was published, or nothing.
    pub fn begin(place: &Path) -> Result<Self, StepError> {
        let place = std::path::absolute(place).map_err(|source| io_error(place, source))?;
        let Some(name) = place.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return Err(StepError::Input(format!("{} is no name for a folder", place.display())));
        };
        let beside = |end: &str| place.with_file_name(format!(".{name}.{end}"));
        let output = Self { new: beside("new"), old: beside("old"), place };
        // What a crash left between the two moves at the end.
        if !output.place.exists() && output.old.exists() {
            rename(&output.old, &output.place)?;
        }
        output.check_place()?;
        remove(&output.new)?;
        fs::create_dir_all(&output.new).map_err(|source| io_error(&output.new, source))?;
        Ok(output)
    }

    fn check_place(&self) -> Result<(), StepError> {
        let problem = match fs::symlink_metadata(&self.place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_error(&self.place, error)),
            Ok(found) if !found.is_dir() => Some("it is no folder".to_owned()),
            Ok(_) => foreign(&self.place).map_err(|source| io_error(&self.place, source))?,
        };
        let Some(problem) = problem else { return Ok(()) };
        Err(StepError::Input(format!(
            "{} cannot be replaced: {problem}; move it away or name another folder with --out",
            self.place.display()
        )))
    }

    /// Where files are written before they are in their place.
    pub fn path(&self) -> &Path {
        &self.new
    }

    /// Writes a file; `name` may hold folders.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<(), StepError> {
        let path = self.new.join(name);
        let parent = path.parent().unwrap_or(&self.new);
        fs::create_dir_all(parent).map_err(|source| io_error(parent, source))?;
        fs::write(&path, text).map_err(|source| io_error(&path, source))
    }

    /// SHA-256 of a file that was written.
    pub fn sha256(&self, name: &str) -> Result<String, StepError> {
        let path = self.new.join(name);
        let bytes = fs::read(&path).map_err(|source| io_error(&path, source))?;
        Ok(digest::hex(&[&bytes]))
    }

    /// Lists the files, makes sure that they are on the disk, and puts the folder in its place.
    pub fn finish(self) -> Result<PathBuf, StepError> {
        let fail = |source| io_error(&self.new, source);
        let sums: String = sums(&self.new)
            .map_err(fail)?
            .into_iter()
            .map(|(name, sum)| format!("{sum}  {name}\n"))
            .collect();
        self.write(SUMS, sums)?;
        for entry in WalkDir::new(&self.new) {
            let entry = entry.map_err(|error| fail(error.into()))?;
            // Folders can be opened to this end on Unix alone.
            if entry.file_type().is_dir() && !cfg!(unix) {
                continue;
            }
            // A disk that is full may tell so only now.
            let synced = File::open(entry.path()).and_then(|file| file.sync_all());
            synced.map_err(|source| io_error(entry.path(), source))?;
        }
        remove(&self.old)?;
        if self.place.exists() {
            rename(&self.place, &self.old)?;
        }
        rename(&self.new, &self.place)?;
        remove(&self.old)?;
        Ok(self.place.clone())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Nothing is there after `finish`; else why it was not written matters more.
        let _ = fs::remove_dir_all(&self.new);
    }
}

/// Why a folder is not a set as it was published; `None` where it is, or is empty.
fn foreign(folder: &Path) -> io::Result<Option<String>> {
    let found = sums(folder)?;
    if found.is_empty() {
        return Ok(None);
    }
    let listed: BTreeMap<String, String> = match fs::read_to_string(folder.join(SUMS)) {
        Ok(text) => text
            .lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(sum, name)| (name.to_owned(), sum.to_owned()))
            .collect(),
        Err(_) => return Ok(Some(format!("it holds files and no {SUMS} of a published set"))),
    };
    let own = |(name, sum): &(String, String)| listed.get(name) == Some(sum);
    Ok(found.into_iter().find(|file| !own(file)).map(|(name, _)| {
        match listed.contains_key(&name) {
            true => format!("{name} was changed since"),
            false => format!("{name} was added since"),
        }
    }))
}

/// Every file but the list itself, by its path with `/`, and its SHA-256; links count as foreign.
fn sums(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut sums = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let name = parts.join("/");
        if name == SUMS {
            continue;
        }
        let sum = match entry.file_type().is_symlink() {
            true => "a link".to_owned(),
            false => digest::hex(&[&fs::read(entry.path())?]),
        };
        sums.push((name, sum));
    }
    Ok(sums)
}

fn rename(from: &Path, to: &Path) -> Result<(), StepError> {
    fs::rename(from, to).map_err(|source| io_error(to, source))
}

/// Removes a folder of ours, if it is there.
fn remove(path: &Path) -> Result<(), StepError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path, error)),
        _ => Ok(()),
    }
}

fn io_error(path: &Path, source: io::Error) -> StepError {
    StepError::Project(ProjectError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn publish(place: &Path, text: &str) -> Result<PathBuf, StepError> {
        let output = Output::begin(place)?;
        output.write("a/b.txt", text)?;
        output.finish()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_set_takes_the_place_of_an_earlier_one() {
        let folder = TempDir::new().unwrap();
        let place = folder.path().join("published");
        publish(&place, "one").unwrap();
        publish(&place, "two").unwrap();
        assert_eq!(fs::read_to_string(place.join("a/b.txt")).unwrap(), "two");
        assert_eq!(names(folder.path()), ["published"]);
        let sums = fs::read_to_string(place.join(SUMS)).unwrap();
        assert_eq!(sums, format!("{}  a/b.txt\n", digest::hex(&[b"two"])));
    }

    #[test]
    fn what_somebody_else_put_there_stays() {
        let folder = TempDir::new().unwrap();
        let place = folder.path().join("published");
        publish(&place, "one").unwrap();
        for (name, problem) in
            [("a/b.txt", "b.txt was changed since"), ("notes.md", "notes.md was added since")]
        {
            let before = fs::read(place.join(name)).ok();
            fs::write(place.join(name), "mine").unwrap();
            let error = publish(&place, "two").unwrap_err().to_string();
            assert!(error.contains(problem) && error.contains("--out"), "{error}");
            assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine");
            match before {
                Some(bytes) => fs::write(place.join(name), bytes).unwrap(),
                None => fs::remove_file(place.join(name)).unwrap(),
            }
        }
        publish(&place, "two").unwrap();
        let other = folder.path().join("other");
        fs::create_dir(&other).unwrap();
        publish(&other, "an empty folder is free").unwrap();
        fs::remove_file(other.join(SUMS)).unwrap();
        let error = publish(&other, "two").unwrap_err().to_string();
        assert!(error.contains("no SHA256SUMS"), "{error}");
        fs::write(folder.path().join("file"), "mine").unwrap();
        assert!(publish(&folder.path().join("file"), "x").is_err());
    }

    #[test]
    fn what_is_not_finished_leaves_nothing_and_a_crash_between_the_moves_is_mended() {
        let folder = TempDir::new().unwrap();
        let place = folder.path().join("published");
        publish(&place, "one").unwrap();
        let output = Output::begin(&place).unwrap();
        output.write("a/b.txt", "half").unwrap();
        drop(output);
        assert_eq!(names(folder.path()), ["published"]);
        assert_eq!(fs::read_to_string(place.join("a/b.txt")).unwrap(), "one");

        fs::rename(&place, folder.path().join(".published.old")).unwrap();
        drop(Output::begin(&place).unwrap());
        assert_eq!(fs::read_to_string(place.join("a/b.txt")).unwrap(), "one");
    }
}
