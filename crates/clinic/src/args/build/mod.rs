//! The steps of making a set.

mod check;
mod collect;
mod map;
mod publish;
mod review;
mod status;
mod write;

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

pub use check::CheckItemsArgs;
pub use collect::CollectArgs;
pub use map::{Listed, MapArgs};
pub use publish::PublishArgs;
pub use review::ReviewArgs;
pub use status::StatusArgs;
pub use write::WriteArgs;

#[derive(Debug, Subcommand)]
pub enum BuildCommand {
    /// Make a project: a folder with build.toml, to be filled in, and its store.
    Init(InitArgs),
    /// Read the documents of the sources that build.toml names.
    Collect(CollectArgs),
    /// Find the versions of English documents in the other languages.
    Map(Box<MapArgs>),
    /// Write items from mapped documents, in English and then in every other language.
    Write(Box<WriteArgs>),
    /// Look at written items for what must not be published; findings block, warn or pass.
    Check(Box<CheckItemsArgs>),
    /// Let people rate texts on a local page or in a table, and tell how far they agree.
    Review(ReviewArgs),
    /// Write the set that is published, with its data card and the proof of each text.
    Publish(PublishArgs),
    /// Tell how far a project is, and what to do next.
    Status(StatusArgs),
    /// The text of a PDF on stdin, for `collect`, which reads each in a process of its own.
    #[command(hide = true)]
    PdfText,
}

#[derive(Debug, Group)]
pub struct InitArgs {
    /// Folder of the project, new or without one.
    pub dir: PathBuf,
    /// Name of the set; by default the folder's.
    #[arg(long)]
    pub name: Option<String>,
    /// Languages of the set by name or tag, separated by commas; English is always one.
    #[arg(long, value_delimiter = ',', required = true)]
    pub languages: Vec<String>,
    /// Print what was made as JSON.
    #[arg(long)]
    pub json: bool,
}
