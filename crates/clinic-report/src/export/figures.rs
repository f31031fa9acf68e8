//! A figure as other programs' formats name and bound it.

use clinic_core::published::Protocol;
use clinic_core::task::{Of, Task};

use crate::summary::Row;

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Half of the interval's width over 1.96: the standard error of a normal figure whose interval this
/// would be. Formats without a place for intervals get it; `None` where there is no interval.
pub(super) fn stderr(row: &Row) -> Option<f64> {
    Some((row.figure.high? - row.figure.low?) / (2.0 * Z))
}

/// The metric's name with its part, of letters, digits, `_` and `-`.
pub(super) fn name(row: &Row) -> String {
    let name = match &row.figure.part {
        Some(part) => format!("{}_{part}", row.figure.metric),
        None => row.figure.metric.clone(),
    };
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
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
