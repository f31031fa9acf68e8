//! What the commands that work on a run share: the way to each endpoint, the two halves, the ending.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clinic_engine::model::Model;
use clinic_engine::pace::{Gates, Patience, Purse, Terms, Width};
use clinic_engine::run::{
    self, Batched, Batching, Cache, Caller, Generation, InFlight, ModelRef, Run, RunError, Scoring,
    Stop, Store, Turns,
};
use clinic_engine::scorer::{Named, Panel};
use clinic_report::{Layout, Summary};

use super::session::Scorers;
use crate::args::PaceArgs;
use crate::exit::Exit;
use crate::graders::ReadyGrader;
use crate::models::{self, Ready};
use crate::progress::Progress;
use crate::{money, print};

/// Texts to an embedder at once.
pub const EMBED_BATCH: usize = 32;

/// The way to the endpoints of one session.
pub struct Way {
    pub caller: Caller,
    pub listener: Arc<Progress>,
    usual: Terms,
}

impl Way {
    /// The way as the arguments have it, with what was spent before counted in.
    pub fn new(
        store: Arc<Store>,
        pace: &PaceArgs,
        budget: Option<f64>,
        spent: f64,
    ) -> anyhow::Result<Self> {
        let stop = Arc::new(Stop::default());
        let listener = Arc::new(Progress::new(budget, spent));
        let usual = Terms {
            width: pace.max_connections.map_or(Width::UNKNOWN, |most| Width::up_to(most as usize)),
            requests_per_minute: pace.requests_per_minute,
            tokens_per_minute: pace.tokens_per_minute,
            price: None,
        };
        let patience = Patience {
            retries: pace.max_retries as usize,
            first_wait: Duration::from_secs_f64(pace.retry_delay),
            outage: Duration::from_secs_f64(pace.max_outage),
        };
        let purse = Purse::kept_by(budget, spent, Box::new(InFlight(store.clone())));
        let gates = Gates::new(usual.clone(), patience, purse, listener.clone(), stop.clone());
        let cache = pace.cache.as_deref().map(Cache::open).transpose()?.map(Arc::new);
        let caller = Caller { store, cache, gates: Arc::new(gates), stop, turns: Turns::default() };
        Ok(Self { caller, listener, usual })
    }

    /// Sets the terms of one model; `width` where it works on so many requests at once.
    pub fn to(&self, model: &ModelRef, width: Option<usize>) {
        let width = width.map_or(self.usual.width, Width::Fixed);
        // A model in this process has no limits but its width.
        let limits = |limit: Option<f64>| limit.filter(|_| !matches!(width, Width::Fixed(_)));
        let terms = Terms {
            width,
            requests_per_minute: limits(self.usual.requests_per_minute),
            tokens_per_minute: limits(self.usual.tokens_per_minute),
            price: money::known(model),
        };
        self.caller.gates.set(&model.identity, &model.label(), terms);
    }

    /// A model with its terms set; through its provider's batch endpoint where the plan says so.
    fn model(
        &self,
        run: &Run,
        pace: &PaceArgs,
        model: &Arc<dyn Model>,
        named: &ModelRef,
    ) -> anyhow::Result<Arc<dyn Model>> {
        // A scorer that the user named beside a batch may have no such endpoint; it was told then.
        let api = if run.plan().batch { models::batch_api(named, pace).ok() } else { None };
        let Some(api) = api else {
            self.to(named, model.width());
            return Ok(model.clone());
        };
        let batching = Batching {
            poll: Duration::from_secs_f64(pace.batch_poll),
            outage: Duration::from_secs_f64(pace.max_outage),
            quiet: Duration::from_secs_f64(pace.batch_poll.clamp(0.25, 2.0)),
            live: pace.max_connections.unwrap_or(Batching::default().live as u32) as usize,
            ..Batching::default()
        };
        self.to(named, Some(batching.most));
        let (store, stop) = (run.store().clone(), self.caller.stop.clone());
        let listener = self.listener.clone();
        Ok(Arc::new(Batched::start(model.clone(), api, store, batching, listener, stop)?))
    }
}

/// Refuses `--batch` where no model of the run has a batch endpoint, and tells which have none.
pub fn check_batch(models: &[&ModelRef], pace: &PaceArgs) -> anyhow::Result<()> {
    let (with, without): (Vec<&ModelRef>, Vec<&ModelRef>) =
        models.iter().partition(|model| models::batch_api(model, pace).is_ok());
    let Some(first) = without.first() else { return Ok(()) };
    if with.is_empty() {
        models::batch_api(first, pace)?;
    }
    for model in without {
        print::status(&format!("note: {} has no batch endpoint and is asked live", model.name));
    }
    Ok(())
}

