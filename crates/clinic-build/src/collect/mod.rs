//! Collecting: documents of the sources that build.toml names, into the store.
//!
//! In go sources; out come documents in plain text, each with language, licence, address, date and
//! hash, and what was left out and why. `docs/build/collect.md` tells what is read and how.

mod choose;
mod desk;
mod fetch;
mod folder;
mod handouts;
mod openfda;
mod read;
mod shelf;
mod summary;
mod topics;
mod why;

use std::sync::Arc;

use clinic_engine::run::{Event, Listener, Stop};

use crate::config::{Kind, Source};
use crate::error::StepError;
use crate::project::Project;
use desk::Desk;
use fetch::{Failed, Fetcher};
use shelf::Shelf;

pub use read::pdf;
pub use summary::{Failure, Left, Passed, Row, Summary};

/// The step's name.
const STEP: &str = "collect";

/// How documents are collected.
pub struct Collecting {
    /// The sources by name; all where there are none.
    pub sources: Vec<String>,
    /// Whether the network is forbidden.
    pub offline: bool,
    /// Reads PDF, apart from this process.
    pub pdf: pdf::Reader,
    /// Hears how it goes.
    pub listener: Arc<dyn Listener>,
    /// Ends it early; what was read until then is kept.
    pub stop: Arc<Stop>,
}

/// Reads all sources, one after the other. A source that cannot be read does not end the step.
pub async fn collect(project: &Project, how: &Collecting) -> Result<Summary, StepError> {
    let config = project.config();
    let sources = chosen(&config.sources, &how.sources)?;
    let mut fetcher = Fetcher::new(
        &config.collect,
        project.folder(),
        project.store(),
        how.offline,
        how.listener.clone(),
        how.stop.clone(),
    );
    let mut summary = Summary::default();
    for source in sources {
        how.listener.on(&Event::Notice { message: &format!("source {}", source.name) });
        let shelf = Shelf::new(project, source, how.listener.clone(), how.stop.clone())?;
        let mut desk = Desk {
            project,
            source,
            fetcher: &mut fetcher,
            shelf,
            pdf: how.pdf.clone(),
            stop: how.stop.clone(),
        };
        let read = match source.kind {
            Kind::Folder => folder::read(&mut desk).await,
            Kind::MedlineplusTopics => topics::read(&mut desk).await,
            Kind::MedlineplusHandouts => handouts::read(&mut desk).await,
            Kind::DrugLabels => openfda::labels(&mut desk).await,
            Kind::DrugApprovals => openfda::approvals(&mut desk).await,
        };
        let whole = read.is_ok();
        match read {
            Ok(()) => {}
            Err(Failed::Step(error)) => return Err(error),
            Err(Failed::Why(why)) => {
                let why = why.to_string();
                summary.failed.push(Failure { source: source.name.clone(), why });
            }
        }
        desk.shelf.finish(whole, &mut summary)?;
    }
    Ok(summary)
}

/// The sources that are asked for, in the order of build.toml.
fn chosen<'a>(all: &'a [Source], names: &[String]) -> Result<Vec<&'a Source>, StepError> {
    let known = || {
        let names: Vec<&str> = all.iter().map(|source| source.name.as_str()).collect();
        names.join(", ")
    };
    if all.is_empty() {
        let what = "build.toml names no source; add one as [[sources]], with name, kind, from and \
                    license";
        return Err(StepError::Input(what.into()));
    }
    for name in names {
        if !all.iter().any(|source| source.name == *name) {
            let known = known();
            return Err(StepError::Input(format!(
                "build.toml has no source '{name}'; it has {known}"
            )));
        }
    }
    let asked = |source: &&Source| names.is_empty() || names.contains(&source.name);
    Ok(all.iter().filter(asked).collect())
}
