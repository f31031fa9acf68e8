//! How far raters agree beyond chance: Krippendorff's alpha, Cohen's and Fleiss' kappa.
//!
//! All are 1 where nobody differs, 0 where people differ as often as ratings that were dealt out at
//! random would, and below 0 where they differ more. Where nothing varies there is no chance to be
//! better than: what is undefined is `None`, never 0 or 1.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Interval, bootstrap};

/// Replicates of [`estimate`].
const REPLICATES: usize = 2_000;
/// Below so many clusters [`estimate`] gives no interval: `docs/statistics.md` has figures.
const LEAST_CLUSTERS: usize = 20;

/// One unit's ratings, a place a rater; `None` where that rater gave none.
pub type Unit = Vec<Option<u8>>;

/// What the differences between ratings mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Names: two are the same or not.
    Nominal,
    /// Ranks: two differ by the ratings that lie between them.
    Ordinal,
    /// Numbers: two differ by the square of their distance.
    Interval,
}

/// How much a difference counts for [`cohen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Each the same.
    None,
    /// By the distance of the two numbers.
    Linear,
    /// By its square.
    Quadratic,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// [`alpha`].
    Alpha(Scale),
    /// [`cohen`] of the raters at the first two places.
    Cohen(Weights),
    /// [`fleiss`].
    Fleiss,
}

/// A measure of agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The measure, at most 1.
    pub value: f64,
    /// Its interval at 95 %.
    pub interval: Option<Interval>,
    /// Units that two or more people rated.
    pub units: usize,
    /// Ratings of these units.
    pub ratings: usize,
}

/// Krippendorff's alpha of any number of raters, any of whom may have left units out
/// (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").
///
/// `1 - (n-1) Σ_ck o_ck d_ck / Σ_ck n_c n_k d_ck`, where `o_ck` counts the pairs of values c, k
/// within a unit of m ratings, each as `1/(m-1)`, `n_c = Σ_k o_ck`, `n = Σ n_c`, and `d_ck` is 1,
/// `(Σ_{g=c..k} n_g - (n_c + n_k)/2)²` or `(c - k)²` by the scale, and 0 where c is k. Units with
/// fewer than two ratings do not count. `None` where no unit counts or all ratings are the same.
pub fn alpha<U: AsRef<[Option<u8>]>>(units: &[U], scale: Scale) -> Option<f64> {
    Measure::Alpha(scale).of(units)
}

/// Cohen's kappa of two raters, a pair of ratings a unit (Cohen 1960; weighted: Cohen 1968):
/// `1 - Σ_ck w_ck o_ck / Σ_ck w_ck a_c b_k / n`, where `o_ck` units were rated c by the first and
/// k by the second, `a_c` units c by the first, `b_k` units k by the second, and `w_ck` is 1,
/// `|c - k|` or `(c - k)²`, and 0 where c is k.
///
/// `None` of no pairs, and where both gave the same rating always.
pub fn cohen(pairs: &[(u8, u8)], weights: Weights) -> Option<f64> {
    let units: Vec<_> = pairs.iter().map(|(first, second)| [Some(*first), Some(*second)]).collect();
    Measure::Cohen(weights).of(&units)
}

/// Fleiss' kappa of units that were rated equally often, whoever rated them (Fleiss 1971):
/// `1 - mean_i(Σ_j n_ij (m - n_ij) / (m (m-1))) / Σ_j p_j (1 - p_j)`, where `n_ij` of the m ratings
/// of unit i are j, and `p_j` is the share of j among all ratings.
///
/// Units without a rating do not count. `None` where the others were not rated equally often or
/// only once, and where all ratings are the same.
pub fn fleiss<U: AsRef<[Option<u8>]>>(units: &[U]) -> Option<f64> {
    Measure::Fleiss.of(units)
}

fn rated(unit: &[Option<u8>]) -> usize {
    unit.iter().flatten().count()
}

impl Measure {
    /// The measure of some units.
    pub fn of<U: AsRef<[Option<u8>]>>(self, units: &[U]) -> Option<f64> {
        let sums = Sums::over(self, units)?;
        let mut all = sums.none();
        units.iter().for_each(|unit| sums.add(unit.as_ref(), &mut all));
        sums.value(&all)
    }
}

