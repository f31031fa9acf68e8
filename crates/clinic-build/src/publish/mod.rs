//! Step 6: the set that is published.
//!
//! In go items whose texts in all languages may be published, out comes a folder with dataset files,
//! a manifest, a data card, and the proof of where each text comes from. The same store gives the
//! same bytes. What people need to know: `docs/build/publish.md`.

mod card;
mod choose;
mod croissant;
mod facts;
mod folder;
mod gaps;
mod license;
pub(crate) mod origin;
mod people;
mod provenance;
pub(crate) mod state;
mod statistics;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clinic_core::dataset::{Dataset, MANIFEST};
use clinic_core::sample::Sample;
use clinic_core::task::{Rows, Task};
use clinic_data::lock;
use clinic_data::stats::Stats;
use clinic_data::validate::{self, Findings, Severity};
use serde::Serialize;

pub use state::{State, Tally};

use crate::layout::{self, Chosen};
use crate::{Project, StepError};
use facts::Facts;
use folder::Output;
use state::Whole;

/// The items of a set, by task; each in all the project's languages.
pub(crate) type Set = BTreeMap<String, Vec<Chosen>>;

/// What may be done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether as many items as there are do, where they are fewer than build.toml wants.
    pub fewer: bool,
}

/// How it went.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The folder is there.
    Published(Published),
    /// There are fewer items than wanted, and nothing was written.
    Short(Vec<Tally>),
}

/// What was published.
#[derive(Debug, Clone, Serialize)]
pub struct Published {
    /// The folder.
    pub folder: PathBuf,
    /// Items by task; each is there in every language.
    pub items: BTreeMap<String, usize>,
    /// Samples in all languages.
    pub samples: usize,
    /// Tags of the languages.
    pub languages: Vec<String>,
    /// What `clinic data validate` warns of.
    pub warnings: Vec<String>,
    /// What the card says at its top.
    pub gaps: Vec<String>,
    /// Tasks with fewer items than wanted.
    pub short: Vec<Tally>,
}

/// Publishes a project's items into a folder, which takes the place of an earlier set there.
///
/// # Errors
/// Where the items do not make a set that a run may use, or the folder cannot be written or holds
/// something else; then all stays as it was.
pub fn publish(project: &Project, out: &Path, options: Options) -> Result<Outcome, StepError> {
    project.store().steadily(|| write(project, out, options))
}

fn write(project: &Project, out: &Path, options: Options) -> Result<Outcome, StepError> {
    let items = state::items(project)?;
    let tallies: Vec<Tally> =
        project.tasks().iter().map(|task| Tally::of(project, &task.name, &items)).collect();
    let wanted = wanted(project, &tallies)?;
    let is_short = |tally: &&Tally| wanted[&tally.task] < tally.wanted;
    let short: Vec<Tally> = tallies.iter().filter(is_short).cloned().collect();
    let none = wanted.values().all(|wanted| *wanted == 0);
    if none || (!short.is_empty() && !options.fewer) {
        return Ok(Outcome::Short(tallies));
    }
    let set = chosen(project, &items, &wanted);

    let output = Output::begin(out)?;
    let placed = layout::write(output.path(), project, &set)?;
    let locked = lock::lock(&output.path().join(MANIFEST), output.path())
        .map_err(|error| StepError::Input(error.to_string()))?;
    let tasks: Vec<Task> =
        project.tasks().iter().filter(|task| set.contains_key(&task.name)).cloned().collect();
    let data = Dataset::folder(&output.path().join(MANIFEST)).map_err(input)?;
    let warnings = warnings(project, &data, &tasks)?;
    let samples = samples(project, &data, &tasks)?;
    let languages: Vec<_> = project.languages().iter().map(|l| (*l).clone()).collect();
    let stats = Stats::of(&tasks, &languages, &samples);

    let facts = Facts::of(project, &set, tallies, stats, warnings)?;
    output.write("provenance.jsonl", provenance::lines(&set, &facts.proof())?)?;
    statistics::write(&output, &facts)?;
    output.write("README.md", card::card(&facts, &locked)?)?;
    output.write("croissant.json", croissant::croissant(&facts, &data, &locked, &output)?)?;
    debug_assert_eq!(placed.is_empty(), set.is_empty());
    Ok(Outcome::Published(Published {
        folder: output.finish()?,
        items: set.iter().map(|(task, chosen)| (task.clone(), chosen.len())).collect(),
        samples: samples.len(),
        languages: languages.into_iter().map(|language| language.tag).collect(),
        warnings: facts.warnings,
        gaps: facts.gaps,
        short,
    }))
}

