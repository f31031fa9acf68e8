//! Every function against scipy, statsmodels or its formula in numpy: `reference.json`, which
//! `reference.py` writes.

use clinic_core::metric::{self, Scored};
use clinic_core::score::{Outcome, Score};
use clinic_core::stats::bootstrap::{self, Totals};
use clinic_core::stats::{self, Interval, mover, paired, power};
use clinic_core::task::{Better, MetricKind, MetricSpec, Of};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Relative, and absolute below 1: what two good implementations of a quantile may differ.
const CLOSE: f64 = 1e-9;

pub fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let mut all: serde_json::Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    let cases: Vec<T> = serde_json::from_value(all[name].take()).unwrap();
    assert!(cases.len() > 1, "{name}");
    cases
}

pub fn close(found: f64, expected: f64) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= CLOSE * scale, "{found} instead of {expected}");
}

pub fn close_interval(found: Option<Interval>, expected: Interval) {
    let (low, high) = found.expect("an interval");
    close(low, expected.0);
    close(high, expected.1);
}

#[test]
fn wilson() {
    #[derive(Deserialize)]
    struct Case {
        count: usize,
        n: usize,
        interval: Interval,
    }
    for case in cases::<Case>("wilson") {
        close_interval(stats::wilson(case.count as f64 / case.n as f64, case.n), case.interval);
    }
}

#[test]
fn goodman() {
    #[derive(Deserialize)]
    struct Case {
        counts: Vec<usize>,
        interval: Interval,
    }
    for Case { counts, interval } in cases("goodman") {
        let n: usize = counts.iter().sum();
        close_interval(
            stats::largest_share(counts[0] as f64 / n as f64, n, counts.len()),
            interval,
        );
    }
}

#[test]
fn student() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        interval: Interval,
    }
    for case in cases::<Case>("student") {
        close_interval(stats::student(&case.values), case.interval);
    }
}

#[test]
fn skewness() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        skewness: f64,
    }
    for case in cases::<Case>("skewness") {
        close(stats::skewness(&case.values).unwrap(), case.skewness);
    }
}

#[test]
fn entropy() {
    #[derive(Deserialize)]
    struct Case {
        counts: Vec<usize>,
        entropy: f64,
    }
    let spec = MetricSpec {
        name: "m".to_owned(),
        kind: MetricKind::Entropy,
        of: Of::One("s".to_owned()),
        better: Better::Higher,
        category: None,
        range: None,
        means: String::new(),
    };
    for case in cases::<Case>("entropy") {
        let answers = case.counts.iter().enumerate().flat_map(|(answer, count)| {
            (0..*count).map(move |_| [Score::new("s", Outcome::Category(answer.to_string()))])
        });
        let scores: Vec<[Score; 1]> = answers.collect();
        let scored = |(cluster, scores)| Scored { cluster, scores };
        let samples: Vec<Scored<'_>> =
            scores.iter().map(|s| s.as_slice()).enumerate().map(scored).collect();
        close(metric::fold(&spec, &samples, 0)[0].estimate.unwrap(), case.entropy);
    }
}

#[test]
fn cluster() {
    #[derive(Deserialize)]
    struct Case {
        ids: Vec<usize>,
        values: Vec<f64>,
        value: f64,
        error: f64,
        student: Interval,
        wilson: Option<Interval>,
        detectable: f64,
    }
    for case in cases::<Case>("cluster") {
        let values: Vec<(usize, f64)> = case.ids.into_iter().zip(case.values).collect();
        let found = stats::clustered_mean(&values).unwrap();
        close(found.value, case.value);
        close(found.error.unwrap(), case.error);
        close_interval(found.student(), case.student);
        close(found.detectable(0.8).unwrap(), case.detectable);
        if let Some(wilson) = case.wilson {
            close_interval(found.wilson(), wilson);
        }
    }
}

#[test]
fn macro_mean() {
    #[derive(Deserialize)]
    struct Case {
        groups: Vec<Vec<(usize, f64)>>,
        value: f64,
        error: f64,
    }
    for case in cases::<Case>("macro_mean") {
        let found = stats::macro_mean(&case.groups).unwrap();
        close(found.value, case.value);
        close(found.error.unwrap(), case.error);
    }
}

#[test]
fn mcnemar() {
    #[derive(Deserialize)]
    struct Case {
        only_first: usize,
        only_second: usize,
        p: f64,
    }
    for case in cases::<Case>("mcnemar") {
        let found = stats::mcnemar(case.only_first, case.only_second);
        // Small ones count, too.
        assert!((found / case.p - 1.0).abs() < 1e-8, "{found}, {}", case.p);
    }
}

