//! What Inspect's log says of the whole: the task, the model, the figures, and whether all is there.

use clinic_core::task::{Generation, Task};
use clinic_engine::run::{ModelRef, Run};
use serde_json::{Map, Value, json};

use super::sample::error;
use super::{Log, Tally, usage};
use crate::export::figures;
use crate::export::names::{self, NO_TIME};
use crate::summary::{Row, Summary};

/// The log without samples.
pub(super) fn of(log: &Log<'_>, summary: &Summary, tally: &Tally) -> Value {
    let Log { run, task, model, .. } = log;
    let missing = missing(log, summary, tally);
    let status = status(summary, tally);
    json!({
        "version": 2,
        "status": status,
        "eval": spec(log, summary, tally),
        "plan": {
            "name": "plan",
            "steps": [{"solver": "generate", "params": {}, "params_passed": {}}],
            "config": config(&task.generation, run.plan().reasoning_tokens),
        },
        "results": {
            "total_samples": tally.samples,
            "completed_samples": tally.completed,
            "scores": figures(run, task, summary),
            "metadata": {
                "missing": missing,
                "without_figure": without_figure(run, task, summary),
                "notes": summary.notes,
                "interval": "95 %; stderr is half of its width over 1.96",
            },
        },
        "stats": {
            "started_at": NO_TIME,
            "completed_at": NO_TIME,
            "model_usage": usage::of(run, tally.tokens)
                .map(|usage| json!({model: usage}))
                .unwrap_or(json!({})),
            "role_usage": {},
        },
        "error": (status == "error").then(|| error(&missing.join(", "))),
    })
}

/// What `_journal/start.json` holds of it.
pub(super) fn start(header: &Value) -> Value {
    json!({"version": header["version"], "eval": header["eval"], "plan": header["plan"]})
}

/// The state of the log: a success where neither asking nor scoring again could add anything.
fn status(summary: &Summary, tally: &Tally) -> &'static str {
    if tally.failed + tally.failed_scores > 0 {
        "error"
    } else if tally.pending + tally.unscored > 0 || summary.half_scored {
        "cancelled"
    } else {
        "success"
    }
}

/// What is not there, in words: also what no asking can bring, which lowers coverage.
fn missing(log: &Log<'_>, summary: &Summary, tally: &Tally) -> Vec<String> {
    let all = [
        (tally.failed, "prompts without an answer"),
        (tally.failed_scores, "scores that failed"),
        (tally.pending, "prompts that were not asked yet"),
        (tally.unscored, "samples that were not scored yet"),
        (usize::from(summary.half_scored), "scoring that was not finished"),
        (tally.not_scored, "scores that could not be given"),
        (gaps(log.task, summary), "samples that the data lacks"),
    ];
    let there = all.iter().filter(|(count, _)| *count > 0);
    there.map(|(count, what)| format!("{count} {what}")).collect()
}

fn spec(log: &Log<'_>, summary: &Summary, tally: &Tally) -> Value {
    let Log { run, task, task_id, model } = log;
    let plan = run.plan();
    // The hash of what the samples hold tells two runs of one plan apart.
    let scored_by: Vec<&str> = rows(task, summary).map(|row| row.scorer.as_str()).collect();
    let eval_id = names::id(&["eval", task_id, &tally.content, &scored_by.join("\n")]);
    let ids: Vec<&String> = tally.ids.values().collect();
    json!({
        "eval_id": eval_id,
        "run_id": names::run_id(run),
        "created": NO_TIME,
        "task": task.name,
        "task_id": task_id,
        "task_version": &task.digest[..12],
        "task_display_name": task.title,
        "task_description": task.asks,
        "task_attribs": {"dimension": task.dimension},
        "task_args": {},
        "task_args_passed": {},
        "solver": "generate",
        "solver_args": {},
        "solver_args_passed": {},
        "dataset": {
            "name": summary.data,
            "location": location(&plan.data.source),
            "samples": tally.samples,
            "sample_ids": ids,
            "shuffled": false,
        },
        "model": model,
        "model_generate_config": config(&task.generation, plan.reasoning_tokens),
        "model_args": {},
        "model_roles": plan.judge.as_ref().map(|judge| json!({"grader": role(judge)})),
        "config": {"epochs": 1},
        "packages": {"clinic": plan.clinic},
        "metadata": {
            "dimension": task.dimension,
            "languages": plan.languages,
            "protocol": plan.protocol,
            "prompt_format": plan.prompt_format,
            "seed": plan.seed,
            "limit": plan.limit,
            "task_sha256": task.digest,
            "data_sha256": plan.data.files,
            "judge": plan.judge.as_ref().map(ModelRef::label),
            "embedder": plan.embedder.as_ref().map(ModelRef::label),
            "toxicity": plan.toxicity.as_ref().map(ModelRef::label),
            "gaps": gaps(task, summary),
            "no_times": "the run keeps none; all times are set to one",
        },
    })
}

