//! What must hold in a `[published]` table beyond its shape.

use super::{Fold, Published};
use crate::task::Scorer;

/// Checks a table against the scorer that it is used with; gives the key and what is wrong.
pub(crate) fn check(published: &Published, scorer: &Scorer) -> Result<(), (String, String)> {
    let problem = |key: String, why: &str| Err((format!("published.{key}"), why.to_owned()));
    if published.folders.is_empty() {
        return problem("folders".to_owned(), "name at least one");
    }
    if published.take == Some(0) {
        return problem("take".to_owned(), "must be at least 1");
    }
    let scores = scorer.scores();
    let mut names = Vec::new();
    for (i, metric) in published.metrics.iter().enumerate() {
        let key = |name: &str| format!("metrics[{i}].{name}");
        if names.contains(&&metric.name) {
            return problem(key("name"), "two metrics have this name");
        }
        names.push(&metric.name);
        if metric.of.is_none() != (metric.fold == Fold::Rows) {
            return problem(key("of"), "every fold but rows reads one score");
        }
        let read = metric.of.iter().chain(&metric.needs);
        if let Some(unknown) = read.into_iter().find(|name| !scores.contains(&name.as_str())) {
            return problem(key("of"), &format!("the scorer gives no score '{unknown}'"));
        }
        if metric.category.is_some() != (metric.fold == Fold::Percent) {
            return problem(key("category"), "a percentage, and only it, names a verdict");
        }
        let listed = |category: &String| {
            let mut asked = scorer.questions().iter();
            asked.any(|q| Some(&q.score) == metric.of.as_ref() && q.verdict(category).is_some())
        };
        if metric.category.as_ref().is_some_and(|category| !listed(category)) {
            return problem(key("category"), "no question gives this verdict");
        }
    }
    if !names.contains(&&published.headline) {
        return problem("headline".to_owned(), "must be one of the metrics");
    }
    Ok(())
}
