//! Exports: one file a format. To add one, add a file here and a line in [`FORMATS`].

mod columns;
mod csv;
mod dictionary;
mod figures;
mod hub;
mod inspect;
mod jsonl;
mod lm_eval;
mod marks;
mod names;
mod parquet;
mod reference;
mod spreadsheet;
mod tables;

pub use spreadsheet::harmless;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clinic_core::sample::Sample;
use clinic_engine::run::{Run, StoreError, fresh};

/// A format that a run can be written in.
pub trait Export: Sync {
    /// What `--format` calls it.
    fn name(&self) -> &'static str;

    /// Writes all of its files.
    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError>;
}

/// What an exported file is written through.
pub type Out = BufWriter<File>;

/// The folder that an export goes to: each file is there whole or not at all, and so is each folder
/// that a format makes anew.
pub struct Folder {
    path: PathBuf,
    /// Whether all in it is exports of this one run.
    own: bool,
    /// Folders in it that take the place of earlier ones when all is written.
    anew: Vec<String>,
    made: Vec<PathBuf>,
}

impl Folder {
    /// Makes a folder in it anew, since files of an earlier export could be taken for a part of this
    /// one: the run's own is replaced in the end, another is refused.
    pub fn anew(&mut self, name: &str) -> Result<(), ExportError> {
        let path = self.path.join(name);
        if path.exists() && !self.own {
            return Err(ExportError::Exists(path));
        }
        let half = self.half(name);
        remove(&half).map_err(|source| ExportError::Io { path: half, source })?;
        self.anew.push(name.to_owned());
        Ok(())
    }

    /// Where something is while it is not whole.
    fn half(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.new"))
    }

    /// Where a file is written first, in a folder that is made anew or in its place.
    fn place(&self, name: &str) -> PathBuf {
        let (first, rest) = name.split_once('/').unwrap_or((name, ""));
        match self.anew.iter().any(|anew| anew == first) {
            true => self.half(first).join(rest),
            false => self.path.join(name),
        }
    }

    /// Writes a file whole or not at all; `name` may hold folders.
    pub fn file(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Out) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ExportError::Io { path, source }
        };
        let path = self.place(name);
        let mut half = path.clone().into_os_string();
        half.push(".new");
        let half = PathBuf::from(half);
        let parent = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(io(parent))?;
        let mut out = BufWriter::new(fresh(&half).map_err(io(&half))?);
        let written = write(&mut out).and_then(|()| out.flush().map_err(io(&half)));
        drop(out);
        if written.is_err() {
            // That it was not written is what the user must know, not that half of it is left.
            let _ = fs::remove_file(&half);
        }
        written?;
        fs::rename(&half, &path).map_err(io(&path))?;
        self.made.push(self.path.join(name));
        Ok(())
    }

    /// Puts the folders that were made anew in their places, or removes what there is of them.
    fn finish(self, written: Result<(), ExportError>) -> Result<Vec<PathBuf>, ExportError> {
        for name in &self.anew {
            let (half, path) = (self.half(name), self.path.join(name));
            if written.is_err() {
                // Why it was not written matters more.
                let _ = remove(&half);
            } else if half.exists() {
                let swap = remove(&path).and_then(|()| fs::rename(&half, &path));
                swap.map_err(|source| ExportError::Io { path, source })?;
            }
        }
        written.map(|()| self.made)
    }
}

/// Removes what is there: a folder with all in it, a file, or a link and not what it leads to.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// All formats.
pub const FORMATS: [&dyn Export; 7] = [
    &csv::Csv,
    &jsonl::Jsonl,
    &parquet::Parquet,
    &inspect::Inspect,
    &lm_eval::LmEval,
    &hub::Hub,
    &reference::Reference,
];

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file that cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder of an earlier export.
    #[error("{} is there already; remove it, or name another --out", .0.display())]
    Exists(PathBuf),
    /// The run.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The format's own writer.
    #[error("the export cannot be written: {0}")]
    Format(#[from] io::Error),
}

/// Writes a run to a folder, by default `exports` in its own, and tells which files it made.
pub fn export(
    run: &Run,
    format: &dyn Export,
    folder: Option<&Path>,
) -> Result<Vec<PathBuf>, ExportError> {
    let path = folder.map_or_else(|| run.folder().join("exports"), Path::to_owned);
    let own = folder.is_none();
    let mut folder = Folder { path, own, anew: Vec::new(), made: Vec::new() };
    let written = format.write(run, &mut folder);
    folder.finish(written)
}

/// Samples read from the store at once.
const PAGE: usize = 1_000;

/// Calls back for every sample of a run, in the order of the run.
fn each_sample(
    run: &Run,
    mut each: impl FnMut(i64, Sample) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    run.tasks().iter().try_for_each(|task| each_sample_of(run, &task.name, &mut each))
}

/// Calls back for every sample of a task, in the order of the run.
fn each_sample_of(
    run: &Run,
    task: &str,
    mut each: impl FnMut(i64, Sample) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut after = 0;
    loop {
        let page = run.store().samples(task, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (id, sample) in page {
            each(id, sample)?;
        }
    }
}
