//! Rates and shares.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{Interval, Z};

/// Wilson's score interval of a rate `p` over `n` values (Wilson 1927):
/// `(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`.
///
/// For values between 0 and 1 that are not only 0 and 1 it is too wide rather than too narrow,
/// since their variance is at most `p(1-p)`. It has no zero width at 0 or 1.
pub fn wilson(p: f64, n: usize) -> Option<Interval> {
    score_interval(p, n as f64, Z)
}

/// Interval of the largest of `k` shares of `n` answers, the largest being `p`: Wilson's with the
/// normal quantile of `1 - 0.05/2k`, which holds for all shares at once (Goodman 1965) and so for
/// the one that happens to be largest.
pub fn largest_share(p: f64, n: usize, k: usize) -> Option<Interval> {
    let z = Normal::standard().inverse_cdf(1.0 - 0.025 / k.max(1) as f64);
    score_interval(p, n as f64, z)
}

/// Wilson's interval with the normal quantile `z`; `n` need not be whole.
pub(super) fn score_interval(p: f64, n: f64, z: f64) -> Option<Interval> {
    if n <= 0.0 || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let z2 = z * z;
    let middle = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At p = 0 and p = 1 the ends are exactly 0 and 1; rounding must not leave them short.
    let low = if p == 0.0 { 0.0 } else { (middle - half) / scale };
    let high = if p == 1.0 { 1.0 } else { (middle + half) / scale };
    Some((low.max(0.0), high.min(1.0)))
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
    fn the_largest_of_shares_agrees_with_statsmodels() {
        // multinomial_proportions_confint([2, 1, 1], 0.05, "goodman")[0] uses chi2(0.05/k, 1):
        // proportion_confint(2, 4, alpha=0.05/3, method="wilson")
        close(largest_share(0.5, 4, 3), 0.116_285_1, 0.883_714_9);
        let (low, high) = wilson(0.5, 4).unwrap();
        close(largest_share(0.5, 4, 1), low, high);
    }
}
