//! Metrics: scores of one task in one language, folded into figures with interval and coverage.

mod answers;
mod safe;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use answers::{Counted, skewness_of};
pub use safe::Safe;

use serde::Serialize;

use crate::digest;
use crate::score::{Outcome, Score};
use crate::stats::{self, Estimate, Interval};
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

/// The scores of one sample.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The number of its cluster ([`crate::cluster`]).
    pub cluster: usize,
    /// Its scores.
    pub scores: &'a [Score],
}

/// What one sample adds to a metric that is a mean; `None` where the metric is none, or where the
/// sample has no score.
pub fn value(spec: &MetricSpec, scores: &[Score]) -> Option<f64> {
    match (&spec.of, spec.kind) {
        (Of::Pair([first, second]), _) => Some(number(scores, first)? - number(scores, second)?),
        (Of::One(name), MetricKind::Shares) => {
            let found = category(scores, name)?;
            Some(if Some(found) == spec.category.as_deref() { 1.0 } else { 0.0 })
        }
        (_, MetricKind::Skewness | MetricKind::Entropy | MetricKind::Commonest) => None,
        (Of::One(name), _) => number(scores, name),
    }
}

/// The verdict or category on which a metric rests: what can differ between two languages.
pub fn answer<'a>(spec: &MetricSpec, scores: &'a [Score]) -> Option<&'a str> {
    match &spec.of {
        Of::One(name) => category(scores, name),
        Of::Pair(_) => None,
    }
}

/// The statistic of how often each answer was given, for the kinds that are no means. An answer that
/// was never given is none.
pub fn of_counts(kind: MetricKind, counts: &[usize]) -> Option<f64> {
    let counts = || counts.iter().filter(|count| **count > 0).map(|count| *count as f64);
    match kind {
        MetricKind::Skewness => stats::skewness(&counts().collect::<Vec<_>>()),
        MetricKind::Entropy => entropy_of(counts),
        MetricKind::Commonest => {
            let most = counts().fold(0.0, f64::max);
            (most > 0.0).then(|| most / counts().sum::<f64>())
        }
        _ => None,
    }
}

/// Whether a metric's estimate is the plain mean of [`value`].
pub fn is_mean(kind: MetricKind) -> bool {
    !matches!(kind, MetricKind::Skewness | MetricKind::Entropy | MetricKind::Commonest)
}

/// The interval of a mean of a metric's values.
pub fn interval_of(spec: &MetricSpec, estimate: &Estimate, share: bool) -> Option<Interval> {
    let interval = if share { estimate.wilson() } else { estimate.student() };
    interval.map(|(low, high)| match spec.range {
        Some([least, most]) => (low.max(least), high.min(most)),
        None => (low, high),
    })
}

