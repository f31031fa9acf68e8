//! Exports: one file a format. To add one, add a file here and a line in [`FORMATS`].

mod csv;
mod jsonl;
mod reference;

pub(crate) use csv::harmless;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clinic_engine::run::{Run, StoreError};

/// A format that a run can be written in.
pub trait Export: Sync {
    /// What `--format` calls it.
    fn name(&self) -> &'static str;

    /// Writes all of its files.
    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError>;
}

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

    /// Writes a file; `name` may hold folders.
    pub fn file(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ExportError::Io { path, source }
        };
        let (path, half) = (self.path.join(name), self.path.join(format!("{name}.new")));
        let parent = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(io(parent))?;
        let mut out = BufWriter::new(File::create(&half).map_err(io(&half))?);
        write(&mut out)?;
        out.flush().map_err(io(&half))?;
        drop(out);
        fs::rename(&half, &path).map_err(io(&path))?;
        self.made.push(path);
        Ok(())
    }
}

/// All formats.
pub const FORMATS: [&dyn Export; 3] = [&csv::Csv, &jsonl::Jsonl, &reference::Reference];

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
    mut each: impl FnMut(i64, &clinic_core::sample::Sample) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    for task in run.tasks() {
        let mut after = 0;
        loop {
            let page = run.store().samples(&task.name, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (id, sample) in &page {
                each(*id, sample)?;
            }
        }
    }
    Ok(())
}
