//! One file a command.

mod build;
mod compare;
mod data;
mod export;
mod generate;
mod import;
mod judge;
mod mitigations;
mod models;
mod preview;
mod report;
mod resume;
mod run;
mod score;
mod selection;
mod session;
mod tasks;
mod view;
mod work;

use std::path::Path;

use clinic_core::language::Languages;

use crate::args::{BuildCommand, Command, DataCommand, JudgeCommand};
use crate::exit::{Exit, Wrong};

/// Adopts the languages of a user's file.
pub fn languages(file: &Path) -> anyhow::Result<()> {
    let wrong = |why: String| Wrong::new(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let languages = Languages::with(&text).map_err(wrong)?;
    languages
        .adopt()
        .map_err(|_| wrong("languages were in use before the file was read".into()))?;
    Ok(())
}

/// Does what the command says.
pub fn dispatch(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Score(args) => score::score(&args),
        Command::Resume(args) => resume::resume(&args),
        Command::Report(args) => report::report(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::View(args) => view::view(&args),
        Command::Export(args) => export::export(&args),
        Command::Import(args) => import::import(&args),
        Command::Tasks(args) => tasks::tasks(&args),
        Command::Mitigations(args) => mitigations::mitigations(&args),
        Command::Models(args) => models::models(&args),
        Command::Judge(JudgeCommand::Probe(args)) => judge::probe(&args),
        Command::Build(BuildCommand::Init(args)) => build::init(&args),
        Command::Build(BuildCommand::Collect(args)) => build::collect(&args),
        Command::Build(BuildCommand::Map(args)) => build::map(&args),
        Command::Build(BuildCommand::Write(args)) => build::write(&args),
        Command::Build(BuildCommand::Check(args)) => build::check(&args),
        Command::Build(BuildCommand::Review(args)) => build::review(&args),
        Command::Build(BuildCommand::Publish(args)) => build::publish(&args),
        Command::Build(BuildCommand::Status(args)) => build::status(&args),
        Command::Build(BuildCommand::PdfText) => build::pdf_text(),
        Command::Data(DataCommand::Stats(args)) => data::stats(&args),
        Command::Data(DataCommand::Validate(args)) => data::validate(&args),
        Command::Data(DataCommand::Import(args)) => data::import(&args),
        Command::Data(DataCommand::Fetch(args)) => data::fetch(&args),
        Command::Data(DataCommand::Lock(args)) => data::lock(&args),
    }
}
