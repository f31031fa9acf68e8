//! Exit codes: one place for what each means.

use clinic_build::{ProjectError, StepError};
use clinic_core::dataset::DataError;
use clinic_core::language::UnknownLanguage;
use clinic_core::task::LibraryError;
use clinic_data::lock::LockError;
use clinic_engine::import::ImportError;
use clinic_engine::model::provider::UnknownName;
use clinic_engine::run::{RunError, StoreError};
use clinic_report::export::ExportError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All that was asked for is done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// Arguments or input are wrong.
    Input = 2,
    /// It finished with samples missing, or stopped at the budget with everything saved.
    Missing = 3,
    /// It was interrupted, with everything saved.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Input that a command cannot work with, and what to do.
#[derive(Debug)]
pub struct Wrong {
    what: String,
    hint: Option<String>,
}

impl Wrong {
    /// Wrong input, without a hint beyond its words.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    /// The same with what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to do.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Wrong {}

/// The exit code of an error: what the user gave, or what happened.
pub fn of(error: &anyhow::Error) -> Exit {
    let input = matches!(error.downcast_ref(), Some(ExportError::Exists(_)))
        || error.is::<Wrong>()
        || error.is::<DataError>()
        || matches!(error.downcast_ref(), Some(LockError::Data(_)))
        || matches!(error.downcast_ref(), Some(StepError::Input(_)))
        || error.downcast_ref().is_some_and(is_wrong_project)
        || matches!(error.downcast_ref(), Some(StepError::Project(e)) if is_wrong_project(e))
        || error.is::<LibraryError>()
        || error.is::<UnknownLanguage>()
        || error.is::<UnknownName>()
        || error.is::<ImportError>()
        || matches!(error.downcast_ref(), Some(StoreError::Version { .. }))
        || matches!(
            error.downcast_ref(),
            Some(
                RunError::Exists { .. }
                    | RunError::NoRun(_)
                    | RunError::Plan { .. }
                    | RunError::Task(_)
                    | RunError::Store(StoreError::Version { .. })
            )
        );
    if input { Exit::Input } else { Exit::Failed }
}

/// Whether a project cannot be used for what its user wrote or named.
fn is_wrong_project(error: &ProjectError) -> bool {
    matches!(
        error,
        ProjectError::Exists(_)
            | ProjectError::Headless(_)
            | ProjectError::None(_)
            | ProjectError::Config(_)
            | ProjectError::Recipe(_)
    )
}
