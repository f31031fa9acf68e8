//! How often intervals hold the truth: simulations with a fixed seed, whose figures stand in
//! `docs/statistics.md`.

use clinic_core::stats::{Estimate, Interval, clustered_mean, mover, student, wilson};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// Simulated sets of values a line: a share of 0.95 of so many has a standard error of 0.007.
pub const SETS: u32 = 1_000;

/// Between 0 and 1.
pub fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn toss(rng: &mut ChaCha8Rng, rate: f64) -> f64 {
    f64::from(u8::from(uniform(rng) < rate))
}

/// Values in clusters of 5 to 15, any two of a cluster correlated by `correlation`: with the
/// chance of its square root a member has the cluster's own value, else one by itself.
fn simulated(
    rng: &mut ChaCha8Rng,
    clusters: usize,
    correlation: f64,
    draw: impl Fn(&mut ChaCha8Rng) -> f64,
) -> Vec<(usize, f64)> {
    let mut values = Vec::new();
    for cluster in 0..clusters {
        let own = draw(rng);
        for _ in 0..5 + rng.next_u64() % 11 {
            let shared = uniform(rng) < correlation.sqrt();
            values.push((cluster, if shared { own } else { draw(rng) }));
        }
    }
    values
}

/// Shares of simulated sets of which each interval held the truth, and the intervals' mean widths.
fn coverage<const N: usize>(
    truth: f64,
    intervals: impl Fn(&mut ChaCha8Rng) -> [Option<Interval>; N],
) -> ([f64; N], [f64; N]) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (mut held, mut width) = ([0.0; N], [0.0; N]);
    for _ in 0..SETS {
        for (place, interval) in intervals(&mut rng).into_iter().enumerate() {
            // Without an interval nothing is held.
            let (low, high) = interval.unwrap_or((f64::NAN, f64::NAN));
            held[place] += f64::from(u8::from(low <= truth && truth <= high)) / f64::from(SETS);
            width[place] += (high - low) / f64::from(SETS);
        }
    }
    (held, width)
}

/// Wilson's interval with the effective number of values as it is published: by the error alone.
fn published(estimate: &Estimate) -> Option<Interval> {
    let Some(error) = estimate.error.filter(|error| *error > 0.0) else {
        return wilson(estimate.value, estimate.clusters);
    };
    let effective = estimate.value * (1.0 - estimate.value) / error.powi(2);
    wilson(estimate.value, (effective.round() as usize).clamp(1, estimate.n))
}

pub fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

pub fn shares(shares: &[f64]) -> impl Iterator<Item = String> {
    shares.iter().map(|share| format!("{share:.3}"))
}

/// The page tells what these simulations give; its table is replaced by hand with that of the
/// message where it does not.
pub fn stands_in_the_page(table: &str) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/statistics.md");
    let page = std::fs::read_to_string(page).unwrap().replace("\r\n", "\n");
    assert!(page.contains(table), "docs/statistics.md lacks this table:\n{table}");
}

#[test]
fn clustered_rates_are_held_where_wilson_alone_is_too_sure() {
    let mut lines = Vec::new();
    for clusters in [10, 107] {
        for rate in [0.5, 0.1, 0.02] {
            lines.extend([0.0, 0.5].map(|correlation| (clusters, rate, correlation)));
        }
    }
    let found: Vec<([f64; 4], [f64; 4])> = lines
        .par_iter()
        .map(|(clusters, rate, correlation)| {
            coverage(*rate, |rng| {
                let values = simulated(rng, *clusters, *correlation, |rng| toss(rng, *rate));
                let estimate = clustered_mean(&values).unwrap();
                let naive = wilson(estimate.value, estimate.n);
                [naive, published(&estimate), estimate.student(), estimate.wilson()]
            })
        })
        .collect();
    let mut table = String::new();
    for ((clusters, rate, correlation), found) in lines.iter().zip(&found) {
        let (held, width) = found;
        let [naive, .., wilson] = held;
        assert!(*wilson > 0.93, "{clusters} {rate} {correlation}: {wilson}");
        assert!(*correlation < 0.3 || *naive < 0.91, "{clusters} {rate} {correlation}: {naive}");
        let head = [clusters.to_string(), rate.to_string(), correlation.to_string()];
        let times = format!("{:.2}", width[3] / width[1]);
        table += &row(&head.into_iter().chain(shares(held)).chain([times]).collect::<Vec<_>>());
    }
    stands_in_the_page(&table);
}

