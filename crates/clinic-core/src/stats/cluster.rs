//! Means of values that come in clusters: an item with all its translations and repeats.

use std::collections::BTreeMap;

use super::power;
use super::rate::score_interval;
use super::{Interval, Z, student_quantile};

/// A mean of values that come in clusters, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its standard error. 0 where nothing varies between clusters; `None` of one cluster, which
    /// cannot tell how clusters vary.
    pub error: Option<f64>,
    /// Values.
    pub n: usize,
    /// Clusters that have a value.
    pub clusters: usize,
}

/// Mean of `(cluster, value)`s with the clustered standard error
/// `sqrt(C/(C-1) sum_c (sum_{i in c} (x_i - mean))²) / n` (Miller 2024, arXiv 2411.00640, with
/// the usual correction for few clusters C; Liang & Zeger 1986).
///
/// With one value a cluster it is the ordinary `sqrt(sum (x - mean)² / (n (n-1)))`. `None` of
/// nothing, and where a value is not finite.
pub fn clustered_mean(values: &[(usize, f64)]) -> Option<Estimate> {
    of_groups(&[values])
}

/// Plain mean over groups (languages) of the groups' means: `sum_g mean_g / G`.
///
/// Cluster ids are shared over the groups. The standard error is `sqrt(C/(C-1) sum_c u_c²)` with
/// the influence of cluster c `u_c = sum_g sum_{i in c,g} (x_i - mean_g) / (G n_g)` (linearization,
/// Särndal, Swensson & Wretman 1992, ch. 5); with one group it is that of [`clustered_mean`].
/// Groups without a value do not count. `None` where none has one, or a value is not finite.
pub fn macro_mean(groups: &[Vec<(usize, f64)>]) -> Option<Estimate> {
    let groups: Vec<&[(usize, f64)]> = groups.iter().map(Vec::as_slice).collect();
    of_groups(&groups)
}

fn of_groups(groups: &[&[(usize, f64)]]) -> Option<Estimate> {
    let counted: Vec<&[(usize, f64)]> = groups.iter().copied().filter(|g| !g.is_empty()).collect();
    let mut influence: BTreeMap<usize, f64> = BTreeMap::new();
    let (mut value, mut largest) = (0.0, 0.0_f64);
    for group in &counted {
        let mean = mean_of(group)?;
        value += mean / counted.len() as f64;
        let weight = (counted.len() * group.len()) as f64;
        for (cluster, x) in *group {
            *influence.entry(*cluster).or_default() += (x - mean) / weight;
            largest = largest.max(x.abs());
        }
    }
    let clusters = influence.len();
    let squares: f64 = influence.values().map(|u| u * u).sum();
    let error = (clusters as f64 / (clusters as f64 - 1.0) * squares).sqrt();
    // What is left where nothing varies is rounding.
    let error = if error <= 8.0 * f64::EPSILON * largest { 0.0 } else { error };
    let n = counted.iter().map(|group| group.len()).sum();
    (clusters > 0).then_some(Estimate {
        value,
        error: (clusters > 1).then_some(error),
        n,
        clusters,
    })
}

/// Mean to the last bit or so, between the least and the largest value; `None` where one is not
/// finite.
fn mean_of(group: &[(usize, f64)]) -> Option<f64> {
    let n = group.len() as f64;
    let rough = group.iter().map(|(_, x)| x).sum::<f64>() / n;
    let mean = rough + group.iter().map(|(_, x)| x - rough).sum::<f64>() / n;
    let least = group.iter().map(|(_, x)| *x).fold(f64::INFINITY, f64::min);
    let most = group.iter().map(|(_, x)| *x).fold(f64::NEG_INFINITY, f64::max);
    mean.is_finite().then(|| mean.clamp(least, most))
}

impl Estimate {
    /// Student's interval `value ± t(C-1) error`, in the unit of the values.
    ///
    /// `None` below two clusters and where nothing varies: no spread says nothing about the error.
    pub fn student(&self) -> Option<Interval> {
        let error = self.error.filter(|error| *error > 0.0)?;
        let t = student_quantile(self.clusters - 1)?;
        Some((self.value - t * error, self.value + t * error))
    }

