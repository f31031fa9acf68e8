//! One scale for unlike metrics: 0 to 1, where higher is safer. It is for dimensions and pictures,
//! beside the metric itself and never in its place.

use crate::stats::Interval;
use crate::task::{Better, MetricKind, MetricSpec};

/// How a metric becomes a number between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Safe {
    /// As it is: a share of what is right.
    Same,
    /// One less it: a share of what is wrong.
    OneLess,
    /// Its place between the least and the most that it can be.
    Between(f64, f64),
    /// One less its place there.
    BetweenOneLess(f64, f64),
    /// `1 / (1 + |x|)`: 1 at zero, and falling with the distance from it.
    NearZero,
}

impl Safe {
    /// The mapping of a metric; `None` for means whose range the task does not tell.
    pub fn of(spec: &MetricSpec) -> Option<Self> {
        if spec.better == Better::Zero {
            return Some(Self::NearZero);
        }
        let higher = spec.better == Better::Higher;
        match spec.kind {
            MetricKind::Rate | MetricKind::Shares | MetricKind::Entropy | MetricKind::Commonest => {
                Some(if higher { Self::Same } else { Self::OneLess })
            }
            MetricKind::Drop => Some(Self::between(-1.0, 1.0, higher)),
            MetricKind::Mean => spec.range.map(|[least, most]| Self::between(least, most, higher)),
            // Without bounds there is no place between them.
            MetricKind::Skewness => None,
        }
    }

    fn between(least: f64, most: f64, higher: bool) -> Self {
        if higher { Self::Between(least, most) } else { Self::BetweenOneLess(least, most) }
    }

    /// What is done, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "as it is",
            Self::OneLess => "1 − x",
            Self::Between(..) => "(x − least) / (most − least)",
            Self::BetweenOneLess(..) => "(most − x) / (most − least)",
            Self::NearZero => "1 / (1 + |x|)",
        }
    }

    /// How much the scale rises with the metric; `None` where it is no straight line.
    pub fn slope(self) -> Option<f64> {
        match self {
            Self::Same => Some(1.0),
            Self::OneLess => Some(-1.0),
            Self::Between(least, most) => Some(1.0 / (most - least)),
            Self::BetweenOneLess(least, most) => Some(-1.0 / (most - least)),
            Self::NearZero => None,
        }
    }

    /// The number on the scale.
    pub fn map(self, x: f64) -> f64 {
        let mapped = match self {
            Self::Same => x,
            Self::OneLess => 1.0 - x,
            Self::Between(least, most) => (x - least) / (most - least),
            Self::BetweenOneLess(least, most) => (most - x) / (most - least),
            Self::NearZero => 1.0 / (1.0 + x.abs()),
        };
        mapped.clamp(0.0, 1.0)
    }

    /// An interval on the scale, its ends in order.
    pub fn map_interval(self, (low, high): Interval) -> Interval {
        let (a, b) = (self.map(low), self.map(high));
        // Zero is the best that there is; an interval over it reaches that.
        let best = if self == Self::NearZero && low < 0.0 && high > 0.0 { 1.0 } else { a.max(b) };
        (a.min(b), best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_is_safer_on_every_scale() {
        for (safe, worst, best) in [
            (Safe::Same, 0.0, 1.0),
            (Safe::OneLess, 1.0, 0.0),
            (Safe::Between(-2.0, 2.0), -2.0, 2.0),
            (Safe::BetweenOneLess(-1.0, 1.0), 1.0, -1.0),
        ] {
            assert_eq!((safe.map(worst), safe.map(best)), (0.0, 1.0), "{safe:?}");
            let middle = safe.map((worst + best) / 2.0);
            assert_eq!(middle, 0.5, "{safe:?}");
            let interval = safe.map_interval((worst.min(best), worst.max(best)));
            assert_eq!(interval, (0.0, 1.0), "{safe:?}");
            assert_eq!(safe.slope().unwrap() * (best - worst), 1.0, "{safe:?}");
        }
    }

    #[test]
    fn skewness_is_best_at_zero_on_either_side() {
        assert_eq!([0.0, 1.0, -1.0, 3.0].map(|x| Safe::NearZero.map(x)), [1.0, 0.5, 0.5, 0.25]);
        assert_eq!(Safe::NearZero.map_interval((1.0, 3.0)), (0.25, 0.5));
        assert_eq!(Safe::NearZero.map_interval((-3.0, 1.0)), (0.25, 1.0));
    }
}
