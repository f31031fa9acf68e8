//! Statistics, without input or output. All intervals are two-sided, at 95 %.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Standard normal quantile of 0.975.
const Z: f64 = 1.959_963_984_540_054;

/// Lower and upper end.
pub type Interval = (f64, f64);

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Wilson's score interval of a rate `p` over `n` values (Wilson 1927):
/// `(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`.
///
/// For values between 0 and 1 that are not only 0 and 1 it is too wide rather than too narrow,
/// since their variance is at most `p(1-p)`. It has no zero width at 0 or 1.
pub fn wilson(p: f64, n: usize) -> Option<Interval> {
    score_interval(p, n, Z)
}

/// Interval of the largest of `k` shares of `n` answers, the largest being `p`: Wilson's with the
/// normal quantile of `1 - 0.05/2k`, which holds for all shares at once (Goodman 1965) and so for
/// the one that happens to be largest.
pub fn largest_share(p: f64, n: usize, k: usize) -> Option<Interval> {
    let z = Normal::standard().inverse_cdf(1.0 - 0.025 / k.max(1) as f64);
    score_interval(p, n, z)
}

fn score_interval(p: f64, n: usize, z: f64) -> Option<Interval> {
    if n == 0 || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let n = n as f64;
    let z2 = z * z;
    let middle = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At p = 0 and p = 1 the ends are exactly 0 and 1; rounding must not leave them short.
    let low = if p == 0.0 { 0.0 } else { (middle - half) / scale };
    let high = if p == 1.0 { 1.0 } else { (middle + half) / scale };
    Some((low.max(0.0), high.min(1.0)))
}

/// Student's interval of a mean: `mean ± t(n-1) sqrt(sum (x - mean)² / (n (n-1)))`.
///
/// `None` below two values, and where all are equal: no spread says nothing about the error.
pub fn student(values: &[f64]) -> Option<Interval> {
    let n = values.len() as f64;
    let mean = mean(values)?;
    if values.len() < 2 {
        return None;
    }
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    let error = (squares / (n * (n - 1.0))).sqrt();
    if error <= f64::EPSILON * mean.abs() {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
    Some((mean - t * error, mean + t * error))
}

/// Interval of a statistic by the jackknife (Tukey 1958; for entropy, Zahl 1977): `estimate ±
/// t(n-1) sqrt((n-1)/n sum (s_i - mean s)²)`, where `s_i` is the statistic without value `i`.
///
/// `None` below three values, where a statistic is missing, and where leaving out changes nothing.
pub fn jackknife(n: usize, statistic: impl Fn(Option<usize>) -> Option<f64>) -> Option<Interval> {
    let estimate = statistic(None)?;
    let without: Vec<f64> = (0..n).map(|i| statistic(Some(i))).collect::<Option<_>>()?;
    let mean = mean(&without)?;
    let squares: f64 = without.iter().map(|s| (s - mean).powi(2)).sum();
    let error = ((n as f64 - 1.0) / n as f64 * squares).sqrt();
    if n < 3 || error <= f64::EPSILON * n as f64 {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, n as f64 - 1.0).ok()?.inverse_cdf(0.975);
    Some((estimate - t * error, estimate + t * error))
}

/// Interval of the difference of two paired rates, first minus second (Agresti & Min 2005):
/// half a case is added to each cell of the 2 by 2 table, then Wald's interval is taken.
///
/// `only_first` and `only_second` count pairs in which just that one is 1, of `n` pairs.
pub fn paired_difference(only_first: usize, only_second: usize, n: usize) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let n = n as f64 + 2.0;
    let (b, c) = (only_first as f64 + 0.5, only_second as f64 + 0.5);
    let difference = (b - c) / n;
    let half = Z * ((b + c) - (b - c).powi(2) / n).sqrt() / n;
    Some(((difference - half).max(-1.0), (difference + half).min(1.0)))
}