/// Folds the scores of the samples of one task in one language.
///
/// `missing` counts samples that the data should hold and does not. Shares give a figure a
/// category, the headline's first; others give one figure. Every interval takes the clusters for
/// what is independent, not the samples.
pub fn fold(spec: &MetricSpec, samples: &[Scored<'_>], missing: usize) -> Vec<Figure> {
    let figure =
        |part: Option<String>, estimate: Option<f64>, interval: Option<Interval>, n, of| Figure {
            metric: spec.name.clone(),
            part,
            estimate,
            // What is not there has no error, and where nothing varies there is none to be seen.
            low: interval.filter(|i| estimate.is_some() && i.0 < i.1).map(|i| i.0),
            high: interval.filter(|i| estimate.is_some() && i.0 < i.1).map(|i| i.1),
            n,
            expected: of + missing,
            better: Some(spec.better),
        };
    let one = match &spec.of {
        Of::One(name) => name,
        Of::Pair([first, _]) => {
            let values = values(samples, |scores| value(spec, scores));
            let expected = samples.len() - inapplicable(samples, first);
            let estimate = stats::clustered_mean(&values).map(|mean| mean.value);
            return vec![figure(None, estimate, drop_interval(&values), values.len(), expected)];
        }
    };
    let expected = samples.len() - inapplicable(samples, one);
    let answers = || Answers::of(samples, one);
    match spec.kind {
        MetricKind::Shares => {
            let answers = answers();
            let n = answers.all.len();
            let mut names: BTreeSet<&str> = answers.all.iter().map(|(_, name)| *name).collect();
            names.extend(spec.category.as_deref());
            let mut figures: Vec<Figure> = names
                .into_iter()
                .map(|name| {
                    let share = answers.share(name);
                    let interval = share.and_then(|share| share.wilson());
                    figure(Some(name.to_owned()), share.map(|s| s.value), interval, n, expected)
                })
                .collect();
            figures.sort_by_key(|f| f.part != spec.category);
            figures
        }
        MetricKind::Skewness => {
            let answers = answers();
            let counted = answers.counted();
            let of = |drawn: &[usize]| counted.statistic(spec.kind, drawn.iter().copied());
            let seed = digest::number(&[spec.name.as_bytes(), one.as_bytes()]);
            let interval = (counted.units() >= LEAST_ANSWERS)
                .then(|| stats::bootstrap(counted.units(), REPLICATES, seed, of))
                .flatten();
            vec![figure(None, counted.whole(spec.kind), interval, answers.all.len(), expected)]
        }
        MetricKind::Entropy => {
            let answers = answers();
            let counted = answers.counted();
            let of = |left_out: Option<usize>| {
                let kept = (0..counted.units()).filter(|unit| Some(*unit) != left_out);
                counted.statistic(spec.kind, kept)
            };
            let interval = stats::jackknife(counted.units(), of);
            let interval = interval.map(|(low, high)| (low.max(0.0), high.min(1.0)));
            vec![figure(None, of(None), interval, answers.all.len(), expected)]
        }
        MetricKind::Commonest => {
            let answers = answers();
            let counts = counts_of(answers.all.iter().map(|(_, name)| *name));
            // Ties go to the first by alphabet, so that a repeat shows the same.
            let top = counts.iter().rev().max_by_key(|(_, count)| **count).map(|(name, _)| *name);
            let share = top.and_then(|name| answers.share(name));
            // Forms of one item are not independent: their number is that of the clusters.
            let n = answers.counted().units();
            let interval = share.and_then(|s| stats::largest_share(s.value, n, counts.len()));
            let estimate = share.map(|share| share.value);
            vec![figure(top.map(str::to_owned), estimate, interval, answers.all.len(), expected)]
        }
        MetricKind::Rate | MetricKind::Mean | MetricKind::Drop => {
            let values = values(samples, |scores| number(scores, one));
            let mean = stats::clustered_mean(&values);
            let bounded = values.iter().all(|(_, v)| (0.0..=1.0).contains(v));
            let share = spec.kind == MetricKind::Rate && bounded;
            let interval = mean.as_ref().and_then(|mean| interval_of(spec, mean, share));
            vec![figure(None, mean.map(|mean| mean.value), interval, values.len(), expected)]
        }
    }
}

/// Cluster and value of each sample that has one.
fn values(samples: &[Scored<'_>], of: impl Fn(&[Score]) -> Option<f64>) -> Vec<(usize, f64)> {
    samples.iter().filter_map(|sample| Some((sample.cluster, of(sample.scores)?))).collect()
}

/// The interval of a paired difference of 0-1 scores.
fn drop_interval(values: &[(usize, f64)]) -> Option<Interval> {
    let clusters: BTreeSet<usize> = values.iter().map(|(cluster, _)| *cluster).collect();
    if clusters.len() < values.len() {
        return stats::clustered_mean(values)?.student().map(|(l, h)| (l.max(-1.0), h.min(1.0)));
    }
    let above = values.iter().filter(|(_, difference)| *difference > 0.0).count();
    let below = values.iter().filter(|(_, difference)| *difference < 0.0).count();
    stats::paired_difference(above, below, values.len())
}

/// Categories that were given, each with its sample's cluster.
struct Answers<'a> {
    all: Vec<(usize, &'a str)>,
}

impl<'a> Answers<'a> {
    fn of(samples: &[Scored<'a>], score: &str) -> Self {
        let given = |s: &Scored<'a>| Some((s.cluster, category(s.scores, score)?));
        Self { all: samples.iter().filter_map(given).collect() }
    }

    /// The share of one of them.
    fn share(&self, name: &str) -> Option<Estimate> {
        let is = |(cluster, given): &(usize, &str)| (*cluster, f64::from(u8::from(*given == name)));
        stats::clustered_mean(&self.all.iter().map(is).collect::<Vec<_>>())
    }

    /// The same by cluster; one without an answer is none.
    fn counted(&self) -> Counted {
        let clusters: BTreeSet<usize> = self.all.iter().map(|(cluster, _)| *cluster).collect();
        let numbers: BTreeMap<usize, usize> =
            clusters.iter().enumerate().map(|(number, cluster)| (*cluster, number)).collect();
        let all: Vec<(usize, &str)> =
            self.all.iter().map(|(cluster, name)| (numbers[cluster], *name)).collect();
        Counted::of(&all, numbers.len())
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

/// Shannon's entropy of the answers, over the logarithm of their number, which is the most that so
/// many answers can have; `None` below two answers.
fn entropy_of<I: Iterator<Item = f64>>(counts: impl Fn() -> I) -> Option<f64> {
    let n: f64 = counts().sum();
    let of = |count: f64| -count / n * (count / n).ln();
    // Rounding must not lead out of the range.
    (n >= 2.0).then(|| (counts().map(of).sum::<f64>() / n.ln()).clamp(0.0, 1.0))
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

fn inapplicable(samples: &[Scored<'_>], name: &str) -> usize {
    let applies = |sample: &&Scored<'_>| {
        matches!(find(sample.scores, name), Some(Score { outcome: Outcome::NotApplicable(_), .. }))
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
        fold_clusters(kind, outcomes, missing, |sample| sample)
    }

    fn fold_clusters(
        kind: MetricKind,
        outcomes: &[Outcome],
        missing: usize,
        cluster: impl Fn(usize) -> usize,
    ) -> Vec<Figure> {
        let scores = scores(outcomes);
        let scored = |(i, scores): (usize, &'_ Vec<Score>)| (cluster(i), scores.clone());
        let owned: Vec<(usize, Vec<Score>)> = scores.iter().enumerate().map(scored).collect();
        let samples: Vec<Scored<'_>> =
            owned.iter().map(|(cluster, scores)| Scored { cluster: *cluster, scores }).collect();
        fold(&spec(kind, one()), &samples, missing)
    }

    #[test]
    fn forms_of_one_item_are_not_independent() {
        let alike: Vec<Outcome> =
            (0..36).map(|i| Outcome::Number(f64::from(u8::from(i / 3 % 3 > 0)))).collect();
        let width = |figures: Vec<Figure>| figures[0].high.unwrap() - figures[0].low.unwrap();
        for kind in [MetricKind::Rate, MetricKind::Mean] {
            let single = fold_one(kind, &alike, 0);
            let clustered = fold_clusters(kind, &alike, 0, |sample| sample / 3);
            assert_eq!(single[0].estimate, clustered[0].estimate);
            assert_eq!((clustered[0].n, clustered[0].expected), (36, 36), "samples are counted");
            assert!(width(clustered) > 1.4 * width(single), "{kind:?}");
        }
        let words: Vec<Outcome> = "aaaaaaaaabbbbbcccdde"
            .chars()
            .flat_map(|c| [c; 3])
            .map(|c| Outcome::Category(c.to_string()))
            .collect();
        for kind in
            [MetricKind::Skewness, MetricKind::Entropy, MetricKind::Shares, MetricKind::Commonest]
        {
            let single = fold_one(kind, &words, 0);
            let clustered = fold_clusters(kind, &words, 0, |sample| sample / 3);
            let last = |figures: &[Figure]| figures.last().unwrap().clone();
            assert!(width(vec![last(&clustered)]) > 1.2 * width(vec![last(&single)]), "{kind:?}");
        }
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
        let samples: Vec<Scored<'_>> =
            all.iter().enumerate().map(|(cluster, scores)| Scored { cluster, scores }).collect();
        let of = Of::Pair(["x".to_owned(), "y".to_owned()]);
        let figure = fold(&spec(MetricKind::Drop, of), &samples, 0).remove(0);
        assert!((figure.estimate.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((figure.n, figure.expected), (3, 4));
    }
}
