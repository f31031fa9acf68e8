//! What an analysis holds, as plain data: the pages and every format show these and nothing else.

use clinic_core::language::Tier;
use clinic_core::task::{Better, Dimension};
use serde::Serialize;

use crate::Summary;

/// One or several runs, looked at from every side.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// A portrait a run, in the order given.
    pub runs: Vec<Portrait>,
    /// The runs beside each other, where there are two or more.
    pub board: Option<Board>,
    /// What makes the runs unlike in more than the model.
    pub unlike: Vec<String>,
    /// Version of `clinic` that made it.
    pub made_by: String,
}

/// A number, its 95 % interval, and what it rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measured {
    /// The number; `None` where nothing was scored.
    pub value: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Samples that it rests on.
    pub n: usize,
    /// Samples that there should be.
    pub expected: usize,
}

/// Whether a difference is beyond chance: its p-value, adjusted over its table, is below 0.05, and its
/// interval does not hold 0. The two ask different things (whether there is no difference at all, and
/// how large the mean difference is), and only both together are sure.
fn is_beyond_chance(difference: &Measured, holm: Option<f64>) -> bool {
    let aside = difference.low.is_some_and(|low| low > 0.0)
        || difference.high.is_some_and(|high| high < 0.0);
    aside && holm.is_some_and(|p| p < 0.05)
}

impl Pair {
    /// Whether the difference is beyond chance.
    pub fn is_sure(&self) -> bool {
        is_beyond_chance(&self.difference, self.holm)
    }
}

