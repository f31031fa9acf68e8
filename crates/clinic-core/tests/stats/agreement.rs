//! Agreement of raters: against krippendorff, scikit-learn, statsmodels and scipy, by its
//! properties, and in simulations.

use clinic_core::stats::agreement::{
    Agreement, Measure, Scale, Unit, Weights, alpha, cohen, estimate, fleiss,
};
use clinic_core::stats::{Interval, bootstrap};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Deserialize;

use super::coverage::{SETS, row, shares, stands_in_the_page, uniform};
use super::properties::{ROUNDING, near, with_threads};
use super::reference::{cases, close, close_interval};

const SCALES: [Scale; 3] = [Scale::Nominal, Scale::Ordinal, Scale::Interval];
const WEIGHTS: [Weights; 3] = [Weights::None, Weights::Linear, Weights::Quadratic];

#[test]
fn alpha_is_that_of_krippendorff() {
    #[derive(Deserialize)]
    struct Case {
        units: Vec<Unit>,
        nominal: f64,
        ordinal: f64,
        interval: f64,
    }
    for case in cases::<Case>("alpha") {
        for (scale, expected) in SCALES.into_iter().zip([case.nominal, case.ordinal, case.interval])
        {
            close(alpha(&case.units, scale).unwrap(), expected);
        }
    }
}

#[test]
fn cohens_kappa_is_that_of_scikit_learn() {
    #[derive(Deserialize)]
    struct Case {
        pairs: Vec<(u8, u8)>,
        none: f64,
        linear: f64,
        quadratic: f64,
    }
    for case in cases::<Case>("cohen") {
        for (weights, expected) in WEIGHTS.into_iter().zip([case.none, case.linear, case.quadratic])
        {
            close(cohen(&case.pairs, weights).unwrap(), expected);
        }
    }
}

#[test]
fn fleiss_kappa_is_that_of_statsmodels() {
    #[derive(Deserialize)]
    struct Case {
        units: Vec<Unit>,
        kappa: f64,
    }
    for case in cases::<Case>("fleiss") {
        close(fleiss(&case.units).unwrap(), case.kappa);
    }
}

#[test]
fn corrected_intervals_are_those_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        value: f64,
        replicates: Vec<Option<f64>>,
        without: Vec<f64>,
        interval: Interval,
    }
    for case in cases::<Case>("bca") {
        let found = bootstrap::bca(&case.replicates, case.value, &case.without);
        close_interval(found, case.interval);
        assert_eq!(bootstrap::bca(&case.replicates, f64::MAX, &case.without), None);
        assert_eq!(bootstrap::bca(&case.replicates, case.value, &[case.value; 9]), None);
        let holes = vec![None; case.replicates.len() / 18];
        let replicates = [case.replicates, holes].concat();
        assert_eq!(bootstrap::bca(&replicates, case.value, &case.without), None);
    }
    assert_eq!(bootstrap::bca(&[], 1.0, &[0.0, 1.0]), None);
    assert_eq!(bootstrap::bca(&[None, None], 1.0, &[0.0, 1.0]), None);
}

#[test]
fn estimates_are_those_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        units: Vec<Unit>,
        clusters: Vec<usize>,
        value: f64,
        interval: Interval,
        error: f64,
    }
    for case in cases::<Case>("agreement") {
        let found = estimate(&case.units, &case.clusters, 5, Measure::Alpha(Scale::Ordinal));
        let found = found.unwrap();
        close(found.value, case.value);
        // Variances of a normal quantile and of the bias of B replicates, times B: see `bootstraps`.
        let density = (-1.959_964_f64.powi(2) / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let variance = 0.025 * 0.975 / density.powi(2) + 4.0 * std::f64::consts::TAU / 4.0;
        let most = 4.0 * (variance * (1.0 / 2_000.0 + 1.0 / 10_000.0)).sqrt() * case.error;
        let (low, high) = found.interval.unwrap();
        assert!((low - case.interval.0).abs() < most, "{low} {:?} ± {most}", case.interval);
        assert!((high - case.interval.1).abs() < most, "{high} {:?} ± {most}", case.interval);
    }
}

/// Up to 30 units of 2 to 5 raters, who may have left out some.
fn units() -> impl Strategy<Value = Vec<Unit>> {
    (2_usize..6).prop_flat_map(|raters| {
        let rating = prop_oneof![1 => Just(None), 4 => (1_u8..6).prop_map(Some)];
        prop::collection::vec(prop::collection::vec(rating, raters), 0..30)
    })
}

/// What the raters at two places gave, of the units that both rated.
fn pairs(units: &[Unit], first: usize, second: usize) -> Vec<(u8, u8)> {
    let of = |unit: &Unit, rater: usize| unit.get(rater).copied().flatten();
    units.iter().filter_map(|unit| of(unit, first).zip(of(unit, second))).collect()
}

