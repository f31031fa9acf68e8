//! Power: what a number of values can show, in a two-sided test at 5 %.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Z;

/// How many independent values (pairs, where `sd` is that of the pairs' differences) it takes to
/// find a true difference: `n = (z(0.975) + z(power))² sd² / difference²`, rounded up (Cohen 1988,
/// ch. 2; the chance of a finding in the wrong direction is left out).
///
/// `sd` and `difference` are in the unit of the values. `None` where one of them is 0 or not
/// finite, and for a power that is not above 0.025 and below 1.
pub fn needed(sd: f64, difference: f64, power: f64) -> Option<usize> {
    let n = (quantiles(power)? * sd / difference).powi(2).ceil();
    (sd != 0.0 && n.is_finite()).then_some(n as usize)
}

/// Smallest true difference that `n` independent values (or pairs) would show, in the unit of
/// `sd`: `(z(0.975) + z(power)) sd / sqrt(n)`, the other way round of [`needed`].
///
/// `None` where `sd` is 0 or not finite, of no values, and for a power that is not above 0.025 and
/// below 1.
pub fn detectable(sd: f64, n: usize, power: f64) -> Option<f64> {
    let difference = quantiles(power)? * sd / (n as f64).sqrt();
    (sd > 0.0 && difference.is_finite()).then_some(difference)
}

fn quantiles(power: f64) -> Option<f64> {
    (power > 0.025 && power < 1.0).then(|| Z + Normal::standard().inverse_cdf(power))
}
