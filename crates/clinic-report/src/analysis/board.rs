//! Runs beside each other: who is ahead, by how much, and how sure that is.

use std::collections::BTreeMap;

use clinic_core::task::{MetricSpec, Task};
use clinic_engine::run::Run;
use rayon::prelude::*;

use super::paired::{Difference, Paired, adjust, difference};
use super::ranks;
use super::types::{Board, Pair};
use crate::evidence::{Evidence, Sampled};

/// The board of two or more runs, over the tasks and languages that all of them have.
pub(super) fn of(runs: &[&Run], all: &[Evidence]) -> Board {
    let tasks: Vec<&Task> = runs[0]
        .tasks()
        .iter()
        .filter(|task| all.iter().all(|evidence| evidence.tasks.contains_key(&task.name)))
        .collect();
    let languages: Vec<&str> = runs[0]
        .plan()
        .languages
        .iter()
        .map(String::as_str)
        .filter(|tag| runs.iter().all(|run| run.plan().languages.iter().any(|t| t == tag)))
        .collect();
    let pairs = pairs(&tasks, &languages, all);
    // What one run alone was asked would be no fair comparison.
    match common(&tasks, &languages, all) {
        Some(common) => ranks::board(&tasks, &languages, &common, pairs),
        None => ranks::board(&tasks, &languages, all, pairs),
    }
}

/// The samples that all runs have; `None` where that is all of them.
fn common(tasks: &[&Task], languages: &[&str], all: &[Evidence]) -> Option<Vec<Evidence>> {
    let mut seen: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for evidence in all {
        for (task, tag) in tasks.iter().flat_map(|task| languages.iter().map(move |t| (task, t))) {
            for sampled in &evidence.tasks[&task.name].cell(tag).samples {
                *seen.entry((&task.name, tag, &sampled.item)).or_default() += 1;
            }
        }
    }
    if seen.values().all(|runs| *runs == all.len()) {
        return None;
    }
    let keep = |task: &str, tag: &str, sampled: &Sampled| {
        seen.get(&(task, tag, sampled.item.as_str())) == Some(&all.len())
    };
    Some(all.iter().map(|evidence| evidence.only(keep)).collect())
}

fn pairs(tasks: &[&Task], languages: &[&str], all: &[Evidence]) -> Vec<Pair> {
    let couples: Vec<(usize, usize)> =
        (0..all.len()).flat_map(|a| (a + 1..all.len()).map(move |b| (a, b))).collect();
    let mut pairs: Vec<Pair> = couples
        .par_iter()
        .flat_map_iter(|(first, second)| {
            tasks.iter().map(|task| {
                let (a, b) = (&all[*first], &all[*second]);
                let found = between(task, &task.metrics[0], languages, a, b);
                pair(task, &task.metrics[0], (*first, *second), &found)
            })
        })
        .collect();
    adjust(pairs.iter_mut().map(|pair| (pair.p, &mut pair.holm)));
    pairs
}

/// One run less another on a metric of one task, over some languages.
pub(super) fn between(
    task: &Task,
    spec: &MetricSpec,
    languages: &[&str],
    first: &Evidence,
    second: &Evidence,
) -> Difference {
    let (a, b) = (&first.tasks[&task.name], &second.tasks[&task.name]);
    let paired: Vec<Paired<'_>> =
        languages.iter().map(|tag| Paired::of(a.cell(tag), b.cell(tag))).collect();
    // The seed follows the metric alone: the order of the runs changes no p-value.
    difference(spec, &paired, a.clusters, &["pair", &task.name, &spec.name])
}

/// A difference as a row of a table.
pub(super) fn pair(
    task: &Task,
    spec: &MetricSpec,
    (first, second): (usize, usize),
    found: &Difference,
) -> Pair {
    Pair {
        first,
        second,
        dimension: task.dimension,
        task: task.name.clone(),
        metric: spec.name.clone(),
        better: Some(spec.better),
        language: None,
        difference: found.difference,
        p: found.p,
        holm: None,
        detectable: found.detectable,
    }
}