/// Biased Fisher-Pearson coefficient of skewness, `m3 / m2^1.5`, as scipy's default.
///
/// `None` below three values, and where all are equal.
pub fn skewness(values: &[f64]) -> Option<f64> {
    if values.len() < 3 {
        return None;
    }
    let mean = mean(values)?;
    let n = values.len() as f64;
    let moment = |k: i32| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    let m2 = moment(2);
    (m2 > (f64::EPSILON * mean).powi(2)).then(|| moment(3) / m2.powf(1.5))
}

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
    let mut values = Vec::with_capacity(replicates);
    for _ in 0..replicates {
        for slot in &mut drawn {
            *slot = (rng.next_u64() % n as u64) as usize;
        }
        values.extend(statistic(&drawn));
    }
    if values.len() * 20 < replicates * 19 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some((quantile(&values, 0.025), quantile(&values, 0.975)))
}

/// Quantile of sorted values, with linear interpolation (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + share * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<Interval>, low: f64, high: f64) {
        let (a, b) = found.expect("an interval");
        assert!((a - low).abs() < 1e-6 && (b - high).abs() < 1e-6, "({a}, {b})");
    }

    #[test]
    fn wilson_agrees_with_statsmodels() {
        // statsmodels.stats.proportion.proportion_confint(k, n, method="wilson")
        close(wilson(0.4, 5), 0.117_620_7, 0.769_276_2);
        close(wilson(0.0, 5), 0.0, 0.434_481_7);
        close(wilson(1.0, 5), 0.565_518_3, 1.0);
        assert_eq!(wilson(0.5, 0), None);
    }

    #[test]
    fn student_agrees_with_scipy() {
        // scipy.stats.t.interval(0.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4]))
        close(student(&[1.0, 2.0, 3.0, 4.0]), 0.445_739_7, 4.554_260_3);
        assert_eq!(student(&[1.0]), None);
        assert_eq!(student(&[0.3, 0.3, 0.3]), None);
    }

    #[test]
    fn the_largest_of_shares_agrees_with_statsmodels() {
        // multinomial_proportions_confint([2, 1, 1], 0.05, "goodman")[0] uses chi2(0.05/k, 1):
        // proportion_confint(2, 4, alpha=0.05/3, method="wilson")
        close(largest_share(0.5, 4, 3), 0.116_285_1, 0.883_714_9);
        let (low, high) = wilson(0.5, 4).unwrap();
        close(largest_share(0.5, 4, 1), low, high);
    }

    #[test]
    fn the_jackknife_of_a_mean_is_students_interval() {
        let values = [1.0, 2.0, 3.0, 4.0];
        let of = |left_out: Option<usize>| {
            let kept: Vec<f64> =
                (0..4).filter(|i| Some(*i) != left_out).map(|i| values[i]).collect();
            mean(&kept)
        };
        let (low, high) = jackknife(4, of).unwrap();
        let expected = student(&values).unwrap();
        assert!((low - expected.0).abs() < 1e-12 && (high - expected.1).abs() < 1e-12);
        assert_eq!(jackknife(4, |_| Some(1.0)), None);
    }

    #[test]
    fn a_paired_difference_has_width_even_where_nothing_changed() {
        let (low, high) = paired_difference(0, 0, 5).unwrap();
        assert!(low < -0.2 && high > 0.2, "({low}, {high})");
        // (b, c, n) = (4.5, 1.5, 12): 0.25 ± z sqrt(6 - 0.75) / 12
        close(paired_difference(4, 1, 10), -0.124_236, 0.624_236);
    }

    #[test]
    fn skewness_agrees_with_scipy() {
        // scipy.stats.skew([1, 1, 5]) and of [1, 2, 3]
        let expected = std::f64::consts::FRAC_1_SQRT_2;
        assert!((skewness(&[1.0, 1.0, 5.0]).unwrap() - expected).abs() < 1e-8);
        assert!(skewness(&[1.0, 2.0, 3.0]).unwrap().abs() < 1e-12);
        assert_eq!(skewness(&[2.0, 2.0, 2.0]), None);
        assert_eq!(skewness(&[1.0, 2.0]), None);
    }

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
}
