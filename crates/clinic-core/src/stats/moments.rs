//! Mean, its interval, and skewness of values that are independent.

use super::{Interval, student_quantile};

/// Arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
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
    let t = student_quantile(values.len() - 1)?;
    Some((mean - t * error, mean + t * error))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<Interval>, low: f64, high: f64) {
        let (a, b) = found.expect("an interval");
        assert!((a - low).abs() < 1e-6 && (b - high).abs() < 1e-6, "({a}, {b})");
    }

    #[test]
    fn student_agrees_with_scipy() {
        // scipy.stats.t.interval(0.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4]))
        close(student(&[1.0, 2.0, 3.0, 4.0]), 0.445_739_7, 4.554_260_3);
        assert_eq!(student(&[1.0]), None);
        assert_eq!(student(&[0.3, 0.3, 0.3]), None);
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
}
