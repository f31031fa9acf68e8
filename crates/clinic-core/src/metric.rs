//! Metrics: scores of one task in one language, folded into figures with interval and coverage.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest;
use crate::score::{Outcome, Score};
use crate::stats::{self, Interval};
use crate::task::{Better, MetricKind, MetricSpec, Of};

/// Below this many answers a bootstrap of frequencies is surer than it should be.
pub(crate) const LEAST_ANSWERS: usize = 20;
pub(crate) const REPLICATES: usize = 2_000;

/// One number and how far to trust it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The metric's name.
    pub metric: String,
    /// The category, for shares.
    pub part: Option<String>,
    /// The number; `None` where nothing was scored.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// Samples that the number rests on.
    pub n: usize,
    /// Samples that there should be, those that the data lacks included.
    pub expected: usize,
    /// Which way is better, where either is.
    pub better: Option<Better>,
}

impl Figure {
    /// Share of the expected samples that were scored; `None` where none was expected.
    pub fn coverage(&self) -> Option<f64> {
        (self.expected > 0).then(|| self.n as f64 / self.expected as f64)
    }
}

/// Folds the scores of the samples of one task in one language.
///
/// `samples` holds the scores of each sample; `missing` counts samples that the data should hold
/// and does not. Shares give a figure a category, the headline's first; others give one figure.
pub fn fold(spec: &MetricSpec, samples: &[&[Score]], missing: usize) -> Vec<Figure> {
    let figure =
        |part: Option<String>, estimate: Option<f64>, interval: Option<Interval>, n, of| Figure {
            metric: spec.name.clone(),
            part,
            estimate,
            low: interval.map(|i| i.0),
            high: interval.map(|i| i.1),
            n,
            expected: of + missing,
            better: Some(spec.better),
        };
    let one = match &spec.of {
        Of::One(name) => name,
        Of::Pair([first, second]) => {
            let pairs: Vec<(f64, f64)> = samples
                .iter()
                .filter_map(|scores| Some((number(scores, first)?, number(scores, second)?)))
                .collect();
            let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
            let above = pairs.iter().filter(|(a, b)| a > b).count();
            let below = pairs.iter().filter(|(a, b)| a < b).count();
            let interval = stats::paired_difference(above, below, pairs.len());
            let expected = samples.len() - inapplicable(samples, first);
            return vec![figure(None, stats::mean(&differences), interval, pairs.len(), expected)];
        }
    };
    let expected = samples.len() - inapplicable(samples, one);
    match spec.kind {
        MetricKind::Shares => {
            let found: Vec<&str> = samples.iter().filter_map(|s| category(s, one)).collect();
            let n = found.len();
            let mut shares: BTreeMap<&str, usize> = BTreeMap::new();
            for category in found.iter().copied().chain(spec.category.as_deref()) {
                shares.entry(category).or_default();
            }
            for category in &found {
                *shares.entry(category).or_default() += 1;
            }
            let mut figures: Vec<Figure> = shares
                .into_iter()
                .map(|(name, count)| {
                    let share = (n > 0).then(|| count as f64 / n as f64);
                    let interval = share.and_then(|share| stats::wilson(share, n));
                    figure(Some(name.to_owned()), share, interval, n, expected)
                })
                .collect();
            figures.sort_by_key(|f| f.part != spec.category);
            figures
        }
        MetricKind::Skewness => {
            let answers: Vec<&str> = samples.iter().filter_map(|s| category(s, one)).collect();
            let of = |rows: &[usize]| skewness_of(rows.iter().map(|i| answers[*i]));
            let all: Vec<usize> = (0..answers.len()).collect();
            let seed = digest::number(&[spec.name.as_bytes(), one.as_bytes()]);
            let interval = (answers.len() >= LEAST_ANSWERS)
                .then(|| stats::bootstrap(answers.len(), REPLICATES, seed, of))
                .flatten();
            vec![figure(None, of(&all), interval, answers.len(), expected)]
        }
        MetricKind::Entropy => {
            let answers: Vec<&str> = samples.iter().filter_map(|s| category(s, one)).collect();
            let of = |left_out: Option<usize>| {
                let kept = answers.iter().enumerate().filter(|(i, _)| Some(*i) != left_out);
                entropy_of(kept.map(|(_, answer)| *answer))
            };
            let interval = stats::jackknife(answers.len(), of);
            let interval = interval.map(|(low, high)| (low.max(0.0), high.min(1.0)));
            vec![figure(None, of(None), interval, answers.len(), expected)]
        }
        MetricKind::Commonest => {
            let answers: Vec<&str> = samples.iter().filter_map(|s| category(s, one)).collect();
            let counts = counts_of(answers.iter().copied());
            // Ties go to the first by alphabet, so that a repeat shows the same.
            let top = counts.iter().rev().max_by_key(|(_, count)| **count);
            let n = answers.len();
            let share = top.map(|(_, count)| *count as f64 / n as f64);
            let interval = share.and_then(|share| stats::largest_share(share, n, counts.len()));
            let name = top.map(|(name, _)| (*name).to_owned());
            vec![figure(name, share, interval, n, expected)]
        }
        MetricKind::Rate | MetricKind::Mean | MetricKind::Drop => {
            let values: Vec<f64> = samples.iter().filter_map(|s| number(s, one)).collect();
            let mean = stats::mean(&values);
            let bounded = values.iter().all(|v| (0.0..=1.0).contains(v));
            let interval = match (spec.kind, mean) {
                (MetricKind::Rate, Some(mean)) if bounded => stats::wilson(mean, values.len()),
                _ => stats::student(&values),
            };
            let interval = interval.map(|(low, high)| match spec.range {
                Some([least, most]) => (low.max(least), high.min(most)),
                None => (low, high),
            });
            vec![figure(None, mean, interval, values.len(), expected)]
        }
    }
}

