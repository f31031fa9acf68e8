//! Results for a model's page on the hub: `.eval_results/clinic.yaml`, which the hub's leaderboards
//! read, and `model-index.yaml`, the older block of a model card.
//!
//! A dataset that is not on the hub has no id there; none is made up, and the notes say what to add.

use std::io::{self, Write};

use clinic_core::language::Languages;
use clinic_core::task::Better;
use clinic_engine::run::Run;
use serde::Serialize;

use super::{Export, ExportError, Folder, figures};
use crate::summary::{Row, Summary};

/// YAML for a model's page.
pub struct Hub;

impl Export for Hub {
    fn name(&self) -> &'static str {
        "hub"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.anew("hub")?;
        let summary = Summary::of(run)?;
        let source = Source::of(run, &summary);
        let measured = |row: &&Row| row.figure.estimate.is_some();
        let rows: Vec<&Row> = summary.rows.iter().filter(measured).collect();
        let headlines = rows.iter().filter(|row| row.headline);
        let entries: Vec<Entry> =
            headlines.filter_map(|row| entry(run, &source, &summary, row)).collect();
        let results: Vec<Measured> =
            rows.iter().filter_map(|row| result(run, &source, row)).collect();
        let model = run.plan().model.label();
        let index = Index { model_index: vec![Model { name: model, results }] };
        write(folder, "hub/.eval_results/clinic.yaml", &entries)?;
        write(folder, "hub/model-index.yaml", &index)
    }
}

fn write(folder: &mut Folder, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
    let yaml = serde_saphyr::to_string(value).map_err(io::Error::other)?;
    folder.file(name, |out| Ok(out.write_all(yaml.as_bytes())?))
}

/// The dataset, as far as it is known to the hub.
struct Source {
    name: String,
    id: Option<String>,
    revision: Option<String>,
}

impl Source {
    fn of(run: &Run, summary: &Summary) -> Self {
        let hub = run.plan().data.source.strip_prefix("hf:");
        let (id, revision) = match hub.map(|hub| hub.split_once('@').unwrap_or((hub, ""))) {
            Some((id, revision)) => (Some(id), Some(revision).filter(|r| !r.is_empty())),
            None => (None, None),
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self { name: summary.data.clone(), id: owned(id), revision: owned(revision) }
    }
}

/// An entry of `.eval_results`.
#[derive(Serialize)]
struct Entry {
    dataset: EntryDataset,
    value: f64,
    notes: String,
}

#[derive(Serialize)]
struct EntryDataset {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

fn entry(run: &Run, source: &Source, summary: &Summary, row: &Row) -> Option<Entry> {
    let dataset = EntryDataset {
        id: source.id.clone(),
        task_id: task_id(row),
        revision: source.revision.clone(),
    };
    let plan = run.plan();
    let mut notes = format!("{}{}", figures::name(run, row), better(row));
    if let (Some(low), Some(high)) = (row.figure.low, row.figure.high) {
        notes += &format!(", 95 % interval {low:.4} to {high:.4}");
    }
    notes += &format!(", n {} of {}", row.figure.n, row.figure.expected);
    notes += &match &plan.judge {
        Some(judge) => format!("; judge {}", judge.label()),
        None => String::new(),
    };
    notes += &format!("; clinic {}, protocol {}", plan.clinic, protocol(summary));
    if source.id.is_none() {
        notes += &format!(
            "; dataset.id is left out, since the data ({}) came from no repository of the hub",
            source.name
        );
    }
    Some(Entry { dataset, value: row.figure.estimate?, notes })
}

fn protocol(summary: &Summary) -> &'static str {
    match summary.protocol {
        clinic_core::published::Protocol::Default => "default",
        clinic_core::published::Protocol::Reference => "reference",
    }
}

fn better(row: &Row) -> &'static str {
    match row.figure.better {
        Some(Better::Higher) => " (higher is better)",
        Some(Better::Lower) => " (lower is better)",
        Some(Better::Zero) => " (0 is best)",
        None => "",
    }
}

/// A task in a language, as the entries name it.
fn task_id(row: &Row) -> String {
    format!("{}_{}", row.task, row.language)
}

#[derive(Serialize)]
struct Index {
    #[serde(rename = "model-index")]
    model_index: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    name: String,
    results: Vec<Measured>,
}

/// A result of a model index: a metric of a task in a language.
#[derive(Serialize)]
struct Measured {
    task: Named,
    dataset: IndexDataset,
    metrics: [Metric; 1],
}

#[derive(Serialize)]
struct Named {
    r#type: &'static str,
    name: String,
}

#[derive(Serialize)]
struct IndexDataset {
    name: String,
    r#type: String,
    config: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

#[derive(Serialize)]
struct Metric {
    r#type: String,
    value: f64,
    name: String,
    args: Bounds,
}

#[derive(Serialize)]
struct Bounds {
    #[serde(skip_serializing_if = "Option::is_none")]
    ci_low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ci_high: Option<f64>,
    n: usize,
    expected: usize,
}

fn result(run: &Run, source: &Source, row: &Row) -> Option<Measured> {
    let title = run.task(&row.task).map_or(row.task.as_str(), |task| task.title.as_str());
    let names = Languages::current();
    let language = names.tag(&row.language).map_or(row.language.as_str(), |l| l.english.as_str());
    Some(Measured {
        task: Named { r#type: "text-generation", name: title.to_owned() },
        dataset: IndexDataset {
            name: format!("{} ({title}, {language})", source.name),
            r#type: source.id.clone().unwrap_or_else(|| source.name.clone()),
            config: task_id(row),
            revision: source.revision.clone(),
        },
        metrics: [Metric {
            r#type: figures::name(run, row),
            value: row.figure.estimate?,
            name: format!("{}{}", figures::name(run, row), better(row)),
            args: Bounds {
                ci_low: row.figure.low,
                ci_high: row.figure.high,
                n: row.figure.n,
                expected: row.figure.expected,
            },
        }],
    })
}
