//! `clinic resume`: go on where a run was left.

use clinic_engine::run::{ModelRef, Run};

use super::generate;
use super::session::{self, Scorers};
use super::work;
use crate::args::{MoneyArgs, ResumeArgs};
use crate::exit::{Exit, Wrong};
use crate::{models, money};

pub fn resume(args: &ResumeArgs) -> anyhow::Result<Exit> {
    let mut run = Run::open(&args.run)?;
    if args.live {
        run.change(|plan| plan.batch = false)?;
    }
    let plan = run.plan();
    if plan.imported.is_some() {
        return imported(run, args);
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
        let panel = session::panel_args(plan, None)?;
        Some(Scorers::ready(&panel, &args.pace, plan.protocol, Some(&model))?)
    } else {
        None
    };
    let scorers = pay(&mut run, &args.money, scorers)?;
    match work::work(&run, Some(&model), scorers, &args.pace)? {
        Exit::Done if run.plan().score => work::conclude(&run, args.json, false),
        Exit::Done => generate::counts(&run, args.json),
        other => Ok(other),
    }
}

/// Goes on with a run whose answers came from files: there is no model to ask.
fn imported(mut run: Run, args: &ResumeArgs) -> anyhow::Result<Exit> {
    let plan = run.plan();
    if !plan.score {
        let what = "the answers of this run were imported, and none can be asked for";
        let hint = format!("score them: clinic score {}", run.folder().display());
        return Err(Wrong::new(what).hint(hint).into());
    }
    let panel = session::panel_args(plan, None)?;
    let scorers = Scorers::ready(&panel, &args.pace, plan.protocol, None)?;
    let scorers = pay(&mut run, &args.money, Some(scorers))?;
    match work::work(&run, None, scorers, &args.pace)? {
        Exit::Done => work::conclude(&run, args.json, false),
        other => Ok(other),
    }
}

/// Puts a new budget and new prices into the plan, and the plan's prices to those who score.
fn pay(
    run: &mut Run,
    money: &MoneyArgs,
    mut scorers: Option<Scorers>,
) -> anyhow::Result<Option<Scorers>> {
    let plan = run.plan();
    let budget = money.budget.or(plan.budget);
    let mut named = [
        Some(plan.model.clone()).filter(|_| plan.imported.is_none()),
        plan.judge.clone(),
        plan.toxicity.clone(),
        plan.embedder.clone(),
    ];
    for model in named.iter_mut().flatten() {
        money::price(model, money);
    }
    let models: Vec<&ModelRef> = named.iter().flatten().collect();
    money::check_prices(money, &models)?;
    money::check_budget(budget, &models)?;
    if let Some(scorers) = &mut scorers {
        let old = models.iter().map(|model| (**model).clone()).collect::<Vec<_>>();
        scorers.price_as(&old);
    }
    if money.budget.is_some() || !money.price.is_empty() {
        let [model, judge, toxicity, embedder] = named;
        run.change(|plan| {
            plan.budget = budget;
            plan.model = model.unwrap_or(plan.model.clone());
            (plan.judge, plan.toxicity, plan.embedder) = (judge, toxicity, embedder);
        })?;
    }
    Ok(scorers)
}