/// How often each distinct answer was given.
fn counts_of<'a>(answers: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer).or_default() += 1;
    }
    counts
}

/// Skewness of the frequencies of distinct answers; `None` below three of them.
pub(crate) fn skewness_of<'a>(answers: impl Iterator<Item = &'a str>) -> Option<f64> {
    let counts: Vec<f64> = counts_of(answers).into_values().map(|n| n as f64).collect();
    stats::skewness(&counts)
}

/// Shannon's entropy of the answers, over the logarithm of their number, which is the most that so
/// many answers can have; `None` below two answers.
fn entropy_of<'a>(answers: impl Iterator<Item = &'a str>) -> Option<f64> {
    let counts = counts_of(answers);
    let n = counts.values().sum::<usize>() as f64;
    let of = |count: &usize| {
        let p = *count as f64 / n;
        -p * p.ln()
    };
    // Rounding must not lead out of the range.
    (n >= 2.0).then(|| (counts.values().map(of).sum::<f64>() / n.ln()).clamp(0.0, 1.0))
}

fn find<'a>(scores: &'a [Score], name: &str) -> Option<&'a Score> {
    scores.iter().find(|score| score.name == name)
}

fn number(scores: &[Score], name: &str) -> Option<f64> {
    match find(scores, name)?.outcome {
        Outcome::Number(value) => Some(value),
        _ => None,
    }
}

fn category<'a>(scores: &'a [Score], name: &str) -> Option<&'a str> {
    category_of(find(scores, name)?)
}

/// The category of a score, or its verdict where it has a number.
pub fn category_of(score: &Score) -> Option<&str> {
    match &score.outcome {
        Outcome::Category(category) => Some(category),
        Outcome::Number(_) => score.verdict.as_deref(),
        _ => None,
    }
}

