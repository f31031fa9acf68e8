//! `clinic build write`: items from documents, by a model.

use clinic_build::write::{self, Forecast, Options, TaskWritten, Written};
use clinic_build::{Project, StepError};
use clinic_core::exchange::Usage;
use clinic_core::language::Languages;
use clinic_engine::model::preset::{self, Price};
use clinic_engine::run::ModelRef;
use serde_json::json;

use super::step::{Ended, ask, way};
use crate::args::WriteArgs;
use crate::commands::preview::tokens;
use crate::exit::Exit;
use crate::{models, money, print};

/// `clinic build write`: writes what is lacking, and tells what there is then.
pub fn write(args: &WriteArgs) -> anyhow::Result<Exit> {
    let name = models::text(&args.model);
    let thinking = preset::of(&name).map_or(0, |preset| preset.reasoning_tokens);
    let options = Options {
        tasks: args.tasks.clone(),
        reasoning_tokens: args.reasoning_tokens.unwrap_or(thinking),
        retry: args.retry,
    };
    if args.dry_run {
        return preview(args, &options, &name);
    }
    let project = Project::open(&args.dir)?;
    let mut ready = models::model(&args.model, args.base_url.as_deref(), &args.pace)?;
    money::price(&mut ready.named, &args.money);
    let used = [(&ready.named, ready.model.width())];
    let way = way(&project, write::STEP, &used, &args.pace, &args.money)?;
    let (model, told) = (ready.model.as_ref(), &project);
    let ended = ask(&project, write::STEP, &way, &args.pace, |caller, listener| async move {
        write::write(told, model, &caller, &options, listener.as_ref()).await
    })?;
    let written = match ended {
        Ended::Done(written) => written,
        Ended::Early(exit) => return Ok(exit),
    };
    if args.json {
        print::json(&written);
    } else {
        show(&written);
    }
    Ok(if written.complete() { Exit::Done } else { Exit::Missing })
}

fn show(written: &Written) {
    let mut table = clinic_report::grid(print::width());
    table.set_header(["task", "wanted", "written", "unfinished", "dropped", "mostly"]);
    for task in &written.tasks {
        let reasons: Vec<String> = task
            .reasons
            .iter()
            .take(2)
            .map(|reason| format!("{} ({})", reason.why, reason.count))
            .collect();
        table.add_row([
            task.task.clone(),
            task.wanted.to_string(),
            task.whole.to_string(),
            task.unfinished.to_string(),
            task.dropped.to_string(),
            reasons.join(", "),
        ]);
    }
    print::result(&clinic_report::finish(&mut table));
    for task in &written.tasks {
        for line in lacks(task) {
            print::result(&clinic_report::wrap(
                "",
                &format!("{}: {line}", task.task),
                print::width(),
            ));
        }
    }
}

/// Why a task has fewer items than it should have, and what to do.
fn lacks(task: &TaskWritten) -> Vec<String> {
    let mut lines = Vec::new();
    if task.outdated > 0 {
        lines.push(format!(
            "{} items were written by an earlier recipe and are not counted",
            task.outdated
        ));
    }
    if task.whole >= task.wanted {
        return lines;
    }
    if task.unanswered > 0 {
        lines.push(format!("{} had no reply; run this again to ask them", task.unanswered));
    }
    if task.gave_up {
        lines.push(
            "so many were dropped that no more were tried; look at the reasons, then try another \
             model, or run this again for further documents"
                .to_owned(),
        );
    } else if task.left == 0 {
        let documents = &task.documents;
        let mut line = format!(
            "no document is left: of {} English ones {} are mapped in all languages",
            documents.english, documents.mapped
        );
        if let Some((tag, count)) = documents.fewest() {
            let name = Languages::current().tag(tag).map_or(tag, |language| &language.english);
            line.push_str(&format!(", fewest in {name} ({count})"));
        }
        line.push_str("; collect or map more, raise per_document in build.toml, or --retry");
        lines.push(line);
    }
    lines
}

/// Prints what would be asked, and what it may cost; asks nothing.
fn preview(args: &WriteArgs, options: &Options, name: &str) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let base_url = args.base_url.clone();
    // The model's identity, where it has written before.
    let known = project.store().models().map_err(StepError::from)?;
    let mut known = known.into_iter().map(|used| used.model);
    let known = known.rfind(|model| model.name == name && model.base_url == base_url);
    let unknown =
        ModelRef { name: name.to_owned(), base_url, identity: String::new(), price: None };
    let mut model = known.unwrap_or(unknown);
    money::price(&mut model, &args.money);
    let price = money::known(&model);
    let forecasts = write::forecast(&project, &model.identity, options)?;
    let rows: Vec<Row> = forecasts.iter().map(|of| Row::new(of, price.as_ref())).collect();
    let all = Row::all(&rows);
    if args.json {
        print::json(&json!({ "tasks": forecasts.iter().zip(&rows).map(|(forecast, row)| json!({
            "task": forecast.task, "items": forecast.items,
            "without_document": forecast.without_document, "calls": forecast.calls,
            "prompt_tokens": row.prompt, "new_tokens_at_most": row.new, "usd_at_most": row.usd,
        })).collect::<Vec<_>>(), "usd_at_most": all.usd, "attempts": project.config().write.attempts }));
        return Ok(Exit::Done);
    }
    let mut table = clinic_report::grid(print::width());
    table.set_header([
        "task",
        "items",
        "calls",
        "tokens in, about",
        "tokens out, at most",
        "USD at most",
    ]);
    for row in rows.iter().chain([&all]) {
        let usd = row.usd.map_or_else(|| "?".to_owned(), clinic_report::money);
        table.add_row([
            row.task.clone(),
            row.items.to_string(),
            row.calls.to_string(),
            row.prompt.to_string(),
            row.new.to_string(),
            usd,
        ]);
    }
    print::result(&clinic_report::finish(&mut table));
    let attempts = project.config().write.attempts;
    print::result(&format!(
        "where each first reply can be used; up to {attempts} replies are asked for. Nothing was asked"
    ));
    if all.usd.is_none() {
        print::result("no price is known for the model: give --price MODEL=IN,OUT");
    }
    for forecast in forecasts.iter().filter(|forecast| forecast.without_document > 0) {
        let lack = forecast.without_document;
        let line = format!("{}: {lack} items have no document to be written from", forecast.task);
        print::result(&line);
    }
    Ok(Exit::Done)
}

/// A line of the preview.
struct Row {
    task: String,
    items: usize,
    calls: usize,
    prompt: u64,
    new: u64,
    usd: Option<f64>,
}

impl Row {
    fn new(forecast: &Forecast, price: Option<&Price>) -> Self {
        let (prompt, new) = (tokens(forecast.prompt_bytes), forecast.new_tokens);
        let usage = Usage { prompt_tokens: prompt, completion_tokens: new, ..Usage::default() };
        Self {
            task: forecast.task.clone(),
            items: forecast.items,
            calls: forecast.calls,
            prompt,
            new,
            usd: price.map(|price| price.of(usage)),
        }
    }

    fn all(rows: &[Self]) -> Self {
        Self {
            task: "all".to_owned(),
            items: rows.iter().map(|row| row.items).sum(),
            calls: rows.iter().map(|row| row.calls).sum(),
            prompt: rows.iter().map(|row| row.prompt).sum(),
            new: rows.iter().map(|row| row.new).sum(),
            usd: rows.iter().map(|row| row.usd).sum(),
        }
    }
}