fn turned<T: Clone>(values: &[T], by: usize) -> Vec<T> {
    let mut turned = values.to_vec();
    turned.rotate_left(by % values.len().max(1));
    turned
}

proptest! {
    #[test]
    fn neither_order_of_units_nor_of_raters_matters(units in units(), by in 0_usize..40) {
        let other: Vec<Unit> = turned(&units, by).iter().map(|unit| turned(unit, by)).collect();
        for scale in SCALES {
            prop_assert!(near(alpha(&units, scale), alpha(&other, scale)));
        }
        prop_assert!(near(fleiss(&units), fleiss(&other)));
        let (all, swapped) = (pairs(&units, 0, 1), pairs(&turned(&units, by), 1, 0));
        for weights in WEIGHTS {
            prop_assert!(near(cohen(&all, weights), cohen(&swapped, weights)));
        }
    }

    #[test]
    fn agreement_is_at_most_1_and_units_with_one_rating_add_nothing(
        units in units(), rating in 1_u8..6,
    ) {
        let mut more = units.clone();
        more.extend([vec![Some(rating), None], vec![None, None], Vec::new()]);
        for scale in SCALES {
            let found = alpha(&units, scale);
            prop_assert!(found.is_none_or(|found| found <= 1.0));
            prop_assert_eq!(found, alpha(&more, scale));
        }
        prop_assert!(fleiss(&units).is_none_or(|found| found <= 1.0));
        for weights in WEIGHTS {
            prop_assert!(cohen(&pairs(&units, 0, 1), weights).is_none_or(|found| found <= 1.0));
        }
    }

    #[test]
    fn raters_who_never_differ_agree_wholly_unless_nothing_varies(
        own in prop::collection::vec(1_u8..6, 1..30), raters in 2_usize..5,
    ) {
        let units: Vec<Unit> = own.iter().map(|own| vec![Some(*own); raters]).collect();
        let varies = own.iter().any(|other| *other != own[0]);
        let expected = varies.then_some(1.0);
        for scale in SCALES {
            prop_assert_eq!(alpha(&units, scale), expected);
        }
        prop_assert_eq!(fleiss(&units), expected);
        for weights in WEIGHTS {
            prop_assert_eq!(cohen(&pairs(&units, 0, 1), weights), expected);
        }
    }

    #[test]
    fn two_values_leave_nothing_to_weigh(units in units()) {
        let two: Vec<Unit> =
            units.iter().map(|unit| unit.iter().map(|r| r.map(|r| 3 + r % 2)).collect()).collect();
        let nominal = alpha(&two, Scale::Nominal);
        prop_assert!(near(alpha(&two, Scale::Ordinal), nominal));
        prop_assert!(near(alpha(&two, Scale::Interval), nominal));
        let pairs = pairs(&two, 0, 1);
        prop_assert!(near(cohen(&pairs, Weights::Linear), cohen(&pairs, Weights::None)));
        prop_assert!(near(cohen(&pairs, Weights::Quadratic), cohen(&pairs, Weights::None)));
    }

    #[test]
    fn alpha_is_fleiss_kappa_but_for_small_samples(units in units()) {
        // Krippendorff 2011: 1 - alpha = (1 - kappa) (n-1)/n of n ratings, where none is missing.
        let whole: Vec<Unit> =
            units.into_iter().filter(|unit| unit.iter().all(Option::is_some)).collect();
        let n = whole.iter().map(Vec::len).sum::<usize>() as f64;
        let expected = fleiss(&whole).map(|kappa| 1.0 - (1.0 - kappa) * (n - 1.0) / n);
        prop_assert!(near(alpha(&whole, Scale::Nominal), expected));
    }
}

#[test]
fn what_is_undefined_is_none() {
    let none: [Unit; 0] = [];
    let once = [vec![Some(1), None], vec![None, Some(2)]];
    let uneven = [vec![Some(1), Some(2)], vec![Some(1), Some(2), Some(1)]];
    for scale in SCALES {
        assert_eq!((alpha(&none, scale), alpha(&once, scale)), (None, None));
    }
    assert_eq!((fleiss(&none), fleiss(&once), fleiss(&uneven)), (None, None, None));
    assert_eq!(pairs(&once, 0, 1), []);
    for weights in WEIGHTS {
        assert_eq!(cohen(&[], weights), None);
        assert_eq!(cohen(&[(3, 3), (3, 3)], weights), None);
    }
    // One rater varies: there is a chance, and it is met exactly.
    assert_eq!(cohen(&[(3, 3), (3, 4)], Weights::None), Some(0.0));
    assert_eq!(estimate(&once, &[0, 1], 1, Measure::Alpha(Scale::Nominal)), None);
}

/// 40 units of three raters, of whom the third errs at times.
fn forty() -> Vec<Unit> {
    let rating = |i: usize| 1 + (i * i % 5) as u8;
    (0..40).map(|i| vec![Some(rating(i)), Some(rating(i)), Some(rating(i * (1 + i % 3)))]).collect()
}

