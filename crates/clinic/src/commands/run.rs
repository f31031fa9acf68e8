//! `clinic run`: ask, score, show.

use clinic_engine::scorer::Judging;

use super::generate;
use super::selection;
use super::session::{self, Scorers};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::models;

pub fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let generate = &args.generate;
    let selection = selection::select(&generate.what)?;
    if generate.dry_run {
        return Ok(generate::preview(&selection, generate.json));
    }
    session::judging(Judging::default(), &args.panel)?;
    session::check_judge(&args.panel, &args.panel)?;
    session::check_rubrics(&args.panel, &selection.tasks)?;
    let model = models::model(&generate.model, generate.base_url.as_deref(), &generate.pace)?;
    let scorers =
        Scorers::ready(&args.panel, &generate.pace, generate.protocol.into(), Some(&model))?;
    let run = session::create(generate, selection, &model, &scorers, Some(&args.panel))?;
    match session::work(&run, Some(&model), Some(scorers), &generate.pace)? {
        Exit::Done => session::conclude(&run, generate.json, false),
        other => Ok(other),
    }
}
