//! Arguments of `clinic view`.

use std::path::PathBuf;

use clap::Args as Group;

#[derive(Debug, Group)]
pub struct ViewArgs {
    /// Folders of the runs, each a model.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Port of this machine; by default any that is free.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Print the address of what a colleague's link shows: what `Copy link` gives, or a whole address
    /// with a question mark in it.
    #[arg(long, value_name = "LINK")]
    pub open: Option<String>,
    /// Whose name the marks bear; by default the system's name of the user.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Print the address as JSON.
    #[arg(long)]
    pub json: bool,
}