/// Works on a run until it is done or stopped, and tells how it ended.
pub fn work(
    run: &Run,
    model: Option<&Ready<dyn Model>>,
    scorers: Option<Scorers>,
    pace: &PaceArgs,
) -> anyhow::Result<Exit> {
    let begun = Instant::now();
    let plan = run.plan();
    run.store().settle_in_flight()?;
    let way = Way::new(run.store().clone(), pace, plan.budget, run.spent()?)?;
    let stop = way.caller.stop.clone();
    let listener = way.listener.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Whoever works on batches is spawned here.
    let entered = runtime.enter();
    let mut generation = None;
    if let Some(ready) = model {
        // The plan knows the price, also in a later session.
        let model = way.model(run, pace, &ready.model, &plan.model)?;
        let (caller, listener) = (way.caller.clone(), listener.clone());
        generation = Some(Generation { model, caller, listener });
    }
    let mut scoring = None;
    if let Some(scorers) = scorers {
        let (panel, listener) = (panel(run, pace, scorers, &way)?, listener.clone());
        scoring = Some(Scoring { panel, listener });
    }
    drop(entered);
    let interrupted = Arc::new(Stop::default());
    runtime.spawn(interrupts(stop, interrupted.clone(), listener.clone(), pace.timeout));
    runtime.spawn(ticks(listener.clone()));
    let outcome = runtime.block_on(async {
        let outcome = run::work(run, generation.as_ref(), scoring.as_ref()).await;
        // All that was in flight has come back.
        let rested = way.caller.gates.purse().rest().await;
        if let (Ok(()), Err(why)) = (&outcome, rested) {
            print::status(&format!("what was in flight could not be settled: {why}"));
        }
        outcome
    });
    // Requests that a second Ctrl-C or an error left behind must not hold the exit.
    runtime.shutdown_background();
    // How the run ended matters more than how long it took, also on a full disk.
    let _ = run.store().add_seconds(begun.elapsed().as_secs_f64());
    let folder = run.folder().display();
    match outcome {
        Err(RunError::Broke(broke)) => {
            let more = clinic_report::money(2.0 * broke.budget.max(broke.spent + broke.next));
            print::status(&format!("{broke}"));
            print::status(&format!(
                "what came is saved; go on with: clinic resume {folder} --budget {more}"
            ));
            Ok(Exit::Missing)
        }
        Err(error) => {
            print::status(&format!("what came is saved; go on with: clinic resume {folder}"));
            Err(error.into())
        }
        Ok(()) if interrupted.asked() => {
            print::status(&format!(
                "stopped, everything saved; go on with: clinic resume {folder}"
            ));
            Ok(Exit::Interrupted)
        }
        Ok(()) => Ok(Exit::Done),
    }
}

fn panel(run: &Run, pace: &PaceArgs, scorers: Scorers, way: &Way) -> anyhow::Result<Panel> {
    let Scorers { judge, toxicity, embedder } = scorers;
    let mut named_judge = None;
    if let Some(ready) = judge {
        let model = way.model(run, pace, &ready.model, &ready.named)?;
        named_judge = Some(Named { name: ready.named.label(), model });
    }
    if let Some(grader) = &toxicity {
        way.to(grader.named(), grader.width());
    }
    if let Some(ready) = &embedder {
        way.to(&ready.named, ready.model.width());
    }
    Ok(Panel {
        judge: named_judge,
        toxicity: toxicity.map(ReadyGrader::into_panel),
        embedder: embedder.map(|ready| Named { name: ready.named.label(), model: ready.model }),
        caller: way.caller.clone(),
        protocol: run.plan().protocol,
        judging: run.plan().judging,
        batch: EMBED_BATCH,
    })
}

/// Lets the progress be shown anew each second, also while nothing happens.
pub(super) async fn ticks(listener: Arc<Progress>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        listener.show();
    }
}

/// The first Ctrl-C or SIGTERM asks the run to stop, the second ends the process.
pub(super) async fn interrupts(
    stop: Arc<Stop>,
    interrupted: Arc<Stop>,
    listener: Arc<Progress>,
    timeout: f64,
) {
    let mut asked = false;
    loop {
        if wait_for_signal().await.is_err() {
            return;
        }
        if asked {
            // All that was committed is safe; only what is in flight is lost.
            std::process::exit(Exit::Interrupted as i32);
        }
        asked = true;
        interrupted.ask();
        stop.ask();
        listener.say(&format!(
            "stopping: waiting for answers in flight, at most {timeout} s; Ctrl-C again to stop at \
             once"
        ));
    }
}

#[cfg(unix)]
async fn wait_for_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = tokio::signal::ctrl_c() => outcome,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Prints the table or the figures and tells whether anything is missing.
pub fn conclude(run: &Run, json: bool, all: bool) -> anyhow::Result<Exit> {
    let summary = Summary::of(run)?;
    if json {
        print::json(&summary);
    } else {
        print::result(&summary.to_text(Layout { width: print::width(), all }));
    }
    Ok(ending(&summary, run))
}

/// How a run stands, with what to do where anything is missing.
pub fn ending(summary: &Summary, run: &Run) -> Exit {
    let missing = summary.unanswered();
    if missing > 0 {
        let folder = run.folder().display();
        print::status(&match run.plan().imported {
            Some(_) => format!("{missing} prompts have no answer in the imported files"),
            None => format!("{missing} prompts have no answer; ask again: clinic resume {folder}"),
        });
    }
    let failed = summary.failed_scores;
    if failed > 0 {
        let folder = run.folder().display();
        print::status(&format!("{failed} scores failed; score again: clinic score {folder}"));
    }
    if missing + failed > 0 { Exit::Missing } else { Exit::Done }
}
