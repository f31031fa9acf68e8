//! `clinic generate`: ask and keep.

use std::collections::BTreeMap;

use clinic_engine::run::{Plan, State};
use serde_json::json;

use super::selection::{self, Selection};
use super::session::{self, Scorers};
use crate::args::GenerateArgs;
use crate::exit::Exit;
use crate::{models, print};

pub fn generate(args: &GenerateArgs) -> anyhow::Result<Exit> {
    let selection = selection::select(&args.what)?;
    if args.dry_run {
        return Ok(preview(&selection, args.json));
    }
    let model = models::model(&args.model, args.base_url.as_deref(), &args.pace)?;
    let run = session::create(args, selection, &model, &Scorers::default(), None)?;
    match session::work(&run, Some(&model), None, &args.pace)? {
        Exit::Done => counts(&run, args.json),
        other => Ok(other),
    }
}

/// Prints the states of the run's prompts.
pub fn counts(run: &clinic_engine::run::Run, json: bool) -> anyhow::Result<Exit> {
    let tally = run.store().tally()?;
    if json {
        let counts: BTreeMap<&str, usize> = tally.iter().map(|(s, n)| (s.name(), *n)).collect();
        print::json(&json!({"run": run.folder(), "responses": counts}));
    } else {
        let counts: Vec<String> = tally.iter().map(|(s, n)| format!("{n} {}", s.name())).collect();
        print::result(&format!("responses: {}", counts.join(", ")));
        print::result(&format!("score them: clinic score {}", run.folder().display()));
    }
    let open = |s: &State| matches!(s, State::Pending | State::Failed);
    let missing = tally.iter().any(|(state, _)| open(state));
    Ok(if missing { Exit::Missing } else { Exit::Done })
}

/// Prints what would be asked.
pub fn preview(selection: &Selection, json: bool) -> Exit {
    let mut prompts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut calls, mut characters, mut tokens) = (0, 0, 0);
    for sample in &selection.samples {
        let Some(task) = selection.tasks.iter().find(|task| task.name == sample.task) else {
            continue;
        };
        for (_, prompt) in Plan::prompts(task, sample) {
            *prompts.entry(&task.name).or_default() += 1;
            calls += 1;
            characters += prompt.chars().count();
            tokens += task.generation.max_tokens as usize;
        }
    }
    if json {
        print::json(&json!({
            "prompts": calls, "characters": characters, "new_tokens_at_most": tokens,
            "tasks": prompts, "gaps": selection.gaps,
        }));
        return Exit::Done;
    }
    let mut table = clinic_report::grid(print::width());
    table.set_header(["task", "prompts", "new tokens at most"]);
    for task in &selection.tasks {
        let n = prompts.get(task.name.as_str()).copied().unwrap_or(0);
        let most = n * task.generation.max_tokens as usize;
        table.add_row([task.name.clone(), n.to_string(), most.to_string()]);
    }
    table.add_row(["all".to_owned(), calls.to_string(), tokens.to_string()]);
    print::result(&clinic_report::finish(&mut table));
    print::result(&format!("{characters} characters of prompts; nothing was asked"));
    for gap in &selection.gaps {
        print::gap(gap);
    }
    Exit::Done
}
