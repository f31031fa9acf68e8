//! Two series of values of the same samples: difference, p-values, and many of them at once.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Interval, Z};

/// Most clusters whose signs are all tried.
const ENUMERATED: usize = 16;

/// Interval of the difference of two paired rates, first minus second (Agresti & Min 2005):
/// half a case is added to each cell of the 2 by 2 table, then Wald's interval is taken.
///
/// `only_first` and `only_second` count pairs in which just that one is 1, of `n` pairs.
pub fn paired_difference(only_first: usize, only_second: usize, n: usize) -> Option<Interval> {
    let (difference, spread, cases) = with_half_cases(only_first, only_second, n)?;
    let half = Z * spread / cases;
    Some(((difference - half).max(-1.0), (difference + half).min(1.0)))
}

/// Standard deviation of the difference (-1, 0 or 1) in one pair, with half a case added to each
/// cell as in [`paired_difference`]: `sqrt((b+c)/N - ((b-c)/N)²)`, with `b` and `c` the pairs in
/// which just one is 1, each and a half, and `N = n + 2`.
///
/// It is above 0 also where no pair differs, so that [`power`](super::power) has something to
/// reckon with. `None` of no pairs.
pub fn paired_sd(only_first: usize, only_second: usize, n: usize) -> Option<f64> {
    let (_, spread, cases) = with_half_cases(only_first, only_second, n)?;
    Some(spread / cases.sqrt())
}

/// Difference, `sqrt(b + c - (b-c)²/N)` and N of a table with half a case more in each cell.
fn with_half_cases(only_first: usize, only_second: usize, n: usize) -> Option<(f64, f64, f64)> {
    let (b, c, cases) = (only_first as f64 + 0.5, only_second as f64 + 0.5, n as f64 + 2.0);
    let spread = ((b + c) - (b - c).powi(2) / cases).sqrt();
    (n > 0).then_some(((b - c) / cases, spread, cases))
}

/// Exact two-sided p-value of McNemar's test (McNemar 1947): twice the chance that of `b + c`
/// tosses of a fair coin at most `min(b, c)` show heads, at most 1; 1 where no pair differs.
///
/// `only_first` and `only_second` count pairs in which just that one is 1. The pairs must be
/// independent; for items with several languages or repeats take [`sign_flip`].
pub fn mcnemar(only_first: usize, only_second: usize) -> f64 {
    let (less, all) = (only_first.min(only_second), only_first + only_second);
    let coin = Binomial::new(0.5, all as u64);
    coin.map_or(1.0, |coin| (2.0 * coin.cdf(less as u64)).min(1.0))
}

/// Two-sided p-value of a paired permutation test by clusters (Fisher 1935; Phipson & Smyth 2010):
/// each cluster's sum of differences may as well have had the other sign; the statistic is the
/// absolute value of the sum over all.
///
/// Up to 16 clusters that are not 0 all patterns of signs are tried, and the p-value is the share
/// of those at least as extreme as what was seen. With more it is `(k + 1) / (m + 1)`, with `k` of
/// `m` (`replicates`) random patterns at least as extreme. What differs by rounding only counts as
/// equal. Where Hoeffding's bound `2 exp(-t² / (2 sum s_c²))` of the exact value is smaller still than
/// `1 / (m + 1)`, it is given in the place of that floor (Hoeffding 1963). 1 where all sums are 0.
/// The same seed gives the same value with any number of threads.
pub fn sign_flip(cluster_sums: &[f64], replicates: usize, seed: u64) -> f64 {
    let sums: Vec<f64> = cluster_sums.iter().copied().filter(|sum| *sum != 0.0).collect();
    let tables: Vec<[f64; 256]> = sums.chunks(8).map(signed_sums).collect();
    let rounding = sums.len() as f64 * f64::EPSILON * sums.iter().map(|s| s.abs()).sum::<f64>();
    let seen = sums.iter().sum::<f64>().abs() - rounding;
    let extreme = |signs: &[u8]| {
        let sum: f64 = tables.iter().zip(signs).map(|(table, s)| table[usize::from(*s)]).sum();
        sum.abs() >= seen
    };
    if sums.len() <= ENUMERATED {
        let patterns = 1_u32 << sums.len();
        let found = (0..patterns).filter(|signs| extreme(&signs.to_le_bytes())).count();
        return found as f64 / f64::from(patterns);
    }
    let base = ChaCha8Rng::seed_from_u64(seed);
    let flip = |signs: &mut Vec<u8>, replicate: usize| {
        let mut rng = base.clone();
        rng.set_stream(replicate as u64);
        rng.fill_bytes(signs);
        extreme(signs)
    };
    let found = (0..replicates)
        .into_par_iter()
        .map_init(|| vec![0; tables.len()], flip)
        .filter(|extreme| *extreme)
        .count();
    let floor = 1.0 / (replicates + 1) as f64;
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    let bound = 2.0 * (-seen.max(0.0).powi(2) / (2.0 * squares)).exp();
    if bound < floor { bound } else { (found + 1) as f64 * floor }
}

/// The sums of up to eight values under all patterns of signs: a bit that is set is a plus.
fn signed_sums(values: &[f64]) -> [f64; 256] {
    std::array::from_fn(|signs| {
        let sign = |place: usize| if signs >> place & 1 == 1 { 1.0 } else { -1.0 };
        values.iter().enumerate().map(|(place, value)| sign(place) * value).sum()
    })
}

/// p-values adjusted for their number, in the order given (Holm 1979): the i-th smallest of m
/// becomes the largest of `(m - j + 1) p_j` over `j <= i`, at most 1.
///
/// Those at or below 0.05 are findings with a chance of 5 % at most that any of them is false.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[place]).min(1.0);
        adjusted[place] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<Interval>, low: f64, high: f64) {
        let (a, b) = found.expect("an interval");
        assert!((a - low).abs() < 1e-6 && (b - high).abs() < 1e-6, "({a}, {b})");
    }

    #[test]
    fn a_paired_difference_has_width_even_where_nothing_changed() {
        let (low, high) = paired_difference(0, 0, 5).unwrap();
        assert!(low < -0.2 && high > 0.2, "({low}, {high})");
        // (b, c, n) = (4.5, 1.5, 12): 0.25 ± z sqrt(6 - 0.75) / 12
        close(paired_difference(4, 1, 10), -0.124_236, 0.624_236);
    }
}
