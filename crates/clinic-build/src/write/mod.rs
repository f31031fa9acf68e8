//! Writing items: from documents to items in all languages, by two requests to a model.
//!
//! An English document becomes an English item; then the English document, the English item and the
//! document's version in a language become the item in that language. What a reply may hold is held
//! to a schema and to rules, and asked for again where it breaks them. `docs/build/write.md`.

mod fault;
mod forecast;
mod plan;
mod reply;
mod request;
mod rules;
mod slot;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use clinic_core::task::Task;
use clinic_engine::model::Model;
use clinic_engine::run::{Caller, Event, Listener, Stage, Structured};
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::error::StepError;
use crate::project::Project;
use crate::store::{Dropped, Failed};
use plan::{Plan, Slot, plan};
use slot::{Ended, Writer, is_stop};

pub use forecast::{Forecast, forecast};
pub use summary::{Documents, Reason, TaskWritten, Written};

/// The step's name, in progress, in `models` and in `dropped`.
pub const STEP: &str = "write";

/// What is asked of the step.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Tasks or dimensions; all of the project where there are none.
    pub tasks: Vec<String>,
    /// Tokens that a model may think with before its reply.
    pub reasoning_tokens: u32,
    /// Whether what failed in an earlier run is tried again.
    pub retry: bool,
}

/// Slots that are worked on side by side at least.
const SIDE_BY_SIDE: usize = 8;

/// A task is given up for this session when so many slots beyond twice the wanted ones were dropped: a
/// model that fails so often would fail at every document, for money.
const DROPPED: usize = 10;

/// Writes items until each task has as many as `build.toml` asks for, whole in all languages, or no
/// more can be written.
///
/// # Errors
/// Where the store or the project cannot be used, the model answers nobody, the budget is used up or a
/// stop is asked for. All that came until then is kept; the step goes on from there when it is called
/// again.
pub async fn write(
    project: &Project,
    model: &dyn Model,
    caller: &Caller,
    options: &Options,
    listener: &dyn Listener,
) -> Result<Written, StepError> {
    let identity = model.identity();
    let tasks = chosen(project, &options.tasks)?;
    let mut lines = Vec::new();
    for task in &tasks {
        lines.push(Line::new(plan(project, task, identity, options.retry)?));
    }
    let total: usize = lines.iter().map(|line| line.plan.wanted).sum();
    let done: usize = lines.iter().map(|line| line.plan.whole.min(line.plan.wanted)).sum();
    let stage = Stage::Step(STEP);
    listener.on(&Event::Started { stage, total, done });
    let writer = Writer {
        project,
        model,
        caller,
        structured: Structured::default(),
        reasoning_tokens: options.reasoning_tokens,
    };
    let outcome = run(&writer, &mut lines, listener).await;
    for line in &lines {
        note_dropped(project, &line.plan, identity)?;
    }
    listener.on(&Event::Finished { stage });
    outcome?;
    let mut tasks = Vec::new();
    for line in &lines {
        tasks.push(line.summary(project, identity)?);
    }
    Ok(Written { tasks })
}