#[test]
fn an_estimate_counts_what_it_rests_on() {
    let mut units = forty();
    let plain: Vec<usize> = (0..40).collect();
    let of = Measure::Alpha(Scale::Ordinal);
    let found = estimate(&units, &plain, 1, of).unwrap();
    assert_eq!((found.units, found.ratings), (40, 120));
    let (low, high) = found.interval.unwrap();
    assert!(low < found.value && found.value < high && high < 1.0, "{found:?}");
    // Units that do not count make no cluster either.
    units.extend(vec![vec![Some(1), None, None]; 50]);
    let clusters: Vec<usize> = (0..90).map(|i| 7 * i).collect();
    assert_eq!(estimate(&units, &clusters, 1, of), Some(found));
    units[0][0] = None;
    let found = estimate(&units, &clusters, 1, of).unwrap();
    assert_eq!((found.units, found.ratings), (40, 119));
}

#[test]
fn an_interval_needs_clusters_that_differ() {
    let units = forty();
    let of = Measure::Alpha(Scale::Ordinal);
    let value = alpha(&units, Scale::Ordinal).unwrap();
    let without = Agreement { value, interval: None, units: 40, ratings: 120 };
    let few: Vec<usize> = (0..40).map(|i| i % 19).collect();
    assert_eq!(estimate(&units, &few, 1, of), Some(without));
    let alike: Vec<Unit> = (0..40).map(|i| vec![Some(i % 5); 2]).collect();
    let plain: Vec<usize> = (0..40).collect();
    let found = estimate(&alike, &plain, 1, of).unwrap();
    assert_eq!((found.value, found.interval), (1.0, None));
    // Where one unit alone varies, most replicates may lack it.
    let mut one: Vec<Unit> = vec![vec![Some(1); 2]; 40];
    one[0] = vec![Some(1), Some(2)];
    assert_eq!(estimate(&one, &plain, 1, of).unwrap().interval, None);
}

#[test]
fn threads_do_not_matter() {
    let units = forty();
    let clusters: Vec<usize> = (0..40).map(|i| i / 2).collect();
    let of = Measure::Alpha(Scale::Interval);
    let found = with_threads(|| estimate(&units, &clusters, 3, of));
    assert!(found.is_some_and(|found| found.interval.is_some()));
    assert_ne!(found, estimate(&units, &clusters, 4, of), "another seed");
}

#[test]
fn a_wholly_wrong_rater_is_worse_than_chance() {
    let found = cohen(&[(1, 5), (5, 1), (1, 5), (5, 1)], Weights::Quadratic).unwrap();
    assert!((found + 1.0).abs() < ROUNDING);
}

/// Three raters of three units in each cluster. A cluster is easy with the chance `truth`: its
/// raters agree wholly, and on the others they choose among five by chance. Alpha is the chance.
fn rated(rng: &mut ChaCha8Rng, clusters: usize, truth: f64) -> Vec<Unit> {
    let mut units = Vec::new();
    for _ in 0..clusters {
        let easy = uniform(rng) < truth;
        for _ in 0..3 {
            let mut draw = || Some(1 + (5.0 * uniform(rng)) as u8);
            let own = draw();
            units.push((0..3).map(|_| if easy { own } else { draw() }).collect());
        }
    }
    units
}

#[test]
#[ignore = "minutes in a debug build: cargo test --release -p clinic-core --test stats -- --ignored"]
fn alpha_is_held_over_clusters_where_single_units_are_too_sure() {
    let mut table = String::new();
    for (clusters, truth) in [(20, 0.6), (50, 0.6), (107, 0.6), (20, 0.9), (50, 0.9), (107, 0.9)] {
        let single: Vec<usize> = (0..3 * clusters).collect();
        let of: Vec<usize> = single.iter().map(|unit| unit / 3).collect();
        let set = |set: u32| {
            let units = rated(&mut ChaCha8Rng::seed_from_u64(u64::from(set)), clusters, truth);
            let nominal = Measure::Alpha(Scale::Nominal);
            let interval = |clusters: &[usize]| estimate(&units, clusters, 1, nominal)?.interval;
            let holds = |interval: Interval| interval.0 <= truth && truth <= interval.1;
            let found = interval(&of);
            [interval(&single).is_some_and(holds), found.is_some_and(holds), found.is_none()]
        };
        let sets: Vec<[bool; 3]> = (0..SETS).into_par_iter().map(set).collect();
        let share =
            |column: usize| sets.iter().filter(|set| set[column]).count() as f64 / f64::from(SETS);
        let [naive, held, none] = [0, 1, 2].map(share);
        assert!(naive < 0.85 && held + none > 0.93, "{clusters} {truth}: {naive} {held} {none}");
        let head = [clusters.to_string(), truth.to_string()].into_iter();
        table += &row(&head.chain(shares(&[naive, held, none])).collect::<Vec<_>>());
    }
    stands_in_the_page(&table);
}
