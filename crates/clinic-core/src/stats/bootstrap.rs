//! The bootstrap: how much a statistic would change if the items were others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

pub use super::columns::{Means, Totals, means};
use super::{Interval, Z, mean, normal_quantile};

/// Percentile bootstrap of a statistic over resampled indices (Efron & Tibshirani 1993, ch. 13).
///
/// `None` where more than one replicate in twenty has no value: what is left would be a
/// selection. The same seed gives the same interval on every machine.
pub fn bootstrap(
    n: usize,
    replicates: usize,
    seed: u64,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    if n < 2 {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0; n];
    let replicate = |_| {
        for slot in &mut drawn {
            *slot = (rng.next_u64() % n as u64) as usize;
        }
        statistic(&drawn)
    };
    between((0..replicates).map(replicate), 0.025, 0.975)
}

/// Replicates of a statistic under a cluster bootstrap (Davison & Hinkley 1997, ch. 3.8): each
/// draws as many clusters as there are, with replacement; `statistic` gets how often each cluster
/// was drawn.
///
/// In parallel, in the order of the replicates. Replicate r draws from the stream r of the seed, so
/// that it is the same with any number of threads, on every machine, and for every statistic: two
/// statistics of the same clusters and seed are paired.
pub fn clusters<T: Send>(
    clusters: usize,
    replicates: usize,
    seed: u64,
    statistic: impl Fn(&[u32]) -> T + Sync,
) -> Vec<T> {
    let base = ChaCha8Rng::seed_from_u64(seed);
    let replicate = |times: &mut Vec<u32>, replicate: usize| {
        draw(&base, replicate, times);
        statistic(times)
    };
    (0..replicates).into_par_iter().map_init(|| vec![0; clusters], replicate).collect()
}

/// How often each cluster is drawn in this replicate.
pub(super) fn draw(base: &ChaCha8Rng, replicate: usize, times: &mut [u32]) {
    let mut rng = base.clone();
    rng.set_stream(replicate as u64);
    times.fill(0);
    for _ in 0..times.len() {
        // The high half of the product: even to one part in 2^32 / clusters.
        times[((u64::from(rng.next_u32()) * times.len() as u64) >> 32) as usize] += 1;
    }
}

/// Percentile interval of bootstrap replicates: the quantiles of `(1 ∓ level) / 2` (Efron &
/// Tibshirani 1993, ch. 13).
///
/// `None` where more than one replicate in twenty has no value, which would make the rest a
/// selection, and of no replicates.
pub fn percentile(
    replicates: impl IntoIterator<Item = Option<f64>>,
    level: f64,
) -> Option<Interval> {
    between(replicates, (1.0 - level) / 2.0, (1.0 + level) / 2.0)
}

/// Interval at 95 % of bootstrap replicates of a statistic, corrected for bias and for an error that
/// changes with the statistic (BCa; Efron 1987; Efron & Tibshirani 1993, ch. 14.3): their quantiles
/// of `Φ(b + (b + z) / (1 - a (b + z)))` with z the normal quantile of 0.025 and of 0.975, `b` that
/// of the share of replicates below `value`, those equal to it counted half, and
/// `a = Σ (m - s_i)³ / (6 (Σ (m - s_i)²)^1.5)` of the statistics s without one case each, whose mean
/// is m.
///
/// `None` as for [`percentile`], where no replicate lies on one side of the value, and where leaving
/// out a case changes nothing.
pub fn bca(replicates: &[Option<f64>], value: f64, without: &[f64]) -> Option<Interval> {
    let known = || replicates.iter().flatten();
    let below = known().filter(|replicate| **replicate < value).count() as f64;
    let same = known().filter(|replicate| **replicate == value).count() as f64;
    let share = (below + same / 2.0) / known().count() as f64;
    let bias = (0.0 < share && share < 1.0).then(|| normal_quantile(share))?;
    let middle = mean(without)?;
    let sum = |power: i32| without.iter().map(|s| (middle - s).powi(power)).sum::<f64>();
    let spread = Some(sum(2)).filter(|spread| *spread > f64::EPSILON)?;
    let acceleration = sum(3) / (6.0 * spread.powf(1.5));
    let level = |z: f64| {
        let moved = bias + z;
        Normal::standard().cdf(bias + moved / (1.0 - acceleration * moved))
    };
    between(replicates.iter().copied(), level(-Z), level(Z))
}

/// Quantiles of replicates; `None` as for [`percentile`].
fn between(
    replicates: impl IntoIterator<Item = Option<f64>>,
    low: f64,
    high: f64,
) -> Option<Interval> {
    let mut all = 0;
    let counted = replicates.into_iter().inspect(|_| all += 1);
    let mut values: Vec<f64> = counted.flatten().collect();
    if values.is_empty() || values.len() * 20 < all * 19 {
        return None;
    }
    Some((quantile(&mut values, low), quantile(&mut values, high)))
}

/// Quantile with linear interpolation (type 7 of Hyndman & Fan 1996); the values change their
/// order.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    let place = q * (values.len() - 1) as f64;
    let (_, low, above) = values.select_nth_unstable_by(place.floor() as usize, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*low);
    *low + place.fract() * (high - *low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bootstrap_repeats_itself_and_refuses_a_selection() {
        let values = [1.0, 4.0, 2.0, 8.0, 5.0];
        let of = |rows: &[usize]| mean(&rows.iter().map(|i| values[*i]).collect::<Vec<_>>());
        let first = bootstrap(5, 2_000, 7, of);
        assert_eq!(first, bootstrap(5, 2_000, 7, of));
        let (low, high) = first.unwrap();
        assert!(low > 1.5 && low < 2.5 && high > 5.0 && high < 6.8, "({low}, {high})");
        assert_eq!(bootstrap(5, 100, 7, |rows| (rows[0] > 0).then_some(1.0)), None);
    }

    #[test]
    fn intervals_of_old_runs_keep_their_bits() {
        let of = |rows: &[usize]| {
            mean(&rows.iter().map(|i| ((i * i % 11) as f64).sqrt()).collect::<Vec<_>>())
        };
        let expected = Some((1.294_115_540_647_864_2, 2.288_409_673_284_879));
        assert_eq!(bootstrap(11, 2_000, 8, of), expected);
    }
}
