//! The arguments of every command, turned into types at the door.

mod build;
mod data;
mod llama;
mod pace;
mod report;
mod system;
mod view;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use clinic_engine::model::grader::GraderName;
use clinic_engine::model::preset;
use clinic_engine::model::provider::Name;

use pace::seconds;

pub use build::{
    BuildCommand, CheckItemsArgs, CollectArgs, InitArgs, Listed, MapArgs, PublishArgs, ReviewArgs,
    StatusArgs, WriteArgs,
};
pub use data::{DataCommand, DataImportArgs, FetchArgs, LockArgs, StatsArgs, ValidateArgs};
pub use llama::LlamaArgs;
pub use pace::{BatchArgs, MoneyArgs, PaceArgs};
pub use report::{CompareArgs, ReportArgs, ReportFormat};
pub use system::{MitigationsArgs, SystemArgs, UnaskedArgs};
pub use view::ViewArgs;

/// Measures how far a language model can be trusted with health questions, in 15 languages.
///
/// 18 tasks in 5 dimensions: truthfulness, robustness, fairness, safety, privacy.
/// Exit codes: 0 done, 1 failed, 2 bad arguments or input, 3 finished with samples missing or
/// stopped at the budget, 130 interrupted with everything saved.
#[derive(Debug, Parser)]
#[command(name = "clinic", version, max_term_width = 100)]
pub struct Args {
    /// File of languages in the form of languages.toml: other names, tiers and directions, or
    /// further languages.
    #[arg(long, global = true, value_name = "FILE", env = "CLINIC_LANGUAGES")]
    pub languages_file: Option<PathBuf>,
    /// Contact nothing: refuse every model that is not in this process, and fetch no file.
    #[arg(long, global = true)]
    pub offline: bool,
    /// File to which each call is logged as a line of JSON, never with a key.
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Log prompts and replies too.
    #[arg(long, global = true, requires = "log")]
    pub log_texts: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a model all prompts, score the answers, print the table.
    Run(Box<RunArgs>),
    /// Ask a model all prompts and keep the answers, without scoring.
    Generate(GenerateArgs),
    /// Score the answers of a run, again where it was scored before.
    Score(ScoreArgs),
    /// Go on with a run that was interrupted or has failures.
    Resume(ResumeArgs),
    /// Print the table of a run, and write a page with all that it says; several are compared.
    Report(ReportArgs),
    /// Tell what changed from one run to another.
    Compare(CompareArgs),
    /// Read the samples of runs on a local page, and mark verdicts that are wrong.
    View(ViewArgs),
    /// Write a run in another format.
    Export(ExportArgs),
    /// Make a run of responses that another program wrote.
    Import(ImportArgs),
    /// List the tasks, or show one whole.
    Tasks(TasksArgs),
    /// List the mitigations, or show one in every language.
    Mitigations(MitigationsArgs),
    /// List the models that have a short name, show one, or try one out.
    Models(ModelsArgs),
    /// Look at a judge.
    #[command(subcommand)]
    Judge(JudgeCommand),
    /// Look at a dataset.
    #[command(subcommand)]
    Data(DataCommand),
    /// Make a benchmark of one's own: from documents to validated samples in many languages.
    #[command(subcommand)]
    Build(BuildCommand),
}

#[derive(Debug, Group)]
pub struct RunArgs {
    #[command(flatten)]
    pub generate: GenerateArgs,
    #[command(flatten, next_help_heading = "Who scores")]
    pub panel: PanelArgs,
}

