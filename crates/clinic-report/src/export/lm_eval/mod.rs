//! lm-evaluation-harness's files: `results_TIME.json` and a `samples_TASK_TIME.jsonl` for each task
//! and language, which is a task of its own there.
//!
//! Its groups have a figure only where one was made; ours name the tasks of a dimension and no more.

mod samples;

use std::collections::BTreeMap;
use std::io::{self, Write};

use clinic_core::task::{Better, Task};
use clinic_engine::run::{Plan, Run};
use serde_json::{Map, Value, json};

use super::figures;
use super::names::{self, NO_TIME};
use super::{Export, ExportError, Folder};
use crate::summary::{Row, Summary};

/// Results and samples that lm-evaluation-harness's own tools read.
pub struct LmEval;

/// The filter of all figures: none.
const FILTER: &str = "none";

impl Export for LmEval {
    fn name(&self) -> &'static str {
        "lm-eval"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.anew("lm-eval")?;
        // Its names end in the time, which begins after the last `_`.
        let time = NO_TIME.replace(':', "-").replace("+00-00", "");
        let place = format!("lm-eval/{}", names::file_name(&run.plan().model.label()));
        let summary = Summary::of(run)?;
        let mut all = BTreeMap::new();
        for task in run.tasks() {
            for language in &run.plan().languages {
                let name = task_name(task, language);
                let file = format!("{place}/samples_{name}_{time}.jsonl");
                let mut asked = samples::Asked::default();
                folder.file(&file, |out| {
                    asked = samples::write(run, task, language, out)?;
                    Ok(())
                })?;
                all.insert(name, asked);
            }
        }
        folder.file(&format!("{place}/results_{time}.json"), |out| {
            let results = results(run, &summary, &all);
            serde_json::to_writer_pretty(&mut *out, &results).map_err(io::Error::from)?;
            Ok(writeln!(out)?)
        })
    }
}

fn task_name(task: &Task, language: &str) -> String {
    format!("clinic_{}_{}", task.name, language)
}

fn results(run: &Run, summary: &Summary, all: &BTreeMap<String, samples::Asked>) -> Value {
    let plan = run.plan();
    let label = plan.model.label();
    let mut tables: [Map<String, Value>; 7] = Default::default();
    let [results, configs, versions, shots, better, counts, intervals] = &mut tables;
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for task in run.tasks() {
        for language in &plan.languages {
            let name = task_name(task, language);
            let of = |row: &&Row| row.task == task.name && row.language == *language;
            let rows: Vec<&Row> = summary.rows.iter().filter(of).collect();
            let asked = &all[&name];
            results.insert(name.clone(), figures_of(run, &name, asked.effective, &rows));
            configs.insert(name.clone(), config(task, plan, &name, language));
            versions.insert(name.clone(), json!(&task.digest[..12]));
            shots.insert(name.clone(), json!(0));
            let ways = rows.iter().map(|row| (figures::name(run, row), higher(row.figure.better)));
            better.insert(name.clone(), ways.collect::<Map<_, _>>().into());
            let count = json!({"original": asked.original, "effective": asked.effective});
            counts.insert(name.clone(), count);
            let bounds = rows.iter().map(|row| (figures::name(run, row), interval(row)));
            intervals.insert(name.clone(), bounds.collect::<Map<_, _>>().into());
            groups.entry(format!("clinic_{}", task.dimension)).or_default().push(name);
        }
    }
    let [results, configs, versions, shots, better, counts, intervals] = tables;
    let hashes = all.iter().filter_map(|(name, asked)| Some((name, asked.hash.as_ref()?)));
    json!({
        "results": results,
        "group_subtasks": groups,
        "configs": configs,
        "versions": versions,
        "n-shot": shots,
        "higher_is_better": better,
        "n-samples": counts,
        "config": {
            "model": plan.model.name.split('/').next(),
            "model_args": {"model": label},
            "limit": plan.limit,
            "random_seed": plan.seed,
        },
        // The run keeps no time.
        "date": 0.0,
        "model_source": "clinic",
        "model_name": label,
        "model_name_sanitized": names::file_name(&label),
        "system_instruction": null,
        "fewshot_as_multiturn": false,
        "chat_template": null,
        "task_hashes": hashes.map(|(name, hash)| (name.clone(), json!(hash))).collect::<Map<_, _>>(),
        "clinic": {
            "version": plan.clinic,
            "protocol": plan.protocol,
            "data": summary.data,
            "judge": summary.judge.as_ref().and(plan.judge.as_ref()).map(|judge| judge.label()),
            "figures": intervals,
            "notes": summary.notes,
        },
    })
}

/// The figures of a task under the names `metric,filter` and `metric_stderr,filter`; what has no
/// figure is left out.
fn figures_of(run: &Run, name: &str, samples: usize, rows: &[&Row]) -> Value {
    let mut all = Map::new();
    all.insert("alias".to_owned(), json!(name));
    all.insert("sample_len".to_owned(), json!(samples));
    for row in rows {
        let Some(estimate) = row.figure.estimate else { continue };
        let metric = figures::name(run, row);
        all.insert(format!("{metric},{FILTER}"), json!(estimate));
        let stderr = figures::stderr(row).map_or_else(|| json!("N/A"), |error| json!(error));
        all.insert(format!("{metric}_stderr,{FILTER}"), stderr);
    }
    all.into()
}

fn config(task: &Task, plan: &Plan, name: &str, language: &str) -> Value {
    let generation = &task.generation;
    let metrics = task.metrics.iter().map(
        |metric| json!({"metric": metric.name, "higher_is_better": higher(Some(metric.better))}),
    );
    json!({
        "task": name,
        "task_alias": task.title,
        "tag": ["clinic", format!("clinic_{}", task.dimension), format!("clinic_{}", task.name)],
        "dataset_name": language,
        "description": task.asks,
        "doc_to_text": task.prompt.frame,
        "output_type": "generate_until",
        "num_fewshot": 0,
        "repeats": 1,
        "generation_kwargs": {
            "max_gen_toks": generation.max_tokens,
            "temperature": generation.temperature,
            "top_p": generation.top_p,
        },
        "metric_list": metrics.collect::<Vec<_>>(),
        "metadata": {"version": &task.digest[..12], "sha256": task.digest, "data": plan.data.files},
    })
}

/// Whether higher is better; neither where 0 is best.
fn higher(better: Option<Better>) -> Value {
    match better {
        Some(Better::Higher) => json!(true),
        Some(Better::Lower) => json!(false),
        Some(Better::Zero) | None => Value::Null,
    }
}

fn interval(row: &Row) -> Value {
    json!({
        "estimate": row.figure.estimate,
        "ci_low": row.figure.low,
        "ci_high": row.figure.high,
        "n": row.figure.n,
        "expected": row.figure.expected,
        "coverage": row.coverage,
        "better": row.figure.better,
        "headline": row.headline,
        "scorer": row.scorer,
    })
}
