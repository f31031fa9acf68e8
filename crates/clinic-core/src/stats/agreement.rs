//! How far raters agree beyond chance: Krippendorff's alpha, Cohen's and Fleiss' kappa.
//!
//! All are 1 where nobody differs, 0 where people differ as often as ratings that were dealt out at
//! random would, and below 0 where they differ more. Where nothing varies there is no chance to be
//! better than: what is undefined is `None`, never 0 or 1.

use std::collections::BTreeMap;

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
    let mut counts = [0.0; 256];
    for unit in units.iter().map(AsRef::as_ref).filter(|unit| rated(unit) > 1) {
        unit.iter().flatten().for_each(|rating| counts[usize::from(*rating)] += 1.0);
    }
    let values: Vec<usize> = (0..256).filter(|value| counts[*value] > 0.0).collect();
    let mut place = [0; 256];
    values.iter().enumerate().for_each(|(i, value)| place[*value] = i);
    // Above the diagonal: the rest counts nothing or is the same again.
    let mut within = vec![0.0; values.len() * values.len()];
    for unit in units.iter().map(AsRef::as_ref) {
        let each = 2.0 / (rated(unit) as f64 - 1.0);
        for (i, first) in unit.iter().enumerate() {
            let Some(first) = first else { continue };
            for second in unit[i + 1..].iter().flatten() {
                let (low, high) = (first.min(second), first.max(second));
                within[place[usize::from(*low)] * values.len() + place[usize::from(*high)]] += each;
            }
        }
    }
    let distance = |low: usize, high: usize| match scale {
        Scale::Nominal => 1.0,
        Scale::Ordinal => {
            (counts[low..=high].iter().sum::<f64>() - (counts[low] + counts[high]) / 2.0).powi(2)
        }
        Scale::Interval => ((high - low) as f64).powi(2),
    };
    let (mut seen, mut chance) = (0.0, 0.0);
    for (i, low) in values.iter().enumerate() {
        for (j, high) in values.iter().enumerate().skip(i + 1) {
            let distance = distance(*low, *high);
            seen += within[i * values.len() + j] * distance;
            chance += 2.0 * counts[*low] * counts[*high] * distance;
        }
    }
    let total: f64 = counts.iter().sum();
    (chance > 0.0).then(|| 1.0 - (total - 1.0) * seen / chance)
}

fn rated(unit: &[Option<u8>]) -> usize {
    unit.iter().flatten().count()
}

/// Cohen's kappa of two raters, a pair of ratings a unit (Cohen 1960; weighted: Cohen 1968):
/// `1 - Σ_ck w_ck o_ck / Σ_ck w_ck a_c b_k / n`, where `o_ck` units were rated c by the first and
/// k by the second, `a_c` units c by the first, `b_k` units k by the second, and `w_ck` is 1,
/// `|c - k|` or `(c - k)²`, and 0 where c is k.
///
/// `None` of no pairs, and where both gave the same rating always.
pub fn cohen(pairs: &[(u8, u8)], weights: Weights) -> Option<f64> {
    let weight = |a: u8, b: u8| match weights {
        Weights::None => f64::from(u8::from(a != b)),
        Weights::Linear => f64::from(a.abs_diff(b)),
        Weights::Quadratic => f64::from(a.abs_diff(b)).powi(2),
    };
    let (mut firsts, mut seconds) = ([0.0; 256], [0.0; 256]);
    for (first, second) in pairs {
        firsts[usize::from(*first)] += 1.0;
        seconds[usize::from(*second)] += 1.0;
    }
    let seen: f64 = pairs.iter().map(|(first, second)| weight(*first, *second)).sum();
    let given = |counts: &[f64; 256]| -> Vec<(u8, f64)> {
        (0..=u8::MAX).zip(*counts).filter(|(_, count)| *count > 0.0).collect()
    };
    let seconds = given(&seconds);
    let mut chance = 0.0;
    for (first, a) in given(&firsts) {
        chance += seconds.iter().map(|(second, b)| a * b * weight(first, *second)).sum::<f64>();
    }
    (chance > 0.0).then(|| 1.0 - seen * pairs.len() as f64 / chance)
}

