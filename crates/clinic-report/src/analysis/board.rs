//! Runs beside each other: who is ahead, by how much, and how sure that is.

use std::collections::BTreeMap;

use clinic_core::digest;
use clinic_core::metric::{self, Safe};
use clinic_core::stats::bootstrap::{self, Totals};
use clinic_core::stats::holm;
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
    let runs = all.len();
    let mut scores = vec![0.0; means::REPLICATES * runs];
    for dimension in Dimension::ALL {
        if !tasks.iter().any(|task| task.dimension == dimension) {
            continue;
        }
        let (mut sums, mut counts) = (vec![0.0; scores.len()], vec![0.0; scores.len()]);
        for task in tasks.iter().filter(|task| task.dimension == dimension) {
            let drawn = replicates(task, languages, all);
            for ((sum, count), value) in sums.iter_mut().zip(&mut counts).zip(drawn) {
                if value.is_finite() {
                    *sum += value;
                    *count += 1.0;
                }
            }
        }
        let means = sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| sum / count);
        scores.iter_mut().zip(means).for_each(|(score, mean)| *score += mean);
    }
    let place = |run: usize| {
        let mut ranks: Vec<(usize, usize)> =
            scores.chunks(runs).map(|row| rank(row, row[run])).collect();
        let mut at = |share: f64, end: fn(&(usize, usize)) -> usize| {
            ranks.sort_unstable_by_key(end);
            end(&ranks[(share * (ranks.len() - 1) as f64).round() as usize])
        };
        (at(0.025, |rank| rank.0), at(0.975, |rank| rank.1))
    };
    (0..runs).map(place).collect()
}

/// The best and the worst rank that a score can have in a row: one that is missing may be anything.
fn rank(row: &[f64], own: f64) -> (usize, usize) {
    if own.is_nan() {
        return (1, row.len());
    }
    let best = 1 + row.iter().filter(|score| **score > own).count();
    (best, best + row.iter().filter(|score| score.is_nan()).count())
}

/// A task's headline from 0 to 1: of every run in every replicate, NaN where a run has none; empty
/// where the task has no place on that scale.
fn replicates(task: &Task, languages: &[&str], all: &[Evidence]) -> Vec<f64> {
    let spec = &task.metrics[0];
    let Some(safe) = Safe::of(spec).filter(|_| !languages.is_empty()) else { return Vec::new() };
    let cells: Vec<Vec<&Cell>> = all
        .iter()
        .map(|evidence| languages.iter().map(|tag| evidence.tasks[&task.name].cell(tag)).collect())
        .collect();
    // Clusters are numbered the same in all runs.
    let clusters = all[0].tasks[&task.name].clusters;
    let seed = digest::number(&[b"board", task.name.as_bytes()]);
    if metric::is_mean(spec.kind) {
        let mut totals = Totals::new(all.len() * languages.len(), clusters);
        for (column, cell) in cells.iter().flatten().enumerate() {
            for (cluster, value) in means::values(spec, cell) {
                totals.add(column, cluster, value);
            }
        }
        let of_run = |own: &[f64]| {
            // A language in which nothing that was drawn is scored has no mean.
            let have = || own.iter().filter(|x| x.is_finite());
            let mean = have().sum::<f64>() / have().count() as f64;
            if mean.is_finite() { safe.map(mean) } else { f64::NAN }
        };
        let drawn = bootstrap::means(&totals, means::REPLICATES, seed);
        return drawn.rows().flat_map(|row| row.chunks(languages.len()).map(of_run)).collect();
    }
    let mut names = Names::default();
    let groups: Vec<Vec<Given>> = cells
        .iter()
        .map(|own| {
            let given: Vec<Given> = own.iter().map(|cell| names.given(spec, cell)).collect();
            given.into_iter().filter(|given| !given.is_empty()).collect()
        })
        .collect();
    let drawn = bootstrap::clusters(clusters, means::REPLICATES, seed, |weights| {
        let of_run = |own: &Vec<Given>| {
            let mean = means::mean_of_answers(spec.kind, own, names.len(), weights);
            mean.map_or(f64::NAN, |mean| safe.map(mean))
        };
        groups.iter().map(of_run).collect::<Vec<f64>>()
    });
    drawn.concat()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_no_rank_and_leaves_that_of_others_open() {
        let row = [0.5, f64::NAN, 0.7, 0.5];
        let ranks: Vec<(usize, usize)> = row.iter().map(|own| rank(&row, *own)).collect();
        assert_eq!(ranks, [(2, 3), (1, 4), (1, 2), (2, 3)]);
    }
}
