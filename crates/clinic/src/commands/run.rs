//! `clinic run`: ask, score, show.

use clinic_engine::scorer::Judging;

use super::selection;
use super::session::{self, Scorers};
use super::{preview, work};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::{models, money};

pub fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let generate = &args.generate;
    let selection = selection::select(&generate.what)?.under(&generate.system)?;
    if generate.dry_run {
        return preview::preview(&selection, generate, Some(&args.panel));
    }
    session::judging(Judging::default(), &args.panel)?;
    session::check_judge(&args.panel, &args.panel)?;
    session::check_rubrics(&args.panel, &selection.tasks)?;
    let mut model = models::model(&generate.model, generate.base_url.as_deref(), &generate.pace)?;
    money::price(&mut model.named, &generate.money);
    let mut scorers =
        Scorers::ready(&args.panel, &generate.pace, generate.protocol.into(), Some(&model))?;
    scorers.price(&generate.money);
    let run = session::create(generate, selection, &model, &scorers, Some(&args.panel))?;
    match work::work(&run, Some(&model), Some(scorers), &generate.pace)? {
        Exit::Done => work::conclude(&run, generate.json, false),
        other => Ok(other),
    }
}
