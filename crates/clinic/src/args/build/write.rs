//! The arguments of `clinic build write`.

use std::path::PathBuf;

use clap::Args as Group;
use clinic_engine::model::provider::Name;

use super::super::{MoneyArgs, PaceArgs};

#[derive(Debug, Group)]
pub struct WriteArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Model that writes: a name of `clinic models`, or PROVIDER/MODEL as `clinic run` takes it.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub model: Name,
    /// Address of an OpenAI-compatible server for the model.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Tokens that the model may think with before each reply; by default what models.toml says of
    /// it, else 0.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub reasoning_tokens: Option<u32>,
    /// Tasks or dimensions of the project, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// Try again what this model could not write in an earlier run.
    #[arg(long)]
    pub retry: bool,
    /// Print calls, tokens and cost of each task, and ask nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub money: MoneyArgs,
}
