//! Arguments of `report` and `compare`.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};
use clinic_report::analysis::Rule;

#[derive(Debug, Group)]
pub struct ReportArgs {
    /// Folders of the runs; several are compared with each other.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// What to write, in place of the table on the terminal and the page beside the run.
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// File to write to; by default report.html in the run's folder, or here for several runs, and
    /// the terminal for every other format.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Compare runs that are unlike in more than the model, and mark the report.
    #[arg(long)]
    pub force: bool,
    /// Show every metric in the table, not only the headline of each task.
    #[arg(long)]
    pub all: bool,
    /// Print the figures of one run as JSON, as `clinic run --json` does, and write no page.
    #[arg(long, conflicts_with_all = ["format", "out"])]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One page that needs nothing else.
    Html,
    /// The table alone.
    Text,
    /// Markdown.
    Md,
    /// LaTeX with booktabs.
    Latex,
    /// One number a line.
    Csv,
    /// The whole analysis.
    Json,
}

#[derive(Debug, Group)]
pub struct CompareArgs {
    /// Folder of the earlier run.
    pub before: PathBuf,
    /// Folder of the later run.
    pub after: PathBuf,
    /// End with exit code 1 where a metric moved so far, such as
    /// 'jailbreak-dan rta_rate drops 0.05'; may be given several times. After the number:
    /// `in LANGUAGE`, then `surely` or `possibly` for an end of the interval.
    #[arg(long, value_name = "RULE")]
    pub fail_if: Vec<Rule>,
    /// Samples with another verdict to show, worst first.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub flips: usize,
    /// Compare runs that are unlike in more than the model, and mark the result.
    #[arg(long)]
    pub force: bool,
    /// Show every metric, not only the headline of each task.
    #[arg(long)]
    pub all: bool,
    /// Print the comparison as JSON.
    #[arg(long)]
    pub json: bool,
}
