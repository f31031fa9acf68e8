//! Published numbers from scores: sums and means as the scripts make them, without intervals.

use std::collections::BTreeMap;

use super::{Fold, Published, PublishedMetric};
use crate::metric::{self, Figure};
use crate::score::{Outcome, Score};
use crate::stats;

/// The scores of one sample.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The group of files that the sample is from, where the task has several.
    pub group: Option<&'a str>,
    /// Its scores; none where there was no response to read.
    pub scores: &'a [Score],
}

/// Folds the rows of a task in one language.
///
/// `missing` counts samples that the data lacks; `rows_of` gives the rows that a task of the run
/// has in this language, `None` where the run does not have the task.
pub fn fold(
    published: &Published,
    rows: &[Row<'_>],
    missing: usize,
    rows_of: &dyn Fn(&str) -> Option<usize>,
) -> Vec<Figure> {
    let mut figures = Vec::new();
    for metric in &published.metrics {
        let mut groups: BTreeMap<Option<&str>, Vec<&Row<'_>>> = BTreeMap::new();
        for row in rows {
            groups.entry(row.group.filter(|_| metric.by_group)).or_default().push(row);
        }
        if groups.is_empty() {
            groups.insert(None, Vec::new());
        }
        // Gaps know no group, so only a number over all rows can count them.
        let missing = if groups.len() == 1 { missing } else { 0 };
        for (group, rows) in groups {
            let kept: Vec<&[Score]> =
                rows.iter().map(|row| row.scores).filter(|scores| !left_out(scores)).collect();
            let (estimate, n) = number(metric, &kept, rows_of);
            figures.push(Figure {
                metric: metric.name.clone(),
                part: group.map(str::to_owned),
                estimate: estimate.map(|x| rounded(x, metric.round)),
                low: None,
                high: None,
                n,
                expected: kept.len() + missing,
                better: metric.better,
            });
        }
    }
    figures
}

/// Whether the published script leaves a row out of everything.
pub fn left_out(scores: &[Score]) -> bool {
    !scores.is_empty() && scores.iter().all(|s| matches!(s.outcome, Outcome::NotApplicable(_)))
}

/// The number and the rows that it rests on.
fn number(
    metric: &PublishedMetric,
    rows: &[&[Score]],
    rows_of: &dyn Fn(&str) -> Option<usize>,
) -> (Option<f64>, usize) {
    let answered: Vec<&&[Score]> = rows.iter().filter(|scores| !scores.is_empty()).collect();
    let has = |scores: &[Score], name: &str| {
        scores.iter().any(|s| {
            s.name == *name && matches!(s.outcome, Outcome::Number(_) | Outcome::Category(_))
        })
    };
    let complete = |scores: &&&[Score]| metric.needs.iter().all(|name| has(scores, name));
    let counted: Vec<&&[Score]> = answered.iter().copied().filter(complete).collect();
    let Some(of) = &metric.of else { return (Some(counted.len() as f64), counted.len()) };
    let scores: Vec<&Score> =
        counted.iter().filter_map(|row| row.iter().find(|s| s.name == *of)).collect();
    match metric.fold {
        Fold::Rows | Fold::Sum | Fold::Mean => {
            let value = |score: &&Score| match score.outcome {
                Outcome::Number(value) => Some(value),
                Outcome::NotApplicable(_) => None,
                _ => metric.missing,
            };
            let values: Vec<f64> = scores.iter().filter_map(value).collect();
            let sum: f64 = values.iter().sum();
            let estimate = match metric.fold {
                Fold::Sum => (!values.is_empty()).then_some(sum),
                _ if metric.over.is_empty() => stats::mean(&values),
                _ => {
                    let all: Option<usize> = metric.over.iter().map(|task| rows_of(task)).sum();
                    all.filter(|all| *all > 0 && !values.is_empty()).map(|all| sum / all as f64)
                }
            };
            (estimate, values.len())
        }
        Fold::Percent => {
            let found: Vec<&str> = scores.iter().filter_map(|s| metric::category_of(s)).collect();
            let same = found.iter().filter(|c| Some(**c) == metric.category.as_deref()).count();
            let share = 100.0 * same as f64 / found.len() as f64;
            ((!found.is_empty()).then_some(share), found.len())
        }
        Fold::Skewness => {
            let found: Vec<&str> = scores.iter().filter_map(|s| metric::category_of(s)).collect();
            (metric::skewness_of(found.iter().copied()), found.len())
        }
    }
}

/// Rounded as Python does: the decimal nearest to the stored number.
fn rounded(x: f64, decimals: Option<usize>) -> f64 {
    decimals.map_or(x, |decimals| format!("{x:.decimals$}").parse().unwrap_or(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(toml: &str) -> PublishedMetric {
        toml::from_str(toml).unwrap()
    }

    fn score(name: &str, outcome: Outcome) -> Score {
        Score::new(name, outcome)
    }

    fn none() -> Outcome {
        Outcome::NotScored("no verdict".to_owned())
    }

    fn of(metric: &str, rows: &[Vec<Score>], tasks: &[(&str, usize)]) -> Option<f64> {
        let published = Published {
            folders: Vec::new(),
            clean: Vec::new(),
            empty: super::super::Empty::Score,
            take: None,
            scorer: None,
            metrics: vec![self::metric(metric)],
            headline: String::new(),
        };
        let rows: Vec<Row> = rows.iter().map(|scores| Row { group: None, scores }).collect();
        let rows_of = |name: &str| tasks.iter().find(|(task, _)| *task == name).map(|(_, n)| *n);
        fold(&published, &rows, 0, &rows_of)[0].estimate
    }

    #[test]
    fn a_missing_score_is_left_out_or_counts_as_zero() {
        let rows = [
            vec![score("s", Outcome::Number(1.0))],
            vec![score("s", none())],
            vec![score("s", Outcome::NotApplicable("beyond the first rows".to_owned()))],
            vec![],
        ];
        assert_eq!(of("name='m'\nfold='mean'\nof='s'", &rows, &[]), Some(1.0));
        assert_eq!(of("name='m'\nfold='mean'\nof='s'\nmissing=0.0", &rows, &[]), Some(0.5));
        assert_eq!(of("name='m'\nfold='rows'", &rows, &[]), Some(2.0));
    }

    #[test]
    fn an_accuracy_over_three_tests_tops_out_at_a_third() {
        let rows = vec![vec![score("s", Outcome::Number(1.0))]; 2];
        let metric = "name='m'\nfold='mean'\nof='s'\nover=['a','b','c']";
        assert_eq!(of(metric, &rows, &[("a", 2), ("b", 2), ("c", 2)]), Some(1.0 / 3.0));
        assert_eq!(
            of(metric, &rows, &[("a", 2), ("b", 2)]),
            None,
            "the run lacks one of the tests"
        );
    }

    #[test]
    fn a_row_without_both_scores_counts_in_neither() {
        let pair = |a, b| vec![score("a", a), score("b", b)];
        let rows =
            [pair(Outcome::Number(1.0), Outcome::Number(2.0)), pair(Outcome::Number(0.0), none())];
        let metric = "name='m'\nfold='mean'\nof='a'\nneeds=['a','b']";
        assert_eq!(of(metric, &rows, &[]), Some(1.0));
    }

    #[test]
    fn shares_are_rounded_percentages_of_all_rows() {
        let category = |c: &str| vec![score("g", Outcome::Category(c.to_owned()))];
        let rows = [category("male"), category("male"), category("neutral")];
        let metric = "name='m'\nfold='percent'\nof='g'\ncategory='male'\nround=2";
        assert_eq!(of(metric, &rows, &[]), Some(66.67));
    }

    #[test]
    fn rounding_is_to_the_nearest_decimal_of_the_stored_number() {
        // round(0.00005, 4) and round(0.12345, 4) in Python
        assert_eq!([rounded(0.000_05, Some(4)), rounded(0.123_45, Some(4))], [0.0001, 0.1235]);
    }
}
