//! Counts of things that chance alone would spread evenly.

use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF};
use statrs::function::factorial::ln_factorial;

/// Ways to spread things over places that are all looked at.
const ENUMERATED: f64 = 200_000.0;

/// Exact one-sided binomial p-value: `P(X >= successes)` of `n` tries at `rate` each.
///
/// 1 where the rate is no probability, so that nothing is ever told by mistake.
pub fn binomial_at_least(successes: usize, n: usize, rate: f64) -> f64 {
    match (successes.checked_sub(1), Binomial::new(rate, n as u64)) {
        (Some(below), Ok(binomial)) => binomial.sf(below as u64).clamp(0.0, 1.0),
        _ => 1.0,
    }
}

/// p-value of counts against equal chances of all places, by Pearson's statistic `sum (o-e)²/e`:
/// the exact multinomial probability of all counts at least as uneven (Cressie & Read 1989) where
/// there are few enough to add up, else that of the chi-square distribution with `places - 1`
/// degrees of freedom (Pearson 1900). 1 below two places or without a count.
pub fn evenly(counts: &[usize]) -> f64 {
    let (places, n) = (counts.len(), counts.iter().sum::<usize>());
    if places < 2 || n == 0 {
        return 1.0;
    }
    // With equal chances, Pearson's statistic grows with the sum of squares and with nothing else.
    let squares: usize = counts.iter().map(|count| count * count).sum();
    let ways = ln_factorial((n + places - 1) as u64)
        - ln_factorial(n as u64)
        - ln_factorial((places - 1) as u64);
    if ways <= ENUMERATED.ln() {
        let all = ln_factorial(n as u64) - n as f64 * (places as f64).ln();
        return spread(n, places, 0, all, squares).min(1.0);
    }
    let expected = n as f64 / places as f64;
    let statistic = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    ChiSquared::new((places - 1) as f64).map_or(1.0, |chi| chi.sf(statistic))
}

/// Probability of all ways to spread `left` over `places` whose squares come to `least` or more;
/// `log` is the logarithm of what is multiplied so far.
fn spread(left: usize, places: usize, squares: usize, log: f64, least: usize) -> f64 {
    if places == 1 {
        let enough = squares + left * left >= least;
        return if enough { (log - ln_factorial(left as u64)).exp() } else { 0.0 };
    }
    (0..=left)
        .map(|here| {
            let log = log - ln_factorial(here as u64);
            spread(left - here, places - 1, squares + here * here, log, least)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn the_binomial_tail_agrees_with_scipy() {
        // scipy.stats.binom.sf(k - 1, n, 0.25)
        close(binomial_at_least(10, 20, 0.25), 0.013_864_416_943_761_17);
        close(binomial_at_least(20, 20, 0.25), 9.094_947_017_729_282e-13);
        assert_eq!(binomial_at_least(0, 20, 0.25), 1.0);
        assert_eq!(binomial_at_least(3, 20, f64::NAN), 1.0);
    }

    #[test]
    fn uneven_counts_agree_with_whole_numbers_in_python() {
        // sum of n!/(a! b! c! d!) over all a + b + c + d = n with as large a sum of squares, over 4^n
        close(evenly(&[5, 5, 5, 5]), 1.0);
        close(evenly(&[10, 4, 3, 3]), 0.088_263_735_480_722_97);
        close(evenly(&[0, 8, 0, 0]), 6.103_515_625e-5);
        close(evenly(&[2, 30, 3, 5]), 1.239_199_755_606_867e-10);
        assert_eq!(evenly(&[0, 0, 0, 0]), 1.0);
        assert_eq!(evenly(&[9]), 1.0);
    }

    #[test]
    fn many_counts_agree_with_scipy() {
        // scipy.stats.chisquare(counts).pvalue
        close(evenly(&[70, 55, 45, 30]), 0.000_706_742_392_337_028_2);
        close(evenly(&[300, 250, 240, 210]), 0.000_776_928_949_059_408_9);
    }
}