/// Task to the items that it can have: as many as build.toml wants, or all that there are; tasks that
/// read the rows of a file in turn have as many each.
fn wanted(project: &Project, tallies: &[Tally]) -> Result<BTreeMap<String, usize>, StepError> {
    let mut wanted: BTreeMap<String, usize> = tallies
        .iter()
        .map(|tally| (tally.task.clone(), tally.wanted.min(tally.count(State::Included))))
        .collect();
    for together in in_turn(project.tasks()) {
        let plan: BTreeSet<usize> =
            together.iter().map(|task| project.config().publish.items_of(task)).collect();
        if plan.len() > 1 {
            return Err(StepError::Input(format!(
                "{} share a file and need as many items each; give them one number in [publish] \
                 items_of of build.toml",
                together.join(", ")
            )));
        }
        let least = together.iter().filter_map(|task| wanted.get(*task)).min().copied();
        for task in together {
            wanted.insert(task.to_owned(), least.unwrap_or(0));
        }
    }
    Ok(wanted)
}

/// Tasks that read the rows of one file in turn, together.
fn in_turn(tasks: &[Task]) -> Vec<Vec<&str>> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for task in tasks {
        for group in task.data.groups.iter().filter(|g| matches!(g.rows, Rows::Every { .. })) {
            for (_, file) in group.variants() {
                files.entry(file).or_default().push(&task.name);
            }
        }
    }
    files.into_values().collect()
}

fn chosen(project: &Project, items: &[Whole], wanted: &BTreeMap<String, usize>) -> Set {
    let seed = project.config().seed;
    let mut set = Set::new();
    for (task, wanted) in wanted.iter().filter(|(_, wanted)| **wanted > 0) {
        let free: Vec<_> = items
            .iter()
            .filter(|whole| {
                whole.chosen.item.body.task == *task && whole.state() == State::Included
            })
            .map(|whole| &whole.chosen.item)
            .collect();
        let of = |id: i64| items.iter().find(|whole| whole.chosen.item.id == id);
        let chosen = choose::choose(seed, task, &free, *wanted);
        let chosen = chosen.iter().filter_map(|item| Some(of(item.id)?.chosen.clone()));
        set.insert(task.clone(), chosen.collect());
    }
    set
}

/// What validation warns of; errors end it.
fn warnings(project: &Project, data: &Dataset, tasks: &[Task]) -> Result<Vec<String>, StepError> {
    let tasks: Vec<&Task> = tasks.iter().collect();
    let found = validate::validate(data, &tasks, project.languages());
    if found.count(Severity::Error) > 0 {
        let errors = told(&found, Severity::Error);
        return Err(StepError::Input(format!(
            "the set would have errors, and was not published: {}; take these items out, or mend \
             what made them, then: clinic build check {}",
            errors.join("; "),
            project.folder().display()
        )));
    }
    Ok(told(&found, Severity::Warning))
}

/// Findings of a kind, the first few in words.
fn told(found: &Findings, severity: Severity) -> Vec<String> {
    const SHOWN: usize = 10;
    let these = found.findings.iter().filter(|finding| finding.severity == severity);
    let mut told: Vec<String> = these
        .take(SHOWN)
        .map(|finding| {
            let line = finding.line.map(|line| format!(", line {line}")).unwrap_or_default();
            let column =
                finding.column.as_ref().map(|c| format!(", column {c}")).unwrap_or_default();
            format!("{}{line}{column}: {}", finding.file, finding.problem)
        })
        .collect();
    let rest = found.count(severity).saturating_sub(told.len());
    if rest > 0 {
        told.push(format!("and {rest} more"));
    }
    told
}

fn samples(project: &Project, data: &Dataset, tasks: &[Task]) -> Result<Vec<Sample>, StepError> {
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(data.read(task, project.languages()).map_err(input)?.samples);
    }
    Ok(samples)
}

fn input(error: clinic_core::dataset::DataError) -> StepError {
    StepError::Input(error.to_string())
}
