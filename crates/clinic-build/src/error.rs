//! Why a step ends before its end.

use clinic_engine::run::{CallError, StoreError};

use crate::project::ProjectError;

/// Why a step ends before its end; what it made until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A model gave no reply, the budget is used up, or the step was stopped.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The project.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the step was given, or what it finds, is not what it needs: what, where, what to do.
    #[error("{0}")]
    Input(String),
}
