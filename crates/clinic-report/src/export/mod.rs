//! Exports: one file a format. To add one, add a file here and a line in [`FORMATS`].

mod csv;
mod jsonl;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clinic_engine::run::{Run, StoreError};

/// A format that a run can be written in.
pub trait Export: Sync {
    /// What `--format` calls it.
    fn name(&self) -> &'static str;

    /// The files that it writes.
    fn files(&self) -> &'static [&'static str];

    /// Writes one of its files.
    fn write(&self, run: &Run, file: &str, out: &mut dyn Write) -> Result<(), ExportError>;
}

/// All formats.
pub const FORMATS: [&dyn Export; 2] = [&csv::Csv, &jsonl::Jsonl];

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
    /// The run.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The format's own writer.
    #[error("the export cannot be written: {0}")]
    Format(#[from] io::Error),
}

/// Writes a run to a folder, each file whole or not at all, and tells which files it made.
pub fn export(run: &Run, format: &dyn Export, folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Io { path, source }
    };
    fs::create_dir_all(folder).map_err(io(folder))?;
    let mut made = Vec::new();
    for name in format.files() {
        let path = folder.join(name);
        let half = folder.join(format!("{name}.new"));
        let mut out = BufWriter::new(File::create(&half).map_err(io(&half))?);
        format.write(run, name, &mut out)?;
        out.flush().map_err(io(&half))?;
        drop(out);
        fs::rename(&half, &path).map_err(io(&path))?;
        made.push(path);
    }
    Ok(made)
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