/// Every measure is a function of sums over units, so that a replicate of a bootstrap adds up what
/// its clusters count for and looks at no rating again.
struct Sums {
    measure: Measure,
    /// The ratings that there are, in order.
    values: Vec<u8>,
    /// Ratings of a unit, for Fleiss' kappa.
    each: f64,
}

impl Sums {
    /// `None` where the measure cannot be had: Fleiss' of units with different numbers of ratings.
    fn over<U: AsRef<[Option<u8>]>>(measure: Measure, units: &[U]) -> Option<Self> {
        let units = || units.iter().map(AsRef::as_ref);
        let values: BTreeSet<u8> = units().flatten().copied().flatten().collect();
        let mut each = 0;
        if measure == Measure::Fleiss {
            let numbers: BTreeSet<usize> = units().map(rated).filter(|count| *count > 0).collect();
            each = *numbers.first().filter(|each| numbers.len() == 1 && **each > 1)?;
        }
        Some(Self { measure, values: values.into_iter().collect(), each: each as f64 })
    }

    fn none(&self) -> Vec<f64> {
        let values = self.values.len();
        vec![
            0.0;
            match self.measure {
                Measure::Alpha(_) => values + values * values,
                Measure::Cohen(_) => values * values,
                Measure::Fleiss => values + 2,
            }
        ]
    }

    /// Adds what a unit counts for.
    fn add(&self, unit: &[Option<u8>], sums: &mut [f64]) {
        let values = self.values.len();
        // Every rating is among the values.
        let place = |rating: u8| self.values.binary_search(&rating).unwrap_or_default();
        let ratings = || unit.iter().flatten().map(|rating| place(*rating));
        match self.measure {
            Measure::Alpha(_) if rated(unit) > 1 => {
                let (counts, within) = sums.split_at_mut(values);
                ratings().for_each(|rating| counts[rating] += 1.0);
                // Above the diagonal: the rest counts nothing or is the same again.
                let each = 2.0 / (rated(unit) as f64 - 1.0);
                for (i, first) in ratings().enumerate() {
                    for second in ratings().skip(i + 1) {
                        within[first.min(second) * values + first.max(second)] += each;
                    }
                }
            }
            Measure::Cohen(_) => {
                if let [Some(first), Some(second), ..] = unit {
                    sums[place(*first) * values + place(*second)] += 1.0;
                }
            }
            Measure::Fleiss if rated(unit) > 0 => {
                let (counts, rest) = sums.split_at_mut(values);
                for rating in ratings() {
                    counts[rating] += 1.0;
                    let same = ratings().filter(|other| *other == rating).count();
                    rest[0] += self.each - same as f64;
                }
                rest[1] += 1.0;
            }
            Measure::Alpha(_) | Measure::Fleiss => {}
        }
    }

    fn value(&self, sums: &[f64]) -> Option<f64> {
        match self.measure {
            Measure::Alpha(scale) => self.alpha(scale, sums),
            Measure::Cohen(weights) => self.cohen(weights, sums),
            Measure::Fleiss => self.fleiss(sums),
        }
    }

    fn alpha(&self, scale: Scale, sums: &[f64]) -> Option<f64> {
        let (counts, within) = sums.split_at(self.values.len());
        let distance = |low: usize, high: usize| match scale {
            Scale::Nominal => 1.0,
            Scale::Ordinal => {
                let between: f64 = counts[low..=high].iter().sum();
                (between - (counts[low] + counts[high]) / 2.0).powi(2)
            }
            Scale::Interval => f64::from(self.values[high] - self.values[low]).powi(2),
        };
        let (mut seen, mut chance) = (0.0, 0.0);
        for low in 0..counts.len() {
            for high in low + 1..counts.len() {
                let distance = distance(low, high);
                seen += within[low * counts.len() + high] * distance;
                chance += 2.0 * counts[low] * counts[high] * distance;
            }
        }
        let total: f64 = counts.iter().sum();
        (chance > 0.0).then(|| 1.0 - (total - 1.0) * seen / chance)
    }