#[derive(Debug, Group)]
pub struct GenerateArgs {
    /// Model under test: a name of `clinic models`, openai/…, anthropic/…, google/…, azure/…,
    /// openrouter/…, ollama/…, vllm/…, tgi/…, llamacpp/…, llama/PATH.gguf, or a file of the hub as
    /// llama/hf:OWNER/REPO/FILE.gguf.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub model: Name,
    /// Address of an OpenAI-compatible server for the model, such as http://localhost:8000/v1.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    #[command(flatten, next_help_heading = "What is asked")]
    pub what: WhatArgs,
    #[command(flatten, next_help_heading = "What is asked")]
    pub system: SystemArgs,
    /// Whose arithmetic makes the numbers.
    #[arg(long, value_enum, default_value = "default")]
    pub protocol: Protocol,
    /// Whether prompts go through the model's chat template; by default `chat`, under the protocol
    /// reference `raw`.
    #[arg(long, value_enum)]
    pub prompt_format: Option<PromptFormat>,
    /// Tokens that a reasoning model may think with, apart from those of its answer; by default what
    /// models.toml says of it, else 0.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub reasoning_tokens: Option<u32>,
    /// Seed of every draw.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Folder of the run; by default runs/MODEL-N.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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
    #[command(flatten, next_help_heading = "Money")]
    pub batch: BatchArgs,
}

/// Which samples.
#[derive(Debug, Group)]
pub struct WhatArgs {
    /// `starter`, a folder, a manifest, or hf:OWNER/NAME@REVISION.
    #[arg(long, default_value = "starter")]
    pub data: String,
    /// Tasks or dimensions, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// Folder of task files that are added to the built-in ones, or replace them by name.
    #[arg(long, value_name = "DIR")]
    pub tasks_dir: Option<PathBuf>,
    /// Languages by name or tag, separated by commas; by default all that the data has.
    #[arg(long, value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Items a task at most, the same in every language.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

#[derive(Debug, Group)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    /// A name of the list: everything that is known of it.
    pub name: Option<String>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Ask a model one short question: whether key and name are right, how long it takes, what it
    /// costs.
    Check(CheckArgs),
}

#[derive(Debug, Group)]
pub struct CheckArgs {
    /// The model, as --model takes it.
    #[arg(value_name = "MODEL")]
    pub model: Name,
    /// Address of its server.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Seconds that the answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    pub timeout: f64,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Models in this process")]
    pub llama: LlamaArgs,
}

/// Who scores.
#[derive(Debug, Clone, Group)]
pub struct PanelArgs {
    /// Model that judges; without one, lexical rules stand in. `none` takes it out again.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub judge: Option<Choice>,
    /// Address of the judge's server.
    #[arg(long, value_name = "URL", requires = "judge")]
    pub judge_base_url: Option<String>,
    /// Verdicts asked of the judge for each response; the commonest counts. By default as the run
    /// was scored before, at first 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=15))]
    pub judge_votes: Option<u32>,
    /// The judge's temperature; by default as before, at first 0, or 0.3 with several votes or the
    /// protocol reference.
    #[arg(long, value_name = "T", value_parser = temperature)]
    pub judge_temperature: Option<f64>,
    /// Tokens that a judge may think with before its reply; 0 by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub judge_reasoning_tokens: Option<u32>,
    /// Folder of TASK.toml files whose rubrics take the place of the tasks' own; `none` goes back.
    #[arg(long, value_name = "DIR")]
    pub rubrics: Option<PathBuf>,
    /// Who grades toxicity, where it is not the judge: a model that judges, perspective,
    /// openai/omni-moderation-latest, tei/NAME[:LABEL], or guard:PROVIDER/MODEL.
    #[arg(long, value_name = "GRADER")]
    pub toxicity: Option<GraderChoice>,
    /// Address of that grader's server.
    #[arg(long, value_name = "URL", requires = "toxicity")]
    pub toxicity_base_url: Option<String>,
    /// Embedding model, for the tasks that are scored by similarity: bge-m3, openai/…, ollama/…,
    /// vllm/…, tei/… (text-embeddings-inference), or llama/PATH.gguf.
    #[arg(long, value_name = "PROVIDER/MODEL", value_parser = embedder)]
    pub embedder: Option<Choice>,
    /// Address of the embedder's server.
    #[arg(long, value_name = "URL", requires = "embedder")]
    pub embedder_base_url: Option<String>,
}

/// A model, or none.
#[derive(Debug, Clone)]
pub enum Choice {
    None,
    Model(Name),
}

impl std::str::FromStr for Choice {
    type Err = clinic_engine::model::provider::UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Model) }
    }
}

/// A grader of toxicity, or none.
#[derive(Debug, Clone)]
pub enum GraderChoice {
    None,
    Grader(GraderName),
}

