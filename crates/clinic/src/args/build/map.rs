//! Arguments of `clinic build map`.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};

use crate::args::{Choice, MoneyArgs, PaceArgs, embedder};

#[derive(Debug, Group)]
pub struct MapArgs {
    /// Folder of the project.
    pub dir: PathBuf,
    /// Embedding model, for documents that no link pairs: bge-m3, openai/…, ollama/…, vllm/…,
    /// tei/…, or llama/PATH.gguf. Without one only links and people's decisions count.
    #[arg(long, value_name = "PROVIDER/MODEL", value_parser = embedder)]
    pub embedder: Option<Choice>,
    /// Address of the embedder's server.
    #[arg(long, value_name = "URL", requires = "embedder")]
    pub embedder_base_url: Option<String>,
    /// Map nothing, and list the pairs of the last time that are so.
    #[arg(long, value_enum, value_name = "STATE", conflicts_with_all = ["embedder", "export", "decisions"])]
    pub list: Option<Listed>,
    /// Map nothing, and write the doubtful pairs of the last time to a new CSV file, with an empty
    /// column `same` for yes or no.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["embedder", "decisions"])]
    pub export: Option<PathBuf>,
    /// Languages to list or export, by name or tag, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Map nothing, and keep what such a file says; all of its rows, or none where one is wrong.
    #[arg(long, value_name = "FILE", requires = "name", conflicts_with_all = ["embedder", "languages"])]
    pub decisions: Option<PathBuf>,
    /// Name of the person who decided.
    #[arg(long, requires = "decisions")]
    pub name: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub money: MoneyArgs,
}

/// Pairs to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// English documents with a version.
    Mapped,
    /// Those that wait for a person.
    Doubtful,
    /// Those without a version.
    Unmapped,
}
