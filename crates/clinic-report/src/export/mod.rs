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

pub(crate) use spreadsheet::harmless;
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

/// The folder that an export goes to: each file is there whole or not at all.
pub struct Folder {
    path: PathBuf,
    /// Whether all in it is exports of this one run.
    own: bool,
    made: Vec<PathBuf>,
}

impl Folder {
    /// Makes sure that a folder in it holds nothing of an earlier export, which could be taken for a
    /// part of this one: the run's own is removed, another is refused.
    pub fn fresh(&self, name: &str) -> Result<(), ExportError> {
        let path = self.path.join(name);
        if !path.exists() {
            return Ok(());
        }
        if !self.own {
            return Err(ExportError::Exists(path));
        }
        fs::remove_dir_all(&path).map_err(|source| ExportError::Io { path, source })
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
        let (path, half) = (self.path.join(name), self.path.join(format!("{name}.new")));
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
        self.made.push(path);
        Ok(())
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
    let mut folder = Folder { path, own: folder.is_none(), made: Vec::new() };
    format.write(run, &mut folder)?;
    Ok(folder.made)
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
