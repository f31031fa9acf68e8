//! The arguments of `clinic data`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::WhatArgs;

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Count samples by dimension, task, language and domain, and list what is missing.
    Stats(StatsArgs),
    /// Look for what is wrong in a dataset; exit code 0 where a run may use it, 1 where not.
    Validate(ValidateArgs),
    /// Work out which dataset file is which in a folder, a file or a dataset of the hub, and write
    /// a manifest.
    Import(DataImportArgs),
    /// Fetch a dataset of the hub, and say where it lies.
    Fetch(FetchArgs),
    /// Write the SHA-256 of each file into a manifest, so that a change is refused.
    Lock(LockArgs),
}

#[derive(Debug, Group)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub what: WhatArgs,
    /// List every finding.
    #[arg(long)]
    pub all: bool,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Group)]
pub struct DataImportArgs {
    /// Folder, file (CSV, TSV, .tab, JSONL, Parquet, gzip or zip) or hf:OWNER/NAME@REVISION.
    #[arg(value_name = "SRC")]
    pub source: String,
    /// Where the manifest is written; by default manifest.toml in the folder, or beside the file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Name of the set in reports; by default that of the folder or file.
    #[arg(long)]
    pub name: Option<String>,
    /// Write over a manifest that is there.
    #[arg(long)]
    pub force: bool,
    /// Folder of task files whose dataset files are looked for, too.
    #[arg(long, value_name = "DIR")]
    pub tasks_dir: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Group)]
pub struct FetchArgs {
    /// The dataset: hf:OWNER/NAME@REVISION; without a revision, main.
    #[arg(value_name = "SRC")]
    pub source: String,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Group)]
pub struct LockArgs {
    /// The manifest, or the folder that it is in.
    #[arg(value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Group)]
pub struct StatsArgs {
    #[command(flatten)]
    pub what: WhatArgs,
    /// Folder where the counts are written as SVG charts.
    #[arg(long, value_name = "DIR")]
    pub charts: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