#[test]
fn clustered_means_are_held_where_student_alone_is_too_sure() {
    let lines = [(10, 0.0), (10, 0.5), (107, 0.0), (107, 0.5)];
    let found: Vec<([f64; 2], [f64; 2])> = lines
        .par_iter()
        .map(|(clusters, correlation)| {
            // The mean of the square of a uniform number.
            coverage(1.0 / 3.0, |rng| {
                let values = simulated(rng, *clusters, *correlation, |rng| uniform(rng).powi(2));
                let plain: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
                [student(&plain), clustered_mean(&values).unwrap().student()]
            })
        })
        .collect();
    let mut table = String::new();
    for ((clusters, correlation), ([naive, clustered], _)) in lines.iter().zip(&found) {
        assert!((0.91..0.97).contains(clustered), "{clusters} {correlation}: {clustered}");
        assert!(*correlation < 0.3 || *naive < 0.75, "{clusters} {correlation}: {naive}");
        let head = [clusters.to_string(), correlation.to_string()];
        table += &row(&head.into_iter().chain(shares(&[*naive, *clustered])).collect::<Vec<_>>());
    }
    stands_in_the_page(&table);
}

#[test]
fn rare_differences_are_held_where_students_interval_is_too_sure() {
    let mut lines = Vec::new();
    for clusters in [10, 107] {
        for rates in [(0.5, 0.4), (0.1, 0.05), (0.02, 0.01)] {
            lines.extend([0.0, 0.3].map(|correlation| (clusters, rates, correlation)));
        }
    }
    let found: Vec<([f64; 2], [f64; 2])> = lines
        .par_iter()
        .map(|(clusters, (first, second), correlation)| {
            coverage(first - second, |rng| {
                let differ = |rng: &mut ChaCha8Rng| toss(rng, *first) - toss(rng, *second);
                let estimate = clustered_mean(&simulated(rng, *clusters, *correlation, differ));
                let estimate = estimate.unwrap();
                [estimate.student(), estimate.paired()]
            })
        })
        .collect();
    let mut table = String::new();
    for ((clusters, (first, second), correlation), (held, _)) in lines.iter().zip(&found) {
        assert!(held[1] > 0.93, "{clusters} {first} {second} {correlation}: {held:?}");
        let head = [clusters.to_string(), first.to_string(), second.to_string()];
        let head = head.into_iter().chain([correlation.to_string()]);
        table += &row(&head.chain(shares(held)).collect::<Vec<_>>());
    }
    assert!(found.iter().any(|([student, _], _)| *student < 0.85), "{table}");
    stands_in_the_page(&table);
}

#[test]
fn youdens_j_is_held() {
    let lines = [(0.9, 0.8, 50), (0.98, 0.9, 50), (0.98, 0.98, 107), (0.5, 0.5, 107)];
    let mut table = String::new();
    for (sensitivity, specificity, n) in lines {
        let ([held], _) = coverage(sensitivity + specificity - 1.0, |rng| {
            let mut rate = |truth: f64| {
                let rate = (0..n).map(|_| toss(rng, truth)).sum::<f64>() / f64::from(n);
                (rate, wilson(rate, n as usize).unwrap())
            };
            [Some(mover::youden(rate(sensitivity), rate(specificity)).1)]
        });
        assert!((0.91..0.98).contains(&held), "{sensitivity} {specificity} {n}: {held}");
        let head = [sensitivity.to_string(), specificity.to_string(), n.to_string()];
        table += &row(&head.into_iter().chain(shares(&[held])).collect::<Vec<_>>());
    }
    stands_in_the_page(&table);
}