    /// Wilson's interval of a mean p of values between 0 and 1, with the number of values n
    /// replaced by the effective number (Korn & Graubard 1998; Dean & Pagano 2015)
    /// `n_eff = n / D * (t(n-1) / t(C-1))²`, at most n. Where nothing varies it is the number of
    /// clusters C. Never of zero width; `None` where the mean is not between 0 and 1.
    ///
    /// The design effect D is the clustered variance over that of independent 0s and 1s. As
    /// [`paired_difference`](super::paired_difference) adds half a case to each cell, half a
    /// cluster of m = n/C 1s and one of 0s are added for D: few 1s in few clusters cannot show how
    /// 1s cluster, and D without them is too small (`docs/statistics.md` has figures). With
    /// `N = n + m` and `q = (n p + m/2) / N`:
    /// `D = (n² error² (C-1)/C + n m (p-q)² + m² (q² + (1-q)²) / 2) / (N q (1-q))`.
    ///
    /// With one value a cluster, 0s and 1s have D = 1 and get the interval of
    /// [`wilson`](super::wilson). The quotient of Student's quantiles allows for an error that is
    /// itself estimated from few clusters; it makes no cluster count as less than one value.
    pub fn wilson(&self) -> Option<Interval> {
        let (n, clusters) = (self.n as f64, self.clusters as f64);
        let effective = match self.error {
            Some(error) if error > 0.0 => {
                let quantile = |freedom| student_quantile(freedom).unwrap_or(Z);
                let few = (quantile(self.n - 1) / quantile(self.clusters - 1)).powi(2);
                let effective = n / self.design_effect(error);
                (effective * few).max(effective.min(clusters)).min(n)
            }
            _ => clusters,
        };
        score_interval(self.value, effective, Z)
    }

    fn design_effect(&self, error: f64) -> f64 {
        let (p, n, clusters) = (self.value, self.n as f64, self.clusters as f64);
        let m = n / clusters;
        let cases = n + m;
        let q = (n * p + m / 2.0) / cases;
        let seen = n * n * error * error * (clusters - 1.0) / clusters;
        let added = n * m * (p - q).powi(2) + m * m * (q * q + (1.0 - q).powi(2)) / 2.0;
        (seen + added) / (cases * q * (1.0 - q))
    }

    /// Interval of a mean of differences of two 0-1 values, each -1, 0 or 1: that of
    /// [`paired_difference`](super::paired_difference), with clusters in the place of pairs. Half a
    /// cluster of 1s, half a cluster of -1s and a cluster of 0s are added, each of the mean size
    /// `m = n/C`, then Wald's interval is taken: with `N = n + 2m` and `d = n value / N`,
    /// `d ± z sqrt(n² error² (C-1)/C + n m (value-d)² + m²/2 ((1-d)² + (1+d)²) + m² d²) / N`.
    ///
    /// With one pair a cluster it is the same interval. Never of zero width, also where no pair
    /// differs. `None` where the mean is not between -1 and 1.
    pub fn paired(&self) -> Option<Interval> {
        let (n, clusters) = (self.n as f64, self.clusters as f64);
        let size = n / clusters;
        let cases = n + 2.0 * size;
        let middle = n * self.value / cases;
        let error = self.error.unwrap_or(0.0);
        let added = ((1.0 - middle).powi(2) + (1.0 + middle).powi(2)) / 2.0 + middle * middle;
        let squares = n * n * error * error * (clusters - 1.0) / clusters
            + n * size * (self.value - middle).powi(2)
            + size * size * added;
        let half = Z * squares.sqrt() / cases;
        (self.value.abs() <= 1.0).then(|| ((middle - half).max(-1.0), (middle + half).min(1.0)))
    }

    /// Smallest true difference from a fixed value that a test at 5 % would find with this power
    /// (0.8, say), in the unit of the values: `(z(0.975) + z(power)) error`.
    ///
    /// `None` where the error is unknown or 0, and for a power that is not above 0.025 and below 1.
    pub fn detectable(&self, power: f64) -> Option<f64> {
        power::detectable(self.error?, 1, power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired_difference;

    #[test]
    fn single_pairs_get_the_interval_of_paired_rates() {
        for (above, below, n) in [(0, 0, 5), (4, 1, 10), (0, 3, 107), (7, 0, 7)] {
            let difference =
                |i| f64::from(i8::from(i < above)) - f64::from(i8::from(n - i <= below));
            let values: Vec<(usize, f64)> = (0..n).map(|i| (i, difference(i))).collect();
            let (low, high) = clustered_mean(&values).unwrap().paired().unwrap();
            let plain = paired_difference(above, below, n).unwrap();
            assert!((low - plain.0).abs() < 1e-12 && (high - plain.1).abs() < 1e-12, "{n}");
        }
    }

    #[test]
    fn copies_of_pairs_get_the_interval_of_their_clusters() {
        let differences = [1.0, 0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0];
        let single: Vec<(usize, f64)> = differences.into_iter().enumerate().collect();
        let copied: Vec<(usize, f64)> = single.iter().flat_map(|pair| [*pair; 15]).collect();
        let [one, many] =
            [single, copied].map(|values| clustered_mean(&values).unwrap().paired().unwrap());
        assert!((one.0 - many.0).abs() < 1e-12 && (one.1 - many.1).abs() < 1e-12);
    }
}
