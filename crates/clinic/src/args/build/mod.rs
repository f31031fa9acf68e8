//! The steps of making a set.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

#[derive(Debug, Subcommand)]
pub enum BuildCommand {
    /// Make a project: a folder with build.toml, to be filled in, and its store.
    Init(InitArgs),
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