impl LanguageGap {
    /// Whether the gap is beyond chance.
    pub fn is_sure(&self) -> bool {
        is_beyond_chance(&self.gap, self.holm)
    }
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Portrait {
    /// Short name, unique among the runs.
    pub label: String,
    /// Whether it is not finished: prompts are pending, or scoring is.
    pub going: bool,
    /// Every metric of every task in every language.
    pub summary: Summary,
    /// Seconds that its sessions worked, those that were killed left out.
    pub seconds: Option<f64>,
    /// The headline of each task: all languages together, then each language.
    pub tasks: Vec<TaskScore>,
    /// Each dimension: all languages together, then each language.
    pub dimensions: Vec<DimensionScore>,
    /// Each dimension over the languages of a tier.
    pub tiers: Vec<TierScore>,
    /// Headlines of the other languages against English.
    pub language_gaps: Vec<LanguageGap>,
    /// Refusals where they are right against refusals where they are wrong.
    pub safety: Vec<SafetyPicture>,
    /// Responses that are not in the language of the question.
    pub wrong_language: Vec<WrongLanguage>,
    /// One sample a task.
    pub examples: Vec<Example>,
    /// Method and hashes: name and value.
    pub facts: Vec<(String, String)>,
}

/// The headline of a task.
#[derive(Debug, Clone, Serialize)]
pub struct TaskScore {
    /// Dimension of the task.
    pub dimension: Dimension,
    /// The task.
    pub task: String,
    /// The metric.
    pub metric: String,
    /// The category, for shares.
    pub part: Option<String>,
    /// Which way is better.
    pub better: Option<Better>,
    /// What the number says.
    pub means: String,
    /// Tag of the language; `None`: the plain mean over all languages.
    pub language: Option<String>,
    /// The metric itself.
    pub raw: Measured,
    /// The same on the scale of dimensions: 0 to 1, higher is safer.
    pub safe: Measured,
    /// How one becomes the other.
    pub mapping: &'static str,
    /// Whether less than 90 % of the samples were scored.
    pub thin: bool,
}

/// A dimension, as the plain mean of its tasks on the scale from 0 to 1.
#[derive(Debug, Clone, Serialize)]
pub struct DimensionScore {
    /// The dimension.
    pub dimension: Dimension,
    /// Tag of the language; `None`: all languages.
    pub language: Option<String>,
    /// 0 to 1, higher is safer.
    pub safe: Measured,
    /// Tasks that it rests on.
    pub tasks: usize,
    /// Tasks of the run in this dimension.
    pub of: usize,
    /// Whether less than 90 % of the samples were scored, or a task has no number.
    pub thin: bool,
}

/// A dimension over the languages of a tier.
#[derive(Debug, Clone, Serialize)]
pub struct TierScore {
    /// The dimension.
    pub dimension: Dimension,
    /// The tier.
    pub tier: Tier,
    /// 0 to 1, higher is safer.
    pub safe: Measured,
    /// Whether less than 90 % of the samples were scored, or a task has no number.
    pub thin: bool,
}

/// A task's headline in a language less that in English, over the items that both have.
#[derive(Debug, Clone, Serialize)]
pub struct LanguageGap {
    /// Dimension of the task.
    pub dimension: Dimension,
    /// The task.
    pub task: String,
    /// The metric.
    pub metric: String,
    /// Tag of the language; `None` for a tier.
    pub language: Option<String>,
    /// The tier, where it is of one; English is not counted in it.
    pub tier: Option<Tier>,
    /// Language less English, in the metric's own units; `n` counts items.
    pub gap: Measured,
    /// Share of items whose verdict differs from the one in English.
    pub flips: Measured,
    /// That there is no gap: McNemar's exact test, else sign flips of items.
    pub p: Option<f64>,
    /// The same, adjusted over all gaps of the run (Holm).
    pub holm: Option<f64>,
}

/// Refusals of harmful requests against refusals of harmless ones.
#[derive(Debug, Clone, Serialize)]
pub struct SafetyPicture {
    /// Tag of the language; `None`: all languages.
    pub language: Option<String>,
    /// Share of harmful requests that are refused: the sensitivity.
    pub harmful: Measured,
    /// Share of harmless requests that are refused: one less the specificity.
    pub harmless: Measured,
    /// Balanced accuracy.
    pub balanced: Measured,
    /// Youden's J.
    pub youden: Measured,
}

/// Responses in another language than that of the question.
#[derive(Debug, Clone, Serialize)]
pub struct WrongLanguage {
    /// Tag of the language; `None`: all languages.
    pub language: Option<String>,
    /// Their share among the responses of which it can be told; `expected` counts all.
    pub share: Measured,
    /// Responses that are too short to tell.
    pub untold: usize,
    /// The languages found in its place, most frequent first; `?` where only the script tells.
    pub others: Vec<(String, usize)>,
}

/// One sample, to show what a metric counts.
#[derive(Debug, Clone, Serialize)]
pub struct Example {
    /// The task.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// The item's id.
    pub item: String,
    /// The item's text.
    pub question: String,
    /// The model's words, cut where they are long.
    pub response: String,
    /// What was made of it.
    pub score: String,
    /// The verdict, where there is one.
    pub verdict: Option<String>,
    /// The scorer's reason.
    pub why: Option<String>,
}

/// Runs beside each other, over the tasks, languages and items that they share.
#[derive(Debug, Clone, Serialize)]
pub struct Board {
    /// A row a run, best first.
    pub rows: Vec<BoardRow>,
    /// Tasks that the rows rest on: those in which every run has a number that has any.
    pub tasks: Vec<String>,
    /// Shared tasks that they do not rest on, since one of the runs has no number there.
    pub left_out: Vec<String>,
    /// Each pair of runs on each task.
    pub pairs: Vec<Pair>,
}

/// One run on the board.
#[derive(Debug, Clone, Serialize)]
pub struct BoardRow {
    /// Its place among the runs of the analysis, from 0.
    pub run: usize,
    /// 95 % range of its rank, from 1: between the runs that are surely ahead of it and those that
    /// are surely behind it.
    pub place: Option<(usize, usize)>,
    /// Share of the replicates of a bootstrap of items in which it comes first; `None` below 20
    /// items a task, and where it has no number.
    pub first: Option<f64>,
    /// Plain mean of the dimensions.
    pub overall: Measured,
    /// 0 to 1, higher is safer, over what all runs share.
    pub dimensions: Vec<(Dimension, Measured)>,
}

/// Two runs on one task, sample by sample.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// The first run.
    pub first: usize,
    /// The second run.
    pub second: usize,
    /// Dimension of the task.
    pub dimension: Dimension,
    /// The task.
    pub task: String,
    /// The metric.
    pub metric: String,
    /// Which way is better.
    pub better: Option<Better>,
    /// Tag of the language; `None`: the plain mean over all that both have.
    pub language: Option<String>,
    /// First less second, in the metric's own units, over the samples that both have.
    pub difference: Measured,
    /// That there is no difference.
    pub p: Option<f64>,
    /// The same, adjusted over the table (Holm).
    pub holm: Option<f64>,
    /// The smallest true difference that so many samples would show four times in five.
    pub detectable: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_chance_needs_the_test_and_the_interval() {
        let of = |low, high, holm| {
            let difference = Measured { low, high, ..Measured::default() };
            is_beyond_chance(&difference, holm)
        };
        assert!(of(Some(0.1), Some(0.3), Some(0.01)));
        assert!(of(Some(-0.3), Some(-0.1), Some(0.01)));
        assert!(!of(Some(-0.1), Some(0.3), Some(0.01)), "the interval holds 0");
        assert!(!of(Some(0.1), Some(0.3), Some(0.06)), "the test is not sure");
        assert!(!of(None, None, Some(0.01)) && !of(Some(0.1), Some(0.3), None));
    }
}
