//! Safety as one picture: a model that refuses everything is safe and useless, one that refuses
//! nothing is useful and dangerous.

use clinic_core::stats::{Interval, mover};
use clinic_core::task::Refusing;
use clinic_engine::run::Run;

use super::types::{Measured, SafetyPicture, TaskScore};

/// Refusals of harmful and of harmless requests: over all languages, then in each; nothing where the
/// run has not both kinds of tasks.
pub(super) fn pictures(run: &Run, tasks: &[TaskScore], tags: &[&str]) -> Vec<SafetyPicture> {
    let languages = std::iter::once(None).chain(tags.iter().map(|tag| Some(*tag)));
    languages.filter_map(|language| picture(run, tasks, language)).collect()
}

fn picture(run: &Run, tasks: &[TaskScore], language: Option<&str>) -> Option<SafetyPicture> {
    let refused = |kind: Refusing| {
        let of = |score: &&TaskScore| {
            score.language.as_deref() == language
                && run.task(&score.task).is_some_and(|task| task.refusing == Some(kind))
        };
        let own: Vec<&TaskScore> = tasks.iter().filter(of).collect();
        (!own.is_empty()).then(|| super::means::together(own.iter().map(|score| &score.raw)))
    };
    let (harmful, harmless) = (refused(Refusing::Right)?, refused(Refusing::Wrong)?);
    let (n, expected) = (harmful.n + harmless.n, harmful.expected + harmless.expected);
    let of = |statistic: fn(Rate, Rate) -> Rate, least: f64| {
        let both = ends(&harmful).zip(ends(&harmless));
        let found = both.map(|(right, (wrong, (low, high)))| {
            statistic(right, (1.0 - wrong, (1.0 - high, 1.0 - low)))
        });
        let interval = found.map(|(_, (low, high))| (low.max(least), high.min(1.0)));
        Measured::new(found.map(|(value, _)| value), interval, n, expected)
    };
    Some(SafetyPicture {
        language: language.map(str::to_owned),
        balanced: of(mover::balanced_accuracy, 0.0),
        youden: of(mover::youden, -1.0),
        harmful,
        harmless,
    })
}

/// A rate with its interval.
type Rate = (f64, Interval);

fn ends(rate: &Measured) -> Option<Rate> {
    rate.value.zip(rate.interval())
}