    fn cohen(&self, weights: Weights, both: &[f64]) -> Option<f64> {
        let values = self.values.len();
        let weight = |a: usize, b: usize| {
            let distance = f64::from(self.values[a].abs_diff(self.values[b]));
            match weights {
                Weights::None => f64::from(u8::from(a != b)),
                Weights::Linear => distance,
                Weights::Quadratic => distance.powi(2),
            }
        };
        let firsts: Vec<f64> = both.chunks(values.max(1)).map(|row| row.iter().sum()).collect();
        let second = |b: usize| both.iter().skip(b).step_by(values).sum::<f64>();
        let seconds: Vec<f64> = (0..values).map(second).collect();
        let (mut seen, mut chance) = (0.0, 0.0);
        for a in 0..values {
            for b in 0..values {
                seen += both[a * values + b] * weight(a, b);
                chance += firsts[a] * seconds[b] * weight(a, b);
            }
        }
        let pairs: f64 = both.iter().sum();
        (chance > 0.0).then(|| 1.0 - seen * pairs / chance)
    }

    fn fleiss(&self, sums: &[f64]) -> Option<f64> {
        let (counts, rest) = sums.split_at(self.values.len());
        let (seen, units) = (rest[0], rest[1]);
        let total = units * self.each;
        let chance: f64 =
            counts.iter().map(|count| count * (total - count)).sum::<f64>() / total.powi(2);
        (chance > 0.0).then(|| 1.0 - seen / (total * (self.each - 1.0)) / chance)
    }
}

/// A measure of agreement with its interval. `clusters` says for each unit which cluster it is in:
/// an item with all its translations is one, since its raters agree or differ on all of them alike.
///
/// The interval is BCa's (Efron 1987; Efron & Tibshirani 1993, ch. 14.3) of 2,000 replicates that
/// draw clusters with replacement, its acceleration by leaving out a cluster at a time. `None`
/// where there are fewer than 20 clusters with a unit that counts, where more than one replicate in
/// twenty has no value, and where no replicate lies on either side of the measure (all agree).
/// The same seed gives the same interval with any number of threads.
///
/// `None` where the measure itself is undefined.
///
/// # Panics
/// Where there are not as many clusters as units.
pub fn estimate(
    units: &[Unit],
    clusters: &[usize],
    seed: u64,
    measure: Measure,
) -> Option<Agreement> {
    assert_eq!(units.len(), clusters.len(), "a cluster a unit");
    let counted = || units.iter().zip(clusters).filter(|(unit, _)| rated(unit) > 1);
    let whole: Vec<&Unit> = counted().map(|(unit, _)| unit).collect();
    let sums = Sums::over(measure, &whole)?;
    let mut members: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (unit, cluster) in counted() {
        sums.add(unit, members.entry(*cluster).or_insert_with(|| sums.none()));
    }
    let members: Vec<Vec<f64>> = members.into_values().collect();
    let drawn = |times: &mut dyn Iterator<Item = f64>| {
        let mut all = sums.none();
        for (member, times) in members.iter().zip(times) {
            all.iter_mut().zip(member).for_each(|(sum, part)| *sum += times * part);
        }
        sums.value(&all)
    };
    let value = drawn(&mut std::iter::repeat(1.0))?;
    Some(Agreement {
        value,
        interval: interval(members.len(), value, seed, drawn),
        units: whole.len(),
        ratings: whole.into_iter().map(|unit| rated(unit)).sum(),
    })
}

/// The interval of a statistic of clusters, each of which is taken so many times.
fn interval(
    clusters: usize,
    value: f64,
    seed: u64,
    drawn: impl Fn(&mut dyn Iterator<Item = f64>) -> Option<f64> + Sync,
) -> Option<Interval> {
    if clusters < LEAST_CLUSTERS {
        return None;
    }
    let replicates = bootstrap::clusters(clusters, REPLICATES, seed, |times: &[u32]| {
        drawn(&mut times.iter().map(|times| f64::from(*times)))
    });
    let without =
        |left_out: usize| drawn(&mut (0..clusters).map(|c| f64::from(u8::from(c != left_out))));
    let without: Vec<f64> = (0..clusters).into_par_iter().map(without).collect::<Option<_>>()?;
    bootstrap::bca(&replicates, value, &without)
}
