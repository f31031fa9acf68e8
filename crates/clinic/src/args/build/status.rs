//! Arguments of `clinic build status`.

use std::path::PathBuf;

use clap::Args as Group;

#[derive(Debug, Group)]
pub struct StatusArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}
