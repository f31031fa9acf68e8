//! Response folders of other programs, read into answers. One file a layout.

pub mod reference;

use std::path::PathBuf;

use serde::Serialize;

/// Something that was found and not read, or not whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it, and what follows.
    pub why: String,
    /// Whether what it holds was read nevertheless.
    pub partly: bool,
}

/// Why nothing can be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A folder that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No response file at all.
    #[error("{} holds no folder of the layout, such as toxicity_respon_MODEL", .0.display())]
    Nothing(PathBuf),
    /// Several models, and none was chosen.
    #[error("the folder holds responses of several models: {}; choose one by --model", .0.join(", "))]
    Models(Vec<String>),
    /// The model that was chosen is not there.
    #[error("the folder holds no responses of '{wanted}', only of {}", found.join(", "))]
    NoModel {
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: Vec<String>,
    },
}