impl std::str::FromStr for GraderChoice {
    type Err = clinic_engine::model::grader::UnknownGrader;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Grader) }
    }
}

/// An embedder, by its short name where it has one.
fn embedder(text: &str) -> Result<Choice, clinic_engine::model::provider::UnknownName> {
    match preset::embedder(text) {
        Some(preset) => preset.full_name().parse(),
        None => text.parse(),
    }
}

fn temperature(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(temperature) if (0.0..=2.0).contains(&temperature) => Ok(temperature),
        _ => Err("a temperature from 0 to 2".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Corrected scoring, with intervals.
    Default,
    /// The published scripts' arithmetic, mistakes included, to compare with old numbers.
    Reference,
}

impl From<Protocol> for clinic_core::published::Protocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Default => Self::Default,
            Protocol::Reference => Self::Reference,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PromptFormat {
    /// As a user's message, laid out by the model's chat template.
    Chat,
    /// As bare text, for base models and as the published scripts do.
    Raw,
}

#[derive(Debug, Group)]
pub struct ScoreArgs {
    /// Folder of the run.
    pub run: PathBuf,
    /// Whose arithmetic makes the numbers; by default as before.
    #[arg(long, value_enum)]
    pub protocol: Option<Protocol>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Who scores")]
    pub panel: PanelArgs,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub money: MoneyArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub batch: BatchArgs,
}

#[derive(Debug, Group)]
pub struct ResumeArgs {
    /// Folder of the run.
    pub run: PathBuf,
    /// Ask live from now on what batches have not answered, in case they are gone for good.
    #[arg(long)]
    pub live: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
    #[command(flatten, next_help_heading = "Money")]
    pub money: MoneyArgs,
}

#[derive(Debug, Group)]
pub struct ExportArgs {
    /// Folder of the run.
    pub run: PathBuf,
    /// The format.
    #[arg(long, value_parser = formats())]
    pub format: String,
    /// Folder for the files; by default `exports` in the run's folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the files' names as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Group)]
pub struct ImportArgs {
    /// Folder with the responses: the model's, one above it, or one task's.
    pub folder: PathBuf,
    /// How the folder is laid out.
    #[arg(long, value_enum)]
    pub layout: ImportLayout,
    /// The model, as the folders name it, where there are several.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    #[command(flatten, next_help_heading = "What is asked")]
    pub what: WhatArgs,
    #[command(flatten)]
    pub unasked: UnaskedArgs,
    /// Whose arithmetic makes the numbers; under `reference` rows belong to items by their place
    /// alone.
    #[arg(long, value_enum, default_value = "default")]
    pub protocol: Protocol,
    /// Folder of the run; by default runs/MODEL-N.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ImportLayout {
    /// That of the published scripts: TASK_respon_MODEL/LANGUAGE/LANGUAGE_MODEL.csv.
    Reference,
}

fn formats() -> clap::builder::PossibleValuesParser {
    clinic_report::export::FORMATS.map(clinic_report::export::Export::name).into()
}

#[derive(Debug, Group)]
pub struct TasksArgs {
    /// Show this task whole.
    pub name: Option<String>,
    /// Folder of task files that are added to the built-in ones, or replace them by name.
    #[arg(long, value_name = "DIR")]
    pub tasks_dir: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum JudgeCommand {
    /// Try to turn a judge by responses that order a verdict, in each language.
    Probe(ProbeArgs),
}

#[derive(Debug, Group)]
pub struct ProbeArgs {
    /// The judge.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub judge: Name,
    /// Address of its server.
    #[arg(long, value_name = "URL")]
    pub judge_base_url: Option<String>,
    /// Verdicts asked for each response; the commonest counts.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=15))]
    pub judge_votes: u32,
    /// Its temperature; by default 0, or 0.3 with several votes.
    #[arg(long, value_name = "T", value_parser = temperature)]
    pub judge_temperature: Option<f64>,
    /// Tokens that it may think with before its reply.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub judge_reasoning_tokens: u32,
    /// Languages by name or tag, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten, next_help_heading = "Pace")]
    pub pace: PaceArgs,
}
