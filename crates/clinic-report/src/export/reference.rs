//! The published layout: response folders, and where the run was scored by the protocol
//! `reference`, result files, one array an evaluator and one object a language.
//!
//! Responses are written as they came, since the published scripts read letters and words from
//! them: unlike the format `csv`, these files are not made for a spreadsheet.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clinic_core::language::Languages;
use clinic_core::published::layout::{MIDDLE, QUESTION, RESPONSE, ResponseFile, response_files};
use clinic_core::published::{Fold, Protocol, PublishedMetric};
use clinic_engine::run::{Run, StoreError};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use super::names::file_name;
use super::{Export, ExportError, Folder, PAGE};
use crate::summary::{Row, Summary};

/// Response folders and result files.
pub struct Reference;

impl Export for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        let model = model(run);
        folder.anew(&model)?;
        responses(run, &model, folder)?;
        if run.plan().protocol == Protocol::Reference {
            results(run, &model, folder)?;
        }
        Ok(())
    }
}

/// The model's name, fit for a file: whole, so that two models keep two names.
fn model(run: &Run) -> String {
    file_name(&run.plan().model.label())
}

/// The row of a dataset, the prompt that was sent and the reply that came.
type Answer = (usize, String, String);

fn responses(run: &Run, model: &str, folder: &mut Folder) -> Result<(), ExportError> {
    let names = Languages::current();
    for file in response_files(run.tasks()) {
        let Some(task) = file.folders().first() else { continue };
        for (tag, mut rows) in answers(run, &file)? {
            rows.sort();
            let language = names.tag(&tag).map_or(tag.as_str(), |language| &language.english);
            let name = file.name(language, model);
            let path = format!("{model}/{task}{MIDDLE}{model}/{language}/{name}");
            folder.file(&path, |out| {
                let mut out = csv::Writer::from_writer(out);
                out.write_record([QUESTION, RESPONSE]).map_err(io::Error::from)?;
                for (_, question, response) in &rows {
                    out.write_record([question, response]).map_err(io::Error::from)?;
                }
                Ok(out.flush()?)
            })?;
        }
    }
    Ok(())
}

/// The answers of a file by tag of the language; prompts without a reply have no row.
fn answers(
    run: &Run,
    file: &ResponseFile<'_>,
) -> Result<BTreeMap<String, Vec<Answer>>, StoreError> {
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for task in &file.tasks {
        let mut after = 0;
        loop {
            let page = run.store().samples(&task.name, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (id, sample) in page.into_iter().filter(|(_, s)| s.group.as_deref() == file.group) {
                for response in run.store().responses(id)? {
                    let reply = response.reply().filter(|_| response.variant == file.variant);
                    if let Some(reply) = reply {
                        let answer = (sample.row, response.prompt.clone(), reply.to_owned());
                        answers.entry(sample.language.clone()).or_default().push(answer);
                    }
                }
            }
        }
    }
    Ok(answers)
}

/// A JSON object whose keys keep their order.
struct Object(Vec<(String, Value)>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

fn results(run: &Run, model: &str, folder: &mut Folder) -> Result<(), ExportError> {
    let summary = Summary::of(run)?;
    // Tasks that share a folder share an evaluator; each group of files has a result of its own.
    let mut files: BTreeMap<String, BTreeMap<usize, Object>> = BTreeMap::new();
    for task in run.tasks() {
        let Some(published) = &task.published else { continue };
        let evaluator = published.folders[0].trim_start_matches('_');
        for row in summary.rows.iter().filter(|row| row.task == task.name) {
            let Some(metric) = published.metrics.iter().find(|m| m.name == row.figure.metric)
            else {
                continue;
            };
            let group = row.figure.part.as_ref().map(|part| format!("_{part}")).unwrap_or_default();
            let place = summary.languages.iter().position(|tag| *tag == row.language);
            let objects = files.entry(format!("{evaluator}{group}")).or_default();
            let object = objects
                .entry(place.unwrap_or_default())
                .or_insert_with(|| head(model, evaluator, &row.language));
            object.0.push((metric.name.clone(), value(metric, row)));
        }
    }
    for (name, objects) in files {
        let objects: Vec<Object> = objects.into_values().collect();
        write_json(folder, &format!("{model}/results/{name}_{model}.json"), &objects)?;
    }
    if !summary.tiers.is_empty() {
        let tiers: Vec<Value> = summary
            .tiers
            .iter()
            .map(|row| json!({"tier": row.figure.tier, "mean_skewness": row.figure.estimate}))
            .collect();
        let name = format!("{model}/results/fairness-preference_tiers_{model}.json");
        write_json(folder, &name, &tiers)?;
    }
    Ok(())
}

fn head(model: &str, task: &str, tag: &str) -> Object {
    let names = Languages::current();
    let language = names.tag(tag).map_or(tag, |language| &language.english);
    Object(vec![
        ("model".to_owned(), json!(model)),
        ("task".to_owned(), json!(task)),
        ("language".to_owned(), json!(language)),
    ])
}

/// A number in the shape of the published results.
fn value(metric: &PublishedMetric, row: &Row) -> Value {
    match (metric.fold, row.figure.estimate) {
        (_, None) => Value::Null,
        // A percentage is an object, empty where the verdict was never given.
        (Fold::Percent, Some(0.0)) => json!({}),
        (Fold::Percent, Some(share)) => json!({"1": share}),
        (Fold::Rows | Fold::Sum, Some(sum)) if sum.fract() == 0.0 => json!(sum as i64),
        (_, Some(number)) => json!(number),
    }
}

fn write_json(folder: &mut Folder, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
    folder.file(name, |out| {
        serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
        Ok(writeln!(out)?)
    })
}
