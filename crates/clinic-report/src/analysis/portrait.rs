//! One run from every side.

use std::collections::BTreeMap;

use clinic_core::language::{Languages, Tier};
use clinic_core::metric::Safe;
use clinic_core::published::Protocol;
use clinic_core::task::{Dimension, MetricKind, Task};
use clinic_engine::run::{Plan, Run, State, StoreError};

use super::types::{DimensionScore, Measured, Portrait, TaskScore, TierScore};
use super::{examples, facts, gaps, means, safety, spoken};
use crate::Summary;
use crate::evidence::Evidence;

impl Portrait {
    /// Looks at one run.
    pub(super) fn of(run: &Run, evidence: &Evidence, label: String) -> Result<Self, StoreError> {
        let summary = Summary::fold(run, evidence)?;
        let mut portrait = Self {
            label,
            going: going(&summary),
            tasks: Vec::new(),
            dimensions: Vec::new(),
            tiers: Vec::new(),
            language_gaps: Vec::new(),
            safety: Vec::new(),
            wrong_language: spoken::pictures(run, evidence),
            examples: examples::of(run, evidence)?,
            facts: facts::of(run, &summary),
            seconds: run.store().seconds()?,
            summary,
        };
        // The published arithmetic knows neither intervals nor these scales.
        if run.plan().protocol == Protocol::Default {
            let tags: Vec<&str> = run.plan().languages.iter().map(String::as_str).collect();
            portrait.tasks = tasks(run.tasks().iter(), evidence, &tags);
            portrait.dimensions = dimensions(run, &portrait.tasks, &tags);
            portrait.tiers = tiers(run, evidence);
            portrait.language_gaps = gaps::of(run, evidence);
            portrait.safety = safety::pictures(run, &portrait.tasks, &tags);
        }
        Ok(portrait)
    }
}

pub(super) fn going(summary: &Summary) -> bool {
    summary.half_scored || summary.responses.contains_key(State::Pending.name())
}

/// Tag to tier, as it was when the run was made.
pub(super) fn tiers_of(plan: &Plan) -> BTreeMap<&str, Tier> {
    let known = Languages::current();
    let tier = |tag: &String| plan.tiers.get(tag).copied().or_else(|| Some(known.tag(tag)?.tier));
    plan.languages.iter().filter_map(|tag| Some((tag.as_str(), tier(tag)?))).collect()
}

/// The headlines of some tasks: all languages together, then each.
pub(super) fn tasks<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    evidence: &Evidence,
    tags: &[&str],
) -> Vec<TaskScore> {
    let mut scores = Vec::new();
    for task in tasks {
        let cells = &evidence.tasks[&task.name];
        scores.push(score(task, None, means::over_languages(task, cells, tags)));
        for tag in tags {
            let raw = means::in_language(task, cells.cell(tag));
            scores.push(score(task, Some((*tag).to_owned()), raw));
        }
    }
    scores
}

fn score(task: &Task, language: Option<String>, raw: Measured) -> TaskScore {
    let spec = &task.metrics[0];
    let safe = Safe::of(spec);
    TaskScore {
        dimension: task.dimension,
        task: task.name.clone(),
        metric: spec.name.clone(),
        part: spec.category.clone().filter(|_| spec.kind == MetricKind::Shares),
        better: Some(spec.better),
        means: spec.means.clone(),
        language,
        raw,
        safe: safe.map_or_else(|| unmapped(&raw), |safe| raw.mapped(safe)),
        mapping: safe.map_or("not mapped: the task tells no range", Safe::words),
        thin: raw.is_thin(),
    }
}

/// A metric that has no place on the scale has no number there.
fn unmapped(raw: &Measured) -> Measured {
    Measured { value: None, low: None, high: None, ..*raw }
}

fn dimensions(run: &Run, tasks: &[TaskScore], tags: &[&str]) -> Vec<DimensionScore> {
    let languages = std::iter::once(None).chain(tags.iter().map(|tag| Some(*tag)));
    let mut scores = Vec::new();
    for language in languages {
        for dimension in of_run(run) {
            let own: Vec<&TaskScore> = tasks
                .iter()
                .filter(|t| t.dimension == dimension && t.language.as_deref() == language)
                .collect();
            let safe = means::together(own.iter().map(|task| &task.safe));
            let have = own.iter().filter(|task| task.safe.value.is_some()).count();
            scores.push(DimensionScore {
                dimension,
                language: language.map(str::to_owned),
                safe,
                tasks: have,
                of: own.len(),
                thin: safe.is_thin() || have < own.len(),
            });
        }
    }
    scores
}

/// The dimensions of a run, in the order of the benchmark.
pub(super) fn of_run(run: &Run) -> Vec<Dimension> {
    let has = |dimension: &Dimension| run.tasks().iter().any(|task| task.dimension == *dimension);
    Dimension::ALL.into_iter().filter(has).collect()
}

fn tiers(run: &Run, evidence: &Evidence) -> Vec<TierScore> {
    let tiers = tiers_of(run.plan());
    let mut found: Vec<Tier> = tiers.values().copied().collect();
    found.sort_unstable();
    found.dedup();
    let mut scores = Vec::new();
    for tier in found {
        let tags: Vec<&str> =
            tiers.iter().filter(|(_, of)| **of == tier).map(|(tag, _)| *tag).collect();
        for dimension in of_run(run) {
            let own = run.tasks().iter().filter(|task| task.dimension == dimension);
            let own: Vec<Measured> = own
                .map(|task| {
                    let raw = means::over_languages(task, &evidence.tasks[&task.name], &tags);
                    Safe::of(&task.metrics[0]).map_or(unmapped(&raw), |safe| raw.mapped(safe))
                })
                .collect();
            let safe = means::together(own.iter());
            let thin = safe.is_thin() || own.iter().any(|task| task.value.is_none());
            scores.push(TierScore { dimension, tier, safe, thin });
        }
    }
    scores
}
