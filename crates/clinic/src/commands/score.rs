//! `clinic score`: score what a run holds, with other judges if wished.

use clinic_core::published::Protocol;
use clinic_engine::run::Run;

use super::session::{self, Scorers};
use super::work;
use crate::args::ScoreArgs;
use crate::exit::{Exit, Wrong};
use crate::money;

pub fn score(args: &ScoreArgs) -> anyhow::Result<Exit> {
    let mut run = Run::open(&args.run)?;
    let protocol = args.protocol.map_or(run.plan().protocol, Into::into);
    session::check_protocol(protocol, run.tasks())?;
    let joined = run.plan().imported.as_ref().map(|imported| imported.joined);
    if joined == Some(Protocol::Reference) && protocol == Protocol::Default {
        let what = "the rows of this run were joined with their items by place alone, as the \
                    published scripts do, so that some may answer another question";
        let hint = "import them again without --protocol reference, or score by it";
        return Err(Wrong::new(what).hint(hint).into());
    }
    let judging = session::judging(run.plan().judging, &args.panel)?;
    session::check_rubrics(&args.panel, run.tasks())?;
    let panel = session::panel_args(run.plan(), Some(&args.panel))?;
    session::check_judge(&args.panel, &panel)?;
    let mut scorers = Scorers::ready(&panel, &args.pace, protocol, None)?;
    let known: Vec<_> = run.plan().models().cloned().collect();
    scorers.price_as(&known);
    scorers.price(&args.money);
    let named = scorers.named();
    let models: Vec<_> = named.iter().flatten().collect();
    money::check_prices(&args.money, &models)?;
    let budget = args.money.budget.or(run.plan().budget);
    money::check_budget(budget, &models)?;
    session::set_rubrics(&mut run, &args.panel)?;
    if args.batch.batch {
        work::check_batch(&models, &args.pace)?;
    }
    run.change(|plan| {
        // From now on `resume` scores too.
        plan.score = true;
        (plan.protocol, plan.judging) = (protocol, judging);
        plan.set_scorers(named);
        (plan.batch, plan.budget) = (args.batch.batch, budget);
    })?;
    match work::work(&run, None, Some(scorers), &args.pace)? {
        Exit::Done => work::conclude(&run, args.json, false),
        other => Ok(other),
    }
}
