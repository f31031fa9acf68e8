//! The leaderboard: means over dimensions, and how sure an order of the runs is.

use clinic_core::digest;
use clinic_core::metric::{self, Safe};
use clinic_core::stats::bootstrap::{self, Totals};
use clinic_core::stats::{Interval, mover, normal_quantile};
use clinic_core::task::{Dimension, Task};
use rayon::prelude::*;

use super::means::{self, Given, LEAST_CLUSTERS, Names};
use super::types::{Board, BoardRow, Measured, Pair};
use crate::evidence::{Cell, Evidence};

/// A task, where its headline is on the scale from 0 to 1, and that of each run.
struct Headline<'a> {
    task: &'a Task,
    safe: Safe,
    of_runs: Vec<Measured>,
}

/// The board of these runs, best mean first; `pairs` are the differences of each two of them.
///
/// A rank lies between the runs that are surely ahead and those that are surely behind. Two runs are
/// compared by the mean of their paired differences over tasks and dimensions (MOVER), at a level
/// that holds for all comparisons of a run at once (Bonferroni; Mogstad et al. 2024, "Inference for
/// Ranks").
pub(super) fn board(
    tasks: &[&Task],
    languages: &[&str],
    all: &[Evidence],
    pairs: Vec<Pair>,
) -> Board {
    let shown: Vec<Headline<'_>> =
        tasks.par_iter().filter_map(|task| headline(task, languages, all)).collect();
    let has_any: Vec<bool> = (0..all.len())
        .map(|run| shown.iter().any(|task| task.of_runs[run].value.is_some()))
        .collect();
    let whole = |task: &Headline<'_>| {
        let mut with = task.of_runs.iter().zip(&has_any).filter(|(_, any)| **any).peekable();
        with.peek().is_some() && with.all(|(own, _)| own.value.is_some())
    };
    let counted: Vec<Headline<'_>> = shown.into_iter().filter(|task| whole(task)).collect();
    let firsts = firsts(&counted, languages, all);
    let dimensions: Vec<Vec<(Dimension, Measured)>> =
        (0..all.len()).map(|run| of_run(&counted, run)).collect();
    let mut rows: Vec<BoardRow> = dimensions
        .into_iter()
        .enumerate()
        .map(|(run, dimensions)| BoardRow {
            run,
            place: place(run, &counted, &has_any, &pairs),
            first: firsts.as_ref().and_then(|firsts| firsts[run]),
            overall: means::together(dimensions.iter().map(|(_, safe)| safe)),
            dimensions,
        })
        .collect();
    let value = |row: &BoardRow| row.overall.value.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| value(b).total_cmp(&value(a)));
    let is_counted = |task: &&&Task| counted.iter().any(|own| own.task.name == task.name);
    let names = |counted: bool| {
        let named = tasks.iter().filter(|task| is_counted(task) == counted);
        named.map(|task| task.name.clone()).collect()
    };
    Board { rows, tasks: names(true), left_out: names(false), pairs }
}

fn headline<'a>(task: &'a Task, languages: &[&str], all: &[Evidence]) -> Option<Headline<'a>> {
    let safe = Safe::of(&task.metrics[0])?;
    let of = |own: &Evidence| means::over_languages(task, &own.tasks[&task.name], languages);
    Some(Headline { task, safe, of_runs: all.iter().map(|own| of(own).mapped(safe)).collect() })
}

