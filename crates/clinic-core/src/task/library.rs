//! The tasks of a run: those compiled in, with a user's own added or put in their place.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::{Dimension, Task, check};
use crate::digest;
use crate::language::Languages;

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../tasks");

/// All tasks that can be run, sorted by dimension and name.
#[derive(Debug, Clone)]
pub struct Library(Vec<Task>);

/// Why tasks could not be read or chosen.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A file that is not a task.
    #[error("{}: {problem}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The key and the reason.
        problem: String,
    },
    /// A folder or file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A name that no task has.
    #[error("no task or dimension is named '{name}'; the tasks are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}

impl Library {
    /// The 18 tasks compiled into the program.
    pub fn builtin() -> Result<Self, LibraryError> {
        let mut library = Self(Vec::new());
        for folder in BUILTIN.dirs() {
            for file in folder.files() {
                library.add(Path::new("tasks").join(file.path()).as_path(), file.contents())?;
            }
        }
        Ok(library.sorted())
    }

    /// Adds the `.toml` files of a folder and its folders; one with a known name takes its place.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, LibraryError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| LibraryError::Io { path, source }
        };
        let mut folders = vec![folder.to_owned()];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            let mut entries = std::fs::read_dir(&folder)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(io(&folder))?;
            entries.sort_by_key(std::fs::DirEntry::path);
            for path in entries.into_iter().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "toml") {
                    self.add(&path, &std::fs::read(&path).map_err(io(&path))?)?;
                    found += 1;
                }
            }
        }
        if found == 0 {
            let problem = "the folder holds no .toml file".to_owned();
            return Err(LibraryError::Wrong { file: folder.to_owned(), problem });
        }
        Ok(self.sorted())
    }

    fn add(&mut self, file: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
        let task = Task::parse(file, bytes)?;
        self.0.retain(|known| known.name != task.name);
        self.0.push(task);
        Ok(())
    }

    fn sorted(mut self) -> Self {
        self.0.sort_by(|a, b| (a.dimension, &a.name).cmp(&(b.dimension, &b.name)));
        self
    }

    /// All tasks.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.0.iter()
    }

    /// The task of this name.
    pub fn find(&self, name: &str) -> Result<&Task, LibraryError> {
        self.0.iter().find(|task| task.name == name).ok_or_else(|| self.unknown(name))
    }

    /// The tasks that a user means by names of tasks and dimensions; all where none is named.
    pub fn select(&self, names: &[String]) -> Result<Vec<&Task>, LibraryError> {
        for name in names {
            let dimension = Dimension::ALL.iter().any(|d| d.to_string() == *name);
            if !dimension && !self.0.iter().any(|task| task.name == *name) {
                return Err(self.unknown(name));
            }
        }
        let wanted = |task: &&Task| {
            names.is_empty()
                || names.iter().any(|n| *n == task.name || *n == task.dimension.to_string())
        };
        Ok(self.0.iter().filter(wanted).collect())
    }

    fn unknown(&self, name: &str) -> LibraryError {
        let known: Vec<&str> = self.0.iter().map(|task| task.name.as_str()).collect();
        LibraryError::Unknown { name: name.to_owned(), known: known.join(", ") }
    }
}

impl Task {
    /// Reads a task file; `file` is where it is, for errors, and must be called `<name>.toml`.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LibraryError> {
        let wrong = |problem: String| LibraryError::Wrong { file: file.to_owned(), problem };
        let text = std::str::from_utf8(bytes).map_err(|e| wrong(format!("not UTF-8: {e}")))?;
        let mut task: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        check::check(&task, Languages::current())
            .map_err(|(key, why)| wrong(format!("{key}: {why}")))?;
        if file.file_stem().is_none_or(|stem| stem != task.name.as_str()) {
            return Err(wrong(format!("name: the file should be called {}.toml", task.name)));
        }
        task.text = text.to_owned();
        task.digest = digest::hex(&[bytes]);
        Ok(task)
    }
}
