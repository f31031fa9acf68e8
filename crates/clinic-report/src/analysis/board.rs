//! Runs beside each other: who is ahead, by how much, and how sure that is.

use std::collections::BTreeMap;

use clinic_core::digest;
use clinic_core::metric::{self, Safe};
use clinic_core::stats::bootstrap::{self, Totals};
use clinic_core::stats::{self, holm};
use clinic_core::task::{Dimension, MetricSpec, Task};
use clinic_engine::run::Run;
use rayon::prelude::*;

use super::means::{self, Given, Names};
use super::paired::{Difference, Paired, difference};
use super::types::{Board, BoardRow, Measured, Pair};
use crate::evidence::{Cell, Evidence, Sampled};

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
    let rows = match common(&tasks, &languages, all) {
        Some(common) => rows(&tasks, &languages, &common),
        None => rows(&tasks, &languages, all),
    };
    Board { rows, pairs }
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

fn rows(tasks: &[&Task], languages: &[&str], all: &[Evidence]) -> Vec<BoardRow> {
    let places = places(tasks, languages, all);
    let mut rows: Vec<BoardRow> = all
        .par_iter()
        .zip(places)
        .enumerate()
        .map(|(run, (evidence, place))| {
            let dimensions = dimensions(tasks, |task| {
                let raw = means::over_languages(task, &evidence.tasks[&task.name], languages);
                Safe::of(&task.metrics[0]).map(|safe| raw.mapped(safe))
            });
            let overall = means::together(dimensions.iter().map(|(_, safe)| safe));
            BoardRow { run, place, overall, dimensions }
        })
        .collect();
    let value = |row: &BoardRow| row.overall.value.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| value(b).total_cmp(&value(a)));
    rows
}

fn dimensions(
    tasks: &[&Task],
    safe: impl Fn(&Task) -> Option<Measured>,
) -> Vec<(Dimension, Measured)> {
    let of = |dimension: Dimension| {
        let own = tasks.iter().filter(|task| task.dimension == dimension);
        let own: Vec<Measured> = own.filter_map(|task| safe(task)).collect();
        (!own.is_empty()).then(|| (dimension, means::together(own.iter())))
    };
    Dimension::ALL.into_iter().filter_map(of).collect()
}

/// The 95 % range of each run's rank: all runs are ranked anew in each replicate of a bootstrap that
/// draws items, the same for all runs.
fn places(tasks: &[&Task], languages: &[&str], all: &[Evidence]) -> Vec<(usize, usize)> {
    let mut sums = vec![vec![0.0; all.len()]; means::REPLICATES];
    let mut counted = Vec::new();
    for dimension in Dimension::ALL {
        let own: Vec<Vec<Vec<Option<f64>>>> = tasks
            .iter()
            .filter(|task| task.dimension == dimension)
            .filter_map(|task| replicates(task, languages, all))
            .collect();
        if own.is_empty() {
            continue;
        }
        counted.push(dimension);
        for (replicate, sums) in sums.iter_mut().enumerate() {
            for (run, sum) in sums.iter_mut().enumerate() {
                let have: Vec<f64> = own.iter().filter_map(|task| task[replicate][run]).collect();
                *sum += have.iter().sum::<f64>() / have.len().max(1) as f64;
            }
        }
    }
    let rank = |scores: &[f64], run: usize| 1 + scores.iter().filter(|s| **s > scores[run]).count();
    (0..all.len())
        .map(|run| {
            let mut ranks: Vec<usize> = sums.iter().map(|scores| rank(scores, run)).collect();
            ranks.sort_unstable();
            let at = |share: f64| ranks[(share * (ranks.len() - 1) as f64).round() as usize];
            if counted.is_empty() { (1, all.len()) } else { (at(0.025), at(0.975)) }
        })
        .collect()
}

/// A task's headline of every run in every replicate, from 0 to 1.
fn replicates(task: &Task, languages: &[&str], all: &[Evidence]) -> Option<Vec<Vec<Option<f64>>>> {
    let spec = &task.metrics[0];
    let safe = Safe::of(spec)?;
    let cells: Vec<Vec<&Cell>> = all
        .iter()
        .map(|evidence| languages.iter().map(|tag| evidence.tasks[&task.name].cell(tag)).collect())
        .collect();
    let clusters = all.iter().map(|evidence| evidence.tasks[&task.name].clusters).max()?;
    let seed = digest::number(&[b"board", task.name.as_bytes()]);
    if metric::is_mean(spec.kind) {
        let mut totals = Totals::new(all.len() * languages.len(), clusters);
        for (column, cell) in cells.iter().flatten().enumerate() {
            for (cluster, value) in means::values(spec, cell) {
                totals.add(column, cluster, value);
            }
        }
        let drawn = bootstrap::means(&totals, means::REPLICATES, seed);
        let row = |row: &[f64]| -> Vec<Option<f64>> {
            row.chunks(languages.len().max(1))
                .map(|own| {
                    // A language in which nothing that was drawn is scored has no mean.
                    let have: Vec<f64> = own.iter().copied().filter(|x| x.is_finite()).collect();
                    stats::mean(&have).map(|x| safe.map(x))
                })
                .collect()
        };
        return Some(drawn.rows().map(row).collect());
    }
    let mut names = Names::default();
    let groups: Vec<Vec<Given>> = cells
        .iter()
        .map(|own| {
            let given: Vec<Given> = own.iter().map(|cell| names.given(spec, cell)).collect();
            given.into_iter().filter(|given| !given.is_empty()).collect()
        })
        .collect();
    Some(bootstrap::clusters(clusters, means::REPLICATES, seed, |weights| {
        let mean = |own: &Vec<Given>| {
            means::mean_of_answers(spec.kind, own, names.len(), weights).map(|x| safe.map(x))
        };
        groups.iter().map(mean).collect()
    }))
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
    adjust(&mut pairs);
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

/// Adjusts the p-values of one table.
pub(super) fn adjust(pairs: &mut [Pair]) {
    let known: Vec<f64> = pairs.iter().filter_map(|pair| pair.p).collect();
    let with = pairs.iter_mut().filter(|pair| pair.p.is_some());
    for (pair, adjusted) in with.zip(holm(&known)) {
        pair.holm = Some(adjusted);
    }
}
