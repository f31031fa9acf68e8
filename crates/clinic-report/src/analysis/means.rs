//! Headlines of one run: a task in a language, over languages, and tasks put together.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::metric::{self, Safe};
use clinic_core::stats::{self, Interval, bootstrap, mover};
use clinic_core::task::{MetricKind, MetricSpec, Task};

use super::types::Measured;
use crate::evidence::{Cell, Cells, Sampled};
use crate::summary::ENOUGH;

/// Below this many clusters a bootstrap of frequencies is surer than it should be.
pub(super) const LEAST_CLUSTERS: usize = 20;
/// Replicates of a bootstrap.
pub(super) const REPLICATES: usize = 10_000;

impl Measured {
    /// A number with its interval.
    pub(super) fn new(
        value: Option<f64>,
        interval: Option<Interval>,
        n: usize,
        expected: usize,
    ) -> Self {
        let (low, high) = (interval.map(|i| i.0), interval.map(|i| i.1));
        Self { value, low, high, n, expected }
    }

    /// Its interval, where it has one.
    pub fn interval(&self) -> Option<Interval> {
        self.low.zip(self.high)
    }

    /// Whether it rests on less than 90 % of its samples.
    pub fn is_thin(&self) -> bool {
        self.expected > 0 && (self.n as f64) < ENOUGH * self.expected as f64
    }

    /// The same on the scale from 0 to 1.
    pub(super) fn mapped(&self, safe: Safe) -> Self {
        let interval = self.interval().map(|interval| safe.map_interval(interval));
        Self::new(self.value.map(|x| safe.map(x)), interval, self.n, self.expected)
    }
}

/// The values of a mean in one language: cluster and value of each sample that has one.
pub(super) fn values(spec: &MetricSpec, cell: &Cell) -> Vec<(usize, f64)> {
    let value = |s: &Sampled| Some((s.cluster, metric::value(spec, &s.scores)?));
    cell.samples.iter().filter_map(value).collect()
}

/// Whether a metric's values are shares, so that Wilson's interval fits.
pub(super) fn is_share(spec: &MetricSpec, groups: &[Vec<(usize, f64)>]) -> bool {
    let bounded = || groups.iter().flatten().all(|(_, x)| (0.0..=1.0).contains(x));
    match spec.kind {
        MetricKind::Shares => true,
        MetricKind::Rate => bounded(),
        _ => false,
    }
}

/// The headline of a task over some languages: the plain mean of theirs.
pub(super) fn over_languages(task: &Task, cells: &Cells, languages: &[&str]) -> Measured {
    let spec = &task.metrics[0];
    let own: Vec<&Cell> = languages.iter().map(|tag| cells.cell(tag)).collect();
    let each: Vec<Measured> = own.iter().map(|cell| in_language(task, cell)).collect();
    let n = each.iter().map(|m| m.n).sum();
    let expected = each.iter().map(|m| m.expected).sum();
    if let [one] = each.as_slice() {
        return *one;
    }
    if metric::is_mean(spec.kind) {
        let groups: Vec<Vec<(usize, f64)>> =
            own.iter().map(|cell| values(spec, cell)).filter(|own| !own.is_empty()).collect();
        let mean = stats::macro_mean(&groups);
        let share = is_share(spec, &groups);
        let interval = mean.as_ref().and_then(|mean| metric::interval_of(spec, mean, share));
        return Measured::new(mean.map(|mean| mean.value), interval, n, expected);
    }
    let have: Vec<&Measured> = each.iter().filter(|m| m.value.is_some()).collect();
    let mean = stats::mean(&have.iter().filter_map(|m| m.value).collect::<Vec<_>>());
    let interval = match spec.kind {
        MetricKind::Skewness => {
            let mut names = Names::default();
            let full = own.iter().zip(&each).filter(|(_, m)| m.value.is_some());
            let groups: Vec<Given> = full.map(|(cell, _)| names.given(spec, cell)).collect();
            let used: BTreeSet<usize> = groups.iter().flatten().map(|(c, _)| *c).collect();
            let seed = clinic_core::digest::number(&[task.name.as_bytes()]);
            drawn(used.len(), cells.clusters, seed, |weights| {
                mean_of_answers(spec.kind, &groups, names.len(), weights)
            })
        }
        // As wide as if the languages erred together, which their items may make them do.
        _ => {
            let ends: Option<Vec<Interval>> = have.iter().map(|m| m.interval()).collect();
            ends.filter(|ends| !ends.is_empty()).map(|ends| {
                let mean =
                    |of: fn(&Interval) -> f64| ends.iter().map(of).sum::<f64>() / ends.len() as f64;
                (mean(|i| i.0), mean(|i| i.1))
            })
        }
    };
    Measured::new(mean, interval, n, expected)
}

