//! How a run was made, with every hash: what another has to know to make it again.

use clinic_core::system::System;
use clinic_engine::run::{ModelRef, Run};

use crate::Summary;

/// Name and value of each.
pub(super) fn of(run: &Run, summary: &Summary) -> Vec<(String, String)> {
    let plan = run.plan();
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    fact("model", model(&plan.model));
    for (name, of) in
        [("judge", &plan.judge), ("toxicity", &plan.toxicity), ("embedder", &plan.embedder)]
    {
        fact(name, of.as_ref().map_or("none".to_owned(), model));
    }
    fact("system prompt", plan.system.as_ref().map_or("none".to_owned(), System::label));
    fact("protocol", plan.protocol.to_string());
    fact("prompts", format!("{:?}", plan.prompt_format).to_lowercase());
    fact("seed", plan.seed.to_string());
    fact("judge's votes", plan.judging.votes.to_string());
    fact("tokens for reasoning", plan.reasoning_tokens.to_string());
    let limit = plan.limit.map_or("all".to_owned(), |limit| format!("the first {limit}"));
    fact("items a task", limit);
    fact("languages", plan.languages.join(", "));
    if let Some(imported) = &plan.imported {
        fact("imported", format!("layout {}, not asked by clinic", imported.layout));
    }
    fact("made by", format!("clinic {}", plan.clinic));
    fact("data", format!("{} ({})", summary.data, source(&plan.data.source)));
    for (file, sha256) in &plan.data.files {
        fact(&format!("data file {file}"), format!("sha256 {sha256}"));
    }
    for task in &plan.tasks {
        fact(&format!("task {}", task.name), format!("sha256 {}", task.sha256));
    }
    let mut scorers: Vec<(&str, &str)> =
        summary.rows.iter().map(|row| (row.task.as_str(), row.scorer.as_str())).collect();
    scorers.dedup();
    for (task, scorer) in scorers {
        fact(&format!("scorer of {task}"), scorer.to_owned());
    }
    facts
}

fn model(named: &ModelRef) -> String {
    let label = named.label();
    if named.identity == label { label } else { format!("{label}, {}", named.identity) }
}

/// Where the data came from; of a folder only its name, since the rest tells about a machine.
fn source(named: &str) -> &str {
    match named.starts_with("hf:") {
        true => named,
        false => named.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(named),
    }
}
