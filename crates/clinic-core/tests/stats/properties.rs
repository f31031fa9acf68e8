//! What must hold for any numbers.

use std::fmt::Debug;

use clinic_core::stats::bootstrap::{self, Totals};
use clinic_core::stats::{
    self, Estimate, Interval, clustered_mean, holm, macro_mean, mcnemar, mover, power, sign_flip,
};
use proptest::prelude::*;

pub const ROUNDING: f64 = 1e-9;

pub fn holds(interval: Interval, value: f64, range: Interval) -> bool {
    let (low, high) = interval;
    range.0 - ROUNDING <= low
        && low <= value + ROUNDING
        && value <= high + ROUNDING
        && high <= range.1 + ROUNDING
}

pub fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= ROUNDING,
        (a, b) => a == b,
    }
}

/// 0s, 1s and what lies between, in up to a dozen clusters.
fn values() -> impl Strategy<Value = Vec<(usize, f64)>> {
    let value = prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0];
    prop::collection::vec((0_usize..12, value), 1..80)
}

/// The same in a pool of one and a pool of two threads.
pub fn with_threads<T: Send + PartialEq + Debug>(of: impl Fn() -> T + Sync) -> T {
    let [one, two] = [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(&of)
    });
    assert_eq!(one, two);
    one
}