/// Answers of one language: cluster, and number of the answer.
pub(super) type Given = Vec<(usize, usize)>;

/// Numbers for answers, the same in every language and run.
#[derive(Default)]
pub(super) struct Names<'a>(BTreeMap<&'a str, usize>);

impl<'a> Names<'a> {
    pub(super) fn number(&mut self, name: &'a str) -> usize {
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The answers of a cell.
    pub(super) fn given(&mut self, spec: &MetricSpec, cell: &'a Cell) -> Given {
        let answer = |s: &'a Sampled| Some((s.cluster, metric::answer(spec, &s.scores)?));
        let answers = cell.samples.iter().filter_map(answer);
        answers.map(|(cluster, name)| (cluster, self.number(name))).collect()
    }
}

/// The plain mean over languages of a statistic of answers, each counted as often as its cluster was
/// drawn; `names` tells how many different answers there are.
pub(super) fn mean_of_answers(
    kind: MetricKind,
    groups: &[Given],
    names: usize,
    weights: &[u32],
) -> Option<f64> {
    let mut counts = vec![0; names];
    let mut sum = 0.0;
    for given in groups {
        counts.fill(0);
        given.iter().for_each(|(cluster, name)| counts[*name] += weights[*cluster] as usize);
        sum += metric::of_counts(kind, &counts)?;
    }
    (!groups.is_empty()).then(|| sum / groups.len() as f64)
}

/// A percentile interval by the bootstrap of clusters; none where fewer than 20 have an answer.
pub(super) fn drawn(
    used: usize,
    clusters: usize,
    seed: u64,
    statistic: impl Fn(&[u32]) -> Option<f64> + Sync,
) -> Option<Interval> {
    if used < LEAST_CLUSTERS {
        return None;
    }
    let found =
        bootstrap::percentile(bootstrap::clusters(clusters, REPLICATES, seed, statistic), 0.95);
    // Where nothing varies, that says nothing about the error.
    found.filter(|(low, high)| low < high)
}

/// The headline of a task in one language.
pub(super) fn in_language(task: &Task, cell: &Cell) -> Measured {
    let figures = metric::fold(&task.metrics[0], &cell.scored(), cell.missing);
    figures.into_iter().next().map_or_else(Measured::default, |figure| {
        let interval = figure.low.zip(figure.high);
        Measured::new(figure.estimate, interval, figure.n, figure.expected)
    })
}

/// The plain mean of independent numbers between 0 and 1, each from other items. One that has no
/// interval might be anything, and is taken so.
pub(super) fn together<'a>(parts: impl Iterator<Item = &'a Measured>) -> Measured {
    let parts: Vec<&Measured> = parts.collect();
    let n = parts.iter().map(|part| part.n).sum();
    let expected = parts.iter().map(|part| part.expected).sum();
    let have: Vec<(f64, Interval)> = parts
        .iter()
        .filter_map(|part| Some((part.value?, part.interval().unwrap_or((0.0, 1.0)))))
        .collect();
    if have.is_empty() {
        return Measured::new(None, None, n, expected);
    }
    let weight = 1.0 / have.len() as f64;
    let weighted: Vec<_> = have.iter().map(|(x, interval)| (weight, *x, *interval)).collect();
    let mean = have.iter().map(|(x, _)| x).sum::<f64>() * weight;
    let (low, high) = mover::weighted_sum(&weighted);
    Measured::new(Some(mean), Some((low.max(0.0), high.min(1.0))), n, expected)
}
