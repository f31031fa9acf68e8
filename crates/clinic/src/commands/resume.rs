//! `clinic resume`: go on where a run was left.

use clinic_engine::run::Run;

use super::generate;
use super::session::{self, Scorers};
use crate::args::ResumeArgs;
use crate::exit::{Exit, Wrong};
use crate::models;

pub fn resume(args: &ResumeArgs) -> anyhow::Result<Exit> {
    let run = Run::open(&args.run)?;
    let plan = run.plan();
    if plan.imported.is_some() {
        return imported(&run, args);
    }
    let name = plan.model.name.parse()?;
    let model = models::model(&name, plan.model.base_url.as_deref(), &args.pace)?;
    if model.named.identity != plan.model.identity {
        let what = format!(
            "the model is not the one that this run began with\n  then: {}\n  now:  {}",
            plan.model.identity, model.named.identity
        );
        return Err(Wrong::new(what).hint("start a new run for the new model").into());
    }
    let scorers = if plan.score {
        Some(Scorers::ready(
            &session::panel_args(plan, None)?,
            &args.pace,
            plan.protocol,
            Some(&model),
        )?)
    } else {
        None
    };
    match session::work(&run, Some(&model), scorers, &args.pace)? {
        Exit::Done if plan.score => session::conclude(&run, args.json, false),
        Exit::Done => generate::counts(&run, args.json),
        other => Ok(other),
    }
}

/// Goes on with a run whose answers came from files: there is no model to ask.
fn imported(run: &Run, args: &ResumeArgs) -> anyhow::Result<Exit> {
    let plan = run.plan();
    if !plan.score {
        let what = "the answers of this run were imported, and none can be asked for";
        let hint = format!("score them: clinic score {}", run.folder().display());
        return Err(Wrong::new(what).hint(hint).into());
    }
    let scorers =
        Scorers::ready(&session::panel_args(plan, None)?, &args.pace, plan.protocol, None)?;
    match session::work(run, None, Some(scorers), &args.pace)? {
        Exit::Done => session::conclude(run, args.json, false),
        other => Ok(other),
    }
}