/// The ratings of two raters on the units that both rated, for [`cohen`].
pub fn pairs<U: AsRef<[Option<u8>]>>(units: &[U], first: usize, second: usize) -> Vec<(u8, u8)> {
    let of = |unit: &U, rater: usize| unit.as_ref().get(rater).copied().flatten();
    units.iter().filter_map(|unit| of(unit, first).zip(of(unit, second))).collect()
}

/// Fleiss' kappa of units that were rated equally often, whoever rated them (Fleiss 1971):
/// `1 - mean_i(Σ_j n_ij (m - n_ij) / (m (m-1))) / Σ_j p_j (1 - p_j)`, where `n_ij` of the m ratings
/// of unit i are j, and `p_j` is the share of j among all ratings.
///
/// Units without a rating do not count. `None` where the others were not rated equally often or
/// only once, and where all ratings are the same.
pub fn fleiss<U: AsRef<[Option<u8>]>>(units: &[U]) -> Option<f64> {
    let rated = |unit: &U| rated(unit.as_ref());
    let each = units.iter().map(rated).find(|count| *count > 0).filter(|count| *count > 1)?;
    let mut all = [0.0; 256];
    let (mut seen, mut counted) = (0.0, 0.0);
    for unit in units.iter().filter(|unit| rated(unit) > 0) {
        let mut counts: BTreeMap<u8, f64> = BTreeMap::new();
        for rating in unit.as_ref().iter().flatten() {
            *counts.entry(*rating).or_default() += 1.0;
            all[usize::from(*rating)] += 1.0;
        }
        if rated(unit) != each {
            return None;
        }
        seen += counts.values().map(|count| count * (each as f64 - count)).sum::<f64>();
        counted += 1.0;
    }
    let each = each as f64;
    let total = counted * each;
    let chance: f64 = all.iter().map(|count| count * (total - count)).sum::<f64>() / total.powi(2);
    (chance > 0.0).then(|| 1.0 - seen / (counted * each * (each - 1.0)) / chance)
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
    statistic: impl Fn(&[&Unit]) -> Option<f64> + Sync,
) -> Option<Agreement> {
    assert_eq!(units.len(), clusters.len(), "a cluster a unit");
    let mut members: BTreeMap<usize, Vec<&Unit>> = BTreeMap::new();
    for (unit, cluster) in units.iter().zip(clusters).filter(|(unit, _)| rated(unit) > 1) {
        members.entry(*cluster).or_default().push(unit);
    }
    let members: Vec<Vec<&Unit>> = members.into_values().collect();
    let counted = members.concat();
    let value = statistic(&counted)?;
    Some(Agreement {
        value,
        interval: interval(&members, value, seed, statistic),
        units: counted.len(),
        ratings: counted.into_iter().map(|unit| rated(unit)).sum(),
    })
}

fn interval(
    members: &[Vec<&Unit>],
    value: f64,
    seed: u64,
    statistic: impl Fn(&[&Unit]) -> Option<f64> + Sync,
) -> Option<Interval> {
    if members.len() < LEAST_CLUSTERS {
        return None;
    }
    let drawn = |times: &[u32]| {
        let copies = members.iter().zip(times).flat_map(|(units, times)| {
            std::iter::repeat_n(units, *times as usize).flatten().copied()
        });
        statistic(&copies.collect::<Vec<_>>())
    };
    let replicates = bootstrap::clusters(members.len(), REPLICATES, seed, drawn);
    let without = |left_out: usize| {
        let times: Vec<u32> = (0..members.len()).map(|c| u32::from(c != left_out)).collect();
        drawn(&times)
    };
    let without: Vec<f64> =
        (0..members.len()).into_par_iter().map(without).collect::<Option<_>>()?;
    bootstrap::bca(&replicates, value, &without)
}
