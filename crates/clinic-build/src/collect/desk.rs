//! What the reader of a source works with.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clinic_core::language::{Language, Languages};
use clinic_engine::run::{CallError, Stop};
use reqwest::Url;

use super::fetch::{Failed, Fetcher};
use super::read::{self, Format, Page, pdf};
use super::shelf::Shelf;
use super::why::Why;
use crate::config::Source;
use crate::error::StepError;
use crate::project::Project;

/// What reading one file may take: foreign HTML can be made to take hours.
const LONGEST: Duration = Duration::from_secs(120);

/// What the reader of a source works with.
pub struct Desk<'p, 'f> {
    pub project: &'p Project,
    pub source: &'p Source,
    pub fetcher: &'f mut Fetcher<'p>,
    pub shelf: Shelf<'p>,
    pub pdf: pdf::Reader,
    pub stop: Arc<Stop>,
}

/// Bytes from an address or a file.
pub struct Found {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// URL, or path from the project's folder.
    pub address: String,
    /// Content-Type, where a server told it.
    pub kind: Option<String>,
    /// The address of the page behind this one.
    pub next: Option<String>,
}

impl Desk<'_, '_> {
    /// The address that the source names; none where it names a file.
    pub fn home(&self) -> Result<Option<Url>, Failed> {
        if !self.source.is_remote() {
            return Ok(None);
        }
        let from = &self.source.from;
        let wrong = |error| Why::Unreadable(format!("'{from}' is no address: {error}"));
        Ok(Some(Url::parse(from).map_err(wrong)?))
    }

    /// The file or folder that the source names.
    pub fn path(&self) -> PathBuf {
        self.project.folder().join(&self.source.from)
    }

    /// What the source names, or fails with what it is.
    pub async fn open(&mut self) -> Result<Found, Failed> {
        match self.home()? {
            Some(home) => self.fetch(&home).await,
            None => Ok(self.file(&self.path(), self.source.from.clone())?),
        }
    }

    /// What an address holds.
    pub async fn fetch(&mut self, address: &Url) -> Result<Found, Failed> {
        // A list in a file on this machine names no host that is trusted.
        let home = self.home()?.or_else(|| Url::parse("http://file.invalid/").ok());
        let body = self.fetcher.get(address, home.as_ref().unwrap_or(address)).await?;
        let (bytes, kind, next) = (body.bytes, body.kind, body.next);
        Ok(Found { bytes, address: body.address.into(), kind, next })
    }

    /// What a file holds, which is told as `address`.
    pub fn file(&self, path: &Path, address: String) -> Result<Found, Why> {
        let most = self.project.config().collect.max_bytes;
        let (mut bytes, cannot) = (Vec::new(), |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Why::Absent(format!("{}: {error}", path.display())),
            _ => Why::Unreadable(format!("{}: {error}", path.display())),
        });
        // Anything else, such as a pipe, could hold the step for ever.
        if !std::fs::metadata(path).map_err(cannot)?.is_file() {
            return Err(Why::Unreadable(format!("{} is no file", path.display())));
        }
        let file = File::open(path).map_err(cannot)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() as u64 > most {
            return Err(Why::Long(format!("it has more than {most} bytes (max_bytes)")));
        }
        Ok(Found { bytes, address, kind: None, next: None })
    }

    /// Reads a file of one document.
    pub async fn page(
        &self,
        format: Format,
        bytes: Vec<u8>,
        kind: Option<String>,
    ) -> Result<Page, Failed> {
        let pdf = self.pdf.clone();
        Ok(self.apart(move || read::page(format, &bytes, kind.as_deref(), &pdf)).await??)
    }

    /// Works on foreign bytes in a thread of its own, with an end to patience.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failed> {
        let work = tokio::task::spawn_blocking(work);
        tokio::select! {
            outcome = tokio::time::timeout(LONGEST, work) => match outcome {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(_)) => Err(Why::Unreadable("its reader broke down".into()).into()),
                Err(_) => {
                    let why = format!("reading it takes more than {} s", LONGEST.as_secs());
                    Err(Why::Unreadable(why).into())
                }
            },
            () = self.stop.wait() => Err(Failed::Step(StepError::Call(CallError::Stopped))),
        }
    }

    /// Whether the project wants a language.
    pub fn wants(&self, language: &Language) -> bool {
        self.project.languages().iter().any(|wanted| wanted.tag == language.tag)
    }

    /// The language of this name, where the project wants it.
    pub fn language(&self, name: &str) -> Option<&'static Language> {
        Languages::current().find(name).ok().filter(|language| self.wants(language))
    }
}