/// Fills slots until every task has what it wants. The first error ends it; what is in flight is
/// waited for and kept.
async fn run(
    writer: &Writer<'_>,
    lines: &mut [Line<'_>],
    listener: &dyn Listener,
) -> Result<(), StepError> {
    let width = 2 * writer.caller.gates.of(writer.model.identity()).most();
    let width = width.max(SIDE_BY_SIDE);
    let mut running = FuturesUnordered::new();
    let mut first: Result<(), StepError> = Ok(());
    loop {
        while first.is_ok() && !writer.caller.stop.asked() && running.len() < width {
            let Some((index, slot)) = next(lines) else { break };
            let (task, recipe) = (lines[index].plan.task, lines[index].plan.recipe);
            running.push(async move { (index, writer.fill(task, recipe, &slot).await) });
        }
        let Some((index, outcome)) = running.next().await else { break };
        let line = &mut lines[index];
        line.running -= 1;
        match outcome {
            Ok(Ended::Whole) => {
                line.made += 1;
                listener.on(&Event::Done { failed: false });
            }
            Ok(Ended::Dropped(failed)) => {
                line.dropped += 1;
                for failed in failed {
                    let message = format!(
                        "{}: {} is dropped: {}",
                        line.plan.task.name,
                        what(&failed),
                        failed.why
                    );
                    listener.on(&Event::Notice { message: &message });
                }
            }
            Ok(Ended::Unanswered(error)) => {
                line.unanswered += 1;
                let message = format!("{}: no reply: {error}", line.plan.task.name);
                listener.on(&Event::Notice { message: &message });
                listener.on(&Event::Done { failed: true });
            }
            Err(error) => {
                // Whoever waits for a gate need not be sent any more.
                writer.caller.stop.ask();
                if first.is_ok() || first.as_ref().is_err_and(is_stop) {
                    first = Err(error);
                }
            }
        }
    }
    match first {
        Ok(()) if writer.caller.stop.asked() && next(lines).is_some() => {
            Err(clinic_engine::run::CallError::Stopped.into())
        }
        outcome => outcome,
    }
}

/// The next slot of the first task that lacks items.
fn next(lines: &mut [Line<'_>]) -> Option<(usize, Slot)> {
    let index = lines.iter().position(|line| line.lacks() && !line.slots.is_empty())?;
    let line = &mut lines[index];
    line.running += 1;
    Some((index, line.slots.pop_front()?))
}

/// A task on its way.
struct Line<'a> {
    plan: Plan<'a>,
    slots: VecDeque<Slot>,
    running: usize,
    made: usize,
    dropped: usize,
    unanswered: usize,
}

impl<'a> Line<'a> {
    fn new(mut plan: Plan<'a>) -> Self {
        let slots = std::mem::take(&mut plan.slots).into();
        Self { plan, slots, running: 0, made: 0, dropped: 0, unanswered: 0 }
    }

    /// Whether another slot has to be tried. One without a reply keeps its turn: the next run begins
    /// with it, so that an outage does not decide which items there are.
    fn lacks(&self) -> bool {
        let taken = self.plan.whole + self.made + self.running + self.unanswered;
        taken < self.plan.wanted && !self.gave_up()
    }

    fn gave_up(&self) -> bool {
        self.dropped >= 2 * self.plan.wanted + DROPPED
    }

    fn summary(&self, project: &Project, model: &str) -> Result<TaskWritten, StepError> {
        let now = plan(project, self.plan.task, model, false)?;
        let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
        for failed in &now.failed {
            *sorts.entry(&failed.sort).or_default() += 1;
        }
        let reason = |(why, count): (&str, usize)| Reason { why: why.to_owned(), count };
        let mut reasons: Vec<Reason> = sorts.into_iter().map(reason).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        let mut slots: Vec<(i64, usize)> =
            now.failed.iter().map(|failed| (failed.document, failed.nth)).collect();
        slots.sort_unstable();
        slots.dedup();
        Ok(TaskWritten {
            task: now.task.name.clone(),
            wanted: now.wanted,
            whole: now.whole,
            unfinished: now.unfinished,
            dropped: slots.len(),
            reasons,
            unanswered: self.unanswered,
            gave_up: self.gave_up() && now.whole < now.wanted,
            outdated: now.outdated,
            left: now.slots.iter().filter(|slot| slot.item.is_none()).count(),
            documents: now.documents,
        })
    }
}

/// Puts what this model could not write of a task in the place of what was said before.
fn note_dropped(project: &Project, plan: &Plan<'_>, model: &str) -> Result<(), StepError> {
    let store = project.store();
    let (task, recipe) = (&plan.task.name, &plan.recipe.digest);
    let failed = store.failed(task, recipe, model)?;
    let dropped = |failed: &Failed| {
        let why = format!("{}: {}", failed.sort, failed.why);
        Dropped { what: what(failed), why }
    };
    let dropped: Vec<Dropped> = failed.iter().map(dropped).collect();
    store.set_dropped(STEP, task, &dropped)?;
    Ok(())
}

/// A failure's slot and language, for people.
fn what(failed: &Failed) -> String {
    format!("document {}, item {}, {}", failed.document, failed.nth + 1, failed.language)
}

/// The tasks of a project that are named, or all.
fn chosen<'a>(project: &'a Project, names: &[String]) -> Result<Vec<&'a Task>, StepError> {
    let all: Vec<&Task> = project.tasks().iter().collect();
    let is = |task: &Task, name: &str| task.name == name || task.dimension.to_string() == name;
    for name in names {
        if !all.iter().any(|task| is(task, name)) {
            let known: Vec<&str> = all.iter().map(|task| task.name.as_str()).collect();
            let known = known.join(", ");
            let what = format!("the project has no task or dimension '{name}'; it has {known}");
            return Err(StepError::Input(what));
        }
    }
    let wanted = |task: &&Task| names.is_empty() || names.iter().any(|name| is(task, name));
    Ok(all.into_iter().filter(wanted).collect())
}
