//! Differences sample by sample: of two runs, or of two languages of one run.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::digest;
use clinic_core::metric;
use clinic_core::stats::{self, Interval, power};
use clinic_core::task::{MetricKind, MetricSpec};

use super::means::{self, Given, Names};
use super::types::Measured;
use crate::evidence::{Cell, Sampled};

/// The power at which a smallest difference is told.
const POWER: f64 = 0.8;
/// Replicates of a permutation test.
const SIGNS: usize = 10_000;

/// What two things differ by.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Difference {
    /// First less second; `n` counts pairs.
    pub difference: Measured,
    /// The first over the pairs.
    pub first: Option<f64>,
    /// The second over the pairs.
    pub second: Option<f64>,
    /// That there is none.
    pub p: Option<f64>,
    /// The smallest true difference that so many pairs would show four times in five.
    pub detectable: Option<f64>,
}

/// Adjusts the p-values of one table (Holm): each p and where its adjusted one goes.
pub(super) fn adjust<'a>(rows: impl Iterator<Item = (Option<f64>, &'a mut Option<f64>)>) {
    let (known, places): (Vec<f64>, Vec<&mut Option<f64>>) =
        rows.filter_map(|(p, place)| Some((p?, place))).unzip();
    for (place, adjusted) in places.into_iter().zip(stats::holm(&known)) {
        *place = Some(adjusted);
    }
}

/// Two cells whose samples are paired by item.
pub(super) struct Paired<'a> {
    /// Samples that both have, first and second.
    pub both: Vec<(&'a Sampled, &'a Sampled)>,
    /// Pairs that there should be.
    pub expected: usize,
}

impl<'a> Paired<'a> {
    pub(super) fn of(first: &'a Cell, second: &'a Cell) -> Self {
        let side_by_side = || first.samples.iter().zip(&second.samples);
        // Runs of the same data have the same items in the same order, and need no search.
        let same = first.samples.len() == second.samples.len()
            && side_by_side().all(|(a, b)| a.item == b.item);
        let both: Vec<_> = if same {
            side_by_side().collect()
        } else {
            let others: BTreeMap<&str, &Sampled> =
                second.samples.iter().map(|s| (s.item.as_str(), s)).collect();
            let pair = |s: &'a Sampled| Some((s, *others.get(s.item.as_str())?));
            first.samples.iter().filter_map(pair).collect()
        };
        let of = |cell: &Cell| cell.samples.len() + cell.missing;
        Self { both, expected: of(first).max(of(second)) }
    }

    /// Cluster and values of each pair in which both have one.
    fn values(&self, spec: &MetricSpec) -> Vec<(usize, f64, f64)> {
        let values = |(a, b): &(&Sampled, &Sampled)| {
            let values = metric::value(spec, &a.scores).zip(metric::value(spec, &b.scores));
            values.map(|(x, y)| (a.cluster, x, y))
        };
        self.both.iter().filter_map(values).collect()
    }

    /// Cluster of each pair in which both have a verdict, and whether it is another one.
    pub(super) fn flips(&self, spec: &MetricSpec) -> Vec<(usize, f64)> {
        let flip = |(a, b): &(&Sampled, &Sampled)| {
            let verdicts = metric::answer(spec, &a.scores).zip(metric::answer(spec, &b.scores));
            verdicts.map(|(x, y)| (a.cluster, f64::from(u8::from(x != y))))
        };
        self.both.iter().filter_map(flip).collect()
    }

    /// Answers of both where both have one.
    fn answers(&self, spec: &MetricSpec, names: &mut Names<'a>) -> (Given, Given) {
        let given = |(a, b): &(&'a Sampled, &'a Sampled)| {
            let answers = metric::answer(spec, &a.scores).zip(metric::answer(spec, &b.scores));
            answers.map(|(x, y)| ((a.cluster, names.number(x)), (a.cluster, names.number(y))))
        };
        self.both.iter().filter_map(given).unzip()
    }
}

