//! Making a benchmark: from source documents to validated samples in many languages.
//!
//! A project is a folder; each step reads its store, writes what it made there, and can be run
//! again. `docs/design/build.md` tells how they fit together.

pub mod check;
pub mod collect;
pub mod config;
mod domain;
mod error;
pub mod layout;
pub mod map;
mod project;
pub mod publish;
pub mod recipe;
pub mod review;
pub mod status;
pub mod store;
#[cfg(test)]
mod testing;
pub mod write;

pub use domain::Domain;
pub use error::StepError;
pub use project::{Project, ProjectError, Spent};
