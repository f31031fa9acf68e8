//! A figure as other programs' formats name and bound it.

use clinic_core::published::Protocol;
use clinic_core::task::{MetricKind, Of, Task};
use clinic_engine::run::Run;

use super::names;
use crate::summary::Row;

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Half of the interval's width over 1.96: the standard error of a normal figure whose interval this
/// would be. Formats without a place for intervals get it; `None` where there is no interval.
pub(super) fn stderr(row: &Row) -> Option<f64> {
    Some((row.figure.high? - row.figure.low?) / (2.0 * Z))
}

/// Longest part in a name, in characters.
const LONGEST_PART: usize = 60;

/// The metric's name, with its part where it has several, of letters, digits, `_` and `-`.
///
/// The commonest answer is a part too, but of one figure, and as long as a model likes: it is no name.
pub(super) fn name(run: &Run, row: &Row) -> String {
    let metric = &row.figure.metric;
    let task = run.task(&row.task);
    let spec = task.and_then(|task| task.metrics.iter().find(|spec| spec.name == *metric));
    let one = spec.is_some_and(|spec| spec.kind == MetricKind::Commonest);
    match row.figure.part.as_ref().filter(|_| !one) {
        Some(part) => format!("{}_{}", plain(metric), plain(part)),
        None => plain(metric),
    }
}

/// The text in plain characters, and marked where that is not all of it.
fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "_-".contains(c) { c } else { '_' };
    let kept: String = text.chars().map(plain).take(LONGEST_PART).collect();
    if kept == text { kept } else { format!("{kept}_{}", &names::id(&[text])[..8]) }
}

/// The score that a figure folds, where it folds one or a pair, whose first it is.
pub(super) fn score_of(task: &Task, protocol: Protocol, row: &Row) -> Option<String> {
    if let (Some(published), Protocol::Reference) = (&task.published, protocol) {
        let metric = published.metrics.iter().find(|metric| metric.name == row.figure.metric)?;
        return metric.of.clone();
    }
    let metric = task.metrics.iter().find(|metric| metric.name == row.figure.metric)?;
    match &metric.of {
        Of::One(score) | Of::Pair([score, _]) => Some(score.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ_where_the_texts_do() {
        assert_eq!(plain("rta_rate"), "rta_rate");
        assert_eq!(plain("neutral"), "neutral");
        let odd = ["a b", "a,b", "a_b", "a\n\u{1b}", &"x".repeat(99), &"x".repeat(98)].map(plain);
        let safe = |c: char| c.is_alphanumeric() || "_-".contains(c);
        assert!(odd.iter().all(|name| name.chars().all(safe)), "{odd:?}");
        assert!((1..odd.len()).all(|i| !odd[..i].contains(&odd[i])), "{odd:?}");
    }
}