proptest! {
    #[test]
    fn intervals_hold_the_estimate_and_stay_in_range(values in values()) {
        let found = clustered_mean(&values).unwrap();
        prop_assert!((0.0..=1.0).contains(&found.value));
        let wilson = found.wilson().unwrap();
        prop_assert!(holds(wilson, found.value, (0.0, 1.0)), "{found:?} {wilson:?}");
        prop_assert!(wilson.1 - wilson.0 > 1e-3, "{wilson:?}");
        // Never surer than if no value had another beside it.
        let naive = stats::wilson(found.value, found.n).unwrap();
        prop_assert!(wilson.0 <= naive.0 + ROUNDING && wilson.1 + ROUNDING >= naive.1);
        if let Some(student) = found.student() {
            prop_assert!(holds(student, found.value, (f64::MIN, f64::MAX)));
        }
    }

    #[test]
    fn neither_names_nor_order_of_clusters_matter(values in values()) {
        let mut other: Vec<(usize, f64)> =
            values.iter().map(|(cluster, x)| (1000 - 7 * cluster, *x)).collect();
        other.reverse();
        let (first, second) = (clustered_mean(&values).unwrap(), clustered_mean(&other).unwrap());
        prop_assert!(near(Some(first.value), Some(second.value)));
        prop_assert!(near(first.error, second.error));
        prop_assert_eq!((first.n, first.clusters), (second.n, second.clusters));
    }

    #[test]
    fn what_is_a_1_and_what_a_0_does_not_matter(values in values()) {
        let other: Vec<(usize, f64)> = values.iter().map(|(c, x)| (*c, 1.0 - x)).collect();
        let (first, second) = (clustered_mean(&values).unwrap(), clustered_mean(&other).unwrap());
        prop_assert!(near(first.error, second.error), "{first:?} {second:?}");
        let (a, b) = (first.wilson().unwrap(), second.wilson().unwrap());
        prop_assert!(near(Some(a.0), Some(1.0 - b.1)) && near(Some(a.1), Some(1.0 - b.0)));
    }

    #[test]
    fn one_group_is_the_clustered_mean(values in values()) {
        prop_assert_eq!(macro_mean(&[values.clone(), Vec::new()]), clustered_mean(&values));
    }

    #[test]
    fn single_0s_and_1s_have_the_ordinary_intervals(ones in 0_usize..60, zeros in 0_usize..60) {
        prop_assume!(ones + zeros > 1);
        let plain: Vec<f64> = std::iter::repeat_n(1.0, ones).chain(vec![0.0; zeros]).collect();
        let found = clustered_mean(&plain.iter().copied().enumerate().collect::<Vec<_>>()).unwrap();
        let same = |a: Option<Interval>, b: Option<Interval>| {
            near(a.map(|i| i.0), b.map(|i| i.0)) && near(a.map(|i| i.1), b.map(|i| i.1))
        };
        prop_assert!(same(found.wilson(), stats::wilson(found.value, found.n)));
        prop_assert!(same(found.student(), stats::student(&plain)));
    }

    #[test]
    fn copies_add_nothing(ones in 0_usize..30, zeros in 0_usize..30, copies in 2_usize..15) {
        prop_assume!(ones + zeros > 1);
        let all = (0..ones + zeros).flat_map(|i| vec![(i, f64::from(u8::from(i < ones))); copies]);
        let found = clustered_mean(&all.collect::<Vec<_>>()).unwrap();
        let plain = stats::wilson(found.value, ones + zeros).unwrap();
        let wilson = found.wilson().unwrap();
        prop_assert!(near(Some(wilson.0), Some(plain.0)) && near(Some(wilson.1), Some(plain.1)));
    }

    #[test]
    fn paired_tests_have_no_side(b in 0_usize..300, c in 0_usize..300, n in 600_usize..700) {
        prop_assert_eq!(mcnemar(b, c), mcnemar(c, b));
        prop_assert!(mcnemar(b, c) > 0.0 && mcnemar(b, c) <= 1.0);
        let (low, high) = stats::paired_difference(b, c, n).unwrap();
        prop_assert!(holds((low, high), (b as f64 - c as f64) / n as f64, (-1.0, 1.0)));
        let other = stats::paired_difference(c, b, n).unwrap();
        prop_assert!(near(Some(low), Some(-other.1)) && near(Some(high), Some(-other.0)));
    }

    #[test]
    fn flips_of_single_verdicts_are_mcnemar(b in 0_usize..9, c in 0_usize..8, none in 0_usize..9) {
        let sums = [vec![1.0; b], vec![0.0; none], vec![-1.0; c]].concat();
        prop_assert!(near(Some(sign_flip(&sums, 10, 1)), Some(mcnemar(b, c))));
    }

    #[test]
    fn rounding_breaks_no_ties(sums in prop::collection::vec(-3..4_i32, 0..10)) {
        let whole: Vec<f64> = sums.iter().map(|sum| f64::from(*sum)).collect();
        let tenths: Vec<f64> = whole.iter().map(|sum| sum * 0.1).collect();
        prop_assert_eq!(sign_flip(&whole, 1, 1), sign_flip(&tenths, 1, 1));
    }

    #[test]
    fn holm_keeps_the_order_and_lowers_nothing(p in prop::collection::vec(0.0..=1.0_f64, 0..30)) {
        let adjusted = holm(&p);
        prop_assert_eq!(adjusted.len(), p.len());
        for (i, first) in p.iter().enumerate() {
            prop_assert!(adjusted[i] >= *first && adjusted[i] <= 1.0);
            for (j, second) in p.iter().enumerate() {
                prop_assert!(first > second || adjusted[i] <= adjusted[j]);
            }
        }
    }

    #[test]
    fn what_is_needed_finds_it(sd in 0.01..2.0_f64, difference in 0.01..1.0_f64, p in 0.05..0.99_f64) {
        let n = power::needed(sd, difference, p).unwrap();
        prop_assert!(power::detectable(sd, n, p).unwrap() <= difference + ROUNDING);
    }

    #[test]
    fn two_rates_make_one_in_range(
        a in 0_usize..=30, b in 0_usize..=50, more in 0_usize..20,
    ) {
        let rate = |count: usize, n: usize| {
            let rate = count as f64 / n as f64;
            (rate, stats::wilson(rate, n).unwrap())
        };
        let (first, second) = (rate(a, 30 + more), rate(b, 50));
        let (accuracy, interval) = mover::balanced_accuracy(first, second);
        prop_assert!(holds(interval, accuracy, (0.0, 1.0)));
        let (youden, ends) = mover::youden(first, second);
        prop_assert!(holds(ends, youden, (-1.0, 1.0)));
        prop_assert!(near(Some(2.0 * interval.0 - 1.0), Some(ends.0)));
    }
}

proptest! {
    // All patterns of signs of 16 clusters take their time in a debug build.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_flip_is_a_probability_without_a_side(sums in prop::collection::vec(-3.0..4.0_f64, 0..40)) {
        let p = sign_flip(&sums, 200, 5);
        prop_assert!(p > 0.0 && p <= 1.0);
        let other: Vec<f64> = sums.iter().map(|sum| -sum).collect();
        prop_assert_eq!(p, sign_flip(&other, 200, 5));
    }
}

#[test]
fn few_replicates_are_no_floor_and_no_excuse() {
    // All of k signs alike: 2 of 2^k patterns are as extreme.
    for k in [20, 40, 60] {
        let exact = 2.0_f64.powi(1 - k);
        let p = sign_flip(&vec![1.0; k as usize], 999, 1);
        assert!(p >= exact, "{k}: {p} is surer than {exact}");
        assert!(p < 0.001, "{k}: {p}");
    }
    // 12 of 18 alike is nothing special, and no bound makes it so.
    let sums: Vec<f64> = (0..18).map(|i| if i < 12 { 1.0 } else { -1.0 }).collect();
    assert!(sign_flip(&sums, 999, 1) > 0.1);
}