fn of_run(counted: &[Headline<'_>], run: usize) -> Vec<(Dimension, Measured)> {
    let of = |dimension: Dimension| {
        let own: Vec<&Measured> = counted
            .iter()
            .filter(|task| task.task.dimension == dimension)
            .map(|task| &task.of_runs[run])
            .collect();
        (!own.is_empty()).then(|| (dimension, means::together(own.into_iter())))
    };
    Dimension::ALL.into_iter().filter_map(of).collect()
}

/// The best and the worst rank that a run may have; `None` of a run without a number.
fn place(
    run: usize,
    counted: &[Headline<'_>],
    has_any: &[bool],
    pairs: &[Pair],
) -> Option<(usize, usize)> {
    if !has_any[run] || counted.is_empty() {
        return None;
    }
    let all = has_any.len();
    let (mut ahead, mut behind) = (0, 0);
    let others = (0..all).filter(|other| *other != run && has_any[*other]);
    // Wider by as much as a normal interval of that level is.
    let level = 1.0 - 0.025 / (all as f64 - 1.0);
    let wider = normal_quantile(level) / normal_quantile(0.975);
    for other in others {
        let (difference, (low, high)) = apart(run, other, counted, pairs);
        ahead += usize::from(difference + wider * (high - difference) < 0.0);
        behind += usize::from(difference - wider * (difference - low) > 0.0);
    }
    Some((1 + ahead, all - behind))
}

/// The difference of two runs' means over the dimensions, from their differences on each task.
fn apart(run: usize, other: usize, counted: &[Headline<'_>], pairs: &[Pair]) -> (f64, Interval) {
    let of_dimension = |dimension: Dimension| {
        counted.iter().filter(|task| task.task.dimension == dimension).count()
    };
    let dimensions = Dimension::ALL.into_iter().filter(|d| of_dimension(*d) > 0).count();
    let parts: Vec<(f64, f64, Interval)> = counted
        .iter()
        .map(|task| {
            let weight = 1.0 / (dimensions * of_dimension(task.task.dimension)) as f64;
            let (value, interval) = on_scale(run, other, task, pairs);
            (weight, value, interval)
        })
        .collect();
    let sum = parts.iter().map(|(weight, value, _)| weight * value).sum();
    (sum, mover::weighted_sum(&parts))
}

/// The difference of two runs on a task's place on the scale: from their pairs where the scale is a
/// straight line, else from each by itself. Without an interval it may be anything.
fn on_scale(run: usize, other: usize, task: &Headline<'_>, pairs: &[Pair]) -> (f64, Interval) {
    let is = |a: usize, b: usize| {
        pairs.iter().find(|p| p.first == a && p.second == b && p.task == task.task.name)
    };
    let found = is(run, other).map(|pair| (1.0, pair)).or(is(other, run).map(|pair| (-1.0, pair)));
    let paired = found.zip(task.safe.slope()).and_then(|((sign, pair), slope)| {
        let (low, high) = pair.difference.interval()?;
        let ends = (sign * slope * low, sign * slope * high);
        let interval = (ends.0.min(ends.1), ends.0.max(ends.1));
        Some((sign * slope * pair.difference.value?, interval))
    });
    paired.unwrap_or_else(|| {
        let (a, b) = (&task.of_runs[run], &task.of_runs[other]);
        let (x, y) = (a.value.unwrap_or(0.0), b.value.unwrap_or(0.0));
        let apart = a.interval().zip(b.interval());
        let interval = apart.map(|(a, b)| mover::weighted_sum(&[(1.0, x, a), (-1.0, y, b)]));
        (x - y, interval.unwrap_or((-1.0, 1.0)))
    })
}

/// The share of the replicates of a bootstrap of items, the same for all runs, in which each run
/// comes first; what is shared is divided. `None` below 20 items of a task: few items drawn again and
/// again look surer than they are.
fn firsts(
    counted: &[Headline<'_>],
    languages: &[&str],
    all: &[Evidence],
) -> Option<Vec<Option<f64>>> {
    let runs = all.len();
    let few = |task: &Headline<'_>| all[0].tasks[&task.task.name].clusters < LEAST_CLUSTERS;
    if counted.is_empty() || counted.iter().any(few) {
        return None;
    }
    let mut scores = vec![0.0; means::REPLICATES * runs];
    for dimension in Dimension::ALL {
        let own = counted.iter().filter(|task| task.task.dimension == dimension);
        let of = own.clone().count() as f64;
        for task in own {
            let drawn = replicates(task, languages, all);
            scores.iter_mut().zip(drawn).for_each(|(score, value)| *score += value / of);
        }
    }
    let mut firsts = vec![0.0; runs];
    for row in scores.chunks(runs) {
        let best = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shared = row.iter().filter(|score| **score == best).count() as f64;
        for (first, score) in firsts.iter_mut().zip(row) {
            *first += f64::from(u8::from(*score == best)) / shared;
        }
    }
    let share = |(run, n): (usize, f64)| {
        let known = counted[0].of_runs[run].value.is_some();
        known.then_some(n / means::REPLICATES as f64)
    };
    Some(firsts.into_iter().enumerate().map(share).collect())
}

/// A task's headline from 0 to 1 of every run in every replicate; NaN where a run has none.
fn replicates(headline: &Headline<'_>, languages: &[&str], all: &[Evidence]) -> Vec<f64> {
    let Headline { task, safe, .. } = headline;
    let spec = &task.metrics[0];
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
