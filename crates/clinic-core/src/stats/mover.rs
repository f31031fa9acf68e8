//! Intervals of sums of independent estimates, from their own intervals.

use super::Interval;

/// Interval of `sum w_i e_i` of independent estimates by the method of variance estimates recovery
/// (Zou & Donner 2008): `L = sum - sqrt(sum (w_i (e_i - l_i))²)` and
/// `U = sum + sqrt(sum (w_i (u_i - e_i))²)`, with the ends changed over where a weight is negative.
///
/// `parts` are weight, estimate and interval of the estimate. The level is that of the intervals,
/// the unit that of weight times estimate. Nothing is clamped.
pub fn weighted_sum(parts: &[(f64, f64, Interval)]) -> Interval {
    let (mut sum, mut below, mut above) = (0.0, 0.0, 0.0);
    for (weight, estimate, (low, high)) in parts {
        let (down, up) = (weight * (estimate - low), weight * (high - estimate));
        let (down, up) = if *weight < 0.0 { (up, down) } else { (down, up) };
        sum += weight * estimate;
        below += down * down;
        above += up * up;
    }
    (sum - below.sqrt(), sum + above.sqrt())
}

/// Balanced accuracy `(sensitivity + specificity) / 2` of two independent rates, each with its
/// interval; its own interval by [`weighted_sum`]. 0 to 1; 0.5 is chance.
pub fn balanced_accuracy(
    sensitivity: (f64, Interval),
    specificity: (f64, Interval),
) -> (f64, Interval) {
    let interval =
        weighted_sum(&[(0.5, sensitivity.0, sensitivity.1), (0.5, specificity.0, specificity.1)]);
    ((sensitivity.0 + specificity.0) / 2.0, interval)
}

/// Youden's J `sensitivity + specificity - 1` (Youden 1950) of two independent rates, each with
/// its interval; its own interval by [`weighted_sum`]. -1 to 1; 0 is chance.
pub fn youden(sensitivity: (f64, Interval), specificity: (f64, Interval)) -> (f64, Interval) {
    let (low, high) =
        weighted_sum(&[(1.0, sensitivity.0, sensitivity.1), (1.0, specificity.0, specificity.1)]);
    (sensitivity.0 + specificity.0 - 1.0, (low - 1.0, high - 1.0))
}