fn rows<'a>(task: &'a Task, summary: &'a Summary) -> impl Iterator<Item = &'a Row> {
    summary.rows.iter().filter(|row| row.task == task.name)
}

/// Where data comes from, unless it is a folder of somebody's machine.
fn location(source: &str) -> Option<&str> {
    (source == "starter" || source.starts_with("hf:")).then_some(source)
}

fn role(judge: &ModelRef) -> Value {
    json!({"model": judge.label(), "config": {}, "args": {}})
}

/// Samples that the data should hold and does not.
fn gaps(task: &Task, summary: &Summary) -> usize {
    summary.gaps.iter().filter(|gap| gap.task == task.name).map(|gap| gap.samples).sum()
}

pub(super) fn config(generation: &Generation, reasoning_tokens: u32) -> Value {
    let mut config = Map::new();
    config.insert("max_tokens".to_owned(), json!(generation.max_tokens));
    for (key, value) in [("temperature", generation.temperature), ("top_p", generation.top_p)] {
        if let Some(value) = value {
            config.insert(key.to_owned(), json!(value));
        }
    }
    if reasoning_tokens > 0 {
        config.insert("reasoning_tokens".to_owned(), json!(reasoning_tokens));
    }
    config.into()
}

/// An entry a metric, part and language, headlines first. What has no figure has no entry.
fn figures(run: &Run, task: &Task, summary: &Summary) -> Vec<Value> {
    let mut rows: Vec<&Row> = rows(task, summary).collect();
    rows.sort_by_key(|row| !row.headline);
    rows.into_iter().filter_map(|row| figure(run, task, row)).collect()
}

/// Names of what has no figure, since nothing or too little was scored.
fn without_figure(run: &Run, task: &Task, summary: &Summary) -> Vec<String> {
    let empty = rows(task, summary).filter(|row| row.figure.estimate.is_none());
    empty.map(|row| format!("{}_{}", figures::name(run, row), row.language)).collect()
}

fn figure(run: &Run, task: &Task, row: &Row) -> Option<Value> {
    let name = figures::name(run, row);
    let scorer = figures::score_of(task, run.plan().protocol, row).unwrap_or_else(|| name.clone());
    let all = [
        ("estimate", Some(row.figure.estimate?)),
        ("stderr", figures::stderr(row)),
        ("ci_low", row.figure.low),
        ("ci_high", row.figure.high),
        ("coverage", row.coverage),
    ];
    let metrics: Map<String, Value> = all
        .into_iter()
        .filter_map(|(name, value)| {
            Some((name.to_owned(), json!({"name": name, "value": value?, "params": {}})))
        })
        .collect();
    Some(json!({
        "name": format!("{name}_{}", row.language),
        "scorer": scorer,
        "scored_samples": row.figure.n,
        "unscored_samples": row.figure.expected.saturating_sub(row.figure.n),
        "params": {},
        "metrics": metrics,
        "metadata": {
            "metric": row.figure.metric,
            "part": row.figure.part,
            "language": row.language,
            "better": row.figure.better,
            "headline": row.headline,
            "scorer": row.scorer,
        },
    }))
}
