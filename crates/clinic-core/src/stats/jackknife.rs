//! The jackknife.

use super::{Interval, mean, student_quantile};

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
    let t = student_quantile(n - 1)?;
    Some((estimate - t * error, estimate + t * error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student;

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
}
