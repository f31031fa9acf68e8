//! What the steps share: the way to their models, Ctrl-C, and how they end.

use std::path::Path;
use std::sync::Arc;

use clinic_build::{Project, StepError};
use clinic_engine::run::{CallError, Caller, ModelRef, Stop};

use crate::args::{MoneyArgs, PaceArgs};
use crate::commands::work::{Way, interrupts, ticks};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{money, print};

/// How a step ended.
pub enum Ended<T> {
    /// It did all that there was to do.
    Done(T),
    /// It was stopped, with everything saved.
    Early(Exit),
}

/// The way to the models of a step, with what the project has spent counted in.
pub fn way(
    project: &Project,
    step: &str,
    models: &[(&ModelRef, Option<usize>)],
    pace: &PaceArgs,
    money: &MoneyArgs,
) -> anyhow::Result<Way> {
    let named: Vec<&ModelRef> = models.iter().map(|(model, _)| *model).collect();
    money::check_prices(money, &named)?;
    money::check_budget(money.budget, &named)?;
    for model in &named {
        // What costs nothing is known to cost nothing.
        let priced = ModelRef { price: money::known(model), ..(*model).clone() };
        project.store().uses(step, &priced)?;
    }
    let calls = project.calls()?;
    calls.settle_in_flight()?;
    let spent = project.spent(&calls)?.usd;
    let way = Way::new(calls, pace, money.budget, spent)?;
    for (model, width) in models {
        way.to(model, *width);
    }
    Ok(way)
}

/// Runs a step that asks models.
pub fn ask<T, F: Future<Output = Result<T, StepError>>>(
    project: &Project,
    command: &str,
    way: &Way,
    pace: &PaceArgs,
    step: impl FnOnce(Caller, Arc<Progress>) -> F,
) -> anyhow::Result<Ended<T>> {
    let (caller, listener) = (way.caller.clone(), way.listener.clone());
    let (stop, purse) = (caller.stop.clone(), caller.gates.purse().clone());
    let step = step(caller, listener.clone());
    drive(project.folder(), command, stop, listener, pace.timeout, async {
        let outcome = step.await;
        // All that was in flight has come back.
        if let (Ok(_), Err(why)) = (&outcome, purse.rest().await) {
            print::status(&format!("what was in flight could not be settled: {why}"));
        }
        outcome
    })
}

/// Runs a step to its end, or until it is stopped. `command` is what goes on with it.
pub fn drive<T>(
    folder: &Path,
    command: &str,
    stop: Arc<Stop>,
    listener: Arc<Progress>,
    timeout: f64,
    step: impl Future<Output = Result<T, StepError>>,
) -> anyhow::Result<Ended<T>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let interrupted = Arc::new(Stop::default());
    runtime.spawn(interrupts(stop, interrupted.clone(), listener.clone(), timeout));
    runtime.spawn(ticks(listener));
    let outcome = runtime.block_on(step);
    // Requests that a second Ctrl-C or an error left behind must not hold the exit.
    runtime.shutdown_background();
    let again = format!("clinic build {command} {}", folder.display());
    match outcome {
        Err(StepError::Call(CallError::Broke(broke))) => {
            print::status(&broke.to_string());
            let more = clinic_report::money(2.0 * broke.budget.max(broke.spent + broke.next));
            print::status(&format!("what came is saved; go on with: {again} --budget {more} …"));
            Ok(Ended::Early(Exit::Missing))
        }
        Err(_) if interrupted.asked() => {
            print::status(&format!("stopped, everything saved; go on with: {again} …"));
            Ok(Ended::Early(Exit::Interrupted))
        }
        Err(error) => {
            print::status(&format!("what came is saved; go on with: {again} …"));
            Err(error.into())
        }
        // A step that ended well although it was asked to stop has done all that there was.
        Ok(value) => Ok(Ended::Done(value)),
    }
}
