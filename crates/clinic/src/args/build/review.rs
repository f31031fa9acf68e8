//! Arguments of `clinic build review`.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group};

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("what").required(true).args(["reviewers", "export", "import", "agreement"])))]
pub struct ReviewArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Serve a page to each of these people, separated by commas: NAME, or NAME:LANGUAGE+LANGUAGE for
    /// some of the languages.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub reviewers: Vec<String>,
    /// Port of this machine for the page; by default any that is free.
    #[arg(long, value_name = "N", requires = "reviewers", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Write what waits for the person of --name as a new table, .csv or .xlsx.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub export: Option<PathBuf>,
    /// Read such a table back.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub import: Option<PathBuf>,
    /// Whose table it is: NAME, or NAME:LANGUAGE+LANGUAGE.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["reviewers", "agreement"])]
    pub name: Option<String>,
    /// Take the good rows of a table that has wrong ones.
    #[arg(long, requires = "import")]
    pub partial: bool,
    /// Tell how texts stand, and how far the reviewers agree.
    #[arg(long)]
    pub agreement: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