#[test]
fn agresti_min() {
    #[derive(Deserialize)]
    struct Case {
        only_first: usize,
        only_second: usize,
        n: usize,
        interval: Interval,
        sd: f64,
    }
    for Case { only_first, only_second, n, interval, sd } in cases("agresti_min") {
        close_interval(stats::paired_difference(only_first, only_second, n), interval);
        close(paired::paired_sd(only_first, only_second, n).unwrap(), sd);
    }
}

#[test]
fn sign_flip() {
    #[derive(Deserialize)]
    struct Case {
        sums: Vec<f64>,
        p: f64,
        exact: bool,
    }
    const REPLICATES: usize = 20_000;
    for case in cases::<Case>("sign_flip") {
        let found = stats::sign_flip(&case.sums, REPLICATES, 1);
        // Four standard errors of a share of so many.
        let error = (case.p * (1.0 - case.p) / REPLICATES as f64).sqrt();
        let most = if case.exact { 1e-12 } else { 4.0 * error + 1.0 / REPLICATES as f64 };
        assert!((found - case.p).abs() <= most, "{found} instead of {}", case.p);
    }
}

#[test]
fn holm() {
    #[derive(Deserialize)]
    struct Case {
        p: Vec<f64>,
        adjusted: Vec<f64>,
    }
    for case in cases::<Case>("holm") {
        let found = stats::holm(&case.p);
        found.iter().zip(case.adjusted).for_each(|(found, expected)| close(*found, expected));
    }
}

#[test]
fn power() {
    #[derive(Deserialize)]
    struct Case {
        sd: f64,
        difference: f64,
        power: f64,
        n: f64,
    }
    for Case { sd, difference, power, n } in cases("power") {
        let found = power::needed(sd, difference, power).unwrap();
        assert_eq!(found as f64, n.ceil());
        // So many find the difference, and one less would not.
        assert!(power::detectable(sd, found, power).unwrap() <= difference.abs());
        assert!(
            power::detectable(sd, found - 1, power).is_none_or(|least| least > difference.abs())
        );
    }
}

#[test]
fn weighted_sums() {
    #[derive(Deserialize)]
    struct Case {
        parts: Vec<(f64, f64, Interval)>,
        interval: Interval,
    }
    for case in cases::<Case>("mover") {
        close_interval(Some(mover::weighted_sum(&case.parts)), case.interval);
    }
}

#[test]
fn bootstraps() {
    #[derive(Deserialize)]
    struct Case {
        sums: Vec<f64>,
        counts: Vec<usize>,
        interval: Interval,
        error: f64,
    }
    for case in cases::<Case>("bootstrap") {
        let clusters = case.sums.len();
        let mut totals = Totals::new(1, clusters);
        for (cluster, (sum, count)) in case.sums.iter().zip(&case.counts).enumerate() {
            (0..*count).for_each(|_| totals.add(0, cluster, sum / *count as f64));
        }
        let mean = |times: &[u32]| {
            let drawn = |values: &dyn Fn(usize) -> f64| {
                times
                    .iter()
                    .enumerate()
                    .map(|(c, times)| f64::from(*times) * values(c))
                    .sum::<f64>()
            };
            Some(drawn(&|c| case.sums[c]) / drawn(&|c| case.counts[c] as f64))
        };
        let fast = bootstrap::means(&totals, 10_000, 3).intervals()[0].unwrap();
        let slow = bootstrap::percentile(bootstrap::clusters(clusters, 10_000, 3, mean), 0.95);
        close_interval(slow, fast);
        let sequential = stats::bootstrap(clusters, 10_000, 3, |rows| {
            let counts: usize = rows.iter().map(|row| case.counts[*row]).sum();
            Some(rows.iter().map(|row| case.sums[*row]).sum::<f64>() / counts as f64)
        });
        // The standard error of a normal quantile q of B values is sqrt(q (1-q) / B) / density;
        // four times that of the difference of two.
        let density = (-1.959_964_f64.powi(2) / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let most = 4.0 * (2.0 * 0.025 * 0.975 / 10_000.0_f64).sqrt() / density * case.error;
        for (low, high) in [fast, sequential.unwrap()] {
            assert!((low - case.interval.0).abs() < most, "{low} {:?}", case.interval);
            assert!((high - case.interval.1).abs() < most, "{high} {:?}", case.interval);
        }
    }
}
