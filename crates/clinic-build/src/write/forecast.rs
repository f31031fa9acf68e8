//! What the writing will take, before anything is asked.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::plan::{Plan, plan};
use super::reply::schema;
use super::{Options, chosen, request};
use crate::error::StepError;
use crate::project::Project;
use crate::recipe::{FieldKind, Recipe};

/// What a task will take where the first reply to each request can be used; `[write] attempts` times
/// as much at most for each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The task's name.
    pub task: String,
    /// Items that are still to be written, in whole or in part.
    pub items: usize,
    /// Items that it lacks and that no document is left for.
    pub without_document: usize,
    /// Requests.
    pub calls: usize,
    /// Bytes of what goes out, with items as long as they may be.
    pub prompt_bytes: usize,
    /// Tokens that come back at most, reasoning included.
    pub new_tokens: u64,
}

/// Counts what would be asked. `model` is the identity of the model that would write, where it is
/// known: what it failed at before is passed over.
pub fn forecast(
    project: &Project,
    model: &str,
    options: &Options,
) -> Result<Vec<Forecast>, StepError> {
    let of = |task| of_task(project, plan(project, task, model, options.retry)?, options);
    chosen(project, &options.tasks)?.into_iter().map(of).collect()
}

fn of_task(project: &Project, plan: Plan<'_>, options: &Options) -> Result<Forecast, StepError> {
    let (config, store) = (&project.config().write, project.store());
    let lacking = plan.wanted.saturating_sub(plan.whole);
    let slots = &plan.slots[..lacking.min(plan.slots.len())];
    let each = u64::from(config.max_tokens) + u64::from(options.reasoning_tokens);
    let longest = longest(plan.recipe);
    let mut forecast = Forecast {
        task: plan.task.name.clone(),
        items: slots.len(),
        without_document: lacking - slots.len(),
        calls: 0,
        prompt_bytes: 0,
        new_tokens: 0,
    };
    let (mut calls, mut bytes) = (0, 0);
    let mut count = |messages: Vec<clinic_core::exchange::Message>, domains: bool| {
        calls += 1;
        bytes += messages.iter().map(|message| message.content.len()).sum::<usize>();
        bytes += schema(plan.recipe, domains).to_string().len();
    };
    for slot in slots {
        let document = store.document(slot.document)?;
        let (task, recipe) = (plan.task, plan.recipe);
        if slot.item.is_none() {
            let asked = request::english(task, recipe, &document, slot.nth, config.characters);
            count(asked, true);
        }
        for (tag, version) in &slot.lacking {
            let Some(language) = project.languages().iter().find(|known| known.tag == *tag) else {
                continue;
            };
            let version = store.document(*version)?;
            let characters = config.characters;
            count(
                request::translation(
                    task, recipe, language, &document, &longest, &version, characters,
                ),
                false,
            );
        }
    }
    forecast.calls = calls;
    forecast.prompt_bytes = bytes;
    forecast.new_tokens = calls as u64 * each;
    Ok(forecast)
}

/// An item whose texts are as long as the recipe lets them be.
fn longest(recipe: &Recipe) -> Map<String, Value> {
    let text = |most: usize| Value::from("x".repeat(most));
    let value = |kind, most| match kind {
        FieldKind::Text => text(most),
        FieldKind::Options => json!({"right": text(most), "wrong": vec![text(most); 3]}),
        FieldKind::NoneRight => json!({"none": text(most), "wrong": vec![text(most); 3]}),
    };
    recipe.fields.iter().map(|f| (f.name.clone(), value(f.kind, f.most))).collect()
}