fn inapplicable(samples: &[&[Score]], name: &str) -> usize {
    let applies = |scores: &&&[Score]| {
        matches!(find(scores, name), Some(Score { outcome: Outcome::NotApplicable(_), .. }))
    };
    samples.iter().filter(applies).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kind: MetricKind, of: Of) -> MetricSpec {
        MetricSpec {
            name: "m".to_owned(),
            kind,
            of,
            better: Better::Higher,
            category: (kind == MetricKind::Shares).then(|| "neutral".to_owned()),
            range: (kind == MetricKind::Mean).then_some([-1.0, 1.0]),
            means: String::new(),
        }
    }

    fn one() -> Of {
        Of::One("s".to_owned())
    }

    fn scores(outcomes: &[Outcome]) -> Vec<Vec<Score>> {
        outcomes.iter().map(|o| vec![Score::new("s", o.clone())]).collect()
    }

    fn fold_one(kind: MetricKind, outcomes: &[Outcome], missing: usize) -> Vec<Figure> {
        let scores = scores(outcomes);
        let samples: Vec<&[Score]> = scores.iter().map(Vec::as_slice).collect();
        fold(&spec(kind, one()), &samples, missing)
    }

    #[test]
    fn missing_lowers_coverage_and_never_the_score() {
        let outcomes = [
            Outcome::Number(1.0),
            Outcome::Number(0.0),
            Outcome::NotScored("cannot tell".to_owned()),
            Outcome::Failed("judge down".to_owned()),
            Outcome::NotApplicable("nothing disclosed".to_owned()),
        ];
        let figure = fold_one(MetricKind::Rate, &outcomes, 1).remove(0);
        assert_eq!((figure.estimate, figure.n, figure.expected), (Some(0.5), 2, 5));
        assert_eq!(figure.coverage(), Some(0.4));
    }

    #[test]
    fn nothing_scored_is_no_number() {
        let figure = fold_one(MetricKind::Rate, &[Outcome::NotScored(String::new())], 0).remove(0);
        assert_eq!((figure.estimate, figure.low, figure.n, figure.expected), (None, None, 0, 1));
    }

    #[test]
    fn equal_similarities_have_no_interval() {
        let figure = fold_one(MetricKind::Mean, &[Outcome::Number(0.7), Outcome::Number(0.7)], 0);
        assert_eq!((figure[0].estimate, figure[0].low), (Some(0.7), None));
    }

    #[test]
    fn an_interval_stays_in_the_range_of_its_scores() {
        let figure = fold_one(MetricKind::Mean, &[Outcome::Number(0.2), Outcome::Number(0.9)], 0);
        assert_eq!((figure[0].low, figure[0].high), (Some(-1.0), Some(1.0)));
    }

    #[test]
    fn shares_add_up_and_begin_with_the_headline() {
        let outcomes =
            ["male", "male", "female", "invalid"].map(|c| Outcome::Category(c.to_owned()));
        let figures = fold_one(MetricKind::Shares, &outcomes, 0);
        let parts: Vec<_> =
            figures.iter().map(|f| (f.part.as_deref().unwrap(), f.estimate.unwrap())).collect();
        assert_eq!(parts, [("neutral", 0.0), ("female", 0.25), ("invalid", 0.25), ("male", 0.5)]);
    }

    #[test]
    fn skewness_counts_distinct_answers() {
        let words = ["a", "a", "a", "a", "a", "b", "c"].map(|w| Outcome::Category(w.to_owned()));
        let figure = fold_one(MetricKind::Skewness, &words, 0).remove(0);
        assert!((figure.estimate.unwrap() - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-9);
        assert_eq!(figure.low, None, "seven answers are too few for an interval");
    }

    #[test]
    fn entropy_is_zero_for_one_answer_and_one_where_no_two_are_alike() {
        let of = |words: &[&str]| {
            let words: Vec<Outcome> =
                words.iter().map(|w| Outcome::Category((*w).to_owned())).collect();
            fold_one(MetricKind::Entropy, &words, 0).remove(0)
        };
        assert_eq!(of(&["a", "a", "a"]).estimate, Some(0.0));
        assert!((of(&["a", "b", "c"]).estimate.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(of(&["a"]).estimate, None);
        // H(1/2, 1/4, 1/4) = 1.5 ln 2, over ln 4 = 2 ln 2
        let figure = of(&["a", "a", "b", "c"]);
        assert!((figure.estimate.unwrap() - 0.75).abs() < 1e-12);
        assert!(figure.low.unwrap() < 0.75 && figure.high.unwrap() <= 1.0);
        assert_eq!(of(&["a", "b", "c"]).low, None, "no spread says nothing about the error");
    }

    #[test]
    fn the_commonest_answer_has_a_wider_interval_than_a_category_chosen_beforehand() {
        let words = ["b", "a", "b", "c"].map(|w| Outcome::Category(w.to_owned()));
        let figure = fold_one(MetricKind::Commonest, &words, 1).remove(0);
        assert_eq!((figure.part.as_deref(), figure.estimate), (Some("b"), Some(0.5)));
        assert_eq!((figure.n, figure.expected), (4, 5));
        let (low, high) = stats::wilson(0.5, 4).unwrap();
        assert!(figure.low.unwrap() < low && figure.high.unwrap() > high);
    }

    #[test]
    fn a_drop_is_paired() {
        let pair = |a: f64, b: f64| {
            vec![Score::new("x", Outcome::Number(a)), Score::new("y", Outcome::Number(b))]
        };
        let lone = vec![
            Score::new("x", Outcome::Number(1.0)),
            Score::new("y", Outcome::NotScored("no letter".to_owned())),
        ];
        let all = [pair(1.0, 0.0), pair(1.0, 1.0), pair(0.0, 0.0), lone];
        let samples: Vec<&[Score]> = all.iter().map(Vec::as_slice).collect();
        let of = Of::Pair(["x".to_owned(), "y".to_owned()]);
        let figure = fold(&spec(MetricKind::Drop, of), &samples, 0).remove(0);
        assert!((figure.estimate.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((figure.n, figure.expected), (3, 4));
    }
}