#[test]
fn nothing_is_made_of_nothing() {
    assert_eq!(clustered_mean(&[]), None);
    assert_eq!(macro_mean(&[Vec::new()]), None);
    assert_eq!(clustered_mean(&[(0, 1.0), (1, f64::NAN)]), None);
    assert_eq!(sign_flip(&[0.0, 0.0], 100, 1), 1.0);
    assert_eq!(power::needed(0.0, 0.1, 0.8), None);
    assert_eq!(power::needed(0.5, 0.0, 0.8), None);
    assert_eq!(power::detectable(0.5, 0, 0.8), None);
    for power in [-1.0, 0.01, 1.0, f64::NAN] {
        assert_eq!(power::detectable(0.5, 10, power), None);
        assert_eq!(power::needed(0.5, 0.1, power), None);
    }
    assert_eq!(bootstrap::percentile([], 0.95), None);
}

#[test]
fn no_spread_says_nothing_about_the_error_of_a_mean_but_bounds_a_rate() {
    // 0.7 is no sum of powers of two: what is left of it by rounding is no spread.
    for value in [0.7, 1.0] {
        let values: Vec<(usize, f64)> = (0..300).map(|i| (i / 15, value)).collect();
        let found = clustered_mean(&values).unwrap();
        assert_eq!(found, Estimate { value, error: Some(0.0), n: 300, clusters: 20 });
        assert_eq!((found.student(), found.detectable(0.8)), (None, None));
        assert_eq!(found.wilson(), stats::wilson(value, 20));
    }
    // The clusters' means are equal.
    let values: Vec<(usize, f64)> = (0..40).flat_map(|c| [0.1, 0.2, 0.6].map(|x| (c, x))).collect();
    let found = clustered_mean(&values).unwrap();
    assert_eq!((found.error, found.wilson()), (Some(0.0), stats::wilson(found.value, 40)));
    let one = clustered_mean(&[(4, 1.0), (4, 0.0), (4, 0.0)]).unwrap();
    assert_eq!((one.error, one.student(), one.clusters), (None, None, 1));
    assert_eq!(one.wilson(), stats::wilson(1.0 / 3.0, 1));
}

#[test]
fn threads_do_not_matter() {
    let mut totals = Totals::new(7, 40);
    for i in 0..2_000_usize {
        totals.add(i % 7, i * i % 40, (i * i % 11) as f64);
    }
    let mean = |times: &[u32]| times.iter().enumerate().map(|(c, t)| c as u32 * t).sum::<u32>();
    let drawn = with_threads(|| bootstrap::clusters(40, 999, 3, mean));
    assert_eq!(drawn.len(), 999);
    assert_ne!(drawn, bootstrap::clusters(40, 999, 4, mean), "another seed");
    assert_eq!(drawn[..10], bootstrap::clusters(40, 10, 3, mean), "a replicate has its own stream");
    with_threads(|| {
        let bits = |(low, high): Interval| (low.to_bits(), high.to_bits());
        let intervals = bootstrap::means(&totals, 999, 3).intervals();
        intervals.into_iter().map(|interval| interval.map(bits)).collect::<Vec<_>>()
    });
    let sums: Vec<f64> = (0..60).map(|i| f64::from(i * i % 11) - 4.0).collect();
    with_threads(|| sign_flip(&sums, 999, 3).to_bits());
}

#[test]
fn columns_are_drawn_together_and_what_has_no_value_is_no_number() {
    let mut totals = Totals::new(3, 30);
    for cluster in 0..30 {
        totals.add(0, cluster, (cluster % 5) as f64);
        totals.add(1, cluster, (cluster % 5) as f64 + 2.0);
    }
    // In one cluster only: a third of the replicates have nothing there.
    totals.add(2, 9, 1.0);
    let means = bootstrap::means(&totals, 500, 1);
    let (low, high) = means.interval(|means| means[1] - means[0]).unwrap();
    assert!((low - 2.0).abs() < 1e-12 && (high - 2.0).abs() < 1e-12, "({low}, {high})");
    assert!(means.interval(|means| means[0]).is_some_and(|(low, high)| high - low > 0.5));
    assert_eq!(means.interval(|means| means[2]), None);
    assert_eq!(means.intervals()[2], None);
    assert!(bootstrap::means(&Totals::new(0, 5), 10, 1).intervals().is_empty());
}
