//! Skewness by resource tier: the plain mean of the tier's languages, as published.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest;
use crate::language::Tier;
use crate::metric::{Counted, LEAST_ANSWERS, REPLICATES, skewness_of};
use crate::stats;
use crate::task::MetricKind;

/// The mean of a metric over the languages of a tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierFigure {
    /// The metric's name.
    pub metric: String,
    /// The tier.
    pub tier: Tier,
    /// The plain mean; `None` where no language has a number.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// Languages that have a number.
    pub languages: usize,
    /// Languages of the run in this tier.
    pub expected: usize,
}

/// The answers of one language, by item.
pub type Answers<'a> = BTreeMap<&'a str, &'a str>;

/// Skewness of each tier: the mean over its languages that have one.
///
/// The interval comes from a bootstrap of items, each with all its languages, since an item is the
/// same question in all of them; there is none below 20 items, or where `interval` is not asked for.
pub fn skewness(
    metric: &str,
    languages: &[(Tier, Answers<'_>)],
    interval: bool,
) -> Vec<TierFigure> {
    let tiers: BTreeSet<Tier> = languages.iter().map(|(tier, _)| *tier).collect();
    tiers.into_iter().map(|tier| of_tier(metric, tier, languages, interval)).collect()
}

fn of_tier(
    metric: &str,
    tier: Tier,
    languages: &[(Tier, Answers<'_>)],
    interval: bool,
) -> TierFigure {
    let own: Vec<&Answers<'_>> =
        languages.iter().filter(|(t, _)| *t == tier).map(|(_, answers)| answers).collect();
    let skewed = |own: &Answers<'_>| skewness_of(own.values().copied()).is_some();
    let counted: Vec<&Answers<'_>> = own.iter().copied().filter(|own| skewed(own)).collect();
    let items: BTreeSet<&str> = counted.iter().flat_map(|own| own.keys().copied()).collect();
    let places: BTreeMap<&str, usize> =
        items.iter().enumerate().map(|(place, item)| (*item, place)).collect();
    let by_item = |own: &&Answers<'_>| {
        let all: Vec<(usize, &str)> = own.iter().map(|(item, a)| (places[item], *a)).collect();
        Counted::of(&all, items.len())
    };
    let languages: Vec<Counted> = counted.iter().map(by_item).collect();
    let mean = |rows: &[usize]| -> Option<f64> {
        let skew = |own: &Counted| own.statistic(MetricKind::Skewness, rows.iter().copied());
        stats::mean(&languages.iter().map(skew).collect::<Option<Vec<f64>>>()?)
    };
    let all: Vec<usize> = (0..items.len()).collect();
    let seed = digest::number(&[metric.as_bytes(), tier.to_string().as_bytes()]);
    let estimate = mean(&all);
    let interval = (interval && estimate.is_some() && items.len() >= LEAST_ANSWERS)
        .then(|| stats::bootstrap(items.len(), REPLICATES, seed, mean))
        .flatten();
    TierFigure {
        metric: metric.to_owned(),
        tier,
        estimate,
        low: interval.map(|i| i.0),
        high: interval.map(|i| i.1),
        languages: counted.len(),
        expected: own.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(words: &[&'static str]) -> Answers<'static> {
        const ITEMS: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];
        ITEMS.iter().copied().zip(words.iter().copied()).collect()
    }

    #[test]
    fn an_interval_comes_from_items_and_is_left_out_where_none_is_wanted() {
        let items: Vec<String> = (0..40).map(|i| i.to_string()).collect();
        let word = |i: usize| ["a", "a", "a", "b", "c"][i % 5];
        let answers: Answers<'_> =
            items.iter().enumerate().map(|(i, item)| (item.as_str(), word(i))).collect();
        // Frequencies 24, 8, 8: skewness 1/sqrt(2), which is the most that three can have.
        let of = |wanted| skewness("m", &[(Tier::High, answers.clone())], wanted).remove(0);
        let figure = of(true);
        let (low, high) = (figure.low.unwrap(), figure.high.unwrap());
        assert!(low < figure.estimate.unwrap() && figure.estimate.unwrap() <= high + 1e-12);
        assert_eq!(of(true), of(true), "the same on every run");
        assert_eq!((of(false).low, of(false).estimate), (None, figure.estimate));
    }

    #[test]
    fn a_tier_is_the_plain_mean_of_its_languages_that_have_a_number() {
        // Frequencies 5, 1, 1: skewness 1/sqrt(2). Frequencies 1, 2, 3: 0.
        let skewed = answers(&["a", "a", "a", "a", "a", "b", "c"]);
        let even = answers(&["a", "b", "b", "c", "c", "c"]);
        let none = answers(&["a", "a"]);
        let figures =
            skewness("m", &[(Tier::High, skewed), (Tier::Low, none), (Tier::High, even)], true);
        let half = std::f64::consts::FRAC_1_SQRT_2 / 2.0;
        assert!((figures[0].estimate.unwrap() - half).abs() < 1e-9, "{figures:?}");
        assert_eq!((figures[0].languages, figures[0].expected), (2, 2));
        assert_eq!((figures[1].estimate, figures[1].languages, figures[1].expected), (None, 0, 1));
        assert_eq!(figures[0].low, None, "seven items are too few");
    }
}
