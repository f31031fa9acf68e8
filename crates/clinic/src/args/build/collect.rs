use std::path::PathBuf;

use clap::Args as Group;

#[derive(Debug, Group)]
pub struct CollectArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Sources by name, separated by commas; by default all of build.toml.
    #[arg(long, value_delimiter = ',')]
    pub sources: Vec<String>,
    /// Print what came of it as JSON.
    #[arg(long)]
    pub json: bool,
}
