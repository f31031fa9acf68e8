//! The arguments of `clinic build check`.

use std::path::PathBuf;

use clap::Args as Group;
use clinic_engine::model::provider::Name;

use crate::args::{Choice, MoneyArgs, PaceArgs, embedder};

#[derive(Debug, Group)]
pub struct CheckItemsArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Model that says whether documents answer items, best not the one that wrote them. Without one
    /// nobody looks, and that is told.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub judge: Option<Name>,
    /// Address of the judge's server.
    #[arg(long, value_name = "URL", requires = "judge")]
    pub judge_base_url: Option<String>,
    /// Tokens that the judge may think with before each reply; by default what models.toml says of
    /// it, else 0.
    #[arg(long, value_name = "N", requires = "judge", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub judge_reasoning_tokens: Option<u32>,
    /// Embedding model that compares languages, and items with one another: bge-m3, openai/…,
    /// ollama/…, vllm/…, tei/…, or llama/PATH.gguf. Without one nobody compares, and that is told.
    #[arg(long, value_name = "PROVIDER/MODEL", value_parser = embedder)]
    pub embedder: Option<Choice>,
    /// Address of the embedder's server.
    #[arg(long, value_name = "URL", requires = "embedder")]
    pub embedder_base_url: Option<String>,
    /// Check nothing, and list what blocks and warns since the last time.
    #[arg(long, conflicts_with_all = ["judge", "embedder"])]
    pub list: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub money: MoneyArgs,
}
