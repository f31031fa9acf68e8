//! Arguments of `clinic build publish`.

use std::path::PathBuf;

use clap::Args as Group;

#[derive(Debug, Group)]
pub struct PublishArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Folder of the set, which takes the place of an earlier one there; by default DIR/published.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Publish as many items as there are, where they are fewer than build.toml wants.
    #[arg(long)]
    pub fewer: bool,
    /// Print what was published, or what is lacking, as JSON.
    #[arg(long)]
    pub json: bool,
}
