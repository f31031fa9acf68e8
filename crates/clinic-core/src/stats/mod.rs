//! Statistics, without input or output. All intervals are two-sided, at 95 %, where nothing else
//! is said.
//!
//! Which number of a report is made by which function: `docs/statistics.md`. Every function is
//! held against scipy, statsmodels, krippendorff, scikit-learn or its formula in numpy by
//! `tests/stats/reference.py`.

pub mod agreement;
pub mod bootstrap;
pub mod cluster;
mod columns;
mod counts;
mod exchange;
mod jackknife;
mod moments;
pub mod mover;
pub mod paired;
pub mod power;
mod rate;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

pub use bootstrap::bootstrap;
pub use cluster::{Estimate, clustered_mean, macro_mean};
pub use counts::{binomial_at_least, evenly};
pub use exchange::exchange;
pub use jackknife::jackknife;
pub use moments::{mean, skewness, student};
pub use paired::{holm, mcnemar, paired_difference, sign_flip};
pub use rate::{largest_share, wilson};

/// Standard normal quantile of 0.975.
const Z: f64 = 1.959_963_984_540_054;

/// Lower and upper end.
pub type Interval = (f64, f64);

/// Standard normal quantile of a share between 0 and 1.
pub fn normal_quantile(share: f64) -> f64 {
    Normal::standard().inverse_cdf(share)
}

/// Student's quantile of 0.975; `None` without a degree of freedom.
fn student_quantile(freedom: usize) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom as f64).ok()?.inverse_cdf(0.975))
}
