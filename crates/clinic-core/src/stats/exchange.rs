//! Permutation test of two sides whose statistic is no mean.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// Two-sided p-value of a paired permutation test of any statistic of two sides, first less second
/// (Fisher 1935; Phipson & Smyth 2010): which side a cluster's values are on may as well have been
/// the other way round.
///
/// `statistic` gets which clusters are exchanged; `seen` is its value where none is. The p-value is
/// `(k + 1) / (m + 1)`, with `k` of `m` (`replicates`) random exchanges at least as far from 0.
/// `None` where more than one replicate in twenty has no value. Replicate r draws from the stream r
/// of the seed, so that the value does not depend on the number of threads.
pub fn exchange(
    clusters: usize,
    replicates: usize,
    seed: u64,
    seen: f64,
    statistic: impl Fn(&[bool]) -> Option<f64> + Sync,
) -> Option<f64> {
    let base = ChaCha8Rng::seed_from_u64(seed);
    let replicate = |(bytes, sides): &mut (Vec<u8>, Vec<bool>), replicate: usize| {
        let mut rng = base.clone();
        rng.set_stream(replicate as u64);
        rng.fill_bytes(bytes);
        sides.iter_mut().enumerate().for_each(|(i, side)| *side = bytes[i / 8] >> (i % 8) & 1 == 1);
        statistic(sides)
    };
    let scratch = || (vec![0; clusters.div_ceil(8)], vec![false; clusters]);
    let values: Vec<Option<f64>> =
        (0..replicates).into_par_iter().map_init(scratch, replicate).collect();
    let found: Vec<f64> = values.into_iter().flatten().collect();
    if replicates == 0 || found.len() * 20 < replicates * 19 {
        return None;
    }
    // What differs by rounding only counts as equal.
    let limit = seen.abs() * (1.0 - 1e-12);
    let extreme = found.iter().filter(|value| value.abs() >= limit).count();
    Some((extreme + 1) as f64 / (found.len() + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sign_flip;

    #[test]
    fn of_a_mean_it_is_the_test_of_signs() {
        let (first, second) = ([3.0, 5.0, 2.0, 6.0, 4.0, 7.0], [1.0, 4.0, 2.5, 3.0, 3.5, 4.0]);
        let of = |sides: &[bool]| {
            let each =
                |i: usize| if sides[i] { second[i] - first[i] } else { first[i] - second[i] };
            Some((0..6).map(each).sum::<f64>())
        };
        let seen = of(&[false; 6]).unwrap();
        let differences: Vec<f64> = (0..6).map(|i| first[i] - second[i]).collect();
        let exact = sign_flip(&differences, 0, 0);
        let found = exchange(6, 20_000, 1, seen, of).unwrap();
        // Four standard errors of 20,000 draws.
        let error = 4.0 * (exact * (1.0 - exact) / 20_000.0).sqrt();
        assert!((found - exact).abs() < error, "{found} is not {exact}");
        assert_eq!(exchange(6, 100, 1, seen, |sides| sides[0].then_some(1.0)), None);
    }
}