/// A metric of the first less that of the second: in one language, or as the plain mean over several.
///
/// Rates of single items are compared by McNemar's exact test with Agresti & Min's interval; all
/// other means by flipping the signs of clusters, with Agresti & Min's interval by clusters for
/// rates and Student's of the clustered error for the rest;
/// skewness and its like by exchanging the answers of clusters, with a percentile interval.
pub(super) fn difference(
    spec: &MetricSpec,
    pairs: &[Paired<'_>],
    clusters: usize,
    seed: &[&str],
) -> Difference {
    let expected = pairs.iter().map(|pair| pair.expected).sum();
    let parts: Vec<&[u8]> = seed.iter().map(|part| part.as_bytes()).collect();
    let seed = digest::number(&parts);
    if !metric::is_mean(spec.kind) {
        return Sides::of(spec, pairs).difference(clusters, seed, expected);
    }
    let values: Vec<Vec<(usize, f64, f64)>> =
        pairs.iter().map(|pair| pair.values(spec)).filter(|own| !own.is_empty()).collect();
    let each = |of: fn(&(usize, f64, f64)) -> (usize, f64)| -> Vec<Vec<(usize, f64)>> {
        values.iter().map(|group| group.iter().map(of).collect()).collect()
    };
    let groups = each(|(cluster, x, y)| (*cluster, x - y));
    let n = groups.iter().map(Vec::len).sum();
    let Some(mean) = stats::macro_mean(&groups) else {
        return Difference {
            difference: Measured::new(None, None, n, expected),
            ..Difference::default()
        };
    };
    let whole = groups.iter().flatten().all(|(_, d)| [-1.0, 0.0, 1.0].contains(d));
    let shares = whole && spec.kind != MetricKind::Mean && spec.kind != MetricKind::Drop;
    let single = shares && groups.len() == 1 && mean.clusters == n;
    let count = |sign: f64| groups.iter().flatten().filter(|(_, d)| *d == sign).count();
    let (above, below) = (count(1.0), count(-1.0));
    let (interval, p) = if single {
        (stats::paired_difference(above, below, n), stats::mcnemar(above, below))
    } else {
        let p = stats::sign_flip(&sums(&groups), SIGNS, seed);
        (if shares { mean.paired() } else { mean.student() }, p)
    };
    let bound = bound(spec);
    let interval = interval.map(|(low, high)| (low.max(-bound), high.min(bound)));
    Difference {
        difference: Measured::new(Some(mean.value), interval, n, expected),
        first: stats::macro_mean(&each(|(cluster, x, _)| (*cluster, *x))).map(|mean| mean.value),
        second: stats::macro_mean(&each(|(cluster, _, y)| (*cluster, *y))).map(|mean| mean.value),
        p: Some(p),
        // What no difference can be is not to be detected.
        detectable: interval.and_then(detectable).filter(|least| *least <= bound),
    }
}

/// The smallest difference that would be found with an interval of this width, by the error that a
/// normal one of that width has.
fn detectable((low, high): Interval) -> Option<f64> {
    power::detectable((high - low) / (2.0 * 1.96), 1, POWER)
}

/// The most that a metric can differ by.
fn bound(spec: &MetricSpec) -> f64 {
    match (spec.kind, spec.range) {
        (MetricKind::Mean, Some([least, most])) => most - least,
        (MetricKind::Mean | MetricKind::Skewness, _) => f64::INFINITY,
        (MetricKind::Drop, _) => 2.0,
        _ => 1.0,
    }
}

/// What each cluster adds to the plain mean over groups.
fn sums(groups: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for group in groups {
        for (cluster, difference) in group {
            *sums.entry(*cluster).or_default() += difference / (groups.len() * group.len()) as f64;
        }
    }
    sums.into_values().collect()
}

/// Answers of two sides by language.
struct Sides {
    kind: MetricKind,
    names: usize,
    first: Vec<Given>,
    second: Vec<Given>,
}

impl Sides {
    fn of(spec: &MetricSpec, pairs: &[Paired<'_>]) -> Self {
        let mut names = Names::default();
        let sides = pairs.iter().map(|pair| pair.answers(spec, &mut names));
        let (first, second) = sides.filter(|(given, _)| !given.is_empty()).unzip();
        Self { kind: spec.kind, names: names.len(), first, second }
    }

    fn difference(&self, clusters: usize, seed: u64, expected: usize) -> Difference {
        let n = self.first.iter().map(Vec::len).sum();
        let mean = |groups: &[Given], weights: &[u32]| {
            means::mean_of_answers(self.kind, groups, self.names, weights)
        };
        let between =
            |weights: &[u32]| Some(mean(&self.first, weights)? - mean(&self.second, weights)?);
        let once = vec![1; clusters];
        let Some(value) = between(&once) else {
            let difference = Measured::new(None, None, n, expected);
            return Difference { difference, ..Difference::default() };
        };
        let used: BTreeSet<usize> = self.first.iter().flatten().map(|(c, _)| *c).collect();
        let interval = means::drawn(used.len(), clusters, seed, between);
        Difference {
            difference: Measured::new(Some(value), interval, n, expected),
            first: mean(&self.first, &once),
            second: mean(&self.second, &once),
            p: stats::exchange(clusters, SIGNS, seed, value, |swapped| self.exchanged(swapped)),
            detectable: interval.and_then(detectable),
        }
    }

    /// The difference with the two sides' answers exchanged in some clusters.
    fn exchanged(&self, swapped: &[bool]) -> Option<f64> {
        let side = |own: &[Given], other: &[Given]| {
            let mut counts = vec![0; self.names];
            let mut sum = 0.0;
            for (own, other) in own.iter().zip(other) {
                counts.fill(0);
                for ((cluster, a), (_, b)) in own.iter().zip(other) {
                    counts[if swapped[*cluster] { *b } else { *a }] += 1;
                }
                sum += metric::of_counts(self.kind, &counts)?;
            }
            Some(sum / own.len() as f64)
        };
        Some(side(&self.first, &self.second)? - side(&self.second, &self.first)?)
    }
}
